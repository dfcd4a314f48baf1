/* handout.h  rank 0 gives out shards on demand, and works on shards itself
 *
 * The conversation: a worker asks (MG_TAG_ASK) and gets a shard with its windows and bases, or an empty message when
 * there are no more (MG_TAG_SHARD). It asks for the next shard before it begins with the one it has, so the answer
 * travels while it works; but not towards the end, when a shard that waits at a slow rank would be missed at a quick
 * one: rank 0 says so with each shard. The worker's last message, after its last shard or its first failure, says that
 * it has finished and how. Rank 0 answers between the windows it works on.
 *
 * When anything fails on whatever rank, or a rank is told not to go on, it says so at once; rank 0 gives out no more and
 * tells everybody (MG_TAG_STOP), so each rank finishes the shard that it has begun and leaves one that waits.
 *
 * Needs MPI_THREAD_FUNNELED: only the thread that called mg_handout() speaks to other ranks.
 */
#ifndef MG_MPI_HANDOUT_H
#define MG_MPI_HANDOUT_H

#include <mpi.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/shard/shard.h"
#include "src/shard/team.h"

typedef struct {
    int64_t n_shards;
    int64_t shard_size; /* windows a shard, at most */
    int64_t length;     /* L */
} mg_handout_plan;

typedef struct {
    void *context;
    /* rank 0: shard k of the plan, for mg_shard_destroy() */
    mg_status (*make)(void *context, int64_t k, mg_shard *ret, mg_error *err);
    /* every rank: do all that is to be done with a shard, calling tick often */
    mg_status (*work)(void *context, const mg_shard *shard, const mg_tick *tick, mg_error *err);
    /* every rank, often: MG_OK, or MG_ESTOP when no further shard is to be begun. slowest: seconds that a shard took at
     * most so far, on this rank, and on rank 0: on any */
    mg_status (*go_on)(void *context, double slowest, mg_error *err);
    /* rank 0, often: n_windows of the plan are done */
    void (*progress)(void *context, int64_t n_windows);
} mg_handout_calls;

/* mg_handout()  have all shards of the plan worked on by all ranks
 *
 * Purpose:  Collective over comm; the plan is the same on all ranks. Each shard goes to at most one rank, and rank 0
 *           makes them in order.
 * Returns:  the agreed status (mg_agree): MG_OK on all ranks when every shard was worked on, else the lowest failing
 *           rank's, and shards that were begun before the failure was heard of are done; so with MG_ESTOP.
 */
mg_status mg_handout(MPI_Comm comm, const mg_handout_plan *plan, const mg_handout_calls *calls, mg_error *err);

#endif
