/* status.c  the file that tells a monitor how far the run is, and the lines that --nice puts into the log */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/run/parts.h"
#include "io/run/status.h"
#include "src/commands/scan/job.h"

static const double status_seconds = 5;

/* Without --status the file lies in OUT.parts, which is ours when the lock is. */
static bool has_place(const mg_job *job)
{
    return job->rank == 0 && !job->options->dry_run && (job->options->status != NULL || job->lock != NULL);
}

static mg_run_status describe(const mg_job *job)
{
    const mg_progress *p = &job->progress;
    const mg_run_shape *shape = &job->shards.shape;
    int64_t size = job->shards.shard_size > 0 ? job->shards.shard_size : 1;
    int64_t done = p->n_done > job->n_done ? p->n_done : job->n_done;
    double elapsed = mg_clock() - p->started, rate = (double)(done - job->n_done) / elapsed;
    bool known = job->state == MG_RUN_WORKING && done > job->n_done && elapsed > 0;
    return (mg_run_status){.state = job->state,
                           .out = job->options->out,
                           .windows_done = done,
                           .windows_total = shape->n_windows,
                           .shards_done = mg_shard_count(done, size), /* all but the last are of one size */
                           .shards_total = mg_shard_count(shape->n_windows, size),
                           .rate = known ? rate : -1,
                           .seconds_left = known ? (double)(shape->n_windows - done) / rate : -1,
                           .ranks = job->layout.n_ranks,
                           .threads = job->layout.n_threads_all,
                           .started = job->provenance.started};
}

/* A run does not fail because of this file. */
static void write_status(mg_job *job, const char *message)
{
    mg_error err;
    mg_run_status now = describe(job);
    const char *path = job->options->status;
    char *in_parts = NULL;
    if (path == NULL && asprintf(&in_parts, "%s/%s", job->parts, MG_PARTS_STATUS) < 0) return;
    now.message = message;
    if (mg_run_status_write(path != NULL ? path : in_parts, &now, &err) != MG_OK && !job->has_told_failure) {
        mg_warn("%s; the run does not depend on it", err.text);
        job->has_told_failure = true;
    }
    job->told = mg_clock();
    free(in_parts);
}

void mg_job_tell(mg_job *job, mg_run_state state)
{
    static const char *const words[] = {[MG_RUN_READING] = "reads model and input",
                                        [MG_RUN_WORKING] = "works on shards",
                                        [MG_RUN_MERGING] = "makes aggregates and merges shards"};
    job->state = state;
    if (state == MG_RUN_WORKING)
        mg_job_say(job, "%s, threads: %d", words[state], job->layout.n_threads);
    else if (job->rank == 0)
        mg_job_say(job, "%s", words[state]);
    if (has_place(job)) write_status(job, NULL);
}

void mg_job_tell_progress(mg_job *job)
{
    if (has_place(job) && mg_clock() - job->told >= status_seconds) write_status(job, NULL);
}

void mg_job_tell_end(mg_job *job, mg_status status, const mg_error *err)
{
    job->state = status == MG_OK ? MG_RUN_DONE : status == MG_ESTOP ? MG_RUN_INTERRUPTED : MG_RUN_FAILED;
    if (has_place(job) && job->told > 0) write_status(job, status == MG_OK ? NULL : err->text);
}

void mg_job_name_speaker(mg_job *job)
{
    char node[MPI_MAX_PROCESSOR_NAME] = "";
    int n = 0;
    if (!job->options->nice || job->options->quiet) return;
    MPI_Get_processor_name(node, &n);
    snprintf(job->who, sizeof job->who, "rank %d of %d on %.64s", job->rank, job->layout.n_ranks, node);
}

void mg_job_say(const mg_job *job, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    if (job->who[0] == '\0') return;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) return;
    mg_log(job->who, "%s", text);
    free(text);
}
