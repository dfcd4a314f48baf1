/* edit_place.c  edits of a chromosome as edits of a transcript */
#include "src/mutation/edit_place.h"

/* Bases of the other strand, read the other way. */
static void turn_over(const mg_edit *edit, mg_edit *ret)
{
    for (int64_t i = 0; i < edit->n; i++)
        ret->base[i] = mg_base_complement(edit->base[edit->n - 1 - i]);
}

/* An insertion is held by the bases on both sides of it. */
static mg_stretch held_by(const mg_edit *edit)
{
    bool insertion = edit->begin == edit->end;
    return (mg_stretch){edit->begin - insertion, edit->end + insertion};
}

/* One way to write it: false when it is not wholly between the ends of one exon, or of exons that touch. */
static bool place(const mg_edit *edit, const mg_placement *placement, mg_edit *ret)
{
    mg_stretch held = held_by(edit);
    bool insertion = edit->begin == edit->end, reverse = placement->strand == '-';
    int64_t from = mg_placement_to_transcript(placement, reverse ? held.end - 1 : held.begin);
    int64_t to = mg_placement_to_transcript(placement, reverse ? held.begin : held.end - 1);
    if (from < 0 || to < 0 || to - from != held.end - 1 - held.begin) return false;
    *ret = *edit;
    ret->begin = from + insertion;
    ret->end = to + !insertion;
    if (reverse) turn_over(edit, ret);
    return true;
}

mg_edit_place mg_edit_place_in(const mg_edit_ways *ways, const mg_placement *placement, mg_edit *ret,
                               mg_stretch *ret_stretch)
{
    int64_t towards = placement->strand == '-' ? 1 : -1, first = towards > 0 ? -ways->left : ways->right;
    bool outside = false;
    for (int64_t i = 0; i <= ways->left + ways->right; i++) {
        mg_edit way = mg_edit_rolled(&ways->edit, first + towards * i);
        if (place(&way, placement, ret)) {
            mg_placement_exon(placement, ret->begin - (ret->begin == ret->end), &ret_stretch->begin, &ret_stretch->end);
            return MG_PLACE_INSIDE;
        }
        mg_stretch held = held_by(&way);
        outside = outside || !mg_placement_overlaps(placement, held.begin, held.end);
    }
    return outside ? MG_PLACE_OUTSIDE : MG_PLACE_PARTLY;
}
