/* rank.c  sort by radix, then share out ranks, or add up what they are wanted for
 *
 * Seven methods a window are sorted, 190 contributions and 570 substitutions each. gsl_sort_index() (heap sort) and
 * qsort() spend that time on mispredicted comparisons; a least-significant-digit radix sort has none, is stable and
 * linear. Two ways, with the same result:
 *
 * By place: how far a number lies below the largest, as a share of the whole spread, in 16 bits. Such a place and a
 * 16-bit index are one word of 32 bits, two passes sort it, and as places are taken from the numbers alone they serve
 * any unit. The few numbers that share a place are put right by insertion. That gives up when they are many (one
 * number far away from all others), because insertion is quadratic.
 *
 * By bits, when that gave up and for long rows: the bit pattern of the double, turned so that unsigned order is
 * descending numeric order, first its lower and then its upper word.
 */
#include "src/faithfulness/rank.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/clones.h"
#include "src/core/memory.h"

enum {
    DIGITS = 4,
    RADIX = 256,
    WORD = 32,
    PLACE_BITS = 16,
    N_PLACES = 1 << PLACE_BITS,
    LAST_PLACE = N_PLACES - 1,
    MOVES = 8, /* an item, before insertion gives up */
    LANES = 4  /* minima that the processor can overlap */
};

struct mg_sorter {
    uint64_t *here, *there;  /* (n_max) items of the sort by bits: a word of the key above the index */
    uint32_t *place, *moved; /* (at most N_PLACES) items of the sort by place: the place above the index */
    uint32_t count[DIGITS][RADIX];
};

mg_status mg_sorter_create(size_t n_max, mg_sorter **ret, mg_error *err)
{
    if (n_max >= UINT32_MAX) return mg_fail(err, MG_EINPUT, "%zu numbers are too many to rank at once", n_max);
    mg_sorter *sorter = NULL;
    size_t n_places = n_max < N_PLACES ? n_max : N_PLACES;
    mg_status status = mg_alloc(&sorter, 1, sizeof *sorter, err);
    if (status != MG_OK) return status;
    if ((status = mg_alloc(&sorter->here, n_max, sizeof *sorter->here, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&sorter->there, n_max, sizeof *sorter->there, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&sorter->place, n_places, sizeof *sorter->place, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&sorter->moved, n_places, sizeof *sorter->moved, err)) != MG_OK) goto cleanup;
    *ret = sorter;
    sorter = NULL;
cleanup:
    mg_sorter_destroy(sorter);
    return status;
}

void mg_sorter_destroy(mg_sorter *sorter)
{
    if (sorter == NULL) return;
    free(sorter->here);
    free(sorter->there);
    free(sorter->place);
    free(sorter->moved);
    free(sorter);
}

/* Eight counts, and the same moved up by some, with zeros below. */
typedef uint32_t eight __attribute__((vector_size(8 * sizeof(uint32_t)), aligned(sizeof(uint32_t)), may_alias));
typedef uint64_t four __attribute__((vector_size(4 * sizeof(uint64_t))));
#define MOVED(x, a, b, c, d, e, f, g, h) __builtin_shufflevector(x, (eight){0}, a, b, c, d, e, f, g, h)

/* Turn the counts of digits into the places where each digit's items begin: sums within eight of them, then of all before. */
static inline __attribute__((always_inline)) void begins_of(uint32_t count[RADIX])
{
    eight before = {0};
    for (int d = 0; d < RADIX; d += 8) {
        eight x = *(eight *)(count + d), sum = x;
        sum += MOVED(sum, 8, 0, 1, 2, 3, 4, 5, 6);
        sum += MOVED(sum, 8, 8, 0, 1, 2, 3, 4, 5);
        sum += MOVED(sum, 8, 8, 8, 8, 0, 1, 2, 3);
        *(eight *)(count + d) = before + sum - x;
        before += MOVED(sum, 7, 7, 7, 7, 7, 7, 7, 7);
    }
}

/* --- by place --- */

/* The functions of this section are inlined, so that they are compiled for what sort_by_place() is. */
#define INLINED static inline __attribute__((always_inline))

INLINED double smaller(double x, double y)
{
    return x < y ? x : y;
}

INLINED double larger(double x, double y)
{
    return x > y ? x : y;
}

INLINED void find_ends(const double *value, size_t n, double *lowest, double *highest)
{
    double low[LANES], high[LANES];
    for (size_t k = 0; k < LANES; k++)
        low[k] = high[k] = value[0];
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            low[k] = smaller(value[i + k], low[k]);
            high[k] = larger(value[i + k], high[k]);
        }
    for (; i < n; i++) {
        low[0] = smaller(value[i], low[0]);
        high[0] = larger(value[i], high[0]);
    }
    for (size_t k = 1; k < LANES; k++) {
        low[0] = smaller(low[0], low[k]);
        high[0] = larger(high[0], high[k]);
    }
    *lowest = low[0];
    *highest = high[0];
}

