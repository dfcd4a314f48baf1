/* test_summary.c  aggregates, bootstrap and paired tests against scipy and numpy (tests/oracle/agreement.py), and
 * laws */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <omp.h>

#include "src/statistics/bootstrap.h"
#include "src/statistics/quartile.h"
#include "src/statistics/summary.h"
#include "src/statistics/wilcoxon.h"
#include "src/sequence/alphabet.h"
#include "src/sequence/clusters.h"
#include "tests/support/summarise.h"

#include "tests/oracle/summaries.h"

enum {
    N_ORACLE_SUMMARIES = sizeof oracle_summaries / sizeof *oracle_summaries,
    N_ORACLE_TESTS = sizeof oracle_tests / sizeof *oracle_tests,
    MAX_METHODS = 7,
    MAX_WINDOWS = 2000,
    MAX_PAIRS = MAX_METHODS * (MAX_METHODS - 1) / 2
};

/* Double sums in another order than numpy's. */
static bool close_to(double got, double wanted)
{
    if (isnan(got) || isnan(wanted)) return isnan(got) && isnan(wanted);
    return fabs(got - wanted) <= 1e-11 * fabs(wanted) + 1e-13;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* An input with its arrays and its results. */
typedef struct {
    summary_input in;
    float value[MAX_METHODS * MAX_WINDOWS];
    uint8_t group[MAX_WINDOWS];
    int64_t cluster[MAX_WINDOWS];
    mg_summary_row row[MG_N_GROUPS * MAX_METHODS];
    mg_summary_pair pair[MG_N_GROUPS * MAX_PAIRS];
} sample;

static void summarise(sample *s)
{
    mg_error err;
    s->in.value = s->value;
    s->in.group = s->group;
    s->in.cluster = s->cluster;
    if (summarise_arrays(&s->in, s->row, s->pair, &err) != MG_OK) fail_msg("%s", err.text);
}

static uint64_t lcg_state = 7;

static uint32_t draw(uint32_t below)
{
    lcg_state = lcg_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((lcg_state >> 33) % below);
}

/* Methods that differ, transcripts of one to five windows, some ties, some values not defined. */
static void fill(sample *s, size_t n_methods, size_t n_windows)
{
    s->in = (summary_input){
        .n_methods = n_methods, .n_windows = n_windows, .metric = MG_SPEARMAN, .better = MG_BETTER_LARGER};
    s->in.seed = 20221206;
    s->in.n_bootstrap = 300;
    int64_t cluster = 0;
    for (size_t w = 0; w < n_windows; w++) {
        cluster += draw(3) == 0;
        s->cluster[w] = cluster;
        s->group[w] = (uint8_t)(1 | draw(2) << 1 | draw(2) << 2);
        for (size_t m = 0; m < n_methods; m++)
            s->value[m * n_windows + w] = draw(10) == 0 ? NAN : (float)draw(200) / 256 - 0.1F * (float)m;
    }
}

/* --- against numpy and scipy --- */

static void check_row(const char *name, const mg_summary_row *row, const double *wanted)
{
    const double got[] = {(double)row->n,
                          (double)row->n_undefined,
                          (double)row->n_clusters,
                          row->mean,
                          row->sd,
                          row->low,
                          row->high,
                          row->median,
                          row->q25,
                          row->q75,
                          row->mean_rank};
    static const char *const words[] = {"n",    "undefined", "clusters", "mean", "sd",       "low",
                                        "high", "median",    "q25",      "q75",  "mean_rank"};
    for (size_t k = 0; k < sizeof got / sizeof *got; k++)
        if (!close_to(got[k], wanted[k]))
            fail_msg("%s: group %d method %d: %s is %.17g, not %.17g", name, row->group, row->method, words[k], got[k],
                     wanted[k]);
}

static void check_pair(const char *name, const mg_summary_pair *pair, const double *wanted)
{
    const double got[] = {(double)pair->method, (double)pair->other,   (double)pair->n, (double)pair->n_wins,
                          (double)pair->n_ties, pair->mean_difference, pair->p,         pair->p_holm};
    static const char *const words[] = {"method", "other", "n", "wins", "ties", "mean_difference", "p", "p_holm"};
    for (size_t k = 0; k < sizeof got / sizeof *got; k++)
        if (!close_to(got[k], wanted[k]))
            fail_msg("%s: group %d methods %d, %d: %s is %.17g, not %.17g", name, pair->group, pair->method,
                     pair->other, words[k], got[k], wanted[k]);
}

static void load(sample *s, const oracle_summary *o)
{
    mg_better better = o->smaller_is_better ? MG_BETTER_SMALLER_MAGNITUDE : MG_BETTER_LARGER;
    s->in = (summary_input){.n_methods = o->n_methods, .n_windows = o->n_windows, .better = better};
    s->in.seed = o->seed;
    s->in.n_bootstrap = o->n_bootstrap;
    for (size_t k = 0; k < o->n_methods * o->n_windows; k++)
        s->value[k] = (float)o->value[k];
    for (size_t w = 0; w < o->n_windows; w++) {
        s->group[w] = (uint8_t)o->group[w];
        s->cluster[w] = (int64_t)o->cluster[w];
    }
}

/* The clusters of isoforms, paralogues and a repeat, as scipy finds the components of the same genes and windows. */
static void test_clusters_as_scipy(void **state)
{
    (void)state;
    int n_checked = 0;
    for (int k = 0; k < N_ORACLE_SUMMARIES; k++) {
        const oracle_summary *o = &oracle_summaries[k];
        int64_t gene[400];
        mg_clusters clusters;
        mg_clusters_facts facts;
        if (o->n_places == 0) continue;
        assert_true(o->n_transcripts <= 400);
        for (size_t t = 0; t < o->n_transcripts; t++)
            gene[t] = (int64_t)o->gene[t];
        assert_int_equal(mg_clusters_create(o->n_transcripts, gene, &clusters, NULL), MG_OK);
        for (size_t p = 0; p < o->n_places; p++)
            assert_int_equal(mg_clusters_add(&clusters, (size_t)o->place[2 * p], (size_t)o->place[2 * p + 1], NULL),
                             MG_OK);
        assert_int_equal(mg_clusters_number(&clusters, NULL, &facts, NULL), MG_OK);
        assert_int_equal(clusters.n_windows, o->n_windows);
        for (size_t w = 0; w < o->n_windows; w++)
            if (clusters.window[w] != (uint32_t)o->cluster[w]) fail_msg("%s: window %zu", o->name, w);
        mg_clusters_destroy(&clusters);
        n_checked++;
    }
    assert_int_equal(n_checked, 3);
}

static void test_summary_as_numpy(void **state)
{
    (void)state;
    static sample s;
    for (int k = 0; k < N_ORACLE_SUMMARIES; k++) {
        const oracle_summary *o = &oracle_summaries[k];
        load(&s, o);
        summarise(&s);
        for (size_t i = 0; i < MG_N_GROUPS * o->n_methods; i++)
            check_row(o->name, &s.row[i], o->row + 11 * i);
        size_t n_pairs = MG_N_GROUPS * mg_summary_n_pairs(o->n_methods);
        for (size_t i = 0; i < n_pairs; i++)
            check_pair(o->name, &s.pair[i], o->pair + 8 * i);
    }
}

static double wilcoxon(const double *difference, size_t n)
{
    double copy[1000], magnitude[1000];
    uint32_t order[1000];
    mg_sorter *sorter = NULL;
    assert_int_equal(mg_sorter_create(n, &sorter, NULL), MG_OK);
    memcpy(copy, difference, n * sizeof *copy);
    double p = mg_wilcoxon(copy, n, sorter, magnitude, order);
    mg_sorter_destroy(sorter);
    return p;
}

static void test_wilcoxon_as_scipy(void **state)
{
    (void)state;
    for (int k = 0; k < N_ORACLE_TESTS; k++) {
        const oracle_test *o = &oracle_tests[k];
        double p = wilcoxon(o->difference, o->n);
        if (!close_to(p, o->p)) fail_msg("%s: p is %.17g, not %.17g", o->name, p, o->p);
    }
}

/* The exact distribution by its definition: all 2^n signs. */
static void test_wilcoxon_by_brute_force(void **state)
{
    (void)state;
    enum { N = 11 };
    for (int trial = 0; trial < 50; trial++) {
        double difference[N];
        int observed = 0, at_most = 0, at_least = 0;
        for (int i = 0; i < N; i++) { /* magnitude i + 1 has rank i + 1 */
            bool positive = draw(3) > 0;
            difference[i] = positive ? i + 1 : -(i + 1);
            observed += positive ? i + 1 : 0;
        }
        for (int signs = 0; signs < 1 << N; signs++) {
            int w = 0;
            for (int i = 0; i < N; i++)
                w += signs >> i & 1 ? i + 1 : 0;
            at_most += w <= observed;
            at_least += w >= observed;
        }
        double smaller = at_most < at_least ? at_most : at_least;
        assert_true(close_to(wilcoxon(difference, N), fmin(1, 2 * smaller / (1 << N))));
    }
}

static void test_holm(void **state)
{
    (void)state;
    /* R: p.adjust(c(0.01, 0.04, 0.03, 0.005, NA, 0.9), "holm") */
    const double p[] = {0.01, 0.04, 0.03, 0.005, NAN, 0.9}, wanted[] = {0.04, 0.09, 0.09, 0.025, NAN, 0.9};
    double corrected[6];
    uint32_t order[6];
    mg_holm(p, 6, corrected, order);
    for (int k = 0; k < 6; k++)
        assert_true(close_to(corrected[k], wanted[k]));
    mg_holm(p, 0, corrected, order);
}

/* --- laws --- */

static void test_any_number_of_threads(void **state)
{
    (void)state;
    static sample one, more;
    int n_before = omp_get_max_threads();
    fill(&one, 5, MAX_WINDOWS);
    more = one;
    omp_set_num_threads(1);
    summarise(&one);
    for (int n = 2; n <= 5; n++) {
        omp_set_num_threads(n);
        memset(more.row, 0xAA, sizeof more.row);
        summarise(&more);
        for (size_t k = 0; k < MG_N_GROUPS * 5; k++) {
            assert_true(same_bits(one.row[k].low, more.row[k].low) && same_bits(one.row[k].high, more.row[k].high));
            assert_true(same_bits(one.row[k].mean, more.row[k].mean));
        }
    }
    omp_set_num_threads(n_before);
}

/* However the windows are cut into pieces, the bits are the same. */
static void test_any_pieces(void **state)
{
    (void)state;
    static sample whole, cut;
    fill(&whole, 3, 700);
    cut = whole;
    summarise(&whole);
    for (size_t piece = 1; piece < 800; piece += piece + 2) {
        cut.in.piece = piece;
        memset(cut.row, 0xAA, sizeof cut.row);
        memset(cut.pair, 0xAA, sizeof cut.pair);
        summarise(&cut);
        assert_memory_equal(whole.row, cut.row, MG_N_GROUPS * 3 * sizeof *cut.row);
        assert_memory_equal(whole.pair, cut.pair, MG_N_GROUPS * 3 * sizeof *cut.pair);
    }
}

/* Quartiles of n numbers against sorting. */
static void check_quartiles(const float *value, size_t n)
{
    static mg_quartiles q;
    static double sorted[MAX_WINDOWS];
    double found[3];
    memset(&q, 0, sizeof q);
    q.n_tables = 1;
    for (int sweep = 0; sweep < MG_QUARTILE_SWEEPS; sweep++) {
        for (size_t k = 0; k < n; k++)
            mg_quartiles_add(&q, value[(k + (size_t)sweep * 7) % n]); /* in any order */
        mg_quartiles_next(&q);
    }
    mg_quartiles_get(&q, found);
    for (size_t k = 0; k < n; k++)
        sorted[k] = value[k];
    gsl_sort(sorted, 1, n);
    for (int k = 0; k < 3; k++) {
        double wanted = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.25 * (k + 1));
        if (n == 0 ? !isnan(found[k]) : found[k] != wanted)
            fail_msg("quartile %d of %zu numbers is %.17g, not %.17g", k + 1, n, found[k], wanted);
    }
}

