/* metric.c  one window's agreement: prepare the truth once, then hold every method to it
 *
 * The truth (effects) and a claim (a method's contributions) are prepared in the same way, as a `side`: values, order,
 * ranks of the values, of their magnitudes and of the values within each region. A metric is then a short formula over
 * two sides. Cost: a window with 190 informative positions and seven methods takes about 0.08 ms (tests/bench).
 *
 * Two index spaces: a *position* is an offset in the window (0..L-1), an *item* counts the informative positions
 * (0..n-1), ascending. Items of one region stand together at their `slot`, so that a region is a stretch of an array.
 */
#include "src/agreement/metric.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/agreement/correlation.h"
#include "src/agreement/rank.h"
#include "src/core/memory.h"

enum { UPSTREAM, CODON_1, CODON_2, CODON_3, N_REGIONS, CODON = N_REGIONS };
enum { N_OTHER_BASES = MG_N_BASES - 1 };

#define REGION_METRICS(NAME, WORDS, REGION, PLACE)                                                                     \
    {                                                                                                                  \
        NAME, REGION, NAME "_" REGION, "1", WORDS " of contribution and mean effect, " PLACE, 1                        \
    }

const mg_metric_info mg_metrics[MG_N_METRICS] = {
    [MG_PEARSON] = {"pearson", "all", "pearson", "1", "Pearson correlation of contribution and mean effect", 1},
    [MG_SPEARMAN] = {"spearman", "all", "spearman", "1", "Spearman correlation of contribution and mean effect", 1},
    [MG_KENDALL] = {"kendall", "all", "kendall", "1", "Kendall's tau-b of contribution and mean effect", 1},
    [MG_COSINE] = {"cosine", "all", "cosine", "1", "Cosine of the angle between contribution and mean effect", 1},
    [MG_SPEARMAN_MAGNITUDE] = {"spearman_magnitude", "all", "spearman_magnitude", "1",
                               "Spearman correlation of the absolute values of contribution and mean effect", 1},
    [MG_SIGN_AGREEMENT] = {"sign_agreement", "all", "sign_agreement", "1",
                           "Share of positions, contribution and mean effect not zero, where their signs agree", 1},
    [MG_JACCARD_5] = {"jaccard_5", "all", "jaccard_5", "1",
                      "Overlap (Jaccard) of the 5 largest contributions and the 5 largest mean effects", 1},
    [MG_JACCARD_10] = {"jaccard_10", "all", "jaccard_10", "1",
                       "Overlap (Jaccard) of the 10 largest contributions and the 10 largest mean effects", 1},
    [MG_JACCARD_20] = {"jaccard_20", "all", "jaccard_20", "1",
                       "Overlap (Jaccard) of the 20 largest contributions and the 20 largest mean effects", 1},
    [MG_PEAK_DISTANCE] = {"peak_distance", "all", "peak_distance", "nt",
                          "Distance between the largest contribution and the largest mean effect", -1},
    [MG_FLIP_AUROC] = {"flip_auroc", "all", "flip_auroc", "1",
                       "Area under ROC of contribution for positions where some mutation flips the call", 1},
    [MG_SUBSTITUTION_PEARSON] = {"substitution_pearson", "all", "substitution_pearson", "1",
                                 "Pearson correlation of predicted and true effect over all substitutions", 1},
    [MG_SUBSTITUTION_SPEARMAN] = {"substitution_spearman", "all", "substitution_spearman", "1",
                                  "Spearman correlation of predicted and true effect over all substitutions", 1},
    [MG_COMPLETENESS_ERROR] = {"completeness_error", "all", "completeness_error", "score",
                               "Sum of the contributions minus the score difference they should sum to", -1},
    [MG_PEARSON_UPSTREAM] = REGION_METRICS("pearson", "Pearson correlation", "upstream", "before the start codon"),
    [MG_PEARSON_CODON_1] = REGION_METRICS("pearson", "Pearson correlation", "codon_1", "first positions of codons"),
    [MG_PEARSON_CODON_2] = REGION_METRICS("pearson", "Pearson correlation", "codon_2", "second positions of codons"),
    [MG_PEARSON_CODON_3] = REGION_METRICS("pearson", "Pearson correlation", "codon_3", "third positions of codons"),
    [MG_SPEARMAN_UPSTREAM] = REGION_METRICS("spearman", "Spearman correlation", "upstream", "before the start codon"),
    [MG_SPEARMAN_CODON_1] = REGION_METRICS("spearman", "Spearman correlation", "codon_1", "first positions of codons"),
    [MG_SPEARMAN_CODON_2] = REGION_METRICS("spearman", "Spearman correlation", "codon_2", "second positions of codons"),
    [MG_SPEARMAN_CODON_3] = REGION_METRICS("spearman", "Spearman correlation", "codon_3", "third positions of codons"),
};

