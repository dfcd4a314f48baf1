/* tile_scan.c  a tile of mutants through the steps of a plan (tile_scan.h)
 *
 * Certificates. For an output o of a linear step, every mutant's difference is |sum over taps k of w(k, o) . d(k)|, at most
 * B = sum over k of ||w(k, o)|| N(k), N(k) the norm kept of the input at that tap. Where z + B < 0 no mutant turns the
 * unit on, and its difference behind the ReLU is exactly 0. What is computed differs from the exact sum by rounding: at
 * most (n + 2) u times the sum of |w d|, n terms, u = 2^-24, which is at most (n + 2) u B again; norms are rounded up by
 * the same kind of factor. SLACK covers both, twice over.
 */
#include "src/engine/tile_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/pass_inside.h"
#include "src/engine/count.h"
#include "src/engine/tile.h"
#include "src/engine/tile_steps.h"

#define UNIT 5.9604645e-8f /* 2^-24: a rounding of a float */

struct mg_tile_scan {
    const mg_plan *plan;
    mg_tile_steps steps;
    bool certificates;
    mg_tile tile;
    float **slot; /* (n_slots) rows of differences */
    float **norm; /* (steps) of a linear step that ReLU follows: (taps, out_stride) norms of its weights, rounded up */
    float **gradient;    /* (values) dF/d(value) where the tail takes it or makes it; else NULL */
    void **m_in;         /* (the most inputs of a node) pointers into `handed` */
    float **handed;      /* the same, arrays of max_size */
    float *bound;        /* (max out_stride) */
    int64_t *wanted;     /* (max out_stride) outputs that are worked out */
    uint64_t *alive;     /* bits of them */
    float *total;        /* (MG_MUTANTS) differences of F */
    mg_tools tools;      /* for nodes that are run whole, and for the tail */
    mg_state mutant;     /* values of one mutant, where a node is run whole */
    void **mutant_value; /* (values) owned arrays; NULL: the window's */
    void **mutant_memo;  /* (steps) owned arrays */
    uint64_t *n_macs;
    size_t bytes;
};

/* --- listing differences --- */

void mg_tile_begin(mg_tile *tile, size_t v, int64_t t)
{
    mg_tile_value *value = &tile->value[v];
    memset(value->mask + t * value->words, 0, (size_t)value->words * sizeof *value->mask);
    if (value->bounded) memset(tile->squares, 0, MG_MUTANTS * sizeof *tile->squares);
}

void mg_tile_keep(mg_tile *tile, size_t v, int64_t t, int64_t c, const float *row)
{
    mg_tile_value *value = &tile->value[v];
    if (tile->kernels->settle(row, mg_tile_row(tile, v, t, c), value->bounded ? tile->squares : NULL))
        value->mask[t * value->words + c / 64] |= (uint64_t)1 << (c % 64);
}

/* Sum of C squares and a root: relative error below (C + 4) u; rounded up past it. */
void mg_tile_end(mg_tile *tile, size_t v, int64_t t)
{
    float slack = 1.0f + 2.0f * UNIT * (float)(tile->plan->graph->extent[v].channels + 4);
    if (tile->value[v].bounded) tile->value[v].norm[t] = sqrtf(tile->kernels->largest(tile->squares)) * slack;
}

/* --- the workspace --- */

static mg_status room(mg_tile_scan *scan, void *ret, size_t n, size_t size, mg_error *err)
{
    scan->bytes += n * size;
    return mg_alloc_aligned(ret, n, size, err);
}

/* Arrays of a value whose differences lie in its own slot; those that lie elsewhere point there. */
static mg_status create_value(mg_tile_scan *scan, size_t v, mg_error *err)
{
    mg_tile_value *value = &scan->tile.value[v];
    mg_extent extent = scan->plan->graph->extent[v];
    size_t masks = (size_t)(extent.length * value->words);
    mg_status status = room(scan, &value->mask, masks, sizeof *value->mask, err);
    if (status == MG_OK) status = room(scan, &value->norm, (size_t)extent.length, sizeof *value->norm, err);
    value->difference = scan->slot[scan->steps.slot[v]];
    return status;
}

