/* test_keras3.c  .keras files of Keras 3
 *
 * Right: a chain and a graph of layers, in zips made here in the layout of Keras 3.3 (config.json, model.weights.h5 with
 * layers/CLASS_K/vars/0), give what plain loops here give, and so do networks within them (layers/functional/layers/CLASS_K/vars/0).
 * Wrong: inputs of other forms, arrays and entries that are missing, packed or cut off. Names of groups are Keras' own.
 */
#include "tests/support/files.h"

#include <hdf5.h>
#include <math.h>
#include <zip.h>

#include "io/base/h5_child.h"
#include "io/base/whole_file.h"
#include "io/model/keras3.h"
#include "io/model/model.h"
#include "tests/support/plain_graph.h"

enum { LENGTH = 8, KERNEL = 3, FILTERS = 2 };

static const float kernel[KERNEL][4][FILTERS] = {{{1, -1}, {0.5f, 2}, {-0.25f, 0}, {0, 1}},
                                                 {{2, 0.5f}, {0, -1}, {1, 1}, {-1, 0.25f}},
                                                 {{0, 0}, {1, -2}, {0.5f, 0.5f}, {-2, 1}}};
static const float bias[FILTERS] = {0.25f, -0.5f}, second[FILTERS][1] = {{1.5f}, {-0.75f}}, more[1] = {0.125f};

static void put_set(hid_t file, const char *path, int n_dims, const hsize_t *dim, const float *values)
{
    hid_t links = H5Pcreate(H5P_LINK_CREATE), space = H5Screate_simple(n_dims, dim, NULL);
    H5Pset_create_intermediate_group(links, 1);
    hid_t set = H5Dcreate2(file, path, H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(links);
}

/* Two convolutions and two dense layers: the second of a class has "_1" behind its name. */
static const char *make_weights(void)
{
    const hsize_t conv[] = {KERNEL, 4, FILTERS}, dense[] = {FILTERS, 1}, filters = FILTERS, one = 1;
    const char *path = path_of("model.weights.h5");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    put_set(file, "/layers/conv1d/vars/0", 3, conv, &kernel[0][0][0]);
    put_set(file, "/layers/conv1d/vars/1", 1, &filters, bias);
    put_set(file, "/layers/dense/vars/0", 2, dense, &second[0][0]);
    put_set(file, "/layers/dense/vars/1", 1, &one, more);
    put_set(file, "/layers/dense_1/vars/0", 2, dense, &second[0][0]);
    assert_true(H5Fclose(file) >= 0);
    return path;
}

static const char *make_zip(const char *name, const char *json, const char *h5, bool pack)
{
    const char *path = path_of(name);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    zip_source_t *source[] = {zip_source_buffer(zip, "{}", 2, 0), zip_source_buffer(zip, json, strlen(json), 0),
                              h5 != NULL ? zip_source_file(zip, h5, 0, -1) : NULL};
    static const char *const names[] = {"metadata.json", "config.json", "model.weights.h5"};
    for (size_t i = 0; i < 3; i++) {
        if (source[i] == NULL) continue;
        zip_int64_t at = zip_file_add(zip, names[i], source[i], 0);
        assert_true(at >= 0);
        assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)at, pack ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0), 0);
    }
    assert_int_equal(zip_close(zip), 0);
    return path;
}

#define INPUT                                                                                                          \
    "{\"module\": \"keras.layers\", \"class_name\": \"InputLayer\", \"config\": {\"batch_shape\": [null, 8, 4], "      \
    "\"dtype\": \"float32\", \"name\": \"in\"}, \"name\": \"in\", \"inbound_nodes\": []}"
#define CONV                                                                                                           \
    "{\"module\": \"keras.layers\", \"class_name\": \"Conv1D\", \"config\": {\"name\": \"c\", \"dtype\": "             \
    "{\"module\": "                                                                                                    \
    "\"keras\", \"class_name\": \"DTypePolicy\", \"config\": {\"name\": \"float32\"}}, \"filters\": 2, "               \
    "\"kernel_size\": "                                                                                                \
    "[3], \"strides\": [1], \"padding\": \"valid\", \"data_format\": \"channels_last\", \"dilation_rate\": [1], "      \
    "\"groups\": 1, \"activation\": \"relu\", \"use_bias\": true}, \"name\": \"c\""
#define POOL                                                                                                           \
    "{\"module\": \"keras.layers\", \"class_name\": \"GlobalAveragePooling1D\", \"config\": {\"name\": \"p\", "        \
    "\"data_format\": \"channels_last\", \"keepdims\": false}, \"name\": \"p\""
