/* test_agreement.c  one window's metrics against scipy (tests/oracle/agreement.py), GSL, brute force and laws */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "src/faithfulness/correlation.h"
#include "src/faithfulness/single.h"
#include "src/faithfulness/rank.h"

#include "tests/oracle/agreement.h"
#include "tests/support/metrics.h"

enum { N_ORACLE_WINDOWS = sizeof oracle_windows / sizeof *oracle_windows, MAX_N = 4000, LONG_N = 70001 };

/* Small numbers that a test can count on: a linear congruential generator, upper bits. */
static uint64_t lcg_state = 1;

static uint32_t draw(uint32_t below)
{
    lcg_state = lcg_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((lcg_state >> 33) % below);
}

static double draw_real(void)
{
    return draw(1u << 30) / (double)(1u << 29) - 1;
}

/* A metric is a float, so half a unit in its last place, and a little for sums in another order. */
static bool close_to(double got, double wanted)
{
    if (isnan(got) || isnan(wanted)) return isnan(got) && isnan(wanted);
    return fabs(got - wanted) <= 1e-7 * fabs(wanted) + 1e-7;
}

/* --- against scipy --- */

static void compare_oracle_window(mg_truth *truth, const oracle_window *w, float metric[N_START_METRICS])
{
    float effect[4 * ORACLE_LENGTH], contribution[ORACLE_LENGTH], hypothetical[4 * ORACLE_LENGTH];
    for (int k = 0; k < 4 * ORACLE_LENGTH; k++) {
        effect[k] = (float)w->effect[k];
        hypothetical[k] = (float)w->hypothetical[k];
    }
    for (int k = 0; k < ORACLE_LENGTH; k++)
        contribution[k] = (float)w->contribution[k];
    mg_truth_set(truth, 0, w->base, w->blind, effect, w->score);
    mg_truth_compare(truth, contribution, w->has_hypothetical ? hypothetical : NULL, w->claimed_sum, metric);
}

static mg_truth *create_truth(int64_t length, int64_t anchor)
{
    mg_truth *truth = NULL;
    mg_error err;
    if (start_truth(length, anchor, &truth, &err) != MG_OK) fail_msg("%s", err.text);
    return truth;
}

static void test_windows_as_scipy(void **state)
{
    (void)state;
    assert_int_equal(N_START_METRICS, ORACLE_METRICS);
    mg_truth *truth = create_truth(ORACLE_LENGTH, ORACLE_ANCHOR);
    for (int k = 0; k < N_ORACLE_WINDOWS; k++) {
        const oracle_window *w = &oracle_windows[k];
        float metric[N_START_METRICS];
        compare_oracle_window(truth, w, metric);
        for (int m = 0; m < N_START_METRICS; m++)
            if (!close_to(metric[m], w->metric[m]))
                fail_msg("%s: %s is %.9g, not %.9g", w->name, start_metrics()->info[m].dataset, metric[m],
                         w->metric[m]);
    }
    mg_truth_destroy(truth);
}

/* Nothing of one window may be left when the next is set: forwards, backwards and alone give the same bits. */
static void test_windows_leave_no_trace(void **state)
{
    (void)state;
    float forward[N_ORACLE_WINDOWS][N_START_METRICS], metric[N_START_METRICS];
    mg_truth *truth = create_truth(ORACLE_LENGTH, ORACLE_ANCHOR);
    for (int k = 0; k < N_ORACLE_WINDOWS; k++)
        compare_oracle_window(truth, &oracle_windows[k], forward[k]);
    for (int k = N_ORACLE_WINDOWS - 1; k >= 0; k--) {
        compare_oracle_window(truth, &oracle_windows[k], metric);
        assert_memory_equal(metric, forward[k], sizeof metric);
        mg_truth *fresh = create_truth(ORACLE_LENGTH, ORACLE_ANCHOR);
        compare_oracle_window(fresh, &oracle_windows[k], metric);
        assert_memory_equal(metric, forward[k], sizeof metric);
        mg_truth_destroy(fresh);
    }
    mg_truth_destroy(truth);
}

/* --- sorting and ranks --- */

static double tied(size_t k)
{
    (void)k;
    return (double)draw(7) - 3;
}

static double spread(size_t k)
{
    (void)k;
    return draw_real() * ldexp(1, (int)draw(200) - 100);
}

