/* move.c  values put side by side or in another order: concat, gather; and values that hold still: constant, known
 *
 * Concat and gather only move numbers, so every rule hands multipliers back the way they came; a number that was taken
 * several times gets the sum.
 */
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/step.h"
#include "src/engine/tile.h"
#include "src/graph/text/words.h"
#include "src/nodes/kinds.h"

/* --- shapes --- */

static mg_status shape_concat(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    bool channels = node->axis == MG_AXIS_CHANNELS;
    mg_extent out = in[0];
    for (size_t k = 1; k < node->n_inputs; k++) {
        if (channels ? in[k].length != out.length : in[k].channels != out.channels)
            return mg_fail(err, MG_EINPUT, "input %zu has %lld positions of %lld channels beside %lld of %lld", k + 1,
                           (long long)in[k].length, (long long)in[k].channels, (long long)out.length,
                           (long long)out.channels);
        if (channels)
            out.channels += in[k].channels;
        else
            out.length += in[k].length;
    }
    *ret_out = out;
    return MG_OK;
}

/* Does output position t take a whole position of the input, or zeros alone? *ret_from: which, -1. */
static bool moves_whole(const mg_node *node, mg_extent in, int64_t t, int64_t *ret_from)
{
    int64_t channels = node->asked.channels, first = node->index[t * channels];
    if (channels != in.channels || (first >= 0 && first % channels != 0)) return false;
    for (int64_t c = 0; c < channels; c++)
        if (node->index[t * channels + c] != (first >= 0 ? first + c : -1)) return false;
    *ret_from = first >= 0 ? first / channels : -1;
    return true;
}

static mg_status find_from(mg_node *node, mg_extent in, mg_error *err)
{
    mg_status status = mg_alloc(&node->from, (size_t)node->asked.length, sizeof *node->from, err);
    for (int64_t t = 0; t < node->asked.length && status == MG_OK; t++)
        if (!moves_whole(node, in, t, &node->from[t])) {
            free(node->from);
            node->from = NULL;
            break;
        }
    return status;
}

static mg_status shape_gather(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    int64_t n = node->asked.length * node->asked.channels, n_in = in->length * in->channels;
    if (node->index == NULL) return mg_fail(err, MG_EINPUT, "it has no index");
    for (int64_t i = 0; i < n; i++)
        if (node->index[i] < -1 || node->index[i] >= n_in)
            return mg_fail(err, MG_EINPUT, "it takes number %lld of %lld", (long long)node->index[i], (long long)n_in);
    *ret_out = node->asked;
    return find_from(node, *in, err);
}

static mg_status shape_constant(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    (void)in;
    if (node->n_weight != node->asked.length * node->asked.channels)
        return mg_fail(err, MG_EINPUT, "%lld numbers for %lld positions of %lld channels", (long long)node->n_weight,
                       (long long)node->asked.length, (long long)node->asked.channels);
    *ret_out = node->asked;
    return MG_OK;
}

static mg_status shape_known(mg_node *node, const mg_extent *in, mg_extent *ret_out, mg_error *err)
{
    (void)node;
    (void)err;
    *ret_out = (mg_extent){.length = in->length, .channels = 1};
    return MG_OK;
}

/* --- which positions meet --- */

/* The first position of input k in a concatenation along positions. */
static int64_t offset_of(const mg_extent *in, size_t k)
{
    int64_t offset = 0;
    for (size_t i = 0; i < k; i++)
        offset += in[i].length;
    return offset;
}

static void touch_concat(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *changed,
                         bool *touched)
{
    int64_t offset = node->axis == MG_AXIS_POSITIONS ? offset_of(in, k) : 0;
    (void)out;
    for (int64_t t = 0; t < in[k].length; t++)
        if (changed[t]) touched[offset + t] = true;
}

static void need_concat(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *wanted,
                        bool *needed)
{
    int64_t offset = node->axis == MG_AXIS_POSITIONS ? offset_of(in, k) : 0;
    (void)out;
    for (int64_t t = 0; t < in[k].length; t++)
        if (wanted[offset + t]) needed[t] = true;
}

static void touch_gather(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *changed,
                         bool *touched)
{
    (void)k;
    for (int64_t t = 0; node->from != NULL && t < out.length; t++)
        if (node->from[t] >= 0 && changed[node->from[t]]) touched[t] = true;
    for (int64_t i = 0; node->from == NULL && i < out.length * out.channels; i++)
        if (node->index[i] >= 0 && changed[node->index[i] / in->channels]) touched[i / out.channels] = true;
}

