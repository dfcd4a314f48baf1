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

/* This thread's windows of this rank's share. */
static mg_status scan_some(const mg_job_setting *setting, const mg_job_explainer *explainer, mg_average *average,
                           const mg_base *base, mg_error *err)
{
    int size, thread = omp_get_thread_num(), n_threads = omp_get_num_threads();
    mg_worker *worker = NULL;
    MPI_Comm_size(setting->comm, &size);
    mg_status status = mg_worker_create(explainer->study, &worker, err);
    for (int64_t k = setting->rank + (int64_t)size * thread; k < average->n && status == MG_OK;
         k += (int64_t)size * n_threads)
        status = mg_worker_effects(worker, base + k * average->length, average->effect + k * average->length, err);
    mg_worker_destroy(worker);
    return status;
}

static mg_status scan_share(const mg_job_setting *setting, const mg_job_explainer *explainer, mg_average *average,
                            const mg_base *base, mg_error *err)
{
    mg_status status = MG_OK;
#pragma omp parallel num_threads(setting->layout.n_threads)
    {
        mg_error mine = {0};
        mg_status got = scan_some(setting, explainer, average, base, &mine);
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

static mg_status scan_sample(const mg_job_setting *setting, const mg_job_explainer *explainer,
                             const mg_job_given *given, int64_t n_windows, mg_average *average, mg_error *err)
{
    int64_t length = explainer->model.network->length, n = mg_average_size(n_windows, length);
    size_t n_bytes = (size_t)(n * length);
    mg_base *base = NULL;
    mg_status status = mg_average_create(n, length, average, err);
    if (status == MG_OK && setting->rank == 0) status = mg_alloc(&base, n_bytes, sizeof *base, err);
    if (status == MG_OK && setting->rank == 0) status = pick_windows(given, average, base, err);
    status = mg_agree(setting->comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(setting->comm, &base, &n_bytes, err);
    if (status == MG_OK) status = mg_agree(setting->comm, scan_share(setting, explainer, average, base, err), err);
    if (status == MG_OK) join(setting->comm, average);
    if (status == MG_OK) mg_average_finish(average);
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

mg_status mg_job_begin_baselines(const mg_job_setting *setting, mg_job_explainer *explainer, const mg_job_given *given,
                                 const mg_shard_store *shards, mg_error *err)
{
    mg_average average = {0};
    mg_status status = scan_sample(setting, explainer, given, shards->shape.n_windows, &average, err);
    if (status == MG_OK) mg_study_add_baselines(explainer->study, &average);
    mg_average_destroy(&average);
    return status;
}
