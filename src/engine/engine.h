/* engine.h  what engines and passes are made of; for the files of src/engine/, src/paths/ and src/training/ only */
#ifndef MG_ENGINE_ENGINE_H
#define MG_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/kernels/kernels.h"
#include "src/graph/network.h"
#include "src/engine/pass.h"

/* A linear or affine layer as an map: with its own weights, or with their positive parts. */
typedef struct {
    const mg_layer *layer;     /* geometry */
    const double *weight;      /* layout of layer->weight */
    double *owned;             /* weight when it is the map's own, else NULL */
    mg_rows forward, backward; /* MG_SINGLE only; of an affine layer forward.bias alone */
} mg_map;

struct mg_engine {
    const mg_network *network;
    mg_precision precision;
    const mg_kernels *kernels;
    int64_t *stride;   /* (n_layers + 1) numbers from one position to the next at the input of layer l */
    int64_t *size;     /* (n_layers + 1) numbers in that activation: length * stride */
    bool *nonnegative; /* (n_layers) the input of layer l is never negative */
    mg_map *map;       /* (n_layers) unused for layers without weights */
    int64_t max_size, max_list;
};

struct mg_parts {
    const mg_engine *engine;
    mg_map *positive, *negative; /* (n_layers) */
};

enum { MG_SET_WINDOW = 0, MG_SET_REFERENCE = 1, MG_N_SETS = 2, MG_N_BUFFERS = 6 };

struct mg_pass {
    const mg_engine *engine;
    void **activation[MG_N_SETS]; /* (n_layers + 1) arrays of float or double */
    int32_t **winner[MG_N_SETS];  /* (n_layers) of max pools: which of the window's positions won */
    void *buffer[MG_N_BUFFERS];   /* max_size numbers each: multipliers coming and going, and LRP's shares */
    double *reference;            /* (L, 4) that the activations of MG_SET_REFERENCE are of, if has_reference */
    double reference_output;
    bool has_reference;
    mg_list list;         /* MG_SINGLE only */
    struct mg_path *path; /* for mean gradients; NULL where the network does not suit */
    uint64_t *n_macs;     /* multiply-adds are added to it (count.h); NULL: they are not counted */
};

/* The input positions of output t of a pool or convolution that exist: first, and how many, dilation apart. */
static inline int64_t mg_layer_first(const mg_layer *layer, int64_t t, int64_t *n)
{
    int64_t first = t * layer->stride - layer->pad;
    int64_t skipped = first < 0 ? (-first + layer->dilation - 1) / layer->dilation : 0;
    first += skipped * layer->dilation;
    int64_t room = (layer->in_length - first + layer->dilation - 1) / layer->dilation;
    *n = layer->kernel - skipped < room ? layer->kernel - skipped : room;
    return first;
}

/* The walk itself, once a precision: pass_walk.h compiled by pass_single.c and pass_double.c.
 *
 *   up          forward through layers from .. to - 1; activation[from] is there; the first value of activation[to] is
 *               returned
 *   input       put an input (L, 4) into activation[0]
 *   seed        the multiplier of the output, 1 for the first, in buffer[0]
 *   down        backward through layers from - 1 .. to; multiplier is buffer[0] or buffer[1], what is returned the one
 *               or the other, at the input of layer `to`
 *   multiplier  the multiplier at the input as doubles (L, 4)
 */
#define MG_WALK(precision)                                                                                             \
    double mg_walk_up_##precision(mg_pass *pass, int set, size_t from, size_t to);                                     \
    void mg_walk_input_##precision(mg_pass *pass, int set, const double *x);                                           \
    void *mg_walk_seed_##precision(mg_pass *pass);                                                                     \
    void *mg_walk_down_##precision(mg_pass *pass, const mg_rule *rule, void *multiplier, size_t from, size_t to);      \
    void mg_walk_multiplier_##precision(const mg_pass *pass, const void *m, double *multiplier);
MG_WALK(single)
MG_WALK(double)
#undef MG_WALK

#endif
