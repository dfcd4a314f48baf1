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

/* The k-th of the shards that are still to be done. */
static mg_status make_shard(void *context, int64_t k, mg_shard *ret, mg_error *err)
{
    const mg_jobs *jobs = context;
    const mg_job *job = &jobs->job[0];
    const mg_shard_store *shards = &job->shards;
    int64_t id = job->work.todo[k], size = shards->shard_size, first = id * size,
            left = shards->shape.n_windows - first;
    mg_status status = mg_shard_create(left < size ? left : size, shards->shape.length, ret, err);
    if (status != MG_OK) return status;
    ret->id = id;
    ret->first = first;
    return mg_distinct_windows(&job->given.distinct, first, ret->n, ret->window, ret->base, err);
}

mg_status mg_jobs_create_results(const mg_jobs *jobs, const mg_shard *shard, mg_result *result, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++) {
        const mg_run_shape *shape = &jobs->job[k].shards.shape;
        status = mg_result_create(shard->n, shard->length, (size_t)shape->n_methods, (size_t)shape->n_baselines,
                                  shape->metrics->n, shape->store, &result[k], err);
        if (status == MG_OK && shape->has_truth) status = mg_result_add_measured(&result[k], shape->has_truth_se, err);
    }
    return status;
}

/* A shard of a score's, that an interrupted run had finished, is written again when another score's is missing: the same bytes. */
static mg_status work_on_shard(void *context, const mg_shard *shard, const mg_tick *tick, mg_error *err)
{
    mg_jobs *jobs = context;
    mg_job_at_work *work = &jobs->job[0].work;
    mg_result result[MG_JOB_SCORES] = {0};
    double started = mg_clock();
    mg_status status = mg_jobs_create_results(jobs, shard, result, err);
    if (status == MG_OK) status = mg_team_work(work->team, shard, result, tick, err);
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++) {
        status = mg_shard_file_write(&jobs->job[k].shards, shard, &result[k], err);
        if (status == MG_OK && jobs->job[k].output.early != NULL)
            mg_early_put(jobs->job[k].output.early, shard, &result[k]);
    }
    for (size_t k = 0; k < jobs->n; k++)
        mg_result_destroy(&result[k]);
    work->n_worked += shard->n;
    work->n_worked_shards++;
    work->worked += mg_clock() - started;
    return status;
}

/* A shard that may be begun now has to end before the time is over: it may take as long as the slowest did, and a little
 * more. */
static mg_status go_on(void *context, double slowest, mg_error *err)
{
    const mg_jobs *jobs = context;
    const mg_job *job = &jobs->job[0];
    mg_status status = mg_stop_check(err);
    if (status != MG_OK || job->setting.deadline == 0 || mg_clock() + 1.1 * slowest < job->setting.deadline)
        return status;
    return mg_fail(err, MG_ESTOP, "stopped because --max-time %s leaves no time for another shard",
                   job->setting.options->max_time);
}

static void show_progress(void *context, int64_t n_windows)
{
    mg_jobs *jobs = context;
    mg_job *job = &jobs->job[0];
    mg_progress_update(&job->work.progress, job->work.progress.n_before + n_windows);
    mg_job_tell_progress(job);
}

/* --- all shards --- */

mg_status mg_job_go_on(const mg_job_setting *setting, mg_error *err)
{
    return mg_agree(setting->comm, mg_stop_check(err), err);
}

