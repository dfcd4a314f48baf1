/* test_report_statistics.c  ranks, intervals by transcript, quantiles, choices of agreement, the rule of the verdict */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/statistics/cluster.h"
#include "src/statistics/friedman.h"
#include "src/faithfulness/single.h"
#include "src/statistics/ranking.h"
#include "src/statistics/sensitivity.h"
#include "src/statistics/spread.h"
#include "src/statistics/winner.h"
#include "src/engine/probability.h"
#include "tests/oracle/report_statistics.h"
#include "io/report/report.h"
#include "tests/support/metrics.h"

#define N(ARRAY) (sizeof(ARRAY) / sizeof *(ARRAY))

static bool near(double got, double wanted, double tolerance)
{
    return fabs(got - wanted) <= tolerance * fmax(1, fabs(wanted));
}

/* --- range of normal numbers --- */

static void test_range_agrees_with_scipy(void **state)
{
    (void)state;
    for (size_t k = 0; k < N(oracle_range_k); k++) {
        size_t n = (size_t)oracle_range_k[k];
        for (size_t q = 0; q < N(oracle_range_q); q++)
            assert_true(
                near(mg_studentised_range(oracle_range_q[q], n), oracle_range_p[k * N(oracle_range_q) + q], 1e-9));
        assert_true(near(mg_studentised_range_quantile(0.95, n), oracle_range_95[k], 1e-6));
    }
    assert_true(mg_studentised_range(0, 5) == 0 && mg_studentised_range(-1, 5) == 0);
}

/* Demsar 2006, table 5: q(0.05) divided by the root of 2. */
static void test_range_agrees_with_printed_tables(void **state)
{
    (void)state;
    static const double printed[] = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
    for (size_t k = 2; k <= 10; k++)
        assert_true(fabs(mg_studentised_range_quantile(0.95, k) / M_SQRT2 - printed[k - 2]) < 0.0011);
}

/* --- Friedman --- */

enum { METHODS = 5, BLOCKS = N(oracle_merit) / METHODS };

static void test_friedman_agrees_with_scipy(void **state)
{
    (void)state;
    double rank_sum[METHODS] = {0}, sorted[METHODS];
    mg_friedman_sums sums = {METHODS, rank_sum, 0, 0};
    for (size_t b = 0; b < BLOCKS; b++)
        mg_friedman_add(&sums, oracle_merit + b * METHODS);
    mg_friedman test = mg_friedman_test(&sums);
    const double got[] = {test.chi2, test.p, test.f, test.p_f, test.critical_difference};
    for (size_t k = 0; k < N(got); k++)
        assert_true(near(got[k], oracle_friedman[k], 1e-6));
    for (size_t m = 0; m < METHODS; m++) {
        sorted[m] = rank_sum[m] / BLOCKS;
        assert_true(near(sorted[m], oracle_mean_rank[m], 1e-12));
    }
    double best = sorted[0];
    for (size_t m = 1; m < METHODS; m++)
        best = fmin(best, sorted[m]);
    for (size_t k = 0; k < METHODS; k++) {
        bool found = false;
        for (size_t m = 0; m < METHODS; m++)
            found = found || near(mg_nemenyi_p(sorted[m] - best, METHODS, BLOCKS), oracle_nemenyi[k], 1e-8);
        assert_true(found);
    }
}

static void test_friedman_knows_its_limits(void **state)
{
    (void)state;
    double rank_sum[3] = {0};
    const double tied[] = {1, 1, 1}, ordered[] = {3, 2, 1};
    mg_friedman_sums sums = {3, rank_sum, 0, 0};
    assert_true(isnan(mg_friedman_test(&sums).p) && isnan(mg_friedman_test(&sums).critical_difference));
    mg_friedman_add(&sums, tied);
    mg_friedman_add(&sums, tied);
    assert_true(isnan(mg_friedman_test(&sums).p)); /* nobody differs anywhere */
    mg_friedman_sums agreed = {3, rank_sum, 0, 0};
    memset(rank_sum, 0, sizeof rank_sum);
    for (int b = 0; b < 4; b++)
        mg_friedman_add(&agreed, ordered);
    mg_friedman test = mg_friedman_test(&agreed);
    assert_true(near(test.chi2, 8, 1e-12) && isinf(test.f) && test.p_f == 0); /* n (k - 1): all blocks agree */
}

