/* test_count.c  multiply-adds that are counted, against loops over layers,
 * positions and channels */
#include "tests/support/support.h"

#include "src/core/random.h"
#include "src/commands/bench/naive.c" /* no part of the library */
#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/engine/pass_inside.h"
#include "tests/support/plain_forward.h"
#include "tests/support/random_network.h"

enum { N_NETWORKS = 60 };

/* Kernels that count for themselves what they are asked for, before the real
 * ones do it. */
static struct {
    const mg_kernels *real;
    mg_kernels kernels;
    mg_gate_kernels gate;
    mg_place_kernels places;
    mg_conv_kernels conv;
    mg_narrow_kernels narrow;
    uint64_t n_macs;
} spy;

/* Outputs that entries of input position p meet with any tap, one by one. */
static uint64_t meetings(const mg_rows *op, int64_t p, int64_t t_begin, int64_t t_end)
{
    uint64_t n = 0;
    for (int64_t t = t_begin; t < t_end; t++)
        for (int64_t k = 0; k < op->taps; k++)
            if (t * op->step + k * op->dilation - op->pad == p * op->divide) n++;
    return n * (uint64_t)op->out_channels;
}

static void spy_rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end,
                     int64_t t_begin, int64_t t_end, bool with_bias, float *out)
{
    for (int64_t p = p_begin; p < p_end && group == 0; p++)
        spy.n_macs +=
            (uint64_t)(list->begin[p - p_begin + 1] - list->begin[p - p_begin]) * meetings(op, p, t_begin, t_end);
    spy.real->rows(op, group, list, p_begin, p_end, t_begin, t_end, with_bias, out);
}

static void spy_shared_rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end,
                            int64_t t_begin, int64_t t_end, bool with_bias, float *out, int64_t out_step)
{
    for (int64_t p = p_begin; p < p_end && group == 0; p++)
        spy.n_macs += MG_SHARED * (uint64_t)(list->begin[p - p_begin + 1] - list->begin[p - p_begin]) *
                      meetings(op, p, t_begin, t_end);
    spy.real->shared_rows(op, group, list, p_begin, p_end, t_begin, t_end, with_bias, out, out_step);
}

static void spy_add(const mg_rows *op, int64_t p, int64_t channel, float x, float *out)
{
    spy.n_macs += meetings(op, p, 0, op->out_length);
    spy.real->gate->add(op, p, channel, x, out);
}

static void spy_place_rows(const mg_rows *op, const mg_sparse *in, int64_t t_begin, int64_t t_end, bool with_bias,
                           float *out, int64_t out_step)
{
    const int32_t *begin = in->places.begin - in->p_begin;
    for (int64_t p = in->p_begin; p < in->p_end; p++)
        spy.n_macs += MG_SHARED * (uint64_t)(begin[p + 1] - begin[p]) * meetings(op, p, t_begin, t_end);
    spy.real->places->rows(op, in, t_begin, t_end, with_bias, out, out_step);
}

/* A dense product takes zeros along. */
static void spy_outputs(const mg_rows *op, const float *in, int64_t t_begin, int64_t t_end, bool with_bias, float *out)
{
    for (int64_t p = 0; p < op->in_length; p++)
        spy.n_macs += (uint64_t)op->in_channels * meetings(op, p, t_begin, t_end);
    spy.real->conv->outputs(op, in, t_begin, t_end, with_bias, out);
}

static void spy_sums(const mg_rows *op, const float *x, float *out)
{
    for (int64_t p = 0; p < op->in_length; p++)
        for (int64_t c = 0; c < op->in_channels; c++)
            if (x[p * op->in_stride + c] != 0) spy.n_macs += meetings(op, p, 0, op->out_length);
    spy.real->narrow->sums(op, x, out);
}

static void spy_add_lines(const mg_rows *op, const mg_gate_change *change, int64_t n, float *a, float *b)
{
    for (int64_t i = 0; i < n; i++)
        spy.n_macs += 2 * meetings(op, change[i].position, 0, op->out_length);
    spy.real->gate->add_lines(op, change, n, a, b);
}

static void spy_dots(const mg_rows *op, const mg_gate_change *change, int64_t n, const float *multiplier, float *out)
{
    for (int64_t i = 0; i < n; i++)
        spy.n_macs += meetings(op, change[i].position, 0, op->out_length);
    spy.real->gate->dots(op, change, n, multiplier, out);
}

