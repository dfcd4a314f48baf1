/* tile_inside.h  what a tile scan is made of; for tile_*.c only */
#ifndef MG_ENGINE_TILE_INSIDE_H
#define MG_ENGINE_TILE_INSIDE_H

#include "src/engine/tile.h"
#include "src/engine/tile_scan.h"
#include "src/engine/tile_steps.h"

#define MG_UNIT 5.9604645e-8f /* 2^-24: a rounding of a float */

/* An output of a linear step that waits to be added up in place. */
typedef struct {
    int64_t t;
    uint64_t *mask; /* owned: channels in which some mutant differs */
    float *rows;    /* owned: their rows, packed */
} mg_tile_waiting;

struct mg_tile_scan {
    const mg_plan *plan;
    mg_tile_steps steps;
    bool certificates;
    mg_tile tile;
    float **slot;       /* (n_slots) rows of differences */
    size_t *slot_bytes; /* (n_slots) */
    float **
        first; /* (steps) of a convolution of the window: (out_channels, 4, mg_tile_first_apart()) weights, zeros around
                    * the taps; else NULL */
    float *change;      /* (4, MG_MUTANTS) each mutant's differences of the window, at its site */
    int64_t first_site; /* of the tile in hand */
    float **norm; /* (steps) of a linear step that ReLU follows: (taps, out_stride) norms of its weights, rounded up */
    float **gradient;            /* (values) dF/d(value) where the tail takes it or makes it; else NULL */
    void **m_in;                 /* (the most inputs of a node) pointers into `handed` */
    float **handed;              /* the same, arrays of max_size */
    const float **tap_norm;      /* (the most taps) norms of the weights of the taps in hand */
    float *tap_size;             /* (the most taps) norms of what they meet */
    int64_t *wanted;             /* (max out_stride) outputs that are worked out */
    uint64_t *alive, *undecided; /* bits of them */
    int32_t *order;              /* (max length) positions in the order in which they are worked out */
    mg_tile_waiting *waiting;    /* (waiting_room) a ring */
    int64_t waiting_room, first_waiting, n_waiting;
    int32_t *n_placed;   /* (values) places taken where the value lies */
    float *total;        /* (MG_MUTANTS) differences of F */
    mg_tools tools;      /* for nodes that are run whole, and for the tail */
    mg_state mutant;     /* values of one mutant, where a node is run whole */
    void **mutant_value; /* (values) owned arrays; NULL: the window's */
    void **mutant_memo;  /* (steps) owned arrays */
    uint64_t *n_macs;
    mg_scan_cost *cost; /* (nodes + 1) NULL: nobody watches */
    size_t bytes;
    size_t shared; /* of a follower: so many steps are its leader's, with the values up to that number; else 0 */
    mg_tile_scan **follower; /* of a leader, owned, the scans themselves are not: (n_followers) */
    size_t n_followers, follower_room;
    float *effect; /* of a follower, for the window in hand: (L, 4) */
};

/* The linear operator of a step; NULL: it is none. */
static inline const mg_rows *mg_tile_rows_of(const mg_step *step)
{
    return step->ops->rows != NULL ? step->ops->rows(step) : NULL;
}

/* The weights of output o: those of its block, `width` numbers apart. */
static inline const float *mg_tile_weights_of(const mg_rows *op, int64_t o, int64_t *width)
{
    int64_t block = o / MG_BLOCK, left = op->out_stride - block * MG_BLOCK;
    *width = left < MG_BLOCK ? left : MG_BLOCK;
    return op->weight + op->taps * op->in_channels * block * MG_BLOCK + (o - block * MG_BLOCK);
}

/* Does the tail's gradient go through step i? */
static inline bool mg_tile_in_tail(const mg_tile_scan *scan, size_t i)
{
    return scan->steps.role[i] == MG_TILE_TAIL || scan->steps.role[i] == MG_TILE_FOLD;
}

/* A node that has none of the tile functions, and is run on each mutant whole. */
static inline bool mg_tile_runs_whole(const mg_step *step)
{
    return step->ops->rows == NULL && step->ops->lane == NULL && step->ops->tile == NULL;
}

/* From one channel's weights to the next: a tile's sites may begin before the first tap, and end behind the last. */
static inline int64_t mg_tile_first_apart(const mg_rows *op)
{
    return op->taps + 2 * (MG_SITES - 1);
}

/* What a sum of squares' root is multiplied with to be an upper bound, whatever was rounded. */
static inline float mg_tile_norm_slack(const mg_tile *tile, size_t v)
{
    return 1.0f + 2.0f * MG_UNIT * (float)(tile->plan->graph->extent[v].channels + 4);
}

/* mg_tile_linear(), mg_tile_lane(), mg_tile_whole()  the differences of step i's output, and of what is joined to it
 * mg_tile_first()       the same of a convolution of the window, where each mutant differs at one position
 * mg_tile_linear_sum()  ... of the sum that it goes into
 * mg_tile_fold()        what the units behind step i that cross 0 add to F's differences */
void mg_tile_linear(mg_tile_scan *scan, size_t i, const mg_rows *op);
void mg_tile_first(mg_tile_scan *scan, size_t i, const mg_rows *op);
void mg_tile_linear_sum(mg_tile_scan *scan, size_t i, const mg_rows *op);
void mg_tile_fold(mg_tile_scan *scan, size_t i, const mg_rows *op);
void mg_tile_lane(mg_tile_scan *scan, size_t i);
void mg_tile_whole(mg_tile_scan *scan, size_t i);

/* mg_tile_find_positions()  mark the positions that the marked ones of the window change, of all values that are run from step
 *                           `from` on
 * mg_tile_list_positions()  list those of a value
 * mg_tile_give_places()     places for rows at those listed that have none yet
 * mg_tile_most_places()     the most places that a tile gives where a value lies, into `most`; n: scratch; both (values), 0 */
void mg_tile_find_positions(mg_tile_scan *scan, size_t from);
void mg_tile_list_positions(mg_tile_scan *scan, size_t v);
void mg_tile_give_places(mg_tile_scan *scan, size_t v);
void mg_tile_most_places(mg_tile_scan *scan, int64_t *n, int64_t *most);

/* mg_tile_free_shared()  a follower lets go of all that it has for the values up to `shared`: they point to its leader's */
void mg_tile_free_shared(mg_tile_scan *scan, const mg_tile_scan *leader);

/* mg_tile_follow()  the values that a follower's leader has worked out for the tile in hand */
void mg_tile_follow(mg_tile_scan *scan, const mg_tile_scan *leader);

/* mg_tile_gradients()  dF/d(value) of all values that the tail takes, for the window of the pass
 * mg_tile_total()      add to F's differences, scan->total, what those of the values that the tail takes make of them */
void mg_tile_gradients(mg_tile_scan *scan);
void mg_tile_total(mg_tile_scan *scan);

#endif
