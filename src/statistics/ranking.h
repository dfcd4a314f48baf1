/* ranking.h  methods against each other, cluster by cluster: mean ranks, and intervals of differences
 *
 * Beside summary.h: there a rank is given in each window; here windows of a cluster, which are not independent, count
 * together, as Friedman's test needs it. The windows of one metric are held in memory.
 */
#ifndef MG_STATISTICS_RANKING_H
#define MG_STATISTICS_RANKING_H

#include "src/statistics/friedman.h"
#include "src/statistics/summary.h"
#include "src/core/status.h"

/* All windows of one metric. */
typedef struct {
    size_t n_methods, n_windows, n_clusters;
    const float *value;     /* (n_methods, n_windows), NaN: undefined */
    const uint8_t *group;   /* (n_windows) bit g set: window is in group g */
    const int64_t *cluster; /* (n_windows) 0 .. n_clusters - 1, in any order */
    mg_better better;       /* which value of the metric is the better one */
    uint64_t seed;
    int64_t n_bootstrap; /* replicates; 0: no interval */
} mg_summary_input;

/* mg_rank_clusters()  Friedman's test and mean ranks of the methods in one group
 *
 * Purpose:  A block is a cluster with a window in which every method that is defined anywhere in the group has a value;
 *           a method's merit in it is the mean over these windows (of the value, or less its magnitude where smaller is
 *           better). Memory: 8 bytes a cluster and method.
 * Args:     mean_rank - OUT (n_methods), 1 is best; NaN for a method that is defined nowhere
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT when a window is of no cluster.
 */
mg_status mg_rank_clusters(const mg_summary_input *in, mg_group group, mg_friedman *ret, double *mean_rank,
                           mg_error *err);

/* mg_difference_intervals()  95% bootstrap intervals of the mean differences of all pairs of methods in one group
 *
 * Purpose:  In each pair over the windows where both are defined; draws, seed and order of pairs as in summary.h,
 *           so they are the intervals of mg_summary_pair.mean_difference. Memory: 16 bytes a cluster and pair.
 * Args:     low, high - OUT (mg_summary_n_pairs)
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT when a window is of no cluster.
 */
mg_status mg_difference_intervals(const mg_summary_input *in, mg_group group, double *low, double *high, mg_error *err);

/* Methods order[begin] .. order[end - 1], whose mean ranks lie within the critical difference. */
typedef struct {
    size_t begin, end;
} mg_rank_bar;

/* mg_rank_bars()  the largest sets of two or more methods that cannot be told apart
 *
 * Args:     mean_rank - (n); NaN: takes no part
 *           order     - OUT (n) methods by mean rank, best first
 *           bar       - OUT (n)
 * Returns:  how many bars there are */
size_t mg_rank_bars(const double *mean_rank, size_t n, double critical_difference, size_t *order, mg_rank_bar *bar);

#endif
