/* test_network_build.c  architecture text + tensors -> network
 *
 * Right: eight networks of odd shapes made and run by PyTorch (tests/data/odd_nets.h5, origin beside it) give PyTorch's
 * outputs; shapes of pooling against PyTorch's rules worked out by hand; base order and flattening order.
 * Wrong: every refusal names the layer and what is wrong. Hostile: texts damaged at random never crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/random.h"
#include "src/graph/printed/blocks.h"
#include "src/graph/printed/architecture.h"
#include "tests/support/plain_forward.h"
#include "tests/support/plain_graph.h"

/* --- helpers --- */

/* A tensor filled with numbers that differ: 0.01, 0.02, ... */
static void add(mg_tensors *tensors, const char *name, int n_dims, int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t dim[4] = {a, b, c, d};
    mg_tensor *tensor = NULL;
    assert_int_equal(mg_tensors_add(tensors, name, n_dims, dim, &tensor, NULL), MG_OK);
    for (size_t i = 0; i < tensor->n; i++)
        tensor->data[i] = 0.01f * (float)(i + 1);
}

static mg_graph *build(const char *text, const mg_tensors *tensors)
{
    mg_error err = {0};
    mg_graph *network = NULL;
    if (mg_network_build(text, "text", tensors, &network, &err) != MG_OK) fail_msg("%s", err.text);
    return network;
}

/* The text must be refused with a sentence that holds `wanted`; tensors are destroyed. */
static void refuse(const char *text, mg_tensors *tensors, const char *wanted)
{
    mg_error err = {0};
    mg_graph *network = NULL;
    assert_int_equal(mg_network_build(text, "text", tensors, &network, &err), MG_EINPUT);
    if (strstr(err.text, wanted) == NULL) fail_msg("wanted '%s', got '%s'", wanted, err.text);
    assert_null(network);
    mg_tensors_destroy(tensors);
}

/* Header for a window of L bases and these layers, one a line, in a Sequential. */
static const char *layers(int length, const char *const *line)
{
    static char text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "window %d\nanchor 0\nlayers\nSequential(\n", length);
    for (int i = 0; line[i] != NULL; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "  (%d): %s\n", i, line[i]);
    snprintf(text + n, sizeof text - n, ")\n");
    return text;
}
#define LAYERS(length, ...) layers(length, (const char *const[]){__VA_ARGS__, NULL})

/* The text with one more header line before it. */
static const char *with(const char *header, const char *text)
{
    static char all[9000];
    snprintf(all, sizeof all, "%s\n%s", header, text);
    return all;
}

/* The layers must be refused before or without any tensor. */
#define REFUSE(wanted, length, ...)                                                                                    \
    do {                                                                                                               \
        mg_tensors none_ = {0};                                                                                        \
        refuse(LAYERS(length, __VA_ARGS__), &none_, wanted);                                                           \
    } while (0)

/* --- networks run by PyTorch --- */

static herr_t add_dataset(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)info;
    hsize_t size[H5S_MAX_RANK] = {0};
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    int n_dims = H5Sget_simple_extent_dims(space, size, NULL);
    int64_t dim[MG_MAX_DIMS] = {0};
    for (int d = 0; d < n_dims; d++)
        dim[d] = (int64_t)size[d];
    mg_tensor *tensor = NULL;
    assert_int_equal(mg_tensors_add(context, name, n_dims, dim, &tensor, NULL), MG_OK);
    assert_true(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor->data) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    return 0;
}

static double *read_doubles(hid_t group, const char *name, size_t *n)
{
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    *n = (size_t)H5Sget_simple_extent_npoints(space);
    double *value = malloc(*n * sizeof *value);
    assert_non_null(value);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    return value;
}

static int64_t read_integer(hid_t group, const char *name)
{
    int64_t value = 0;
    hid_t attribute = H5Aopen(group, name, H5P_DEFAULT);
    assert_true(H5Aread(attribute, H5T_NATIVE_INT64, &value) >= 0);
    H5Aclose(attribute);
    return value;
}

static char *odd_text(hid_t group)
{
    char *print = NULL;
    hid_t attribute = H5Aopen(group, "layers", H5P_DEFAULT), type = H5Aget_type(attribute);
    assert_true(H5Aread(attribute, type, &print) >= 0);
    H5Tclose(type);
    H5Aclose(attribute);
    size_t n = strlen(print) + 200;
    char *text = malloc(n);
    assert_non_null(text);
    snprintf(text, n, "window %d\nanchor 2\ntarget %d\nlayers\n%s\n", (int)read_integer(group, "L"),
             (int)read_integer(group, "target"), print);
    H5free_memory(print);
    return text;
}

