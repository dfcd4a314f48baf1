/* scan.c  delta propagation of all sites of a window, a tile of them at a time (scan.h); layers: scan_layers.c */
#include "src/engine/scan.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/scan_inside.h"

/* --- workspace --- */

static void measure(const mg_chain *chain, const mg_reach *reach, int64_t *room, int64_t *positions)
{
    *room = MG_LANES;
    *positions = 1;
    for (size_t l = 0; l <= reach->n_links; l++) {
        if (reach->widest[l] * chain->stride[l] > *room) *room = reach->widest[l] * chain->stride[l];
        if (reach->widest[l] > *positions) *positions = reach->widest[l];
    }
}

static mg_status copy_output_weights(mg_scan *scan, mg_error *err)
{
    const mg_chain *chain = scan->chain;
    const mg_link *last = &chain->link[chain->n_links - 1];
    size_t n = (size_t)chain->stride[chain->n_links - 1];
    mg_status status = mg_alloc_aligned(&scan->output_weight, n, sizeof(float), err);
    for (int64_t c = 0; status == MG_OK && last->in.length == 1 && c < last->in.channels; c++)
        scan->output_weight[c] = mg_map_weight(last->map, 0, c, 0);
    return status;
}

static mg_status create_lists(mg_scan *scan, mg_error *err)
{
    const mg_reach *reach = scan->reach;
    int64_t positions;
    mg_status status = MG_OK;
    measure(scan->chain, reach, &scan->room, &positions);
    scan->list_room = scan->room + MG_LANES;
    for (int i = 0; i < 2 && status == MG_OK; i++)
        status = mg_alloc_aligned(&scan->delta[i], (size_t)(MG_SCAN_TILE * MG_SHARED * scan->room), sizeof(float), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->between, (size_t)(MG_SHARED * scan->room), sizeof(float), err);
    if (status == MG_OK)
        status = mg_alloc(&scan->begin, (size_t)(MG_SCAN_TILE * (positions + 1)), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->channel, (size_t)(MG_SCAN_TILE * scan->list_room), sizeof(int32_t), err);
    if (status == MG_OK)
        status =
            mg_alloc_aligned(&scan->value, (size_t)(MG_SCAN_TILE * MG_SHARED * scan->list_room), sizeof(float), err);
    if (status == MG_OK)
        status = mg_alloc_aligned(&scan->at, (size_t)(2 * MG_SCAN_TILE * scan->list_room), sizeof(int32_t), err);
    if (status == MG_OK)
        status = mg_alloc(&scan->places_begin, (size_t)(2 * MG_SCAN_TILE * (positions + 1)), sizeof(int32_t), err);
    if (status == MG_OK) status = copy_output_weights(scan, err);
    if (status == MG_OK && (scan->without >> MG_REWRITE_COLUMNS & 1u) == 0)
        status = mg_first_layer_create(&scan->chain->link[0], reach, &scan->first, err);
    if (status == MG_OK) status = mg_alloc(&scan->step, scan->chain->n_links, sizeof *scan->step, err);
    if (status == MG_OK) status = mg_alloc(&scan->site, (size_t)reach->length, sizeof *scan->site, err);
    if (status != MG_OK) return status;
    for (int i = 0; i < MG_SCAN_TILE; i++)
        scan->list[i] = (mg_list){.begin = scan->begin + i * (positions + 1),
                                  .channel = scan->channel + i * scan->list_room,
                                  .value = scan->value + i * MG_SHARED * scan->list_room,
                                  .room = scan->list_room};
    for (int i = 0; i < 2 * MG_SCAN_TILE; i++)
        scan->places[i / MG_SCAN_TILE][i % MG_SCAN_TILE] =
            (mg_places){.begin = scan->places_begin + i * (positions + 1), .at = scan->at + i * scan->list_room};
    mg_scan_find_steps(scan);
    return MG_OK;
}

