/* engine.c  networks made ready: weights packed in rows for the kernels, and the room a pass needs
 *
 * The packing is where shapes meet vectors: channels are padded to MG_LANES with zero weights, outputs are cut into
 * blocks, and the backward map is the forward one with taps reversed and channels exchanged, so one kernel serves
 * both.
 */
#include "src/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* --- packing --- */

/* Place of weight (tap, in, out) in a packed map. */
static float *packed_weight(const mg_rows *op, int64_t tap, int64_t in, int64_t out)
{
    int64_t block = out / MG_BLOCK, left = op->out_stride - block * MG_BLOCK;
    int64_t width = left < MG_BLOCK ? left : MG_BLOCK;
    return op->weight + op->taps * op->in_channels * block * MG_BLOCK + (in * op->taps + tap) * width +
           (out - block * MG_BLOCK);
}

static int64_t blocks_in_group(const mg_rows *op)
{
    int64_t bytes = op->taps * op->in_channels * MG_BLOCK * (int64_t)sizeof(float);
    return bytes < MG_GROUP_BYTES ? MG_GROUP_BYTES / bytes : 1;
}

static mg_status allocate_rows(mg_rows *op, mg_error *err)
{
    op->n_blocks = (op->out_stride + MG_BLOCK - 1) / MG_BLOCK;
    op->group_blocks = op->out_length > 1 ? blocks_in_group(op) : MG_DENSE_BLOCKS;
    op->n_groups = (op->n_blocks + op->group_blocks - 1) / op->group_blocks;
    mg_status status =
        mg_alloc_aligned(&op->weight, (size_t)(op->taps * op->in_channels * op->out_stride), sizeof(float), err);
    if (status == MG_OK) status = mg_alloc_aligned(&op->bias, (size_t)op->out_stride, sizeof(float), err);
    return status;
}

static bool suits_places(const mg_rows *op)
{
    int64_t bytes = op->taps * op->in_stride * op->out_stride * (int64_t)sizeof(float);
    bool in_parts = op->out_stride <= MG_FLAT_PART || op->out_stride % MG_FLAT_PART == 0;
    return op->dilation == 1 && op->divide == 1 && op->out_stride >= MG_FLAT_OUTPUTS && in_parts &&
           bytes <= MG_FLAT_BYTES;
}

/* The weights of a map once more, as places.h takes them. */
static mg_status pack_flat(mg_rows *op, mg_error *err)
{
    int64_t n_rows = op->taps * op->in_stride;
    if (!suits_places(op)) return MG_OK;
    mg_status status = mg_alloc_aligned(&op->flat, (size_t)(n_rows * op->out_stride), sizeof(float), err);
    if (status != MG_OK) return status;
    for (int64_t o = 0; o < op->out_channels; o++) {
        int64_t part = o - o % MG_FLAT_PART, left = op->out_stride - part;
        int64_t width = left < MG_FLAT_PART ? left : MG_FLAT_PART;
        for (int64_t k = 0; k < op->taps; k++)
            for (int64_t c = 0; c < op->in_channels; c++)
                op->flat[part * n_rows + (k * op->in_stride + c) * width + o - part] = *packed_weight(op, k, c, o);
    }
    return MG_OK;
}

static mg_status pack_forward(const mg_layer *layer, const double *weight, int64_t in_stride, int64_t out_stride,
                              mg_rows *op, mg_error *err)
{
    *op = (mg_rows){.taps = layer->kernel,
                    .dilation = layer->dilation,
                    .pad = layer->pad,
                    .step = layer->stride,
                    .divide = 1,
                    .in_length = layer->in_length,
                    .in_channels = layer->in_channels,
                    .in_stride = in_stride,
                    .out_length = layer->out_length,
                    .out_channels = layer->out_channels,
                    .out_stride = out_stride};
    mg_status status = allocate_rows(op, err);
    if (status != MG_OK) return status;
    for (int64_t o = 0; o < layer->out_channels; o++) {
        op->bias[o] = (float)layer->bias[o];
        for (int64_t c = 0; c < layer->in_channels; c++)
            for (int64_t k = 0; k < layer->kernel; k++)
                *packed_weight(op, k, c, o) = (float)weight[(o * layer->in_channels + c) * layer->kernel + k];
    }
    return MG_OK;
}

