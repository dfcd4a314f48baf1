/* test_method_layers.c  methods that treat layers by their place, on small networks whose values can be written down: LRP's flat
 * and box rule at the layers that read the window, excitation backpropagation, maps of a convolution; and their refusals */
#include "tests/support/explainer.h"
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"

/* --- LRP at the layers that read the window, by definition --- */

enum { LENGTH = 17, KERNEL = 5, CHANNELS = 3, STRIDE = 2, PAD = 3 };

/* conv, ReLU, dense with one output; the convolution hangs over both ends. */
static mg_graph *small_network(gsl_rng *rng, double low)
{
    mg_graph *graph = NULL;
    size_t value = 0;
    mg_node conv = {.kind = mg_kind_find("conv"),
                    .name = "conv",
                    .groups = 1,
                    .slide = {.kernel = KERNEL, .stride = STRIDE, .dilation = 1, .pad = PAD, .pad_end = PAD},
                    .n_weight = CHANNELS * 4 * KERNEL,
                    .n_bias = CHANNELS};
    mg_node relu = {.kind = mg_kind_find("relu"), .name = "relu"};
    mg_node dense = {.kind = mg_kind_find("dense"), .name = "dense"};
    assert_int_equal(mg_graph_create(LENGTH, &graph, NULL), MG_OK);
    conv.weight = drawn_numbers(rng, conv.n_weight, low, 1.0);
    conv.bias = drawn_numbers(rng, conv.n_bias, 0.0, 0.5);
    assert_int_equal(mg_graph_add(graph, &conv, 1, &value, &value, NULL), MG_OK);
    assert_int_equal(mg_graph_add(graph, &relu, 1, &value, &value, NULL), MG_OK);
    dense.n_weight = graph->extent[value].length * CHANNELS;
    dense.weight = drawn_numbers(rng, dense.n_weight, low, 1.0);
    assert_int_equal(mg_graph_add(graph, &dense, 1, &value, &value, NULL), MG_OK);
    return graph;
}

/* Relevance of each position under the epsilon rule with epsilon 0, flat or box at the convolution, entry by entry. */
static void share_by_definition(const mg_graph *graph, const double *x, bool box, double *a)
{
    const mg_node *conv = &graph->node[0], *dense = &graph->node[2];
    double **value = plain_values(graph, x, NULL);
    memset(a, 0, LENGTH * sizeof *a);
    for (int64_t t = 0; t < graph->extent[1].length; t++)
        for (int64_t o = 0; o < CHANNELS; o++) {
            double active = value[2][t * CHANNELS + o], sum = 0.0;
            double relevance = active * dense->weight[o * graph->extent[2].length + t];
            for (int round = 0; round < 2; round++)
                for (int64_t k = 0; k < KERNEL; k++)
                    for (int64_t b = 0; b < 4; b++) {
                        int64_t p = t * STRIDE + k - PAD;
                        if (p < 0 || p >= LENGTH || relevance == 0.0) continue;
                        double w = conv->weight[(o * 4 + b) * KERNEL + k];
                        double part = box ? x[p * 4 + b] * w - fmin(w, 0.0) : 1.0;
                        if (round == 0) sum += part;
                        if (round == 1) a[p] += part / sum * relevance;
                    }
        }
    plain_values_free(graph, value);
}

static void test_first_layers(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int g = 0; g < 15; g++) {
        mg_graph *graph = small_network(rng, -1.0);
        double wanted[LENGTH], a[LENGTH], c[LENGTH * 4], *x = calloc(LENGTH * 4, sizeof *x);
        for (int i = 0; i < LENGTH; i++)
            x[i * 4 + drawn(rng, 4)] = 1.0;
        for (int k = 0; k < 4; k++) {
            static const char *const specs[] = {"lrp:rule=epsilon,epsilon=0,first=flat",
                                                "lrp:rule=epsilon,epsilon=0,first=box"};
            machine m = start(graph, k / 2 == 0 ? MG_SINGLE : MG_DOUBLE, specs[k % 2]);
            explain(&m, x, LENGTH, false, a, c);
            share_by_definition(graph, x, k % 2 == 1, wanted);
            assert_true(deviation(a, wanted, LENGTH) < (k / 2 == 0 ? 1e-4 : 1e-11));
            for (int i = 0; i < LENGTH; i++)
                for (int b = 0; b < 4; b++)
                    if (x[i * 4 + b] != 0.0) assert_true(c[i * 4 + b] == a[i]);
            stop(&m);
        }
        free(x);
        mg_graph_destroy(graph);
    }
    gsl_rng_free(rng);
}

/* small_network() behind the window turned round and complemented: one gather that moves whole rows. */
static mg_graph *reversed_network(const mg_graph *network)
{
    mg_graph *graph = NULL;
    size_t value[8] = {0};
    mg_node gather = {.kind = mg_kind_find("gather"), .name = "turned", .asked = {LENGTH, 4}};
    gather.index = calloc(LENGTH * 4, sizeof *gather.index);
    for (int64_t i = 0; i < LENGTH * 4; i++)
        gather.index[i] = LENGTH * 4 - 1 - i;
    assert_int_equal(mg_graph_create(LENGTH, &graph, NULL), MG_OK);
    assert_int_equal(mg_graph_add(graph, &gather, 1, &value[0], &value[0], NULL), MG_OK);
    for (size_t i = 0; i < network->n_nodes; i++)
        assert_int_equal(mg_graph_add_copy(network, i, value, graph, NULL), MG_OK);
    return graph;
}

