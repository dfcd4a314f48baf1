/* test_training_pass.c  gradients of the loss in every weight
 *
 * The plain float64 walk is held to finite differences of an independent forward pass (plain_forward.h), the float32
 * kernels to the plain walk, for networks of random layers of every kind that can be trained; and the instruction sets
 * to one another, bit for bit.
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
#include "src/graph/printed/architecture.h"
#include "src/training/backprop.h"
#include "src/training/optimiser.h"
#include "tests/support/plain_forward.h"
#include "tests/support/random_network.h"

enum { N_NETWORKS = 60, N_WINDOWS = 5 };

/* --- helpers --- */

static void near(double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance)) fail_msg("got %.17g, wanted %.17g +- %g", got, wanted, tolerance);
}

static void add_norm(gsl_rng *rng, table_layer *layer)
{
    mg_norm *norm = calloc(1, sizeof *norm);
    *norm = (mg_norm){.channels = layer->in_channels,
                      .eps = 1e-5,
                      .momentum = 0.1,
                      .affine = below(rng, 3) > 0,
                      .value = calloc((size_t)(MG_NORM_ROWS * layer->in_channels), sizeof(double))};
    for (int64_t c = 0; c < norm->channels; c++) {
        mg_norm_row(norm, MG_NORM_WEIGHT)[c] = norm->affine ? gsl_rng_uniform(rng) * 2 - 0.5 : 1;
        mg_norm_row(norm, MG_NORM_BIAS)[c] = norm->affine ? gsl_rng_uniform(rng) - 0.3 : 0;
        mg_norm_row(norm, MG_NORM_MEAN)[c] = gsl_rng_uniform(rng) - 0.5;
        mg_norm_row(norm, MG_NORM_VARIANCE)[c] = 0.2 + gsl_rng_uniform(rng);
        mg_norm_line(norm, c, &layer->weight[c], &layer->bias[c]);
    }
    layer->norm = norm;
}

/* One layer more at the end. */
static table_layer *append(gsl_rng *rng, layer_table *network, layer_kind kind, int64_t n_outputs)
{
    table_layer *before = &network->layer[network->n_layers - 1], *layer = &network->layer[network->n_layers++];
    *layer = (table_layer){.in_length = 1, .in_channels = before->out_channels};
    if (kind != LAYER_LINEAR) {
        add_layer(rng, kind, layer);
        return layer;
    }
    int64_t n = layer->in_channels * n_outputs;
    *layer = (table_layer){.kind = LAYER_LINEAR,
                           .dense = true,
                           .in_length = 1,
                           .in_channels = layer->in_channels,
                           .out_channels = n_outputs,
                           .weight = calloc((size_t)n, sizeof(double)),
                           .bias = calloc((size_t)n_outputs, sizeof(double))};
    shape(layer, 1, 1, 1, 0);
    fill(rng, layer->weight, n, 1.5 / sqrt((double)layer->in_channels));
    fill(rng, layer->bias, n_outputs, 0.3);
    return layer;
}

/* More features than one from the dense layer, and a second dense layer behind them. */
static void deepen(gsl_rng *rng, layer_table *network, int64_t n_outputs)
{
    table_layer *last = &network->layer[network->n_layers - 1];
    int64_t n = last->in_channels * last->kernel;
    last->out_channels = 2 + below(rng, 9);
    free(last->weight);
    free(last->bias);
    last->weight = calloc((size_t)(n * last->out_channels), sizeof(double));
    last->bias = calloc((size_t)last->out_channels, sizeof(double));
    fill(rng, last->weight, n * last->out_channels, 1.5 / sqrt((double)n));
    if (below(rng, 2) == 0) append(rng, network, LAYER_AFFINE, 0);
    append(rng, network, LAYER_RELU, 0);
    append(rng, network, LAYER_LINEAR, n_outputs);
}

