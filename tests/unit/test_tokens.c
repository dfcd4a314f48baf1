/* test_tokens.c  networks that take a number for each base, and the order of bases
 *
 * Right: an ONNX file (tests/oracle/tiny_onnx.py) and layers of Keras with a table that the numbers look up give what a
 * table, a convolution and a sum worked out here by hand give, for any numbers of the letters. Wrong: numbers that are no
 * tokens, tokens that go anywhere but into a table, orders of bases that are none. Who says the order is kept.
 */
#include "tests/support/support.h"

#include "io/base/whole_file.h"
#include "io/model/base_order.h"
#include "io/model/keras.h"
#include "io/model/onnx.h"
#include "tests/support/plain_graph.h"

#define TOKENS "tests/fuzz/corpus/onnx/tokens.onnx"
#define CHAIN  "tests/fuzz/corpus/onnx/chain.onnx"

static const double table[5][2] = {{9, 9}, {1, 0.5}, {-2, 0.25}, {3, -1}, {0.5, 2}};

static mg_status read_onnx(const char *path, const char *bases, mg_graph **ret, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    const mg_model_words words = {.bases = bases};
    assert_int_equal(mg_whole_file_read(path, (size_t)1 << 20, &bytes, &n, err), MG_OK);
    mg_status status = mg_onnx_read(path, bytes, n, &words, ret, err);
    free(bytes);
    return status;
}

static double value_of(const mg_graph *graph, const char *window)
{
    double x[4 * 64] = {0};
    for (size_t i = 0; window[i] != '\0'; i++)
        x[i * 4 + (size_t)(strchr("ACGT", window[i]) - "ACGT")] = 1;
    double *out = plain_graph(graph, graph->output[0].value, x), value = out[0];
    free(out);
    return value;
}

/* Row of the table for a letter under "A1C2G3T4". */
static const double *row_of(const char *bases, char letter)
{
    return table[strchr(bases, letter)[1] - '0'];
}

/* The file's convolution of two positions, its ReLU, its sum. */
static double by_hand(const char *bases, const char *window)
{
    double sum = 0;
    for (size_t t = 0; window[t + 1] != '\0'; t++) {
        const double *a = row_of(bases, window[t]), *b = row_of(bases, window[t + 1]);
        double z = 0.125 + a[0] * 1 + b[0] * -0.5 + a[1] * 2 + b[1] * 0.25;
        sum += z > 0 ? z : 0;
    }
    return sum;
}

static void test_onnx_tokens(void **state)
{
    static const char *const bases[] = {"A1C2G3T4", "A4C3G2T1", "T0G1C2A3", "A2C2G2T4", "A1C2G3U4"};
    static const char *const windows[] = {"ACGTAC", "TTTTTT", "GGCATA", "CAGTTG"};
    (void)state;
    for (size_t k = 0; k < sizeof bases / sizeof bases[0]; k++) {
        mg_error err = {0};
        mg_graph *graph = NULL;
        if (read_onnx(TOKENS, bases[k], &graph, &err) != MG_OK) fail_msg("%s", err.text);
        assert_int_equal(graph->length, 6);
        for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
            const char *order = k == 4 ? "A1C2G3T4" : bases[k];
            assert_true(value_of(graph, windows[w]) == by_hand(order, windows[w])); /* all of it is exact in binary */
        }
        mg_graph_destroy(graph);
    }
}

static void refuse_onnx(const char *path, const char *bases, const char *wanted)
{
    mg_error err = {0};
    mg_graph *graph = NULL;
    assert_int_not_equal(read_onnx(path, bases, &graph, &err), MG_OK);
    if (strstr(err.text, wanted) == NULL) fail_msg("wanted '%s', got '%s'", wanted, err.text);
    assert_null(graph);
}

static void test_refusals(void **state)
{
    (void)state;
    refuse_onnx(TOKENS, NULL, "no input of the network is plainly the window");
    refuse_onnx(TOKENS, "ACGT", "no input of the network is plainly the window");
    refuse_onnx(TOKENS, "A1C2G3T5", "has rows 0 to 4 only");
    refuse_onnx(TOKENS, "A1C2G3A4", "four letters with a digit each");
    refuse_onnx(TOKENS, "A1C2G3Tx", "four letters with a digit each");
    refuse_onnx(CHAIN, "A1C2G3T4", "an order of channels is four letters");
    refuse_onnx(CHAIN, "AACG", "an order of channels is four letters");
}

/* Tokens that go into arithmetic would be another network. The Gather becomes an Erf of the same length. */
static void test_tokens_elsewhere(void **state)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_error err = {0};
    mg_graph *graph = NULL;
    const mg_model_words words = {.bases = "A1C2G3T4"};
    (void)state;
    assert_int_equal(mg_whole_file_read(TOKENS, (size_t)1 << 20, &bytes, &n, NULL), MG_OK);
    unsigned char *at = memmem(bytes, n, "Gather", 6);
    assert_non_null(at);
    memcpy(at, "MatMul", 6);
    assert_int_equal(mg_onnx_read(NULL, bytes, n, &words, &graph, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "which only a Gather of a table takes"));
    free(bytes);
}

