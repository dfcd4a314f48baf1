/* plain_forward.h  a layer table, run in double with one loop a rule of tests/support/layers.h: an oracle for tests */
#ifndef MG_TESTS_SUPPORT_PLAIN_FORWARD_H
#define MG_TESTS_SUPPORT_PLAIN_FORWARD_H

#include <stdlib.h>
#include <string.h>

#include "tests/support/layers.h"

static inline double plain_value(const table_layer *layer, const double *in, int64_t t, int64_t o)
{
    if (layer->kind == LAYER_RELU) return in[t * layer->in_channels + o] > 0 ? in[t * layer->in_channels + o] : 0;
    if (layer->kind == LAYER_AFFINE) return layer->weight[o] * in[t * layer->in_channels + o] + layer->bias[o];
    double sum = layer->kind == LAYER_LINEAR ? layer->bias[o] : 0, largest = -1.0 / 0.0;
    for (int64_t k = 0; k < layer->kernel; k++) {
        int64_t at = t * layer->stride + k * layer->dilation - layer->pad;
        if (at < 0 || at >= layer->in_length) continue;
        const double *row = in + at * layer->in_channels;
        if (layer->kind == LAYER_LINEAR) {
            for (int64_t c = 0; c < layer->in_channels; c++)
                sum += layer->weight[(o * layer->in_channels + c) * layer->kernel + k] * row[c];
        } else {
            sum += row[o];
            if (row[o] > largest) largest = row[o];
        }
    }
    if (layer->kind == LAYER_MAX_POOL) return largest;
    return layer->kind == LAYER_AVERAGE_POOL ? sum / layer->divisor[t] : sum;
}

/* input (L, 4) in A, C, G, T -> the logits, for the caller to free() */
static inline double *plain_forward(const layer_table *network, const double *input)
{
    size_t n = (size_t)network->length * 4;
    double *now = malloc(n * sizeof *now);
    if (now == NULL) abort();
    memcpy(now, input, n * sizeof *now);
    for (size_t i = 0; i < network->n_layers; i++) {
        const table_layer *layer = &network->layer[i];
        double *next = calloc((size_t)(layer->out_length * layer->out_channels), sizeof *next);
        if (next == NULL) abort();
        for (int64_t t = 0; t < layer->out_length; t++)
            for (int64_t o = 0; o < layer->out_channels; o++)
                next[t * layer->out_channels + o] = plain_value(layer, now, t, o);
        free(now);
        now = next;
    }
    return now;
}

/* The same of a graph that is a chain. */
static inline double *plain_logits(const mg_graph *network, const double *input)
{
    layer_table *table = table_of(network);
    double *logit = plain_forward(table, input);
    table_destroy(table);
    return logit;
}

#endif
