/* summary.h  from per-window agreement to what is said about the methods, with intervals
 *
 * The unit of work is one metric in one group of windows with all methods, because mean ranks, wins and paired tests
 * compare methods on the same windows. The windows come by in their order, three times, and are not kept: what is kept
 * are sums and differences a cluster. The result depends on them and their order alone, so it has the same bits
 * whichever rank or thread works on it and however the windows are cut into pieces.
 * Windows of one cluster (src/sequence/clusters.h) are not independent: intervals come from a bootstrap that draws
 * clusters, and the paired test compares cluster means. A window counts once wherever it was found; means are over
 * windows.
 */
#ifndef MG_STATISTICS_SUMMARY_H
#define MG_STATISTICS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/faithfulness/metric.h"
#include "src/core/status.h"
#include "src/statistics/bootstrap.h"

typedef enum {
    MG_GROUP_ALL,       /* every window */
    MG_GROUP_ANNOTATED, /* label 1 */
    MG_GROUP_CALLED,    /* F > 0 */
    MG_N_GROUPS
} mg_group;

enum { MG_GROUP_CHOSEN = 0x80 }; /* beside the bits of groups */

extern const char *const mg_group_names[MG_N_GROUPS]; /* "all", "annotated", "called" */

typedef struct {
    int32_t method, metric, group;
    int32_t better;       /* mg_better of the metric */
    int64_t n;            /* windows in the group with a defined value */
    int64_t n_undefined;  /* windows in the group whose value is NaN ... */
    int64_t n_unmeasured; /* ... and, apart from them, those in which the metric was not measured */
    int64_t n_clusters;   /* that the n windows are of */
    double mean, sd;      /* sd with n - 1; NaN when not defined */
    double low, high; /* 95% percentile interval of the mean, bootstrap over clusters; NaN with fewer than 2 clusters */
    double median, q25, q75;
    double mean_rank; /* 1 is best, mid-ranks, over windows where every method (that is defined anywhere) is defined */
} mg_summary_row;

typedef struct {
    int32_t method, other, metric, group;
    int32_t better; /* mg_better of the metric */
    int64_t n;      /* windows where both are defined */
    int64_t n_wins; /* of them, where method is better than other */
    int64_t n_ties;
    double mean_difference; /* method - other */
    double p; /* Wilcoxon signed-rank over cluster means, two-sided; NaN with fewer than 5 clusters that differ */
    double
        p_holm; /* Holm-corrected over the pairs of the same metric and group: methods with each other; with a baseline,
                      over the methods */
} mg_summary_pair;

/* What is to be summarised. */
typedef struct {
    size_t n_methods;
    size_t n_clusters; /* of the run */
    size_t metric;     /* its place in the set of the run: for the rows */
    mg_better better;
    mg_group group;
    uint64_t seed;
    int64_t n_bootstrap; /* replicates; 0: no interval */
    size_t n_baselines;  /* compared behind the methods: they get rows, but no rank, and pairs with methods only */
    bool sampled;        /* measured in chosen windows only */
    bool untested;       /* a point of a curve (src/faithfulness/metric.h): no mean rank, p or p_holm; they are NaN */
} mg_summary_plan;

/* A piece of the windows, in their order. */
typedef struct {
    size_t n;
    const float *value;     /* (n_methods + n_baselines, n), NaN: undefined */
    const uint8_t *group;   /* (n) bit g set: window is in group g; MG_GROUP_CHOSEN: what runs passes was measured */
    const int64_t *cluster; /* (n) 0 .. n_clusters - 1, in any order */
} mg_summary_windows;

enum { MG_SUMMARY_SWEEPS = 3 };

typedef struct mg_summary mg_summary;

/* mg_summary_no_row(), mg_summary_no_pair()  of a group without windows; the pair has the methods of `like` */
mg_summary_row mg_summary_no_row(int32_t metric, int32_t group, int32_t method);
mg_summary_pair mg_summary_no_pair(const mg_summary_pair *like, int32_t metric, int32_t group);

/* mg_summary_n_pairs()  n_methods * (n_methods - 1) / 2 */
size_t mg_summary_n_pairs(size_t n_methods);

/* mg_summary_n_contests()  pairs that a summary makes: those of the methods first, in the order (0, 1), (0, 2), ...; then each
 * method with each baseline, whose numbers follow those of the methods: (0, n), (0, n + 1), ... */
size_t mg_summary_n_contests(size_t n_methods, size_t n_baselines);

/* mg_summary_create()  to begin with: then, MG_SUMMARY_SWEEPS times, mg_summary_add() for all windows and one
 * mg_summary_next(), and in the end mg_summary_finish()
 * Returns: MG_OK or MG_EMEM. */
mg_status mg_summary_create(const mg_summary_plan *plan, mg_summary **ret, mg_error *err);
void mg_summary_destroy(mg_summary *summary); /* NULL is fine */

/* mg_summary_bytes()  memory that it takes, the room to test and to draw not included */
size_t mg_summary_bytes(const mg_summary_plan *plan);

/* mg_summary_add()  the next windows of this sweep; those of other groups are passed over */
void mg_summary_add(mg_summary *summary, const mg_summary_windows *windows);

/* mg_summary_next()  all windows have come by */
void mg_summary_next(mg_summary *summary);

/* mg_summary_finish()  the aggregates, after the last sweep: the three steps below, one after the other
 *
 * Args:     row  - OUT (n_methods + n_baselines)
 *           pair - OUT (mg_summary_n_contests), method < other
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT when a window was of a cluster that was not planned.
 */
mg_status mg_summary_finish(mg_summary *summary, mg_summary_row *row, mg_summary_pair *pair, mg_error *err);

/* mg_summary_sample()  what the bootstrap needs: the clusters with a window in the group, with their sums
 *
 * Purpose:  The clusters do not depend on metric and methods, so the summaries of a group share their draws. Valid until
 *           the summary is destroyed. *ret_n_clusters is how many there are.
 */
mg_bootstrap_sample mg_summary_sample(const mg_summary *summary, size_t *ret_n_clusters);

/* mg_summary_fill_rows()  the rows, with the intervals (n_methods + n_baselines) that the bootstrap gave; row - OUT likewise */
void mg_summary_fill_rows(const mg_summary *summary, const double *low, const double *high, mg_summary_row *row);

/* mg_summary_fill_pairs()  the pairs and their tests; pair - OUT. Returns as mg_summary_finish(). */
mg_status mg_summary_fill_pairs(const mg_summary *summary, mg_summary_pair *pair, mg_error *err);

/* mg_summary_fill_all_rows(), mg_summary_fill_all_pairs()  of n summaries of one plan but for metric and group, over threads
 *
 * Summaries of as many clusters share the draws of the bootstrap, which are then made once.
 * Args:     row - OUT (n, n_methods + n_baselines);  pair - OUT (n, pairs)
 * Returns:  as mg_summary_finish().
 */
mg_status mg_summary_fill_all_rows(mg_summary *const *summary, size_t n, mg_summary_row *row, mg_error *err);
mg_status mg_summary_fill_all_pairs(mg_summary *const *summary, size_t n, mg_summary_pair *pair, mg_error *err);

/* mg_summary_pairs_bytes()  memory that mg_summary_fill_pairs() takes */
size_t mg_summary_pairs_bytes(const mg_summary_plan *plan);

#endif