static void test_channel_order(void **state)
{
    mg_graph *plain = NULL, *turned = NULL;
    (void)state;
    assert_int_equal(read_onnx(CHAIN, NULL, &plain, NULL), MG_OK);
    assert_int_equal(read_onnx(CHAIN, "TGCA", &turned, NULL), MG_OK);
    /* Channels the other way round: the complement of each base, which is what the order says. */
    assert_true(value_of(plain, "ACGTTGCAACCG") == value_of(turned, "TGCAACGTTGGC"));
    assert_true(value_of(plain, "ACGTTGCAACCG") != value_of(turned, "ACGTTGCAACCG"));
    mg_graph_destroy(plain);
    mg_graph_destroy(turned);
}

/* --- Keras --- */

#define REALS(count, numbers, ...)                                                                                     \
    {                                                                                                                  \
        .kind = MG_H5_REAL, .item_bytes = 8, .n_dims = sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t),       \
        .dim = {__VA_ARGS__}, .n = (count), .has_values = true, .bytes = numbers, .n_bytes = (count) * sizeof(double)  \
    }
#define TEXTS(count, bytes_)                                                                                           \
    {                                                                                                                  \
        .kind = MG_H5_TEXT, .n_dims = 1, .dim = {count}, .n = (count), .has_values = true, .bytes = (bytes_),          \
        .n_bytes = sizeof(bytes_)                                                                                      \
    }

static const double one_dense[6] = {1, -1, 2, 0.5, -0.25, 4};
static const char layers[] = "emb\0out", of_emb[] = "emb/embeddings:0", of_out[] = "out/kernel:0";
static const char json[] =
    "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Embedding\", \"config\": {\"name\": \"emb\", "
    "\"batch_input_shape\": [null, 3], \"input_dim\": 5, \"output_dim\": 2}}, {\"class_name\": \"Flatten\", "
    "\"config\": {\"name\": \"flat\"}}, {\"class_name\": \"Dense\", \"config\": {\"name\": \"out\", \"units\": 1, "
    "\"use_bias\": false, \"activation\": \"linear\"}}]}";

static void test_keras_tokens(void **state)
{
    static const mg_h5_attribute top[] = {{"layer_names", TEXTS(2, layers)}},
                                 emb[] = {{"weight_names", TEXTS(1, of_emb)}},
                                 out[] = {{"weight_names", TEXTS(1, of_out)}};
    const mg_h5_object object[] = {
        {.path = "/", .n_attributes = 1, .attribute = top},
        {.path = "/emb", .n_attributes = 1, .attribute = emb},
        {.path = "/emb/emb"},
        {.path = "/emb/emb/embeddings:0", .is_dataset = true, .value = REALS(10, table, 5, 2)},
        {.path = "/out", .n_attributes = 1, .attribute = out},
        {.path = "/out/out"},
        {.path = "/out/out/kernel:0", .is_dataset = true, .value = REALS(6, one_dense, 6, 1)}};
    const mg_h5_tree tree = {sizeof object / sizeof object[0], (mg_h5_object *)(uintptr_t)object};
    static const char *const bases[] = {"A1T2C3G4", "A4C3G2T1"};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const mg_model_words words = {.bases = bases[k]};
        mg_error err = {0};
        mg_graph *graph = NULL;
        if (mg_keras_read(&tree, json, &words, &graph, &err) != MG_OK) fail_msg("%s", err.text);
        double want = 0;
        for (size_t t = 0; t < 3; t++)
            for (size_t c = 0; c < 2; c++)
                want += row_of(bases[k], "GAT"[t])[c] * one_dense[t * 2 + c];
        assert_true(value_of(graph, "GAT") == want);
        mg_graph_destroy(graph);
    }
}

/* --- who says the order --- */

static void test_who_says(void **state)
{
    char order[MG_BASE_ORDER], told[MG_BASE_ORDER_TEXT], *text = strdup("window 3\ngraph\nbases AGCT\n");
    mg_error err = {0};
    (void)state;
    assert_true(mg_base_order_find("window 3\nbases  AGCT # x\nlayers\n", order));
    assert_string_equal(order, "AGCT");
    assert_true(mg_base_order_find("said bases A1C2G3T4\nwindow 3\ngraph\n", order));
    assert_string_equal(order, "A1C2G3T4");
    assert_false(mg_base_order_find("window 3\nlayers\nbases AGCT\n", order));
    assert_string_equal(mg_base_order_tell(order, told), "ACGT (assumed; --bases says otherwise)");
    assert_string_equal(mg_base_order_tell("AGCT", told), "AGCT");
    assert_false(mg_base_order_find(text, order));
    assert_int_equal(mg_base_order_add("AGCT", "net.txt", &text, &err), MG_OK);
    assert_int_equal(strncmp(text, "bases AGCT\nwindow 3\n", 20), 0);
    assert_int_equal(mg_base_order_add("ACGT", "net.txt", &text, &err), MG_EUSAGE);
    assert_non_null(strstr(err.text, "net.txt says bases AGCT already"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onnx_tokens),      cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_tokens_elsewhere), cmocka_unit_test(test_channel_order),
                                       cmocka_unit_test(test_keras_tokens),     cmocka_unit_test(test_who_says)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