static void watch(mg_plan *plan)
{
    spy.real = plan->kernels;
    spy.kernels = *spy.real;
    spy.gate = *spy.real->gate;
    spy.places = *spy.real->places;
    spy.kernels.rows = spy_rows;
    spy.kernels.gate = &spy.gate;
    spy.kernels.places = &spy.places;
    spy.conv = *spy.real->conv;
    spy.conv.outputs = spy_outputs;
    spy.kernels.conv = &spy.conv;
    spy.narrow = *spy.real->narrow;
    spy.narrow.sums = spy_sums;
    spy.kernels.narrow = &spy.narrow;
    spy.places.rows = spy_place_rows;
    spy.kernels.shared_rows = spy_shared_rows;
    spy.gate.add = spy_add;
    spy.gate.add_lines = spy_add_lines;
    spy.gate.dots = spy_dots;
    spy.n_macs = 0;
    plan->kernels = &spy.kernels;
    for (size_t i = 0; i < plan->n_steps; i++)
        plan->step[i].kernels = &spy.kernels;
}

/* What is held against the counters: a network with a pass, and the sum it
 * leads to. */
typedef struct {
    layer_table *network;
    mg_graph *graph;
    mg_plan *plan;
    mg_pass *pass;
    uint64_t counted;
} fixture;

/* watched: the kernels count for themselves too */
static void make_fixture(fixture *f, layer_table *network, bool watched)
{
    *f = (fixture){.network = network, .graph = graph_of(network)};
    assert_int_equal(mg_plan_create(f->graph, MG_SINGLE, &f->plan, NULL), MG_OK);
    if (watched) watch(f->plan);
    assert_int_equal(mg_pass_create(f->plan, &f->pass, NULL), MG_OK);
    mg_pass_count(f->pass, &f->counted);
}

static void free_fixture(fixture *f)
{
    mg_pass_destroy(f->pass);
    mg_plan_destroy(f->plan);
    mg_graph_destroy(f->graph);
    table_destroy(f->network);
}

/* Value (p, c) at the input of layer l. */
static float value_at(const fixture *f, size_t l, int64_t p, int64_t c)
{
    const float *activation = f->pass->state[MG_OF_WINDOW].value[l];
    return activation[p * f->plan->stride[l] + c];
}

/* Multiply-adds of a layer's outputs with the inputs for which `nonzero` says
 * so, one by one. */