static void share_value(mg_tile_scan *scan, size_t v)
{
    mg_tile_value *value = &scan->tile.value[v];
    const mg_tile_value *in = &scan->tile.value[scan->steps.lies_in[v]];
    int64_t offset = scan->steps.offset[v];
    if (in->difference == NULL) return; /* a step within a joined chain, whose output is nowhere */
    value->mask = in->mask + offset * value->words;
    value->norm = in->norm + offset;
    value->difference = in->difference + offset * scan->plan->graph->extent[v].channels * MG_MUTANTS;
}

static mg_status create_values(mg_tile_scan *scan, mg_error *err)
{
    const mg_plan *plan = scan->plan;
    mg_status status = mg_alloc(&scan->tile.value, plan->n_steps + 1, sizeof *scan->tile.value, err);
    for (size_t v = 0; v <= plan->n_steps && status == MG_OK; v++) {
        mg_tile_value *value = &scan->tile.value[v];
        mg_extent extent = plan->graph->extent[v];
        if (!plan->explains[v]) continue;
        value->words = (extent.channels + 63) / 64;
        status = room(scan, &value->changed, (size_t)extent.length, sizeof *value->changed, err);
        if (status == MG_OK) status = room(scan, &value->position, (size_t)extent.length, sizeof *value->position, err);
        if (status == MG_OK && scan->steps.slot[v] >= 0) status = create_value(scan, v, err);
        if (status == MG_OK && scan->steps.lies_in[v] != (int64_t)v) share_value(scan, v);
    }
    return status;
}

/* Not zeroed: the system gives pages when they are first written, and exact sets of positions write few of them. */
static mg_status create_slots(mg_tile_scan *scan, mg_error *err)
{
    mg_status status = mg_alloc(&scan->slot, (size_t)scan->steps.n_slots, sizeof *scan->slot, err);
    for (int s = 0; s < scan->steps.n_slots && status == MG_OK; s++) {
        size_t bytes = (size_t)scan->steps.slot_rows[s] * MG_MUTANTS * sizeof(float);
        scan->slot[s] = aligned_alloc(MG_ALIGNMENT, (bytes + MG_ALIGNMENT - 1) / MG_ALIGNMENT * MG_ALIGNMENT);
        if (scan->slot[s] == NULL) status = mg_fail(err, MG_EMEM, "no memory for %zu bytes", bytes);
        scan->bytes += bytes;
    }
    return status;
}

static const mg_rows *rows_of(const mg_step *step)
{
    return step->ops->rows != NULL ? step->ops->rows(step) : NULL;
}

/* The weights of output o: those of its block, `width` numbers apart. */
static const float *weights_of(const mg_rows *op, int64_t o, int64_t *width)
{
    int64_t block = o / MG_BLOCK, left = op->out_stride - block * MG_BLOCK;
    *width = left < MG_BLOCK ? left : MG_BLOCK;
    return op->weight + op->taps * op->in_channels * block * MG_BLOCK + (o - block * MG_BLOCK);
}

/* Norm of the weights of each tap and output, rounded up; and the slack of sums over all of them. */
static mg_status create_norm(mg_tile_scan *scan, size_t i, mg_error *err)
{
    const mg_rows *op = rows_of(&scan->plan->step[i]);
    int64_t n_terms = op->taps * op->in_channels;
    mg_status status = room(scan, &scan->norm[i], (size_t)(op->taps * op->out_stride), sizeof(float), err);
    for (int64_t o = 0; o < op->out_channels && status == MG_OK; o++) {
        int64_t width;
        const float *weight = weights_of(op, o, &width);
        for (int64_t k = 0; k < op->taps; k++) {
            double sum = 0.0;
            for (int64_t c = 0; c < op->in_channels; c++) {
                double w = (double)weight[(c * op->taps + k) * width];
                sum += w * w;
            }
            scan->norm[i][k * op->out_stride + o] =
                (float)(sqrt(sum) * (1.0 + (double)UNIT * 4.0 * (double)(n_terms + op->taps + 8)));
        }
    }
    return status;
}

