/* replicates.h  the bootstrap of the ranks' summaries, shared out among threads and, where there are more ranks than
 * summaries, among ranks
 *
 * Replicates depend on their number alone (src/statistics/bootstrap.h), so the rows have the same bits however they are
 * shared out.
 */
#ifndef MG_MPI_REPLICATES_H
#define MG_MPI_REPLICATES_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/statistics/summary.h"

typedef struct {
    uint64_t seed;
    int64_t n_bootstrap; /* replicates; 0: no interval */
    size_t n_methods;
    int n_owners; /* ranks 0 .. n_owners - 1 hold summaries; each further rank helps one of them */
} mg_replicates_plan;

/* mg_replicates()  the rows of all summaries, with their intervals
 *
 * Purpose:  Collective over comm; plan is the same on all ranks.
 * Args:     summary - (n) this rank's, after their last sweep; n is 0 on ranks that own none
 *           row     - OUT (n, n_methods)
 * Returns:  the agreed status (mg_agree).
 */
mg_status mg_replicates(MPI_Comm comm, const mg_replicates_plan *plan, mg_summary *const *summary, size_t n,
                        mg_summary_row *row, mg_error *err);

/* mg_replicates_bytes()  memory that it, and the tests of the pairs, take on a rank with n summaries */
size_t mg_replicates_bytes(const mg_summary_plan *plan, int n);

#endif
