/* match.c  transcripts by name, then windows by start, as two sorted lists are merged */
#include "io/run/match.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/sequence/names.h"

enum { BLOCK = 4096 }; /* windows or transcripts that are read at once */

/* A column of numbers of a run, read a block at a time. */
typedef struct {
    const mg_run_file *run;
    mg_field_id id;
    int64_t first, n; /* what is in memory */
    int64_t value[BLOCK];
} cursor;

struct mg_run_match {
    const mg_run_file *one, *other;
    int64_t *begin_one, *begin_other; /* (transcripts + 1) first window of each transcript */
    int64_t *twin;                    /* (transcripts of one) their index in other, -1: not there */
    int64_t n_both;
    bool same;
    cursor start_one, start_other, window_one, window_other;
    uint64_t *seen;                       /* (a bit a window of one) it has been given out */
    int64_t transcript, at_one, at_other; /* how far the walk has come */
};

static mg_status value_at(cursor *c, int64_t i, int64_t *ret, mg_error *err)
{
    if (i < c->first || i >= c->first + c->n) {
        int64_t window[BLOCK], left = c->run->shape.n_places - i;
        c->first = i;
        c->n = left < BLOCK ? left : BLOCK;
        for (int64_t k = 0; k < c->n; k++)
            window[k] = i + k;
        mg_status status = mg_run_file_read(c->run, c->id, 0, window, c->n, c->value, err);
        if (status != MG_OK) {
            c->n = 0;
            return status;
        }
    }
    *ret = c->value[i - c->first];
    return MG_OK;
}

/* --- where the windows of a transcript begin --- */

static mg_status find_begins(const mg_run_file *run, int64_t **ret, mg_error *err)
{
    int64_t *begin = NULL, n = run->shape.n_places, n_transcripts = run->shape.n_transcripts, t = 0;
    cursor transcript = {.run = run, .id = MG_PLACE_TRANSCRIPT};
    mg_status status = mg_alloc(&begin, (size_t)n_transcripts + 1, sizeof *begin, err);
    for (int64_t i = 0, of; i < n && status == MG_OK; i++) {
        status = value_at(&transcript, i, &of, err);
        if (status == MG_OK && (of < t - 1 || of < 0 || of >= n_transcripts))
            status = mg_fail(err, MG_EINPUT, "%s: place %lld is of transcript %lld, out of order; the file is damaged",
                             run->path, (long long)i, (long long)of);
        for (; status == MG_OK && t <= of; t++)
            begin[t] = i;
    }
    for (; status == MG_OK && t <= n_transcripts; t++)
        begin[t] = n;
    if (status == MG_OK)
        *ret = begin;
    else
        free(begin);
    return status;
}

/* --- transcripts by name --- */

typedef char name_text[MG_NAME_LENGTH + 1];

/* Called for each transcript of a run. */
typedef mg_status visit(void *context, int64_t t, const char *name, int64_t length, mg_error *err);

static mg_status visit_transcripts(const mg_run_file *run, visit *call, void *context, mg_error *err)
{
    int64_t *length = NULL, n = run->shape.n_transcripts;
    name_text *name = NULL;
    mg_status status = mg_alloc(&name, BLOCK, sizeof *name, err);
    if (status == MG_OK) status = mg_alloc(&length, BLOCK, sizeof *length, err);
    for (int64_t first = 0; first < n && status == MG_OK; first += BLOCK) {
        int64_t count = n - first < BLOCK ? n - first : BLOCK;
        status = mg_run_file_names(run, first, count, name, err);
        if (status == MG_OK) status = mg_run_file_lengths(run, first, count, length, err);
        for (int64_t k = 0; k < count && status == MG_OK; k++)
            status = call(context, first + k, name[k], length[k], err);
    }
    free(name);
    free(length);
    return status;
}

/* The transcripts of `other`, and what is done with those of `one`. */
typedef struct {
    mg_run_match *match;
    size_t n, n_room;
    char **text;     /* owned (n), each owned */
    int64_t *length; /* (transcripts of other) */
    mg_names names;
} directory;

static mg_status enter(void *context, int64_t t, const char *name, int64_t length, mg_error *err)
{
    directory *d = context;
    if (mg_names_find(&d->names, name, strlen(name)) != NULL)
        return mg_fail(err, MG_EINPUT, "%s has transcript %s twice; the file is damaged", d->match->other->path, name);
    mg_status status = mg_grow(&d->text, &d->n_room, d->n + 1, sizeof *d->text, err);
    if (status == MG_OK) status = mg_copy_text(&d->text[d->n], name, err);
    if (status != MG_OK) return status;
    d->n++;
    d->length[t] = length;
    return mg_names_add(&d->names, d->text[d->n - 1], strlen(name), (size_t)t, err);
}

static mg_status look_up(void *context, int64_t t, const char *name, int64_t length, mg_error *err)
{
    directory *d = context;
    (void)err;
    const mg_name *found = mg_names_find(&d->names, name, strlen(name));
    int64_t twin = found == NULL ? -1 : (int64_t)found->value;
    d->match->twin[t] = twin;
    d->match->n_both += found != NULL;
    d->match->same = d->match->same && twin == t && d->length[t] == length;
    return MG_OK;
}

