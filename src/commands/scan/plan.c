/* plan.c  the head of a run: what it was given and what it will do; and the dry run, which also says what it
 * costs */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "mpi/agree.h"
#include "mpi/merge.h"
#include "mpi/reduce.h"
#include "mpi/share.h"
#include "src/core/memory.h"
#include "src/core/version.h"
#include "src/commands/scan/job.h"

enum { WARM_UP_WINDOWS = 256, AMOUNT = 32, MEASURED_BYTES = 64 << 20 };
static const double warm_up_seconds = 1.5;

/* --- words --- */

static char *format_bytes(char text[AMOUNT], int64_t bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    double x = (double)bytes;
    int u = 0;
    while (x >= 999.5 && u < 5) {
        x /= 1000;
        u++;
    }
    snprintf(text, AMOUNT, "%.*f %s", u > 0 && x < 9.95 ? 1 : 0, x, units[u]);
    return text;
}

static char *format_duration(char text[AMOUNT], double seconds)
{
    if (seconds < 1.5)
        snprintf(text, AMOUNT, "1 s");
    else if (seconds < 100)
        snprintf(text, AMOUNT, "%.0f s", seconds);
    else if (seconds < 100 * 60)
        snprintf(text, AMOUNT, "%.0f min", seconds / 60);
    else if (seconds < 48 * 3600)
        snprintf(text, AMOUNT, "%.1f h", seconds / 3600);
    else
        snprintf(text, AMOUNT, "%.1f days", seconds / 86400);
    return text;
}

static void print_ranks(FILE *out, const mg_layout *layout)
{
    int64_t n = layout->n_ranks, threads = layout->n_threads_all;
    fprintf(out, "%" PRId64 " rank%s", n, n == 1 ? "" : "s");
    if (threads % n == 0)
        fprintf(out, " x %" PRId64 " thread%s", threads / n, threads == n ? "" : "s");
    else
        fprintf(out, ", %" PRId64 " threads", threads);
}

/* --- counts --- */

/* Names, lengths and starts of the transcripts, and two of them with their bases: as read, and as searched; clusters and
 * labels of distinct windows. */
static int64_t input_bytes(const mg_job_given *given)
{
    enum { BYTES_A_TRANSCRIPT = 150, BYTES_A_WINDOW = 10 };
    const mg_transcriptome *transcriptome = &given->input.transcriptome;
    int64_t longest = 0;
    for (size_t t = 0; t < transcriptome->n_transcripts; t++)
        if (transcriptome->transcript[t].length > longest) longest = transcriptome->transcript[t].length;
    return (int64_t)transcriptome->n_transcripts * BYTES_A_TRANSCRIPT + 2 * longest +
           given->distinct.n_windows * BYTES_A_WINDOW;
}

/* Of one score: the largest of what is held at a time: workers and a shard, running sums of the summary, or a block of the file. */
static int64_t score_bytes(const mg_job *job, const mg_job *lead, int64_t *ret_held)
{
    const mg_shard_store *shards = &job->shards;
    int64_t shard_windows = shards->shard_size < shards->shape.n_windows ? shards->shard_size : shards->shape.n_windows;
    int64_t reduce = mg_reduce_bytes(shards, job->setting.layout.n_ranks, job->setting.options->bootstrap),
            merge = mg_merge_bytes(shards);
    size_t worker = job == lead ? mg_worker_bytes(job->explainer.study)
                                : mg_worker_bytes_beside(job->explainer.study, lead->explainer.study);
    *ret_held =
        job->setting.layout.n_threads * (int64_t)worker + 2 * shard_windows * mg_run_window_bytes(&shards->shape);
    return reduce > merge ? reduce : merge;
}

/* Workers and shards are held for all scores at once, the rest is done a score at a time. On rank 0 the transcripts come on
 * top. */
