/* merge.c  blocks of windows: read from shard files by each rank, written collectively by all
 *
 * Within a round every rank makes the same collective calls in the same order, whatever has failed on it; only between
 * rounds the ranks agree on failure. So no rank waits in a call that another does not make.
 */
#include "mpi/merge.h"

#include <stdlib.h>
#include <string.h>

#include "io/field_h5.h"
#include "io/h5.h"
#include "mpi/agree.h"
#include "src/core/memory.h"

typedef struct {
    MPI_Comm comm;
    const char *path;
    const mg_shard_store *store;
    const mg_run_method *method;
    int64_t block_rows;
    char *block[MG_N_WINDOW_FIELDS]; /* (sets, block_rows, row) of this rank's block, for the fields that are kept */
    char *shard;                     /* one field of one shard: (sets, n, row) */
    hid_t file, transfer;
    hid_t *set[MG_N_WINDOW_FIELDS]; /* (sets) */
    mg_field_types types[MG_N_WINDOW_FIELDS];
} merger;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- from the shard files --- */

/* Copy the windows that the shard and the block [first, end) share. */
static void copy_rows(merger *m, mg_field_id id, const mg_shard_file *shard, int64_t first, int64_t end)
{
    const mg_run_shape *shape = &m->store->shape;
    int64_t from = shard->first > first ? shard->first : first, to = smaller(shard->first + shard->n, end);
    int64_t n_sets = mg_field_n_sets(id, shape);
    size_t row = mg_field_row_bytes(id, shape), bytes = (size_t)(to - from) * row;
    for (int64_t s = 0; s < n_sets; s++) {
        char *block = m->block[id] + (size_t)(s * m->block_rows + from - first) * row;
        memcpy(block, m->shard + (size_t)(s * shard->n + from - shard->first) * row, bytes);
    }
}

static mg_status read_shard(merger *m, int64_t k, int64_t first, int64_t end, mg_error *err)
{
    mg_shard_file shard;
    mg_status status = mg_shard_file_open(m->store, k, &shard, err);
    if (status != MG_OK) return status;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!mg_field_is_kept(id, &m->store->shape)) continue;
        status = mg_shard_file_read(&shard, id, m->shard, err);
        if (status == MG_OK) copy_rows(m, id, &shard, first, end);
    }
    mg_shard_file_close(&shard);
    return status;
}

static mg_status read_block(merger *m, int64_t first, int64_t end, mg_error *err)
{
    mg_status status = MG_OK;
    int64_t size = m->store->shard_size;
    for (int64_t k = first / size; k * size < end && status == MG_OK; k++)
        status = read_shard(m, k, first, end, err);
    return status;
}

/* --- into run.h5 --- */

/* Rows [first, end) of one dataset; first == end: nothing, but the call is made all the same. */
static mg_status write_rows(const merger *m, mg_field_id id, int64_t s, int64_t first, int64_t end, mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    int64_t size[MG_FIELD_MAX_DIMS];
    hsize_t start[MG_FIELD_MAX_DIMS] = {(hsize_t)first}, count[MG_FIELD_MAX_DIMS];
    int n_dims = mg_field_dims(id, shape, end - first, size);
    for (int d = 0; d < n_dims; d++)
        count[d] = (hsize_t)size[d];
    hid_t in_file = H5Dget_space(m->set[id][s]), in_memory = -1;
    herr_t selected;
    if (end > first) {
        selected = H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL);
        in_memory = H5Screate_simple(n_dims, count, NULL);
    } else {
        selected = H5Sselect_none(in_file);
        in_memory = H5Scopy(in_file);
    }
    const char *rows = m->block[id] + (size_t)(s * m->block_rows) * mg_field_row_bytes(id, shape);
    mg_status status = MG_OK;
    if (selected < 0 || in_memory < 0 ||
        H5Dwrite(m->set[id][s], m->types[id].in_memory, in_memory, in_file, m->transfer, rows) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot write %s to %s", mg_fields[id].path, m->path);
    mg_h5_close_space(in_memory);
    mg_h5_close_space(in_file);
    return status;
}

static mg_status write_block(const merger *m, int64_t first, int64_t end, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        if (!mg_field_is_kept(id, &m->store->shape)) continue;
        int64_t n_sets = mg_field_n_sets(id, &m->store->shape);
        for (int64_t s = 0; s < n_sets; s++) {
            mg_error mine;
            mg_status written = write_rows(m, id, s, first, end, &mine);
            if (written != MG_OK && status == MG_OK) *err = mine;
            if (status == MG_OK) status = written;
        }
    }
    return status;
}

static mg_status fill(merger *m, mg_error *err)
{
    int rank, size;
    MPI_Comm_rank(m->comm, &rank);
    MPI_Comm_size(m->comm, &size);
    int64_t n = m->store->shape.n_windows;
    mg_status status = MG_OK;
    for (int64_t round = 0; round < n && status == MG_OK; round += size * m->block_rows) {
        int64_t first = smaller(round + rank * m->block_rows, n), end = smaller(first + m->block_rows, n);
        status = mg_agree(m->comm, read_block(m, first, end, err), err);
        if (status == MG_OK) status = mg_agree(m->comm, write_block(m, first, end, err), err);
    }
    return status;
}

