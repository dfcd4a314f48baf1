/* npz.c  the array as a file in a zip, whose bytes libzip draws when it closes the archive */
#include "io/base/npz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "io/base/whole_file.h"

enum { HEADER = 128 }; /* bytes of an npy file before its numbers: a multiple of 64 */

static const struct {
    size_t bytes;
    const char *name;
} types[] = {
    [MG_NPZ_INT8] = {1, "|i1"}, [MG_NPZ_FLOAT32] = {4, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "<f4" : ">f4"}};

typedef struct {
    const mg_npz_array *array;
    char header[HEADER];
    const char *from; /* bytes to be drawn next, n of them */
    size_t n;
    zip_uint64_t size; /* of the npy file */
    mg_status status;
    mg_error *err;
    zip_error_t zip_error;
} member;

/* Magic, version 1.0, the rest's length in two bytes, and the description, filled up with blanks to a newline. */
static void make_header(member *m)
{
    static const char magic[] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, (char)(HEADER - 10), 0};
    const int64_t *dim = m->array->dim;
    char text[HEADER - sizeof magic];
    int n = snprintf(text, sizeof text,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (%" PRId64 ", %" PRId64 ", %" PRId64 "), }",
                     types[m->array->type].name, dim[0], dim[1], dim[2]);
    memset(m->header, ' ', HEADER);
    memcpy(m->header, magic, sizeof magic);
    memcpy(m->header + sizeof magic, text, (size_t)n);
    m->header[HEADER - 1] = '\n';
    m->size = HEADER + (zip_uint64_t)dim[0] * (zip_uint64_t)dim[1] * (zip_uint64_t)dim[2] * types[m->array->type].bytes;
}

/* --- what libzip asks --- */

static zip_int64_t draw(member *m, char *to, zip_uint64_t n_wanted)
{
    zip_uint64_t n_done = 0;
    while (n_done < n_wanted && m->status == MG_OK) {
        const void *block = NULL;
        if (m->n == 0) {
            m->status = m->array->next(m->array->user, &block, &m->n, m->err);
            m->from = block;
            if (m->n == 0) break;
        }
        size_t n = m->n < n_wanted - n_done ? m->n : (size_t)(n_wanted - n_done);
        memcpy(to + n_done, m->from, n);
        m->from += n;
        m->n -= n;
        n_done += n;
    }
    if (m->status != MG_OK) zip_error_set(&m->zip_error, ZIP_ER_READ, 0);
    return m->status == MG_OK ? (zip_int64_t)n_done : -1;
}

static zip_int64_t open_member(member *m)
{
    m->from = m->header;
    m->n = HEADER;
    m->status = m->array->begin(m->array->user, m->err);
    if (m->status != MG_OK) zip_error_set(&m->zip_error, ZIP_ER_OPEN, 0);
    return m->status == MG_OK ? 0 : -1;
}

static zip_int64_t describe(const member *m, void *data)
{
    zip_stat_t *info = data;
    zip_stat_init(info);
    info->size = m->size;
    info->valid = ZIP_STAT_SIZE;
    return (zip_int64_t)sizeof *info;
}

static zip_int64_t answer(void *user, void *data, zip_uint64_t n, zip_source_cmd_t command)
{
    member *m = user;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        return open_member(m);
    case ZIP_SOURCE_READ:
        return draw(m, data, n);
    case ZIP_SOURCE_STAT:
        return describe(m, data);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&m->zip_error, data, n);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default:
        zip_error_set(&m->zip_error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

/* --- the archive --- */

/* The date is the first that a zip knows, 1 January 1980. */
static bool add_member(zip_t *zip, member *m)
{
    zip_source_t *source = zip_source_function(zip, answer, m);
    if (source == NULL) return false;
    zip_int64_t index = zip_file_add(zip, "arr_0.npy", source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)index, 0, (1 << 5) + 1, 0) == 0;
}

static mg_status write_zip(const char *path, member *m, mg_error *err)
{
    int why = 0;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
    if (zip == NULL) {
        zip_error_t error;
        zip_error_init_with_code(&error, why);
        mg_fail(err, MG_EIO, "cannot create %s: %s", path, zip_error_strerror(&error));
        zip_error_fini(&error);
        return MG_EIO;
    }
    if (add_member(zip, m) && zip_close(zip) == 0) return MG_OK;
    mg_status status = m->status;
    if (status == MG_OK) status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, zip_strerror(zip));
    zip_discard(zip);
    return status;
}

mg_status mg_npz_write(const char *path, const mg_npz_array *array, bool force, mg_error *err)
{
    member m = {.array = array, .err = err};
    char *part = NULL;
    mg_status status = mg_whole_file_begin(path, force, &part, err);
    if (status != MG_OK) return status;
    zip_error_init(&m.zip_error);
    make_header(&m);
    status = mg_whole_file_end(path, part, force, write_zip(part, &m, err), err);
    zip_error_fini(&m.zip_error);
    free(part);
    return status;
}
