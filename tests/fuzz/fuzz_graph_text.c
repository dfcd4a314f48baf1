/* fuzz_graph_text.c  bytes as a graph text, with a few tensors beside it; what it makes is written and read again */
#include "tests/fuzz/fuzz.h"

#include "src/graph/text/graph_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mg_error err = {0};
    mg_graph *graph = NULL, *again = NULL;
    mg_tensors tensors = {0}, written = {0};
    char *text = fuzz_text(data, size), *second = NULL;
    fuzz_tensors(&tensors);
    mg_status status = mg_graph_text_build(text, "text", &tensors, 12, NULL, &graph, &err);
    fuzz_expect(status, &err);
    if (status == MG_OK && mg_graph_text_write(graph, &second, &written, &err) == MG_OK) {
        if (mg_graph_text_build(second, "written", &written, 0, NULL, &again, &err) != MG_OK) abort();
        if (again->n_nodes != graph->n_nodes) abort();
    }
    mg_graph_destroy(graph);
    mg_graph_destroy(again);
    mg_tensors_destroy(&tensors);
    mg_tensors_destroy(&written);
    free(text);
    free(second);
    return 0;
}
