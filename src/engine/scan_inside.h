/* scan_inside.h  what the mutation scan of a chain is made of; for scan.c and scan_layers.c only */
#ifndef MG_ENGINE_SCAN_INSIDE_H
#define MG_ENGINE_SCAN_INSIDE_H

#include "src/engine/first_layer.h"
#include "src/engine/pass_inside.h"
#include "src/engine/scan.h"
#include "src/engine/tile_scan.h"

enum { MG_SCAN_TILE = 16 }; /* sites that share a group's weights while these are in L1 */
_Static_assert(MG_SHARED == MG_N_BASES - 1, "a site is three mutants");

typedef struct {
    int64_t position;
    mg_base from;
} mg_scan_site;

/* How the differences of a tile are told to the linear layer whose input they are. */
typedef enum { MG_SCAN_DENSE, MG_SCAN_IN_LISTS, MG_SCAN_IN_PLACES } mg_scan_form;

/* One step of a tile's way: what is done from link `from` to link `next`, and the form that the differences have then. */
typedef struct {
    const struct mg_scan_row *row;
    size_t from, next;
    mg_scan_form to_form;
} mg_scan_step;

struct mg_scan {
    const mg_plan *plan;
    const mg_chain *chain; /* the plan's; NULL: it is none, and all else is the tile scan's: */
    mg_tile_scan *any;
    const mg_reach *reach;
    unsigned without;   /* rewrites that are left out */
    mg_scan_step *step; /* owned (n_steps) the way of a tile */
    size_t n_steps;
    int64_t room;      /* floats a mutant has in delta[] */
    int64_t list_room; /* entries a site has in list[] */
    float *delta[2];   /* (MG_SCAN_TILE, MG_SHARED, room) coming and going */
    float *between;    /* (MG_SHARED, room) of the site in hand, between a linear layer and the pooling behind it */
    mg_list list[MG_SCAN_TILE]; /* parts of the next three arrays */
    int32_t *begin, *channel;
    float *value;
    mg_places places[2][MG_SCAN_TILE]; /* coming and going, parts of the next array and, beginnings, of the last */
    int32_t *at, *places_begin;
    mg_scan_site *site;   /* (L) */
    float *output_weight; /* (stride of the last layer's input) its weights, when that input is one position */
    mg_first_layer first;
    uint64_t *n_macs;   /* multiply-adds are added to it; NULL: they are not counted */
    mg_scan_cost *cost; /* (nodes + 1) NULL: nobody watches */
    mg_scan **follower; /* of a leader, owned, the scans themselves are not: (n_followers) */
    size_t n_followers, follower_room;
    const mg_pass *pass; /* of a follower, for the window in hand: its pass and effects */
    float *effect;
};

/* mg_scan_difference()  where site i's differences live, at the input of layer l
 * mg_scan_room()        those of site number i of the tile in delta[which] */
mg_difference mg_scan_difference(const mg_scan *scan, const mg_pass *pass, size_t l, const mg_scan_site *i,
                                 const float *delta);
float *mg_scan_room(const mg_scan *scan, int which, int i);

/* mg_scan_find_steps()  the way of a tile through the chain: scan->step, which has room for a step a link
 * mg_scan_do()          take a tile of n sites through one step */
void mg_scan_find_steps(mg_scan *scan);

/* mg_scan_last()  a follower's last step, on the differences of its leader, which has come to it; d: as mg_scan_difference() */
void mg_scan_last(mg_scan *scan, mg_scan *leader, mg_scan_form now, const mg_scan_site *sites, int n);
void mg_scan_do(mg_scan *scan, const mg_pass *pass, const mg_scan_step *step, mg_scan_form now,
                const mg_scan_site *sites, int n);

#endif
