/* map.c  weights packed in rows for the kernels
 *
 * The packing is where shapes meet vectors: channels are padded to MG_LANES with zero weights, outputs are cut into
 * blocks, and the backward map is the forward one with taps reversed and channels exchanged, so one kernel serves
 * both.
 */
#include "src/engine/map.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

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

static bool suits_narrow(const mg_rows *op)
{
    return op->step == 1 && op->divide == 1 && op->dilation == 1 && op->out_length > 1 &&
           op->out_channels <= MG_NARROW && op->taps <= MG_NARROW_TAPS && op->in_stride <= MG_NARROW_CHANNELS;
}

/* ... and as narrow.h takes them: as many vectors behind the zeros as the widest instruction set reads. */
static mg_status pack_narrow(mg_rows *op, mg_error *err)
{
    enum { MOST = (MG_NARROW_LEAD + MG_NARROW * MG_NARROW_TAPS + MG_LANES - 1) / MG_LANES };
    if (!suits_narrow(op)) return MG_OK;
    op->narrow_width = MG_LANES * (1 + MOST);
    mg_status status = mg_alloc_aligned(&op->narrow, (size_t)(op->in_channels * op->narrow_width), sizeof(float), err);
    if (status != MG_OK) return status;
    for (int64_t c = 0; c < op->in_channels; c++)
        for (int64_t k = 0; k < op->taps; k++)
            for (int64_t o = 0; o < op->out_channels; o++)
                op->narrow[c * op->narrow_width + MG_NARROW_LEAD + MG_NARROW * (op->taps - 1 - k) + o] =
                    *packed_weight(op, k, c, o);
    return MG_OK;
}

static mg_rows forward_shape(const mg_step *step)
{
    const mg_slide *slide = &step->node->slide;
    mg_extent in = mg_step_extent_in(step, 0), out = mg_step_extent_out(step);
    return (mg_rows){.taps = slide->kernel,
                     .dilation = slide->dilation,
                     .pad = slide->pad,
                     .step = slide->stride,
                     .divide = 1,
                     .in_length = in.length,
                     .in_channels = in.channels,
                     .in_stride = step->stride[mg_step_input(step, 0)],
                     .out_length = out.length,
                     .out_channels = out.channels,
                     .out_stride = step->stride[step->output]};
}

static mg_status pack_forward(const mg_node *node, const double *weight, mg_rows *op, mg_error *err)
{
    mg_status status = allocate_rows(op, err);
    if (status != MG_OK) return status;
    for (int64_t o = 0; o < op->out_channels; o++) {
        op->bias[o] = (float)node->bias[o];
        for (int64_t c = 0; c < op->in_channels; c++)
            for (int64_t k = 0; k < op->taps; k++)
                *packed_weight(op, k, c, o) = (float)weight[(o * op->in_channels + c) * op->taps + k];
    }
    return MG_OK;
}

static mg_status pack_backward(const mg_step *step, const double *weight, mg_rows *op, mg_error *err)
{
    const mg_slide *slide = &step->node->slide;
    mg_extent in = mg_step_extent_in(step, 0), out = mg_step_extent_out(step);
    *op = (mg_rows){.taps = slide->kernel,
                    .dilation = slide->dilation,
                    .pad = (slide->kernel - 1) * slide->dilation - slide->pad,
                    .step = 1,
                    .divide = slide->stride,
                    .in_length = out.length,
                    .in_channels = out.channels,
                    .in_stride = step->stride[step->output],
                    .out_length = in.length,
                    .out_channels = in.channels,
                    .out_stride = step->stride[mg_step_input(step, 0)]};
    mg_status status = allocate_rows(op, err);
    if (status != MG_OK) return status;
    for (int64_t o = 0; o < out.channels; o++)
        for (int64_t c = 0; c < in.channels; c++)
            for (int64_t k = 0; k < slide->kernel; k++)
                *packed_weight(op, slide->kernel - 1 - k, o, c) =
                    (float)weight[(o * in.channels + c) * slide->kernel + k];
    return MG_OK;
}

/* The weights of a convolution in groups as those of one without: zeros between groups. */
static void spread_groups(const mg_node *node, mg_extent in, mg_extent out, double *weight)
{
    int64_t n_in = in.channels / node->groups, n_out = out.channels / node->groups, kernel = node->slide.kernel;
    for (int64_t o = 0; o < out.channels; o++)
        memcpy(weight + (o * in.channels + o / n_out * n_in) * kernel, node->weight + o * n_in * kernel,
               (size_t)(n_in * kernel) * sizeof *weight);
}

/* The weights as (O, C, kernel); those in groups are spread out. */
static mg_status own_weights(const mg_step *step, mg_map *map, mg_error *err)
{
    mg_extent in = mg_step_extent_in(step, 0), out = mg_step_extent_out(step);
    map->weight = step->node->weight;
    if (step->node->groups <= 1) return MG_OK;
    size_t n = (size_t)(out.channels * in.channels * step->node->slide.kernel);
    mg_status status = mg_alloc(&map->owned, n, sizeof *map->owned, err);
    if (status != MG_OK) return status;
    spread_groups(step->node, in, out, map->owned);
    map->weight = map->owned;
    return MG_OK;
}

/* In float32 nobody looks at the numbers again that were packed. */
static mg_status pack_single(const mg_step *step, mg_map *map, mg_error *err)
{
    mg_status status = pack_forward(step->node, map->weight, &map->forward, err);
    if (status == MG_OK) status = pack_flat(&map->forward, err);
    if (status == MG_OK) status = pack_backward(step, map->weight, &map->backward, err);
    if (status == MG_OK) status = pack_flat(&map->backward, err);
    if (status == MG_OK) status = pack_narrow(&map->backward, err);
    free(map->owned);
    map->weight = map->owned = NULL;
    return status;
}

mg_status mg_map_create(const mg_step *step, mg_precision precision, mg_map **ret, mg_error *err)
{
    mg_map *map = NULL;
    mg_status status = mg_alloc(&map, 1, sizeof *map, err);
    if (status != MG_OK) return status;
    map->forward = forward_shape(step);
    status = own_weights(step, map, err);
    if (status == MG_OK && precision == MG_SINGLE) status = pack_single(step, map, err);
    if (status != MG_OK) {
        mg_map_destroy(map);
        return status;
    }
    *ret = map;
    return MG_OK;
}

float mg_map_weight(const mg_map *map, int64_t out, int64_t in, int64_t tap)
{
    return *packed_weight(&map->forward, tap, in, out);
}

void mg_map_destroy(void *packed)
{
    mg_map *map = packed;
    if (map == NULL) return;
    free(map->owned);
    free(map->forward.weight);
    free(map->forward.flat);
    free(map->forward.bias);
    free(map->backward.weight);
    free(map->backward.flat);
    free(map->backward.narrow);
    free(map->backward.bias);
    free(map);
}