static bool rectifier_follows(const mg_tile_scan *scan, size_t i)
{
    int64_t next = scan->steps.joined[i];
    return next != MG_NO_STEP && (scan->plan->step[next].node->kind->traits & MG_TRAIT_RECTIFIER) != 0;
}

/* Everybody who lies where value v lies keeps norms. */
static void ask_for_norms(mg_tile_scan *scan, size_t v)
{
    for (size_t w = 0; w <= scan->plan->n_steps; w++)
        if (scan->steps.lies_in[w] == scan->steps.lies_in[v]) scan->tile.value[w].bounded = true;
}

static mg_status create_norms(mg_tile_scan *scan, mg_error *err)
{
    mg_status status = mg_alloc(&scan->norm, scan->plan->n_steps, sizeof *scan->norm, err);
    for (size_t i = 0; i < scan->plan->n_steps && status == MG_OK; i++) {
        if (scan->steps.role[i] != MG_TILE_RUN || rows_of(&scan->plan->step[i]) == NULL) continue;
        if (!scan->certificates || !rectifier_follows(scan, i)) continue;
        ask_for_norms(scan, scan->plan->graph->node[i].input[0]);
        status = create_norm(scan, i, err);
    }
    return status;
}

static mg_status create_gradients(mg_tile_scan *scan, mg_error *err)
{
    const mg_plan *plan = scan->plan;
    mg_status status = mg_alloc(&scan->gradient, plan->n_steps + 1, sizeof *scan->gradient, err);
    if (status == MG_OK) status = mg_alloc(&scan->handed, plan->max_inputs, sizeof *scan->handed, err);
    if (status == MG_OK) status = mg_alloc(&scan->m_in, plan->max_inputs, sizeof *scan->m_in, err);
    for (size_t k = 0; k < plan->max_inputs && status == MG_OK; k++)
        status = room(scan, &scan->handed[k], (size_t)plan->max_size, sizeof(float), err);
    for (size_t v = 0; v <= plan->n_steps && status == MG_OK; v++)
        if (scan->steps.cut[v] || (v > 0 && scan->steps.role[v - 1] == MG_TILE_TAIL))
            status = room(scan, &scan->gradient[v], (size_t)plan->size[v], sizeof(float), err);
    return status;
}

/* A node that has none of the tile functions. */
static bool runs_whole(const mg_step *step)
{
    return step->ops->rows == NULL && step->ops->lane == NULL && step->ops->tile == NULL;
}

