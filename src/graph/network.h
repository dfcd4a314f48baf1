/* network.h  a trained sequential network as a table of layers
 *
 * Everything the rest of mutagree knows about a network stands here; no layer size is compiled in. Activations are
 * position-major: value (t, c) of a layer with C channels is at [t * C + c]. The input is (L, 4) in A, C, G, T order,
 * whatever order the file used.
 *
 * A fully connected layer is a convolution whose kernel spans all positions of its input, so there is one linear kind:
 * Linear(flatten(T x C)) = MG_LINEAR with kernel = T, out_length = 1. Weights are kept as double, so that folding batch
 * normalisation and the log-odds loses nothing before the reference path.
 */
#ifndef MG_GRAPH_NETWORK_H
#define MG_GRAPH_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/graph.h"

enum { MG_LAYER_NAME = 64 };

typedef enum {
    MG_LINEAR,      /* out(t, o) = bias[o] + sum over k, c of weight(o, c, k) in(t * stride + k * dilation - pad, c) */
    MG_AFFINE,      /* out(t, c) = weight[c] in(t, c) + bias[c]: batch normalisation that could not be folded */
    MG_RELU,        /* out = max(in, 0) */
    MG_MAX_POOL,    /* the largest of the window's positions that exist; the first of equals */
    MG_AVERAGE_POOL /* their sum / divisor[t] */
} mg_layer_kind;

typedef struct {
    mg_layer_kind kind;
    char name[MG_LAYER_NAME];         /* as in the file: "features.0" */
    bool dense;                       /* MG_LINEAR made from a fully connected layer (LRP composites tell them apart) */
    int64_t kernel, stride, dilation; /* MG_LINEAR and pools; 1 otherwise */
    int64_t pad;                      /* positions of padding on the left; those on the right follow from out_length */
    int64_t in_length, in_channels;
    int64_t out_length, out_channels;
    double *weight;  /* owned: MG_LINEAR (out_channels, in_channels, kernel); MG_AFFINE (channels) */
    double *bias;    /* owned: MG_LINEAR, MG_AFFINE (out_channels) */
    double *divisor; /* owned: MG_AVERAGE_POOL (out_length) */
    mg_norm *norm;   /* owned: MG_AFFINE of an unfolded network: what weight and bias were made of; else NULL */
} mg_layer;

typedef enum { MG_HEAD_NONE, MG_HEAD_SOFTMAX, MG_HEAD_SIGMOID } mg_head;

typedef struct {
    int64_t length; /* L, bases */
    int64_t anchor; /* offset of the candidate codon's first base */
    size_t n_layers;
    mg_layer *layer;                   /* owned; the last one is MG_LINEAR with out_length 1: the logits */
    size_t n_outputs;                  /* logits */
    mg_head head;                      /* what turns logits into probabilities; applied outside the layer table */
    char (*class_name)[MG_CLASS_NAME]; /* owned, n_outputs names */
    size_t target;                     /* the output that is explained */
} mg_network;

void mg_network_destroy(mg_network *network); /* NULL is fine; copes with half-built ones */

/* mg_network_copy()  a deep copy */
mg_status mg_network_copy(const mg_network *network, mg_network **ret, mg_error *err);

typedef enum { MG_SCORE_LOG_ODDS, MG_SCORE_LOGIT, MG_SCORE_PROBABILITY } mg_score;

/* mg_network_fold_score()  the network with one output F that the scan and the methods work on
 *
 * Purpose:  Log-odds: the difference of the last layer's rows and biases, target minus other, for two softmax outputs;
 *           the target's logit for a sigmoid head. Logit: the target's row. Probability: as log-odds; the logistic
 *           function is applied by whoever reads F (mg_score_link).
 * Returns:  MG_OK and *ret, or MG_EINPUT: log-odds and probability of a softmax over more than two classes are no
 *           linear function of the logits (the sentence says to use --score logit).
 */
mg_status mg_network_fold_score(const mg_network *network, mg_score score, mg_network **ret, mg_error *err);

/* Numbers in weights and biases; multiply-accumulates of one dense forward pass; of a layer and of all layers */
int64_t mg_layer_n_weights(const mg_layer *layer);
int64_t mg_layer_n_macs(const mg_layer *layer);
int64_t mg_network_n_weights(const mg_network *network);
int64_t mg_network_n_macs(const mg_network *network);

#endif