#define DENSE(name, biased)                                                                                            \
    "{\"module\": \"keras.layers\", \"class_name\": \"Dense\", \"config\": {\"name\": \"" name                         \
    "\", \"units\": 1, \"activation\": \"linear\", \"use_bias\": " biased "}, \"name\": \"" name "\""
#define TENSOR(name)                                                                                                   \
    "{\"class_name\": \"__keras_tensor__\", \"config\": {\"shape\": [null, 2], \"dtype\": \"float32\", "               \
    "\"keras_history\": [\"" name "\", 0, 0]}}"
#define FROM(name)                                                                                                     \
    ", \"inbound_nodes\": [{\"args\": [" TENSOR(name) "], \"kwargs\": {\"training\": false, \"mask\": null}}]}"

static const char chain[] = "{\"module\": \"keras\", \"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", "
                            "\"layers\": [" INPUT ", " CONV "}, " POOL "}, " DENSE("d", "true") "}]}}";
static const char graph_[] =
    "{\"module\": \"keras\", \"class_name\": \"Functional\", \"config\": {\"name\": \"f\", \"layers\": [" INPUT
    ", " CONV FROM("in") ", " POOL FROM("c") ", " DENSE("d", "true") FROM("p") ", " DENSE("e", "false")
        FROM("p") ", "
                  "{\"module\": \"keras.layers\", \"class_name\": \"Subtract\", \"config\": {\"name\": \"t\"}, "
                  "\"name\": \"t\", "
                  "\"inbound_nodes\": [{\"args\": [[" TENSOR("d") ", " TENSOR(
                      "e") "]], \"kwargs\": {}}]}], \"input_layers\": [[\"in\", 0, "
                           "0]], \"output_layers\": [[\"t\", 0, 0]]}}";

/* The convolution in a chain in a graph in a chain; a dense layer within TimeDistributed; a network that is used twice. */
#define SEQUENTIAL(name, ...)                                                                                          \
    "{\"module\": \"keras\", \"class_name\": \"Sequential\", \"config\": {\"name\": \"" name                           \
    "\", \"layers\": [" __VA_ARGS__ "]}, \"name\": \"" name "\""
#define FEATURES                                                                                                       \
    "{\"module\": \"keras.src.models.functional\", \"class_name\": \"Functional\", \"config\": {\"name\": "            \
    "\"features\", "                                                                                                   \
    "\"layers\": [" INPUT ", " SEQUENTIAL("inner", INPUT ", " CONV "}") FROM("in") ", " POOL FROM(                     \
        "inner") "], \"input_layers\": [[\"in\", 0, 0]], \"output_layers\": [[\"p\", 0, 0]]}, "                        \
                 "\"name\": \"features\""
#define FLAT_INPUT                                                                                                     \
    "{\"class_name\": \"InputLayer\", \"config\": {\"batch_shape\": [null, 2], \"name\": \"in2\"}, \"name\": \"in2\"}"
#define TWICE                                                                                                          \
    ", \"inbound_nodes\": [{\"args\": [" TENSOR("p1") "], \"kwargs\": {}}, {\"args\": [" TENSOR(                       \
        "p2") "], \"kwargs\": {}}]}"
static const char nested_chain[] = "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [" INPUT
                                   ", " FEATURES "}, " DENSE("d", "true") "}]}}";
static const char nested_graph[] =
    "{\"class_name\": \"Functional\", \"config\": {\"name\": \"f\", \"layers\": [" INPUT ", " FEATURES FROM(
        "in") ", "
              "{\"class_name\": \"Activation\", \"config\": {\"name\": \"p1\", \"activation\": \"linear\"}, \"name\": "
              "\"p1\"" FROM("features") ", {\"class_name\": \"Activation\", \"config\": {\"name\": \"p2\", "
                                        "\"activation\": \"tanh\"}, "
                                        "\"name\": \"p2\"" FROM("features") ", " SEQUENTIAL(
                                            "tail", FLAT_INPUT ", " DENSE("e", "false") "}") TWICE
    ", {\"class_name\": \"Subtract\", \"config\": {\"name\": \"t\"}, \"name\": \"t\", "
    "\"inbound_nodes\": [{\"args\": [[" TENSOR(
        "tail") ", {\"class_name\": "
                "\"__keras_tensor__\", \"config\": {\"keras_history\": [\"tail\", 1, 0]}}]], "
                "\"kwargs\": {}}]}], \"input_layers\": [\"in\", 0, 0], \"output_layers\": "
                "[[\"t\", 0, 0]]}}";
