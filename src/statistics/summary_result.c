/* summary_result.c  rows and pairs of a summary whose sweeps are over, alone or of several that share their draws */
#include <math.h>
#include <stdlib.h>

#include "src/core/memory.h"
#include "src/statistics/summary_parts.h"
#include "src/statistics/wilcoxon.h"

enum { AT_ONCE = 8 }; /* pairs whose differences are gathered at once */

/* --- rows --- */

mg_bootstrap_sample mg_summary_sample(const mg_summary *summary, size_t *ret_n_clusters)
{
    *ret_n_clusters = summary->n_clusters;
    return (mg_bootstrap_sample){summary->n_all, summary->columns, summary->total, summary->count_column};
}

/* Twice the sum of the method's mid-ranks over the windows that are ranked. */
static int64_t twice_ranks(const mg_summary *s, size_t m)
{
    int64_t sum = 2 * s->n_ranked;
    for (size_t p = 0; p < s->n_pairs; p++) {
        const mg_contest *c = &s->contest[p];
        if (c->other >= s->plan.n_methods) break; /* baselines have no rank, and give none */
        if ((c->method != m && c->other != m) || s->n[c->method] == 0 || s->n[c->other] == 0) continue;
        int64_t n_wins = c->n_wins - c->n_unranked_wins, n_ties = c->n_ties - c->n_unranked_ties;
        sum += n_ties + 2 * (c->other == m ? n_wins : s->n_ranked - n_wins - n_ties);
    }
    return sum;
}

static int64_t count_clusters(const mg_summary *s, size_t m)
{
    int64_t n = 0;
    for (size_t k = 0; k < s->n_clusters; k++)
        n += s->total[s->columns * k + s->count_column[m]] > 0;
    return n;
}

void mg_summary_fill_rows(const mg_summary *s, const double *low, const double *high, mg_summary_row *row)
{
    for (size_t m = 0; m < s->n_all; m++) {
        double quartile[3];
        int64_t n = s->n[m], n_clusters = count_clusters(s, m);
        mg_quartiles_get(&s->quartiles[m], quartile);
        row[m] = (mg_summary_row){.method = (int32_t)m,
                                  .metric = (int32_t)s->plan.metric,
                                  .group = (int32_t)s->plan.group,
                                  .better = (int32_t)s->plan.better,
                                  .n = n,
                                  .n_undefined = s->n_windows - n,
                                  .n_unmeasured = s->n_unmeasured,
                                  .n_clusters = n_clusters,
                                  .mean = s->mean[m],
                                  .sd = n > 1 ? sqrt(s->squares[m] / (double)(n - 1)) : NAN,
                                  .low = n_clusters > 1 ? low[m] : NAN,
                                  .high = n_clusters > 1 ? high[m] : NAN,
                                  .q25 = quartile[0],
                                  .median = quartile[1],
                                  .q75 = quartile[2]};
        row[m].mean_rank = n > 0 && s->n_ranked > 0 && m < s->plan.n_methods && !s->plan.untested
                               ? 0.5 * (double)twice_ranks(s, m) / (double)s->n_ranked
                               : NAN;
    }
}

/* --- pairs --- */

/* Room for the tests of all pairs. */
typedef struct {
    mg_sorter *sorter;
    double *difference; /* (AT_ONCE, n_clusters) */
    double sum[AT_ONCE];
    size_t n[AT_ONCE];
    double *magnitude;  /* (n_clusters) */
    uint32_t *order;    /* (n_clusters) */
    double *p, *p_holm; /* (n_pairs) */
    uint32_t *p_order;  /* (n_pairs) */
} tests;

static mg_status create_tests(const mg_summary *s, tests *ret, mg_error *err)
{
    size_t n = s->n_clusters;
    mg_status status = mg_sorter_create(n, &ret->sorter, err);
    if (status == MG_OK) status = mg_alloc(&ret->difference, AT_ONCE * n + s->n_all, sizeof *ret->difference, err);
    if (status == MG_OK) status = mg_alloc(&ret->magnitude, n + s->n_all, sizeof *ret->magnitude, err);
    if (status == MG_OK) status = mg_alloc(&ret->order, n, sizeof *ret->order, err);
    if (status == MG_OK) status = mg_alloc(&ret->p, s->n_pairs, sizeof *ret->p, err);
    if (status == MG_OK) status = mg_alloc(&ret->p_holm, s->n_pairs, sizeof *ret->p_holm, err);
    return status == MG_OK ? mg_alloc(&ret->p_order, s->n_pairs, sizeof *ret->p_order, err) : status;
}

