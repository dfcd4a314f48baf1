/* torch_legacy.c  state dicts as PyTorch before 1.6 wrote them, without a zip
 *
 * Five pickles one behind the other: a magic number, the version of the protocol (1001), what machine wrote it, the state
 * dict, and the list of its storages; then each storage of that list: how many numbers, as eight bytes, and the numbers.
 * Source: torch/serialization.py, _legacy_save().
 */
#include <stdlib.h>
#include <string.h>

#include "io/model/pickle.h"
#include "io/model/torch.h"
#include "io/model/torch_tensors.h"
#include "src/core/memory.h"

static const unsigned char magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                      0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

enum { PROTOCOL = 1001 };

/* A storage. */
typedef struct {
    const char *key; /* n_key bytes */
    size_t n_key, width;
    const unsigned char *bytes; /* NULL before it is found */
    size_t n;
} place;

typedef struct {
    const unsigned char *bytes;
    size_t n, at;
    place *place; /* owned; by key */
    size_t n_places;
} legacy;

bool mg_torch_is_legacy(const unsigned char *bytes, size_t n)
{
    return n >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

static mg_status next_pickle(legacy *in, mg_pickle *ret, mg_error *err)
{
    size_t n_used = 0;
    mg_status status = mg_pickle_read(in->bytes + in->at, in->n - in->at, ret, &n_used, err);
    in->at += n_used;
    return status;
}

/* The version of the protocol, and the machine's byte order. */
static mg_status read_head(legacy *in, mg_error *err)
{
    mg_pickle version = {0}, machine = {0};
    in->at = sizeof magic;
    mg_status status = next_pickle(in, &version, err);
    if (status == MG_OK && version.value[version.root].integer != PROTOCOL)
        status = mg_fail(err, MG_EINPUT, "it is a file of torch.save() in a protocol that is not known");
    if (status == MG_OK) status = next_pickle(in, &machine, err);
    const mg_pickle_value *root = status == MG_OK ? &machine.value[machine.root] : NULL;
    for (size_t i = 0; root != NULL && root->kind == MG_PICKLE_DICT && i + 1 < root->n; i += 2) {
        if (!mg_pickle_is_text(mg_pickle_item(&machine, root, i), "little_endian")) continue;
        if (mg_pickle_item(&machine, root, i + 1)->integer == 0)
            status = mg_fail(err, MG_EINPUT, "its numbers are big-endian; save it again on a little-endian machine");
    }
    mg_pickle_destroy(&version);
    mg_pickle_destroy(&machine);
    return status;
}

/* --- storages --- */

static int compare_keys(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (x->n_key != y->n_key) return x->n_key < y->n_key ? -1 : 1;
    return x->n_key > 0 ? memcmp(x->key, y->key, x->n_key) : 0;
}

static place *find_place(const legacy *in, const mg_pickle_value *key)
{
    place wanted = {.key = key->text, .n_key = key->n};
    if (key->kind != MG_PICKLE_TEXT || in->n_places == 0) return NULL;
    return bsearch(&wanted, in->place, in->n_places, sizeof wanted, compare_keys);
}

/* The storages that the state dict speaks of, by their keys, each once, and how wide their numbers are. */
static mg_status name_places(legacy *in, const mg_pickle *dict, mg_error *err)
{
    size_t n = 0, n_kept = 0;
    mg_status status = mg_alloc(&in->place, dict->n, sizeof *in->place, err);
    for (size_t i = 0; i < dict->n && status == MG_OK; i++) {
        const mg_pickle_value *value = &dict->value[i];
        if (value->kind != MG_PICKLE_STORAGE) continue;
        const mg_pickle_value *id = mg_pickle_item(dict, value, 0), *type = mg_pickle_item(dict, id, 1);
        const mg_pickle_value *key = mg_pickle_item(dict, id, 2), *view = mg_pickle_item(dict, id, 5);
        if (type == NULL || type->kind != MG_PICKLE_GLOBAL || key == NULL || key->kind != MG_PICKLE_TEXT) continue;
        if (view != NULL && view->kind != MG_PICKLE_NONE)
            return mg_fail(err, MG_EINPUT, "its storages are views of others, which is not read; save it again");
        in->place[n++] = (place){.key = key->text, .n_key = key->n, .width = mg_pickle_storage_width(type)};
    }
    if (status != MG_OK) return status;
    qsort(in->place, n, sizeof *in->place, compare_keys);
    for (size_t i = 0; i < n; i++)
        if (n_kept == 0 || compare_keys(&in->place[n_kept - 1], &in->place[i]) != 0) in->place[n_kept++] = in->place[i];
    in->n_places = n_kept;
    return MG_OK;
}

/* They lie one behind the other, in the order of the list. */
static mg_status measure_places(legacy *in, const mg_pickle *list, mg_error *err)
{
    const mg_pickle_value *root = &list->value[list->root];
    if (root->kind != MG_PICKLE_LIST)
        return mg_fail(err, MG_EINPUT, "the list of its storages is missing; is the file truncated?");
    for (size_t i = 0; i < root->n; i++) {
        place *here = find_place(in, mg_pickle_item(list, root, i));
        size_t n_left = in->n - in->at;
        uint64_t n = 0;
        if (here == NULL || here->width == 0)
            return mg_fail(err, MG_EINPUT, "a storage of its list is none that its tensors speak of");
        if (n_left >= sizeof n) memcpy(&n, in->bytes + in->at, sizeof n);
        if (n_left < sizeof n || n > (n_left - sizeof n) / here->width)
            return mg_fail(err, MG_EINPUT, "the numbers of its storage %zu run past its end; is the file truncated?",
                           i);
        here->bytes = in->bytes + in->at + sizeof n;
        here->n = (size_t)n * here->width;
        in->at += sizeof n + here->n;
    }
    return MG_OK;
}

static mg_status load_storage(void *context, const mg_pickle_value *key, const char *tensor, const unsigned char **ret,
                              size_t *n_ret, mg_error *err)
{
    const place *here = find_place(context, key);
    if (here == NULL || here->bytes == NULL)
        return mg_fail(err, MG_EINPUT, "the numbers of its tensor %s are not in the file; is it truncated?", tensor);
    *ret = here->bytes;
    *n_ret = here->n;
    return MG_OK;
}

mg_status mg_torch_read_legacy(const unsigned char *bytes, size_t n, mg_tensors *tensors, mg_error *err)
{
    mg_pickle dict = {0}, list = {0};
    legacy in = {.bytes = bytes, .n = n};
    if (!mg_torch_is_legacy(bytes, n))
        return mg_fail(err, MG_EINPUT, "it is a pickle, but none that torch.save() made, and " MG_PICKLE_WANTS_MORE);
    mg_status status = read_head(&in, err);
    if (status == MG_OK) status = next_pickle(&in, &dict, err);
    if (status == MG_OK) status = next_pickle(&in, &list, err);
    if (status == MG_OK) status = name_places(&in, &dict, err);
    if (status == MG_OK) status = measure_places(&in, &list, err);
    const mg_torch_storages storages = {&in, load_storage, n};
    if (status == MG_OK) status = mg_torch_state_dict(&dict, &storages, tensors, err);
    free(in.place);
    mg_pickle_destroy(&dict);
    mg_pickle_destroy(&list);
    return status;
}
