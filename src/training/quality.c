/* quality.c  one walk down the scores gives all curves */
#include "src/training/quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/training/draw.h"

const mg_quality_info mg_qualities[MG_N_QUALITIES] = {
    [MG_AUROC] = {"auroc", "area under the ROC curve"},
    [MG_AUPRC] = {"auprc", "area under the precision-recall curve"},
    [MG_FPR_AT_80] = {"fpr_at_tpr_0.80", "false positive rate at true positive rate 0.80"},
    [MG_SENSITIVITY] = {"sensitivity", "sensitivity at score 0"},
    [MG_SPECIFICITY] = {"specificity", "specificity at score 0"},
    [MG_PRECISION] = {"precision", "precision at score 0"},
    [MG_LOSS] = {"loss", "mean cross-entropy, nats"},
    [MG_BRIER] = {"brier", "Brier score"},
    [MG_CALIBRATION] = {"calibration_error", "expected calibration error"},
    [MG_TOP] = {"top_atg", "transcripts whose best ATG is the annotated start"},
};

/* --- collecting --- */

typedef struct {
    mg_scored scored;
    size_t sample;
} entry;

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->scored.score != y->scored.score) return x->scored.score > y->scored.score ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static mg_status sort_items(const mg_dataset *dataset, mg_part part, const double *score, mg_scores *scores,
                            mg_error *err)
{
    entry *list = NULL;
    mg_status status = mg_alloc(&list, dataset->n, sizeof *list, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < dataset->n; i++) {
        const mg_sample *sample = &dataset->sample[i];
        if (sample->part != part) continue;
        list[scores->n++] = (entry){.scored = {.score = score[i],
                                               .probability = 1 / (1 + exp(-score[i])),
                                               .cluster = sample->cluster,
                                               .start = sample->start},
                                    .sample = i};
        scores->n_starts += sample->start;
    }
    qsort(list, scores->n, sizeof *list, compare_entries);
    status = mg_alloc(&scores->item, scores->n, sizeof *scores->item, err);
    for (size_t i = 0; i < scores->n && status == MG_OK; i++)
        scores->item[i] = list[i].scored;
    free(list);
    return status;
}

/* The best-scoring window of each transcript that has an annotated start; the first of equals. Occurrences of a
 * transcript stand together. */
static mg_status find_tops(const mg_dataset *dataset, mg_part part, const double *score, mg_scores *scores,
                           mg_error *err)
{
    size_t n_room = 0;
    mg_status status = MG_OK;
    for (size_t i = 0; i < dataset->n_occurrences && status == MG_OK;) {
        const mg_occurrence *first = &dataset->occurrence[i], *best = first;
        bool has_start = false, wanted = true;
        for (; i < dataset->n_occurrences && dataset->occurrence[i].transcript == first->transcript; i++) {
            const mg_occurrence *o = &dataset->occurrence[i];
            has_start |= o->start;
            wanted &= dataset->sample[o->sample].part == part;
            if (score[o->sample] > score[best->sample]) best = o;
        }
        if (!has_start || !wanted) continue;
        status = mg_grow(&scores->top, &n_room, scores->n_tops + 1, sizeof *scores->top, err);
        if (status == MG_OK)
            scores->top[scores->n_tops++] = (mg_top){dataset->sample[first->sample].cluster, best->start};
    }
    return status;
}

/* Clusters that have a window or a top in this part become 0, 1, ... */
static mg_status number_clusters(mg_scores *scores, mg_error *err)
{
    size_t n = 0, *number = NULL;
    for (size_t i = 0; i < scores->n; i++)
        if (scores->item[i].cluster >= n) n = scores->item[i].cluster + 1;
    for (size_t i = 0; i < scores->n_tops; i++)
        if (scores->top[i].cluster >= n) n = scores->top[i].cluster + 1;
    mg_status status = mg_alloc(&number, n, sizeof *number, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < scores->n; i++)
        number[scores->item[i].cluster] = 1;
    for (size_t i = 0; i < scores->n_tops; i++)
        number[scores->top[i].cluster] = 1;
    for (size_t t = 0; t < n; t++)
        if (number[t] != 0) number[t] = scores->n_clusters++;
    for (size_t i = 0; i < scores->n; i++)
        scores->item[i].cluster = number[scores->item[i].cluster];
    for (size_t i = 0; i < scores->n_tops; i++)
        scores->top[i].cluster = number[scores->top[i].cluster];
    free(number);
    return MG_OK;
}

