/* surroundings.c  how far around its exons a chromosome is kept */
#include "io/genome/surroundings.h"

#include <stdlib.h>

#include "src/core/memory.h"

void mg_surroundings_destroy(mg_surroundings *surroundings)
{
    if (surroundings == NULL) return;
    for (size_t c = 0; c < surroundings->n_chromosomes; c++)
        free(surroundings->chromosome[c].piece);
    free(surroundings->chromosome);
    *surroundings = (mg_surroundings){0};
}

static int compare(const void *a, const void *b)
{
    const mg_genome_interval *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* Exons that overlap or touch become one; returns how many are left. */
static size_t merge(mg_genome_interval *exon, size_t n)
{
    size_t n_kept = 1;
    qsort(exon, n, sizeof *exon, compare);
    for (size_t i = 1; i < n; i++) {
        mg_genome_interval *last = &exon[n_kept - 1];
        if (exon[i].begin > last->end)
            exon[n_kept++] = exon[i];
        else if (exon[i].end > last->end)
            last->end = exon[i].end;
    }
    return n_kept;
}

/* How far from `edge` a change can stand that can be moved to it: an insertion of p bases stands there when all between
 * repeats itself with period p, of which the p bases next to the edge say nothing. A deletion needs more than that. One
 * base further is kept. `to` is -1 to the left of the edge, whose first base there is edge - 1, and 1 to the right, where
 * it is edge; no further than `limit`. Returns where what is kept ends. */
static int64_t reach(const mg_base *base, int64_t edge, int to, int64_t limit, int64_t longest)
{
    int64_t most = to > 0 ? limit - edge : edge - limit, far = 0, first = to > 0 ? edge : edge - 1;
    for (int64_t p = 1; p <= longest && far < most; p++) {
        int64_t n = p; /* bases that may be passed */
        while (n < most && base[first + to * n] < MG_N_BASES && base[first + to * n] == base[first + to * (n - p)])
            n++;
        if (n > far) far = n;
    }
    far = far + 1 < most ? far + 1 : most;
    return edge + to * far;
}

static mg_status keep(mg_surrounding_list *list, const mg_base *base, int64_t begin, int64_t end, mg_spool *spool,
                      mg_error *err)
{
    mg_status status = mg_grow(&list->piece, &list->n_room, list->n + 1, sizeof *list->piece, err);
    if (status != MG_OK) return status;
    mg_surrounding *piece = &list->piece[list->n++];
    *piece = (mg_surrounding){begin, end, mg_spool_take(spool, end - begin)};
    return mg_spool_write(spool, piece->place, base + begin, end - begin, err);
}

mg_status mg_surroundings_add(mg_surroundings *inout, size_t chromosome, const mg_base *base, int64_t length,
                              mg_genome_interval *exon, size_t n_exons, int64_t longest, mg_spool *spool, mg_error *err)
{
    mg_status status =
        mg_grow(&inout->chromosome, &inout->n_chromosomes, chromosome + 1, sizeof *inout->chromosome, err);
    if (status == MG_OK) inout->chromosome[chromosome].length = length;
    if (status != MG_OK || n_exons == 0) return status;
    size_t n = merge(exon, n_exons);
    int64_t begin = reach(base, exon[0].begin, -1, 0, longest);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        bool is_last = i + 1 == n;
        int64_t next = is_last ? length : exon[i + 1].begin, end = reach(base, exon[i].end, 1, next, longest);
        int64_t next_begin = is_last ? length : reach(base, next, -1, exon[i].end, longest);
        if (!is_last && next_begin <= end) continue; /* one piece with the next */
        status = keep(&inout->chromosome[chromosome], base, begin, end, spool, err);
        begin = next_begin;
    }
    return status;
}

const mg_surrounding *mg_surroundings_find(const mg_surroundings *surroundings, size_t chromosome, int64_t at)
{
    if (chromosome >= surroundings->n_chromosomes) return NULL;
    const mg_surrounding_list *list = &surroundings->chromosome[chromosome];
    size_t low = 0, high = list->n; /* what begins at or before it stands below high */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->piece[middle].begin <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && at < list->piece[low - 1].end ? &list->piece[low - 1] : NULL;
}
