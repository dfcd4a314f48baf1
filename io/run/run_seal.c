/* run_seal.c  parts from the table of fields; rows that are read chunk by chunk */
#include "io/run/run_seal.h"

#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "io/base/h5_child.h"
#include "src/core/memory.h"

/* --- how many --- */

int64_t mg_run_n_chunks(mg_field_id id, const mg_run_shape *shape, int64_t n)
{
    return n > 0 ? (n - 1) / mg_run_chunk_rows(id, shape) + 1 : 0;
}

int64_t mg_run_n_sums(const mg_run_shape *shape, int64_t n)
{
    int64_t n_sums = 0;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        if (mg_field_is_kept(id, shape)) n_sums += mg_field_n_sets(id, shape) * mg_run_n_chunks(id, shape, n);
    return n_sums;
}

/* --- making --- */

/* Stretches of the file that hold a chunked dataset, one for each chunk that was written. */
static mg_status add_chunks(mg_seal *seal, hid_t set, hid_t list, mg_error *err)
{
    hsize_t chunk[H5S_MAX_RANK] = {0}, dim[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(set);
    int n_dims = H5Pget_chunk(list, H5S_MAX_RANK, chunk);
    mg_status status = MG_OK;
    if (space < 0 || n_dims < 1 || H5Sget_simple_extent_dims(space, dim, NULL) != n_dims)
        status = mg_h5_fail(err, MG_EIO, "cannot tell the chunks of a dataset");
    for (hsize_t row = 0; status == MG_OK && row < dim[0]; row += chunk[0]) {
        hsize_t at[H5S_MAX_RANK] = {row}, n = 0;
        haddr_t offset = HADDR_UNDEF;
        unsigned filters = 0;
        if (H5Dget_chunk_info_by_coord(set, at, &filters, &offset, &n) < 0)
            status = mg_h5_fail(err, MG_EIO, "cannot tell where a chunk lies");
        else if (offset != HADDR_UNDEF)
            status = mg_seal_add_hole(seal, (int64_t)offset, (int64_t)n, err);
    }
    mg_h5_close_space(space);
    return status;
}

/* Where the bytes of a dataset are: *ret_offset, or holes and -1. */
static mg_status locate(mg_seal *seal, hid_t set, int64_t *ret_offset, mg_error *err)
{
    hid_t list = H5Dget_create_plist(set);
    H5D_layout_t layout = list >= 0 ? H5Pget_layout(list) : H5D_LAYOUT_ERROR;
    mg_status status = MG_OK;
    *ret_offset = -1;
    if (layout == H5D_LAYOUT_ERROR) status = mg_h5_fail(err, MG_EIO, "cannot tell the layout of a dataset");
    if (layout == H5D_CHUNKED) status = add_chunks(seal, set, list, err);
    if (layout == H5D_CONTIGUOUS) {
        haddr_t offset = H5Dget_offset(set);
        if (offset != HADDR_UNDEF) *ret_offset = (int64_t)offset;
    }
    mg_h5_close_list(list);
    return status;
}

/* A dataset of a window field; its sums are known. */
static mg_status add_window_set(mg_seal *seal, hid_t file, const char *path, const mg_run_shape *shape, mg_field_id id,
                                const uint64_t *sum, mg_error *err)
{
    int64_t offset = -1, row = (int64_t)mg_field_row_bytes(id, shape);
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) return mg_h5_fail(err, MG_EIO, "there is no dataset %s", path);
    mg_status status = locate(seal, set, &offset, err);
    if (status == MG_OK)
        status = mg_seal_add(seal, path, offset, shape->n_windows * row, mg_run_chunk_rows(id, shape) * row, false, sum,
                             err);
    mg_h5_close_dataset(set);
    return status;
}

/* A small dataset, as it lies in the file. What has no place of its own belongs to the rest. */
static mg_status add_small_set(mg_seal *seal, hid_t file, const char *path, mg_error *err)
{
    if (H5Lexists(file, path, H5P_DEFAULT) <= 0) return MG_OK;
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) return mg_h5_fail(err, MG_EIO, "cannot open dataset %s", path);
    hid_t list = H5Dget_create_plist(set);
    haddr_t offset = list >= 0 && H5Pget_layout(list) == H5D_CONTIGUOUS ? H5Dget_offset(set) : HADDR_UNDEF;
    int64_t n = (int64_t)H5Dget_storage_size(set);
    mg_h5_close_list(list);
    mg_h5_close_dataset(set);
    return offset == HADDR_UNDEF || n == 0 ? MG_OK : mg_seal_add(seal, path, (int64_t)offset, n, n, true, NULL, err);
}

