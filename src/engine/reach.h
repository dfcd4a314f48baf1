/* reach.h  what a change at one position can reach, layer by layer, and which positions reach the output at all
 *
 * Both come from the layer table alone. A change at position i touches, at the input of layer l, positions within
 * begin(l, i) .. end(l, i) - 1 (empty when it touches none that matters): the receptive field seen from below, cut to
 * what can still reach the output, so that pooled-away tails are never computed. At the input of a max pooling, and so
 * on through ReLU before it, the windows of all pooled positions that are touched belong to it whole, because the
 * unchanged values in them compete. A position without any path to the output is blind: its effect and attribution are
 * exactly 0.
 */
#ifndef MG_ENGINE_REACH_H
#define MG_ENGINE_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/network.h"

typedef struct {
    int64_t length; /* L */
    size_t n_layers;
    int64_t *begin;  /* owned (n_layers + 1, L) */
    int64_t *end;    /* owned (n_layers + 1, L) */
    int64_t *widest; /* owned (n_layers + 1) largest end - begin */
    bool *blind;     /* owned (L) */
    int64_t n_blind;
} mg_reach;

/* mg_reach_create()  fill ret for a network; mg_reach_destroy() frees what it holds, not the struct */
mg_status mg_reach_create(const mg_network *network, mg_reach *ret, mg_error *err);
void mg_reach_destroy(mg_reach *reach);

#endif
