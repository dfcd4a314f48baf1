/* test_softsign.c  a kind that is one row of src/nodes/elementwise.c: the scan and every method are right at it or refuse it
 * by name, training too */
#include "tests/support/support.h"

#include <gsl/gsl_rng.h>

#include "src/attribution/method.h"
#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/training/backprop.h"
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"

enum { LENGTH = 20, CHANNELS = 6 };

static mg_graph *network_of(gsl_rng *rng)
{
    mg_graph *graph = NULL;
    size_t value = 0;
    assert_int_equal(mg_graph_create(LENGTH, &graph, NULL), MG_OK);
    mg_node draft[] = {{.kind = mg_kind_find("conv"), .name = "conv", .slide = {5, 1, 1, 0, 0}, .groups = 1},
                       {.kind = mg_kind_find("softsign"), .name = "act"},
                       {.kind = mg_kind_find("dense"), .name = "last"},
                       {.kind = mg_kind_find("sigmoid"), .name = "head"}};
    drawn_weights(rng, &draft[0], CHANNELS * 4 * 5, 4, CHANNELS);
    drawn_weights(rng, &draft[2], CHANNELS * (LENGTH - 4), 8, 1);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(mg_graph_add(graph, &draft[i], 1, &(size_t){i}, &value, NULL), MG_OK);
    assert_int_equal(mg_graph_output(graph, "output", value, 0, NULL, NULL), MG_OK);
    return graph;
}

typedef struct {
    gsl_rng *rng;
    mg_graph *network, *graph; /* graph: its last value is the log-odds */
    mg_plan *plan;
    mg_pass *pass;
    double *x;
    mg_base base[LENGTH];
    double f, f0;
} bench;

