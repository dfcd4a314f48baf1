/* fold.c  node by node into a new graph, in which a folded normalisation is its layer's own value */
#include "src/graph/fold.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

static bool is_map(const mg_node *node)
{
    return strcmp(node->kind->name, "conv") == 0 || strcmp(node->kind->name, "dense") == 0;
}

/* How often each value is used, outputs included; for the caller to free(). */
static mg_status count_uses(const mg_graph *graph, size_t **ret, mg_error *err)
{
    mg_status status = mg_alloc(ret, graph->n_nodes + 1, sizeof **ret, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t k = 0; k < graph->node[i].n_inputs; k++)
            (*ret)[graph->node[i].input[k]]++;
    for (size_t o = 0; o < graph->n_outputs; o++)
        (*ret)[graph->output[o].value]++;
    return MG_OK;
}

static bool folds(const mg_graph *graph, const size_t *uses, const mg_node *node)
{
    if (node->norm == NULL || node->n_inputs != 1 || node->input[0] == 0 || uses[node->input[0]] != 1) return false;
    return is_map(mg_value_node(graph, node->input[0]));
}

/* Row o of the layer times weight(o), plus bias(o). */
static void multiply(mg_node *map, const mg_node *norm)
{
    int64_t columns = map->n_weight / map->n_bias;
    for (int64_t o = 0; o < map->n_bias; o++) {
        for (int64_t i = 0; i < columns; i++)
            map->weight[o * columns + i] *= norm->weight[o];
        map->bias[o] = norm->weight[o] * map->bias[o] + norm->bias[o];
    }
}

/* Copies of the nodes of `graph` in `to`; value: OUT, the new value of each old one. */
static mg_status rebuild(const mg_graph *graph, const size_t *uses, size_t *value, mg_graph *to, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t i = 0; i < graph->n_nodes && status == MG_OK; i++) {
        const mg_node *node = &graph->node[i];
        if (folds(graph, uses, node)) {
            size_t made = value[node->input[0]];
            multiply(&to->node[made - 1], node);
            value[i + 1] = made;
            continue;
        }
        size_t inputs[64], *many = inputs, n = node->n_inputs;
        if (n > 64) status = mg_alloc(&many, n, sizeof *many, err);
        for (size_t k = 0; k < n && status == MG_OK; k++)
            many[k] = value[node->input[k]];
        mg_node draft = {0};
        if (status == MG_OK) status = mg_node_copy(node, &draft, err);
        if (status == MG_OK) status = mg_graph_add(to, &draft, n, many, &value[i + 1], err);
        if (many != inputs) free(many);
    }
    return status;
}

mg_status mg_graph_fold_norms(mg_graph **inout, mg_error *err)
{
    mg_graph *graph = *inout, *to = NULL;
    size_t *uses = NULL, *value = NULL;
    mg_status status = count_uses(graph, &uses, err);
    if (status == MG_OK) status = mg_alloc(&value, graph->n_nodes + 1, sizeof *value, err);
    if (status == MG_OK) status = mg_graph_create(graph->length, &to, err);
    if (status == MG_OK) status = rebuild(graph, uses, value, to, err);
    if (status == MG_OK) to->anchor = graph->anchor;
    for (size_t o = 0; o < graph->n_outputs && status == MG_OK; o++) {
        const mg_output *output = &graph->output[o];
        status = mg_graph_output(to, output->name, value[output->value], output->n_classes,
                                 (const char(*)[MG_CLASS_NAME])output->class_name, err);
    }
    free(uses);
    free(value);
    if (status == MG_OK) {
        mg_graph_destroy(graph);
        *inout = to;
    } else {
        mg_graph_destroy(to);
    }
    return status;
}
