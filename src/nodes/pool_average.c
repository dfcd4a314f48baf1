/* pool_average.c  the mean over a window that slides
 *
 * An average divides by the part of its window that lies inside input and padding (count_pad), or inside the input alone.
 */
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/step.h"
#include "src/engine/tile.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"
#include "src/nodes/slide.h"

static mg_status shape(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    const mg_slide *slide = &node->slide;
    mg_status status = mg_slide_check(slide, err);
    if (status != MG_OK) return status;
    *ret_out = (mg_extent){.length = mg_slide_length(slide, in[0].length, node->ceil), .channels = in[0].channels};
    if (ret_out->length < 1) return MG_OK; /* the graph refuses it */
    int64_t low = node->count_pad ? -slide->pad : 0, high = in[0].length + (node->count_pad ? slide->pad_end : 0);
    free(node->divisor);
    node->divisor = NULL;
    status = mg_alloc(&node->divisor, (size_t)ret_out->length, sizeof *node->divisor, err);
    for (int64_t t = 0; status == MG_OK && t < ret_out->length; t++) {
        for (int64_t k = 0; k < slide->kernel; k++) {
            int64_t p = t * slide->stride + k * slide->dilation - slide->pad;
            node->divisor[t] += p >= low && p < high;
        }
        if (node->divisor[t] < 1) status = mg_fail(err, MG_EINPUT, "its window %lld holds padding only", (long long)t);
    }
    return status;
}

#define real       float
#define NAME(name) name##_single
#include "src/nodes/pool_average_walk.h"
#undef real
#undef NAME
#define real       double
#define NAME(name) name##_double
#include "src/nodes/pool_average_walk.h"
#undef real
#undef NAME

/* Where the window's differences meet the output: sums, in the order of the positions. */
static void tile(const mg_step *step, mg_tile *tile)
{
    const mg_node *node = step->node;
    size_t in = mg_step_input(step, 0), out = step->output;
    mg_extent extent = mg_step_extent_in(step, 0);
    for (int64_t p = 0; p < tile->value[out].n; p++) {
        int64_t t = tile->value[out].position[p], n, first = mg_slide_first(&node->slide, extent.length, t, &n);
        mg_tile_begin(tile, out, t);
        for (int64_t c = 0; c < extent.channels; c++) {
            memset(tile->row, 0, MG_MUTANTS * sizeof *tile->row);
            for (int64_t j = 0; j < n; j++) {
                const float *row = mg_tile_listed(tile, in, first + j * node->slide.dilation, c);
                if (row != NULL) tile->kernels->add(row, 1.0f, tile->row);
            }
            for (int m = 0; m < MG_MUTANTS; m++)
                tile->row[m] /= (float)node->divisor[t];
            mg_tile_keep(tile, out, t, c, tile->row);
        }
        mg_tile_end(tile, out, t);
    }
}

static double factor(const mg_step *step, int64_t t, int64_t c)
{
    (void)c;
    return 1.0 / step->node->divisor[t];
}

static void difference(const mg_step *step, const mg_difference *in, const mg_difference *to, float *out)
{
    const mg_slide *slide = &step->node->slide;
    for (int64_t t = to->begin; t < to->end; t++) {
        int64_t count, first = mg_slide_first(slide, mg_step_extent_in(step, 0).length, t, &count);
        float *sum = out + (t - to->begin) * to->stride;
        memset(sum, 0, (size_t)to->stride * sizeof *sum);
        for (int64_t j = 0; j < count; j++) {
            int64_t p = first + j * slide->dilation;
            if (p < in->begin || p >= in->end) continue;
            for (int64_t c = 0; c < in->stride; c++)
                sum[c] += in->delta[(p - in->begin) * in->stride + c];
        }
        for (int64_t c = 0; c < to->stride; c++)
            sum[c] /= (float)step->node->divisor[t];
    }
}

#define OPS(precision)                                                                                                 \
    {                                                                                                                  \
        .tile = tile, .factor = factor, .difference = difference, .scratch = scratch_##precision,                      \
        .forward = forward_##precision, .backward = {                                                                  \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            gradient_##precision,                                                                                      \
            relevance_##precision                                                                                      \
        }                                                                                                              \
    }

static const mg_ops ops[] = {OPS(single), OPS(double)};

static const mg_kind kind = {.name = "average_pool",
                             .title = "average pool",
                             .traits = MG_TRAIT_LINEAR | MG_TRAIT_PIECEWISE_LINEAR | MG_TRAIT_KEEPS_SIGN,
                             .min_inputs = 1,
                             .max_inputs = 1,
                             .shape = shape,
                             .training = MG_TRAINED_MEAN,
                             .rules = "LRP: in proportion, m z / (z + epsilon sign(z))",
                             .words = mg_words_pool,
                             .touch = mg_slide_touch,
                             .need = mg_slide_need,
                             .ops = {&ops[0], &ops[1]}};

const mg_kind *mg_pool_average_kind(size_t i)
{
    return i == 0 ? &kind : NULL;
}
