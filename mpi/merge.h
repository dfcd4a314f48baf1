/* merge.h  all ranks together fill run.h5 from the shard files, through parallel HDF5, and read it back */
#ifndef MG_MPI_MERGE_H
#define MG_MPI_MERGE_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"
#include "src/core/status.h"

/* How the file is written. What is in it does not depend on this. */
typedef struct {
    bool is_virtual;       /* fields by position stay in the shards (mg_run.shards) */
    bool has_rows;         /* fields by position are in the file already, by mpi/early.h, which looks after them */
    int64_t align;         /* as mg_run.align */
    int64_t n_aggregators; /* ranks that gather and write for all; 0: each rank writes what it has read */
    const char *hints;     /* "key=value,key=value": further hints to MPI-IO; NULL: none */
    const char
        *shards_from; /* the folder from which a virtual layout finds its shards while the file is read back: it has
                              * not its lasting place yet. ${ORIGIN} is that of the file, and so is NULL. */
} mg_merge_plan;

/* Checksums of the chunks in the blocks that this rank has written: in each block by field, dataset and chunk
 * (io/run/run_seal.h). */
typedef struct {
    int64_t n; /* blocks */
    int64_t a_block;
    uint64_t *sum; /* owned: (n, a_block); the last block of all may leave some unused */
} mg_merge_sums;

/* mg_merge()  fill the window datasets of a file that mg_run_lay_out() made, and sync it
 *
 * Purpose:  Blocks of mg_run_block_rows() windows go to the ranks in turn; each rank reads the shard files of its block
 *           and all write at once, those without a block too. No two ranks write to one chunk, and memory is bounded by
 *           one block and one shard. What is in the file does not depend on the number of ranks.
 *           Collective over comm; path, store, method and plan are the same on all ranks.
 * Args:     ret - OUT, for mg_merge_sums_destroy(), in any case
 * Returns:  the agreed status (mg_agree). On failure the file is of no use.
 */
mg_status mg_merge(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                   const mg_merge_plan *plan, mg_merge_sums *ret, mg_error *err);

/* mg_merge_verify()  read the file back as anybody would, and see that it holds what was written
 *
 * Purpose:  Every rank reads the blocks of the rank after it, from the disk where the system can be asked to forget what
 *           it has in memory, and compares their sums; all fields but those of plan->has_rows. Collective over comm.
 * Returns:  the agreed status; MG_EIO naming dataset and windows that do not read back as they were written.
 */
mg_status mg_merge_verify(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                          const mg_merge_plan *plan, const mg_merge_sums *sums, mg_error *err);

/* mg_merge_seal()  put the checksums behind the file, from which every reader tells damage
 *
 * Purpose:  Rank 0 gathers the sums of all blocks and writes them with mg_run_seal(); it syncs the file when it gives it its
 *           name. Collective over comm.
 * Returns:  the agreed status */
mg_status mg_merge_seal(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                        const mg_merge_sums *sums, mg_error *err);

void mg_merge_sums_destroy(mg_merge_sums *sums);

/* mg_merge_check_hints()  are hints what they should be? MG_EUSAGE when not; NULL is fine. Not collective. */
mg_status mg_merge_check_hints(const char *hints, mg_error *err);

/* mg_merge_bytes()  memory that it takes on a rank, for the plan */
int64_t mg_merge_bytes(const mg_shard_store *store);

#endif
