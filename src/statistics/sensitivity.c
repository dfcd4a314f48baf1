/* sensitivity.c  a truth of eight kinds, and a claim of two, each as values and as ranks */
#include "src/statistics/sensitivity.h"

#include <math.h>
#include <stdlib.h>

#include "src/faithfulness/rank.h"
#include "src/core/memory.h"
#include "src/engine/probability.h"

const char *const mg_measure_names[MG_N_MEASURES] = {"spearman", "pearson"};
const char *const mg_scale_names[MG_N_SCALES] = {"log-odds", "probability"};
const char *const mg_sign_names[MG_N_SIGNS] = {"signed", "absolute"};
const char *const mg_reduction_names[MG_N_REDUCTIONS] = {"mean", "worst"};

enum { N_TRUTHS = MG_N_SCALES * MG_N_SIGNS * MG_N_REDUCTIONS, N_OTHER_BASES = MG_N_BASES - 1 };

/* One number an item; items are the informative positions, ascending. */
typedef struct {
    double *value, *rank;
    bool finite;
} row;

struct mg_sensitivity {
    int64_t length;
    const uint8_t *region; /* (length), not owned; NULL: none */
    size_t n;              /* informative positions of the present window */
    size_t *position;      /* (n) */
    row truth[N_TRUTHS], claim[MG_N_SIGNS];
    mg_sorter *sorter;
    uint32_t *order;
};

static size_t truth_index(mg_scale scale, mg_sign sign, mg_reduction reduction)
{
    return ((size_t)scale * MG_N_SIGNS + (size_t)sign) * MG_N_REDUCTIONS + (size_t)reduction;
}

mg_choice mg_choice_at(int k)
{
    mg_choice choice;
    choice.reduction = (mg_reduction)(k % MG_N_REDUCTIONS);
    k /= MG_N_REDUCTIONS;
    choice.sign = (mg_sign)(k % MG_N_SIGNS);
    k /= MG_N_SIGNS;
    choice.scale = (mg_scale)(k % MG_N_SCALES);
    choice.measure = (mg_measure)(k / MG_N_SCALES);
    return choice;
}

/* --- room --- */

static mg_status create_row(row *r, size_t n, mg_error *err)
{
    mg_status status = mg_alloc(&r->value, n, sizeof *r->value, err);
    return status == MG_OK ? mg_alloc(&r->rank, n, sizeof *r->rank, err) : status;
}

static mg_status create_arrays(mg_sensitivity *s, mg_error *err)
{
    size_t n = (size_t)s->length;
    mg_status status = mg_alloc(&s->position, n, sizeof *s->position, err);
    for (size_t k = 0; k < N_TRUTHS && status == MG_OK; k++)
        status = create_row(&s->truth[k], n, err);
    for (size_t k = 0; k < MG_N_SIGNS && status == MG_OK; k++)
        status = create_row(&s->claim[k], n, err);
    if (status == MG_OK) status = mg_alloc(&s->order, n, sizeof *s->order, err);
    return status == MG_OK ? mg_sorter_create(n, &s->sorter, err) : status;
}

mg_status mg_sensitivity_create(int64_t length, const uint8_t *region, mg_sensitivity **ret, mg_error *err)
{
    mg_sensitivity *s = NULL;
    mg_status status = mg_alloc(&s, 1, sizeof *s, err);
    if (status != MG_OK) return status;
    s->length = length;
    s->region = region;
    status = create_arrays(s, err);
    if (status == MG_OK)
        *ret = s;
    else
        mg_sensitivity_destroy(s);
    return status;
}

void mg_sensitivity_destroy(mg_sensitivity *s)
{
    if (s == NULL) return;
    free(s->position);
    for (size_t k = 0; k < N_TRUTHS; k++) {
        free(s->truth[k].value);
        free(s->truth[k].rank);
    }
    for (size_t k = 0; k < MG_N_SIGNS; k++) {
        free(s->claim[k].value);
        free(s->claim[k].rank);
    }
    free(s->order);
    mg_sorter_destroy(s->sorter);
    free(s);
}

/* --- one window --- */

static void rank(mg_sensitivity *s, row *r)
{
    mg_sort_descending(s->sorter, r->value, s->n, s->order);
    for (size_t k = 0; k < s->n;) {
        size_t begin = k, end = mg_tie_end(r->value, s->order, k, s->n);
        for (; k < end; k++)
            r->rank[s->order[k]] = 0.5 * (double)(begin + 1 + end);
    }
}