/* --- blocks of transcripts --- */

static void test_blocks_are_transcripts(void **state)
{
    (void)state;
    /* Transcript 4 has two windows: on its mean the second method is better, though it loses one of them; the window in
     * which a method is not defined is no part of it. The third method is defined nowhere. */
    const float value[] = {1, 0.9f, 0, 1, NAN, /**/ 0, 0.8f, 9, 0, 5, /**/ NAN, NAN, NAN, NAN, NAN};
    const uint8_t group[] = {1, 1, 1, 1, 1};
    const int64_t cluster[] = {1, 4, 4, 7, 8};
    mg_summary_input in = {.n_methods = 3,
                           .n_windows = 5,
                           .n_clusters = 9,
                           .value = value,
                           .group = group,
                           .cluster = cluster,
                           .better = MG_BETTER_LARGER,
                           .seed = 1,
                           .n_bootstrap = 200};
    double rank[3], low[3], high[3];
    mg_friedman test;
    mg_error err;
    assert_int_equal(mg_rank_clusters(&in, MG_GROUP_ALL, &test, rank, &err), MG_OK);
    assert_int_equal(test.n_blocks, 3);
    assert_int_equal(test.n_methods, 2);
    assert_true(near(rank[0], 4.0 / 3, 1e-12) && near(rank[1], 5.0 / 3, 1e-12) && isnan(rank[2]));
    assert_int_equal(mg_rank_clusters(&in, MG_GROUP_ANNOTATED, &test, rank, &err), MG_OK);
    assert_true(test.n_blocks == 0 && isnan(rank[0]));
    assert_int_equal(mg_difference_intervals(&in, MG_GROUP_ALL, low, high, &err), MG_OK);
    double mean = (1 + (0.9f - 0.8f) - 9 + 1) / 4;
    assert_true(low[0] <= mean && mean <= high[0] && isnan(low[1]) && isnan(high[2]));
}

static void test_bars_join_what_is_close(void **state)
{
    (void)state;
    const double rank[] = {3.0, NAN, 1.0, 1.4, 4.9, 3.3};
    size_t order[6];
    mg_rank_bar bar[6];
    assert_int_equal(mg_rank_bars(rank, 6, 1.7, order, bar), 4);
    const size_t wanted[] = {2, 3, 0, 5, 4};
    assert_memory_equal(order, wanted, sizeof wanted);
    for (size_t k = 0; k < 4; k++) /* neighbours are close, but no three are */
        assert_true(bar[k].begin == k && bar[k].end == k + 2);
    assert_int_equal(mg_rank_bars(rank, 6, 2.1, order, bar), 3);
    for (size_t k = 0; k < 3; k++)
        assert_true(bar[k].begin == k && bar[k].end == k + 3);
    assert_int_equal(mg_rank_bars(rank, 6, 0.1, order, bar), 0);
    assert_int_equal(mg_rank_bars(rank, 6, 9, order, bar), 1);
}

/* --- intervals by transcript --- */

