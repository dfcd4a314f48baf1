/* reduce.h  from the shards' agreement to the aggregates of the run, each metric and group by one rank
 *
 * The windows are not collected. Ranks read the shard files piece by piece, in the order of the run, and send what they
 * read to the ranks that summarise it (src/statistics/summary.h), which keep it for three sweeps in a file. A metric in
 * a group has one owner, who sees all windows in their order; so the aggregates have the same bits for any number of
 * ranks. What an owner keeps in memory grows with the clusters; when that would be too much at once, it takes its
 * metrics in several rounds. Ranks that own nothing help with the bootstrap (mpi/replicates.h).
 */
#ifndef MG_MPI_REDUCE_H
#define MG_MPI_REDUCE_H

#include <mpi.h>
#include <stdint.h>

#include "io/run/shard_h5.h"
#include "src/statistics/summary.h"
#include "src/core/status.h"

/* mg_reduce()  all rows and pairs of the summary
 *
 * Purpose:  Collective over comm; all arguments but row and pair are the same on all ranks.
 * Args:     row  - OUT on rank 0 (metrics, MG_N_GROUPS, n_methods + n_baselines); other ranks: the same room, contents not told
 *           pair - OUT on rank 0 (metrics, MG_N_GROUPS, contests); likewise
 * Returns:  the agreed status (mg_agree).
 */
mg_status mg_reduce(MPI_Comm comm, const mg_shard_store *store, uint64_t seed, int64_t n_bootstrap, mg_summary_row *row,
                    mg_summary_pair *pair, mg_error *err);

/* mg_reduce_bytes()  memory that it takes on a rank of `size`, for the plan */
int64_t mg_reduce_bytes(const mg_shard_store *store, int size, int64_t n_bootstrap);

#endif
