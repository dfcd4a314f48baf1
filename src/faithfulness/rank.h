/* rank.h  order and mid-ranks of a row of numbers
 *
 * Everything that ranks (Spearman, Kendall, top k, area under ROC, Wilcoxon, quantiles) stands on one order: the
 * largest number first, and among equal numbers the one with the lower index first. -0 and +0 are equal.
 */
#ifndef MG_FAITHFULNESS_RANK_H
#define MG_FAITHFULNESS_RANK_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

/* Room to sort in, so that the hot path allocates nothing. One a thread. */
typedef struct mg_sorter mg_sorter;

/* mg_sorter_create()  room to sort up to n_max numbers
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT when n_max needs 32 bits or more */
mg_status mg_sorter_create(size_t n_max, mg_sorter **ret, mg_error *err);
void mg_sorter_destroy(mg_sorter *sorter);

/* A row of numbers in order. Plain pointers into what the caller keeps. */
typedef struct {
    const double *value;
    const uint32_t *order; /* (n) indices, the largest value first */
    size_t n;
    size_t n_tied; /* how many values equal the one before them in `order`; 0 when all differ */
} mg_ordered;

/* mg_sort_descending()  order - OUT (n), order[0] is the index of the largest value, ties by the lower index; values must
 * be no NaN */
mg_ordered mg_sort_descending(mg_sorter *sorter, const double *value, size_t n, uint32_t *order);

/* mg_tie_end()  the run of equal values in `order` that begins at k ends before the place returned */
size_t mg_tie_end(const double *value, const uint32_t *order, size_t k, size_t n);

/* mg_first_places()  first[i]: the place in `order` where the run of values equal to value i begins */
void mg_first_places(const mg_ordered *row, uint32_t *first);

/* mg_mid_ranks()  rank[i] of value i, 1 for the largest; equal values share the mean of their ranks. What is written is
 * twice the rank less n + 1: whole numbers with the sum 0
 * Returns: the sum of the squared deviations of the ranks from their mean; 0 when all values are equal */
double mg_mid_ranks(const mg_ordered *row, int32_t *rank);

/* mg_rank_product()  sum over the row of twice the mid-rank times a weight; squares: OUT as mg_mid_ranks() returns it, may
 * be NULL. No overflow below 2^21 numbers with weights below their count. */
int64_t mg_rank_product(const mg_ordered *row, const int32_t *weight, double *squares);

#endif