static int64_t rank_bytes(const mg_jobs *jobs)
{
    int64_t work = 0, most = 0, foreign = 0;
    for (size_t k = 0; k < jobs->n; k++) {
        int64_t held, after = score_bytes(&jobs->job[k], &jobs->job[0], &held);
        work += held;
        if (after > most) most = after;
        foreign += (int64_t)mg_study_foreign_bytes(jobs->job[k].explainer.study);
    }
    return (work > most ? work : most) + input_bytes(&jobs->job[0].given) + foreign;
}

/* The windows make nearly all of it; a row of the aggregates takes some 100 bytes and its names. */
static int64_t output_bytes(const mg_shard_store *shards)
{
    const mg_run_shape *shape = &shards->shape;
    return shape->n_windows * mg_run_window_bytes(shape) + shape->n_places * mg_run_place_bytes() +
           shape->n_transcripts * 40 + (shape->n_rows + shape->n_pairs) * 200 +
           shape->n_methods * (int64_t)shape->metrics->n * 500;
}

static void print_hosts(FILE *out, const mg_layout *layout)
{
    const char *word = "nodes";
    for (const char *line = layout->hosts; line != NULL && *line != '\0'; word = "") {
        int n = (int)strcspn(line, "\n");
        fprintf(out, "  %-12s %.*s\n", word, n, line);
        line += n + (line[n] == '\n');
    }
}

static void print_windows(FILE *out, const mg_job_given *given)
{
    char places[MG_COUNT_TEXT], windows[MG_COUNT_TEXT], clusters[400];
    const mg_distinct *d = &given->distinct;
    fprintf(out, "  %-12s %s window%s, %s distinct, each worked on once\n", "distinct",
            mg_format_count(places, d->n_places), d->n_places == 1 ? "" : "s", mg_format_count(windows, d->n_windows));
    fprintf(out, "  %-12s %s\n", "clusters",
            mg_clusters_describe(clusters, sizeof clusters, &d->clusters, &d->facts, given->input.unit));
}

static void print_own(FILE *out, const char *line)
{
    while (line != NULL && *line != '\0') {
        int n = (int)strcspn(line, "\n");
        fprintf(out, "  %-12s %.*s\n", "attribution", n, line);
        line += n + (line[n] == '\n');
    }
}

const char *mg_job_anchor_words(const mg_job_given *given)
{
    return given->task->has_codons ? "codon at" : "counted from";
}

static void print_head(FILE *out, const mg_jobs *jobs)
{
    const mg_job_setting *setting = &jobs->job[0].setting;
    const mg_job_explainer *explainer = &jobs->job[0].explainer;
    const mg_job_given *given = &jobs->job[0].given;
    const mg_shard_store *shards = &jobs->job[0].shards;
    const mg_graph *network = explainer->model.network;
    const mg_run_shape *shape = &shards->shape;
    char weights[MG_COUNT_TEXT], to_do[MG_COUNT_TEXT], mutants[MG_COUNT_TEXT], memory[AMOUNT], output[AMOUNT];
    fprintf(out, "mutagree %s  scan  ", mg_version());
    print_ranks(out, &setting->layout);
    fprintf(out, "\n  %-12s %s   %" PRId64 " nt, %s %" PRId64 ", %s weights, explaining %s\n", "network",
            explainer->model.path, network->length, mg_job_anchor_words(given), given->anchor,
            mg_format_count(weights, mg_graph_n_weights(network)), shape->score_name);
    mg_base_order_describe(out, explainer->model.bases);
    mg_input_describe(out, &given->input);
    print_windows(out, given);
    print_own(out, given->own);
    if (given->truth_found != NULL) fprintf(out, "  %-12s %s\n", "truth", given->truth_found);
    mg_jobs_print(out, jobs);
    int64_t bytes = 0;
    for (size_t k = 0; k < jobs->n; k++)
        bytes += output_bytes(&jobs->job[k].shards);
    int64_t n_shards = mg_shard_count(shape->n_windows, shards->shard_size);
    fprintf(out, "  %-12s %s shard%s; %s mutants; %" PRId64 " method%s; %s a rank; output %s%s\n", "plan",
            mg_format_count(to_do, n_shards), n_shards == 1 ? "" : "s",
            mg_format_count(mutants, 3 * given->distinct.n_known), shape->n_methods, shape->n_methods == 1 ? "" : "s",
            format_bytes(memory, rank_bytes(jobs)), format_bytes(output, bytes),
            setting->options->compress > 0 ? " before compression" : "");
    if (setting->layout.n_nodes > 1) print_hosts(out, &setting->layout);
}

