/* layers.h  a chain of layers as a plain table: what oracles and random networks of tests are written in
 *
 * It shares no code with src/nodes/: a test builds a table, makes a graph of it (graph_of), and holds what the engine
 * says to loops over the table; or looks at a graph that was read as a table (table_of).
 */
#ifndef MG_TESTS_SUPPORT_LAYERS_H
#define MG_TESTS_SUPPORT_LAYERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/graph/graph.h"
#include "src/graph/kind.h"
#include "src/graph/score.h"

typedef enum {
    LAYER_LINEAR,   /* out(t, o) = bias[o] + sum over k, c of weight(o, c, k) in(t * stride + k * dilation - pad, c) */
    LAYER_AFFINE,   /* out(t, c) = weight[c] in(t, c) + bias[c] */
    LAYER_RELU,     /* out = max(in, 0) */
    LAYER_MAX_POOL, /* the largest of the window's positions that exist; the first of equals */
    LAYER_AVERAGE_POOL /* their sum / divisor[t] */
} layer_kind;

typedef struct {
    layer_kind kind;
    bool dense; /* LAYER_LINEAR that is fully connected */
    int64_t kernel, stride, dilation, pad;
    int64_t in_length, in_channels, out_length, out_channels;
    double *weight, *bias, *divisor; /* owned */
    mg_norm *norm;                   /* owned */
} table_layer;

typedef struct {
    int64_t length, anchor;
    size_t n_layers;
    table_layer *layer; /* owned */
    size_t n_outputs, target;
    mg_head_kind head;
} layer_table;

static inline void table_destroy(layer_table *table)
{
    for (size_t l = 0; table != NULL && l < table->n_layers; l++) {
        free(table->layer[l].weight);
        free(table->layer[l].bias);
        free(table->layer[l].divisor);
        mg_norm_destroy(table->layer[l].norm);
    }
    if (table != NULL) free(table->layer);
    free(table);
}

static inline double *copied(const double *from, int64_t n)
{
    if (from == NULL) return NULL;
    double *to = malloc(n > 0 ? (size_t)n * sizeof *to : 1);
    if (to == NULL) abort();
    memcpy(to, from, (size_t)n * sizeof *to);
    return to;
}

static inline mg_norm *copied_norm(const mg_norm *from)
{
    if (from == NULL) return NULL;
    mg_norm *to = malloc(sizeof *to);
    if (to == NULL) abort();
    *to = *from;
    to->value = copied(from->value, MG_NORM_ROWS * from->channels);
    return to;
}

static inline int64_t layer_n_weights(const table_layer *layer)
{
    if (layer->kind == LAYER_LINEAR) return layer->out_channels * layer->in_channels * layer->kernel;
    return layer->kind == LAYER_AFFINE ? layer->out_channels : 0;
}

/* --- table -> graph --- */

static inline const char *kind_name_of(const table_layer *layer)
{
    static const char *const name[] = {"conv", "affine", "relu", "max_pool", "average_pool"};
    return layer->dense ? "dense" : name[layer->kind];
}

static inline void add_layer_to(mg_graph *graph, const table_layer *layer, size_t l)
{
    size_t input = graph->n_nodes, value;
    mg_error err = {0};
    mg_node draft = {.kind = mg_kind_find(kind_name_of(layer)), .count_pad = true, .groups = 1};
    snprintf(draft.name, sizeof draft.name, "layer_%zu", l);
    if (layer->kind == LAYER_LINEAR || layer->kind == LAYER_MAX_POOL || layer->kind == LAYER_AVERAGE_POOL)
        draft.slide = (mg_slide){.kernel = layer->kernel,
                                 .stride = layer->stride,
                                 .dilation = layer->dilation,
                                 .pad = layer->pad,
                                 .pad_end = (layer->out_length - 1) * layer->stride +
                                            (layer->kernel - 1) * layer->dilation + 1 - layer->in_length - layer->pad};
    draft.n_weight = layer_n_weights(layer);
    draft.weight = copied(layer->weight, draft.n_weight);
    draft.n_bias = layer->bias != NULL ? layer->out_channels : 0;
    draft.bias = copied(layer->bias, draft.n_bias);
    draft.norm = copied_norm(layer->norm);
    if (mg_graph_add(graph, &draft, 1, &input, &value, &err) != MG_OK) {
        fprintf(stderr, "layer %zu: %s\n", l, err.text);
        abort();
    }
    if (layer->divisor != NULL) /* tests set any */
        memcpy(graph->node[value - 1].divisor, layer->divisor, (size_t)layer->out_length * sizeof(double));
}

