/* ranking.c  blocks of transcripts */
#include "src/statistics/ranking.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/statistics/bootstrap.h"
#include "src/core/memory.h"

static bool in_group(const mg_summary_input *in, mg_group group, size_t w)
{
    return in->group[w] >> group & 1;
}

static double merit(const mg_summary_input *in, size_t m, size_t w)
{
    double value = in->value[m * in->n_windows + w];
    return mg_metrics[in->metric].better > 0 ? value : -fabs(value);
}

/* --- ranks --- */

/* What one call works with; arrays of n_methods, of which the first n_compared count. */
typedef struct {
    size_t n_compared;
    size_t *method; /* those that are defined somewhere */
    double *sum;    /* of the present transcript */
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
    for (size_t w = 0; w < in->n_windows;) {
        int64_t transcript = in->transcript[w];
        size_t n = 0;
        memset(work->sum, 0, in->n_methods * sizeof *work->sum);
        for (; w < in->n_windows && in->transcript[w] == transcript; w++) {
            if (!in_group(in, group, w) || !all_defined(in, work, w)) continue;
            for (size_t k = 0; k < work->n_compared; k++)
                work->sum[k] += merit(in, work->method[k], w);
            n++;
        }
        if (n == 0) continue;
        for (size_t k = 0; k < work->n_compared; k++)
            work->sum[k] /= (double)n;
        mg_friedman_add(&work->ranks, work->sum);
    }
}

mg_status mg_rank_transcripts(const mg_summary_input *in, mg_group group, mg_friedman *ret, double *mean_rank,
                              mg_error *err)
{
    block_maker work = {0};
    mg_status status;
    if ((status = mg_alloc(&work.method, in->n_methods, sizeof *work.method, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&work.sum, in->n_methods, sizeof *work.sum, err)) != MG_OK) goto cleanup;
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
    free(work.ranks.rank_sum);
    return status;
}

/* --- differences --- */

static size_t count_transcripts(const mg_summary_input *in, mg_group group)
{
    size_t n = 0;
    int64_t last = -1;
    for (size_t w = 0; w < in->n_windows; w++) {
        if (!in_group(in, group, w) || in->transcript[w] == last) continue;
        last = in->transcript[w];
        n++;
    }
    return n;
}

/* Add window w to its transcript's sums and counts, (2, n_pairs); true when any pair is defined. */
static bool add_differences(const mg_summary_input *in, size_t w, size_t n_pairs, double *total)
{
    double sign = mg_metrics[in->metric].better > 0 ? 1 : -1;
    bool any = false;
    size_t pair = 0;
    for (size_t m = 0; m < in->n_methods; m++)
        for (size_t o = m + 1; o < in->n_methods; o++, pair++) {
            double difference = merit(in, m, w) - merit(in, o, w);
            if (!isfinite(difference)) continue;
            total[pair] += sign * difference;
            total[n_pairs + pair]++;
            any = true;
        }
    return any;
}

mg_status mg_difference_intervals(const mg_summary_input *in, mg_group group, double *low, double *high, mg_error *err)
{
    size_t n_pairs = mg_summary_n_pairs(in->n_methods), n_transcripts = 0;
    double *total = NULL;
    mg_status status = mg_alloc(&total, count_transcripts(in, group), 2 * n_pairs * sizeof *total, err);
    if (status != MG_OK) return status;
    for (size_t w = 0; w < in->n_windows;) {
        int64_t transcript = in->transcript[w];
        bool any = false;
        for (; w < in->n_windows && in->transcript[w] == transcript; w++)
            if (in_group(in, group, w))
                any = add_differences(in, w, n_pairs, total + 2 * n_pairs * n_transcripts) || any;
        n_transcripts += any;
    }
    status = mg_bootstrap_means(total, n_transcripts, n_pairs, in->seed, in->n_bootstrap, low, high, err);
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
