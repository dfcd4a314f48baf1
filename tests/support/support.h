/* support.h  what several tests need: arrays out of HDF5 reference files, networks built from them, and comparison
 *
 * Reference files hold float64 arrays by independent libraries. The published network's are not part of the repository:
 * tests that need them look for ../shared and are skipped where it is missing.
 */
#ifndef MG_TESTS_SUPPORT_SUPPORT_H
#define MG_TESTS_SUPPORT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/graph/printed/architecture.h"
#include "src/graph/graph.h"
#include "src/graph/kind.h"
#include "src/graph/score.h"
#include "src/kernels/kernels.h"

#define ODD_NETS  "tests/data/odd_nets.h5"
#define GOLDEN    "../shared/reference/tisrover_plus_golden.h5"
#define PUBLISHED "../shared/data/tisrover_plus/tis_rover_plus.h5"

#define UNUSED __attribute__((unused))

static UNUSED void need_file(const char *path)
{
    if (access(path, R_OK) == 0) return;
    print_message("# %s is not here\n", path);
    skip();
}

/* How many times further off float32 may be in sums over steps of a path and by LRP's small epsilon. A unit that stands at its
 * kink but for rounding falls on either side of it; the portable kernels round twice where the others fuse, and so meet
 * other such units. */
static UNUSED double rounding(void)
{
    return strcmp(mg_kernels_pick()->name, "portable") == 0 ? 20 : 1;
}

/* --- arrays --- */

typedef struct {
    int n_dims;
    hsize_t dim[4];
    size_t n;
    double *value; /* owned by the reader: free() */
} array;

static UNUSED array read_array(hid_t file, const char *path)
{
    array a = {.n = 1};
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) fail_msg("no dataset %s", path);
    hid_t space = H5Dget_space(set);
    a.n_dims = H5Sget_simple_extent_dims(space, a.dim, NULL);
    for (int i = 0; i < a.n_dims; i++)
        a.n *= a.dim[i];
    a.value = calloc(a.n, sizeof *a.value);
    assert_non_null(a.value);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, a.value) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    return a;
}

/* The columns of (n, L, 4) reference arrays of the published network are A, G, C, T; ours A, C, G, T. */
static UNUSED void swap_cg(array *a)
{
    for (size_t i = 0; i + 3 < a->n; i += 4) {
        double keep = a->value[i + 1];
        a->value[i + 1] = a->value[i + 2];
        a->value[i + 2] = keep;
    }
}

static UNUSED array read_agct(hid_t file, const char *path)
{
    array a = read_array(file, path);
    swap_cg(&a);
    return a;
}

/* Largest |value - expected| over the largest |expected|. */
static UNUSED double deviation(const double *value, const double *expected, size_t n)
{
    double largest = 0.0, scale = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!(fabs(value[i] - expected[i]) <= largest)) largest = fabs(value[i] - expected[i]);
        if (fabs(expected[i]) > scale) scale = fabs(expected[i]);
    }
    return scale > 0.0 ? largest / scale : largest;
}

/* Codes of one-hot rows: 4 for a row of zeros. */
static UNUSED void codes_of(const double *x, int64_t length, uint8_t *base)
{
    for (int64_t i = 0; i < length; i++) {
        base[i] = 4;
        for (uint8_t b = 0; b < 4; b++)
            if (x[i * 4 + b] > 0.5) base[i] = b;
    }
}

/* --- networks --- */

static UNUSED herr_t add_tensor(hid_t group, const char *name, const H5L_info_t *info, void *tensors)
{
    (void)info;
    H5O_info_t object;
    if (H5Oget_info_by_name(group, name, &object, H5P_DEFAULT) < 0 || object.type != H5O_TYPE_DATASET) return 0;
    array a = read_array(group, name);
    int64_t dim[4];
    for (int i = 0; i < a.n_dims; i++)
        dim[i] = (int64_t)a.dim[i];
    mg_tensor *tensor;
    if (mg_tensors_add(tensors, name, a.n_dims, dim, &tensor, NULL) != MG_OK) return -1;
    for (size_t i = 0; i < a.n; i++)
        tensor->data[i] = (float)a.value[i];
    free(a.value);
    return 0;
}