static void test_ratio_agrees_with_numpy(void **state)
{
    (void)state;
    mg_ratio ratio = {0};
    mg_contrast contrast = {0};
    for (size_t i = 0; i < N(oracle_x); i++) {
        mg_ratio_add(&ratio, oracle_x[i], 1);
        mg_contrast_add(&contrast, (int)oracle_side[i], oracle_x[i]);
        if (i + 1 < N(oracle_x) && oracle_cluster[i + 1] == oracle_cluster[i]) continue;
        mg_ratio_end_cluster(&ratio, 1);
        mg_contrast_end_cluster(&contrast, 1);
    }
    mg_estimate mean = mg_ratio_estimate(&ratio), difference = mg_contrast_difference(&contrast);
    assert_true(near(mean.mean, oracle_mean[0], 1e-12) && near(mean.low, oracle_mean[1], 1e-10) &&
                near(mean.high, oracle_mean[2], 1e-10));
    assert_true(near(difference.mean, oracle_difference[0], 1e-11) &&
                near(difference.low, oracle_difference[1], 1e-10) &&
                near(difference.high, oracle_difference[2], 1e-10));
    mg_estimate side[] = {mg_contrast_side(&contrast, 0), mg_contrast_side(&contrast, 1)};
    assert_true(near(side[0].mean - side[1].mean, difference.mean, 1e-11));
    assert_true(side[0].low < side[0].mean && side[0].mean < side[0].high);
}

static void test_large_means_lose_no_digits(void **state)
{
    (void)state;
    mg_estimate e[2];
    for (int k = 0; k < 2; k++) {
        mg_ratio ratio = {0};
        for (int i = 0; i < 40; i++) {
            mg_ratio_add(&ratio, (k == 0 ? 0 : 1e9) + i % 4, 1);
            if (i % 2) mg_ratio_end_cluster(&ratio, 1);
        }
        e[k] = mg_ratio_estimate(&ratio);
    }
    assert_true(near(e[1].high - e[1].mean, e[0].high - e[0].mean, 1e-6) && e[0].high > e[0].mean);
}

static void test_few_transcripts_give_no_interval(void **state)
{
    (void)state;
    mg_ratio ratio = {0};
    assert_true(isnan(mg_ratio_estimate(&ratio).mean));
    mg_ratio_add(&ratio, 2, 1);
    mg_ratio_end_cluster(&ratio, 1);
    mg_ratio_end_cluster(&ratio, 1); /* a transcript without items is none */
    assert_true(mg_ratio_estimate(&ratio).mean == 2 && isnan(mg_ratio_estimate(&ratio).low));
    mg_ratio share[1] = {{0}};
    for (int i = 0; i < 3; i++) {
        mg_ratio_add(share, i == 0, 1);
        mg_ratio_end_cluster(share, 1);
    }
    mg_estimate e = mg_share_estimate(share);
    assert_true(near(e.mean, 1.0 / 3, 1e-12) && e.low == 0 && e.high == 1);
}

/* Wilson's interval of 10 in 10 begins at 0.7225, that of 0 in 10 ends at 0.2775. */
static void test_all_or_none_still_have_an_interval(void **state)
{
    (void)state;
    for (int value = 0; value < 2; value++) {
        mg_ratio share = {0};
        for (int i = 0; i < 20; i++) {
            mg_ratio_add(&share, value, 1);
            if (i % 2) mg_ratio_end_cluster(&share, 1);
        }
        mg_estimate e = mg_share_estimate(&share);
        assert_true(e.mean == value && e.n == 20 && e.n_clusters == 10);
        assert_true(near(e.low, value ? 0.7224672 : 0, 1e-6) && near(e.high, value ? 1 : 0.2775328, 1e-6));
    }
    mg_ratio one = {0};
    mg_ratio_add(&one, 1, 1);
    mg_ratio_end_cluster(&one, 1);
    assert_true(mg_share_estimate(&one).mean == 1 && isnan(mg_share_estimate(&one).high));
}

