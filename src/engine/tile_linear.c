/* tile_linear.c  a tile through linear steps, and through steps that look at one number each
 *
 * Certificates. For an output o of a linear step, every mutant's difference is |sum over taps k of w(k, o) . d(k)|, at most
 * B = sum over k of ||w(k, o)|| N(k), N(k) the norm kept of the input at that tap. Where z + B < 0 no mutant turns the
 * unit on, and its difference behind the ReLU is exactly 0; where z - B > 0 none turns it off. What is computed differs
 * from the exact sum by rounding: at most (n + 2) u times the sum of |w d|, n terms, u = 2^-24, which is at most (n + 2) u B
 * again; norms are rounded up by the same kind of factor (create_norm(), mg_tile_end() in tile_work.c), which covers both
 * twice over.
 *
 * Order. Outputs of a dilated convolution come by their positions modulo the dilation, so that what one has read is still
 * near when the next reads it. Where they go into a sum that lies where they are read from, an output waits until all
 * that read its position are done (tile_steps.h).
 */
#include <math.h>
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

/* --- a linear step at a position --- */

typedef struct {
    mg_tile_scan *scan;
    size_t i;       /* the step */
    size_t in, out; /* values: what it takes; what it and all that is joined to it give */
    const mg_rows *op;
    const float *norm; /* of its weights, for certificates; NULL: there are none */
} linear;

/* The window's own numbers of a value at a position. */
static const float *own_row(const mg_tile_scan *scan, size_t v, int64_t t)
{
    return (const float *)scan->tile.window->value[v] + t * scan->plan->stride[v];
}

/* The input position that output t takes tap k from; -1: none. */
static int64_t tap_position(const mg_rows *op, int64_t t, int64_t k)
{
    int64_t at = t * op->step + k * op->dilation - op->pad;
    if (at < 0 || at % op->divide != 0) return -1;
    at /= op->divide;
    return at < op->in_length ? at : -1;
}

/* What output t sums up: taps in order, channels in order; and the taps' norms. Returns how many taps there are. */
static int64_t list_inputs(const linear *l, int64_t t)
{
    mg_tile *tile = &l->scan->tile;
    const mg_tile_value *value = &tile->value[l->in];
    const mg_rows *op = l->op;
    int64_t n_taps = 0;
    tile->list.n = 0;
    for (int64_t k = 0; k < op->taps; k++) {
        int64_t p = tap_position(op, t, k);
        if (p < 0 || !value->changed[p]) continue;
        tile->kernels->list(value->mask + p * value->words, value->words,
                            (int32_t)mg_tile_row_number(tile, l->in, p, 0), (int32_t)k, (int32_t)op->taps, &tile->list);
        if (l->norm == NULL) continue;
        l->scan->tap_norm[n_taps] = l->norm + k * op->out_stride;
        l->scan->tap_size[n_taps++] = value->norm[p];
    }
    return n_taps;
}

/* Outputs that have to be worked out: those that some mutant may change; of a fold, those that some may take across 0. */
static int64_t list_outputs(const linear *l, int64_t t, int64_t n_taps)
{
    mg_tile_scan *scan = l->scan;
    bool folded = scan->steps.role[l->i] == MG_TILE_FOLD;
    int64_t n = 0;
    if (scan->tile.list.n == 0) return 0;
    for (int64_t o = 0; l->norm == NULL && o < l->op->out_channels; o++)
        scan->wanted[n++] = o;
    if (l->norm == NULL) return n;
    scan->tile.kernels->certify(scan->tap_norm, scan->tap_size, n_taps, own_row(scan, mg_node_value(l->i), t),
                                l->op->out_stride, scan->alive, folded ? scan->undecided : NULL);
    const uint64_t *bits = folded ? scan->undecided : scan->alive;
    for (int64_t w = 0; w * 64 < l->op->out_channels; w++)
        for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
            int64_t o = w * 64 + __builtin_ctzll(left);
            if (o < l->op->out_channels) scan->wanted[n++] = o;
        }
    return n;
}

/* Outputs wanted[first .. n - 1] of blocks of one width, in groups of much the same size, at most MG_LANE_OUTPUTS: of the
 * first group, how many. */
static int64_t group_at(const linear *l, int64_t first, int64_t n)
{
    const int64_t *wanted = l->scan->wanted, narrow = l->op->out_stride - l->op->out_stride % MG_BLOCK;
    int64_t some = n - first;
    while (wanted[first] < narrow && wanted[first + some - 1] >= narrow)
        some--;
    int64_t groups = (some + MG_LANE_OUTPUTS - 1) / MG_LANE_OUTPUTS;
    return (some + groups - 1) / groups;
}

/* The sums of outputs wanted[first .. first + some - 1], into the tile's rows. */
static void add_up(const linear *l, int64_t first, int64_t some)
{
    mg_tile *tile = &l->scan->tile;
    const float *weight[MG_LANE_OUTPUTS];
    int64_t width = MG_BLOCK;
    for (int64_t j = 0; j < some; j++)
        weight[j] = mg_tile_weights_of(l->op, l->scan->wanted[first + j], &width);
    tile->kernels->dots(weight, width, some, &tile->list, tile->value[l->in].difference, tile->row);
    if (tile->n_macs != NULL) *tile->n_macs += (uint64_t)(some * tile->list.n * MG_MUTANTS);
}