/* What determines the numbers in the shards: an interrupted run goes on only when all of it is the same. */
static mg_status describe_plan(const mg_job_setting *setting, const mg_job_explainer *explainer,
                               const mg_job_given *given, const mg_shard_store *shards, char **ret, mg_error *err)
{
    const mg_run_shape *shape = &shards->shape;
    char input[32], clusters[32], architecture[32], program[96]; /* digests, because texts from files may be no UTF-8 */
    const char *text = explainer->model.architecture;
    const char *kernels = mg_family_name(mg_study_instruction_set());
    snprintf(input, sizeof input, "%016" PRIx64, given->input.digest);
    snprintf(clusters, sizeof clusters, "%016" PRIx64, given->distinct.digest);
    snprintf(architecture, sizeof architecture, "%016" PRIx64, mg_hash_bytes(0, text, strlen(text)));
    snprintf(program, sizeof program, "%s %s", mg_version(), mg_revision());
    json_t *plan =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "format", "mutagree-parts", "program",
                  program, "model", explainer->model.sha256, "architecture", architecture, "input", input, "methods",
                  explainer->specs, "score", mg_study_score(explainer->study)->text, "store", setting->options->store,
                  "seed", (json_int_t)setting->options->seed, "number of windows", (json_int_t)shape->n_windows,
                  "window length", (json_int_t)shape->length, "shard size", (json_int_t)shards->shard_size);
    if (plan != NULL) json_object_set_new(plan, "clusters", json_string(clusters));
    if (plan != NULL) json_object_set_new(plan, "unknown", json_string(setting->options->input.unknown));
    if (plan != NULL && given->truth_sha256[0] != '\0')
        json_object_set_new(plan, "truth", json_string(given->truth_sha256));
    const char *metrics = setting->options->metrics;
    if (plan != NULL) json_object_set_new(plan, "metrics", json_string(metrics != NULL ? metrics : ""));
    if (plan != NULL) json_object_set_new(plan, "kernel family", json_string(kernels));
    *ret = plan == NULL ? NULL : json_dumps(plan, JSON_INDENT(2));
    json_decref(plan);
    return *ret != NULL ? MG_OK : mg_fail(err, MG_EMEM, "out of memory");
}

/* What is known of a shard of an interrupted run. */
enum { MISSING, SOUND, DAMAGED };

