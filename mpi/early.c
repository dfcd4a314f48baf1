/* early.c  put, copy what nobody put, read back in long pieces */
#include "mpi/early.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "io/run/field_h5.h"
#include "io/run/run_seal.h"
#include "mpi/agree.h"
#include "mpi/direct.h"
#include "src/core/checksum.h"
#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/core/stop.h"

enum { PUSH_SHARDS = 16 };

struct mg_early {
    MPI_Comm comm;
    int rank, size;
    const char *path;
    const mg_shard_store *store;
    const mg_run_method *method;
    mg_direct direct;
    int64_t n_shards, n_blocks, n_put;
    int failed;    /* to put a shard: sums are of no use, and all are copied */
    uint8_t *done; /* (n_shards) by this rank */
    uint64_t *sum; /* (n_blocks) of the rows that this rank has put into a block; in the end of all */
    char *rows;    /* of a field of a shard: (sets, n, row) */
};

static bool is_row_field(const mg_early *early, mg_field_id id)
{
    return mg_field_is_kept(id, &early->store->shape) && mg_field_is_by_position(id);
}

static int64_t windows_of(const mg_early *early, int64_t k)
{
    int64_t left = early->store->shape.n_windows - k * early->store->shard_size;
    return left < early->store->shard_size ? left : early->store->shard_size;
}

/* Bytes of all sets of the largest field, for one shard. */
static size_t largest_field(const mg_early *early)
{
    size_t largest = 0;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        if (!is_row_field(early, id)) continue;
        size_t bytes = (size_t)mg_field_n_sets(id, &early->store->shape) * mg_field_row_bytes(id, &early->store->shape);
        if (bytes > largest) largest = bytes;
    }
    return largest * (size_t)windows_of(early, 0);
}

static mg_status create(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                        mg_early **ret, mg_error *err)
{
    mg_early *e = NULL;
    mg_status status = mg_alloc(&e, 1, sizeof *e, err);
    if (status != MG_OK) return status;
    *e = (mg_early){.comm = comm, .path = path, .store = store, .method = method, .direct = {.file = -1}};
    MPI_Comm_rank(comm, &e->rank);
    MPI_Comm_size(comm, &e->size);
    e->n_shards = mg_shard_count(store->shape.n_windows, store->shard_size);
    e->n_blocks = mg_shard_count(store->shape.n_windows, mg_run_block_rows(&store->shape));
    *ret = e; /* for mg_early_close(), whatever comes */
    status = mg_alloc(&e->done, (size_t)e->n_shards, sizeof *e->done, err);
    if (status == MG_OK) status = mg_alloc(&e->sum, (size_t)e->n_blocks, sizeof *e->sum, err);
    return status == MG_OK ? mg_alloc(&e->rows, largest_field(e), 1, err) : status;
}

mg_status mg_early_open(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                        mg_early **ret, mg_error *err)
{
    mg_early *early = NULL;
    *ret = NULL;
    if (store->shape.n_windows == 0) return MG_OK;
    mg_status status = mg_agree(comm, create(comm, path, store, method, &early, err), err);
    if (status == MG_OK) status = mg_direct_open(comm, path, store, method, MG_DIRECT_ROWS, &early->direct, err);
    if (status == MG_OK && early->direct.file >= 0)
        *ret = early;
    else
        mg_early_close(early);
    return status;
}

void mg_early_close(mg_early *early)
{
    mg_error ignored; /* the file is synced through another descriptor, which tells */
    if (early == NULL) return;
    mg_direct_close(&early->direct, &ignored);
    free(early->done);
    free(early->sum);
    free(early->rows);
    free(early);
}

/* --- rows in --- */

/* The sum of rows is a sum of what each row, dataset and place give, so that it may be taken in any order. */
static uint64_t sum_rows(mg_field_id id, int64_t s, int64_t first, int64_t n, const char *rows, size_t row)
{
    uint64_t sum = 0, set = mg_mix((uint64_t)id, (uint64_t)s);
    for (int64_t i = 0; i < n; i++)
        sum += mg_mix(mg_mix(set, (uint64_t)(first + i)), mg_checksum(0, rows + (size_t)i * row, row));
    return sum;
}

