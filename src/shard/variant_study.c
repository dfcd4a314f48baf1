/* variant_study.c  from a variant to its rows */
#include "src/shard/variant_study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/probability.h"
#include "src/sequence/window.h"

void mg_variant_bench_destroy(mg_variant_bench *bench)
{
    free(bench->after);
    free(bench->window);
    *bench = (mg_variant_bench){0};
}

/* What the functions below share. */
typedef struct {
    const mg_variant_study *study;
    int thread;
    const mg_candidate_options *how;
    mg_transcript after; /* the transcript after the variant */
    mg_stretch exon;     /* in which the variant lies */
    mg_base *window;     /* (L) */
} scene;

/* The window around `start` of the transcript after the variant. */
static const mg_base *cut(const scene *s, int64_t start)
{
    mg_window window = {0};
    mg_window_cut(&s->after, start, s->how->length, s->how->anchor, s->how->unknown_is_a, s->window, &window);
    return s->window;
}

static mg_window_score score_after(const scene *s, int64_t start)
{
    return mg_scorer_window(s->study->scorer, s->thread, cut(s, start));
}

/* Is the window another one after the variant? How an insertion or deletion in a repeat was written does not matter. */
static bool touches(const scene *s, const mg_change *change, const mg_base *before)
{
    int64_t first = change->before.anchor - s->how->anchor;
    return mg_edit_touches(&change->edit, first, first + s->how->length) &&
           memcmp(cut(s, change->after.anchor), before, (size_t)s->how->length) != 0;
}

/* The new ATG that scores best; the first of equals. */
static void look_for_atg(const scene *s, const mg_change *change, mg_variant_row *row)
{
    for (int64_t at = -1; mg_change_next_atg(change, &at);) {
        mg_window_score score = score_after(s, at);
        if (row->makes_atg && !(score.f > row->new_atg.f)) continue;
        row->makes_atg = true;
        row->new_atg = score;
        row->atg = mg_window_position(at, change->after.anchor);
        row->atg_class = (int)mg_reading_upstream(&change->after, at);
    }
}

double mg_variant_effect(const mg_variant_study *study, const mg_variant_row *row)
{
    double d = row->after.f - row->before.f;
    return study->probability ? mg_probability_change(row->before.f, d) : d;
}

static mg_status fill_row(const scene *s, const mg_change *change, const mg_base *before, mg_variant_row *row,
                          mg_error *err)
{
    row->before = mg_scorer_window(s->study->scorer, s->thread, before);
    row->after = row->touched ? score_after(s, change->after.anchor) : row->before;
    if (!isfinite(row->before.f) || !isfinite(row->after.f) || (row->makes_atg && !isfinite(row->new_atg.f)))
        return mg_fail(err, MG_EINPUT, "the network's score is not finite; its weights are too large for float32");
    row->effect = mg_variant_effect(s->study, row);
    row->class = mg_change_classify(change);
    mg_change_coding(change, row->coding);
    if (!mg_change_protein(change, row->protein)) row->protein[0] = '\0';
    if (!mg_change_kozak(change, row->kozak)) row->kozak[0] = '\0';
    return MG_OK;
}

/* Add the row of one candidate, if the variant concerns it; `before` is its window. */
static mg_status add_row(const scene *s, const mg_transcript *transcript, const mg_edit *edit, const mg_window *window,
                         const mg_base *before, mg_variant_rows *inout, mg_error *err)
{
    mg_change change = mg_change_begin(s->study->code, edit, s->exon, transcript, s->after.base, window->start);
    mg_variant_row row = {.start = window->start, .label = window->label};
    row.touched = touches(s, &change, before);
    if (!row.touched && s->how->kind == MG_CANDIDATES_ATG) return MG_OK;
    look_for_atg(s, &change, &row);
    if (!row.touched && !row.makes_atg) return MG_OK;
    mg_status status = fill_row(s, &change, before, &row, err);
    if (status == MG_OK) status = mg_grow(&inout->row, &inout->n_room, inout->n + 1, sizeof *inout->row, err);
    if (status == MG_OK) inout->row[inout->n++] = row;
    return status;
}

mg_status mg_variant_study_rows(const mg_variant_study *study, int thread, mg_candidate_search *search,
                                const mg_edit *edit, mg_stretch exon, mg_variant_bench *bench, mg_variant_rows *inout,
                                mg_error *err)
{
    const mg_transcript *transcript = search->transcript;
    size_t length = (size_t)search->options->length;
    scene s = {.study = study, .thread = thread, .how = search->options, .exon = exon};
    s.after.length = transcript->length + mg_edit_shift(edit);
    mg_window window;
    mg_status status = mg_grow(&bench->after, &bench->n_after, (size_t)s.after.length, sizeof *bench->after, err);
    if (status == MG_OK) status = mg_grow(&bench->window, &bench->n_window, 2 * length, sizeof *bench->window, err);
    if (status != MG_OK) return status;
    mg_edit_apply(edit, transcript->base, transcript->length, bench->after);
    s.after.base = bench->after;
    s.window = bench->window + length;
    while (status == MG_OK && mg_candidate_next(search, &window, bench->window))
        status = add_row(&s, transcript, edit, &window, bench->window, inout, err);
    return status;
}

const char *mg_variant_call(const mg_variant_row *row)
{
    if (row->before.f > 0) return row->after.f > 0 ? "kept" : "lost";
    return row->after.f > 0 ? "gained" : "none";
}

bool mg_variant_prefers_new(const mg_variant_row *row)
{
    return row->makes_atg && row->new_atg.f > row->after.f;
}
