/* test_replicate.c  draws of the bootstrap and the product of counts and sums, against their definitions */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/core/random.h"
#include "src/statistics/bootstrap.h"
#include "src/statistics/replicate.h"

enum { SET = MG_REPLICATE_SET, TILE = MG_REPLICATE_TILE };

static uint64_t state = 3;

static double draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53 - 0.5;
}

/* The product to the last bit, for any number of clusters and columns. */
static void test_product(void **unused)
{
    (void)unused;
    static double times[TILE * SET], total[TILE * 48], sum[SET * 48], expected[SET * 48];
    for (size_t columns = 8; columns <= 48; columns += 8)
        for (size_t n = 0; n <= TILE; n += n < 6 ? 1 : 29) {
            for (size_t k = 0; k < TILE * SET; k++)
                times[k] = (double)(int)(6 * (draw() + 0.5));
            for (size_t k = 0; k < TILE * columns; k++)
                total[k] = draw();
            for (size_t k = 0; k < SET * columns; k++)
                sum[k] = expected[k] = draw();
            mg_replicate_add(times, total, n, columns, sum);
            mg_replicate_add_ref(times, total, n, columns, expected);
            assert_memory_equal(sum, expected, SET * columns * sizeof *sum);
        }
}

/* A replicate draws n times, each cluster with the same chance, and says the same whenever it is asked. */
static void test_draws(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {1, 2, 3, 7, 64, 255, 256, 1001};
    static uint8_t count[1001], again[1001];
    static uint32_t all[1001];
    enum { REPLICATES = 4000 };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s];
        double chi2 = 0;
        memset(all, 0, sizeof all);
        for (int64_t r = 0; r < REPLICATES; r++) {
            size_t drawn = 0;
            mg_replicate_draw(11, r, n, count);
            for (size_t k = 0; k < n; k++) {
                drawn += count[k];
                all[k] += count[k];
            }
            assert_int_equal(drawn, n);
        }
        for (size_t k = 0; k < n; k++)
            chi2 += ((double)all[k] - REPLICATES) * ((double)all[k] - REPLICATES) / REPLICATES;
        double width = 5 * 1.4143 * 32; /* 5 standard deviations of chi2 with at most 1000 degrees of freedom */
        assert_true(chi2 < (double)n + width);
        mg_replicate_draw(11, REPLICATES - 1, n, again);
        assert_memory_equal(count, again, n);
    }
    mg_replicate_draw(11, 0, 1001, count);
    mg_replicate_draw(11, 1, 1001, again);
    assert_memory_not_equal(count, again, 1001);
    mg_replicate_draw(12, 0, 1001, again);
    assert_memory_not_equal(count, again, 1001);
}

/* Any split of the replicates, beside any other sample, packed or not: the same bits. */
static void test_any_split(void **unused)
{
    (void)unused;
    enum { CLUSTERS = 150, METHODS = 5, COLUMNS = 16, REPLICATES = 100 };
    static double total[2][CLUSTERS * COLUMNS], packed[CLUSTERS * COLUMNS];
    static double whole[REPLICATES * METHODS], part[REPLICATES * METHODS], both[REPLICATES * METHODS * 2];
    uint32_t plain_column[METHODS], column[METHODS];
    for (size_t k = 0; k < CLUSTERS; k++)
        for (size_t m = 0; m < METHODS; m++) {
            plain_column[m] = (uint32_t)(METHODS + m);
            for (int i = 0; i < 2; i++) {
                total[i][k * COLUMNS + m] = draw();
                total[i][k * COLUMNS + METHODS + m] = (double)(k % 4) + (m == 3 ? (double)(k % 2) : 0);
            }
        }
    memcpy(packed, total[0], sizeof packed);
    size_t columns = mg_bootstrap_pack(packed, CLUSTERS, METHODS, column);
    assert_int_equal(columns, 8); /* five sums and two kinds of counts */
    assert_true(column[0] == 5 && column[4] == 5 && column[3] == 6);
    mg_bootstrap_sample sample[] = {{METHODS, COLUMNS, total[0], plain_column},
                                    {METHODS, COLUMNS, total[1], plain_column}};
    mg_bootstrap_sample tight = {METHODS, columns, packed, column};
    assert_int_equal(mg_bootstrap_replicates(&tight, 1, CLUSTERS, 5, 0, REPLICATES, whole, NULL), MG_OK);
    for (int64_t cut = 0; cut <= REPLICATES; cut += 33) {
        memset(part, 0, sizeof part);
        assert_int_equal(mg_bootstrap_replicates(sample, 1, CLUSTERS, 5, 0, cut, part, NULL), MG_OK);
        assert_int_equal(mg_bootstrap_replicates(sample, 1, CLUSTERS, 5, cut, REPLICATES, part + cut * METHODS, NULL),
                         MG_OK);
        assert_memory_equal(part, whole, sizeof whole);
    }
    assert_int_equal(mg_bootstrap_replicates(sample, 2, CLUSTERS, 5, 0, REPLICATES, both, NULL), MG_OK);
    for (size_t r = 0; r < REPLICATES; r++)
        assert_memory_equal(both + 2 * METHODS * r, whole + METHODS * r, METHODS * sizeof *whole);
}

/* A replicate by hand: the clusters it draws, one after the other. */
static void test_replicate_by_hand(void **unused)
{
    (void)unused;
    enum { CLUSTERS = 7, REPLICATES = 40 };
    double total[CLUSTERS * 8] = {0}, mean[REPLICATES];
    uint32_t column = 1;
    for (size_t k = 0; k < CLUSTERS; k++) {
        total[8 * k] = (double)(k * k);
        total[8 * k + 1] = (double)k;
    }
    mg_bootstrap_sample sample = {1, 8, total, &column};
    assert_int_equal(mg_bootstrap_replicates(&sample, 1, CLUSTERS, 9, 0, REPLICATES, mean, NULL), MG_OK);
    for (int64_t r = 0; r < REPLICATES; r++) {
        double sum = 0, count = 0;
        for (uint64_t d = 0; d < CLUSTERS; d++) {
            uint64_t bits = mg_mix(mg_mix(9, (uint64_t)r), d / 2) >> (d % 2 > 0 ? 32 : 0);
            size_t k = (size_t)((bits & UINT32_MAX) * CLUSTERS >> 32);
            sum += total[8 * k];
            count += total[8 * k + 1];
        }
        assert_true(mean[r] == sum / count); /* whole numbers: no rounding before the division */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_any_split),
        cmocka_unit_test(test_replicate_by_hand),
    };
    return cmocka_run_group_tests_name("replicate", tests, NULL, NULL);
}
