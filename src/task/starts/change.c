/* change.c  an edit read in the frame of a start */
#include "src/task/starts/change.h"

#include <string.h>

#include "src/task/starts/kozak.h"

const char *mg_change_name(int class)
{
    static const char *const names[] = {"frameshift", "inframe_deletion", "inframe_insertion"};
    return class < MG_N_CLASSES ? mg_classes[class].name : names[class - MG_N_CLASSES];
}

/* Does an insertion put in a copy of what stands right before it in its exon? */
static bool is_copy(const mg_edit *edit, const mg_base *base, mg_stretch exon)
{
    int64_t first = edit->begin - edit->n;
    return first >= exon.begin && memcmp(base + first, edit->base, (size_t)edit->n) == 0;
}

/* The way that the name tells. An insertion stays between two bases of the exon, but a copy of its last bases is told as
 * these, doubled. */
static mg_edit name_of(const mg_edit *edit, const mg_base *base, mg_stretch exon)
{
    mg_edit named = *edit;
    mg_edit_roll_far(&named, base, exon, 1);
    mg_edit end = named;
    bool at_end = named.begin == named.end && mg_edit_roll(&end, base, exon.end, 1) && end.begin == exon.end;
    return at_end && is_copy(&end, base, exon) ? end : named;
}

/* Where a CDS goes on behind a TGA in the frame of the start, that is a selenocysteine. The last codon never is: it may be the
 * stop. */
static mg_sec_range sec_before(const mg_coding *coding, int64_t start)
{
    bool in_frame = coding->end > 0 && (start - coding->begin) % 3 == 0 && (coding->end - coding->begin) % 3 == 0;
    int64_t begin = start + 3 > coding->begin ? start + 3 : coding->begin;
    return in_frame ? (mg_sec_range){begin, coding->end - 3} : (mg_sec_range){0, 0};
}

/* Those that the edit leaves: before it, and behind it where its frame is still that of the start. */
static void sec_after(const mg_edit *edit, mg_sec_range before, int64_t start, int64_t start_after, mg_sec_range ret[2])
{
    int64_t shift = mg_edit_shift(edit), moved = start_after - start;
    ret[0] = ret[1] = before;
    if (ret[0].end > edit->begin) ret[0].end = edit->begin;
    if (moved != 0) ret[0].end = ret[0].begin;
    if (ret[1].begin < edit->end) ret[1].begin = edit->end;
    ret[1].begin += shift;
    ret[1].end = (shift - moved) % 3 == 0 ? ret[1].end + shift : ret[1].begin;
}

mg_change mg_change_begin(const mg_genetic_code *code, const mg_edit *edit, mg_stretch stretch,
                          const mg_transcript *transcript, const mg_base *after, int64_t start)
{
    const mg_base *before = transcript->base;
    int64_t n = transcript->length;
    mg_sec_range sec[2] = {sec_before(&transcript->coding, start), {0, 0}};
    mg_change c = {.edit = *edit, .stretch = stretch, .before = mg_reading_begin_sec(code, before, n, start, sec)};
    c.named = name_of(edit, before, stretch);
    /* However it was written: as far to the 3' end as it goes, unless that is into the start codon without need. */
    mg_edit_roll_far(&c.edit, before, (mg_stretch){0, n}, 1);
    mg_edit_avoid(&c.edit, before, n, start, start + 3);
    int64_t moved = mg_edit_moved(&c.edit, start);
    sec_after(&c.edit, sec[0], start, moved, sec);
    c.after = mg_reading_begin_sec(code, after, n + mg_edit_shift(edit), moved, sec);
    return c;
}

/* --- upstream --- */

/* Does the ATG at `at` of one sequence stand in the other too, beside what was changed? The change is [begin, end) of the
 * one, and makes the other longer by `shift`. An ATG that was parted may leave one on either side (A|TG to ATGATG): the
 * left one is it. */
static bool stays(const mg_reading *one, const mg_reading *other, int64_t at, int64_t begin, int64_t end, int64_t shift)
{
    if ((at < begin || shift == 0) && mg_reading_is_atg(other, at)) return true;
    bool taken = at + shift < begin && mg_reading_is_atg(one, at + shift);
    return at + 3 > end && !taken && mg_reading_is_atg(other, at + shift);
}

