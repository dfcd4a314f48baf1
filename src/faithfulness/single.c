/* single.c  agreement with single mutations: prepare the truth of a window once, then hold every method to it
 *
 * The truth (effects) and a claim (a method's contributions) are put in order in the same way, as a `side`: values, their
 * magnitudes, and the values within each region. The truth's rows then become a `standard` each: ranks and deviations
 * from the mean, to which seven claims are held. The ranks of a claim are never written down (mg_rank_product()).
 *
 * Two index spaces: a *position* is an offset in the window (0..L-1), an *item* counts the informative positions
 * (0..n-1), ascending. Items of one region stand together at their `slot`, so that a region is a stretch of an array.
 */
#include "src/faithfulness/single.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/faithfulness/correlation.h"
#include "src/faithfulness/families.h"
#include "src/faithfulness/magnitude.h"
#include "src/faithfulness/rank.h"
#include "src/core/clones.h"
#include "src/core/memory.h"

enum { N_BUCKETS = MG_MAX_REGIONS + 1 }; /* regions, and behind them the positions that are in none */
enum { N_OTHER_BASES = MG_N_BASES - 1 };
enum { MAX_LENGTH = 1 << 19 }; /* sums of products of the ranks of all substitutions are no overflow */

const mg_metric_row mg_single_rows[MG_N_WHOLE] = {
    [MG_PEARSON] = {"pearson", "1", "Pearson correlation of contribution and mean effect", MG_BETTER_LARGER,
                    MG_NEEDS_EFFECTS, false},
    [MG_SPEARMAN] = {"spearman", "1", "Spearman correlation of contribution and mean effect", MG_BETTER_LARGER,
                     MG_NEEDS_EFFECTS, false},
    [MG_KENDALL] = {"kendall", "1", "Kendall's tau-b of contribution and mean effect", MG_BETTER_LARGER,
                    MG_NEEDS_EFFECTS, false},
    [MG_COSINE] = {"cosine", "1", "Cosine of the angle between contribution and mean effect", MG_BETTER_LARGER,
                   MG_NEEDS_EFFECTS, false},
    [MG_SPEARMAN_MAGNITUDE] = {"spearman_magnitude", "1",
                               "Spearman correlation of the absolute values of contribution and mean effect",
                               MG_BETTER_LARGER, MG_NEEDS_EFFECTS, false},
    [MG_SIGN_AGREEMENT] = {"sign_agreement", "1",
                           "Share of positions, contribution and mean effect not zero, where their signs agree",
                           MG_BETTER_LARGER, MG_NEEDS_EFFECTS, false},
    [MG_JACCARD_5] = {"jaccard_5", "1",
                      "Overlap (Jaccard) of the 5 largest contributions and the 5 largest mean effects",
                      MG_BETTER_LARGER, MG_NEEDS_EFFECTS, false},
    [MG_JACCARD_10] = {"jaccard_10", "1",
                       "Overlap (Jaccard) of the 10 largest contributions and the 10 largest mean effects",
                       MG_BETTER_LARGER, MG_NEEDS_EFFECTS, false},
    [MG_JACCARD_20] = {"jaccard_20", "1",
                       "Overlap (Jaccard) of the 20 largest contributions and the 20 largest mean effects",
                       MG_BETTER_LARGER, MG_NEEDS_EFFECTS, false},
    [MG_PEAK_DISTANCE] = {"peak_distance", "nt",
                          "Distance between the largest contribution and the largest mean effect",
                          MG_BETTER_SMALLER_MAGNITUDE, MG_NEEDS_EFFECTS, false},
    [MG_FLIP_AUROC] = {"flip_auroc", "1",
                       "Area under ROC of contribution for positions where some mutation flips the sign of the score",
                       MG_BETTER_LARGER, MG_NEEDS_EFFECTS, false},
    [MG_SUBSTITUTION_PEARSON] = {"substitution_pearson", "1",
                                 "Pearson correlation of predicted and true effect over all substitutions",
                                 MG_BETTER_LARGER, MG_NEEDS_EFFECTS | MG_NEEDS_HYPOTHETICAL, false},
    [MG_SUBSTITUTION_SPEARMAN] = {"substitution_spearman", "1",
                                  "Spearman correlation of predicted and true effect over all substitutions",
                                  MG_BETTER_LARGER, MG_NEEDS_EFFECTS | MG_NEEDS_HYPOTHETICAL, false},
    [MG_COMPLETENESS_ERROR] = {"completeness_error", "score",
                               "Sum of the contributions minus the score difference they should sum to",
                               MG_BETTER_SMALLER_MAGNITUDE, 0, false},
};