static uint64_t count_layer(const table_layer *layer, const bool *nonzero)
{
    uint64_t sum = 0;
    if (layer->kind == LAYER_AFFINE) return (uint64_t)(layer->out_length * layer->out_channels);
    if (layer->kind != LAYER_LINEAR) return 0;
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
        const table_layer *layer = &f->network->layer[l];
        bool *nonzero = calloc((size_t)(layer->in_length * layer->in_channels), sizeof *nonzero);
        assert_non_null(nonzero);
        int64_t n = layer->in_length * layer->in_channels, n_nonzero = 0;
        for (int64_t i = 0; i < n; i++)
            n_nonzero += nonzero[i] = value_at(f, l, i / layer->in_channels, i % layer->in_channels) != 0.0f;
        bool dense = layer->out_length >= 64 && (layer->out_channels + 15) / 16 * 16 >= 64 && 4 * n_nonzero > 3 * n;
        for (int64_t i = 0; dense && i < n; i++)
            nonzero[i] = true; /* a dense product takes zeros along */
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
        make_fixture(&f, random_network(rng), false);
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

static table_layer linear(int64_t kernel, int64_t in_length, int64_t in_channels, int64_t out_channels)
{
    size_t n = (size_t)(kernel * in_channels * out_channels);
    table_layer layer = {.kind = LAYER_LINEAR,
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

/* Positive weights and no unit that is ever off: 10 bases, a convolution to 5
 * channels, ReLU, a dense layer. */
static layer_table *positive_network(void)
{
    layer_table *network = calloc(1, sizeof *network);
    assert_non_null(network);
    *network = (layer_table){.length = 10, .n_layers = 3, .n_outputs = 1};
    network->layer = calloc(3, sizeof *network->layer);
    assert_non_null(network->layer);
    network->layer[0] = linear(3, 10, 4, 5);
    network->layer[1] = (table_layer){.kind = LAYER_RELU, .kernel = 1, .stride = 1, .dilation = 1};
    network->layer[1].in_length = network->layer[1].out_length = 8;
    network->layer[1].in_channels = network->layer[1].out_channels = 5;
    network->layer[2] = linear(8, 8, 5, 1);
    return network;
}

/* Where nothing is zero, a forward pass is the sum of the layers' products, and
 * so is a backward pass. */
static void test_dense(void **state)
{
    (void)state;
    fixture f;
    make_fixture(&f, positive_network(), false);
    double x[40], multiplier[40];
    for (int i = 0; i < 40; i++)
        x[i] = 0.5;
    mg_pass_forward(f.pass, x);
    assert_int_equal(mg_graph_n_macs(f.graph), 8 * 3 * 4 * 5 + 8 * 5);
    assert_int_equal(f.counted, mg_graph_n_macs(f.graph));
    mg_pass_backward(f.pass, &mg_rule_gradient, multiplier);
    assert_int_equal(f.counted, 2 * mg_graph_n_macs(f.graph));
    free_fixture(&f);
}

/* --- passes backward, and along a path --- */

static bool has_affine(const layer_table *network)
{
    for (size_t l = 0; l < network->n_layers; l++)
        if (network->layer[l].kind == LAYER_AFFINE) return true;
    return false;
}

static void run_backward(fixture *f, const double *x)
{
    size_t n = (size_t)f->network->length * 4;
    enum { NODES = 7 };
    double node[NODES], weight[NODES], *scratch = calloc(1, mg_pass_mean_scratch(mg_pass_plan(f->pass)));
    double *reference = calloc(n, sizeof *reference), *mean = calloc(n, sizeof *mean);
    assert_true(scratch != NULL && reference != NULL && mean != NULL);
    for (int k = 0; k < NODES; k++) {
        node[k] = (k + 0.5) / NODES;
        weight[k] = 1.0 / NODES;
    }
    mg_pass_forward(f->pass, x);
    mg_pass_backward(f->pass, &mg_rule_gradient, mean);
    mg_pass_mean_gradient(f->pass, x, reference, NODES, node, weight, scratch, mean);
    free(scratch);
    free(reference);
    free(mean);
}

static void test_backward(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int i = 0; i < N_NETWORKS; i++) {
        fixture f;
        make_fixture(&f, random_network(rng), true);
        double *x = random_window(rng, f.network->length);
        if (!has_affine(f.network)) { /* affine layers have no kernel */
            run_backward(&f, x);
            assert_int_equal(f.counted, spy.n_macs);
        }
        free(x);
        free_fixture(&f);
    }
    gsl_rng_free(rng);
}

/* --- the scan --- */

/* A whole number from -2 to 2, so that all sums are exact and a difference that
 * cancels is 0 everywhere. */
static double small_number(gsl_rng *rng)
{
    return (double)below(rng, 5) - 2.0;
}

static void make_whole(gsl_rng *rng, layer_table *network)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        table_layer *layer = &network->layer[l];
        int64_t n = layer->kind == LAYER_LINEAR ? layer->out_channels * layer->in_channels * layer->kernel : 0;
        if (layer->kind == LAYER_AFFINE) n = layer->out_channels;
        for (int64_t i = 0; i < n; i++)
            layer->weight[i] = small_number(rng);
        for (int64_t c = 0; n > 0 && c < layer->out_channels; c++)
            layer->bias[c] = small_number(rng);
        for (int64_t p = 0; layer->kind == LAYER_AVERAGE_POOL && p < layer->out_length; p++)
            layer->divisor[p] = 2.0;
    }
}

/* Multiply-adds of layer l for one of the three mutants at position i, whose inputs of that layer are `mutant[..][l]`,
 * the window's `own`: what changed in any of the three, times the outputs that it reaches and that reach the score. */
static uint64_t count_delta(const layer_table *network, const mg_reach *reach, size_t l, int64_t i, const double *own,
                            double **const mutant[3])
{
    const table_layer *layer = &network->layer[l];
    int64_t begin = reach->begin[l * (size_t)reach->length + (size_t)i];
    int64_t end = reach->end[l * (size_t)reach->length + (size_t)i];
    int64_t t_begin = reach->begin[(l + 1) * (size_t)reach->length + (size_t)i];
    int64_t t_end = reach->end[(l + 1) * (size_t)reach->length + (size_t)i];
    uint64_t sum = 0;
    if (layer->kind == LAYER_AFFINE) return (uint64_t)((end - begin) * layer->out_channels);
    if (layer->kind != LAYER_LINEAR || begin == end) return 0;
    /* A plain first layer is differences of weights, worked out once. */
    if (l == 0 && layer->stride == 1 && layer->dilation == 1) return 0;
    /* A last layer behind a ReLU is one dot product, in which zeros take part. */
    if (l > 0 && l + 1 == network->n_layers && network->layer[l - 1].kind == LAYER_RELU && layer->in_length == 1)
        return (uint64_t)layer->in_channels;
    for (int64_t t = t_begin; t < t_end; t++)
        for (int64_t k = 0; k < layer->kernel; k++) {
            int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
            for (int64_t c = 0; c < layer->in_channels && p >= begin && p < end; c++) {
                int64_t at = p * layer->in_channels + c;
                if (own[at] != mutant[0][l][at] || own[at] != mutant[1][l][at] || own[at] != mutant[2][l][at])
                    sum += (uint64_t)layer->out_channels;
            }
        }
    return sum;
}