/* --- quantiles --- */

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void test_quantiles_are_close(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    float value[COUNT];
    mg_spread spread = {0};
    assert_int_equal(mg_spread_create(&spread, NULL), MG_OK);
    assert_true(isnan(mg_spread_quantile(&spread, 0.5)));
    uint64_t state64 = 5;
    for (int i = 0; i < COUNT; i++) {
        state64 = state64 * 6364136223846793005u + 1442695040888963407u;
        double u = (double)(state64 >> 11) / 9007199254740992.0;
        value[i] = (float)(i % 10 == 0 ? 0 : (u - 0.4) * exp(8 * u - 4));
        mg_spread_add(&spread, value[i]);
    }
    mg_spread_add(&spread, NAN);
    mg_spread_add(&spread, INFINITY);
    assert_int_equal(spread.n, COUNT);
    qsort(value, COUNT, sizeof *value, ascending);
    for (double q = 0.01; q < 1; q += 0.01) {
        double exact = value[(int)ceil(q * COUNT) - 1];
        assert_true(fabs(mg_spread_quantile(&spread, q) - exact) <= 0.004 * fabs(exact));
    }
    const double edge[] = {-1, 0, 0.5, 2};
    int64_t count[3], n_negative = 0;
    for (int i = 0; i < COUNT; i++)
        n_negative += value[i] < 0;
    mg_spread_histogram(&spread, edge, 3, count);
    assert_int_equal(count[0], n_negative);
    assert_int_equal(count[0] + count[1] + count[2], COUNT);
    mg_spread_destroy(&spread);
}

/* --- effects as probabilities --- */

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static void test_probability_changes_without_cancellation(void **state)
{
    (void)state;
    for (double f = -12; f <= 12; f += 0.75)
        for (double d = -9; d <= 9; d += 0.5)
            assert_true(fabs(mg_probability_change(f, d) - (logistic(f + d) - logistic(f))) < 1e-15);
    double tiny = mg_probability_change(40, -1e-3), wanted = -exp(-40) * expm1(1e-3);
    assert_true(fabs(tiny / wanted - 1) < 1e-9); /* where 1 - p is below the last bit of p */
    assert_true(mg_probability_change(2000, -1) == 0 && mg_probability_change(-2000, 1) == 0);
    assert_true(mg_probability_change(2000, -4000) == -1 && mg_probability_change(-2000, 4000) == 1);
    assert_true(mg_probability_change(1, 0) == 0 && isnan(mg_probability_change(1, NAN)));
}

/* --- choices --- */

enum { LENGTH = 40, ANCHOR = 12 };

/* A window with unknown and blind positions, effects and a claim. */
typedef struct {
    mg_base base[LENGTH];
    bool blind[LENGTH];
    float effect[LENGTH * MG_N_BASES], claim[LENGTH];
} window;

static void fill(window *w)
{
    uint64_t s = 11;
    for (int p = 0; p < LENGTH; p++) {
        w->base[p] = p % 13 == 5 ? MG_UNKNOWN : (mg_base)(p * 7 % 4);
        w->blind[p] = p >= LENGTH - 4;
        for (int b = 0; b < MG_N_BASES; b++) {
            s = s * 6364136223846793005u + 1442695040888963407u;
            w->effect[p * MG_N_BASES + b] = b == w->base[p] ? 0 : (float)((double)(s >> 40) / 4194304.0 - 2.0);
        }
        w->claim[p] = -w->effect[p * MG_N_BASES + (w->base[p] + 1) % 4] + 0.3f * (float)(p % 5);
    }
}

/* The start codon takes no part. */
static const uint8_t *codon_left_out(void)
{
    static uint8_t region[LENGTH];
    for (int p = ANCHOR; p < ANCHOR + 3; p++)
        region[p] = MG_REGION_LEFT_OUT;
    return region;
}