static mg_status create_mutant(mg_tile_scan *scan, mg_error *err)
{
    const mg_plan *plan = scan->plan;
    size_t n = plan->n_steps;
    mg_status status = mg_alloc(&scan->mutant_value, n + 1, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc(&scan->mutant_memo, n, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc(&scan->mutant.value, n + 1, sizeof(void *), err);
    if (status == MG_OK) status = mg_alloc(&scan->mutant.memo, n, sizeof(void *), err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        const mg_step *step = &plan->step[i];
        if (scan->steps.role[i] != MG_TILE_RUN || !runs_whole(step)) continue;
        status = room(scan, &scan->mutant_value[step->output], (size_t)plan->size[step->output], sizeof(float), err);
        for (size_t k = 0; k < step->node->n_inputs && status == MG_OK; k++) {
            size_t v = step->node->input[k];
            if (plan->explains[v] && scan->mutant_value[v] == NULL)
                status = room(scan, &scan->mutant_value[v], (size_t)plan->size[v], sizeof(float), err);
        }
        if (status == MG_OK && step->ops->memo != NULL)
            status = room(scan, &scan->mutant_memo[i], step->ops->memo(step), 1, err);
    }
    return status;
}

static mg_status create_scratch(mg_tile_scan *scan, mg_error *err)
{
    const mg_plan *plan = scan->plan;
    mg_tile *tile = &scan->tile;
    int64_t outputs = MG_BLOCK, window = scan->steps.max_window + 1;
    for (size_t v = 0; v <= plan->n_steps; v++)
        if (plan->stride[v] > outputs) outputs = plan->stride[v];
    mg_status status = room(scan, &tile->entry, (size_t)scan->steps.max_entries + 1, sizeof *tile->entry, err);
    if (status == MG_OK) status = room(scan, &tile->row, MG_LANE_OUTPUTS * MG_MUTANTS, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &tile->squares, MG_MUTANTS, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &tile->rows, (size_t)window, sizeof *tile->rows, err);
    if (status == MG_OK) status = room(scan, &tile->column, (size_t)window, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &scan->bound, (size_t)outputs, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &scan->wanted, (size_t)outputs, sizeof *scan->wanted, err);
    if (status == MG_OK) status = room(scan, &scan->alive, (size_t)(outputs + 63) / 64, sizeof *scan->alive, err);
    if (status == MG_OK) status = room(scan, &scan->total, MG_MUTANTS, sizeof(float), err);
    if (status == MG_OK) status = mg_tools_create(plan, &scan->tools, err);
    return status;
}

mg_status mg_tile_scan_create(const mg_plan *plan, bool certificates, mg_tile_scan **ret, mg_error *err)
{
    mg_tile_scan *scan = NULL;
    mg_status status = mg_alloc(&scan, 1, sizeof *scan, err);
    if (status != MG_OK) return status;
    scan->plan = plan;
    scan->certificates = certificates;
    scan->tile = (mg_tile){.plan = plan, .kernels = plan->kernels->lanes};
    status = mg_tile_steps_create(plan, &scan->steps, err);
    if (status == MG_OK) status = create_slots(scan, err);
    if (status == MG_OK) status = create_values(scan, err);
    if (status == MG_OK) status = create_norms(scan, err);
    if (status == MG_OK) status = create_gradients(scan, err);
    if (status == MG_OK) status = create_mutant(scan, err);
    if (status == MG_OK) status = create_scratch(scan, err);
    if (status != MG_OK) {
        mg_tile_scan_destroy(scan);
        return status;
    }
    *ret = scan;
    return MG_OK;
}

static void destroy_values(mg_tile_scan *scan)
{
    for (size_t v = 0; scan->tile.value != NULL && v <= scan->plan->n_steps; v++) {
        free(scan->tile.value[v].changed);
        free(scan->tile.value[v].position);
        if (scan->steps.lies_in[v] != (int64_t)v) continue;
        free(scan->tile.value[v].mask);
        free(scan->tile.value[v].norm);
    }
    free(scan->tile.value);
}

static void destroy_arrays(void *arrays, size_t n)
{
    void **array = arrays;
    for (size_t i = 0; array != NULL && i < n; i++)
        free(array[i]);
    free(array);
}

void mg_tile_scan_destroy(mg_tile_scan *scan)
{
    if (scan == NULL) return;
    size_t n = scan->plan->n_steps;
    destroy_values(scan);
    destroy_arrays(scan->slot, (size_t)scan->steps.n_slots);
    destroy_arrays(scan->norm, n);
    destroy_arrays(scan->gradient, n + 1);
    destroy_arrays(scan->handed, scan->plan->max_inputs);
    destroy_arrays(scan->mutant_value, n + 1);
    destroy_arrays(scan->mutant_memo, n);
    free(scan->mutant.value);
    free(scan->mutant.memo);
    free(scan->m_in);
    free(scan->tile.entry);
    free(scan->tile.row);
    free(scan->tile.squares);
    free(scan->tile.rows);
    free(scan->tile.column);
    free(scan->bound);
    free(scan->wanted);
    free(scan->alive);
    free(scan->total);
    mg_tools_destroy(&scan->tools);
    mg_tile_steps_destroy(scan->plan, &scan->steps);
    free(scan);
}

size_t mg_tile_scan_bytes(const mg_tile_scan *scan)
{
    return scan->bytes;
}

void mg_tile_scan_count(mg_tile_scan *scan, uint64_t *n_macs)
{
    scan->n_macs = scan->tile.n_macs = n_macs;
}

bool mg_tile_scan_blind(const mg_tile_scan *scan, int64_t i)
{
    return scan->steps.need[0] == NULL || !scan->steps.need[0][i];
}

/* --- which positions a tile changes --- */

static void list_positions(mg_tile_scan *scan, size_t v)
{
    mg_tile_value *value = &scan->tile.value[v];
    value->n = 0;
    for (int64_t t = 0; t < scan->plan->graph->extent[v].length; t++)
        if (value->changed[t]) value->position[value->n++] = (int32_t)t;
}

/* The output's: what the inputs' touch, as far as F needs it. */
static void find_positions(mg_tile_scan *scan, size_t i)
{
    const mg_plan *plan = scan->plan;
    size_t v = mg_node_value(i);
    mg_tile_value *value = &scan->tile.value[v];
    int64_t length = plan->graph->extent[v].length;
    memset(value->changed, 0, (size_t)length * sizeof *value->changed);
    for (size_t k = 0; k < plan->graph->node[i].n_inputs; k++) {
        size_t in = plan->graph->node[i].input[k];
        if (plan->explains[in])
            mg_tile_steps_touch(plan, &scan->steps, i, k, scan->tile.value[in].changed, value->changed);
    }
    for (int64_t t = 0; t < length; t++)
        value->changed[t] = value->changed[t] && scan->steps.need[v][t];
}

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

static void run_lane(mg_tile_scan *scan, size_t i)
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
            weight[j] = weights_of(op, scan->wanted[o + j], &width);
        tile->kernels->dots(weight, width, some, tile->entry, n_entries, tile->value[in].difference, tile->row);
        for (int64_t j = 0; j < some; j++)
            keep_sum(scan, i, out, t, scan->wanted[o + j], tile->row + j * MG_MUTANTS);
    }
}

