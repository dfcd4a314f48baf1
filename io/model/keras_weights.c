/* keras_weights.c  layer_names and weight_names, or nb_layers and nb_params; what stands beside them is passed over */
#include "io/model/keras_weights.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/keras3.h"
#include "src/core/memory.h"

enum { MAX_LAYERS = 10000, MAX_PATH = 1024 };

const char *mg_keras_text_attribute(const mg_h5_object *object, const char *name)
{
    const mg_h5_value *value = object != NULL ? mg_h5_object_attribute(object, name) : NULL;
    return value != NULL ? mg_h5_value_text(value, 0) : NULL;
}

/* Item i of a text attribute that may be cut into several, NAME0, NAME1, ... (lists longer than 64 KiB) */
static const char *listed_text(const mg_h5_object *object, const char *name, int64_t i)
{
    const mg_h5_value *value = mg_h5_object_attribute(object, name);
    char part[64];
    if (value != NULL) return i < value->n ? mg_h5_value_text(value, i) : NULL;
    for (int p = 0; p < 1000; p++) {
        snprintf(part, sizeof part, "%s%d", name, p);
        value = mg_h5_object_attribute(object, part);
        if (value == NULL) return NULL;
        if (i < value->n) return mg_h5_value_text(value, i);
        i -= value->n;
    }
    return NULL;
}

static int64_t integer_attribute(const mg_h5_object *object, const char *name)
{
    const mg_h5_value *value = object != NULL ? mg_h5_object_attribute(object, name) : NULL;
    int64_t number = 0;
    if (value == NULL || value->n != 1 || mg_h5_value_integers(value, &number, NULL) != MG_OK) return -1;
    return number;
}

static const mg_h5_object *find_path(const mg_keras_weights *w, const char *folder, const char *name)
{
    char path[MAX_PATH];
    bool top = strcmp(folder, "/") == 0;
    int n = snprintf(path, sizeof path, "%s/%s", top ? "" : folder, name);
    return n < MAX_PATH ? mg_h5_tree_find(w->tree, path) : NULL;
}

/* Name of array k of the layer: as weight_names has it, or param_k. NULL behind the last. */
static const char *array_name(const mg_keras_weights *w, const mg_h5_object *layer, int64_t k, char room[64])
{
    if (!w->numbered) return listed_text(layer, "weight_names", k);
    if (w->third) {
        snprintf(room, 64, "vars/%" PRId64, k);
        return layer != NULL && find_path(w, layer->path, room) != NULL ? room : NULL;
    }
    snprintf(room, 64, "param_%" PRId64, k);
    return k < integer_attribute(layer, "nb_params") ? room : NULL;
}

static mg_status add_layer(mg_keras_weights *w, const char *name, mg_error *err)
{
    const mg_h5_object *layer = find_path(w, w->root->path, name);
    char room[64];
    if (layer == NULL || layer->is_dataset) return mg_fail(err, MG_EINPUT, "its layer %.100s has no group", name);
    mg_status status = mg_copy_text(&w->layer[w->n_layers], layer->path, err);
    for (int64_t k = 0; status == MG_OK && array_name(w, layer, k, room) != NULL; k++)
        w->n_arrays[w->n_layers]++;
    if (status == MG_OK) w->n_layers++;
    return status;
}

mg_status mg_keras_weights_open(const mg_h5_tree *tree, mg_keras_weights *ret, mg_error *err)
{
    mg_keras_weights w = {.tree = tree, .root = mg_h5_tree_find(tree, "/model_weights")};
    char room[64];
    if (w.root == NULL) w.root = mg_h5_tree_find(tree, "/");
    int64_t n_numbered = integer_attribute(w.root, "nb_layers"), n = 0;
    w.numbered = n_numbered >= 0;
    while (w.root != NULL && (w.numbered ? n < n_numbered : listed_text(w.root, "layer_names", n) != NULL) &&
           n <= MAX_LAYERS)
        n++;
    if (w.root == NULL || n == 0 || n > MAX_LAYERS) return mg_fail(err, MG_EINPUT, "it has no layers of Keras");
    mg_status status = mg_alloc(&w.layer, (size_t)n, sizeof *w.layer, err);
    if (status == MG_OK) status = mg_alloc(&w.n_arrays, (size_t)n, sizeof *w.n_arrays, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        snprintf(room, sizeof room, "layer_%" PRId64, i);
        status = add_layer(&w, w.numbered ? room : listed_text(w.root, "layer_names", i), err);
    }
    if (status == MG_OK) {
        *ret = w;
    } else {
        mg_keras_weights_close(&w);
    }
    return status;
}