static void test_the_first_choice_is_the_metric(void **state)
{
    (void)state;
    window w;
    mg_error err;
    float metric[N_START_METRICS], value[MG_N_CHOICES];
    mg_truth *truth = NULL;
    mg_sensitivity *s = NULL;
    fill(&w);
    assert_int_equal(start_truth(LENGTH, ANCHOR, &truth, &err), MG_OK);
    assert_int_equal(mg_sensitivity_create(LENGTH, codon_left_out(), &s, &err), MG_OK);
    mg_truth_set(truth, 0, w.base, w.blind, w.effect, 1.5);
    mg_truth_compare(truth, w.claim, NULL, NAN, metric);
    mg_sensitivity_set(s, w.base, w.blind, w.effect, 1.5);
    mg_sensitivity_compare(s, w.claim, value);
    for (int k = 0; k < MG_N_CHOICES; k++) {
        mg_choice c = mg_choice_at(k);
        assert_true(fabsf(value[k]) <= 1);
        if (c.scale != MG_SCALE_LOG_ODDS || c.reduction != MG_REDUCTION_MEAN) continue;
        if (c.measure == MG_MEASURE_SPEARMAN)
            assert_true(near(value[k], metric[c.sign == MG_SIGN_SIGNED ? MG_SPEARMAN : MG_SPEARMAN_MAGNITUDE], 1e-6));
        else if (c.sign == MG_SIGN_SIGNED)
            assert_true(near(value[k], metric[MG_PEARSON], 1e-6));
    }
    mg_truth_destroy(truth);
    mg_sensitivity_destroy(s);
}

/* A probability goes up and down with the log-odds, so the worst substitutions stand in the same order. */
static void test_worst_ranks_know_no_scale(void **state)
{
    (void)state;
    window w;
    float value[MG_N_CHOICES], log_odds = NAN, probability = NAN;
    mg_sensitivity *s = NULL;
    fill(&w);
    assert_int_equal(mg_sensitivity_create(LENGTH, codon_left_out(), &s, NULL), MG_OK);
    mg_sensitivity_set(s, w.base, w.blind, w.effect, 9);
    mg_sensitivity_compare(s, w.claim, value);
    for (int k = 0; k < MG_N_CHOICES; k++) {
        mg_choice c = mg_choice_at(k);
        if (c.measure != MG_MEASURE_SPEARMAN || c.sign != MG_SIGN_SIGNED || c.reduction != MG_REDUCTION_WORST) continue;
        *(c.scale == MG_SCALE_LOG_ODDS ? &log_odds : &probability) = value[k];
    }
    assert_true(log_odds == probability);
    w.claim[3] = NAN;
    mg_sensitivity_compare(s, w.claim, value);
    assert_true(isnan(value[0]));
    for (int p = 0; p < LENGTH; p++)
        w.claim[p] = 0.1f;
    mg_sensitivity_compare(s, w.claim, value);
    for (int k = 0; k < MG_N_CHOICES; k++)
        assert_true(isnan(value[k]));
    mg_sensitivity_destroy(s);
}

/* --- verdict --- */

static void test_a_winner_beats_everybody(void **state)
{
    (void)state;
    mg_summary_row row[3] = {{.mean = 0.3, .n_clusters = 40}, {.mean = 0.5, .n_clusters = 40}, {.mean = NAN}};
    mg_summary_pair pair[3] = {{.method = 0, .other = 1, .mean_difference = -0.2, .p_holm = 0.01},
                               {.method = 0, .other = 2, .mean_difference = NAN, .p_holm = NAN},
                               {.method = 1, .other = 2, .mean_difference = NAN, .p_holm = NAN}};
    bool rival[3];
    size_t order[3];
    for (int k = 0; k < 3; k++) {
        row[k].better = MG_BETTER_LARGER;
        pair[k].better = MG_BETTER_LARGER;
    }
    mg_winner winner = mg_find_winner(row, pair, 3, rival);
    assert_true(winner.any && winner.wins && winner.leader == 1 && winner.n_rivals == 0);
    assert_int_equal(mg_order_methods(row, 3, order), 2);
    assert_true(order[0] == 1 && order[1] == 0);
    pair[0].p_holm = 0.06;
    winner = mg_find_winner(row, pair, 3, rival);
    assert_true(!winner.wins && winner.leader == 1 && winner.n_rivals == 1 && rival[0] && !rival[1] && !rival[2]);
    pair[0].p_holm = NAN; /* no test is no proof */
    assert_false(mg_find_winner(row, pair, 3, rival).wins);
    pair[0].p_holm = 0.01;
    pair[0].mean_difference = 0.2; /* the test speaks for the other one */
    assert_false(mg_find_winner(row, pair, 3, rival).wins);
    pair[0].mean_difference = -0.2;
    row[1].n_clusters = MG_ENOUGH_CLUSTERS - 1;
    winner = mg_find_winner(row, pair, 3, rival);
    assert_true(!winner.wins && !winner.enough && winner.n_rivals == 0);
    row[0].mean = row[1].mean = NAN;
    assert_false(mg_find_winner(row, pair, 3, NULL).any);
}