static void check_odd(hid_t file, const char *name, double *worst)
{
    mg_tensors tensors = {0};
    size_t n_x = 0, n_out = 0;
    hid_t group = H5Gopen2(file, name, H5P_DEFAULT), weights = H5Gopen2(group, "weights", H5P_DEFAULT);
    assert_true(H5Literate(weights, H5_INDEX_NAME, H5_ITER_INC, NULL, add_dataset, &tensors) >= 0);
    char *text = odd_text(group);
    mg_graph *network = build(text, &tensors);
    double *x = read_doubles(group, "x", &n_x), *wanted = read_doubles(group, "output", &n_out);
    size_t n_outputs = network->output[0].n_classes, n_rows = n_out / n_outputs;
    assert_int_equal(n_rows * (size_t)network->length * 4, n_x);
    for (size_t row = 0; row < n_rows; row++) {
        double *logit = plain_logits(network, x + row * (size_t)network->length * 4);
        for (size_t o = 0; o < n_outputs; o++) {
            double want = wanted[row * n_outputs + o];
            double error = fabs(logit[o] - want) / (fabs(want) + 1e-3);
            if (error > *worst) *worst = error;
            if (error > 1e-9) fail_msg("%s row %zu output %zu: %.17g, PyTorch %.17g", name, row, o, logit[o], want);
        }
        free(logit);
    }
    free(x);
    free(wanted);
    free(text);
    mg_graph_destroy(network);
    mg_tensors_destroy(&tensors);
    H5Gclose(weights);
    H5Gclose(group);
}

static void test_odd_networks(void **state)
{
    (void)state;
    static const char *const name[] = {"ceil_pool_padding",
                                       "conv2d_input_pool4",
                                       "dense_only",
                                       "dilation_batchnorm_overlap_pool",
                                       "global_average",
                                       "global_max_same_padding",
                                       "kernel_is_length_one_channel",
                                       "stride_pad_avgpool_sigmoid"};
    double worst = 0;
    hid_t file = H5Fopen("tests/data/odd_nets.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        check_odd(file, name[i], &worst);
    H5Fclose(file);
    print_message("# largest relative difference from PyTorch %.1e\n", worst);
}

/* --- shapes --- */

static const struct {
    const char *layer;
    int length, n_out;
    double out[16];
} pool_rows[] = {
#include "tests/oracle/pools.h"
};

/* A pool right at the input, then a Linear; the pool's layer alone is run. */
static void check_pool(const char *layer, int length, int n_out, const double *wanted)
{
    char dense[80];
    mg_tensors tensors = {0};
    snprintf(dense, sizeof dense, "Linear(in_features=%d, out_features=1, bias=False)", 4 * n_out);
    add(&tensors, "1.weight", 2, 1, 4 * n_out, 0, 0);
    mg_graph *network = build(LAYERS(length, layer, dense), &tensors);
    layer_table *table = table_of(network);
    const table_layer *pool = &table->layer[0];
    assert_int_equal(pool->out_length, n_out);
    double x[4 * 16];
    for (int i = 0; i < 4 * length; i++)
        x[i] = (double)(7 * (i / 4) % 11 - 3) + (double)(i % 4);
    for (int t = 0; t < n_out; t++) {
        double v = plain_value(pool, x, t, 0);
        if (fabs(v - wanted[t]) > 1e-12) fail_msg("%s of %d, place %d: %g, PyTorch %g", layer, length, t, v, wanted[t]);
    }
    table_destroy(table);
    mg_graph_destroy(network);
    mg_tensors_destroy(&tensors);
}

static void test_pools(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pool_rows / sizeof *pool_rows; i++)
        check_pool(pool_rows[i].layer, pool_rows[i].length, pool_rows[i].n_out, pool_rows[i].out);
}

static void test_tisrover(void **state)
{
    (void)state;
    static const int64_t length[] = {197, 197, 65, 63, 63, 21, 19, 19, 6, 1, 1, 1};
    mg_tensors tensors = {0};
    add(&tensors, "features.0.weight", 4, 32, 1, 7, 4);
    add(&tensors, "features.0.bias", 1, 32, 0, 0, 0);
    add(&tensors, "features.3.weight", 4, 64, 32, 3, 1);
    add(&tensors, "features.3.bias", 1, 64, 0, 0, 0);
    add(&tensors, "features.6.weight", 4, 128, 64, 3, 1);
    add(&tensors, "features.6.bias", 1, 128, 0, 0, 0);
    add(&tensors, "classifier.0.weight", 2, 128, 768, 0, 0);
    add(&tensors, "classifier.0.bias", 1, 128, 0, 0, 0);
    add(&tensors, "classifier.3.weight", 2, 2, 128, 0, 0);
    add(&tensors, "classifier.3.bias", 1, 2, 0, 0, 0);
    mg_graph *network = build(mg_architecture_builtin("tisrover+"), &tensors);
    assert_int_equal(mg_graph_n_layers(network), 12);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(network->extent[i + 1].length, length[i]);
    assert_int_equal(network->anchor, 60);
    size_t logits;
    assert_int_equal(mg_graph_head(network, &network->output[0], &logits), MG_SOFTMAX_HEAD);
    assert_int_equal(logits, 12);
    assert_int_equal(network->output[0].target, 1);
    assert_string_equal(network->output[0].class_name[1], "TIS");
    assert_string_equal(network->node[9].name, "classifier.0");
    assert_string_equal(network->node[9].kind->name, "dense");
    assert_string_equal(network->node[6].kind->name, "conv");
    assert_int_equal(mg_graph_n_weights(network), 130530);
    assert_int_equal(mg_graph_n_macs(network), 197 * 28 * 32 + 63 * 96 * 64 + 19 * 192 * 128 + 768 * 128 + 128 * 2);
    /* bases A, G, C, T: our C (1) is the file's channel 2; weight (out 0, tap 1, base) of a (7, 4) kernel */
    assert_true(network->node[0].weight[0 * 28 + 1 * 7 + 1] == (double)tensors.tensor[0].data[1 * 4 + 2]);
    mg_graph_destroy(network);
    mg_tensors_destroy(&tensors);
}

