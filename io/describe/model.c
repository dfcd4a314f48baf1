/* model.c  a model: what goes in, what comes out, its layers, how it was made */
#include <string.h>

#include "io/base/json_text.h"
#include "io/describe/describe.h"
#include "io/model/foreign.h"
#include "io/model/model.h"
#include "io/model/wrappers.h"
#include "src/graph/kind.h"
#include "src/graph/printed/architecture.h"
#include "src/graph/score.h"
#include "src/graph/text/graph_text.h"

static const char *const head_name[] = {
    [MG_NO_HEAD] = "none", [MG_SOFTMAX_HEAD] = "softmax", [MG_LOGISTIC_HEAD] = "sigmoid"};

static json_t *describe_inputs(const mg_node *node)
{
    json_t *list = json_array();
    for (size_t k = 0; k < node->n_inputs; k++)
        json_array_append_new(list, json_integer((json_int_t)node->input[k]));
    return list;
}

static json_t *describe_layer(const mg_graph *network, size_t i, bool chain)
{
    const mg_node *node = &network->node[i];
    mg_extent in = node->n_inputs > 0 ? network->extent[node->input[0]] : (mg_extent){0};
    mg_extent out = network->extent[mg_node_value(i)];
    const int64_t in_shape[] = {in.length, in.channels}, out_shape[] = {out.length, out.channels};
    bool spans = node->slide.kernel > 0;
    json_t *about = json_pack("{s:o, s:s, s:o, s:o}", "name", mg_json_text(node->name), "kind", node->kind->title, "in",
                              mg_describe_shape(2, in_shape), "out", mg_describe_shape(2, out_shape));
    if (!chain) json_object_set_new(about, "value", json_integer((json_int_t)mg_node_value(i)));
    if (!chain) json_object_set_new(about, "inputs", describe_inputs(node));
    json_object_set_new(about, "kernel", json_integer(spans ? node->slide.kernel : 1));
    json_object_set_new(about, "stride", json_integer(spans ? node->slide.stride : 1));
    json_object_set_new(about, "dilation", json_integer(spans ? node->slide.dilation : 1));
    json_object_set_new(about, "padding", json_integer(node->slide.pad));
    json_object_set_new(about, "weights", json_integer(mg_node_n_weights(node)));
    json_object_set_new(about, "macs", json_integer(mg_graph_node_macs(network, i)));
    return about;
}

/* Does every node follow the one before? Then nobody needs to be told which values it takes. */
static bool is_chain(const mg_graph *network)
{
    for (size_t i = 0; i < network->n_nodes; i++)
        if (network->node[i].n_inputs != 1 || network->node[i].input[0] != i) return false;
    return true;
}

/* All nodes but the head, which is told by its name. */
static json_t *describe_layers(const mg_graph *network, size_t logits)
{
    json_t *list = json_array();
    for (size_t i = 0; i < network->n_nodes; i++)
        if (mg_node_value(i) != network->output[0].value || mg_node_value(i) == logits)
            json_array_append_new(list, describe_layer(network, i, is_chain(network)));
    return list;
}

static json_t *describe_classes(const mg_output *output)
{
    json_t *list = json_array();
    for (size_t i = 0; i < output->n_classes; i++)
        json_array_append_new(list, mg_json_text(output->class_name[i]));
    return list;
}

static json_t *describe_tensors(const mg_tensors *tensors)
{
    json_t *list = json_array();
    char wrapper[MG_WRAPPER_TEXT]; /* which the architecture does not name */
    mg_wrappers_common(tensors, wrapper);
    for (size_t i = 0; i < tensors->n; i++) {
        const mg_tensor *tensor = &tensors->tensor[i];
        json_array_append_new(list, json_pack("{s:o, s:o}", "name", mg_json_text(tensor->name + strlen(wrapper)),
                                              "shape", mg_describe_shape(tensor->n_dims, tensor->dim)));
    }
    return list;
}

/* One string a line of the text. */
static json_t *lines_of(const char *text)
{
    json_t *list = json_array();
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        json_array_append_new(list, mg_json_text_n(text, n));
        text += n + (text[n] == '\n' ? 1 : 0);
    }
    return list;
}

/* Of a graph text: what stands behind "note" in its lines. */
static json_t *notes_of(const char *text)
{
    json_t *list = json_array();
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        if (n > 5 && strncmp(text, "note ", 5) == 0) json_array_append_new(list, mg_json_text_n(text + 5, n - 5));
        text += n + (text[n] == '\n' ? 1 : 0);
    }
    return list;
}

static mg_status add_network(const mg_model *model, json_t *about, mg_error *err)
{
    mg_architecture text = {0};
    const mg_graph *network = model->network;
    const mg_output *output = &network->output[0];
    size_t logits;
    mg_head_kind head = mg_graph_head(network, output, &logits);
    char bases[MG_BASE_ORDER_TEXT];
    bool printed = !mg_graph_text_is(model->architecture);
    mg_status status = printed ? mg_architecture_parse(model->architecture, model->path, &text, err) : MG_OK;
    if (status != MG_OK) return status;
    json_object_set_new(about, "window", json_integer(network->length));
    json_object_set_new(about, "anchor", json_integer(network->anchor));
    json_object_set_new(about, "bases", json_string(mg_base_order_tell(model->bases, bases)));
    json_object_set_new(about, "classes", describe_classes(output));
    json_object_set_new(about, "target", mg_json_text(output->class_name[output->target]));
    json_object_set_new(about, "head", json_string(head_name[head]));
    json_object_set_new(about, "weights", json_integer(mg_graph_n_weights(network)));
    json_object_set_new(about, "macs", json_integer(mg_graph_n_macs(network)));
    json_object_set_new(about, "notes", printed ? lines_of(text.notes) : notes_of(model->architecture));
    json_object_set_new(about, "layers", describe_layers(network, logits));
    mg_architecture_destroy(&text);
    return MG_OK;
}

/* Weights without layers are told too: their names and shapes are what an architecture text has to fit. */
mg_status mg_describe_model(const char *path, const mg_model_words *words, json_t *about, mg_error *err)
{
    mg_model model = {0};
    mg_error why = {0};
    mg_status status = mg_model_open(path, &model, err);
    if (status != MG_OK) return status;
    status = mg_model_build(&model, words, &why);
    bool tells = model.foreign != NULL && mg_foreign_has_layers(model.foreign);
    bool weights_only =
        status == MG_EINPUT && !tells && (words == NULL || words->arch == NULL) && model.architecture == NULL;
    json_object_set_new(about, "file", mg_json_text(model.path));
    json_object_set_new(about, "kind", json_string(weights_only ? "weights of a network" : "network"));
    json_object_set_new(about, "format", json_string(mg_model_format_name(model.format)));
    json_object_set_new(about, "sha256", json_string(model.sha256));
    if (weights_only) {
        json_object_set_new(about, "remark", mg_json_text(why.text));
        json_object_set_new(about, "tensors", describe_tensors(&model.tensors));
        status = MG_OK;
    } else if (status == MG_OK) {
        status = add_network(&model, about, err);
    } else if (model.foreign != NULL && (status == MG_EINPUT || status == MG_EUSAGE)) {
        /* What it lacks, or what is not supported, is what there is to tell. */
        json_object_set_new(about, "remark", mg_json_text(why.text));
        status = MG_OK;
    } else {
        status = mg_fail(err, why.status, "%s", why.text);
    }
    mg_model_destroy(&model);
    return status;
}
