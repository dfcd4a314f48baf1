/* build.c  architecture text + tensors -> network: the walk over the modules, and the checks before and after */
#include "src/graph/printed/builder.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/decimal.h"
#include "src/core/memory.h"
#include "src/graph/kind.h"

enum { MAX_OUTPUTS = 1024 };

/* --- what the kinds of modules share --- */

mg_status mg_builder_node(mg_builder *builder, const mg_module *module, mg_node *draft, mg_error *err)
{
    mg_graph *graph = builder->network;
    size_t before = graph->n_nodes, value = 0;
    memcpy(draft->name, module->name, sizeof draft->name);
    mg_status status = mg_graph_add(graph, draft, 1, &before, &value, err);
    if (status != MG_OK) return status;
    mg_extent extent = graph->extent[value];
    builder->n_activations += extent.length * extent.channels;
    if (builder->n_activations > MG_MAX_NUMBERS)
        return mg_fail(err, MG_EINPUT, "%s %s: the outputs of the layers up to here are more than 2^31 numbers",
                       module->name, module->text);
    if (extent.length != builder->length) {
        size_t n = strlen(builder->way);
        snprintf(builder->way + n, sizeof builder->way - n, " -> %lld", (long long)extent.length);
    }
    builder->length = extent.length;
    builder->channels = extent.channels;
    return MG_OK;
}

mg_status mg_builder_too_short(const mg_builder *builder, const mg_module *module, int64_t needs, mg_error *err)
{
    return mg_fail(
        err, MG_EINPUT,
        "%s %s needs %lld positions and gets %lld: a window of %lld bases is too short for this network (%s)",
        module->name, module->text, (long long)needs, (long long)builder->length,
        (long long)builder->architecture->length, builder->way);
}

/* --- the walk --- */

static mg_status build_module(mg_builder *builder, const mg_module *module, mg_error *err)
{
    if (module->type->build == NULL) return MG_OK;
    if (builder->last != NULL)
        return mg_fail(err, MG_EINPUT,
                       "%s %s comes after %s %s, which has to be the last layer; in the middle of a network it cannot "
                       "be explained by mutagree",
                       module->name, module->text, builder->last->name, builder->last->text);
    return module->type->build(builder, module, err);
}

/* --- the end: logits, head, classes --- */

/* A linear layer, also with its batch normalisation behind it where that is not folded. */
static bool ends_linear(const mg_graph *network)
{
    size_t n = network->n_nodes;
    if (n > 1 && network->node[n - 1].norm != NULL) n--;
    return n > 0 && (network->node[n - 1].kind->traits & MG_TRAIT_MAP) != 0;
}

static mg_status check_logits(const mg_builder *builder, mg_error *err)
{
    const mg_graph *network = builder->network;
    size_t n = network->n_nodes;
    if (!ends_linear(network) || network->extent[n].length != 1)
        return mg_fail(err, MG_EINPUT,
                       "the network ends with %s, which gives %lld positions x %lld channels; its last layer has to be "
                       "a Linear (or a convolution down to one position) that gives the classes",
                       n > 0 ? network->node[n - 1].name : "nothing", (long long)builder->length,
                       (long long)builder->channels);
    if (builder->channels > MAX_OUTPUTS)
        return mg_fail(err, MG_EINPUT, "%lld outputs; at most %d are known", (long long)builder->channels, MAX_OUTPUTS);
    return MG_OK;
}

static mg_status find_head(const mg_builder *builder, mg_head *ret, mg_error *err)
{
    const mg_architecture *text = builder->architecture;
    mg_head head = builder->channels == 1 ? MG_HEAD_SIGMOID : MG_HEAD_SOFTMAX;
    if (text->head_given) head = text->head;
    if (builder->last != NULL) {
        head = mg_module_is(builder->last, MG_MODULE_LOGISTIC) ? MG_HEAD_SIGMOID : MG_HEAD_SOFTMAX;
        if (text->head_given && text->head != head)
            return mg_fail(err, MG_EINPUT, "the line 'head' contradicts the last layer, %s %s", builder->last->name,
                           builder->last->text);
    }
    if (head == MG_HEAD_SOFTMAX && builder->channels == 1)
        return mg_fail(err, MG_EINPUT, "a softmax over one output is always 1; is the head a sigmoid?");
    *ret = head;
    return MG_OK;
}