static mg_status check_shard(const mg_job_output *output, const mg_shard_store *shards, int64_t k, bool *ret_there,
                             mg_error *err)
{
    char name[MG_PARTS_NAME], *path = NULL;
    mg_parts_shard_name(k, name);
    *ret_there = mg_parts_has(output->folder, name);
    if (!*ret_there) return MG_OK;
    if (asprintf(&path, "%s/%s", output->folder, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = mg_shard_file_check(path, shards->id, k, true, err);
    free(path);
    return status;
}

int64_t mg_job_count_safe(const mg_job_output *output, const mg_shard_store *shards, bool all)
{
    int64_t n = 0, n_shards = mg_shard_count(shards->shape.n_windows, shards->shard_size);
    for (int64_t k = 0; k < n_shards; k++) {
        char name[MG_PARTS_NAME];
        mg_error ignored;
        bool there = false;
        mg_parts_shard_name(k, name);
        n += all ? check_shard(output, shards, k, &there, &ignored) == MG_OK && there
                 : mg_parts_has(output->folder, name);
    }
    return n;
}

/* Each rank reads some of them; in `state` (n_shards) rank 0 learns of all. */
static mg_status check_shards(const mg_job_setting *setting, const mg_job_output *output, const mg_shard_store *shards,
                              int64_t n_shards, char *state, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t k = setting->rank; k < n_shards && status == MG_OK; k += setting->layout.n_ranks) {
        mg_error damage;
        bool there = false;
        mg_status found = check_shard(output, shards, k, &there, &damage);
        state[k] = !there ? MISSING : found == MG_OK ? SOUND : DAMAGED;
        if (found == MG_EMEM) status = mg_fail(err, MG_EMEM, "%s", damage.text);
        if (status == MG_OK) status = mg_stop_check(err);
    }
    status = mg_agree(setting->comm, status, err);
    for (int64_t at = 0; at < n_shards && status == MG_OK; at += INT_MAX) {
        int n = (int)(n_shards - at < INT_MAX ? n_shards - at : INT_MAX);
        MPI_Reduce(setting->rank == 0 ? MPI_IN_PLACE : state + at, state + at, n, MPI_CHAR, MPI_MAX, 0, setting->comm);
    }
    return status;
}

/* A damaged shard goes, with a word about it, and is worked on again. */
static mg_status drop_shard(const mg_job_output *output, const mg_shard_store *shards, int64_t k, mg_error *err)
{
    char name[MG_PARTS_NAME];
    mg_error damage;
    bool there = false;
    mg_parts_shard_name(k, name);
    if (check_shard(output, shards, k, &there, &damage) != MG_OK)
        mg_warn("%s; this shard is worked on again", damage.text);
    return mg_parts_drop(output->folder, name, err);
}

/* List the shards that an interrupted run has not finished. */
static mg_status list_todo(const mg_job_output *output, mg_job_at_work *work, const mg_shard_store *shards,
                           const char *state, mg_error *err)
{
    int64_t n_shards = mg_shard_count(shards->shape.n_windows, shards->shard_size);
    mg_status status = MG_OK;
    for (int64_t k = 0; k < n_shards && status == MG_OK; k++) {
        if (state[k] == DAMAGED) status = drop_shard(output, shards, k, err);
        if (state[k] != SOUND) work->todo[work->n_todo++] = k;
    }
    return status;
}

/* Collective: the shards that are there are read by all ranks. */
static mg_status look_at_shards(const mg_job_setting *setting, const mg_job_output *output, mg_job_at_work *work,
                                const mg_shard_store *shards, mg_error *err)
{
    int64_t n_shards = mg_shard_count(shards->shape.n_windows, shards->shard_size);
    char *state = NULL;
    mg_status status = mg_agree(setting->comm, mg_alloc(&state, (size_t)n_shards, 1, err), err);
    if (status == MG_OK) status = check_shards(setting, output, shards, n_shards, state, err);
    if (status == MG_OK && setting->rank == 0) status = list_todo(output, work, shards, state, err);
    free(state);
    return mg_agree(setting->comm, status, err);
}

/* An interrupted run may go on with another layout: its shards move to where they are wanted. Those that a finished OUT
 * refers to stay. */
static mg_status move_shards(const mg_job_setting *setting, const mg_job_output *output, const char *name,
                             mg_error *err)
{
    struct stat info;
    char *stay = NULL;
    bool is_virtual = mg_job_merge_plan(setting).is_virtual, there = lstat(setting->options->out, &info) == 0;
    if (asprintf(&stay, "%s/%s", output->lasting, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = MG_OK;
    if (is_virtual)
        status = mg_shards_move(output->parts, stay, err);
    else if (!there)
        status = mg_shards_move(stay, output->parts, err);
    if (status == MG_OK && !is_virtual && !there) status = mg_shards_clear(output->lasting, NULL, err);
    free(stay);
    return status;
}

/* The folder of the shards, and in it the shards that an interrupted run has left. */
static mg_status prepare_folder(const mg_job_setting *setting, const mg_job_output *output,
                                const mg_shard_store *shards, const char *plan, mg_error *err)
{
    char name[MG_SHARDS_NAME];
    mg_shards_name(shards->id, name);
    mg_status status = MG_OK;
    bool is_virtual = mg_job_merge_plan(setting).is_virtual;
    if (is_virtual) status = mg_shards_make(output->lasting, name, err);
    if (status == MG_OK) status = move_shards(setting, output, name, err);
    return status == MG_OK && is_virtual ? mg_parts_write_plan(output->folder, plan, err) : status;
}

/* Whoever held the lock before may have finished since we looked. */
static mg_status take_place(const mg_job_setting *setting, mg_job_output *output, mg_error *err)
{
    mg_status status = mg_parts_lock(output->parts, &output->lock, err);
    if (status != MG_OK) return status;
    output->replaces = setting->options->force || mg_parts_has(output->parts, MG_PARTS_PLACING);
    status = mg_job_check_again(setting, output, err);
    if (status == MG_OK) return MG_OK;
    mg_lock_release(output->lock);
    output->lock = NULL;
    rmdir(output->parts); /* of which we have made it; fails where somebody's work lies in it */
    return status;
}

static mg_status name_folder(const mg_job_setting *setting, mg_job_output *output, mg_shard_store *shards,
                             mg_error *err)
{
    char name[MG_SHARDS_NAME];
    MPI_Bcast(shards->id, sizeof shards->id, MPI_CHAR, 0, setting->comm);
    mg_shards_name(shards->id, name);
    mg_status status = mg_job_merge_plan(setting).is_virtual
                           ? mg_provenance_set(&output->folder, err, "%s/%s", output->lasting, name)
                           : mg_provenance_set(&output->folder, err, "%s", output->parts);
    shards->folder = output->folder;
    return status;
}

/* What reads the result, and reads it back in the end, has all shards of a virtual layout open. */
static mg_status check_descriptors(const mg_job_setting *setting, const mg_shard_store *shards, mg_error *err)
{
    int64_t n_shards = mg_shard_count(shards->shape.n_windows, shards->shard_size);
    if (!mg_job_merge_plan(setting).is_virtual || mg_run_allow_files(n_shards)) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "the system does not allow %" PRId64
                   " shards to be open at once, as --layout virtual needs (ulimit -n); take a larger --shard-size, or "
                   "--layout merged",
                   n_shards);
}

static mg_status begin_parts(mg_job *job, mg_error *err)
{
    char *plan = NULL;
    mg_status status = mg_agree(job->setting.comm, check_descriptors(&job->setting, &job->shards, err), err);
    if (status == MG_OK && job->setting.rank == 0) {
        status = describe_plan(&job->setting, &job->explainer, &job->given, &job->shards, &plan, err);
        if (status == MG_OK) mg_sha256(plan, strlen(plan), job->shards.id);
    }
    status = mg_agree(job->setting.comm, status, err);
    if (status == MG_OK)
        status = mg_agree(job->setting.comm, name_folder(&job->setting, &job->output, &job->shards, err), err);
    if (status == MG_OK && job->setting.rank == 0) {
        int64_t n_shards = mg_shard_count(job->shards.shape.n_windows, job->shards.shard_size);
        status = take_place(&job->setting, &job->output, err);
        if (status == MG_OK) status = mg_parts_begin(job->output.parts, plan, job->setting.options->force, err);
        if (status == MG_OK) status = prepare_folder(&job->setting, &job->output, &job->shards, plan, err);
        if (status == MG_OK) status = mg_alloc(&job->work.todo, (size_t)n_shards, sizeof *job->work.todo, err);
    }
    free(plan);
    status = mg_agree(job->setting.comm, status, err);
    if (status == MG_OK) status = mg_agree(job->setting.comm, mg_parts_is_seen(job->output.parts, err), err);
    return status == MG_OK ? look_at_shards(&job->setting, &job->output, &job->work, &job->shards, err) : status;
}

/* What each method took, of all threads and ranks; a clock is no result, so it stands in the provenance alone. */
static mg_status gather_costs(const mg_job_setting *setting, const mg_job_explainer *explainer, const mg_team *team,
                              size_t score, mg_provenance *provenance, mg_error *err)
{
    size_t n_methods = mg_study_n_methods(explainer->study);
    double *seconds = NULL;
    int64_t n = 0;
    mg_status status = mg_agree(setting->comm, mg_alloc(&seconds, n_methods, sizeof *seconds, err), err);
    if (status != MG_OK) return status;
    mg_team_costs(team, score, seconds, &n);
    MPI_Allreduce(MPI_IN_PLACE, seconds, (int)n_methods, MPI_DOUBLE, MPI_SUM, setting->comm);
    MPI_Allreduce(MPI_IN_PLACE, &n, 1, MPI_INT64_T, MPI_SUM, setting->comm);
    for (size_t m = 0; m < n_methods && n > 0 && setting->rank == 0 && status == MG_OK; m++)
        status = mg_provenance_add_line(&provenance->costs, err, "%s %.4g ms",
                                        mg_study_method(explainer->study, m)->name, 1e3 * seconds[m] / (double)n);
    free(seconds);
    return mg_agree(setting->comm, status, err);
}

/* The first job gets the shards that any of them lacks. All have as many, of the same windows. */
static mg_status unite_todo(mg_jobs *jobs, mg_error *err)
{
    mg_job *lead = &jobs->job[0];
    int64_t size = lead->shards.shard_size, n = lead->shards.shape.n_windows, n_shards = mg_shard_count(n, size),
            n_todo = 0, *todo = lead->work.todo;
    bool *wanted = NULL;
    mg_status status = mg_alloc(&wanted, (size_t)n_shards, sizeof *wanted, err);
    if (status != MG_OK) return status;
    for (size_t j = 0; j < jobs->n; j++)
        for (int64_t i = 0; i < jobs->job[j].work.n_todo; i++)
            wanted[jobs->job[j].work.todo[i]] = true;
    for (int64_t k = 0; k < n_shards; k++) {
        if (wanted[k])
            todo[n_todo++] = k;
        else
            lead->work.n_done += n - k * size < size ? n - k * size : size;
    }
    free(wanted);
    lead->work.n_todo = n_todo;
    if (lead->work.n_done > 0 && !lead->setting.options->quiet)
        mg_note("  goes on       %" PRId64 " of %" PRId64 " shards were finished before (%s)", n_shards - n_todo,
                n_shards, lead->output.folder);
    return MG_OK;
}

static mg_status begin_all(mg_jobs *jobs, mg_error *err)
{
    mg_status status = MG_OK;
    mg_job *lead = &jobs->job[0];
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = begin_parts(&jobs->job[k], err);
    if (status == MG_OK && lead->setting.rank == 0) status = unite_todo(jobs, err);
    status = mg_agree(lead->setting.comm, status, err);
    if (status == MG_OK) status = mg_jobs_begin_baselines(jobs, err);
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = mg_job_begin_out(&jobs->job[k], err);
    return status;
}

mg_status mg_jobs_create_team(mg_jobs *jobs, mg_error *err)
{
    mg_job *lead = &jobs->job[0];
    const mg_study *study[MG_JOB_SCORES];
    mg_jobs_studies(jobs, study);
    omp_set_num_threads(lead->setting.layout.n_threads);
    return mg_agree(lead->setting.comm,
                    mg_team_create_of(study, jobs->n, lead->setting.layout.n_threads, &lead->work.team, err), err);
}

mg_status mg_jobs_work(mg_jobs *jobs, mg_error *err)
{
    mg_job *job = &jobs->job[0];
    int64_t size = job->shards.shard_size, n = job->shards.shape.n_windows;
    mg_handout_calls calls = {jobs, make_shard, work_on_shard, go_on, show_progress};
    mg_status status = begin_all(jobs, err);
    if (status == MG_OK) MPI_Bcast(&job->work.n_todo, 1, MPI_INT64_T, 0, job->setting.comm);
    if (status == MG_OK) status = mg_jobs_create_team(jobs, err);
    if (status != MG_OK) return status;
    mg_job_tell(job, MG_RUN_WORKING);
    if (job->setting.rank == 0) {
        mg_progress_start(&job->work.progress, "windows", n, job->setting.options->quiet);
        job->work.progress.n_before = job->work.n_done;
        if (job->setting.who[0] != '\0') job->work.progress.who = job->setting.who;
    }
    mg_handout_plan plan = {job->work.n_todo, size < n ? size : n, job->shards.shape.length};
    double started = mg_clock();
    status = mg_handout(job->setting.comm, &plan, &calls, err);
    mg_job_say(&job->setting, "%" PRId64 " windows in %" PRId64 " shards, %.1f s at work, %.1f s waiting",
               job->work.n_worked, job->work.n_worked_shards, job->work.worked,
               mg_clock() - started - job->work.worked);
    if (job->setting.rank == 0) mg_progress_finish(&job->work.progress);
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = gather_costs(&job->setting, &jobs->job[k].explainer, job->work.team, k, &jobs->job[k].provenance, err);
    mg_team_destroy(job->work.team);
    job->work.team = NULL;
    return status;
}

/* With many clusters this takes a while, after a bar that has come to its end. */
static void say_summary(const mg_job_setting *setting, const mg_shard_store *shards)
{
    char replicates[MG_COUNT_TEXT], clusters[MG_COUNT_TEXT];
    if (setting->rank != 0 || setting->options->quiet) return;
    mg_note("  summary      means, tests, and intervals from %s replicates of %s clusters",
            mg_format_count(replicates, setting->options->bootstrap),
            mg_format_count(clusters, shards->shape.n_clusters));
}

mg_status mg_job_summarise(const mg_job_setting *setting, mg_job_summary *summary, const mg_shard_store *shards,
                           mg_error *err)
{
    const mg_run_shape *shape = &shards->shape;
    mg_status status = mg_alloc(&summary->row, (size_t)shape->n_rows, sizeof *summary->row, err);
    if (status == MG_OK) status = mg_alloc(&summary->pair, (size_t)shape->n_pairs, sizeof *summary->pair, err);
    status = mg_agree(setting->comm, status, err);
    if (status != MG_OK) return status;
    say_summary(setting, shards);
    return mg_reduce(setting->comm, shards, (uint64_t)setting->options->seed, setting->options->bootstrap, summary->row,
                     summary->pair, err);
}
