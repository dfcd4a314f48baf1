/* exons.c  from exon, CDS and start codon records on chromosomes to starts in transcripts */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/annotation/format.h"
#include "src/core/memory.h"

/* Order: transcript, chromosome, strand, kind, place on the chromosome; the line makes it complete. */
static int compare_pieces(const void *a, const void *b)
{
    const mg_piece *x = a, *y = b;
    if (x->entry != y->entry) return x->entry < y->entry ? -1 : 1;
    if (x->locus != y->locus) return x->locus < y->locus ? -1 : 1;
    if (x->chromosome != y->chromosome) return x->chromosome < y->chromosome ? -1 : 1;
    if (x->strand != y->strand) return x->strand < y->strand ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static int compare_spans(const void *a, const void *b)
{
    const mg_span *x = a, *y = b;
    if (x->entry != y->entry) return x->entry < y->entry ? -1 : 1;
    if (x->chromosome != y->chromosome) return x->chromosome < y->chromosome ? -1 : 1;
    if (x->strand != y->strand) return x->strand < y->strand ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The pieces of one locus, which stand by kind, as the annotation's readers share them. */
static mg_locus divide(mg_annotation *annotation, const char *path, const mg_piece *piece, size_t n)
{
    size_t count[4] = {0};
    for (size_t i = 0; i < n; i++)
        count[piece[i].kind]++;
    const mg_piece *cds = piece + count[MG_PIECE_EXON], *codon = cds + count[MG_PIECE_CDS];
    return (mg_locus){.annotation = annotation,
                      .path = path,
                      .exon = piece,
                      .cds = cds,
                      .codon = codon,
                      .other = codon + count[MG_PIECE_START_CODON],
                      .n_exons = count[MG_PIECE_EXON],
                      .n_cds = count[MG_PIECE_CDS],
                      .n_codons = count[MG_PIECE_START_CODON],
                      .n_others = count[MG_PIECE_OTHER]};
}

/* --- exons --- */

static mg_status begin_exons(mg_annotation *annotation, mg_entry *entry, size_t n, mg_error *err)
{
    entry->first_exon = annotation->n_exons;
    entry->n_exons = 0;
    return mg_grow(&annotation->exon, &annotation->n_exon_room, annotation->n_exons + n, sizeof *annotation->exon, err);
}

/* Exons as they stand; false when two of them overlap. */
static bool take_exons(const mg_locus *l, mg_entry *entry)
{
    mg_exon *exon = l->annotation->exon + entry->first_exon;
    for (size_t i = 0; i < l->n_exons; i++) {
        if (i > 0 && l->exon[i].begin < l->exon[i - 1].end) {
            mg_annotation_leave_out(l->annotation, entry,
                                    "%s line %" PRId64 ": this exon of transcript %s overlaps the one in line %" PRId64,
                                    l->path, l->exon[i].line, entry->id, l->exon[i - 1].line);
            return false;
        }
        exon[i] = (mg_exon){.begin = l->exon[i].begin, .end = l->exon[i].end};
    }
    entry->n_exons = l->n_exons;
    return true;
}

/* Where there are no exons: what CDS, UTR and stop codons cover. A base that a slip of the ribosome reads twice is there
 * once. */
static void join_coding(const mg_locus *l, mg_entry *entry)
{
    mg_exon *exon = l->annotation->exon + entry->first_exon;
    size_t c = 0, o = 0, n = 0;
    while (c < l->n_cds || o < l->n_others) {
        bool from_cds = o == l->n_others || (c < l->n_cds && l->cds[c].begin <= l->other[o].begin);
        const mg_piece *next = from_cds ? &l->cds[c++] : &l->other[o++];
        if (n > 0 && next->begin <= exon[n - 1].end)
            exon[n - 1].end = next->end > exon[n - 1].end ? next->end : exon[n - 1].end;
        else
            exon[n++] = (mg_exon){.begin = next->begin, .end = next->end};
    }
    entry->n_exons = n;
    entry->coding_only = true;
}

static void count_offsets(const mg_locus *l, mg_entry *entry)
{
    mg_exon *exon = l->annotation->exon + entry->first_exon;
    l->annotation->n_exons += entry->n_exons;
    entry->length = 0;
    for (size_t i = 0; i < entry->n_exons; i++) { /* from the 5' end on */
        mg_exon *next = &exon[entry->strand == '-' ? entry->n_exons - 1 - i : i];
        next->offset = entry->length;
        entry->length += next->end - next->begin;
    }
}

/* The exons of an entry; none, and its state, when there are none that can be used. */
static mg_status add_exons(const mg_locus *l, mg_entry *entry, mg_error *err)
{
    mg_status status = begin_exons(l->annotation, entry, l->n_exons + l->n_cds + l->n_others, err);
    if (status != MG_OK) return status;
    if (l->n_exons == 0 && l->n_cds == 0) {
        entry->state = MG_ENTRY_WITHOUT_EXONS;
        return MG_OK;
    }
    if (!mg_annotation_in_order(l)) {
        mg_annotation_leave_out(l->annotation, entry,
                                "%s line %" PRId64 ": the exons of transcript %s are joined in another order than they "
                                "have on the chromosome (trans-splicing)",
                                l->path, l->exon[0].line, entry->id);
        return MG_OK;
    }
    if (l->n_exons == 0)
        join_coding(l, entry);
    else if (!take_exons(l, entry))
        return MG_OK;
    count_offsets(l, entry);
    return MG_OK;
}

/* --- entries --- */

static mg_status assemble_locus(mg_annotation *annotation, const char *path, mg_entry *entry, const mg_piece *piece,
                                size_t n, mg_error *err)
{
    mg_locus l = divide(annotation, path, piece, n);
    entry->chromosome = piece[0].chromosome;
    entry->strand = piece[0].strand;
    mg_status status = add_exons(&l, entry, err);
    if (status != MG_OK || entry->n_exons == 0) return status;
    status = mg_annotation_add_starts(&l, entry, err);
    if (l.n_codons + l.n_cds > 0 && entry->n_starts == 0 && entry->state == MG_ENTRY_USABLE)
        entry->state = MG_ENTRY_INCOMPLETE;
    return status;
}

/* An entry for the k-th other locus of entry `of`: "NM_1.1_dup1", or the next number that is free. */
static mg_status add_copy(mg_annotation *annotation, const char *path, size_t of, int32_t k, int64_t line, size_t *ret,
                          mg_error *err)
{
    char name[MG_NAME_LENGTH + 1];
    mg_status status = MG_OK;
    *ret = SIZE_MAX;
    for (; status == MG_OK && *ret == SIZE_MAX; k++) {
        int n = snprintf(name, sizeof name, "%.*s_dup%" PRId32, MG_NAME_LENGTH - 16, annotation->entry[of].id, k);
        if (mg_names_find(&annotation->entry_names, name, (size_t)n) == NULL)
            status = mg_annotation_entry(annotation, path, line, name, (size_t)n, ret, err);
    }
    if (status != MG_OK) return status;
    mg_entry *copy = &annotation->entry[*ret];
    const mg_entry *first = &annotation->entry[of];
    copy->copy_of = of;
    copy->version = first->version;
    copy->gene = first->gene;
    copy->start_not_found = first->start_not_found;
    copy->coding.genetic_code = first->coding.genetic_code;
    annotation->n_copies++;
    return MG_OK;
}

static mg_status assemble_entry(mg_annotation *annotation, const char *path, size_t index, mg_piece *piece, size_t n,
                                const mg_span *span, size_t n_spans, mg_error *err)
{
    mg_entry *entry = &annotation->entry[index];
    if (entry->state == MG_ENTRY_ODD) return MG_OK;
    if (n == 0) {
        entry->state = MG_ENTRY_WITHOUT_EXONS;
        return MG_OK;
    }
    int32_t n_loci = mg_annotation_loci(piece, n, span, n_spans);
    if (n_loci == 0) {
        entry->state = MG_ENTRY_SCATTERED;
        return MG_OK;
    }
    if (n_loci > 1) qsort(piece, n, sizeof *piece, compare_pieces);
    mg_status status = MG_OK;
    for (size_t from = 0, to = 0; from < n && status == MG_OK; from = to) {
        size_t at = index;
        while (to < n && piece[to].locus == piece[from].locus)
            to++;
        if (from > 0) status = add_copy(annotation, path, index, piece[from].locus, piece[from].line, &at, err);
        if (status == MG_OK)
            status = assemble_locus(annotation, path, &annotation->entry[at], piece + from, to - from, err);
    }
    return status;
}

mg_status mg_annotation_assemble(mg_annotation *annotation, const char *path, mg_piece *piece, size_t n, mg_span *span,
                                 size_t n_spans, mg_error *err)
{
    if (n > 0) qsort(piece, n, sizeof *piece, compare_pieces);
    if (n_spans > 0) qsort(span, n_spans, sizeof *span, compare_spans);
    mg_status status = MG_OK;
    size_t n_entries = annotation->n_entries, at = 0, at_span = 0; /* copies come behind */
    for (size_t i = 0; i < n_entries && status == MG_OK; i++) {
        size_t first = at, first_span = at_span;
        while (at < n && piece[at].entry == i)
            at++;
        while (at_span < n_spans && span[at_span].entry == i)
            at_span++;
        status = assemble_entry(annotation, path, i, at > first ? &piece[first] : NULL, at - first,
                                at_span > first_span ? &span[first_span] : NULL, at_span - first_span, err);
    }
    return status;
}