static mg_status find_twins(mg_run_match *match, mg_error *err)
{
    directory d = {.match = match};
    match->same = match->one->shape.n_transcripts == match->other->shape.n_transcripts;
    mg_status status = mg_alloc(&match->twin, (size_t)match->one->shape.n_transcripts, sizeof *match->twin, err);
    if (status == MG_OK) status = mg_alloc(&d.length, (size_t)match->other->shape.n_transcripts, sizeof *d.length, err);
    if (status == MG_OK) status = visit_transcripts(match->other, enter, &d, err);
    if (status == MG_OK) status = visit_transcripts(match->one, look_up, &d, err);
    for (size_t k = 0; k < d.n; k++)
        free(d.text[k]);
    free(d.text);
    free(d.length);
    mg_names_destroy(&d.names);
    return status;
}

/* --- the walk --- */

mg_status mg_run_match_create(const mg_run_file *one, const mg_run_file *other, mg_run_match **ret, mg_error *err)
{
    mg_run_match *match = NULL;
    mg_status status = mg_alloc(&match, 1, sizeof *match, err);
    if (status != MG_OK) return status;
    match->one = one;
    match->other = other;
    match->start_one = (cursor){.run = one, .id = MG_PLACE_START};
    match->start_other = (cursor){.run = other, .id = MG_PLACE_START};
    match->window_one = (cursor){.run = one, .id = MG_PLACE_WINDOW};
    match->window_other = (cursor){.run = other, .id = MG_PLACE_WINDOW};
    status = mg_alloc(&match->seen, (size_t)one->shape.n_windows / 64 + 1, sizeof *match->seen, err);
    if (status == MG_OK) status = find_begins(one, &match->begin_one, err);
    if (status == MG_OK) status = find_begins(other, &match->begin_other, err);
    if (status == MG_OK) status = find_twins(match, err);
    if (status != MG_OK) {
        mg_run_match_destroy(match);
        return status;
    }
    mg_run_match_rewind(match);
    *ret = match;
    return MG_OK;
}

void mg_run_match_destroy(mg_run_match *match)
{
    if (match == NULL) return;
    free(match->begin_one);
    free(match->begin_other);
    free(match->twin);
    free(match->seen);
    free(match);
}

/* Stand before the windows of transcript t of `one`. */
static void enter_transcript(mg_run_match *match, int64_t t)
{
    match->transcript = t;
    if (t >= match->one->shape.n_transcripts || match->twin[t] < 0) return;
    match->at_one = match->begin_one[t];
    match->at_other = match->begin_other[match->twin[t]];
}

void mg_run_match_rewind(mg_run_match *match)
{
    memset(match->seen, 0, ((size_t)match->one->shape.n_windows / 64 + 1) * sizeof *match->seen);
    enter_transcript(match, 0);
}

/* Are there windows left in the transcript, on both sides? */
static bool has_more(const mg_run_match *match)
{
    int64_t t = match->transcript, twin = match->twin[t];
    return twin >= 0 && match->at_one < match->begin_one[t + 1] && match->at_other < match->begin_other[twin + 1];
}

/* The windows at the places at hand, unless that of `one` has been given out: *inout_n more. */
static mg_status add_windows(mg_run_match *match, int64_t *in_one, int64_t *in_other, int64_t *inout_n, mg_error *err)
{
    int64_t one, other;
    mg_status status = value_at(&match->window_one, match->at_one, &one, err);
    if (status == MG_OK) status = value_at(&match->window_other, match->at_other, &other, err);
    if (status != MG_OK) return status;
    if (one < 0 || one >= match->one->shape.n_windows || other < 0 || other >= match->other->shape.n_windows)
        return mg_fail(err, MG_EINPUT, "place %lld of %s, or %lld of %s, has a window that is not there; it is damaged",
                       (long long)match->at_one, match->one->path, (long long)match->at_other, match->other->path);
    uint64_t *word = &match->seen[one / 64], bit = (uint64_t)1 << one % 64;
    if ((*word & bit) != 0) return MG_OK;
    *word |= bit;
    in_one[*inout_n] = one;
    in_other[(*inout_n)++] = other;
    return MG_OK;
}

mg_status mg_run_match_next(mg_run_match *match, int64_t n_room, int64_t *in_one, int64_t *in_other, int64_t *n_ret,
                            mg_error *err)
{
    *n_ret = 0;
    while (*n_ret < n_room && match->transcript < match->one->shape.n_transcripts) {
        int64_t one, other;
        if (!has_more(match)) {
            enter_transcript(match, match->transcript + 1);
            continue;
        }
        mg_status status = value_at(&match->start_one, match->at_one, &one, err);
        if (status == MG_OK) status = value_at(&match->start_other, match->at_other, &other, err);
        if (status == MG_OK && one == other) status = add_windows(match, in_one, in_other, n_ret, err);
        if (status != MG_OK) return status;
        match->at_one += one <= other;
        match->at_other += other <= one;
    }
    return MG_OK;
}

int64_t mg_run_match_n_transcripts(const mg_run_match *match)
{
    return match->n_both;
}

bool mg_run_match_same_transcripts(const mg_run_match *match)
{
    return match->same;
}
