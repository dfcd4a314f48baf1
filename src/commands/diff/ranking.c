/* ranking.c  which method comes first in either run, and whether the windows agree on it */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/commands/diff/diff.h"

enum { SAMPLE = 65536, BLOCK = 512, LABEL = 40 };

/* --- windows --- */

/* The agreement of one method with the mutations in some windows, in both runs. */
typedef struct {
    size_t n;
    double *one, *other; /* (SAMPLE) where both are defined */
    double *work;        /* (2 SAMPLE) */
} sample;

static mg_status create_sample(sample *ret, mg_error *err)
{
    *ret = (sample){0};
    mg_status status = mg_alloc(&ret->one, SAMPLE, sizeof *ret->one, err);
    if (status == MG_OK) status = mg_alloc(&ret->other, SAMPLE, sizeof *ret->other, err);
    return status == MG_OK ? mg_alloc(&ret->work, 2 * SAMPLE, sizeof *ret->work, err) : status;
}

static void destroy_sample(sample *s)
{
    free(s->one);
    free(s->other);
    free(s->work);
}

static void add_defined(sample *s, const float *one, const float *other, int64_t n)
{
    for (int64_t i = 0; i < n && s->n < SAMPLE; i++) {
        if (isnan(one[i]) || isnan(other[i])) continue;
        s->one[s->n] = (double)one[i];
        s->other[s->n++] = (double)other[i];
    }
}

/* Every step-th pair of windows. */
static int64_t thin_out(int64_t *in_one, int64_t *in_other, int64_t n, int64_t first, int64_t step)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        if ((first + i) % step != 0) continue;
        in_one[kept] = in_one[i];
        in_other[kept++] = in_other[i];
    }
    return kept;
}

static int64_t set_of(const mg_run_file *run, int64_t method)
{
    return mg_field_set_of(MG_AGREEMENT, &run->shape, (size_t)method, MG_SPEARMAN);
}

static mg_status fill_sample(const mg_diff *diff, const mg_diff_method *method, sample *s, mg_error *err)
{
    int64_t in_one[BLOCK], in_other[BLOCK], n = 0, step = diff->n_both / SAMPLE + 1;
    float one[BLOCK], other[BLOCK];
    mg_status status = MG_OK;
    s->n = 0;
    mg_run_match_rewind(diff->match);
    for (int64_t first = 0; status == MG_OK; first += n) {
        status = mg_run_match_next(diff->match, BLOCK, in_one, in_other, &n, err);
        if (status != MG_OK || n == 0) break;
        int64_t kept = thin_out(in_one, in_other, n, first, step);
        status = mg_run_file_read(&diff->one, MG_AGREEMENT, set_of(&diff->one, method->one), in_one, kept, one, err);
        if (status == MG_OK)
            status = mg_run_file_read(&diff->other, MG_AGREEMENT, set_of(&diff->other, method->other), in_other, kept,
                                      other, err);
        if (status == MG_OK) add_defined(s, one, other, kept);
    }
    return status;
}

mg_status mg_diff_correlate(mg_diff *diff, mg_error *err)
{
    sample s;
    mg_status status = create_sample(&s, err);
    for (size_t m = 0; m < diff->n_methods && status == MG_OK; m++) {
        status = fill_sample(diff, &diff->method[m], &s, err);
        diff->method[m].correlation = s.n < 3 ? NAN : gsl_stats_spearman(s.one, 1, s.other, 1, s.n, s.work);
    }
    mg_run_match_rewind(diff->match);
    destroy_sample(&s);
    return status;
}

/* --- order --- */

/* The row of a method under a metric of the run. */
static const mg_summary_row *row_of(const mg_run_summary *run, size_t metric, mg_group group, int64_t method)
{
    return &run->row[(metric * MG_N_GROUPS + (size_t)group) * (run->n_methods + run->n_baselines) + (size_t)method];
}

static int64_t place_in(const mg_diff_method *method, bool other)
{
    return other ? method->other : method->one;
}

