/* torch.c  zip entries through libzip, tensors gathered by their strides, every place checked against its storage */
#include "io/model/torch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "io/base/number.h"
#include "io/model/pickle.h"
#include "src/core/memory.h"

enum { MAX_ENTRIES = 1 << 16, ENTRY_NAME = 512, READ_AGAIN = 16 };

typedef struct {
    zip_t *zip;
    size_t n_file;    /* bytes of the zip file: no entry is larger */
    size_t n_budget;  /* bytes of storages that may still be read */
    size_t n_numbers; /* in tensors so far; tensors may share a storage, but not without end */
    int n_prefix;     /* "NAME" of "NAME/data.pkl" */
    char prefix[ENTRY_NAME];
    zip_int64_t last;       /* the storage at hand, -1: none */
    unsigned char *storage; /* owned: its bytes */
    size_t n_storage;
} archive;

/* --- entries of the zip --- */

static mg_status open_archive(const unsigned char *bytes, size_t n, archive *in, mg_error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes, n, 0, &why);
    in->zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    mg_status status = MG_OK;
    if (in->zip == NULL) {
        status = mg_fail(err, MG_EINPUT, "its zip directory cannot be read (%s); is the file truncated?",
                         zip_error_strerror(&why));
        zip_source_free(source);
    }
    zip_error_fini(&why);
    in->n_file = n;
    in->n_budget = n > SIZE_MAX / READ_AGAIN ? SIZE_MAX : n * READ_AGAIN;
    in->last = -1;
    return status;
}

static mg_status find_prefix(archive *in, mg_error *err)
{
    static const char pickle[] = "/data.pkl";
    zip_int64_t n = zip_get_num_entries(in->zip, 0);
    for (zip_int64_t i = 0; i < n && i < MAX_ENTRIES; i++) {
        const char *name = zip_get_name(in->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        size_t n_name = name != NULL ? strlen(name) : 0;
        if (n_name < sizeof pickle || n_name >= ENTRY_NAME / 2) continue;
        if (strcmp(name + n_name - (sizeof pickle - 1), pickle) != 0) continue;
        in->n_prefix = snprintf(in->prefix, sizeof in->prefix, "%.*s", (int)(n_name - (sizeof pickle - 1)), name);
        return MG_OK;
    }
    return mg_fail(err, MG_EINPUT, "this zip file holds no data.pkl, so it is no PyTorch state dict");
}

/* The entry's bytes and one zero behind them, for the caller to free(). */
static mg_status read_entry(archive *in, zip_int64_t index, unsigned char **ret, size_t *n_ret, mg_error *err)
{
    zip_stat_t info;
    const zip_uint64_t wanted = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_NAME;
    if (zip_stat_index(in->zip, (zip_uint64_t)index, 0, &info) != 0 || (info.valid & wanted) != wanted)
        return mg_fail(err, MG_EINPUT, "entry %lld of its zip cannot be read", (long long)index);
    if (info.comp_method != ZIP_CM_STORE)
        return mg_fail(err, MG_EINPUT, "its zip was packed again; torch.save() stores without compression");
    if (info.size > in->n_file || info.size > in->n_budget)
        return mg_fail(err, MG_EINPUT, "an entry of its zip claims %llu bytes, more than the file can hold",
                       (unsigned long long)info.size);
    size_t n = (size_t)info.size;
    unsigned char *bytes = NULL;
    mg_status status = mg_alloc(&bytes, n + 1, 1, err);
    if (status != MG_OK) return status;
    in->n_budget -= n;
    zip_file_t *file = zip_fopen_index(in->zip, (zip_uint64_t)index, 0);
    zip_int64_t n_read = file != NULL ? zip_fread(file, bytes, n) : -1;
    /* The checksum is looked at when one more byte is asked for. */
    unsigned char none;
    bool whole = n_read == (zip_int64_t)n && zip_fread(file, &none, 1) == 0;
    if (file != NULL) zip_fclose(file);
    if (!whole) {
        free(bytes);
        return mg_fail(err, MG_EINPUT, "an entry of its zip is damaged (%s)", zip_strerror(in->zip));
    }
    *ret = bytes;
    *n_ret = n;
    return MG_OK;
}

/* Index of "PREFIX/name", -1 when there is none; name has n bytes. */
static zip_int64_t find_entry(const archive *in, const char *name, size_t n)
{
    char path[ENTRY_NAME];
    if (n >= ENTRY_NAME / 2 - 8) return -1;
    snprintf(path, sizeof path, "%.*s/%.*s", in->n_prefix, in->prefix, (int)n, name);
    return zip_name_locate(in->zip, path, ZIP_FL_ENC_RAW);
}

static mg_status check_byte_order(archive *in, mg_error *err)
{
    unsigned char *text = NULL;
    size_t n = 0;
    zip_int64_t index = find_entry(in, "byteorder", strlen("byteorder"));
    if (index < 0) return MG_OK; /* older files have none and are little-endian */
    mg_status status = read_entry(in, index, &text, &n, err);
    if (status == MG_OK && strcmp((const char *)text, "little") != 0)
        status = mg_fail(err, MG_EINPUT, "its numbers are big-endian; save it again on a little-endian machine");
    free(text);
    return status;
}

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

/* Whether all numbers of the tensor lie among the n of its storage, and are no more than those. */
static bool fits_storage(const tensor_words *words, int64_t n)
{
    int64_t n_tensor = 1, last = words->offset;
    for (int d = 0; d < words->n_dims; d++) {
        if (words->dim[d] == 0) return true;
    }
    if (last >= n) return false;
    for (int d = 0; d < words->n_dims; d++) {
        if (words->dim[d] > n / n_tensor) return false;
        n_tensor *= words->dim[d];
        if (words->dim[d] == 1) continue;
        if (words->stride[d] > (n - 1 - last) / (words->dim[d] - 1)) return false;
        last += words->stride[d] * (words->dim[d] - 1);
    }
    return true;
}

static mg_status load_storage(archive *in, const char *name, const tensor_words *words, mg_error *err)
{
    char entry[ENTRY_NAME];
    size_t n_key = words->key->n < 200 ? words->key->n : 200;
    int n = snprintf(entry, sizeof entry, "data/%.*s", (int)n_key, words->key->text);
    zip_int64_t index = find_entry(in, entry, (size_t)n);
    if (index < 0) return mg_fail(err, MG_EINPUT, "the numbers of its tensor %s are not in the zip", name);
    if (index == in->last) return MG_OK;
    free(in->storage);
    in->storage = NULL;
    in->last = -1;
    mg_status status = read_entry(in, index, &in->storage, &in->n_storage, err);
    if (status == MG_OK) in->last = index;
    return status;
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

static mg_status read_tensor(archive *in, const mg_pickle *pickle, const mg_pickle_value *key,
                             const mg_pickle_value *value, mg_tensors *tensors, mg_error *err)
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
    mg_status status = load_storage(in, name, &words, err);
    if (status != MG_OK) return status;
    if (!fits_storage(&words, (int64_t)(in->n_storage / mg_number_size(words.type))))
        return mg_fail(err, MG_EINPUT, "the numbers of its tensor %s lie outside their storage of %zu bytes", name,
                       in->n_storage);
    status = mg_tensors_add(tensors, name, words.n_dims, words.dim, &tensor, err);
    if (status != MG_OK) return status;
    in->n_numbers += tensor->n;
    if (in->n_numbers > in->n_file)
        return mg_fail(err, MG_EINPUT,
                       "its tensors share their storages too often: more numbers than the file has bytes");
    gather(&words, in->storage, tensor);
    return MG_OK;
}

/* --- the state dict --- */

static const mg_pickle_value *look_up(const mg_pickle *pickle, const mg_pickle_value *dict, const char *key)
{
    for (size_t i = 0; i + 1 < dict->n; i += 2) {
        if (mg_pickle_is_text(mg_pickle_item(pickle, dict, i), key)) return mg_pickle_item(pickle, dict, i + 1);
    }
    return NULL;
}

static const mg_pickle_value *find_state_dict(const mg_pickle *pickle)
{
    static const char *const keys[] = {"state_dict", "model_state_dict", "model"};
    const mg_pickle_value *root = &pickle->value[pickle->root];
    if (root->kind != MG_PICKLE_DICT) return NULL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const mg_pickle_value *inner = look_up(pickle, root, keys[i]);
        if (inner != NULL && inner->kind == MG_PICKLE_DICT) return inner;
    }
    return root;
}