static void test_quartiles(void **state)
{
    (void)state;
    static float value[MAX_WINDOWS];
    static const float range[] = {1e-40F, 1e-3F, 1, 1e30F};
    for (size_t n = 0; n < 300; n++)
        for (size_t kind = 0; kind < 6; kind++) {
            for (size_t k = 0; k < n; k++) {
                float x = (float)draw(1 << 24) / (1 << 23) - 1;
                value[k] = kind < 4 ? x * range[kind] : kind == 4 ? (float)draw(3) - 1 : -0.0F;
            }
            check_quartiles(value, n);
        }
    for (size_t k = 0; k < MAX_WINDOWS; k++)
        value[k] = ldexpf((float)draw(1 << 24) - (1 << 23), (int)draw(200) - 120);
    check_quartiles(value, MAX_WINDOWS);
}

/* Methods in another order: the same rows and pairs in that order. */
static void test_permuted_methods(void **state)
{
    (void)state;
    enum { N = 5 };
    static const size_t from[N] = {3, 0, 4, 1, 2};
    static sample s, permuted;
    fill(&s, N, 500);
    permuted = s;
    for (size_t m = 0; m < N; m++)
        memcpy(permuted.value + m * 500, s.value + from[m] * 500, 500 * sizeof *s.value);
    summarise(&s);
    summarise(&permuted);
    for (size_t g = 0; g < MG_N_GROUPS; g++) {
        for (size_t m = 0; m < N; m++) {
            const mg_summary_row *a = &permuted.row[g * N + m], *b = &s.row[g * N + from[m]];
            assert_true(a->mean == b->mean && a->low == b->low && a->high == b->high && a->median == b->median);
            assert_true(a->sd == b->sd && a->n == b->n && a->mean_rank == b->mean_rank);
        }
        for (size_t k = 0; k < 10; k++) {
            const mg_summary_pair *a = &permuted.pair[g * 10 + k];
            for (size_t j = 0; j < 10; j++) {
                const mg_summary_pair *b = &s.pair[g * 10 + j];
                size_t m = from[a->method], o = from[a->other];
                bool forward = (size_t)b->method == m && (size_t)b->other == o;
                bool backward = (size_t)b->method == o && (size_t)b->other == m;
                if (!forward && !backward) continue;
                assert_true(a->n == b->n && a->n_ties == b->n_ties && a->p == b->p && a->p_holm == b->p_holm);
                assert_true(a->n_wins == (forward ? b->n_wins : b->n - b->n_wins - b->n_ties));
                assert_true(a->mean_difference == (forward ? b->mean_difference : -b->mean_difference));
            }
        }
    }
}