/* Does method a stand before method b under a metric that is in both? What is not defined stands last, and equals in the order of the first run. */
static bool stands_before(const mg_diff *diff, bool other, size_t metric, mg_group group, size_t a, size_t b)
{
    const mg_run_summary *run = other ? &diff->other.summary : &diff->one.summary;
    size_t in_run = diff->metric[other][metric];
    double one = row_of(run, in_run, group, place_in(&diff->method[a], other))->mean;
    double two = row_of(run, in_run, group, place_in(&diff->method[b], other))->mean;
    if (isnan(one) || isnan(two)) return isnan(one) == isnan(two) ? a < b : !isnan(one);
    one = mg_merit(run->metrics->info[in_run].better, one);
    two = mg_merit(run->metrics->info[in_run].better, two);
    return one != two ? one > two : a < b;
}

/* The method at a place; the handful of methods is counted through rather than sorted. */
static size_t method_at(const mg_diff *diff, bool other, size_t metric, mg_group group, size_t place)
{
    for (size_t m = 0; m < diff->n_methods; m++) {
        size_t n_before = 0;
        for (size_t k = 0; k < diff->n_methods; k++)
            n_before += k != m && stands_before(diff, other, metric, group, k, m);
        if (n_before == place) return m;
    }
    return 0;
}

static bool same_order(const mg_diff *diff, size_t metric, mg_group group)
{
    for (size_t place = 0; place < diff->n_methods; place++)
        if (method_at(diff, false, metric, group, place) != method_at(diff, true, metric, group, place)) return false;
    return true;
}

static bool has_windows(const mg_run_summary *run, size_t metric, mg_group group)
{
    for (size_t m = 0; m < run->n_methods; m++)
        if (row_of(run, metric, group, (int64_t)m)->n > 0) return true;
    return false;
}

/* Annotated windows where both runs have them, else those that the score calls, else all. */
static mg_group choose_group(const mg_diff *diff)
{
    static const mg_group choice[] = {MG_GROUP_ANNOTATED, MG_GROUP_CALLED};
    for (size_t k = 0; k < sizeof choice / sizeof *choice; k++)
        if (has_windows(&diff->one.summary, MG_SPEARMAN, choice[k]) &&
            has_windows(&diff->other.summary, MG_SPEARMAN, choice[k]))
            return choice[k];
    return MG_GROUP_ALL;
}

/* --- words --- */

static void print_number(double x)
{
    if (isnan(x))
        fputs("       -", stdout);
    else
        printf("%8.4f", x);
}

static void print_place(const mg_diff *diff, mg_group group, size_t place)
{
    size_t one = method_at(diff, false, MG_SPEARMAN, group, place);
    const mg_diff_method *method = &diff->method[one];
    size_t there = 0;
    while (there < diff->n_methods && method_at(diff, true, MG_SPEARMAN, group, there) != one)
        there++;
    printf("  %3zu %-*.*s", place + 1, LABEL, LABEL, diff->one.summary.method[method->one].label);
    print_number(row_of(&diff->one.summary, MG_SPEARMAN, group, method->one)->mean);
    printf("   %3zu", there + 1);
    print_number(row_of(&diff->other.summary, MG_SPEARMAN, group, method->other)->mean);
    fputs("     ", stdout);
    print_number(method->correlation);
    putchar('\n');
}

void mg_diff_print_ranking(const mg_diff *diff)
{
    mg_group group = choose_group(diff);
    const mg_task_group *words = mg_shape_group(&diff->one.shape, group);
    size_t n_same = 0, n_tables = 0;
    if (diff->n_methods == 0) return;
    printf("ranking of the methods   Spearman, %s\n", words != NULL ? words->label : "all windows");
    printf("  %-*s %13s %16s   windows, between runs\n", LABEL - 6, "place and mean in", "the one", "the other");
    for (size_t place = 0; place < diff->n_methods; place++)
        print_place(diff, group, place);
    for (size_t metric = 0; metric < diff->n_metrics; metric++)
        for (mg_group g = 0; g < MG_N_GROUPS; g++) {
            if (!has_windows(&diff->one.summary, diff->metric[0][metric], g) &&
                !has_windows(&diff->other.summary, diff->metric[1][metric], g))
                continue;
            n_tables++;
            n_same += same_order(diff, metric, g);
        }
    printf("  the order is %s; of all metrics and groups, it is the same in %zu of %zu\n\n",
           same_order(diff, MG_SPEARMAN, group) ? "the same" : "not the same", n_same, n_tables);
}