static void run_linear(mg_tile_scan *scan, size_t i, const mg_rows *op)
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

/* --- nodes that are run whole, mutant by mutant --- */

/* Values of mutant m of the tile at the inputs of a step: the window's, and the differences. */
static void set_inputs(mg_tile_scan *scan, const mg_step *step, int m)
{
    const mg_plan *plan = scan->plan;
    mg_tile *tile = &scan->tile;
    for (size_t k = 0; k < step->node->n_inputs; k++) {
        size_t v = step->node->input[k];
        int64_t channels = plan->graph->extent[v].channels;
        if (scan->mutant_value[v] == NULL) continue;
        memcpy(scan->mutant_value[v], tile->window->value[v], (size_t)plan->size[v] * sizeof(float));
        for (int64_t p = 0; p < tile->value[v].n; p++) {
            int64_t t = tile->value[v].position[p];
            for (int64_t c = mg_tile_next(&tile->value[v], t, 0, channels); c < channels;
                 c = mg_tile_next(&tile->value[v], t, c + 1, channels))
                ((float *)scan->mutant_value[v])[t * plan->stride[v] + c] += mg_tile_row(tile, v, t, c)[m];
        }
    }
}

/* Where mutant m's output differs goes into the rows, before they are known to be listed. */
static void take_output(mg_tile_scan *scan, const mg_step *step, int m)
{
    mg_tile *tile = &scan->tile;
    size_t v = step->output;
    const float *mutant = scan->mutant_value[v];
    for (int64_t p = 0; p < tile->value[v].n; p++) {
        int64_t t = tile->value[v].position[p];
        for (int64_t c = 0; c < scan->plan->graph->extent[v].channels; c++)
            mg_tile_row(tile, v, t, c)[m] = mutant[t * scan->plan->stride[v] + c] - mg_tile_own(tile, v, t, c);
    }
}

