/* protein_change.c  two translations, compared */
#include "src/task/starts/protein_change.h"

/* What the functions below share. */
typedef struct {
    const mg_reading *before, *after;
    int64_t shift;                   /* nt by which the message grows */
    int64_t n_before, n_after;       /* amino acids, a stop counted */
    bool stop_before, stop_after;    /* is there one? */
    int64_t first_codon, last_codon; /* before; that the edit touches: none when it puts something in between two */
    int64_t first;                   /* amino acid that is not the same, or not known, from the edit on */
} comparison;

static char before(const comparison *c, int64_t k)
{
    return mg_reading_amino_acid(c->before, k);
}

static char after(const comparison *c, int64_t k)
{
    return mg_reading_amino_acid(c->after, k);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static comparison begin(const mg_edit *edit, const mg_reading *r_before, const mg_reading *r_after)
{
    int64_t from = edit->begin - r_before->anchor, last = (edit->end > edit->begin ? edit->end : edit->begin) - 1;
    comparison c = {.before = r_before, .after = r_after, .shift = mg_edit_shift(edit)};
    c.n_before = mg_reading_n_amino_acids(r_before);
    c.n_after = mg_reading_n_amino_acids(r_after);
    c.stop_before = r_before->stop < r_before->length;
    c.stop_after = r_after->stop < r_after->length;
    c.first_codon = from > 0 ? from / 3 : 0;
    c.last_codon = (last - r_before->anchor) / 3;
    c.first = c.first_codon;
    int64_t most = least(c.n_before, c.n_after);
    while (c.first < most && before(&c, c.first) == after(&c, c.first) && before(&c, c.first) != 'X')
        c.first++;
    return c;
}

static mg_protein_change no_name(int class)
{
    return (mg_protein_change){class, MG_PROTEIN_NO_NAME, 0, 0, 0};
}

static mg_protein_change same(const comparison *c)
{
    return (mg_protein_change){MG_CLASS_SILENT, MG_PROTEIN_SAME, c->first_codon, 1, 1};
}

static mg_protein_change read_on(const comparison *c, int class)
{
    if (c->first >= c->n_before || c->first >= c->n_after) return no_name(class);
    if (before(c, c->first) == 'X' || after(c, c->first) == 'X') return no_name(class);
    return (mg_protein_change){class, MG_PROTEIN_READ_ON, c->first, 1, 1};
}

/* Is the first codon that differs a stop now? */
static bool stops_at_once(const comparison *c)
{
    return c->stop_after && c->first == c->n_after - 1;
}

/* Does the protein stay as it was up to its stop, and go on there? */
static bool goes_on(const comparison *c)
{
    return c->stop_before && c->first == c->n_before - 1;
}

/* --- another frame --- */

static mg_protein_change compare_frames(const comparison *c)
{
    if (c->first >= c->n_after && !c->stop_before) return no_name(MG_CLASS_INCOMPLETE);
    if (stops_at_once(c)) return (mg_protein_change){MG_CLASS_NONSENSE, MG_PROTEIN_STOPPED, c->first, 1, 1};
    return read_on(c, goes_on(c) ? (int)MG_CLASS_STOP_LOST : (int)MG_CHANGE_FRAMESHIFT);
}

/* --- the old frame --- */

static bool are_known(const comparison *c, const mg_protein_change *p)
{
    for (int64_t k = 0; k < p->n_before; k++)
        if (before(c, p->first + k) == 'X') return false;
    for (int64_t k = 0; k < p->n_after; k++)
        if (after(c, p->first + k) == 'X') return false;
    return true;
}

/* Amino acids that differ when those are left out that both proteins have at their ends. */
static mg_protein_change replace(const comparison *c)
{
    int64_t most = least(c->n_before, c->n_after), n_same = 0;
    while (c->first + n_same < most && before(c, c->n_before - 1 - n_same) == after(c, c->n_after - 1 - n_same))
        n_same++;
    mg_protein_change p = {MG_CLASS_MISSENSE, MG_PROTEIN_REPLACED, c->first, c->n_before - c->first - n_same,
                           c->n_after - c->first - n_same};
    if (p.n_before == 0 && p.n_after == 0) /* an unknown amino acid stopped the comparison */
        return c->first > c->last_codon ? same(c) : no_name(MG_CLASS_INCOMPLETE);
    if (!are_known(c, &p) || (!c->stop_before && p.first >= most)) return no_name(MG_CLASS_INCOMPLETE);
    if (p.n_after < p.n_before) p.class = MG_CHANGE_INFRAME_DELETION;
    if (p.n_after > p.n_before) p.class = MG_CHANGE_INFRAME_INSERTION;
    return p;
}

/* A stop among the codons that come in: what is told of them, and of those that they come in for. Codons behind the stop
 * that were there before are no part of it. */
static mg_protein_change stop_early(const comparison *c)
{
    int64_t n_old = c->last_codon + 1 - c->first, n_new = n_old + c->shift / 3, most = c->n_before - c->first;
    mg_protein_change p = {MG_CLASS_NONSENSE, MG_PROTEIN_STOPPED, c->first, 1, c->n_after - c->first};
    if (c->stop_before) most--;
    if (p.n_after == 1) return p;        /* a stop at once */
    if (n_new < p.n_after) n_old = most; /* the stop is further on: what the edit takes away reaches to the old one */
    for (; n_old > 0 && n_new > p.n_after; n_old--, n_new--)
        if (before(c, c->first + n_old - 1) != after(c, c->first + n_new - 1)) break;
    p.n_before = least(n_old > 0 ? n_old : 0, most);
    return are_known(c, &p) ? p : no_name(MG_CLASS_NONSENSE);
}

/* Is the stop nearer than the edit alone would have it, and are amino acids lost to it? */
static bool stops_early(const comparison *c)
{
    int64_t expected = c->n_before + c->shift / 3;
    if (!c->stop_after || !c->stop_before) return c->stop_after;
    if (c->n_after != expected && c->n_after < c->n_before) return true;
    return c->n_after < expected && c->last_codon < c->n_before - 2;
}

static bool loses_stop(const comparison *c)
{
    if (!c->stop_before || !c->stop_after) return c->stop_before;
    return c->n_after > c->n_before + c->shift / 3 && c->n_after > c->n_before;
}

static mg_protein_change compare_codons(const comparison *c)
{
    if (stops_early(c)) return stop_early(c);
    return loses_stop(c) ? read_on(c, MG_CLASS_STOP_LOST) : replace(c);
}

mg_protein_change mg_protein_compare(const mg_edit *edit, const mg_reading *r_before, const mg_reading *r_after)
{
    comparison c = begin(edit, r_before, r_after);
    if (c.first_codon >= c.n_before) return no_name(MG_CLASS_INCOMPLETE);
    if (c.first == c.n_before && c.first == c.n_after && c.stop_before == c.stop_after) return same(&c);
    return c.shift % 3 == 0 ? compare_codons(&c) : compare_frames(&c);
}