/* One number an item, prepared for every metric. All arrays (n), made for the largest n. */
typedef struct {
    double *value;
    uint32_t *order;        /* items, largest value first, ties by position */
    uint32_t *first;        /* of an item: the place in `order` where its run of ties begins */
    double *rank;           /* mid-ranks, 1 is the largest */
    double *magnitude_rank; /* of |value| */
    double *region_value;   /* by slot */
    double *region_rank;    /* by slot: mid-ranks within the region */
    double squares, magnitude_squares, region_squares[N_REGIONS]; /* of the ranks, as of mg_mid_ranks() */
    bool finite, constant;
} side;

/* One number a substitution (an item and one of the three other bases). All arrays (3 n). */
typedef struct {
    double *value;
    double *rank;
    double squares; /* of the ranks, as of mg_mid_ranks() */
    bool finite;
} substitutions;

struct mg_truth {
    int64_t length, anchor;
    size_t n;                    /* informative positions of the present window */
    size_t *position;            /* (n) of an item */
    mg_base *base;               /* (n) */
    uint8_t *region;             /* (n) */
    size_t *slot;                /* (n) */
    size_t begin[N_REGIONS + 1]; /* slots of a region: begin[r] .. begin[r + 1] - 1 */
    bool *flips;                 /* (n) some substitution here flips the call */
    size_t n_flips;
    side effect, claim;               /* e of the window; a of the method at hand */
    substitutions mutated, predicted; /* D of the window; d of the method at hand */
    mg_sorter *sorter;                /* for 3 L numbers */
    uint32_t *order, *work;           /* (3 L) scratch */
    double *magnitude;                /* (L) scratch */
};

static mg_status create_side(side *s, size_t n, mg_error *err)
{
    double **row[] = {&s->value, &s->rank, &s->magnitude_rank, &s->region_value, &s->region_rank};
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        mg_status status = mg_alloc(row[k], n, sizeof(double), err);
        if (status != MG_OK) return status;
    }
    mg_status status = mg_alloc(&s->order, n, sizeof *s->order, err);
    return status == MG_OK ? mg_alloc(&s->first, n, sizeof *s->first, err) : status;
}

static void destroy_side(side *s)
{
    free(s->value);
    free(s->order);
    free(s->first);
    free(s->rank);
    free(s->magnitude_rank);
    free(s->region_value);
    free(s->region_rank);
}

static mg_status create_substitutions(substitutions *s, size_t n, mg_error *err)
{
    mg_status status = mg_alloc(&s->value, n, sizeof *s->value, err);
    return status == MG_OK ? mg_alloc(&s->rank, n, sizeof *s->rank, err) : status;
}

static mg_status create_arrays(mg_truth *truth, mg_error *err)
{
    size_t n = (size_t)truth->length, n_substitutions = N_OTHER_BASES * n;
    mg_status status;
    if ((status = mg_alloc(&truth->position, n, sizeof *truth->position, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->base, n, sizeof *truth->base, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->region, n, sizeof *truth->region, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->slot, n, sizeof *truth->slot, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->flips, n, sizeof *truth->flips, err)) != MG_OK) return status;
    if ((status = create_side(&truth->effect, n, err)) != MG_OK) return status;
    if ((status = create_side(&truth->claim, n, err)) != MG_OK) return status;
    if ((status = create_substitutions(&truth->mutated, n_substitutions, err)) != MG_OK) return status;
    if ((status = create_substitutions(&truth->predicted, n_substitutions, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->order, n_substitutions, sizeof *truth->order, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->work, n_substitutions, sizeof *truth->work, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->magnitude, n, sizeof *truth->magnitude, err)) != MG_OK) return status;
    return mg_sorter_create(n_substitutions, &truth->sorter, err);
}

