/* job_work.c  hand out the shards, work on them, keep them; then the aggregates */
#include <inttypes.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/parts.h"
#include "mpi/agree.h"
#include "mpi/handout.h"
#include "mpi/reduce.h"
#include "src/core/memory.h"
#include "src/job.h"
#include "src/sequence/window.h"

/* --- one shard ----------------------------------------------------------------------------------------------------*/

mg_status mg_job_make_shard(const mg_job *job, int64_t k, mg_shard *ret, mg_error *err)
{
    const mg_network *network = job->model.network;
    const mg_candidates *candidates = &job->input.candidates;
    int64_t size = job->shards.shard_size, first = k * size, left = job->shards.shape.n_windows - first;
    bool unknown_is_a = strcmp(job->options->input.unknown, "A") == 0;
    mg_status status = mg_shard_create(left < size ? left : size, network->length, ret, err);
    if (status != MG_OK) return status;
    ret->id = k;
    ret->first = first;
    for (int64_t i = 0; i < ret->n; i++) {
        mg_window counted;
        ret->window[i] = candidates->window[first + i];
        const mg_transcript *transcript = &job->input.transcriptome.transcript[ret->window[i].transcript];
        mg_window_cut(transcript, ret->window[i].start, network->length, network->anchor, unknown_is_a,
                      ret->base + i * network->length, &counted);
    }
    return MG_OK;
}

static mg_status make_shard(void *context, int64_t k, mg_shard *ret, mg_error *err)
{
    return mg_job_make_shard(context, k, ret, err);
}

static mg_status work_on_shard(void *context, const mg_shard *shard, const mg_tick *tick, mg_error *err)
{
    mg_job *job = context;
    const mg_run_shape *shape = &job->shards.shape;
    mg_result result = {0};
    mg_status status = mg_result_create(shard->n, shard->length, (size_t)shape->n_methods, shape->store, &result, err);
    if (status == MG_OK) status = mg_team_work(job->team, shard, &result, tick, err);
    if (status == MG_OK) status = mg_shard_file_write(&job->shards, shard, &result, err);
    mg_result_destroy(&result);
    return status;
}

static void show_progress(void *context, int64_t n_windows)
{
    mg_job *job = context;
    mg_progress_update(&job->progress, n_windows);
}

/* --- all shards ---------------------------------------------------------------------------------------------------*/

/* What says whose OUT.parts is: enough to tell whether shards fit another run. */
static mg_status describe_plan(const mg_job *job, char **ret, mg_error *err)
{
    const mg_run_shape *shape = &job->shards.shape;
    json_t *plan =
        json_pack("{s:s, s:I, s:I, s:I, s:s, s:s}", "format", "mutagree-parts", "windows", (json_int_t)shape->n_windows,
                  "length", (json_int_t)shape->length, "shard_size", (json_int_t)job->shards.shard_size, "model_sha256",
                  job->model.sha256, "methods", job->specs);
    *ret = plan == NULL ? NULL : json_dumps(plan, JSON_INDENT(2));
    json_decref(plan);
    return *ret != NULL ? MG_OK : mg_fail(err, MG_EMEM, "out of memory");
}

static mg_status begin_parts(mg_job *job, mg_error *err)
{
    mg_status status = MG_OK;
    if (job->rank == 0) {
        char *plan = NULL;
        status = describe_plan(job, &plan, err);
        if (status == MG_OK) status = mg_parts_begin(job->parts, plan, err);
        free(plan);
    }
    status = mg_agree(job->comm, status, err);
    return status == MG_OK ? mg_agree(job->comm, mg_parts_is_seen(job->parts, err), err) : status;
}

mg_status mg_job_work(mg_job *job, mg_error *err)
{
    const mg_run_shape *shape = &job->shards.shape;
    int64_t size = job->shards.shard_size, n = shape->n_windows;
    mg_handout_plan plan = {mg_shard_count(n, size), size < n ? size : n, shape->length};
    mg_handout_calls calls = {job, make_shard, work_on_shard, show_progress};
    mg_status status = begin_parts(job, err);
    if (status == MG_OK) {
        omp_set_num_threads(job->layout.n_threads);
        status = mg_agree(job->comm, mg_team_create(job->study, job->layout.n_threads, &job->team, err), err);
    }
    if (status != MG_OK) return status;
    if (job->rank == 0) mg_progress_start(&job->progress, "windows", shape->n_windows, job->options->quiet);
    status = mg_handout(job->comm, &plan, &calls, err);
    if (job->rank == 0) mg_progress_finish(&job->progress);
    mg_team_destroy(job->team);
    job->team = NULL;
    return status;
}

mg_status mg_job_summarise(mg_job *job, mg_error *err)
{
    const mg_run_shape *shape = &job->shards.shape;
    mg_status status = mg_alloc(&job->row, (size_t)shape->n_rows, sizeof *job->row, err);
    if (status == MG_OK) status = mg_alloc(&job->pair, (size_t)shape->n_pairs, sizeof *job->pair, err);
    status = mg_agree(job->comm, status, err);
    if (status != MG_OK) return status;
    return mg_reduce(job->comm, &job->shards, (uint64_t)job->options->seed, job->options->bootstrap, job->row,
                     job->pair, err);
}
