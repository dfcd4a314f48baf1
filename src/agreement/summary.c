/* summary.c  aggregates of one metric: a group at a time, and in it first each method, then each pair
 *
 * Sums run over windows in their order and then over transcripts in theirs. GSL gives quantiles, random numbers and the
 * normal distribution; its mean and variance are not used because they add in long double, whose width is the
 * machine's.
 */
#include "src/agreement/summary.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "src/agreement/bootstrap.h"
#include "src/agreement/rank.h"
#include "src/agreement/wilcoxon.h"
#include "src/core/memory.h"

const char *const mg_group_names[MG_N_GROUPS] = {"all", "annotated", "called"};

/* What one call works with; arrays over windows have room for all, whatever the group. */
typedef struct {
    const mg_summary_input *in;
    size_t n;             /* windows of the present group */
    uint32_t *window;     /* (n) their indices, ascending */
    size_t n_transcripts; /* transcripts of the group with a value of any method */
    double *total;        /* (n_transcripts, 2, n_methods) sums, then counts, of the values of each method */
    double *low, *high;   /* (n_methods) */
    double *x, *y;        /* (n_windows) scratch */
    uint32_t *order;      /* (n_windows) scratch */
    double *p, *p_holm;   /* (n_pairs) */
    uint32_t *p_order;    /* (n_pairs) scratch */
    mg_sorter *sorter;
} aggregator;

size_t mg_summary_n_pairs(size_t n_methods)
{
    return n_methods > 0 ? n_methods * (n_methods - 1) / 2 : 0;
}

static size_t count_transcripts(const mg_summary_input *in)
{
    size_t n = in->n_windows > 0;
    for (size_t w = 1; w < in->n_windows; w++)
        n += in->transcript[w] != in->transcript[w - 1];
    return n;
}

static mg_status create_work(aggregator *work, const mg_summary_input *in, mg_error *err)
{
    size_t n = in->n_windows, n_methods = in->n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    mg_status status;
    work->in = in;
    if ((status = mg_sorter_create(n, &work->sorter, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->window, n, sizeof *work->window, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->order, n, sizeof *work->order, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->x, n, sizeof *work->x, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->y, n, sizeof *work->y, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->low, n_methods, sizeof *work->low, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->high, n_methods, sizeof *work->high, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->p, n_pairs, sizeof *work->p, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->p_holm, n_pairs, sizeof *work->p_holm, err)) != MG_OK) return status;
    if ((status = mg_alloc(&work->p_order, n_pairs, sizeof *work->p_order, err)) != MG_OK) return status;
    return mg_alloc(&work->total, count_transcripts(in), 2 * n_methods * sizeof *work->total, err);
}

static void destroy_work(aggregator *work)
{
    mg_sorter_destroy(work->sorter);
    free(work->window);
    free(work->order);
    free(work->x);
    free(work->y);
    free(work->low);
    free(work->high);
    free(work->p);
    free(work->p_holm);
    free(work->p_order);
    free(work->total);
}

/* --- each method --- */

static const float *values_of(const mg_summary_input *in, size_t method)
{
    return in->value + method * in->n_windows;
}

static void select_group(aggregator *work, int group)
{
    work->n = 0;
    for (size_t w = 0; w < work->in->n_windows; w++)
        if (work->in->group[w] >> group & 1) work->window[work->n++] = (uint32_t)w;
}

/* Sums and counts of every method in every transcript; transcripts without any value take no part. */
static void total_transcripts(aggregator *work)
{
    const mg_summary_input *in = work->in;
    size_t n_methods = in->n_methods;
    work->n_transcripts = 0;
    for (size_t k = 0; k < work->n;) {
        int64_t transcript = in->transcript[work->window[k]];
        double *sum = work->total + 2 * n_methods * work->n_transcripts, *count = sum + n_methods;
        bool any = false;
        memset(sum, 0, 2 * n_methods * sizeof *sum);
        for (; k < work->n && in->transcript[work->window[k]] == transcript; k++)
            for (size_t m = 0; m < n_methods; m++) {
                float value = values_of(in, m)[work->window[k]];
                if (!isfinite(value)) continue;
                sum[m] += value;
                count[m]++;
                any = true;
            }
        work->n_transcripts += any;
    }
}

