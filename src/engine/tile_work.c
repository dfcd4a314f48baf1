/* tile_work.c  the workspace of a tile scan, and where a tile's differences are listed (tile_scan.h, tile.h) */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "src/core/memory.h"
#include "src/engine/pass_inside.h"
#include "src/engine/tile_inside.h"

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
    if (!tile->value[v].bounded) return;
    tile->value[v].norm[t] = sqrtf(tile->kernels->largest(tile->squares)) * mg_tile_norm_slack(tile, v);
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
    if (status == MG_OK) status = room(scan, &value->place, (size_t)extent.length, sizeof *value->place, err);
    return status;
}

static void share_value(mg_tile_scan *scan, size_t v)
{
    mg_tile_value *value = &scan->tile.value[v];
    const mg_tile_value *in = &scan->tile.value[scan->steps.lies_in[v]];
    int64_t offset = scan->steps.offset[v];
    if (in->mask == NULL) return; /* a step within a joined chain, whose output is nowhere */
    value->mask = in->mask + offset * value->words;
    value->norm = in->norm + offset;
    value->place = in->place + offset;
}

/* A joined step changes the positions that the step before it changes. */
static bool is_joined(const mg_tile_scan *scan, size_t v)
{
    return v > 0 && scan->steps.role[v - 1] == MG_TILE_JOINED;
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
        if (is_joined(scan, v))
            value->changed = scan->tile.value[plan->graph->node[v - 1].input[0]].changed;
        else
            status = room(scan, &value->changed, (size_t)extent.length, sizeof *value->changed, err);
        if (status == MG_OK) status = room(scan, &value->position, (size_t)extent.length, sizeof *value->position, err);
        if (status == MG_OK && scan->steps.slot[v] >= 0) status = create_value(scan, v, err);
        if (status == MG_OK && scan->steps.lies_in[v] != (int64_t)v) share_value(scan, v);
    }
    return status;
}

/* Not zeroed: the system gives pages when they are first written. Large ones, where it can: a tile's rows are spread over
 * more small ones than the processor remembers the addresses of. */
static mg_status create_slot(mg_tile_scan *scan, int s, int64_t rows, mg_error *err)
{
    const size_t large = (size_t)2 << 20;
    size_t bytes = (size_t)rows * MG_MUTANTS * sizeof(float), step = bytes < large ? MG_ALIGNMENT : large;
    if (bytes == 0) bytes = step;
    bytes = (bytes + step - 1) / step * step;
    scan->slot[s] = aligned_alloc(step, bytes);
    if (scan->slot[s] == NULL) return mg_fail(err, MG_EMEM, "no memory for %zu bytes", bytes);
#ifdef MADV_HUGEPAGE
    if (step == large) madvise(scan->slot[s], bytes, MADV_HUGEPAGE);
#endif
    scan->slot_bytes[s] = bytes;
    scan->bytes += bytes;
    return MG_OK;
}

/* As large as the tile of the window that needs most. */
static mg_status create_slots(mg_tile_scan *scan, mg_error *err)
{
    const mg_tile_steps *steps = &scan->steps;
    size_t n_values = scan->plan->n_steps + 1;
    int64_t *n = NULL, *most = NULL, *rows = NULL;
    mg_status status = mg_alloc(&scan->slot, (size_t)steps->n_slots, sizeof *scan->slot, err);
    if (status == MG_OK) status = mg_alloc(&scan->slot_bytes, (size_t)steps->n_slots, sizeof(size_t), err);
    if (status == MG_OK) status = mg_alloc(&n, n_values, sizeof *n, err);
    if (status == MG_OK) status = mg_alloc(&most, n_values, sizeof *most, err);
    if (status == MG_OK) status = mg_alloc(&rows, (size_t)steps->n_slots, sizeof *rows, err);
    if (status == MG_OK) mg_tile_most_places(scan, n, most);
    for (size_t v = 0; v < n_values && status == MG_OK; v++) {
        int64_t here = most[v] * scan->plan->graph->extent[v].channels;
        if (steps->slot[v] >= 0 && here > rows[steps->slot[v]]) rows[steps->slot[v]] = here;
    }
    for (int s = 0; s < steps->n_slots && status == MG_OK; s++)
        status = create_slot(scan, s, rows[s], err);
    for (size_t v = 0; v < n_values && status == MG_OK; v++)
        if (scan->plan->explains[v] && steps->slot[steps->lies_in[v]] >= 0)
            scan->tile.value[v].difference = scan->slot[steps->slot[steps->lies_in[v]]];
    free(n);
    free(most);
    free(rows);
    return status;
}

