/* status.c  a JSON object, renamed into place */
#include "io/run/status.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "src/core/memory.h"
#include "src/core/version.h"

enum { TIME = 32, NODE = 256 };

static const char *const words[] = {
    [MG_RUN_READING] = "reading", [MG_RUN_WORKING] = "working",         [MG_RUN_MERGING] = "merging",
    [MG_RUN_DONE] = "done",       [MG_RUN_INTERRUPTED] = "interrupted", [MG_RUN_FAILED] = "failed"};

/* Names of files need not be UTF-8, JSON must be: where a text is not, its bytes beyond ASCII become '?'. */
static json_t *text_or_null(const char *text)
{
    if (text == NULL) return json_null();
    json_t *value = json_string(text);
    char *copy = NULL;
    if (value != NULL || mg_copy_text(&copy, text, NULL) != MG_OK) return value;
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    value = json_string(copy);
    free(copy);
    return value;
}

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
                     words[s->state], "message", text_or_null(s->message), "out", text_or_null(s->out), "windows_done",
                     (json_int_t)s->windows_done, "windows_total", (json_int_t)s->windows_total, "shards_done",
                     (json_int_t)s->shards_done, "shards_total", (json_int_t)s->shards_total, "windows_per_second",
                     number_or_null(s->rate), "seconds_left", number_or_null(s->seconds_left), "ranks",
                     (json_int_t)s->ranks, "threads", (json_int_t)s->threads, "host", text_or_null(node), "pid",
                     (int)getpid(), "started", text_or_null(s->started), "updated", now, "program", "mutagree",
                     "version", mg_version());
}

mg_status mg_run_status_write(const char *path, const mg_run_status *status, mg_error *err)
{
    char *temporary = NULL;
    mg_status result = MG_OK;
    json_t *object = describe(status);
    if (object == NULL || asprintf(&temporary, "%s.tmp", path) < 0) {
        json_decref(object);
        return mg_fail(err, MG_EMEM, "out of memory");
    }
    if (json_dump_file(object, temporary, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) != 0 ||
        rename(temporary, path) != 0) {
        result = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
        unlink(temporary);
    }
    json_decref(object);
    free(temporary);
    return result;
}
