/* team.h  the threads of one rank: each has its own worker, and together they work on the windows of a shard */
#ifndef MG_SHARD_TEAM_H
#define MG_SHARD_TEAM_H

#include "src/core/status.h"
#include "src/shard/shard.h"
#include "src/shard/study.h"

typedef struct mg_team mg_team;

/* What the first thread does between two of its windows, such as answering messages: only that thread may call MPI. */
typedef struct {
    void (*call)(void *context);
    void *context;
} mg_tick;

/* mg_team_create()  n_threads workers, each made by the thread that will use it, so that its memory lies near.
 * Returns: MG_OK and *ret for mg_team_destroy(), or the first worker's failure. */
mg_status mg_team_create(const mg_study *study, int n_threads, mg_team **ret, mg_error *err);
void mg_team_destroy(mg_team *team); /* NULL is fine */

/* mg_team_work()  work on all windows of a shard; window i fills slot i of the result, whichever thread takes it
 *
 * Args:     tick - called by the calling thread between its windows; NULL: nothing
 * Returns:  MG_OK, or the failure of the lowest failing window (windows after it may be left out).
 */
mg_status mg_team_work(mg_team *team, const mg_shard *shard, mg_result *result, const mg_tick *tick, mg_error *err);

/* mg_team_costs()  as mg_worker_costs(), of all threads */
void mg_team_costs(const mg_team *team, double *seconds, int64_t *n);

#endif
