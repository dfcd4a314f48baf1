/* merge_verify.c  each rank reads back what another has written, and rank 0 seals the whole (merge.h) */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "io/run/run_seal.h"
#include "mpi/agree.h"
#include "mpi/merge_inside.h"
#include "mpi/tags.h"
#include "src/core/memory.h"

/* --- reading back --- */

static mg_status compare_sum(const mg_merger *m, mg_field_id id, int64_t s, const void *bytes, int64_t n_bytes,
                             int64_t first, int64_t n, uint64_t *sum, mg_error *err)
{
    char path[MG_FIELD_PATH];
    if (mg_seal_sum(bytes, n_bytes) == *sum) return MG_OK;
    mg_merge_path(m, id, s, path);
    return mg_fail(err, MG_EIO,
                   "%s: windows %lld to %lld of dataset %s do not read back as they were written; is the file system "
                   "sound?",
                   m->path, (long long)first, (long long)(first + n - 1), path);
}

/* The sums of the rank after this one, whose blocks this one reads. */
static void exchange_sums(const mg_merger *m, const mg_merge_sums *mine, mg_merge_sums *theirs)
{
    enum { PIECE = 1 << 24 };
    int after = (m->rank + 1) % m->size, before = (m->rank + m->size - 1) % m->size;
    int64_t out = mine->n * mine->a_block, in = theirs->n * theirs->a_block;
    for (int64_t at = 0; at < out || at < in; at += PIECE) {
        int n_out = (int)mg_merge_least(out > at ? out - at : 0, PIECE),
            n_in = (int)mg_merge_least(in > at ? in - at : 0, PIECE);
        MPI_Sendrecv(mine->sum + (n_out > 0 ? at : 0), n_out, MPI_UINT64_T, n_out > 0 ? before : MPI_PROC_NULL,
                     MG_TAG_SUMS, theirs->sum + (n_in > 0 ? at : 0), n_in, MPI_UINT64_T,
                     n_in > 0 ? after : MPI_PROC_NULL, MG_TAG_SUMS, m->comm, MPI_STATUS_IGNORE);
    }
}

static mg_status verify_block(mg_merger *m, int64_t first, int64_t end, uint64_t *sum, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        int64_t n_sets = mg_merge_is_seen(m, id) ? mg_field_n_sets(id, &m->store->shape) : 0;
        for (int64_t s = 0; s < n_sets && status == MG_OK; s++)
            status = mg_merge_read_rows(m, id, s, first, end, err);
    }
    return status == MG_OK ? mg_merge_visit(m, first, end, compare_sum, sum, err) : status;
}

static mg_status verify_blocks(mg_merger *m, int writer, const mg_merge_sums *sums, mg_error *err)
{
    int64_t n = m->store->shape.n_windows;
    mg_status status = MG_OK;
    if (m->plan->is_virtual && !mg_run_allow_files(mg_merge_least(m->block_rows, n) / m->store->shard_size + 2))
        status = mg_fail(err, MG_EIO, "the system allows too few open files to read %s back (ulimit -n)", m->path);
    if (status == MG_OK) status = mg_h5_open_file(m->path, &m->file, err);
    for (int64_t b = 0; b < sums->n && status == MG_OK; b++) {
        int64_t first = (b * m->size + writer) * m->block_rows, end = mg_merge_least(first + m->block_rows, n);
        status = verify_block(m, first, end, sums->sum + b * sums->a_block, err);
    }
    mg_error ignored; /* what was open stays open only after a failure that is told already */
    mg_h5_close_file(m->file, &ignored);
    return status;
}

mg_status mg_merge_verify(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                          const mg_merge_plan *plan, const mg_merge_sums *sums, mg_error *err)
{
    mg_merger m = mg_merger_of(comm, path, store, method, plan);
    int writer = (m.rank + 1) % m.size;
    mg_status status = mg_merger_make_room(&m, err);
    mg_merge_sums theirs = {.n = mg_merge_n_blocks(&m, writer), .a_block = sums->a_block};
    if (status == MG_OK) status = mg_alloc(&theirs.sum, (size_t)(theirs.n * theirs.a_block), sizeof *theirs.sum, err);
    status = mg_agree(comm, status, err);
    if (status == MG_OK) {
        exchange_sums(&m, sums, &theirs);
        status = mg_agree(comm, verify_blocks(&m, writer, &theirs, err), err);
    }
    mg_merger_close_sets(&m);
    mg_merger_release(&m);
    mg_merge_sums_destroy(&theirs);
    return status;
}

/* --- checksums --- */

/* Sums of a block into those of the file: there each dataset has all its chunks together. */
static void place_sums(const mg_merger *m, int64_t first, int64_t end, const uint64_t *block, uint64_t *all)
{
    const mg_run_shape *shape = &m->store->shape;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = mg_field_is_kept(id, shape) ? mg_field_n_sets(id, shape) : 0;
        int64_t n = mg_run_n_chunks(id, shape, end - first), n_all = mg_run_n_chunks(id, shape, shape->n_windows);
        for (int64_t s = 0; s < n_sets; s++, block += n, all += n_all)
            memcpy(all + first / mg_run_chunk_rows(id, shape), block, (size_t)n * sizeof *block);
    }
}

/* On rank 0, the blocks of one rank after the other; the others send theirs. */
static void gather_sums(const mg_merger *m, const mg_merge_sums *sums, uint64_t *room, uint64_t *all)
{
    int64_t n = m->store->shape.n_windows, a_block = sums->a_block;
    for (int64_t b = 0; b < sums->n && m->rank != 0; b++)
        MPI_Send(sums->sum + b * a_block, (int)a_block, MPI_UINT64_T, 0, MG_TAG_SUMS, m->comm);
    for (int writer = 0; writer < m->size && m->rank == 0; writer++)
        for (int64_t b = 0; b < mg_merge_n_blocks(m, writer); b++) {
            int64_t first = (b * m->size + writer) * m->block_rows, end = mg_merge_least(first + m->block_rows, n);
            const uint64_t *block = writer == 0 ? sums->sum + b * a_block : room;
            if (writer != 0)
                MPI_Recv(room, (int)a_block, MPI_UINT64_T, writer, MG_TAG_SUMS, m->comm, MPI_STATUS_IGNORE);
            place_sums(m, first, end, block, all);
        }
}

mg_status mg_merge_seal(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                        const mg_merge_sums *sums, mg_error *err)
{
    const mg_merge_plan everything = {0};
    const mg_run_shape *shape = &store->shape;
    mg_merger m = mg_merger_of(comm, path, store, method, &everything);
    uint64_t *all = NULL, *room = NULL;
    m.block_rows = mg_merge_least(m.block_rows, shape->n_windows > 0 ? shape->n_windows : 1);
    mg_status status = sums->a_block > INT_MAX ? mg_fail(err, MG_EBUG, "too many checksums in a block") : MG_OK;
    if (m.rank == 0 && status == MG_OK) {
        status = mg_alloc(&all, (size_t)mg_run_n_sums(shape, shape->n_windows), sizeof *all, err);
        if (status == MG_OK) status = mg_alloc(&room, (size_t)sums->a_block, sizeof *room, err);
    }
    status = mg_agree(comm, status, err);
    if (status == MG_OK) {
        gather_sums(&m, sums, room, all);
        status = m.rank == 0 ? mg_run_seal(path, shape, method, store->id, all, err) : MG_OK;
        status = mg_agree(comm, status, err);
    }
    free(all);
    free(room);
    return status;
}
