/* tile_linear.c  a tile through linear steps, and through steps that look at one number each
 *
 * Certificates. For an output o of a linear step, every mutant's difference is |sum over taps k of w(k, o) . d(k)|, at most
 * B = sum over k of ||w(k, o)|| N(k), N(k) the norm kept of the input at that tap. Where z + B < 0 no mutant turns the
 * unit on, and its difference behind the ReLU is exactly 0. What is computed differs from the exact sum by rounding: at
 * most (n + 2) u times the sum of |w d|, n terms, u = 2^-24, which is at most (n + 2) u B again; norms are rounded up by
 * the same kind of factor (create_norm(), mg_tile_end() in tile_work.c), which covers both twice over.
 */
#include <string.h>

#include "src/engine/count.h"
#include "src/engine/tile_inside.h"

/* --- steps that look at one number each --- */

/* Take a row at (t, c) through the steps joined to step i. */
static void through_joined(mg_tile_scan *scan, size_t i, int64_t t, int64_t c, float *row)
{
    const mg_plan *plan = scan->plan;
    for (int64_t j = scan->steps.joined[i]; j != MG_NO_STEP; j = scan->steps.joined[j]) {
        const mg_step *step = &plan->step[j];
        float in = mg_tile_own(&scan->tile, step->node->input[0], t, c);
        float out = mg_tile_own(&scan->tile, step->output, t, c);
        step->ops->lane(step, in, out, c, row);
    }
}

void mg_tile_lane(mg_tile_scan *scan, size_t i)
{
    const mg_plan *plan = scan->plan;
    const mg_step *step = &plan->step[i];
    mg_tile *tile = &scan->tile;
    size_t in = step->node->input[0], out = mg_tile_steps_output(plan, &scan->steps, i);
    int64_t channels = plan->graph->extent[in].channels;
    for (int64_t p = 0; p < tile->value[out].n; p++) {
        int64_t t = tile->value[out].position[p];
        mg_tile_begin(tile, out, t);
        for (int64_t c = mg_tile_next(&tile->value[in], t, 0, channels); c < channels;
             c = mg_tile_next(&tile->value[in], t, c + 1, channels)) {
            memcpy(tile->row, mg_tile_row(tile, in, t, c), MG_MUTANTS * sizeof *tile->row);
            step->ops->lane(step, mg_tile_own(tile, in, t, c), mg_tile_own(tile, step->output, t, c), c, tile->row);
            through_joined(scan, i, t, c, tile->row);
            mg_tile_keep(tile, out, t, c, tile->row);
        }
        mg_tile_end(tile, out, t);
    }
}

/* --- linear steps --- */

/* The input position that output t takes tap k from; -1: none. */
static int64_t tap_position(const mg_rows *op, int64_t t, int64_t k)
{
    int64_t at = t * op->step + k * op->dilation - op->pad;
    if (at < 0 || at % op->divide != 0) return -1;
    at /= op->divide;
    return at < op->in_length ? at : -1;
}

/* What output t sums up: taps in order, channels in order. Adds the taps' bounds where `norm` is given. */
static int64_t list_entries(mg_tile_scan *scan, const mg_rows *op, size_t in, int64_t t, const float *norm)
{
    mg_tile *tile = &scan->tile;
    const mg_tile_value *value = &tile->value[in];
    mg_lane_entry *entry = tile->entry;
    if (norm != NULL) memset(scan->bound, 0, (size_t)op->out_stride * sizeof *scan->bound);
    for (int64_t k = 0; k < op->taps; k++) {
        int64_t p = tap_position(op, t, k);
        if (p < 0 || !value->changed[p]) continue;
        const uint64_t *mask = value->mask + p * value->words;
        for (int64_t w = 0; w < value->words; w++)
            for (uint64_t left = mask[w]; left != 0; left &= left - 1) {
                int32_t c = (int32_t)(w * 64 + __builtin_ctzll(left));
                *entry++ = (mg_lane_entry){.row = (int32_t)(p * op->in_channels) + c,
                                           .weight = c * (int32_t)op->taps + (int32_t)k};
            }
        if (norm != NULL) tile->kernels->bounds(norm + k * op->out_stride, value->norm[p], op->out_stride, scan->bound);
    }
    return entry - tile->entry;
}

