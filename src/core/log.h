/* log.h  talk to the user on stderr: notes, warnings, and how far the work is
 *
 * Results go to files or stdout, talk goes to stderr. Only rank 0 talks, unless mg_log() says which rank it is; the other
 * ranks' problems reach it through mpi/agree.h.
 */
#ifndef MG_CORE_LOG_H
#define MG_CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* mg_note()  a line for the user, "  word   text"-like lines are formatted by the caller; mg_warn() puts
 * "mutagree: warning: " before it */
void mg_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mg_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* mg_log()  a line that begins with the time (UTC) and who speaks: "2026-11-23T03:40:12Z rank 3 of 8 on n02: ..." */
void mg_log(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A progress display: a bar with rate and time left that redraws itself when stderr is a terminal, else a line with a
 * time stamp at most once a minute; by mg_log() everywhere when `who` is set. Nothing at all when quiet. */
typedef struct {
    const char *unit; /* plural: "windows" */
    int64_t n_total;  /* -1: not known; then there is no bar, and the time taken is shown */
    int64_t n_done;
    int64_t n_before; /* of n_done: done before this run began, so not counted in the rate */
    bool quiet, terminal;
    const char *who;       /* NULL: not said */
    double started, shown; /* seconds of mg_clock() */
} mg_progress;

void mg_progress_start(mg_progress *progress, const char *unit, int64_t n_total, bool quiet);
void mg_progress_update(mg_progress *progress, int64_t n_done); /* cheap: draws at most ten times a second */
void mg_progress_finish(mg_progress *progress);                 /* last draw, and end of the line */

/* mg_clock()  seconds since some fixed moment, never running backwards */
double mg_clock(void);

/* mg_format_count()  12345678 as "12,345,678" into text (27 bytes suffice); returns text */
enum { MG_COUNT_TEXT = 32 };
char *mg_format_count(char text[MG_COUNT_TEXT], int64_t n);

#endif