/* neighbours that agree in all but the last bits, against the order: what the insertion sort has to put right */
static double nearly_equal(size_t k)
{
    return 1 + (double)(k % 64) * DBL_EPSILON;
}

static double zeros(size_t k)
{
    return k % 2 == 0 ? 0.0 : -0.0;
}

static double extreme(size_t k)
{
    static const double value[] = {-DBL_MAX, -1, -DBL_MIN, -4.9e-324, -0.0, 0.0, 4.9e-324, DBL_MIN, 1, DBL_MAX};
    return value[(k * 7) % 10];
}

/* all but one so close together that their order is not to be seen in their share of the spread */
static double far_off(size_t k)
{
    return k == 0 ? 1e30 : draw_real();
}

static double infinite(size_t k)
{
    return k % 3 == 0 ? INFINITY : k % 3 == 1 ? -INFINITY : draw_real();
}

static void check_order(mg_sorter *sorter, double (*make)(size_t), size_t n)
{
    static double value[LONG_N];
    static int32_t rank[LONG_N];
    static uint32_t order[LONG_N], first[LONG_N];
    size_t n_tied = 0;
    double squares = 0;
    for (size_t k = 0; k < n; k++)
        value[k] = make(k);
    mg_ordered row = mg_sort_descending(sorter, value, n, order);
    double rank_squares = mg_mid_ranks(&row, rank);
    mg_first_places(&row, first);
    for (size_t k = 1; k < n; k++) {
        double before = value[order[k - 1]], after = value[order[k]];
        assert_true(before > after || (before == after && order[k - 1] < order[k]));
        n_tied += before == after;
    }
    assert_int_equal(row.n_tied, n_tied);
    for (size_t k = 0; k < n; k++)
        squares += 0.25 * rank[k] * rank[k];
    assert_true(fabs(squares - rank_squares) <= 1e-12 * squares);
    for (size_t k = 0; k < n; k += 1 + n / 50) { /* a rank by its definition, for some */
        size_t n_larger = 0, n_equal = 0;
        for (size_t j = 0; j < n; j++) {
            n_larger += value[j] > value[k];
            n_equal += value[j] == value[k];
        }
        assert_int_equal(rank[k] + (int)n + 1, 2 * n_larger + n_equal + 1);
        assert_int_equal(first[k], n_larger);
    }
}

static void test_order_and_ranks(void **state)
{
    (void)state;
    static double (*const make[])(size_t) = {tied, spread, nearly_equal, zeros, extreme, far_off, infinite};
    static const size_t n[] = {0, 1, 2, 3, 190, 570, 1023, 1024, 1025, MAX_N};
    mg_sorter *sorter = NULL;
    assert_int_equal(mg_sorter_create(MAX_N, &sorter, NULL), MG_OK);
    for (size_t i = 0; i < sizeof make / sizeof *make; i++)
        for (size_t j = 0; j < sizeof n / sizeof *n; j++)
            check_order(sorter, make[i], n[j]);
    mg_sorter_destroy(sorter);
}

/* Longer than what is sorted by 16 bits. */
static void test_long_rows(void **state)
{
    (void)state;
    static double (*const make[])(size_t) = {tied, spread, zeros, far_off};
    mg_sorter *sorter = NULL;
    assert_int_equal(mg_sorter_create(LONG_N, &sorter, NULL), MG_OK);
    for (size_t i = 0; i < sizeof make / sizeof *make; i++) {
        check_order(sorter, make[i], LONG_N);
        check_order(sorter, make[i], 1 << 16);
    }
    mg_sorter_destroy(sorter);
}

static void test_too_many_to_sort(void **state)
{
    (void)state;
    mg_sorter *sorter = NULL;
    mg_error err;
    assert_int_equal(mg_sorter_create(UINT32_MAX, &sorter, &err), MG_EINPUT);
    assert_null(sorter);
}

/* --- correlations --- */