/* The same dense network in both orders of flattening, with its weights moved accordingly. */
static void test_flatten_order(void **state)
{
    (void)state;
    mg_tensors tensors = {0}, moved = {0};
    add(&tensors, "0.weight", 2, 3, 20, 0, 0);
    add(&tensors, "0.bias", 1, 3, 0, 0, 0);
    add(&moved, "0.weight", 2, 3, 20, 0, 0);
    add(&moved, "0.bias", 1, 3, 0, 0, 0);
    for (int o = 0; o < 3; o++)
        for (int c = 0; c < 4; c++)
            for (int t = 0; t < 5; t++)
                moved.tensor[0].data[o * 20 + t * 4 + c] = tensors.tensor[0].data[o * 20 + c * 5 + t];
    const char *text = LAYERS(5, "Linear(20, 3)");
    mg_graph *a = build(text, &tensors), *b = build(with("flatten positions-first", text), &moved);
    assert_memory_equal(a->node[0].weight, b->node[0].weight, 60 * sizeof(double));
    assert_int_equal(a->node[0].slide.kernel, 5);
    mg_graph_destroy(a);
    mg_graph_destroy(b);
    mg_tensors_destroy(&tensors);
    mg_tensors_destroy(&moved);
}

/* Conv1d, Conv2d k x 4, Conv2d 4 x k and Conv2d with four channels say the same thing. */
static void test_ways_to_write_a_convolution(void **state)
{
    (void)state;
    static const char *const layer[] = {
        "Conv1d(4, 2, kernel_size=(3,), padding=(1,))", "Conv2d(1, 2, kernel_size=(3, 4), padding=(1, 0))",
        "Conv2d(1, 2, kernel_size=(4, 3), padding=(0, 1))", "Conv2d(4, 2, kernel_size=(1, 3), padding=(0, 1))",
        "Conv2d(4, 2, kernel_size=(3, 1), padding=(1, 0))"};
    static const int64_t dim[][4] = {{2, 4, 3, 0}, {2, 1, 3, 4}, {2, 1, 4, 3}, {2, 4, 1, 3}, {2, 4, 3, 1}};
    for (int i = 0; i < 5; i++) {
        mg_tensors tensors = {0};
        add(&tensors, "0.weight", i == 0 ? 3 : 4, dim[i][0], dim[i][1], dim[i][2], dim[i][3]);
        add(&tensors, "0.bias", 1, 2, 0, 0, 0);
        add(&tensors, "3.weight", 2, 1, 8, 0, 0);
        for (int o = 0; o < 2 && i == 1; o++)
            for (int c = 0; c < 4; c++)
                for (int k = 0; k < 3; k++)
                    tensors.tensor[0].data[o * 12 + k * 4 + c] = 0.01f * (float)(o * 12 + c * 3 + k + 1);
        const char *pool = i == 0             ? "MaxPool1d(kernel_size=2)"
                           : i == 2 || i == 3 ? "MaxPool2d(kernel_size=(1, 2))"
                                              : "MaxPool2d(kernel_size=(2, 1))";
        mg_graph *network = build(LAYERS(8, layer[i], "ReLU()", pool, "Linear(8, 1, bias=False)"), &tensors);
        for (int w = 0; w < 24; w++)
            assert_true(fabs(network->node[0].weight[w] - 0.01 * (w + 1)) < 1e-7);
        assert_int_equal(network->node[0].slide.pad, 1);
        assert_int_equal(network->extent[3].length, 4);
        mg_graph_destroy(network);
        mg_tensors_destroy(&tensors);
    }
}

/* A 4 x 4 kernel does not tell; a later layer, the padding or the line 'rows' does. */
static void test_four_by_four(void **state)
{
    (void)state;
    static const char *const conv = "Conv2d(1, 2, kernel_size=(4, 4))", *const dense = "Linear(10, 1, bias=False)";
    static const char *const wide = "Conv2d(1, 2, kernel_size=(4, 4), dilation=(1, 2))";
    for (int i = 0; i < 5; i++) {
        mg_tensors tensors = {0};
        const char *rows = i == 0 ? "rows positions" : i == 1 ? "rows bases" : "";
        const char *last = i < 2 ? dense : i < 4 ? "Linear(8, 1, bias=False)" : "Linear(4, 1, bias=False)";
        const char *pool = i == 2   ? "MaxPool2d((2, 1), stride=1)"
                           : i == 3 ? "MaxPool2d((1, 2), stride=1)"
                                    : "MaxPool2d(1, stride=1)";
        bool positions = i == 0 || i == 2;
        add(&tensors, "0.weight", 4, 2, 1, 4, 4);
        add(&tensors, "0.bias", 1, 2, 0, 0, 0);
        add(&tensors, "2.weight", 2, 1, i < 2 ? 10 : i < 4 ? 8 : 4, 0, 0);
        mg_graph *network = build(with(rows, LAYERS(8, i == 4 ? wide : conv, pool, last)), &tensors);
        float wanted = tensors.tensor[0].data[positions ? 2 * 4 + 1 : 1 * 4 + 2]; /* base C, tap 2 */
        assert_true(network->node[0].weight[1 * 4 + 2] == (double)wanted);
        mg_graph_destroy(network);
        mg_tensors_destroy(&tensors);
    }
    REFUSE("does the window come as L x 4 or as 4 x L? Nothing in the layers tells", 8, conv, dense);
    REFUSE("does the window come as L x 4 or as 4 x L?", 8, "MaxPool2d(1, stride=(1, 2))");
}

