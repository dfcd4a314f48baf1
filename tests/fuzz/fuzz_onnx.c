/* fuzz_onnx.c  bytes as an ONNX file */
#include "tests/fuzz/fuzz.h"

#include "io/model/onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mg_error err = {0};
    mg_graph *graph = NULL;
    const mg_model_words words = {.length = 60};
    fuzz_expect(mg_onnx_read(NULL, data, size, &words, &graph, &err), &err);
    mg_graph_destroy(graph);
    return 0;
}
