/* status.c  the file that tells a monitor how far the run is, and the lines that --nice puts into the log */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/run/parts.h"
#include "io/run/status.h"
#include "src/commands/scan/job.h"

static const double status_seconds = 5;

/* Without --status the file lies in OUT.parts, which is ours when the lock is. */
static bool has_place(const mg_job_setting *setting, const mg_job_output *output)
{
    return setting->rank == 0 && !setting->options->dry_run &&
           (setting->options->status != NULL || output->lock != NULL);
}

static mg_run_status describe(const mg_job *job)
{
    const mg_progress *p = &job->work.progress;
    const mg_run_shape *shape = &job->shards.shape;
    int64_t size = job->shards.shard_size > 0 ? job->shards.shard_size : 1;
    int64_t done = p->n_done > job->work.n_done ? p->n_done : job->work.n_done;
    double elapsed = mg_clock() - p->started, rate = (double)(done - job->work.n_done) / elapsed;
    bool known = job->monitor.state == MG_RUN_WORKING && done > job->work.n_done && elapsed > 0;
    return (mg_run_status){.state = job->monitor.state,
                           .out = job->setting.options->out,
                           .windows_done = done,
                           .windows_total = shape->n_windows,
                           .shards_done = mg_shard_count(done, size), /* all but the last are of one size */
                           .shards_total = mg_shard_count(shape->n_windows, size),
                           .rate = known ? rate : -1,
                           .seconds_left = known ? (double)(shape->n_windows - done) / rate : -1,
                           .ranks = job->setting.layout.n_ranks,
                           .threads = job->setting.layout.n_threads_all,
                           .started = job->provenance.started};
}

/* A run does not fail because of this file. */
static void write_status(mg_job *job, const char *message)
{
    mg_error err;
    mg_run_status now = describe(job);
    const char *path = job->setting.options->status;
    char *in_parts = NULL;
    if (path == NULL && asprintf(&in_parts, "%s/%s", job->output.parts, MG_PARTS_STATUS) < 0) return;
    now.message = message;
    if (mg_run_status_write(path != NULL ? path : in_parts, &now, &err) != MG_OK && !job->monitor.has_told_failure) {
        mg_warn("%s; the run does not depend on it", err.text);
        job->monitor.has_told_failure = true;
    }
    job->monitor.told = mg_clock();
    free(in_parts);
}

void mg_job_tell(mg_job *job, mg_run_state state)
{
    static const char *const words[] = {[MG_RUN_READING] = "reads model and input",
                                        [MG_RUN_WORKING] = "works on shards",
                                        [MG_RUN_MERGING] = "makes aggregates and merges shards"};
    job->monitor.state = state;
    if (state == MG_RUN_WORKING)
        mg_job_say(&job->setting, "%s, threads: %d", words[state], job->setting.layout.n_threads);
    else if (job->setting.rank == 0)
        mg_job_say(&job->setting, "%s", words[state]);
    if (has_place(&job->setting, &job->output)) write_status(job, NULL);
}

void mg_job_tell_progress(mg_job *job)
{
    if (has_place(&job->setting, &job->output) && mg_clock() - job->monitor.told >= status_seconds)
        write_status(job, NULL);
}

void mg_job_tell_end(mg_job *job, mg_status status, const mg_error *err)
{
    job->monitor.state = status == MG_OK ? MG_RUN_DONE : status == MG_ESTOP ? MG_RUN_INTERRUPTED : MG_RUN_FAILED;
    if (has_place(&job->setting, &job->output) && job->monitor.told > 0)
        write_status(job, status == MG_OK ? NULL : err->text);
}

void mg_job_name_speaker(mg_job_setting *setting)
{
    char node[MPI_MAX_PROCESSOR_NAME] = "";
    int n = 0;
    if (!setting->options->nice || setting->options->quiet) return;
    MPI_Get_processor_name(node, &n);
    snprintf(setting->who, sizeof setting->who, "rank %d of %d on %.64s", setting->rank, setting->layout.n_ranks, node);
}

void mg_job_say(const mg_job_setting *setting, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    if (setting->who[0] == '\0') return;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) return;
    mg_log(setting->who, "%s", text);
    free(text);
}
