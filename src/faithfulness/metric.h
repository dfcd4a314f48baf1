/* metric.h  how far a method's claim is from the mutations, for one window (design.md section 3)
 *
 * Symbols: D(i,b) effect of putting base b at position i; e(i) = mean over the three b of -D(i,b); a(i) the method's
 * contribution; d(i,b) = c(i,b) - c(i,x_i) its own prediction of D. All are taken over the informative positions:
 * outside the candidate codon, base known, and with a path to the output (not blind). A metric that is not defined
 * (constant input, fewer than 3 positions, no flip at all, a method without c) is NaN, never silently 0.
 */
#ifndef MG_FAITHFULNESS_METRIC_H
#define MG_FAITHFULNESS_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/alphabet.h"

typedef enum {
    MG_PEARSON,            /* of a and e */
    MG_SPEARMAN,           /* of a and e, mid-ranks */
    MG_KENDALL,            /* tau-b of a and e, O(n log n) */
    MG_COSINE,             /* of a and e */
    MG_SPEARMAN_MAGNITUDE, /* of |a| and |e| */
    MG_SIGN_AGREEMENT,     /* share of positions with a != 0 and e != 0 where the signs agree */
    MG_JACCARD_5,          /* overlap of the 5 largest a and the 5 largest e; ties: the lower position first */
    MG_JACCARD_10,
    MG_JACCARD_20,
    MG_PEAK_DISTANCE, /* nt between argmax a and argmax e */
    MG_FLIP_AUROC,    /* area under ROC of a for 'some mutation here flips the call' (sign of F + D != sign of F) */
    MG_SUBSTITUTION_PEARSON, /* of d and D over all substitutions */
    MG_SUBSTITUTION_SPEARMAN,
    MG_COMPLETENESS_ERROR, /* sum of a over ALL positions minus what it should sum to; NaN if no sum is claimed */
    /* the same two over the positions of one region, seen from the candidate codon: */
    MG_PEARSON_UPSTREAM,
    MG_PEARSON_CODON_1,
    MG_PEARSON_CODON_2,
    MG_PEARSON_CODON_3,
    MG_SPEARMAN_UPSTREAM,
    MG_SPEARMAN_CODON_1,
    MG_SPEARMAN_CODON_2,
    MG_SPEARMAN_CODON_3,
    MG_N_METRICS
} mg_metric;

typedef struct {
    const char *name;        /* "spearman"; dataset and column name, unique together with region */
    const char *region;      /* "all", "upstream", "codon_1", "codon_2", "codon_3" */
    const char *dataset;     /* "spearman", "spearman_upstream": name in run.h5 */
    const char *unit;        /* "1", "nt", "score" */
    const char *description; /* one sentence */
    int better;              /* +1 larger is better, -1 smaller (of the absolute value) is better */
} mg_metric_info;

extern const mg_metric_info mg_metrics[MG_N_METRICS];

/* The truth of one window, prepared once and used for every method. Opaque; made once a thread. */
typedef struct mg_truth mg_truth;

mg_status mg_truth_create(int64_t length, int64_t anchor, mg_truth **ret, mg_error *err);
void mg_truth_destroy(mg_truth *truth);

/* mg_truth_set()  take in a window's mutation effects: e, its ranks, its largest positions, which positions flip
 *
 * Args:     base   - (L) codes
 *           blind  - (L) true where no path leads to the output
 *           effect - (L, 4) D, A C G T, score units; NaN: not known, as where effects were measured and some were not.
 *                    Such substitutions are left out: e(i) is the mean over those that are known, and a position with
 *                    none is not informative
 *           score  - F of the window as it is; the call is F > 0, so a score with another boundary comes with that
 *                    boundary taken off. NaN: there is no call, so no position flips
 */
void mg_truth_set(mg_truth *truth, const mg_base *base, const bool *blind, const float *effect, double score);

/* mg_truth_compare()  all metrics of one method on the window of the last mg_truth_set()
 *
 * Args:     contribution - (L) a
 *           hypothetical - (L, 4) c, or NULL when the method has none
 *           claimed_sum  - what a should sum to, NaN when the method claims no sum
 *           metric       - OUT (MG_N_METRICS)
 */
void mg_truth_compare(mg_truth *truth, const float *contribution, const float *hypothetical, double claimed_sum,
                      float *metric);

#endif
