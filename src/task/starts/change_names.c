/* change_names.c  changes in the notation of the Human Genome Variation Society */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/task/starts/change.h"
#include "src/sequence/window.h"

/* A text under construction; what does not fit is left out. */
typedef struct {
    char *text;
    size_t n;
} writer;

static void put(writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->text + w->n, MG_CHANGE_TEXT - w->n, format, args);
    va_end(args);
    if (n > 0) w->n = w->n + (size_t)n < MG_CHANGE_TEXT ? w->n + (size_t)n : MG_CHANGE_TEXT - 1;
}

/* --- DNA --- */

/* A position of the transcript: "-3", "52", "*7". */
static void put_position(writer *w, const mg_reading *r, int64_t at)
{
    int64_t behind = at - (r->stop + 3) + 1;
    if (r->stop < r->length && behind > 0)
        put(w, "*%" PRId64, behind);
    else
        put(w, "%" PRId64, mg_window_position(at, r->anchor));
}

/* Positions [begin, end): "5" or "5_7". */
static void put_range(writer *w, const mg_reading *r, int64_t begin, int64_t end)
{
    put_position(w, r, begin);
    if (end - begin == 1) return;
    put(w, "_");
    put_position(w, r, end - 1);
}

static void put_bases(writer *w, const mg_base *base, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        put(w, "%c", mg_letter_from_base(base[i]));
}

static bool is_inversion(const mg_edit *edit, const mg_base *base)
{
    if (edit->n < 2 || edit->n != edit->end - edit->begin) return false;
    for (int64_t i = 0; i < edit->n; i++)
        if (edit->base[i] != mg_base_complement(base[edit->end - 1 - i])) return false;
    return true;
}

/* A copy of what stands right before it, in the same exon, is a duplication. */
static void put_insertion(writer *w, const mg_reading *r, const mg_edit *edit, mg_stretch exon)
{
    int64_t first = edit->begin - edit->n;
    if (first >= exon.begin && memcmp(r->base + first, edit->base, (size_t)edit->n) == 0) {
        put_range(w, r, first, edit->begin);
        put(w, "dup");
        return;
    }
    put_range(w, r, edit->begin - 1, edit->begin + 1);
    put(w, "ins");
    put_bases(w, edit->base, edit->n);
}

char *mg_change_coding(const mg_change *change, char text[MG_CHANGE_TEXT])
{
    const mg_reading *r = &change->before;
    const mg_edit *edit = &change->named;
    writer w = {text, 0};
    put(&w, "c.");
    if (edit->begin == edit->end) {
        put_insertion(&w, r, edit, change->stretch);
        return text;
    }
    put_range(&w, r, edit->begin, edit->end);
    if (edit->n == 0) {
        put(&w, "del");
    } else if (edit->n == 1 && edit->end - edit->begin == 1) {
        put(&w, "%c>%c", mg_letter_from_base(r->base[edit->begin]), mg_letter_from_base(edit->base[0]));
    } else if (is_inversion(edit, r->base)) {
        put(&w, "inv");
    } else {
        put(&w, "delins");
        put_bases(&w, edit->base, edit->n);
    }
    return text;
}

/* --- protein --- */

/* Amino acid `number` with its number: "Lys18". */
static void put_amino_acid(writer *w, const mg_reading *r, int64_t number)
{
    put(w, "%s%" PRId64, mg_amino_acid_name(mg_reading_amino_acid(r, number)), number + 1);
}

static void put_names(writer *w, const mg_reading *r, int64_t first, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        put(w, "%s", mg_amino_acid_name(mg_reading_amino_acid(r, first + k)));
}

/* Where the new stop is, counted from amino acid `from` as `first`; "?" when there is none. */
static void put_new_stop(writer *w, const mg_reading *r, int64_t from, int64_t first)
{
    if (r->stop < r->length)
        put(w, "Ter%" PRId64, mg_reading_n_amino_acids(r) - 1 - from + first);
    else
        put(w, "Ter?");
}

static void put_protein_range(writer *w, const mg_reading *r, int64_t first, int64_t n)
{
    put_amino_acid(w, r, first);
    if (n < 2) return;
    put(w, "_");
    put_amino_acid(w, r, first + n - 1);
}

static bool is_doubled(const mg_change *c, int64_t first, int64_t n)
{
    if (first < n) return false;
    for (int64_t k = 0; k < n; k++)
        if (mg_reading_amino_acid(&c->before, first - n + k) != mg_reading_amino_acid(&c->after, first + k))
            return false;
    return true;
}

/* n_before amino acids from `first` on give way to n_after, the last of which may be a stop. */
static void put_replacement(writer *w, const mg_change *c, const mg_protein_change *p)
{
    if (p->n_before == 0 && is_doubled(c, p->first, p->n_after)) {
        put_protein_range(w, &c->before, p->first - p->n_after, p->n_after);
        put(w, "dup");
    } else if (p->n_before == 0) {
        put_protein_range(w, &c->before, p->first - 1, 2);
        put(w, "ins");
        put_names(w, &c->after, p->first, p->n_after);
    } else {
        put_protein_range(w, &c->before, p->first, p->n_before);
        if (p->n_after == 0) put(w, "del");
        if (p->n_after > 0 && (p->n_before > 1 || p->n_after > 1)) put(w, "delins");
        put_names(w, &c->after, p->first, p->n_after);
    }
}

/* From amino acid `first` on another frame is read, or what stands behind the stop. */
static void put_other_frame(writer *w, const mg_change *c, int64_t first)
{
    bool extends = mg_reading_amino_acid(&c->before, first) == '*';
    put_amino_acid(w, &c->before, first);
    put_names(w, &c->after, first, 1);
    put(w, extends ? "ext" : "fs");
    put_new_stop(w, &c->after, first, extends ? 0 : 1);
}

bool mg_change_protein(const mg_change *change, char text[MG_CHANGE_TEXT])
{
    int class = mg_change_classify(change);
    writer w = {text, 0};
    if (class == MG_CLASS_START_CODON) put(&w, "p.(Met1?)");
    if (class < MG_CLASS_NONSENSE) return class == MG_CLASS_START_CODON;
    mg_protein_change p = mg_protein_compare(&change->edit, &change->before, &change->after);
    put(&w, "p.(");
    switch (p.way) {
    case MG_PROTEIN_NO_NAME:
        return false;
    case MG_PROTEIN_SAME:
        put_amino_acid(&w, &change->before, p.first);
        put(&w, "=");
        break;
    case MG_PROTEIN_REPLACED:
    case MG_PROTEIN_STOPPED:
        put_replacement(&w, change, &p);
        break;
    case MG_PROTEIN_READ_ON:
        put_other_frame(&w, change, p.first);
        break;
    }
    put(&w, ")");
    return strstr(text, "Xaa") == NULL;
}
