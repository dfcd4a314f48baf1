/* starts.c  from start codon and CDS records to the starts of a transcript whose exons are known */
#include <inttypes.h>
#include <stdlib.h>

#include "io/annotation/format.h"
#include "src/core/memory.h"

static mg_placement placement_of(const mg_annotation *annotation, const mg_entry *entry)
{
    return (mg_placement){entry->chromosome, entry->strand, entry->n_exons, annotation->exon + entry->first_exon};
}

/* A start that lies outside: the transcript is of no use, not even as one without a start. */
static void leave_out_outside(const mg_locus *l, mg_entry *entry, const mg_piece *piece)
{
    mg_annotation_leave_out(l->annotation, entry,
                            "%s line %" PRId64 ": the %s at %" PRId64 "-%" PRId64
                            " lies outside the exons of transcript %s, or reaches beyond "
                            "them",
                            l->path, piece->line, piece->kind == MG_PIECE_CDS ? "CDS" : "start codon", piece->begin + 1,
                            piece->end, entry->id);
    entry->n_exons = entry->n_starts = 0;
    entry->length = -1;
}

/* --- starts from start codon records --- */

/* A run of bases that records cover, in transcript positions. */
typedef struct {
    int64_t begin, end, line;
} run;

/* False when the piece does not begin and end in exons. */
static bool map_piece(const mg_annotation *annotation, const mg_entry *entry, const mg_piece *piece, run *ret)
{
    mg_placement placement = placement_of(annotation, entry);
    int64_t x = mg_placement_to_transcript(&placement, piece->begin);
    int64_t y = mg_placement_to_transcript(&placement, piece->end - 1);
    *ret = x < y ? (run){x, y + 1, piece->line} : (run){y, x + 1, piece->line};
    return x >= 0 && y >= 0;
}

static mg_status add_run(mg_entry *entry, const run *codon, mg_error *err)
{
    if (codon->end - codon->begin < 3) return MG_OK;
    return mg_annotation_add_start(entry, (mg_annotated_start){codon->begin, codon->begin + 3, codon->line}, err);
}

/* A start codon may be spread over exons: records that touch in the transcript are one codon. */
static mg_status add_start_codons(const mg_locus *l, mg_entry *entry, mg_error *err)
{
    run codon = {0, 0, 0}, next = {0, 0, 0};
    mg_status status = MG_OK;
    for (size_t i = 0; i < l->n_codons && status == MG_OK; i++) {
        const mg_piece *piece = &l->codon[entry->strand == '-' ? l->n_codons - 1 - i : i];
        if (!map_piece(l->annotation, entry, piece, &next)) {
            leave_out_outside(l, entry, piece);
            return MG_OK;
        }
        if (i > 0 && next.begin <= codon.end) {
            if (next.end > codon.end) codon.end = next.end;
        } else {
            status = add_run(entry, &codon, err);
            codon = next;
        }
    }
    return status == MG_OK ? add_run(entry, &codon, err) : status;
}

/* --- starts without start codon records: a CDS begins with one, unless phase or attributes say that its 5' end is
 *     missing. CDS records of one ID are one CDS. --- */

typedef struct {
    uint64_t id;
    int64_t begin, end; /* in the transcript; end is that of its last record */
    size_t n;           /* records */
    const mg_piece *first;
    bool cut;
} coding;

