/* test_graph_text.c  networks as texts
 *
 * Right: every reference network, written as a text with its tensors and built again, has the same nodes and values; texts with
 * every operation give what a few lines of arithmetic give. Wrong: each refusal names the line. Hostile: damaged texts.
 */
#include "tests/support/support.h"

#include "io/base/whole_file.h"
#include "io/model/onnx.h"
#include "src/core/random.h"
#include "src/graph/rewrite.h"
#include "src/graph/text/graph_text.h"
#include "src/graph/text/runs.h"
#include "tests/support/plain_graph.h"

/* --- runs --- */

static void check_runs(const int64_t *place, int64_t n, const char *wanted)
{
    char *text = NULL;
    int64_t back[64];
    assert_int_equal(mg_runs_write(place, n, &text, NULL), MG_OK);
    assert_string_equal(text, wanted);
    assert_int_equal(mg_runs_read(text, n, back, NULL), MG_OK);
    assert_memory_equal(back, place, (size_t)n * sizeof *place);
    free(text);
}

static void test_runs(void **state)
{
    (void)state;
    check_runs((int64_t[]){0, 1, 2, 3, 4, 5, 6, 7}, 8, "0:8x1");
    check_runs((int64_t[]){-1, -1, 0, 1, 2, 3}, 6, "-:2|0:4x1");
    check_runs((int64_t[]){0, 4, 8, 1, 5, 9}, 6, "0:2x1:3x4");
    check_runs((int64_t[]){7, 6, 5, 4}, 4, "7:4x-1");
    check_runs((int64_t[]){5}, 1, "5:1x0");
    check_runs((int64_t[]){2, 2, 2, 9}, 4, "2:3x0|9:1x0");
    int64_t back[4];
    static const char *const wrong[] = {"",       "x",       "0:5x1",       "0:3x1",           "0:4",
                                        "0:4x1|", "3:4x-1:", "3:2x-2:2x-9", "0:99999999999x1", "-:5"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(mg_runs_read(wrong[i], 4, back, NULL), MG_EINPUT);
}

/* --- there and back --- */

static mg_graph *read_onnx(const char *name)
{
    char path[256];
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_error err = {0};
    mg_graph *graph = NULL;
    const mg_model_words words = {0};
    snprintf(path, sizeof path, "tests/data/onnx/%s.onnx", name);
    assert_int_equal(mg_whole_file_read(path, (size_t)1 << 30, &bytes, &n, &err), MG_OK);
    if (mg_onnx_read(path, bytes, n, &words, &graph, &err) != MG_OK) fail_msg("%s", err.text);
    free(bytes);
    return graph;
}

static mg_graph *build(const char *text, const mg_tensors *tensors)
{
    mg_error err = {0};
    mg_graph *graph = NULL;
    if (mg_graph_text_build(text, "text", tensors, 0, NULL, &graph, &err) != MG_OK) fail_msg("%s\n%s", err.text, text);
    return graph;
}

/* A window of changing bases. */
static double *some_window(int64_t length)
{
    double *x = calloc((size_t)length * 4, sizeof *x);
    assert_non_null(x);
    for (int64_t i = 0; i < length; i++)
        x[i * 4 + (int64_t)(mg_mix(3, (uint64_t)i) % 4)] = 1;
    return x;
}

static void same_outputs(const mg_graph *a, const mg_graph *b, double most)
{
    double *x = some_window(a->length);
    assert_int_equal(a->n_outputs, b->n_outputs);
    for (size_t o = 0; o < a->n_outputs; o++) {
        mg_extent extent = a->extent[a->output[o].value];
        double *p = plain_graph(a, a->output[o].value, x), *q = plain_graph(b, b->output[o].value, x);
        double worst = deviation(q, p, (size_t)(extent.length * extent.channels));
        if (!(worst <= most)) fail_msg("output %zu differs by %g", o, worst);
        free(p);
        free(q);
    }
    free(x);
}

static const char *const nets[] = {"01_bpnet_residual_dilated",
                                   "02_chrombpnet_crop_two_heads",
                                   "03_splice_preactivation_skip",
                                   "04_concat_multi_kernel",
                                   "05_gelu",
                                   "06_elu_softplus",
                                   "07_gated_tanh_sigmoid",
                                   "08_exp_first_layer",
                                   "10_reverse_complement_shared",
                                   "11_separable_grouped",
                                   "12_leaky_prelu",
                                   "13_layer_norm",
                                   "17_squeeze_excitation",
                                   "18a_conv2d_L4"};

static void test_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        mg_graph *graph = read_onnx(nets[i]), *again = NULL, *third = NULL;
        char *text = NULL, *second = NULL;
        mg_tensors tensors = {0}, others = {0};
        assert_int_equal(mg_graph_text_write(graph, &text, &tensors, NULL), MG_OK);
        again = build(text, &tensors);
        assert_int_equal(again->n_nodes, graph->n_nodes);
        same_outputs(graph, again, 1e-6); /* its numbers are rounded to float32 */
        assert_int_equal(mg_graph_text_write(again, &second, &others, NULL), MG_OK);
        assert_string_equal(text, second);
        third = build(second, &others);
        same_outputs(again, third, 0.0);
        mg_graph *folded = NULL;
        assert_int_equal(mg_graph_fold(third, &folded, NULL), MG_OK);
        same_outputs(again, folded, 1e-12);
        mg_graph_destroy(folded);
        mg_graph_destroy(graph);
        mg_graph_destroy(again);
        mg_tensors_destroy(&tensors);
        mg_tensors_destroy(&others);
        free(text);
        free(second);
    }
}