/* A network from the datasets of an HDF5 group and an architecture text; the caller destroys it. */
static UNUSED mg_graph *network_from_h5(hid_t file, const char *group_name, const char *text)
{
    mg_tensors tensors = {0};
    mg_graph *network = NULL;
    mg_error err = {0};
    hid_t group = H5Gopen2(file, group_name, H5P_DEFAULT);
    assert_true(group >= 0);
    assert_true(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, add_tensor, &tensors) >= 0);
    H5Gclose(group);
    if (mg_network_build(text, "test", &tensors, &network, &err) != MG_OK) fail_msg("%s", err.text);
    mg_tensors_destroy(&tensors);
    return network;
}

static UNUSED mg_graph *published_network(void)
{
    hid_t file = H5Fopen(PUBLISHED, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    mg_graph *network = network_from_h5(file, "/", mg_architecture_builtin("tisrover+"));
    H5Fclose(file);
    return network;
}

/* A network without a head, with one: "softmax" or "sigmoid"; `network` is taken over. */
static UNUSED mg_graph *with_head(mg_graph *network, const char *kind)
{
    mg_graph *graph = NULL;
    size_t logits = network->output[0].value, value;
    mg_node draft = {.kind = mg_kind_find(kind), .name = "head"};
    assert_int_equal(mg_graph_prune(network, logits, &graph, NULL), MG_OK);
    logits = graph->n_nodes;
    assert_int_equal(mg_graph_add(graph, &draft, 1, &logits, &value, NULL), MG_OK);
    assert_int_equal(mg_graph_output(graph, "output", value, network->output[0].n_classes,
                                     (const char(*)[MG_CLASS_NAME])network->output[0].class_name, NULL),
                     MG_OK);
    graph->output[0].target = network->output[0].target;
    mg_graph_destroy(network);
    return graph;
}

/* The published network folded to one output. */
static UNUSED mg_graph *published_folded(mg_score score)
{
    mg_graph *network = published_network(), *folded = NULL;
    assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = score}, &folded, NULL), MG_OK);
    mg_graph_destroy(network);
    return folded;
}

/* --- the odd nets --- */

static UNUSED const char *const odd_net_names[] = {"ceil_pool_padding",
                                                   "conv2d_input_pool4",
                                                   "dense_only",
                                                   "dilation_batchnorm_overlap_pool",
                                                   "global_average",
                                                   "global_max_same_padding",
                                                   "kernel_is_length_one_channel",
                                                   "stride_pad_avgpool_sigmoid"};
enum { N_ODD_NETS = 8 };

static UNUSED mg_graph *odd_net(hid_t file, const char *name)
{
    char text[8192], layers[4096], path[256];
    int64_t length;
    hid_t group = H5Gopen2(file, name, H5P_DEFAULT);
    assert_true(group >= 0);
    hid_t attribute = H5Aopen(group, "layers", H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    char *words = NULL;
    assert_true(H5Tis_variable_str(type) > 0);
    assert_true(H5Aread(attribute, type, &words) >= 0);
    snprintf(layers, sizeof layers, "%s", words);
    H5free_memory(words);
    H5Tclose(type);
    H5Aclose(attribute);
    attribute = H5Aopen(group, "L", H5P_DEFAULT);
    assert_true(H5Aread(attribute, H5T_NATIVE_INT64, &length) >= 0);
    H5Aclose(attribute);
    H5Gclose(group);
    snprintf(text, sizeof text, "window %ld\nanchor 0\nbases ACGT\nhead none\nlayers\n%s\n", (long)length, layers);
    snprintf(path, sizeof path, "%s/weights", name);
    return network_from_h5(file, path, text);
}

#endif
