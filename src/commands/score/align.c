/* align.c  in which ways an insertion or deletion can be written
 *
 * In a repeat there are several, one base further on each. The callers of variants write the leftmost, other tools the one
 * that is nearest to the 3' end of the transcript, and around the ends of exons it depends on the way whether the event
 * stands in the exon, in the intron or over both.
 */
#include <stdlib.h>
#include <string.h>

#include "src/commands/score/score.h"
#include "src/core/memory.h"

static bool can_be_moved(const mg_edit *edit)
{
    return (edit->begin == edit->end) != (edit->n == 0);
}

/* Bases [begin, end) of a chromosome. */
typedef struct {
    int64_t begin, end;
    mg_base *base;
} view;

/* By the bases of the view; false when it might go further beyond them. */
static bool move(const view *v, mg_edit_ways *inout)
{
    mg_edit here = inout->edit;
    int64_t n = v->end - v->begin;
    here.begin -= v->begin;
    here.end -= v->begin;
    inout->left = mg_edit_reach(&here, v->base, n, -1);
    inout->right = mg_edit_reach(&here, v->base, n, 1);
    return here.begin - inout->left > 0 && here.end + inout->right < n;
}

/* --- on a genome --- */

/* Does REF have the bases of the view, where both tell? What the genome does not have must not be moved along it. */
static bool agrees(const view *v, const mg_variant_record *record)
{
    for (int64_t i = 0; record->ref[i] != '\0'; i++) {
        int64_t at = record->position + i;
        mg_base letter = mg_base_from_letter(record->ref[i]);
        if (at < v->begin || at >= v->end || letter >= MG_N_BASES) continue;
        if (letter != v->base[at - v->begin]) return false;
    }
    return true;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Bases of the piece, `far` to either side of the edit and of REF; *ret_all: there are no more. */
static mg_status look(const mg_score_job *job, const mg_surrounding *piece, const mg_variant_record *record,
                      const mg_edit *edit, int64_t far, view *inout, bool *ret_all, mg_error *err)
{
    int64_t n_ref = (int64_t)strlen(record->ref);
    inout->begin = most(piece->begin, least(record->position, edit->begin) - far);
    inout->end = least(piece->end, most(record->position + n_ref, edit->end) + far);
    *ret_all = inout->begin == piece->begin && inout->end == piece->end;
    free(inout->base);
    inout->base = NULL;
    mg_status status = mg_alloc(&inout->base, (size_t)(inout->end - inout->begin), sizeof *inout->base, err);
    return status == MG_OK ? mg_input_surroundings(&job->input, piece, inout->begin, inout->end, inout->base, err)
                           : status;
}

mg_status mg_score_align(const mg_score_job *job, const mg_variant_record *record, size_t chromosome,
                         mg_edit_ways *inout, mg_error *err)
{
    const mg_edit *edit = &inout->edit;
    const mg_surrounding *piece = mg_surroundings_find(&job->input.surroundings, chromosome, edit->begin);
    view v = {0, 0, NULL};
    bool done = false;
    mg_status status = MG_OK;
    if (piece == NULL || edit->end > piece->end || !can_be_moved(edit)) return MG_OK;
    for (int64_t far = 4 * MG_EDIT_LONGEST; !done && status == MG_OK; far *= 4) {
        status = look(job, piece, record, edit, far, &v, &done, err);
        if (status != MG_OK || !agrees(&v, record)) break;
        done = move(&v, inout) || done;
    }
    free(v.base);
    return status;
}

/* --- on the exons of a transcript --- */

void mg_score_align_exons(const mg_variant_record *record, const mg_placement *placement, const mg_base *base,
                          mg_edit_ways *inout)
{
    enum { FAR = 4 * MG_EDIT_LONGEST };
    const mg_edit *edit = &inout->edit;
    mg_base around[2 * FAR + MG_EDIT_LONGEST];
    int64_t n_ref = (int64_t)strlen(record->ref);
    view v = {edit->begin - FAR, edit->end + FAR, around};
    if (!can_be_moved(edit)) return;
    for (int64_t at = v.begin; at < v.end; at++) {
        int64_t there = mg_placement_to_transcript(placement, at), in_ref = at - record->position;
        mg_base known = MG_UNKNOWN;
        if (there >= 0) known = mg_placement_base(placement, base[there]);
        if (there < 0 && in_ref >= 0 && in_ref < n_ref) known = mg_base_from_letter(record->ref[in_ref]);
        around[at - v.begin] = known;
    }
    move(&v, inout);
}