static double mean_of_method(const aggregator *work, size_t m, mg_summary_row *row)
{
    double sum = 0;
    size_t n_methods = work->in->n_methods;
    for (size_t t = 0; t < work->n_transcripts; t++) {
        const double *total = work->total + 2 * n_methods * t;
        sum += total[m];
        row->n += (int64_t)total[n_methods + m];
        row->n_transcripts += total[n_methods + m] > 0;
    }
    return row->n > 0 ? sum / (double)row->n : NAN;
}

/* Spread and quantiles of method m: x gets its values, y the same in ascending order. */
static void describe_values(aggregator *work, size_t m, mg_summary_row *row)
{
    const float *value = values_of(work->in, m);
    double *x = work->x, *y = work->y, squares = 0;
    size_t n = 0;
    for (size_t k = 0; k < work->n; k++)
        if (isfinite(value[work->window[k]])) x[n++] = value[work->window[k]];
    for (size_t k = 0; k < n; k++)
        squares += (x[k] - row->mean) * (x[k] - row->mean);
    row->sd = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    row->median = row->q25 = row->q75 = NAN;
    if (n == 0) return;
    mg_sort_descending(work->sorter, x, n, work->order);
    for (size_t k = 0; k < n; k++)
        y[n - 1 - k] = x[work->order[k]];
    row->q25 = gsl_stats_quantile_from_sorted_data(y, 1, n, 0.25);
    row->median = gsl_stats_quantile_from_sorted_data(y, 1, n, 0.5);
    row->q75 = gsl_stats_quantile_from_sorted_data(y, 1, n, 0.75);
}

static mg_status summarise_methods(aggregator *work, int group, mg_summary_row *row, mg_error *err)
{
    const mg_summary_input *in = work->in;
    total_transcripts(work);
    mg_status status = mg_bootstrap_means(work->total, work->n_transcripts, in->n_methods, in->seed, in->n_bootstrap,
                                          work->low, work->high, err);
    if (status != MG_OK) return status;
    for (size_t m = 0; m < in->n_methods; m++) {
        row[m] = (mg_summary_row){.method = (int32_t)m, .metric = (int32_t)in->metric, .group = group};
        row[m].mean = mean_of_method(work, m, &row[m]);
        row[m].n_undefined = (int64_t)work->n - row[m].n;
        row[m].low = row[m].n_transcripts > 1 ? work->low[m] : NAN;
        row[m].high = row[m].n_transcripts > 1 ? work->high[m] : NAN;
        row[m].mean_rank = NAN;
        describe_values(work, m, &row[m]);
    }
    return MG_OK;
}

/* --- methods against each other --- */

/* A number that is larger for the better method: the value, or less its magnitude where small is good. */
static double merit(const mg_summary_input *in, double value)
{
    return mg_metrics[in->metric].better > 0 ? value : -fabs(value);
}

/* Merits of the methods that have a value anywhere in the group, at window w; false if one has none here. */
static bool gather_merits(const mg_summary_input *in, const mg_summary_row *row, size_t w, double *merits)
{
    for (size_t m = 0; m < in->n_methods; m++) {
        float value = values_of(in, m)[w];
        merits[m] = NAN;
        if (row[m].n == 0) continue;
        if (!isfinite(value)) return false;
        merits[m] = merit(in, value);
    }
    return true;
}

/* Mid-ranks among methods, averaged over windows. Comparing all with all is quick for a handful of methods, and a
 * method without merit (NaN) compares as neither better nor equal. */
