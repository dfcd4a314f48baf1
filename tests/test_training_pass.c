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
#include "src/network/architecture.h"
#include "src/training/backprop.h"
#include "tests/plain_forward.h"
#include "tests/random_network.h"

enum { N_NETWORKS = 60, N_WINDOWS = 5 };

/* --- helpers --- */

static void near(double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance)) fail_msg("got %.17g, wanted %.17g +- %g", got, wanted, tolerance);
}

/* A random network without affine layers; its one output is a sigmoid's. */
static mg_network *trainable_network(gsl_rng *rng)
{
    for (;;) {
        mg_network *network = random_network(rng);
        bool fine = true;
        for (size_t l = 0; l < network->n_layers; l++)
            fine &= network->layer[l].kind != MG_AFFINE;
        network->head = MG_HEAD_SIGMOID;
        if (fine) return network;
        mg_network_destroy(network);
    }
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

/* The loss by the plain forward pass: no code of src/training takes part. */
static double plain_loss(const mg_network *network, size_t n, const mg_example *example)
{
    double loss = 0;
    double *x = malloc((size_t)network->length * 4 * sizeof *x);
    for (size_t w = 0; w < n; w++) {
        for (int64_t i = 0; i < network->length * 4; i++)
            x[i] = example[w].base[i / 4] == i % 4;
        double *logit = plain_forward(network, x);
        double f = network->n_outputs == 2 ? logit[network->target] - logit[1 - network->target] : logit[0];
        loss += example[w].weight * log1p(exp(example[w].start ? -f : f));
        free(logit);
    }
    free(x);
    return loss;
}

typedef struct {
    mg_trainable *net;
    mg_backprop *pass;
    size_t n;
    double *parameter;
    void *gradient;
} workbench;

static workbench open_bench(const mg_network *network, const mg_layer_recipe *recipe, mg_precision precision)
{
    mg_error err = {0};
    workbench b = {0};
    if (mg_trainable_create(network, recipe, precision, &b.net, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(mg_backprop_create(b.net, &b.pass, &err), MG_OK);
    b.n = mg_trainable_n(b.net);
    b.parameter = malloc(b.n * sizeof(double));
    b.gradient = calloc(b.n, sizeof(double));
    mg_parameters_read(network, b.parameter);
    mg_trainable_load(b.net, b.parameter);
    return b;
}

static void close_bench(workbench *b)
{
    mg_backprop_destroy(b->pass);
    mg_trainable_destroy(b->net);
    free(b->parameter);
    free(b->gradient);
}

/* --- the plain walk against finite differences --- */

/* A kink of ReLU or max pooling within the step spoils a difference; a second, smaller step tells such cases. */
static double difference(mg_network *network, size_t at, double *parameter, double step, const mg_example *example)
{
    double kept = parameter[at];
    parameter[at] = kept + step;
    mg_parameters_write(parameter, network);
    double up = plain_loss(network, N_WINDOWS, example);
    parameter[at] = kept - step;
    mg_parameters_write(parameter, network);
    double down = plain_loss(network, N_WINDOWS, example);
    parameter[at] = kept;
    return (up - down) / (2 * step);
}

static void check_differences(gsl_rng *rng, mg_network *network, size_t *n_checked)
{
    mg_layer_recipe recipe[16] = {{0}};
    mg_base *base = random_codes(rng, N_WINDOWS, network->length);
    mg_example example[N_WINDOWS];
    make_examples(rng, N_WINDOWS, base, network->length, example);
    workbench b = open_bench(network, recipe, MG_DOUBLE);
    double loss = mg_backprop_gradient(b.pass, N_WINDOWS, example, b.gradient);
    near(loss, plain_loss(network, N_WINDOWS, example), 1e-12 * (1 + loss));
    for (int i = 0; i < 40; i++) {
        size_t at = (size_t)below(rng, (int64_t)b.n);
        double coarse = difference(network, at, b.parameter, 1e-5, example);
        double fine = difference(network, at, b.parameter, 1e-6, example);
        if (fabs(coarse - fine) > 1e-6 * (1 + fabs(fine))) continue;
        double got = ((double *)b.gradient)[at];
        if (fabs(got - coarse) > 1e-6 * (1 + fabs(got))) fail_msg("parameter %zu: %g, difference %g", at, got, coarse);
        ++*n_checked;
    }
    mg_parameters_write(b.parameter, network);
    close_bench(&b);
    free(base);
}

static void test_differences(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 11);
    size_t n_checked = 0, n_of_kind[5] = {0};
    for (int i = 0; i < N_NETWORKS; i++) {
        mg_network *network = trainable_network(rng);
        for (size_t l = 0; l < network->n_layers; l++)
            n_of_kind[network->layer[l].kind]++;
        check_differences(rng, network, &n_checked);
        mg_network_destroy(network);
    }
    assert_true(n_checked > 35 * N_NETWORKS);
    assert_true(n_of_kind[MG_LINEAR] > 60 && n_of_kind[MG_RELU] > 5 && n_of_kind[MG_MAX_POOL] > 5 &&
                n_of_kind[MG_AVERAGE_POOL] > 5);
    gsl_rng_free(rng);
}

/* --- the kernels against the plain walk --- */

static void compare_precisions(gsl_rng *rng, const mg_network *network, const mg_layer_recipe *recipe, size_t n)
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
    double loss[2] = {mg_backprop_gradient(fast.pass, n, example, fast.gradient),
                      mg_backprop_gradient(plain.pass, n, example, plain.gradient)};
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
        mg_network *network = trainable_network(rng);
        mg_layer_recipe recipe[16] = {{0}};
        for (size_t l = 0; l + 1 < network->n_layers; l++)
            recipe[l] = (mg_layer_recipe){.dropout = below(rng, 3) == 0 ? 0.3 : 0, .no_bias = below(rng, 3) == 0};
        compare_precisions(rng, network, recipe, (size_t)(1 + below(rng, MG_BATCH)));
        mg_network_destroy(network);
    }
    gsl_rng_free(rng);
}

