/* model.c  a model: what goes in, what comes out, its layers, how it was made */
#include <string.h>

#include "io/describe/describe.h"
#include "io/model/model.h"
#include "io/model/wrappers.h"
#include "src/graph/printed/architecture.h"

static const char *const kind_name[] = {[MG_LINEAR] = "convolution",
                                        [MG_AFFINE] = "affine",
                                        [MG_RELU] = "ReLU",
                                        [MG_MAX_POOL] = "max pool",
                                        [MG_AVERAGE_POOL] = "average pool"};
static const char *const head_name[] = {
    [MG_HEAD_NONE] = "none", [MG_HEAD_SOFTMAX] = "softmax", [MG_HEAD_SIGMOID] = "sigmoid"};

static json_t *describe_layer(const mg_layer *layer)
{
    const int64_t in_shape[] = {layer->in_length, layer->in_channels};
    const int64_t out_shape[] = {layer->out_length, layer->out_channels};
    return json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "name", layer->name, "kind",
                     layer->dense ? "dense" : kind_name[layer->kind], "in", mg_describe_shape(2, in_shape), "out",
                     mg_describe_shape(2, out_shape), "kernel", (json_int_t)layer->kernel, "stride",
                     (json_int_t)layer->stride, "dilation", (json_int_t)layer->dilation, "padding",
                     (json_int_t)layer->pad, "weights", (json_int_t)mg_layer_n_weights(layer), "macs",
                     (json_int_t)mg_layer_n_macs(layer));
}

static json_t *describe_layers(const mg_network *network)
{
    json_t *list = json_array();
    for (size_t i = 0; i < network->n_layers; i++)
        json_array_append_new(list, describe_layer(&network->layer[i]));
    return list;
}

static json_t *describe_classes(const mg_network *network)
{
    json_t *list = json_array();
    for (size_t i = 0; i < network->n_outputs; i++)
        json_array_append_new(list, json_string(network->class_name[i]));
    return list;
}

static json_t *describe_tensors(const mg_tensors *tensors)
{
    json_t *list = json_array();
    char wrapper[MG_WRAPPER_TEXT]; /* which the architecture does not name */
    mg_wrappers_common(tensors, wrapper);
    for (size_t i = 0; i < tensors->n; i++) {
        const mg_tensor *tensor = &tensors->tensor[i];
        json_array_append_new(list, json_pack("{s:s, s:o}", "name", tensor->name + strlen(wrapper), "shape",
                                              mg_describe_shape(tensor->n_dims, tensor->dim)));
    }
    return list;
}

/* One string a line of the text. */
static json_t *lines_of(const char *text)
{
    json_t *list = json_array();
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        json_array_append_new(list, json_stringn(text, n));
        text += n + (text[n] == '\n' ? 1 : 0);
    }
    return list;
}

static mg_status add_network(const mg_model *model, json_t *about, mg_error *err)
{
    mg_architecture text = {0};
    const mg_network *network = model->network;
    char bases[5] = "";
    mg_status status = mg_architecture_parse(model->architecture, model->path, &text, err);
    if (status != MG_OK) return status;
    for (int b = 0; b < 4; b++)
        bases[text.base_channel[b]] = "ACGT"[b];
    json_object_set_new(about, "window", json_integer(network->length));
    json_object_set_new(about, "anchor", json_integer(network->anchor));
    json_object_set_new(about, "bases", json_string(bases));
    json_object_set_new(about, "classes", describe_classes(network));
    json_object_set_new(about, "target", json_string(network->class_name[network->target]));
    json_object_set_new(about, "head", json_string(head_name[network->head]));
    json_object_set_new(about, "weights", json_integer(mg_network_n_weights(network)));
    json_object_set_new(about, "macs", json_integer(mg_network_n_macs(network)));
    json_object_set_new(about, "notes", lines_of(text.notes));
    json_object_set_new(about, "layers", describe_layers(network));
    mg_architecture_destroy(&text);
    return MG_OK;
}

/* Weights without layers are told too: their names and shapes are what an architecture text has to fit. */
mg_status mg_describe_model(const char *path, const char *arch, json_t *about, mg_error *err)
{
    mg_model model = {0};
    mg_error why = {0};
    mg_status status = mg_model_open(path, &model, err);
    if (status != MG_OK) return status;
    status = mg_model_build(&model, arch, &why);
    bool weights_only = status == MG_EINPUT && arch == NULL && model.architecture == NULL;
    json_object_set_new(about, "file", json_string(model.path));
    json_object_set_new(about, "kind", json_string(weights_only ? "weights of a network" : "network"));
    json_object_set_new(about, "format", json_string(mg_model_format_name(model.format)));
    json_object_set_new(about, "sha256", json_string(model.sha256));
    if (weights_only) {
        json_object_set_new(about, "remark", json_string(why.text));
        json_object_set_new(about, "tensors", describe_tensors(&model.tensors));
        status = MG_OK;
    } else if (status == MG_OK) {
        status = add_network(&model, about, err);
    } else {
        status = mg_fail(err, why.status, "%s", why.text);
    }
    mg_model_destroy(&model);
    return status;
}