/* A plain convolution of the window. */
static mg_status create_first(mg_tile_scan *scan, size_t i, mg_error *err)
{
    bool run = scan->steps.role[i] == MG_TILE_RUN && scan->steps.sum[i] == MG_NO_STEP;
    const mg_rows *op = run ? mg_tile_rows_of(&scan->plan->step[i]) : NULL;
    if (op == NULL || scan->plan->graph->node[i].input[0] != 0) return MG_OK;
    if (op->step != 1 || op->divide != 1 || op->dilation != 1) return MG_OK;
    int64_t apart = mg_tile_first_apart(op);
    size_t n = (size_t)(op->out_channels * op->in_channels * apart);
    mg_status status = room(scan, &scan->first[i], n, sizeof(float), err);
    for (int64_t o = 0; o < op->out_channels && status == MG_OK; o++) {
        int64_t width;
        const float *weight = mg_tile_weights_of(op, o, &width);
        for (int64_t c = 0; c < op->in_channels; c++)
            for (int64_t k = 0; k < op->taps; k++)
                scan->first[i][(o * op->in_channels + c) * apart + MG_SITES - 1 + k] =
                    weight[(c * op->taps + k) * width];
    }
    return status;
}

static mg_status create_firsts(mg_tile_scan *scan, mg_error *err)
{
    mg_status status = mg_alloc(&scan->first, scan->plan->n_steps, sizeof *scan->first, err);
    for (size_t i = 0; i < scan->plan->n_steps && status == MG_OK; i++)
        status = create_first(scan, i, err);
    return status;
}