static const char distributed[] =
    "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [" INPUT ", " CONV
    "}, {\"class_name\": \"TimeDistributed\", \"config\": {\"name\": \"td\", \"layer\": " DENSE(
        "d", "true") "}}, \"name\": "
                     "\"td\"}, " POOL "}]}}";

static const char *make_nested_weights(bool whole)
{
    const hsize_t conv[] = {KERNEL, 4, FILTERS}, dense[] = {FILTERS, 1}, filters = FILTERS, one = 1;
    const char *path = path_of("nested.weights.h5");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    if (whole) put_set(file, "/layers/functional/layers/sequential/layers/conv1d/vars/0", 3, conv, &kernel[0][0][0]);
    if (whole) put_set(file, "/layers/functional/layers/sequential/layers/conv1d/vars/1", 1, &filters, bias);
    put_set(file, "/layers/conv1d/vars/0", 3, conv, &kernel[0][0][0]);
    put_set(file, "/layers/conv1d/vars/1", 1, &filters, bias);
    put_set(file, "/layers/sequential/layers/dense/vars/0", 2, dense, &second[0][0]);
    put_set(file, "/layers/dense/vars/0", 2, dense, &second[0][0]);
    put_set(file, "/layers/dense/vars/1", 1, &one, more);
    put_set(file, "/layers/time_distributed/layer/vars/0", 2, dense, &second[0][0]);
    put_set(file, "/layers/time_distributed/layer/vars/1", 1, &one, more);
    assert_true(H5Fclose(file) >= 0);
    return path;
}

static double mean_of(const char *window, int f)
{
    double sum = 0;
    for (int t = 0; t + KERNEL <= LENGTH; t++) {
        double z = bias[f];
        for (int k = 0; k < KERNEL; k++)
            z += kernel[k][strchr("ACGT", window[t + k]) - "ACGT"][f];
        sum += z > 0 ? z : 0;
    }
    return sum / (LENGTH - KERNEL + 1);
}

static double value_of(const mg_graph *graph, const char *window)
{
    double x[LENGTH * 4] = {0};
    for (size_t i = 0; i < LENGTH; i++)
        x[i * 4 + (size_t)(strchr("ACGT", window[i]) - "ACGT")] = 1;
    double *out = plain_graph(graph, graph->output[0].value, x), value = out[0];
    free(out);
    return value;
}

static void test_read(void **state)
{
    static const char *const windows[] = {"ACGTTGCA", "AAAAAAAA", "GATTACAC"};
    const char *weights = make_weights();
    (void)state;
    for (int g = 0; g < 2; g++) {
        mg_model model = {0};
        mg_error err = {0};
        const char *path = make_zip(g == 0 ? "chain.keras" : "graph.keras", g == 0 ? chain : graph_, weights, false);
        if (mg_model_read(path, NULL, &model, &err) != MG_OK) fail_msg("%s", err.text);
        assert_int_equal(model.format, MG_FORMAT_KERAS);
        assert_int_equal(model.network->length, LENGTH);
        for (size_t w = 0; w < 3; w++) {
            double line = second[0][0] * mean_of(windows[w], 0) + second[1][0] * mean_of(windows[w], 1);
            double want = g == 0 ? line + more[0] : (line + more[0]) - line;
            if (!(fabs(value_of(model.network, windows[w]) - want) < 1e-12))
                fail_msg("%s %s: %g, not %g", path, windows[w], value_of(model.network, windows[w]), want);
        }
        mg_model_destroy(&model);
    }
}

/* A node whose name begins so: of a layer that is used twice a number stands behind it. */
static bool has_node(const mg_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (strncmp(graph->node[i].name, name, strlen(name)) == 0) return true;
    return false;
}

static void test_networks_within_networks(void **state)
{
    static const char *const windows[] = {"ACGTTGCA", "AAAAAAAA", "GATTACAC"};
    static const char *const texts[] = {nested_chain, nested_graph, distributed};
    const char *weights = make_nested_weights(true);
    (void)state;
    for (int g = 0; g < 3; g++) {
        mg_model model = {0};
        mg_error err = {0};
        if (mg_model_read(make_zip("nested.keras", texts[g], weights, false), NULL, &model, &err) != MG_OK)
            fail_msg("%d: %s", g, err.text);
        for (size_t w = 0; w < 3; w++) {
            double m[2] = {mean_of(windows[w], 0), mean_of(windows[w], 1)};
            double line = second[0][0] * m[0] + second[1][0] * m[1];
            double bent = second[0][0] * tanh(m[0]) + second[1][0] * tanh(m[1]);
            double want = g == 1 ? line - bent : line + more[0];
            if (!(fabs(value_of(model.network, windows[w]) - want) < 1e-12))
                fail_msg("%d %s: %g, not %g", g, windows[w], value_of(model.network, windows[w]), want);
        }
        if (g < 2) assert_true(has_node(model.network, "features.inner.c"));
        if (g == 1) assert_true(has_node(model.network, "tail.e"));
        mg_model_destroy(&model);
    }
}

