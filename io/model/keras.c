/* keras.c  which network a file holds, what goes into it and what comes out */
#include "io/model/keras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/inputs.h"
#include "io/model/keras3.h"
#include "io/model/keras_run.h"

enum { MAX_INPUTS = 32, NAME = 128 };

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* --- inputs --- */

/* batch_input_shape of the first layer; input_shape, or input_length and input_dim, in older ones */
static void read_dims(const json_t *config, mg_file_input *to)
{
    const json_t *shape = json_object_get(config, "batch_input_shape"), *inner = json_object_get(config, "input_shape");
    if (shape == NULL) shape = json_object_get(config, "batch_shape");
    size_t n = json_array_size(shape != NULL ? shape : inner), ahead = shape != NULL ? 0 : 1;
    to->dim[0] = -1;
    for (size_t d = 0; d < n && d + ahead < MG_VIEW_DIMS; d++) {
        const json_t *item = json_array_get(shape != NULL ? shape : inner, d);
        to->dim[d + ahead] =
            json_is_integer(item) && json_integer_value(item) > 0 ? (int64_t)json_integer_value(item) : -1;
        to->n_dims = (int)(d + ahead) + 1;
    }
    if (n > 0 || json_object_get(config, "input_dim") == NULL) return;
    const json_t *length = json_object_get(config, "input_length"), *dim = json_object_get(config, "input_dim");
    to->n_dims = 3;
    to->dim[1] = json_is_integer(length) ? (int64_t)json_integer_value(length) : -1;
    to->dim[2] = json_is_integer(dim) ? (int64_t)json_integer_value(dim) : -1;
}

static mg_status list_chain_input(const json_t *layers, mg_file_input *to, char name[NAME], mg_error *err)
{
    mg_keras_item first;
    mg_status status = mg_keras_item_of(json_array_get(layers, 0), &first, err);
    if (status != MG_OK) return status;
    if (mg_keras_is_network(first.class_name)) return list_chain_input(mg_keras_layers_of(first.config), to, name, err);
    bool plain = strcmp(first.class_name, "InputLayer") == 0;
    snprintf(name, NAME, "%.100s%s", first.name, plain ? "" : "_input");
    to->name = name;
    read_dims(first.config, to);
    return to->n_dims > 0
               ? MG_OK
               : mg_fail(err, MG_EINPUT, "its first layer %.100s does not tell the input's dims", first.name);
}

static mg_status list_inputs(const char *class_name, const json_t *config, mg_file_input input[MAX_INPUTS],
                             size_t *ret_n, char name[NAME], mg_error *err)
{
    const json_t *layers = mg_keras_layers_of(config);
    *ret_n = 0;
    if (strcmp(class_name, "Sequential") == 0) {
        *ret_n = 1;
        return list_chain_input(layers, &input[0], name, err);
    }
    for (size_t i = 0; mg_keras_entry(config, "input_layers", i) != NULL; i++) {
        const char *wanted = json_string_value(json_array_get(mg_keras_entry(config, "input_layers", i), 0));
        mg_keras_item l;
        if (i == MAX_INPUTS || wanted == NULL)
            return mg_fail(err, MG_EINPUT, "its input_layers are not known, or more than %d", MAX_INPUTS);
        for (size_t k = 0; k < json_array_size(layers); k++) {
            if (mg_keras_item_of(json_array_get(layers, k), &l, NULL) != MG_OK || strcmp(l.name, wanted) != 0) continue;
            input[i].name = wanted;
            read_dims(l.config, &input[i]);
        }
        if (input[i].n_dims == 0) return mg_fail(err, MG_EINPUT, "its input %.100s has no dims", wanted);
        *ret_n = i + 1;
    }
    return *ret_n > 0 ? MG_OK : mg_fail(err, MG_EINPUT, "it has no input_layers");
}

/* --- all --- */

static mg_status put_output(mg_keras_reading *in, const char *name, const mg_view *view, mg_error *err)
{
    mg_matrix matrix;
    if (view->constant) return mg_fail(err, MG_EINPUT, "output %.100s does not depend on the window", name);
    mg_front_name(&in->front, name);
    mg_status status = mg_front_matrix(&in->front, view, mg_front_position_axis(&in->front, view), true, &matrix, err);
    return status == MG_OK ? mg_graph_output(in->front.graph, name, matrix.value, 0, NULL, err) : status;
}

/* Class and config of the network: {"class_name", "config"}, or all in one (Keras 0.x) */
static mg_status find_network(const json_t *json, const char **ret_class, const json_t **ret_config, mg_error *err)
{
    *ret_class = text_of(json, "class_name");
    *ret_config = json_object_get(json, "config");
    if (*ret_class == NULL) {
        *ret_class = text_of(json, "name");
        *ret_config = json;
    }
    if (*ret_class != NULL && mg_keras_is_network(*ret_class) && json_is_array(mg_keras_layers_of(*ret_config)) &&
        json_array_size(mg_keras_layers_of(*ret_config)) > 0)
        return MG_OK;
    return mg_fail(err, MG_EINPUT, "its layers are a %.60s; Sequential and functional networks of Keras are read",
                   *ret_class != NULL ? *ret_class : "text that is not known");
}