/* Norm of the weights of each tap and output, rounded up; and the slack of sums over all of them. */
static mg_status create_norm(mg_tile_scan *scan, size_t i, mg_error *err)
{
    const mg_rows *op = mg_tile_rows_of(&scan->plan->step[i]);
    int64_t n_terms = op->taps * op->in_channels;
    mg_status status = room(scan, &scan->norm[i], (size_t)(op->taps * op->out_stride), sizeof(float), err);
    for (int64_t o = 0; o < op->out_channels && status == MG_OK; o++) {
        int64_t width;
        const float *weight = mg_tile_weights_of(op, o, &width);
        for (int64_t k = 0; k < op->taps; k++) {
            double sum = 0.0;
            for (int64_t c = 0; c < op->in_channels; c++) {
                double w = (double)weight[(c * op->taps + k) * width];
                sum += w * w;
            }
            scan->norm[i][k * op->out_stride + o] =
                (float)(sqrt(sum) * (1.0 + (double)MG_UNIT * 4.0 * (double)(n_terms + op->taps + 8)));
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
static void ask_for_norms(const mg_tile_scan *scan, size_t v)
{
    for (size_t w = 0; w <= scan->plan->n_steps; w++)
        if (scan->steps.lies_in[w] == scan->steps.lies_in[v]) scan->tile.value[w].bounded = true;
}

static mg_status create_norms(mg_tile_scan *scan, mg_error *err)
{
    mg_status status = mg_alloc(&scan->norm, scan->plan->n_steps, sizeof *scan->norm, err);
    for (size_t i = 0; i < scan->plan->n_steps && status == MG_OK; i++) {
        bool folded = scan->steps.role[i] == MG_TILE_FOLD;
        if ((scan->steps.role[i] != MG_TILE_RUN && !folded) || mg_tile_rows_of(&scan->plan->step[i]) == NULL) continue;
        if (scan->first[i] != NULL) continue; /* so little work that proofs would be more */
        if (!scan->certificates || (!folded && !rectifier_follows(scan, i))) continue;
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
        if (scan->steps.cut[v] || (v > 0 && mg_tile_in_tail(scan, v - 1)))
            status = room(scan, &scan->gradient[v], (size_t)plan->size[v], sizeof(float), err);
    return status;
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
        if (scan->steps.role[i] != MG_TILE_RUN || !mg_tile_runs_whole(step)) continue;
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
    int64_t outputs = MG_BLOCK, window = scan->steps.max_window + 1, taps = scan->steps.max_taps + 1;
    size_t entries = (size_t)(scan->steps.max_entries + MG_LANES), words;
    for (size_t v = 0; v <= plan->n_steps; v++)
        if (plan->stride[v] > outputs) outputs = plan->stride[v];
    words = (size_t)(outputs + 63) / 64;
    mg_status status = room(scan, &tile->list.row, entries, sizeof *tile->list.row, err);
    if (status == MG_OK) status = room(scan, &tile->list.weight, entries, sizeof *tile->list.weight, err);
    if (status == MG_OK) status = room(scan, &tile->row, MG_LANE_OUTPUTS * MG_MUTANTS, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &scan->change, MG_N_BASES * MG_MUTANTS, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &tile->squares, MG_MUTANTS, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &tile->rows, (size_t)window, sizeof *tile->rows, err);
    if (status == MG_OK) status = room(scan, &tile->column, (size_t)window, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &scan->tap_norm, (size_t)taps, sizeof *scan->tap_norm, err);
    if (status == MG_OK) status = room(scan, &scan->tap_size, (size_t)taps, sizeof(float), err);
    if (status == MG_OK) status = room(scan, &scan->order, (size_t)plan->max_length, sizeof *scan->order, err);
    if (status == MG_OK) status = room(scan, &scan->n_placed, plan->n_steps + 1, sizeof *scan->n_placed, err);
    if (status == MG_OK) status = room(scan, &scan->wanted, (size_t)outputs, sizeof *scan->wanted, err);
    if (status == MG_OK) status = room(scan, &scan->alive, words, sizeof *scan->alive, err);
    if (status == MG_OK) status = room(scan, &scan->undecided, words, sizeof *scan->undecided, err);
    if (status == MG_OK) status = room(scan, &scan->total, MG_MUTANTS, sizeof(float), err);
    if (status == MG_OK) status = mg_tools_create(plan, &scan->tools, err);
    return status;
}

/* Room for as many outputs as wait at a time. */
static mg_status create_waiting(mg_tile_scan *scan, mg_error *err)
{
    int64_t channels = 1, wait;
    for (size_t i = 0; i < scan->plan->n_steps; i++) {
        int64_t sum = scan->steps.sum[i];
        if (sum == MG_NO_STEP) continue;
        const mg_rows *op = mg_tile_rows_of(&scan->plan->step[i]);
        mg_tile_steps_wait(scan->plan, &scan->steps, i, (size_t)sum, &wait);
        if (op->out_channels > channels) channels = op->out_channels;
        if (wait / op->dilation + 2 > scan->waiting_room) scan->waiting_room = wait / op->dilation + 2;
    }
    mg_status status = room(scan, &scan->waiting, (size_t)scan->waiting_room, sizeof *scan->waiting, err);
    for (int64_t k = 0; k < scan->waiting_room && status == MG_OK; k++) {
        mg_tile_waiting *one = &scan->waiting[k];
        status = room(scan, &one->mask, (size_t)(channels + 63) / 64, sizeof *one->mask, err);
        if (status == MG_OK) status = room(scan, &one->rows, (size_t)(channels * MG_MUTANTS), sizeof(float), err);
    }
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
    if (status == MG_OK) status = create_values(scan, err);
    if (status == MG_OK) status = create_slots(scan, err);
    if (status == MG_OK) status = create_firsts(scan, err);
    if (status == MG_OK) status = create_norms(scan, err);
    if (status == MG_OK) status = create_gradients(scan, err);
    if (status == MG_OK) status = create_mutant(scan, err);
    if (status == MG_OK) status = create_scratch(scan, err);
    if (status == MG_OK) status = create_waiting(scan, err);
    if (status != MG_OK) {
        mg_tile_scan_destroy(scan);
        return status;
    }
    *ret = scan;
    return MG_OK;
}

static void free_value(mg_tile_scan *scan, size_t v)
{
    mg_tile_value *value = &scan->tile.value[v];
    if (!is_joined(scan, v)) free(value->changed);
    free(value->position);
    if (scan->steps.lies_in[v] != (int64_t)v) return;
    free(value->mask);
    free(value->norm);
    free(value->place);
}

/* What a follower shares is its leader's. */
static void destroy_values(mg_tile_scan *scan)
{
    size_t first = scan->shared > 0 ? scan->shared + 1 : 0;
    for (size_t v = first; scan->tile.value != NULL && v <= scan->plan->n_steps; v++)
        free_value(scan, v);
    free(scan->tile.value);
}

/* Slots in which nothing but shared values lies. */
static void free_shared_slots(mg_tile_scan *scan)
{
    for (int s = 0; s < scan->steps.n_slots; s++) {
        bool wanted = false;
        for (size_t v = scan->shared + 1; v <= scan->plan->n_steps; v++)
            wanted |= scan->steps.slot[v] == s;
        if (wanted) continue;
        free(scan->slot[s]);
        scan->slot[s] = NULL;
        scan->bytes -= scan->slot_bytes[s];
    }
}

void mg_tile_free_shared(mg_tile_scan *scan, const mg_tile_scan *leader)
{
    for (size_t v = 0; v <= scan->shared; v++) {
        if (scan->tile.value[v].bounded) ask_for_norms(leader, v);
        free_value(scan, v);
        scan->tile.value[v] = leader->tile.value[v];
    }
    for (size_t v = scan->shared + 1; v <= scan->plan->n_steps; v++) {
        size_t root = (size_t)scan->steps.lies_in[v];
        if (!scan->plan->explains[v] || root > scan->shared) continue;
        share_value(scan, v);
        scan->tile.value[v].difference = scan->tile.value[root].difference;
    }
    free_shared_slots(scan);
}

static void destroy_waiting(mg_tile_scan *scan)
{
    for (int64_t k = 0; scan->waiting != NULL && k < scan->waiting_room; k++) {
        free(scan->waiting[k].mask);
        free(scan->waiting[k].rows);
    }
    free(scan->waiting);
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
    free(scan->slot_bytes);
    destroy_arrays(scan->first, n);
    free(scan->change);
    destroy_arrays(scan->norm, n);
    destroy_arrays(scan->gradient, n + 1);
    destroy_arrays(scan->handed, scan->plan->max_inputs);
    destroy_arrays(scan->mutant_value, n + 1);
    destroy_arrays(scan->mutant_memo, n);
    free(scan->mutant.value);
    free(scan->mutant.memo);
    free(scan->m_in);
    destroy_waiting(scan);
    free(scan->tile.list.row);
    free(scan->tile.list.weight);
    free(scan->tile.row);
    free(scan->tile.squares);
    free(scan->tile.rows);
    free(scan->tile.column);
    free(scan->tap_norm);
    free(scan->tap_size);
    free(scan->order);
    free(scan->n_placed);
    free(scan->wanted);
    free(scan->alive);
    free(scan->undecided);
    free(scan->total);
    mg_tools_destroy(&scan->tools);
    mg_tile_steps_destroy(scan->plan, &scan->steps);
    free(scan->follower);
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

void mg_tile_scan_watch(mg_tile_scan *scan, mg_scan_cost *cost)
{
    scan->cost = cost;
}

bool mg_tile_scan_blind(const mg_tile_scan *scan, int64_t i)
{
    return scan->steps.need[0] == NULL || !scan->steps.need[0][i];
}
