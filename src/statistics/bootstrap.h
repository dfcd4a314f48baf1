/* bootstrap.h  how sure a mean is, when the windows come in clusters
 *
 * Windows of one cluster (a gene, or a transcript, and all that shares windows with it: src/sequence/clusters.h) are not
 * independent, so what is drawn with replacement is the cluster, with all its windows (cluster bootstrap; Davison &
 * Hinkley 1997, section 3.8). Replicate r of a mean over T clusters is (sum of their sums) / (sum of their counts) over T
 * draws; the interval is the 2.5 and 97.5 percentiles.
 *
 * Replicates are independent of each other and depend on the seed, their number and the number of clusters alone. So
 * they may be shared out among threads and ranks in any way, with the same bits; and samples of the same number of
 * clusters share the draws.
 */
#ifndef MG_STATISTICS_BOOTSTRAP_H
#define MG_STATISTICS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

/* The clusters' sums of some methods, in one group. Plain pointers into what the caller keeps. */
typedef struct {
    size_t n_methods;
    size_t columns;         /* of total, a multiple of MG_REPLICATE_COLUMNS */
    double *total;          /* (n_clusters, columns): column m is the sum of method m's values in each cluster ... */
    uint32_t *count_column; /* (n_methods) ... and this one how many there are */
} mg_bootstrap_sample;

/* mg_bootstrap_pack()  make one column of counts that are the same, as those of most methods are
 *
 * Args:     total - INOUT (n_clusters, mg_replicate_columns(2 n_methods)): sums, counts, then zeros; packed in place
 *           count_column - OUT (n_methods)
 * Returns:  the columns that are left, a multiple of MG_REPLICATE_COLUMNS.
 */
size_t mg_bootstrap_pack(double *total, size_t n_clusters, size_t n_methods, uint32_t *count_column);

/* mg_bootstrap_replicates()  means of replicates begin .. end - 1 of all methods of some samples
 *
 * Purpose:  Over OpenMP threads, set by set of replicates. Memory: mg_bootstrap_bytes().
 * Args:     sample - (n_samples) all over the same n_clusters
 *           mean   - OUT (end - begin, methods of all samples together); NaN where a replicate drew no value
 * Returns:  MG_OK or MG_EMEM.
 */
mg_status mg_bootstrap_replicates(const mg_bootstrap_sample *sample, size_t n_samples, size_t n_clusters, uint64_t seed,
                                  int64_t begin, int64_t end, double *mean, mg_error *err);

/* mg_bootstrap_bytes()  memory that mg_bootstrap_replicates() takes on a thread */
size_t mg_bootstrap_bytes(size_t n_clusters, size_t n_columns);

/* mg_bootstrap_interval()  2.5 and 97.5 percentiles (type 7 of Hyndman & Fan 1996) of the replicates that have a mean
 *
 * Args:     mean      - (n_replicates) numbers `stride` apart
 *           sorted    - (n_replicates) scratch
 *           low, high - OUT, NaN where none has
 */
void mg_bootstrap_interval(const double *mean, size_t n_replicates, size_t stride, double *sorted, double *low,
                           double *high);

/* mg_bootstrap_means()  the intervals of one sample, all replicates on this rank
 *
 * Args:     low, high - OUT (n_methods), NaN when n_replicates is 0, or n_clusters below 2
 * Returns:  MG_OK or MG_EMEM.
 */
mg_status mg_bootstrap_means(const mg_bootstrap_sample *sample, size_t n_clusters, uint64_t seed, int64_t n_replicates,
                             double *low, double *high, mg_error *err);

#endif