/* Values that do not vary have an interval of no width, and ranks, wins and tests that say "alike". */
static void test_constant_values(void **state)
{
    (void)state;
    static sample s;
    fill(&s, 3, 400);
    for (size_t k = 0; k < 3 * 400; k++)
        s.value[k] = 0.1F;
    summarise(&s);
    for (size_t k = 0; k < MG_N_GROUPS * 3; k++) {
        const mg_summary_row *row = &s.row[k];
        double c = 0.1F;
        assert_true(row->mean == c && row->low == c && row->high == c && row->median == c && row->sd == 0);
        assert_true(row->mean_rank == 2);
    }
    for (size_t k = 0; k < MG_N_GROUPS * 3; k++) {
        const mg_summary_pair *pair = &s.pair[k];
        assert_true(pair->n_ties == pair->n && pair->n_wins == 0 && pair->mean_difference == 0);
        assert_true(isnan(pair->p) && isnan(pair->p_holm));
    }
}

static void test_nothing_to_summarise(void **state)
{
    (void)state;
    static sample s;
    fill(&s, 2, 0);
    summarise(&s);
    for (size_t k = 0; k < MG_N_GROUPS * 2; k++) {
        assert_int_equal(s.row[k].n + s.row[k].n_undefined + s.row[k].n_clusters, 0);
        assert_true(isnan(s.row[k].mean) && isnan(s.row[k].low) && isnan(s.row[k].mean_rank));
    }
    for (size_t k = 0; k < MG_N_GROUPS; k++)
        assert_true(s.pair[k].n == 0 && isnan(s.pair[k].mean_difference));
    fill(&s, 0, 10);
    summarise(&s);
    fill(&s, 1, 10);
    summarise(&s);
    assert_true(s.row[0].mean_rank == 1);
    assert_int_equal(mg_summary_n_pairs(0), 0);
    assert_int_equal(mg_summary_n_pairs(7), 21);
}