/* Names of other programs: numbers, marks, twins, and a name that is what a twin would be called. */
static void test_names(void **state)
{
    static const char *const names[] = {"123", "-", "a", "a~3", "a", "a~3", "window", ".5", ""};
    enum { N = sizeof names / sizeof names[0] };
    mg_graph *graph = NULL, *again = NULL;
    mg_tensors tensors = {0};
    char *text = NULL;
    size_t value = 0;
    (void)state;
    assert_int_equal(mg_graph_create(4, &graph, NULL), MG_OK);
    for (size_t i = 0; i < N; i++) {
        mg_node draft = {.kind = mg_kind_find("affine"), .n_weight = 4, .n_bias = 4};
        snprintf(draft.name, sizeof draft.name, "%s", names[i]);
        draft.weight = calloc(4, sizeof(double));
        draft.bias = calloc(4, sizeof(double));
        assert_true(draft.weight != NULL && draft.bias != NULL);
        for (size_t c = 0; c < 4; c++) {
            draft.weight[c] = 1 + 0.25 * (double)(i + c);
            draft.bias[c] = 0.5 * (double)c;
        }
        assert_int_equal(mg_graph_add(graph, &draft, 1, &value, &value, NULL), MG_OK);
    }
    assert_int_equal(mg_graph_output(graph, "out", value, 0, NULL, NULL), MG_OK);
    assert_int_equal(mg_graph_text_write(graph, &text, &tensors, NULL), MG_OK);
    again = build(text, &tensors);
    assert_int_equal(again->n_nodes, N);
    same_outputs(graph, again, 0.0);
    mg_graph_destroy(graph);
    mg_graph_destroy(again);
    mg_tensors_destroy(&tensors);
    free(text);
}

/* --- operations --- */

static void add(mg_tensors *tensors, const char *name, int n_dims, int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t dim[4] = {a, b, c, d};
    mg_tensor *tensor = NULL;
    assert_int_equal(mg_tensors_add(tensors, name, n_dims, dim, &tensor, NULL), MG_OK);
    for (size_t i = 0; i < tensor->n; i++)
        tensor->data[i] = 0.25f * (float)((int)(mg_mix(5, i) % 9) - 4);
}

/* Window AACG; the text's last value must have these numbers, position by position. */
static void check_values(const char *lines, const mg_tensors *tensors, size_t n, const double *wanted)
{
    char text[4096];
    const double x[16] = {1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    snprintf(text, sizeof text, "window 4\n%s", lines);
    mg_graph *graph = build(text, tensors);
    mg_extent extent = graph->extent[graph->output[0].value];
    assert_int_equal(extent.length * extent.channels, n);
    double *got = plain_graph(graph, graph->output[0].value, x);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(got[i] - wanted[i]) < 1e-12)) fail_msg("%s\nnumber %zu is %g, not %g", lines, i, got[i], wanted[i]);
    free(got);
    mg_graph_destroy(graph);
}
#define CHECK(lines, ...)                                                                                              \
    do {                                                                                                               \
        const double wanted_[] = {__VA_ARGS__};                                                                        \
        check_values(lines, NULL, sizeof wanted_ / sizeof wanted_[0], wanted_);                                        \
    } while (0)

