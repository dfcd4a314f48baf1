/* h5.c  checked HDF5 calls */
#include "io/base/h5.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/core/memory.h"

/* --- errors --- */

enum { REASON_TEXT = 512 };

/* The file driver quotes the system's words, "... error message = 'No space left on device', ..."; they say more than
 * anything else on the stack. Without them the innermost entry is kept, which comes first when walking upward. */
static herr_t look_for_reason(unsigned n, const H5E_error2_t *entry, void *context)
{
    static const char before[] = "error message = '";
    char *reason = context;
    const char *at = strstr(entry->desc, before);
    if (at != NULL) {
        at += sizeof before - 1;
        snprintf(reason, REASON_TEXT, "%.*s", (int)strcspn(at, "'"), at);
        return 1;
    }
    if (n == 0) snprintf(reason, REASON_TEXT, "%s (%s)", entry->desc, entry->func_name);
    return 0;
}

mg_status mg_h5_fail(mg_error *err, mg_status status, const char *format, ...)
{
    char reason[REASON_TEXT] = "", sentence[MG_ERROR_TEXT];
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look_for_reason, reason);
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    return mg_fail(err, status, "%.*s%s%s", MG_ERROR_TEXT - REASON_TEXT - 4, sentence, reason[0] != '\0' ? ": " : "",
                   reason);
}

/* HDF5 prints its stack unless it is told not to; the errors are told by mg_error. */
static void be_quiet(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* --- files and groups --- */

mg_status mg_h5_create_file(const char *path, hid_t *ret, mg_error *err)
{
    return mg_h5_create_file_with(path, H5P_DEFAULT, ret, err);
}

mg_status mg_h5_create_file_with(const char *path, hid_t settings, hid_t *ret, mg_error *err)
{
    be_quiet();
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, settings);
    if (file < 0) return mg_h5_fail(err, MG_EIO, "cannot create %s", path);
    *ret = file;
    return MG_OK;
}

mg_status mg_h5_open_file(const char *path, hid_t *ret, mg_error *err)
{
    be_quiet();
    if (access(path, R_OK) != 0) return mg_fail(err, MG_EINPUT, "cannot open %s: %s", path, strerror(errno));
    htri_t is_hdf5 = H5Fis_hdf5(path);
    if (is_hdf5 == 0) return mg_fail(err, MG_EINPUT, "%s is not an HDF5 file", path);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) return mg_h5_fail(err, MG_EINPUT, "cannot read %s; it may be cut off or damaged", path);
    *ret = file;
    return MG_OK;
}

mg_status mg_h5_close_file(hid_t file, mg_error *err)
{
    if (file < 0) return MG_OK;
    ssize_t n_open = H5Fget_obj_count(file, H5F_OBJ_ALL | H5F_OBJ_LOCAL);
    if (H5Fclose(file) < 0) return mg_h5_fail(err, MG_EIO, "cannot finish an HDF5 file");
    if (n_open != 1) return mg_fail(err, MG_EBUG, "an HDF5 file was closed with %zd open parts", n_open - 1);
    return MG_OK;
}

/* Time stamps in objects would make equal runs differ. */
mg_status mg_h5_create_group(hid_t parent, const char *name, hid_t *ret, mg_error *err)
{
    hid_t list = H5Pcreate(H5P_GROUP_CREATE);
    if (list < 0) return mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    H5Pset_obj_track_times(list, 0);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, list, H5P_DEFAULT);
    mg_status status = group < 0 ? mg_h5_fail(err, MG_EIO, "cannot create group %s", name) : MG_OK;
    mg_h5_close_list(list);
    if (status == MG_OK) *ret = group;
    return status;
}

mg_status mg_h5_open_group(hid_t parent, const char *name, hid_t *ret, mg_error *err)
{
    hid_t group = H5Gopen2(parent, name, H5P_DEFAULT);
    if (group < 0) return mg_fail(err, MG_EINPUT, "there is no group %s", name);
    *ret = group;
    return MG_OK;
}

void mg_h5_close_group(hid_t group)
{
    if (group >= 0) H5Gclose(group);
}

void mg_h5_close_dataset(hid_t dataset)
{
    if (dataset >= 0) H5Dclose(dataset);
}

void mg_h5_close_space(hid_t space)
{
    if (space >= 0) H5Sclose(space);
}

void mg_h5_close_type(hid_t type)
{
    if (type >= 0) H5Tclose(type);
}

void mg_h5_close_list(hid_t property_list)
{
    if (property_list >= 0) H5Pclose(property_list);
}

/* --- attributes --- */

/* An attribute has at most 64 KiB: a longer text goes on in NAME.2, NAME.3, ... */
enum { PIECE = 60000, PIECE_NAME = 128 };

static mg_status write_attribute(hid_t object, const char *name, hid_t in_file, hid_t in_memory, const void *value,
                                 mg_error *err)
{
    mg_status status = MG_OK;
    hid_t attribute = -1, space = H5Screate(H5S_SCALAR);
    if (space >= 0) attribute = H5Acreate2(object, name, in_file, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, in_memory, value) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot write attribute %s", name);
    if (attribute >= 0) H5Aclose(attribute);
    mg_h5_close_space(space);
    return status;
}

