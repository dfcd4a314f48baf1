/* annotation_exons.c  from exon, CDS and start codon records on chromosomes to starts in transcripts */
#include <inttypes.h>
#include <stdlib.h>

#include "io/input/annotation_format.h"
#include "src/core/memory.h"

/* Order: transcript, kind, place on the chromosome; the line makes it complete. */
static int compare_pieces(const void *a, const void *b)
{
    const mg_piece *x = a, *y = b;
    if (x->entry != y->entry) return x->entry < y->entry ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

/* The pieces of one entry, each kind in ascending order. */
typedef struct {
    const mg_piece *exon, *cds, *codon;
    size_t n_exons, n_cds, n_codons;
} pieces;

static pieces divide(const mg_piece *piece, size_t n)
{
    pieces p = {0};
    for (size_t i = 0; i < n; i++) {
        p.n_exons += piece[i].kind == MG_PIECE_EXON;
        p.n_cds += piece[i].kind == MG_PIECE_CDS;
        p.n_codons += piece[i].kind == MG_PIECE_START_CODON;
    }
    p.exon = piece;
    p.cds = piece + p.n_exons;
    p.codon = p.cds + p.n_cds;
    return p;
}

static mg_status add_exons(mg_annotation *annotation, mg_entry *entry, const char *path, const pieces *p, mg_error *err)
{
    size_t first = annotation->n_exons;
    mg_status status =
        mg_grow(&annotation->exon, &annotation->n_exon_room, first + p->n_exons, sizeof *annotation->exon, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < p->n_exons; i++) {
        if (i > 0 && p->exon[i].begin < p->exon[i - 1].end)
            return mg_fail(err, MG_EINPUT,
                           "%s line %" PRId64 ": this exon of transcript %s overlaps the one in line %" PRId64, path,
                           p->exon[i].line, entry->id, p->exon[i - 1].line);
        annotation->exon[first + i] = (mg_exon){.begin = p->exon[i].begin, .end = p->exon[i].end};
    }
    annotation->n_exons += p->n_exons;
    entry->first_exon = first;
    entry->n_exons = p->n_exons;
    entry->length = 0;
    for (size_t i = 0; i < p->n_exons; i++) { /* from the 5' end on */
        mg_exon *exon = &annotation->exon[first + (entry->strand == '-' ? p->n_exons - 1 - i : i)];
        exon->offset = entry->length;
        entry->length += exon->end - exon->begin;
    }
    return MG_OK;
}

static mg_placement placement_of(const mg_annotation *annotation, const mg_entry *entry)
{
    return (mg_placement){entry->chromosome, entry->strand, entry->n_exons, annotation->exon + entry->first_exon};
}

static mg_status outside(const mg_entry *entry, const char *path, const mg_piece *piece, mg_error *err)
{
    return mg_fail(err, MG_EINPUT,
                   "%s line %" PRId64 ": the %s at %" PRId64 "-%" PRId64 " lies outside the exons of transcript %s",
                   path, piece->line, piece->kind == MG_PIECE_CDS ? "CDS" : "start codon", piece->begin + 1, piece->end,
                   entry->id);
}

/* A run of bases that start codon records cover, in transcript positions. */
typedef struct {
    int64_t begin, end, line;
} run;

static mg_status map_codon(const mg_annotation *annotation, const mg_entry *entry, const char *path,
                           const mg_piece *piece, run *ret, mg_error *err)
{
    mg_placement placement = placement_of(annotation, entry);
    int64_t a = mg_placement_to_transcript(&placement, piece->begin);
    int64_t b = mg_placement_to_transcript(&placement, piece->end - 1);
    if (a < 0 || b < 0) return outside(entry, path, piece, err);
    *ret = a < b ? (run){a, b + 1, piece->line} : (run){b, a + 1, piece->line};
    return MG_OK;
}

static mg_status add_run(mg_entry *entry, const run *codon, mg_error *err)
{
    if (codon->end - codon->begin < 3) return MG_OK;
    return mg_annotation_add_start(entry, (mg_annotated_start){codon->begin, codon->begin + 3, codon->line}, err);
}

/* A start codon may be spread over exons: records that touch in the transcript are one codon. */
static mg_status add_start_codons(const mg_annotation *annotation, mg_entry *entry, const char *path, const pieces *p,
                                  mg_error *err)
{
    run codon = {0, 0, 0}, next = {0, 0, 0};
    mg_status status = MG_OK;
    for (size_t i = 0; i < p->n_codons && status == MG_OK; i++) {
        const mg_piece *piece = &p->codon[entry->strand == '-' ? p->n_codons - 1 - i : i];
        status = map_codon(annotation, entry, path, piece, &next, err);
        if (status != MG_OK) break;
        if (i > 0 && next.begin <= codon.end) {
            if (next.end > codon.end) codon.end = next.end;
        } else {
            status = add_run(entry, &codon, err);
            codon = next;
        }
    }
    return status == MG_OK ? add_run(entry, &codon, err) : status;
}

/* Without start codon records, the CDS begins with one, unless its phase or a tag says that its 5' end is missing. */
static mg_status add_cds_start(const mg_annotation *annotation, mg_entry *entry, const char *path, const pieces *p,
                               mg_error *err)
{
    const mg_piece *first = &p->cds[entry->strand == '-' ? p->n_cds - 1 : 0];
    if (entry->start_not_found || !first->in_frame) return MG_OK;
    mg_placement placement = placement_of(annotation, entry);
    int64_t start = mg_placement_to_transcript(&placement, entry->strand == '-' ? first->end - 1 : first->begin);
    if (start < 0) return outside(entry, path, first, err);
    return mg_annotation_add_start(entry, (mg_annotated_start){start, start + 3, first->line}, err);
}

static mg_status assemble_entry(mg_annotation *annotation, mg_entry *entry, const char *path, const pieces *p,
                                mg_error *err)
{
    if (entry->state == MG_ENTRY_SCATTERED) return MG_OK;
    if (p->n_exons == 0) {
        entry->state = MG_ENTRY_WITHOUT_EXONS;
        return MG_OK;
    }
    mg_status status = add_exons(annotation, entry, path, p, err);
    if (status == MG_OK && p->n_codons > 0)
        status = add_start_codons(annotation, entry, path, p, err);
    else if (status == MG_OK && p->n_cds > 0)
        status = add_cds_start(annotation, entry, path, p, err);
    if (p->n_codons + p->n_cds > 0 && entry->n_starts == 0) entry->state = MG_ENTRY_INCOMPLETE;
    return status;
}

mg_status mg_annotation_assemble(mg_annotation *annotation, const char *path, mg_piece *piece, size_t n, mg_error *err)
{
    if (n > 0) qsort(piece, n, sizeof *piece, compare_pieces);
    mg_status status = MG_OK;
    for (size_t i = 0, at = 0; i < annotation->n_entries && status == MG_OK; i++) {
        size_t first = at;
        while (at < n && piece[at].entry == i)
            at++;
        pieces p = divide(piece + first, at - first);
        status = assemble_entry(annotation, &annotation->entry[i], path, &p, err);
    }
    return status;
}
