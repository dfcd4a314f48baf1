/* tile.h  a tile of mutants on its way through a graph: what the tile() functions of kinds see (step.h)
 *
 * Of every value that a mutant can change, the differences from the window's own are kept at the positions that some mutant
 * of the tile changes (exact sets, not intervals: a dilated stack touches a few hundred positions of ten thousand), and
 * there in the channels where some mutant differs. Everything else is 0 and never looked at.
 */
#ifndef MG_ENGINE_TILE_H
#define MG_ENGINE_TILE_H

#include "src/engine/plan.h"
#include "src/engine/step.h"
#include "src/kernels/lanes.h"

typedef struct {
    int64_t n;         /* positions that may differ; 0: nothing does */
    int32_t *position; /* (n) ascending */
    bool *changed;     /* (length) is it one of them? */
    int32_t *place;    /* (length) at those: where its rows lie among those of `difference` */
    int64_t words;     /* of 64 channels each */
    uint64_t *mask;    /* (length, words) at those: channels in which some mutant differs */
    float *difference; /* (places, channels, MG_MUTANTS) in those */
    bool bounded;      /* somebody asks for norms: */
    float *norm;       /* (length) at those: no mutant's differences have a larger 2-norm over the channels */
} mg_tile_value;

typedef struct mg_tile {
    const mg_plan *plan;
    const mg_lane_kernels *kernels;
    const mg_state *window; /* of the pass in hand */
    mg_tile_value *value;   /* (values) */
    mg_lane_list list;      /* room for all that an output of any step may sum up */
    float *row;             /* (MG_LANE_OUTPUTS, MG_MUTANTS) */
    float *squares;         /* (MG_MUTANTS) of the position in hand */
    const float **rows;     /* (the longest pool window) */
    float *column;          /* the same */
    uint64_t *n_macs;       /* NULL: they are not counted */
} mg_tile;

static inline int64_t mg_tile_row_number(const mg_tile *tile, size_t v, int64_t t, int64_t c)
{
    return tile->value[v].place[t] * tile->plan->graph->extent[v].channels + c;
}

/* The differences of value v at (t, c). */
static inline float *mg_tile_row(const mg_tile *tile, size_t v, int64_t t, int64_t c)
{
    return tile->value[v].difference + mg_tile_row_number(tile, v, t, c) * MG_MUTANTS;
}

/* Those that are listed; NULL: all 0. */
static inline const float *mg_tile_listed(const mg_tile *tile, size_t v, int64_t t, int64_t c)
{
    const mg_tile_value *value = &tile->value[v];
    if (value->n == 0 || !value->changed[t]) return NULL;
    return value->mask[t * value->words + c / 64] >> (c % 64) & 1 ? mg_tile_row(tile, v, t, c) : NULL;
}

/* The window's own number of value v at (t, c). */
static inline float mg_tile_own(const mg_tile *tile, size_t v, int64_t t, int64_t c)
{
    return ((const float *)tile->window->value[v])[t * tile->plan->stride[v] + c];
}

/* The next channel listed at a position from `c` on; `channels` when there is none. */
static inline int64_t mg_tile_next(const mg_tile_value *value, int64_t t, int64_t c, int64_t channels)
{
    const uint64_t *mask = value->mask + t * value->words;
    while (c < channels) {
        uint64_t left = mask[c / 64] >> (c % 64);
        if (left != 0) return c + __builtin_ctzll(left);
        c = (c / 64 + 1) * 64;
    }
    return channels;
}

/* mg_tile_begin()   nothing is listed at position t of value v (yet)
 * mg_tile_keep()    list (t, c) with these differences, unless they are all 0
 * mg_tile_end()     all channels of the position are done: its norm */
void mg_tile_begin(mg_tile *tile, size_t v, int64_t t);
void mg_tile_keep(mg_tile *tile, size_t v, int64_t t, int64_t c, const float *row);
void mg_tile_end(mg_tile *tile, size_t v, int64_t t);

#endif