/* One field of a shard, (sets, n, row). */
static mg_status put_field(mg_early *early, mg_field_id id, int64_t k, const char *rows, mg_error *err)
{
    const mg_run_shape *shape = &early->store->shape;
    int64_t n = windows_of(early, k), first = k * early->store->shard_size, block_rows = mg_run_block_rows(shape);
    size_t row = mg_field_row_bytes(id, shape);
    mg_status status = MG_OK;
    for (int64_t s = 0; s < mg_field_n_sets(id, shape) && status == MG_OK; s++) {
        const char *at = rows + (size_t)(s * n) * row;
        status = mg_direct_write(&early->direct, id, shape, s, first, n, at, err);
        for (int64_t w = first, n_in; w < first + n; w += n_in) {
            int64_t left = first + n - w, block = w / block_rows, end = (block + 1) * block_rows;
            n_in = end - w < left ? end - w : left;
            early->sum[block] += sum_rows(id, s, w, n_in, at + (size_t)(w - first) * row, row);
        }
    }
    return status;
}

/* What is on its way to the disk by the last window need not be waited for. */
static void count_put(mg_early *early, int64_t k)
{
    early->done[k] = 1;
    if (++early->n_put % PUSH_SHARDS == 0) mg_direct_push(&early->direct);
}

void mg_early_put(mg_early *early, const mg_shard *shard, const mg_result *result)
{
    mg_error ignored;
    mg_status status = early->failed ? MG_EIO : MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++)
        if (is_row_field(early, id))
            status = put_field(early, id, shard->id, mg_shard_values(id, shard, result, early->rows), &ignored);
    early->failed = status != MG_OK;
    if (status == MG_OK) count_put(early, shard->id);
}

static mg_status copy_shard(mg_early *early, int64_t k, mg_error *err)
{
    mg_shard_file shard;
    mg_status status = mg_shard_file_open(early->store, k, &shard, err);
    if (status != MG_OK) return status;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!is_row_field(early, id)) continue;
        status = mg_shard_file_read(&shard, id, early->rows, err);
        if (status == MG_OK) status = put_field(early, id, k, early->rows, err);
    }
    mg_shard_file_close(&shard);
    if (status == MG_OK) count_put(early, k);
    return status;
}

/* One number a shard or block, of all ranks together. */
static void share(mg_early *early, void *items, int64_t n, MPI_Datatype type)
{
    enum { PIECE = 1 << 24 };
    for (int64_t at = 0; at < n; at += PIECE) {
        int count = (int)(n - at < PIECE ? n - at : PIECE), bytes;
        MPI_Type_size(type, &bytes);
        MPI_Allreduce(MPI_IN_PLACE, (char *)items + at * bytes, count, type, MPI_SUM, early->comm);
    }
}

mg_status mg_early_complete(mg_early *early, mg_error *err)
{
    uint8_t *by_any = NULL;
    size_t n = (size_t)early->n_shards;
    MPI_Allreduce(MPI_IN_PLACE, &early->failed, 1, MPI_INT, MPI_MAX, early->comm);
    if (early->failed) {
        memset(early->done, 0, n * sizeof *early->done);
        memset(early->sum, 0, (size_t)early->n_blocks * sizeof *early->sum);
    }
    mg_status status = mg_agree(early->comm, mg_alloc(&by_any, n, sizeof *by_any, err), err);
    if (status != MG_OK) return status;
    memcpy(by_any, early->done, n);
    share(early, by_any, early->n_shards, MPI_UINT8_T);
    int64_t n_missing = 0;
    for (int64_t k = 0; k < early->n_shards && status == MG_OK; k++) {
        if (by_any[k] || n_missing++ % early->size != early->rank) continue;
        status = mg_stop_check(err);
        if (status == MG_OK) status = copy_shard(early, k, err);
    }
    free(by_any);
    status = mg_agree(early->comm, status, err);
    if (status == MG_OK) share(early, early->sum, early->n_blocks, MPI_UINT64_T);
    return status;
}

/* --- rows back --- */