/* One pass, by one half of the place; a half that is one for all needs none. Inlined, as `shift` is then a constant. */
INLINED void scatter_places(mg_sorter *sorter, size_t n, uint32_t *begin, int shift)
{
    uint32_t *place = sorter->place, *moved = sorter->moved;
    if (begin[place[0] >> shift & (RADIX - 1)] == n) return;
    begins_of(begin);
    for (size_t k = 0; k < n; k++) {
        uint32_t item = place[k];
        moved[begin[item >> shift & (RADIX - 1)]++] = item;
    }
    sorter->place = moved;
    sorter->moved = place;
}

INLINED size_t index_of(uint32_t item)
{
    return item & LAST_PLACE;
}

/* Put item k in order with those before it that share its place; returns how many it passed, and counts it when it is equal to
 * the one before it. */
static size_t insert(const double *value, uint32_t *item, size_t k, size_t *n_tied)
{
    uint32_t moving = item[k];
    double x = value[index_of(moving)];
    size_t j = k;
    for (; j > 0 && (moving ^ item[j - 1]) < N_PLACES && value[index_of(item[j - 1])] < x; j--)
        item[j] = item[j - 1];
    item[j] = moving;
    *n_tied += j > 0 && value[index_of(item[j - 1])] == x;
    return k - j;
}

/* Does any of sixteen items share the place of the one before it? */
INLINED bool any_alike(const uint32_t *item)
{
    eight first = *(const eight *)item ^ *(const eight *)(item - 1);
    eight second = *(const eight *)(item + 8) ^ *(const eight *)(item + 7);
    four alike = (four)((first < N_PLACES) | (second < N_PLACES));
    return (alike[0] | alike[1] | alike[2] | alike[3]) != 0;
}

/* Put those that share a place in order and count those that are equal to the one before them: few, so stretches are looked
 * through for any. Returns false when that takes too many moves. */
INLINED bool settle(const double *value, uint32_t *item, size_t n, size_t *n_tied)
{
    enum { STRETCH = 16 };
    size_t n_moves = 0;
    *n_tied = 0;
    for (size_t k = 1, end; k < n; k = end) {
        end = k + STRETCH < n ? k + STRETCH : n;
        if (end == k + STRETCH && !any_alike(item + k)) continue;
        for (; k < end; k++)
            if ((item[k] ^ item[k - 1]) < N_PLACES) n_moves += insert(value, item, k, n_tied);
        if (n_moves > MOVES * n) return false;
    }
    return true;
}

/* The places of all, with their halves counted. */
INLINED void find_places(mg_sorter *sorter, const double *value, size_t n, double highest, double scale)
{
    uint32_t(*count)[RADIX] = sorter->count, *item = sorter->place;
    memset(count, 0, 2 * sizeof *count);
    for (size_t k = 0; k < n; k++)
        item[k] = (uint32_t)(int32_t)((highest - value[k]) * scale) << PLACE_BITS | (uint32_t)k;
    for (size_t k = 0; k < n; k++) {
        count[0][item[k] >> PLACE_BITS & (RADIX - 1)]++;
        count[1][item[k] >> (PLACE_BITS + 8)]++;
    }
}

MG_CLONES static bool sort_by_place(mg_sorter *sorter, const double *value, size_t n, uint32_t *order, size_t *n_tied)
{
    double lowest, highest;
    find_ends(value, n, &lowest, &highest);
    double spread = highest - lowest, scale = LAST_PLACE / (spread > 0 ? spread : 1);
    if (!(spread <= DBL_MAX && scale <= DBL_MAX)) return false;
    find_places(sorter, value, n, highest, scale);
    scatter_places(sorter, n, sorter->count[0], PLACE_BITS);
    scatter_places(sorter, n, sorter->count[1], PLACE_BITS + 8);
    if (!settle(value, sorter->place, n, n_tied)) return false;
    for (size_t k = 0; k < n; k++)
        order[k] = sorter->place[k] & LAST_PLACE;
    return true;
}

/* --- by bits --- */

static uint64_t descending_key(double value)
{
    uint64_t bits;
    value += 0.0; /* -0 becomes +0 */
    memcpy(&bits, &value, sizeof bits);
    uint64_t flip_if_positive = (bits >> 63) - 1; /* all ones or none: a branch on the sign would be a coin toss */
    return bits ^ (flip_if_positive & ~((uint64_t)1 << 63));
}

static unsigned digit(uint64_t item, int place)
{
    return (unsigned)(item >> (WORD + 8 * place)) & (RADIX - 1);
}