static void need_gather(const mg_node *node, const mg_extent *in, mg_extent out, size_t k, const bool *wanted,
                        bool *needed)
{
    (void)k;
    for (int64_t t = 0; node->from != NULL && t < out.length; t++)
        if (node->from[t] >= 0 && wanted[t]) needed[node->from[t]] = true;
    for (int64_t i = 0; node->from == NULL && i < out.length * out.channels; i++)
        if (node->index[i] >= 0 && wanted[i / out.channels]) needed[node->index[i] / in->channels] = true;
}

/* --- a tile of mutants --- */

static void keep_if_listed(mg_tile *tile, size_t in, int64_t t_in, int64_t c_in, size_t out, int64_t t, int64_t c)
{
    const float *row = tile->plan->explains[in] ? mg_tile_listed(tile, in, t_in, c_in) : NULL;
    if (row != NULL) mg_tile_keep(tile, out, t, c, row);
}

static void concat_position(const mg_step *step, mg_tile *tile, int64_t t)
{
    int64_t at = 0;
    for (size_t k = 0; k < step->node->n_inputs; k++) {
        size_t in = mg_step_input(step, k);
        mg_extent extent = step->extent[in];
        bool channels = step->node->axis == MG_AXIS_CHANNELS;
        if (channels || (t >= at && t < at + extent.length))
            for (int64_t c = 0; c < extent.channels; c++)
                keep_if_listed(tile, in, channels ? t : t - at, c, step->output, t, channels ? at + c : c);
        at += channels ? extent.channels : extent.length;
    }
}

static void concat_tile(const mg_step *step, mg_tile *tile)
{
    for (int64_t p = 0; p < tile->value[step->output].n; p++) {
        int64_t t = tile->value[step->output].position[p];
        mg_tile_begin(tile, step->output, t);
        concat_position(step, tile, t);
        mg_tile_end(tile, step->output, t);
    }
}

static bool gather_shift(const mg_step *step, int64_t *ret)
{
    const int64_t *from = step->node->from;
    if (from == NULL || from[0] < 0) return false;
    for (int64_t t = 0; t < mg_step_extent_out(step).length; t++)
        if (from[t] != from[0] + t) return false;
    *ret = from[0];
    return true;
}

static void gather_tile(const mg_step *step, mg_tile *tile)
{
    size_t in = mg_step_input(step, 0);
    int64_t channels = mg_step_extent_out(step).channels, channels_in = step->extent[in].channels;
    for (int64_t p = 0; p < tile->value[step->output].n; p++) {
        int64_t t = tile->value[step->output].position[p];
        mg_tile_begin(tile, step->output, t);
        for (int64_t c = 0; c < channels; c++) {
            int64_t i = step->node->index[t * channels + c];
            if (i >= 0) keep_if_listed(tile, in, i / channels_in, i % channels_in, step->output, t, c);
        }
        mg_tile_end(tile, step->output, t);
    }
}

#define REAL       float
#define NAME(name) name##_single
#include "src/nodes/move_walk.h"
#undef REAL
#undef NAME
#define REAL       double
#define NAME(name) name##_double
#include "src/nodes/move_walk.h"

enum { LINEAR = MG_TRAIT_LINEAR | MG_TRAIT_PIECEWISE_LINEAR | MG_TRAIT_KEEPS_SIGN };

static const mg_kind kinds[] = {
    {.name = "concat",
     .title = "concatenation",
     .traits = LINEAR | MG_TRAIT_SIDE_BY_SIDE,
     .min_inputs = 2,
     .max_inputs = MG_ANY_INPUTS,
     .shape = shape_concat,
     .touch = touch_concat,
     .need = need_concat,
     .words = mg_words_axis,
     .ops = {&concat_ops_single, &concat_ops_double}},
    {.name = "gather",
     .title = "gathering",
     .traits = LINEAR,
     .min_inputs = 1,
     .max_inputs = 1,
     .shape = shape_gather,
     .touch = touch_gather,
     .need = need_gather,
     .words = mg_words_gather,
     .ops = {&gather_ops_single, &gather_ops_double}},
    {.name = "constant",
     .title = "constant",
     .traits = MG_TRAIT_PIECEWISE_LINEAR,
     .shape = shape_constant,
     .words = mg_words_constant,
     .ops = {&constant_ops_single, &constant_ops_double}},
    {.name = "known",
     .title = "mask of known positions",
     .traits = MG_TRAIT_NONNEGATIVE,
     .min_inputs = 1,
     .max_inputs = 1,
     .shape = shape_known,
     .ops = {&known_ops_single, &known_ops_double}},
};

const mg_kind *mg_move_kind(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}
