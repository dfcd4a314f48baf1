/* work.c  hand out the shards, work on them, keep them; then the aggregates */
#include <inttypes.h>
#include <limits.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "io/base/whole_file.h"
#include "io/run/parts.h"
#include "io/run/shards.h"
#include "mpi/agree.h"
#include "mpi/handout.h"
#include "mpi/reduce.h"
#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/core/stop.h"
#include "src/core/version.h"
#include "src/commands/scan/job.h"
#include "src/engine/family.h"

/* --- one shard --- */

mg_status mg_job_make_shard(const mg_job *job, int64_t k, mg_shard *ret, mg_error *err)
{
    int64_t size = job->shards.shard_size, first = k * size, left = job->shards.shape.n_windows - first;
    mg_status status = mg_shard_create(left < size ? left : size, job->shards.shape.length, ret, err);
    if (status != MG_OK) return status;
    ret->id = k;
    ret->first = first;
    return mg_distinct_windows(&job->distinct, first, ret->n, ret->window, ret->base, err);
}

/* The k-th of the shards that are still to be done. */
static mg_status make_shard(void *context, int64_t k, mg_shard *ret, mg_error *err)
{
    const mg_job *job = context;
    return mg_job_make_shard(job, job->todo[k], ret, err);
}

static mg_status work_on_shard(void *context, const mg_shard *shard, const mg_tick *tick, mg_error *err)
{
    mg_job *job = context;
    const mg_run_shape *shape = &job->shards.shape;
    mg_result result = {0};
    double started = mg_clock();
    mg_status status = mg_result_create(shard->n, shard->length, (size_t)shape->n_methods, (size_t)shape->n_baselines,
                                        shape->metrics->n, shape->store, &result, err);
    if (status == MG_OK && shape->has_truth) status = mg_result_add_measured(&result, shape->has_truth_se, err);
    if (status == MG_OK) status = mg_team_work(job->team, shard, &result, tick, err);
    if (status == MG_OK) status = mg_shard_file_write(&job->shards, shard, &result, err);
    if (status == MG_OK && job->early != NULL) mg_early_put(job->early, shard, &result);
    mg_result_destroy(&result);
    job->n_worked += shard->n;
    job->n_worked_shards++;
    job->worked += mg_clock() - started;
    return status;
}

/* A shard that may be begun now has to end before the time is over: it may take as long as the slowest did, and a little
 * more. */
static mg_status go_on(void *context, double slowest, mg_error *err)
{
    const mg_job *job = context;
    mg_status status = mg_stop_check(err);
    if (status != MG_OK || job->deadline == 0 || mg_clock() + 1.1 * slowest < job->deadline) return status;
    return mg_fail(err, MG_ESTOP, "stopped because --max-time %s leaves no time for another shard",
                   job->options->max_time);
}

static void show_progress(void *context, int64_t n_windows)
{
    mg_job *job = context;
    mg_progress_update(&job->progress, job->progress.n_before + n_windows);
    mg_job_tell_progress(job);
}

/* --- all shards --- */

mg_status mg_job_go_on(const mg_job *job, mg_error *err)
{
    return mg_agree(job->comm, mg_stop_check(err), err);
}

/* What determines the numbers in the shards: an interrupted run goes on only when all of it is the same. */
static mg_status describe_plan(const mg_job *job, char **ret, mg_error *err)
{
    const mg_run_shape *shape = &job->shards.shape;
    char input[32], clusters[32], architecture[32], program[96]; /* digests, because texts from files may be no UTF-8 */
    const char *text = job->model.architecture;
    const char *kernels = mg_family_name(mg_study_instruction_set());
    snprintf(input, sizeof input, "%016" PRIx64, job->input.digest);
    snprintf(clusters, sizeof clusters, "%016" PRIx64, job->distinct.digest);
    snprintf(architecture, sizeof architecture, "%016" PRIx64, mg_hash_bytes(0, text, strlen(text)));
    snprintf(program, sizeof program, "%s %s", mg_version(), mg_revision());
    json_t *plan =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "format", "mutagree-parts", "program",
                  program, "model", job->model.sha256, "architecture", architecture, "input", input, "methods",
                  job->specs, "score", mg_study_score(job->study)->text, "store", job->options->store, "seed",
                  (json_int_t)job->options->seed, "number of windows", (json_int_t)shape->n_windows, "window length",
                  (json_int_t)shape->length, "shard size", (json_int_t)job->shards.shard_size);
    if (plan != NULL) json_object_set_new(plan, "clusters", json_string(clusters));
    if (plan != NULL) json_object_set_new(plan, "unknown", json_string(job->options->input.unknown));
    if (plan != NULL && job->truth_sha256[0] != '\0')
        json_object_set_new(plan, "truth", json_string(job->truth_sha256));
    const char *metrics = job->options->metrics;
    if (plan != NULL) json_object_set_new(plan, "metrics", json_string(metrics != NULL ? metrics : ""));
    if (plan != NULL) json_object_set_new(plan, "kernel family", json_string(kernels));
    *ret = plan == NULL ? NULL : json_dumps(plan, JSON_INDENT(2));
    json_decref(plan);
    return *ret != NULL ? MG_OK : mg_fail(err, MG_EMEM, "out of memory");
}