static mg_status pack_backward(const mg_layer *layer, const double *weight, int64_t in_stride, int64_t out_stride,
                               mg_rows *op, mg_error *err)
{
    *op = (mg_rows){.taps = layer->kernel,
                    .dilation = layer->dilation,
                    .pad = (layer->kernel - 1) * layer->dilation - layer->pad,
                    .step = 1,
                    .divide = layer->stride,
                    .in_length = layer->out_length,
                    .in_channels = layer->out_channels,
                    .in_stride = out_stride,
                    .out_length = layer->in_length,
                    .out_channels = layer->in_channels,
                    .out_stride = in_stride};
    mg_status status = allocate_rows(op, err);
    if (status != MG_OK) return status;
    for (int64_t o = 0; o < layer->out_channels; o++)
        for (int64_t c = 0; c < layer->in_channels; c++)
            for (int64_t k = 0; k < layer->kernel; k++)
                *packed_weight(op, layer->kernel - 1 - k, o, c) =
                    (float)weight[(o * layer->in_channels + c) * layer->kernel + k];
    return MG_OK;
}

static mg_status pack_bias(const mg_layer *layer, int64_t out_stride, mg_rows *op, mg_error *err)
{
    mg_status status = mg_alloc_aligned(&op->bias, (size_t)out_stride, sizeof(float), err);
    for (int64_t o = 0; o < layer->out_channels && status == MG_OK; o++)
        op->bias[o] = (float)layer->bias[o];
    return status;
}

static void map_free(mg_map *map)
{
    free(map->owned);
    free(map->forward.weight);
    free(map->forward.flat);
    free(map->forward.bias);
    free(map->backward.weight);
    free(map->backward.flat);
    free(map->backward.bias);
}

static void destroy_maps(mg_map *maps, size_t n)
{
    for (size_t l = 0; maps != NULL && l < n; l++)
        map_free(&maps[l]);
    free(maps);
}

static bool has_weights(const mg_layer *layer)
{
    return layer->kind == MG_LINEAR || layer->kind == MG_AFFINE;
}

static mg_status map_fill(const mg_engine *engine, size_t l, const double *weight, mg_map *ret, mg_error *err)
{
    const mg_layer *layer = &engine->network->layer[l];
    ret->layer = layer;
    ret->weight = weight;
    if (engine->precision != MG_SINGLE) return MG_OK;
    if (layer->kind == MG_AFFINE) return pack_bias(layer, engine->stride[l + 1], &ret->forward, err);
    if (layer->kind != MG_LINEAR) return MG_OK;
    mg_status status = pack_forward(layer, weight, engine->stride[l], engine->stride[l + 1], &ret->forward, err);
    if (status == MG_OK)
        status = pack_backward(layer, weight, engine->stride[l], engine->stride[l + 1], &ret->backward, err);
    return status;
}

/* --- engine --- */

/* Which activations can be negative decides how LRP has to treat signs: the input is one-hot, ReLU cuts, pools keep. */
static void find_nonnegative(mg_engine *engine)
{
    bool nonnegative = true;
    for (size_t l = 0; l < engine->network->n_layers; l++) {
        engine->nonnegative[l] = nonnegative;
        mg_layer_kind kind = engine->network->layer[l].kind;
        if (kind == MG_RELU) nonnegative = true;
        if (kind == MG_LINEAR || kind == MG_AFFINE) nonnegative = false;
    }
}

static void measure(mg_engine *engine)
{
    const mg_network *network = engine->network;
    int64_t unit = engine->precision == MG_SINGLE ? MG_LANES : 1;
    for (size_t l = 0; l <= network->n_layers; l++) {
        int64_t length = l == 0 ? network->length : network->layer[l - 1].out_length;
        int64_t channels = l == 0 ? 4 : network->layer[l - 1].out_channels;
        engine->stride[l] = round_up(channels, unit);
        engine->size[l] = length * engine->stride[l];
        if (engine->size[l] > engine->max_size) engine->max_size = engine->size[l];
        if (length + 1 > engine->max_list) engine->max_list = length + 1;
    }
}

