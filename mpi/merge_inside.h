/* merge_inside.h  the parts of mpi/merge.h among themselves: a merge under way
 *
 * merge_block.c moves a block of windows between shard files, memory and OUT; merge_file.c has the file, its datasets and the room
 * for a block; merge.c writes block after block, together or each rank for itself; merge_verify.c reads back and seals. Block
 * number k of the windows is that of rank k modulo the number of ranks.
 */
#ifndef MG_MPI_MERGE_INSIDE_H
#define MG_MPI_MERGE_INSIDE_H

#include "io/run/field_h5.h"
#include "mpi/merge.h"

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
} mg_merger;

static inline int64_t mg_merge_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Fields that are read from the shards and read back. */
static inline bool mg_merge_is_seen(const mg_merger *m, mg_field_id id)
{
    return mg_field_is_kept(id, &m->store->shape) && !(m->plan->has_rows && mg_field_is_by_position(id));
}

/* Of these, those that are written; the others lie in the shards. */
static inline bool mg_merge_is_written(const mg_merger *m, mg_field_id id)
{
    return mg_merge_is_seen(m, id) && !(m->plan->is_virtual && mg_field_is_by_position(id));
}

static inline void mg_merge_path(const mg_merger *m, mg_field_id id, int64_t s, char path[MG_FIELD_PATH])
{
    const mg_run_shape *shape = &m->store->shape;
    mg_field_path(id, shape, s, m->method[mg_field_method(id, shape, s)].name, path);
}

/* --- merge_block.c --- */

/* mg_merge_read_block()  windows [first, end) of all fields from the shard files that hold them. Not collective.
 * Returns: MG_OK; MG_ESTOP; what is wrong with a shard file */
mg_status mg_merge_read_block(mg_merger *m, int64_t first, int64_t end, mg_error *err);

/* What is done with one chunk of the rank's block: `bytes` are windows first .. first + n - 1 of dataset s of a field. */
typedef mg_status mg_merge_act(const mg_merger *m, mg_field_id id, int64_t s, const void *bytes, int64_t n_bytes,
                               int64_t first, int64_t n, uint64_t *sum, mg_error *err);

/* mg_merge_visit()  all chunks of a block, by field, dataset and chunk; sum: (mg_run_n_sums()) goes along */
mg_status mg_merge_visit(const mg_merger *m, int64_t first, int64_t end, mg_merge_act *act, uint64_t *sum,
                         mg_error *err);

/* mg_merge_write_block()  the block into the open file. Collective: each rank makes the same calls whatever fails; first == end:
 *                         nothing of its own
 * mg_merge_read_rows()    windows [first, end) of one dataset back into the block. Not collective. */
mg_status mg_merge_write_block(const mg_merger *m, int64_t first, int64_t end, mg_error *err);
mg_status mg_merge_read_rows(const mg_merger *m, mg_field_id id, int64_t s, int64_t first, int64_t end, mg_error *err);

/* mg_merge_n_blocks()  blocks of a rank; they follow each other at a distance of `size` blocks */
int64_t mg_merge_n_blocks(const mg_merger *m, int rank);

/* --- merge_file.c --- */

/* mg_merger_of()         a merge with nothing open and no room yet
 * mg_merger_make_room()  memory for a block, and the types of fields; block_rows becomes no more than there are windows
 * mg_merger_release()    frees the room */
mg_merger mg_merger_of(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                       const mg_merge_plan *plan);
mg_status mg_merger_make_room(mg_merger *m, mg_error *err);
void mg_merger_release(mg_merger *m);

/* mg_merger_open(), mg_merger_open_sets()  the file on all ranks, and its datasets. Collective; the agreed status.
 * mg_merger_close()       both again. Collective; status: what came of the work, which is returned unless closing fails too
 * mg_merger_close_sets()  the datasets alone, where no file is open */
mg_status mg_merger_open(mg_merger *m, mg_error *err);
mg_status mg_merger_open_sets(mg_merger *m, mg_error *err);
mg_status mg_merger_close(mg_merger *m, mg_status status, mg_error *err);
void mg_merger_close_sets(mg_merger *m);

/* mg_merger_sync()  what this rank has written, to the disk. Not collective. */
mg_status mg_merger_sync(const char *path, mg_error *err);

#endif