static void refuse(const char *path, const char *wanted)
{
    mg_model model = {0};
    mg_error err = {0};
    assert_int_equal(mg_model_read(path, NULL, &model, &err), MG_EINPUT);
    if (strstr(err.text, wanted) == NULL) fail_msg("wanted '%s', got '%s'", wanted, err.text);
}

static void test_refusals(void **state)
{
    static const char within[] = "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [" INPUT
                                 ", {\"class_name\": \"Functional\", \"config\": {\"name\": \"n\", \"layers\": []}}]}}";
    static const char odd[] =
        "{\"class_name\": \"Functional\", \"config\": {\"layers\": [" INPUT ", " CONV
        ", \"inbound_nodes\": [{\"args\": [3], \"kwargs\": {}}]}], \"input_layers\": [[\"in\", 0, 0]], "
        "\"output_layers\": [[\"c\", 0, 0]]}}";
    static const char twice[] = "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [" INPUT ", " CONV "}, " CONV
                                "}, " POOL "}, " DENSE("d", "true") "}]}}";
    const char *weights = make_weights();
    (void)state;
    refuse(make_zip("within.keras", within, weights, false), "it has no output_layers");
    refuse(make_zip("odd.keras", odd, weights, false),
           "layer c (Conv1D): its inputs are written in a way that is not known");
    refuse(make_zip("twice.keras", twice, weights, false), "layer c");
    refuse(make_zip("missing.keras", nested_chain, make_nested_weights(false), false), "layer features/inner/c");
    refuse(make_zip("packed.keras", chain, weights, true), "packed again");
    refuse(make_zip("no.keras", "{", weights, false), "no JSON");
    refuse(make_zip("torch.keras", chain, NULL, false), "holds no data.pkl");
    refuse(make_zip("bad.keras", chain, make_zip("x.zip", chain, NULL, false), false), "HDF5");
}

/* A zip that is cut off or has changed bytes: an answer or a sentence. */
static void test_damage(void **state)
{
    (void)state;
    content all = read_content(make_zip("good.keras", chain, make_weights(), false));
    char *copy = calloc(all.n + 1, 1);
    assert_non_null(copy);
    for (uint64_t k = 0, tries = 0; tries < 15; tries++) {
        mg_model model = {0};
        mg_error err = {0};
        size_t n = damage(all, copy, &k);
        write_file("damaged.keras", "wu", copy, n);
        if (mg_model_read(path_of("damaged.keras"), NULL, &model, &err) != MG_OK) assert_true(err.text[0] != '\0');
        mg_model_destroy(&model);
    }
    free(copy);
    free(all.byte);
}

static void test_keys(void **state)
{
    static const char list[] = "[{\"class_name\": \"InputLayer\"}, {\"class_name\": \"Conv1D\"}, {\"class_name\": "
                               "\"PReLU\"}, {\"class_name\": "
                               "\"Conv1D\"}, {\"class_name\": \"BatchNormalization\"}, {\"class_name\": "
                               "\"Conv1DTranspose\"}, {\"class_name\": "
                               "\"ELU\"}, {\"class_name\": \"Conv1D\"}, {\"class_name\": \"LeakyReLU\"}, "
                               "{\"class_name\": \"MaxPooling1D\"}, 3]";
    static const char *const wanted[] = {"input_layer",         "conv1d",           "p_re_lu", "conv1d_1",
                                         "batch_normalization", "conv1d_transpose", "elu",     "conv1d_2",
                                         "leaky_re_lu",         "max_pooling1d",    ""};
    char key[MG_KERAS3_KEY];
    (void)state;
    json_t *layers = json_loads(list, 0, NULL);
    assert_non_null(layers);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        mg_keras3_key(layers, i, key);
        assert_string_equal(key, wanted[i]);
    }
    json_decref(layers);
}

int main(int argc, char **argv)
{
    int served = mg_h5_child_serve(argc, argv);
    if (served >= 0) return served;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_networks_within_networks),
                                       cmocka_unit_test(test_refusals), cmocka_unit_test(test_damage),
                                       cmocka_unit_test(test_keys)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