static mg_tensors batch_norm_tensors(void)
{
    mg_tensors tensors = {0};
    add(&tensors, "0.weight", 1, 4, 0, 0, 0);
    add(&tensors, "0.bias", 1, 4, 0, 0, 0);
    add(&tensors, "0.running_mean", 1, 4, 0, 0, 0);
    add(&tensors, "0.running_var", 1, 4, 0, 0, 0);
    add(&tensors, "0.num_batches_tracked", 0, 0, 0, 0, 0);
    add(&tensors, "1.weight", 2, 2, 12, 0, 0);
    add(&tensors, "1.bias", 1, 2, 0, 0, 0);
    return tensors;
}

/* In front of everything there is nothing to fold into; the channels come in our order of bases. */
static void test_batch_norm_at_input(void **state)
{
    (void)state;
    mg_tensors tensors = batch_norm_tensors();
    const char *text = LAYERS(3, "BatchNorm1d(4, eps=0.25)", "Linear(12, 2)");
    mg_graph *network = build(with("bases TGCA", text), &tensors);
    assert_string_equal(network->node[0].kind->name, "affine");
    for (int c = 0; c < 4; c++) {
        double v = (double)tensors.tensor[3].data[3 - c], scale = v / sqrt(v + 0.25);
        assert_true(fabs(network->node[0].weight[c] - scale) < 1e-15);
        assert_true(fabs(network->node[0].bias[c] - (v - v * scale)) < 1e-15);
    }
    mg_graph_destroy(network);
    mg_tensors_destroy(&tensors);
}

/* --- copies and scores --- */

static void test_fold_score(void **state)
{
    (void)state;
    mg_tensors tensors = {0};
    add(&tensors, "0.weight", 2, 2, 12, 0, 0);
    add(&tensors, "0.bias", 1, 2, 0, 0, 0);
    mg_graph *network = build(LAYERS(3, "Linear(12, 2)"), &tensors), *folded = NULL;
    double x[12] = {0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1};
    double *logit = plain_logits(network, x);
    const mg_score score[] = {MG_SCORE_LOG_ODDS, MG_SCORE_LOGIT, MG_SCORE_PROBABILITY};
    const double wanted[] = {logit[1] - logit[0], logit[1], logit[1] - logit[0]};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = score[i]}, &folded, NULL), MG_OK);
        double *f = plain_graph(folded, folded->n_nodes, x);
        assert_true(fabs(f[0] - wanted[i]) < 1e-14);
        assert_int_equal(folded->extent[folded->n_nodes].channels, 1);
        /* a logit alone does not tell a probability of two classes, so all logits are there beside it */
        assert_int_equal(folded->n_outputs, score[i] == MG_SCORE_LOGIT ? 1 : 0);
        free(f);
        mg_graph_destroy(folded);
    }
    free(logit);
    mg_graph_destroy(network);
    mg_tensors_destroy(&tensors);
}

/* Of more than two classes log-odds are the target's logit against all others. */
static void test_score_of_three(void **state)
{
    (void)state;
    mg_tensors tensors = {0};
    mg_error err = {0};
    mg_graph *score = NULL;
    add(&tensors, "0.weight", 2, 3, 12, 0, 0);
    add(&tensors, "0.bias", 1, 3, 0, 0, 0);
    mg_graph *network = build(LAYERS(3, "Linear(12, 3)"), &tensors);
    double x[12] = {0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1};
    double *logit = plain_logits(network, x);
    assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOG_ODDS}, &score, &err), MG_OK);
    double *f = plain_graph(score, score->n_nodes, x);
    assert_true(fabs(f[0] - (logit[2] - log(exp(logit[0]) + exp(logit[1])))) < 1e-13);
    free(f);
    mg_graph_destroy(score);
    assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOGIT}, &score, &err), MG_OK);
    f = plain_graph(score, score->n_nodes, x);
    assert_true(f[0] == logit[2]);
    free(f);
    free(logit);
    mg_graph_destroy(score);
    mg_graph_destroy(network);
    mg_tensors_destroy(&tensors);
}