static int compare_coding(const void *a, const void *b)
{
    const coding *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static int compare_begins(const void *a, const void *b)
{
    const coding *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Records of one ID, in ascending order, become one. Returns how many there are. */
static size_t join_records(coding *part, size_t n)
{
    size_t n_kept = 0;
    qsort(part, n, sizeof *part, compare_coding);
    for (size_t i = 0; i < n; i++) {
        coding *last = n_kept > 0 ? &part[n_kept - 1] : NULL;
        if (last == NULL || last->id != part[i].id) {
            part[n_kept++] = part[i];
            continue;
        }
        last->n++;
        last->cut = last->cut || part[i].cut;
        if (part[i].end > last->end) last->end = part[i].end;
    }
    return n_kept;
}

static int compare_positions(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Some programs give each record of a CDS an ID of its own. Such a record begins where an exon does, and where another
 * record ends. end: where the CDS of one record end, ascending. */
static bool goes_on(const mg_annotation *annotation, const mg_entry *entry, const coding *part, const int64_t *end,
                    size_t n_ends)
{
    if (part->n > 1 || part->begin == 0 || n_ends == 0) return false;
    mg_placement placement = placement_of(annotation, entry);
    int64_t here = mg_placement_to_genome(&placement, part->begin);
    int64_t before = mg_placement_to_genome(&placement, part->begin - 1);
    bool junction = here - before != (entry->strand == '-' ? -1 : 1);
    return junction && bsearch(&part->begin, end, n_ends, sizeof *end, compare_positions) != NULL;
}

static mg_status add_coding(const mg_locus *l, mg_entry *entry, coding *part, size_t n, int64_t *end, mg_error *err)
{
    size_t n_ends = 0;
    mg_status status = MG_OK;
    for (size_t i = 0; i < n; i++)
        if (part[i].n == 1) end[n_ends++] = part[i].end;
    qsort(end, n_ends, sizeof *end, compare_positions);
    qsort(part, n, sizeof *part, compare_begins);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        if (part[i].cut || !part[i].first->in_frame || goes_on(l->annotation, entry, &part[i], end, n_ends)) continue;
        int64_t start = part[i].begin;
        status = mg_annotation_add_start(entry, (mg_annotated_start){start, start + 3, part[i].first->line}, err);
    }
    return status;
}

static mg_status add_cds_starts(const mg_locus *l, mg_entry *entry, mg_error *err)
{
    coding *part = NULL;
    int64_t *end = NULL;
    if (entry->start_not_found) return MG_OK;
    mg_placement placement = placement_of(l->annotation, entry);
    mg_status status = mg_alloc(&part, l->n_cds, sizeof *part, err);
    if (status == MG_OK) status = mg_alloc(&end, l->n_cds, sizeof *end, err);
    size_t n = 0;
    for (size_t i = 0; i < l->n_cds && status == MG_OK; i++) {
        const mg_piece *piece = &l->cds[i];
        bool reverse = entry->strand == '-';
        int64_t begin = mg_placement_to_transcript(&placement, reverse ? piece->end - 1 : piece->begin);
        int64_t last = mg_placement_to_transcript(&placement, reverse ? piece->begin : piece->end - 1);
        if (begin >= 0) part[n++] = (coding){piece->cds, begin, last + 1, 1, piece, piece->cut};
    }
    const mg_piece *first = &l->cds[entry->strand == '-' ? l->n_cds - 1 : 0];
    if (status == MG_OK &&
        mg_placement_to_transcript(&placement, entry->strand == '-' ? first->end - 1 : first->begin) < 0)
        leave_out_outside(l, entry, first);
    else if (status == MG_OK)
        status = add_coding(l, entry, part, join_records(part, n), end, err);
    free(part);
    free(end);
    return status;
}

/* From the first base of its CDS records to the last. With several starts they may belong to several CDS. */
static void note_coding(const mg_locus *l, mg_entry *entry)
{
    run all = {0, 0, 0}, next;
    if (entry->n_starts > 1) return;
    for (size_t i = 0; i < l->n_cds; i++) {
        if (!map_piece(l->annotation, entry, &l->cds[i], &next)) return;
        if (i == 0 || next.begin < all.begin) all.begin = next.begin;
        if (next.end > all.end) all.end = next.end;
    }
    const mg_piece *first = l->n_cds > 0 ? &l->cds[entry->strand == '-' ? l->n_cds - 1 : 0] : NULL;
    if (first == NULL || !first->in_frame) return;
    entry->coding.begin = all.begin;
    entry->coding.end = all.end;
}

mg_status mg_annotation_add_starts(const mg_locus *l, mg_entry *entry, mg_error *err)
{
    mg_status status = MG_OK;
    run ignored;
    for (size_t i = 0; i < l->n_cds; i++)
        if (!map_piece(l->annotation, entry, &l->cds[i], &ignored)) {
            leave_out_outside(l, entry, &l->cds[i]);
            return MG_OK;
        }
    if (l->n_codons > 0)
        status = add_start_codons(l, entry, err);
    else if (l->n_cds > 0)
        status = add_cds_starts(l, entry, err);
    if (status == MG_OK && entry->n_exons > 0) note_coding(l, entry);
    return status;
}
