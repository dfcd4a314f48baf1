/* merge.h  all ranks together fill run.h5 from the shard files, through parallel HDF5 */
#ifndef MG_MPI_MERGE_H
#define MG_MPI_MERGE_H

#include <mpi.h>

#include "io/run_h5.h"
#include "io/shard_h5.h"
#include "src/core/status.h"

/* mg_merge()  fill the window datasets of a file that mg_run_lay_out() made
 *
 * Purpose:  Blocks of mg_run_block_rows() windows go to the ranks in turn; each rank reads the shard files of its block
 *           and all write at once, those without a block too. No two ranks write to one chunk, and memory is bounded by
 *           one block and one shard. What is in the file does not depend on the number of ranks.
 *           Collective over comm; path, store and method are the same on all ranks.
 * Returns:  the agreed status (mg_agree). On failure the file is of no use.
 */
mg_status mg_merge(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                   mg_error *err);

/* mg_merge_bytes()  memory that it takes on a rank, for the plan */
int64_t mg_merge_bytes(const mg_shard_store *store);

#endif