/* Sums of ranks times weights by the ranks themselves. */
static void check_product(mg_sorter *sorter, double (*make)(size_t), size_t n)
{
    static double value[MAX_N];
    static int32_t rank[MAX_N], weight[MAX_N];
    static uint32_t order[MAX_N];
    for (size_t k = 0; k < n; k++) {
        value[k] = make(k);
        weight[k] = (int32_t)draw(2000) - 1000;
    }
    mg_ordered row = mg_sort_descending(sorter, value, n, order);
    double squares, rank_squares = mg_mid_ranks(&row, rank);
    int64_t product = 0;
    for (size_t k = 0; k < n; k++)
        product += (rank[k] + (int64_t)n + 1) * weight[k];
    assert_int_equal(mg_rank_product(&row, weight, &squares), product);
    assert_int_equal(mg_rank_product(&row, weight, NULL), product);
    assert_true(squares == rank_squares);
}

static void test_rank_product(void **state)
{
    (void)state;
    mg_sorter *sorter = NULL;
    assert_int_equal(mg_sorter_create(MAX_N, &sorter, NULL), MG_OK);
    for (size_t n = 0; n < MAX_N; n += 1 + n / 3) {
        check_product(sorter, tied, n);
        check_product(sorter, spread, n);
        check_product(sorter, zeros, n);
    }
    mg_sorter_destroy(sorter);
}

/* Two rows, and what mg_kendall() wants of them. */
typedef struct {
    size_t n;
    double x[MAX_N], y[MAX_N];
    uint32_t x_order[MAX_N], y_order[MAX_N], x_first[MAX_N], y_first[MAX_N], work[3 * MAX_N];
    uint64_t bits[MAX_N];
} rows;

static double kendall(mg_sorter *sorter, rows *r)
{
    mg_ordered x = mg_sort_descending(sorter, r->x, r->n, r->x_order);
    mg_ordered y = mg_sort_descending(sorter, r->y, r->n, r->y_order);
    mg_first_places(&x, r->x_first);
    mg_first_places(&y, r->y_first);
    assert_true(mg_kendall_words(r->n) <= MAX_N);
    double tau = mg_kendall(&x, r->y_first, y.n_tied > 0, r->work, r->bits);
    double swapped = mg_kendall(&y, r->x_first, x.n_tied > 0, r->work, r->bits);
    assert_true(tau == swapped || (isnan(tau) && isnan(swapped)));
    return tau;
}

static double kendall_ref(const rows *r)
{
    double balance = 0, x_untied = 0, y_untied = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t j = 0; j < i; j++) {
            int x = (r->x[i] > r->x[j]) - (r->x[i] < r->x[j]), y = (r->y[i] > r->y[j]) - (r->y[i] < r->y[j]);
            balance += x * y;
            x_untied += x != 0;
            y_untied += y != 0;
        }
    if (r->n < 3 || x_untied == 0 || y_untied == 0) return NAN;
    return balance / sqrt(x_untied * y_untied);
}

static void test_kendall_by_brute_force(void **state)
{
    (void)state;
    static rows r;
    mg_sorter *sorter = NULL;
    assert_int_equal(mg_sorter_create(MAX_N, &sorter, NULL), MG_OK);
    for (int trial = 0; trial < 2003; trial++) {
        r.n = trial < 2000 ? draw(trial < 1500 ? 12 : 300) : MAX_N;
        uint32_t levels = 1 + draw(trial % 3 == 0 ? 4 : trial % 3 == 1 ? 1000 : 1 << 30);
        for (size_t k = 0; k < r.n; k++) {
            r.x[k] = draw(levels);
            r.y[k] = draw(3) == 0 ? r.x[k] : draw(levels);
        }
        double got = kendall(sorter, &r), wanted = kendall_ref(&r);
        if (!(fabs(got - wanted) <= 1e-14) && !(isnan(got) && isnan(wanted)))
            fail_msg("trial %d, n %zu: tau is %.17g, not %.17g", trial, r.n, got, wanted);
    }
    mg_sorter_destroy(sorter);
}

static double pearson(const double *x, const double *y, size_t n)
{
    double deviation[500];
    mg_centred centred = mg_centre(y, mg_mean(y, n), n, deviation);
    return mg_pearson(x, mg_mean(x, n), &centred, n);
}

static double cosine(const double *x, const double *y, size_t n)
{
    return mg_cosine(x, y, mg_squares(y, n), n);
}

