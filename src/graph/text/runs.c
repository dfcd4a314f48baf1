/* runs.c  the longest run from each place on, then how often it comes again a fixed step apart, then that again */
#include "src/graph/text/runs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { LEVELS = 4, WORD = 64 };

typedef struct {
    int64_t start;
    int n_levels; /* level 0 runs fastest */
    int64_t count[LEVELS], step[LEVELS];
} run;

static int64_t size_of(const run *r)
{
    int64_t n = 1;
    for (int l = 0; l < r->n_levels; l++)
        n *= r->count[l];
    return n;
}

/* Whether the n places from a on are those from b on, shifted. */
static bool is_shifted(const int64_t *a, const int64_t *b, int64_t n, int64_t shift)
{
    for (int64_t i = 0; i < n; i++)
        if (b[i] < 0 || b[i] - a[i] != shift) return false;
    return true;
}

static run find_run(const int64_t *place, int64_t n)
{
    run r = {.start = place[0]};
    int64_t count = 1;
    if (place[0] < 0) {
        while (count < n && place[count] < 0)
            count++;
        r.count[0] = count;
        r.n_levels = 1;
        return r;
    }
    for (int64_t size = 1; r.n_levels < LEVELS; size *= count) {
        count = 1;
        int64_t step = 2 * size <= n ? place[size] - place[0] : 0;
        while ((count + 1) * size <= n && is_shifted(place, place + count * size, size, count * step))
            count++;
        if (count == 1 && r.n_levels > 0) break;
        r.step[r.n_levels] = step;
        r.count[r.n_levels++] = count;
    }
    return r;
}

static int write_run(const run *r, char *text, size_t room)
{
    if (r->start < 0) return snprintf(text, room, "-:%" PRId64, r->count[0]);
    int n = snprintf(text, room, "%" PRId64, r->start);
    for (int l = r->n_levels - 1; l >= 0; l--)
        n += snprintf(text + n, room - (size_t)n, ":%" PRId64 "x%" PRId64, r->count[l], r->step[l]);
    return n;
}

mg_status mg_runs_write(const int64_t *place, int64_t n, char **ret, mg_error *err)
{
    char *text = NULL, word[LEVELS * WORD];
    size_t n_text = 0, room = 0;
    mg_status status = mg_grow(&text, &room, WORD, 1, err);
    for (int64_t at = 0; at < n && status == MG_OK;) {
        run r = find_run(place + at, n - at);
        int n_word = write_run(&r, word, sizeof word);
        status = mg_grow(&text, &room, n_text + (size_t)n_word + 2, 1, err);
        if (status == MG_OK) n_text += (size_t)sprintf(text + n_text, "%s%s", at > 0 ? "|" : "", word);
        at += size_of(&r);
    }
    if (status == MG_OK) {
        *ret = text;
    } else {
        free(text);
    }
    return status;
}

static mg_status read_number(const char **at, int64_t *ret, mg_error *err)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(*at, &end, 10);
    if (end == *at || errno != 0 || number > (long long)1 << 40 || number < -((long long)1 << 40))
        return mg_fail(err, MG_EINPUT, "'%.30s' is no list of places", *at);
    *ret = number;
    *at = end;
    return MG_OK;
}

/* One piece; *at is left at '|' or the end. */
static mg_status read_run(const char **at, run *r, mg_error *err)
{
    *r = (run){.start = -1};
    mg_status status = MG_OK;
    if ((*at)[0] == '-' && (*at)[1] == ':') {
        *at += 2;
        r->n_levels = 1;
        return read_number(at, &r->count[0], err);
    }
    status = read_number(at, &r->start, err);
    while (status == MG_OK && **at == ':') {
        if (r->n_levels == LEVELS) return mg_fail(err, MG_EINPUT, "'%.30s' has too many counts", *at);
        for (int l = r->n_levels++; l > 0; l--) {
            r->count[l] = r->count[l - 1];
            r->step[l] = r->step[l - 1];
        }
        ++*at;
        status = read_number(at, &r->count[0], err);
        if (status == MG_OK && **at != 'x') return mg_fail(err, MG_EINPUT, "'%.30s': x and a step are missing", *at);
        if (status == MG_OK) ++*at;
        if (status == MG_OK) status = read_number(at, &r->step[0], err);
    }
    return status;
}

static mg_status fill(const run *r, int64_t n_most, int64_t *place, int64_t *ret_n, mg_error *err)
{
    int64_t n = 1;
    for (int l = 0; l < r->n_levels; l++) {
        if (r->count[l] < 1 || r->count[l] > n_most / n)
            return mg_fail(err, MG_EINPUT, "there are more places than the value has");
        n *= r->count[l];
    }
    if (n > n_most) return mg_fail(err, MG_EINPUT, "there are more places than the value has");
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i, at = r->start;
        for (int l = 0; l < r->n_levels && r->start >= 0; l++) {
            at += rest % r->count[l] * r->step[l];
            rest /= r->count[l];
        }
        if (r->start >= 0 && at < 0) return mg_fail(err, MG_EINPUT, "a place below 0");
        place[i] = at;
    }
    *ret_n = n;
    return MG_OK;
}

mg_status mg_runs_read(const char *text, int64_t n, int64_t *place, mg_error *err)
{
    int64_t n_read = 0, n_run = 0;
    mg_status status = MG_OK;
    for (const char *at = text; status == MG_OK; at++) {
        run r;
        status = read_run(&at, &r, err);
        if (status == MG_OK) status = fill(&r, n - n_read, place + n_read, &n_run, err);
        n_read += n_run;
        if (status == MG_OK && *at == '\0') break;
        if (status == MG_OK && *at != '|') status = mg_fail(err, MG_EINPUT, "'%.30s': | is missing", at);
    }
    if (status == MG_OK && n_read != n)
        status = mg_fail(err, MG_EINPUT, "%" PRId64 " places are given, %" PRId64 " wanted", n_read, n);
    return status;
}
