/* summary.c  aggregates of one metric in one group, from windows that come by
 *
 * Sums run over windows in their order and then over clusters in theirs. The first sweep sums up clusters, counts who
 * wins, and ranks; the second, when means are known, takes the spread; quartiles need all three. GSL's mean and variance
 * are not used because they add in long double, whose width is the machine's.
 *
 * Ranks come from who wins: a method's mid-rank in a window is 1 + the number of methods that beat it + half of those
 * that tie with it, so sums of ranks are sums of losses and ties. Only windows count in which every method has a value
 * that has one anywhere in the group. Which these are is known at the end, but when a method is met for the first time,
 * no window before can count.
 */
#include "src/statistics/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/clones.h"
#include "src/core/memory.h"
#include "src/statistics/replicate.h"
#include "src/statistics/summary_parts.h"

const char *const mg_group_names[MG_N_GROUPS] = {"all", "annotated", "called"};

mg_summary_row mg_summary_no_row(int32_t metric, int32_t group, int32_t method)
{
    return (mg_summary_row){.method = method,
                            .metric = metric,
                            .group = group,
                            .mean = NAN,
                            .sd = NAN,
                            .low = NAN,
                            .high = NAN,
                            .median = NAN,
                            .q25 = NAN,
                            .q75 = NAN,
                            .mean_rank = NAN};
}

mg_summary_pair mg_summary_no_pair(const mg_summary_pair *like, int32_t metric, int32_t group)
{
    return (mg_summary_pair){.method = like->method,
                             .other = like->other,
                             .metric = metric,
                             .group = group,
                             .mean_difference = NAN,
                             .p = NAN,
                             .p_holm = NAN};
}

size_t mg_summary_n_pairs(size_t n_methods)
{
    return n_methods > 0 ? n_methods * (n_methods - 1) / 2 : 0;
}

size_t mg_summary_n_contests(size_t n_methods, size_t n_baselines)
{
    return mg_summary_n_pairs(n_methods) + n_methods * n_baselines;
}

static mg_status create_methods(mg_summary *s, mg_error *err)
{
    size_t n = s->n_all;
    mg_status status = mg_alloc(&s->quartiles, n, sizeof *s->quartiles, err);
    if (status == MG_OK) status = mg_alloc(&s->n, n, sizeof *s->n, err);
    if (status == MG_OK) status = mg_alloc(&s->mean, n, sizeof *s->mean, err);
    if (status == MG_OK) status = mg_alloc(&s->squares, n, sizeof *s->squares, err);
    if (status == MG_OK) status = mg_alloc(&s->is_met, n, sizeof *s->is_met, err);
    if (status == MG_OK) status = mg_alloc(&s->count_column, n, sizeof *s->count_column, err);
    if (status == MG_OK) status = mg_alloc(&s->chunk.value, n, MG_SUMMARY_CHUNK * sizeof *s->chunk.value, err);
    return status == MG_OK ? mg_alloc(&s->chunk.merit, n, MG_SUMMARY_CHUNK * sizeof *s->chunk.merit, err) : status;
}

static mg_status create_clusters(mg_summary *s, mg_error *err)
{
    size_t n = s->plan.n_clusters;
    mg_status status = mg_alloc(&s->seen, n, sizeof *s->seen, err);
    if (status == MG_OK) status = mg_alloc(&s->total, n, s->columns * sizeof *s->total, err);
    if (status == MG_OK) status = mg_alloc(&s->difference, n, s->n_pairs * sizeof *s->difference, err);
    return status == MG_OK ? mg_alloc(&s->n_differences, n, s->n_pairs * sizeof *s->n_differences, err) : status;
}

