/* loci.c  one id at several loci: copies of a gene, or one transcript with exons in strange places?
 *
 * Annotations give one id to the copies of a gene (pseudoautosomal genes on X and Y, multi-copy genes of RefSeq), where
 * each copy is a transcript of its own; and one id to the parts of a trans-spliced transcript, whose exons lie on both
 * strands. What speaks for copies, in this order:
 *   - a transcript's own record for each of them;
 *   - exon numbers that begin anew; numbers that go on speak against it;
 *   - another chromosome; another strand of it only with a start codon on each;
 *   - on one strand, without records and numbers: as many exons and one start codon each, at the same distance.
 */
#include <stdlib.h>

#include "io/annotation/format.h"

/* --- parts: what lies on one strand of one chromosome --- */

static bool same_strand(const mg_piece *a, const mg_piece *b)
{
    return a->chromosome == b->chromosome && a->strand == b->strand;
}

/* Where the part ends that begins at piece[from]. */
static size_t end_of_part(const mg_piece *piece, size_t n, size_t from)
{
    size_t to = from + 1;
    while (to < n && same_strand(&piece[from], &piece[to]))
        to++;
    return to;
}

/* Does the span stand before the strand that the part lies on? Both are sorted so. */
static bool span_is_before(const mg_span *span, const mg_piece *part, bool or_on_it)
{
    if (span->chromosome != part->chromosome) return span->chromosome < part->chromosome;
    return or_on_it ? span->strand <= part->strand : span->strand < part->strand;
}

static size_t n_spans_before(const mg_piece *part, const mg_span *span, size_t n_spans, bool or_on_it)
{
    size_t low = 0, high = n_spans;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (span_is_before(&span[middle], part, or_on_it))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Spans that lie where a part does, n_here of them from the one returned on. */
static const mg_span *spans_of_part(const mg_piece *part, const mg_span *span, size_t n_spans, size_t *n_here)
{
    size_t first = n_spans_before(part, span, n_spans, false);
    *n_here = n_spans_before(part, span, n_spans, true) - first;
    return n_spans > 0 ? span + first : span;
}

static size_t count_kind(const mg_piece *part, size_t n, mg_piece_kind kind)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += part[i].kind == kind;
    return found;
}

/* Exons of a part: its first pieces. */
static size_t n_exons_of(const mg_piece *part, size_t n)
{
    return count_kind(part, n, MG_PIECE_EXON);
}

/* --- several parts --- */

static bool is_trans_spliced(const mg_piece *piece, size_t n, const mg_span *span, size_t n_spans)
{
    for (size_t i = 0; i < n; i++)
        if (piece[i].trans_spliced) return true;
    for (size_t i = 0; i < n_spans; i++)
        if (span[i].trans_spliced) return true;
    return false;
}

/* Does a part look like a whole transcript? different: it lies on another chromosome than the part before. */
static bool part_is_whole(const mg_piece *part, size_t n, const mg_span *span, size_t n_spans, bool different)
{
    size_t n_here, n_exons = n_exons_of(part, n);
    spans_of_part(part, span, n_spans, &n_here);
    if (n_spans > 0) return n_here > 0;
    bool numbered = n_exons > 0;
    for (size_t i = 0; i < n_exons; i++) {
        if (part[i].number == 1) return true;
        numbered = numbered && part[i].number > 0;
    }
    return !numbered && (different || count_kind(part, n, MG_PIECE_START_CODON) > 0);
}

static bool parts_are_copies(const mg_piece *piece, size_t n, const mg_span *span, size_t n_spans)
{
    bool two_strands = false;
    for (size_t from = 0, to; (to = end_of_part(piece, n, from)) < n; from = to)
        two_strands = two_strands || piece[from].chromosome == piece[to].chromosome;
    for (size_t from = 0, to = 0; from < n; from = to) {
        to = end_of_part(piece, n, from);
        if (!part_is_whole(piece + from, to - from, span, n_spans, !two_strands)) return false;
    }
    return !is_trans_spliced(piece, n, span, n_spans);
}

/* --- several loci in a part --- */

/* By transcripts' own records that do not overlap; a piece that lies in none goes with the one before it. */
static int32_t split_by_spans(mg_piece *part, size_t n, const mg_span *span, size_t n_spans)
{
    for (size_t s = 1; s < n_spans; s++)
        if (span[s].begin < span[s - 1].end) return 1;
    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = n_spans; /* the last span that begins at or before the piece */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (span[middle].begin <= part[i].begin)
                low = middle + 1;
            else
                high = middle;
        }
        part[i].locus = low > 0 ? (int32_t)(low - 1) : 0;
    }
    return (int32_t)n_spans;
}

