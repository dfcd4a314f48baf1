/* quality.h  how well scores tell starts from other codons
 *
 * Scores are log-odds; a window is called a start when its score is above 0. Windows with equal scores are never told
 * apart: they enter every curve together.
 */
#ifndef MG_TRAINING_QUALITY_H
#define MG_TRAINING_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/training/dataset.h"

typedef enum {
    MG_AUROC,       /* area under the ROC curve, by trapezoids */
    MG_AUPRC,       /* average precision: sum of precision x step in recall */
    MG_FPR_AT_80,   /* the lowest false positive rate at which at least 0.80 of the starts are found */
    MG_SENSITIVITY, /* starts that are called */
    MG_SPECIFICITY, /* others that are not */
    MG_PRECISION,   /* calls that are starts */
    MG_LOSS,        /* mean cross-entropy, nats */
    MG_BRIER,       /* mean squared difference of probability and label */
    MG_CALIBRATION, /* expected calibration error: mean over windows of |mean probability - share of starts| of the bin */
    MG_TOP,         /* transcripts whose best-scoring ATG is an annotated start, of those that have one */
    MG_N_QUALITIES
} mg_quality;

typedef struct {
    const char *name;  /* "auroc" */
    const char *label; /* "area under the ROC curve" */
} mg_quality_info;

extern const mg_quality_info mg_qualities[MG_N_QUALITIES];

typedef struct {
    double score, probability;
    size_t cluster; /* of those that have any window of the part */
    bool start;
} mg_scored;

typedef struct {
    size_t cluster;
    bool success;
} mg_top;

typedef struct {
    size_t n, n_starts;
    mg_scored *item; /* owned: highest score first, equal ones in the order of the dataset */
    size_t n_tops;
    mg_top *top; /* owned: one a transcript with an annotated start among its windows */
    size_t n_clusters;
} mg_scores;

/* mg_scores_collect()  the samples of a part of a dataset, with their scores
 *
 * Args:     score - (dataset->n) log-odds, no NaN
 * Returns:  MG_OK and *ret for mg_scores_destroy(), MG_EMEM, or MG_EINPUT when all are starts, or none is.
 */
mg_status mg_scores_collect(const mg_dataset *dataset, mg_part part, const double *score, mg_scores *ret,
                            mg_error *err);
void mg_scores_destroy(mg_scores *scores); /* frees what it holds, not the struct; NULL is fine */

/* mg_quality_measure()  all qualities
 * Args:    times - (n_clusters) how often the windows of each cluster count; NULL: once
 *          value - OUT (MG_N_QUALITIES), NaN where one is not defined */
void mg_quality_measure(const mg_scores *scores, const uint32_t *times, double *value);

/* mg_quality_intervals()  95% percentile intervals: clusters are drawn with replacement, with all their windows
 *
 * Replicate r depends on (seed, r) alone, so threads change nothing.
 * Args:    low, high - OUT (MG_N_QUALITIES), NaN without replicates, and with fewer than two clusters */
mg_status mg_quality_intervals(const mg_scores *scores, uint64_t seed, int64_t n_replicates, int n_threads, double *low,
                               double *high, mg_error *err);

typedef struct {
    double threshold; /* windows with this score or a higher one are called */
    int64_t n_true, n_false;
} mg_curve_point;

/* mg_quality_curve()  the corners of the ROC curve, and every point of the precision-recall curve
 * Args:    point - OUT, room for scores->n
 * Returns: how many there are */
size_t mg_quality_curve(const mg_scores *scores, mg_curve_point *point);

enum { MG_N_BINS = 10 }; /* of probability, equally wide */

typedef struct {
    int64_t n, n_starts;
    double probability; /* mean; NaN when empty */
} mg_calibration_bin;

void mg_quality_calibration(const mg_scores *scores, mg_calibration_bin bin[MG_N_BINS]);

#endif
