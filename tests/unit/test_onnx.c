/* test_onnx.c  networks from ONNX files
 *
 * Right: the reference networks (tests/data/graph_nets.h5 and onnx/, made by PyTorch; README beside them), read from their
 * ONNX file and worked out by tests/support/plain_graph.h, give PyTorch's outputs for six windows.
 * Wrong: recurrent layers and attention are refused by node and operator; so are damaged files, without a crash.
 */
#include "tests/support/support.h"

#include "io/base/whole_file.h"
#include "io/model/onnx.h"
#include "io/model/onnx.pb-c.h"
#include "src/core/random.h"
#include "tests/support/plain_graph.h"

#define NETS "tests/data/graph_nets.h5"

static mg_status read_path(const char *path, const mg_model_words *words, mg_graph **ret, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    assert_int_equal(mg_whole_file_read(path, (size_t)1 << 30, &bytes, &n, err), MG_OK);
    assert_true(mg_onnx_is(bytes, n));
    mg_status status = mg_onnx_read(path, bytes, n, words, ret, err);
    free(bytes);
    return status;
}

/* Largest deviation of output o, over its scale; its numbers may stand in another order of axes than ours. */
static double output_deviation(const mg_graph *graph, size_t o, hid_t file, const char *net)
{
    char path[256];
    snprintf(path, sizeof path, "%s/x", net);
    array x = read_array(file, path);
    snprintf(path, sizeof path, "%s/output%zu", net, o);
    array want = read_array(file, path);
    size_t value = graph->output[o].value, n = want.n / 6;
    mg_extent extent = graph->extent[value];
    double *got = calloc(want.n, sizeof *got);
    assert_true((size_t)(extent.length * extent.channels) == n);
    for (size_t w = 0; w < 6; w++) {
        double *out = plain_graph(graph, value, x.value + w * x.n / 6);
        /* PyTorch: (channels, positions) */
        for (int64_t t = 0; t < extent.length; t++)
            for (int64_t c = 0; c < extent.channels; c++)
                got[w * n + (size_t)(c * extent.length + t)] = out[t * extent.channels + c];
        free(out);
    }
    double worst = deviation(got, want.value, want.n);
    free(got);
    free(x.value);
    free(want.value);
    return worst;
}

static void check_net(hid_t file, const char *net)
{
    char path[256];
    mg_error err = {0};
    mg_graph *graph = NULL;
    const mg_model_words words = {0};
    snprintf(path, sizeof path, "tests/data/onnx/%s.onnx", net);
    if (read_path(path, &words, &graph, &err) != MG_OK) fail_msg("%s: %s", net, err.text);
    for (size_t o = 0; o < graph->n_outputs; o++) {
        double worst = output_deviation(graph, o, file, net);
        print_message("# %s output %zu: %.1e, %zu nodes\n", net, o, worst, graph->n_nodes);
        if (!(worst < 2e-6)) fail_msg("%s, output %zu: %g", net, o, worst);
    }
    mg_graph_destroy(graph);
}

static const char *const nets[] = {"01_bpnet_residual_dilated",
                                   "02_chrombpnet_crop_two_heads",
                                   "03_splice_preactivation_skip",
                                   "04_concat_multi_kernel",
                                   "05_gelu",
                                   "06_elu_softplus",
                                   "07_gated_tanh_sigmoid",
                                   "08_exp_first_layer",
                                   "09_global_max_dense",
                                   "10_reverse_complement_shared",
                                   "11_separable_grouped",
                                   "12_leaky_prelu",
                                   "13_layer_norm",
                                   "16_multi_task_12",
                                   "17_squeeze_excitation",
                                   "18a_conv2d_L4",
                                   "18b_conv2d_4L"};

static void test_reference_networks(void **state)
{
    (void)state;
    hid_t file = H5Fopen(NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        check_net(file, nets[i]);
    H5Fclose(file);
}

static void test_refused_by_name(void **state)
{
    static const struct {
        const char *net, *operator;
    } refused[] = {{"14a_bigru", "operator GRU, node "},
                   {"14b_bilstm", "operator LSTM, node "},
                   {"15_transformer_block", "operator MatMul, node "}};
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char path[256];
        mg_error err = {0};
        mg_graph *graph = NULL;
        const mg_model_words words = {0};
        snprintf(path, sizeof path, "tests/data/onnx/%s.onnx", refused[i].net);
        assert_int_equal(read_path(path, &words, &graph, &err), MG_EINPUT);
        assert_non_null(strstr(err.text, refused[i].operator));
        assert_null(graph);
    }
}

/* --- weights in a file beside --- */

static char folder[] = "/tmp/onnx.XXXXXX";

