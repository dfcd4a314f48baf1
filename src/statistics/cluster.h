/* cluster.h  means over items that come in clusters, with intervals, in one pass and little memory
 *
 * Items of one cluster (its windows, their substitutions) are not independent, so the cluster is the unit of
 * error. A mean or share is a ratio of sums, S / C, over clusters t with sums s_t and c_t; its standard error is the
 * linearised one of a ratio: with r = S / C and u_t = (s_t - r c_t) / C,
 *
 *     var = T / (T - 1) * sum u_t^2,     interval r -+ t(0.975; T - 1) * sqrt(var).
 *
 * It needs seven numbers a mean whatever the number of clusters, where the bootstrap (bootstrap.h), which it agrees
 * with in large samples, needs all of the clusters' sums.
 * Source: Cochran 1977, Sampling Techniques, section 6.3 and 9A.
 *
 * All sums run in the order of the calls, so the same items in the same order give the same bits.
 */
#ifndef MG_STATISTICS_CLUSTER_H
#define MG_STATISTICS_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    double mean;      /* NaN without items */
    double low, high; /* 95% interval; NaN with fewer than two clusters */
    double n;         /* items: the denominator C */
    int64_t n_clusters;
} mg_estimate;

/* A ratio in the making; all zero is empty. */
typedef struct {
    double sum, count;         /* of the present cluster; sums are of the items less `shift` */
    double all_sum, all_count; /* of those that have ended */
    double ss, sc, cc;         /* sums over them of sum^2, sum * count, count^2 */
    double shift;              /* near the mean, so that the squares cancel little */
    int64_t n_clusters;
} mg_ratio;

/* mg_ratio_add()  an item with value x, or (x, 1) generally: `x` to the numerator and `weight` to the denominator;
 * NaN, as of a method without a row for the window, is left out of both */
void mg_ratio_add(mg_ratio *ratio, double x, double weight);

/* mg_ratio_end_cluster()  the cluster of n ratios ends */
void mg_ratio_end_cluster(mg_ratio *ratio, size_t n);

/* mg_ratio_estimate()  after the last cluster has ended */
mg_estimate mg_ratio_estimate(const mg_ratio *ratio);

/* mg_share_estimate()  the same for a share: the interval is cut at 0 and 1
 *
 * Where none of the items, or all of them, are counted, they show no spread, and the linearised interval would have no
 * width. The open end is then that of Wilson's interval with as many draws as clusters, z^2 / (T + z^2) from the
 * share: as if the items of a cluster were one.
 * Source: Wilson 1927, J. Am. Stat. Assoc. 22:209.
 */
mg_estimate mg_share_estimate(const mg_ratio *ratio);

/* Two means and their difference: items of either side come in the same clusters, which the interval of the
 * difference takes into account. All zero is empty. */
typedef struct {
    double now[4];       /* of the present cluster: sum and count of side 0, of side 1 */
    double all[4];       /* of those that have ended */
    double moment[4][4]; /* sums of products over them */
    double shift;        /* of either side */
    int has_shift;
    int64_t n_clusters;
} mg_contrast;

void mg_contrast_add(mg_contrast *contrast, int side, double x);
void mg_contrast_end_cluster(mg_contrast *contrast, size_t n);
/* mg_contrast_side()  the mean of side 0 or 1 */
mg_estimate mg_contrast_side(const mg_contrast *contrast, int side);
/* mg_contrast_difference()  mean of side 0 minus mean of side 1; n counts both sides */
mg_estimate mg_contrast_difference(const mg_contrast *contrast);

#endif