/* --- the file and what is needed to write to it --- */

int64_t mg_merge_bytes(const mg_shard_store *store)
{
    int64_t n = store->shape.n_windows, block = mg_run_block_rows(&store->shape);
    return (smaller(block, n) + smaller(store->shard_size, n)) * mg_run_window_bytes(&store->shape);
}

static mg_status make_room(merger *m, mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    size_t largest = 0;
    int64_t rows = smaller(m->block_rows, shape->n_windows),
            shard_rows = smaller(m->store->shard_size, shape->n_windows);
    m->block_rows = rows > 0 ? rows : 1;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!mg_field_is_kept(id, shape)) continue;
        size_t n_sets = (size_t)mg_field_n_sets(id, shape), row = mg_field_row_bytes(id, shape);
        if (n_sets * row > largest) largest = n_sets * row;
        status = mg_alloc(&m->block[id], n_sets * (size_t)m->block_rows, row, err);
        if (status == MG_OK) status = mg_alloc(&m->set[id], n_sets, sizeof *m->set[id], err);
        for (size_t s = 0; status == MG_OK && s < n_sets; s++)
            m->set[id][s] = -1;
        if (status == MG_OK) status = mg_field_open_types(id, (size_t)shape->length, &m->types[id], err);
    }
    return status == MG_OK ? mg_alloc(&m->shard, (size_t)shard_rows, largest, err) : status;
}

/* Open MPI guards a shared file pointer, which nobody here uses, by a semaphore named after the file. A run that was
 * killed leaves it behind, and the next run on that node would wait for it for ever when it opens its file (Open MPI
 * 4.1.4; open-mpi/ompi issue 11934). The component without a semaphore is asked for, unless the user has chosen one. */
static void avoid_stale_semaphore(void)
{
    setenv("OMPI_MCA_sharedfp", "individual", 0);
}

/* The calls are collective, as filters need; below them each rank sends its own rows to the disk, which lie in one
 * piece: there is nothing to gain from gathering them, and one rank's failure leaves no other waiting. */
static mg_status open_file(merger *m, mg_error *err)
{
    avoid_stale_semaphore();
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    m->transfer = H5Pcreate(H5P_DATASET_XFER);
    mg_status status = MG_OK;
    if (list < 0 || m->transfer < 0 || H5Pset_fapl_mpio(list, m->comm, MPI_INFO_NULL) < 0 ||
        H5Pset_dxpl_mpio(m->transfer, H5FD_MPIO_COLLECTIVE) < 0 ||
        H5Pset_dxpl_mpio_collective_opt(m->transfer, H5FD_MPIO_INDIVIDUAL_IO) < 0 ||
        (m->file = H5Fopen(m->path, H5F_ACC_RDWR, list)) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot open %s on all ranks", m->path);
    mg_h5_close_list(list);
    return mg_agree(m->comm, status, err);
}

/* Every rank opens every dataset, in the same order, though one should fail. */
static mg_status open_sets(merger *m, mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_metrics = mg_field_has_metrics(id) ? MG_N_METRICS : 1;
        int64_t n_sets = mg_field_is_kept(id, shape) ? mg_field_n_sets(id, shape) : 0;
        for (int64_t s = 0; s < n_sets; s++) {
            char path[MG_FIELD_PATH];
            mg_field_path(id, mg_field_has_methods(id) ? m->method[s / n_metrics].name : "", (mg_metric)(s % n_metrics),
                          path);
            m->set[id][s] = H5Dopen2(m->file, path, H5P_DEFAULT);
            if (m->set[id][s] < 0 && status == MG_OK)
                status = mg_h5_fail(err, MG_EIO, "cannot open dataset %s of %s", path, m->path);
        }
    }
    return mg_agree(m->comm, status, err);
}

static void close_sets(merger *m)
{
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = m->set[id] == NULL ? 0 : mg_field_n_sets(id, &m->store->shape);
        for (int64_t s = 0; s < n_sets; s++)
            mg_h5_close_dataset(m->set[id][s]);
        mg_field_close_types(&m->types[id]);
    }
    mg_h5_close_list(m->transfer);
}

static void release(merger *m)
{
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        free(m->block[id]);
        free(m->set[id]);
    }
    free(m->shard);
}

/* Closing is collective as well, and what the file system refused may be told only then. */
static mg_status close_file(merger *m, mg_status status, mg_error *err)
{
    mg_error mine;
    close_sets(m);
    mg_status closed = mg_h5_close_file(m->file, &mine);
    if (status != MG_OK) return status;
    if (closed != MG_OK) {
        *err = mine;
        mg_fail_prefix(err, "%s: ", m->path);
    }
    return mg_agree(m->comm, closed, err);
}

mg_status mg_merge(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                   mg_error *err)
{
    merger m = {.comm = comm, .path = path, .store = store, .method = method, .file = -1, .transfer = -1};
    m.block_rows = mg_run_block_rows(&store->shape);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        m.types[id] = (mg_field_types){-1, -1};
    mg_status status = mg_agree(comm, make_room(&m, err), err);
    if (status == MG_OK) status = open_file(&m, err);
    if (status == MG_OK) status = open_sets(&m, err);
    if (status == MG_OK) status = fill(&m, err);
    status = close_file(&m, status, err);
    release(&m);
    return status;
}
