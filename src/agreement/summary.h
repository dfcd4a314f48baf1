/* summary.h  from per-window agreement to what is said about the methods, with intervals
 *
 * The unit of work is one metric with all methods, because mean ranks, wins and paired tests compare methods on the
 * same windows. It is a pure function of its input arrays, so it gives the same bits whichever rank or thread runs it.
 * Windows of one transcript are not independent: intervals come from a bootstrap that draws transcripts, and the paired
 * test compares transcript means.
 */
#ifndef MG_AGREEMENT_SUMMARY_H
#define MG_AGREEMENT_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "src/agreement/metric.h"
#include "src/core/status.h"

typedef enum {
    MG_GROUP_ALL,       /* every window */
    MG_GROUP_ANNOTATED, /* label 1 */
    MG_GROUP_CALLED,    /* F > 0 */
    MG_N_GROUPS
} mg_group;

extern const char *const mg_group_names[MG_N_GROUPS]; /* "all", "annotated", "called" */

typedef struct {
    int32_t method, metric, group;
    int64_t n;             /* windows in the group with a defined value */
    int64_t n_undefined;   /* windows in the group whose value is NaN */
    int64_t n_transcripts; /* distinct transcripts among the n */
    double mean, sd;       /* sd with n - 1; NaN when not defined */
    double low,
        high; /* 95% percentile interval of the mean, bootstrap over transcripts; NaN with fewer than 2 transcripts */
    double median, q25, q75;
    double mean_rank; /* 1 is best, mid-ranks, over windows where every method (that is defined anywhere) is defined */
} mg_summary_row;

typedef struct {
    int32_t method, other, metric, group;
    int64_t n;      /* windows where both are defined */
    int64_t n_wins; /* of them, where method is better than other */
    int64_t n_ties;
    double mean_difference; /* method - other */
    double p; /* Wilcoxon signed-rank over transcript means, two-sided; NaN with fewer than 5 transcripts that differ */
    double p_holm; /* Holm-corrected over the pairs of the same metric and group */
} mg_summary_pair;

typedef struct {
    size_t n_methods, n_windows;
    const float *value;        /* (n_methods, n_windows), NaN: undefined */
    const uint8_t *group;      /* (n_windows) bit g set: window is in group g */
    const int64_t *transcript; /* (n_windows), ascending: windows of a transcript stand together */
    mg_metric metric;
    uint64_t seed;
    int64_t n_bootstrap; /* replicates; 0: no interval */
} mg_summary_input;

/* mg_summary_n_pairs()  n_methods * (n_methods - 1) / 2 */
size_t mg_summary_n_pairs(size_t n_methods);

/* mg_summarise()  aggregates of one metric
 *
 * Purpose:  The bootstrap's replicate r draws transcripts with a generator seeded by (seed, r) alone, so every method,
 *           metric and group sees comparable draws.
 * Args:     row  - OUT (MG_N_GROUPS, n_methods)
 *           pair - OUT (MG_N_GROUPS, mg_summary_n_pairs), method < other
 * Returns:  MG_OK or MG_EMEM.
 */
mg_status mg_summarise(const mg_summary_input *input, mg_summary_row *row, mg_summary_pair *pair, mg_error *err);

#endif