mg_status mg_summary_create(const mg_summary_plan *plan, mg_summary **ret, mg_error *err)
{
    size_t n = plan->n_methods, p = 0;
    mg_summary *s = NULL;
    mg_status status = mg_alloc(&s, 1, sizeof *s, err);
    if (status != MG_OK) return status;
    s->plan = *plan;
    s->n_all = n + plan->n_baselines;
    s->n_pairs = mg_summary_n_contests(n, plan->n_baselines);
    s->columns = mg_replicate_columns(2 * s->n_all);
    status = create_methods(s, err);
    if (status == MG_OK) status = create_clusters(s, err);
    if (status == MG_OK) status = mg_alloc(&s->contest, s->n_pairs, sizeof *s->contest, err);
    if (status != MG_OK) {
        mg_summary_destroy(s);
        return status;
    }
    for (size_t m = 0; m < s->n_all; m++)
        s->quartiles[m].n_tables = 1;
    for (size_t m = 0; m < n; m++)
        for (size_t o = m + 1; o < n; o++)
            s->contest[p++] = (mg_contest){.method = m, .other = o};
    for (size_t m = 0; m < n; m++)
        for (size_t b = n; b < s->n_all; b++)
            s->contest[p++] = (mg_contest){.method = m, .other = b};
    *ret = s;
    return MG_OK;
}

void mg_summary_destroy(mg_summary *summary)
{
    if (summary == NULL) return;
    free(summary->seen);
    free(summary->total);
    free(summary->count_column);
    free(summary->contest);
    free(summary->difference);
    free(summary->n_differences);
    free(summary->quartiles);
    free(summary->n);
    free(summary->mean);
    free(summary->squares);
    free(summary->is_met);
    free(summary->chunk.value);
    free(summary->chunk.merit);
    free(summary);
}

size_t mg_summary_bytes(const mg_summary_plan *plan)
{
    size_t n = plan->n_methods + plan->n_baselines, n_pairs = mg_summary_n_contests(plan->n_methods, plan->n_baselines);
    size_t method = sizeof(mg_quartiles) + 4 * sizeof(double) + MG_SUMMARY_CHUNK * (sizeof(float) + sizeof(double));
    size_t cluster = 1 + mg_replicate_columns(2 * n) * sizeof(double) + n_pairs * (sizeof(double) + sizeof(uint32_t));
    return sizeof(mg_summary) + n * method + n_pairs * sizeof(mg_contest) + plan->n_clusters * cluster;
}

/* --- the next windows of the group --- */

/* Fill the chunk with windows of the group from *at on; false when there are none. */
static bool gather(mg_summary *s, const mg_summary_windows *windows, size_t *at)
{
    mg_chunk *c = &s->chunk;
    c->n = 0;
    for (; *at < windows->n && c->n < MG_SUMMARY_CHUNK; ++*at) {
        if (!(windows->group[*at] >> s->plan.group & 1)) continue;
        if (s->plan.sampled && !(windows->group[*at] & MG_GROUP_CHOSEN)) {
            s->n_unmeasured += s->sweep == 0;
            continue;
        }
        int64_t cluster = windows->cluster[*at];
        if (cluster < 0 || (uint64_t)cluster >= s->plan.n_clusters) {
            s->out_of_plan = true;
            continue;
        }
        c->window[c->n] = *at;
        c->cluster[c->n++] = (size_t)cluster;
    }
    bool in_a_row = c->n > 0 && c->window[c->n - 1] - c->window[0] == c->n - 1;
    for (size_t m = 0; m < s->n_all && c->n > 0; m++) {
        const float *value = windows->value + m * windows->n;
        if (in_a_row)
            memcpy(c->value + m * MG_SUMMARY_CHUNK, value + c->window[0], c->n * sizeof *value);
        else
            for (size_t i = 0; i < c->n; i++)
                c->value[m * MG_SUMMARY_CHUNK + i] = value[c->window[i]];
    }
    return c->n > 0;
}

/* --- first sweep: clusters --- */

