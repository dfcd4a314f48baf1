/* chain.h  a plan whose way to F is one line of linear nodes, ReLU and max pools: what the fast paths ask for
 *
 * The list scan (scan.c), shared quadrature and exact integrals (src/paths/) hold for piecewise linear chains. A plan is
 * one when every node that F needs has one input, which is the one before, and is by its traits
 *     a map      a sum of weight rows over its slide (MG_TRAIT_MAP), packed as an mg_map
 *     scaled     linear without weight rows: ops->factor says what each input of an output is multiplied with
 *     a ReLU     MG_TRAIT_RECTIFIER
 *     a choice   MG_TRAIT_CHOICE: max pool
 * and the last one is a map. Nodes that F does not need do not matter.
 *
 * Values of a chain are counted along it: value l is the input of link l, value 0 the window, value n_links the last.
 */
#ifndef MG_ENGINE_CHAIN_H
#define MG_ENGINE_CHAIN_H

#include "src/engine/map.h"
#include "src/engine/step.h"

typedef struct {
    const mg_step *step;
    const mg_map *map;     /* NULL: none */
    const mg_slide *slide; /* of a window of one position where the node has none */
    bool spans;            /* the node has a slide: it looks at several positions */
    bool linear, rectifier, choice;
    mg_extent in, out;
} mg_link;

typedef struct mg_chain {
    size_t n_links;
    mg_link *link;   /* owned */
    size_t *value;   /* owned (n_links + 1): its number in the graph */
    int64_t *stride; /* owned (n_links + 1) */
    int64_t *size;   /* owned (n_links + 1) */
} mg_chain;

struct mg_plan;

/* mg_chain_takes()  may nodes of this kind be links? */
bool mg_chain_takes(const mg_kind *kind);

/* mg_chain_find()  the chain that a plan is; *ret is NULL when it is none. Returns: MG_OK or MG_EMEM */
mg_status mg_chain_find(const struct mg_plan *plan, mg_chain **ret, mg_error *err);
void mg_chain_destroy(mg_chain *chain); /* NULL is fine */

/* mg_chain_check()  MG_EINPUT when a plan is no chain; the sentence begins with `who` and names the first node that is no
 * link */
mg_status mg_chain_check(const struct mg_plan *plan, const char *who, mg_error *err);

#endif
