/* plain_graph.h  a graph, worked out in double with one loop a kind, straight from the table in src/graph/kind.h: an oracle
 *
 * It shares no code with src/nodes/: sums run over everything, edges are found by asking whether a position exists, and
 * extents are those that the graph says. Slow, and meant to be read beside the table.
 */
#ifndef MG_TESTS_SUPPORT_PLAIN_GRAPH_H
#define MG_TESTS_SUPPORT_PLAIN_GRAPH_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/graph/graph.h"
#include "src/graph/kind.h"

/* What a rule sees of its node: inputs, their extents, and the output that is filled. */
typedef struct {
    const mg_node *node;
    const double *in[64];
    const double *explained; /* the first input at the explained window: for profile */
    mg_extent from[64];
    mg_extent to;
    double *out; /* (to.length, to.channels) */
} plain_node;

static inline double plain_at(const plain_node *p, size_t k, int64_t t, int64_t c)
{
    return p->in[k][t * p->from[k].channels + c];
}

/* ... of an input that is repeated where it has one position or one channel */
static inline double plain_spread(const plain_node *p, size_t k, int64_t t, int64_t c)
{
    return plain_at(p, k, p->from[k].length == 1 ? 0 : t, p->from[k].channels == 1 ? 0 : c);
}

/* --- one variable --- */

static inline double plain_gelu_tanh(double x)
{
    return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1.0)) * (x + 0.044715 * x * x * x)));
}

static inline double plain_selu(double x)
{
    return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (exp(x) - 1));
}

static inline double plain_clip(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* f(x) of an elementwise kind; *ret_known is false for other kinds */
static inline double plain_function(const mg_node *node, double x, int64_t c, bool *ret_known)
{
    const char *kind = node->kind->name;
    const double *number = node->number;
    *ret_known = true;
    if (strcmp(kind, "relu") == 0) return x > 0 ? x : 0;
    if (strcmp(kind, "leaky_relu") == 0) return x > 0 ? x : number[0] * x;
    if (strcmp(kind, "prelu") == 0) return x > 0 ? x : node->weight[c] * x;
    if (strcmp(kind, "elu") == 0) return x > 0 ? x : number[0] * (exp(x) - 1);
    if (strcmp(kind, "selu") == 0) return plain_selu(x);
    if (strcmp(kind, "gelu") == 0) return x * 0.5 * (1 + erf(x / sqrt(2)));
    if (strcmp(kind, "gelu_tanh") == 0) return plain_gelu_tanh(x);
    if (strcmp(kind, "silu") == 0) return x / (1 + exp(-x));
    if (strcmp(kind, "softplus") == 0) return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
    if (strcmp(kind, "sigmoid") == 0) return 1 / (1 + exp(-x));
    if (strcmp(kind, "hard_sigmoid") == 0) return plain_clip(number[0] * x + number[1], 0, 1);
    if (strcmp(kind, "tanh") == 0) return tanh(x);
    if (strcmp(kind, "softsign") == 0) return x / (1 + fabs(x));
    if (strcmp(kind, "exp") == 0) return exp(x);
    if (strcmp(kind, "log") == 0) return log(x);
    if (strcmp(kind, "sqrt") == 0) return sqrt(x);
    if (strcmp(kind, "reciprocal") == 0) return 1 / x;
    if (strcmp(kind, "square") == 0) return x * x;
    if (strcmp(kind, "abs") == 0) return fabs(x);
    if (strcmp(kind, "clip") == 0) return plain_clip(x, number[0], number[1]);
    *ret_known = false;
    return 0;
}

/* --- windows that slide --- */

static inline double plain_bias(const mg_node *node, int64_t o)
{
    return node->bias != NULL ? node->bias[o] : 0;
}

static inline double plain_conv(const plain_node *p, int64_t t, int64_t o)
{
    const mg_node *node = p->node;
    const mg_slide *s = &node->slide;
    int64_t in_group = p->from[0].channels / node->groups, group = o / (p->to.channels / node->groups);
    double sum = plain_bias(node, o);
    for (int64_t k = 0; k < s->kernel; k++) {
        int64_t at = t * s->stride + k * s->dilation - s->pad;
        if (at < 0 || at >= p->from[0].length) continue;
        for (int64_t c = 0; c < in_group; c++)
            sum += node->weight[(o * in_group + c) * s->kernel + k] * plain_at(p, 0, at, group * in_group + c);
    }
    return sum;
}

static inline double plain_dense(const plain_node *p, int64_t o)
{
    int64_t length = p->from[0].length, channels = p->from[0].channels;
    double sum = plain_bias(p->node, o);
    for (int64_t c = 0; c < channels; c++)
        for (int64_t t = 0; t < length; t++)
            sum += p->node->weight[(o * channels + c) * length + t] * plain_at(p, 0, t, c);
    return sum;
}

static inline double plain_pool(const plain_node *p, int64_t t, int64_t c, bool largest)
{
    const mg_slide *s = &p->node->slide;
    double sum = 0, best = -INFINITY;
    int64_t n = 0, n_padded = 0;
    for (int64_t k = 0; k < s->kernel; k++) {
        int64_t at = t * s->stride + k * s->dilation - s->pad;
        if (at < p->from[0].length + s->pad_end) n_padded++;
        if (at < 0 || at >= p->from[0].length) continue;
        double value = plain_at(p, 0, at, c);
        n++;
        sum += value;
        if (value > best) best = value;
    }
    if (largest) return best;
    return sum / (double)(p->node->count_pad ? n_padded : n);
}

/* --- normal distributions and exponentials --- */

static inline double plain_softmax(const plain_node *p, int64_t t, int64_t c)
{
    bool along_channels = p->node->axis == MG_AXIS_CHANNELS;
    int64_t n = along_channels ? p->to.channels : p->to.length;
    double largest = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, along_channels ? plain_at(p, 0, t, i) : plain_at(p, 0, i, c));
    for (int64_t i = 0; i < n; i++)
        sum += exp((along_channels ? plain_at(p, 0, t, i) : plain_at(p, 0, i, c)) - largest);
    return exp(plain_at(p, 0, t, c) - largest) / sum;
}