/* Numbers and their order. */
typedef struct {
    double *value, mean;
    uint32_t *order;
    mg_ordered ordered; /* both */
} row;

/* What rows are held to. */
typedef struct {
    double *deviation;
    mg_centred centred; /* with the deviations */
    int32_t *rank;      /* as of mg_mid_ranks() */
    double squares;     /* of the ranks, as returned */
} standard;

/* One number an item, prepared for every metric. */
typedef struct {
    row all, magnitude;    /* (n) values, and |values| without their mean */
    row region[N_BUCKETS]; /* by slot; the arrays of all regions are one, that of the first */
    bool finite, constant; /* not finite: neither are the rows in order */
} side;

struct mg_truth {
    mg_regions regions;
    int64_t length;
    size_t n_regions;
    size_t n;                    /* informative positions of the present window */
    size_t *position;            /* (n) of an item */
    size_t n_absent;             /* substitutions of all items: 3 n, or those of them whose effect is known */
    uint32_t *absent, *home;     /* (n_absent) where they stand, and the base that is present there; item by item */
    uint8_t *n_others;           /* (n) how many the item has */
    uint8_t *region_of;          /* (n) its region, or n_regions for none */
    uint32_t *slot;              /* (n) place in its region */
    size_t *in_slot;             /* (n) items, region by region */
    size_t begin[N_BUCKETS + 1]; /* items of a region: in_slot[begin[r]] .. in_slot[begin[r + 1] - 1] */
    int32_t *flips;              /* (n) 1 where some substitution flips the call, else 0 */
    size_t n_flips;
    side effect, claim;                         /* e of the window; a of the method at hand */
    row mutated, predicted;                     /* (3 n) D of the window; d of the method at hand */
    standard all, magnitude, region[N_BUCKETS]; /* of e; of magnitudes the ranks alone */
    standard substitution;                      /* of D */
    uint32_t *first;                            /* (n) of e, as of mg_first_places() */
    double effect_squares;                      /* of e */
    mg_sorter *sorter;                          /* for 3 L numbers */
    uint32_t *work;                             /* (3 L) scratch */
    uint64_t *bits;                             /* scratch of mg_kendall() */
    uint64_t *sorted;                           /* (2 L + MG_RUN_ENDS) scratch */
};

static mg_status create_row(row *r, size_t n, mg_error *err)
{
    mg_status status = mg_alloc(&r->value, n, sizeof *r->value, err);
    return status == MG_OK ? mg_alloc(&r->order, n, sizeof *r->order, err) : status;
}

static void destroy_row(row *r)
{
    free(r->value);
    free(r->order);
}

static mg_status create_side(side *s, size_t n, mg_error *err)
{
    mg_status status = create_row(&s->all, n, err);
    if (status == MG_OK) status = create_row(&s->magnitude, n, err);
    return status == MG_OK ? create_row(&s->region[0], n, err) : status;
}

static void destroy_side(side *s)
{
    destroy_row(&s->all);
    destroy_row(&s->magnitude);
    destroy_row(&s->region[0]);
}

