/* ranking.c  blocks of clusters */
#include "src/statistics/ranking.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/statistics/bootstrap.h"
#include "src/core/memory.h"
#include "src/statistics/replicate.h"

static bool in_group(const mg_summary_input *in, mg_group group, size_t w)
{
    return in->group[w] >> group & 1;
}

static double merit(const mg_summary_input *in, size_t m, size_t w)
{
    double value = in->value[m * in->n_windows + w];
    return mg_merit(in->better, value);
}

/* Sums are kept by cluster number. */
static mg_status check_clusters(const mg_summary_input *in, mg_error *err)
{
    for (size_t w = 0; w < in->n_windows; w++)
        if (in->cluster[w] < 0 || (uint64_t)in->cluster[w] >= in->n_clusters)
            return mg_fail(err, MG_EINPUT, "window %zu is of cluster %lld, which is none of %zu", w,
                           (long long)in->cluster[w], in->n_clusters);
    return MG_OK;
}

/* --- ranks --- */

/* What one call works with. */
typedef struct {
    size_t n_compared;
    size_t *method; /* (n_methods) those that are defined somewhere, of which n_compared count */
    double *sum;    /* (n_clusters, n_methods) of their merits, over windows in which all of them are defined, ... */
    uint32_t *n;    /* (n_clusters) ... and how many windows these are */
    mg_friedman_sums ranks;
} block_maker;

static void find_methods(const mg_summary_input *in, mg_group group, block_maker *work)
{
    for (size_t m = 0; m < in->n_methods; m++)
        for (size_t w = 0; w < in->n_windows; w++) {
            if (!in_group(in, group, w) || !isfinite(in->value[m * in->n_windows + w])) continue;
            work->method[work->n_compared++] = m;
            break;
        }
}

static bool all_defined(const mg_summary_input *in, const block_maker *work, size_t w)
{
    for (size_t k = 0; k < work->n_compared; k++)
        if (!isfinite(in->value[work->method[k] * in->n_windows + w])) return false;
    return true;
}

static void rank_blocks(const mg_summary_input *in, mg_group group, block_maker *work)
{
    for (size_t w = 0; w < in->n_windows; w++) {
        if (!in_group(in, group, w) || !all_defined(in, work, w)) continue;
        double *sum = work->sum + in->n_methods * (size_t)in->cluster[w];
        for (size_t k = 0; k < work->n_compared; k++)
            sum[k] += merit(in, work->method[k], w);
        work->n[in->cluster[w]]++;
    }
    for (size_t c = 0; c < in->n_clusters; c++) {
        if (work->n[c] == 0) continue;
        double *mean = work->sum + in->n_methods * c;
        for (size_t k = 0; k < work->n_compared; k++)
            mean[k] /= work->n[c];
        mg_friedman_add(&work->ranks, mean);
    }
}

mg_status mg_rank_clusters(const mg_summary_input *in, mg_group group, mg_friedman *ret, double *mean_rank,
                           mg_error *err)
{
    block_maker work = {0};
    mg_status status;
    if ((status = check_clusters(in, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&work.method, in->n_methods, sizeof *work.method, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&work.sum, in->n_clusters, in->n_methods * sizeof *work.sum, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&work.n, in->n_clusters, sizeof *work.n, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&work.ranks.rank_sum, in->n_methods, sizeof *work.ranks.rank_sum, err)) != MG_OK)
        goto cleanup;
    find_methods(in, group, &work);
    work.ranks.n_methods = work.n_compared;
    if (work.n_compared > 0) rank_blocks(in, group, &work);
    *ret = mg_friedman_test(&work.ranks);
    for (size_t m = 0; m < in->n_methods; m++)
        mean_rank[m] = NAN;
    for (size_t k = 0; k < work.n_compared && work.ranks.n_blocks > 0; k++)
        mean_rank[work.method[k]] = work.ranks.rank_sum[k] / (double)work.ranks.n_blocks;
cleanup:
    free(work.method);
    free(work.sum);
    free(work.n);
    free(work.ranks.rank_sum);
    return status;
}

/* --- differences --- */

/* Clusters with a window in the group get the numbers 0, 1, ...: number - OUT (n_clusters); returns how many. */
static size_t number_clusters(const mg_summary_input *in, mg_group group, uint32_t *number)
{
    uint32_t n = 0;
    for (size_t w = 0; w < in->n_windows; w++)
        if (in_group(in, group, w)) number[in->cluster[w]] = 1;
    for (size_t c = 0; c < in->n_clusters; c++)
        if (number[c] > 0) number[c] = n++;
    return n;
}

/* Add window w to its cluster's sums and counts, (2, n_pairs). */
static void add_differences(const mg_summary_input *in, size_t w, size_t n_pairs, double *total)
{
    double sign = in->better > 0 ? 1 : -1;
    size_t pair = 0;
    for (size_t m = 0; m < in->n_methods; m++)
        for (size_t o = m + 1; o < in->n_methods; o++, pair++) {
            double difference = merit(in, m, w) - merit(in, o, w);
            if (!isfinite(difference)) continue;
            total[pair] += sign * difference;
            total[n_pairs + pair]++;
        }
}

mg_status mg_difference_intervals(const mg_summary_input *in, mg_group group, double *low, double *high, mg_error *err)
{
    size_t n_pairs = mg_summary_n_pairs(in->n_methods), columns = mg_replicate_columns(2 * n_pairs), n = 0;
    uint32_t *number = NULL, *count_column = NULL;
    double *total = NULL;
    mg_status status = check_clusters(in, err);
    if (status == MG_OK) status = mg_alloc(&number, in->n_clusters, sizeof *number, err);
    if (status == MG_OK) status = mg_alloc(&count_column, n_pairs, sizeof *count_column, err);
    if (status == MG_OK) {
        n = number_clusters(in, group, number);
        status = mg_alloc(&total, n, columns * sizeof *total, err);
    }
    for (size_t w = 0; w < in->n_windows && status == MG_OK; w++)
        if (in_group(in, group, w)) add_differences(in, w, n_pairs, total + columns * number[in->cluster[w]]);
    if (status == MG_OK) {
        columns = mg_bootstrap_pack(total, n, n_pairs, count_column);
        mg_bootstrap_sample sample = {n_pairs, columns, total, count_column};
        status = mg_bootstrap_means(&sample, n, in->seed, in->n_bootstrap, low, high, err);
    }
    free(number);
    free(count_column);
    free(total);
    return status;
}

/* --- bars --- */

size_t mg_rank_bars(const double *mean_rank, size_t n, double critical_difference, size_t *order, mg_rank_bar *bar)
{
    size_t n_ranked = 0, n_bars = 0, furthest = 0;
    for (size_t m = 0; m < n; m++) { /* insertion: a handful of methods */
        if (isnan(mean_rank[m])) continue;
        size_t k = n_ranked++;
        for (; k > 0 && mean_rank[order[k - 1]] > mean_rank[m]; k--)
            order[k] = order[k - 1];
        order[k] = m;
    }
    for (size_t begin = 0; begin < n_ranked; begin++) {
        size_t end = begin + 1;
        while (end < n_ranked && mean_rank[order[end]] - mean_rank[order[begin]] < critical_difference)
            end++;
        if (end - begin > 1 && end > furthest) bar[n_bars++] = (mg_rank_bar){begin, end};
        furthest = end > furthest ? end : furthest;
    }
    return n_bars;
}
