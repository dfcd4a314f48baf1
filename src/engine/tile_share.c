/* tile_share.c  scans of several scores of one network: what is the same for all is done once
 *
 * Two plans are compared step by step from the window on: what a step computes (digests), how the scan takes it (its role, what
 * is joined to it, where its differences lie) and for which positions. As far as all of it is the same, so is each bit: a
 * certificate looks at weights and differences below the gate that it is about, never at what is above, and the gradient of the
 * tail meets the differences only in dot products, of which each score has its own. The first step that differs, or is tied to
 * one that does, ends what is shared; from there on a follower has steps of its own, on its leader's differences. It must
 * not write where these lie (a sum in place): then there is nothing to share. Arrays are used again when nobody needs what they
 * hold; what a follower needs is still there, because both plans give the shared values the same arrays.
 */
#include <string.h>

#include "src/core/memory.h"
#include "src/engine/pass_inside.h"
#include "src/engine/tile_inside.h"

static bool same_need(const mg_tile_scan *a, const mg_tile_scan *b, size_t v)
{
    const bool *one = a->steps.need[v], *other = b->steps.need[v];
    if (one == NULL || other == NULL) return one == other;
    return memcmp(one, other, (size_t)a->plan->graph->extent[v].length * sizeof *one) == 0;
}

static bool same_value(const mg_tile_scan *a, const mg_tile_scan *b, size_t v)
{
    return a->plan->digest[v] == b->plan->digest[v] && a->plan->explains[v] == b->plan->explains[v] &&
           a->steps.slot[v] == b->steps.slot[v] && a->steps.lies_in[v] == b->steps.lies_in[v] &&
           a->steps.offset[v] == b->steps.offset[v] && same_need(a, b, v);
}

static bool same_step(const mg_tile_scan *a, const mg_tile_scan *b, size_t i)
{
    return a->steps.role[i] == b->steps.role[i] && a->steps.joined[i] == b->steps.joined[i] &&
           a->steps.sum[i] == b->steps.sum[i] && same_value(a, b, mg_node_value(i));
}

/* Is all that is done with the first n steps among them? */
static bool is_closed(const mg_tile_scan *scan, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (scan->steps.joined[i] >= (int64_t)n || scan->steps.sum[i] >= (int64_t)n) return false;
    return true;
}

/* Does a step from number n on write where a value up to n lies? */
static bool writes_below(const mg_tile_scan *scan, size_t n)
{
    for (size_t i = n; i < scan->plan->n_steps; i++) {
        size_t v = mg_node_value(i);
        if (mg_tile_role_runs(scan->steps.role[i]) && scan->steps.lies_in[v] <= (int64_t)n) return true;
    }
    return false;
}

/* Steps from the window on that both take in the same way. */
static size_t count_shared(const mg_tile_scan *a, const mg_tile_scan *b)
{
    size_t n = 0, least = a->plan->n_steps < b->plan->n_steps ? a->plan->n_steps : b->plan->n_steps;
    bool together = a->certificates == b->certificates && a->plan->kernels == b->plan->kernels &&
                    a->plan->explains[0] && same_value(a, b, 0);
    while (together && n < least && same_step(a, b, n))
        n++;
    while (n > 0 && !is_closed(b, n))
        n--;
    return writes_below(b, n) ? 0 : n;
}

/* Followers stand in the order in which their leader comes to their rest. */
static mg_status add_follower(mg_tile_scan *leader, mg_tile_scan *scan, mg_error *err)
{
    mg_status status =
        mg_grow(&leader->follower, &leader->follower_room, leader->n_followers + 1, sizeof(mg_tile_scan *), err);
    if (status != MG_OK) return status;
    size_t k = leader->n_followers++;
    for (; k > 0 && leader->follower[k - 1]->shared > scan->shared; k--)
        leader->follower[k] = leader->follower[k - 1];
    leader->follower[k] = scan;
    return MG_OK;
}

mg_status mg_tile_scan_follow(mg_tile_scan *scan, mg_tile_scan *leader, size_t *ret_shared, mg_error *err)
{
    *ret_shared = 0;
    size_t n = count_shared(leader, scan);
    if (n == 0) return MG_OK;
    scan->shared = n;
    mg_status status = add_follower(leader, scan, err);
    if (status != MG_OK) scan->shared = 0;
    if (status == MG_OK) mg_tile_free_shared(scan, leader);
    *ret_shared = scan->shared;
    return status;
}

void mg_tile_follow(mg_tile_scan *scan, const mg_tile_scan *leader)
{
    memcpy(scan->tile.value, leader->tile.value, (scan->shared + 1) * sizeof *scan->tile.value);
    memcpy(scan->change, leader->change, MG_N_BASES * MG_MUTANTS * sizeof *scan->change);
    scan->first_site = leader->first_site;
}

void mg_tile_scan_bring(mg_tile_scan *scan, const mg_pass *pass, float *effect)
{
    scan->tile.window = mg_pass_window(pass);
    scan->effect = effect;
}