static mg_status create_standard(standard *s, size_t n, mg_error *err)
{
    mg_status status = mg_alloc(&s->deviation, n, sizeof *s->deviation, err);
    return status == MG_OK ? mg_alloc(&s->rank, n, sizeof *s->rank, err) : status;
}

static void destroy_standard(standard *s)
{
    free(s->deviation);
    free(s->rank);
}

static mg_status create_numbers(mg_truth *truth, size_t n, mg_error *err)
{
    mg_status status;
    if ((status = create_side(&truth->effect, n, err)) != MG_OK) return status;
    if ((status = create_side(&truth->claim, n, err)) != MG_OK) return status;
    if ((status = create_row(&truth->mutated, N_OTHER_BASES * n, err)) != MG_OK) return status;
    if ((status = create_row(&truth->predicted, N_OTHER_BASES * n, err)) != MG_OK) return status;
    if ((status = create_standard(&truth->all, n, err)) != MG_OK) return status;
    if ((status = create_standard(&truth->magnitude, n, err)) != MG_OK) return status;
    if ((status = create_standard(&truth->region[0], n, err)) != MG_OK) return status;
    if ((status = create_standard(&truth->substitution, N_OTHER_BASES * n, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->first, n, sizeof *truth->first, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->sorted, 2 * n + MG_RUN_ENDS, sizeof *truth->sorted, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->work, N_OTHER_BASES * n, sizeof *truth->work, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->bits, mg_kendall_words(n), sizeof *truth->bits, err)) != MG_OK) return status;
    return mg_sorter_create(N_OTHER_BASES * n, &truth->sorter, err);
}

static mg_status create_items(mg_truth *truth, size_t n, mg_error *err)
{
    mg_status status;
    if ((status = mg_alloc(&truth->position, n, sizeof *truth->position, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->absent, N_OTHER_BASES * n, sizeof *truth->absent, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->home, N_OTHER_BASES * n, sizeof *truth->home, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->n_others, n, sizeof *truth->n_others, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->region_of, n, sizeof *truth->region_of, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->slot, n, sizeof *truth->slot, err)) != MG_OK) return status;
    if ((status = mg_alloc(&truth->in_slot, n, sizeof *truth->in_slot, err)) != MG_OK) return status;
    return mg_alloc(&truth->flips, n, sizeof *truth->flips, err);
}

mg_status mg_truth_create(const mg_regions *regions, mg_truth **ret, mg_error *err)
{
    if (regions->length < 1 || regions->length > MAX_LENGTH)
        return mg_fail(err, MG_EINPUT, "a window of %lld nt cannot be compared", (long long)regions->length);
    mg_truth *truth = NULL;
    mg_status status = mg_alloc(&truth, 1, sizeof *truth, err);
    if (status != MG_OK) return status;
    truth->length = regions->length;
    truth->n_regions = regions->n;
    status = mg_regions_copy(regions, &truth->regions, err);
    if (status == MG_OK) status = create_items(truth, (size_t)truth->length, err);
    if (status == MG_OK) status = create_numbers(truth, (size_t)truth->length, err);
    if (status == MG_OK)
        *ret = truth;
    else
        mg_truth_destroy(truth);
    return status;
}

void mg_truth_destroy(mg_truth *truth)
{
    if (truth == NULL) return;
    mg_regions_destroy(&truth->regions);
    free(truth->position);
    free(truth->absent);
    free(truth->home);
    free(truth->n_others);
    free(truth->region_of);
    free(truth->slot);
    free(truth->in_slot);
    free(truth->flips);
    destroy_side(&truth->effect);
    destroy_side(&truth->claim);
    destroy_row(&truth->mutated);
    destroy_row(&truth->predicted);
    destroy_standard(&truth->all);
    destroy_standard(&truth->magnitude);
    destroy_standard(&truth->region[0]);
    destroy_standard(&truth->substitution);
    free(truth->first);
    free(truth->sorted);
    free(truth->work);
    free(truth->bits);
    mg_sorter_destroy(truth->sorter);
    free(truth);
}

