/* test_weights.c  how often a network's weights are held: at most 12 bytes a weight, with the seven methods
 *
 * A random network of Basset's size (Kelley et al. 2016: three convolutions, three dense layers, 4 million weights) goes the way
 * of a scan: graph, study, weights let go. What the process holds more afterwards is counted (Linux: /proc/self/statm), with the
 * workspace of no thread.
 */
#include "tests/support/support.h"

#include <malloc.h>
#include <unistd.h>

#include "src/core/random.h"
#include "src/shard/study.h"

#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define WATCHED 1
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#    define WATCHED 1
#endif

enum { LENGTH = 600, MOST_BYTES = 12 };

/* A convolution with a ReLU and a max pool behind it; pool 1: none. kernel 0: dense. */
static const struct {
    int64_t outputs, kernel, pool;
} layers[] = {{300, 19, 3}, {200, 11, 4}, {200, 7, 5}, {1000, 0, 1}, {1000, 0, 1}, {164, 0, 1}};
enum { N_LAYERS = sizeof layers / sizeof layers[0] };

static size_t add(mg_graph *graph, mg_node draft, const char *kind, size_t from)
{
    size_t value = 0;
    mg_error err = {0};
    draft.kind = mg_kind_find(kind);
    snprintf(draft.name, sizeof draft.name, "%s_%zu", kind, from);
    if (mg_graph_add(graph, &draft, 1, &from, &value, &err) != MG_OK) fail_msg("%s", err.text);
    return value;
}

static double *draw(uint64_t seed, int64_t n, double scale)
{
    double *number = malloc((size_t)n * sizeof *number);
    assert_non_null(number);
    for (int64_t i = 0; i < n; i++)
        number[i] = (double)(float)(scale * ((double)(mg_mix(seed, (uint64_t)i) >> 11) * 0x1p-53 - 0.5));
    return number;
}

static mg_graph *make_network(void)
{
    mg_graph *graph = NULL;
    size_t value = 0;
    assert_int_equal(mg_graph_create(LENGTH, &graph, NULL), MG_OK);
    for (size_t l = 0; l < N_LAYERS; l++) {
        mg_extent in = graph->extent[value];
        bool dense = layers[l].kernel == 0;
        int64_t row = in.channels * (dense ? in.length : layers[l].kernel), n = row * layers[l].outputs;
        mg_node map = {
            .groups = 1, .n_weight = n, .n_bias = layers[l].outputs, .slide = {layers[l].kernel, 1, 1, 0, 0}};
        map.slide.pad = map.slide.pad_end = layers[l].kernel / 2;
        map.weight = draw(l, n, 4.0 / sqrt((double)row));
        map.bias = draw(l + N_LAYERS, layers[l].outputs, 0.1);
        value = add(graph, map, dense ? "dense" : "conv", value);
        if (l + 1 < N_LAYERS) value = add(graph, (mg_node){.groups = 1}, "relu", value);
        mg_node pool = {.groups = 1, .slide = {layers[l].pool, layers[l].pool, 1, 0, 0}};
        if (layers[l].pool > 1) value = add(graph, pool, "max_pool", value);
    }
    assert_int_equal(mg_graph_output(graph, "out", value, 0, NULL, NULL), MG_OK);
    return graph;
}

/* Bytes that the process holds in memory, after what is free has gone back. */
static double resident(void)
{
    long pages = 0;
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return -1;
    if (fscanf(file, "%*s %ld", &pages) != 1) pages = -1;
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void test_bytes_of_a_weight(void **state)
{
    mg_error err = {0};
    mg_study *study = NULL;
    (void)state;
    double before = resident();
    mg_graph *network = make_network();
    int64_t n = mg_graph_n_weights(network);
    assert_true(n > 4000000);
    if (mg_study_create(network, "logit:class=3", 0, NULL, 1, &study, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(mg_study_n_methods(study), 7);
    mg_graph_drop_maps(network);
    double bytes = (resident() - before) / (double)n;
    assert_int_equal(mg_graph_n_weights(network), n); /* it still tells what it was */
    print_message("# %.1f bytes a weight\n", bytes);
#if defined(WATCHED)
    print_message("# skipped: a sanitizer holds memory of its own\n");
#else
    if (before > 0) assert_true(bytes > 4 && bytes <= MOST_BYTES);
#endif
    mg_study_destroy(study);
    mg_graph_destroy(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes_of_a_weight)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