/* A random network as training takes it: a sigmoid over its one output, or a softmax over two. */
static mg_graph *trainable_network(gsl_rng *rng)
{
    layer_table *network = random_network(rng);
    network->n_outputs = 1 + (size_t)below(rng, 2);
    network->head = network->n_outputs == 1 ? MG_LOGISTIC_HEAD : MG_SOFTMAX_HEAD;
    network->target = (size_t)below(rng, (int64_t)network->n_outputs);
    if (network->n_outputs == 2 || below(rng, 2) == 0) deepen(rng, network, (int64_t)network->n_outputs);
    for (size_t l = 0; l < network->n_layers; l++) {
        table_layer *layer = &network->layer[l];
        if (layer->kind == LAYER_AFFINE) add_norm(rng, layer);
        for (int64_t t = 0; layer->kind == LAYER_AVERAGE_POOL && t < layer->out_length; t++)
            layer->divisor[t] = (double)(1 + below(rng, layer->kernel)); /* as where padding is not counted */
    }
    mg_graph *graph = graph_of(network);
    table_destroy(network);
    return graph;
}

/* n windows of random codes, some unknown; for free() */
static mg_base *random_codes(gsl_rng *rng, size_t n, int64_t length)
{
    mg_base *base = malloc(n * (size_t)length);
    for (size_t i = 0; i < n * (size_t)length; i++)
        base[i] = (mg_base)(below(rng, 20) == 0 ? MG_UNKNOWN : below(rng, 4));
    return base;
}

static void make_examples(gsl_rng *rng, size_t n, const mg_base *base, int64_t length, mg_example *example)
{
    for (size_t w = 0; w < n; w++)
        example[w] = (mg_example){.base = base + w * (size_t)length,
                                  .start = below(rng, 2) == 1,
                                  .weight = 0.5 + gsl_rng_uniform(rng),
                                  .key = mg_mix(7, w)};
}

/* Mean and variance of channel c over all windows and positions, by their definition; the running ones of one value. */
static void plain_statistics(const table_layer *layer, size_t n, double *const *x, int64_t c, double *mean,
                             double *variance)
{
    int64_t count = (int64_t)n * layer->in_length;
    *mean = mg_norm_row(layer->norm, MG_NORM_MEAN)[c];
    *variance = mg_norm_row(layer->norm, MG_NORM_VARIANCE)[c];
    if (count < 2) return;
    *mean = *variance = 0;
    for (int64_t i = 0; i < count; i++)
        *mean += x[i / layer->in_length][i % layer->in_length * layer->in_channels + c] / (double)count;
    for (int64_t i = 0; i < count; i++)
        *variance +=
            pow(x[i / layer->in_length][i % layer->in_length * layer->in_channels + c] - *mean, 2) / (double)count;
}

static void plain_norm(const table_layer *layer, size_t n, double *const *x, double *const *y)
{
    for (int64_t c = 0; c < layer->in_channels; c++) {
        double mean, variance;
        plain_statistics(layer, n, x, c, &mean, &variance);
        for (size_t w = 0; w < n; w++)
            for (int64_t i = c; i < layer->in_length * layer->in_channels; i += layer->in_channels)
                y[w][i] =
                    mg_norm_row(layer->norm, MG_NORM_WEIGHT)[c] * (x[w][i] - mean) / sqrt(variance + layer->norm->eps) +
                    mg_norm_row(layer->norm, MG_NORM_BIAS)[c];
    }
}

/* Layer by layer over n windows; no code of src/training takes part. x: n inputs, replaced by what comes out */
static void plain_layers(const layer_table *network, size_t n, double **x)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        const table_layer *layer = &network->layer[l];
        double *y[MG_BATCH];
        for (size_t w = 0; w < n; w++) {
            y[w] = calloc((size_t)(layer->out_length * layer->out_channels), sizeof(double));
            for (int64_t i = 0; i < layer->out_length * layer->out_channels && layer->norm == NULL; i++)
                y[w][i] = plain_value(layer, x[w], i / layer->out_channels, i % layer->out_channels);
        }
        if (layer->norm != NULL) plain_norm(layer, n, x, y);
        for (size_t w = 0; w < n; w++) {
            free(x[w]);
            x[w] = y[w];
        }
    }
}

static double log_odds(const layer_table *network, const double *logit)
{
    return network->n_outputs == 2 ? logit[network->target] - logit[1 - network->target] : logit[0];
}

static double *plain_input(const mg_base *base, int64_t length)
{
    double *x = calloc((size_t)length * 4, sizeof *x);
    for (int64_t i = 0; i < length * 4; i++)
        x[i] = base[i / 4] == i % 4;
    return x;
}