/* --- preparing --- */

/* The next item is position p with this base, if the effect of any substitution there is known. */
static bool add_item(mg_truth *truth, size_t p, mg_base base, const float *effect)
{
    size_t i = truth->n, k = truth->n_absent;
    uint32_t first = (uint32_t)(MG_N_BASES * p);
    for (uint32_t other = 0; other < N_OTHER_BASES; other++) {
        uint32_t at = first + other + (other >= base);
        if (isnan(effect[at])) continue;
        truth->absent[k] = at;
        truth->home[k++] = first + base;
    }
    if (k == truth->n_absent) return false;
    truth->position[i] = p;
    truth->n_others[i] = (uint8_t)(k - truth->n_absent);
    truth->n_absent = k;
    truth->n++;
    return true;
}

/* The rows of regions are stretches of the arrays of the first. */
static void lay_out_regions(mg_truth *truth)
{
    side *sides[] = {&truth->effect, &truth->claim};
    for (size_t r = 1; r <= truth->n_regions; r++) {
        size_t begin = truth->begin[r];
        for (int k = 0; k < 2; k++) {
            row *first = &sides[k]->region[0];
            sides[k]->region[r] = (row){.value = first->value + begin, .order = first->order + begin};
        }
        const standard *first = &truth->region[0];
        truth->region[r] = (standard){.deviation = first->deviation + begin, .rank = first->rank + begin};
    }
}

static void find_informative(mg_truth *truth, const uint8_t *region_of, const mg_base *base, const bool *blind,
                             const float *effect)
{
    uint32_t count[N_BUCKETS] = {0};
    truth->n = truth->n_absent = 0;
    for (int64_t p = 0; p < truth->length; p++) {
        if (region_of[p] == MG_REGION_LEFT_OUT || base[p] >= MG_N_BASES || blind[p] ||
            !add_item(truth, (size_t)p, base[p], effect))
            continue;
        uint8_t region = region_of[p] < truth->n_regions ? region_of[p] : (uint8_t)truth->n_regions;
        truth->region_of[truth->n - 1] = region;
        truth->slot[truth->n - 1] = count[region]++;
    }
    truth->begin[0] = 0;
    for (size_t r = 0; r <= truth->n_regions; r++)
        truth->begin[r + 1] = truth->begin[r] + count[r];
    for (size_t i = 0; i < truth->n; i++)
        truth->in_slot[truth->begin[truth->region_of[i]] + truth->slot[i]] = i;
    lay_out_regions(truth);
}

/* The order of a region is the order of all with the others left out: filled from both ends, as a place waits for the one before
 * it in its region. */
MG_CLONES static void order_regions(const mg_truth *truth, side *s)
{
    row *region = s->region;
    const uint8_t *region_of = truth->region_of;
    const uint32_t *order = s->all.order, *slot = truth->slot;
    uint32_t *to = region[0].order;
    size_t n = truth->n, next[N_BUCKETS], end[N_BUCKETS];
    memcpy(next, truth->begin, sizeof next);
    memcpy(end, truth->begin + 1, sizeof end);
    for (size_t k = 0; k < n; k++)
        region[0].value[k] = s->all.value[truth->in_slot[k]];
    for (size_t k = 0; k < n / 2; k++) {
        uint32_t first = order[k], last = order[n - 1 - k];
        to[next[region_of[first]]++] = slot[first];
        to[--end[region_of[last]]] = slot[last];
    }
    if (n % 2 == 1) to[next[region_of[order[n / 2]]]] = slot[order[n / 2]];
    for (size_t r = 0; r < truth->n_regions; r++) {
        size_t n_inside = truth->begin[r + 1] - truth->begin[r];
        region[r].mean = mg_mean(region[r].value, n_inside);
        region[r].ordered = (mg_ordered){region[r].value, region[r].order, n_inside, s->all.ordered.n_tied};
    }
}

