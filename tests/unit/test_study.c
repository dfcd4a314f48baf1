/* test_study.c  one window from bases to agreement: what a worker fills in is what its parts say, for each score and
 * store */
#include "tests/support/support.h"

#include "src/core/random.h"
#include "src/shard/study.h"
#include "tests/support/metrics.h"

enum { N = 6 }; /* windows */

/* An odd network made a classifier of two classes, so that every score can be formed. */
static mg_graph *two_classes(void)
{
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    mg_graph *network = odd_net(file, "ceil_pool_padding");
    H5Fclose(file);
    network->anchor = 10;
    return with_head(network, "softmax");
}

static mg_shard random_shard(const mg_graph *network)
{
    mg_shard shard;
    assert_int_equal(mg_shard_create(N, network->length, &shard, NULL), MG_OK);
    for (int64_t i = 0; i < N * network->length; i++)
        shard.base[i] = mg_mix(5, (uint64_t)i) % 15 == 0 ? MG_UNKNOWN : (mg_base)(mg_mix(6, (uint64_t)i) % 4);
    return shard;
}

typedef struct {
    mg_graph *network;
    mg_study *study;
    mg_shard shard;
    mg_result result;
} run;

static run work(mg_score score, mg_store store, size_t n_specs, const char *const *spec)
{
    run r = {.network = two_classes()};
    mg_error err = {0};
    mg_worker *worker = NULL;
    if (mg_study_create(r.network, mg_score_name(score), n_specs, spec, 7, &r.study, &err) != MG_OK)
        fail_msg("%s", err.text);
    r.shard = random_shard(r.network);
    assert_int_equal(
        mg_result_create(N, r.network->length, mg_study_n_methods(r.study), 0, N_START_METRICS, store, &r.result, &err),
        MG_OK);
    assert_int_equal(mg_worker_create(r.study, &worker, &err), MG_OK);
    for (int64_t i = 0; i < N; i++)
        assert_int_equal(mg_worker_window(worker, &r.shard, i, &r.result, &err), MG_OK);
    mg_worker_destroy(worker);
    return r;
}

static void give_back(run *r)
{
    mg_result_destroy(&r->result);
    mg_shard_destroy(&r->shard);
    mg_study_destroy(r->study);
    mg_graph_destroy(r->network);
}