mg_status mg_scores_collect(const mg_dataset *dataset, mg_part part, const double *score, mg_scores *ret, mg_error *err)
{
    mg_scores scores = {0};
    mg_status status = sort_items(dataset, part, score, &scores, err);
    if (status == MG_OK) status = find_tops(dataset, part, score, &scores, err);
    if (status == MG_OK) status = number_clusters(&scores, err);
    if (status == MG_OK && (scores.n_starts == 0 || scores.n_starts == scores.n))
        status =
            mg_fail(err, MG_EINPUT, "of %zu windows %zu are annotated starts; both kinds are needed to compare them",
                    scores.n, scores.n_starts);
    if (status != MG_OK) {
        mg_scores_destroy(&scores);
        return status;
    }
    *ret = scores;
    return MG_OK;
}

void mg_scores_destroy(mg_scores *scores)
{
    if (scores == NULL) return;
    free(scores->item);
    free(scores->top);
    *scores = (mg_scores){0};
}

/* --- measuring --- */

static double times_of(const uint32_t *times, size_t cluster)
{
    return times != NULL ? (double)times[cluster] : 1;
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

/* What is not a curve: sums over windows. */
static void measure_calls(const mg_scores *scores, const uint32_t *times, double n_starts, double n_others,
                          double *value)
{
    double called[2] = {0}, loss = 0, brier = 0, n[MG_N_BINS] = {0}, p[MG_N_BINS] = {0}, starts[MG_N_BINS] = {0};
    for (size_t i = 0; i < scores->n; i++) {
        const mg_scored *item = &scores->item[i];
        double weight = times_of(times, item->cluster), label = item->start ? 1 : 0;
        double x = item->start ? -item->score : item->score;
        int bin = (int)(item->probability * MG_N_BINS);
        if (bin == MG_N_BINS) bin--;
        if (item->score > 0) called[item->start] += weight;
        loss += weight * ((x > 0 ? x : 0) + log1p(exp(-fabs(x))));
        brier += weight * (item->probability - label) * (item->probability - label);
        n[bin] += weight;
        p[bin] += weight * item->probability;
        starts[bin] += weight * label;
    }
    double away = 0;
    for (int k = 0; k < MG_N_BINS; k++)
        away += fabs(p[k] - starts[k]);
    value[MG_SENSITIVITY] = ratio(called[1], n_starts);
    value[MG_SPECIFICITY] = ratio(n_others - called[0], n_others);
    value[MG_PRECISION] = ratio(called[1], called[0] + called[1]);
    value[MG_LOSS] = ratio(loss, n_starts + n_others);
    value[MG_BRIER] = ratio(brier, n_starts + n_others);
    value[MG_CALIBRATION] = ratio(away, n_starts + n_others);
}

static void measure_curves(const mg_scores *scores, const uint32_t *times, double n_starts, double n_others,
                           double *value)
{
    double n_true = 0, n_false = 0, roc = 0, precision = 0, fpr = NAN;
    for (size_t i = 0; i < scores->n;) {
        double score = scores->item[i].score, more_true = 0, more_false = 0;
        for (; i < scores->n && scores->item[i].score == score; i++) {
            double weight = times_of(times, scores->item[i].cluster);
            if (scores->item[i].start)
                more_true += weight;
            else
                more_false += weight;
        }
        roc += more_false * (n_true + 0.5 * more_true);
        n_true += more_true;
        n_false += more_false;
        if (more_true > 0) precision += more_true * (n_true / (n_true + n_false));
        if (isnan(fpr) && n_true >= 0.8 * n_starts) fpr = n_false / n_others;
    }
    bool both = n_starts > 0 && n_others > 0;
    value[MG_AUROC] = both ? roc / (n_starts * n_others) : NAN;
    value[MG_AUPRC] = both ? precision / n_starts : NAN;
    value[MG_FPR_AT_80] = both ? fpr : NAN;
}

void mg_quality_measure(const mg_scores *scores, const uint32_t *times, double *value)
{
    double n[2] = {0}, n_tops = 0, n_successes = 0;
    for (size_t i = 0; i < scores->n; i++)
        n[scores->item[i].start] += times_of(times, scores->item[i].cluster);
    for (size_t i = 0; i < scores->n_tops; i++) {
        double weight = times_of(times, scores->top[i].cluster);
        n_tops += weight;
        if (scores->top[i].success) n_successes += weight;
    }
    measure_calls(scores, times, n[1], n[0], value);
    measure_curves(scores, times, n[1], n[0], value);
    value[MG_TOP] = ratio(n_successes, n_tops);
}

/* --- how sure --- */

static void percentiles(double *value, size_t n, double *low, double *high)
{
    size_t n_known = 0;
    for (size_t r = 0; r < n; r++)
        if (!isnan(value[r])) value[n_known++] = value[r];
    *low = *high = NAN;
    if (n_known == 0) return;
    gsl_sort(value, 1, n_known);
    *low = gsl_stats_quantile_from_sorted_data(value, 1, n_known, 0.025);
    *high = gsl_stats_quantile_from_sorted_data(value, 1, n_known, 0.975);
}

mg_status mg_quality_intervals(const mg_scores *scores, uint64_t seed, int64_t n_replicates, int n_threads, double *low,
                               double *high, mg_error *err)
{
    size_t n = scores->n_clusters;
    if (n < 2) n_replicates = 0; /* one cluster can only be drawn again and again */
    size_t n_slots = (size_t)n_replicates;
    uint32_t *times = NULL; /* (n_threads, n) */
    double *value = NULL;   /* (MG_N_QUALITIES, n_replicates) */
    mg_status status = mg_alloc(&times, (size_t)n_threads * n, sizeof *times, err);
    if (status == MG_OK) status = mg_alloc(&value, MG_N_QUALITIES * n_slots, sizeof *value, err);
    if (status != MG_OK) goto cleanup;
#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (int thread = 0; thread < n_threads; thread++) {
        uint32_t *drawn = times + (size_t)thread * n;
        for (int64_t r = thread; r < n_replicates; r += n_threads) {
            double measured[MG_N_QUALITIES];
            memset(drawn, 0, n * sizeof *drawn);
            for (size_t k = 0; k < n; k++)
                drawn[mg_draw_below(mg_mix(mg_mix(seed, (uint64_t)r), k), n)]++;
            mg_quality_measure(scores, drawn, measured);
            for (size_t q = 0; q < MG_N_QUALITIES; q++)
                value[q * n_slots + (size_t)r] = measured[q];
        }
    }
    for (size_t q = 0; q < MG_N_QUALITIES; q++)
        percentiles(value + q * n_slots, n_slots, &low[q], &high[q]);
cleanup:
    free(times);
    free(value);
    return status;
}