static double plain_loss(const mg_graph *graph, size_t n, const mg_example *example)
{
    layer_table *network = table_of(graph);
    double *x[MG_BATCH], loss = 0;
    for (size_t w = 0; w < n; w++)
        x[w] = plain_input(example[w].base, network->length);
    plain_layers(network, n, x);
    for (size_t w = 0; w < n; w++) {
        double f = log_odds(network, x[w]);
        loss += example[w].weight * log1p(exp(example[w].start ? -f : f));
        free(x[w]);
    }
    table_destroy(network);
    return loss;
}

typedef struct {
    mg_trainable *net;
    mg_backprop *pass;
    size_t n;
    double *parameter;
    bool *settled;
    void *gradient;
} workbench;

static workbench open_bench(const mg_graph *network, const mg_layer_recipe *recipe, mg_precision precision)
{
    mg_error err = {0};
    workbench b = {0};
    if (mg_trainable_create(network, recipe, precision, &b.net, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(mg_backprop_create(b.net, &b.pass, &err), MG_OK);
    b.n = mg_trainable_n(b.net);
    b.parameter = malloc(b.n * sizeof(double));
    b.settled = calloc(b.n, sizeof(bool));
    b.gradient = calloc(b.n, sizeof(double));
    mg_trainable_settled(b.net, b.settled);
    mg_parameters_read(network, b.parameter);
    mg_trainable_load(b.net, b.parameter, 2);
    return b;
}

static void close_bench(workbench *b)
{
    mg_backprop_destroy(b->pass);
    mg_trainable_destroy(b->net);
    free(b->parameter);
    free(b->settled);
    free(b->gradient);
}

/* --- the plain walk against finite differences --- */

/* A kink of ReLU or max pooling within the step spoils a difference; a second, smaller step tells such cases. */
static double difference(mg_graph *network, size_t at, double *parameter, double step, size_t n,
                         const mg_example *example)
{
    double kept = parameter[at];
    parameter[at] = kept + step;
    mg_parameters_write(parameter, network);
    double up = plain_loss(network, n, example);
    parameter[at] = kept - step;
    mg_parameters_write(parameter, network);
    double down = plain_loss(network, n, example);
    parameter[at] = kept;
    return (up - down) / (2 * step);
}

/* Returns: how many of 40 parameters could be looked at. A running mean or variance is no parameter of the loss. */
static size_t check_differences(gsl_rng *rng, mg_graph *network, size_t n)
{
    mg_layer_recipe recipe[16] = {{0}};
    mg_base *base = random_codes(rng, n, network->length);
    mg_example example[N_WINDOWS];
    size_t n_checked = 0;
    make_examples(rng, n, base, network->length, example);
    workbench b = open_bench(network, recipe, MG_DOUBLE);
    double loss = mg_backprop_gradient(b.pass, n, example, 0, b.gradient);
    near(loss, plain_loss(network, n, example), 1e-10 * (1 + loss));
    for (int i = 0; i < 40; i++) {
        size_t at = (size_t)below(rng, (int64_t)b.n);
        while (b.settled[at])
            at = (size_t)below(rng, (int64_t)b.n);
        double coarse = difference(network, at, b.parameter, 1e-5, n, example);
        double fine = difference(network, at, b.parameter, 1e-6, n, example);
        if (fabs(coarse - fine) > 1e-6 * (1 + fabs(fine))) continue;
        double got = ((double *)b.gradient)[at];
        if (fabs(got - coarse) > 1e-6 * (1 + fabs(got))) fail_msg("parameter %zu: %g, difference %g", at, got, coarse);
        n_checked++;
    }
    mg_parameters_write(b.parameter, network);
    close_bench(&b);
    free(base);
    return n_checked;
}

/* How often what there is to get wrong was there. */
typedef struct {
    size_t kind[5], outputs[3], stride, dilation, padding, overlap;
} variety;

static void look(const mg_graph *graph, variety *v)
{
    layer_table *network = table_of(graph);
    v->outputs[network->n_outputs]++;
    for (size_t l = 0; l < network->n_layers; l++) {
        const table_layer *layer = &network->layer[l];
        v->kind[layer->kind]++;
        v->stride += layer->kind == LAYER_LINEAR && layer->stride > 1;
        v->dilation += layer->kind == LAYER_LINEAR && layer->dilation > 1 && layer->kernel > 1;
        v->padding += layer->pad > 0;
        v->overlap += layer->kind >= LAYER_MAX_POOL && layer->stride < layer->kernel && layer->out_length > 1;
    }
    table_destroy(network);
}

static void test_differences(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 11);
    size_t n_checked = 0;
    variety v = {0};
    for (int i = 0; i < N_NETWORKS; i++) {
        mg_graph *network = trainable_network(rng);
        look(network, &v);
        n_checked += check_differences(rng, network, N_WINDOWS);
        if (i < N_NETWORKS / 4) n_checked += check_differences(rng, network, 1);
        mg_graph_destroy(network);
    }
    if (n_checked < 45 * N_NETWORKS) fail_msg("only %zu differences could be looked at", n_checked);
    for (int kind = 0; kind < 5; kind++)
        assert_true(v.kind[kind] > 20);
    assert_true(v.kind[LAYER_LINEAR] > N_NETWORKS * 2 && v.outputs[1] > 20 && v.outputs[2] > 20);
    assert_true(v.stride > 10 && v.dilation > 10 && v.padding > 10 && v.overlap > 10);
    gsl_rng_free(rng);
}

/* --- the kernels against the plain walk --- */

static void compare_precisions(gsl_rng *rng, const mg_graph *network, const mg_layer_recipe *recipe, size_t n)
{
    mg_base *base = random_codes(rng, n, network->length);
    mg_example example[MG_BATCH];
    const mg_base *window[MG_BATCH];
    double score[2][MG_BATCH];
    make_examples(rng, n, base, network->length, example);
    for (size_t w = 0; w < n; w++)
        window[w] = example[w].base;
    workbench fast = open_bench(network, recipe, MG_SINGLE), plain = open_bench(network, recipe, MG_DOUBLE);
    mg_backprop_scores(fast.pass, n, window, score[0]);
    mg_backprop_scores(plain.pass, n, window, score[1]);
    for (size_t w = 0; w < n; w++)
        near(score[0][w], score[1][w], 1e-4 * (1 + fabs(score[1][w])));
    double loss[2] = {mg_backprop_gradient(fast.pass, n, example, 2, fast.gradient),
                      mg_backprop_gradient(plain.pass, n, example, 2, plain.gradient)};
    near(loss[0], loss[1], 1e-4 * (1 + loss[1]));
    double largest = 0, worst = 0;
    for (size_t i = 0; i < fast.n; i++) {
        double a = (double)((float *)fast.gradient)[i], b = ((double *)plain.gradient)[i];
        /* Not fmax: gcc 12 fails to compile two of them here for arm64 ("internal compiler error"). */
        if (fabs(b) > largest) largest = fabs(b);
        if (fabs(a - b) > worst) worst = fabs(a - b);
    }
    /* A near tie at a pool or a near zero at a ReLU may fall the other way in float32: rare and small. */
    if (worst > 3e-3 * (1 + largest)) fail_msg("gradients differ by %g of %g", worst, largest);
    close_bench(&fast);
    close_bench(&plain);
    free(base);
}

static void test_kernels(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 12);
    for (int i = 0; i < N_NETWORKS; i++) {
        mg_graph *network = trainable_network(rng);
        mg_layer_recipe recipe[16] = {{0}};
        for (size_t l = 0; l + 2 < network->n_nodes; l++)
            recipe[l] = (mg_layer_recipe){.dropout = below(rng, 3) == 0 ? 0.3 : 0, .no_bias = below(rng, 3) == 0};
        compare_precisions(rng, network, recipe, (size_t)(1 + below(rng, MG_BATCH)));
        mg_graph_destroy(network);
    }
    gsl_rng_free(rng);
}

