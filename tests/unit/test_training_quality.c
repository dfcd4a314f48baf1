/* test_training_quality.c  how well scores tell starts from other codons: small cases worked out by hand, and intervals
 * that do not depend on threads
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/random.h"
#include "src/training/quality.h"
#include "tests/support/small_dataset.h"

/* --- qualities --- */

/* Five windows in as many transcripts: start 2, other 1, start 1, other 0.5, other -1. */
static mg_scores five(mg_dataset *d)
{
    static const double score[] = {2, 1, 1, 0.5, -1};
    mg_error err = {0};
    mg_scores scores;
    *d = (mg_dataset){.length = LENGTH};
    for (int i = 0; i < 5; i++)
        add(d, i, i, i == 0 || i == 2, MG_TRAINED_ON);
    assert_int_equal(mg_dataset_cluster(d, NULL, 0, "transcript", &err), MG_OK);
    if (mg_scores_collect(d, false, score, &scores, &err) != MG_OK) fail_msg("%s", err.text);
    return scores;
}

static void test_qualities(void **state)
{
    (void)state;
    mg_dataset d;
    mg_scores scores = five(&d);
    double q[MG_N_QUALITIES];
    mg_quality_measure(&scores, NULL, q);
    near(q[MG_AUROC], 5.5 / 6, 1e-15); /* of six pairs one is tied */
    near(q[MG_AUPRC], (1 + 2.0 / 3) / 2, 1e-15);
    near(q[MG_FPR_AT_80], 1.0 / 3, 1e-15);
    near(q[MG_SENSITIVITY], 1, 0);
    near(q[MG_SPECIFICITY], 1.0 / 3, 1e-15);
    near(q[MG_PRECISION], 0.5, 1e-15);
    double loss = log1p(exp(-2)) + log1p(exp(1)) + log1p(exp(-1)) + log1p(exp(0.5)) + log1p(exp(-1));
    near(q[MG_LOSS], loss / 5, 1e-15);
    double p[5], brier = 0;
    const double label[] = {1, 0, 1, 0, 0}, score[] = {2, 1, 1, 0.5, -1};
    for (int i = 0; i < 5; i++) {
        p[i] = 1 / (1 + exp(-score[i]));
        brier += (p[i] - label[i]) * (p[i] - label[i]) / 5;
    }
    near(q[MG_BRIER], brier, 1e-15);
    /* Bins: 0.88 alone, twice 0.73, 0.62 alone, 0.27 alone. */
    near(q[MG_CALIBRATION], ((1 - p[0]) + fabs(2 * p[1] - 1) + p[3] + p[4]) / 5, 1e-15);
    near(q[MG_TOP], 1, 0); /* each transcript has one ATG */
    mg_scores_destroy(&scores);
    mg_dataset_destroy(&d);
}

static void test_weights(void **state)
{
    (void)state;
    mg_dataset d;
    mg_scores scores = five(&d);
    double q[MG_N_QUALITIES];
    const uint32_t times[5] = {1, 0, 3, 2, 1}; /* without the tied other */
    mg_quality_measure(&scores, times, q);
    near(q[MG_AUROC], 1, 1e-15);
    near(q[MG_SPECIFICITY], 1.0 / 3, 1e-15);
    const uint32_t none[5] = {0, 1, 0, 1, 1};
    mg_quality_measure(&scores, none, q);
    assert_true(isnan(q[MG_AUROC]) && isnan(q[MG_AUPRC]) && isnan(q[MG_SENSITIVITY]) && isnan(q[MG_FPR_AT_80]));
    mg_scores_destroy(&scores);
    mg_dataset_destroy(&d);
}