mg_status mg_truth_create(int64_t length, int64_t anchor, mg_truth **ret, mg_error *err)
{
    if (length < 1 || anchor < 0 || anchor >= length || length > UINT32_MAX / N_OTHER_BASES)
        return mg_fail(err, MG_EINPUT, "a window of %lld nt with its codon at offset %lld cannot be compared",
                       (long long)length, (long long)anchor);
    mg_truth *truth = NULL;
    mg_status status = mg_alloc(&truth, 1, sizeof *truth, err);
    if (status != MG_OK) return status;
    truth->length = length;
    truth->anchor = anchor;
    status = create_arrays(truth, err);
    if (status == MG_OK)
        *ret = truth;
    else
        mg_truth_destroy(truth);
    return status;
}

void mg_truth_destroy(mg_truth *truth)
{
    if (truth == NULL) return;
    free(truth->position);
    free(truth->base);
    free(truth->region);
    free(truth->slot);
    free(truth->flips);
    destroy_side(&truth->effect);
    destroy_side(&truth->claim);
    free(truth->mutated.value);
    free(truth->mutated.rank);
    free(truth->predicted.value);
    free(truth->predicted.rank);
    mg_sorter_destroy(truth->sorter);
    free(truth->order);
    free(truth->work);
    free(truth->magnitude);
    free(truth);
}

/* --- preparing --- */

static int region_of(int64_t offset, int64_t anchor)
{
    if (offset < anchor) return UPSTREAM;
    return offset < anchor + 3 ? CODON : CODON_1 + (int)((offset - anchor) % 3);
}

static void find_informative(mg_truth *truth, const mg_base *base, const bool *blind)
{
    size_t count[N_REGIONS] = {0};
    truth->n = 0;
    for (int64_t p = 0; p < truth->length; p++) {
        int region = region_of(p, truth->anchor);
        if (region == CODON || base[p] >= MG_N_BASES || blind[p]) continue;
        truth->position[truth->n] = (size_t)p;
        truth->base[truth->n] = base[p];
        truth->region[truth->n] = (uint8_t)region;
        truth->slot[truth->n++] = count[region]++;
    }
    truth->begin[0] = 0;
    for (int r = 0; r < N_REGIONS; r++)
        truth->begin[r + 1] = truth->begin[r] + count[r];
    for (size_t i = 0; i < truth->n; i++)
        truth->slot[i] += truth->begin[truth->region[i]];
}

static bool all_finite(const double *value, size_t n)
{
    size_t n_finite = 0;
    for (size_t i = 0; i < n; i++)
        n_finite += isfinite(value[i]) != 0;
    return n_finite == n;
}

/* |value| falls and then rises along `order`, so its order comes from merging the two ends, without another sort. */
static void rank_magnitudes(side *s, size_t n, double *magnitude, uint32_t *order)
{
    for (size_t k = 0; k < n; k++)
        magnitude[k] = fabs(s->value[s->order[k]]);
    size_t left = 0, right = n - 1;
    for (size_t k = 0; k < n; k++) {
        size_t take_left = magnitude[left] >= magnitude[right]; /* a number, as a branch would be a coin toss */
        order[k] = s->order[take_left ? left : right];
        left += take_left;
        right -= 1 - take_left;
    }
    for (size_t i = 0; i < n; i++)
        magnitude[i] = fabs(s->value[i]);
    s->magnitude_squares = mg_mid_ranks(magnitude, order, n, s->magnitude_rank);
}

/* The order of a region is the order of all with the others left out. */
static void rank_regions(const mg_truth *truth, side *s, uint32_t *order)
{
    size_t fill[N_REGIONS] = {0};
    for (size_t i = 0; i < truth->n; i++)
        s->region_value[truth->slot[i]] = s->value[i];
    for (size_t k = 0; k < truth->n; k++) {
        uint32_t i = s->order[k];
        int r = truth->region[i];
        order[truth->begin[r] + fill[r]++] = (uint32_t)(truth->slot[i] - truth->begin[r]);
    }
    for (int r = 0; r < N_REGIONS; r++) {
        size_t begin = truth->begin[r], n = truth->begin[r + 1] - begin;
        s->region_squares[r] = mg_mid_ranks(s->region_value + begin, order + begin, n, s->region_rank + begin);
    }
}

