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
 * Returns: MG_OK and *ret for mg_team_destroy(), or the first worker's failure.
 * mg_team_create_of()  for n_studies at once, scores of one network, which share what they can (mg_worker_windows()); the
 * array itself is not kept */
mg_status mg_team_create(const mg_study *study, int n_threads, mg_team **ret, mg_error *err);
mg_status mg_team_create_of(const mg_study *const *study, size_t n_studies, int n_threads, mg_team **ret,
                            mg_error *err);
void mg_team_destroy(mg_team *team); /* NULL is fine */

/* mg_team_work()  work on all windows of a shard; window i fills slot i of the result, whichever thread takes it
 *
 * Args:     result - one a study
 *           tick - called by the calling thread between its windows; NULL: nothing
 * Returns:  MG_OK, or the failure of the lowest failing window (windows after it may be left out).
 */
mg_status mg_team_work(mg_team *team, const mg_shard *shard, mg_result *result, const mg_tick *tick, mg_error *err);

/* mg_team_costs()  as mg_worker_costs(), of study k and all threads */
void mg_team_costs(const mg_team *team, size_t k, double *seconds, int64_t *n);

/* mg_team_n_sharing()  how many studies have a part of their scan in common with the first */
size_t mg_team_n_sharing(const mg_team *team);

#endif