/* Those sums go through what is joined to the step, and are kept, as mg_lane_kernels.keep() says. */
static int64_t keep_sums(const linear *l, int64_t t, int64_t first, int64_t some, bool packed, float *to,
                         uint64_t *mask)
{
    mg_tile_scan *scan = l->scan;
    mg_tile *tile = &scan->tile;
    const int64_t *channel = scan->wanted + first;
    float *squares = !packed && tile->value[l->out].bounded ? tile->squares : NULL;
    const float *slope = scan->steps.slope[l->i];
    if (slope == NULL) {
        for (int64_t j = 0; j < some; j++)
            through_joined(scan, l->i, t, channel[j], tile->row + j * MG_MUTANTS);
        return tile->kernels->keep(NULL, channel, some, tile->row, packed, to, mask, squares);
    }
    const mg_lane_gate gate = {own_row(scan, mg_node_value(l->i), t), own_row(scan, l->out, t), slope};
    return tile->kernels->keep(&gate, channel, some, tile->row, packed, to, mask, squares);
}

/* All that step l does at output t; rows are kept at `to`. */
static void position(const linear *l, int64_t t, bool packed, float *to, uint64_t *mask)
{
    int64_t n = list_outputs(l, t, list_inputs(l, t)), n_kept = 0;
    for (int64_t o = 0, some; o < n; o += some) {
        some = group_at(l, o, n);
        add_up(l, o, some);
        int64_t kept = keep_sums(l, t, o, some, packed, packed ? to + n_kept * MG_MUTANTS : to, mask);
        n_kept += kept;
    }
}

/* --- outputs in turn --- */

/* The positions of value v in the order in which a step works them out. */
static const int32_t *in_order(mg_tile_scan *scan, const mg_rows *op, size_t v)
{
    const mg_tile_value *value = &scan->tile.value[v];
    if (op->step != 1 || op->divide != 1 || op->dilation == 1 || value->n == 0) return value->position;
    int64_t first = value->position[0], last = value->position[value->n - 1], n = 0;
    for (int64_t r = first; r < first + op->dilation && r <= last; r++)
        for (int64_t t = r; t <= last; t += op->dilation)
            if (value->changed[t]) scan->order[n++] = (int32_t)t;
    return scan->order;
}

/* Output t will be worked out next: what it is the first to read is a long way off. */
static void fetch(const linear *l, int64_t t)
{
    const mg_tile *tile = &l->scan->tile;
    const mg_tile_value *value = &tile->value[l->in];
    int64_t p = tap_position(l->op, t, l->op->taps - 1);
    if (p >= 0 && value->changed[p])
        tile->kernels->fetch(value->mask + p * value->words, value->words, mg_tile_row(tile, l->in, p, 0));
}

static linear linear_step(mg_tile_scan *scan, size_t i, const mg_rows *op, size_t out)
{
    return (linear){
        .scan = scan, .i = i, .in = scan->plan->graph->node[i].input[0], .out = out, .op = op, .norm = scan->norm[i]};
}

void mg_tile_linear(mg_tile_scan *scan, size_t i, const mg_rows *op)
{
    mg_tile *tile = &scan->tile;
    const linear l = linear_step(scan, i, op, mg_tile_steps_output(scan->plan, &scan->steps, i));
    mg_tile_value *value = &tile->value[l.out];
    const int32_t *order = in_order(scan, op, l.out);
    for (int64_t p = 0; p < value->n; p++) {
        int64_t t = order[p];
        if (p + 1 < value->n) fetch(&l, order[p + 1]);
        mg_tile_begin(tile, l.out, t);
        position(&l, t, false, mg_tile_row(tile, l.out, t, 0), value->mask + t * value->words);
        mg_tile_end(tile, l.out, t);
    }
}

/* Each mutant meets the tap that its site is at: of an output, neighbouring lanes meet neighbouring taps. */
void mg_tile_first(mg_tile_scan *scan, size_t i, const mg_rows *op)
{
    mg_tile *tile = &scan->tile;
    linear l = linear_step(scan, i, op, mg_tile_steps_output(scan->plan, &scan->steps, i));
    mg_tile_value *value = &tile->value[l.out];
    int64_t apart = mg_tile_first_apart(op);
    for (int64_t o = 0; o < op->out_channels; o++)
        scan->wanted[o] = o;
    for (int64_t p = 0; p < value->n; p++) {
        int64_t t = value->position[p], tap = scan->first_site + op->pad - t;
        mg_tile_begin(tile, l.out, t);
        for (int64_t o = 0, some; o < op->out_channels; o += some) {
            const float *weight[MG_LANE_OUTPUTS];
            some = op->out_channels - o < MG_LANE_OUTPUTS ? op->out_channels - o : MG_LANE_OUTPUTS;
            for (int64_t j = 0; j < some; j++)
                weight[j] = scan->first[i] + (o + j) * op->in_channels * apart + tap + MG_SITES - 1;
            tile->kernels->first(weight, apart, some, scan->change, tile->row);
            if (tile->n_macs != NULL) *tile->n_macs += (uint64_t)(some * op->in_channels * MG_MUTANTS);
            keep_sums(&l, t, o, some, false, mg_tile_row(tile, l.out, t, 0), value->mask + t * value->words);
        }
        mg_tile_end(tile, l.out, t);
    }
}