static void find_runs(side *s, size_t n)
{
    uint32_t first = 0;
    double previous = s->value[s->order[0]];
    for (uint32_t k = 0; k < n; k++) {
        double value = s->value[s->order[k]];
        first = value == previous ? first : k;
        s->first[s->order[k]] = first;
        previous = value;
    }
}

static void prepare_side(mg_truth *truth, side *s)
{
    size_t n = truth->n;
    s->finite = all_finite(s->value, n);
    if (!s->finite || n == 0) return;
    mg_sort_descending(truth->sorter, s->value, n, s->order);
    s->squares = mg_mid_ranks(s->value, s->order, n, s->rank);
    find_runs(s, n);
    s->constant = s->value[s->order[0]] == s->value[s->order[n - 1]];
    rank_magnitudes(s, n, truth->magnitude, truth->order);
    rank_regions(truth, s, truth->order);
}

static void prepare_substitutions(mg_truth *truth, substitutions *s)
{
    size_t n = N_OTHER_BASES * truth->n;
    s->finite = all_finite(s->value, n);
    if (!s->finite) return;
    mg_sort_descending(truth->sorter, s->value, n, truth->order);
    s->squares = mg_mid_ranks(s->value, truth->order, n, s->rank);
}

/* The bases but this one, in their order; which one it is would be a coin toss for a branch. */
static int other_base(mg_base base, int other)
{
    return other + (other >= base);
}

void mg_truth_set(mg_truth *truth, const mg_base *base, const bool *blind, const float *effect, double score)
{
    find_informative(truth, base, blind);
    truth->n_flips = 0;
    size_t k = 0;
    for (size_t i = 0; i < truth->n; i++) {
        const float *row = effect + MG_N_BASES * truth->position[i];
        double sum = 0;
        truth->flips[i] = false;
        for (int other = 0; other < N_OTHER_BASES; other++) {
            int b = other_base(truth->base[i], other);
            truth->mutated.value[k++] = row[b];
            sum -= row[b];
            if ((score + row[b] > 0) != (score > 0)) truth->flips[i] = true;
        }
        truth->effect.value[i] = sum / N_OTHER_BASES;
        truth->n_flips += truth->flips[i];
    }
    prepare_side(truth, &truth->effect);
    prepare_substitutions(truth, &truth->mutated);
    if (!isfinite(score)) truth->n_flips = 0;
}

/* --- comparing --- */

static double sign_agreement(const double *a, const double *e, size_t n)
{
    size_t n_signed = 0, n_agree = 0;
    for (size_t i = 0; i < n; i++) {
        n_signed += (size_t)((a[i] != 0) & (e[i] != 0));
        n_agree += (size_t)(((a[i] > 0) & (e[i] > 0)) | ((a[i] < 0) & (e[i] < 0)));
    }
    return n_signed > 0 ? (double)n_agree / (double)n_signed : NAN;
}

/* Undefined unless k positions are a choice: among n <= k every method is right. */
static double jaccard(const uint32_t *a_order, const uint32_t *e_order, size_t n, size_t k)
{
    if (n <= k) return NAN;
    size_t n_common = 0;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            n_common += a_order[i] == e_order[j];
    return (double)n_common / (double)(2 * k - n_common);
}

/* Mann and Whitney: the share of (flipping, not flipping) pairs where the flipping position has the larger a. */
static double flip_auroc(const mg_truth *truth)
{
    size_t n_other = truth->n - truth->n_flips;
    if (truth->n_flips == 0 || n_other == 0) return NAN;
    double rank_sum = 0, n_flips = (double)truth->n_flips; /* ranks count from the largest */
    for (size_t i = 0; i < truth->n; i++)
        rank_sum += truth->flips[i] ? truth->claim.rank[i] : 0;
    return 1 - (rank_sum - n_flips * (n_flips + 1) / 2) / (n_flips * (double)n_other);
}