static void test_correlations_as_gsl(void **state)
{
    (void)state;
    static double x[500], y[500], work[1000];
    static int32_t rank[500];
    static uint32_t x_order[500], y_order[500];
    mg_sorter *sorter = NULL;
    assert_int_equal(mg_sorter_create(500, &sorter, NULL), MG_OK);
    for (size_t n = 3; n < 500; n += 7) {
        for (size_t k = 0; k < n; k++) {
            x[k] = n % 2 == 0 ? draw_real() : round(5 * draw_real());
            y[k] = 1e6 + x[k] + draw_real();
        }
        assert_true(fabs(pearson(x, y, n) - gsl_stats_correlation(x, 1, y, 1, n)) < 1e-9);
        assert_true(pearson(x, y, n) == pearson(y, x, n));
        assert_true(cosine(x, y, n) == cosine(y, x, n));
        mg_ordered x_ordered = mg_sort_descending(sorter, x, n, x_order);
        mg_ordered y_ordered = mg_sort_descending(sorter, y, n, y_order);
        double squares = mg_mid_ranks(&y_ordered, rank);
        double rho = mg_spearman(&x_ordered, rank, squares);
        assert_true(fabs(rho - gsl_stats_spearman(x, 1, y, 1, n, work)) < 1e-13);
        squares = mg_mid_ranks(&x_ordered, rank);
        assert_true(rho == mg_spearman(&y_ordered, rank, squares)); /* sums of ranks are exact */
    }
    mg_sorter_destroy(sorter);
}

static void test_correlation_undefined(void **state)
{
    (void)state;
    double x[] = {1, 2, 4, 4}, third[] = {1.0 / 3, 1.0 / 3, 1.0 / 3, 1.0 / 3}, zero[] = {0, 0, 0, 0};
    assert_true(isnan(pearson(x, x, 2)));
    assert_true(isnan(pearson(x, third, 4)));
    assert_true(isnan(pearson(third, x, 4)));
    uint32_t order[4] = {3, 2, 1, 0};
    int32_t rank[4] = {3, 1, -1, -3};
    mg_ordered two = {x, order + 2, 2, 0}, equal = {zero, order, 4, 3}, four = {x, order, 4, 1};
    assert_true(isnan(mg_spearman(&two, rank, 0.5)));
    assert_true(isnan(mg_spearman(&equal, rank, 5)));
    assert_true(isnan(mg_spearman(&four, rank, 0)));
    assert_true(isnan(cosine(x, zero, 4)));
    assert_true(fabs(cosine(third, third, 4) - 1) < 1e-15);

    double rounded[190], ramp[190]; /* constant, but 190 of them divided by 190 is another number */
    for (int k = 0; k < 190; k++) {
        rounded[k] = 1e6 + 0.1;
        ramp[k] = k;
    }
    assert_true(isnan(pearson(rounded, ramp, 190)));
}

/* --- laws of a window --- */

enum { L = 101, ANCHOR = 40 };

typedef struct {
    mg_truth *truth;
    mg_base base[L];
    bool blind[L];
    float effect[4 * L], contribution[L], hypothetical[4 * L], metric[N_START_METRICS];
    double score;
} window;

static void sample_window(window *w)
{
    for (int p = 0; p < L; p++) {
        w->base[p] = (mg_base)draw(20) == 0 ? MG_UNKNOWN : (mg_base)draw(4);
        w->blind[p] = p > L - 12;
        w->contribution[p] = (float)draw_real();
    }
    for (int k = 0; k < 4 * L; k++) {
        w->effect[k] = k % 4 == w->base[k / 4] ? 0 : (float)draw_real();
        w->hypothetical[k] = (float)draw_real();
    }
    w->score = 0.8;
}

static void compare(window *w)
{
    mg_truth_set(w->truth, 0, w->base, w->blind, w->effect, w->score);
    mg_truth_compare(w->truth, w->contribution, w->hypothetical, NAN, w->metric);
}

