/* test_count.c  multiply-adds that are counted, against loops over layers, positions and channels */
#include "tests/support.h"

#include "src/core/random.h"
#include "src/mutation/naive.h"
#include "src/mutation/reach.h"
#include "src/mutation/scan.h"
#include "src/network/engine.h"
#include "tests/random_network.h"

enum { N_NETWORKS = 60 };

/* What is held against the counters: a network with a pass, and the sum it leads to. */
typedef struct {
    mg_network *network;
    mg_engine *engine;
    mg_pass *pass;
    uint64_t counted;
} fixture;

static void make_fixture(fixture *f, mg_network *network)
{
    *f = (fixture){.network = network};
    assert_int_equal(mg_engine_create(network, MG_SINGLE, &f->engine, NULL), MG_OK);
    assert_int_equal(mg_pass_create(f->engine, &f->pass, NULL), MG_OK);
    mg_pass_count(f->pass, &f->counted);
}

static void free_fixture(fixture *f)
{
    mg_pass_destroy(f->pass);
    mg_engine_destroy(f->engine);
    mg_network_destroy(f->network);
}

/* Value (p, c) at the input of layer l. */
static float value_at(const fixture *f, size_t l, int64_t p, int64_t c)
{
    const float *activation = f->pass->activation[MG_SET_WINDOW][l];
    return activation[p * f->engine->stride[l] + c];
}

/* Multiply-adds of a layer's outputs with the inputs for which `nonzero` says so, one by one. */
static uint64_t count_layer(const mg_layer *layer, const bool *nonzero)
{
    uint64_t sum = 0;
    if (layer->kind == MG_AFFINE) return (uint64_t)(layer->out_length * layer->out_channels);
    if (layer->kind != MG_LINEAR) return 0;
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t k = 0; k < layer->kernel; k++) {
            int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
            for (int64_t c = 0; c < layer->in_channels && p >= 0 && p < layer->in_length; c++)
                if (nonzero[p * layer->in_channels + c]) sum += (uint64_t)layer->out_channels;
        }
    return sum;
}

static uint64_t count_forward(const fixture *f)
{
    uint64_t sum = 0;
    for (size_t l = 0; l < f->network->n_layers; l++) {
        const mg_layer *layer = &f->network->layer[l];
        bool *nonzero = calloc((size_t)(layer->in_length * layer->in_channels), sizeof *nonzero);
        assert_non_null(nonzero);
        for (int64_t i = 0; i < layer->in_length * layer->in_channels; i++)
            nonzero[i] = value_at(f, l, i / layer->in_channels, i % layer->in_channels) != 0.0f;
        sum += count_layer(layer, nonzero);
        free(nonzero);
    }
    return sum;
}

static void test_forward(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int i = 0; i < N_NETWORKS; i++) {
        fixture f;
        make_fixture(&f, random_network(rng));
        double *x = random_window(rng, f.network->length);
        mg_pass_forward(f.pass, x);
        assert_int_equal(f.counted, count_forward(&f));
        mg_pass_count(f.pass, NULL);
        uint64_t before = f.counted;
        mg_pass_forward(f.pass, x);
        assert_int_equal(f.counted, before);
        free(x);
        free_fixture(&f);
    }
    gsl_rng_free(rng);
}

static mg_layer linear(int64_t kernel, int64_t in_length, int64_t in_channels, int64_t out_channels)
{
    size_t n = (size_t)(kernel * in_channels * out_channels);
    mg_layer layer = {.kind = MG_LINEAR,
                      .kernel = kernel,
                      .stride = 1,
                      .dilation = 1,
                      .in_length = in_length,
                      .in_channels = in_channels,
                      .out_length = in_length - kernel + 1,
                      .out_channels = out_channels,
                      .weight = calloc(n, sizeof(double)),
                      .bias = calloc((size_t)out_channels, sizeof(double))};
    assert_true(layer.weight != NULL && layer.bias != NULL);
    for (size_t i = 0; i < n; i++)
        layer.weight[i] = 0.1 + (double)(mg_mix(3, i) % 100) / 100.0;
    return layer;
}

/* Positive weights and no unit that is ever off: 10 bases, a convolution to 5 channels, ReLU, a dense layer. */
static mg_network *positive_network(void)
{
    mg_network *network = calloc(1, sizeof *network);
    assert_non_null(network);
    *network = (mg_network){.length = 10, .n_layers = 3, .n_outputs = 1};
    network->layer = calloc(3, sizeof *network->layer);
    network->class_name = calloc(1, sizeof *network->class_name);
    assert_true(network->layer != NULL && network->class_name != NULL);
    network->layer[0] = linear(3, 10, 4, 5);
    network->layer[1] = (mg_layer){.kind = MG_RELU, .kernel = 1, .stride = 1, .dilation = 1};
    network->layer[1].in_length = network->layer[1].out_length = 8;
    network->layer[1].in_channels = network->layer[1].out_channels = 5;
    network->layer[2] = linear(8, 8, 5, 1);
    return network;
}

/* Where nothing is zero, a forward pass is the sum of the layers' products, and so is a backward pass. */
static void test_dense(void **state)
{
    (void)state;
    fixture f;
    make_fixture(&f, positive_network());
    double x[40], multiplier[40];
    for (int i = 0; i < 40; i++)
        x[i] = 0.5;
    mg_pass_forward(f.pass, x);
    assert_int_equal(mg_network_n_macs(f.network), 8 * 3 * 4 * 5 + 8 * 5);
    assert_int_equal(f.counted, mg_network_n_macs(f.network));
    mg_pass_backward(f.pass, &mg_rule_gradient, multiplier);
    assert_int_equal(f.counted, 2 * mg_network_n_macs(f.network));
    free_fixture(&f);
}

static void test_naive(void **state)
{
    (void)state;
    fixture f;
    make_fixture(&f, positive_network());
    mg_naive *naive = NULL;
    mg_base base[10] = {0, 1, 2, 3, 0, 1, 2, 3, 4, 1}; /* one of them unknown */
    float effect[40];
    assert_int_equal(mg_naive_create(f.engine, &naive, NULL), MG_OK);
    f.counted = 0;
    mg_naive_count(naive, &f.counted);
    mg_naive_window(naive, base, effect);
    assert_int_equal(f.counted, (1 + 9 * 3) * mg_network_n_macs(f.network));
    mg_naive_destroy(naive);
    free_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_dense),
        cmocka_unit_test(test_naive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