/* All activations, (n_layers + 1) arrays, by the loops of plain_forward.h. */
static double **plain_activations(const layer_table *network, const double *x)
{
    double **activation = calloc(network->n_layers + 1, sizeof *activation);
    assert_non_null(activation);
    for (size_t l = 0; l <= network->n_layers; l++) {
        layer_table part = *network;
        part.n_layers = l;
        activation[l] = plain_forward(&part, x);
    }
    return activation;
}

static void free_activations(const layer_table *network, double **activation)
{
    for (size_t l = 0; l <= network->n_layers; l++)
        free(activation[l]);
    free(activation);
}

static uint64_t count_scan(const layer_table *network, const mg_reach *reach, const double *x)
{
    uint64_t sum = 0;
    double **own = plain_activations(network, x);
    double *mutant = calloc((size_t)network->length * 4, sizeof *mutant);
    assert_non_null(mutant);
    memcpy(mutant, x, (size_t)network->length * 4 * sizeof *x);
    for (int64_t i = 0; i < network->length; i++) {
        double *row = mutant + i * 4, keep[4], **activation[3];
        memcpy(keep, row, sizeof keep);
        if (keep[0] + keep[1] + keep[2] + keep[3] == 0.0 || reach->blind[i]) continue;
        for (int b = 0, m = 0; b < 4; b++) {
            if (keep[b] == 1.0) continue;
            memset(row, 0, sizeof keep);
            row[b] = 1.0;
            activation[m++] = plain_activations(network, mutant);
        }
        for (size_t l = 0; l < network->n_layers; l++)
            sum += 3 * count_delta(network, reach, l, i, own[l], activation);
        for (int m = 0; m < 3; m++)
            free_activations(network, activation[m]);
        memcpy(row, keep, sizeof keep);
    }
    free_activations(network, own);
    free(mutant);
    return sum;
}

static void test_scan(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    uint64_t total = 0;
    for (int i = 0; i < N_NETWORKS; i++) {
        fixture f;
        mg_reach reach;
        mg_scan *scan = NULL;
        mg_base base[128];
        float effect[512];
        make_fixture(&f, random_network(rng), false);
        layer_table *network = f.network;
        make_whole(rng, network);
        mg_pass_destroy(f.pass);
        mg_plan_destroy(f.plan);
        mg_graph_destroy(f.graph);
        make_fixture(&f, network, false);
        double *x = random_window(rng, f.network->length);
        codes_of(x, f.network->length, base);
        assert_int_equal(mg_reach_create(f.plan, &reach, NULL), MG_OK);
        assert_int_equal(mg_scan_create(f.plan, &reach, &scan, NULL), MG_OK);
        mg_pass_forward(f.pass, x);
        f.counted = 0;
        mg_scan_count(scan, &f.counted);
        mg_scan_window(scan, f.pass, base, effect);
        assert_int_equal(f.counted, count_scan(f.network, &reach, x));
        total += f.counted;
        mg_scan_destroy(scan);
        mg_reach_destroy(&reach);
        free(x);
        free_fixture(&f);
    }
    assert_true(total > 1000000);
    gsl_rng_free(rng);
}

static void test_naive(void **state)
{
    (void)state;
    fixture f;
    make_fixture(&f, positive_network(), false);
    mg_naive *naive = NULL;
    mg_base base[10] = {0, 1, 2, 3, 0, 1, 2, 3, 4, 1}; /* one of them unknown */
    float effect[40];
    assert_int_equal(mg_naive_create(f.plan, &naive, NULL), MG_OK);
    f.counted = 0;
    mg_naive_count(naive, &f.counted);
    mg_naive_window(naive, base, effect);
    assert_int_equal(f.counted, (1 + 9 * 3) * mg_graph_n_macs(f.graph));
    mg_naive_destroy(naive);
    free_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward), cmocka_unit_test(test_dense), cmocka_unit_test(test_backward),
        cmocka_unit_test(test_scan),    cmocka_unit_test(test_naive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