static void drop_prefix(mg_tensors *tensors, const char *prefix)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; i < tensors->n; i++) {
        if (strncmp(tensors->tensor[i].name, prefix, n) != 0 || tensors->tensor[i].name[n] == '\0') return;
    }
    for (size_t i = 0; i < tensors->n; i++) {
        char *name = tensors->tensor[i].name;
        memmove(name, name + n, strlen(name + n) + 1);
    }
}

static mg_status read_state_dict(archive *in, const mg_pickle *pickle, mg_tensors *tensors, mg_error *err)
{
    const mg_pickle_value *dict = find_state_dict(pickle);
    if (dict == NULL) return mg_fail(err, MG_EINPUT, "it holds no dict of tensors; save model.state_dict()");
    for (size_t i = 0; i + 1 < dict->n; i += 2) {
        const mg_pickle_value *key = mg_pickle_item(pickle, dict, i), *value = mg_pickle_item(pickle, dict, i + 1);
        if (key->kind != MG_PICKLE_TEXT || value->kind != MG_PICKLE_TENSOR) continue;
        mg_status status = read_tensor(in, pickle, key, value, tensors, err);
        if (status != MG_OK) return status;
    }
    if (tensors->n == 0)
        return mg_fail(err, MG_EINPUT,
                       "it holds no tensors, neither by itself nor below the keys state_dict, "
                       "model_state_dict or model; save model.state_dict()");
    drop_prefix(tensors, "module.");
    return MG_OK;
}

mg_status mg_torch_read(const unsigned char *bytes, size_t n, mg_tensors *tensors, mg_error *err)
{
    archive in = {0};
    mg_pickle pickle = {0};
    unsigned char *text = NULL;
    size_t n_text = 0;
    mg_status status = open_archive(bytes, n, &in, err);
    if (status != MG_OK) return status;
    status = find_prefix(&in, err);
    if (status != MG_OK) goto cleanup;
    status = check_byte_order(&in, err);
    if (status != MG_OK) goto cleanup;
    status = read_entry(&in, find_entry(&in, "data.pkl", strlen("data.pkl")), &text, &n_text, err);
    if (status != MG_OK) goto cleanup;
    status = mg_pickle_read(text, n_text, &pickle, err);
    if (status != MG_OK) goto cleanup;
    status = read_state_dict(&in, &pickle, tensors, err);
cleanup:
    mg_pickle_destroy(&pickle);
    free(text);
    free(in.storage);
    zip_discard(in.zip);
    return status;
}
