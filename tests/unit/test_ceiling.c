/* test_ceiling.c  the noise ceiling: by hand, where it is not defined, and in a simulation where the truth is known */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdint.h>

#include "src/core/random.h"
#include "src/statistics/ceiling.h"

static void test_by_hand(void **state)
{
    (void)state;
    static const double value[] = {1, 2, 3, 4, 5}, none[5] = {0}, some[] = {1, 1, 1, 1, 1}, much[] = {9, 9, 9, 9, 9};
    static const double equal[] = {2, 2, 2, 2, 2};
    assert_true(mg_noise_ceiling(value, none, 5) == 1);
    assert_true(fabs(mg_noise_ceiling(value, some, 5) - sqrt(1 - 1 / 2.5)) < 1e-12);
    assert_true(mg_noise_ceiling(value, much, 5) == 0);
    assert_true(isnan(mg_noise_ceiling(value, some, 2)) && isnan(mg_noise_ceiling(equal, some, 5)));
}

static double uniform(uint64_t k)
{
    return (double)(mg_mix(7, k) >> 11) * 0x1p-53;
}

static double normal(uint64_t k)
{
    return sqrt(-2 * log(1 - uniform(2 * k))) * cos(6.283185307179586 * uniform(2 * k + 1));
}

/* What is true correlates with what was measured as the ceiling says: 20,000 values, so to 0.01. */
static void test_simulation(void **state)
{
    (void)state;
    enum { N = 20000 };
    static double truth[N], value[N], se[N];
    double xy = 0, xx = 0, yy = 0;
    for (uint64_t i = 0; i < N; i++) {
        truth[i] = 3 * normal(2 * i);
        se[i] = 0.5 + 2 * uniform(3 * N + i);
        value[i] = truth[i] + se[i] * normal(2 * i + 1);
        xy += truth[i] * value[i];
        xx += truth[i] * truth[i];
        yy += value[i] * value[i];
    }
    assert_true(fabs(mg_noise_ceiling(value, se, N) - xy / sqrt(xx * yy)) < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand), cmocka_unit_test(test_simulation)};
    return cmocka_run_group_tests_name("ceiling", tests, NULL, NULL);
}
