/* summary_parts.h  what a summary holds, for summary.c and summary_result.c alone */
#ifndef MG_STATISTICS_SUMMARY_PARTS_H
#define MG_STATISTICS_SUMMARY_PARTS_H

#include <stdbool.h>

#include "src/statistics/quartile.h"
#include "src/statistics/summary.h"

enum { MG_SUMMARY_CHUNK = 256 }; /* windows of the group that are worked on together */

/* Two methods against each other. */
typedef struct {
    size_t method, other;
    int64_t n, n_wins, n_ties;                /* windows */
    int64_t n_unranked_wins, n_unranked_ties; /* of them, those in windows that are not ranked */
} mg_contest;

/* Windows of the group, in their order. */
typedef struct {
    size_t n;
    size_t window[MG_SUMMARY_CHUNK];
    size_t cluster[MG_SUMMARY_CHUNK];
    uint32_t n_defined[MG_SUMMARY_CHUNK];
    float *value;  /* (n_methods, MG_SUMMARY_CHUNK), not finite: not defined */
    double *merit; /* (n_methods, MG_SUMMARY_CHUNK) larger for the better method, NaN likewise */
} mg_chunk;

struct mg_summary {
    mg_summary_plan plan;
    size_t n_all;   /* methods and baselines: what the arrays by method are of */
    size_t n_pairs; /* contests: methods with each other, then methods with baselines */
    int sweep;
    bool out_of_plan;        /* a cluster */
    size_t n_clusters;       /* once the first sweep is over: those with a window in the group */
    uint8_t *seen;           /* (plan.n_clusters) has a window in the group */
    double *total;           /* (n_clusters, columns) sums, then counts, of the values of each method */
    size_t columns;          /* of total */
    uint32_t *count_column;  /* (n_methods) where in total the counts are, once the first sweep is over */
    mg_contest *contest;     /* (n_pairs) */
    double *difference;      /* (n_clusters, n_pairs) sums of the differences of merit, ... */
    uint32_t *n_differences; /* ... and how many there are */
    mg_quartiles *quartiles; /* (n_methods) */
    int64_t *n;              /* (n_methods) windows with a value, ... */
    double *mean;            /* ... their mean, ... */
    double *squares;         /* ... and the sum of (value - mean)^2 */
    int64_t n_windows;       /* of the group, ... */
    int64_t n_unmeasured;    /* ... but for these, in which the metric was not measured */
    int64_t n_ranked;        /* of them */
    bool *is_met;            /* (n_methods) has a value in the windows so far */
    size_t n_met;
    mg_chunk chunk;
};

#endif