/* --- same bits --- */

/* Batch normalisation of the bases, behind a convolution, without weights, and behind a dense layer. */
static const char with_norms[] =
    "window 40\nanchor 5\nbases TGAC\nlayers\nSequential(\n  (0): BatchNorm1d(4, eps=0.01)\n"
    "  (1): Conv1d(4, 6, kernel_size=(5,), stride=(1,))\n  (2): BatchNorm1d(6)\n  (3): ReLU()\n"
    "  (4): MaxPool1d(kernel_size=(3,), stride=(3,))\n  (5): BatchNorm1d(6, affine=False, momentum=0.3)\n"
    "  (6): Linear(in_features=72, out_features=7)\n  (7): BatchNorm1d(7)\n  (8): ReLU()\n"
    "  (9): Linear(in_features=7, out_features=2)\n)\n";

/* An unfolded network of the text; all its numbers differ. */
static mg_graph *network_of(const char *text)
{
    mg_error err = {0};
    mg_tensors tensors;
    mg_graph *network = NULL;
    if (mg_network_tensors(text, "text", NULL, &tensors, &err) != MG_OK) fail_msg("%s", err.text);
    for (size_t i = 0; i < tensors.n; i++)
        for (size_t k = 0; k < tensors.tensor[i].n; k++) {
            float random = (float)((double)(mg_mix(i, k) >> 40) * 0x1p-24);
            bool variance = strstr(tensors.tensor[i].name, "running_var") != NULL;
            tensors.tensor[i].data[k] = variance ? 0.1f + random : (random - 0.48f) * 0.2f;
        }
    assert_int_equal(mg_network_build_unfolded(text, "text", &tensors, &network, &err), MG_OK);
    mg_tensors_destroy(&tensors);
    return network;
}

