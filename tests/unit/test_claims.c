/* test_claims.c  simulated cases where the truth is known: who is said to be best, and how often wrongly */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/statistics/claims.h"

enum { MAX_METHODS = 5, MAX_WINDOWS = 1200, MAX_PAIRS = 10, MAX_FAMILIES = 4 };

static uint64_t state = 20221206;

static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* What is true: clusters of one to nine windows, in which windows are alike, and copies of the same transcript. */
typedef struct {
    size_t n_methods, n_clusters, n_copies;
    bool by_copy;             /* each copy counts as a cluster of its own: wrong, and seen to be */
    double gain[MAX_METHODS]; /* of each method, in standard deviations of a window's noise */
} truth;

static float value[MAX_METHODS * MAX_WINDOWS];
static uint8_t group[MAX_WINDOWS];
static int64_t cluster[MAX_WINDOWS];

/* Methods share most of what a window brings, as those of a network do; of the rest, half is its cluster's. */
static size_t draw_windows(const truth *t, size_t *ret_n_clusters)
{
    size_t n = 0;
    for (size_t c = 0; c < t->n_clusters; c++) {
        size_t size = 1 + (size_t)(uniform() * 9) / t->n_copies, first = n;
        double own[MAX_METHODS], shared = normal();
        for (size_t m = 0; m < t->n_methods; m++)
            own[m] = t->gain[m] + 0.7 * normal();
        for (size_t copy = 0; copy < t->n_copies; copy++)
            for (size_t i = 0; i < size; i++, n++) {
                double level = shared + normal();
                group[n] = 1;
                cluster[n] = (int64_t)(t->by_copy ? c * t->n_copies + copy : c);
                for (size_t m = 0; m < t->n_methods; m++)
                    value[m * MAX_WINDOWS + n] =
                        copy > 0 ? value[m * MAX_WINDOWS + first + i] : (float)(level + own[m] + 0.7 * normal());
            }
    }
    *ret_n_clusters = t->n_clusters * (t->by_copy ? t->n_copies : 1);
    return n;
}

static void summarise(const truth *t, mg_summary_row *row, mg_summary_pair *pair)
{
    size_t n_clusters, n = draw_windows(t, &n_clusters);
    mg_summary_plan plan = {.n_methods = t->n_methods,
                            .n_clusters = n_clusters,
                            .metric = MG_SPEARMAN,
                            .better = MG_BETTER_LARGER,
                            .group = MG_GROUP_ALL,
                            .seed = 1};
    mg_summary *summary = NULL;
    assert_int_equal(mg_summary_create(&plan, &summary, NULL), MG_OK);
    for (size_t m = 1; m < t->n_methods; m++)
        memmove(value + m * n, value + m * MAX_WINDOWS, n * sizeof *value);
    for (int sweep = 0; sweep < MG_SUMMARY_SWEEPS; sweep++) {
        mg_summary_add(summary, &(mg_summary_windows){n, value, group, cluster});
        mg_summary_next(summary);
    }
    assert_int_equal(mg_summary_finish(summary, row, pair, NULL), MG_OK);
    mg_summary_destroy(summary);
}

/* How often any of n_families comparisons of the same kind has a winner, corrected together or each alone. */
static int count_claims(const truth *t, size_t n_families, bool together, int n_trials)
{
    mg_summary_row row[MAX_FAMILIES][MAX_METHODS];
    mg_summary_pair pair[MAX_FAMILIES][MAX_PAIRS];
    mg_comparison comparison[MAX_FAMILIES];
    mg_winner winner[MAX_FAMILIES];
    size_t leader, n_tests;
    int n_claims = 0;
    for (int trial = 0; trial < n_trials; trial++) {
        for (size_t f = 0; f < n_families; f++) {
            summarise(t, row[f], pair[f]);
            comparison[f] = (mg_comparison){row[f], pair[f]};
        }
        if (together) assert_int_equal(mg_claims_correct(comparison, n_families, t->n_methods, &n_tests, NULL), MG_OK);
        n_claims += mg_claims_lead(comparison, n_families, t->n_methods, winner, &leader) != MG_LEAD_NONE;
    }
    return n_claims;
}

/* At most 5% of n trials, and three standard errors of such a count. */
static int most_of(int n)
{
    return (int)(0.05 * n + 3 * sqrt(0.05 * 0.95 * n));
}

static void test_equal_methods(void **unused)
{
    (void)unused;
    enum { TRIALS = 1000 };
    int two = count_claims(&(truth){.n_methods = 2, .n_clusters = 40, .n_copies = 1}, 1, false, TRIALS);
    int five = count_claims(&(truth){.n_methods = 5, .n_clusters = 40, .n_copies = 1}, 1, false, TRIALS);
    int copied = count_claims(&(truth){.n_methods = 2, .n_clusters = 40, .n_copies = 3}, 1, false, TRIALS);
    print_message("best of 2 equal methods %d, of 5 %d, of 2 with copies %d times in %d\n", two, five, copied, TRIALS);
    assert_true(two <= most_of(TRIALS) && five <= most_of(TRIALS) && copied <= most_of(TRIALS));
    assert_true(two > TRIALS / 100); /* a rule that never speaks would pass as well */
}

/* The same data with each copy as a cluster of its own claims far too often: the test above can fail. */
static void test_copies_as_clusters(void **unused)
{
    (void)unused;
    enum { TRIALS = 300 };
    int wrong =
        count_claims(&(truth){.n_methods = 2, .n_clusters = 40, .n_copies = 3, .by_copy = true}, 1, false, TRIALS);
    print_message("copies as clusters: %d times in %d\n", wrong, TRIALS);
    assert_true(wrong > 2 * most_of(TRIALS));
}

