/* random_graph.h  random graphs of nodes of every kind: fan-out, two inputs of one value, dead ends, several outputs */
#ifndef MG_TESTS_SUPPORT_RANDOM_GRAPH_H
#define MG_TESTS_SUPPORT_RANDOM_GRAPH_H

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/graph/graph.h"
#include "src/graph/kind.h"

static inline int64_t drawn(gsl_rng *rng, int64_t n)
{
    return (int64_t)gsl_rng_uniform_int(rng, (unsigned long)n);
}

static inline double *drawn_numbers(gsl_rng *rng, int64_t n, double low, double high)
{
    double *number = calloc(n > 0 ? (size_t)n : 1, sizeof *number);
    for (int64_t i = 0; i < n; i++)
        number[i] = low + (high - low) * gsl_rng_uniform(rng);
    return number;
}

static inline void drawn_weights(gsl_rng *rng, mg_node *draft, int64_t n, int64_t fan_in, int64_t n_bias)
{
    double scale = 1.6 / sqrt((double)fan_in);
    draft->n_weight = n;
    draft->weight = drawn_numbers(rng, n, -0.9 * scale, 1.1 * scale);
    if (n_bias == 0) return;
    draft->n_bias = n_bias;
    draft->bias = drawn_numbers(rng, n_bias, -0.3, 0.3);
}

static inline mg_slide drawn_slide(gsl_rng *rng, bool pool)
{
    mg_slide slide = {.kernel = 1 + drawn(rng, 5), .stride = 1 + drawn(rng, 2), .dilation = 1 + drawn(rng, 2)};
    slide.pad = drawn(rng, pool ? slide.kernel / 2 + 1 : 3);
    slide.pad_end = drawn(rng, pool ? slide.kernel / 2 + 1 : 3);
    return slide;
}

/* Settings of a node of this kind for an input of this extent; false: it cannot be drawn by this rule. */
static inline bool draw_settings(gsl_rng *rng, mg_extent in, mg_node *draft)
{
    const char *kind = draft->kind->name;
    if (strcmp(kind, "conv") == 0) {
        draft->slide = drawn_slide(rng, false);
        draft->groups = in.channels % 2 == 0 ? 1 + drawn(rng, 2) : 1;
        int64_t out = draft->groups * (1 + drawn(rng, 12)), row = in.channels / draft->groups * draft->slide.kernel;
        drawn_weights(rng, draft, out * row, row, drawn(rng, 4) > 0 ? out : 0);
    } else if (strcmp(kind, "dense") == 0) {
        int64_t out = 1 + drawn(rng, 20), row = in.length * in.channels;
        drawn_weights(rng, draft, out * row, row, out);
    } else if (strcmp(kind, "affine") == 0 || strcmp(kind, "layer_norm") == 0) {
        draft->number[0] = 1e-3;
        draft->groups = strcmp(kind, "affine") == 0 ? 0 : in.channels % 2 == 0 ? drawn(rng, 3) : drawn(rng, 2);
        drawn_weights(rng, draft, in.channels, 1, in.channels);
    } else if (strcmp(kind, "max_pool") == 0 || strcmp(kind, "average_pool") == 0) {
        draft->slide = drawn_slide(rng, true);
        draft->ceil = drawn(rng, 2) == 0;
        draft->count_pad = drawn(rng, 2) == 0;
    } else if (strcmp(kind, "prelu") == 0) {
        draft->n_weight = in.channels;
        draft->weight = drawn_numbers(rng, in.channels, -0.5, 0.5);
    } else if (strcmp(kind, "gather") == 0) {
        draft->asked = (mg_extent){.length = 1 + drawn(rng, 12), .channels = 1 + drawn(rng, 6)};
        int64_t n = draft->asked.length * draft->asked.channels;
        draft->index = calloc((size_t)n, sizeof *draft->index);
        for (int64_t i = 0; i < n; i++)
            draft->index[i] = drawn(rng, in.length * in.channels + 1) - 1;
    } else if (strcmp(kind, "constant") == 0) {
        draft->asked = in;
        draft->n_weight = in.length * in.channels;
        draft->weight = drawn_numbers(rng, draft->n_weight, -1, 1);
    } else if (strcmp(kind, "log_odds") == 0) {
        if (in.channels < 2) return false;
        draft->asked = (mg_extent){.length = 1, .channels = 1};
        draft->index = calloc(1, sizeof *draft->index);
        draft->index[0] = drawn(rng, in.channels);
    }
    draft->axis = drawn(rng, 2) == 0 ? MG_AXIS_CHANNELS : MG_AXIS_POSITIONS;
    if (strcmp(kind, "leaky_relu") == 0 || strcmp(kind, "elu") == 0) draft->number[0] = 0.2;
    if (strcmp(kind, "hard_sigmoid") == 0) draft->number[0] = 0.2, draft->number[1] = 0.5;
    if (strcmp(kind, "clip") == 0) draft->number[0] = -0.5, draft->number[1] = 0.8;
    return true;
}

