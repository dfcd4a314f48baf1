/* rewrite.c  folding lines into the linear nodes before them (rewrite.h) */
#include "src/graph/rewrite.h"

#include <stdlib.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

/* How many nodes and outputs read a value. */
static size_t readers(const mg_graph *graph, size_t value)
{
    size_t n = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t k = 0; k < graph->node[i].n_inputs; k++)
            n += graph->node[i].input[k] == value;
    for (size_t i = 0; i < graph->n_outputs; i++)
        n += graph->output[i].value == value;
    return n;
}

/* May node i be folded into the one before it? A norm that is trained stays as it is. */
static bool folds(const mg_graph *graph, size_t i)
{
    const mg_node *node = &graph->node[i];
    if (node->kind->line == NULL || (node->norm != NULL && node->norm->momentum > 0.0) || node->n_inputs != 1 ||
        node->input[0] == 0)
        return false;
    return mg_value_node(graph, node->input[0])->kind->scale != NULL && readers(graph, node->input[0]) == 1;
}

/* Multiply what the node makes, channel by channel, and add. */
static mg_status scale(mg_node *node, const mg_node *line, int64_t channels, mg_error *err)
{
    double *factor = NULL, *shift = NULL;
    mg_status status = mg_alloc(&factor, (size_t)channels, sizeof *factor, err);
    if (status == MG_OK) status = mg_alloc(&shift, (size_t)channels, sizeof *shift, err);
    for (int64_t c = 0; c < channels && status == MG_OK; c++)
        line->kind->line(line, c, &factor[c], &shift[c]);
    if (status == MG_OK) node->kind->scale(node, channels, factor, shift);
    free(factor);
    free(shift);
    return status;
}

/* Add node i to `to`, with its weights taken; value[] says where the values of the old graph are in the new one. */
static mg_status add_folded(mg_graph *graph, size_t i, size_t *value, mg_graph *to, mg_error *err)
{
    const mg_node *node = &graph->node[i];
    if (!folds(graph, i)) return mg_graph_add_taken(graph, i, value, to, err);
    size_t before = value[node->input[0]];
    value[mg_node_value(i)] = before;
    return scale(&to->node[before - 1], node, to->extent[before].channels, err);
}

static mg_status fold(mg_graph *graph, mg_graph **ret, mg_error *err)
{
    size_t *value = NULL;
    mg_graph *to = NULL;
    mg_status status = mg_alloc(&value, graph->n_nodes + 1, sizeof *value, err);
    if (status == MG_OK) status = mg_graph_create(graph->length, &to, err);
    if (status == MG_OK) to->anchor = graph->anchor;
    for (size_t i = 0; i < graph->n_nodes && status == MG_OK; i++)
        status = add_folded(graph, i, value, to, err);
    for (size_t i = 0; i < graph->n_outputs && status == MG_OK; i++) {
        const mg_output *output = &graph->output[i];
        status = mg_graph_output(to, output->name, value[output->value], output->n_classes,
                                 (const char(*)[MG_CLASS_NAME])output->class_name, err);
        if (status == MG_OK) to->output[i].target = output->target;
    }
    free(value);
    if (status != MG_OK)
        mg_graph_destroy(to);
    else
        *ret = to;
    return status;
}

mg_status mg_graph_fold(mg_graph *graph, mg_graph **ret, mg_error *err)
{
    mg_status status = fold(graph, ret, err);
    mg_graph_destroy(graph);
    return status;
}