static void test_moves(void **state)
{
    (void)state;
    CHECK("bases AGCT\ngraph\na = affine(window, scale=1)\n", 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0);
    CHECK("graph\na = crop(window, before=3, behind=0)\n", 0, 0, 1, 0);
    CHECK("graph\na = slice(window, start=3, stop=1, step=-1)\nb = take(a, index=2:1)\n", 1, 0, 0, 1);
    CHECK("graph\na = reverse_complement(window)\nb = crop(a, before=0, behind=2)\n", 0, 1, 0, 0, 0, 0, 1, 0);
    CHECK("bases AGCT\ngraph\na = reverse_complement(window)\nb = crop(a, before=0, behind=3)\n", 0, 0, 1, 0);
    CHECK("graph\na = take(window, index=0)\nb = pad(a, before=1, behind=2)\n", 0, 1, 1, 0, 0, 0, 0);
    CHECK("graph\na = take(window, index=0:2)\nb = flip(a)\nc = repeat(b, times=2)\nd = crop(c, before=0, behind=3)\n",
          0, 1, 0, 1);
    CHECK("graph\na = take(window, index=0:1)\nb = flatten(a)\n", 1, 1, 0, 0, 0, 0, 1, 0);
    CHECK("layout keras\ngraph\na = take(window, index=0:1)\nb = flatten(a)\n", 1, 0, 1, 0, 0, 1, 0, 0);
    CHECK("graph\na = take(window, index=0:1)\nb = transpose(a)\nc = take(b, index=0:2)\n", 1, 0, 0, 1);
    CHECK("graph\na = take(window, index=0)\nb = reshape(a, positions=2, channels=2)\n", 1, 0, 1, 0);
    CHECK("graph\na = take(window, index=0)\nb = take(window, index=2)\nc = concat(a, b)\n", 1, 0, 1, 0, 0, 0, 0, 1);
    CHECK("graph\na = take(window, index=0)\nb = take(window, index=2)\nc = concat(a, b, axis=positions)\n", 1, 1, 0, 0,
          0, 0, 0, 1);
    CHECK("graph\na = gather(window, positions=1, channels=3, index=0:2x10|-:1)\n", 1, 0, 0);
}

static void test_numbers(void **state)
{
    (void)state;
    CHECK("graph\na = mean(window)\n", 0.5, 0.25, 0.25, 0);
    CHECK("graph\na = sum(window, axis=channels)\n", 1, 1, 1, 1);
    CHECK("graph\na = sum(window, axis=all)\n", 4);
    CHECK("graph\na = max(window)\n", 1, 1, 1, 0);
    CHECK("graph\nc = constant(values=1:2:3:4)\na = multiply(window, c)\nb = sum(a, axis=channels)\n", 1, 1, 2, 3);
    CHECK("graph\nc = constant(values=1:2:3:4, positions=4)\na = multiply(window, c)\nb = sum(a, axis=channels)\n", 1,
          2, 3, 4);
    CHECK("graph\nc = constant(text=AACT)\na = subtract(c, window)\nb = crop(a, before=3, behind=0)\n", 0, 0, -1, 1);
    CHECK("graph\na = mean(window)\nb = divide(window, a)\nc = crop(b, before=1, behind=2)\nd = take(c, index=0:1:2)\n",
          2, 0, 0);
    CHECK("graph\na = affine(window, scale=-2, shift=0.5)\nb = relu(a)\nc = leaky_relu(a, slope=0.5)\nd = add(b, c, "
          "number=1)\n"
          "e = crop(d, before=3, behind=0)\n",
          2, 2, 0.25, 2);
    CHECK("graph\na = max_pool(window, kernel=2)\n", 1, 0, 0, 0, 0, 1, 1, 0);
    CHECK("graph\na = average_pool(window, kernel=all)\n", 0.5, 0.25, 0.25, 0);
    CHECK("graph\na = take(window, index=0:1)\nb = softmax(a)\nc = crop(b, before=3, behind=0)\n", 0.5, 0.5);
    CHECK("graph\na = minimum(window, number=0.5)\nb = maximum(a, number=0.25)\nc = crop(b, before=3, behind=0)\n",
          0.25, 0.25, 0.5, 0.25);
}

/* Functions of constants are worked out, with their settings; zeros that stand in no value stay what f makes of them. */
static void test_functions_of_constants(void **state)
{
    (void)state;
    CHECK("graph\nc = constant(values=-2:-1:3:4)\nd = leaky_relu(c, slope=0.5)\na = multiply(window, d)\n"
          "b = sum(a, axis=channels)\n",
          -1, -1, -0.5, 3);
    CHECK("graph\nc = constant(values=-2:-1:3:4)\nd = square(c)\na = multiply(window, d)\nb = sum(a, axis=channels)\n",
          4, 4, 1, 9);
    CHECK("graph\na = take(window, index=0)\nb = pad(a, before=1, behind=1)\nc = clip(b, low=0.5, high=2)\n", 0.5, 1, 1,
          0.5, 0.5, 0.5);
    CHECK("graph\na = take(window, index=0)\nb = pad(a, before=1, behind=1)\nc = clip(b, low=0, high=0.5)\n", 0, 0.5,
          0.5, 0, 0, 0);
}