mg_status mg_scan_create(const mg_plan *plan, const mg_reach *reach, mg_scan **ret, mg_error *err)
{
    return mg_scan_create_without(plan, reach, 0, ret, err);
}

mg_status mg_scan_create_without(const mg_plan *plan, const mg_reach *reach, unsigned without, mg_scan **ret,
                                 mg_error *err)
{
    mg_scan *scan = NULL;
    mg_status status = mg_alloc(&scan, 1, sizeof *scan, err);
    if (status != MG_OK) return status;
    scan->plan = plan;
    scan->chain = plan->chain;
    scan->reach = reach;
    scan->without = without;
    bool certificates = (without >> MG_REWRITE_PROOFS & 1) == 0;
    status = scan->chain != NULL ? create_lists(scan, err) : mg_tile_scan_create(plan, certificates, &scan->any, err);
    if (status != MG_OK) {
        mg_scan_destroy(scan);
        return status;
    }
    *ret = scan;
    return MG_OK;
}

void mg_scan_destroy(mg_scan *scan)
{
    if (scan == NULL) return;
    free(scan->delta[0]);
    free(scan->delta[1]);
    free(scan->between);
    free(scan->begin);
    free(scan->channel);
    free(scan->value);
    free(scan->at);
    free(scan->places_begin);
    free(scan->site);
    free(scan->output_weight);
    free(scan->step);
    free(scan->follower);
    mg_first_layer_destroy(&scan->first);
    mg_tile_scan_destroy(scan->any);
    free(scan);
}

/* The tile scan of a plan is asked for its size; one that there is no memory for has none. */
static size_t bytes_of_any(const mg_plan *plan)
{
    mg_tile_scan *any = NULL;
    if (mg_tile_scan_create(plan, true, &any, NULL) != MG_OK) return 0;
    size_t bytes = mg_tile_scan_bytes(any);
    mg_tile_scan_destroy(any);
    return bytes;
}

size_t mg_scan_bytes(const mg_plan *plan, const mg_reach *reach)
{
    int64_t room, positions;
    if (plan->chain == NULL) return sizeof(mg_scan) + bytes_of_any(plan);
    measure(plan->chain, reach, &room, &positions);
    return sizeof(mg_scan) + (size_t)(MG_SCAN_TILE * room) * (3 * MG_SHARED + 3) * sizeof(float) +
           (size_t)(3 * MG_SCAN_TILE * positions) * sizeof(int32_t) + (size_t)reach->length * sizeof(mg_scan_site);
}

void mg_scan_count(mg_scan *scan, uint64_t *n_macs)
{
    scan->n_macs = n_macs;
    if (scan->any != NULL) mg_tile_scan_count(scan->any, n_macs);
}

void mg_scan_watch(mg_scan *scan, mg_scan_cost *cost)
{
    scan->cost = cost;
    if (scan->any != NULL) mg_tile_scan_watch(scan->any, cost);
}

/* --- window --- */

static int list_sites(mg_scan *scan, const mg_base *base)
{
    int n = 0;
    for (int64_t i = 0; i < scan->reach->length; i++)
        if (base[i] < MG_N_BASES && !scan->reach->blind[i])
            scan->site[n++] = (mg_scan_site){.position = i, .from = base[i]};
    return n;
}

/* The base that mutant m of a site has. */
static mg_base other(const mg_scan_site *i, int m)
{
    return (mg_base)(m + (m >= i->from));
}

/* The mutants' differences from the window's one-hot row: as a list, or dense. */
static void begin_list(const mg_scan_site *i, mg_list *list)
{
    list->begin[0] = 0;
    list->begin[1] = MG_N_BASES;
    for (mg_base b = 0; b < MG_N_BASES; b++) {
        list->channel[b] = b;
        for (int m = 0; m < MG_SHARED; m++)
            list->value[m * list->room + b] = b == i->from ? -1.0f : (float)(b == other(i, m));
    }
}

