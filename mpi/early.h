/* early.h  the rows of a shard go into run.h5 as soon as they are there, beside the shard's own file
 *
 * What has a number for each position of a window is nearly all of a run. To copy it from the shards after the last window
 * takes as long as the disk needs to take it in once more. So each rank writes the rows of its shards to their place in
 * run.h5 while it works, and the system brings them to the disk meanwhile. Shards stay what they are, whole and safe by
 * themselves: what a session that was killed has written here is not believed, and its shards are copied in the end.
 * Rows have sums, taken from memory and added up by block, by which what is read back is known to be the same.
 *
 * It takes what mpi/direct.h takes: ranks on one node, and nothing compressed.
 */
#ifndef MG_MPI_EARLY_H
#define MG_MPI_EARLY_H

#include <mpi.h>

#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"
#include "mpi/merge.h"
#include "src/core/status.h"

typedef struct mg_early mg_early;

/* mg_early_open()  for a file that mg_run_lay_out_rows() made
 *
 * Purpose:  Collective over comm; all arguments but ret are the same on all ranks, and must outlive it.
 * Args:     ret - OUT, for mg_early_close(); NULL on all ranks when rows cannot be written so
 * Returns:  the agreed status
 */
mg_status mg_early_open(MPI_Comm comm, const char *path, const mg_shard_store *store, const mg_run_method *method,
                        mg_early **ret, mg_error *err);
void mg_early_close(mg_early *early); /* NULL is fine */

/* mg_early_put()  the rows of a shard that this rank has worked on, and whose file is safe. Not collective. What fails here is
 * no failure: then all shards are copied in the end, which tells if it fails again. */
void mg_early_put(mg_early *early, const mg_shard *shard, const mg_result *result);

/* mg_early_complete()  copy the shards that no rank has put. Collective; returns the agreed status. */
mg_status mg_early_complete(mg_early *early, mg_error *err);

/* mg_early_verify()  read all rows back, as mg_merge_verify() does the rest, when the file has been synced
 *
 * Args:     inout - the checksums that mg_merge() made; those of the rows are put to them, of what was read
 * Returns:  the agreed status; MG_EIO naming the windows that do not read back as they were written. Collective.
 */
mg_status mg_early_verify(mg_early *early, mg_merge_sums *inout, mg_error *err);

#endif
