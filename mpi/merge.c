/* merge.c  blocks of windows: read from shard files by each rank, written, and read back by another
 *
 * On one node, and where nothing is compressed, each rank writes its blocks as plain bytes (mpi/direct.h). Else all write
 * together through HDF5: within a round every rank makes the same collective calls in the same order, whatever has failed on it; only between
 * rounds the ranks agree on failure. So no rank waits in a call that another does not make.
 */
#include "mpi/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/h5.h"
#include "io/run/field_h5.h"
#include "io/run/run_seal.h"
#include "mpi/agree.h"
#include "mpi/direct.h"
#include "mpi/tags.h"
#include "src/core/memory.h"
#include "src/core/stop.h"

typedef struct {
    MPI_Comm comm;
    int rank, size;
    const char *path;
    const mg_shard_store *store;
    const mg_run_method *method;
    const mg_merge_plan *plan;
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

/* Fields that are read from the shards and read back. */
static bool is_seen(const merger *m, mg_field_id id)
{
    return mg_field_is_kept(id, &m->store->shape) && !(m->plan->has_rows && mg_field_is_by_position(id));
}

/* Of these, those that are written; the others lie in the shards. */
static bool is_written(const merger *m, mg_field_id id)
{
    return is_seen(m, id) && !(m->plan->is_virtual && mg_field_is_by_position(id));
}

static void set_path(const merger *m, mg_field_id id, int64_t s, char path[MG_FIELD_PATH])
{
    const mg_run_shape *shape = &m->store->shape;
    mg_field_path(id, shape, s, m->method[mg_field_method(id, shape, s)].name, path);
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
        if (!is_seen(m, id)) continue;
        status = mg_shard_file_read(&shard, id, m->shard, err);
        if (status == MG_OK) copy_rows(m, id, &shard, first, end);
    }
    mg_shard_file_close(&shard);
    return status;
}

static mg_status read_block(merger *m, int64_t first, int64_t end, mg_error *err)
{
    mg_status status = mg_stop_check(err);
    int64_t size = m->store->shard_size;
    for (int64_t k = first / size; k * size < end && status == MG_OK; k++)
        status = read_shard(m, k, first, end, err);
    return status;
}

/* What is done with one chunk of the rank's block. */
typedef mg_status chunk_action(const merger *m, mg_field_id id, int64_t s, const void *bytes, int64_t n_bytes,
                               int64_t first, int64_t n, uint64_t *sum, mg_error *err);

/* Go through the chunks of the block [first, end), by field, dataset and chunk. */
static mg_status visit_chunks(const merger *m, int64_t first, int64_t end, chunk_action *act, uint64_t *sum,
                              mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = mg_field_is_kept(id, shape) ? mg_field_n_sets(id, shape) : 0;
        int64_t rows = mg_run_chunk_rows(id, shape), row = (int64_t)mg_field_row_bytes(id, shape);
        if (!is_seen(m, id)) { /* their sums have their places all the same */
            sum += n_sets * mg_run_n_chunks(id, shape, end - first);
            continue;
        }
        for (int64_t s = 0; s < n_sets; s++)
            for (int64_t at = first, n; at < end && status == MG_OK; at += n) {
                n = smaller(rows, end - at);
                const char *bytes = m->block[id] + (s * m->block_rows + at - first) * row;
                status = act(m, id, s, bytes, n * row, at, n, sum++, err);
            }
    }
    return status;
}

static mg_status take_sum(const merger *m, mg_field_id id, int64_t s, const void *bytes, int64_t n_bytes, int64_t first,
                          int64_t n, uint64_t *sum, mg_error *err)
{
    (void)m, (void)id, (void)s, (void)first, (void)n, (void)err;
    *sum = mg_seal_sum(bytes, n_bytes);
    return MG_OK;
}

