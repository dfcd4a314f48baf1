/* layout.h  where the ranks sit, how many threads each may have, and whether that is a good idea */
#ifndef MG_MPI_LAYOUT_H
#define MG_MPI_LAYOUT_H

#include <mpi.h>
#include <stdint.h>

#include "src/core/status.h"

typedef struct {
    int n_ranks, n_nodes;
    int n_threads;         /* of this rank */
    int n_cores;           /* this rank may use */
    int64_t n_threads_all; /* of all ranks */
    char *hosts;           /* owned: a line a node, "n01: ranks 0-3, 8 threads"; the same on all ranks */
    char *warning;         /* owned: a sentence for the user, NULL when all is well; the same on all ranks */
} mg_layout;

/* mg_layout_find()  look at nodes and cores and choose the number of threads
 *
 * Purpose:  n_wanted > 0: that many threads. 0: OMP_NUM_THREADS where it is set, else all cores that this rank may use,
 *           shared fairly with the ranks of its node that may use the same ones. Collective over comm.
 * Returns:  the agreed status; mg_layout_destroy() in either case.
 */
mg_status mg_layout_find(MPI_Comm comm, int64_t n_wanted, mg_layout *ret, mg_error *err);
void mg_layout_destroy(mg_layout *layout); /* frees what it holds, not the struct */

#endif
