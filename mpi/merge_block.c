/* merge_block.c  a block of windows between shard files, memory and OUT (merge_inside.h) */
#include "mpi/merge_inside.h"

#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "io/run/run_seal.h"
#include "src/core/stop.h"

/* --- from the shard files --- */

/* Copy the windows that the shard and the block [first, end) share. */
static void copy_rows(mg_merger *m, mg_field_id id, const mg_shard_file *shard, int64_t first, int64_t end)
{
    const mg_run_shape *shape = &m->store->shape;
    int64_t from = shard->first > first ? shard->first : first, to = mg_merge_least(shard->first + shard->n, end);
    int64_t n_sets = mg_field_n_sets(id, shape);
    size_t row = mg_field_row_bytes(id, shape), bytes = (size_t)(to - from) * row;
    for (int64_t s = 0; s < n_sets; s++) {
        char *block = m->block[id] + (size_t)(s * m->block_rows + from - first) * row;
        memcpy(block, m->shard + (size_t)(s * shard->n + from - shard->first) * row, bytes);
    }
}

static mg_status read_shard(mg_merger *m, int64_t k, int64_t first, int64_t end, mg_error *err)
{
    mg_shard_file shard;
    mg_status status = mg_shard_file_open(m->store, k, &shard, err);
    if (status != MG_OK) return status;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!mg_merge_is_seen(m, id)) continue;
        status = mg_shard_file_read(&shard, id, m->shard, err);
        if (status == MG_OK) copy_rows(m, id, &shard, first, end);
    }
    mg_shard_file_close(&shard);
    return status;
}

mg_status mg_merge_read_block(mg_merger *m, int64_t first, int64_t end, mg_error *err)
{
    mg_status status = mg_stop_check(err);
    int64_t size = m->store->shard_size;
    for (int64_t k = first / size; k * size < end && status == MG_OK; k++)
        status = read_shard(m, k, first, end, err);
    return status;
}

/* Go through the chunks of the block [first, end), by field, dataset and chunk. */
mg_status mg_merge_visit(const mg_merger *m, int64_t first, int64_t end, mg_merge_act *act, uint64_t *sum,
                         mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = mg_field_is_kept(id, shape) ? mg_field_n_sets(id, shape) : 0;
        int64_t rows = mg_run_chunk_rows(id, shape), row = (int64_t)mg_field_row_bytes(id, shape);
        if (!mg_merge_is_seen(m, id)) { /* their sums have their places all the same */
            sum += n_sets * mg_run_n_chunks(id, shape, end - first);
            continue;
        }
        for (int64_t s = 0; s < n_sets; s++)
            for (int64_t at = first, n; at < end && status == MG_OK; at += n) {
                n = mg_merge_least(rows, end - at);
                const char *bytes = m->block[id] + (s * m->block_rows + at - first) * row;
                status = act(m, id, s, bytes, n * row, at, n, sum++, err);
            }
    }
    return status;
}

/* --- into run.h5, and out of it --- */

/* Rows [first, end) of a dataset and as much room in memory; first == end: nothing at all. */
static mg_status select_rows(hid_t set, mg_field_id id, const mg_run_shape *shape, int64_t first, int64_t end,
                             hid_t *ret_in_file, hid_t *ret_in_memory, mg_error *err)
{
    int64_t size[MG_FIELD_MAX_DIMS];
    hsize_t start[MG_FIELD_MAX_DIMS] = {(hsize_t)first}, count[MG_FIELD_MAX_DIMS];
    int n_dims = mg_field_dims(id, shape, end - first, size);
    for (int d = 0; d < n_dims; d++)
        count[d] = (hsize_t)size[d];
    *ret_in_file = H5Dget_space(set);
    herr_t selected;
    if (end > first) {
        selected = H5Sselect_hyperslab(*ret_in_file, H5S_SELECT_SET, start, NULL, count, NULL);
        *ret_in_memory = H5Screate_simple(n_dims, count, NULL);
    } else {
        selected = H5Sselect_none(*ret_in_file);
        *ret_in_memory = H5Scopy(*ret_in_file);
    }
    if (selected >= 0 && *ret_in_memory >= 0) return MG_OK;
    return mg_h5_fail(err, MG_EIO, "cannot select windows of %s", mg_fields[id].path);
}

/* The write is collective: it is made though the selection should have failed, with whatever there is. */
static mg_status write_rows(const mg_merger *m, mg_field_id id, int64_t s, int64_t first, int64_t end, mg_error *err)
{
    hid_t in_file = -1, in_memory = -1;
    const char *rows = m->block[id] + (size_t)(s * m->block_rows) * mg_field_row_bytes(id, &m->store->shape);
    mg_status status = select_rows(m->set[id][s], id, &m->store->shape, first, end, &in_file, &in_memory, err);
    if (H5Dwrite(m->set[id][s], m->types[id].in_memory, in_memory, in_file, m->transfer, rows) < 0 && status == MG_OK)
        status = mg_h5_fail(err, MG_EIO, "cannot write %s to %s", mg_fields[id].path, m->path);
    mg_h5_close_space(in_memory);
    mg_h5_close_space(in_file);
    return status;
}

mg_status mg_merge_read_rows(const mg_merger *m, mg_field_id id, int64_t s, int64_t first, int64_t end, mg_error *err)
{
    hid_t in_file = -1, in_memory = -1, set = -1, list = H5Pcreate(H5P_DATASET_ACCESS);
    char path[MG_FIELD_PATH];
    char *rows = m->block[id] + (size_t)(s * m->block_rows) * mg_field_row_bytes(id, &m->store->shape);
    mg_merge_path(m, id, s, path);
    if (m->plan->shards_from != NULL && list >= 0) H5Pset_virtual_prefix(list, m->plan->shards_from);
    if (list >= 0) set = H5Dopen2(m->file, path, list);
    mg_h5_close_list(list);
    if (set < 0) return mg_h5_fail(err, MG_EIO, "cannot read %s back from %s", path, m->path);
    mg_status status = select_rows(set, id, &m->store->shape, first, end, &in_file, &in_memory, err);
    if (status == MG_OK && H5Dread(set, m->types[id].in_memory, in_memory, in_file, H5P_DEFAULT, rows) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot read %s back from %s", path, m->path);
    mg_h5_close_space(in_memory);
    mg_h5_close_space(in_file);
    mg_h5_close_dataset(set);
    return status;
}

mg_status mg_merge_write_block(const mg_merger *m, int64_t first, int64_t end, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = mg_merge_is_written(m, id) ? mg_field_n_sets(id, &m->store->shape) : 0;
        for (int64_t s = 0; s < n_sets; s++) {
            mg_error mine;
            mg_status written = write_rows(m, id, s, first, end, &mine);
            if (written != MG_OK && status == MG_OK) *err = mine;
            if (status == MG_OK) status = written;
        }
    }
    return status;
}

/* Blocks of the rank; they follow each other at a distance of `size` blocks. */
int64_t mg_merge_n_blocks(const mg_merger *m, int rank)
{
    int64_t n_blocks = (m->store->shape.n_windows + m->block_rows - 1) / m->block_rows;
    return n_blocks > rank ? (n_blocks - rank - 1) / m->size + 1 : 0;
}