static void run_whole(mg_tile_scan *scan, size_t i)
{
    const mg_plan *plan = scan->plan;
    const mg_step *step = &plan->step[i];
    mg_tile *tile = &scan->tile;
    for (size_t v = 0; v <= plan->n_steps; v++)
        scan->mutant.value[v] = scan->mutant_value[v] != NULL ? scan->mutant_value[v] : tile->window->value[v];
    for (size_t s = 0; s < plan->n_steps; s++)
        scan->mutant.memo[s] = scan->mutant_memo[s] != NULL ? scan->mutant_memo[s] : tile->window->memo[s];
    scan->tools.explained = tile->window;
    for (int m = 0; m < MG_MUTANTS; m++) {
        set_inputs(scan, step, m);
        step->ops->forward(step, &scan->tools, &scan->mutant);
        take_output(scan, step, m);
    }
    for (int64_t p = 0; p < tile->value[step->output].n; p++) {
        int64_t t = tile->value[step->output].position[p];
        mg_tile_begin(tile, step->output, t);
        for (int64_t c = 0; c < plan->graph->extent[step->output].channels; c++)
            mg_tile_keep(tile, step->output, t, c, mg_tile_row(tile, step->output, t, c));
        mg_tile_end(tile, step->output, t);
    }
}

/* --- the tail --- */

