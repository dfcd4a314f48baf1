/* test_difference.c  what differs and by how much; which windows are looked at again */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "src/core/difference.h"
#include "src/shard/sample.h"

static void test_same(void **state)
{
    (void)state;
    const float one[] = {1.5f, NAN, -INFINITY, 0.f}, other[] = {1.5f, -NAN, -INFINITY, 0.f};
    mg_difference d = {0};
    mg_difference_add(&d, one, other, 4, 0, 7);
    assert_int_equal(d.n, 4);
    assert_int_equal(d.n_different, 0);
    assert_int_equal(d.n_far, 0);
    assert_true(mg_difference_mean(&d) == 0);
}

static void test_every_other_bit_counts(void **state)
{
    (void)state;
    const float one[] = {1.f, 0.f, 2.f}, other[] = {nextafterf(1.f, 2.f), -0.f, 2.f};
    mg_difference d = {0};
    mg_difference_add(&d, one, other, 3, 0, 5);
    assert_int_equal(d.n_different, 2);
    assert_int_equal(d.n_far, 2);
    assert_int_equal(d.place, 5);
    assert_int_equal(d.item, 0);
    assert_true(d.largest == 0x1p-23);
    assert_true(mg_difference_mean(&d) == 0x1p-23 / 3);
}

static void test_undefined_on_one_side(void **state)
{
    (void)state;
    const float one[] = {NAN, 1.f}, other[] = {0.f, 3.f};
    mg_difference d = {0};
    mg_difference_add(&d, one, other, 2, 0.5, 0);
    assert_int_equal(d.n_different, 2);
    assert_int_equal(d.n_undefined, 1);
    assert_int_equal(d.n_far, 2);
    assert_true(isnan(d.one) && d.other == 0);
    assert_true(d.largest == 2 && mg_difference_mean(&d) == 2); /* of the one that is defined */
}

static void test_tolerance_goes_by_the_row(void **state)
{
    (void)state;
    const float small[] = {0.25f, 0.f}, small_other[] = {0.25f, 0.015f}, large[] = {100.f, 0.f},
                large_other[] = {100.f, 0.5f}, infinite[] = {INFINITY, 0.f}, infinite_other[] = {INFINITY, 0.5f};
    mg_difference d = {0};
    mg_difference_add(&d, small, small_other, 2, 0.01, 0); /* 1 is the least scale */
    assert_int_equal(d.n_far, 1);
    mg_difference_add(&d, large, large_other, 2, 0.01, 1);
    assert_int_equal(d.n_far, 1);
    mg_difference_add(&d, infinite, infinite_other, 2, 0.01, 2); /* no scale to go by */
    assert_int_equal(d.n_far, 2);
    assert_int_equal(d.n_different, 3);
    assert_int_equal(d.place, 0);
    assert_int_equal(d.item, 1);
}

static void test_doubles(void **state)
{
    (void)state;
    const double one[] = {1, NAN}, other[] = {1 + 0x1p-52, NAN};
    mg_difference d = {0};
    mg_difference_add_double(&d, one, other, 2, 0, 3);
    assert_int_equal(d.n_different, 1);
    assert_true(d.largest == 0x1p-52 && d.other == 1 + 0x1p-52);
}

static void test_join(void **state)
{
    (void)state;
    const float one[] = {1.f}, near[] = {1.5f}, far[] = {4.f};
    mg_difference a = {0}, b = {0}, none = {0};
    mg_difference_add(&b, one, near, 1, 0, 2);
    mg_difference_join(&a, &none);
    mg_difference_join(&a, &b);
    assert_true(a.n == 1 && a.place == 2 && a.other == 1.5 && a.largest == 0.5);
    mg_difference c = {0};
    mg_difference_add(&c, one, far, 1, 0, 9);
    mg_difference_join(&a, &c);
    assert_true(a.n == 2 && a.n_far == 2 && a.place == 2 && a.largest == 3 && a.sum == 3.5);
}

static void test_sample(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 7, 100, 1000003};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int64_t n_drawn = 1; n_drawn <= sizes[k] && n_drawn <= 200; n_drawn++) {
            int64_t before = -1;
            for (int64_t i = 0; i < n_drawn; i++) {
                int64_t w = mg_sample_window(sizes[k], n_drawn, 1, i);
                assert_true(w > before && w < sizes[k]);
                if (n_drawn == sizes[k]) assert_int_equal(w, i);
                before = w;
            }
        }
}

/* Every window can be drawn, and another seed draws others. */
static void test_sample_by_seed(void **state)
{
    (void)state;
    enum { N = 50, DRAWN = 5 };
    bool seen[N] = {false};
    int n_seen = 0;
    for (uint64_t seed = 0; seed < 200; seed++)
        for (int64_t i = 0; i < DRAWN; i++) {
            int64_t w = mg_sample_window(N, DRAWN, seed, i);
            n_seen += !seen[w];
            seen[w] = true;
        }
    assert_int_equal(n_seen, N);
}

/* No product overflows. */
static void test_sample_of_many(void **state)
{
    (void)state;
    const int64_t n = INT64_C(1) << 60, drawn = INT64_C(1) << 31;
    int64_t first = mg_sample_window(n, drawn, 1, 0), last = mg_sample_window(n, drawn, 1, drawn - 1);
    assert_true(first >= 0 && first < n / drawn);
    assert_true(last >= n - n / drawn && last < n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_every_other_bit_counts),
        cmocka_unit_test(test_undefined_on_one_side),
        cmocka_unit_test(test_tolerance_goes_by_the_row),
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_sample_by_seed),
        cmocka_unit_test(test_sample_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