static bench start(mg_precision precision)
{
    bench b = {.rng = gsl_rng_alloc(gsl_rng_mt19937)};
    static const double zero[LENGTH * 4];
    b.network = network_of(b.rng);
    b.x = drawn_window(b.rng, LENGTH);
    codes_of(b.x, LENGTH, b.base);
    assert_int_equal(mg_graph_score(b.network, &(mg_score_spec){.kind = MG_SCORE_LOG_ODDS}, &b.graph, NULL), MG_OK);
    assert_int_equal(mg_plan_create(b.graph, precision, &b.plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(b.plan, &b.pass, NULL), MG_OK);
    double *f0 = plain_graph(b.graph, b.graph->n_nodes, zero), *f = plain_graph(b.graph, b.graph->n_nodes, b.x);
    b.f0 = f0[0];
    b.f = f[0];
    free(f0);
    free(f);
    assert_true(fabs(mg_pass_forward(b.pass, b.x) - b.f) < (precision == MG_DOUBLE ? 1e-13 : 1e-5));
    return b;
}

static void stop(bench *b)
{
    mg_pass_destroy(b->pass);
    mg_plan_destroy(b->plan);
    mg_graph_destroy(b->graph);
    mg_graph_destroy(b->network);
    free(b->x);
    gsl_rng_free(b->rng);
}

static void test_scan(void **state)
{
    (void)state;
    bench b = start(MG_SINGLE);
    mg_reach reach;
    mg_scan *scan = NULL;
    float effect[LENGTH * 4];
    assert_int_equal(mg_reach_create(b.plan, &reach, NULL), MG_OK);
    assert_int_equal(mg_scan_create(b.plan, &reach, &scan, NULL), MG_OK);
    mg_scan_window(scan, b.pass, b.base, effect);
    for (int64_t i = 0; i < LENGTH * 4; i++) {
        double keep[4], *row = b.x + i / 4 * 4;
        if (b.base[i / 4] == MG_UNKNOWN || b.base[i / 4] == i % 4) continue;
        memcpy(keep, row, sizeof keep);
        memset(row, 0, sizeof keep);
        row[i % 4] = 1;
        double *f = plain_graph(b.graph, b.graph->n_nodes, b.x);
        assert_true(fabs((double)effect[i] - (f[0] - b.f)) < 1e-4);
        memcpy(row, keep, sizeof keep);
        free(f);
    }
    mg_scan_destroy(scan);
    mg_reach_destroy(&reach);
    stop(&b);
}

/* Contributions under a method; what they add up to. */
static double sum_of(bench *b, const char *spec, double *ret_claimed, double *a)
{
    static double c[LENGTH * 4];
    mg_error err = {0};
    mg_method method;
    mg_explanation e = {.contribution = a, .hypothetical = c};
    mg_view view = {.base = b->base, .x = b->x, .f = b->f};
    if (mg_method_parse(spec, &method, &err) != MG_OK || mg_method_prepare(&method, b->plan, &err) != MG_OK)
        fail_msg("%s: %s", spec, err.text);
    void *scratch = calloc(1, method.type->scratch(&method, b->plan));
    mg_pass_forward(b->pass, b->x);
    method.type->explain(&method, b->pass, &view, scratch, &e);
    double sum = 0;
    for (int i = 0; i < LENGTH; i++)
        sum += a[i];
    *ret_claimed = e.claimed_sum;
    free(scratch);
    mg_method_release(&method);
    return sum;
}

static void test_methods(void **state)
{
    (void)state;
    bench b = start(MG_DOUBLE);
    double claimed, a[LENGTH], gradient[LENGTH];
    double sum = sum_of(&b, "deeplift", &claimed, a);
    assert_true(fabs(sum - (b.f - b.f0)) < 1e-10 && fabs(claimed - (b.f - b.f0)) < 1e-10);
    sum = sum_of(&b, "integrated_gradients:steps=400", &claimed, a);
    assert_true(fabs(sum - (b.f - b.f0)) < 1e-4);
    sum_of(&b, "input_x_gradient", &claimed, gradient);
    for (int i = 0; i < LENGTH; i++) { /* the present base by x: a central difference of F */
        if (b.base[i] == MG_UNKNOWN) continue;
        double f[2];
        for (int side = 0; side < 2; side++) {
            b.x[i * 4 + b.base[i]] = 1 + (side == 0 ? 1e-5 : -1e-5);
            f[side] = mg_pass_forward(b.pass, b.x);
        }
        b.x[i * 4 + b.base[i]] = 1;
        assert_true(fabs(gradient[i] - (f[0] - f[1]) / 2e-5) < 1e-6);
    }
    const char *const same[] = {"guided_backpropagation", "deconvolution"}; /* they change ReLU alone */
    for (int k = 0; k < 2; k++) {
        sum_of(&b, same[k], &claimed, a);
        assert_true(deviation(a, gradient, LENGTH) < 1e-12);
    }
    sum_of(&b, "lrp:rule=epsilon", &claimed, a);
    stop(&b);
}

static void test_refusal(void **state)
{
    (void)state;
    bench b = start(MG_SINGLE);
    mg_error err = {0};
    mg_method method;
    assert_int_equal(mg_method_parse("integrated_gradients:integral=exact", &method, &err), MG_OK);
    assert_int_equal(mg_method_prepare(&method, b.plan, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "not node 'act' (softsign)"));
    mg_method_release(&method);
    stop(&b);
}

/* The gradient of the weights against differences of the loss. */
static void test_training(void **state)
{
    (void)state;
    bench b = start(MG_DOUBLE);
    mg_layer_recipe recipe[4] = {{0}};
    mg_trainable *net = NULL;
    mg_backprop *pass = NULL;
    mg_example example = {.base = b.base, .start = true, .weight = 1, .key = 1};
    assert_int_equal(mg_trainable_create(b.network, recipe, MG_DOUBLE, &net, NULL), MG_OK);
    assert_int_equal(mg_backprop_create(net, &pass, NULL), MG_OK);
    size_t n = mg_trainable_n(net);
    double *parameter = calloc(n, sizeof *parameter), *gradient = calloc(n, sizeof *gradient),
           *unused = calloc(n, sizeof *unused);
    mg_parameters_read(b.network, parameter);
    mg_trainable_load(net, parameter, 1);
    mg_backprop_gradient(pass, 1, &example, 0, gradient);
    for (size_t i = 0; i < n; i += 3) {
        double keep = parameter[i], loss[2];
        for (int side = 0; side < 2; side++) {
            parameter[i] = keep + (side == 0 ? 1e-5 : -1e-5);
            mg_trainable_load(net, parameter, 1);
            loss[side] = mg_backprop_gradient(pass, 1, &example, 0, unused);
        }
        parameter[i] = keep;
        assert_true(fabs(gradient[i] - (loss[0] - loss[1]) / 2e-5) < 1e-7);
    }
    free(parameter);
    free(gradient);
    free(unused);
    mg_backprop_destroy(pass);
    mg_trainable_destroy(net);
    stop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scan), cmocka_unit_test(test_methods),
                                       cmocka_unit_test(test_refusal), cmocka_unit_test(test_training)};
    return cmocka_run_group_tests_name("softsign", tests, NULL, NULL);
}