/* n values as merits; one that is not finite becomes NaN, here and there. */
MG_CLONES static void judge(float *value, size_t n, mg_better better, double *merit, uint32_t *n_defined)
{
    for (size_t i = 0; i < n; i++) {
        float defined = value[i] - value[i] == 0 ? value[i] : NAN;
        value[i] = defined;
        merit[i] = better == MG_BETTER_LARGER    ? (double)defined
                   : better == MG_BETTER_SMALLER ? -(double)defined
                                                 : -fabs((double)defined);
        n_defined[i] += defined == defined;
    }
}

static void find_merits(mg_summary *s)
{
    mg_chunk *c = &s->chunk;
    uint32_t ignored[MG_SUMMARY_CHUNK] = {0};
    memset(c->n_defined, 0, c->n * sizeof *c->n_defined);
    for (size_t m = 0; m < s->n_all; m++)
        judge(c->value + m * MG_SUMMARY_CHUNK, c->n, s->plan.better, c->merit + m * MG_SUMMARY_CHUNK,
              m < s->plan.n_methods ? c->n_defined : ignored);
}

/* Windows begin .. of one cluster end where the next ones are of another. */
static size_t run_end(const mg_chunk *c, size_t begin, size_t end)
{
    size_t i = begin + 1;
    while (i < end && c->cluster[i] == c->cluster[begin])
        i++;
    return i;
}

/* Sums go on where the cluster's windows so far have brought them, so that pieces and chunks do not show. */
static void add_values(mg_summary *s)
{
    const mg_chunk *c = &s->chunk;
    size_t n_methods = s->n_all;
    for (size_t begin = 0, end; begin < c->n; begin = end) {
        end = run_end(c, begin, c->n);
        double *total = s->total + s->columns * c->cluster[begin];
        s->seen[c->cluster[begin]] = 1;
        for (size_t m = 0; m < n_methods; m++) {
            const float *value = c->value + m * MG_SUMMARY_CHUNK;
            double sum = total[m], count = total[n_methods + m];
            for (size_t i = begin; i < end; i++) {
                bool defined = !isnan(value[i]);
                sum += defined ? value[i] : 0;
                count += defined;
            }
            total[m] = sum;
            total[n_methods + m] = count;
        }
    }
}

/* Two methods in windows begin .. end - 1, which are of one cluster. */
static void compare_run(const mg_summary *s, mg_contest *c, size_t begin, size_t end, double *sum, uint32_t *count)
{
    const double *mine = s->chunk.merit + c->method * MG_SUMMARY_CHUNK,
                 *others = s->chunk.merit + c->other * MG_SUMMARY_CHUNK;
    double total = *sum;
    uint32_t n = 0, n_wins = 0, n_ties = 0;
    for (size_t i = begin; i < end; i++) {
        double difference = mine[i] - others[i];
        bool both = !isnan(difference);
        total += both ? difference : 0;
        n += both;
        n_wins += difference > 0;
        n_ties += difference == 0;
    }
    *sum = total;
    *count += n;
    c->n += n;
    c->n_wins += n_wins;
    c->n_ties += n_ties;
}

static void compare(mg_summary *s, size_t first, size_t last)
{
    for (size_t begin = first, end; begin < last; begin = end) {
        end = run_end(&s->chunk, begin, last);
        size_t at = s->n_pairs * s->chunk.cluster[begin];
        for (size_t p = 0; p < s->n_pairs; p++)
            compare_run(s, &s->contest[p], begin, end, &s->difference[at + p], &s->n_differences[at + p]);
    }
}

/* Window i is not ranked: who wins in it is told apart. */
static void leave_unranked(mg_summary *s, size_t i)
{
    for (size_t p = 0; p < s->n_pairs; p++) {
        mg_contest *c = &s->contest[p];
        double difference =
            s->chunk.merit[c->method * MG_SUMMARY_CHUNK + i] - s->chunk.merit[c->other * MG_SUMMARY_CHUNK + i];
        c->n_unranked_wins += difference > 0;
        c->n_unranked_ties += difference == 0;
    }
}