/* The graph of a table: its head is the last node, its output "output". */
static inline mg_graph *graph_of(const layer_table *table)
{
    mg_graph *graph = NULL;
    size_t value;
    if (mg_graph_create(table->length, &graph, NULL) != MG_OK) abort();
    graph->anchor = table->anchor;
    for (size_t l = 0; l < table->n_layers; l++)
        add_layer_to(graph, &table->layer[l], l);
    if (table->head != MG_NO_HEAD) {
        size_t logits = graph->n_nodes;
        mg_node draft = {.kind = mg_kind_find(table->head == MG_SOFTMAX_HEAD ? "softmax" : "sigmoid"), .name = "head"};
        if (mg_graph_add(graph, &draft, 1, &logits, &value, NULL) != MG_OK) abort();
    }
    char name[64][MG_CLASS_NAME];
    size_t n = (size_t)graph->extent[graph->n_nodes].channels;
    for (size_t k = 0; k < n && k < 64; k++)
        snprintf(name[k], sizeof name[k], "%zu", k);
    if (mg_graph_output(graph, "output", graph->n_nodes, n <= 64 ? n : 0, (const char(*)[MG_CLASS_NAME])name, NULL) !=
        MG_OK)
        abort();
    graph->output[0].target = table->target;
    return graph;
}

/* --- graph -> table --- */

static inline layer_kind layer_kind_of(const mg_node *node)
{
    const char *name = node->kind->name;
    if (strcmp(name, "conv") == 0 || strcmp(name, "dense") == 0) return LAYER_LINEAR;
    if (strcmp(name, "affine") == 0) return LAYER_AFFINE;
    if (strcmp(name, "relu") == 0) return LAYER_RELU;
    if (strcmp(name, "max_pool") == 0) return LAYER_MAX_POOL;
    if (strcmp(name, "average_pool") == 0) return LAYER_AVERAGE_POOL;
    abort();
}

/* The table of a graph that is a chain of today's layers, to its logits (or its last value where it has no output). */
static inline layer_table *table_of(const mg_graph *graph)
{
    layer_table *table = calloc(1, sizeof *table);
    size_t logits = graph->n_nodes;
    if (table == NULL) abort();
    if (graph->n_outputs > 0) {
        table->head = mg_graph_head(graph, &graph->output[0], &logits);
        table->target = graph->output[0].target;
    }
    table->length = graph->length;
    table->anchor = graph->anchor;
    table->n_layers = logits;
    table->layer = calloc(logits + 1, sizeof *table->layer);
    if (table->layer == NULL) abort();
    for (size_t l = 0; l < logits; l++) {
        const mg_node *node = &graph->node[l];
        bool slides = node->slide.kernel > 0;
        if (node->n_inputs != 1 || node->input[0] != l) abort();
        table->layer[l] = (table_layer){.kind = layer_kind_of(node),
                                        .dense = strcmp(node->kind->name, "dense") == 0,
                                        .kernel = slides ? node->slide.kernel : 1,
                                        .stride = slides ? node->slide.stride : 1,
                                        .dilation = slides ? node->slide.dilation : 1,
                                        .pad = node->slide.pad,
                                        .in_length = graph->extent[l].length,
                                        .in_channels = graph->extent[l].channels,
                                        .out_length = graph->extent[l + 1].length,
                                        .out_channels = graph->extent[l + 1].channels,
                                        .weight = copied(node->weight, node->n_weight),
                                        .bias = copied(node->bias, node->n_bias),
                                        .divisor = copied(node->divisor, graph->extent[l + 1].length),
                                        .norm = copied_norm(node->norm)};
    }
    table->n_outputs = (size_t)graph->extent[logits].channels;
    return table;
}

#endif
