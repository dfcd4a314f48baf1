/* tile_work.c  the workspace of a tile scan, and where a tile's differences are listed (tile_scan.h, tile.h) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    float slack = 1.0f + 2.0f * MG_UNIT * (float)(tile->plan->graph->extent[v].channels + 4);
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
static void ask_for_norms(mg_tile_scan *scan, size_t v)
{
    for (size_t w = 0; w <= scan->plan->n_steps; w++)
        if (scan->steps.lies_in[w] == scan->steps.lies_in[v]) scan->tile.value[w].bounded = true;
}

static mg_status create_norms(mg_tile_scan *scan, mg_error *err)
{
    mg_status status = mg_alloc(&scan->norm, scan->plan->n_steps, sizeof *scan->norm, err);
    for (size_t i = 0; i < scan->plan->n_steps && status == MG_OK; i++) {
        if (scan->steps.role[i] != MG_TILE_RUN || mg_tile_rows_of(&scan->plan->step[i]) == NULL) continue;
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
