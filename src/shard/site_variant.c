/* site_variant.c  a variant on the record of a site */
#include "src/shard/site_variant.h"

#include <math.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/sequence/window.h"

mg_edit mg_site_edit(const mg_edit *edit, const mg_transcript *record, int64_t site)
{
    mg_edit moved = *edit;
    mg_edit_roll_far(&moved, record->base, (mg_stretch){0, record->length}, 1);
    mg_edit_avoid(&moved, record->base, record->length, site, site + 1);
    return moved;
}

/* The place of the edit seen from the site: of its first base, or of the one that an insertion stands before. */
static int64_t place_of(const mg_edit *edit, int64_t site)
{
    return mg_window_position(edit->begin, site);
}

mg_status mg_site_variant_rows(const mg_variant_study *study, int thread, mg_candidate_search *search,
                               const mg_edit *edit, mg_variant_bench *bench, mg_variant_rows *inout, mg_error *err)
{
    const mg_transcript *record = search->transcript;
    const mg_candidate_options *how = search->options;
    size_t length = (size_t)how->length;
    mg_transcript after = {.length = record->length + mg_edit_shift(edit)};
    mg_window window, window_after = {0};
    mg_status status = mg_grow(&bench->after, &bench->n_after, (size_t)after.length, sizeof *bench->after, err);
    if (status == MG_OK) status = mg_grow(&bench->window, &bench->n_window, 2 * length, sizeof *bench->window, err);
    if (status != MG_OK) return status;
    after.base = bench->after;
    mg_edit_apply(edit, record->base, record->length, bench->after);
    while (mg_candidate_next(search, &window, bench->window)) {
        mg_edit moved = mg_site_edit(edit, record, window.start);
        int64_t first = window.start - how->anchor, at = mg_edit_moved(&moved, window.start);
        mg_base *changed = bench->window + length;
        if (!mg_edit_touches(&moved, first, first + how->length)) continue;
        mg_window_cut(&after, at, how->length, how->anchor, how->unknown_is_a, changed, &window_after);
        if (memcmp(changed, bench->window, length) == 0) continue;
        mg_variant_row row = {.start = window.start, .label = window.label, .touched = true};
        row.place = place_of(&moved, window.start);
        row.before = mg_scorer_window(study->scorer, thread, bench->window);
        row.after = mg_scorer_window(study->scorer, thread, changed);
        if (!isfinite(row.before.f) || !isfinite(row.after.f))
            return mg_fail(err, MG_EINPUT, "the network's score is not finite; its weights are too large for float32");
        row.effect = mg_variant_effect(study, &row);
        status = mg_grow(&inout->row, &inout->n_room, inout->n + 1, sizeof *inout->row, err);
        if (status != MG_OK) return status;
        inout->row[inout->n++] = row;
    }
    return MG_OK;
}
