/* layout_set.c  a dataset of run.h5: its storage, its types, what it says of itself (layout_parts.h) */
#include "io/run/layout_parts.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "io/base/h5.h"
#include "io/run/field_h5.h"
#include "io/run/shard_h5.h"

enum { DESCRIPTION = 512 };

bool mg_layout_is_virtual(const mg_run *run, mg_field_id id)
{
    return run->shards != NULL && run->shape.n_windows > 0 && id < MG_N_WINDOW_FIELDS && mg_field_is_by_position(id);
}

/* Chunks for what is compressed. */
static bool set_filters(const mg_run *run, mg_field_id id, int n_dims, const hsize_t *dim, hid_t list)
{
    hsize_t chunk[MG_FIELD_MAX_DIMS];
    if (id >= MG_N_WINDOW_FIELDS || run->compress == 0 || dim[0] == 0) return true;
    memcpy(chunk, dim, (size_t)n_dims * sizeof *chunk);
    chunk[0] = (hsize_t)mg_run_chunk_rows(id, &run->shape);
    return H5Pset_chunk(list, n_dims, chunk) >= 0 && H5Pset_shuffle(list) >= 0 &&
           H5Pset_deflate(list, (unsigned)run->compress) >= 0;
}

/* What is missing later shows as NaN. */
static mg_status set_sources(const mg_run *run, mg_field_id id, int64_t s, hid_t space, hid_t list, mg_error *err)
{
    const float nan = NAN;
    if (mg_fields[id].type == MG_FIELD_FLOAT32 && H5Pset_fill_value(list, H5T_NATIVE_FLOAT, &nan) < 0)
        return mg_h5_fail(err, MG_EMEM, "cannot set a fill value");
    return mg_shard_file_map(list, space, run->shards, &run->shape, run->shard_size, id, s, err);
}

/* How set s of a field is stored. Fill values are never written: every item gets its own value. Windows that are not
 * compressed get their place in the file at once, so that it may be filled by plain writes (mpi/direct.h). */
static mg_status storage(const mg_run *run, mg_field_id id, int64_t s, hid_t space, hid_t *ret, mg_error *err)
{
    hsize_t dim[MG_FIELD_MAX_DIMS];
    int n_dims = H5Sget_simple_extent_dims(space, dim, NULL);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    mg_status status = MG_OK;
    if (n_dims < 0 || list < 0 || H5Pset_obj_track_times(list, 0) < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    else if (mg_layout_is_virtual(run, id))
        status = set_sources(run, id, s, space, list, err);
    else if (H5Pset_fill_time(list, H5D_FILL_TIME_NEVER) < 0 || !set_filters(run, id, n_dims, dim, list))
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    if (status == MG_OK && id < MG_N_WINDOW_FIELDS && run->compress == 0 && !mg_layout_is_virtual(run, id) &&
        H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY) < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    if (status == MG_OK)
        *ret = list;
    else
        mg_h5_close_list(list);
    return status;
}

static mg_status describe(hid_t set, const mg_run *run, mg_field_id id, int64_t s, mg_error *err)
{
    char description[DESCRIPTION];
    mg_field_description(id, &run->shape, s, description, sizeof description);
    mg_status status = mg_h5_write_text(set, "units", mg_field_unit(id, &run->shape, s), err);
    return status == MG_OK ? mg_h5_write_text(set, "description", description, err) : status;
}

/* Create set s of a field; `values` NULL leaves it to be filled. n_text: bytes of each text. */
mg_status mg_layout_set(hid_t file, const mg_run *run, mg_field_id id, int64_t s, const char *path, size_t n_text,
                        const void *values, mg_error *err)
{
    int64_t size[MG_FIELD_MAX_DIMS];
    hsize_t dim[MG_FIELD_MAX_DIMS];
    int n_dims = mg_field_dims(id, &run->shape, -1, size);
    for (int d = 0; d < n_dims; d++)
        dim[d] = (hsize_t)size[d];
    mg_field_types types = {-1, -1};
    hid_t list = -1, space = H5Screate_simple(n_dims, dim, NULL), set = -1;
    mg_status status = storage(run, id, s, space, &list, err);
    if (status == MG_OK) status = mg_field_open_types(id, n_text, &types, err);
    if (status != MG_OK) goto cleanup;
    set = H5Dcreate2(file, path, types.in_file, space, H5P_DEFAULT, list, H5P_DEFAULT);
    if (set < 0) {
        status = mg_h5_fail(err, MG_EIO, "cannot create dataset %s", path);
        goto cleanup;
    }
    if (values != NULL && H5Dwrite(set, types.in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot write dataset %s", path);
    if (status == MG_OK) status = describe(set, run, id, s, err);
cleanup:
    mg_h5_close_dataset(set);
    mg_h5_close_space(space);
    mg_field_close_types(&types);
    mg_h5_close_list(list);
    return status;
}

mg_status mg_layout_window_sets(hid_t file, const mg_run *run, mg_field_id id, mg_error *err)
{
    int64_t n = mg_field_n_sets(id, &run->shape);
    mg_status status = MG_OK;
    for (int64_t s = 0; s < n && status == MG_OK; s++) {
        char path[MG_FIELD_PATH];
        mg_field_path(id, &run->shape, s, run->method[mg_field_method(id, &run->shape, s)].name, path);
        status = mg_layout_set(file, run, id, s, path, (size_t)run->shape.length, NULL, err);
    }
    return status;
}