static void scatter_words(mg_sorter *sorter, size_t n, int place)
{
    if (sorter->count[place][digit(sorter->here[0], place)] == n) return; /* one digit for all: nothing to do */
    uint32_t *begin = sorter->count[place];
    begins_of(begin);
    for (size_t k = 0; k < n; k++)
        sorter->there[begin[digit(sorter->here[k], place)]++] = sorter->here[k];
    uint64_t *swap = sorter->here;
    sorter->here = sorter->there;
    sorter->there = swap;
}

/* Stable sort of the items `here` by their upper word. */
static void sort_words(mg_sorter *sorter, size_t n)
{
    memset(sorter->count, 0, sizeof sorter->count);
    for (size_t k = 0; k < n; k++)
        for (int place = 0; place < DIGITS; place++)
            sorter->count[place][digit(sorter->here[k], place)]++;
    for (int place = 0; place < DIGITS; place++)
        scatter_words(sorter, n, place);
}

static void sort_by_bits(mg_sorter *sorter, const double *value, size_t n, uint32_t *order)
{
    uint64_t upper = ~(uint64_t)0 << WORD;
    for (size_t k = 0; k < n; k++)
        sorter->here[k] = descending_key(value[k]) << WORD | k;
    sort_words(sorter, n);
    for (size_t k = 0; k < n; k++) {
        uint32_t i = (uint32_t)sorter->here[k];
        sorter->here[k] = (descending_key(value[i]) & upper) | i;
    }
    sort_words(sorter, n);
    for (size_t k = 0; k < n; k++)
        order[k] = (uint32_t)sorter->here[k];
}

static size_t count_tied(const double *value, const uint32_t *order, size_t n)
{
    size_t n_tied = 0;
    for (size_t k = 1; k < n; k++)
        n_tied += value[order[k]] == value[order[k - 1]];
    return n_tied;
}

mg_ordered mg_sort_descending(mg_sorter *sorter, const double *value, size_t n, uint32_t *order)
{
    mg_ordered row = {value, order, n, 0};
    if (n == 0 || (n <= N_PLACES && sort_by_place(sorter, value, n, order, &row.n_tied))) return row;
    sort_by_bits(sorter, value, n, order);
    row.n_tied = count_tied(value, order, n);
    return row;
}

/* --- ranks --- */

size_t mg_tie_end(const double *value, const uint32_t *order, size_t k, size_t n)
{
    double tied = value[order[k]];
    do
        k++;
    while (k < n && value[order[k]] == tied);
    return k;
}

void mg_first_places(const mg_ordered *row, uint32_t *first)
{
    for (size_t k = 0; k < row->n;) {
        size_t begin = k, end = row->n_tied > 0 ? mg_tie_end(row->value, row->order, k, row->n) : k + 1;
        for (; k < end; k++)
            first[row->order[k]] = (uint32_t)begin;
    }
}

/* The sum of squares of ranks that all differ. A run of t equal ones lacks t (t^2 - 1) / 12 of it. */
static double squares_of(double n)
{
    return n * (n * n - 1) / 12;
}

double mg_mid_ranks(const mg_ordered *row, int32_t *rank)
{
    double lacking = 0;
    int32_t n = (int32_t)row->n;
    for (int32_t k = 0; k < n && row->n_tied == 0; k++)
        rank[row->order[k]] = 2 * k + 1 - n;
    for (size_t k = 0; k < row->n && row->n_tied > 0;) {
        size_t begin = k, end = mg_tie_end(row->value, row->order, k, row->n);
        lacking += squares_of((double)(end - begin));
        for (; k < end; k++)
            rank[row->order[k]] = (int32_t)(begin + end) - n;
    }
    return squares_of((double)row->n) - lacking;
}

static int64_t product_with_ties(const mg_ordered *row, const int32_t *weight, double *lacking)
{
    int64_t product = 0;
    for (size_t k = 0; k < row->n;) {
        size_t begin = k, end = mg_tie_end(row->value, row->order, k, row->n);
        int64_t sum = 0;
        for (; k < end; k++)
            sum += weight[row->order[k]];
        product += (int64_t)(begin + 1 + end) * sum;
        *lacking += squares_of((double)(end - begin));
    }
    return product;
}

/* The weight at place k is in the running sum from there on, n - k times; its rank is n + 1 less that. */
static int64_t product_without_ties(const mg_ordered *row, const int32_t *weight)
{
    int64_t sum = 0, sums = 0;
    for (size_t k = 0; k < row->n; k++) {
        sum += weight[row->order[k]];
        sums += sum;
    }
    return 2 * (((int64_t)row->n + 1) * sum - sums);
}

MG_CLONES int64_t mg_rank_product(const mg_ordered *row, const int32_t *weight, double *squares)
{
    double lacking = 0;
    int64_t product = row->n_tied > 0 ? product_with_ties(row, weight, &lacking) : product_without_ties(row, weight);
    if (squares != NULL) *squares = squares_of((double)row->n) - lacking;
    return product;
}