/* --- curves --- */

size_t mg_quality_curve(const mg_scores *scores, mg_curve_point *point)
{
    size_t n_points = 0;
    bool rising = true; /* the last step found starts: the next one may be a corner */
    mg_curve_point now = {0};
    for (size_t i = 0; i < scores->n;) {
        int64_t n_true = now.n_true;
        mg_curve_point before = now;
        for (now.threshold = scores->item[i].score; i < scores->n && scores->item[i].score == now.threshold; i++) {
            now.n_true += scores->item[i].start;
            now.n_false += !scores->item[i].start;
        }
        bool rises = now.n_true > n_true;
        if (rises && !rising) point[n_points++] = before;
        if (rises || i == scores->n) point[n_points++] = now;
        rising = rises;
    }
    return n_points;
}

void mg_quality_calibration(const mg_scores *scores, mg_calibration_bin bin[MG_N_BINS])
{
    for (int k = 0; k < MG_N_BINS; k++)
        bin[k] = (mg_calibration_bin){0};
    for (size_t i = 0; i < scores->n; i++) {
        int k = (int)(scores->item[i].probability * MG_N_BINS);
        if (k == MG_N_BINS) k--;
        bin[k].n++;
        bin[k].n_starts += scores->item[i].start;
        bin[k].probability += scores->item[i].probability;
    }
    for (int k = 0; k < MG_N_BINS; k++)
        bin[k].probability = ratio(bin[k].probability, (double)bin[k].n);
}