/* --- into a sum in place --- */

/* The oldest output that waits goes into the sum, value v, over what value `under` is there. */
static void settle_oldest(mg_tile_scan *scan, size_t under, size_t v)
{
    mg_tile *tile = &scan->tile;
    mg_tile_value *value = &tile->value[v];
    const mg_tile_waiting *oldest = &scan->waiting[scan->first_waiting];
    uint64_t *mask = value->mask + oldest->t * value->words;
    if (!tile->value[under].changed[oldest->t]) memset(mask, 0, (size_t)value->words * sizeof *mask);
    float most = tile->kernels->merge(oldest->mask, value->words, oldest->rows, value->bounded,
                                      mg_tile_row(tile, v, oldest->t, 0), mask);
    if (value->bounded) value->norm[oldest->t] = sqrtf(most) * mg_tile_norm_slack(tile, v);
    scan->first_waiting = (scan->first_waiting + 1) % scan->waiting_room;
    scan->n_waiting--;
}

void mg_tile_linear_sum(mg_tile_scan *scan, size_t i, const mg_rows *op)
{
    const mg_node *node = &scan->plan->graph->node[scan->steps.sum[i]];
    size_t v = mg_node_value((size_t)scan->steps.sum[i]), from = mg_tile_steps_output(scan->plan, &scan->steps, i);
    size_t under = node->input[0] == from ? node->input[1] : node->input[0];
    const linear l = linear_step(scan, i, op, from);
    const mg_tile_value *value = &scan->tile.value[v];
    const int32_t *order = in_order(scan, op, v);
    int64_t wait;
    mg_tile_steps_wait(scan->plan, &scan->steps, i, (size_t)scan->steps.sum[i], &wait);
    for (int64_t p = 0; p < value->n; p++) {
        int64_t t = order[p];
        bool other_class = p > 0 && (t - order[p - 1]) % op->dilation != 0;
        while (other_class && scan->n_waiting > 0) /* nobody in it reads where those of the last class go */
            settle_oldest(scan, under, v);
        if (p + 1 < value->n) fetch(&l, order[p + 1]);
        mg_tile_waiting *here = &scan->waiting[(scan->first_waiting + scan->n_waiting++) % scan->waiting_room];
        here->t = t;
        memset(here->mask, 0, (size_t)value->words * sizeof *here->mask);
        position(&l, t, true, here->rows, here->mask);
        while (scan->n_waiting > 0 && scan->waiting[scan->first_waiting].t + wait <= t)
            settle_oldest(scan, under, v);
    }
    while (scan->n_waiting > 0)
        settle_oldest(scan, under, v);
}

/* --- the last gate --- */

/* What units wanted[o .. o + some - 1] at output t add to the differences of F, and of every follower's. */
static void correct_all(mg_tile_scan *scan, size_t i, int64_t t, const mg_lane_gate *gate, int64_t o, int64_t some)
{
    const mg_tile *tile = &scan->tile;
    size_t a = mg_node_value((size_t)scan->steps.joined[i]);
    int64_t at = t * scan->plan->stride[a];
    tile->kernels->correct(gate, scan->gradient[a] + at, scan->wanted + o, some, tile->row, scan->total);
    for (size_t k = 0; k < scan->n_followers; k++) {
        mg_tile_scan *other = scan->follower[k];
        if (i < other->shared)
            tile->kernels->correct(gate, other->gradient[a] + at, scan->wanted + o, some, tile->row, other->total);
    }
}

void mg_tile_fold(mg_tile_scan *scan, size_t i, const mg_rows *op)
{
    mg_tile *tile = &scan->tile;
    size_t z = mg_node_value(i), a = mg_node_value((size_t)scan->steps.joined[i]);
    const linear l = linear_step(scan, i, op, a);
    const int32_t *order = in_order(scan, op, z);
    for (int64_t p = 0; p < tile->value[z].n; p++) {
        int64_t t = order[p];
        if (p + 1 < tile->value[z].n) fetch(&l, order[p + 1]);
        const mg_lane_gate gate = {own_row(scan, z, t), own_row(scan, a, t), scan->steps.slope[i]};
        int64_t n = list_outputs(&l, t, list_inputs(&l, t));
        for (int64_t o = 0, some; o < n; o += some) {
            some = group_at(&l, o, n);
            add_up(&l, o, some);
            correct_all(scan, i, t, &gate, o, some);
        }
    }
}
