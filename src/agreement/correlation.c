/* correlation.c  Pearson, cosine, Kendall
 *
 * gsl_stats_correlation() and gsl_stats_spearman() do the same, but the first updates long doubles with a division an
 * item and the second allocates; seven methods a window and a dozen correlations a method are too many for that. The
 * tests hold these to GSL. Sums run in four lanes that are added at the end: a fixed order that the processor can
 * overlap, where one running sum would wait for each addition.
 */
#include "src/agreement/correlation.h"

#include <math.h>
#include <string.h>

enum { LANES = 4 };

static double add_lanes(const double lane[LANES])
{
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static double sum(const double *x, size_t n)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += x[i + k];
    for (; i < n; i++)
        lane[i % LANES] += x[i];
    return add_lanes(lane);
}

/* sums of squares and products of x - x0 and y - y0 */
typedef struct {
    double xx, yy, xy;
} products;

static products sum_products(const double *x, double x0, const double *y, double y0, size_t n)
{
    double xx[LANES] = {0}, yy[LANES] = {0}, xy[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            double u = x[i + k] - x0, v = y[i + k] - y0;
            xx[k] += u * u;
            yy[k] += v * v;
            xy[k] += u * v;
        }
    for (; i < n; i++) {
        double u = x[i] - x0, v = y[i] - y0;
        xx[i % LANES] += u * u;
        yy[i % LANES] += v * v;
        xy[i % LANES] += u * v;
    }
    return (products){add_lanes(xx), add_lanes(yy), add_lanes(xy)};
}

static double clamp(double r)
{
    if (r > 1) return 1;
    return r < -1 ? -1 : r;
}

static int is_constant(double squares, double mean, size_t n)
{
    double rounding = 1e-13 * mean;
    return !(squares > (double)n * rounding * rounding);
}

double mg_pearson(const double *x, const double *y, size_t n)
{
    if (n < 3) return NAN;
    double x_mean = sum(x, n) / (double)n, y_mean = sum(y, n) / (double)n;
    products s = sum_products(x, x_mean, y, y_mean, n);
    if (is_constant(s.xx, x_mean, n) || is_constant(s.yy, y_mean, n)) return NAN;
    return clamp(s.xy / (sqrt(s.xx) * sqrt(s.yy)));
}

double mg_cosine(const double *x, const double *y, size_t n)
{
    if (n < 3) return NAN;
    products s = sum_products(x, 0, y, 0, n);
    if (!(s.xx > 0 && s.yy > 0)) return NAN;
    return clamp(s.xy / (sqrt(s.xx) * sqrt(s.yy)));
}

/* Pairs that stand the wrong way round, row[j] > row[k] with j < k, in a row of numbers below n.
 *
 * Two numbers differ first at one bit, counted from the top. So for each bit: among the numbers that agree in all
 * higher bits, a 0 stands the wrong way round to each 1 before it. No branch depends on the data and nothing is moved,
 * which is why this is three times as fast as counting in a merge sort. */
static int64_t count_inversions(const uint32_t *row, size_t n, uint32_t *n_ones)
{
    int64_t n_inversions = 0;
    for (int bit = 31; bit >= 0; bit--) {
        if ((n - 1) >> bit == 0) continue;
        memset(n_ones, 0, (((n - 1) >> bit >> 1) + 1) * sizeof *n_ones);
        for (size_t k = 0; k < n; k++) {
            uint32_t one = row[k] >> bit & 1, group = row[k] >> bit >> 1;
            n_inversions += n_ones[group] & (one - 1);
            n_ones[group] += one;
        }
    }
    return n_inversions;
}

/* pairs tied in a row: each member of a run of ties adds one to the count at the run's first place */
static int64_t count_tied_pairs(const uint32_t *first, size_t n, uint32_t *count)
{
    memset(count, 0, n * sizeof *count);
    int64_t n_tied = 0;
    for (size_t i = 0; i < n; i++)
        n_tied += count[first[i]]++;
    return n_tied;
}

/* Put y into the order of x and, within a tie of x, of y itself: drop the items, in y's order, into x's runs.
 * Leaves in count[] the length of each run of x at its first place. */
static void order_by_both(const uint32_t *x_first, const uint32_t *y_first, const uint32_t *y_order, size_t n,
                          uint32_t *row, uint32_t *count)
{
    memset(count, 0, n * sizeof *count);
    for (size_t k = 0; k < n; k++) {
        uint32_t i = y_order[k], run = x_first[i];
        row[run + count[run]++] = y_first[i];
    }
}

/* pairs tied in x and in y stand next to each other after order_by_both() */
static int64_t count_pairs_tied_in_both(const uint32_t *row, const uint32_t *count, size_t n)
{
    int64_t n_tied = 0;
    for (size_t begin = 0; begin < n; begin += count[begin]) {
        int64_t run = 0;
        for (size_t k = begin + 1; k < begin + count[begin]; k++) {
            run = row[k] == row[k - 1] ? run + 1 : 0;
            n_tied += run;
        }
    }
    return n_tied;
}

double mg_kendall(const uint32_t *x_first, const uint32_t *y_first, const uint32_t *y_order, size_t n, uint32_t *work)
{
    if (n < 3) return NAN;
    uint32_t *row = work, *count = work + n;
    int64_t all = (int64_t)n * ((int64_t)n - 1) / 2;
    int64_t x_tied = count_tied_pairs(x_first, n, count), y_tied = count_tied_pairs(y_first, n, count);
    if (x_tied == all || y_tied == all) return NAN;
    order_by_both(x_first, y_first, y_order, n, row, count);
    int64_t both_tied = count_pairs_tied_in_both(row, count, n);
    int64_t discordant = count_inversions(row, n, count);
    int64_t balance = all - x_tied - y_tied + both_tied - 2 * discordant; /* concordant minus discordant pairs */
    return clamp((double)balance / (sqrt((double)(all - x_tied)) * sqrt((double)(all - y_tied))));
}