/* Whatever functions there are, a text says them with their settings and is read again. */
static void test_every_function(void **state)
{
    (void)state;
    const mg_kind *kind;
    for (size_t i = 0, n = 0; (kind = mg_kind_at(i)) != NULL; i++) {
        if ((kind->traits & MG_TRAIT_ELEMENTWISE) == 0 || kind->f == NULL || kind->words != NULL) continue;
        char line[128], *text = NULL;
        mg_tensors tensors = {0};
        size_t used = (size_t)snprintf(line, sizeof line, "window 3\ngraph\na = %s(window", kind->name);
        for (int k = 0; k < MG_SETTINGS && kind->setting[k].name != NULL; k++)
            used += (size_t)snprintf(line + used, sizeof line - used, ", %s=%g", kind->setting[k].name,
                                     0.25 + k + (double)n);
        snprintf(line + used, sizeof line - used, ")\n");
        mg_graph *graph = build(line, NULL), *again = NULL;
        assert_int_equal(mg_graph_text_write(graph, &text, &tensors, NULL), MG_OK);
        again = build(text, &tensors);
        assert_ptr_equal(again->node[0].kind, kind);
        assert_memory_equal(again->node[0].number, graph->node[0].number, sizeof graph->node[0].number);
        for (int k = 0; k < MG_SETTINGS && kind->setting[k].name != NULL; k++)
            assert_true(graph->node[0].number[k] == 0.25 + k + (double)n);
        mg_graph_destroy(graph);
        mg_graph_destroy(again);
        mg_tensors_destroy(&tensors);
        free(text);
        n++;
    }
}

/* Kernels of pictures, of Keras, turned: against each other. */
static void test_kernels(void **state)
{
    mg_tensors torch = {0}, keras = {0};
    (void)state;
    add(&torch, "c.weight", 4, 3, 1, 2, 4);
    add(&torch, "c.bias", 1, 3, 1, 1, 1);
    add(&keras, "conv.conv.kernel:0", 3, 2, 4, 3, 1);
    add(&keras, "conv.conv.bias:0", 1, 3, 1, 1, 1);
    for (int o = 0; o < 3; o++)
        for (int k = 0; k < 2; k++)
            for (int c = 0; c < 4; c++)
                keras.tensor[0].data[((1 - k) * 4 + c) * 3 + o] = torch.tensor[0].data[(o * 2 + k) * 4 + c];
    mg_graph *a = build("window 9\ngraph\na = conv(window, from=c, pad=1:0)\n", &torch);
    mg_graph *b = build("window 9\nlayout keras\ngraph\na = conv(window, from=conv, flip=true, pad=1:0)\n", &keras);
    assert_int_equal(a->extent[1].channels, 3);
    same_outputs(a, b, 1e-15);
    mg_graph_destroy(a);
    mg_graph_destroy(b);
    mg_tensors_destroy(&torch);
    mg_tensors_destroy(&keras);
}

/* out(t, o) = bias(o) + sum over s stride + k dilation - before = t of weight(c, o, k) in(s, c), straight from the definition */
static void check_transposed(int stride, int dilation, int before, int behind, int groups)
{
    enum { L = 7, K = 3, OUT = 4 };
    mg_tensors torch = {0};
    char text[256];
    int out_group = OUT / groups, in_group = 4 / groups;
    add(&torch, "c.weight", 3, 4, out_group, K, 1);
    add(&torch, "c.bias", 1, OUT, 1, 1, 1);
    snprintf(text, sizeof text,
             "window %d\ngraph\na = conv_transposed(window, from=c, stride=%d, dilation=%d, pad=%d:%d, groups=%d)\n", L,
             stride, dilation, before, behind, groups);
    mg_graph *graph = build(text, &torch);
    mg_extent out = graph->extent[graph->n_nodes];
    double *x = some_window(L), *got = plain_graph(graph, graph->n_nodes, x);
    assert_int_equal(out.length, (L - 1) * stride + (K - 1) * dilation + 1 - before - behind);
    for (int t = 0; t < out.length; t++)
        for (int o = 0; o < OUT; o++) {
            double sum = (double)torch.tensor[1].data[o];
            for (int s = 0; s < L; s++)
                for (int k = 0; k < K; k++)
                    for (int c = 0; s * stride + k * dilation - before == t && c < 4; c++)
                        if (c / in_group == o / out_group)
                            sum += x[s * 4 + c] * (double)torch.tensor[0].data[(c * out_group + o % out_group) * K + k];
            assert_true(fabs(got[t * OUT + o] - sum) < 1e-12);
        }
    free(x);
    free(got);
    mg_graph_destroy(graph);
    mg_tensors_destroy(&torch);
}