static void test_score_refuses(void **state)
{
    (void)state;
    mg_tensors tensors = {0};
    mg_error err = {0};
    mg_graph *score = NULL;
    add(&tensors, "0.weight", 2, 3, 12, 0, 0);
    add(&tensors, "0.bias", 1, 3, 0, 0, 0);
    mg_graph *network = build(with("head none", LAYERS(3, "Linear(12, 3)")), &tensors);
    assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_PROBABILITY}, &score, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "no probability; give --score value"));
    assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOG_ODDS}, &score, &err), MG_EINPUT);
    assert_null(score);
    mg_graph_destroy(network);
    mg_graph_destroy(NULL);
    mg_tensors_destroy(&tensors);
}

/* --- what is refused --- */

/* Blocks that are no chains, by their class or by the attribute that holds them. */
static void test_blocks(void **state)
{
    (void)state;
    mg_modules modules;
    mg_error err = {0};
    static const char *const bad[] = {
        "Net(\n  (a): ResidualBlock(\n    (c): Conv1d(4, 4, kernel_size=(1,))\n  )\n)",
        "ResNet1d(\n  (c): Conv1d(4, 4, kernel_size=(1,))\n)",
        "Net(\n  (a): BasicBlock(\n    (c): Conv1d(4, 4, kernel_size=(1,))\n  )\n)",
        "Net(\n  (downsample): Sequential(\n    (c): Conv1d(4, 4, kernel_size=(1,))\n  )\n)",
        "Net(\n  (skip_connection): Conv1d(4, 4, kernel_size=(1,))\n)",
        "ParallelConvs(\n  (c): Conv1d(4, 4, kernel_size=(1,))\n)"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(mg_modules_parse(bad[i], "text", 5, &modules, &err), MG_EINPUT);
        if (strstr(err.text, "is no chain of layers by its name") == NULL) fail_msg("%s", err.text);
    }
    assert_int_equal(mg_modules_parse(bad[3], "text", 5, &modules, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "text line 6: Sequential, as downsample"));
    assert_int_equal(
        mg_modules_parse("DataParallel(\n  (module): Net(\n    (c): Conv1d(4, 4, kernel_size=(1,))\n  )\n)", "text", 5,
                         &modules, &err),
        MG_OK);
    mg_modules_destroy(&modules);
}

static bool doubts(const char *layers, char sentence[512])
{
    mg_modules modules;
    mg_error err = {0};
    if (mg_modules_parse(layers, "text", 5, &modules, &err) != MG_OK) fail_msg("%s", err.text);
    bool found = mg_blocks_doubt(&modules, "text", sentence, 512);
    mg_modules_destroy(&modules);
    return found;
}

#define CONV(name)   "(" name "): Conv1d(4, 4, kernel_size=(1,))\n"
#define LINEAR(name) "(" name "): Linear(in_features=4, out_features=4)\n"

static void test_nothing_between(void **state)
{
    (void)state;
    char sentence[512];
    assert_true(doubts("N(\n" CONV("a") CONV("b") ")", sentence));
    assert_non_null(strstr(sentence, "text lines 6 and 7: no activation stands between a and b"));
    assert_true(
        doubts("N(\n" CONV("a") "(p): MaxPool1d(2)\n(n): BatchNorm1d(4)\n(f): Flatten()\n(d): Dropout(p=0.5)\n" LINEAR(
                   "b") ")",
               sentence));
    assert_true(doubts("N(\n" CONV("a") "(r): ReLU()\n" LINEAR("b") LINEAR("c") ")", sentence));
    assert_non_null(strstr(sentence, "between b and c"));
    assert_false(doubts("N(\n" CONV("a") "(r): ReLU()\n(p): MaxPool1d(2)\n" LINEAR("b") "(q): ReLU()\n" LINEAR("c") ")",
                        sentence));
    assert_false(doubts("N(\n" LINEAR("a") "(r): ReLU()\n)", sentence));
}

