/* merge.c  blocks of windows: read from shard files by each rank, and written
 *
 * On one node, and where nothing is compressed, each rank writes its blocks as plain bytes (mpi/direct.h). Else all write
 * together through HDF5: within a round every rank makes the same collective calls in the same order, whatever has failed on it;
 * only between rounds the ranks agree on failure. So no rank waits in a call that another does not make.
 */
#include "mpi/merge.h"

#include <stdlib.h>

#include "io/run/run_seal.h"
#include "mpi/agree.h"
#include "mpi/direct.h"
#include "mpi/merge_inside.h"
#include "src/core/memory.h"

int64_t mg_merge_bytes(const mg_shard_store *store)
{
    int64_t n = store->shape.n_windows, block = mg_run_block_rows(&store->shape);
    return (mg_merge_least(block, n) + mg_merge_least(store->shard_size, n)) * mg_run_window_bytes(&store->shape);
}

static mg_status take_sum(const mg_merger *m, mg_field_id id, int64_t s, const void *bytes, int64_t n_bytes,
                          int64_t first, int64_t n, uint64_t *sum, mg_error *err)
{
    (void)m, (void)id, (void)s, (void)first, (void)n, (void)err;
    *sum = mg_seal_sum(bytes, n_bytes);
    return MG_OK;
}

static mg_status fill(mg_merger *m, mg_merge_sums *sums, mg_error *err)
{
    int64_t n = m->store->shape.n_windows;
    sums->a_block = mg_run_n_sums(&m->store->shape, m->block_rows);
    mg_status status =
        mg_alloc(&sums->sum, (size_t)(mg_merge_n_blocks(m, m->rank) * sums->a_block), sizeof *sums->sum, err);
    status = mg_agree(m->comm, status, err);
    for (int64_t round = 0; round < n && status == MG_OK; round += m->size * m->block_rows) {
        int64_t first = mg_merge_least(round + m->rank * m->block_rows, n),
                end = mg_merge_least(first + m->block_rows, n);
        status = mg_agree(m->comm, mg_merge_read_block(m, first, end, err), err);
        if (status != MG_OK) break;
        if (end > first) status = mg_merge_visit(m, first, end, take_sum, sums->sum + sums->n++ * sums->a_block, err);
        status = mg_agree(m->comm, mg_merge_write_block(m, first, end, err), err);
    }
    return status;
}

/* --- the same, without a word between ranks --- */

static mg_status put_block(const mg_merger *m, const mg_direct *direct, int64_t first, int64_t end, mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = mg_merge_is_written(m, id) ? mg_field_n_sets(id, shape) : 0;
        size_t set = (size_t)m->block_rows * mg_field_row_bytes(id, shape);
        for (int64_t s = 0; s < n_sets && status == MG_OK; s++)
            status = mg_direct_write(direct, id, shape, s, first, end - first, m->block[id] + (size_t)s * set, err);
    }
    mg_direct_push(direct);
    return status;
}

static mg_status fill_directly(mg_merger *m, const mg_direct *direct, mg_merge_sums *sums, mg_error *err)
{
    int64_t n = m->store->shape.n_windows;
    sums->a_block = mg_run_n_sums(&m->store->shape, m->block_rows);
    mg_status status =
        mg_alloc(&sums->sum, (size_t)(mg_merge_n_blocks(m, m->rank) * sums->a_block), sizeof *sums->sum, err);
    for (int64_t first = m->rank * m->block_rows; first < n && status == MG_OK; first += m->size * m->block_rows) {
        int64_t end = mg_merge_least(first + m->block_rows, n);
        status = mg_merge_read_block(m, first, end, err);
        if (status == MG_OK)
            status = mg_merge_visit(m, first, end, take_sum, sums->sum + sums->n++ * sums->a_block, err);
        if (status == MG_OK) status = put_block(m, direct, first, end, err);
    }
    return mg_agree(m->comm, status, err);
}

/* *ret_done: that it could be done so. Aggregators and hints are wishes for MPI-IO. */
static mg_status merge_directly(mg_merger *m, mg_merge_sums *sums, bool *ret_done, mg_error *err)
{
    mg_direct direct;
    mg_error closing;
    if (m->plan->n_aggregators > 0 || m->plan->hints != NULL) return MG_OK;
    mg_status status =
        mg_direct_open(m->comm, m->path, m->store, m->method,
                       m->plan->is_virtual || m->plan->has_rows ? MG_DIRECT_COLUMNS : MG_DIRECT_ALL, &direct, err);
    *ret_done = status == MG_OK && direct.file >= 0;
    if (*ret_done) status = fill_directly(m, &direct, sums, err);
    mg_status closed = mg_direct_close(&direct, &closing);
    if (status != MG_OK) return status;
    if (closed != MG_OK) *err = closing;
    return mg_agree(m->comm, closed, err);
}

mg_status mg_merge(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                   const mg_merge_plan *plan, mg_merge_sums *ret, mg_error *err)
{
    mg_merger m = mg_merger_of(comm, path, store, method, plan);
    bool done = false;
    *ret = (mg_merge_sums){0};
    mg_status status = mg_agree(comm, mg_merger_make_room(&m, err), err);
    if (status == MG_OK) status = merge_directly(&m, ret, &done, err);
    if (status == MG_OK && !done) {
        status = mg_merger_open(&m, err);
        if (status == MG_OK) status = mg_merger_open_sets(&m, err);
        if (status == MG_OK) status = fill(&m, ret, err);
        status = mg_merger_close(&m, status, err);
    } else {
        mg_merger_close_sets(&m);
    }
    if (status == MG_OK) status = mg_agree(comm, mg_merger_sync(path, err), err);
    mg_merger_release(&m);
    return status;
}

void mg_merge_sums_destroy(mg_merge_sums *sums)
{
    free(sums->sum);
    *sums = (mg_merge_sums){0};
}