static void destroy_tests(tests *t)
{
    mg_sorter_destroy(t->sorter);
    free(t->difference);
    free(t->magnitude);
    free(t->order);
    free(t->p);
    free(t->p_holm);
    free(t->p_order);
}

size_t mg_summary_pairs_bytes(const mg_summary_plan *plan)
{
    size_t cluster =
        2 * sizeof(uint64_t) + (AT_ONCE + 1) * sizeof(double) + 3 * sizeof(uint32_t); /* sort, and what is sorted */
    return plan->n_clusters * cluster +
           mg_summary_n_contests(plan->n_methods, plan->n_baselines) * (2 * sizeof(double) + sizeof(uint32_t));
}

/* The clusters' mean differences of some pairs, of those clusters that have any; the clusters come by once. */
static void gather_differences(const mg_summary *s, size_t first, size_t n_pairs, tests *t)
{
    for (size_t i = 0; i < n_pairs; i++) {
        t->n[i] = 0;
        t->sum[i] = 0;
    }
    for (size_t k = 0; k < s->n_clusters; k++)
        for (size_t i = 0; i < n_pairs; i++) {
            uint32_t count = s->n_differences[s->n_pairs * k + first + i];
            if (count == 0) continue;
            double sum = s->difference[s->n_pairs * k + first + i];
            t->sum[i] += sum;
            t->difference[i * s->n_clusters + t->n[i]++] = sum / count;
        }
}

static void fill_pair(const mg_summary *s, size_t p, double sum, mg_summary_pair *pair)
{
    const mg_contest *c = &s->contest[p];
    double mean = c->n > 0 ? sum / (double)c->n : NAN;
    *pair = (mg_summary_pair){.method = (int32_t)c->method,
                              .other = (int32_t)c->other,
                              .metric = (int32_t)s->plan.metric,
                              .group = (int32_t)s->plan.group,
                              .better = (int32_t)s->plan.better,
                              .n = c->n,
                              .n_wins = c->n_wins,
                              .n_ties = c->n_ties};
    pair->mean_difference = s->plan.better > 0 ? mean : 0 - mean; /* no -0 */
}

static void test_pairs(const mg_summary *s, tests *t, mg_summary_pair *pair)
{
    for (size_t first = 0; first < s->n_pairs; first += AT_ONCE) {
        size_t n_pairs = s->n_pairs - first < AT_ONCE ? s->n_pairs - first : AT_ONCE;
        gather_differences(s, first, n_pairs, t);
        for (size_t i = 0; i < n_pairs; i++) {
            fill_pair(s, first + i, t->sum[i], &pair[first + i]);
            t->p[first + i] = s->plan.untested ? NAN
                                               : mg_wilcoxon(t->difference + i * s->n_clusters, t->n[i], t->sorter,
                                                             t->magnitude, t->order);
        }
    }
}

/* Methods with each other are one family of tests, methods with a baseline another. */
static void correct(const mg_summary *s, tests *t)
{
    size_t n_methods = s->plan.n_methods, n_baselines = s->plan.n_baselines, first = mg_summary_n_pairs(n_methods);
    mg_holm(t->p, first, t->p_holm, t->p_order);
    for (size_t b = 0; b < n_baselines; b++) {
        for (size_t m = 0; m < n_methods; m++)
            t->magnitude[m] = t->p[first + m * n_baselines + b];
        mg_holm(t->magnitude, n_methods, t->difference, t->p_order);
        for (size_t m = 0; m < n_methods; m++)
            t->p_holm[first + m * n_baselines + b] = t->difference[m];
    }
}

mg_status mg_summary_fill_pairs(const mg_summary *summary, mg_summary_pair *pair, mg_error *err)
{
    tests t = {0};
    if (summary->out_of_plan)
        return mg_fail(err, MG_EINPUT, "a window is of a cluster that is not one of the %zu planned",
                       summary->plan.n_clusters);
    mg_status status = create_tests(summary, &t, err);
    if (status == MG_OK) {
        test_pairs(summary, &t, pair);
        correct(summary, &t);
        for (size_t p = 0; p < summary->n_pairs; p++) {
            pair[p].p = t.p[p];
            pair[p].p_holm = t.p_holm[p];
        }
    }
    destroy_tests(&t);
    return status;
}

/* --- several summaries --- */