static void test_refused_layers(void **state)
{
    (void)state;
    REFUSE("line 5: 0 GroupNorm cannot be explained by mutagree; known layers are Conv1d", 20, "GroupNorm(4, 32)");
    REFUSE("0 LSTM cannot be explained", 20, "LSTM(4, 8)");
    REFUSE("0 GELU cannot be explained", 20, "GELU(approximate='none')");
    REFUSE("0 ConvTranspose1d cannot", 20, "ConvTranspose1d(4, 8, kernel_size=(3,))");
    REFUSE("0 MultiheadAttention cannot", 20, "MultiheadAttention((out_proj): Linear(4, 4))");
    REFUSE("0 Conv1d(4, 8, kernel_size=(3,), groups=4): groups=4 cannot", 20,
           "Conv1d(4, 8, kernel_size=(3,), groups=4)");
    REFUSE("padding_mode=reflect cannot", 20, "Conv1d(4, 8, kernel_size=(3,), padding=1, padding_mode=reflect)");
    REFUSE("padding=same needs stride 1", 20, "Conv1d(4, 8, kernel_size=(3,), stride=2, padding=same)");
    REFUSE("divisor_override cannot", 20, "AvgPool2d((2, 1), divisor_override=3)");
    REFUSE("return_indices cannot", 20, "MaxPool1d(2, return_indices=True)");
    REFUSE("padding is at most half its kernel", 20, "MaxPool1d(3, padding=2)");
    REFUSE("its window 0 holds padding only", 4, "MaxPool1d(2, stride=1, padding=1, dilation=5)");
    REFUSE("do not divide into 3 windows", 20, "AdaptiveAvgPool1d(3)");
    REFUSE("would pool the bases", 20, "AdaptiveAvgPool2d(1)");
    REFUSE("kernels are k x 4 or 4 x k here", 20, "Conv2d(1, 8, kernel_size=(3, 3))");
    REFUSE("kernels are k x 1 or 1 x k here", 20, "MaxPool2d((3, 1))", "MaxPool2d((1, 3))");
    REFUSE("across the window cannot", 20, "Conv2d(1, 8, kernel_size=(3, 4), padding=1)");
    REFUSE("across the window cannot", 20, "Conv2d(1, 8, kernel_size=(3, 4), padding=same)");
    REFUSE("takes 5 channels, but 4 arrive", 20, "Conv1d(5, 8, kernel_size=(3,))");
    REFUSE("takes 5 channels, but 4 arrive", 20, "BatchNorm1d(5)");
    REFUSE("without running statistics", 20, "BatchNorm1d(4, track_running_stats=False)");
    REFUSE("after Flatten of 20 positions cannot", 20, "Flatten(1)", "BatchNorm1d(4)");
    REFUSE("only start_dim=1, end_dim=-1", 20, "Flatten(start_dim=0)");
    REFUSE("comes after Flatten or Linear", 20, "Flatten()", "MaxPool1d(2)");
    REFUSE("comes after Flatten or Linear", 20, "Flatten()", "Conv1d(4, 8, 3)");
    REFUSE("takes 81 features, but 20 positions x 4 channels = 80 arrive", 20, "Linear(81, 2)");
    REFUSE("1 ReLU() comes after 0 Sigmoid()", 20, "Sigmoid()", "ReLU()");
    REFUSE("the classes are dim 1, not 2", 20, "Softmax(dim=2)");
    REFUSE("ends with 0, which gives 20 positions x 4 channels", 20, "ReLU()");
    REFUSE("ends with nothing", 20, "Dropout(p=0.5)");
}

static void test_too_short(void **state)
{
    (void)state;
    REFUSE("2 MaxPool1d(7) needs 7 positions and gets 6: a window of 20 bases is too short for this network "
           "(20 -> 6)",
           20, "MaxPool1d(3)", "Identity()", "MaxPool1d(7)");
    REFUSE("0 Conv1d(4, 8, kernel_size=(11,), padding=(2,)) needs 7 positions and gets 5", 5,
           "Conv1d(4, 8, kernel_size=(11,), padding=(2,))");
}

static void test_bad_arguments(void **state)
{
    (void)state;
    REFUSE("stride is 'x', expected an integer from 1 to 16777216", 20, "MaxPool1d(3, stride=x)");
    REFUSE("kernel_size is missing", 20, "MaxPool1d()");
    REFUSE("kernel_size is '0'", 20, "MaxPool1d(0)");
    REFUSE("kernel_size is '99999999999999999999'", 20, "MaxPool1d(99999999999999999999)");
    REFUSE("kernel_size is '(3, 1)'", 20, "MaxPool1d((3, 1))");
    REFUSE("kernel_size is '(3'", 20, "MaxPool1d('(3')");
    REFUSE("dilation is '-1'", 20, "MaxPool1d(3, dilation=-1)");
    REFUSE("ceil_mode is 'maybe', expected True or False", 20, "MaxPool1d(3, ceil_mode=maybe)");
    REFUSE("eps is 'nan', expected a number", 20, "BatchNorm1d(4, eps=nan)");
    REFUSE("an argument 'shape' that mutagree does not know", 20, "MaxPool1d(3, shape=2)");
    REFUSE("has more arguments than 3", 20, "Linear(1, 2, True, 4)");
    REFUSE("the argument 'kernel_size' has 40 characters", 20, "MaxPool1d(1111111111222222222233333333334444444444)");
    REFUSE("expected ',' or ')'", 20, "MaxPool1d(3\n4)");
    REFUSE("repeated layers", 20, "2 x ReLU()");
    REFUSE("expected the name of a layer", 20, "");
    REFUSE("expected '(' after the layer's name", 20, "ReLU");
}

static void refuse_text(const char *text, const char *wanted)
{
    mg_tensors none = {0};
    refuse(text, &none, wanted);
}

static void test_bad_headers(void **state)
{
    (void)state;
    refuse_text("", "text: no line 'layers'");
    refuse_text("anchor 2\nlayers\nReLU()", "the line 'window' is missing before 'layers' (line 2)");
    refuse_text("window 9\nlayers\nReLU()", "the line 'anchor' is missing");
    refuse_text("window 9\nwindow 9\n", "line 2: a second line 'window'");
    refuse_text("window many\n", "line 1: window is 'many', expected a number of bases from 3 to");
    refuse_text("window 9999999999\n", "line 1: window is '9999999999'");
    refuse_text("window\n", "line 1: 'window' has no value");
    refuse_text("colour red\n", "line 1: 'colour' is no header line");
    refuse_text("window 9\nanchor 7\nlayers\nReLU()", "anchor 7 does not fit into a window of 9 bases");
    refuse_text("bases ACGG\n", "bases is 'ACGG', expected the four letters");
    refuse_text("bases ACG\n", "bases is 'ACG'");
    refuse_text("head tanh\n", "head is 'tanh', expected softmax, sigmoid or none");
    refuse_text("rows columns\n", "rows is 'columns', expected positions or bases");
    refuse_text("flatten sideways\n", "flatten is 'sideways'");
    refuse_text("window 9\nanchor 2\nlayers\n", "the text of the layers ends where the name of a layer");
    refuse_text("window 9\nanchor 2\nlayers\nReLU()\nReLU()", "line 5: expected the end of the layers");
    refuse_text("window 9\n\x1b[31m\n", "line 2: byte 0x1b");
    refuse_text("window 9\nanchor 2\nlayers\nA((0): ReLU()\n(0): ReLU())", "line 5: two layers are named '0'");
    refuse_text(
        "window 9\nanchor 2\nlayers\nA((aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa): B())",
        "a layer's name (with its containers) has 1 to 63 characters");
}

