/* test_keras.c  networks from HDF5 files of Keras
 *
 * Right: small networks in the layouts of Keras 0, 1, 2 and 2.7, with all that misleads a reader, give what numpy gave
 * (tests/oracle/keras_files.py). Wrong: Lambda layers that nobody named, layers that are not known, damaged JSON: a sentence.
 */
#include "tests/support/support.h"

#include "io/base/whole_file.h"
#include "io/model/keras.h"
#include "src/core/random.h"
#include "tests/support/plain_graph.h"

#define FOLDER "tests/data/keras/"

static char twice[] = "twice=r = add(a, a)", *lambdas[] = {twice};

static const struct {
    const char *file, *json;
    mg_model_words words;
} nets[] = {{"keras2.h5", NULL, {.lambdas = {1, lambdas}}},
            {"keras1_theano.h5", "keras1_theano.json", {0}},
            {"keras0.h5", "keras0.json", {0}},
            {"keras27.h5", NULL, {.length = 17}}};

static char *text_of(const char *name)
{
    char path[256];
    unsigned char *bytes = NULL;
    size_t n = 0;
    if (name == NULL) return NULL;
    snprintf(path, sizeof path, FOLDER "%s", name);
    assert_int_equal(mg_whole_file_read(path, 1 << 24, &bytes, &n, NULL), MG_OK);
    return (char *)bytes;
}

static mg_h5_tree *tree_of(const char *name)
{
    char path[256];
    mg_error err = {0};
    mg_h5_tree *tree = NULL;
    snprintf(path, sizeof path, FOLDER "%s", name);
    if (mg_h5_child_read_file(path, NULL, &tree, &err) != MG_OK) fail_msg("%s", err.text);
    assert_true(mg_keras_is(tree));
    return tree;
}

/* Compare with every line of expected.txt that is of this file; returns how many there are. */
static int compare(const mg_graph *graph, const char *file)
{
    char *text = text_of("expected.txt"), *rest = NULL;
    int n_lines = 0;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *words = NULL, *name = strtok_r(line, " ", &words), *window = strtok_r(NULL, " ", &words), *number;
        if (strcmp(name, file) != 0) continue;
        double *x = calloc(strlen(window) * 4, sizeof *x);
        assert_int_equal(strlen(window), graph->length);
        for (size_t i = 0; window[i] != '\0'; i++)
            x[i * 4 + (size_t)(strchr("ACGT", window[i]) - "ACGT")] = 1;
        double *got = plain_graph(graph, graph->output[0].value, x);
        mg_extent extent = graph->extent[graph->output[0].value];
        int64_t n = 0;
        for (; (number = strtok_r(NULL, " ", &words)) != NULL; n++)
            if (!(fabs(strtod(number, NULL) - got[n]) < 1e-12))
                fail_msg("%s %s: number %d is %g, not %s", file, window, (int)n, got[n], number);
        assert_int_equal(n, extent.length * extent.channels);
        n_lines++;
        free(got);
        free(x);
    }
    free(text);
    return n_lines;
}

static void test_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        mg_error err = {0};
        mg_graph *graph = NULL;
        mg_h5_tree *tree = tree_of(nets[i].file);
        char *json = text_of(nets[i].json);
        if (mg_keras_read(tree, json, &nets[i].words, &graph, &err) != MG_OK)
            fail_msg("%s: %s", nets[i].file, err.text);
        assert_int_equal(compare(graph, nets[i].file), 3);
        mg_graph_destroy(graph);
        mg_h5_tree_destroy(tree);
        free(json);
    }
}

static void refuse(const char *file, const char *json, const mg_model_words *words, const char *wanted)
{
    mg_error err = {0};
    mg_graph *graph = NULL;
    mg_h5_tree *tree = tree_of(file);
    assert_int_not_equal(mg_keras_read(tree, json, words, &graph, &err), MG_OK);
    if (strstr(err.text, wanted) == NULL) fail_msg("wanted '%s', got '%s'", wanted, err.text);
    assert_null(graph);
    mg_h5_tree_destroy(tree);
}

static void test_refusals(void **state)
{
    const mg_model_words none = {0};
    static char bad[] = "twice=swirl", *bads[] = {bad};
    const mg_model_words odd = {.lambdas = {1, bads}};
    (void)state;
    refuse("keras2.h5", NULL, &none, "layer twice is a Lambda");
    refuse("keras2.h5", NULL, &odd, "there is no operation swirl");
    refuse("keras27.h5", NULL, &none, "give --length N");
    refuse("keras0.h5", NULL, &none, "it holds weights only");
    refuse("keras0.h5", "{", &none, "no JSON");
    refuse("keras0.h5",
           "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"LSTM\", \"config\": {\"name\": \"l\", "
           "\"batch_input_shape\": [null, 20, 4]}}]}",
           &none, "layers of class LSTM are not supported");
    refuse("keras1_theano.h5",
           "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Convolution1D\", \"config\": {\"name\": "
           "\"convolution1d_1\", "
           "\"batch_input_shape\": [null, 20, 4], \"nb_filter\": 7, \"filter_length\": 5}}]}",
           &none, "does not go with 4 channels and 7 filters");
}

static void test_damaged_json(void **state)
{
    (void)state;
    mg_h5_tree *tree = tree_of("keras1_theano.h5");
    char *json = text_of("keras1_theano.json");
    size_t n = strlen(json);
    for (uint64_t turn = 0; turn < 400; turn++) {
        char *copy = strdup(json);
        mg_error err = {0};
        mg_graph *graph = NULL;
        const mg_model_words none = {0};
        for (uint64_t k = 0; k < 1 + turn % 3; k++)
            copy[mg_mix(turn, k) % n] = "019-[]{},:\"nae "[mg_mix(turn, 50 + k) % 15];
        mg_status status = mg_keras_read(tree, copy, &none, &graph, &err);
        assert_true(status == MG_OK ? graph != NULL : err.text[0] != '\0');
        mg_graph_destroy(graph);
        free(copy);
    }
    free(json);
    mg_h5_tree_destroy(tree);
}

int main(int argc, char **argv)
{
    int child = mg_h5_child_serve(argc, argv);
    if (child >= 0) return child;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_versions), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_damaged_json)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