/* Rows [first, end) of one dataset into buffer. */
static mg_status read_rows(const mg_early *early, hid_t file, mg_field_id id, int64_t s, int64_t first, int64_t end,
                           char *buffer, mg_error *err)
{
    const mg_run_shape *shape = &early->store->shape;
    int64_t dim[MG_FIELD_MAX_DIMS];
    char path[MG_FIELD_PATH];
    mg_field_types types = {-1, -1};
    hsize_t start[MG_FIELD_MAX_DIMS] = {(hsize_t)first}, count[MG_FIELD_MAX_DIMS];
    int n_dims = mg_field_dims(id, shape, end - first, dim);
    for (int d = 0; d < n_dims; d++)
        count[d] = (hsize_t)dim[d];
    mg_field_path(id, shape, s, early->method[mg_field_method(id, shape, s)].name, path);
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT), in_file = set >= 0 ? H5Dget_space(set) : -1;
    hid_t in_memory = H5Screate_simple(n_dims, count, NULL);
    mg_status status = mg_field_open_types(id, (size_t)shape->length, &types, err);
    if (status == MG_OK &&
        (in_file < 0 || in_memory < 0 || H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
         H5Dread(set, types.in_memory, in_memory, in_file, H5P_DEFAULT, buffer) < 0))
        status = mg_h5_fail(err, MG_EIO, "cannot read %s back from %s", path, early->path);
    mg_field_close_types(&types);
    mg_h5_close_space(in_memory);
    mg_h5_close_space(in_file);
    mg_h5_close_dataset(set);
    return status;
}

/* Read one field of the block back, add it to *rows, and put its chunks' sums to their places. */
static mg_status check_field(const mg_early *early, hid_t file, mg_field_id id, int64_t first, int64_t end,
                             char *buffer, uint64_t *rows, uint64_t *sum, mg_error *err)
{
    const mg_run_shape *shape = &early->store->shape;
    int64_t chunk = mg_run_chunk_rows(id, shape), row = (int64_t)mg_field_row_bytes(id, shape);
    mg_status status = MG_OK;
    for (int64_t s = 0; s < mg_field_n_sets(id, shape) && status == MG_OK; s++) {
        status = read_rows(early, file, id, s, first, end, buffer, err);
        if (status != MG_OK) break;
        *rows += sum_rows(id, s, first, end - first, buffer, (size_t)row);
        for (int64_t at = first; at < end; at += chunk)
            *sum++ = mg_seal_sum(buffer + (at - first) * row, (end - at < chunk ? end - at : chunk) * row);
    }
    return status;
}

static mg_status check_block(const mg_early *early, hid_t file, int64_t block, char *buffer, uint64_t *sum,
                             mg_error *err)
{
    const mg_run_shape *shape = &early->store->shape;
    int64_t size = mg_run_block_rows(shape), first = block * size, left = shape->n_windows - first;
    int64_t end = first + (left < size ? left : size);
    uint64_t rows = 0;
    mg_status status = mg_stop_check(err);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!mg_field_is_kept(id, shape)) continue;
        if (is_row_field(early, id)) status = check_field(early, file, id, first, end, buffer, &rows, sum, err);
        sum += mg_field_n_sets(id, shape) * mg_run_n_chunks(id, shape, end - first);
    }
    if (status != MG_OK || rows == early->sum[block]) return status;
    return mg_fail(err, MG_EIO,
                   "%s: windows %lld to %lld do not read back as they were written; is the file system sound?",
                   early->path, (long long)first, (long long)(end - 1));
}

/* The blocks whose other sums this rank has. */
static mg_status check_blocks(const mg_early *early, mg_merge_sums *inout, mg_error *err)
{
    const mg_run_shape *shape = &early->store->shape;
    int64_t size = mg_run_block_rows(shape), n = size < shape->n_windows ? size : shape->n_windows;
    size_t row = 1;
    char *buffer = NULL;
    hid_t file = -1;
    mg_error ignored;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        if (is_row_field(early, id) && mg_field_row_bytes(id, shape) > row) row = mg_field_row_bytes(id, shape);
    mg_status status = mg_alloc(&buffer, (size_t)n, row, err);
    if (status == MG_OK) status = mg_h5_open_file(early->path, &file, err);
    for (int64_t b = 0; b < inout->n && status == MG_OK; b++)
        status = check_block(early, file, b * early->size + early->rank, buffer, inout->sum + b * inout->a_block, err);
    mg_h5_close_file(file, &ignored);
    free(buffer);
    return status;
}

mg_status mg_early_verify(mg_early *early, mg_merge_sums *inout, mg_error *err)
{
    return mg_agree(early->comm, check_blocks(early, inout, err), err);
}
