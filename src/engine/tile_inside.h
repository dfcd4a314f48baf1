/* tile_inside.h  what a tile scan is made of; for tile_*.c only */
#ifndef MG_ENGINE_TILE_INSIDE_H
#define MG_ENGINE_TILE_INSIDE_H

#include "src/engine/tile.h"
#include "src/engine/tile_scan.h"
#include "src/engine/tile_steps.h"

#define MG_UNIT 5.9604645e-8f /* 2^-24: a rounding of a float */

struct mg_tile_scan {
    const mg_plan *plan;
    mg_tile_steps steps;
    bool certificates;
    mg_tile tile;
    float **slot; /* (n_slots) rows of differences */
    float **norm; /* (steps) of a linear step that ReLU follows: (taps, out_stride) norms of its weights, rounded up */
    float **gradient;    /* (values) dF/d(value) where the tail takes it or makes it; else NULL */
    void **m_in;         /* (the most inputs of a node) pointers into `handed` */
    float **handed;      /* the same, arrays of max_size */
    float *bound;        /* (max out_stride) */
    int64_t *wanted;     /* (max out_stride) outputs that are worked out */
    uint64_t *alive;     /* bits of them */
    float *total;        /* (MG_MUTANTS) differences of F */
    mg_tools tools;      /* for nodes that are run whole, and for the tail */
    mg_state mutant;     /* values of one mutant, where a node is run whole */
    void **mutant_value; /* (values) owned arrays; NULL: the window's */
    void **mutant_memo;  /* (steps) owned arrays */
    uint64_t *n_macs;
    size_t bytes;
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

/* A node that has none of the tile functions, and is run on each mutant whole. */
static inline bool mg_tile_runs_whole(const mg_step *step)
{
    return step->ops->rows == NULL && step->ops->lane == NULL && step->ops->tile == NULL;
}

/* mg_tile_linear(), mg_tile_lane(), mg_tile_whole()  the differences of step i's output, and of what is joined to it */
void mg_tile_linear(mg_tile_scan *scan, size_t i, const mg_rows *op);
void mg_tile_lane(mg_tile_scan *scan, size_t i);
void mg_tile_whole(mg_tile_scan *scan, size_t i);

/* mg_tile_gradients()  dF/d(value) of all values that the tail takes, for the window of the pass
 * mg_tile_total()      F's differences, from those of the values that the tail takes, into scan->total */
void mg_tile_gradients(mg_tile_scan *scan);
void mg_tile_total(mg_tile_scan *scan);

#endif
