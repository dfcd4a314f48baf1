/* graph.c  building, copying and pruning graphs; nothing here knows a kind */
#include "src/graph/graph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

#define MAX_NUMBERS ((int64_t)1 << 31) /* in one value, and in all values of a graph together */
enum { MAX_NODES = 100000 };

/* --- nodes --- */

void mg_norm_line(const mg_norm *norm, int64_t c, double *scale, double *shift)
{
    *scale = mg_norm_row(norm, MG_NORM_WEIGHT)[c] / sqrt(mg_norm_row(norm, MG_NORM_VARIANCE)[c] + norm->eps);
    *shift = mg_norm_row(norm, MG_NORM_BIAS)[c] - mg_norm_row(norm, MG_NORM_MEAN)[c] * *scale;
}

void mg_norm_destroy(mg_norm *norm)
{
    if (norm == NULL) return;
    free(norm->value);
    free(norm);
}

void mg_node_clear(mg_node *node)
{
    free(node->input);
    free(node->index);
    free(node->from);
    if (!node->lent) free(node->weight);
    free(node->bias);
    free(node->divisor);
    mg_norm_destroy(node->norm);
    *node = (mg_node){0};
}

static mg_status copy_bytes(const void *from, size_t n, size_t size, void *ret, mg_error *err)
{
    void **to = ret;
    *to = NULL;
    if (from == NULL) return MG_OK;
    mg_status status = mg_alloc(to, n, size, err);
    if (status == MG_OK) memcpy(*to, from, n * size);
    return status;
}

static mg_status copy_norm(const mg_norm *from, mg_norm **ret, mg_error *err)
{
    mg_status status = copy_bytes(from, 1, sizeof *from, ret, err);
    if (status != MG_OK || from == NULL) return status;
    (*ret)->value = NULL;
    return copy_bytes(from->value, (size_t)(MG_NORM_ROWS * from->channels), sizeof *from->value, &(*ret)->value, err);
}

static mg_status copy_node(const mg_node *from, bool lend, mg_node *to, mg_error *err)
{
    *to = *from;
    to->input = NULL;
    to->n_inputs = 0;
    to->index = to->from = NULL;
    to->weight = to->bias = to->divisor = NULL;
    to->norm = NULL;
    to->lent = lend && (from->kind->traits & MG_TRAIT_MAP) != 0;
    size_t n_index = from->index != NULL ? (size_t)(from->asked.length * from->asked.channels) : 0;
    mg_status status = copy_bytes(from->index, n_index, sizeof *from->index, &to->index, err);
    if (to->lent)
        to->weight = from->weight;
    else if (status == MG_OK)
        status = copy_bytes(from->weight, (size_t)from->n_weight, sizeof(double), &to->weight, err);
    if (status == MG_OK) status = copy_bytes(from->bias, (size_t)from->n_bias, sizeof(double), &to->bias, err);
    if (status == MG_OK) status = copy_norm(from->norm, &to->norm, err);
    if (status != MG_OK) mg_node_clear(to);
    return status;
}

mg_status mg_node_copy(const mg_node *from, mg_node *to, mg_error *err)
{
    return copy_node(from, false, to, err);
}

int64_t mg_node_n_weights(const mg_node *node)
{
    return node->n_weight + node->n_bias;
}

int64_t mg_slide_length(const mg_slide *slide, int64_t length, bool ceil)
{
    int64_t rest = length + slide->pad + slide->pad_end - (slide->kernel - 1) * slide->dilation - 1;
    if (ceil) rest += slide->stride - 1;
    if (rest < 0) return 0;
    int64_t n = rest / slide->stride + 1;
    bool beyond = ceil && (n - 1) * slide->stride >= length + slide->pad;
    return n - beyond; /* a window that would begin in the padding at the end is left out, as PyTorch does */
}

/* --- graphs --- */

mg_status mg_graph_create(int64_t length, mg_graph **ret, mg_error *err)
{
    mg_graph *graph = NULL;
    if (length < 1 || length > MAX_NUMBERS / 4)
        return mg_fail(err, MG_EINPUT, "a window of %lld bases: it should have 1 or more", (long long)length);
    mg_status status = mg_alloc(&graph, 1, sizeof *graph, err);
    if (status != MG_OK) return status;
    graph->length = length;
    status = mg_grow(&graph->extent, &graph->extent_room, 1, sizeof *graph->extent, err);
    if (status != MG_OK) {
        mg_graph_destroy(graph);
        return status;
    }
    graph->extent[0] = (mg_extent){.length = length, .channels = 4};
    *ret = graph;
    return MG_OK;
}

