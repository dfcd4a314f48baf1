/* summary.c  aggregates of one metric in one group, from windows that come by
 *
 * Sums run over windows in their order and then over transcripts in theirs. The first sweep sums up transcripts and
 * counts who wins; the second, when means and the methods that have values are known, takes spread and ranks; quartiles
 * need all three. GSL gives random numbers and the normal distribution; its mean and variance are not used because they
 * add in long double, whose width is the machine's.
 */
#include "src/statistics/summary.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/statistics/bootstrap.h"
#include "src/statistics/quartile.h"
#include "src/faithfulness/rank.h"
#include "src/statistics/wilcoxon.h"
#include "src/core/memory.h"

const char *const mg_group_names[MG_N_GROUPS] = {"all", "annotated", "called"};

/* Two methods against each other. */
typedef struct {
    size_t method, other;
    int64_t n, n_wins, n_ties; /* windows */
    double sum;                /* of the transcripts' sums */
    double transcript_sum;     /* of the transcript at hand, ... */
    int64_t n_before;          /* ... and n when it began */
    size_t n_transcripts;      /* with windows where both are defined */
} contest;

struct mg_summary {
    mg_summary_plan plan;
    size_t n_pairs;
    int sweep;
    bool has_transcript; /* a transcript is at hand: */
    int64_t transcript;
    bool has_value;          /* of any method in it */
    bool too_many;           /* transcripts */
    int64_t n_windows;       /* of the group */
    size_t n_transcripts;    /* of the group with a value of any method */
    double *total;           /* (n_transcripts, 2, n_methods) sums, then counts, of the values of each method */
    contest *contest;        /* (n_pairs) */
    double *difference;      /* (n_pairs, n_transcripts) mean difference of merit in each transcript */
    mg_quartiles *quartiles; /* (n_methods) */
    int64_t *n;              /* (n_methods) windows with a value, ... */
    double *mean;            /* ... their mean, ... */
    double *squares;         /* ... and the sum of (value - mean)^2 */
    int64_t n_ranked;        /* windows that were ranked */
    int64_t *twice_rank;     /* (n_methods) sum of their ranks, doubled: mid-ranks are halves */
    double *merit;           /* (n_methods) scratch */
};

size_t mg_summary_n_pairs(size_t n_methods)
{
    return n_methods > 0 ? n_methods * (n_methods - 1) / 2 : 0;
}

mg_status mg_summary_create(const mg_summary_plan *plan, mg_summary **ret, mg_error *err)
{
    size_t n = plan->n_methods, n_pairs = mg_summary_n_pairs(n), p = 0;
    mg_summary *s = NULL;
    mg_status status = mg_alloc(&s, 1, sizeof *s, err);
    if (status != MG_OK) return status;
    s->plan = *plan;
    s->n_pairs = n_pairs;
    status = mg_alloc(&s->total, plan->n_transcripts, 2 * n * sizeof *s->total, err);
    if (status == MG_OK) status = mg_alloc(&s->contest, n_pairs, sizeof *s->contest, err);
    if (status == MG_OK) status = mg_alloc(&s->difference, plan->n_transcripts, n_pairs * sizeof *s->difference, err);
    if (status == MG_OK) status = mg_alloc(&s->quartiles, n, sizeof *s->quartiles, err);
    if (status == MG_OK) status = mg_alloc(&s->n, n, sizeof *s->n, err);
    if (status == MG_OK) status = mg_alloc(&s->mean, n, sizeof *s->mean, err);
    if (status == MG_OK) status = mg_alloc(&s->squares, n, sizeof *s->squares, err);
    if (status == MG_OK) status = mg_alloc(&s->twice_rank, n, sizeof *s->twice_rank, err);
    if (status == MG_OK) status = mg_alloc(&s->merit, n, sizeof *s->merit, err);
    if (status != MG_OK) {
        mg_summary_destroy(s);
        return status;
    }
    for (size_t m = 0; m < n; m++) {
        s->quartiles[m].n_tables = 1;
        for (size_t o = m + 1; o < n; o++)
            s->contest[p++] = (contest){.method = m, .other = o};
    }
    *ret = s;
    return MG_OK;
}