static inline double plain_layer_norm(const plain_node *p, int64_t t, int64_t c)
{
    int64_t groups = p->node->groups, width = groups == 0 ? p->to.channels : p->to.channels / groups;
    int64_t begin = groups == 0 ? t : 0, end = groups == 0 ? t + 1 : p->to.length,
            first = groups == 0 ? 0 : c / width * width;
    double n = (double)((end - begin) * width), mean = 0, variance = 0;
    for (int64_t at = begin; at < end; at++)
        for (int64_t i = first; i < first + width; i++)
            mean += plain_at(p, 0, at, i) / n;
    for (int64_t at = begin; at < end; at++)
        for (int64_t i = first; i < first + width; i++)
            variance += pow(plain_at(p, 0, at, i) - mean, 2) / n;
    double scaled = (plain_at(p, 0, t, c) - mean) / sqrt(variance + p->node->number[0]);
    return scaled * (p->node->weight != NULL ? p->node->weight[c] : 1) + plain_bias(p->node, c);
}

static inline double plain_log_odds(const plain_node *p, int64_t t)
{
    int64_t wanted = p->node->index[0];
    double largest = -INFINITY, sum = 0;
    for (int64_t c = 0; c < p->from[0].channels; c++)
        if (c != wanted) largest = fmax(largest, plain_at(p, 0, t, c));
    for (int64_t c = 0; c < p->from[0].channels; c++)
        if (c != wanted) sum += exp(plain_at(p, 0, t, c) - largest);
    return plain_at(p, 0, t, wanted) - largest - log(sum);
}

static inline double plain_profile(const plain_node *p)
{
    int64_t length = p->from[0].length, channels = p->from[0].channels;
    double all = 0;
    for (int64_t c = 0; c < channels; c++) {
        double largest = -INFINITY, sum = 0, mean = 0;
        for (int64_t t = 0; t < length; t++) {
            largest = fmax(largest, p->explained[t * channels + c]);
            mean += plain_at(p, 0, t, c) / (double)length;
        }
        for (int64_t t = 0; t < length; t++)
            sum += exp(p->explained[t * channels + c] - largest);
        for (int64_t t = 0; t < length; t++)
            all += exp(p->explained[t * channels + c] - largest) / sum * (plain_at(p, 0, t, c) - mean);
    }
    return all;
}

/* --- several inputs, other places --- */

static inline double plain_concat(const plain_node *p, int64_t t, int64_t c)
{
    size_t k = 0;
    if (p->node->axis == MG_AXIS_CHANNELS) {
        for (; c >= p->from[k].channels; k++)
            c -= p->from[k].channels;
    } else {
        for (; t >= p->from[k].length; k++)
            t -= p->from[k].length;
    }
    return plain_at(p, k, t, c);
}

static inline double plain_known(const plain_node *p, int64_t t)
{
    for (int64_t c = 0; c < p->from[0].channels; c++)
        if (plain_at(p, 0, t, c) != 0) return 1;
    return 0;
}

