/* zip_entry.c  directory, sizes, bytes */
#include "io/base/zip_entry.h"

#include <stdbool.h>
#include <stdlib.h>

#include "src/core/memory.h"

mg_status mg_zip_open(const unsigned char *bytes, size_t n, zip_t **ret, mg_error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes, n, 0, &why);
    mg_status status = MG_OK;
    *ret = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    if (*ret == NULL) {
        status = mg_fail(err, MG_EINPUT, "its zip directory cannot be read (%s); is the file truncated?",
                         zip_error_strerror(&why));
        zip_source_free(source);
    }
    zip_error_fini(&why);
    return status;
}

mg_status mg_zip_read(zip_t *zip, int64_t index, size_t most, unsigned char **ret, size_t *ret_n, mg_error *err)
{
    zip_stat_t info;
    const zip_uint64_t wanted = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_NAME;
    if (zip_stat_index(zip, (zip_uint64_t)index, 0, &info) != 0 || (info.valid & wanted) != wanted)
        return mg_fail(err, MG_EINPUT, "entry %lld of its zip cannot be read", (long long)index);
    if (info.comp_method != ZIP_CM_STORE)
        return mg_fail(err, MG_EINPUT, "its zip was packed again; torch.save() and Keras store without compression");
    if (info.size > most)
        return mg_fail(err, MG_EINPUT, "an entry of its zip claims %llu bytes, more than the file can hold",
                       (unsigned long long)info.size);
    size_t n = (size_t)info.size;
    unsigned char *bytes = NULL;
    mg_status status = mg_alloc(&bytes, n + 1, 1, err);
    if (status != MG_OK) return status;
    zip_file_t *file = zip_fopen_index(zip, (zip_uint64_t)index, 0);
    zip_int64_t n_read = file != NULL ? zip_fread(file, bytes, n) : -1;
    /* The checksum is looked at when one more byte is asked for. */
    unsigned char none;
    bool whole = n_read == (zip_int64_t)n && zip_fread(file, &none, 1) == 0;
    if (file != NULL) zip_fclose(file);
    if (!whole) {
        free(bytes);
        return mg_fail(err, MG_EINPUT, "an entry of its zip is damaged (%s)", zip_strerror(zip));
    }
    *ret = bytes;
    *ret_n = n;
    return MG_OK;
}

int64_t mg_zip_find(zip_t *zip, const char *name)
{
    return zip_name_locate(zip, name, ZIP_FL_ENC_RAW);
}
