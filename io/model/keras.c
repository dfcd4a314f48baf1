/* keras.c  layers walked through in the order in which they feed each other; networks within networks */
#include "io/model/keras.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/inputs.h"
#include "io/model/keras3.h"
#include "io/model/keras_weights.h"
#include "src/core/memory.h"

enum { MAX_DEPTH = 16, MAX_INPUTS = 32, MAX_USES = 100000, NAME = 128 };

typedef struct {
    mg_front front;
    mg_keras_weights weights;
    const mg_model_words *words;
    bool theano;
    size_t next_weighted; /* where layers are taken by order: the next one of the file that has arrays */
} reading;

/* A layer as its version of Keras writes it. */
typedef struct {
    const char *class_name, *name;
    const json_t *config, *inbound;
} layer;

/* Where a network's arrays are: the file's layers, or within the group of one of them. */
typedef struct {
    int64_t group; /* -1: the top */
    int depth;
} scope;

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static mg_status look_at(const json_t *item, layer *ret, mg_error *err)
{
    const json_t *config = json_object_get(item, "config");
    *ret = (layer){
        .class_name = text_of(item, "class_name"), .config = config, .inbound = json_object_get(item, "inbound_nodes")};
    if (ret->class_name == NULL) { /* Keras 0.x: the class is the name, and there is no config below */
        ret->class_name = text_of(item, "name");
        ret->config = item;
        ret->name = text_of(item, "custom_name");
    } else {
        ret->name = text_of(item, "name") != NULL ? text_of(item, "name") : text_of(config, "name");
    }
    if (ret->class_name == NULL || !json_is_object(ret->config))
        return mg_fail(err, MG_EINPUT, "one of its layers has no class or no config");
    if (ret->name == NULL) ret->name = ret->class_name;
    return MG_OK;
}

static const json_t *layers_of(const json_t *config)
{
    return json_is_array(config) ? config : json_object_get(config, "layers");
}

static bool is_network(const char *class_name)
{
    return strcmp(class_name, "Sequential") == 0 || strcmp(class_name, "Model") == 0 ||
           strcmp(class_name, "Functional") == 0;
}

/* --- one layer --- */

static const mg_keras_row *find_class(const char *class_name)
{
    const mg_keras_row *const tables[] = {mg_keras_windows, mg_keras_plain};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const mg_keras_row *row = tables[i]; row->class_name != NULL; row++)
            if (strcmp(row->class_name, class_name) == 0) return row;
    return NULL;
}

static bool has_arrays(const char *class_name)
{
    static const char *const plain[] = {"Conv",  "AtrousConv",      "SeparableConv", "DepthwiseConv",
                                        "Dense", "TimeDistributed", "BatchNorm",     "LayerNorm",
                                        "PReLU", "Embedding"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strncmp(class_name, plain[i], strlen(plain[i])) == 0) return true;
    return false;
}

/* Arrays of the layer: by its name; by its number in Keras 0.x; else the next ones of the file, as Keras loads weights. */
static mg_status find_arrays(reading *in, scope at, const layer *l, size_t number, mg_keras_call *call, mg_error *err)
{
    const mg_keras_weights *w = &in->weights;
    if (at.group >= 0) return mg_keras_weights_read(w, (size_t)at.group, l->name, call, err);
    if (w->numbered) return number < w->n_layers ? mg_keras_weights_read(w, number, NULL, call, err) : MG_OK;
    int64_t i = mg_keras_weights_find(w, l->name);
    if (i < 0 && has_arrays(l->class_name)) {
        while (in->next_weighted < w->n_layers && w->n_arrays[in->next_weighted] == 0)
            in->next_weighted++;
        if (in->next_weighted == w->n_layers)
            return mg_fail(err, MG_EINPUT, "layer %.100s (%.60s): the file has no arrays for it", l->name,
                           l->class_name);
        i = (int64_t)in->next_weighted++;
    }
    return i >= 0 ? mg_keras_weights_read(w, (size_t)i, NULL, call, err) : MG_OK;
}

/* Rows of a table for tokens, "A1T2C3G4": a layer on one-hot bases. */
static mg_status run_embedding(mg_keras_call *call, mg_error *err)
{
    const char *bases = call->words->bases;
    const mg_view *table = &call->weight[0].view, *tokens = &call->input[0];
    mg_view view;
    if (call->n_weights != 1 || table->n_dims != 2) return mg_keras_refuse(call, err, "its weights are no table");
    if (bases == NULL || strlen(bases) != 8 || tokens->dim[tokens->n_dims - 1] != 4)
        return mg_fail(err, MG_EUSAGE, "layer %.100s takes a number for each base: say which by --bases A1C2G3T4",
                       call->name);
    mg_status status = mg_inputs_embed(call->front, table, tokens, bases, &view, err);
    return status == MG_OK ? mg_keras_give(call, &view) : status;
}