mg_status mg_keras_weights_open3(const mg_h5_tree *tree, mg_keras_weights *ret, mg_error *err)
{
    *ret = (mg_keras_weights){
        .tree = tree, .root = mg_h5_tree_find(tree, mg_keras3_top(tree)), .numbered = true, .third = true};
    return ret->root != NULL ? MG_OK : mg_fail(err, MG_EINPUT, "it has no layers of Keras");
}

void mg_keras_weights_close(mg_keras_weights *weights)
{
    for (size_t i = 0; i < weights->n_layers; i++)
        free(weights->layer[i]);
    free(weights->layer);
    free(weights->n_arrays);
    *weights = (mg_keras_weights){0};
}

int64_t mg_keras_weights_find(const mg_keras_weights *weights, const char *name)
{
    for (size_t i = 0; i < weights->n_layers; i++) {
        const char *path = weights->layer[i], *root = weights->root->path;
        size_t n = strcmp(root, "/") == 0 ? 1 : strlen(root) + 1;
        if (strlen(path) > n && strcmp(path + n, name) == 0) return (int64_t)i;
    }
    return -1;
}

static mg_status read_array(const mg_keras_weights *w, const char *layer, const char *name, mg_keras_call *call,
                            mg_error *err)
{
    const mg_h5_object *object = find_path(w, layer, name);
    double *number = NULL;
    if (object == NULL || !object->is_dataset || object->value.n_dims > MG_VIEW_DIMS)
        return mg_fail(err, MG_EINPUT, "layer %.100s: its array %.100s is not there", call->name, name);
    if (call->n_weights == MG_KERAS_WEIGHTS)
        return mg_fail(err, MG_EINPUT, "layer %.100s has too many arrays", call->name);
    mg_status status = mg_front_numbers(call->front, object->value.n, &number, err);
    if (status == MG_OK) status = mg_h5_value_doubles(&object->value, number, err);
    for (int64_t i = 0; status == MG_OK && i < object->value.n; i++)
        if (!isfinite(number[i]))
            return mg_fail(err, MG_EINPUT, "layer %.100s: array %.100s holds numbers that are not finite", call->name,
                           name);
    if (status != MG_OK) return err != NULL ? mg_fail_prefix(err, "layer %.100s: ", call->name) : status;
    call->weight[call->n_weights].name = name;
    call->weight[call->n_weights++].view = mg_view_constant(object->value.n_dims, object->value.dim, number);
    return MG_OK;
}

static mg_status read_all(const mg_keras_weights *weights, const mg_h5_object *layer, const char *prefix,
                          mg_keras_call *call, mg_error *err)
{
    const char *name;
    char room[64];
    mg_status status = MG_OK;
    for (int64_t k = 0; status == MG_OK && (name = array_name(weights, layer, k, room)) != NULL; k++) {
        size_t n = prefix != NULL ? strlen(prefix) : 0;
        if (prefix == NULL || (strncmp(name, prefix, n) == 0 && name[n] == '/'))
            status = read_array(weights, layer->path, name, call, err);
    }
    return status;
}

mg_status mg_keras_weights_read(const mg_keras_weights *weights, size_t i, const char *prefix, mg_keras_call *call,
                                mg_error *err)
{
    return read_all(weights, mg_h5_tree_find(weights->tree, weights->layer[i]), prefix, call, err);
}

mg_status mg_keras_weights_read_group(const mg_keras_weights *weights, const char *path, mg_keras_call *call,
                                      mg_error *err)
{
    const mg_h5_object *group = mg_h5_tree_find(weights->tree, path);
    return group != NULL ? read_all(weights, group, NULL, call, err) : MG_OK;
}

bool mg_keras_weights_turned(const mg_keras_weights *weights, const json_t *json)
{
    const mg_h5_object *top = mg_h5_tree_find(weights->tree, "/");
    const char *backend = mg_keras_text_attribute(weights->root, "backend");
    if (backend == NULL) backend = mg_keras_text_attribute(top, "backend");
    if (backend == NULL) backend = json_string_value(json_object_get(json, "backend"));
    if (backend != NULL) return strcmp(backend, "theano") == 0;
    if (weights->numbered) return true;
    for (size_t i = 0; i < weights->n_layers; i++) {
        if (weights->n_arrays[i] == 0) continue;
        const char *name = listed_text(mg_h5_tree_find(weights->tree, weights->layer[i]), "weight_names", 0);
        size_t n = strlen(name);
        return !(n > 2 && strcmp(name + n - 2, ":0") == 0);
    }
    return false;
}