void mg_summary_destroy(mg_summary *summary)
{
    if (summary == NULL) return;
    free(summary->total);
    free(summary->contest);
    free(summary->difference);
    free(summary->quartiles);
    free(summary->n);
    free(summary->mean);
    free(summary->squares);
    free(summary->twice_rank);
    free(summary->merit);
    free(summary);
}

size_t mg_summary_bytes(const mg_summary_plan *plan)
{
    size_t n_pairs = mg_summary_n_pairs(plan->n_methods);
    size_t finish = 2 * sizeof(uint64_t) + sizeof(double) + 2 * sizeof(uint32_t); /* sort, bootstrap */
    return sizeof(mg_summary) + plan->n_methods * (sizeof(mg_quartiles) + 5 * sizeof(double)) +
           n_pairs * sizeof(contest) +
           plan->n_transcripts * ((2 * plan->n_methods + n_pairs) * sizeof(double) + finish) +
           (size_t)plan->n_bootstrap * (plan->n_methods + 1) * sizeof(double);
}

/* --- first sweep: transcripts --- */

/* A number that is larger for the better method: the value, or less its magnitude where small is good. */
static double merit(const mg_summary *s, double value)
{
    return mg_metrics[s->plan.metric].better > 0 ? value : -fabs(value);
}

/* The transcript at hand is complete. Without any value it takes no part: the next one gets its place. */
static void close_transcript(mg_summary *s)
{
    if (!s->has_transcript) return;
    for (size_t p = 0; p < s->n_pairs; p++) {
        contest *c = &s->contest[p];
        if (c->n == c->n_before) continue;
        s->difference[p * s->plan.n_transcripts + c->n_transcripts++] =
            c->transcript_sum / (double)(c->n - c->n_before);
        c->sum += c->transcript_sum;
        c->transcript_sum = 0;
        c->n_before = c->n;
    }
    size_t n_totals = 2 * s->plan.n_methods;
    if (s->has_value)
        s->n_transcripts++;
    else if (!s->too_many)
        memset(s->total + n_totals * s->n_transcripts, 0, n_totals * sizeof *s->total);
    s->has_transcript = s->has_value = false;
}

static void open_transcript(mg_summary *s, int64_t transcript)
{
    if (s->has_transcript && s->transcript == transcript) return;
    close_transcript(s);
    s->has_transcript = true;
    s->too_many = s->n_transcripts == s->plan.n_transcripts;
    s->transcript = transcript;
}

static void compare(const mg_summary *s, contest *c, float mine, float others)
{
    if (!isfinite(mine) || !isfinite(others)) return;
    double difference = merit(s, mine) - merit(s, others);
    c->n++;
    c->n_wins += difference > 0;
    c->n_ties += difference == 0;
    c->transcript_sum += difference;
}

static void add_to_transcript(mg_summary *s, const mg_summary_windows *windows, size_t w)
{
    size_t n_methods = s->plan.n_methods;
    open_transcript(s, windows->transcript[w]);
    if (s->too_many) return;
    double *sum = s->total + 2 * n_methods * s->n_transcripts, *count = sum + n_methods;
    s->n_windows++;
    for (size_t m = 0; m < n_methods; m++) {
        float value = windows->value[m * windows->n + w];
        if (!isfinite(value)) continue;
        sum[m] += value;
        count[m]++;
        s->has_value = true;
    }
    for (size_t p = 0; p < s->n_pairs; p++) {
        contest *c = &s->contest[p];
        compare(s, c, windows->value[c->method * windows->n + w], windows->value[c->other * windows->n + w]);
    }
}

