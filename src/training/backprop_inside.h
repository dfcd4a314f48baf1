/* backprop_inside.h  what trainables and backprops are made of; for backprop*.c only */
#ifndef MG_TRAINING_BACKPROP_INSIDE_H
#define MG_TRAINING_BACKPROP_INSIDE_H

#include <stdbool.h>

#include "src/graph/kind.h"
#include "src/training/backprop.h"
#include "src/training/batch.h"

/* The way through the layers and back (backprop_walk.h), for one type of number and one instruction set. */
typedef struct {
    const char *name; /* as the kernels of src/kernels/ are called */
    /* up()  scores of n windows; key: seeds of their dropout, NULL: none */
    void (*up)(mg_backprop *b, size_t n, const mg_base *const *base, const uint64_t *key, double *score);
    /* down()  after up(): gradient of all parameters, given the slope of the loss in each window's log-odds */
    void (*down)(mg_backprop *b, size_t n, const double *slope, size_t n_after, void *gradient);
} mg_backprop_walk;

/* A node of the chain. */
typedef struct {
    const mg_node *node;
    mg_trained role;
    mg_batch_shape shape;           /* taps and step 1 where it does not slide */
    mg_batch_map forward, backward; /* of maps, MG_SINGLE only; backward: none of the lowest layer */
} mg_trainable_layer;

/* What a batch normalisation did to the windows at hand, for the way back; one number a channel. */
typedef struct {
    bool own;                         /* mean and variance are those of the windows; else the running ones */
    double *mean, *variance, *factor; /* owned, with the two below: one block. factor: 1 / sqrt(variance + eps) */
    double *slope, *product;          /* sums of the output's gradient, and of it times the normalised input */
} mg_norm_state;

struct mg_trainable {
    const mg_graph *network;
    size_t n_layers; /* nodes from the window to the logits */
    size_t target;   /* of the logits */
    mg_layer_recipe *recipe;
    mg_precision precision;
    const mg_backprop_walk *walk;
    size_t n;        /* parameters */
    size_t *first;   /* (n_layers) the first one of a layer */
    size_t lowest;   /* the first layer with weights */
    int64_t *stride; /* (n_layers + 1) channels of an activation, with padding */
    int64_t *size;   /* (n_layers + 1) numbers in it: length * stride * MG_BATCH */
    int64_t max_size, max_stride;
    mg_trainable_layer *layer; /* (n_layers) */
    double *parameter;         /* owned; with MG_SINGLE those of batch normalisations alone are kept up to date */
};

struct mg_backprop {
    const mg_trainable *trainable;
    void **activation;   /* (n_layers + 1) arrays of float or double, (length, stride, MG_BATCH) */
    int32_t **winner;    /* (n_layers) of max pools: which position of the pooling window won */
    uint32_t **dropped;  /* (n_layers) of those with dropout: (out_length, out_channels), a bit a window */
    mg_norm_state *norm; /* (n_layers) of batch normalisations */
    void *lane[2];       /* of batch normalisations: (most channels, MG_BATCH) numbers each, sums of windows */
    void *gradient[2];   /* max_size numbers each: of a layer's output, and of its input */
};

extern const mg_backprop_walk mg_backprop_double;

#endif