static char *in_folder(const char *name)
{
    static char path[2][256];
    static int turn;
    turn = 1 - turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static MgOnnx__StringPair *pair(const char *key, const char *value)
{
    MgOnnx__StringPair *p = malloc(sizeof *p);
    assert_non_null(p);
    mg_onnx__string_pair__init(p);
    p->key = strdup(key);
    p->value = strdup(value);
    return p;
}

/* Every weight of the network goes to the file "weights.bin"; the model says it is at `location`. */
static void write_outside(const char *net, const char *location)
{
    char path[256], offset[32];
    unsigned char *bytes = NULL;
    size_t n = 0, at = 0;
    snprintf(path, sizeof path, "tests/data/onnx/%s.onnx", net);
    assert_int_equal(mg_whole_file_read(path, (size_t)1 << 30, &bytes, &n, NULL), MG_OK);
    MgOnnx__Model *model = mg_onnx__model__unpack(NULL, n, bytes);
    FILE *weights = fopen(in_folder("weights.bin"), "wb");
    assert_non_null(model);
    assert_non_null(weights);
    for (size_t i = 0; i < model->graph->n_initializer; i++) {
        MgOnnx__Tensor *tensor = model->graph->initializer[i];
        if (!tensor->has_raw_data) continue;
        assert_int_equal(fwrite(tensor->raw_data.data, 1, tensor->raw_data.len, weights), tensor->raw_data.len);
        snprintf(offset, sizeof offset, "%zu", at);
        at += tensor->raw_data.len;
        free(tensor->raw_data.data);
        tensor->raw_data = (ProtobufCBinaryData){0, NULL};
        tensor->has_raw_data = 0;
        tensor->has_data_location = 1;
        tensor->data_location = 1;
        tensor->external_data = malloc(2 * sizeof *tensor->external_data);
        tensor->external_data[0] = pair("location", location);
        tensor->external_data[1] = pair("offset", offset);
        tensor->n_external_data = 2;
    }
    fclose(weights);
    unsigned char *packed = malloc(mg_onnx__model__get_packed_size(model));
    assert_non_null(packed);
    size_t n_packed = mg_onnx__model__pack(model, packed);
    assert_int_equal(mg_whole_file_write(in_folder("model.onnx"), packed, n_packed, true, NULL), MG_OK);
    mg_onnx__model__free_unpacked(model, NULL);
    free(packed);
    free(bytes);
}

static void test_weights_outside(void **state)
{
    const mg_model_words words = {0};
    mg_error err = {0};
    mg_graph *graph = NULL;
    (void)state;
    assert_non_null(mkdtemp(folder));
    write_outside("09_global_max_dense", "weights.bin");
    if (read_path(in_folder("model.onnx"), &words, &graph, &err) != MG_OK) fail_msg("%s", err.text);
    hid_t file = H5Fopen(NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(output_deviation(graph, 0, file, "09_global_max_dense") < 1e-12);
    H5Fclose(file);
    mg_graph_destroy(graph);
    graph = NULL;
    assert_int_equal(truncate(in_folder("weights.bin"), 100), 0);
    assert_int_equal(read_path(in_folder("model.onnx"), &words, &graph, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "too short"));
    write_outside("09_global_max_dense", "../weights.bin");
    assert_int_equal(read_path(in_folder("model.onnx"), &words, &graph, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "outside the folder of the model"));
    assert_null(graph);
    unlink(in_folder("weights.bin"));
    unlink(in_folder("model.onnx"));
    rmdir(folder);
}

/* Cut off anywhere, or with bytes changed: a sentence or a network, never a crash. */
static void test_damaged(void **state)
{
    (void)state;
    const mg_model_words words = {0};
    uint64_t draw = 0;
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i += 3) {
        char path[256];
        unsigned char *bytes = NULL;
        size_t n = 0;
        snprintf(path, sizeof path, "tests/data/onnx/%s.onnx", nets[i]);
        assert_int_equal(mg_whole_file_read(path, (size_t)1 << 30, &bytes, &n, NULL), MG_OK);
        for (int turn = 0; turn < 60; turn++) {
            unsigned char *copy = malloc(n);
            assert_non_null(copy);
            memcpy(copy, bytes, n);
            size_t length = turn % 2 == 0 ? n : mg_mix(7, draw++) % n;
            for (int k = 0; k < 1 + turn % 5; k++)
                copy[mg_mix(7, draw++) % n] ^= (unsigned char)(1u << k);
            mg_error err = {0};
            mg_graph *graph = NULL;
            mg_status status = mg_onnx_read(NULL, copy, length, &words, &graph, &err);
            assert_true(status == MG_OK ? graph != NULL : err.text[0] != '\0');
            mg_graph_destroy(graph);
            free(copy);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reference_networks),
                                       cmocka_unit_test(test_refused_by_name), cmocka_unit_test(test_weights_outside),
                                       cmocka_unit_test(test_damaged)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