/* A convolution that reads the window turned round is as much the first as one that reads it straight. */
static void test_first_layer_of_other_strand(void **state)
{
    (void)state;
    static const char *const specs[] = {"lrp:first=flat", "lrp:first=box"};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *straight = small_network(rng, -1.0), *turned = reversed_network(straight);
    double *x = drawn_window(rng, LENGTH), *other = calloc(LENGTH * 4, sizeof *other), a[LENGTH], b[LENGTH],
           c[LENGTH * 4];
    for (int i = 0; i < LENGTH * 4; i++)
        other[LENGTH * 4 - 1 - i] = x[i];
    for (int k = 0; k < 2; k++) {
        machine m = start(straight, MG_DOUBLE, specs[k]), o = start(turned, MG_DOUBLE, specs[k]);
        explain(&m, x, LENGTH, false, a, c);
        explain(&o, other, LENGTH, false, b, c);
        for (int i = 0; i < LENGTH; i++)
            assert_true(fabs(a[i] - b[LENGTH - 1 - i]) < 1e-12);
        stop(&m);
        stop(&o);
    }
    free(x);
    free(other);
    mg_graph_destroy(straight);
    mg_graph_destroy(turned);
    gsl_rng_free(rng);
}

/* With positive weights no unit is without a positive contribution, so nothing is lost. */
static void test_excitation_sum(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *graph = small_network(rng, 0.1);
    double *x = drawn_window(rng, LENGTH), a[LENGTH], c[LENGTH * 4], sum = 0.0;
    machine m = start(graph, MG_DOUBLE, "excitation_backprop");
    assert_true(explain(&m, x, LENGTH, false, a, c) == 1.0);
    for (int i = 0; i < LENGTH; i++)
        sum += a[i];
    assert_true(fabs(sum - 1.0) < 1e-12);
    stop(&m);
    free(x);
    mg_graph_destroy(graph);
    gsl_rng_free(rng);
}

/* --- maps --- */

/* With an average over positions and a dense layer behind one convolution, Grad-CAM's mean is the score, less its bias. */
static void test_class_map_sum(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *graph = small_network(rng, -1.0), *head = NULL;
    size_t value = 2;
    mg_node mean = {.kind = mg_kind_find("average_pool"), .name = "mean"};
    mg_node dense = {.kind = mg_kind_find("dense"), .name = "dense", .n_weight = CHANNELS, .n_bias = 1};
    assert_int_equal(mg_graph_prune(graph, value, &head, NULL), MG_OK);
    mean.slide = (mg_slide){.kernel = head->extent[2].length, .stride = 1, .dilation = 1};
    dense.weight = drawn_numbers(rng, CHANNELS, -1.0, 1.0);
    dense.bias = drawn_numbers(rng, 1, 1.0, 2.0);
    assert_int_equal(mg_graph_add(head, &mean, 1, &value, &value, NULL), MG_OK);
    assert_int_equal(mg_graph_add(head, &dense, 1, &value, &value, NULL), MG_OK);
    double *x = drawn_window(rng, LENGTH), a[LENGTH], c[LENGTH * 4], sum = 0.0;
    int64_t n = head->extent[2].length;
    machine m = start(head, MG_DOUBLE, "grad_cam:upsampling=nearest");
    explain(&m, x, LENGTH, false, a, c);
    for (int64_t t = 0; t < n; t++) { /* the first position that is nearest to place t of the map */
        int64_t i = (t * LENGTH + n - 1) / n;
        sum += a[i];
    }
    double f = mg_pass_forward(m.pass, x), bias = head->node[3].bias[0];
    assert_true(fabs(sum - (f - bias)) < 1e-12);
    stop(&m);
    free(x);
    mg_graph_destroy(head);
    mg_graph_destroy(graph);
    gsl_rng_free(rng);
}

/* --- refusals --- */

static void check_refused(const mg_graph *graph, const char *spec, mg_status wanted, const char *words)
{
    mg_plan *plan = NULL;
    mg_method method;
    mg_error err = {0};
    assert_int_equal(mg_plan_create(graph, MG_DOUBLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_method_parse(spec, &method, &err), MG_OK);
    mg_status status = mg_method_prepare(&method, plan, &err);
    if (status != wanted || strstr(err.text, words) == NULL) fail_msg("%s: %d, %s", spec, (int)status, err.text);
    mg_method_release(&method);
    mg_plan_destroy(plan);
}

static void test_refusals(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *network = small_network(rng, -1.0), *flat = NULL;
    size_t window = 0, value;
    mg_node pool = {.kind = mg_kind_find("max_pool"), .name = "first_pool"};
    mg_node dense = {.kind = mg_kind_find("dense"), .name = "dense", .n_weight = 4, .weight = calloc(4, 8)};
    check_refused(network, "grad_cam:layer=2", MG_EUSAGE, "layer=2, but the network has 1 convolution");
    check_refused(network, "occlusion:width=18", MG_EINPUT, "width=18 is more than the 17 positions");
    pool.slide = (mg_slide){.kernel = LENGTH, .stride = 1, .dilation = 1};
    assert_int_equal(mg_graph_create(LENGTH, &flat, NULL), MG_OK);
    assert_int_equal(mg_graph_add(flat, &pool, 1, &window, &value, NULL), MG_OK);
    assert_int_equal(mg_graph_add(flat, &dense, 1, &value, &value, NULL), MG_OK);
    check_refused(flat, "grad_cam", MG_EINPUT, "grad_cam wants a convolution with several positions");
    check_refused(flat, "guided_grad_cam", MG_EINPUT, "guided_grad_cam wants a convolution");
    check_refused(flat, "lrp:first=flat", MG_EINPUT, "node 'first_pool' (max pool) does; take first=same");
    mg_graph_destroy(flat);
    mg_graph_destroy(network);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_layers),   cmocka_unit_test(test_first_layer_of_other_strand),
        cmocka_unit_test(test_excitation_sum), cmocka_unit_test(test_class_map_sum),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("method_layers", tests, NULL, NULL);
}
