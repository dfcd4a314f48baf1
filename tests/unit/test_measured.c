/* test_measured.c  windows against effects that were measured: rows by bases, metrics with their names, the network as a row */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/random.h"
#include "src/shard/against.h"
#include "tests/support/metrics.h"

enum { L = 60, ANCHOR = 20, N = 3, N_MEASURED = N_START_METRICS - 2 };

static uint64_t counter;

static float number(void)
{
    return (float)((double)(mg_mix(3, counter++) >> 11) * 0x1p-53 - 0.5);
}

/* Three windows in the order of their bases, with one effect in four not measured; of window 1 nothing before the anchor. */
static mg_measured make_measured(void)
{
    mg_measured m = {.effect = {.n = N, .length = L, .hypothetical = true}};
    m.effect.base = malloc(N * L);
    m.effect.value = malloc(N * L * 4 * sizeof(float));
    for (int i = 0; i < N; i++)
        for (int p = 0; p < L; p++) {
            mg_base base = p == 0 ? (mg_base)i : (mg_base)(mg_mix(4, counter++) % 4);
            m.effect.base[i * L + p] = base;
            for (int b = 0; b < 4; b++) {
                bool missing = mg_mix(5, counter++) % 4 == 0 || (i == 1 && p < ANCHOR);
                m.effect.value[(i * L + p) * 4 + b] = b == base ? 0 : missing ? NAN : number();
            }
        }
    return m;
}

static bool same(const float *x, const float *y, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!(x[k] == y[k] || (isnan(x[k]) && isnan(y[k])))) return false;
    return true;
}

/* All metrics of a claim against these effects but those of the call and of completeness, by the function they are made of. */
static void expected(const mg_base *base, const bool *blind, const float *effect, const float *a, const float *c,
                     float *metric)
{
    mg_truth *truth = NULL;
    float all[MG_MAX_METRICS];
    size_t n = 0;
    assert_int_equal(start_truth(L, ANCHOR, &truth, NULL), MG_OK);
    mg_truth_set(truth, 0, base, blind, effect, NAN);
    mg_truth_compare(truth, a, c, NAN, all);
    for (size_t k = 0; k < N_START_METRICS; k++)
        if (k != MG_FLIP_AUROC && k != MG_COMPLETENESS_ERROR) metric[n++] = all[k];
    assert_int_equal(n, N_MEASURED);
    mg_truth_destroy(truth);
}

static void test_windows(void **state)
{
    (void)state;
    mg_measured m = make_measured();
    mg_regions regions = start_regions(L, ANCHOR);
    mg_against *against = NULL;
    bool blind[L] = {[7] = true, [40] = true};
    float a[L], c[L * 4], network[L * 4], e[L], got[N_MEASURED], wanted[N_MEASURED];
    assert_int_equal(mg_against_create(&m, &regions, &against, NULL), MG_OK);
    for (int i = 0; i < N; i++) {
        const mg_base *base = m.effect.base + i * L;
        const float *effect = m.effect.value + i * L * 4;
        for (int p = 0; p < L; p++) {
            double sum = 0;
            int n = 0;
            a[p] = number();
            for (int b = 0; b < 4; b++) {
                c[p * 4 + b] = number();
                network[p * 4 + b] = b == base[p] ? 0 : number();
                if (b == base[p] || isnan(effect[p * 4 + b])) continue;
                sum -= (double)network[p * 4 + b];
                n++;
            }
            e[p] = n > 0 ? (float)(sum / n) : 0;
        }
        mg_against_set(against, 0, base, blind);
        mg_against_compare(against, a, c, got);
        expected(base, blind, effect, a, c, wanted);
        assert_true(same(got, wanted, N_MEASURED) && !isnan(got[MG_SPEARMAN]));
        assert_true(isnan(got[PEARSON_REGIONS - 2 + UPSTREAM]) == (i == 1));
        mg_against_compare(against, a, NULL, got);
        assert_true(isnan(got[MG_SUBSTITUTION_PEARSON - 1]) && !isnan(got[MG_PEARSON]));
        mg_against_compare_network(against, network, got);
        expected(base, blind, effect, e, network, wanted);
        assert_true(same(got, wanted, N_MEASURED));
        mg_against_compare_network(against, effect, got); /* what it says where nothing was measured does not matter */
        assert_true(fabs((double)got[MG_SPEARMAN] - 1) < 1e-6 &&
                    fabs((double)got[MG_SUBSTITUTION_PEARSON - 1] - 1) < 1e-6);
    }
    mg_against_destroy(against);
    mg_regions_destroy(&regions);
    mg_measured_destroy(&m);
}

/* Of a window that nobody measured nothing is known, and so no metric. */
static void test_no_row(void **state)
{
    (void)state;
    mg_measured m = make_measured();
    mg_regions regions = start_regions(L, ANCHOR);
    mg_against *against = NULL;
    mg_base base[L] = {3};
    bool blind[L] = {false};
    float effect[L * 4], a[L] = {1}, metric[N_MEASURED];
    assert_false(mg_measured_row(&m, base, effect, NULL));
    for (int k = 0; k < L * 4; k++)
        assert_true(k % 4 == base[k / 4] ? effect[k] == 0 : isnan(effect[k]) != 0);
    assert_int_equal(mg_against_create(&m, &regions, &against, NULL), MG_OK);
    mg_against_set(against, 0, base, blind);
    mg_against_compare(against, a, effect, metric);
    for (int k = 0; k < N_MEASURED; k++)
        assert_true(isnan(metric[k]));
    mg_against_destroy(against);
    mg_regions_destroy(&regions);
    mg_measured_destroy(&m);
}

static void test_names(void **state)
{
    (void)state;
    mg_regions regions = start_regions(L, ANCHOR);
    mg_metric_set set = *start_metrics();
    size_t before = set.n;
    mg_metric_set_add_measured(&regions, &set);
    assert_int_equal(set.n, before + N_MEASURED);
    for (size_t k = before; k < set.n; k++) {
        assert_int_equal(set.info[k].family, MG_FAMILY_MEASURED);
        assert_memory_equal(set.info[k].dataset, "measured_", 9);
        assert_int_equal(mg_metric_set_find(&set, set.info[k].name, set.info[k].region), k);
    }
    size_t upstream = mg_metric_set_find(&set, "measured_spearman", "upstream");
    assert_string_equal(set.info[upstream].dataset, "measured_spearman_upstream");
    assert_int_equal(mg_metric_set_find(&set, "measured_flip_auroc", "all"), set.n);
    mg_regions_destroy(&regions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_no_row),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("measured", tests, NULL, NULL);
}
