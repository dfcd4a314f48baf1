/* rank.c  sort by radix, then share out ranks
 *
 * Seven methods a window are sorted, 190 contributions and 570 substitutions each. gsl_sort_index() (heap sort) and
 * qsort() spend that time on mispredicted comparisons; a least-significant-digit radix sort has none, is stable and
 * linear. The key of a number is the bit pattern of the double, turned so that unsigned order is descending numeric
 * order. An item holds one 32-bit word of the key above the 32-bit index, so that a pass moves eight bytes.
 *
 * Short rows go by the upper three bytes of the key (sign, exponent, 12 bits of mantissa), which leaves few neighbours
 * in the wrong order to a final insertion sort. Long rows go by all of the lower and then all of the upper word,
 * because there such neighbours could be many and insertion is quadratic.
 */
#include "src/agreement/rank.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { DIGITS = 4, RADIX = 256, WORD = 32, SHORT_ROW = 1024 };

struct mg_sorter {
    uint64_t *here, *there; /* (n_max) items */
    uint32_t count[DIGITS][RADIX];
};

mg_status mg_sorter_create(size_t n_max, mg_sorter **ret, mg_error *err)
{
    if (n_max >= UINT32_MAX) return mg_fail(err, MG_EINPUT, "%zu numbers are too many to rank at once", n_max);
    mg_sorter *sorter = NULL;
    mg_status status = mg_alloc(&sorter, 1, sizeof *sorter, err);
    if (status != MG_OK) return status;
    if ((status = mg_alloc(&sorter->here, n_max, sizeof *sorter->here, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&sorter->there, n_max, sizeof *sorter->there, err)) != MG_OK) goto cleanup;
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
    free(sorter);
}

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

static void scatter(mg_sorter *sorter, size_t n, int place)
{
    const uint32_t *count = sorter->count[place];
    if (count[digit(sorter->here[0], place)] == n) return; /* one digit for all: nothing to do */
    uint32_t next[RADIX];
    uint32_t sum = 0;
    for (int d = 0; d < RADIX; d++) {
        next[d] = sum;
        sum += count[d];
    }
    for (size_t k = 0; k < n; k++)
        sorter->there[next[digit(sorter->here[k], place)]++] = sorter->here[k];
    uint64_t *swap = sorter->here;
    sorter->here = sorter->there;
    sorter->there = swap;
}

/* Stable sort of the items `here` by the digits from `lowest` up. */
static void sort_items(mg_sorter *sorter, size_t n, int lowest)
{
    memset(sorter->count, 0, sizeof sorter->count);
    for (size_t k = 0; k < n; k++)
        for (int place = lowest; place < DIGITS; place++)
            sorter->count[place][digit(sorter->here[k], place)]++;
    for (int place = lowest; place < DIGITS; place++)
        scatter(sorter, n, place);
}

static bool goes_before(const double *value, uint64_t a, uint64_t b)
{
    if (a >> WORD != b >> WORD) return a < b;
    return value[(uint32_t)a] > value[(uint32_t)b];
}

static void insertion_sort(const double *value, uint64_t *item, size_t n)
{
    for (size_t k = 1; k < n; k++) {
        uint64_t moving = item[k];
        size_t j = k;
        for (; j > 0 && goes_before(value, moving, item[j - 1]); j--)
            item[j] = item[j - 1];
        item[j] = moving;
    }
}

void mg_sort_descending(mg_sorter *sorter, const double *value, size_t n, uint32_t *order)
{
    if (n == 0) return;
    uint64_t upper = ~(uint64_t)0 << WORD;
    if (n < SHORT_ROW) {
        for (size_t k = 0; k < n; k++)
            sorter->here[k] = (descending_key(value[k]) & upper) | k;
        sort_items(sorter, n, 1);
        insertion_sort(value, sorter->here, n);
    } else {
        for (size_t k = 0; k < n; k++)
            sorter->here[k] = descending_key(value[k]) << WORD | k;
        sort_items(sorter, n, 0);
        for (size_t k = 0; k < n; k++) {
            uint32_t i = (uint32_t)sorter->here[k];
            sorter->here[k] = (descending_key(value[i]) & upper) | i;
        }
        sort_items(sorter, n, 0);
    }
    for (size_t k = 0; k < n; k++)
        order[k] = (uint32_t)sorter->here[k];
}

size_t mg_tie_end(const double *value, const uint32_t *order, size_t k, size_t n)
{
    double tied = value[order[k]];
    do
        k++;
    while (k < n && value[order[k]] == tied);
    return k;
}

void mg_mid_ranks(const double *value, const uint32_t *order, size_t n, double *rank)
{
    for (size_t k = 0; k < n;) {
        size_t end = mg_tie_end(value, order, k, n);
        double middle = 0.5 * (double)(k + 1 + end);
        for (; k < end; k++)
            rank[order[k]] = middle;
    }
}