/* What is known of a shard of an interrupted run. */
enum { MISSING, SOUND, DAMAGED };

static mg_status check_shard(const mg_job *job, int64_t k, bool *ret_there, mg_error *err)
{
    char name[MG_PARTS_NAME], *path = NULL;
    mg_parts_shard_name(k, name);
    *ret_there = mg_parts_has(job->folder, name);
    if (!*ret_there) return MG_OK;
    if (asprintf(&path, "%s/%s", job->folder, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = mg_shard_file_check(path, job->shards.id, k, true, err);
    free(path);
    return status;
}

int64_t mg_job_count_safe(const mg_job *job, bool all)
{
    int64_t n = 0, n_shards = mg_shard_count(job->shards.shape.n_windows, job->shards.shard_size);
    for (int64_t k = 0; k < n_shards; k++) {
        char name[MG_PARTS_NAME];
        mg_error ignored;
        bool there = false;
        mg_parts_shard_name(k, name);
        n += all ? check_shard(job, k, &there, &ignored) == MG_OK && there : mg_parts_has(job->folder, name);
    }
    return n;
}

/* Each rank reads some of them; in `state` (n_shards) rank 0 learns of all. */
static mg_status check_shards(const mg_job *job, int64_t n_shards, char *state, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t k = job->rank; k < n_shards && status == MG_OK; k += job->layout.n_ranks) {
        mg_error damage;
        bool there = false;
        mg_status found = check_shard(job, k, &there, &damage);
        state[k] = !there ? MISSING : found == MG_OK ? SOUND : DAMAGED;
        if (found == MG_EMEM) status = mg_fail(err, MG_EMEM, "%s", damage.text);
        if (status == MG_OK) status = mg_stop_check(err);
    }
    status = mg_agree(job->comm, status, err);
    for (int64_t at = 0; at < n_shards && status == MG_OK; at += INT_MAX) {
        int n = (int)(n_shards - at < INT_MAX ? n_shards - at : INT_MAX);
        MPI_Reduce(job->rank == 0 ? MPI_IN_PLACE : state + at, state + at, n, MPI_CHAR, MPI_MAX, 0, job->comm);
    }
    return status;
}

/* A damaged shard goes, with a word about it, and is worked on again. */
static mg_status drop_shard(const mg_job *job, int64_t k, mg_error *err)
{
    char name[MG_PARTS_NAME];
    mg_error damage;
    bool there = false;
    mg_parts_shard_name(k, name);
    if (check_shard(job, k, &there, &damage) != MG_OK) mg_warn("%s; this shard is worked on again", damage.text);
    return mg_parts_drop(job->folder, name, err);
}

/* List the shards that an interrupted run has not finished. */
static mg_status list_todo(mg_job *job, const char *state, mg_error *err)
{
    int64_t size = job->shards.shard_size, n = job->shards.shape.n_windows, n_shards = mg_shard_count(n, size);
    mg_status status = MG_OK;
    for (int64_t k = 0; k < n_shards && status == MG_OK; k++) {
        if (state[k] == DAMAGED) status = drop_shard(job, k, err);
        if (state[k] != SOUND) {
            job->todo[job->n_todo++] = k;
            continue;
        }
        int64_t left = n - k * size;
        job->n_done += left < size ? left : size;
    }
    if (status == MG_OK && job->n_done > 0 && !job->options->quiet)
        mg_note("  goes on       %" PRId64 " of %" PRId64 " shards were finished before (%s)", n_shards - job->n_todo,
                n_shards, job->folder);
    return status;
}

/* Collective: the shards that are there are read by all ranks. */
static mg_status look_at_shards(mg_job *job, mg_error *err)
{
    int64_t n_shards = mg_shard_count(job->shards.shape.n_windows, job->shards.shard_size);
    char *state = NULL;
    mg_status status = mg_agree(job->comm, mg_alloc(&state, (size_t)n_shards, 1, err), err);
    if (status == MG_OK) status = check_shards(job, n_shards, state, err);
    if (status == MG_OK && job->rank == 0) status = list_todo(job, state, err);
    free(state);
    return mg_agree(job->comm, status, err);
}

/* An interrupted run may go on with another layout: its shards move to where they are wanted. Those that a finished OUT
 * refers to stay. */
static mg_status move_shards(const mg_job *job, const char *name, mg_error *err)
{
    struct stat info;
    char *stay = NULL;
    bool is_virtual = mg_job_merge_plan(job).is_virtual, there = lstat(job->options->out, &info) == 0;
    if (asprintf(&stay, "%s/%s", job->lasting, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = MG_OK;
    if (is_virtual)
        status = mg_shards_move(job->parts, stay, err);
    else if (!there)
        status = mg_shards_move(stay, job->parts, err);
    if (status == MG_OK && !is_virtual && !there) status = mg_shards_clear(job->lasting, NULL, err);
    free(stay);
    return status;
}

/* The folder of the shards, and in it the shards that an interrupted run has left. */
static mg_status prepare_folder(const mg_job *job, const char *plan, mg_error *err)
{
    char name[MG_SHARDS_NAME];
    mg_shards_name(job->shards.id, name);
    mg_status status = MG_OK;
    bool is_virtual = mg_job_merge_plan(job).is_virtual;
    if (is_virtual) status = mg_shards_make(job->lasting, name, err);
    if (status == MG_OK) status = move_shards(job, name, err);
    return status == MG_OK && is_virtual ? mg_parts_write_plan(job->folder, plan, err) : status;
}

/* Whoever held the lock before may have finished since we looked. */
static mg_status take_place(mg_job *job, mg_error *err)
{
    mg_status status = mg_parts_lock(job->parts, &job->lock, err);
    if (status != MG_OK) return status;
    job->replaces = job->options->force || mg_parts_has(job->parts, MG_PARTS_PLACING);
    status = mg_job_check_again(job, err);
    if (status == MG_OK) return MG_OK;
    mg_lock_release(job->lock);
    job->lock = NULL;
    rmdir(job->parts); /* of which we have made it; fails where somebody's work lies in it */
    return status;
}

static mg_status name_folder(mg_job *job, mg_error *err)
{
    char name[MG_SHARDS_NAME];
    MPI_Bcast(job->shards.id, sizeof job->shards.id, MPI_CHAR, 0, job->comm);
    mg_shards_name(job->shards.id, name);
    mg_status status = mg_job_merge_plan(job).is_virtual
                           ? mg_provenance_set(&job->folder, err, "%s/%s", job->lasting, name)
                           : mg_provenance_set(&job->folder, err, "%s", job->parts);
    job->shards.folder = job->folder;
    return status;
}

/* What reads the result, and reads it back in the end, has all shards of a virtual layout open. */
static mg_status check_descriptors(const mg_job *job, mg_error *err)
{
    int64_t n_shards = mg_shard_count(job->shards.shape.n_windows, job->shards.shard_size);
    if (!mg_job_merge_plan(job).is_virtual || mg_run_allow_files(n_shards)) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "the system does not allow %" PRId64
                   " shards to be open at once, as --layout virtual needs (ulimit -n); take a larger --shard-size, or "
                   "--layout merged",
                   n_shards);
}

static mg_status begin_parts(mg_job *job, mg_error *err)
{
    char *plan = NULL;
    mg_status status = mg_agree(job->comm, check_descriptors(job, err), err);
    if (status == MG_OK && job->rank == 0) {
        status = describe_plan(job, &plan, err);
        if (status == MG_OK) mg_sha256(plan, strlen(plan), job->shards.id);
    }
    status = mg_agree(job->comm, status, err);
    if (status == MG_OK) status = mg_agree(job->comm, name_folder(job, err), err);
    if (status == MG_OK && job->rank == 0) {
        int64_t n_shards = mg_shard_count(job->shards.shape.n_windows, job->shards.shard_size);
        status = take_place(job, err);
        if (status == MG_OK) status = mg_parts_begin(job->parts, plan, job->options->force, err);
        if (status == MG_OK) status = prepare_folder(job, plan, err);
        if (status == MG_OK) status = mg_alloc(&job->todo, (size_t)n_shards, sizeof *job->todo, err);
    }
    free(plan);
    status = mg_agree(job->comm, status, err);
    if (status == MG_OK) status = mg_agree(job->comm, mg_parts_is_seen(job->parts, err), err);
    return status == MG_OK ? look_at_shards(job, err) : status;
}

/* What each method took, of all threads and ranks; a clock is no result, so it stands in the provenance alone. */
static mg_status gather_costs(mg_job *job, mg_error *err)
{
    size_t n_methods = mg_study_n_methods(job->study);
    double *seconds = NULL;
    int64_t n = 0;
    mg_status status = mg_agree(job->comm, mg_alloc(&seconds, n_methods, sizeof *seconds, err), err);
    if (status != MG_OK) return status;
    mg_team_costs(job->team, seconds, &n);
    MPI_Allreduce(MPI_IN_PLACE, seconds, (int)n_methods, MPI_DOUBLE, MPI_SUM, job->comm);
    MPI_Allreduce(MPI_IN_PLACE, &n, 1, MPI_INT64_T, MPI_SUM, job->comm);
    for (size_t m = 0; m < n_methods && n > 0 && job->rank == 0 && status == MG_OK; m++)
        status = mg_provenance_add_line(&job->provenance.costs, err, "%s %.4g ms", mg_study_method(job->study, m)->name,
                                        1e3 * seconds[m] / (double)n);
    free(seconds);
    return mg_agree(job->comm, status, err);
}

mg_status mg_job_work(mg_job *job, mg_error *err)
{
    const mg_run_shape *shape = &job->shards.shape;
    int64_t size = job->shards.shard_size, n = shape->n_windows;
    mg_handout_calls calls = {job, make_shard, work_on_shard, go_on, show_progress};
    mg_status status = begin_parts(job, err);
    if (status == MG_OK) status = mg_job_begin_baselines(job, err);
    if (status == MG_OK) status = mg_job_begin_out(job, err);
    if (status == MG_OK) {
        MPI_Bcast(&job->n_todo, 1, MPI_INT64_T, 0, job->comm);
        omp_set_num_threads(job->layout.n_threads);
        status = mg_agree(job->comm, mg_team_create(job->study, job->layout.n_threads, &job->team, err), err);
    }
    if (status != MG_OK) return status;
    mg_job_tell(job, MG_RUN_WORKING);
    if (job->rank == 0) {
        mg_progress_start(&job->progress, "windows", shape->n_windows, job->options->quiet);
        job->progress.n_before = job->n_done;
        if (job->who[0] != '\0') job->progress.who = job->who;
    }
    mg_handout_plan plan = {job->n_todo, size < n ? size : n, shape->length};
    double started = mg_clock();
    status = mg_handout(job->comm, &plan, &calls, err);
    mg_job_say(job, "%" PRId64 " windows in %" PRId64 " shards, %.1f s at work, %.1f s waiting", job->n_worked,
               job->n_worked_shards, job->worked, mg_clock() - started - job->worked);
    if (job->rank == 0) mg_progress_finish(&job->progress);
    if (status == MG_OK) status = gather_costs(job, err);
    mg_team_destroy(job->team);
    job->team = NULL;
    return status;
}

/* With many clusters this takes a while, after a bar that has come to its end. */
static void say_summary(const mg_job *job)
{
    char replicates[MG_COUNT_TEXT], clusters[MG_COUNT_TEXT];
    if (job->rank != 0 || job->options->quiet) return;
    mg_note("  summary      means, tests, and intervals from %s replicates of %s clusters",
            mg_format_count(replicates, job->options->bootstrap),
            mg_format_count(clusters, job->shards.shape.n_clusters));
}

mg_status mg_job_summarise(mg_job *job, mg_error *err)
{
    const mg_run_shape *shape = &job->shards.shape;
    mg_status status = mg_alloc(&job->row, (size_t)shape->n_rows, sizeof *job->row, err);
    if (status == MG_OK) status = mg_alloc(&job->pair, (size_t)shape->n_pairs, sizeof *job->pair, err);
    status = mg_agree(job->comm, status, err);
    if (status != MG_OK) return status;
    say_summary(job);
    return mg_reduce(job->comm, &job->shards, (uint64_t)job->options->seed, job->options->bootstrap, job->row,
                     job->pair, err);
}