static mg_status add_window_sets(mg_seal *seal, hid_t file, const mg_run_shape *shape, const mg_run_method *method,
                                 const uint64_t *sum, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = mg_field_is_kept(id, shape) && shape->n_windows > 0 ? mg_field_n_sets(id, shape) : 0;
        for (int64_t s = 0; s < n_sets && status == MG_OK; s++) {
            char path[MG_FIELD_PATH];
            mg_field_path(id, shape, s, method[mg_field_method(id, shape, s)].name, path);
            status = add_window_set(seal, file, path, shape, id, sum, err);
            sum += mg_run_n_chunks(id, shape, shape->n_windows);
        }
    }
    return status;
}

mg_status mg_run_seal(const char *path, const mg_run_shape *shape, const mg_run_method *method, const char *id,
                      const uint64_t *sum, mg_error *err)
{
    hid_t file = -1;
    mg_seal seal = {0};
    mg_status status = mg_h5_open_file(path, &file, err);
    if (status != MG_OK) return status;
    snprintf(seal.id, sizeof seal.id, "%s", id);
    status = add_window_sets(&seal, file, shape, method, sum, err);
    for (mg_field_id f = MG_N_WINDOW_FIELDS; f < MG_N_FIELDS && status == MG_OK; f++)
        status = add_small_set(&seal, file, mg_fields[f].path, err);
    mg_error ignored; /* it was only read */
    mg_h5_close_file(file, &ignored);
    if (status != MG_OK)
        mg_fail_prefix(err, "%s: ", path);
    else
        status = mg_seal_file(path, &seal, err);
    mg_seal_destroy(&seal);
    return status;
}

/* --- opening --- */

static bool is_run(const mg_h5_tree *tree, int64_t *ret_version)
{
    const mg_h5_object *root = mg_h5_tree_find(tree, "/");
    const mg_h5_value *format = root != NULL ? mg_h5_object_attribute(root, "format") : NULL;
    const mg_h5_value *version = root != NULL ? mg_h5_object_attribute(root, "version") : NULL;
    const char *text = format != NULL ? mg_h5_value_text(format, 0) : NULL;
    *ret_version = MG_RUN_VERSION;
    if (version != NULL && version->n == 1) mg_h5_value_integers(version, ret_version, NULL);
    return text != NULL && strcmp(text, "mutagree-run") == 0;
}

/* What a file without checksums is, as a failure. */
static mg_status say_what_it_is(const char *path, mg_error *err)
{
    const mg_h5_limits limits = {.value_bytes = 1 << 16, .total_bytes = (size_t)1 << 28};
    mg_h5_tree *tree = NULL;
    int64_t version = 0;
    mg_status status = mg_h5_child_read_file(path, &limits, &tree, err);
    if (status != MG_OK) return status;
    if (!is_run(tree, &version))
        mg_fail(err, MG_EINPUT, "%s: not a run of mutagree scan; a report is made of its --out file", path);
    else if (version != MG_RUN_VERSION)
        mg_fail(err, MG_EINPUT, "%s: written in version %lld of the format; this program reads version %d%s", path,
                (long long)version, MG_RUN_VERSION,
                version < MG_RUN_VERSION ? ": make the run again with this program" : "");
    else
        mg_fail(err, MG_EINPUT,
                "%s: the checksums at its end are missing: it is cut off, damaged, or was changed by another program",
                path);
    mg_h5_tree_destroy(tree);
    return MG_EINPUT;
}

mg_status mg_run_open_sealed(const char *path, hid_t *ret_file, mg_seal *ret, mg_error *err)
{
    bool there = false;
    mg_status status = mg_seal_read(path, ret, &there, err);
    if (status != MG_OK) return status;
    if (!there) return say_what_it_is(path, err);
    status = mg_h5_open_file(path, ret_file, err);
    if (status != MG_OK) mg_seal_destroy(ret);
    return status;
}