static void take_means(mg_summary *s)
{
    size_t n_methods = s->plan.n_methods;
    close_transcript(s);
    for (size_t m = 0; m < n_methods; m++) {
        double sum = 0;
        for (size_t t = 0; t < s->n_transcripts; t++) {
            sum += s->total[2 * n_methods * t + m];
            s->n[m] += (int64_t)s->total[2 * n_methods * t + n_methods + m];
        }
        s->mean[m] = s->n[m] > 0 ? sum / (double)s->n[m] : NAN;
    }
}

/* --- second sweep: spread and ranks --- */

/* Merits of the methods that have a value anywhere in the group, at window w; false if one has none here. */
static bool gather_merits(mg_summary *s, const mg_summary_windows *windows, size_t w)
{
    for (size_t m = 0; m < s->plan.n_methods; m++) {
        float value = windows->value[m * windows->n + w];
        s->merit[m] = NAN;
        if (s->n[m] == 0) continue;
        if (!isfinite(value)) return false;
        s->merit[m] = merit(s, value);
    }
    return true;
}

/* Mid-ranks among methods. Comparing all with all is quick for a handful of methods, and a method without merit (NaN)
 * compares as neither better nor equal. */
static void rank_methods(mg_summary *s)
{
    size_t n_methods = s->plan.n_methods;
    s->n_ranked++;
    for (size_t m = 0; m < n_methods; m++) {
        int n_better = 0, n_equal = 0;
        for (size_t o = 0; o < n_methods; o++) {
            n_better += s->merit[o] > s->merit[m];
            n_equal += s->merit[o] == s->merit[m];
        }
        s->twice_rank[m] += 2 * n_better + 1 + n_equal;
    }
}

static void add_to_spread(mg_summary *s, const mg_summary_windows *windows, size_t w)
{
    for (size_t m = 0; m < s->plan.n_methods; m++) {
        double value = windows->value[m * windows->n + w], off = value - s->mean[m];
        if (isfinite(value)) s->squares[m] += off * off;
    }
    if (gather_merits(s, windows, w)) rank_methods(s);
}

/* --- every sweep --- */

void mg_summary_add(mg_summary *summary, const mg_summary_windows *windows)
{
    for (size_t w = 0; w < windows->n; w++) {
        if (!(windows->group[w] >> summary->plan.group & 1)) continue;
        if (summary->sweep == 0) add_to_transcript(summary, windows, w);
        if (summary->sweep == 1) add_to_spread(summary, windows, w);
        for (size_t m = 0; m < summary->plan.n_methods; m++) {
            float value = windows->value[m * windows->n + w];
            if (isfinite(value)) mg_quartiles_add(&summary->quartiles[m], value);
        }
    }
}

void mg_summary_next(mg_summary *summary)
{
    if (summary->sweep == 0) take_means(summary);
    for (size_t m = 0; m < summary->plan.n_methods; m++)
        mg_quartiles_next(&summary->quartiles[m]);
    summary->sweep++;
}

/* --- what came out --- */

static void fill_row(const mg_summary *s, size_t m, double low, double high, mg_summary_row *row)
{
    size_t n_methods = s->plan.n_methods;
    double quartile[3];
    *row = (mg_summary_row){.method = (int32_t)m, .metric = (int32_t)s->plan.metric, .group = (int32_t)s->plan.group};
    row->n = s->n[m];
    row->n_undefined = s->n_windows - s->n[m];
    for (size_t t = 0; t < s->n_transcripts; t++)
        row->n_transcripts += s->total[2 * n_methods * t + n_methods + m] > 0;
    row->mean = s->mean[m];
    row->sd = s->n[m] > 1 ? sqrt(s->squares[m] / (double)(s->n[m] - 1)) : NAN;
    row->low = row->n_transcripts > 1 ? low : NAN;
    row->high = row->n_transcripts > 1 ? high : NAN;
    mg_quartiles_get(&s->quartiles[m], quartile);
    row->q25 = quartile[0];
    row->median = quartile[1];
    row->q75 = quartile[2];
    row->mean_rank = s->n[m] > 0 && s->n_ranked > 0 ? 0.5 * (double)s->twice_rank[m] / (double)s->n_ranked : NAN;
}

