/* reach.h  what a change at one position can reach, value by value, and which positions reach F at all
 *
 * Both come from the plan alone. A position without any path to F is blind: its effect and attribution are exactly 0.
 *
 * For chains, a change at position i touches, at value l of the chain, positions within begin(l, i) .. end(l, i) - 1
 * (empty when it touches none that matters): the receptive field seen from below, cut to what can still reach the output,
 * so that pooled-away tails are never computed. At the input of a max pool, and so on through ReLU before it, the windows
 * of all pooled positions that are touched belong to it whole, because the unchanged values in them compete.
 */
#ifndef MG_ENGINE_REACH_H
#define MG_ENGINE_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/engine/plan.h"

typedef struct {
    int64_t length; /* L */
    bool *blind;    /* owned (L) */
    int64_t n_blind;
    size_t n_links;  /* of the chain; 0: the plan is none, and has no intervals */
    int64_t *begin;  /* owned (n_links + 1, L) */
    int64_t *end;    /* owned (n_links + 1, L) */
    int64_t *widest; /* owned (n_links + 1) largest end - begin */
} mg_reach;

/* mg_reach_create()  fill ret for a plan; mg_reach_destroy() frees what it holds, not the struct */
mg_status mg_reach_create(const mg_plan *plan, mg_reach *ret, mg_error *err);
void mg_reach_destroy(mg_reach *reach);

/* mg_node_extents()  the extents of node i's inputs
 * mg_node_need()     which positions of input k the marked positions of the output depend on: sets marks, clears none
 * mg_node_touch()    which positions of the output a change at the marked positions of input k can touch; likewise
 * as the node's kind says; without its word the same positions, and those of an input or output of one position all */
void mg_node_extents(const mg_graph *graph, size_t i, mg_extent *ret);
void mg_node_need(const mg_graph *graph, size_t i, const mg_extent *in, size_t k, const bool *wanted, bool *needed);
void mg_node_touch(const mg_graph *graph, size_t i, const mg_extent *in, size_t k, const bool *changed, bool *touched);

#endif
