/* torch.c  state dicts in a zip, through libzip */
#include "io/model/torch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/zip_entry.h"
#include "io/model/pickle.h"
#include "io/model/torch_tensors.h"
#include "src/core/memory.h"

enum { MAX_ENTRIES = 1 << 16, ENTRY_NAME = 512, READ_AGAIN = 16 };

typedef struct {
    zip_t *zip;
    size_t n_file;   /* bytes of the zip file: no entry is larger */
    size_t n_budget; /* bytes of storages that may still be read */
    int n_prefix;    /* "NAME" of "NAME/data.pkl" */
    char prefix[ENTRY_NAME];
    zip_int64_t last;       /* the storage at hand, -1: none */
    unsigned char *storage; /* owned: its bytes */
    size_t n_storage;
} archive;

/* --- entries of the zip --- */

static mg_status open_archive(const unsigned char *bytes, size_t n, archive *in, mg_error *err)
{
    in->n_file = n;
    in->n_budget = n > SIZE_MAX / READ_AGAIN ? SIZE_MAX : n * READ_AGAIN;
    in->last = -1;
    return mg_zip_open(bytes, n, &in->zip, err);
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
    size_t most = in->n_file < in->n_budget ? in->n_file : in->n_budget;
    mg_status status = mg_zip_read(in->zip, index, most, ret, n_ret, err);
    if (status == MG_OK) in->n_budget -= *n_ret;
    return status;
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

/* --- storages --- */

static mg_status load_storage(void *context, const mg_pickle_value *key, const char *tensor, const unsigned char **ret,
                              size_t *n_ret, mg_error *err)
{
    archive *in = context;
    char entry[ENTRY_NAME];
    size_t n_key = key->n < 200 ? key->n : 200;
    int n = snprintf(entry, sizeof entry, "data/%.*s", (int)n_key, key->text);
    zip_int64_t index = find_entry(in, entry, (size_t)n);
    if (index < 0) return mg_fail(err, MG_EINPUT, "the numbers of its tensor %s are not in the zip", tensor);
    if (index != in->last) {
        free(in->storage);
        in->storage = NULL;
        in->last = -1;
        mg_status status = read_entry(in, index, &in->storage, &in->n_storage, err);
        if (status != MG_OK) return status;
        in->last = index;
    }
    *ret = in->storage;
    *n_ret = in->n_storage;
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
    status = mg_pickle_read(text, n_text, &pickle, NULL, err);
    if (status != MG_OK) goto cleanup;
    const mg_torch_storages storages = {&in, load_storage, n};
    status = mg_torch_state_dict(&pickle, &storages, tensors, err);
cleanup:
    mg_pickle_destroy(&pickle);
    free(text);
    free(in.storage);
    zip_discard(in.zip);
    return status;
}

/* --- programs --- */

static bool holds(const char *name, const char *part)
{
    size_t n = strlen(name), n_part = strlen(part);
    return strstr(name, part) != NULL && (part[n_part - 1] == '/' || strcmp(name + n - n_part, part) == 0);
}

mg_program mg_torch_program(const unsigned char *bytes, size_t n)
{
    static const struct {
        const char *part; /* of an entry's name: a folder, or its end */
        mg_program program;
    } marks[] = {{"/code/__torch__/", MG_PROGRAM_TORCHSCRIPT},
                 {"/constants.pkl", MG_PROGRAM_TORCHSCRIPT},
                 {"serialized_exported_program.json", MG_PROGRAM_EXPORTED},
                 {"models/model.json", MG_PROGRAM_EXPORTED}};
    archive in = {0};
    mg_program found = MG_PROGRAM_NONE;
    if (open_archive(bytes, n, &in, NULL) != MG_OK) return found;
    zip_int64_t n_entries = zip_get_num_entries(in.zip, 0);
    for (zip_int64_t i = 0; i < n_entries && i < MAX_ENTRIES && found == MG_PROGRAM_NONE; i++) {
        const char *name = zip_get_name(in.zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        for (size_t k = 0; name != NULL && k < sizeof marks / sizeof marks[0] && found == MG_PROGRAM_NONE; k++)
            if (holds(name, marks[k].part)) found = marks[k].program;
    }
    zip_discard(in.zip);
    return found;
}
