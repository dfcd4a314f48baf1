/* status.c  a JSON object, renamed into place */
#include "io/run/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "io/base/json_text.h"
#include "io/base/whole_file.h"
#include "src/core/memory.h"
#include "src/core/version.h"

enum { TIME = 32, NODE = 256 };

static const char *const words[] = {
    [MG_RUN_READING] = "reading", [MG_RUN_WORKING] = "working",         [MG_RUN_MERGING] = "merging",
    [MG_RUN_DONE] = "done",       [MG_RUN_INTERRUPTED] = "interrupted", [MG_RUN_FAILED] = "failed"};

static json_t *number_or_null(double x)
{
    return isfinite(x) && x >= 0 ? json_real(x) : json_null();
}

static json_t *describe(const mg_run_status *s)
{
    char now[TIME] = "", node[NODE] = "";
    time_t seconds = time(NULL);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) != NULL) strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (gethostname(node, sizeof node - 1) != 0) node[0] = '\0';
    return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:i, s:o, s:s, s:s, s:s}", "state",
                     words[s->state], "message", mg_json_text(s->message), "out", mg_json_text(s->out), "windows_done",
                     (json_int_t)s->windows_done, "windows_total", (json_int_t)s->windows_total, "shards_done",
                     (json_int_t)s->shards_done, "shards_total", (json_int_t)s->shards_total, "windows_per_second",
                     number_or_null(s->rate), "seconds_left", number_or_null(s->seconds_left), "ranks",
                     (json_int_t)s->ranks, "threads", (json_int_t)s->threads, "host", mg_json_text(node), "pid",
                     (int)getpid(), "started", mg_json_text(s->started), "updated", now, "program", "mutagree",
                     "version", mg_version());
}

mg_status mg_run_status_write(const char *path, const mg_run_status *status, mg_error *err)
{
    json_t *object = describe(status);
    char *text = object != NULL ? json_dumps(object, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) : NULL;
    mg_status result = text != NULL ? mg_whole_file_write(path, text, strlen(text), true, err)
                                    : mg_fail(err, MG_EMEM, "out of memory");
    json_decref(object);
    free(text);
    return result;
}

/* Was this written by a run of ours? What is empty or not there is nobody's. */
static bool is_status(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || info.st_size == 0) return true;
    json_t *object = json_load_file(path, 0, NULL);
    const char *program = json_string_value(json_object_get(object, "program"));
    bool ours = program != NULL && strcmp(program, "mutagree") == 0;
    json_decref(object);
    return ours;
}

mg_status mg_run_status_check(const char *path, bool force, mg_error *err)
{
    mg_status status = mg_whole_file_check_name(path, true, err);
    if (status != MG_OK || force || is_status(path)) return status;
    return mg_fail(err, MG_EINPUT, "%s is there already, and no status file of mutagree; give --force to replace it",
                   path);
}