/* --- methods that say the same --- */

static void test_same_attributions(void **state)
{
    (void)state;
    enum { N_SAME = 6, L = 3 };
    /* 0, 1 and 4 are the same in the first window, 0 and 4 in the second; 2 and 3 say nothing in one window, 3 in any; 5 is alone */
    const float one[N_SAME][L] = {{1, 2, NAN}, {1, 2, NAN}, {NAN, NAN, NAN}, {NAN, NAN, NAN}, {1, 2, NAN}, {1, 2, 3}};
    const float two[N_SAME][L] = {{-0.f, 1, 1}, {0, 1, 2}, {4, 5, 6}, {NAN, NAN, NAN}, {0, 1, 1}, {0, 1, 1}};
    const float *row[N_SAME];
    mg_report_same same = {0};
    assert_int_equal(mg_report_same_create(N_SAME, &same, NULL), MG_OK);
    for (size_t m = 0; m < N_SAME; m++)
        row[m] = one[m];
    mg_report_same_add(&same, N_SAME, row, L);
    const size_t first[N_SAME] = {0, 0, 2, 2, 0, 5};
    assert_memory_equal(same.as, first, sizeof first);
    for (size_t m = 0; m < N_SAME; m++)
        row[m] = two[m];
    mg_report_same_add(&same, N_SAME, row, L);
    const size_t then[N_SAME] = {0, 1, 2, 3, 0, 5};
    const bool told[N_SAME] = {true, true, true, false, true, true};
    assert_memory_equal(same.as, then, sizeof then);
    assert_memory_equal(same.told, told, sizeof told);
    for (size_t m = 0; m < N_SAME; m++)
        row[m] = two[5]; /* what was told apart stays apart */
    mg_report_same_add(&same, N_SAME, row, L);
    assert_memory_equal(same.as, then, sizeof then);
    mg_report_same_destroy(&same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_attributions),
        cmocka_unit_test(test_range_agrees_with_scipy),
        cmocka_unit_test(test_range_agrees_with_printed_tables),
        cmocka_unit_test(test_friedman_agrees_with_scipy),
        cmocka_unit_test(test_friedman_knows_its_limits),
        cmocka_unit_test(test_blocks_are_transcripts),
        cmocka_unit_test(test_bars_join_what_is_close),
        cmocka_unit_test(test_ratio_agrees_with_numpy),
        cmocka_unit_test(test_large_means_lose_no_digits),
        cmocka_unit_test(test_few_transcripts_give_no_interval),
        cmocka_unit_test(test_all_or_none_still_have_an_interval),
        cmocka_unit_test(test_quantiles_are_close),
        cmocka_unit_test(test_probability_changes_without_cancellation),
        cmocka_unit_test(test_the_first_choice_is_the_metric),
        cmocka_unit_test(test_worst_ranks_know_no_scale),
        cmocka_unit_test(test_a_winner_beats_everybody),
    };
    return cmocka_run_group_tests_name("report_statistics", tests, NULL, NULL);
}