static void compare_regions(const mg_truth *truth, double *metric)
{
    const side *e = &truth->effect, *a = &truth->claim;
    for (int r = 0; r < N_REGIONS; r++) {
        size_t begin = truth->begin[r], n = truth->begin[r + 1] - begin;
        metric[MG_PEARSON_UPSTREAM + r] = mg_pearson(a->region_value + begin, e->region_value + begin, n);
        metric[MG_SPEARMAN_UPSTREAM + r] =
            mg_spearman(a->region_rank + begin, a->region_squares[r], e->region_rank + begin, e->region_squares[r], n);
    }
}

static void compare_positions(mg_truth *truth, double *metric)
{
    const side *e = &truth->effect, *a = &truth->claim;
    size_t n = truth->n;
    metric[MG_PEARSON] = mg_pearson(a->value, e->value, n);
    metric[MG_SPEARMAN] = mg_spearman(a->rank, a->squares, e->rank, e->squares, n);
    metric[MG_KENDALL] = mg_kendall(e->first, a->first, a->order, n, truth->work);
    metric[MG_COSINE] = mg_cosine(a->value, e->value, n);
    metric[MG_SPEARMAN_MAGNITUDE] =
        mg_spearman(a->magnitude_rank, a->magnitude_squares, e->magnitude_rank, e->magnitude_squares, n);
    metric[MG_SIGN_AGREEMENT] = sign_agreement(a->value, e->value, n);
    metric[MG_FLIP_AUROC] = flip_auroc(truth);
    compare_regions(truth, metric);
    if (a->constant || e->constant) return; /* no position is the largest */
    metric[MG_JACCARD_5] = jaccard(a->order, e->order, n, 5);
    metric[MG_JACCARD_10] = jaccard(a->order, e->order, n, 10);
    metric[MG_JACCARD_20] = jaccard(a->order, e->order, n, 20);
    metric[MG_PEAK_DISTANCE] = fabs((double)truth->position[a->order[0]] - (double)truth->position[e->order[0]]);
}

static void compare_substitutions(mg_truth *truth, const float *hypothetical, double *metric)
{
    substitutions *predicted = &truth->predicted;
    size_t k = 0;
    for (size_t i = 0; i < truth->n; i++) {
        const float *row = hypothetical + MG_N_BASES * truth->position[i];
        double present = row[truth->base[i]];
        for (int other = 0; other < N_OTHER_BASES; other++)
            predicted->value[k++] = row[other_base(truth->base[i], other)] - present;
    }
    prepare_substitutions(truth, predicted);
    if (!predicted->finite || !truth->mutated.finite) return;
    metric[MG_SUBSTITUTION_PEARSON] = mg_pearson(predicted->value, truth->mutated.value, k);
    metric[MG_SUBSTITUTION_SPEARMAN] =
        mg_spearman(predicted->rank, predicted->squares, truth->mutated.rank, truth->mutated.squares, k);
}

static double completeness_error(const mg_truth *truth, const float *contribution, double claimed_sum)
{
    double sum = 0;
    for (int64_t p = 0; p < truth->length; p++)
        sum += contribution[p];
    return sum - claimed_sum;
}

void mg_truth_compare(mg_truth *truth, const float *contribution, const float *hypothetical, double claimed_sum,
                      float *metric)
{
    double exact[MG_N_METRICS];
    for (int m = 0; m < MG_N_METRICS; m++)
        exact[m] = NAN;
    for (size_t i = 0; i < truth->n; i++)
        truth->claim.value[i] = contribution[truth->position[i]];
    prepare_side(truth, &truth->claim);
    if (truth->n >= 3) {
        if (truth->claim.finite && truth->effect.finite) compare_positions(truth, exact);
        if (hypothetical != NULL) compare_substitutions(truth, hypothetical, exact);
    }
    exact[MG_COMPLETENESS_ERROR] = completeness_error(truth, contribution, claimed_sum);
    for (int m = 0; m < MG_N_METRICS; m++)
        metric[m] = fabs(exact[m]) <= FLT_MAX ? (float)exact[m] : NAN;
}