mg_status mg_summary_fill_all_pairs(mg_summary *const *summary, size_t n, mg_summary_pair *pair, mg_error *err)
{
    mg_status status = MG_OK;
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t k = 0; k < n; k++) {
        mg_error mine;
        mg_status got = mg_summary_fill_pairs(summary[k], pair + k * summary[k]->n_pairs, &mine);
        if (got == MG_OK) continue;
#pragma omp critical(mg_summary_failed)
        if (status == MG_OK) {
            status = got;
            *err = mine;
        }
    }
    return status;
}

/* Summaries of as many clusters share their draws; *ret: which they are, from `first` on, ret_n of them. */
static size_t find_alike(mg_summary *const *summary, size_t n, size_t first, bool *done, size_t *which,
                         mg_bootstrap_sample *sample)
{
    size_t n_alike = 0, n_clusters;
    for (size_t k = first; k < n; k++) {
        if (done[k] || summary[k]->n_clusters != summary[first]->n_clusters) continue;
        done[k] = true;
        which[n_alike] = k;
        sample[n_alike++] = mg_summary_sample(summary[k], &n_clusters);
    }
    return n_alike;
}

/* Room to draw for several summaries at once. */
typedef struct {
    bool *done;                  /* (n) */
    size_t *which;               /* (n) */
    mg_bootstrap_sample *sample; /* (n) */
    double *mean;                /* (n_bootstrap, n, n_methods) */
    double *sorted;              /* (n_bootstrap) */
    double *low, *high;          /* (n_methods) */
} drawing;

static mg_status create_drawing(const mg_summary_plan *plan, size_t n, drawing *ret, mg_error *err)
{
    size_t n_bootstrap = plan->n_bootstrap > 0 ? (size_t)plan->n_bootstrap : 0;
    mg_status status = mg_alloc(&ret->done, n, sizeof *ret->done, err);
    if (status == MG_OK) status = mg_alloc(&ret->which, n, sizeof *ret->which, err);
    if (status == MG_OK) status = mg_alloc(&ret->sample, n, sizeof *ret->sample, err);
    if (status == MG_OK)
        status = mg_alloc(&ret->mean, n_bootstrap, n * (plan->n_methods + plan->n_baselines) * sizeof *ret->mean, err);
    if (status == MG_OK) status = mg_alloc(&ret->sorted, n_bootstrap, sizeof *ret->sorted, err);
    if (status == MG_OK) status = mg_alloc(&ret->low, plan->n_methods + plan->n_baselines, sizeof *ret->low, err);
    return status == MG_OK ? mg_alloc(&ret->high, plan->n_methods + plan->n_baselines, sizeof *ret->high, err) : status;
}

static void destroy_drawing(drawing *d)
{
    free(d->done);
    free(d->which);
    free(d->sample);
    free(d->mean);
    free(d->sorted);
    free(d->low);
    free(d->high);
}

/* The rows of those that are alike. */
static mg_status draw_alike(mg_summary *const *summary, const drawing *d, size_t n_alike, mg_summary_row *row,
                            mg_error *err)
{
    const mg_summary *first = summary[d->which[0]];
    size_t n_methods = first->n_all;
    size_t n = first->plan.n_bootstrap > 0 && first->n_clusters > 1 ? (size_t)first->plan.n_bootstrap : 0;
    mg_status status = MG_OK;
    if (n > 0)
        status = mg_bootstrap_replicates(d->sample, n_alike, first->n_clusters, first->plan.seed, 0, (int64_t)n,
                                         d->mean, err);
    for (size_t k = 0; k < n_alike && status == MG_OK; k++) {
        for (size_t m = 0; m < n_methods; m++)
            mg_bootstrap_interval(d->mean + k * n_methods + m, n, n_alike * n_methods, d->sorted, &d->low[m],
                                  &d->high[m]);
        mg_summary_fill_rows(summary[d->which[k]], d->low, d->high, row + d->which[k] * n_methods);
    }
    return status;
}

mg_status mg_summary_fill_all_rows(mg_summary *const *summary, size_t n, mg_summary_row *row, mg_error *err)
{
    drawing d = {0};
    if (n == 0) return MG_OK;
    mg_status status = create_drawing(&summary[0]->plan, n, &d, err);
    for (size_t first = 0; first < n && status == MG_OK; first++) {
        if (d.done[first]) continue;
        size_t n_alike = find_alike(summary, n, first, d.done, d.which, d.sample);
        status = draw_alike(summary, &d, n_alike, row, err);
    }
    destroy_drawing(&d);
    return status;
}

mg_status mg_summary_finish(mg_summary *summary, mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    mg_status status = mg_summary_fill_all_rows(&summary, 1, row, err);
    return status == MG_OK ? mg_summary_fill_pairs(summary, pair, err) : status;
}