/* Does window i bring a method that had no value before? */
static bool meet(mg_summary *s, size_t i)
{
    size_t n_met = s->n_met;
    for (size_t m = 0; m < s->plan.n_methods && s->n_met < s->plan.n_methods; m++)
        if (!s->is_met[m] && !isnan(s->chunk.merit[m * MG_SUMMARY_CHUNK + i])) {
            s->is_met[m] = true;
            s->n_met++;
        }
    return s->n_met > n_met;
}

/* No window so far is ranked. */
static void begin_ranking(mg_summary *s)
{
    s->n_ranked = 0;
    for (size_t p = 0; p < s->n_pairs; p++) {
        mg_contest *c = &s->contest[p];
        c->n_unranked_wins = c->n_wins;
        c->n_unranked_ties = c->n_ties;
    }
}

static void add_to_clusters(mg_summary *s)
{
    const mg_chunk *c = &s->chunk;
    size_t compared = 0;
    find_merits(s);
    add_values(s);
    s->n_windows += (int64_t)c->n;
    for (size_t i = 0; i < c->n; i++) {
        if (s->n_met < s->plan.n_methods && meet(s, i)) {
            compare(s, compared, i);
            begin_ranking(s);
            compared = i;
        }
        if (c->n_defined[i] == s->n_met && s->n_met > 0)
            s->n_ranked++;
        else
            leave_unranked(s, i);
    }
    compare(s, compared, c->n);
}

/* Clusters without a window in the group go; those that stay keep their order. */
static void close_gaps(mg_summary *s)
{
    size_t n = 0, columns = s->columns, n_pairs = s->n_pairs;
    for (size_t k = 0; k < s->plan.n_clusters; k++) {
        if (!s->seen[k]) continue;
        if (n < k) {
            memcpy(s->total + columns * n, s->total + columns * k, columns * sizeof *s->total);
            memcpy(s->difference + n_pairs * n, s->difference + n_pairs * k, n_pairs * sizeof *s->difference);
            memcpy(s->n_differences + n_pairs * n, s->n_differences + n_pairs * k, n_pairs * sizeof *s->n_differences);
        }
        n++;
    }
    s->n_clusters = n;
}

static void take_means(mg_summary *s)
{
    close_gaps(s);
    s->columns = mg_bootstrap_pack(s->total, s->n_clusters, s->n_all, s->count_column);
    for (size_t m = 0; m < s->n_all; m++) {
        double sum = 0;
        for (size_t k = 0; k < s->n_clusters; k++) {
            sum += s->total[s->columns * k + m];
            s->n[m] += (int64_t)s->total[s->columns * k + s->count_column[m]];
        }
        s->mean[m] = s->n[m] > 0 ? sum / (double)s->n[m] : NAN;
    }
}

/* --- second sweep: spread --- */

static void add_to_spread(mg_summary *s)
{
    const mg_chunk *c = &s->chunk;
    for (size_t m = 0; m < s->n_all; m++)
        for (size_t i = 0; i < c->n; i++) {
            double value = c->value[m * MG_SUMMARY_CHUNK + i], off = value - s->mean[m];
            if (isfinite(value)) s->squares[m] += off * off;
        }
}

/* --- every sweep --- */

void mg_summary_add(mg_summary *summary, const mg_summary_windows *windows)
{
    for (size_t at = 0; gather(summary, windows, &at);) {
        if (summary->sweep == 0) add_to_clusters(summary);
        if (summary->sweep == 1) add_to_spread(summary);
        for (size_t m = 0; m < summary->n_all; m++)
            mg_quartiles_add_all(&summary->quartiles[m], summary->chunk.value + m * MG_SUMMARY_CHUNK, summary->chunk.n);
    }
}

void mg_summary_next(mg_summary *summary)
{
    if (summary->sweep == 0) take_means(summary);
    for (size_t m = 0; m < summary->n_all; m++)
        mg_quartiles_next(&summary->quartiles[m]);
    summary->sweep++;
}
