/* reduce.h  from the shards' agreement to the aggregates of the run, each metric by one rank
 *
 * Every window has a slot in a column of 32-bit numbers. Each rank fills the slots of its shards and leaves zero in the
 * others; a bitwise OR over the ranks then gives the column with exactly the bits that were computed, whoever computed
 * them. One rank aggregates a metric, in window order. So the aggregates have the same bits for any number of ranks.
 */
#ifndef MG_MPI_REDUCE_H
#define MG_MPI_REDUCE_H

#include <mpi.h>
#include <stdint.h>

#include "io/shard_h5.h"
#include "src/agreement/summary.h"
#include "src/core/status.h"

/* mg_reduce()  all rows and pairs of the summary
 *
 * Purpose:  Ranks read the shard files in turn (shard k: rank k mod size), send the columns of each metric to the
 *           metric's owner, who aggregates it; rows and pairs go to rank 0. Collective over comm; all arguments but row
 *           and pair are the same on all ranks.
 * Args:     row  - OUT on rank 0 (MG_N_METRICS, MG_N_GROUPS, n_methods); other ranks: the same room, contents not told
 *           pair - OUT on rank 0 (MG_N_METRICS, MG_N_GROUPS, mg_summary_n_pairs(n_methods)); likewise
 * Returns:  the agreed status (mg_agree).
 */
mg_status mg_reduce(MPI_Comm comm, const mg_shard_store *store, uint64_t seed, int64_t n_bootstrap, mg_summary_row *row,
                    mg_summary_pair *pair, mg_error *err);

/* mg_reduce_bytes()  memory that it takes on a rank of `size`, for the plan */
int64_t mg_reduce_bytes(const mg_shard_store *store, int size);

#endif
