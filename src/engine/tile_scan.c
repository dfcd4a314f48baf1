/* tile_scan.c  a tile of mutants through the steps of a plan (tile_scan.h) */
#include "src/engine/tile_scan.h"

#include <string.h>

#include "src/core/log.h"
#include "src/engine/pass_inside.h"
#include "src/engine/tile_inside.h"

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
    mg_tile_list_positions(scan, 0);
    mg_tile_give_places(scan, 0);
    memset(scan->change, 0, MG_N_BASES * MG_MUTANTS * sizeof *scan->change);
    scan->first_site = first;
    for (int64_t p = 0; p < value->n; p++) {
        int64_t i = value->position[p];
        int site = (int)(i - first);
        mg_tile_begin(tile, 0, i);
        for (mg_base b = 0; b < MG_N_BASES; b++) {
            memset(tile->row, 0, MG_MUTANTS * sizeof *tile->row);
            for (int q = 0; q < MG_N_BASES - 1; q++)
                tile->row[lane_of(site, q)] = b == base[i] ? -1.0f : (float)(b == other(base[i], q));
            tile->kernels->add(tile->row, 1.0f, scan->change + b * MG_MUTANTS);
            mg_tile_keep(tile, 0, i, b, tile->row);
        }
        mg_tile_end(tile, 0, i);
    }
}

static void run_step(mg_tile_scan *scan, size_t i)
{
    const mg_step *step = &scan->plan->step[i];
    const mg_rows *op = mg_tile_rows_of(step);
    int64_t sum = scan->steps.sum[i];
    size_t v = sum != MG_NO_STEP ? mg_node_value((size_t)sum) : mg_tile_steps_output(scan->plan, &scan->steps, i);
    mg_tile_list_positions(scan, v);
    mg_tile_give_places(scan, v);
    if (sum != MG_NO_STEP)
        mg_tile_linear_sum(scan, i, op);
    else if (scan->first[i] != NULL)
        mg_tile_first(scan, i, op);
    else if (op != NULL)
        mg_tile_linear(scan, i, op);
    else if (step->ops->lane != NULL)
        mg_tile_lane(scan, i);
    else if (step->ops->tile != NULL)
        step->ops->tile(step, &scan->tile);
    else
        mg_tile_whole(scan, i);
}

/* Rows that step i, and all done with it, left for its output. */
static uint64_t count_rows(const mg_tile_scan *scan, size_t i)
{
    int64_t sum = scan->steps.sum[i];
    size_t v = sum != MG_NO_STEP ? mg_node_value((size_t)sum) : mg_tile_steps_output(scan->plan, &scan->steps, i);
    const mg_tile_value *value = &scan->tile.value[v];
    uint64_t n = 0;
    for (int64_t p = 0; p < value->n; p++)
        for (int64_t w = 0; w < value->words; w++)
            n += (uint64_t)__builtin_popcountll(value->mask[value->position[p] * value->words + w]);
    return n;
}

static void do_step(mg_tile_scan *scan, size_t i)
{
    if (scan->steps.role[i] == MG_TILE_RUN) run_step(scan, i);
    if (scan->steps.role[i] == MG_TILE_SHIFT) mg_tile_list_positions(scan, mg_node_value(i));
    if (scan->steps.role[i] != MG_TILE_FOLD) return;
    mg_tile_list_positions(scan, mg_node_value(i));
    mg_tile_fold(scan, i, mg_tile_rows_of(&scan->plan->step[i]));
}

/* The same on the clock. */
static void watch_step(mg_tile_scan *scan, size_t i)
{
    mg_scan_cost *cost = &scan->cost[i];
    uint64_t before = scan->n_macs != NULL ? *scan->n_macs : 0;
    double begin = mg_clock();
    do_step(scan, i);
    cost->seconds += mg_clock() - begin;
    if (scan->n_macs != NULL) cost->n_macs += *scan->n_macs - before;
    if (scan->steps.role[i] == MG_TILE_RUN) cost->n_rows += count_rows(scan, i);
}

