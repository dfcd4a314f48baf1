/* both_strands.c  the nodes of a network twice, and the means of its outputs */
#include "src/graph/both_strands.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"
#include "src/graph/score.h"

typedef struct {
    const mg_graph *network;
    mg_graph *graph;
    size_t *forward, *reverse; /* where the values of the network are, on each strand */
} twin;

static mg_node node_of(const char *kind, const char *name)
{
    mg_node draft = {.kind = mg_kind_find(kind)};
    snprintf(draft.name, sizeof draft.name, "%s", name);
    return draft;
}

/* (T, C) with its positions turned round, and its channels too where they are bases: base b is 3 - b. */
static mg_status add_turned(mg_graph *graph, size_t from, bool bases, const char *name, size_t *ret, mg_error *err)
{
    mg_node draft = node_of("gather", name);
    draft.asked = graph->extent[from];
    int64_t length = draft.asked.length, channels = draft.asked.channels;
    mg_status status = mg_alloc(&draft.index, (size_t)(length * channels), sizeof *draft.index, err);
    if (status != MG_OK) return status;
    for (int64_t t = 0; t < length; t++)
        for (int64_t c = 0; c < channels; c++)
            draft.index[t * channels + c] = (length - 1 - t) * channels + (bases ? channels - 1 - c : c);
    return mg_graph_add(graph, &draft, 1, &from, ret, err);
}

static mg_status add_mean(mg_graph *graph, size_t one, size_t other, size_t *ret, mg_error *err)
{
    size_t pair[] = {one, other}, sum;
    mg_node draft = node_of("add", "both_strands");
    mg_status status = mg_graph_add(graph, &draft, 2, pair, &sum, err);
    if (status != MG_OK) return status;
    draft = node_of("affine", "mean_of_strands");
    draft.n_weight = draft.n_bias = graph->extent[sum].channels;
    status = mg_alloc(&draft.weight, (size_t)draft.n_weight, sizeof *draft.weight, err);
    if (status == MG_OK) status = mg_alloc(&draft.bias, (size_t)draft.n_bias, sizeof *draft.bias, err);
    for (int64_t c = 0; c < draft.n_weight && status == MG_OK; c++)
        draft.weight[c] = 0.5;
    if (status == MG_OK) return mg_graph_add(graph, &draft, 1, &sum, ret, err);
    mg_node_clear(&draft);
    return status;
}

/* The head of an output, on the mean of what it was put on. */
static mg_status add_head(const twin *t, const mg_output *output, size_t logits, size_t *ret, mg_error *err)
{
    mg_node head;
    mg_status status = mg_node_copy(mg_value_node(t->network, output->value), &head, err);
    if (status == MG_OK) return mg_graph_add(t->graph, &head, 1, &logits, ret, err);
    mg_node_clear(&head);
    return status;
}

static mg_status add_output(twin *t, size_t i, mg_error *err)
{
    const mg_output *output = &t->network->output[i];
    size_t logits, value;
    mg_head_kind head = mg_graph_head(t->network, output, &logits);
    size_t one = t->forward[logits], other = t->reverse[logits];
    mg_status status = MG_OK;
    if (t->graph->extent[other].length > 1) status = add_turned(t->graph, other, false, "turned", &other, err);
    if (status == MG_OK) status = add_mean(t->graph, one, other, &value, err);
    if (status == MG_OK && head != MG_NO_HEAD) status = add_head(t, output, value, &value, err);
    if (status == MG_OK)
        status = mg_graph_output(t->graph, output->name, value, output->n_classes,
                                 (const char(*)[MG_CLASS_NAME])output->class_name, err);
    if (status == MG_OK) t->graph->output[i].target = output->target;
    return status;
}

/* Is node i the head of an output, and so nothing that is needed twice? */
static bool is_head(const mg_graph *network, size_t i)
{
    size_t logits;
    for (size_t k = 0; k < network->n_outputs; k++) {
        const mg_output *output = &network->output[k];
        if (output->value == mg_node_value(i) && mg_graph_head(network, output, &logits) != MG_NO_HEAD) return true;
    }
    return false;
}

static bool is_read(const mg_graph *network, size_t value)
{
    for (size_t i = 0; i < network->n_nodes; i++)
        for (size_t k = 0; k < network->node[i].n_inputs; k++)
            if (network->node[i].input[k] == value) return true;
    return false;
}

static mg_status add_strand(twin *t, size_t *value, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < t->network->n_nodes && status == MG_OK; i++)
        if (!is_head(t->network, i) || is_read(t->network, mg_node_value(i)))
            status = mg_graph_add_copy(t->network, i, value, t->graph, err);
    return status;
}

mg_status mg_graph_both_strands(const mg_graph *network, mg_graph **ret, mg_error *err)
{
    twin t = {.network = network};
    mg_status status = mg_graph_create(network->length, &t.graph, err);
    if (status == MG_OK) status = mg_alloc(&t.forward, network->n_nodes + 1, sizeof *t.forward, err);
    if (status == MG_OK) status = mg_alloc(&t.reverse, network->n_nodes + 1, sizeof *t.reverse, err);
    if (status == MG_OK) t.graph->anchor = network->anchor;
    if (status == MG_OK) status = add_turned(t.graph, 0, true, "reverse_complement", &t.reverse[0], err);
    if (status == MG_OK) status = add_strand(&t, t.forward, err);
    if (status == MG_OK) status = add_strand(&t, t.reverse, err);
    for (size_t i = 0; i < network->n_outputs && status == MG_OK; i++)
        status = add_output(&t, i, err);
    free(t.forward);
    free(t.reverse);
    if (status != MG_OK)
        mg_graph_destroy(t.graph);
    else
        *ret = t.graph;
    return status;
}