static mg_status fill_rows(const mg_summary *s, mg_summary_row *row, mg_error *err)
{
    size_t n = s->plan.n_methods;
    double *interval = NULL;
    mg_status status = mg_alloc(&interval, 2 * n, sizeof *interval, err);
    if (status == MG_OK)
        status = mg_bootstrap_means(s->total, s->n_transcripts, n, s->plan.seed, s->plan.n_bootstrap, interval,
                                    interval + n, err);
    for (size_t m = 0; m < n && status == MG_OK; m++)
        fill_row(s, m, interval[m], interval[n + m], &row[m]);
    free(interval);
    return status;
}

/* Room for the tests of all pairs. */
typedef struct {
    mg_sorter *sorter;
    double *magnitude;  /* (n_transcripts) */
    uint32_t *order;    /* (n_transcripts) */
    double *p, *p_holm; /* (n_pairs) */
    uint32_t *p_order;  /* (n_pairs) */
} tests;

static mg_status create_tests(const mg_summary *s, tests *ret, mg_error *err)
{
    size_t n = s->n_transcripts;
    mg_status status = mg_sorter_create(n, &ret->sorter, err);
    if (status == MG_OK) status = mg_alloc(&ret->magnitude, n, sizeof *ret->magnitude, err);
    if (status == MG_OK) status = mg_alloc(&ret->order, n, sizeof *ret->order, err);
    if (status == MG_OK) status = mg_alloc(&ret->p, s->n_pairs, sizeof *ret->p, err);
    if (status == MG_OK) status = mg_alloc(&ret->p_holm, s->n_pairs, sizeof *ret->p_holm, err);
    return status == MG_OK ? mg_alloc(&ret->p_order, s->n_pairs, sizeof *ret->p_order, err) : status;
}

static void destroy_tests(tests *t)
{
    mg_sorter_destroy(t->sorter);
    free(t->magnitude);
    free(t->order);
    free(t->p);
    free(t->p_holm);
    free(t->p_order);
}

static void fill_pair(const mg_summary *s, const contest *c, mg_summary_pair *pair)
{
    double mean = c->n > 0 ? c->sum / (double)c->n : NAN;
    *pair = (mg_summary_pair){.method = (int32_t)c->method,
                              .other = (int32_t)c->other,
                              .metric = (int32_t)s->plan.metric,
                              .group = (int32_t)s->plan.group,
                              .n = c->n,
                              .n_wins = c->n_wins,
                              .n_ties = c->n_ties};
    pair->mean_difference = mg_metrics[s->plan.metric].better > 0 ? mean : 0 - mean; /* no -0 */
}

static mg_status fill_pairs(mg_summary *s, mg_summary_pair *pair, mg_error *err)
{
    tests t = {0};
    mg_status status = create_tests(s, &t, err);
    if (status == MG_OK) {
        for (size_t p = 0; p < s->n_pairs; p++) {
            fill_pair(s, &s->contest[p], &pair[p]);
            t.p[p] = mg_wilcoxon(s->difference + p * s->plan.n_transcripts, s->contest[p].n_transcripts, t.sorter,
                                 t.magnitude, t.order);
        }
        mg_holm(t.p, s->n_pairs, t.p_holm, t.p_order);
        for (size_t p = 0; p < s->n_pairs; p++) {
            pair[p].p = t.p[p];
            pair[p].p_holm = t.p_holm[p];
        }
    }
    destroy_tests(&t);
    return status;
}

mg_status mg_summary_finish(mg_summary *summary, mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    if (summary->too_many)
        return mg_fail(err, MG_EINPUT, "the windows are of more than %zu transcripts, or not in their order",
                       summary->plan.n_transcripts);
    mg_status status = fill_rows(summary, row, err);
    return status == MG_OK ? fill_pairs(summary, pair, err) : status;
}