static mg_status run_network(mg_keras_reading *in, const json_t *json, mg_error *err)
{
    const char *class_name = NULL, *name = NULL;
    const json_t *config = NULL;
    mg_file_input input[MAX_INPUTS] = {{0}};
    char room[NAME], title[NAME];
    mg_view from[MAX_INPUTS], output[4];
    size_t n = 0, n_out = 0;
    int64_t length = 0;
    mg_status status = find_network(json, &class_name, &config, err);
    if (status == MG_OK) status = list_inputs(class_name, config, input, &n, room, err);
    if (status == MG_OK) status = mg_inputs_check(n, input, in->words, err);
    if (status == MG_OK) status = mg_inputs_length(n, input, in->words, &length, err);
    size_t n_bytes = 0;
    for (size_t i = 0; i < in->weights.tree->n_objects; i++)
        n_bytes += in->weights.tree->object[i].value.n_bytes;
    if (status == MG_OK) status = mg_front_begin(&in->front, length, n_bytes, err);
    in->front.channels_last = true;
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        mg_front_name(&in->front, input[i].name);
        status = mg_inputs_view(&in->front, n, input, i, in->words, &from[i], err);
    }
    if (status == MG_OK) status = mg_keras_run(in, class_name, config, n, from, &n_out, output, err);
    for (size_t o = 0; o < n_out && status == MG_OK; o++) {
        name = strcmp(class_name, "Sequential") == 0
                   ? NULL
                   : json_string_value(json_array_get(mg_keras_entry(config, "output_layers", o), 0));
        snprintf(title, sizeof title, "%.60s", name != NULL ? name : "output");
        status = put_output(in, title, &output[o], err);
    }
    return status;
}

static mg_status parse(const char *text, json_t **ret, mg_error *err)
{
    json_error_t why;
    *ret = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (*ret == NULL) return mg_fail(err, MG_EINPUT, "its layers are no JSON: line %d: %s", why.line, why.text);
    return MG_OK;
}

mg_status mg_keras_read(const mg_h5_tree *tree, const char *json, const mg_model_words *words, mg_graph **ret,
                        mg_error *err)
{
    mg_keras_reading in = {.words = words};
    json_t *layers = NULL;
    const char *text = json;
    if (text == NULL) text = mg_keras_text_attribute(mg_h5_tree_find(tree, "/"), "model_config");
    if (text == NULL)
        return mg_fail(err, MG_EINPUT,
                       "it holds weights only: give its layers by --arch FILE, the JSON that model.to_json() writes or "
                       "a graph text");
    mg_status status = parse(text, &layers, err);
    bool third = mg_keras3_top(tree) != NULL;
    if (status == MG_OK && third) status = mg_keras3_turn(layers, err);
    if (status == MG_OK && third)
        status = mg_keras_weights_open3(tree, &in.weights, err);
    else if (status == MG_OK)
        status = mg_keras_weights_open(tree, &in.weights, err);
    if (status == MG_OK) in.theano = !third && mg_keras_weights_turned(&in.weights, layers);
    if (status == MG_OK) status = run_network(&in, layers, err);
    mg_front_end(&in.front, status == MG_OK ? ret : NULL);
    mg_keras_weights_close(&in.weights);
    json_decref(layers);
    return status;
}

/* --- other questions --- */

bool mg_keras_has_layers(const mg_h5_tree *tree)
{
    return mg_keras_text_attribute(mg_h5_tree_find(tree, "/"), "model_config") != NULL;
}

bool mg_keras_is(const mg_h5_tree *tree)
{
    mg_keras_weights weights = {0};
    bool is = mg_keras_weights_open(tree, &weights, NULL) == MG_OK;
    mg_keras_weights_close(&weights);
    return is || mg_keras_has_layers(tree) || mg_keras3_top(tree) != NULL;
}

bool mg_keras_is_json(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '{';
}

mg_status mg_keras_tensors(const mg_h5_tree *tree, size_t n, mg_tensors *tensors, mg_error *err)
{
    mg_status status = MG_OK;
    static const char *const tops[] = {"/model_weights", "/weights", ""};
    const char *top = tops[2];
    for (int k = 1; k >= 0; k--)
        if (mg_h5_tree_find(tree, tops[k]) != NULL) top = tops[k];
    size_t n_top = strlen(top);
    for (size_t i = 0; i < tree->n_objects && status == MG_OK; i++) {
        const mg_h5_object *object = &tree->object[i];
        const char *path = object->path;
        char name[MG_TENSOR_NAME];
        mg_tensor *tensor = NULL;
        if (!object->is_dataset || object->value.kind != MG_H5_REAL || strncmp(path, "/optimizer_weights", 18) == 0)
            continue;
        if (strncmp(path, top, n_top) != 0 || path[n_top] != '/') continue;
        path += n_top + 1;
        if (strlen(path) >= sizeof name)
            return mg_fail(err, MG_EINPUT, "the name of one of its datasets has more than %d bytes",
                           MG_TENSOR_NAME - 1);
        snprintf(name, sizeof name, "%s", path);
        for (char *at = name; *at != '\0'; at++)
            if (*at == '/') *at = '.';
        if (object->value.n_dims > MG_MAX_DIMS)
            return mg_fail(err, MG_EINPUT, "its dataset %s has no shape of at most %d dimensions", name, MG_MAX_DIMS);
        if (!object->value.has_values && object->value.n > 0)
            return mg_fail(err, MG_EINPUT, "its dataset %s claims far more numbers than the file of %zu bytes can hold",
                           name, n);
        status = mg_tensors_add(tensors, name, object->value.n_dims, object->value.dim, &tensor, err);
        if (status == MG_OK && tensor->n > 0) status = mg_h5_value_floats(&object->value, tensor->data, err);
    }
    return status;
}