/* What other programs do with many shards is not ours to mend. */
static void warn_of_many_shards(const mg_job_setting *setting, const mg_shard_store *shards)
{
    enum { OPEN_FILES = 1000 }; /* the usual limit is 1024 */
    int64_t n = mg_shard_count(shards->shape.n_windows, shards->shard_size);
    if (!mg_job_merge_plan(setting).is_virtual || n <= OPEN_FILES) return;
    mg_warn("the result will refer to %" PRId64
            " shards; programs that read whole datasets have to open them all, and HDF5 shows NaN for those "
            "that it cannot open (ulimit -n); take a larger --shard-size",
            n);
}

/* What holds for the methods of each score is said of each, unless it is the same for all. */
static void warn_of_methods(const mg_jobs *jobs)
{
    const char *first = mg_study_left_out(jobs->job[0].explainer.study);
    for (size_t k = 0; k < jobs->n; k++) {
        const char *left_out = mg_study_left_out(jobs->job[k].explainer.study);
        if (*left_out != '\0' && (k == 0 || strcmp(left_out, first) != 0)) mg_warn("methods left out: %s", left_out);
    }
}

static void warn(const mg_jobs *jobs)
{
    const mg_job_setting *setting = &jobs->job[0].setting;
    const mg_shard_store *shards = &jobs->job[0].shards;
    warn_of_many_shards(setting, shards);
    warn_of_methods(jobs);
    mg_jobs_warn_of_sites(jobs);
    if (setting->layout.warning != NULL) mg_warn("%s", setting->layout.warning);
    if (shards->shape.n_windows > shards->shard_size && setting->layout.n_threads * 2 > shards->shard_size)
        mg_warn("%d threads share shards of %" PRId64
                " windows, so some will wait; take more ranks with fewer threads, "
                "or a larger --shard-size",
                setting->layout.n_threads, shards->shard_size);
}

void mg_jobs_print_plan(const mg_jobs *jobs)
{
    if (jobs->job[0].setting.rank != 0) return;
    if (!jobs->job[0].setting.options->quiet) print_head(stderr, jobs);
    warn(jobs);
}

/* --- dry run --- */

/* Windows from all over the list, on rank 0. */
static mg_status pick_windows(const mg_job_explainer *explainer, const mg_job_given *given, mg_shard *ret,
                              mg_error *err)
{
    int64_t n_all = given->distinct.n_windows, n = n_all < WARM_UP_WINDOWS ? n_all : WARM_UP_WINDOWS;
    int64_t length = explainer->model.network->length;
    mg_status status = mg_shard_create(n, length, ret, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++)
        status = mg_distinct_windows(&given->distinct, i * n_all / n, 1, &ret->window[i], ret->base + i * length, err);
    return status;
}

/* The same windows for all ranks; what a window comes from is of no matter here. */
static mg_status share_windows(const mg_job_setting *setting, const mg_job_explainer *explainer,
                               const mg_job_given *given, const mg_shard_store *shards, mg_shard *ret, mg_error *err)
{
    mg_status status = setting->rank == 0 ? pick_windows(explainer, given, ret, err) : MG_OK;
    int64_t length = shards->shape.length;
    status = mg_agree(setting->comm, status, err);
    if (status != MG_OK) return status;
    size_t n = (size_t)(ret->n * length);
    status = mg_share_bytes(setting->comm, &ret->base, &n, err);
    ret->length = length;
    ret->n = (int64_t)n / length;
    if (status == MG_OK && ret->window == NULL) /* on other ranks: of the first kind, all of them */
        status = mg_alloc(&ret->window, (size_t)ret->n, sizeof *ret->window, err);
    return mg_agree(setting->comm, status, err);
}

