/* scan_share.c  mutation scans of several scores of one network share what is the same (scan.h); graphs: tile_share.c
 *
 * Two chains are scores of one network when they differ in their last link alone. Then the scan's steps are the same but for
 * the last, which a follower does on its leader's differences.
 */
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/scan_inside.h"

static bool same_extent(mg_extent a, mg_extent b)
{
    return a.length == b.length && a.channels == b.channels;
}

/* Links below `n` by what they compute, those from there on by their shape. */
static bool same_links(const mg_scan *a, const mg_scan *b, size_t n)
{
    const mg_chain *one = a->chain, *other = b->chain;
    for (size_t l = 0; l <= n; l++)
        if (a->plan->digest[one->value[l]] != b->plan->digest[other->value[l]]) return false;
    for (size_t l = n; l < one->n_links; l++)
        if (!same_extent(one->link[l].out, other->link[l].out) ||
            (one->link[l].map != NULL) != (other->link[l].map != NULL) ||
            one->link[l].rectifier != other->link[l].rectifier || one->link[l].choice != other->link[l].choice)
            return false;
    return true;
}

static bool same_reach(const mg_reach *a, const mg_reach *b)
{
    size_t n = (a->n_links + 1) * (size_t)a->length;
    return a->length == b->length && a->n_links == b->n_links &&
           memcmp(a->blind, b->blind, (size_t)a->length * sizeof *a->blind) == 0 &&
           memcmp(a->begin, b->begin, n * sizeof *a->begin) == 0 && memcmp(a->end, b->end, n * sizeof *a->end) == 0;
}

static bool same_steps(const mg_scan *a, const mg_scan *b)
{
    if (a->n_steps != b->n_steps || a->without != b->without) return false;
    for (size_t s = 0; s < a->n_steps; s++)
        if (a->step[s].row != b->step[s].row || a->step[s].from != b->step[s].from ||
            a->step[s].to_form != b->step[s].to_form)
            return false;
    return true;
}

static bool may_follow(const mg_scan *scan, const mg_scan *leader)
{
    return scan->n_steps > 1 && scan->chain->n_links == leader->chain->n_links &&
           scan->plan->kernels == leader->plan->kernels && scan->room == leader->room &&
           scan->list_room == leader->list_room && same_reach(scan->reach, leader->reach) && same_steps(scan, leader) &&
           same_links(leader, scan, scan->step[scan->n_steps - 1].from);
}

mg_status mg_scan_follow(mg_scan *scan, mg_scan *leader, bool *ret, mg_error *err)
{
    size_t shared = 0;
    *ret = false;
    if ((scan->chain == NULL) != (leader->chain == NULL)) return MG_OK;
    if (scan->chain == NULL) {
        mg_status status = mg_tile_scan_follow(scan->any, leader->any, &shared, err);
        *ret = shared > 0;
        return status;
    }
    if (!may_follow(scan, leader)) return MG_OK;
    mg_status status =
        mg_grow(&leader->follower, &leader->follower_room, leader->n_followers + 1, sizeof(mg_scan *), err);
    if (status != MG_OK) return status;
    leader->follower[leader->n_followers++] = scan;
    *ret = true;
    return MG_OK;
}

/* Of graphs both scans are made and asked; of a chain nothing is spared. */
size_t mg_scan_bytes_beside(const mg_plan *plan, const mg_reach *reach, const mg_plan *leader)
{
    mg_tile_scan *one = NULL, *other = NULL;
    size_t shared = 0, bytes = 0;
    if (plan->chain != NULL || leader->chain != NULL) return mg_scan_bytes(plan, reach);
    if (mg_tile_scan_create(leader, true, &other, NULL) == MG_OK &&
        mg_tile_scan_create(plan, true, &one, NULL) == MG_OK && mg_tile_scan_follow(one, other, &shared, NULL) == MG_OK)
        bytes = mg_tile_scan_bytes(one);
    mg_tile_scan_destroy(one);
    mg_tile_scan_destroy(other);
    return sizeof(mg_scan) + bytes;
}

void mg_scan_bring(mg_scan *scan, const mg_pass *pass, float *effect)
{
    scan->pass = pass;
    scan->effect = effect;
    if (scan->any != NULL) mg_tile_scan_bring(scan->any, pass, effect);
}

/* The leader's arrays change places with those that a step reads (0) or leaves (1). */
static void exchange(mg_scan *scan, mg_scan *leader, int side)
{
    float *delta = scan->delta[side];
    scan->delta[side] = leader->delta[0];
    leader->delta[0] = delta;
    for (int i = 0; i < MG_SCAN_TILE; i++) {
        mg_list list = scan->list[i];
        scan->list[i] = leader->list[i];
        leader->list[i] = list;
        mg_places places = scan->places[side][i];
        scan->places[side][i] = leader->places[0][i];
        leader->places[0][i] = places;
    }
}

/* A step ends by turning what was going into what is coming: then what was the leader's lies on the other side. */
void mg_scan_last(mg_scan *scan, mg_scan *leader, mg_scan_form now, const mg_scan_site *sites, int n)
{
    exchange(scan, leader, 0);
    mg_scan_do(scan, scan->pass, &scan->step[scan->n_steps - 1], now, sites, n);
    exchange(scan, leader, 1);
}
