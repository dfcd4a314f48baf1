/* cluster.c  linearised intervals of ratios and of differences of ratios
 *
 * Values are taken less a shift, which is the first cluster's mean: u_t does not change when a constant is taken off
 * all items, and the squares then lose no digits when the mean is large against the spread.
 */
#include "src/statistics/cluster.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

enum { PARTS = 4 };
static const double wilson = 1.959963984540054 * 1.959963984540054; /* z(0.975)^2 */

static mg_estimate estimate(double mean, double squares, double n, int64_t n_clusters)
{
    mg_estimate e = {mean, NAN, NAN, n, n_clusters};
    if (n_clusters < 2 || isnan(mean)) return e;
    double t = (double)n_clusters, error = sqrt(fmax(0, squares) * t / (t - 1));
    double width = gsl_cdf_tdist_Pinv(0.975, t - 1) * error;
    e.low = mean - width;
    e.high = mean + width;
    return e;
}

/* --- one ratio --- */

void mg_ratio_add(mg_ratio *ratio, double x, double weight)
{
    if (isnan(x)) return;
    ratio->sum += x;
    ratio->count += weight;
}

static void end_cluster(mg_ratio *ratio)
{
    if (ratio->count == 0) return;
    if (ratio->n_clusters == 0) ratio->shift = ratio->sum / ratio->count;
    double sum = ratio->sum - ratio->shift * ratio->count, count = ratio->count;
    ratio->all_sum += sum;
    ratio->all_count += count;
    ratio->ss += sum * sum;
    ratio->sc += sum * count;
    ratio->cc += count * count;
    ratio->n_clusters++;
    ratio->sum = ratio->count = 0;
}

void mg_ratio_end_cluster(mg_ratio *ratio, size_t n)
{
    for (size_t k = 0; k < n; k++)
        end_cluster(&ratio[k]);
}

mg_estimate mg_ratio_estimate(const mg_ratio *ratio)
{
    double n = ratio->all_count;
    if (!(n > 0)) return (mg_estimate){NAN, NAN, NAN, 0, 0};
    double r = ratio->all_sum / n;
    double squares = (ratio->ss - 2 * r * ratio->sc + r * r * ratio->cc) / (n * n);
    return estimate(r + ratio->shift, squares, n, ratio->n_clusters);
}

mg_estimate mg_share_estimate(const mg_ratio *ratio)
{
    mg_estimate e = mg_ratio_estimate(ratio);
    double t = (double)e.n_clusters;
    if (e.n_clusters > 1 && e.mean <= 0) e.high = wilson / (t + wilson);
    if (e.n_clusters > 1 && e.mean >= 1) e.low = t / (t + wilson);
    if (e.low < 0) e.low = 0; /* comparisons leave a NaN as it is */
    if (e.high > 1) e.high = 1;
    return e;
}

/* --- two means --- */

void mg_contrast_add(mg_contrast *contrast, int side, double x)
{
    if (isnan(x)) return;
    if (!contrast->has_shift) {
        contrast->has_shift = 1;
        contrast->shift = x;
    }
    contrast->now[2 * side] += x - contrast->shift;
    contrast->now[2 * side + 1]++;
}

void mg_contrast_end_cluster(mg_contrast *contrast, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        mg_contrast *c = &contrast[k];
        if (c->now[1] + c->now[3] == 0) continue;
        for (int i = 0; i < PARTS; i++) {
            c->all[i] += c->now[i];
            for (int j = 0; j < PARTS; j++)
                c->moment[i][j] += c->now[i] * c->now[j];
        }
        c->n_clusters++;
        memset(c->now, 0, sizeof c->now);
    }
}

/* sum over clusters of (weight . parts)^2 */
static double squares_of(const mg_contrast *contrast, const double weight[PARTS])
{
    double sum = 0;
    for (int i = 0; i < PARTS; i++)
        for (int j = 0; j < PARTS; j++)
            sum += weight[i] * weight[j] * contrast->moment[i][j];
    return sum;
}

/* u_t of one side, as weights of the parts; returns the side's mean less the shift, NaN without items */
static double linearise(const mg_contrast *contrast, int side, double sign, double weight[PARTS])
{
    double n = contrast->all[2 * side + 1];
    if (!(n > 0)) return NAN;
    double mean = contrast->all[2 * side] / n;
    weight[2 * side] = sign / n;
    weight[2 * side + 1] = -sign * mean / n;
    return mean;
}

mg_estimate mg_contrast_side(const mg_contrast *contrast, int side)
{
    double weight[PARTS] = {0};
    double mean = linearise(contrast, side, 1, weight);
    return estimate(mean + contrast->shift, squares_of(contrast, weight), contrast->all[2 * side + 1],
                    contrast->n_clusters);
}

mg_estimate mg_contrast_difference(const mg_contrast *contrast)
{
    double weight[PARTS] = {0};
    double difference = linearise(contrast, 0, 1, weight) - linearise(contrast, 1, -1, weight);
    return estimate(difference, squares_of(contrast, weight), contrast->all[1] + contrast->all[3],
                    contrast->n_clusters);
}
