/* fuzz_keras_json.c  bytes as the JSON of Keras' layers, beside an HDF5 file of a convolution and a dense layer */
#include "tests/fuzz/fuzz.h"

#include "io/model/keras.h"

#define TEXTS(count, bytes_)                                                                                           \
    {                                                                                                                  \
        .kind = MG_H5_TEXT, .n_dims = 1, .dim = {count}, .n = (count), .has_values = true, .bytes = (bytes_),          \
        .n_bytes = sizeof(bytes_)                                                                                      \
    }
#define REALS(count, ...)                                                                                              \
    {                                                                                                                  \
        .kind = MG_H5_REAL, .item_bytes = 4, .n_dims = sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t),       \
        .dim = {__VA_ARGS__}, .n = (count), .has_values = true, .bytes = numbers, .n_bytes = (count) * sizeof(float)   \
    }

static const float numbers[64] = {0.5f, -0.25f, 1.0f};
static const char layers[] = "conv\0dense", of_conv[] = "conv/kernel:0\0conv/bias:0",
                  of_dense[] = "dense/kernel:0\0dense/bias:0";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const mg_h5_attribute top[] = {{"layer_names", TEXTS(2, layers)}},
                                 conv[] = {{"weight_names", TEXTS(2, of_conv)}};
    static const mg_h5_attribute dense[] = {{"weight_names", TEXTS(2, of_dense)}};
    static const mg_h5_object object[] = {
        {.path = "/", .n_attributes = 1, .attribute = top},
        {.path = "/conv", .n_attributes = 1, .attribute = conv},
        {.path = "/conv/conv"},
        {.path = "/conv/conv/bias:0", .is_dataset = true, .value = REALS(2, 2)},
        {.path = "/conv/conv/kernel:0", .is_dataset = true, .value = REALS(24, 3, 4, 2)},
        {.path = "/dense", .n_attributes = 1, .attribute = dense},
        {.path = "/dense/dense"},
        {.path = "/dense/dense/bias:0", .is_dataset = true, .value = REALS(1, 1)},
        {.path = "/dense/dense/kernel:0", .is_dataset = true, .value = REALS(20, 20, 1)}};
    static const mg_h5_tree tree = {sizeof object / sizeof object[0], object};
    static char lambda[] = "*=relu", *lambdas[] = {lambda};
    const mg_model_words words = {.length = 12, .bases = "ACGT", .lambdas = {1, lambdas}};
    mg_error err = {0};
    mg_graph *graph = NULL;
    char *text = fuzz_text(data, size);
    fuzz_expect(mg_keras_read(&tree, text, &words, &graph, &err), &err);
    mg_graph_destroy(graph);
    free(text);
    return 0;
}