static void test_transposed(void **state)
{
    (void)state;
    check_transposed(1, 1, 0, 0, 1);
    check_transposed(2, 1, 1, 1, 1);
    check_transposed(3, 2, 2, 0, 2);
    check_transposed(2, 1, 2, 1, 4);
}

/* --- refusals --- */

static void refuse(const char *text, const mg_tensors *tensors, const char *wanted)
{
    mg_error err = {0};
    mg_graph *graph = NULL;
    assert_int_not_equal(mg_graph_text_build(text, "t", tensors, 0, NULL, &graph, &err), MG_OK);
    if (strstr(err.text, wanted) == NULL) fail_msg("wanted '%s', got '%s'", wanted, err.text);
    assert_null(graph);
}

static void test_refusals(void **state)
{
    mg_tensors tensors = {0};
    (void)state;
    add(&tensors, "c.weight", 3, 3, 4, 2, 1);
    refuse("window 9\n", NULL, "no line 'graph'");
    refuse("graph\na = relu(window)\n", NULL, "--length");
    refuse("window 9\nsize 3\ngraph\na = relu(window)\n", NULL, "t line 2: 'size' is no header");
    refuse("window 9\nbases AACG\ngraph\na = relu(window)\n", NULL, "a base comes twice");
    refuse("window 9\ngraph\na = relu(b)\n", NULL, "t line 3, a: no line before it makes a value b");
    refuse("window 9\ngraph\na = swirl(window)\n", NULL, "there is no operation swirl");
    refuse("window 9\ngraph\na = relu(window, slope=2)\n", NULL, "relu does not know slope=");
    refuse("window 9\ngraph\na relu(window)\n", NULL, "t line 3: expected NAME = OPERATION");
    refuse("window 9\ngraph\na = conv(window, weight=d)\n", &tensors, "there is no tensor d");
    refuse("window 9\ngraph\na = conv(window)\n", &tensors, "it needs weight=TENSOR");
    refuse("window 9\ngraph\na = relu(window)\n", &tensors, "no line takes tensor c.weight");
    refuse("window 9\ngraph\na = dense(window, weight=c.weight)\n", &tensors, "no matrix but 3 x 4 x 2");
    refuse("window 1\ngraph\na = conv(window, from=c)\n", &tensors, "a");
    refuse("window 9\ngraph\na = relu(window)\na = relu(a)\n", NULL, "of that name already");
    refuse("window 9\ngraph\na = relu(window)\noutput b\n", NULL, "makes no value b");
    refuse("window 9\ngraph\na = relu(window)\noutput a classes=x,y\n", NULL, "2 classes for the 4 numbers");
    mg_tensors_destroy(&tensors);
}

static void test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i += 2) {
        mg_graph *graph = read_onnx(nets[i]);
        char *text = NULL;
        mg_tensors tensors = {0};
        assert_int_equal(mg_graph_text_write(graph, &text, &tensors, NULL), MG_OK);
        size_t n = strlen(text);
        for (uint64_t turn = 0; turn < 200; turn++) {
            char *copy = strdup(text);
            mg_graph *again = NULL;
            mg_error err = {0};
            for (uint64_t k = 0; k < 1 + turn % 4; k++)
                copy[mg_mix(turn, k) % n] = "0189=,(): x-\nrg"[mg_mix(turn, 100 + k) % 16];
            mg_status status = mg_graph_text_build(copy, "t", &tensors, 0, NULL, &again, &err);
            assert_true(status == MG_OK ? again != NULL : err.text[0] != '\0');
            mg_graph_destroy(again);
            free(copy);
        }
        mg_graph_destroy(graph);
        mg_tensors_destroy(&tensors);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),           cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_moves),
        cmocka_unit_test(test_numbers),        cmocka_unit_test(test_functions_of_constants),
        cmocka_unit_test(test_every_function), cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_transposed),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_damaged)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
