/* team.c  one parallel loop over the windows of a shard */
#include "src/shard/team.h"

#include <omp.h>
#include <stdlib.h>

#include "src/core/memory.h"

struct mg_team {
    int n_threads;
    size_t n_studies;
    mg_worker **worker; /* owned, (n_threads, n_studies) */
};

/* The failure of the lowest failing item of a loop, whatever the order in which threads meet it. */
typedef struct {
    int64_t item; /* INT64_MAX: none */
    mg_status status;
    mg_error *err;
} first_failure;

static void note_failure(first_failure *first, int64_t item, mg_status status, const mg_error *err)
{
#pragma omp critical(mg_team_failure)
    if (item < first->item) {
        first->status = status;
        if (first->err != NULL) *first->err = *err;
#pragma omp atomic write
        first->item = item;
    }
}

static int64_t lowest_failure(const first_failure *first)
{
    int64_t item;
#pragma omp atomic read
    item = first->item;
    return item;
}

mg_status mg_team_create_of(const mg_study *const *study, size_t n_studies, int n_threads, mg_team **ret, mg_error *err)
{
    first_failure first = {.item = INT64_MAX, .status = MG_OK, .err = err};
    mg_team *team = NULL;
    mg_status status = mg_alloc(&team, 1, sizeof *team, err);
    if (status != MG_OK) return status;
    team->n_threads = n_threads;
    team->n_studies = n_studies;
    status = mg_alloc(&team->worker, (size_t)n_threads * n_studies, sizeof(mg_worker *), err);
    if (status != MG_OK) goto cleanup;
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
    for (int t = 0; t < n_threads; t++) {
        mg_error mine = {0};
        mg_status made = mg_worker_create_of(study, n_studies, team->worker + (size_t)t * n_studies, &mine);
        if (made != MG_OK) note_failure(&first, t, made, &mine);
    }
    status = first.status;
cleanup:
    if (status != MG_OK) {
        mg_team_destroy(team);
        return status;
    }
    *ret = team;
    return MG_OK;
}

mg_status mg_team_create(const mg_study *study, int n_threads, mg_team **ret, mg_error *err)
{
    return mg_team_create_of(&study, 1, n_threads, ret, err);
}

void mg_team_destroy(mg_team *team)
{
    if (team == NULL) return;
    for (size_t w = 0; team->worker != NULL && w < (size_t)team->n_threads * team->n_studies; w++)
        mg_worker_destroy(team->worker[w]);
    free(team->worker);
    free(team);
}

mg_status mg_team_work(mg_team *team, const mg_shard *shard, mg_result *result, const mg_tick *tick, mg_error *err)
{
    first_failure first = {.item = INT64_MAX, .status = MG_OK, .err = err};
#pragma omp parallel for schedule(dynamic, 1) num_threads(team->n_threads)
    for (int64_t i = 0; i < shard->n; i++) {
        if (i > lowest_failure(&first)) continue;
        int t = omp_get_thread_num();
        mg_error mine = {0};
        mg_status status =
            mg_worker_windows(team->worker + (size_t)t * team->n_studies, team->n_studies, shard, i, result, &mine);
        if (status != MG_OK) note_failure(&first, i, status, &mine);
        if (t == 0 && tick != NULL) tick->call(tick->context);
    }
    return first.status;
}

void mg_team_costs(const mg_team *team, size_t k, double *seconds, int64_t *n)
{
    for (int t = 0; t < team->n_threads; t++)
        mg_worker_costs(team->worker[(size_t)t * team->n_studies + k], seconds, n);
}

size_t mg_team_n_sharing(const mg_team *team)
{
    size_t n = 0;
    for (size_t k = 1; k < team->n_studies; k++)
        n += mg_worker_follows(team->worker[k]);
    return n;
}