void mg_graph_destroy(mg_graph *graph)
{
    if (graph == NULL) return;
    for (size_t i = 0; i < graph->n_nodes; i++)
        mg_node_clear(&graph->node[i]);
    for (size_t i = 0; i < graph->n_outputs; i++)
        free(graph->output[i].class_name);
    free(graph->node);
    free(graph->extent);
    free(graph->output);
    free(graph);
}

static mg_status check_inputs(const mg_graph *graph, const mg_kind *kind, size_t n_inputs, const size_t *inputs,
                              mg_error *err)
{
    size_t most = kind->max_inputs == MG_ANY_INPUTS ? SIZE_MAX : (size_t)kind->max_inputs;
    if (n_inputs < (size_t)kind->min_inputs || n_inputs > most)
        return mg_fail(err, MG_EINPUT, "it has %zu inputs; %s takes %d%s", n_inputs, kind->name, kind->min_inputs,
                       most > (size_t)kind->min_inputs ? " or more" : "");
    for (size_t k = 0; k < n_inputs; k++)
        if (inputs[k] > graph->n_nodes) return mg_fail(err, MG_EINPUT, "its input %zu does not exist (yet)", k + 1);
    return MG_OK;
}

static mg_status find_shape(const mg_graph *graph, mg_node *node, mg_extent *ret, mg_error *err)
{
    mg_extent *in = NULL;
    mg_status status = mg_alloc(&in, node->n_inputs, sizeof *in, err);
    for (size_t k = 0; status == MG_OK && k < node->n_inputs; k++)
        in[k] = graph->extent[node->input[k]];
    if (status == MG_OK) status = node->kind->shape(node, in, ret, err);
    free(in);
    if (status != MG_OK) return status;
    if (ret->length < 1 || ret->channels < 1)
        return mg_fail(err, MG_EINPUT, "nothing is left of its input: %lld positions, %lld channels",
                       (long long)ret->length, (long long)ret->channels);
    if (ret->channels > MAX_NUMBERS / ret->length)
        return mg_fail(err, MG_EINPUT, "%lld positions of %lld channels are too many numbers", (long long)ret->length,
                       (long long)ret->channels);
    return MG_OK;
}

static mg_status check_finite(const mg_node *node, mg_error *err)
{
    for (int64_t i = 0; i < node->n_weight; i++)
        if (!isfinite(node->weight[i])) return mg_fail(err, MG_EINPUT, "its weights hold a number that is not finite");
    for (int64_t i = 0; i < node->n_bias; i++)
        if (!isfinite(node->bias[i])) return mg_fail(err, MG_EINPUT, "its biases hold a number that is not finite");
    return MG_OK;
}

static mg_status make_room(mg_graph *graph, mg_error *err)
{
    if (graph->n_nodes >= MAX_NODES) return mg_fail(err, MG_EINPUT, "a graph holds at most %d nodes", MAX_NODES);
    mg_status status = mg_grow(&graph->extent, &graph->extent_room, graph->n_nodes + 2, sizeof *graph->extent, err);
    if (status == MG_OK)
        status = mg_grow(&graph->node, &graph->node_room, graph->n_nodes + 1, sizeof *graph->node, err);
    return status;
}

mg_status mg_graph_add(mg_graph *graph, mg_node *draft, size_t n_inputs, const size_t *inputs, size_t *ret_value,
                       mg_error *err)
{
    mg_node node = *draft;
    mg_extent extent = {0};
    *draft = (mg_node){0};
    free(node.input);
    node.input = NULL;
    node.n_inputs = n_inputs;
    if (node.groups == 0 && (node.kind->traits & MG_TRAIT_WEIGHTS) != 0) node.groups = 1;
    mg_status status = check_inputs(graph, node.kind, n_inputs, inputs, err);
    if (status == MG_OK) status = copy_bytes(inputs, n_inputs, sizeof *inputs, &node.input, err);
    if (status == MG_OK) status = check_finite(&node, err);
    if (status == MG_OK) status = find_shape(graph, &node, &extent, err);
    if (status == MG_EINPUT) mg_fail_prefix(err, "node '%s' (%s): ", node.name, node.kind->name);
    if (status == MG_OK) status = make_room(graph, err);
    if (status != MG_OK) {
        mg_node_clear(&node);
        return status;
    }
    graph->node[graph->n_nodes] = node;
    *ret_value = mg_node_value(graph->n_nodes++);
    graph->extent[*ret_value] = extent;
    return MG_OK;
}