/* A window counts for the groups whose bit it has; an infinite value is not defined. */
static void test_groups(void **state)
{
    (void)state;
    static sample s;
    s.in = (summary_input){.n_methods = 1, .n_windows = 4, .metric = MG_PEARSON, .better = MG_BETTER_LARGER};
    const float value[] = {1, 2, INFINITY, 4};
    const uint8_t group[] = {1, 3, 7, 5};
    for (size_t w = 0; w < 4; w++) {
        s.value[w] = value[w];
        s.group[w] = group[w];
        s.cluster[w] = (int64_t)w / 2;
    }
    summarise(&s);
    assert_true(s.row[MG_GROUP_ALL].n == 3 && s.row[MG_GROUP_ALL].n_undefined == 1);
    assert_true(s.row[MG_GROUP_ALL].n_clusters == 2);
    assert_true(s.row[MG_GROUP_ANNOTATED].n == 1 && s.row[MG_GROUP_ANNOTATED].mean == 2);
    assert_true(s.row[MG_GROUP_CALLED].n == 1 && s.row[MG_GROUP_CALLED].mean == 4);
    assert_true(isnan(s.row[MG_GROUP_ALL].low)); /* no replicates asked for */
}

/* One transcript is no sample of transcripts, even where other methods have more. */
static void test_method_with_one_transcript(void **state)
{
    (void)state;
    static sample s;
    fill(&s, 2, 40);
    for (size_t w = 0; w < 40; w++) {
        s.value[w] = (float)w;
        s.value[40 + w] = s.cluster[w] == s.cluster[20] ? (float)w : NAN;
    }
    summarise(&s);
    assert_true(s.row[0].low < s.row[0].mean);
    assert_true(s.row[1].n_clusters == 1 && isnan(s.row[1].low) && isnan(s.row[1].high));
}

