/* placement.c  positions through exons, and an index of the exons of many transcripts
 *
 * The index is an interval tree without pointers: exons sorted by chromosome and begin, where the middle of any part is
 * its root and knows the largest end in that part. What ends before the question, or begins behind it, is passed over
 * as a whole.
 */
#include "src/sequence/placement.h"

#include <stdlib.h>

#include "src/core/memory.h"

/* --- one transcript --- */

int64_t mg_placement_length(const mg_placement *p)
{
    if (p->n_exons == 0) return 0;
    const mg_exon *last = &p->exon[p->strand == '-' ? 0 : p->n_exons - 1];
    return last->offset + last->end - last->begin;
}

/* The last exon that begins at or before chromosome position `at`; NULL when there is none. */
static const mg_exon *exon_before(const mg_placement *p, int64_t at)
{
    size_t low = 0, high = p->n_exons; /* what is looked for stands below high */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->exon[middle].begin <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &p->exon[low - 1] : NULL;
}

int64_t mg_placement_to_transcript(const mg_placement *p, int64_t at)
{
    const mg_exon *exon = exon_before(p, at);
    if (exon == NULL || at >= exon->end) return -1;
    return exon->offset + (p->strand == '-' ? exon->end - 1 - at : at - exon->begin);
}

/* The k-th exon from the 5' end. */
static const mg_exon *exon_in_order(const mg_placement *p, size_t k)
{
    return &p->exon[p->strand == '-' ? p->n_exons - 1 - k : k];
}

/* The exon with transcript position `at`; NULL when it lies outside the transcript. */
static const mg_exon *exon_with(const mg_placement *p, int64_t at)
{
    if (at < 0 || at >= mg_placement_length(p)) return NULL;
    size_t low = 0, high = p->n_exons;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (exon_in_order(p, middle)->offset <= at)
            low = middle;
        else
            high = middle;
    }
    return exon_in_order(p, low);
}

int64_t mg_placement_to_genome(const mg_placement *p, int64_t at)
{
    const mg_exon *exon = exon_with(p, at);
    if (exon == NULL) return -1;
    int64_t inside = at - exon->offset;
    return p->strand == '-' ? exon->end - 1 - inside : exon->begin + inside;
}

bool mg_placement_overlaps(const mg_placement *p, int64_t begin, int64_t end)
{
    const mg_exon *exon = begin < end ? exon_before(p, end - 1) : NULL;
    return exon != NULL && exon->end > begin;
}

/* Does b, the next exon of the chromosome, go on where a ends, there and in the transcript? */
static bool touch(const mg_placement *p, const mg_exon *a, const mg_exon *b)
{
    const mg_exon *first = p->strand == '-' ? b : a, *then = p->strand == '-' ? a : b;
    return a->end == b->begin && first->offset + first->end - first->begin == then->offset;
}

void mg_placement_exon(const mg_placement *p, int64_t at, int64_t *ret_begin, int64_t *ret_end)
{
    const mg_exon *low = exon_with(p, at), *high = low;
    while (low > p->exon && touch(p, low - 1, low))
        low--;
    while (high + 1 < p->exon + p->n_exons && touch(p, high, high + 1))
        high++;
    const mg_exon *first = p->strand == '-' ? high : low, *last = p->strand == '-' ? low : high;
    *ret_begin = first->offset;
    *ret_end = last->offset + last->end - last->begin;
}

mg_base mg_placement_base(const mg_placement *p, mg_base base)
{
    return p->strand == '-' ? mg_base_complement(base) : base;
}

bool mg_placement_next(const mg_placement *p, int64_t *inout_begin, int64_t end, mg_genome_interval *ret)
{
    const mg_exon *exon = *inout_begin < end ? exon_with(p, *inout_begin) : NULL;
    if (exon == NULL) return false;
    int64_t inside = *inout_begin - exon->offset, n = exon->end - exon->begin - inside;
    if (n > end - *inout_begin) n = end - *inout_begin;
    ret->begin = p->strand == '-' ? exon->end - inside - n : exon->begin + inside;
    ret->end = ret->begin + n;
    *inout_begin += n;
    return true;
}

/* --- many transcripts --- */