static void test_bad_heads(void **state)
{
    (void)state;
    static const struct {
        const char *header, *last, *wanted;
    } row[] = {{"classes a b c", "Identity()", "'classes' names 3 classes, but the network has 2 outputs"},
               {"target x", "Identity()", "the target 'x' is none of the classes"},
               {"head sigmoid", "Softmax(dim=1)", "'head' contradicts the last layer, 1 Softmax"},
               {"", "ReLU()", "ends with 1, which gives 1 positions x 2 channels"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        mg_tensors tensors = {0};
        add(&tensors, "0.weight", 2, 2, 12, 0, 0);
        add(&tensors, "0.bias", 1, 2, 0, 0, 0);
        refuse(with(row[i].header, LAYERS(3, "Linear(12, 2)", row[i].last)), &tensors, row[i].wanted);
    }
    mg_tensors tensors = {0};
    add(&tensors, "0.weight", 2, 1, 12, 0, 0);
    refuse(LAYERS(3, "Linear(12, 1, bias=False)", "Softmax(dim=1)"), &tensors, "a softmax over one output is always 1");
}

static void test_depth_and_size(void **state)
{
    (void)state;
    char *text = calloc(1, 70000);
    assert_non_null(text);
    strcpy(text, "window 9\nanchor 2\nlayers\n");
    size_t n = strlen(text);
    for (int i = 0; i < 5000; i++)
        n += (size_t)sprintf(text + n, "A((a): ");
    refuse_text(text, "a layer's name (with its containers) has 1 to 63 characters");
    memset(text, '#', 69999);
    refuse_text(text, "an architecture text has at most 60000 bytes, this one has 69999");
    strcpy(text, "window 9\nanchor 2\nlayers\nA(\n");
    n = strlen(text);
    for (int i = 0; i < 4100; i++)
        n += (size_t)sprintf(text + n, "(%d):ReLU()\n", i);
    refuse_text(text, "more than 4096 layers");
    n = (size_t)sprintf(text, "window 1048576\nanchor 2\nlayers\nA(\n");
    for (int i = 0; i < 600; i++)
        n += (size_t)sprintf(text + n, "(%d):ReLU()\n", i);
    sprintf(text + n, ")");
    refuse_text(text, "the outputs of the layers up to here are more than 2^31 numbers");
    free(text);
}

/* --- tensors that do not fit --- */

static const char *const two_layers = "window 8\nanchor 2\nlayers\nNet(\n  (a): Conv2d(1, 2, kernel_size=(3, 4))\n"
                                      "  (b): Linear(in_features=12, out_features=2)\n)\n";

static mg_tensors good_tensors(void)
{
    mg_tensors tensors = {0};
    add(&tensors, "a.weight", 4, 2, 1, 3, 4);
    add(&tensors, "a.bias", 1, 2, 0, 0, 0);
    add(&tensors, "b.weight", 2, 2, 12, 0, 0);
    add(&tensors, "b.bias", 1, 2, 0, 0, 0);
    return tensors;
}

static void test_bad_tensors(void **state)
{
    (void)state;
    mg_tensors tensors = good_tensors();
    mg_graph_destroy(build(two_layers, &tensors));
    tensors.tensor[0].dim[2] = 4;
    tensors.tensor[0].dim[3] = 3;
    refuse(two_layers, &tensors,
           "text line 5: a.weight is 2 x 1 x 4 x 3 but Conv2d(1, 2, kernel_size=(3, 4)) needs 2 x 1 x 3 x 4");
    tensors = good_tensors();
    tensors.tensor[0].data[17] = NAN;
    refuse(two_layers, &tensors, "a.weight[1, 0, 1, 1] is NaN");
    tensors = good_tensors();
    tensors.tensor[3].data[1] = -INFINITY;
    refuse(two_layers, &tensors, "b.bias[1] is infinite");
    tensors = good_tensors();
    tensors.tensor[3].name[0] = 'c';
    refuse(two_layers, &tensors,
           "needs a tensor b.bias, which is not among the 4 tensors of the file (the first is "
           "a.weight)");
    tensors = good_tensors();
    add(&tensors, "lstm.weight_ih_l0", 2, 3, 5, 0, 0);
    refuse(two_layers, &tensors, "the tensor lstm.weight_ih_l0 (3 x 5) belongs to no layer");
    refuse_text(two_layers, "not among the 0 tensors of the file (it is empty)");
}

static void test_bad_batch_norm(void **state)
{
    (void)state;
    const char *text = LAYERS(3, "BatchNorm1d(4)", "Linear(12, 2)");
    mg_tensors tensors = batch_norm_tensors();
    tensors.tensor[3].data[2] = -1;
    refuse(text, &tensors, "0.running_var[2] + eps is -0.99999; a variance is positive");
    tensors = batch_norm_tensors();
    tensors.tensor[0].data[1] = 3e38f;
    tensors.tensor[3].data[1] = 1e-9f;
    refuse(text, &tensors, "0: with batch normalisation a weight is too large for a float");
}

static void test_tensor_list(void **state)
{
    (void)state;
    mg_tensors tensors = {0};
    mg_tensor *tensor = NULL;
    const int64_t dim[5] = {2, 3, 1, 1, 1}, large[2] = {(int64_t)1 << 20, (int64_t)1 << 20}, negative[1] = {-1};
    char long_name[400];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_int_equal(mg_tensors_add(&tensors, "a", 2, dim, &tensor, NULL), MG_OK);
    assert_int_equal(tensor->n, 6);
    assert_ptr_equal(mg_tensors_find(&tensors, "a"), tensor);
    assert_null(mg_tensors_find(&tensors, "b"));
    assert_int_equal(mg_tensors_add(&tensors, "a", 2, dim, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, "b", 5, dim, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, "b", 2, large, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, "b", 1, negative, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, "", 1, dim, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, "a/b", 1, dim, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, "a\033b", 1, dim, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, ".", 1, dim, &tensor, NULL), MG_EINPUT);
    assert_int_equal(mg_tensors_add(&tensors, long_name, 1, dim, &tensor, NULL), MG_EINPUT);
    assert_int_equal(tensors.n, 1);
    mg_tensors_destroy(&tensors);
    mg_tensors_destroy(NULL);
}

/* --- hostile texts --- */

/* Damage a good text in one to four places; whatever comes of it, nothing may crash. */
static void test_damaged_texts(void **state)
{
    (void)state;
    static const char spice[] = "()=,.:'\"-_0123456789 \n\tNxaeL";
    const char *good = mg_architecture_builtin("tisrover+");
    mg_tensors tensors = good_tensors();
    int n_built = 0;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        char text[2048];
        bool small = seed % 2 == 0;
        strcpy(text, small ? two_layers : good);
        size_t n = strlen(text);
        for (uint64_t i = 0; i <= mg_mix(seed, 1) % 4; i++) {
            size_t at = (size_t)(mg_mix(seed, 10 + i) % n);
            if (mg_mix(seed, 20 + i) % 3 == 0) {
                memmove(text + at, text + at + 1, n - at);
                n--;
            } else {
                text[at] = spice[mg_mix(seed, 30 + i) % (sizeof spice - 1)];
            }
        }
        mg_graph *network = NULL;
        mg_error err = {0};
        if (mg_network_build(text, "text", &tensors, &network, &err) == MG_OK) n_built++;
        mg_graph_destroy(network);
    }
    print_message("# %d of 20000 damaged texts still described a network\n", n_built);
    mg_tensors_destroy(&tensors);
}

