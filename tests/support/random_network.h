/* random_network.h  networks of random layers of every kind, and random windows with some unknown bases */
#ifndef MG_TESTS_SUPPORT_RANDOM_NETWORK_H
#define MG_TESTS_SUPPORT_RANDOM_NETWORK_H

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/support/layers.h"

static int64_t below(gsl_rng *rng, int64_t n)
{
    return (int64_t)gsl_rng_uniform_int(rng, (unsigned long)n);
}

static void fill(gsl_rng *rng, double *value, int64_t n, double scale)
{
    for (int64_t i = 0; i < n; i++)
        value[i] = (gsl_rng_uniform(rng) * 2.0 - 0.9) * scale;
}

/* Give layer l the shape that a kernel, stride, padding and dilation make of its input; false when nothing is left. */
static bool shape(table_layer *layer, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad)
{
    int64_t span = (kernel - 1) * dilation + 1, room = layer->in_length + 2 * pad - span;
    layer->kernel = kernel;
    layer->stride = stride;
    layer->dilation = dilation;
    layer->pad = pad;
    layer->out_length = room >= 0 ? room / stride + 1 : 0;
    return room >= 0;
}

static bool sees_something(const table_layer *layer, int64_t t)
{
    for (int64_t k = 0; k < layer->kernel; k++) {
        int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
        if (p >= 0 && p < layer->in_length) return true;
    }
    return false;
}

static bool add_layer(gsl_rng *rng, layer_kind kind, table_layer *layer)
{
    layer->kind = kind;
    layer->kernel = layer->stride = layer->dilation = 1;
    layer->out_length = layer->in_length;
    layer->out_channels = layer->in_channels;
    if (kind == LAYER_LINEAR) {
        layer->out_channels = 1 + below(rng, 70);
        if (!shape(layer, 1 + below(rng, 6), 1 + below(rng, 2), 1 + below(rng, 3), below(rng, 3))) return false;
        int64_t n = layer->out_channels * layer->in_channels * layer->kernel;
        layer->weight = calloc((size_t)n, sizeof(double));
        fill(rng, layer->weight, n, 1.5 / sqrt((double)(layer->in_channels * layer->kernel)));
    }
    if (kind == LAYER_AFFINE) {
        layer->weight = calloc((size_t)layer->in_channels, sizeof(double));
        fill(rng, layer->weight, layer->in_channels, 1.5);
    }
    if (kind == LAYER_LINEAR || kind == LAYER_AFFINE) {
        layer->bias = calloc((size_t)layer->out_channels, sizeof(double));
        fill(rng, layer->bias, layer->out_channels, 0.3);
    }
    if (kind == LAYER_MAX_POOL || kind == LAYER_AVERAGE_POOL) {
        int64_t kernel = 1 + below(rng, 4), dilation = kind == LAYER_MAX_POOL ? 1 + below(rng, 2) : 1;
        if (!shape(layer, kernel, 1 + below(rng, 4), dilation, below(rng, kernel / 2 + 1))) return false;
        for (int64_t t = 0; t < layer->out_length; t++)
            if (!sees_something(layer, t)) return false; /* a pool refuses a window that is all padding */
    }
    if (kind == LAYER_AVERAGE_POOL) {
        layer->divisor = calloc(layer->out_length > 0 ? (size_t)layer->out_length : 1, sizeof(double));
        for (int64_t t = 0; t < layer->out_length; t++)
            layer->divisor[t] = (double)layer->kernel;
    }
    return true;
}

/* A network of random layers whose last one is dense with one output; tails too short to go on are left out. */
static layer_table *random_network(gsl_rng *rng)
{
    layer_table *network = calloc(1, sizeof *network);
    int64_t length = 1 + below(rng, 90), channels = 4;
    network->length = length;
    network->n_outputs = 1;
    network->layer = calloc(16, sizeof *network->layer);
    for (int64_t k = below(rng, 10); k > 0 && length > 0; k--) {
        table_layer *layer = &network->layer[network->n_layers];
        *layer = (table_layer){.in_length = length, .in_channels = channels};
        if (!add_layer(rng, (layer_kind)below(rng, 5), layer)) continue;
        length = layer->out_length;
        channels = layer->out_channels;
        network->n_layers++;
    }
    table_layer *last = &network->layer[network->n_layers++];
    *last = (table_layer){
        .kind = LAYER_LINEAR, .dense = true, .in_length = length, .in_channels = channels, .out_channels = 1};
    shape(last, length, 1, 1, 0);
    last->weight = calloc((size_t)(length * channels), sizeof(double));
    last->bias = calloc(1, sizeof(double));
    fill(rng, last->weight, length * channels, 1.0 / sqrt((double)(length * channels)));
    return network;
}

/* The same as a graph. */
static __attribute__((unused)) mg_graph *random_chain(gsl_rng *rng)
{
    layer_table *table = random_network(rng);
    mg_graph *graph = graph_of(table);
    table_destroy(table);
    return graph;
}

static __attribute__((unused)) double *random_window(gsl_rng *rng, int64_t length)
{
    double *x = calloc((size_t)length * 4, sizeof *x);
    for (int64_t i = 0; i < length; i++)
        if (below(rng, 20) > 0) x[i * 4 + below(rng, 4)] = 1.0;
    return x;
}

#endif
