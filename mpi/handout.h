/* handout.h  rank 0 gives out shards on demand, and works on shards itself
 *
 * The conversation: a worker asks (MG_TAG_ASK) and gets a shard with its windows and bases, or an empty message when
 * there are no more (MG_TAG_SHARD). It asks for the next shard before it begins with the one it has, so the answer
 * travels while it works. Its last message, after its last shard or its first failure, says that it has finished and
 * how. Rank 0 answers between the windows it works on. When anything fails, on whatever rank, rank 0 gives out no more.
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
    /* rank 0, may be NULL: n_windows of the run are done */
    void (*progress)(void *context, int64_t n_windows);
} mg_handout_calls;

/* mg_handout()  have all shards of the plan worked on by all ranks
 *
 * Purpose:  Collective over comm; the plan is the same on all ranks. Each shard goes to exactly one rank.
 * Returns:  the agreed status (mg_agree): MG_OK on all ranks when every shard was worked on, else the lowest failing
 *           rank's; shards that were begun before the failure was heard of may be done.
 */
mg_status mg_handout(MPI_Comm comm, const mg_handout_plan *plan, const mg_handout_calls *calls, mg_error *err);

#endif