/* A method that says just what the mutations do is right in every respect; its opposite is wrong in every respect. */
static void test_truth_agrees_with_itself(void **state)
{
    (void)state;
    window w = {.truth = create_truth(L, ANCHOR)};
    sample_window(&w);
    for (int p = 0; p < L; p++) {
        double sum = 0;
        for (int b = 0; b < 4; b++)
            if (b != w.base[p]) sum -= w.effect[4 * p + b];
        w.contribution[p] = (float)(sum / 3);
    }
    memcpy(w.hypothetical, w.effect, sizeof w.effect);
    compare(&w);
    static const size_t one[] = {
        MG_SPEARMAN,   MG_KENDALL,    MG_SPEARMAN_MAGNITUDE,   MG_SIGN_AGREEMENT,       MG_JACCARD_5,
        MG_JACCARD_10, MG_JACCARD_20, MG_SUBSTITUTION_PEARSON, MG_SUBSTITUTION_SPEARMAN};
    for (size_t k = 0; k < sizeof one / sizeof *one; k++)
        assert_true(w.metric[one[k]] == 1);
    for (int r = 0; r < 4; r++)
        assert_true(w.metric[SPEARMAN_REGIONS + r] == 1);
    assert_true(w.metric[MG_PEARSON] > 0.999999 && w.metric[MG_COSINE] > 0.999999);
    assert_true(w.metric[MG_PEAK_DISTANCE] == 0);
    assert_true(isnan(w.metric[MG_COMPLETENESS_ERROR]));
    for (int p = 0; p < L; p++)
        w.contribution[p] = -w.contribution[p];
    compare(&w);
    assert_true(w.metric[MG_SPEARMAN] == -1 && w.metric[MG_KENDALL] == -1 && w.metric[MG_SIGN_AGREEMENT] == 0);
    assert_true(w.metric[MG_SPEARMAN_MAGNITUDE] == 1);
    mg_truth_destroy(w.truth);
}

/* Metrics of order see nothing of a monotone change of the contributions: the same bits. */
static void test_monotone_change(void **state)
{
    (void)state;
    window w = {.truth = create_truth(L, ANCHOR)};
    for (int trial = 0; trial < 20; trial++) {
        float before[N_START_METRICS];
        sample_window(&w);
        compare(&w);
        memcpy(before, w.metric, sizeof before);
        for (int p = 0; p < L; p++)
            w.contribution[p] = (float)exp(3 * (double)w.contribution[p]);
        compare(&w);
        static const size_t same[] = {MG_SPEARMAN,      MG_KENDALL,    MG_JACCARD_5,     MG_JACCARD_10,
                                      MG_PEAK_DISTANCE, MG_FLIP_AUROC, SPEARMAN_REGIONS, SPEARMAN_REGIONS + CODON_2};
        for (size_t k = 0; k < sizeof same / sizeof *same; k++)
            assert_true(before[same[k]] == w.metric[same[k]]);
        assert_true(before[MG_PEARSON] != w.metric[MG_PEARSON]);
    }
    mg_truth_destroy(w.truth);
}

/* What stands in the start codon, at unknown bases and at blind positions is not looked at. */
static void test_only_informative_positions(void **state)
{
    (void)state;
    window w = {.truth = create_truth(L, ANCHOR)};
    sample_window(&w);
    w.base[5] = MG_UNKNOWN;
    float before[N_START_METRICS];
    compare(&w);
    memcpy(before, w.metric, sizeof before);
    for (int p = 0; p < L; p++)
        if ((p >= ANCHOR && p < ANCHOR + 3) || w.base[p] == MG_UNKNOWN || w.blind[p]) {
            w.contribution[p] = 1000;
            for (int b = 0; b < 4; b++)
                w.effect[4 * p + b] = w.hypothetical[4 * p + b] = -1000;
        }
    compare(&w);
    for (int m = 0; m < N_START_METRICS; m++)
        if (m != MG_COMPLETENESS_ERROR) assert_true(before[m] == w.metric[m]);
    mg_truth_destroy(w.truth);
}

static void test_completeness_error(void **state)
{
    (void)state;
    window w = {.truth = create_truth(L, ANCHOR)};
    sample_window(&w);
    for (int p = 0; p < L; p++)
        w.contribution[p] = 0.25F;
    mg_truth_set(w.truth, 0, w.base, w.blind, w.effect, w.score);
    mg_truth_compare(w.truth, w.contribution, NULL, 25, w.metric);
    assert_true(w.metric[MG_COMPLETENESS_ERROR] == 0.25F); /* 101 positions, the codon and the blind ones too */
    w.contribution[0] = FLT_MAX;
    w.contribution[1] = FLT_MAX;
    mg_truth_compare(w.truth, w.contribution, NULL, 0, w.metric);
    assert_true(isnan(w.metric[MG_COMPLETENESS_ERROR])); /* no float holds it */
    mg_truth_destroy(w.truth);
}