/* The interval is about as wide as theory says: independent transcripts of one window, normal limit. */
static void test_interval_width(void **state)
{
    (void)state;
    static sample s;
    fill(&s, 1, MAX_WINDOWS);
    s.in.n_bootstrap = 2000;
    for (size_t w = 0; w < MAX_WINDOWS; w++) {
        s.cluster[w] = (int64_t)w;
        s.value[w] = (float)draw(1000) / 1000;
    }
    summarise(&s);
    double expected = 2 * 1.959964 * s.row[0].sd / sqrt(MAX_WINDOWS);
    assert_true(fabs((s.row[0].high - s.row[0].low) / expected - 1) < 0.08); /* 4 standard errors of the quantiles */
    assert_true(s.row[0].low < s.row[0].mean && s.row[0].mean < s.row[0].high);
}

/* Windows of a transcript that say the same widen the interval: ten copies of a window are no ten windows. */
static void test_interval_knows_transcripts(void **state)
{
    (void)state;
    static sample s;
    fill(&s, 2, MAX_WINDOWS);
    for (size_t w = 0; w < MAX_WINDOWS; w++) {
        s.cluster[w] = (int64_t)w / 10;
        s.value[w] = w % 10 == 0 ? (float)draw(1000) / 1000 : s.value[w - 1];
    }
    for (size_t w = 0; w < MAX_WINDOWS; w++)
        s.value[MAX_WINDOWS + w] = s.value[(w * 201) % MAX_WINDOWS];
    summarise(&s);
    double clustered = s.row[0].high - s.row[0].low, shuffled = s.row[1].high - s.row[1].low;
    assert_true(fabs(s.row[0].mean - s.row[1].mean) < 1e-6);
    assert_true(clustered > 2.5 * shuffled && clustered < 4 * shuffled); /* sqrt(10) */
}

static void test_seed_matters(void **state)
{
    (void)state;
    static sample s, t;
    fill(&s, 2, 500);
    t = s;
    t.in.seed++;
    summarise(&s);
    summarise(&t);
    assert_true(s.row[0].mean == t.row[0].mean && s.row[0].low != t.row[0].low);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clusters_as_scipy),
        cmocka_unit_test(test_summary_as_numpy),
        cmocka_unit_test(test_wilcoxon_as_scipy),
        cmocka_unit_test(test_wilcoxon_by_brute_force),
        cmocka_unit_test(test_holm),
        cmocka_unit_test(test_any_number_of_threads),
        cmocka_unit_test(test_any_pieces),
        cmocka_unit_test(test_quartiles),
        cmocka_unit_test(test_permuted_methods),
        cmocka_unit_test(test_constant_values),
        cmocka_unit_test(test_nothing_to_summarise),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_method_with_one_transcript),
        cmocka_unit_test(test_interval_width),
        cmocka_unit_test(test_interval_knows_transcripts),
        cmocka_unit_test(test_seed_matters),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
