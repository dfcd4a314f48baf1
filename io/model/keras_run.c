/* keras_run.c  layers walked through in the order in which they feed each other; networks within networks */
#include "io/model/keras_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/model/inputs.h"
#include "io/model/keras3.h"
#include "src/core/memory.h"

enum { MAX_DEPTH = 16, MAX_USES = 100000, FULL_NAME = 256 };

/* Where a network's arrays are: in the file's layers, or within the group of one of them. */
typedef struct {
    int64_t group; /* Keras 1 and 2: the layer whose group has the arrays of all layers of the network; -1: the top */
    const char *groups;   /* Keras 3: the group that has a group for each layer */
    const char *within;   /* "outer/": what stands before names of layers; "" at the top */
    const json_t *layers; /* of the network */
    int depth;
} scope;

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

mg_status mg_keras_item_of(const json_t *item, mg_keras_item *ret, mg_error *err)
{
    const json_t *config = json_object_get(item, "config");
    *ret = (mg_keras_item){
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

const json_t *mg_keras_layers_of(const json_t *config)
{
    return json_is_array(config) ? config : json_object_get(config, "layers");
}

bool mg_keras_is_network(const char *class_name)
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
static mg_status find_arrays(mg_keras_reading *in, scope at, const mg_keras_item *l, size_t number, mg_keras_call *call,
                             mg_error *err)
{
    const mg_keras_weights *w = &in->weights;
    char path[MG_KERAS3_PATH];
    if (w->third && mg_keras3_group(at.groups, at.layers, number, call->wrapped ? "/layer" : "", path))
        return mg_keras_weights_read_group(w, path, call, err);
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

static mg_status run_model(mg_keras_reading *in, const char *class_name, const json_t *config, scope at, size_t n_in,
                           const mg_view *input, size_t *n_out, mg_view *output, mg_error *err);

/* A network within the network. */
static mg_status run_within(mg_keras_reading *in, const mg_keras_item *l, const char *name, size_t number, scope at,
                            size_t n_in, const mg_view *input, size_t *n_out, mg_view *output, mg_error *err)
{
    char within[FULL_NAME], groups[MG_KERAS3_PATH] = "";
    scope inner = {.group = at.group, .groups = groups, .within = within, .layers = mg_keras_layers_of(l->config)};
    inner.depth = at.depth + 1;
    snprintf(within, sizeof within, "%.100s/", name);
    if (inner.group < 0 && !in->weights.third) inner.group = mg_keras_weights_find(&in->weights, l->name);
    if (in->weights.third &&
        !mg_keras3_group(at.groups, at.layers, number, strrchr(in->weights.root->path, '/'), groups))
        return mg_fail(err, MG_EINPUT, "layer %.100s: too many networks within each other", name);
    return run_model(in, l->class_name, l->config, inner, n_in, input, n_out, output, err);
}

/* TimeDistributed of a layer that does the same at each position anyway */
static mg_status unwrap(mg_keras_item *l, mg_error *err)
{
    mg_keras_item inner;
    if (strcmp(l->class_name, "TimeDistributed") != 0) return MG_OK;
    const char *name = l->name;
    mg_status status = mg_keras_item_of(json_object_get(l->config, "layer"), &inner, err);
    if (status != MG_OK) return status;
    if (strcmp(inner.class_name, "Dense") != 0 && strcmp(inner.class_name, "Activation") != 0)
        return mg_fail(err, MG_EINPUT, "layer %.100s: TimeDistributed is supported around Dense and Activation only",
                       l->name);
    inner.inbound = l->inbound;
    inner.name = name;
    *l = inner;
    return MG_OK;
}

static mg_status run_layer(mg_keras_reading *in, mg_keras_item l, size_t number, scope at, size_t n_in,
                           const mg_view *input, size_t *n_out, mg_view *output, mg_error *err)
{
    if (n_in == 0 || n_in > MG_KERAS_VIEWS)
        return mg_fail(err, MG_EINPUT, "layer %.100s has no inputs, or too many", l.name);
    char name[FULL_NAME];
    snprintf(name, sizeof name, "%.120s%.120s", at.within, l.name);
    if (mg_keras_is_network(l.class_name)) return run_within(in, &l, name, number, at, n_in, input, n_out, output, err);
    bool wrapped = strcmp(l.class_name, "TimeDistributed") == 0;
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
                            .name = name,
                            .class_name = l.class_name,
                            .wrapped = wrapped,
                            .n_inputs = n_in};
    memcpy(call->input, input, n_in * sizeof *input);
    mg_front_name(&in->front, name);
    status = find_arrays(in, at, &l, number, call, err);
    if (status == MG_OK) status = embedding ? run_embedding(call, err) : row->run(call, err);
    *n_out = call->n_outputs;
    memcpy(output, call->output, sizeof call->output);
    free(call);
    return status;
}

/* --- a chain --- */

static mg_status run_chain(mg_keras_reading *in, const json_t *layers, scope at, const mg_view *input, mg_view *output,
                           mg_error *err)
{
    mg_view now[4] = {*input};
    mg_status status = MG_OK;
    size_t n_out = 1;
    for (size_t i = 0; i < json_array_size(layers) && status == MG_OK; i++) {
        mg_keras_item l;
        mg_view from = now[0];
        status = mg_keras_item_of(json_array_get(layers, i), &l, err);
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
    mg_keras_item *layer; /* owned */
    use *use;             /* owned */
} uses;

static size_t count_uses(const mg_keras_item *l)
{
    return strcmp(l->class_name, "InputLayer") == 0 || json_array_size(l->inbound) == 0 ? 1
                                                                                        : json_array_size(l->inbound);
}

static mg_status list_uses(const json_t *layers, uses *ret, mg_error *err)
{
    size_t n = json_array_size(layers), n_uses = 0;
    mg_status status = mg_alloc(&ret->layer, n, sizeof *ret->layer, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        status = mg_keras_item_of(json_array_get(layers, i), &ret->layer[i], err);
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
static const json_t *references_of(const mg_keras_item *l, size_t which, bool *ret_single)
{
    const json_t *node = json_array_get(l->inbound, which);
    *ret_single = json_is_string(json_array_get(node, 0));
    return node;
}

/* Inputs of a use; *ret_ready false when one is not made yet. */
static mg_status gather_inputs(const uses *all, const use *u, mg_view input[MG_KERAS_VIEWS], size_t *ret_n,
                               bool *ret_ready, mg_error *err)
{
    const mg_keras_item *l = &all->layer[u->layer];
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
static mg_status run_uses(mg_keras_reading *in, uses *all, scope at, mg_error *err)
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
const json_t *mg_keras_entry(const json_t *config, const char *key, size_t i)
{
    const json_t *list = json_object_get(config, key);
    if (json_is_string(json_array_get(list, 0))) return i == 0 ? list : NULL;
    return json_array_get(list, i);
}

static mg_status run_graph(mg_keras_reading *in, const json_t *config, scope at, size_t n_in, const mg_view *input,
                           size_t *n_out, mg_view *output, mg_error *err)
{
    uses all = {0};
    bool known = false;
    mg_status status = list_uses(mg_keras_layers_of(config), &all, err);
    for (size_t i = 0; i < n_in && status == MG_OK; i++) {
        const char *name = json_string_value(json_array_get(mg_keras_entry(config, "input_layers", i), 0));
        for (size_t u = 0; name != NULL && u < all.n_uses; u++) {
            if (strcmp(all.layer[all.use[u].layer].name, name) != 0) continue;
            all.use[u].done = true;
            all.use[u].n_outputs = 1;
            all.use[u].output[0] = input[i];
        }
    }
    if (status == MG_OK) status = run_uses(in, &all, at, err);
    *n_out = 0;
    for (size_t o = 0; status == MG_OK && mg_keras_entry(config, "output_layers", o) != NULL; o++) {
        const mg_view *view = find_view(&all, mg_keras_entry(config, "output_layers", o), &known);
        if (view == NULL || o == 4)
            status = mg_fail(err, MG_EINPUT, "one of its outputs is made by no layer, or there are more than 4");
        if (status == MG_OK) output[(*n_out)++] = *view;
    }
    if (status == MG_OK && *n_out == 0) status = mg_fail(err, MG_EINPUT, "it has no output_layers");
    free(all.layer);
    free(all.use);
    return status;
}

static mg_status run_model(mg_keras_reading *in, const char *class_name, const json_t *config, scope at, size_t n_in,
                           const mg_view *input, size_t *n_out, mg_view *output, mg_error *err)
{
    if (at.depth > MAX_DEPTH) return mg_fail(err, MG_EINPUT, "more than %d networks within each other", MAX_DEPTH);
    if (!json_is_array(mg_keras_layers_of(config))) return mg_fail(err, MG_EINPUT, "it has no list of layers");
    *n_out = 1;
    if (strcmp(class_name, "Sequential") == 0) return run_chain(in, mg_keras_layers_of(config), at, input, output, err);
    return run_graph(in, config, at, n_in, input, n_out, output, err);
}

mg_status mg_keras_run(mg_keras_reading *in, const char *class_name, const json_t *config, size_t n_in,
                       const mg_view *input, size_t *n_out, mg_view *output, mg_error *err)
{
    const scope top = {
        .group = -1, .groups = in->weights.root->path, .within = "", .layers = mg_keras_layers_of(config)};
    return run_model(in, class_name, config, top, n_in, input, n_out, output, err);
}