static mg_status run_model(reading *in, const char *class_name, const json_t *config, scope at, size_t n_in,
                           const mg_view *input, size_t *n_out, mg_view *output, mg_error *err);

/* TimeDistributed of a layer that does the same at each position anyway */
static mg_status unwrap(layer *l, mg_error *err)
{
    layer inner;
    if (strcmp(l->class_name, "TimeDistributed") != 0) return MG_OK;
    const char *name = l->name;
    mg_status status = look_at(json_object_get(l->config, "layer"), &inner, err);
    if (status != MG_OK) return status;
    if (strcmp(inner.class_name, "Dense") != 0 && strcmp(inner.class_name, "Activation") != 0)
        return mg_fail(err, MG_EINPUT, "layer %.100s: TimeDistributed is supported around Dense and Activation only",
                       l->name);
    inner.inbound = l->inbound;
    inner.name = name;
    *l = inner;
    return MG_OK;
}

static mg_status run_layer(reading *in, layer l, size_t number, scope at, size_t n_in, const mg_view *input,
                           size_t *n_out, mg_view *output, mg_error *err)
{
    if (n_in == 0 || n_in > MG_KERAS_VIEWS)
        return mg_fail(err, MG_EINPUT, "layer %.100s has no inputs, or too many", l.name);
    if (is_network(l.class_name)) {
        int64_t group = at.group >= 0 ? at.group : mg_keras_weights_find(&in->weights, l.name);
        return run_model(in, l.class_name, l.config, (scope){group, at.depth + 1}, n_in, input, n_out, output, err);
    }
    mg_status status = unwrap(&l, err);
    if (status != MG_OK) return status;
    const mg_keras_row *row = find_class(l.class_name);
    bool embedding = strcmp(l.class_name, "Embedding") == 0;
    if (row == NULL && !embedding)
        return mg_fail(err, MG_EINPUT, "layer %.100s: layers of class %.60s are not supported", l.name, l.class_name);
    mg_keras_call *call = NULL;
    status = mg_alloc(&call, 1, sizeof *call, err);
    if (status != MG_OK) return status;
    *call = (mg_keras_call){.front = &in->front,
                            .words = in->words,
                            .theano = in->theano,
                            .config = l.config,
                            .name = l.name,
                            .class_name = l.class_name,
                            .n_inputs = n_in};
    memcpy(call->input, input, n_in * sizeof *input);
    mg_front_name(&in->front, l.name);
    status = find_arrays(in, at, &l, number, call, err);
    if (status == MG_OK) status = embedding ? run_embedding(call, err) : row->run(call, err);
    *n_out = call->n_outputs;
    memcpy(output, call->output, sizeof call->output);
    free(call);
    return status;
}

/* --- a chain --- */

static mg_status run_chain(reading *in, const json_t *layers, scope at, const mg_view *input, mg_view *output,
                           mg_error *err)
{
    mg_view now[4] = {*input};
    mg_status status = MG_OK;
    size_t n_out = 1;
    for (size_t i = 0; i < json_array_size(layers) && status == MG_OK; i++) {
        layer l;
        mg_view from = now[0];
        status = look_at(json_array_get(layers, i), &l, err);
        if (status != MG_OK || strcmp(l.class_name, "InputLayer") == 0) continue;
        status = run_layer(in, l, i, at, 1, &from, &n_out, now, err);
    }
    *output = now[0];
    return status;
}

/* --- a graph of layers --- */

/* One use of one layer. */
typedef struct {
    size_t layer, use;
    bool done;
    size_t n_outputs;
    mg_view output[4];
} use;

typedef struct {
    size_t n_layers, n_uses;
    layer *layer; /* owned */
    use *use;     /* owned */
} uses;

static size_t count_uses(const layer *l)
{
    return strcmp(l->class_name, "InputLayer") == 0 || json_array_size(l->inbound) == 0 ? 1
                                                                                        : json_array_size(l->inbound);
}

