/* correlation.h  how two rows of numbers go together
 *
 * All in double and in one fixed order of additions, so the same input gives the same bits everywhere. NaN means not
 * defined. No function allocates.
 */
#ifndef MG_AGREEMENT_CORRELATION_H
#define MG_AGREEMENT_CORRELATION_H

#include <stddef.h>
#include <stdint.h>

/* mg_pearson()  product-moment correlation, in [-1, 1]
 *
 * NaN with fewer than 3 pairs or when a row is constant: a spread below 1e-13 of the mean is rounding of a constant,
 * no signal.
 */
double mg_pearson(const double *x, const double *y, size_t n);

/* mg_spearman()  rho with the tie correction: the Pearson correlation of mid-ranks, in [-1, 1]
 *
 * Takes what mg_mid_ranks() wrote and returned of either row. Deviations of ranks are multiples of 1/2, so the sum of
 * their products is exact. NaN with fewer than 3 pairs or when a row is constant.
 */
double mg_spearman(const double *x_rank, double x_squares, const double *y_rank, double y_squares, size_t n);

/* mg_cosine()  sum xy / sqrt(sum x^2 sum y^2), in [-1, 1]; NaN with fewer than 3 pairs or when a row is all zero */
double mg_cosine(const double *x, const double *y, size_t n);

/* mg_kendall()  tau-b in O(n log n), as Knight's algorithm but with the discordant pairs counted bit by bit
 *
 * Args:     x_first, y_first - (n) for each index, the place in its row's order where its run of ties begins
 *           y_order          - (n) indices, order of y
 *           work             - (2 n) scratch
 * Returns:  tau-b, in [-1, 1]; NaN with fewer than 3 pairs or when a row is constant.
 * Source:   Knight 1966, J. Am. Stat. Assoc. 61:436.
 * Test:     tests/test_agreement.c, against the O(n^2) definition
 */
double mg_kendall(const uint32_t *x_first, const uint32_t *y_first, const uint32_t *y_order, size_t n, uint32_t *work);

#endif
