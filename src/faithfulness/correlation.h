/* correlation.h  how two rows of numbers go together
 *
 * All in double and in one fixed order of additions, so the same input gives the same bits everywhere. NaN means not
 * defined. No function allocates.
 */
#ifndef MG_FAITHFULNESS_CORRELATION_H
#define MG_FAITHFULNESS_CORRELATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/faithfulness/rank.h"

/* mg_mean()  is finite when all of x are, as long as their sum is no overflow */
double mg_mean(const double *x, size_t n);

/* A row that others are held to: its numbers less their mean. */
typedef struct {
    const double *deviation; /* (n) */
    double squares;          /* sum of their squares */
    bool constant;           /* but for rounding: a spread below 1e-13 of the mean is no signal */
} mg_centred;

/* mg_centre()  deviation - OUT (n), kept by the caller */
mg_centred mg_centre(const double *y, double y_mean, size_t n, double *deviation);

/* mg_pearson()  product-moment correlation, in [-1, 1]
 *
 * NaN with fewer than 3 pairs or when a row is constant but for rounding. x_mean is mg_mean() of x.
 */
double mg_pearson(const double *x, double x_mean, const mg_centred *y, size_t n);

/* mg_spearman()  rho with the tie correction: the Pearson correlation of mid-ranks, in [-1, 1]
 *
 * Args:     x         - a row in order
 *           y_rank    - (n) of the other row, as of mg_mid_ranks(); whole numbers, so the sum of products is exact
 *           y_squares - as mg_mid_ranks() returned it
 * Returns:  rho; NaN with fewer than 3 pairs or when a row is constant.
 */
double mg_spearman(const mg_ordered *x, const int32_t *y_rank, double y_squares);

/* mg_squares()  sum of x^2 */
double mg_squares(const double *x, size_t n);

/* mg_cosine()  sum xy / sqrt(sum x^2 sum y^2), in [-1, 1]; NaN with fewer than 3 pairs or when a row is all zero.
 * y_squares is mg_squares() of y. */
double mg_cosine(const double *x, const double *y, double y_squares, size_t n);

/* mg_kendall()  tau-b in O(n log n), as Knight's algorithm but with the discordant pairs counted bit by bit
 *
 * Args:     x       - a row in order
 *           y_first - (n) of the other row, as of mg_first_places()
 *           y_tied  - some of its values are equal
 *           work    - (3 n) scratch
 *           bits    - (mg_kendall_words()) scratch
 * Returns:  tau-b, in [-1, 1]; NaN with fewer than 3 pairs or when a row is constant.
 * Source:   Knight 1966, J. Am. Stat. Assoc. 61:436.
 * Test:     tests/unit/test_agreement.c, against the O(n^2) definition
 */
double mg_kendall(const mg_ordered *x, const uint32_t *y_first, bool y_tied, uint32_t *work, uint64_t *bits);

/* mg_kendall_words()  words of `bits` for rows of up to n numbers */
size_t mg_kendall_words(size_t n);

#endif