/* Give the pieces that are no exons the locus of the last exon that begins at or before them. */
static void follow_exons(mg_piece *part, size_t n, size_t n_exons)
{
    for (size_t i = n_exons; i < n; i++) {
        size_t low = 0, high = n_exons;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (part[middle].begin <= part[i].begin)
                low = middle + 1;
            else
                high = middle;
        }
        part[i].locus = part[low > 0 ? low - 1 : 0].locus;
    }
}

/* Numbers step by step upwards (or downwards), from 1 (or down to 1), again and again: how many times; 1 for anything
 * else. */
static int32_t split_by_numbers(mg_piece *part, size_t n, size_t n_exons, bool down)
{
    int32_t locus = 0;
    const int64_t step = down ? -1 : 1;
    for (size_t i = 0; i < n_exons; i++) {
        int64_t number = part[i].number, before = i > 0 ? part[i - 1].number : 0;
        if (number < 1) return 1;
        if (i > 0 && number != before + step) {
            if (down ? before != 1 : number != 1) return 1;
            locus++;
        }
        if (i == 0 && !down && number != 1) return 1;
        part[i].locus = locus;
    }
    if (n_exons == 0 || (down && part[n_exons - 1].number != 1)) return 1;
    follow_exons(part, n, n_exons);
    return locus + 1;
}

/* Distance of a start codon from the first exon of its group, spliced; -1 when it does not lie in one of its exons. */
static int64_t start_offset(const mg_piece *exon, size_t n, const mg_piece *codon)
{
    int64_t before = 0, after = 0;
    bool inside = false;
    for (size_t i = 0; i < n; i++) {
        if (exon[i].begin <= codon->begin && codon->end <= exon[i].end) {
            inside = true;
            before += codon->begin - exon[i].begin;
            after += exon[i].end - codon->end;
        } else if (inside) {
            after += exon[i].end - exon[i].begin;
        } else {
            before += exon[i].end - exon[i].begin;
        }
    }
    if (!inside) return -1;
    return codon->strand == '-' ? after : before;
}

/* By start codons: as many groups of as many exons, each with one whole start codon at the same distance. */
static int32_t split_by_starts(mg_piece *part, size_t n, size_t n_exons)
{
    size_t n_codons = count_kind(part, n, MG_PIECE_START_CODON), first = n_exons + count_kind(part, n, MG_PIECE_CDS);
    if (n_codons < 2 || n_exons % n_codons != 0) return 1;
    size_t in_group = n_exons / n_codons;
    int64_t offset = start_offset(part, in_group, &part[first]);
    for (size_t g = 0; g < n_codons; g++) {
        const mg_piece *codon = &part[first + g];
        bool whole = codon->end - codon->begin == 3 && codon->number == 0;
        if (!whole || offset < 0 || start_offset(part + g * in_group, in_group, codon) != offset) return 1;
    }
    for (size_t i = 0; i < n_exons; i++)
        part[i].locus = (int32_t)(i / in_group);
    follow_exons(part, n, n_exons);
    return (int32_t)n_codons;
}

static int32_t split_part(mg_piece *part, size_t n, const mg_span *span, size_t n_spans)
{
    size_t n_here, n_exons = n_exons_of(part, n);
    const mg_span *here = spans_of_part(part, span, n_spans, &n_here);
    if (is_trans_spliced(part, n, here, n_here)) return 1;
    int32_t n_loci = n_here > 1 ? split_by_spans(part, n, here, n_here) : 1;
    if (n_here > 0) return n_loci;
    n_loci = split_by_numbers(part, n, n_exons, false);
    if (n_loci == 1 && part->strand == '-') n_loci = split_by_numbers(part, n, n_exons, true);
    return n_loci > 1 ? n_loci : split_by_starts(part, n, n_exons);
}

int32_t mg_annotation_loci(mg_piece *piece, size_t n, const mg_span *span, size_t n_spans)
{
    int32_t n_loci = 0;
    size_t n_parts = 0;
    for (size_t from = 0; from < n; from = end_of_part(piece, n, from)) {
        n_parts++;
        if (piece[from].strand != '+' && piece[from].strand != '-') return 0;
    }
    if (n_parts > 1 && !parts_are_copies(piece, n, span, n_spans)) return 0;
    for (size_t from = 0, to = 0; from < n; from = to) {
        to = end_of_part(piece, n, from);
        int32_t in_part = split_part(piece + from, to - from, span, n_spans);
        for (size_t i = from; i < to; i++)
            piece[i].locus = n_loci + (in_part > 1 ? piece[i].locus : 0);
        n_loci += in_part;
    }
    return n_loci;
}
