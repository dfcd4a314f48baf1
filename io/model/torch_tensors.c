/* torch_tensors.c  tensors gathered by their strides, every place checked against its storage */
#include "io/model/torch_tensors.h"

#include <string.h>

#include "io/base/number.h"

enum { EXPANDED = 1 << 20 }; /* numbers that expanded tensors may have, whatever the length of the file */

/* --- one tensor --- */

typedef struct {
    mg_number_type type;
    bool skip; /* integers */
    const mg_pickle_value *key;
    int n_dims;
    int64_t offset, dim[MG_MAX_DIMS], stride[MG_MAX_DIMS];
} tensor_words;

static bool read_integers(const mg_pickle *pickle, const mg_pickle_value *tuple, int *n, int64_t value[MG_MAX_DIMS])
{
    if (tuple == NULL || tuple->kind != MG_PICKLE_TUPLE || tuple->n > MG_MAX_DIMS) return false;
    for (size_t d = 0; d < tuple->n; d++) {
        const mg_pickle_value *item = mg_pickle_item(pickle, tuple, d);
        if (item->kind != MG_PICKLE_INTEGER || item->integer < 0) return false;
        value[d] = item->integer;
    }
    *n = (int)tuple->n;
    return true;
}

static bool read_storage_words(const mg_pickle *pickle, const mg_pickle_value *storage, tensor_words *words)
{
    if (storage == NULL || storage->kind != MG_PICKLE_STORAGE) return false;
    const mg_pickle_value *id = mg_pickle_item(pickle, storage, 0);
    const mg_pickle_value *tag = mg_pickle_item(pickle, id, 0), *type = mg_pickle_item(pickle, id, 1);
    words->key = mg_pickle_item(pickle, id, 2);
    if (tag == NULL || type == NULL || words->key == NULL || !mg_pickle_is_text(tag, "storage")) return false;
    if (type->kind != MG_PICKLE_GLOBAL || words->key->kind != MG_PICKLE_TEXT) return false;
    switch (type->global) {
    case MG_GLOBAL_FLOAT_STORAGE:
        words->type = MG_FLOAT32;
        return true;
    case MG_GLOBAL_DOUBLE_STORAGE:
        words->type = MG_FLOAT64;
        return true;
    case MG_GLOBAL_HALF_STORAGE:
        words->type = MG_FLOAT16;
        return true;
    case MG_GLOBAL_BFLOAT16_STORAGE:
        words->type = MG_BFLOAT16;
        return true;
    case MG_GLOBAL_INTEGER_STORAGE:
        words->skip = true;
        return true;
    default:
        return false;
    }
}

/* _rebuild_tensor_v2(storage, offset, size, stride, ...) */
static bool read_tensor_words(const mg_pickle *pickle, const mg_pickle_value *tensor, tensor_words *words)
{
    const mg_pickle_value *arguments = mg_pickle_item(pickle, tensor, 0);
    const mg_pickle_value *offset = mg_pickle_item(pickle, arguments, 1);
    int n_strides = 0;
    if (!read_storage_words(pickle, mg_pickle_item(pickle, arguments, 0), words)) return false;
    if (offset == NULL || offset->kind != MG_PICKLE_INTEGER || offset->integer < 0) return false;
    words->offset = offset->integer;
    return read_integers(pickle, mg_pickle_item(pickle, arguments, 2), &words->n_dims, words->dim) &&
           read_integers(pickle, mg_pickle_item(pickle, arguments, 3), &n_strides, words->stride) &&
           n_strides == words->n_dims;
}

/* Whether all numbers of the tensor lie among the n of its storage, and are no more than those; but that an expanded
 * tensor, of stride 0, has one number many times. */
static bool fits_storage(const tensor_words *words, int64_t n)
{
    int64_t n_tensor = 1, last = words->offset;
    for (int d = 0; d < words->n_dims; d++) {
        if (words->dim[d] == 0) return true;
    }
    if (last >= n) return false;
    for (int d = 0; d < words->n_dims; d++) {
        if (words->dim[d] == 1 || words->stride[d] == 0) continue;
        if (words->dim[d] > n / n_tensor) return false;
        n_tensor *= words->dim[d];
        if (words->stride[d] > (n - 1 - last) / (words->dim[d] - 1)) return false;
        last += words->stride[d] * (words->dim[d] - 1);
    }
    return true;
}

/* Numbers of all tensors so far. They may share a storage, and those of stride 0 have more than theirs, but not without
 * end. */
typedef struct {
    size_t n, n_expanded;
} totals;

