/* naive.c  the naive scan: dense products over whole mutants */
#include "src/engine/naive.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/engine.h"

enum { TILE = 12 }; /* mutants whose dense layers are one product */

struct mg_naive {
    const mg_engine *engine;
    int64_t room;    /* floats a mutant has in value[] */
    float *value[2]; /* (TILE, room) activations coming and going */
    float *padded;   /* one mutant's input of a convolution with padding */
    int32_t *winner; /* wanted by the pooling kernel, not by us */
    uint64_t *n_macs;
};

/* Floats of a layer's input with its padding. */
static int64_t padded_size(const mg_engine *engine, size_t l)
{
    const mg_layer *layer = &engine->network->layer[l];
    int64_t last = (layer->out_length - 1) * layer->stride - layer->pad + (layer->kernel - 1) * layer->dilation;
    int64_t right = last >= layer->in_length ? last - layer->in_length + 1 : 0;
    return (layer->pad + layer->in_length + right) * engine->stride[l];
}

mg_status mg_naive_create(const mg_engine *engine, mg_naive **ret, mg_error *err)
{
    mg_naive *naive = NULL;
    int64_t padded = 1;
    mg_status status = mg_alloc(&naive, 1, sizeof *naive, err);
    if (status != MG_OK) return status;
    naive->engine = engine;
    naive->room = engine->max_size;
    for (size_t l = 0; l < engine->network->n_layers; l++)
        if (engine->network->layer[l].kind == MG_LINEAR && padded_size(engine, l) > padded)
            padded = padded_size(engine, l);
    for (int i = 0; i < 2 && status == MG_OK; i++)
        status = mg_alloc_aligned(&naive->value[i], (size_t)(TILE * naive->room), sizeof(float), err);
    if (status == MG_OK) status = mg_alloc_aligned(&naive->padded, (size_t)padded, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc_aligned(&naive->winner, (size_t)naive->room, sizeof(int32_t), err);
    if (status != MG_OK) {
        mg_naive_destroy(naive);
        return status;
    }
    *ret = naive;
    return MG_OK;
}

void mg_naive_destroy(mg_naive *naive)
{
    if (naive == NULL) return;
    free(naive->value[0]);
    free(naive->value[1]);
    free(naive->padded);
    free(naive->winner);
    free(naive);
}

static void linear(mg_naive *naive, size_t l, int n)
{
    const mg_layer *layer = &naive->engine->network->layer[l];
    const mg_rows *op = &naive->engine->map[l].forward;
    const mg_dense_kernels *dense = naive->engine->kernels->dense;
    if (op->out_length == 1 && layer->pad == 0) {
        dense->product(op, naive->value[0], naive->room, n, naive->value[1], naive->room);
        return;
    }
    for (int m = 0; m < n; m++) {
        const float *in = naive->value[0] + m * naive->room;
        if (layer->pad > 0 || padded_size(naive->engine, l) > naive->engine->size[l]) {
            memset(naive->padded, 0, (size_t)padded_size(naive->engine, l) * sizeof(float));
            memcpy(naive->padded + layer->pad * op->in_stride, in, (size_t)naive->engine->size[l] * sizeof(float));
            in = naive->padded;
        }
        dense->product(op, in, layer->stride * op->in_stride, op->out_length, naive->value[1] + m * naive->room,
                       op->out_stride);
    }
}

static void pool(mg_naive *naive, size_t l, const float *in, float *out)
{
    const mg_layer *layer = &naive->engine->network->layer[l];
    int64_t stride = naive->engine->stride[l];
    for (int64_t t = 0; t < layer->out_length; t++) {
        int64_t n, first = mg_layer_first(layer, t, &n);
        if (layer->kind == MG_MAX_POOL) {
            naive->engine->kernels->layer->max_pool_window(in + first * stride, n, layer->dilation * stride, stride,
                                                           out + t * stride, naive->winner);
            continue;
        }
        memset(out + t * stride, 0, (size_t)stride * sizeof *out);
        for (int64_t j = 0; j < n; j++)
            for (int64_t c = 0; c < stride; c++)
                out[t * stride + c] += in[(first + j * layer->dilation) * stride + c] / (float)layer->divisor[t];
    }
}

static void affine(const mg_naive *naive, size_t l, const float *in, float *out)
{
    const mg_layer *layer = &naive->engine->network->layer[l];
    int64_t stride = naive->engine->stride[l];
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t c = 0; c < stride; c++)
            out[t * stride + c] =
                c < layer->out_channels ? (float)layer->weight[c] * in[t * stride + c] + (float)layer->bias[c] : 0.0f;
}

void mg_naive_count(mg_naive *naive, uint64_t *n_macs)
{
    naive->n_macs = n_macs;
}

static void layer_forward(mg_naive *naive, size_t l, int n)
{
    mg_layer_kind kind = naive->engine->network->layer[l].kind;
    if (naive->n_macs != NULL) *naive->n_macs += (uint64_t)(n * mg_layer_n_macs(&naive->engine->network->layer[l]));
    if (kind == MG_LINEAR) linear(naive, l, n);
    for (int m = 0; m < n && kind != MG_LINEAR; m++) {
        const float *in = naive->value[0] + m * naive->room;
        float *out = naive->value[1] + m * naive->room;
        if (kind == MG_RELU)
            naive->engine->kernels->layer->relu(in, naive->engine->size[l], out);
        else if (kind == MG_AFFINE)
            affine(naive, l, in, out);
        else
            pool(naive, l, in, out);
    }
    float *swap = naive->value[0];
    naive->value[0] = naive->value[1];
    naive->value[1] = swap;
}

/* F of n windows that differ from `base` at position[m], where they have to[m]. */
static void forward(mg_naive *naive, const mg_base *base, int n, const int64_t *position, const mg_base *to, float *f)
{
    const mg_network *network = naive->engine->network;
    int64_t stride = naive->engine->stride[0];
    for (int m = 0; m < n; m++) {
        float *x = naive->value[0] + m * naive->room;
        memset(x, 0, (size_t)naive->engine->size[0] * sizeof *x);
        for (int64_t i = 0; i < network->length; i++) {
            mg_base b = i == position[m] ? to[m] : base[i];
            if (b < MG_N_BASES) x[i * stride + b] = 1.0f;
        }
    }
    for (size_t l = 0; l < network->n_layers; l++)
        layer_forward(naive, l, n);
    for (int m = 0; m < n; m++)
        f[m] = naive->value[0][m * naive->room];
}

void mg_naive_window(mg_naive *naive, const mg_base *base, float *effect)
{
    int64_t length = naive->engine->network->length, position[TILE];
    mg_base to[TILE] = {0};
    float f0, f[TILE];
    int n = 0;
    position[0] = -1;
    forward(naive, base, 1, position, to, &f0);
    memset(effect, 0, (size_t)length * 4 * sizeof *effect);
    for (int64_t k = 0; k <= length * 4; k++) {
        bool mutates = k < length * 4 && base[k / 4] < MG_N_BASES && base[k / 4] != k % 4;
        if (mutates) {
            position[n] = k / 4;
            to[n++] = (mg_base)(k % 4);
        }
        if (n < TILE && k < length * 4) continue;
        forward(naive, base, n, position, to, f);
        for (int m = 0; m < n; m++)
            effect[position[m] * 4 + to[m]] = f[m] - f0;
        n = 0;
    }
}