static void do_steps(mg_tile_scan *scan, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (scan->cost != NULL)
            watch_step(scan, i);
        else
            do_step(scan, i);
    }
}

/* Effects of the tile whose sites are those of `sites`. */
static void write_effects(const mg_tile_scan *scan, const mg_tile_value *sites, const mg_base *base, int64_t first,
                          float *effect)
{
    for (int64_t p = 0; p < sites->n; p++) {
        int64_t i = sites->position[p];
        for (int q = 0; q < MG_N_BASES - 1; q++)
            effect[i * MG_N_BASES + other(base[i], q)] = scan->total[lane_of((int)(i - first), q)];
    }
}

/* What a follower does behind what its leader did for it. */
static void scan_rest(mg_tile_scan *scan, const mg_tile_scan *leader, const mg_base *base, int64_t first)
{
    mg_tile_follow(scan, leader);
    mg_tile_find_positions(scan, scan->shared);
    do_steps(scan, scan->shared, scan->plan->n_steps);
    mg_tile_total(scan);
    write_effects(scan, &leader->tile.value[0], base, first, scan->effect);
}

/* The leader's own rest comes last: it may write where what it shares lies. */
static void scan_tile(mg_tile_scan *scan, const mg_base *base, int64_t first, float *effect)
{
    const mg_plan *plan = scan->plan;
    int64_t left = plan->graph->length - first;
    int n = left < MG_SITES ? (int)left : MG_SITES;
    memset(effect + first * MG_N_BASES, 0, (size_t)(n * MG_N_BASES) * sizeof *effect);
    begin_tile(scan, base, first, n);
    if (scan->tile.value[0].n == 0) return;
    mg_tile_find_positions(scan, 0);
    memset(scan->total, 0, MG_MUTANTS * sizeof *scan->total);
    for (size_t k = 0; k < scan->n_followers; k++)
        memset(scan->follower[k]->total, 0, MG_MUTANTS * sizeof *scan->total);
    size_t at = 0;
    for (size_t k = 0; k < scan->n_followers; k++) { /* by `shared`, ascending */
        do_steps(scan, at, scan->follower[k]->shared);
        at = scan->follower[k]->shared;
        scan_rest(scan->follower[k], scan, base, first);
    }
    do_steps(scan, at, plan->n_steps);
    mg_tile_total(scan);
    write_effects(scan, &scan->tile.value[0], base, first, effect);
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
    mg_tile_gradients(scan);
    scan_tile(scan, base, tile * MG_SITES, effect);
}

/* What is left of the clock when all steps are done is nobody's. */
static double seconds_of_steps(const mg_tile_scan *scan)
{
    double sum = 0.0;
    for (size_t i = 0; i < scan->plan->n_steps; i++)
        sum += scan->cost[i].seconds;
    return sum;
}

static void begin_follower(mg_tile_scan *scan)
{
    memset(scan->effect, 0, (size_t)(scan->plan->graph->length * MG_N_BASES) * sizeof *scan->effect);
    mg_tile_gradients(scan);
}

void mg_tile_scan_window(mg_tile_scan *scan, const mg_pass *pass, const mg_base *base, float *effect)
{
    scan->tile.window = mg_pass_window(pass);
    memset(effect, 0, (size_t)(scan->plan->graph->length * MG_N_BASES) * sizeof *effect);
    for (size_t k = 0; k < scan->n_followers; k++)
        begin_follower(scan->follower[k]);
    if (!scan->plan->explains[0]) return;
    double begin = scan->cost != NULL ? mg_clock() - seconds_of_steps(scan) : 0.0;
    mg_tile_gradients(scan);
    for (int64_t first = 0; first < scan->plan->graph->length; first += MG_SITES)
        scan_tile(scan, base, first, effect);
    if (scan->cost != NULL) scan->cost[scan->plan->n_steps].seconds += mg_clock() - begin - seconds_of_steps(scan);
}