static bool is_gate(const mg_graph *graph, size_t value)
{
    return value > 0 && (mg_value_node(graph, value)->kind->traits & MG_TRAIT_GATE) != 0;
}

int mg_graph_signal(const mg_graph *graph, size_t a, size_t b)
{
    bool gate_a = is_gate(graph, a), gate_b = is_gate(graph, b);
    if (gate_a != gate_b) return gate_a ? 1 : 0;
    int64_t n_a = graph->extent[a].length * graph->extent[a].channels;
    int64_t n_b = graph->extent[b].length * graph->extent[b].channels;
    return n_a == n_b ? -1 : n_a > n_b ? 0 : 1;
}

mg_status mg_graph_output(mg_graph *graph, const char *name, size_t value, size_t n_classes,
                          const char (*class_name)[MG_CLASS_NAME], mg_error *err)
{
    if (value > graph->n_nodes) return mg_fail(err, MG_EINPUT, "output '%s' is no value of the network", name);
    if (n_classes != 0 && (int64_t)n_classes != graph->extent[value].channels)
        return mg_fail(err, MG_EINPUT, "output '%s' has %lld channels, and %zu names of classes", name,
                       (long long)graph->extent[value].channels, n_classes);
    mg_output output = {.value = value, .n_classes = n_classes, .target = (size_t)graph->extent[value].channels - 1};
    snprintf(output.name, sizeof output.name, "%s", name);
    size_t room = graph->n_outputs;
    mg_status status =
        copy_bytes(n_classes > 0 ? class_name : NULL, n_classes, sizeof *class_name, &output.class_name, err);
    if (status == MG_OK) status = mg_grow(&graph->output, &room, graph->n_outputs + 1, sizeof *graph->output, err);
    if (status != MG_OK) {
        free(output.class_name);
        return status;
    }
    graph->output[graph->n_outputs++] = output;
    return MG_OK;
}

/* Add `copy` of node i, which is taken over. */
static mg_status add_made(const mg_graph *from, size_t i, mg_node *copy, size_t *value, mg_graph *to, mg_error *err)
{
    const mg_node *node = &from->node[i];
    size_t *inputs = NULL;
    mg_status status = mg_alloc(&inputs, node->n_inputs, sizeof *inputs, err);
    for (size_t k = 0; status == MG_OK && k < node->n_inputs; k++)
        inputs[k] = value[node->input[k]];
    if (status == MG_OK)
        status = mg_graph_add(to, copy, node->n_inputs, inputs, &value[mg_node_value(i)], err);
    else
        mg_node_clear(copy);
    free(inputs);
    return status;
}

static mg_status add_copy(const mg_graph *from, size_t i, bool lend, size_t *value, mg_graph *to, mg_error *err)
{
    mg_node copy;
    mg_status status = copy_node(&from->node[i], lend, &copy, err);
    return status == MG_OK ? add_made(from, i, &copy, value, to, err) : status;
}

mg_status mg_graph_add_taken(mg_graph *from, size_t i, size_t *value, mg_graph *to, mg_error *err)
{
    mg_node copy, *node = &from->node[i];
    bool owned = !node->lent;
    mg_status status = copy_node(node, true, &copy, err);
    if (status != MG_OK) return status;
    if (copy.lent && owned) {
        copy.lent = false;
        node->weight = NULL;
    }
    return add_made(from, i, &copy, value, to, err);
}

mg_status mg_graph_add_copy(const mg_graph *from, size_t i, size_t *value, mg_graph *to, mg_error *err)
{
    return add_copy(from, i, false, value, to, err);
}

