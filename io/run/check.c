/* check.c  every chunk of a run is read once and held against its checksum */
#include <stdlib.h>

#include "io/run/field_h5.h"
#include "io/run/file.h"
#include "io/run/rows.h"
#include "src/core/memory.h"

static mg_status check_set(const mg_run_file *run, mg_field_id id, int64_t s, void *room, int64_t n_rows, mg_error *err)
{
    int64_t dim[MG_FIELD_MAX_DIMS], n = run->shape.n_windows;
    int n_dims = mg_field_dims(id, &run->shape, -1, dim);
    char path[MG_FIELD_PATH];
    mg_field_types types = {-1, -1};
    mg_rows rows = {.set = -1};
    mg_run_file_set_path(run, id, s, path);
    mg_status status = mg_field_open_types(id, (size_t)run->shape.length, &types, err);
    if (status == MG_OK)
        status = mg_rows_open(run->file, &run->seal, path, n_dims, dim, types.in_memory,
                              mg_field_row_bytes(id, &run->shape), &rows, err);
    for (int64_t at = 0; at < n && status == MG_OK; at += n_rows)
        status = mg_rows_read(&rows, at, n - at < n_rows ? n - at : n_rows, room, err);
    mg_rows_close(&rows);
    mg_field_close_types(&types);
    return status;
}

mg_status mg_run_file_check(const mg_run_file *run, int64_t *ret_chunks, mg_error *err)
{
    const mg_run_shape *shape = &run->shape;
    *ret_chunks = (int64_t)run->seal.n_sums;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!mg_field_is_kept(id, shape)) continue;
        int64_t n_rows = mg_run_chunk_rows(id, shape);
        void *room = NULL;
        status = mg_alloc(&room, (size_t)n_rows, mg_field_row_bytes(id, shape), err);
        for (int64_t s = 0; s < mg_field_n_sets(id, shape) && status == MG_OK; s++)
            status = check_set(run, id, s, room, n_rows, err);
        free(room);
    }
    return status == MG_OK ? MG_OK : mg_fail_prefix(err, "%s: ", run->path);
}