static mg_status list_uses(const json_t *layers, uses *ret, mg_error *err)
{
    size_t n = json_array_size(layers), n_uses = 0;
    mg_status status = mg_alloc(&ret->layer, n, sizeof *ret->layer, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        status = look_at(json_array_get(layers, i), &ret->layer[i], err);
        if (status == MG_OK) n_uses += count_uses(&ret->layer[i]);
        if (n_uses > MAX_USES) return mg_fail(err, MG_EINPUT, "its layers are used too often");
    }
    if (status == MG_OK) status = mg_alloc(&ret->use, n_uses, sizeof *ret->use, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        for (size_t k = 0; k < count_uses(&ret->layer[i]); k++)
            ret->use[ret->n_uses++] = (use){.layer = i, .use = k};
    ret->n_layers = n;
    return status;
}

/* What [name, which use, which output, {...}] refers to; NULL when it is not made yet. *ret_known: there is such a use. */
static const mg_view *find_view(const uses *all, const json_t *reference, bool *ret_known)
{
    const char *name = json_string_value(json_array_get(reference, 0));
    size_t which = (size_t)json_integer_value(json_array_get(reference, 1)),
           output = (size_t)json_integer_value(json_array_get(reference, 2));
    *ret_known = false;
    for (size_t i = 0; name != NULL && i < all->n_uses; i++) {
        const use *u = &all->use[i];
        if (u->use != which || strcmp(all->layer[u->layer].name, name) != 0) continue;
        *ret_known = true;
        return u->done && output < u->n_outputs ? &u->output[output] : NULL;
    }
    return NULL;
}

/* The references of one use: [[name, 0, 0, {}], ...], or one of them without the list around it. */
static const json_t *references_of(const layer *l, size_t which, bool *ret_single)
{
    const json_t *node = json_array_get(l->inbound, which);
    *ret_single = json_is_string(json_array_get(node, 0));
    return node;
}

/* Inputs of a use; *ret_ready false when one is not made yet. */
static mg_status gather_inputs(const uses *all, const use *u, mg_view input[MG_KERAS_VIEWS], size_t *ret_n,
                               bool *ret_ready, mg_error *err)
{
    const layer *l = &all->layer[u->layer];
    bool single = false, known = false;
    const json_t *node = references_of(l, u->use, &single);
    size_t n = single ? 1 : json_array_size(node);
    *ret_ready = true;
    if (!json_is_array(node) || n == 0 || n > MG_KERAS_VIEWS)
        return mg_fail(err, MG_EINPUT, "layer %.100s (%.60s): its inputs are written in a way that is not known",
                       l->name, l->class_name);
    for (size_t k = 0; k < n; k++) {
        const json_t *reference = single ? node : json_array_get(node, k);
        const mg_view *view = find_view(all, reference, &known);
        if (!known)
            return mg_fail(err, MG_EINPUT, "layer %.100s takes the output of a layer that is not there", l->name);
        if (view == NULL) *ret_ready = false;
        if (view != NULL) input[k] = *view;
    }
    *ret_n = n;
    return MG_OK;
}

/* As long as a turn through all uses makes one more. */
static mg_status run_uses(reading *in, uses *all, scope at, mg_error *err)
{
    mg_view input[MG_KERAS_VIEWS];
    mg_status status = MG_OK;
    size_t n_left = 0;
    bool moved = true;
    while (moved && status == MG_OK) {
        moved = false;
        n_left = 0;
        for (size_t i = 0; i < all->n_uses && status == MG_OK; i++) {
            use *u = &all->use[i];
            size_t n = 0;
            bool ready = false;
            if (u->done) continue;
            n_left++;
            status = gather_inputs(all, u, input, &n, &ready, err);
            if (status != MG_OK || !ready) continue;
            status = run_layer(in, all->layer[u->layer], u->layer, at, n, input, &u->n_outputs, u->output, err);
            u->done = moved = true;
            n_left--;
        }
    }
    if (status == MG_OK && n_left > 0) status = mg_fail(err, MG_EINPUT, "its layers feed each other in a circle");
    return status;
}

/* Entry i of input_layers or output_layers: [[name, 0, 0], ...] or [name, 0, 0] */
static const json_t *entry(const json_t *config, const char *key, size_t i)
{
    const json_t *list = json_object_get(config, key);
    if (json_is_string(json_array_get(list, 0))) return i == 0 ? list : NULL;
    return json_array_get(list, i);
}

static mg_status run_graph(reading *in, const json_t *config, scope at, size_t n_in, const mg_view *input,
                           size_t *n_out, mg_view *output, mg_error *err)
{
    uses all = {0};
    bool known = false;
    mg_status status = list_uses(layers_of(config), &all, err);
    for (size_t i = 0; i < n_in && status == MG_OK; i++) {
        const char *name = json_string_value(json_array_get(entry(config, "input_layers", i), 0));
        for (size_t u = 0; name != NULL && u < all.n_uses; u++) {
            if (strcmp(all.layer[all.use[u].layer].name, name) != 0) continue;
            all.use[u].done = true;
            all.use[u].n_outputs = 1;
            all.use[u].output[0] = input[i];
        }
    }
    if (status == MG_OK) status = run_uses(in, &all, at, err);
    *n_out = 0;
    for (size_t o = 0; status == MG_OK && entry(config, "output_layers", o) != NULL; o++) {
        const mg_view *view = find_view(&all, entry(config, "output_layers", o), &known);
        if (view == NULL || o == 4)
            status = mg_fail(err, MG_EINPUT, "one of its outputs is made by no layer, or there are more than 4");
        if (status == MG_OK) output[(*n_out)++] = *view;
    }
    if (status == MG_OK && *n_out == 0) status = mg_fail(err, MG_EINPUT, "it has no output_layers");
    free(all.layer);
    free(all.use);
    return status;
}

static mg_status run_model(reading *in, const char *class_name, const json_t *config, scope at, size_t n_in,
                           const mg_view *input, size_t *n_out, mg_view *output, mg_error *err)
{
    if (at.depth > MAX_DEPTH) return mg_fail(err, MG_EINPUT, "more than %d networks within each other", MAX_DEPTH);
    if (!json_is_array(layers_of(config))) return mg_fail(err, MG_EINPUT, "it has no list of layers");
    *n_out = 1;
    if (strcmp(class_name, "Sequential") == 0) return run_chain(in, layers_of(config), at, input, output, err);
    return run_graph(in, config, at, n_in, input, n_out, output, err);
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
    layer first;
    mg_status status = look_at(json_array_get(layers, 0), &first, err);
    if (status != MG_OK) return status;
    if (is_network(first.class_name)) return list_chain_input(layers_of(first.config), to, name, err);
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
    const json_t *layers = layers_of(config);
    *ret_n = 0;
    if (strcmp(class_name, "Sequential") == 0) {
        *ret_n = 1;
        return list_chain_input(layers, &input[0], name, err);
    }
    for (size_t i = 0; entry(config, "input_layers", i) != NULL; i++) {
        const char *wanted = json_string_value(json_array_get(entry(config, "input_layers", i), 0));
        layer l;
        if (i == MAX_INPUTS || wanted == NULL)
            return mg_fail(err, MG_EINPUT, "its input_layers are not known, or more than %d", MAX_INPUTS);
        for (size_t k = 0; k < json_array_size(layers); k++) {
            if (look_at(json_array_get(layers, k), &l, NULL) != MG_OK || strcmp(l.name, wanted) != 0) continue;
            input[i].name = wanted;
            read_dims(l.config, &input[i]);
        }
        if (input[i].n_dims == 0) return mg_fail(err, MG_EINPUT, "its input %.100s has no dims", wanted);
        *ret_n = i + 1;
    }
    return *ret_n > 0 ? MG_OK : mg_fail(err, MG_EINPUT, "it has no input_layers");
}

/* --- all --- */

static mg_status put_output(reading *in, const char *name, const mg_view *view, mg_error *err)
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
    if (*ret_class != NULL && is_network(*ret_class) && json_is_array(layers_of(*ret_config)) &&
        json_array_size(layers_of(*ret_config)) > 0)
        return MG_OK;
    return mg_fail(err, MG_EINPUT, "its layers are a %.60s; Sequential and functional networks of Keras are read",
                   *ret_class != NULL ? *ret_class : "text that is not known");
}

static mg_status run_network(reading *in, const json_t *json, mg_error *err)
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
    if (status == MG_OK) status = run_model(in, class_name, config, (scope){-1, 0}, n, from, &n_out, output, err);
    for (size_t o = 0; o < n_out && status == MG_OK; o++) {
        name = strcmp(class_name, "Sequential") == 0
                   ? NULL
                   : json_string_value(json_array_get(entry(config, "output_layers", o), 0));
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
    reading in = {.words = words};
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
        status = mg_keras_weights_open3(tree, layers_of(json_object_get(layers, "config")), &in.weights, err);
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