/* Outputs that some mutant may change; `own` are the window's sums there. */
static int64_t list_outputs(mg_tile_scan *scan, const mg_rows *op, const float *norm, const float *own)
{
    int64_t n = 0;
    if (norm == NULL) {
        for (; n < op->out_channels; n++)
            scan->wanted[n] = n;
        return n;
    }
    scan->tile.kernels->alive(own, scan->bound, op->out_stride, scan->alive);
    for (int64_t w = 0; w * 64 < op->out_channels; w++)
        for (uint64_t left = scan->alive[w]; left != 0; left &= left - 1) {
            int64_t o = w * 64 + __builtin_ctzll(left);
            if (o < op->out_channels) scan->wanted[n++] = o;
        }
    return n;
}

/* Outputs wanted[first ..], at most MG_LANE_OUTPUTS and of one block: how many. */
static int64_t group_at(const mg_tile_scan *scan, int64_t first, int64_t n)
{
    int64_t some = 1;
    while (some < MG_LANE_OUTPUTS && first + some < n &&
           scan->wanted[first + some] / MG_BLOCK == scan->wanted[first] / MG_BLOCK)
        some++;
    return some;
}

/* A sum of output o at t goes through what is joined to its step, and is kept. */
static void keep_sum(mg_tile_scan *scan, size_t i, size_t out, int64_t t, int64_t o, float *row)
{
    mg_tile *tile = &scan->tile;
    mg_tile_value *value = &tile->value[out];
    int64_t next = scan->steps.joined[i];
    const mg_step *gate = next != MG_NO_STEP ? &scan->plan->step[next] : NULL;
    float slope;
    if (gate == NULL || scan->steps.joined[next] != MG_NO_STEP || gate->ops->gate == NULL ||
        !gate->ops->gate(gate, o, &slope)) {
        through_joined(scan, i, t, o, row);
        mg_tile_keep(tile, out, t, o, row);
        return;
    }
    float z = mg_tile_own(tile, gate->node->input[0], t, o), a = mg_tile_own(tile, out, t, o);
    if (tile->kernels->rectify_settle(z, a, slope, row, mg_tile_row(tile, out, t, o),
                                      value->bounded ? tile->squares : NULL))
        value->mask[t * value->words + o / 64] |= (uint64_t)1 << (o % 64);
}

static void linear_position(mg_tile_scan *scan, size_t i, const mg_rows *op, size_t out, int64_t t)
{
    mg_tile *tile = &scan->tile;
    const mg_step *step = &scan->plan->step[i];
    size_t in = step->node->input[0], sum = step->output;
    const float *norm = scan->norm[i], *weight[MG_LANE_OUTPUTS];
    const float *own = (const float *)tile->window->value[sum] + t * scan->plan->stride[sum];
    int64_t n_entries = list_entries(scan, op, in, t, norm);
    int64_t n = n_entries > 0 ? list_outputs(scan, op, norm, own) : 0;
    if (tile->n_macs != NULL) *tile->n_macs += (uint64_t)(n * n_entries * MG_MUTANTS);
    for (int64_t o = 0, some; o < n; o += some) {
        int64_t width = MG_BLOCK;
        some = group_at(scan, o, n);
        for (int64_t j = 0; j < some; j++)
            weight[j] = mg_tile_weights_of(op, scan->wanted[o + j], &width);
        tile->kernels->dots(weight, width, some, tile->entry, n_entries, tile->value[in].difference, tile->row);
        for (int64_t j = 0; j < some; j++)
            keep_sum(scan, i, out, t, scan->wanted[o + j], tile->row + j * MG_MUTANTS);
    }
}

void mg_tile_linear(mg_tile_scan *scan, size_t i, const mg_rows *op)
{
    mg_tile *tile = &scan->tile;
    size_t out = mg_tile_steps_output(scan->plan, &scan->steps, i);
    for (int64_t p = 0; p < tile->value[out].n; p++) {
        int64_t t = tile->value[out].position[p];
        mg_tile_begin(tile, out, t);
        linear_position(scan, i, op, out, t);
        mg_tile_end(tile, out, t);
    }
}
