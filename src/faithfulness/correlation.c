/* correlation.c  Pearson, Spearman, cosine, Kendall
 *
 * gsl_stats_correlation() and gsl_stats_spearman() do the same, but the first updates long doubles with a division an
 * item and the second allocates; seven methods a window and a dozen correlations a method are too many for that. The
 * tests hold these to GSL. Sums run in four lanes that are added at the end: a fixed order that the processor can
 * overlap, where one running sum would wait for each addition.
 */
#include "src/faithfulness/correlation.h"

#include <math.h>
#include <string.h>

#include "src/core/clones.h"

enum { LANES = 4, WORD_BITS = 6, FEW_WORDS = 4 };

/* Two of the lanes. */
typedef double pair __attribute__((vector_size(2 * sizeof(double)), aligned(sizeof(double)), may_alias));

static inline pair load(const double *p)
{
    return *(const pair *)p;
}

static double add_lanes(const pair lane[LANES / 2])
{
    return (lane[0][0] + lane[0][1]) + (lane[1][0] + lane[1][1]);
}

MG_CLONES double mg_mean(const double *x, size_t n)
{
    pair sum[LANES / 2] = {{0}};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        sum[0] += load(x + i);
        sum[1] += load(x + i + 2);
    }
    for (; i < n; i++)
        sum[i % LANES / 2][i % 2] += x[i];
    return add_lanes(sum) / (double)n;
}

/* sums of squares of x - x0 and of its products with y */
typedef struct {
    double xx, xy;
} products;

MG_CLONES static products sum_products(const double *x, double x0, const double *y, size_t n)
{
    pair xx[LANES / 2] = {{0}}, xy[LANES / 2] = {{0}};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        pair first = load(x + i) - x0, second = load(x + i + 2) - x0;
        xx[0] += first * first;
        xx[1] += second * second;
        xy[0] += first * load(y + i);
        xy[1] += second * load(y + i + 2);
    }
    for (; i < n; i++) {
        double u = x[i] - x0;
        xx[i % LANES / 2][i % 2] += u * u;
        xy[i % LANES / 2][i % 2] += u * y[i];
    }
    return (products){add_lanes(xx), add_lanes(xy)};
}

static double clamp(double r)
{
    if (r > 1) return 1;
    return r < -1 ? -1 : r;
}

static bool is_constant(double squares, double mean, size_t n)
{
    double rounding = 1e-13 * mean;
    return !(squares > (double)n * rounding * rounding);
}

mg_centred mg_centre(const double *y, double y_mean, size_t n, double *deviation)
{
    for (size_t i = 0; i < n; i++)
        deviation[i] = y[i] - y_mean;
    double squares = sum_products(deviation, 0, deviation, n).xx;
    return (mg_centred){deviation, squares, is_constant(squares, y_mean, n)};
}

double mg_pearson(const double *x, double x_mean, const mg_centred *y, size_t n)
{
    if (n < 3 || y->constant) return NAN;
    products s = sum_products(x, x_mean, y->deviation, n);
    return is_constant(s.xx, x_mean, n) ? NAN : clamp(s.xy / (sqrt(s.xx) * sqrt(y->squares)));
}

double mg_spearman(const mg_ordered *x, const int32_t *y_rank, double y_squares)
{
    double x_squares, product = 0.25 * (double)mg_rank_product(x, y_rank, &x_squares); /* either is twice the ranks */
    if (x->n < 3 || !(x_squares > 0 && y_squares > 0)) return NAN;
    return clamp(product / (sqrt(x_squares) * sqrt(y_squares)));
}

double mg_cosine(const double *x, const double *y, double y_squares, size_t n)
{
    products s = sum_products(x, 0, y, n);
    return n >= 3 && s.xx > 0 && y_squares > 0 ? clamp(s.xy / (sqrt(s.xx) * sqrt(y_squares))) : NAN;
}

double mg_squares(const double *x, size_t n)
{
    return sum_products(x, 0, x, n).xx;
}

/* Pairs that stand the wrong way round, row[j] > row[k] with j < k, in a row that holds each number below n once.
 *
 * Two numbers differ first at one bit, counted from the top. So for each bit: among the numbers that agree in all
 * higher bits, a 0 stands the wrong way round to each 1 before it. The counts of ones are a tree: the node of a number
 * at a bit is a 1 and then its higher bits. At the lowest six bits, the numbers that were seen are the bits of one
 * word, and those of them that are larger are counted at once. No branch depends on the data and nothing is moved,
 * which is why this is faster than counting in a merge sort. */