/* Returns whether all values are finite; the row is then in order. */
static bool prepare_row(mg_truth *truth, row *r, size_t n)
{
    r->mean = mg_mean(r->value, n);
    if (!isfinite(r->mean)) return false;
    r->ordered = mg_sort_descending(truth->sorter, r->value, n, r->order);
    return true;
}

static void prepare_side(mg_truth *truth, side *s)
{
    s->finite = prepare_row(truth, &s->all, truth->n);
    if (!s->finite) return;
    s->constant = s->all.ordered.n_tied == truth->n - 1;
    s->magnitude.ordered = mg_order_magnitudes(&s->all.ordered, s->magnitude.value, s->magnitude.order, truth->sorted);
    order_regions(truth, s);
}

static void set_standard(const row *r, standard *s)
{
    s->centred = mg_centre(r->value, r->mean, r->ordered.n, s->deviation);
    s->squares = mg_mid_ranks(&r->ordered, s->rank);
}

static void set_standards(mg_truth *truth)
{
    const side *e = &truth->effect;
    truth->effect_squares = mg_squares(e->all.value, truth->n);
    set_standard(&e->all, &truth->all);
    truth->magnitude.squares = mg_mid_ranks(&e->magnitude.ordered, truth->magnitude.rank);
    for (size_t r = 0; r < truth->n_regions; r++)
        set_standard(&e->region[r], &truth->region[r]);
    set_standard(&truth->mutated, &truth->substitution);
    mg_first_places(&e->all.ordered, truth->first);
}

void mg_truth_set(mg_truth *truth, int kind, const mg_base *base, const bool *blind, const float *effect, double score)
{
    find_informative(truth, mg_regions_of(&truth->regions, kind), base, blind, effect);
    truth->n_flips = 0;
    for (size_t i = 0, k = 0; i < truth->n; i++) {
        double sum = 0;
        truth->flips[i] = 0;
        for (size_t end = k + truth->n_others[i]; k < end; k++) {
            double change = effect[truth->absent[k]];
            truth->mutated.value[k] = change;
            sum -= change;
            truth->flips[i] |= (score + change > 0) != (score > 0);
        }
        truth->effect.all.value[i] = sum / truth->n_others[i];
        truth->n_flips += (size_t)truth->flips[i];
    }
    if (!isfinite(score)) truth->n_flips = 0;
    prepare_side(truth, &truth->effect);
    if (truth->effect.finite && prepare_row(truth, &truth->mutated, truth->n_absent)) set_standards(truth);
}

/* --- comparing --- */

