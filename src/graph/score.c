/* score.c  F as the last node of a graph (score.h) */
#include "src/graph/score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/graph/kind.h"

mg_head_kind mg_graph_head(const mg_graph *graph, const mg_output *output, size_t *ret_logits)
{
    *ret_logits = output->value;
    if (output->value == 0) return MG_NO_HEAD;
    const mg_node *node = mg_value_node(graph, output->value);
    bool softmax = (node->kind->traits & MG_TRAIT_SOFTMAX) != 0 && node->axis == MG_AXIS_CHANNELS;
    bool logistic = (node->kind->traits & MG_TRAIT_LOGISTIC) != 0;
    if (softmax || logistic) *ret_logits = node->input[0];
    return softmax ? MG_SOFTMAX_HEAD : logistic ? MG_LOGISTIC_HEAD : MG_NO_HEAD;
}

size_t mg_graph_n_layers(const mg_graph *graph)
{
    size_t n = graph->n_nodes, logits;
    for (size_t i = 0; i < graph->n_outputs; i++)
        n -= mg_graph_head(graph, &graph->output[i], &logits) != MG_NO_HEAD;
    return n;
}

/* Which rows of the logits make F: the target's alone, or less the other one's; or all others' together. */
typedef enum { ALONE, DIFFERENCE, AGAINST_REST } rows;

static mg_status choose_rows(const mg_graph *network, const mg_output *output, mg_score score, rows *ret, mg_error *err)
{
    size_t logits;
    mg_head_kind head = mg_graph_head(network, output, &logits);
    mg_extent extent = network->extent[logits];
    if (extent.length != 1)
        return mg_fail(err, MG_EINPUT, "output '%s' has %lld positions; one number is explained, so it should have one",
                       output->name, (long long)extent.length);
    *ret = score == MG_SCORE_LOGIT || head == MG_LOGISTIC_HEAD ? ALONE
           : extent.channels == 2                              ? DIFFERENCE
                                                               : AGAINST_REST;
    if (*ret == ALONE || head == MG_SOFTMAX_HEAD) return MG_OK;
    return mg_fail(err, MG_EINPUT, "the network's head is 'none', so its outputs have no %s; give --score logit",
                   score == MG_SCORE_LOG_ODDS ? "log-odds" : "probability");
}

/* --- folding --- */

/* Can rows of the logits be folded into the node that makes them? */
static bool folds(const mg_graph *network, size_t logits, rows which)
{
    return which != AGAINST_REST && logits > 0 && (mg_value_node(network, logits)->kind->traits & MG_TRAIT_MAP) != 0 &&
           mg_value_node(network, logits)->groups <= 1;
}

/* The node that makes the logits with F's row alone. */
static mg_status fold(const mg_node *node, size_t target, rows which, mg_node *ret, mg_error *err)
{
    int64_t n = node->n_weight / node->n_bias;
    const double *row = node->weight + (int64_t)target * n;
    *ret = (mg_node){.kind = node->kind, .slide = node->slide, .groups = 1, .n_weight = n, .n_bias = 1};
    memcpy(ret->name, node->name, sizeof ret->name);
    mg_status status = mg_alloc(&ret->weight, (size_t)n, sizeof *ret->weight, err);
    if (status == MG_OK) status = mg_alloc(&ret->bias, 1, sizeof *ret->bias, err);
    if (status != MG_OK) {
        mg_node_clear(ret);
        return status;
    }
    memcpy(ret->weight, row, (size_t)n * sizeof *row);
    ret->bias[0] = node->bias[target];
    if (which == ALONE) return MG_OK;
    const double *other = node->weight + (int64_t)(1 - target) * n;
    for (int64_t i = 0; i < n; i++)
        ret->weight[i] = row[i] - other[i];
    ret->bias[0] -= node->bias[1 - target];
    return MG_OK;
}

static mg_status add_folded(const mg_graph *network, size_t logits, size_t target, rows which, size_t from,
                            mg_graph *graph, mg_error *err)
{
    mg_node draft;
    size_t value;
    mg_status status = fold(mg_value_node(network, logits), target, which, &draft, err);
    return status == MG_OK ? mg_graph_add(graph, &draft, 1, &from, &value, err) : status;
}

/* --- nodes of their own --- */

static mg_status add_pick(mg_graph *graph, size_t from, const char *kind, size_t channel, size_t *ret, mg_error *err)
{
    mg_node draft = {.kind = mg_kind_find(kind), .asked = {1, 1}};
    snprintf(draft.name, sizeof draft.name, "score");
    mg_status status = mg_alloc(&draft.index, 1, sizeof *draft.index, err);
    if (status != MG_OK) return status;
    draft.index[0] = (int64_t)channel;
    return mg_graph_add(graph, &draft, 1, &from, ret, err);
}

static mg_status add_score(mg_graph *graph, size_t logits, size_t target, rows which, mg_error *err)
{
    size_t value[2];
    if (which == AGAINST_REST) return add_pick(graph, logits, "log_odds", target, value, err);
    mg_status status = add_pick(graph, logits, "gather", target, &value[0], err);
    if (status != MG_OK || which == ALONE) return status;
    status = add_pick(graph, logits, "gather", 1 - target, &value[1], err);
    mg_node draft = {.kind = mg_kind_find("subtract"), .name = "score"};
    return status == MG_OK ? mg_graph_add(graph, &draft, 2, value, &value[0], err) : status;
}

mg_status mg_graph_score(const mg_graph *network, mg_score score, mg_graph **ret, mg_error *err)
{
    if (network->n_outputs == 0) return mg_fail(err, MG_EINPUT, "the network has no output");
    const mg_output *output = &network->output[0];
    mg_graph *graph = NULL;
    rows which = ALONE;
    size_t logits;
    mg_status status = choose_rows(network, output, score, &which, err);
    if (status != MG_OK) return status;
    bool all = mg_graph_head(network, output, &logits) == MG_SOFTMAX_HEAD && score == MG_SCORE_LOGIT;
    bool folded = folds(network, logits, which);
    size_t base = folded && !all ? mg_value_node(network, logits)->input[0] : logits;
    status = mg_graph_prune(network, base, &graph, err);
    if (status != MG_OK) return status;
    size_t top = graph->n_nodes; /* `base` in there */
    if (all) {
        status = mg_graph_output(graph, "logits", top, 0, NULL, err);
        if (status == MG_OK) graph->output[0].target = output->target;
    }
    if (status == MG_OK && folded)
        status =
            add_folded(network, logits, output->target, which, all ? graph->node[top - 1].input[0] : top, graph, err);
    else if (status == MG_OK)
        status = add_score(graph, top, output->target, which, err);
    if (status != MG_OK) {
        mg_graph_destroy(graph);
        return status;
    }
    *ret = graph;
    return MG_OK;
}