void mg_placements_destroy(mg_placements *placements)
{
    if (placements == NULL) return;
    for (size_t c = 0; c < placements->n_chromosomes; c++)
        free(placements->chromosome[c]);
    free(placements->chromosome);
    mg_names_destroy(&placements->chromosome_names);
    free(placements->placement);
    free(placements->exon);
    free(placements->indexed);
    free(placements->first_indexed);
    *placements = (mg_placements){0};
}

/* Order within a chromosome: begin, end; the transcript makes it complete. */
static int compare_exons(const void *a, const void *b)
{
    const mg_placed_exon *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return (x->transcript > y->transcript) - (x->transcript < y->transcript);
}

/* Fill `reach` of exons [low, high), and return the largest end among them. */
static int64_t fill_reach(mg_placed_exon *exon, size_t low, size_t high)
{
    if (low == high) return -1;
    size_t middle = low + (high - low) / 2;
    int64_t reach = exon[middle].end, left = fill_reach(exon, low, middle), right = fill_reach(exon, middle + 1, high);
    if (left > reach) reach = left;
    if (right > reach) reach = right;
    return exon[middle].reach = reach;
}

/* Put the exons of each chromosome together: first[c] is where its next exon goes, and in the end where it ends. */
static void distribute(const mg_placements *p, size_t *first)
{
    for (size_t i = 0; i < p->n_placements; i++) {
        const mg_placement *placement = &p->placement[i];
        for (size_t e = 0; e < placement->n_exons; e++)
            p->indexed[first[placement->chromosome]++] =
                (mg_placed_exon){placement->exon[e].begin, placement->exon[e].end, 0, i};
    }
}

mg_status mg_placements_index(mg_placements *inout, mg_error *err)
{
    size_t n_chromosomes = inout->n_chromosomes, *first = NULL;
    mg_status status = mg_alloc(&first, n_chromosomes + 2, sizeof *first, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < inout->n_placements; i++)
        if (inout->placement[i].n_exons > 0) first[inout->placement[i].chromosome + 2] += inout->placement[i].n_exons;
    for (size_t c = 2; c < n_chromosomes + 2; c++)
        first[c] += first[c - 1];
    free(inout->indexed);
    free(inout->first_indexed);
    inout->first_indexed = first;
    inout->indexed = NULL;
    status = mg_alloc(&inout->indexed, first[n_chromosomes + 1], sizeof *inout->indexed, err);
    if (status != MG_OK) return status;
    distribute(inout, first + 1); /* moves each first[c + 1] from the begin of chromosome c to its end */
    for (size_t c = 0; c < n_chromosomes; c++) {
        qsort(inout->indexed + first[c], first[c + 1] - first[c], sizeof *inout->indexed, compare_exons);
        fill_reach(inout->indexed, first[c], first[c + 1]);
    }
    return MG_OK;
}

/* Add the transcripts of exons [low, high) that share a base with [begin, end). */
static mg_status find(const mg_placed_exon *exon, size_t low, size_t high, int64_t begin, int64_t end,
                      mg_overlaps *inout, mg_error *err)
{
    size_t middle = low + (high - low) / 2;
    if (low == high || exon[middle].reach <= begin) return MG_OK;
    mg_status status = find(exon, low, middle, begin, end, inout, err);
    if (status != MG_OK || exon[middle].begin >= end) return status;
    if (exon[middle].end > begin) {
        status = mg_grow(&inout->transcript, &inout->n_room, inout->n + 1, sizeof *inout->transcript, err);
        if (status != MG_OK) return status;
        inout->transcript[inout->n++] = exon[middle].transcript;
    }
    return find(exon, middle + 1, high, begin, end, inout, err);
}

static int compare_numbers(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

mg_status mg_placements_over(const mg_placements *p, size_t chromosome, int64_t begin, int64_t end, mg_overlaps *inout,
                             mg_error *err)
{
    inout->n = 0;
    mg_status status = begin < end ? find(p->indexed, p->first_indexed[chromosome], p->first_indexed[chromosome + 1],
                                          begin, end, inout, err)
                                   : MG_OK;
    if (status != MG_OK || inout->n == 0) return status;
    qsort(inout->transcript, inout->n, sizeof *inout->transcript, compare_numbers);
    size_t n_kept = 1;
    for (size_t i = 1; i < inout->n; i++)
        if (inout->transcript[i] != inout->transcript[n_kept - 1]) inout->transcript[n_kept++] = inout->transcript[i];
    inout->n = n_kept;
    return MG_OK;
}
