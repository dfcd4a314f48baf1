/* direct.c  places from HDF5, bytes by pwrite() */
#include "mpi/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/h5.h"
#include "mpi/agree.h"
#include "src/core/memory.h"

static bool is_written(const mg_shard_store *store, mg_field_id id, mg_direct_fields fields)
{
    bool by_position = mg_field_is_by_position(id);
    bool wanted = fields == MG_DIRECT_ALL || by_position == (fields == MG_DIRECT_ROWS);
    return wanted && mg_field_is_kept(id, &store->shape);
}

static bool on_one_node(MPI_Comm comm)
{
    MPI_Comm node;
    int size, n_near;
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &n_near);
    MPI_Comm_size(comm, &size);
    MPI_Comm_free(&node);
    return n_near == size;
}

/* Where one dataset lies; false: nowhere in one piece, or with other bytes than this machine has in memory. */
static bool find_place(hid_t file, const char *path, const mg_field_types *types, int64_t *ret)
{
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    haddr_t at = set >= 0 ? H5Dget_offset(set) : HADDR_UNDEF;
    bool same = H5Tequal(types->in_file, types->in_memory) > 0;
    mg_h5_close_dataset(set);
    *ret = (int64_t)at;
    return at != HADDR_UNDEF && same;
}

static mg_status find_places(hid_t file, const mg_shard_store *store, const mg_run_method *method,
                             mg_direct_fields fields, mg_direct *direct, bool *ret_possible, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK && *ret_possible; id++) {
        int64_t n_sets = is_written(store, id, fields) ? mg_field_n_sets(id, &store->shape) : 0;
        mg_field_types types = {-1, -1};
        if (n_sets == 0) continue;
        status = mg_alloc(&direct->place[id], (size_t)n_sets, sizeof(int64_t), err);
        if (status == MG_OK) status = mg_field_open_types(id, (size_t)store->shape.length, &types, err);
        for (int64_t s = 0; s < n_sets && status == MG_OK && *ret_possible; s++) {
            char path[MG_FIELD_PATH];
            mg_field_path(id, &store->shape, s, method[mg_field_method(id, &store->shape, s)].name, path);
            *ret_possible = find_place(file, path, &types, &direct->place[id][s]);
        }
        mg_field_close_types(&types);
    }
    return status;
}

mg_status mg_direct_open(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                         mg_direct_fields fields, mg_direct *ret, mg_error *err)
{
    hid_t file = -1;
    bool possible = store->shape.n_windows > 0;
    mg_error ignored;
    *ret = (mg_direct){.file = -1, .path = path};
    if (!on_one_node(comm) || !possible) return MG_OK;
    mg_status status = MG_OK;
    if (mg_h5_open_file(path, &file, &ignored) != MG_OK)
        status = mg_fail(err, MG_EIO, "cannot open %s to fill it", path);
    if (status == MG_OK) status = find_places(file, store, method, fields, ret, &possible, err);
    mg_h5_close_file(file, &ignored); /* it was only read */
    if (status == MG_OK && possible && (ret->file = open(path, O_WRONLY | O_CLOEXEC)) < 0)
        status = mg_fail(err, MG_EIO, "cannot open %s: %s", path, strerror(errno));
    return mg_agree(comm, status, err);
}

mg_status mg_direct_write(const mg_direct *direct, mg_field_id id, const mg_run_shape *shape, int64_t s, int64_t first,
                          int64_t n, const void *rows, mg_error *err)
{
    int64_t row = (int64_t)mg_field_row_bytes(id, shape), at = direct->place[id][s] + first * row, left = n * row;
    const char *from = rows;
    while (left > 0) {
        ssize_t done = pwrite(direct->file, from, (size_t)left, (off_t)at);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0)
            return mg_fail(err, MG_EIO, "cannot write %s: %s", direct->path, strerror(done < 0 ? errno : ENOSPC));
        from += done;
        at += done;
        left -= done;
    }
    return MG_OK;
}

void mg_direct_push(const mg_direct *direct)
{
#if defined(SYNC_FILE_RANGE_WRITE)
    sync_file_range(direct->file, 0, 0, SYNC_FILE_RANGE_WRITE); /* what fails here is told by fsync() */
#else
    (void)direct;
#endif
}

mg_status mg_direct_close(mg_direct *direct, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        free(direct->place[id]);
    if (direct->file >= 0 && close(direct->file) != 0)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", direct->path, strerror(errno));
    *direct = (mg_direct){.file = -1};
    return status;
}