static void prepare(mg_sensitivity *s, row *r)
{
    r->finite = true;
    for (size_t i = 0; i < s->n; i++)
        r->finite = r->finite && isfinite(r->value[i]);
    if (r->finite) rank(s, r);
}

/* The four truths of item i on one scale, from its three changes of the score. */
static void set_item(mg_sensitivity *s, mg_scale scale, size_t i, const double change[N_OTHER_BASES])
{
    double sum = 0, worst = -INFINITY, largest = 0;
    for (int k = 0; k < N_OTHER_BASES; k++) {
        sum -= change[k];
        worst = -change[k] > worst ? -change[k] : worst;
        largest = fabs(change[k]) > largest ? fabs(change[k]) : largest;
    }
    if (isnan(sum)) worst = largest = NAN;
    double mean = sum / N_OTHER_BASES;
    s->truth[truth_index(scale, MG_SIGN_SIGNED, MG_REDUCTION_MEAN)].value[i] = mean;
    s->truth[truth_index(scale, MG_SIGN_SIGNED, MG_REDUCTION_WORST)].value[i] = worst;
    s->truth[truth_index(scale, MG_SIGN_ABSOLUTE, MG_REDUCTION_MEAN)].value[i] = fabs(mean);
    s->truth[truth_index(scale, MG_SIGN_ABSOLUTE, MG_REDUCTION_WORST)].value[i] = largest;
}

void mg_sensitivity_set(mg_sensitivity *s, const mg_base *base, const bool *blind, const float *effect, double score)
{
    s->n = 0;
    for (int64_t p = 0; p < s->length; p++) {
        bool left_out = s->region != NULL && s->region[p] == MG_REGION_LEFT_OUT;
        if (left_out || base[p] >= MG_N_BASES || blind[p]) continue;
        double change[MG_N_SCALES][N_OTHER_BASES];
        for (int b = 0, k = 0; b < MG_N_BASES; b++) {
            if (b == base[p]) continue;
            double d = effect[p * MG_N_BASES + b];
            change[MG_SCALE_LOG_ODDS][k] = d;
            change[MG_SCALE_PROBABILITY][k++] = mg_probability_change(score, d);
        }
        for (mg_scale scale = 0; scale < MG_N_SCALES; scale++)
            set_item(s, scale, s->n, change[scale]);
        s->position[s->n++] = (size_t)p;
    }
    for (size_t k = 0; k < N_TRUTHS; k++)
        prepare(s, &s->truth[k]);
}

/* Pearson correlation, NaN when a row is constant but for rounding. */
static double correlate(const double *x, const double *y, size_t n)
{
    double x_mean = 0, y_mean = 0, xx = 0, yy = 0, xy = 0;
    if (n < 3) return NAN;
    for (size_t i = 0; i < n; i++) {
        x_mean += x[i] / (double)n;
        y_mean += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - x_mean) * (x[i] - x_mean);
        yy += (y[i] - y_mean) * (y[i] - y_mean);
        xy += (x[i] - x_mean) * (y[i] - y_mean);
    }
    double least = (double)n * 1e-26;
    if (!(xx > least * x_mean * x_mean && yy > least * y_mean * y_mean)) return NAN;
    return fmax(-1, fmin(1, xy / (sqrt(xx) * sqrt(yy))));
}

void mg_sensitivity_compare(mg_sensitivity *s, const float *contribution, float *value)
{
    for (size_t i = 0; i < s->n; i++) {
        double a = contribution[s->position[i]];
        s->claim[MG_SIGN_SIGNED].value[i] = a;
        s->claim[MG_SIGN_ABSOLUTE].value[i] = fabs(a);
    }
    for (size_t k = 0; k < MG_N_SIGNS; k++)
        prepare(s, &s->claim[k]);
    for (int k = 0; k < MG_N_CHOICES; k++) {
        mg_choice choice = mg_choice_at(k);
        const row *truth = &s->truth[truth_index(choice.scale, choice.sign, choice.reduction)];
        const row *claim = &s->claim[choice.sign];
        value[k] = NAN;
        if (!truth->finite || !claim->finite) continue;
        value[k] = (float)(choice.measure == MG_MEASURE_SPEARMAN ? correlate(claim->rank, truth->rank, s->n)
                                                                 : correlate(claim->value, truth->value, s->n));
    }
}