static void test_notes(void **state)
{
    (void)state;
    char *text = NULL;
    mg_architecture architecture = {0};
    const char *good = "window 9\nanchor 2\nnote first\nlayers\nReLU()\n";
    assert_int_equal(mg_architecture_add_note(good, "second\n\nthird layers", &text, NULL), MG_OK);
    assert_int_equal(mg_architecture_parse(text, "text", &architecture, NULL), MG_OK);
    assert_string_equal(architecture.notes, "first\nsecond\nthird layers\n");
    assert_int_equal(architecture.modules.n, 1);
    mg_architecture_destroy(&architecture);
    mg_architecture_destroy(NULL);
    free(text);
    text = NULL;
    assert_int_equal(mg_architecture_add_note("window 9\n", "x", &text, NULL), MG_EINPUT);
    assert_null(text);
    assert_null(mg_architecture_builtin("resnet"));
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_networks),
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_tisrover),
        cmocka_unit_test(test_flatten_order),
        cmocka_unit_test(test_ways_to_write_a_convolution),
        cmocka_unit_test(test_four_by_four),
        cmocka_unit_test(test_batch_norm_at_input),
        cmocka_unit_test(test_fold_score),
        cmocka_unit_test(test_score_of_three),
        cmocka_unit_test(test_score_refuses),
        cmocka_unit_test(test_refused_layers),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_nothing_between),
        cmocka_unit_test(test_too_short),
        cmocka_unit_test(test_bad_arguments),
        cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_bad_heads),
        cmocka_unit_test(test_depth_and_size),
        cmocka_unit_test(test_bad_tensors),
        cmocka_unit_test(test_bad_batch_norm),
        cmocka_unit_test(test_tensor_list),
        cmocka_unit_test(test_damaged_texts),
        cmocka_unit_test(test_notes),
    };
    return cmocka_run_group_tests_name("network_build", tests, NULL, NULL);
}
