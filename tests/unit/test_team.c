/* test_team.c  the threads of a rank: each window's slot, whoever takes it; the lowest failure; the tick */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/layers.h"
#include "src/core/random.h"
#include "src/shard/team.h"
#include "tests/support/metrics.h"

enum { LENGTH = 12, ANCHOR = 3, N_WINDOWS = 41 };

static double weight_of(size_t i)
{
    return (double)(mg_mix(11, i) % 2001) / 1000.0 - 1.0;
}

/* One linear layer with two logits. With `huge` weights every window that has a known base is beyond float32. */
static mg_study *make_study(double scale)
{
    mg_error err = {0};
    double weight[2 * 4 * LENGTH], bias[2] = {0.25, -0.5};
    for (size_t i = 0; i < 2 * 4 * LENGTH; i++)
        weight[i] = scale * weight_of(i);
    table_layer layer = {.kind = LAYER_LINEAR,
                         .dense = true,
                         .kernel = LENGTH,
                         .stride = 1,
                         .dilation = 1,
                         .in_length = LENGTH,
                         .in_channels = 4,
                         .out_length = 1,
                         .out_channels = 2,
                         .weight = weight,
                         .bias = bias};
    const layer_table table = {.length = LENGTH,
                               .anchor = ANCHOR,
                               .n_layers = 1,
                               .layer = &layer,
                               .n_outputs = 2,
                               .head = MG_SOFTMAX_HEAD,
                               .target = 1};
    mg_graph *network = graph_of(&table);
    const char *const spec[] = {"saliency", "input_x_gradient"};
    mg_study *study = NULL;
    if (mg_study_create(network, mg_score_name(MG_SCORE_LOG_ODDS), 2, spec, 1, &study, &err) != MG_OK)
        fail_msg("%s", err.text);
    mg_graph_destroy(network);
    return study;
}

static mg_shard make_shard(void)
{
    mg_shard shard;
    assert_int_equal(mg_shard_create(N_WINDOWS, LENGTH, &shard, NULL), MG_OK);
    shard.first = 1000;
    for (int64_t i = 0; i < N_WINDOWS * LENGTH; i++)
        shard.base[i] = (mg_base)(mg_mix(5, (uint64_t)i) % 4);
    return shard;
}

static mg_result work(const mg_study *study, const mg_shard *shard, int n_threads, const mg_tick *tick)
{
    mg_error err = {0};
    mg_result result;
    mg_team *team = NULL;
    assert_int_equal(mg_result_create(shard->n, LENGTH, 2, 0, N_START_METRICS, MG_STORE_HYPOTHETICAL, &result, &err),
                     MG_OK);
    assert_int_equal(mg_team_create(study, n_threads, &team, &err), MG_OK);
    if (mg_team_work(team, shard, &result, tick, &err) != MG_OK) fail_msg("%s", err.text);
    mg_team_destroy(team);
    return result;
}

static void assert_same(const float *one, const float *other, size_t n)
{
    assert_memory_equal(one, other, n * sizeof *one);
}

static void test_same_bits_for_any_threads(void **state)
{
    (void)state;
    mg_study *study = make_study(1.0);
    mg_shard shard = make_shard();
    mg_result one = work(study, &shard, 1, NULL);
    for (int n_threads = 2; n_threads <= 7; n_threads++) {
        mg_result other = work(study, &shard, n_threads, NULL);
        assert_same(one.score, other.score, N_WINDOWS);
        assert_same(one.effect, other.effect, N_WINDOWS * LENGTH * 4);
        assert_same(one.contribution, other.contribution, 2 * N_WINDOWS * LENGTH);
        assert_same(one.agreement, other.agreement, 2 * N_START_METRICS * N_WINDOWS);
        mg_result_destroy(&other);
    }
    mg_result_destroy(&one);
    mg_shard_destroy(&shard);
    mg_study_destroy(study);
}

static void expect_failure(const mg_study *study, const mg_shard *shard, int n_threads, const char *words)
{
    mg_error err = {0};
    mg_result result;
    mg_team *team = NULL;
    assert_int_equal(mg_result_create(shard->n, LENGTH, 2, 0, N_START_METRICS, MG_STORE_SUMMARY, &result, &err), MG_OK);
    assert_int_equal(mg_team_create(study, n_threads, &team, &err), MG_OK);
    assert_int_equal(mg_team_work(team, shard, &result, NULL, &err), MG_EINPUT);
    if (strstr(err.text, words) == NULL) fail_msg("'%s' is not in '%s'", words, err.text);
    mg_team_destroy(team);
    mg_result_destroy(&result);
}

/* Windows of unknown bases have a score; the first window with a known one is the lowest to fail. */
static void test_the_lowest_failure_is_told(void **state)
{
    (void)state;
    mg_study *study = make_study(1e38);
    mg_shard shard = make_shard();
    static const int64_t first[] = {0, 1, 17, N_WINDOWS - 1};
    for (size_t k = 0; k < sizeof first / sizeof *first; k++) {
        char words[32];
        memset(shard.base, MG_UNKNOWN, N_WINDOWS * LENGTH);
        /* Only bases that raise the score: their sum overflows. */
        for (int64_t i = first[k]; i < N_WINDOWS; i++)
            for (int64_t p = 0; p < LENGTH; p++)
                shard.base[i * LENGTH + p] =
                    weight_of((size_t)(4 * LENGTH + p)) > weight_of((size_t)p) ? MG_A : MG_UNKNOWN;
        snprintf(words, sizeof words, "window %lld:", (long long)(shard.first + first[k]));
        for (int n_threads = 1; n_threads <= 5; n_threads += 2)
            for (int again = 0; again < 20; again++)
                expect_failure(study, &shard, n_threads, words);
    }
    mg_shard_destroy(&shard);
    mg_study_destroy(study);
}

typedef struct {
    int n_calls, n_elsewhere;
} ticks;

static void count_tick(void *context)
{
    ticks *t = context;
    t->n_calls++;
    t->n_elsewhere += omp_get_thread_num() != 0;
}

static void test_only_the_first_thread_ticks(void **state)
{
    (void)state;
    mg_study *study = make_study(1.0);
    mg_shard shard = make_shard();
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        ticks t = {0};
        mg_tick tick = {count_tick, &t};
        mg_result result = work(study, &shard, n_threads, &tick);
        assert_int_equal(t.n_elsewhere, 0);
        assert_true(n_threads > 1 || t.n_calls == N_WINDOWS);
        mg_result_destroy(&result);
    }
    mg_shard_destroy(&shard);
    mg_study_destroy(study);
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    mg_study *study = make_study(1.0);
    mg_shard shard;
    assert_int_equal(mg_shard_create(0, LENGTH, &shard, NULL), MG_OK);
    mg_result result = work(study, &shard, 2, NULL);
    mg_result_destroy(&result);
    mg_shard_destroy(&shard);
    mg_study_destroy(study);
    mg_team_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits_for_any_threads),
        cmocka_unit_test(test_the_lowest_failure_is_told),
        cmocka_unit_test(test_only_the_first_thread_ticks),
        cmocka_unit_test(test_nothing_to_do),
    };
    return cmocka_run_group_tests_name("team", tests, NULL, NULL);
}