/* The two logits of window i by the reference path. */
static void logits(const run *r, int64_t i, double *logit)
{
    mg_plan *plan = NULL;
    mg_pass *pass = NULL;
    double *x = calloc((size_t)r->network->length * 4, sizeof *x);
    for (int64_t p = 0; p < r->network->length; p++) {
        mg_base base = r->shard.base[i * r->network->length + p];
        if (base < 4) x[p * 4 + base] = 1.0;
    }
    assert_int_equal(mg_plan_create(r->network, MG_DOUBLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(plan, &pass, NULL), MG_OK);
    mg_pass_forward(pass, x);
    for (int k = 0; k < 2; k++)
        logit[k] = mg_pass_value(pass, r->network->n_nodes - 1, 0, k);
    mg_pass_destroy(pass);
    mg_plan_destroy(plan);
    free(x);
}

static void test_scores(void **state)
{
    (void)state;
    for (int score = MG_SCORE_LOG_ODDS; score <= MG_SCORE_PROBABILITY; score++) {
        run r = work((mg_score)score, MG_STORE_SUMMARY, 0, NULL);
        for (int64_t i = 0; i < N; i++) {
            double logit[2];
            logits(&r, i, logit);
            double f = score == MG_SCORE_LOGIT ? logit[1] : logit[1] - logit[0];
            assert_true(fabs((double)r.result.score[i] - f) < 1e-5);
            assert_true(fabs((double)r.result.probability[i] - 1.0 / (1.0 + exp(logit[0] - logit[1]))) < 1e-5);
        }
        assert_null(r.result.effect);
        give_back(&r);
    }
}

/* Unknown positions are not mutated, have no effect, and nothing is attributed to them (with a zero reference). */
static void test_unknown_positions(void **state)
{
    (void)state;
    run r = work(MG_SCORE_LOG_ODDS, MG_STORE_HYPOTHETICAL, 0, NULL);
    int64_t length = r.network->length, n_unknown = 0;
    for (int64_t k = 0; k < N * length; k++) {
        if (r.shard.base[k] < 4) continue;
        n_unknown++;
        for (int b = 0; b < 4; b++)
            assert_true(r.result.effect[k * 4 + b] == 0.0f);
        for (size_t m = 1; m < r.result.n_methods; m++)
            assert_true(r.result.contribution[m * (size_t)(N * length) + (size_t)k] == 0.0f);
    }
    assert_true(n_unknown > 0);
    give_back(&r);
}

/* The base that is there has no effect; a is c at that base for methods with a zero reference. */
static void test_present_base(void **state)
{
    (void)state;
    run r = work(MG_SCORE_LOG_ODDS, MG_STORE_HYPOTHETICAL, 0, NULL);
    int64_t length = r.network->length;
    for (size_t m = 0; m < r.result.n_methods; m++)
        for (int64_t k = 0; k < N * length; k++) {
            mg_base base = r.shard.base[k];
            if (base >= 4) continue;
            size_t slot = m * (size_t)(N * length) + (size_t)k;
            assert_true(r.result.effect[k * 4 + base] == 0.0f);
            if (m == 0)
                assert_true(isnan(r.result.hypothetical[slot * 4])); /* saliency has none */
            else
                assert_true(r.result.contribution[slot] == r.result.hypothetical[slot * 4 + base]);
        }
    give_back(&r);
}

/* What is kept does not change what is found, and neither does the window worked on before. */
static void test_same_numbers_whatever_is_stored(void **state)
{
    (void)state;
    run little = work(MG_SCORE_LOG_ODDS, MG_STORE_SUMMARY, 0, NULL),
        much = work(MG_SCORE_LOG_ODDS, MG_STORE_HYPOTHETICAL, 0, NULL);
    size_t bytes = little.result.n_methods * N_START_METRICS * N * sizeof(float);
    assert_memory_equal(little.result.agreement, much.result.agreement, bytes);
    mg_worker *worker = NULL;
    assert_int_equal(mg_worker_create(little.study, &worker, NULL), MG_OK);
    for (int64_t i = N; i-- > 0;)
        assert_int_equal(mg_worker_window(worker, &little.shard, i, &little.result, NULL), MG_OK);
    assert_memory_equal(little.result.agreement, much.result.agreement, bytes);
    assert_memory_equal(little.result.score, much.result.score, N * sizeof(float));
    mg_worker_destroy(worker);
    give_back(&little);
    give_back(&much);
}

/* Effects on a probability and on log-odds order the same way, so ranks agree with the score that they come from. */
static void test_probability_keeps_order(void **state)
{
    (void)state;
    run odds = work(MG_SCORE_LOG_ODDS, MG_STORE_CONTRIBUTION, 0, NULL),
        p = work(MG_SCORE_PROBABILITY, MG_STORE_CONTRIBUTION, 0, NULL);
    int64_t length = odds.network->length;
    assert_memory_equal(odds.result.effect, p.result.effect, (size_t)(N * length * 4) * sizeof(float));
    for (int64_t i = 0; i < N; i++) /* saliency: scaled by the slope of the logistic function, one number a window */
        for (int64_t k = 0; k < length; k++) {
            double q = (double)odds.result.probability[i];
            double a = (double)odds.result.contribution[i * length + k],
                   b = (double)p.result.contribution[i * length + k];
            assert_true(fabs(a * q * (1.0 - q) - b) < 1e-6);
        }
    give_back(&odds);
    give_back(&p);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const spec[] = {"lrp", "saliency", "lrp:rule=epsilon", "lrp:gamma=1"};
    run r = work(MG_SCORE_LOG_ODDS, MG_STORE_SUMMARY, 4, spec);
    assert_string_equal(mg_study_method(r.study, 0)->name, "lrp");
    assert_string_equal(mg_study_method(r.study, 1)->name, "saliency");
    assert_string_equal(mg_study_method(r.study, 2)->name, "lrp_2");
    assert_string_equal(mg_study_method(r.study, 3)->name, "lrp_3");
    assert_string_equal(mg_study_method(r.study, 3)->label, "LRP (gamma 1)");
    give_back(&r);
}

static void test_refusals(void **state)
{
    (void)state;
    mg_graph *network = two_classes();
    mg_study *study = NULL;
    mg_error err = {0};
    const char *const unknown[] = {"lrp", "shapley"};
    assert_int_equal(mg_study_create(network, mg_score_name(MG_SCORE_LOG_ODDS), 2, unknown, 1, &study, &err),
                     MG_EUSAGE);
    assert_non_null(strstr(err.text, "unknown method 'shapley'"));
    network->node[network->n_nodes - 2].bias[1] = 1e300; /* finite in double, not in float32 */
    assert_int_equal(mg_study_create(network, mg_score_name(MG_SCORE_LOG_ODDS), 0, NULL, 1, &study, &err), MG_OK);
    mg_worker *worker = NULL;
    mg_result result;
    mg_shard shard = random_shard(network);
    assert_int_equal(mg_worker_create(study, &worker, NULL), MG_OK);
    assert_int_equal(mg_result_create(N, network->length, mg_study_n_methods(study), 0, N_START_METRICS,
                                      MG_STORE_SUMMARY, &result, NULL),
                     MG_OK);
    assert_int_equal(mg_worker_window(worker, &shard, 3, &result, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "window 3: the network's score is not finite"));
    mg_worker_destroy(worker);
    mg_result_destroy(&result);
    mg_shard_destroy(&shard);
    mg_study_destroy(study);
    mg_graph_destroy(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_unknown_positions),
        cmocka_unit_test(test_present_base),
        cmocka_unit_test(test_same_numbers_whatever_is_stored),
        cmocka_unit_test(test_probability_keeps_order),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("study", tests, NULL, NULL);
}
