/* merge_file.c  the file that is merged into, on all ranks: hints, datasets, room for a block (merge_inside.h) */
#include "mpi/merge_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/h5.h"
#include "mpi/agree.h"
#include "src/core/memory.h"

mg_status mg_merger_make_room(mg_merger *m, mg_error *err)
{
    const mg_run_shape *shape = &m->store->shape;
    size_t largest = 0;
    int64_t rows = mg_merge_least(m->block_rows, shape->n_windows),
            shard_rows = mg_merge_least(m->store->shard_size, shape->n_windows);
    m->block_rows = rows > 0 ? rows : 1;
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!mg_merge_is_seen(m, id)) continue;
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
mg_status mg_merger_open(mg_merger *m, mg_error *err)
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
mg_status mg_merger_open_sets(mg_merger *m, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = mg_merge_is_written(m, id) ? mg_field_n_sets(id, &m->store->shape) : 0;
        for (int64_t s = 0; s < n_sets; s++) {
            char path[MG_FIELD_PATH];
            mg_merge_path(m, id, s, path);
            m->set[id][s] = H5Dopen2(m->file, path, H5P_DEFAULT);
            if (m->set[id][s] < 0 && status == MG_OK)
                status = mg_h5_fail(err, MG_EIO, "cannot open dataset %s of %s", path, m->path);
        }
    }
    return mg_agree(m->comm, status, err);
}

void mg_merger_close_sets(mg_merger *m)
{
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        int64_t n_sets = m->set[id] == NULL ? 0 : mg_field_n_sets(id, &m->store->shape);
        for (int64_t s = 0; s < n_sets; s++)
            mg_h5_close_dataset(m->set[id][s]);
        mg_field_close_types(&m->types[id]);
    }
    mg_h5_close_list(m->transfer);
}

void mg_merger_release(mg_merger *m)
{
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        free(m->block[id]);
        free(m->set[id]);
    }
    free(m->shard);
}

/* Closing is collective as well, and what the file system refused may be told only then. */
mg_status mg_merger_close(mg_merger *m, mg_status status, mg_error *err)
{
    mg_error mine;
    mg_merger_close_sets(m);
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
mg_status mg_merger_sync(const char *path, mg_error *err)
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

mg_merger mg_merger_of(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                       const mg_merge_plan *plan)
{
    mg_merger m = {
        .comm = comm, .path = path, .store = store, .method = method, .plan = plan, .file = -1, .transfer = -1};
    MPI_Comm_rank(comm, &m.rank);
    MPI_Comm_size(comm, &m.size);
    m.block_rows = mg_run_block_rows(&store->shape);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        m.types[id] = (mg_field_types){-1, -1};
    return m;
}