/* Copy those nodes whose values are `wanted`; value[] says where they went. */
static mg_status copy_wanted(const mg_graph *graph, const bool *wanted, bool lend, size_t *value, mg_graph **ret,
                             mg_error *err)
{
    mg_status status = mg_graph_create(graph->length, ret, err);
    if (status != MG_OK) return status;
    (*ret)->anchor = graph->anchor;
    for (size_t i = 0; i < graph->n_nodes && status == MG_OK; i++)
        if (wanted == NULL || wanted[mg_node_value(i)]) status = add_copy(graph, i, lend, value, *ret, err);
    if (status != MG_OK) {
        mg_graph_destroy(*ret);
        *ret = NULL;
    }
    return status;
}

mg_status mg_graph_copy(const mg_graph *graph, mg_graph **ret, mg_error *err)
{
    size_t *value = NULL;
    mg_graph *copy = NULL;
    mg_status status = mg_alloc(&value, graph->n_nodes + 1, sizeof *value, err);
    if (status == MG_OK) status = copy_wanted(graph, NULL, false, value, &copy, err);
    for (size_t i = 0; i < graph->n_outputs && status == MG_OK; i++) {
        const mg_output *output = &graph->output[i];
        status = mg_graph_output(copy, output->name, value[output->value], output->n_classes,
                                 (const char(*)[MG_CLASS_NAME])output->class_name, err);
        if (status == MG_OK) copy->output[i].target = output->target;
    }
    free(value);
    if (status != MG_OK)
        mg_graph_destroy(copy);
    else
        *ret = copy;
    return status;
}

static mg_status prune(const mg_graph *graph, size_t value, bool lend, mg_graph **ret, mg_error *err)
{
    bool *wanted = NULL;
    size_t *to = NULL;
    mg_status status = mg_alloc(&wanted, graph->n_nodes + 1, sizeof *wanted, err);
    if (status == MG_OK) status = mg_alloc(&to, graph->n_nodes + 1, sizeof *to, err);
    if (status == MG_OK) {
        wanted[value] = true;
        for (size_t i = graph->n_nodes; i-- > 0;)
            for (size_t k = 0; wanted[mg_node_value(i)] && k < graph->node[i].n_inputs; k++)
                wanted[graph->node[i].input[k]] = true;
        status = copy_wanted(graph, wanted, lend, to, ret, err);
    }
    free(wanted);
    free(to);
    return status;
}

mg_status mg_graph_prune(const mg_graph *graph, size_t value, mg_graph **ret, mg_error *err)
{
    return prune(graph, value, false, ret, err);
}

mg_status mg_graph_borrow(const mg_graph *graph, size_t value, mg_graph **ret, mg_error *err)
{
    return prune(graph, value, true, ret, err);
}

void mg_graph_drop_maps(mg_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        mg_node *node = &graph->node[i];
        if ((node->kind->traits & MG_TRAIT_MAP) == 0) continue;
        if (!node->lent) free(node->weight);
        node->weight = NULL;
        node->lent = false;
    }
}

mg_status mg_graph_find_output(const mg_graph *graph, const char *name, size_t *ret, mg_error *err)
{
    char *end, known[512] = "";
    unsigned long number = strtoul(name, &end, 10);
    for (size_t i = 0; i < graph->n_outputs; i++)
        if (strcmp(graph->output[i].name, name) == 0) {
            *ret = i;
            return MG_OK;
        }
    if (end != name && *end == '\0' && number < graph->n_outputs) {
        *ret = (size_t)number;
        return MG_OK;
    }
    for (size_t i = 0, at = 0; i < graph->n_outputs && at < sizeof known; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i > 0 ? ", " : "", graph->output[i].name);
    return mg_fail(err, MG_EUSAGE, "the network has no output '%s'; its outputs are %s, or give a number from 0 to %zu",
                   name, known, graph->n_outputs - 1);
}

int64_t mg_graph_n_weights(const mg_graph *graph)
{
    int64_t n = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        n += mg_node_n_weights(&graph->node[i]);
    return n;
}

int64_t mg_graph_node_macs(const mg_graph *graph, size_t i)
{
    const mg_node *node = &graph->node[i];
    if (node->kind->n_macs == NULL) return 0;
    return node->kind->n_macs(node, &graph->extent[node->input[0]], graph->extent[mg_node_value(i)]);
}

int64_t mg_graph_n_macs(const mg_graph *graph)
{
    int64_t n = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        n += mg_graph_node_macs(graph, i);
    return n;
}