static void test_curve(void **state)
{
    (void)state;
    mg_dataset d;
    mg_scores scores = five(&d);
    mg_curve_point point[5];
    assert_int_equal(mg_quality_curve(&scores, point), 3); /* 2; 1 with its tie; the end: one straight line */
    assert_true(point[0].threshold == 2 && point[0].n_true == 1 && point[0].n_false == 0);
    assert_true(point[1].threshold == 1 && point[1].n_true == 2 && point[1].n_false == 1);
    assert_true(point[2].threshold == -1 && point[2].n_true == 2 && point[2].n_false == 3);
    mg_calibration_bin bin[MG_N_BINS];
    mg_quality_calibration(&scores, bin);
    assert_true(bin[7].n == 2 && bin[7].n_starts == 1 && bin[0].n == 0 && isnan(bin[0].probability));
    near(bin[7].probability, 1 / (1 + exp(-1)), 1e-15);
    mg_scores_destroy(&scores);
    mg_dataset_destroy(&d);
}

/* A transcript whose start scores below its other ATG; one that shares the start; one without any start. */
static void test_best_of_transcript(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_dataset d = {.length = LENGTH};
    mg_scores scores;
    double q[MG_N_QUALITIES];
    add(&d, 0, 1, 1, MG_TRAINED_ON);
    add(&d, 0, 2, 0, MG_TRAINED_ON);
    add(&d, 1, 1, 1, MG_TRAINED_ON);
    add(&d, 1, 3, 0, MG_TRAINED_ON);
    add(&d, 2, 2, 0, MG_TRAINED_ON);
    assert_int_equal(mg_dataset_cluster(&d, NULL, 0, "transcript", &err), MG_OK);
    assert_int_equal(mg_scores_collect(&d, false, (const double[]){1, 2, 0}, &scores, &err), MG_OK);
    mg_quality_measure(&scores, NULL, q);
    assert_int_equal(scores.n_tops, 2);
    near(q[MG_TOP], 0.5, 0);
    mg_scores_destroy(&scores);
    assert_int_equal(mg_scores_collect(&d, true, (const double[]){1, 2, 0}, &scores, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "of 0 windows 0 are annotated starts"));
    mg_dataset_destroy(&d);
}

/* Intervals: the same for any number of threads, around the value, and wide for few transcripts. */
static void test_intervals(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_dataset d = {.length = LENGTH};
    mg_scores scores;
    double score[400], q[MG_N_QUALITIES], low[2][MG_N_QUALITIES], high[2][MG_N_QUALITIES];
    for (int i = 0; i < 400; i++) {
        add(&d, i, i, i % 4 == 0, MG_TRAINED_ON);
        score[i] = (double)(mg_mix(1, (uint64_t)i) >> 40) * 0x1p-24 + (i % 4 == 0 ? 0.3 : 0);
    }
    assert_int_equal(mg_dataset_cluster(&d, NULL, 0, "transcript", &err), MG_OK);
    assert_int_equal(mg_scores_collect(&d, false, score, &scores, &err), MG_OK);
    mg_quality_measure(&scores, NULL, q);
    assert_int_equal(mg_quality_intervals(&scores, 1, 500, 1, low[0], high[0], &err), MG_OK);
    assert_int_equal(mg_quality_intervals(&scores, 1, 500, 3, low[1], high[1], &err), MG_OK);
    assert_memory_equal(low[0], low[1], sizeof low[0]);
    assert_memory_equal(high[0], high[1], sizeof high[0]);
    assert_true(low[0][MG_AUROC] < q[MG_AUROC] && q[MG_AUROC] < high[0][MG_AUROC]);
    /* 100 and 300 windows: Hanley and McNeil's standard error at 0.75 is 0.029. */
    near(high[0][MG_AUROC] - low[0][MG_AUROC], 4 * 0.028, 0.04);
    assert_int_equal(mg_quality_intervals(&scores, 1, 0, 1, low[0], high[0], &err), MG_OK);
    assert_true(isnan(low[0][MG_AUROC]) && isnan(high[0][MG_TOP]));
    mg_scores_destroy(&scores);
    mg_dataset_destroy(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qualities),          cmocka_unit_test(test_weights),   cmocka_unit_test(test_curve),
        cmocka_unit_test(test_best_of_transcript), cmocka_unit_test(test_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