static mg_graph *tisrover(void)
{
    return network_of(mg_architecture_builtin("tisrover+"));
}

static bool runs(const char *isa)
{
#if defined(__x86_64__)
    if (strcmp(isa, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#else
    (void)isa;
    return false;
#endif
}

static workbench run_with(const char *isa, const mg_graph *network, const mg_example *example)
{
    mg_layer_recipe recipe[16] = {{0}};
    recipe[network->n_nodes - 3].dropout = 0.5;
    setenv("MUTAGREE_ISA", isa, 1);
    workbench b = open_bench(network, recipe, MG_SINGLE);
    unsetenv("MUTAGREE_ISA");
    mg_backprop_gradient(b.pass, MG_BATCH, example, 1, b.gradient);
    return b;
}

static void compare_instruction_sets(gsl_rng *rng, mg_graph *network)
{
    mg_base *base = random_codes(rng, MG_BATCH, network->length);
    mg_example example[MG_BATCH];
    make_examples(rng, MG_BATCH, base, network->length, example);
    workbench a = run_with("avx2", network, example), b = run_with("avx512", network, example);
    assert_memory_equal(a.gradient, b.gradient, a.n * sizeof(float));
    close_bench(&a);
    close_bench(&b);
    free(base);
    mg_graph_destroy(network);
}

static void test_instruction_sets(void **state)
{
    (void)state;
    if (!runs("avx2") || !runs("avx512")) skip();
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    compare_instruction_sets(rng, tisrover());
    compare_instruction_sets(rng, network_of(with_norms));
    gsl_rng_free(rng);
}

/* A window's share of the gradient does not depend on its neighbours but for rounding, nor does what is dropped. */
static void test_alone_or_together(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *network = tisrover();
    mg_base *base = random_codes(rng, 3, network->length);
    mg_example example[3];
    mg_layer_recipe recipe[16] = {{0}};
    recipe[10].dropout = 0.5;
    make_examples(rng, 3, base, network->length, example);
    workbench b = open_bench(network, recipe, MG_DOUBLE);
    double loss = mg_backprop_gradient(b.pass, 3, example, 0, b.gradient), sum_of_losses = 0;
    double *sum = calloc(b.n, sizeof *sum), *one = calloc(b.n, sizeof *one);
    for (size_t w = 0; w < 3; w++) {
        sum_of_losses += mg_backprop_gradient(b.pass, 1, &example[w], 0, one);
        for (size_t i = 0; i < b.n; i++)
            sum[i] += one[i];
    }
    near(loss, sum_of_losses, 1e-12);
    for (size_t i = 0; i < b.n; i++)
        near(sum[i], ((double *)b.gradient)[i], 1e-12);
    free(sum);
    free(one);
    close_bench(&b);
    free(base);
    mg_graph_destroy(network);
    gsl_rng_free(rng);
}

/* --- running statistics --- */

/* Share of a base among the n x L codes: mean of its channel at the input. */
static double share(size_t n, const mg_base *code, mg_base base)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += code[i] == base;
    return sum / (double)n;
}

/* A value 0 or 1 with mean p has variance p (1 - p); two chunks of 32 and 5 windows, a share of 0.1 each in turn. */
static void test_running_statistics(void **state)
{
    (void)state;
    mg_error err = {0};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *network = network_of(with_norms);
    size_t length = (size_t)network->length, size[2] = {MG_BATCH, 5};
    mg_base *base = random_codes(rng, MG_BATCH + 5, network->length);
    mg_layer_recipe recipe[16] = {{0}};
    mg_example example[MG_BATCH + 5];
    mg_learner learner;
    mg_optimiser_options o = {.kind = MG_ADAMW, .decay = 1, .rate = 1, .n_steps = 10};
    make_examples(rng, MG_BATCH + 5, base, network->length, example);
    for (mg_precision precision = MG_SINGLE; precision <= MG_DOUBLE; precision++) {
        workbench b = open_bench(network, recipe, precision);
        double *sum = calloc(b.n, sizeof *sum);
        assert_int_equal(mg_learner_create(b.n, &learner, &err), MG_OK);
        memcpy(learner.parameter, b.parameter, b.n * sizeof *sum);
        memcpy(learner.settled, b.settled, b.n * sizeof *b.settled);
        for (size_t k = 0; k < 2; k++) {
            mg_backprop_gradient(b.pass, size[k], example + k * MG_BATCH, 1 - k, b.gradient);
            for (size_t i = 0; i < b.n; i++)
                sum[i] += precision == MG_SINGLE ? (double)((float *)b.gradient)[i] : ((double *)b.gradient)[i];
        }
        mg_learner_step(&o, &learner, sum, 0, b.n, 1);
        double tolerance = precision == MG_SINGLE ? 1e-6 : 1e-14;
        for (mg_base c = 0; c < 4; c++) {
            double mean = b.parameter[8 + c], variance = b.parameter[12 + c];
            for (size_t k = 0; k < 2; k++) {
                double n = (double)(size[k] * length), p = share(size[k] * length, base + k * MG_BATCH * length, c);
                mean = 0.9 * mean + 0.1 * p;
                variance = 0.9 * variance + 0.1 * p * (1 - p) * n / (n - 1);
            }
            near(learner.parameter[8 + c], mean, tolerance);
            near(learner.parameter[12 + c], variance, tolerance);
        }
        mg_learner_destroy(&learner);
        free(sum);
        close_bench(&b);
    }
    free(base);
    mg_graph_destroy(network);
    gsl_rng_free(rng);
}

/* Used, not trained, a network takes the running statistics; and so does the one that is read from its tensors. */
static void test_norms_in_use(void **state)
{
    (void)state;
    mg_error err = {0};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *network = network_of(with_norms), *folded = NULL;
    mg_tensors tensors;
    mg_layer_recipe recipe[16] = {{0}};
    mg_base *base = random_codes(rng, 1, network->length);
    const mg_base *window[1] = {base};
    double score, *x = plain_input(base, network->length);
    workbench b = open_bench(network, recipe, MG_DOUBLE);
    mg_backprop_scores(b.pass, 1, window, &score);
    layer_table *table = table_of(network), *folded_table = NULL;
    double *logit = plain_forward(table, x);
    near(score, log_odds(table, logit), 1e-13);
    free(logit);
    assert_int_equal(mg_network_tensors(with_norms, "text", network, &tensors, &err), MG_OK);
    assert_int_equal(mg_network_build(with_norms, "text", &tensors, &folded, &err), MG_OK);
    assert_int_equal(folded->n_nodes, network->n_nodes - 2); /* two stand right behind a linear layer */
    folded_table = table_of(folded);
    logit = plain_forward(folded_table, x);
    near(score, log_odds(folded_table, logit), 1e-6);
    free(logit);
    table_destroy(table);
    table_destroy(folded_table);
    free(x);
    free(base);
    close_bench(&b);
    mg_tensors_destroy(&tensors);
    mg_graph_destroy(network);
    mg_graph_destroy(folded);
    gsl_rng_free(rng);
}

/* --- networks that cannot be trained, and tensors --- */

static void refuse(const mg_graph *network, const char *wanted)
{
    mg_error err = {0};
    mg_layer_recipe recipe[16] = {{0}};
    mg_trainable *net = NULL;
    assert_int_equal(mg_trainable_create(network, recipe, MG_SINGLE, &net, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, wanted));
}

static void test_refusals(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    layer_table *table = random_network(rng);
    deepen(rng, table, 3);
    table->head = MG_SOFTMAX_HEAD;
    for (size_t l = 0; l < table->n_layers; l++)
        if (table->layer[l].kind == LAYER_AFFINE) add_norm(rng, &table->layer[l]);
    mg_graph *network = graph_of(table);
    refuse(network, "not 3");
    mg_graph_destroy(network);
    table_destroy(table);
    network = network_of(with_norms);
    mg_norm_destroy(network->node[2].norm);
    network->node[2].norm = NULL;
    refuse(network, "2: batch normalisation cannot be trained any more when it is folded");
    mg_graph_destroy(network);
    gsl_rng_free(rng);
}

/* Network -> tensors -> network: nothing is lost, whatever the order of bases and of flattening. */
static void check_round_trip(const char *text)
{
    mg_error err = {0};
    mg_layer_recipe recipe[16] = {{0}};
    mg_tensors tensors;
    mg_graph *network = network_of(text), *again = NULL;
    workbench b = open_bench(network, recipe, MG_DOUBLE);
    for (size_t i = 0; i < b.n; i++)
        if (!b.settled[i]) b.parameter[i] = (double)(i + 1);
    mg_parameters_write(b.parameter, network);
    assert_int_equal(mg_network_tensors(text, "text", network, &tensors, &err), MG_OK);
    assert_int_equal(mg_network_build_unfolded(text, "text", &tensors, &again, &err), MG_OK);
    double *back = malloc(b.n * sizeof *back);
    mg_parameters_read(again, back);
    assert_memory_equal(b.parameter, back, b.n * sizeof *back);
    free(back);
    close_bench(&b);
    mg_tensors_destroy(&tensors);
    mg_graph_destroy(network);
    mg_graph_destroy(again);
}

static void test_round_trip(void **state)
{
    (void)state;
    check_round_trip(mg_architecture_builtin("tisrover+"));
    check_round_trip(mg_architecture_builtin("tisrover"));
    check_round_trip(with_norms);
    check_round_trip("window 40\nanchor 5\nbases TGAC\nflatten positions-first\nlayers\nSequential(\n"
                     "  (0): Conv1d(4, 6, kernel_size=(5,), stride=(2,), padding=(2,), bias=True)\n  (1): ReLU()\n"
                     "  (2): AvgPool1d(kernel_size=(2,), stride=(2,))\n"
                     "  (3): Linear(in_features=60, out_features=7)\n  (4): ReLU()\n"
                     "  (5): Linear(in_features=7, out_features=1)\n)\n");
}

/* What a file may hold when the network is used, and training cannot do. */
static void test_refused_norms(void **state)
{
    (void)state;
    const char *const argument[] = {"momentum=None", "momentum=1.5"};
    const char *const wanted[] = {"momentum is 'None', expected a number", "momentum is at most 1"};
    for (int i = 0; i < 2; i++) {
        char text[256];
        mg_error err = {0};
        mg_tensors tensors;
        snprintf(text, sizeof text,
                 "window 9\nanchor 3\nlayers\nSequential(\n  (0): BatchNorm1d(4, %s)\n"
                 "  (1): Linear(in_features=36, out_features=1)\n)\n",
                 argument[i]);
        assert_int_equal(mg_network_tensors(text, "text", NULL, &tensors, &err), MG_EINPUT);
        if (strstr(err.text, wanted[i]) == NULL) fail_msg("%s", err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences),        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_instruction_sets),   cmocka_unit_test(test_alone_or_together),
        cmocka_unit_test(test_running_statistics), cmocka_unit_test(test_norms_in_use),
        cmocka_unit_test(test_refusals),           cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused_norms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