/* log, sqrt and reciprocal want positive inputs: exp or softplus before them. */
static inline bool wants_positive(const char *kind)
{
    return strcmp(kind, "log") == 0 || strcmp(kind, "sqrt") == 0 || strcmp(kind, "reciprocal") == 0;
}

/* One more node of this kind, on values drawn among those there are, the later ones more often; false: it did not fit. */
static inline bool draw_node(gsl_rng *rng, mg_graph *graph, const mg_kind *kind)
{
    size_t input[4], n = 1, value;
    mg_error unseen = {0};
    mg_node draft = {.kind = kind};
    snprintf(draft.name, sizeof draft.name, "%s_%zu", kind->name, graph->n_nodes);
    if (kind->min_inputs != 1) n = (size_t)(kind->min_inputs + (kind->max_inputs == MG_ANY_INPUTS ? drawn(rng, 2) : 0));
    for (size_t k = 0; k < 4; k++) {
        int64_t back = drawn(rng, 2) == 0 ? 0 : drawn(rng, (int64_t)graph->n_nodes + 1);
        input[k] = graph->n_nodes - (size_t)back;
    }
    for (size_t k = 1; k < n && drawn(rng, 3) > 0; k++) /* one that fits, or the same value twice */
        for (size_t v = 0; v <= graph->n_nodes; v++)
            if (graph->extent[v].length == graph->extent[input[0]].length &&
                graph->extent[v].channels == graph->extent[input[0]].channels && drawn(rng, 2) == 0)
                input[k] = v;
    if (wants_positive(kind->name)) {
        mg_node before = {.kind = mg_kind_find(drawn(rng, 2) == 0 ? "exp" : "softplus"), .name = "before"};
        if (mg_graph_add(graph, &before, 1, input, &input[0], &unseen) != MG_OK) return false;
    }
    if (!draw_settings(rng, graph->extent[input[0]], &draft)) return false;
    draft.number[0] =
        strcmp(kind->name, "multiply") == 0 ? mg_graph_signal(graph, input[0], input[1]) : draft.number[0];
    return mg_graph_add(graph, &draft, n, input, &value, &unseen) == MG_OK;
}

/* A random graph whose kinds `wanted` lets through (NULL: all); its last node is dense with one output, F; some values
 * that F does not need are outputs. */
static inline mg_graph *random_graph(gsl_rng *rng, bool (*wanted)(const mg_kind *kind))
{
    mg_graph *graph = NULL;
    const mg_kind *kinds[256];
    size_t n_kinds = 0, value;
    for (size_t i = 0; mg_kind_at(i) != NULL && n_kinds < 256; i++)
        if (wanted == NULL || wanted(mg_kind_at(i))) kinds[n_kinds++] = mg_kind_at(i);
    if (mg_graph_create(1 + drawn(rng, 40), &graph, NULL) != MG_OK) return NULL;
    for (int64_t k = 2 + drawn(rng, 12); k > 0; k--)
        draw_node(rng, graph, kinds[drawn(rng, (int64_t)n_kinds)]);
    for (int64_t k = drawn(rng, 3); k > 0 && graph->n_nodes > 0; k--) {
        char name[32];
        snprintf(name, sizeof name, "other_%d", (int)k);
        mg_graph_output(graph, name, (size_t)drawn(rng, (int64_t)graph->n_nodes + 1), 0, NULL, NULL);
    }
    /* F sees two values, so that not all but one is a dead end */
    size_t one = graph->n_nodes, other = (size_t)drawn(rng, (int64_t)graph->n_nodes + 1), input[2];
    for (int k = 0; k < 2; k++) {
        size_t from = k == 0 ? one : other;
        mg_node dense = {.kind = mg_kind_find("dense"), .name = "last"};
        int64_t n = graph->extent[from].length * graph->extent[from].channels;
        drawn_weights(rng, &dense, n, n, 1);
        if (mg_graph_add(graph, &dense, 1, &from, &input[k], NULL) != MG_OK) return NULL;
    }
    mg_node sum = {.kind = mg_kind_find("add"), .name = "sum"};
    if (mg_graph_add(graph, &sum, 2, input, &value, NULL) != MG_OK) return NULL;
    return graph;
}

static inline double *drawn_window(gsl_rng *rng, int64_t length)
{
    double *x = calloc((size_t)length * 4, sizeof *x);
    for (int64_t i = 0; i < length; i++)
        if (drawn(rng, 20) > 0) x[i * 4 + drawn(rng, 4)] = 1.0;
    return x;
}

#endif