/* Four families of equal methods: together they claim at most as often as one alone; each alone, more often. */
static void test_families_of_equal_methods(void **unused)
{
    (void)unused;
    enum { TRIALS = 600 };
    truth t = {.n_methods = 2, .n_clusters = 40, .n_copies = 1};
    int together = count_claims(&t, 4, true, TRIALS), alone = count_claims(&t, 4, false, TRIALS);
    print_message("four families: together %d, each alone %d times in %d\n", together, alone, TRIALS);
    assert_true(together <= most_of(TRIALS) && alone > most_of(TRIALS));
}

/* A method that is better in one family only leads there, and no method leads in all. */
static void test_better_in_one_family(void **unused)
{
    (void)unused;
    enum { TRIALS = 100, FAMILIES = 3 };
    int n_right = 0, n_all = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        mg_summary_row row[FAMILIES][MAX_METHODS];
        mg_summary_pair pair[FAMILIES][MAX_PAIRS];
        mg_comparison comparison[FAMILIES];
        mg_winner winner[FAMILIES];
        size_t leader, n_tests;
        for (size_t f = 0; f < FAMILIES; f++) {
            summarise(&(truth){3, 60, 1, false, {0, f == 1 ? 1 : 0, 0}}, row[f], pair[f]);
            comparison[f] = (mg_comparison){row[f], pair[f]};
        }
        assert_int_equal(mg_claims_correct(comparison, FAMILIES, 3, &n_tests, NULL), MG_OK);
        assert_int_equal(n_tests, 9);
        mg_lead lead = mg_claims_lead(comparison, FAMILIES, 3, winner, &leader);
        n_right += lead == MG_LEAD_SOME && leader == 1 && winner[1].wins && !winner[0].wins && !winner[2].wins;
        n_all += lead == MG_LEAD_ALL;
    }
    print_message("better in one family: said so %d times in %d\n", n_right, TRIALS);
    assert_true(n_right >= 90 && n_all == 0);
}

static void test_better_in_all_families(void **unused)
{
    (void)unused;
    int n_all = 0;
    for (int trial = 0; trial < 50; trial++) {
        mg_summary_row row[2][MAX_METHODS];
        mg_summary_pair pair[2][MAX_PAIRS];
        mg_comparison comparison[2];
        mg_winner winner[2];
        size_t leader, n_tests;
        for (size_t f = 0; f < 2; f++) {
            summarise(&(truth){3, 60, 1, false, {0, 0, 1}}, row[f], pair[f]);
            comparison[f] = (mg_comparison){row[f], pair[f]};
        }
        assert_int_equal(mg_claims_correct(comparison, 2, 3, &n_tests, NULL), MG_OK);
        n_all += mg_claims_lead(comparison, 2, 3, winner, &leader) == MG_LEAD_ALL && leader == 2;
    }
    assert_true(n_all >= 45);
}

/* Fewer than thirty clusters make no claim, however many windows they have. */
static void test_few_clusters(void **unused)
{
    (void)unused;
    mg_summary_row row[2];
    mg_summary_pair pair[1];
    mg_winner winner;
    size_t leader;
    summarise(&(truth){2, 29, 1, false, {0, 5}}, row, pair);
    assert_true(pair[0].p_holm < 1e-4 && row[1].n > 100);
    assert_int_equal(mg_claims_lead(&(mg_comparison){row, pair}, 1, 2, &winner, &leader), MG_LEAD_NONE);
    summarise(&(truth){2, 30, 1, false, {0, 5}}, row, pair);
    assert_int_equal(mg_claims_lead(&(mg_comparison){row, pair}, 1, 2, &winner, &leader), MG_LEAD_ALL);
}

/* Holm by hand, over two comparisons: 0.01 x 4, 0.02 x 3, 0.03 x 2, 0.5; a pair without a test is not counted. */
static void test_correction(void **unused)
{
    (void)unused;
    mg_summary_pair pair[2][3] = {{{.p = 0.03}, {.p = NAN}, {.p = 0.01}}, {{.p = 0.5}, {.p = 0.02}, {.p = NAN}}};
    mg_comparison comparison[] = {{NULL, pair[0]}, {NULL, pair[1]}};
    size_t n_tests = 0;
    assert_int_equal(mg_claims_correct(comparison, 2, 3, &n_tests, NULL), MG_OK);
    assert_int_equal(n_tests, 4);
    assert_true(fabs(pair[0][2].p_holm - 0.04) < 1e-15 && fabs(pair[1][1].p_holm - 0.06) < 1e-15);
    assert_true(fabs(pair[0][0].p_holm - 0.06) < 1e-15 && pair[1][0].p_holm == 0.5);
    assert_true(isnan(pair[0][1].p_holm) && isnan(pair[1][2].p_holm));
    assert_int_equal(mg_claims_correct(comparison, 0, 3, &n_tests, NULL), MG_OK);
    assert_int_equal(n_tests, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_methods),
        cmocka_unit_test(test_copies_as_clusters),
        cmocka_unit_test(test_families_of_equal_methods),
        cmocka_unit_test(test_better_in_one_family),
        cmocka_unit_test(test_better_in_all_families),
        cmocka_unit_test(test_few_clusters),
        cmocka_unit_test(test_correction),
    };
    return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
