/* baselines.c  what methods are seen between: the sample behind the mean profile, scanned by all ranks before the work
 *
 * Rank 0 has the windows; every rank scans its share of the sample, and the sum of all, zero but for one rank each, is what
 * everybody has. So the profile is the same for any number of ranks.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "mpi/agree.h"
#include "mpi/share.h"
#include "src/core/memory.h"
#include "src/commands/scan/job.h"
#include "src/faithfulness/measure.h"

/* On rank 0: the bases (n, L) and clusters of the sample. */
static mg_status pick_windows(const mg_job_given *given, mg_average *average, mg_base *base, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t k = 0; k < average->n && status == MG_OK; k++) {
        mg_shard_window window;
        int64_t w = mg_average_pick(k, average->n, given->distinct.n_windows);
        status = mg_distinct_windows(&given->distinct, w, 1, &window, base + k * average->length, err);
        average->cluster[k] = window.cluster;
        average->kind[k] = window.kind;
    }
    return status;
}

/* This thread's windows of this rank's share, for every score. */
static mg_status scan_some(const mg_jobs *jobs, const mg_study *const *study, mg_average *average, const mg_base *base,
                           mg_error *err)
{
    int size, thread = omp_get_thread_num(), n_threads = omp_get_num_threads();
    mg_worker *worker[MG_JOB_SCORES] = {NULL};
    float *effect[MG_JOB_SCORES];
    MPI_Comm_size(jobs->job[0].setting.comm, &size);
    mg_status status = mg_worker_create_of(study, jobs->n, worker, err);
    for (int64_t k = jobs->job[0].setting.rank + (int64_t)size * thread; k < average[0].n && status == MG_OK;
         k += (int64_t)size * n_threads) {
        for (size_t j = 0; j < jobs->n; j++)
            effect[j] = average[j].effect + k * average[j].length;
        status = mg_worker_effects_of(worker, jobs->n, base + k * average[0].length, effect, err);
    }
    for (size_t j = 0; j < jobs->n; j++)
        mg_worker_destroy(worker[j]);
    return status;
}

static mg_status scan_share(const mg_jobs *jobs, mg_average *average, const mg_base *base, mg_error *err)
{
    mg_status status = MG_OK;
    const mg_study *study[MG_JOB_SCORES];
    mg_jobs_studies(jobs, study);
#pragma omp parallel num_threads(jobs->job[0].setting.layout.n_threads)
    {
        mg_error mine = {0};
        mg_status got = scan_some(jobs, study, average, base, &mine);
#pragma omp critical(mg_baselines_failed)
        if (got != MG_OK && status == MG_OK) {
            status = got;
            *err = mine;
        }
    }
    return status;
}

/* Numbers that are 0 on all ranks but one. */
static void join(MPI_Comm comm, mg_average *average)
{
    for (int64_t k = 0; k < average->n; k++)
        MPI_Allreduce(MPI_IN_PLACE, average->effect + k * average->length, (int)average->length, MPI_FLOAT, MPI_SUM,
                      comm);
    MPI_Bcast(average->cluster, (int)average->n, MPI_INT64_T, 0, comm);
    MPI_Bcast(average->kind, (int)average->n, MPI_INT32_T, 0, comm);
}

static mg_status scan_sample(const mg_jobs *jobs, mg_average *average, mg_error *err)
{
    const mg_job *lead = &jobs->job[0];
    MPI_Comm comm = lead->setting.comm;
    int64_t length = lead->shards.shape.length, n = mg_average_size(lead->shards.shape.n_windows, length);
    size_t n_bytes = (size_t)(n * length);
    mg_base *base = NULL;
    bool picks = lead->setting.rank == 0;
    mg_status status = MG_OK;
    for (size_t j = 0; j < jobs->n && status == MG_OK; j++)
        status = mg_average_create(n, length, &average[j], err);
    if (status == MG_OK && picks) status = mg_alloc(&base, n_bytes, sizeof *base, err);
    for (size_t j = 0; j < jobs->n && status == MG_OK && picks; j++)
        status = pick_windows(&lead->given, &average[j], base, err);
    status = mg_agree(comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(comm, &base, &n_bytes, err);
    if (status == MG_OK) status = mg_agree(comm, scan_share(jobs, average, base, err), err);
    for (size_t j = 0; j < jobs->n && status == MG_OK; j++) {
        join(comm, &average[j]);
        mg_average_finish(&average[j]);
    }
    free(base);
    return status;
}

mg_status mg_job_list_baselines(const mg_job_setting *setting, mg_job_explainer *explainer, mg_error *err)
{
    size_t n = mg_study_n_methods(explainer->study);
    mg_status status =
        mg_grow(&explainer->method, &explainer->method_room, n + MG_N_BASELINES, sizeof *explainer->method, err);
    for (size_t b = 0; b < MG_N_BASELINES && status == MG_OK; b++) {
        mg_run_method *to = &explainer->method[n + b];
        *to = (mg_run_method){0};
        snprintf(to->name, sizeof to->name, "%s", mg_baselines[b].name);
        snprintf(to->label, sizeof to->label, "%s", mg_baselines[b].label);
        snprintf(to->source, sizeof to->source, "%s", mg_baselines[b].about);
    }
    return mg_agree(setting->comm, status, err);
}

mg_status mg_jobs_begin_baselines(mg_jobs *jobs, mg_error *err)
{
    mg_average average[MG_JOB_SCORES] = {0};
    mg_status status = scan_sample(jobs, average, err);
    for (size_t j = 0; j < jobs->n; j++) {
        if (status == MG_OK) mg_study_add_baselines(jobs->job[j].explainer.study, &average[j]);
        mg_average_destroy(&average[j]);
    }
    return status;
}