mg_status mg_engine_create(const mg_network *network, mg_precision precision, mg_engine **ret, mg_error *err)
{
    mg_engine *engine = NULL;
    size_t n = network->n_layers;
    mg_status status = mg_alloc(&engine, 1, sizeof *engine, err);
    if (status != MG_OK) return status;
    engine->network = network;
    engine->precision = precision;
    engine->kernels = mg_kernels_pick();
    if (engine->kernels == NULL) {
        status = mg_kernels_check(err);
        goto cleanup;
    }
    if ((status = mg_alloc(&engine->stride, n + 1, sizeof *engine->stride, err)) != MG_OK ||
        (status = mg_alloc(&engine->size, n + 1, sizeof *engine->size, err)) != MG_OK ||
        (status = mg_alloc(&engine->nonnegative, n, sizeof *engine->nonnegative, err)) != MG_OK ||
        (status = mg_alloc(&engine->map, n, sizeof *engine->map, err)) != MG_OK)
        goto cleanup;
    measure(engine);
    find_nonnegative(engine);
    for (size_t l = 0; l < n && status == MG_OK; l++)
        if (has_weights(&network->layer[l]))
            status = map_fill(engine, l, network->layer[l].weight, &engine->map[l], err);
    for (size_t l = 0; l < n && status == MG_OK && precision == MG_SINGLE; l++)
        if (network->layer[l].kind == MG_LINEAR && (status = pack_flat(&engine->map[l].forward, err)) == MG_OK)
            status = pack_flat(&engine->map[l].backward, err);
cleanup:
    if (status != MG_OK) {
        mg_engine_destroy(engine);
        return status;
    }
    *ret = engine;
    return MG_OK;
}

void mg_engine_destroy(mg_engine *engine)
{
    if (engine == NULL) return;
    destroy_maps(engine->map, engine->network->n_layers);
    free(engine->nonnegative);
    free(engine->size);
    free(engine->stride);
    free(engine);
}

const mg_network *mg_engine_network(const mg_engine *engine)
{
    return engine->network;
}

/* --- parts --- */

/* The weights of one sign (+1 or -1) of every layer that has any. */
static mg_status create_sign(const mg_engine *engine, double sign, mg_map **ret, mg_error *err)
{
    mg_status status = mg_alloc(ret, engine->network->n_layers, sizeof **ret, err);
    for (size_t l = 0; l < engine->network->n_layers && status == MG_OK; l++) {
        const mg_layer *layer = &engine->network->layer[l];
        if (!has_weights(layer)) continue;
        int64_t n = layer->out_channels * (layer->kind == MG_LINEAR ? layer->in_channels * layer->kernel : 1);
        double *weight = NULL;
        if ((status = mg_alloc(&weight, (size_t)n, sizeof *weight, err)) != MG_OK) break;
        (*ret)[l].owned = weight;
        for (int64_t i = 0; i < n; i++)
            weight[i] = layer->weight[i] * sign > 0.0 ? layer->weight[i] : 0.0;
        status = map_fill(engine, l, weight, &(*ret)[l], err);
    }
    return status;
}

mg_status mg_parts_create(const mg_engine *engine, mg_parts **ret, mg_error *err)
{
    mg_parts *parts = NULL;
    mg_status status = mg_alloc(&parts, 1, sizeof *parts, err);
    if (status != MG_OK) return status;
    parts->engine = engine;
    status = create_sign(engine, 1.0, &parts->positive, err);
    if (status == MG_OK) status = create_sign(engine, -1.0, &parts->negative, err);
    if (status != MG_OK) {
        mg_parts_destroy(parts);
        return status;
    }
    *ret = parts;
    return MG_OK;
}

void mg_parts_destroy(mg_parts *parts)
{
    if (parts == NULL) return;
    destroy_maps(parts->positive, parts->engine->network->n_layers);
    destroy_maps(parts->negative, parts->engine->network->n_layers);
    free(parts);
}
