/* correlation.c  Pearson, Spearman, cosine, Kendall
 *
 * gsl_stats_correlation() and gsl_stats_spearman() do the same, but the first updates long doubles with a division an
 * item and the second allocates; seven methods a window and a dozen correlations a method are too many for that. The
 * tests hold these to GSL. Sums run in four lanes that are added at the end: a fixed order that the processor can
 * overlap, where one running sum would wait for each addition.
 */
#include "src/agreement/correlation.h"

#include <math.h>
#include <string.h>

enum { LANES = 4, WORD_BITS = 5 };

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

double mg_spearman(const double *x_rank, double x_squares, const double *y_rank, double y_squares, size_t n)
{
    if (n < 3 || !(x_squares > 0 && y_squares > 0)) return NAN;
    double xy[LANES] = {0}, mean = 0.5 * ((double)n + 1);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            xy[k] += (x_rank[i + k] - mean) * (y_rank[i + k] - mean);
    for (; i < n; i++)
        xy[i % LANES] += (x_rank[i] - mean) * (y_rank[i] - mean);
    return clamp(add_lanes(xy) / (sqrt(x_squares) * sqrt(y_squares)));
}

double mg_cosine(const double *x, const double *y, size_t n)
{
    if (n < 3) return NAN;
    products s = sum_products(x, 0, y, 0, n);
    if (!(s.xx > 0 && s.yy > 0)) return NAN;
    return clamp(s.xy / (sqrt(s.xx) * sqrt(s.yy)));
}

/* The ones of a word, by sums over ever wider fields: not every processor has an instruction for it. */
static uint32_t count_ones(uint32_t word)
{
    word -= word >> 1 & 0x55555555u;
    word = (word & 0x33333333u) + (word >> 2 & 0x33333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0fu;
    return word * 0x01010101u >> 24;
}

/* Pairs that stand the wrong way round, row[j] > row[k] with j < k, in a row that holds each number below n once.
 *
 * Two numbers differ first at one bit, counted from the top. So for each bit: among the numbers that agree in all
 * higher bits, a 0 stands the wrong way round to each 1 before it. The counts of ones are a tree: the node of a number
 * at a bit is a 1 and then its higher bits. At the lowest five bits, the numbers that were seen are the bits of one
 * word, and those of them that are larger are counted at once. No branch depends on the data and nothing is moved,
 * which is why this is faster than counting in a merge sort. */
static int64_t count_inversions(const uint32_t *row, size_t n, uint32_t *work)
{
    int n_bits = WORD_BITS;
    while ((n - 1) >> n_bits > 0)
        n_bits++;
    size_t n_nodes = (size_t)1 << (n_bits - WORD_BITS);
    uint32_t *n_ones = work, *seen = work + n_nodes;
    memset(work, 0, (n_nodes + ((n - 1) >> WORD_BITS) + 1) * sizeof *work);
    int64_t n_inversions = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t *word = &seen[row[k] >> WORD_BITS], place = row[k] & ((1u << WORD_BITS) - 1);
        n_inversions += count_ones(*word >> place);
        *word |= 1u << place;
        uint64_t number = row[k] | (uint64_t)1 << n_bits;
        for (int bit = WORD_BITS; bit < n_bits; bit++) {
            uint32_t one = row[k] >> bit & 1, *node = &n_ones[number >> bit >> 1];
            n_inversions += *node & (one - 1);
            *node += one;
        }
    }
    return n_inversions;
}

/* Put y into the order of x and, within a tie of x, of y itself: drop the items, in y's order, into x's runs.
 * Leaves in count[] the length of each run of x at its first place. Returns the pairs tied in x. */
static int64_t order_by_both(const uint32_t *x_first, const uint32_t *y_first, const uint32_t *y_order, size_t n,
                             uint32_t *row, uint32_t *count)
{
    memset(count, 0, n * sizeof *count);
    int64_t n_tied = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t i = y_order[k], run = x_first[i], present = count[run]++;
        row[run + present] = y_first[i];
        n_tied += present;
    }
    return n_tied;
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

/* Members of a run of ties get its places one after the other, so that none stands the wrong way round to another.
 * Returns the pairs tied in the row. */
static int64_t tell_ties_apart(uint32_t *row, size_t n, uint32_t *count)
{
    memset(count, 0, n * sizeof *count);
    int64_t n_tied = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t present = count[row[k]]++;
        row[k] += present;
        n_tied += present;
    }
    return n_tied;
}

double mg_kendall(const uint32_t *x_first, const uint32_t *y_first, const uint32_t *y_order, size_t n, uint32_t *work)
{
    if (n < 3) return NAN;
    uint32_t *row = work, *count = work + n;
    int64_t all = (int64_t)n * ((int64_t)n - 1) / 2;
    int64_t x_tied = order_by_both(x_first, y_first, y_order, n, row, count);
    int64_t both_tied = x_tied > 0 ? count_pairs_tied_in_both(row, count, n) : 0;
    int64_t y_tied = tell_ties_apart(row, n, count);
    if (x_tied == all || y_tied == all) return NAN;
    int64_t discordant = count_inversions(row, n, count);
    int64_t balance = all - x_tied - y_tied + both_tied - 2 * discordant; /* concordant minus discordant pairs */
    return clamp((double)balance / (sqrt((double)(all - x_tied)) * sqrt((double)(all - y_tied))));
}