static mg_status check_total(const mg_torch_storages *storages, const tensor_words *words, totals *inout, mg_error *err)
{
    size_t n = 1, most = storages->n_file + EXPANDED;
    bool expanded = false;
    for (int d = 0; d < words->n_dims; d++) {
        if (words->dim[d] == 0) return MG_OK;
        n = (size_t)words->dim[d] > most / n ? most + 1 : n * (size_t)words->dim[d];
        expanded = expanded || (words->stride[d] == 0 && words->dim[d] > 1);
        if (n > most) break;
    }
    if (!expanded) most = storages->n_file;
    size_t *total = expanded ? &inout->n_expanded : &inout->n;
    if (n > most - *total)
        return mg_fail(err, MG_EINPUT,
                       "its tensors share their storages too often: more numbers than the file has bytes");
    *total += n;
    return MG_OK;
}

static void gather(const tensor_words *words, const unsigned char *storage, mg_tensor *tensor)
{
    int64_t index[MG_MAX_DIMS] = {0};
    for (size_t i = 0; i < tensor->n; i++) {
        int64_t at = words->offset;
        for (int d = 0; d < words->n_dims; d++)
            at += index[d] * words->stride[d];
        tensor->data[i] = mg_number_read(words->type, storage, (size_t)at);
        for (int d = words->n_dims - 1; d >= 0 && ++index[d] == words->dim[d]; d--)
            index[d] = 0;
    }
}

static mg_status read_tensor(const mg_torch_storages *storages, const mg_pickle *pickle, const mg_pickle_value *key,
                             const mg_pickle_value *value, mg_tensors *tensors, totals *total, mg_error *err)
{
    char name[MG_TENSOR_NAME];
    tensor_words words = {0};
    mg_tensor *tensor = NULL;
    if (key->n >= sizeof name || memchr(key->text, '\0', key->n) != NULL)
        return mg_fail(err, MG_EINPUT, "the name of a tensor has more than %d bytes or a zero in it",
                       MG_TENSOR_NAME - 1);
    memcpy(name, key->text, key->n);
    name[key->n] = '\0';
    if (!read_tensor_words(pickle, value, &words))
        return mg_fail(err, MG_EINPUT,
                       "its tensor number %zu is described in a way that is not known (at most %d "
                       "dimensions, dense, of float, double, half or bfloat16)",
                       tensors->n + 1, MG_MAX_DIMS);
    if (words.skip) return MG_OK;
    const unsigned char *storage = NULL;
    size_t n_storage = 0;
    mg_status status = storages->load(storages->context, words.key, name, &storage, &n_storage, err);
    if (status != MG_OK) return status;
    if (!fits_storage(&words, (int64_t)(n_storage / mg_number_size(words.type))))
        return mg_fail(err, MG_EINPUT, "the numbers of its tensor %s lie outside their storage of %zu bytes", name,
                       n_storage);
    status = check_total(storages, &words, total, err);
    if (status == MG_OK) status = mg_tensors_add(tensors, name, words.n_dims, words.dim, &tensor, err);
    if (status == MG_OK) gather(&words, storage, tensor);
    return status;
}

/* --- the state dict --- */

static const mg_pickle_value *look_up(const mg_pickle *pickle, const mg_pickle_value *dict, const char *key)
{
    for (size_t i = 0; i + 1 < dict->n; i += 2) {
        if (mg_pickle_is_text(mg_pickle_item(pickle, dict, i), key)) return mg_pickle_item(pickle, dict, i + 1);
    }
    return NULL;
}

/* The dict of the weights: the root, or what training programs put it below. */
static const mg_pickle_value *find_state_dict(const mg_pickle *pickle)
{
    static const char *const keys[] = {"state_dict", "model_state_dict", "model",   "model_state", "module",
                                       "net",        "network",          "weights", "params",      "net_state_dict"};
    const mg_pickle_value *root = &pickle->value[pickle->root];
    if (root->kind != MG_PICKLE_DICT) return NULL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const mg_pickle_value *inner = look_up(pickle, root, keys[i]);
        if (inner != NULL && inner->kind == MG_PICKLE_DICT) return inner;
    }
    return root;
}

mg_status mg_torch_state_dict(const mg_pickle *pickle, const mg_torch_storages *storages, mg_tensors *tensors,
                              mg_error *err)
{
    totals total = {0, 0};
    const mg_pickle_value *dict = find_state_dict(pickle);
    if (dict == NULL) return mg_fail(err, MG_EINPUT, "it holds no dict of tensors; save model.state_dict()");
    for (size_t i = 0; i + 1 < dict->n; i += 2) {
        const mg_pickle_value *key = mg_pickle_item(pickle, dict, i), *value = mg_pickle_item(pickle, dict, i + 1);
        if (key->kind != MG_PICKLE_TEXT || value->kind != MG_PICKLE_TENSOR) continue;
        mg_status status = read_tensor(storages, pickle, key, value, tensors, &total, err);
        if (status != MG_OK) return status;
    }
    if (tensors->n == 0)
        return mg_fail(
            err, MG_EINPUT,
            "it holds no tensors, neither by itself nor below the keys state_dict, model_state_dict or model; "
            "save model.state_dict()");
    return MG_OK;
}