static mg_status compare_sum(const merger *m, mg_field_id id, int64_t s, const void *bytes, int64_t n_bytes,
                             int64_t first, int64_t n, uint64_t *sum, mg_error *err)
{
    char path[MG_FIELD_PATH];
    if (mg_seal_sum(bytes, n_bytes) == *sum) return MG_OK;
    set_path(m, id, s, path);
    return mg_fail(err, MG_EIO,
                   "%s: windows %lld to %lld of dataset %s do not read back as they were written; is the file system "
                   "sound?",
                   m->path, (long long)first, (long long)(first + n - 1), path);
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
static mg_status write_rows(const merger *m, mg_field_id id, int64_t s, int64_t first, int64_t end, mg_error *err)
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

static mg_status read_rows(const merger *m, mg_field_id id, int64_t s, int64_t first, int64_t end, mg_error *err)
{
    hid_t in_file = -1, in_memory = -1, set = -1, list = H5Pcreate(H5P_DATASET_ACCESS);
    char path[MG_FIELD_PATH];
    char *rows = m->block[id] + (size_t)(s * m->block_rows) * mg_field_row_bytes(id, &m->store->shape);
    set_path(m, id, s, path);
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

static mg_status write_block(const merger *m, int64_t first, int64_t end, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = is_written(m, id) ? mg_field_n_sets(id, &m->store->shape) : 0;
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
static int64_t count_blocks(const merger *m, int rank)
{
    int64_t n_blocks = (m->store->shape.n_windows + m->block_rows - 1) / m->block_rows;
    return n_blocks > rank ? (n_blocks - rank - 1) / m->size + 1 : 0;
}

static mg_status fill(merger *m, mg_merge_sums *sums, mg_error *err)
{
    int64_t n = m->store->shape.n_windows;
    sums->a_block = mg_run_n_sums(&m->store->shape, m->block_rows);
    mg_status status = mg_alloc(&sums->sum, (size_t)(count_blocks(m, m->rank) * sums->a_block), sizeof *sums->sum, err);
    status = mg_agree(m->comm, status, err);
    for (int64_t round = 0; round < n && status == MG_OK; round += m->size * m->block_rows) {
        int64_t first = smaller(round + m->rank * m->block_rows, n), end = smaller(first + m->block_rows, n);
        status = mg_agree(m->comm, read_block(m, first, end, err), err);
        if (status != MG_OK) break;
        if (end > first) status = visit_chunks(m, first, end, take_sum, sums->sum + sums->n++ * sums->a_block, err);
        status = mg_agree(m->comm, write_block(m, first, end, err), err);
    }
    return status;
}

/* --- the same, without a word between ranks --- */

static mg_status put_block(const merger *m, const mg_direct *direct, int64_t first, int64_t end, mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = is_written(m, id) ? mg_field_n_sets(id, shape) : 0;
        size_t set = (size_t)m->block_rows * mg_field_row_bytes(id, shape);
        for (int64_t s = 0; s < n_sets && status == MG_OK; s++)
            status = mg_direct_write(direct, id, shape, s, first, end - first, m->block[id] + (size_t)s * set, err);
    }
    mg_direct_push(direct);
    return status;
}

static mg_status fill_directly(merger *m, const mg_direct *direct, mg_merge_sums *sums, mg_error *err)
{
    int64_t n = m->store->shape.n_windows;
    sums->a_block = mg_run_n_sums(&m->store->shape, m->block_rows);
    mg_status status = mg_alloc(&sums->sum, (size_t)(count_blocks(m, m->rank) * sums->a_block), sizeof *sums->sum, err);
    for (int64_t first = m->rank * m->block_rows; first < n && status == MG_OK; first += m->size * m->block_rows) {
        int64_t end = smaller(first + m->block_rows, n);
        status = read_block(m, first, end, err);
        if (status == MG_OK) status = visit_chunks(m, first, end, take_sum, sums->sum + sums->n++ * sums->a_block, err);
        if (status == MG_OK) status = put_block(m, direct, first, end, err);
    }
    return mg_agree(m->comm, status, err);
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
        if (!is_seen(m, id)) continue;
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

/* Hints by "key=value,...", `info` MPI_INFO_NULL: only look. */
static mg_status set_hints(MPI_Info info, const char *hints, mg_error *err)
{
    for (const char *at = hints; at != NULL && *at != '\0';) {
        char key[MPI_MAX_INFO_KEY + 1], value[MPI_MAX_INFO_VAL + 1];
        size_t n = strcspn(at, ","), n_key = strcspn(at, "=,");
        if (n_key == 0 || n_key + 1 >= n || n_key >= MPI_MAX_INFO_KEY || n - n_key > MPI_MAX_INFO_VAL)
            return mg_fail(err, MG_EUSAGE, "--io-hints: '%.*s' is no hint such as striping_unit=4194304",
                           (int)(n < 80 ? n : 80), at);
        snprintf(key, sizeof key, "%.*s", (int)n_key, at);
        snprintf(value, sizeof value, "%.*s", (int)(n - n_key - 1), at + n_key + 1);
        if (info != MPI_INFO_NULL) MPI_Info_set(info, key, value);
        at += n + (at[n] == ',');
    }
    return MG_OK;
}

mg_status mg_merge_check_hints(const char *hints, mg_error *err)
{
    return set_hints(MPI_INFO_NULL, hints, err);
}

/* The names are those of ROMIO; Open MPI's own OMPIO knows cb_nodes, and each ignores what it does not know. */
static mg_status make_info(const mg_merge_plan *plan, MPI_Info *ret, mg_error *err)
{
    char number[32];
    MPI_Info_create(ret);
    if (plan->n_aggregators > 0) {
        snprintf(number, sizeof number, "%lld", (long long)plan->n_aggregators);
        MPI_Info_set(*ret, "cb_nodes", number);
        MPI_Info_set(*ret, "romio_cb_write", "enable");
        MPI_Info_set(*ret, "collective_buffering", "true");
    }
    return set_hints(*ret, plan->hints, err);
}

/* The calls are collective, as filters need. Below them each rank sends its own rows to the disk, unless aggregators are
 * asked for: then pieces of the same stripe, which columns of a few bytes a window make, come from one rank. */
static mg_status open_file(merger *m, mg_error *err)
{
    avoid_stale_semaphore();
    MPI_Info info = MPI_INFO_NULL;
    hid_t list = mg_run_open_settings(m->plan->align);
    m->transfer = H5Pcreate(H5P_DATASET_XFER);
    H5FD_mpio_collective_opt_t how = m->plan->n_aggregators > 0 ? H5FD_MPIO_COLLECTIVE_IO : H5FD_MPIO_INDIVIDUAL_IO;
    mg_status status = make_info(m->plan, &info, err);
    if (status == MG_OK &&
        (list < 0 || m->transfer < 0 || H5Pset_fapl_mpio(list, m->comm, info) < 0 ||
         H5Pset_dxpl_mpio(m->transfer, H5FD_MPIO_COLLECTIVE) < 0 ||
         H5Pset_dxpl_mpio_collective_opt(m->transfer, how) < 0 || (m->file = H5Fopen(m->path, H5F_ACC_RDWR, list)) < 0))
        status = mg_h5_fail(err, MG_EIO, "cannot open %s on all ranks", m->path);
    mg_h5_close_list(list);
    MPI_Info_free(&info);
    return mg_agree(m->comm, status, err);
}

/* Every rank opens every dataset, in the same order, though one should fail. */
static mg_status open_sets(merger *m, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = is_written(m, id) ? mg_field_n_sets(id, &m->store->shape) : 0;
        for (int64_t s = 0; s < n_sets; s++) {
            char path[MG_FIELD_PATH];
            set_path(m, id, s, path);
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

/* Every rank syncs, because the pages that it has written are on its node. They are then let go, so that what is read
 * comes from the disk. */
static mg_status sync_file(const char *path, mg_error *err)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return mg_fail(err, MG_EIO, "cannot open %s: %s", path, strerror(errno));
    mg_status status = MG_OK;
    if (fsync(file) != 0 && errno != EINVAL)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    if (close(file) != 0 && status == MG_OK)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    return status;
}

static merger merger_of(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                        const mg_merge_plan *plan)
{
    merger m = {.comm = comm, .path = path, .store = store, .method = method, .plan = plan, .file = -1, .transfer = -1};
    MPI_Comm_rank(comm, &m.rank);
    MPI_Comm_size(comm, &m.size);
    m.block_rows = mg_run_block_rows(&store->shape);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        m.types[id] = (mg_field_types){-1, -1};
    return m;
}

/* *ret_done: that it could be done so. Aggregators and hints are wishes for MPI-IO. */
static mg_status merge_directly(merger *m, mg_merge_sums *sums, bool *ret_done, mg_error *err)
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
    merger m = merger_of(comm, path, store, method, plan);
    bool done = false;
    *ret = (mg_merge_sums){0};
    mg_status status = mg_agree(comm, make_room(&m, err), err);
    if (status == MG_OK) status = merge_directly(&m, ret, &done, err);
    if (status == MG_OK && !done) {
        status = open_file(&m, err);
        if (status == MG_OK) status = open_sets(&m, err);
        if (status == MG_OK) status = fill(&m, ret, err);
        status = close_file(&m, status, err);
    } else {
        close_sets(&m);
    }
    if (status == MG_OK) status = mg_agree(comm, sync_file(path, err), err);
    release(&m);
    return status;
}

void mg_merge_sums_destroy(mg_merge_sums *sums)
{
    free(sums->sum);
    *sums = (mg_merge_sums){0};
}

/* --- reading back --- */

/* The sums of the rank after this one, whose blocks this one reads. */
static void exchange_sums(const merger *m, const mg_merge_sums *mine, mg_merge_sums *theirs)
{
    enum { PIECE = 1 << 24 };
    int after = (m->rank + 1) % m->size, before = (m->rank + m->size - 1) % m->size;
    int64_t out = mine->n * mine->a_block, in = theirs->n * theirs->a_block;
    for (int64_t at = 0; at < out || at < in; at += PIECE) {
        int n_out = (int)smaller(out > at ? out - at : 0, PIECE), n_in = (int)smaller(in > at ? in - at : 0, PIECE);
        MPI_Sendrecv(mine->sum + (n_out > 0 ? at : 0), n_out, MPI_UINT64_T, n_out > 0 ? before : MPI_PROC_NULL,
                     MG_TAG_SUMS, theirs->sum + (n_in > 0 ? at : 0), n_in, MPI_UINT64_T,
                     n_in > 0 ? after : MPI_PROC_NULL, MG_TAG_SUMS, m->comm, MPI_STATUS_IGNORE);
    }
}

static mg_status verify_block(merger *m, int64_t first, int64_t end, uint64_t *sum, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        int64_t n_sets = is_seen(m, id) ? mg_field_n_sets(id, &m->store->shape) : 0;
        for (int64_t s = 0; s < n_sets && status == MG_OK; s++)
            status = read_rows(m, id, s, first, end, err);
    }
    return status == MG_OK ? visit_chunks(m, first, end, compare_sum, sum, err) : status;
}

static mg_status verify_blocks(merger *m, int writer, const mg_merge_sums *sums, mg_error *err)
{
    int64_t n = m->store->shape.n_windows;
    mg_status status = MG_OK;
    if (m->plan->is_virtual && !mg_run_allow_files(smaller(m->block_rows, n) / m->store->shard_size + 2))
        status = mg_fail(err, MG_EIO, "the system allows too few open files to read %s back (ulimit -n)", m->path);
    if (status == MG_OK) status = mg_h5_open_file(m->path, &m->file, err);
    for (int64_t b = 0; b < sums->n && status == MG_OK; b++) {
        int64_t first = (b * m->size + writer) * m->block_rows, end = smaller(first + m->block_rows, n);
        status = verify_block(m, first, end, sums->sum + b * sums->a_block, err);
    }
    mg_error ignored; /* what was open stays open only after a failure that is told already */
    mg_h5_close_file(m->file, &ignored);
    return status;
}

mg_status mg_merge_verify(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                          const mg_merge_plan *plan, const mg_merge_sums *sums, mg_error *err)
{
    merger m = merger_of(comm, path, store, method, plan);
    int writer = (m.rank + 1) % m.size;
    mg_status status = make_room(&m, err);
    mg_merge_sums theirs = {.n = count_blocks(&m, writer), .a_block = sums->a_block};
    if (status == MG_OK) status = mg_alloc(&theirs.sum, (size_t)(theirs.n * theirs.a_block), sizeof *theirs.sum, err);
    status = mg_agree(comm, status, err);
    if (status == MG_OK) {
        exchange_sums(&m, sums, &theirs);
        status = mg_agree(comm, verify_blocks(&m, writer, &theirs, err), err);
    }
    close_sets(&m);
    release(&m);
    mg_merge_sums_destroy(&theirs);
    return status;
}

/* --- checksums --- */

/* Sums of a block into those of the file: there each dataset has all its chunks together. */
static void place_sums(const merger *m, int64_t first, int64_t end, const uint64_t *block, uint64_t *all)
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
static void gather_sums(const merger *m, const mg_merge_sums *sums, uint64_t *room, uint64_t *all)
{
    int64_t n = m->store->shape.n_windows, a_block = sums->a_block;
    for (int64_t b = 0; b < sums->n && m->rank != 0; b++)
        MPI_Send(sums->sum + b * a_block, (int)a_block, MPI_UINT64_T, 0, MG_TAG_SUMS, m->comm);
    for (int writer = 0; writer < m->size && m->rank == 0; writer++)
        for (int64_t b = 0; b < count_blocks(m, writer); b++) {
            int64_t first = (b * m->size + writer) * m->block_rows, end = smaller(first + m->block_rows, n);
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
    merger m = merger_of(comm, path, store, method, &everything);
    uint64_t *all = NULL, *room = NULL;
    m.block_rows = smaller(m.block_rows, shape->n_windows > 0 ? shape->n_windows : 1);
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
