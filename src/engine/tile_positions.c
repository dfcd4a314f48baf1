/* tile_positions.c  which positions of each value a tile changes, and where their rows lie */
#include <string.h>

#include "src/engine/tile_inside.h"

/* Eight positions at a time where nothing changes. */
void mg_tile_list_positions(mg_tile_scan *scan, size_t v)
{
    mg_tile_value *value = &scan->tile.value[v];
    int64_t length = scan->plan->graph->extent[v].length, n = 0, t = 0;
    for (uint64_t eight; t + 8 <= length; t += 8) {
        memcpy(&eight, value->changed + t, sizeof eight);
        for (int64_t i = t; eight != 0 && i < t + 8; i++)
            if (value->changed[i]) value->position[n++] = (int32_t)i;
    }
    for (; t < length; t++)
        if (value->changed[t]) value->position[n++] = (int32_t)t;
    value->n = n;
}

/* Of a value that takes over where another lies: the positions that the other changes too, which have places. */
static const bool *placed_before(const mg_tile_scan *scan, size_t v)
{
    const int64_t *lies_in = scan->steps.lies_in;
    const mg_node *node = lies_in[v] != (int64_t)v ? &scan->plan->graph->node[v - 1] : NULL;
    for (size_t k = 0; node != NULL && k < node->n_inputs; k++) {
        size_t in = node->input[k];
        if (scan->plan->explains[in] && lies_in[in] == lies_in[v]) return scan->tile.value[in].changed;
    }
    return NULL;
}

void mg_tile_give_places(mg_tile_scan *scan, size_t v)
{
    mg_tile_value *value = &scan->tile.value[v];
    size_t root = (size_t)scan->steps.lies_in[v];
    const bool *there = placed_before(scan, v);
    if (root == v) scan->n_placed[v] = 0;
    for (int64_t p = 0; p < value->n; p++) {
        int64_t t = value->position[p];
        if (there == NULL || !there[t]) value->place[t] = scan->n_placed[root]++;
    }
}

/* The output's: what the inputs' touch, as far as F needs it. */
static void find_positions(mg_tile_scan *scan, size_t i)
{
    const mg_plan *plan = scan->plan;
    size_t v = mg_node_value(i);
    bool *changed = scan->tile.value[v].changed;
    const bool *need = scan->steps.need[v];
    int64_t length = plan->graph->extent[v].length;
    memset(changed, 0, (size_t)length * sizeof *changed);
    for (size_t k = 0; k < plan->graph->node[i].n_inputs; k++) {
        size_t in = plan->graph->node[i].input[k];
        if (plan->explains[in]) mg_tile_steps_touch(plan, &scan->steps, i, k, scan->tile.value[in].changed, changed);
    }
    for (int64_t t = 0; t < length; t++)
        changed[t] = changed[t] & need[t];
}

/* Joined steps hand positions on as they are, so a step's output has the last one's. */
void mg_tile_find_positions(mg_tile_scan *scan, size_t from)
{
    for (size_t i = from; i < scan->plan->n_steps; i++)
        if (mg_tile_role_runs(scan->steps.role[i]) || scan->steps.role[i] == MG_TILE_SHIFT) find_positions(scan, i);
}

/* --- how many places there must be --- */

/* The value whose positions get places when step i is run; 0: none. */
static size_t placed_by(const mg_tile_scan *scan, size_t i)
{
    const mg_tile_steps *steps = &scan->steps;
    if (steps->role[i] == MG_TILE_ADDED) return mg_node_value(i);
    if (steps->role[i] != MG_TILE_RUN || steps->sum[i] != MG_NO_STEP) return 0;
    return mg_tile_steps_output(scan->plan, steps, i);
}

static void count_places(mg_tile_scan *scan, size_t v, int64_t *n)
{
    size_t root = (size_t)scan->steps.lies_in[v];
    const bool *changed = scan->tile.value[v].changed, *there = placed_before(scan, v);
    if (root == v) n[v] = 0;
    for (int64_t t = 0; t < scan->plan->graph->extent[v].length; t++)
        n[root] += changed[t] && (there == NULL || !there[t]);
}

/* The positions that mutants at sites first .. first + n - 1 change, of all values that are run. */
static void mark(mg_tile_scan *scan, int64_t first, int64_t n)
{
    int64_t length = scan->plan->graph->length;
    bool *changed = scan->tile.value[0].changed;
    memset(changed, 0, (size_t)length * sizeof *changed);
    for (int64_t i = first; i < first + n && i < length; i++)
        changed[i] = !mg_tile_scan_blind(scan, i);
    mg_tile_find_positions(scan, 0);
}

void mg_tile_most_places(mg_tile_scan *scan, int64_t *n, int64_t *most)
{
    const mg_plan *plan = scan->plan;
    int64_t length = plan->graph->length;
    for (int64_t first = 0; plan->explains[0] && first < length; first += MG_SITES) {
        mark(scan, first, MG_SITES);
        count_places(scan, 0, n);
        for (size_t i = 0; i < plan->n_steps; i++)
            if (placed_by(scan, i) > 0) count_places(scan, placed_by(scan, i), n);
        for (size_t v = 0; v <= plan->n_steps; v++)
            if (n[v] > most[v]) most[v] = n[v];
    }
}

/* --- multiply-adds inside what mutants reach --- */

static int64_t count_changed(const bool *changed, int64_t n)
{
    int64_t sum = 0;
    for (int64_t t = 0; t < n; t++)
        sum += changed[t];
    return sum;
}

/* A node's multiply-adds lie evenly over its output's positions, but for those that padding spares. */
mg_status mg_tile_scan_inside(const mg_plan *plan, double *macs, mg_error *err)
{
    const mg_graph *graph = plan->graph;
    mg_tile_scan *scan = NULL;
    mg_status status = mg_tile_scan_create(plan, false, &scan, err);
    if (status != MG_OK) return status;
    memset(macs, 0, plan->n_steps * sizeof *macs);
    for (int64_t i = 0; plan->explains[0] && i < graph->length; i++) {
        mark(scan, i, 1);
        for (size_t k = 0; k < plan->n_steps; k++) {
            const mg_node *node = &graph->node[k];
            mg_extent out = graph->extent[mg_node_value(k)];
            if (node->kind->n_macs == NULL || scan->tile.value[mg_node_value(k)].changed == NULL) continue;
            double each = (double)node->kind->n_macs(node, scan->steps.in[k], out) / (double)out.length;
            macs[k] += 3.0 * each * (double)count_changed(scan->tile.value[mg_node_value(k)].changed, out.length);
        }
    }
    mg_tile_scan_destroy(scan);
    return MG_OK;
}