MG_CLONES static int64_t count_in_tree(const uint32_t *row, size_t n, uint64_t *bits)
{
    size_t n_words = ((n - 1) >> WORD_BITS) + 1, root = 1; /* of numbers of words: a 1 above their bits */
    while (root < n_words)
        root *= 2;
    uint64_t *seen = bits, *n_ones = bits + n_words, n_inversions = 0;
    memset(bits, 0, (n_words + root) * sizeof *bits);
    for (size_t k = 0; k < n; k++) {
        uint32_t word = row[k] >> WORD_BITS, place = row[k] & ((1u << WORD_BITS) - 1);
        n_inversions += (uint64_t)__builtin_popcountll(seen[word] >> place);
        seen[word] |= (uint64_t)1 << place;
        for (size_t node = word | root; node > 1; node >>= 1) {
            uint64_t one = node & 1, *present = &n_ones[node >> 1];
            n_inversions += *present & (one - 1);
            *present += one;
        }
    }
    return (int64_t)n_inversions;
}

/* The same for few numbers: instead of the tree, how many were seen in the words above each of four, 16 bits each. */
MG_CLONES static int64_t count_in_words(const uint32_t *row, size_t n)
{
    enum { LANE = 16 };
    const uint64_t ones = 0x0001000100010001;
    uint64_t seen[FEW_WORDS] = {0}, above = 0, n_inversions = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t word = row[k] >> WORD_BITS, place = row[k] & ((1u << WORD_BITS) - 1);
        n_inversions += (uint64_t)__builtin_popcountll(seen[word] >> place) + (above >> LANE * word & 0xffff);
        seen[word] |= (uint64_t)1 << place;
        above += ones & (((uint64_t)1 << LANE * word) - 1);
    }
    return (int64_t)n_inversions;
}

static int64_t count_inversions(const uint32_t *row, size_t n, uint64_t *bits)
{
    return n <= (size_t)FEW_WORDS << WORD_BITS ? count_in_words(row, n) : count_in_tree(row, n, bits);
}

/* Put x into the order of y and, within a tie of y, of x itself: drop the items, in x's order, into y's runs.
 * Leaves in count[] the length of each run of y at its first place. Returns the pairs tied in y. */
static int64_t order_by_both(const mg_ordered *x, const uint32_t *x_first, const uint32_t *y_first, uint32_t *row,
                             uint32_t *count)
{
    memset(count, 0, x->n * sizeof *count);
    int64_t n_tied = 0;
    for (size_t k = 0; k < x->n; k++) {
        uint32_t i = x->order[k], run = y_first[i], present = count[run]++;
        row[run + present] = x_first[i];
        n_tied += present;
    }
    return n_tied;
}

/* pairs tied in both rows stand next to each other after order_by_both() */
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

typedef struct {
    int64_t x, y, both;
} tied_pairs;

/* A row with as many pairs the wrong way round as there are discordant ones. Where no numbers are equal, that is y's
 * places in the order of x. */
static tied_pairs arrange(const mg_ordered *x, const uint32_t *y_first, bool y_tied, uint32_t *row, uint32_t *count,
                          uint32_t *x_first)
{
    tied_pairs tied = {0};
    if (x->n_tied > 0 || y_tied) {
        mg_first_places(x, x_first);
        tied.y = order_by_both(x, x_first, y_first, row, count);
        tied.both = tied.y > 0 ? count_pairs_tied_in_both(row, count, x->n) : 0;
        tied.x = tell_ties_apart(row, x->n, count);
    } else {
        for (size_t k = 0; k < x->n; k++)
            row[k] = y_first[x->order[k]];
    }
    return tied;
}

double mg_kendall(const mg_ordered *x, const uint32_t *y_first, bool y_tied, uint32_t *work, uint64_t *bits)
{
    size_t n = x->n;
    if (n < 3) return NAN;
    uint32_t *row = work, *count = work + n, *x_first = work + 2 * n;
    int64_t all = (int64_t)n * ((int64_t)n - 1) / 2;
    tied_pairs tied = arrange(x, y_first, y_tied, row, count, x_first);
    if (tied.x == all || tied.y == all) return NAN;
    int64_t discordant = count_inversions(row, n, bits);
    int64_t balance = all - tied.x - tied.y + tied.both - 2 * discordant; /* concordant minus discordant pairs */
    return clamp((double)balance / (sqrt((double)(all - tied.x)) * sqrt((double)(all - tied.y))));
}

/* The numbers that were seen, and as many nodes of a tree over the words as the next power of two. */
size_t mg_kendall_words(size_t n)
{
    return 3 * ((n >> WORD_BITS) + 1);
}