static mg_status add_head(mg_builder *builder, mg_error *err)
{
    static const char *const kind[] = {[MG_HEAD_SOFTMAX] = "softmax", [MG_HEAD_SIGMOID] = "sigmoid"};
    mg_head head = MG_HEAD_NONE;
    size_t logits = builder->network->n_nodes, value;
    mg_status status = find_head(builder, &head, err);
    if (status != MG_OK || head == MG_HEAD_NONE) return status;
    mg_node draft = {.kind = mg_kind_find(kind[head]), .axis = MG_AXIS_CHANNELS};
    snprintf(draft.name, sizeof draft.name, "%s", builder->last != NULL ? builder->last->name : kind[head]);
    return mg_graph_add(builder->network, &draft, 1, &logits, &value, err);
}

static mg_status name_classes(const mg_builder *builder, mg_error *err)
{
    const mg_architecture *text = builder->architecture;
    mg_graph *network = builder->network;
    size_t n = (size_t)builder->channels, target = n - 1;
    char(*name)[MG_CLASS_NAME] = NULL;
    if (text->n_classes > 0 && text->n_classes != n)
        return mg_fail(err, MG_EINPUT, "'classes' names %zu classes, but the network has %zu outputs", text->n_classes,
                       n);
    mg_status status = mg_alloc(&name, n, sizeof *name, err);
    if (status != MG_OK) return status;
    bool found = text->target[0] == '\0';
    int64_t number;
    for (size_t i = 0; i < n; i++) {
        snprintf(name[i], MG_CLASS_NAME, "%zu", i);
        if (text->n_classes > 0) memcpy(name[i], text->class_name[i], MG_CLASS_NAME);
        if (found || strcmp(name[i], text->target) != 0) continue;
        found = true;
        target = i;
    }
    if (!found && mg_decimal_whole(text->target, &number) && number >= 0 && (size_t)number < n) {
        found = true; /* names come first, as for other networks */
        target = (size_t)number;
    }
    if (!found) status = mg_fail(err, MG_EINPUT, "the target '%s' is none of the classes", text->target);
    if (status == MG_OK)
        status = mg_graph_output(network, "output", network->n_nodes, n, (const char(*)[MG_CLASS_NAME])name, err);
    if (status == MG_OK) network->output[0].target = target;
    free(name);
    return status;
}

/* Folding batch normalisation can blow a weight up; the kernels work in float. */
static mg_status check_range(const mg_graph *network, mg_error *err)
{
    for (size_t i = 0; i < network->n_nodes; i++) {
        const mg_node *node = &network->node[i];
        bool good = true;
        for (int64_t w = 0; w < node->n_weight; w++)
            good &= fabs(node->weight[w]) <= FLT_MAX;
        for (int64_t o = 0; o < node->n_bias; o++)
            good &= fabs(node->bias[o]) <= FLT_MAX;
        if (!good)
            return mg_fail(err, MG_EINPUT, "%s: with batch normalisation a weight is too large for a float",
                           node->name);
    }
    return MG_OK;
}

