/* log.c  talk to the user on stderr
 *
 * Writes to stderr are not checked: when the place where complaints go is gone, there is nobody left to complain to.
 */
#include "src/core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    BAR_WIDTH = 24, /* columns of a full bar; smaller where the terminal is narrow */
    DRAW_TEXT = 160 /* bytes of the words beside the bar */
};
static const char full_bar[] = "========================", empty_bar[] = "                        ";
_Static_assert(sizeof full_bar == BAR_WIDTH + 1 && sizeof empty_bar == sizeof full_bar, "a bar of BAR_WIDTH columns");
static const double redraw_seconds = 0.1, log_seconds = 60;

static bool stderr_is_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

/* One write for the whole line, so that lines of several processes do not mix. A progress bar that stands on the
 * terminal's last line is wiped first. */
static void say(const char *before, const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0) return;
    fprintf(stderr, "%s%s%s\n", stderr_is_terminal() ? "\r\033[K" : "", before, text);
    free(text);
}

void mg_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say("", format, args);
    va_end(args);
}

void mg_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say("mutagree: warning: ", format, args);
    va_end(args);
}

void mg_log(const char *who, const char *format, ...)
{
    char stamp[32] = "", before[256];
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL) strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(before, sizeof before, "%s %s: ", stamp, who);
    va_list args;
    va_start(args, format);
    say(before, format, args);
    va_end(args);
}

double mg_clock(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

char *mg_format_count(char text[MG_COUNT_TEXT], int64_t n)
{
    char digits[MG_COUNT_TEXT];
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    int n_digits = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    char *end = text;
    if (n < 0) *end++ = '-';
    for (int i = 0; i < n_digits; i++) {
        if (i > 0 && (n_digits - i) % 3 == 0) *end++ = ',';
        *end++ = digits[i];
    }
    *end = '\0';
    return text;
}

static void format_seconds(char *text, size_t size, double seconds)
{
    if (!(seconds >= 0 && seconds < 1e9)) {
        snprintf(text, size, "?");
        return;
    }
    long long s = (long long)(seconds + 0.5);
    snprintf(text, size, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

/* "517/517 windows  742/s  0:00:00 left"; at the end, and where the end is not known, the time taken instead. */
static void format_words(const mg_progress *progress, double now, bool finished, char text[DRAW_TEXT])
{
    char done[MG_COUNT_TEXT], total[MG_COUNT_TEXT], duration[32];
    double elapsed = now - progress->started;
    double rate = elapsed > 0 ? (double)(progress->n_done - progress->n_before) / elapsed : 0;
    double left = rate > 0 ? (double)(progress->n_total - progress->n_done) / rate : -1;
    bool known = progress->n_total >= 0, taken = finished || !known;
    format_seconds(duration, sizeof duration, taken ? elapsed : left);
    mg_format_count(total, progress->n_total);
    snprintf(text, DRAW_TEXT, "%s%s%s %.40s  %.*f/s  %s %s", mg_format_count(done, progress->n_done), known ? "/" : "",
             known ? total : "", progress->unit, rate < 10 ? 2 : 0, rate, duration, taken ? "taken" : "left");
}

static int terminal_columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

static void draw_bar(const mg_progress *progress, const char *words)
{
    int columns = terminal_columns() - 1;
    int width = columns - 5 - (int)strlen(words);
    if (width > BAR_WIDTH) width = BAR_WIDTH;
    if (width < 4 ||
        progress->n_total < 0) { /* no room for a bar: the words alone, cut to one line so that it can be redrawn */
        fprintf(stderr, "\r\033[K%.*s", columns, words);
        return;
    }
    double share = progress->n_total > 0 ? (double)progress->n_done / (double)progress->n_total : 1;
    int filled = (int)((share < 0 ? 0 : share > 1 ? 1 : share) * width);
    fprintf(stderr, "\r\033[K  [%.*s%.*s] %s", filled, full_bar, width - filled, empty_bar, words);
}

static void log_line(const char *words)
{
    char stamp[32] = "";
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local) != NULL) strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
    fprintf(stderr, "  %s  %s\n", stamp, words);
}

static void show(mg_progress *progress, double now, bool finished)
{
    char words[DRAW_TEXT];
    format_words(progress, now, finished, words);
    if (progress->who != NULL)
        mg_log(progress->who, "%s", words);
    else if (progress->terminal)
        draw_bar(progress, words);
    else
        log_line(words);
    progress->shown = now;
}

void mg_progress_start(mg_progress *progress, const char *unit, int64_t n_total, bool quiet)
{
    *progress = (mg_progress){.unit = unit, .n_total = n_total, .quiet = quiet, .terminal = stderr_is_terminal()};
    progress->started = progress->shown = mg_clock();
}

void mg_progress_update(mg_progress *progress, int64_t n_done)
{
    progress->n_done = n_done;
    if (progress->quiet) return;
    double now = mg_clock();
    bool bar = progress->terminal && progress->who == NULL;
    if (now - progress->shown < (bar ? redraw_seconds : log_seconds)) return;
    show(progress, now, false);
}

void mg_progress_finish(mg_progress *progress)
{
    if (progress->quiet) return;
    show(progress, mg_clock(), true);
    if (progress->terminal && progress->who == NULL) fputc('\n', stderr);
}