/* Fixed length: texts of variable length lie in a heap, over whose damage HDF5 loops. */
static mg_status write_piece(hid_t object, const char *name, const char *text, size_t n, mg_error *err)
{
    hid_t type = -1;
    mg_status status = mg_h5_text_type(n, &type, err);
    if (status == MG_OK && H5Tset_cset(type, H5T_CSET_UTF8) < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot make a string type");
    if (status == MG_OK) status = write_attribute(object, name, type, type, n > 0 ? text : "", err);
    mg_h5_close_type(type);
    return status;
}

mg_status mg_h5_write_text(hid_t object, const char *name, const char *text, mg_error *err)
{
    size_t n = strlen(text), n_now = n < PIECE ? n : PIECE;
    mg_status status = write_piece(object, name, text, n_now, err);
    for (int k = 2; n > n_now && status == MG_OK; k++) {
        char more[PIECE_NAME];
        text += n_now;
        n -= n_now;
        n_now = n < PIECE ? n : PIECE;
        snprintf(more, sizeof more, "%s.%d", name, k);
        status = write_piece(object, more, text, n_now, err);
    }
    return status;
}

mg_status mg_h5_write_integer(hid_t object, const char *name, int64_t number, mg_error *err)
{
    return write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &number, err);
}

mg_status mg_h5_write_real(hid_t object, const char *name, double number, mg_error *err)
{
    return write_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &number, err);
}

/* One value of the wanted class and, for texts, of fixed length; anything else would be read into the wrong memory. */
static mg_status open_attribute(hid_t object, const char *name, H5T_class_t wanted, hid_t *ret, size_t *ret_bytes,
                                mg_error *err)
{
    if (H5Aexists(object, name) <= 0) return mg_fail(err, MG_EINPUT, "there is no attribute %s", name);
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return mg_h5_fail(err, MG_EINPUT, "cannot open attribute %s", name);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    int fits = type >= 0 && space >= 0 && H5Tget_class(type) == wanted && H5Sget_simple_extent_npoints(space) == 1 &&
               (wanted != H5T_STRING || H5Tis_variable_str(type) == 0);
    *ret_bytes = type >= 0 ? H5Tget_size(type) : 0;
    mg_h5_close_space(space);
    mg_h5_close_type(type);
    if (!fits) {
        H5Aclose(attribute);
        return mg_fail(err, MG_EINPUT, "attribute %s is not of the kind it should be", name);
    }
    *ret = attribute;
    return MG_OK;
}

/* Put the text of one attribute behind the first *n bytes of *all. */
static mg_status read_piece(hid_t object, const char *name, char **all, size_t *n, mg_error *err)
{
    hid_t attribute = -1, type = -1;
    size_t n_now = 0;
    mg_status status = open_attribute(object, name, H5T_STRING, &attribute, &n_now, err);
    if (status != MG_OK) return status;
    char *longer = realloc(*all, *n + n_now + 1);
    if (longer == NULL) status = mg_fail(err, MG_EMEM, "out of memory");
    if (longer != NULL) *all = longer;
    if (status == MG_OK && (type = H5Aget_type(attribute)) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot read attribute %s", name);
    if (status == MG_OK && H5Aread(attribute, type, *all + *n) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot read attribute %s", name);
    if (status == MG_OK) {
        *n += strnlen(*all + *n, n_now);
        (*all)[*n] = '\0';
    }
    mg_h5_close_type(type);
    H5Aclose(attribute);
    return status;
}

mg_status mg_h5_read_text(hid_t object, const char *name, char **ret, mg_error *err)
{
    char *all = NULL, more[PIECE_NAME];
    size_t n = 0;
    mg_status status = read_piece(object, name, &all, &n, err);
    for (int k = 2; status == MG_OK && n > 0 && n % PIECE == 0; k++) {
        snprintf(more, sizeof more, "%s.%d", name, k);
        if (H5Aexists(object, more) <= 0) break;
        status = read_piece(object, more, &all, &n, err);
    }
    if (status == MG_OK)
        *ret = all;
    else
        free(all);
    return status;
}

mg_status mg_h5_read_integer(hid_t object, const char *name, int64_t *ret, mg_error *err)
{
    hid_t attribute = -1;
    size_t bytes;
    mg_status status = open_attribute(object, name, H5T_INTEGER, &attribute, &bytes, err);
    if (status != MG_OK) return status;
    if (H5Aread(attribute, H5T_NATIVE_INT64, ret) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot read attribute %s", name);
    H5Aclose(attribute);
    return status;
}

mg_status mg_h5_read_real(hid_t object, const char *name, double *ret, mg_error *err)
{
    hid_t attribute = -1;
    size_t bytes;
    mg_status status = open_attribute(object, name, H5T_FLOAT, &attribute, &bytes, err);
    if (status != MG_OK) return status;
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, ret) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot read attribute %s", name);
    H5Aclose(attribute);
    return status;
}

mg_status mg_h5_text_type(size_t n, hid_t *ret, mg_error *err)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0 || H5Tset_size(type, n > 0 ? n : 1) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0) {
        mg_h5_close_type(type);
        return mg_h5_fail(err, MG_EMEM, "cannot make a string type");
    }
    *ret = type;
    return MG_OK;
}