/* A tensor that nothing uses means that text and weights belong to different networks. */
static mg_status check_all_taken(const mg_builder *builder, mg_error *err)
{
    static const char counter[] = "num_batches_tracked"; /* of batch normalisation; plays no part in its output */
    for (size_t i = 0; i < builder->tensors->n; i++) {
        const mg_tensor *tensor = &builder->tensors->tensor[i];
        size_t n = strlen(tensor->name);
        if (n >= sizeof counter - 1 && strcmp(tensor->name + n - (sizeof counter - 1), counter) == 0) continue;
        char shape[MG_SHAPE_TEXT];
        if (!builder->taken[i])
            return mg_fail(err, MG_EINPUT, "the tensor %s (%s) belongs to no layer of the architecture", tensor->name,
                           mg_shape_text(tensor->n_dims, tensor->dim, shape));
    }
    return MG_OK;
}

/* --- the walk --- */

static mg_status start(mg_builder *builder, mg_error *err)
{
    mg_status status = mg_graph_create(builder->architecture->length, &builder->network, err);
    if (status == MG_OK && builder->made == NULL)
        status = mg_alloc(&builder->taken, builder->tensors->n, sizeof *builder->taken, err);
    if (status != MG_OK) return status;
    builder->length = builder->architecture->length;
    builder->network->anchor = builder->architecture->anchor;
    builder->channels = 4;
    builder->input = true;
    builder->along = mg_builder_find_axis(builder->architecture);
    snprintf(builder->way, sizeof builder->way, "%lld", (long long)builder->length);
    return MG_OK;
}

static mg_status build(mg_builder *builder, const char *origin, mg_error *err)
{
    mg_status status = start(builder, err);
    if (status != MG_OK) return status;
    const mg_modules *modules = &builder->architecture->modules;
    for (size_t i = 0; i < modules->n; i++) {
        status = build_module(builder, &modules->module[i], err);
        if (status == MG_OK) continue;
        return mg_fail_prefix(err, "%s line %d: ", origin, modules->module[i].line);
    }
    status = check_logits(builder, err);
    if (status == MG_OK && builder->made == NULL) status = check_all_taken(builder, err);
    if (status == MG_OK) status = check_range(builder->network, err);
    if (status == MG_OK) status = add_head(builder, err);
    if (status == MG_OK) status = name_classes(builder, err);
    return status == MG_OK ? MG_OK : mg_fail_prefix(err, "%s: ", origin);
}

static mg_status build_text(const char *text, const char *origin, mg_builder *builder, mg_error *err)
{
    mg_architecture architecture = {0};
    builder->architecture = &architecture;
    mg_status status = mg_architecture_parse(text, origin, &architecture, err);
    if (status == MG_OK) status = build(builder, origin, err);
    free(builder->taken);
    mg_architecture_destroy(&architecture);
    return status;
}

static mg_status build_network(const char *text, const char *origin, const mg_tensors *tensors, bool unfolded,
                               mg_graph **ret, mg_error *err)
{
    mg_error unseen = {0};
    if (err == NULL) err = &unseen; /* sentences are put together in pieces */
    mg_builder builder = {.tensors = tensors, .unfolded = unfolded};
    mg_status status = build_text(text, origin, &builder, err);
    if (status == MG_OK) {
        *ret = builder.network;
    } else {
        mg_graph_destroy(builder.network);
    }
    return status;
}

mg_status mg_network_build(const char *text, const char *origin, const mg_tensors *tensors, mg_graph **ret,
                           mg_error *err)
{
    return build_network(text, origin, tensors, false, ret, err);
}

mg_status mg_network_build_unfolded(const char *text, const char *origin, const mg_tensors *tensors, mg_graph **ret,
                                    mg_error *err)
{
    return build_network(text, origin, tensors, true, ret, err);
}

mg_status mg_network_tensors(const char *text, const char *origin, const mg_graph *network, mg_tensors *ret,
                             mg_error *err)
{
    mg_error unseen = {0};
    if (err == NULL) err = &unseen;
    *ret = (mg_tensors){0};
    mg_builder builder = {.tensors = ret, .made = ret, .source = network, .unfolded = true};
    mg_status status = build_text(text, origin, &builder, err);
    mg_graph_destroy(builder.network);
    if (status != MG_OK) mg_tensors_destroy(ret);
    return status;
}