static inline double plain_fold(const plain_node *p, int64_t t, int64_t c)
{
    const char *kind = p->node->kind->name;
    double value = plain_spread(p, 0, t, c);
    for (size_t k = 1; k < p->node->n_inputs; k++) {
        double other = plain_spread(p, k, t, c);
        if (strcmp(kind, "add") == 0) value += other;
        if (strcmp(kind, "subtract") == 0) value -= other;
        if (strcmp(kind, "multiply") == 0) value *= other;
        if (strcmp(kind, "maximum") == 0 && other > value) value = other;
    }
    return value;
}

static inline double plain_value_at(const plain_node *p, int64_t t, int64_t c)
{
    const mg_node *node = p->node;
    const char *kind = node->kind->name;
    bool known = false;
    if (node->n_inputs == 1) {
        double value = plain_function(node,
                                      node->kind->max_inputs == 1 && p->from[0].length == p->to.length &&
                                              p->from[0].channels == p->to.channels
                                          ? plain_at(p, 0, t, c)
                                          : 0,
                                      c, &known);
        if (known) return value;
    }
    if (strcmp(kind, "conv") == 0) return plain_conv(p, t, c);
    if (strcmp(kind, "dense") == 0) return plain_dense(p, c);
    if (strcmp(kind, "affine") == 0) return node->weight[c] * plain_at(p, 0, t, c) + plain_bias(node, c);
    if (strcmp(kind, "average_pool") == 0) return plain_pool(p, t, c, false);
    if (strcmp(kind, "max_pool") == 0) return plain_pool(p, t, c, true);
    if (strcmp(kind, "concat") == 0) return plain_concat(p, t, c);
    if (strcmp(kind, "constant") == 0) return node->weight[t * p->to.channels + c];
    if (strcmp(kind, "known") == 0) return plain_known(p, t);
    if (strcmp(kind, "softmax") == 0) return plain_softmax(p, t, c);
    if (strcmp(kind, "layer_norm") == 0) return plain_layer_norm(p, t, c);
    if (strcmp(kind, "log_odds") == 0) return plain_log_odds(p, t);
    if (strcmp(kind, "profile") == 0) return plain_profile(p);
    if (strcmp(kind, "gather") == 0) {
        int64_t place = node->index[t * p->to.channels + c];
        return place < 0 ? 0 : p->in[0][place];
    }
    if (node->n_inputs >= 2) return plain_fold(p, t, c);
    fprintf(stderr, "plain_graph.h has no rule for %s\n", kind);
    abort();
}

/* --- all of it --- */

/* Every value of the graph for a window (L, 4); explained: the values at the explained window (of an earlier call), or NULL
 * when the window is it. The caller gives them back by plain_values_free(). */
static inline double **plain_values(const mg_graph *graph, const double *window, double *const *explained)
{
    double **value = calloc(graph->n_nodes + 1, sizeof *value);
    if (value == NULL) abort();
    for (size_t v = 0; v <= graph->n_nodes; v++) {
        mg_extent to = graph->extent[v];
        value[v] = calloc((size_t)(to.length * to.channels) + 1, sizeof **value);
        if (value[v] == NULL) abort();
        if (v == 0) memcpy(value[v], window, (size_t)(to.length * to.channels) * sizeof **value);
        if (v == 0) continue;
        plain_node p = {.node = mg_value_node(graph, v), .to = to, .out = value[v]};
        if (p.node->n_inputs > 64) abort();
        for (size_t k = 0; k < p.node->n_inputs; k++) {
            p.in[k] = value[p.node->input[k]];
            p.from[k] = graph->extent[p.node->input[k]];
        }
        if (p.node->n_inputs > 0) p.explained = explained != NULL ? explained[p.node->input[0]] : p.in[0];
        for (int64_t t = 0; t < to.length; t++)
            for (int64_t c = 0; c < to.channels; c++)
                p.out[t * to.channels + c] = plain_value_at(&p, t, c);
    }
    return value;
}

static inline void plain_values_free(const mg_graph *graph, double **value)
{
    for (size_t v = 0; value != NULL && v <= graph->n_nodes; v++)
        free(value[v]);
    free(value);
}

/* One value for a window, for the caller to free(). */
static inline double *plain_graph(const mg_graph *graph, size_t value, const double *window)
{
    double **all = plain_values(graph, window, NULL), *wanted = all[value];
    all[value] = NULL;
    plain_values_free(graph, all);
    return wanted;
}

#endif