static void rank_methods(aggregator *work, mg_summary_row *row)
{
    size_t n_methods = work->in->n_methods, n_ranked = 0;
    double *merits = work->low, *rank_sum = work->high; /* their intervals are in the rows by now */
    memset(rank_sum, 0, n_methods * sizeof *rank_sum);
    for (size_t k = 0; k < work->n; k++) {
        if (!gather_merits(work->in, row, work->window[k], merits)) continue;
        n_ranked++;
        for (size_t m = 0; m < n_methods; m++) {
            int n_better = 0, n_equal = 0;
            for (size_t o = 0; o < n_methods; o++) {
                n_better += merits[o] > merits[m];
                n_equal += merits[o] == merits[m];
            }
            rank_sum[m] += n_better + 0.5 * (1 + n_equal);
        }
    }
    for (size_t m = 0; m < n_methods; m++)
        if (row[m].n > 0 && n_ranked > 0) row[m].mean_rank = rank_sum[m] / (double)n_ranked;
}

/* Counts of pair->method against pair->other, and x[] = mean difference of merit of each transcript; how many. */
static size_t compare_pair(aggregator *work, mg_summary_pair *pair)
{
    const mg_summary_input *in = work->in;
    const float *mine = values_of(in, (size_t)pair->method), *others = values_of(in, (size_t)pair->other);
    size_t n_transcripts = 0;
    double sum = 0;
    for (size_t k = 0; k < work->n;) {
        int64_t transcript = in->transcript[work->window[k]], n_before = pair->n;
        double transcript_sum = 0;
        for (; k < work->n && in->transcript[work->window[k]] == transcript; k++) {
            float a = mine[work->window[k]], b = others[work->window[k]];
            if (!isfinite(a) || !isfinite(b)) continue;
            double difference = merit(in, a) - merit(in, b);
            pair->n++;
            pair->n_wins += difference > 0;
            pair->n_ties += difference == 0;
            transcript_sum += difference;
        }
        if (pair->n == n_before) continue;
        work->x[n_transcripts++] = transcript_sum / (double)(pair->n - n_before);
        sum += transcript_sum;
    }
    double mean = pair->n > 0 ? sum / (double)pair->n : NAN;
    pair->mean_difference = mg_metrics[in->metric].better > 0 ? mean : 0 - mean; /* no -0 */
    return n_transcripts;
}

static void compare_pairs(aggregator *work, int group, mg_summary_pair *pair)
{
    const mg_summary_input *in = work->in;
    size_t n_pairs = 0;
    for (size_t m = 0; m < in->n_methods; m++)
        for (size_t o = m + 1; o < in->n_methods; o++, n_pairs++) {
            pair[n_pairs] = (mg_summary_pair){
                .method = (int32_t)m, .other = (int32_t)o, .metric = (int32_t)in->metric, .group = group};
            size_t n = compare_pair(work, &pair[n_pairs]);
            work->p[n_pairs] = mg_wilcoxon(work->x, n, work->sorter, work->y, work->order);
        }
    mg_holm(work->p, n_pairs, work->p_holm, work->p_order);
    for (size_t k = 0; k < n_pairs; k++) {
        pair[k].p = work->p[k];
        pair[k].p_holm = work->p_holm[k];
    }
}

mg_status mg_summarise(const mg_summary_input *input, mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    size_t n_pairs = mg_summary_n_pairs(input->n_methods);
    aggregator work = {0};
    mg_status status = create_work(&work, input, err);
    for (int group = 0; group < MG_N_GROUPS && status == MG_OK; group++) {
        mg_summary_row *group_row = row + (size_t)group * input->n_methods;
        select_group(&work, group);
        status = summarise_methods(&work, group, group_row, err);
        if (status != MG_OK) break;
        rank_methods(&work, group_row);
        compare_pairs(&work, group, pair + (size_t)group * n_pairs);
    }
    destroy_work(&work);
    return status;
}