/* --- same bits --- */

static mg_network *tisrover(void)
{
    mg_error err = {0};
    mg_tensors tensors;
    mg_network *network = NULL;
    const char *text = mg_architecture_builtin("tisrover+");
    assert_int_equal(mg_network_tensors(text, "text", NULL, &tensors, &err), MG_OK);
    for (size_t i = 0; i < tensors.n; i++)
        for (size_t k = 0; k < tensors.tensor[i].n; k++)
            tensors.tensor[i].data[k] = (float)((double)(mg_mix(i, k) >> 40) * 0x1p-24 - 0.48) * 0.2f;
    assert_int_equal(mg_network_build(text, "text", &tensors, &network, &err), MG_OK);
    mg_tensors_destroy(&tensors);
    return network;
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

static workbench run_with(const char *isa, const mg_network *network, const mg_example *example)
{
    mg_layer_recipe recipe[16] = {{0}};
    recipe[10].dropout = 0.5;
    setenv("MUTAGREE_ISA", isa, 1);
    workbench b = open_bench(network, recipe, MG_SINGLE);
    unsetenv("MUTAGREE_ISA");
    mg_backprop_gradient(b.pass, MG_BATCH, example, b.gradient);
    return b;
}

static void test_instruction_sets(void **state)
{
    (void)state;
    if (!runs("avx2") || !runs("avx512")) skip();
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_network *network = tisrover();
    mg_base *base = random_codes(rng, MG_BATCH, network->length);
    mg_example example[MG_BATCH];
    make_examples(rng, MG_BATCH, base, network->length, example);
    workbench a = run_with("avx2", network, example), b = run_with("avx512", network, example);
    assert_memory_equal(a.gradient, b.gradient, a.n * sizeof(float));
    close_bench(&a);
    close_bench(&b);
    free(base);
    mg_network_destroy(network);
    gsl_rng_free(rng);
}

/* A window's share of the gradient does not depend on its neighbours but for rounding, nor does what is dropped. */
static void test_alone_or_together(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_network *network = tisrover();
    mg_base *base = random_codes(rng, 3, network->length);
    mg_example example[3];
    mg_layer_recipe recipe[16] = {{0}};
    recipe[10].dropout = 0.5;
    make_examples(rng, 3, base, network->length, example);
    workbench b = open_bench(network, recipe, MG_DOUBLE);
    double loss = mg_backprop_gradient(b.pass, 3, example, b.gradient), sum_of_losses = 0;
    double *sum = calloc(b.n, sizeof *sum), *one = calloc(b.n, sizeof *one);
    for (size_t w = 0; w < 3; w++) {
        sum_of_losses += mg_backprop_gradient(b.pass, 1, &example[w], one);
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
    mg_network_destroy(network);
    gsl_rng_free(rng);
}

/* --- networks that cannot be trained, and tensors --- */

static void refuse(const mg_network *network, const char *wanted)
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
    mg_network *network = tisrover();
    network->n_outputs = 3;
    refuse(network, "not 3");
    network->n_outputs = 2;
    network->layer[1].kind = MG_AFFINE;
    refuse(network, "features.1: batch normalisation");
    network->layer[1].kind = MG_RELU;
    mg_network_destroy(network);
}

/* Network -> tensors -> network: nothing is lost, whatever the order of bases and of flattening. */
static void check_round_trip(const char *text)
{
    mg_error err = {0};
    mg_tensors blank, tensors;
    mg_network *network = NULL, *again = NULL;
    if (mg_network_tensors(text, "text", NULL, &blank, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(mg_network_build(text, "text", &blank, &network, &err), MG_OK);
    double *parameter = malloc((size_t)mg_network_n_weights(network) * sizeof *parameter);
    for (int64_t i = 0; i < mg_network_n_weights(network); i++)
        parameter[i] = (double)(i + 1);
    mg_parameters_write(parameter, network);
    assert_int_equal(mg_network_tensors(text, "text", network, &tensors, &err), MG_OK);
    assert_int_equal(mg_network_build(text, "text", &tensors, &again, &err), MG_OK);
    double *back = malloc((size_t)mg_network_n_weights(network) * sizeof *parameter);
    mg_parameters_read(again, back);
    assert_memory_equal(parameter, back, (size_t)mg_network_n_weights(network) * sizeof *parameter);
    free(parameter);
    free(back);
    mg_tensors_destroy(&blank);
    mg_tensors_destroy(&tensors);
    mg_network_destroy(network);
    mg_network_destroy(again);
}

static void test_round_trip(void **state)
{
    (void)state;
    check_round_trip(mg_architecture_builtin("tisrover+"));
    check_round_trip(mg_architecture_builtin("tisrover"));
    check_round_trip("window 40\nanchor 5\nbases TGAC\nflatten positions-first\nlayers\nSequential(\n"
                     "  (0): Conv1d(4, 6, kernel_size=(5,), stride=(2,), padding=(2,), bias=True)\n  (1): ReLU()\n"
                     "  (2): AvgPool1d(kernel_size=(2,), stride=(2,))\n"
                     "  (3): Linear(in_features=60, out_features=7)\n  (4): ReLU()\n"
                     "  (5): Linear(in_features=7, out_features=1)\n)\n");
    mg_error err = {0};
    mg_tensors tensors;
    assert_int_equal(mg_network_tensors("window 9\nanchor 3\nlayers\nSequential(\n"
                                        "  (0): Conv1d(4, 6, kernel_size=(3,), stride=(1,))\n  (1): BatchNorm1d(6)\n"
                                        "  (2): Linear(in_features=42, out_features=1)\n)\n",
                                        "text", NULL, &tensors, &err),
                     MG_EINPUT);
    if (strstr(err.text, "text line 6: 1 BatchNorm1d(6): batch normalisation is not trained") == NULL)
        fail_msg("%s", err.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences),      cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_instruction_sets), cmocka_unit_test(test_alone_or_together),
        cmocka_unit_test(test_refusals),         cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