static void begin_dense(const mg_scan *scan, const mg_pass *pass, const mg_scan_site *i, float *delta)
{
    mg_difference d = mg_scan_difference(scan, pass, 0, i, delta);
    for (int m = 0; m < MG_SHARED; m++, delta += scan->room) {
        float *row = delta + (i->position - d.begin) * d.stride;
        memset(delta, 0, (size_t)((d.end - d.begin) * d.stride) * sizeof *delta);
        row[i->from] = -1.0f;
        row[other(i, m)] = 1.0f;
    }
}

static void write_effects(const mg_scan *scan, const mg_pass *pass, const mg_scan_site *sites, int n, float *effect)
{
    for (int i = 0; i < n; i++) {
        mg_difference d = mg_scan_difference(scan, pass, scan->chain->n_links, &sites[i], mg_scan_room(scan, 0, i));
        for (int m = 0; m < MG_SHARED && d.end > d.begin; m++)
            effect[sites[i].position * MG_N_BASES + other(&sites[i], m)] = d.delta[m * d.step];
    }
}

static void scan_tile(mg_scan *scan, const mg_pass *pass, const mg_scan_site *sites, int n, float *effect)
{
    const mg_chain *chain = scan->chain;
    mg_scan_form now = chain->link[0].map != NULL ? MG_SCAN_IN_LISTS : MG_SCAN_DENSE;
    for (int i = 0; i < n; i++) {
        if (now == MG_SCAN_IN_LISTS)
            begin_list(&sites[i], &scan->list[i]);
        else
            begin_dense(scan, pass, &sites[i], mg_scan_room(scan, 0, i));
    }
    for (size_t s = 0; s < scan->n_steps; s++) {
        for (size_t k = 0; k < scan->n_followers && s + 1 == scan->n_steps; k++) {
            mg_scan_last(scan->follower[k], scan, now, sites, n);
            write_effects(scan->follower[k], scan->follower[k]->pass, sites, n, scan->follower[k]->effect);
        }
        mg_scan_do(scan, pass, &scan->step[s], now, sites, n);
        now = scan->step[s].to_form;
    }
    write_effects(scan, pass, sites, n, effect);
}

void mg_scan_window(mg_scan *scan, const mg_pass *pass, const mg_base *base, float *effect)
{
    if (scan->chain == NULL) {
        mg_tile_scan_window(scan->any, pass, base, effect);
        return;
    }
    int n = list_sites(scan, base);
    memset(effect, 0, (size_t)scan->reach->length * MG_N_BASES * sizeof *effect);
    for (size_t k = 0; k < scan->n_followers; k++)
        memset(scan->follower[k]->effect, 0, (size_t)scan->reach->length * MG_N_BASES * sizeof *effect);
    for (int i = 0; i < n; i += MG_SCAN_TILE)
        scan_tile(scan, pass, scan->site + i, n - i < MG_SCAN_TILE ? n - i : MG_SCAN_TILE, effect);
}

void mg_scan_window_ref(mg_pass *pass, const mg_base *base, double *x, double *effect)
{
    int64_t length = mg_pass_plan(pass)->graph->length;
    memset(x, 0, (size_t)length * 4 * sizeof *x);
    memset(effect, 0, (size_t)length * 4 * sizeof *effect);
    for (int64_t i = 0; i < length; i++)
        if (base[i] < MG_N_BASES) x[i * 4 + base[i]] = 1.0;
    double f = mg_pass_forward(pass, x);
    for (int64_t i = 0; i < length; i++) {
        if (base[i] >= MG_N_BASES) continue;
        x[i * 4 + base[i]] = 0.0;
        for (mg_base b = 0; b < MG_N_BASES; b++) {
            if (b == base[i]) continue;
            x[i * 4 + b] = 1.0;
            effect[i * 4 + b] = mg_pass_forward(pass, x) - f;
            x[i * 4 + b] = 0.0;
        }
        x[i * 4 + base[i]] = 1.0;
    }
}