static void add_numbers(const float *from, int64_t n, float *to)
{
    for (int64_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* dF/d(value) of all values that the tail takes, for the window of the pass. */
static void find_gradients(mg_tile_scan *scan)
{
    static const mg_rule gradient = {.kind = MG_RULE_GRADIENT};
    const mg_plan *plan = scan->plan;
    for (size_t v = 0; v <= plan->n_steps; v++)
        if (scan->gradient[v] != NULL) memset(scan->gradient[v], 0, (size_t)plan->size[v] * sizeof(float));
    if (scan->gradient[plan->n_steps] != NULL) scan->gradient[plan->n_steps][0] = 1.0f;
    for (size_t i = plan->n_steps; i-- > 0;) {
        const mg_step *step = &plan->step[i];
        if (scan->steps.role[i] != MG_TILE_TAIL) continue;
        for (size_t k = 0; k < step->node->n_inputs; k++)
            scan->m_in[k] = plan->explains[step->node->input[k]] ? scan->handed[k] : NULL;
        const mg_backward go = {.rule = &gradient,
                                .window = scan->tile.window,
                                .reference = scan->tile.window,
                                .m = scan->gradient[step->output],
                                .m_in = scan->m_in};
        step->ops->backward[MG_RULE_GRADIENT](step, &scan->tools, &go);
        for (size_t k = 0; k < step->node->n_inputs; k++)
            if (scan->m_in[k] != NULL)
                add_numbers(scan->handed[k], plan->size[step->node->input[k]], scan->gradient[step->node->input[k]]);
    }
}

/* F's differences: those of the values that the tail takes, times their gradients. */
static void add_up(mg_tile_scan *scan)
{
    const mg_plan *plan = scan->plan;
    mg_tile *tile = &scan->tile;
    memset(scan->total, 0, MG_MUTANTS * sizeof *scan->total);
    for (size_t v = 0; v <= plan->n_steps; v++) {
        int64_t channels = plan->graph->extent[v].channels;
        if (!scan->steps.cut[v]) continue;
        for (int64_t p = 0; p < tile->value[v].n; p++) {
            int64_t t = tile->value[v].position[p];
            for (int64_t c = mg_tile_next(&tile->value[v], t, 0, channels); c < channels;
                 c = mg_tile_next(&tile->value[v], t, c + 1, channels))
                tile->kernels->add(mg_tile_row(tile, v, t, c), scan->gradient[v][t * plan->stride[v] + c], scan->total);
        }
    }
    const float *last = plan->n_steps > 0 && scan->steps.role[plan->n_steps - 1] == MG_TILE_TAIL
                            ? NULL
                            : mg_tile_listed(tile, plan->n_steps, 0, 0);
    if (last != NULL) memcpy(scan->total, last, MG_MUTANTS * sizeof *scan->total);
}

/* --- a tile --- */

/* The base that mutant q of a site has. */
static mg_base other(mg_base from, int q)
{
    return (mg_base)(q + (q >= (int)from));
}

static int lane_of(int site, int q)
{
    return q * MG_SITES + site;
}

/* The window's differences: at each site -1 for the base that is there, 1 for the mutant's. */
static void begin_tile(mg_tile_scan *scan, const mg_base *base, int64_t first, int n)
{
    mg_tile *tile = &scan->tile;
    mg_tile_value *value = &tile->value[0];
    int64_t length = scan->plan->graph->length;
    memset(value->changed, 0, (size_t)length * sizeof *value->changed);
    for (int s = 0; s < n; s++)
        value->changed[first + s] = base[first + s] < MG_N_BASES && !mg_tile_scan_blind(scan, first + s);
    list_positions(scan, 0);
    for (int64_t p = 0; p < value->n; p++) {
        int64_t i = value->position[p];
        int site = (int)(i - first);
        mg_tile_begin(tile, 0, i);
        for (mg_base b = 0; b < MG_N_BASES; b++) {
            memset(tile->row, 0, MG_MUTANTS * sizeof *tile->row);
            for (int q = 0; q < MG_N_BASES - 1; q++)
                tile->row[lane_of(site, q)] = b == base[i] ? -1.0f : (float)(b == other(base[i], q));
            mg_tile_keep(tile, 0, i, b, tile->row);
        }
        mg_tile_end(tile, 0, i);
    }
}

static void run_step(mg_tile_scan *scan, size_t i)
{
    const mg_step *step = &scan->plan->step[i];
    const mg_rows *op = rows_of(step);
    list_positions(scan, mg_tile_steps_output(scan->plan, &scan->steps, i));
    if (op != NULL)
        run_linear(scan, i, op);
    else if (step->ops->lane != NULL)
        run_lane(scan, i);
    else if (step->ops->tile != NULL)
        step->ops->tile(step, &scan->tile);
    else
        run_whole(scan, i);
}

/* Joined steps hand positions on as they are, so a step's output has the last one's. */
static void find_all_positions(mg_tile_scan *scan)
{
    for (size_t i = 0; i < scan->plan->n_steps; i++)
        if (scan->steps.role[i] != MG_TILE_ABSENT && scan->steps.role[i] != MG_TILE_TAIL) find_positions(scan, i);
}

static void scan_tile(mg_tile_scan *scan, const mg_base *base, int64_t first, float *effect)
{
    const mg_plan *plan = scan->plan;
    int64_t left = plan->graph->length - first;
    int n = left < MG_SITES ? (int)left : MG_SITES;
    memset(effect + first * MG_N_BASES, 0, (size_t)(n * MG_N_BASES) * sizeof *effect);
    begin_tile(scan, base, first, n);
    if (scan->tile.value[0].n == 0) return;
    find_all_positions(scan);
    for (size_t i = 0; i < plan->n_steps; i++) {
        if (scan->steps.role[i] == MG_TILE_RUN) run_step(scan, i);
        if (scan->steps.role[i] == MG_TILE_SHIFT) list_positions(scan, mg_node_value(i));
    }
    add_up(scan);
    for (int64_t p = 0; p < scan->tile.value[0].n; p++) {
        int64_t i = scan->tile.value[0].position[p];
        for (int q = 0; q < MG_N_BASES - 1; q++)
            effect[i * MG_N_BASES + other(base[i], q)] = scan->total[lane_of((int)(i - first), q)];
    }
}

void mg_tile_scan_part(mg_tile_scan *scan, const mg_pass *pass, const mg_base *base, int64_t tile, float *effect)
{
    scan->tile.window = mg_pass_window(pass);
    if (!scan->plan->explains[0]) {
        int64_t first = tile * MG_SITES, left = scan->plan->graph->length - first;
        memset(effect + first * MG_N_BASES, 0,
               (size_t)((left < MG_SITES ? left : MG_SITES) * MG_N_BASES) * sizeof *effect);
        return;
    }
    find_gradients(scan);
    scan_tile(scan, base, tile * MG_SITES, effect);
}

void mg_tile_scan_window(mg_tile_scan *scan, const mg_pass *pass, const mg_base *base, float *effect)
{
    scan->tile.window = mg_pass_window(pass);
    memset(effect, 0, (size_t)(scan->plan->graph->length * MG_N_BASES) * sizeof *effect);
    if (!scan->plan->explains[0]) return;
    find_gradients(scan);
    for (int64_t first = 0; first < scan->plan->graph->length; first += MG_SITES)
        scan_tile(scan, base, first, effect);
}