/* How many windows to work on at a time at most: results of them are held. */
static int64_t largest_part(const mg_jobs *jobs, int64_t n_windows)
{
    int64_t bytes = 0, least = jobs->job[0].setting.layout.n_threads;
    for (size_t k = 0; k < jobs->n; k++)
        bytes += mg_run_window_bytes(&jobs->job[k].shards.shape);
    int64_t n = MEASURED_BYTES / bytes;
    if (n < least) n = least;
    return n < n_windows ? n : n_windows;
}

/* Windows a second of this rank. Parts grow from a window a thread on, and the last one counts, because the first is
 * slowed by memory that is touched for the first time, and small ones by threads that wait for each other. */
static mg_status measure(const mg_jobs *jobs, const mg_shard *windows, double *ret_rate, mg_error *err)
{
    mg_result result[MG_JOB_SCORES] = {0};
    int64_t n_most = largest_part(jobs, windows->n), n_part = jobs->job[0].setting.layout.n_threads, at = 0;
    double started = mg_clock(), begun = started, now = started;
    mg_shard part = *windows;
    part.n = n_most;
    mg_status status = mg_jobs_create_results(jobs, &part, result, err);
    while (status == MG_OK && now - started < warm_up_seconds) {
        if (n_part > n_most) n_part = n_most;
        if (at + n_part > windows->n) at = 0;
        part.first = at;
        part.n = n_part;
        part.base = windows->base + at * windows->length;
        begun = mg_clock();
        status = mg_team_work(jobs->job[0].work.team, &part, result, NULL, err);
        now = mg_clock();
        *ret_rate = (double)n_part / (now - begun);
        at += n_part;
        n_part *= 2;
    }
    for (size_t k = 0; k < jobs->n; k++)
        mg_result_destroy(&result[k]);
    return status;
}

static mg_status measure_all(mg_jobs *jobs, double *ret_rate, mg_error *err)
{
    const mg_job *job = &jobs->job[0];
    mg_shard windows = {0};
    double rate = 0;
    mg_status status = share_windows(&job->setting, &job->explainer, &job->given, &job->shards, &windows, err);
    if (status == MG_OK) status = mg_jobs_create_team(jobs, err);
    if (status == MG_OK) status = mg_agree(job->setting.comm, measure(jobs, &windows, &rate, err), err);
    if (status == MG_OK) MPI_Reduce(&rate, ret_rate, 1, MPI_DOUBLE, MPI_SUM, 0, job->setting.comm);
    mg_shard_destroy(&windows);
    return status;
}

static void print_sharing(const mg_jobs *jobs)
{
    size_t n = mg_team_n_sharing(jobs->job[0].work.team);
    if (jobs->n_scores > 1)
        printf("  %-12s %zu of %zu further scores share the scan of the first\n", "sharing", n, jobs->n - 1);
}

mg_status mg_jobs_dry_run(mg_jobs *jobs, mg_error *err)
{
    const mg_job *job = &jobs->job[0];
    double rate = 0;
    int64_t n = job->shards.shape.n_windows;
    if (job->setting.rank == 0) {
        print_head(stdout, jobs);
        if (job->setting.layout.n_nodes == 1) print_hosts(stdout, &job->setting.layout);
        fflush(stdout);
        warn(jobs);
    }
    mg_status status = n > 0 ? measure_all(jobs, &rate, err) : MG_OK;
    if (status != MG_OK || job->setting.rank != 0) return status;
    if (n > 0) {
        char duration[AMOUNT];
        print_sharing(jobs);
        printf("  %-12s about %s, at %.*f windows/s as measured now with all ranks (reading and writing files not "
               "included)\n",
               "time", format_duration(duration, (double)n / rate), rate < 10 ? 2 : 0, rate);
    }
    puts("dry run: nothing was written");
    return MG_OK;
}