static void test_codon_at_the_edges(void **state)
{
    (void)state;
    static const int64_t edge[] = {0, 1, L - 3, L - 1};
    for (size_t k = 0; k < sizeof edge / sizeof *edge; k++) {
        window w = {.truth = create_truth(L, edge[k])};
        sample_window(&w);
        compare(&w);
        assert_true(fabsf(w.metric[MG_SPEARMAN]) <= 1);
        assert_int_equal(isnan(w.metric[SPEARMAN_REGIONS]) != 0, edge[k] < 3);
        assert_int_equal(isnan(w.metric[SPEARMAN_REGIONS + CODON_1]) != 0, edge[k] > 3);
        mg_truth_destroy(w.truth);
    }
}

static void test_refuses_shapes(void **state)
{
    (void)state;
    mg_truth *truth = NULL;
    mg_error err;
    const mg_regions none = {.length = 0}, long_ones = {.length = INT64_MAX};
    assert_int_equal(mg_truth_create(&none, &truth, &err), MG_EINPUT);
    assert_int_equal(mg_truth_create(&long_ones, &truth, &err), MG_EINPUT);
    assert_null(truth);
    mg_truth_destroy(NULL);
}

static void test_metric_table(void **state)
{
    (void)state;
    for (int m = 0; m < N_START_METRICS; m++) {
        const mg_metric_info *info = &start_metrics()->info[m];
        assert_true(strlen(info->name) > 0);
        assert_true(info->better == 1 || info->better == -1);
        assert_true(strlen(info->region) > 0 && strlen(info->unit) > 0 && strlen(info->description) > 0);
        if (strcmp(info->region, "all") == 0) assert_string_equal(info->name, info->dataset);
        for (int k = 0; k < m; k++)
            assert_string_not_equal(info->dataset, start_metrics()->info[k].dataset);
    }
}

/* Says how long a window takes; the machine decides whether that is good. */
static void test_time(void **state)
{
    (void)state;
    enum { LENGTH = 203, N_METHODS = 7, N_WINDOWS = 200 };
    static mg_base base[LENGTH];
    static bool blind[LENGTH];
    static float effect[4 * LENGTH], contribution[LENGTH], hypothetical[4 * LENGTH], metric[N_START_METRICS];
    mg_truth *truth = create_truth(LENGTH, 60);
    clock_t spent = 0;
    for (int w = 0; w < N_WINDOWS; w++) {
        for (int k = 0; k < 4 * LENGTH; k++) {
            base[k / 4] = (mg_base)draw(4);
            effect[k] = (float)draw_real();
            hypothetical[k] = (float)draw_real();
            contribution[k / 4] = (float)draw_real();
        }
        clock_t start = clock();
        mg_truth_set(truth, 0, base, blind, effect, 1);
        for (int k = 0; k < N_METHODS; k++)
            mg_truth_compare(truth, contribution, hypothetical, 0, metric);
        spent += clock() - start;
    }
    print_message("# %.3f ms a window of %d nt with %d methods\n", 1e3 * (double)spent / CLOCKS_PER_SEC / N_WINDOWS,
                  (int)LENGTH, (int)N_METHODS);
    mg_truth_destroy(truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows_as_scipy),
        cmocka_unit_test(test_windows_leave_no_trace),
        cmocka_unit_test(test_order_and_ranks),
        cmocka_unit_test(test_rank_product),
        cmocka_unit_test(test_long_rows),
        cmocka_unit_test(test_too_many_to_sort),
        cmocka_unit_test(test_kendall_by_brute_force),
        cmocka_unit_test(test_correlations_as_gsl),
        cmocka_unit_test(test_correlation_undefined),
        cmocka_unit_test(test_truth_agrees_with_itself),
        cmocka_unit_test(test_monotone_change),
        cmocka_unit_test(test_only_informative_positions),
        cmocka_unit_test(test_completeness_error),
        cmocka_unit_test(test_codon_at_the_edges),
        cmocka_unit_test(test_refuses_shapes),
        cmocka_unit_test(test_metric_table),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests_name("agreement", tests, NULL, NULL);
}