bool mg_change_next_atg(const mg_change *c, int64_t *inout)
{
    int64_t begin = c->edit.begin, end = begin + c->edit.n, at = *inout + 1;
    for (at = at < begin - 2 ? begin - 2 : at; at < end && at < c->after.anchor; at++)
        if (mg_reading_is_atg(&c->after, at) &&
            !stays(&c->after, &c->before, at, begin, end, -mg_edit_shift(&c->edit))) {
            *inout = at;
            return true;
        }
    return false;
}

static bool loses_atg(const mg_change *c)
{
    for (int64_t at = c->edit.begin - 2; at < c->edit.end && at < c->before.anchor; at++)
        if (mg_reading_is_atg(&c->before, at) &&
            !stays(&c->before, &c->after, at, c->edit.begin, c->edit.end, mg_edit_shift(&c->edit)))
            return true;
    return false;
}

static int classify_upstream(const mg_change *c)
{
    int64_t at = -1;
    if (mg_change_next_atg(c, &at)) return (int)mg_reading_upstream(&c->after, at);
    return loses_atg(c) ? MG_CLASS_UPSTREAM_ATG_LOST : MG_CLASS_UPSTREAM;
}

/* --- coding --- */

static bool is_behind_stop(const mg_change *c)
{
    return c->before.stop < c->before.length && c->edit.begin >= c->before.stop + 3;
}

static bool is_substitution(const mg_edit *edit)
{
    return edit->n == 1 && edit->end - edit->begin == 1;
}

/* A substitution that changes little in its own frame may make a stop in another. */
static int classify_coding(const mg_change *c)
{
    if (is_behind_stop(c)) return MG_CLASS_BEYOND_STOP;
    int class = mg_protein_compare(&c->edit, &c->before, &c->after).class;
    if ((class != MG_CLASS_MISSENSE && class != MG_CLASS_SILENT) || !is_substitution(&c->edit)) return class;
    int other = (int)mg_reading_stop_frame(&c->before, c->edit.begin, c->edit.base[0]);
    return other < MG_N_CLASSES ? other : class;
}

static bool same_codon(const mg_change *c)
{
    for (int k = 0; k < 3; k++)
        if (c->after.anchor + k >= c->after.length ||
            c->before.base[c->before.anchor + k] != c->after.base[c->after.anchor + k])
            return false;
    return true;
}

int mg_change_classify(const mg_change *c)
{
    const mg_edit *edit = &c->edit;
    int64_t start = c->before.anchor;
    if (edit->begin >= start + 3) return classify_coding(c);
    if (is_substitution(edit)) return (int)mg_reading_classify(&c->before, edit->begin, edit->base[0]);
    if (edit->end <= start) return classify_upstream(c);
    if (mg_edit_shift(edit) != 0 || !same_codon(c)) return MG_CLASS_START_CODON;
    int upstream = classify_upstream(c); /* bases on both sides of it */
    return upstream != MG_CLASS_UPSTREAM ? upstream : classify_coding(c);
}

/* --- Kozak context --- */

static void write_context(const mg_reading *r, char *text)
{
    for (int64_t k = MG_KOZAK_FIRST; k < MG_KOZAK_LAST; k++) {
        int64_t at = r->anchor + k;
        *text++ = mg_letter_from_base(at >= 0 && at < r->length ? r->base[at] : MG_UNKNOWN);
    }
    *text = '\0';
}

bool mg_change_kozak(const mg_change *c, char text[MG_KOZAK_TEXT])
{
    enum { N = MG_KOZAK_LAST - MG_KOZAK_FIRST }; /* there is no 0, and both ends count */
    _Static_assert(2 * N + 2 <= MG_KOZAK_TEXT, "both contexts, '>' and the ending zero");
    write_context(&c->before, text);
    write_context(&c->after, text + N + 1);
    bool same = strcmp(text, text + N + 1) == 0;
    text[N] = '>';
    return !same;
}
