/* backprop_double.c  the walk in float64 with plain loops: the reference that the kernels are held to */
#include <math.h>
#include <string.h>

#include "src/core/random.h"
#include "src/graph/kind.h"
#include "src/training/backprop_inside.h"

typedef double real;

typedef enum {
    FORWARD,  /* output += weight * input */
    BACKWARD, /* input's gradient += weight * output's gradient */
    GRADIENT  /* weight's gradient += input * output's gradient */
} linear_sum;

/* The sum over all pairs of an input and an output that a weight joins; `to` holds zeros or biases. */
static void add_pairs(const mg_trainable *net, size_t l, linear_sum sum, const double *a, const double *b, double *to)
{
    const mg_batch_shape *layer = &net->layer[l].shape;
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t k = 0; k < layer->taps; k++) {
            int64_t p = t * layer->step + k * layer->dilation - layer->pad;
            if (p < 0 || p >= layer->in_length) continue;
            for (int64_t oc = 0; oc < layer->out_channels * layer->in_channels; oc++) {
                int64_t o = oc / layer->in_channels, c = oc % layer->in_channels, w = oc * layer->taps + k;
                int64_t x = (p * net->stride[l] + c) * MG_BATCH, y = (t * net->stride[l + 1] + o) * MG_BATCH;
                for (int64_t i = 0; i < MG_BATCH; i++, x++, y++) {
                    if (sum == FORWARD) to[y] += a[w] * b[x];
                    if (sum == BACKWARD) to[x] += a[w] * b[y];
                    if (sum == GRADIENT) to[w] += a[x] * b[y];
                }
            }
        }
}

static void linear_forward(const mg_trainable *net, size_t l, const double *in, double *out)
{
    const mg_batch_shape *layer = &net->layer[l].shape;
    const double *weight = net->parameter + net->first[l];
    const double *bias = weight + layer->out_channels * layer->in_channels * layer->taps;
    memset(out, 0, (size_t)net->size[l + 1] * sizeof *out);
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t i = 0; i < layer->out_channels * MG_BATCH; i++)
            out[t * net->stride[l + 1] * MG_BATCH + i] = bias[i / MG_BATCH];
    add_pairs(net, l, FORWARD, weight, in, out);
}

static void linear_backward(const mg_trainable *net, size_t l, const double *g, double *g_in)
{
    memset(g_in, 0, (size_t)net->size[l] * sizeof *g_in);
    add_pairs(net, l, BACKWARD, net->parameter + net->first[l], g, g_in);
}

static void linear_gradient(const mg_trainable *net, size_t l, const double *in, const double *g, double *weight,
                            double *bias)
{
    const mg_batch_shape *layer = &net->layer[l].shape;
    memset(weight, 0, (size_t)(bias - weight) * sizeof *weight);
    memset(bias, 0, (size_t)layer->out_channels * sizeof *bias);
    add_pairs(net, l, GRADIENT, in, g, weight);
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t i = 0; i < layer->out_channels * MG_BATCH; i++)
            bias[i / MG_BATCH] += g[t * net->stride[l + 1] * MG_BATCH + i];
}

#include "src/training/backprop_walk.h"

const mg_backprop_walk mg_backprop_double = {.name = "double", .up = up, .down = down};