static double sign_agreement(const double *a, const double *e, size_t n)
{
    size_t n_signed = 0, n_agree = 0;
    for (size_t i = 0; i < n; i++) {
        double product = a[i] * e[i]; /* of what was float, so it cannot become 0 */
        n_signed += product != 0;
        n_agree += product > 0;
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
    double n_flips = (double)truth->n_flips;
    double rank_sum =
        0.5 * (double)mg_rank_product(&truth->claim.all.ordered, truth->flips, NULL); /* from the largest */
    return 1 - (rank_sum - n_flips * (n_flips + 1) / 2) / (n_flips * (double)n_other);
}

static void correlate(const row *r, const standard *s, double *pearson, double *spearman)
{
    *pearson = mg_pearson(r->value, r->mean, &s->centred, r->ordered.n);
    *spearman = mg_spearman(&r->ordered, s->rank, s->squares);
}

MG_CLONES static void compare_positions(mg_truth *truth, double *metric)
{
    const side *e = &truth->effect, *a = &truth->claim;
    const uint32_t *a_order = a->all.order, *e_order = e->all.order;
    size_t n = truth->n;
    correlate(&a->all, &truth->all, &metric[MG_PEARSON], &metric[MG_SPEARMAN]);
    for (size_t r = 0; r < truth->n_regions; r++)
        correlate(&a->region[r], &truth->region[r], &metric[MG_N_WHOLE + r],
                  &metric[MG_N_WHOLE + truth->n_regions + r]);
    metric[MG_SPEARMAN_MAGNITUDE] = mg_spearman(&a->magnitude.ordered, truth->magnitude.rank, truth->magnitude.squares);
    metric[MG_KENDALL] = mg_kendall(&a->all.ordered, truth->first, e->all.ordered.n_tied > 0, truth->work, truth->bits);
    metric[MG_COSINE] = mg_cosine(a->all.value, e->all.value, truth->effect_squares, n);
    metric[MG_SIGN_AGREEMENT] = sign_agreement(a->all.value, e->all.value, n);
    metric[MG_FLIP_AUROC] = flip_auroc(truth);
    if (a->constant || e->constant) return; /* no position is the largest */
    metric[MG_JACCARD_5] = jaccard(a_order, e_order, n, 5);
    metric[MG_JACCARD_10] = jaccard(a_order, e_order, n, 10);
    metric[MG_JACCARD_20] = jaccard(a_order, e_order, n, 20);
    metric[MG_PEAK_DISTANCE] = fabs((double)truth->position[a_order[0]] - (double)truth->position[e_order[0]]);
}

MG_CLONES static void compare_substitutions(mg_truth *truth, const float *hypothetical, double *metric)
{
    row *predicted = &truth->predicted;
    if (truth->n_absent == N_OTHER_BASES * truth->n) {
        for (size_t i = 0, k = 0; i < truth->n; i++, k += N_OTHER_BASES) {
            double home = hypothetical[truth->home[k]];
            for (size_t j = 0; j < N_OTHER_BASES; j++)
                predicted->value[k + j] = (double)hypothetical[truth->absent[k + j]] - home;
        }
    } else {
        for (size_t k = 0; k < truth->n_absent; k++)
            predicted->value[k] = (double)hypothetical[truth->absent[k]] - (double)hypothetical[truth->home[k]];
    }
    if (!prepare_row(truth, predicted, truth->n_absent)) return;
    correlate(predicted, &truth->substitution, &metric[MG_SUBSTITUTION_PEARSON], &metric[MG_SUBSTITUTION_SPEARMAN]);
}

/* The claim's numbers; returns the sum of the contributions at all positions, which waits for each addition, so both are done side by
 * side. */
static double take_claim(mg_truth *truth, const float *contribution)
{
    double sum = 0;
    size_t n = truth->n, length = (size_t)truth->length;
    for (size_t i = 0; i < n; i++) {
        truth->claim.all.value[i] = contribution[truth->position[i]];
        sum += contribution[i];
    }
    for (size_t p = n; p < length; p++)
        sum += contribution[p];
    return sum;
}

void mg_truth_compare(mg_truth *truth, const float *contribution, const float *hypothetical, double claimed_sum,
                      float *metric)
{
    double exact[MG_N_WHOLE + 2 * MG_MAX_REGIONS];
    size_t n_metrics = MG_N_WHOLE + 2 * truth->n_regions;
    for (size_t m = 0; m < n_metrics; m++)
        exact[m] = NAN;
    double sum = take_claim(truth, contribution);
    if (truth->n >= 3 && truth->effect.finite) {
        prepare_side(truth, &truth->claim);
        if (truth->claim.finite) compare_positions(truth, exact);
        if (hypothetical != NULL) compare_substitutions(truth, hypothetical, exact);
    }
    exact[MG_COMPLETENESS_ERROR] = sum - claimed_sum;
    for (size_t m = 0; m < n_metrics; m++)
        metric[m] = fabs(exact[m]) <= FLT_MAX ? (float)exact[m] : NAN;
}

size_t mg_truth_items(const mg_truth *truth, const size_t **position, const double **effect)
{
    *position = truth->position;
    *effect = truth->effect.all.value;
    return truth->n;
}
