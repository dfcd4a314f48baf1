/* backprop.h  forward through a network that is being trained, and back to the gradient of its weights
 *
 * A trainable is a network's shape with room for its weights in the kernels' layout, shared read-only by all threads
 * while a batch is worked on; a backprop is one thread's workspace for MG_BATCH windows. MG_SINGLE runs float32 kernels
 * (kernels/single.c), MG_DOUBLE plain float64 loops, to which the tests hold the kernels, and which they hold to finite
 * differences.
 *
 * The parameters are one array of doubles: node by node the weights (out_channels, in_channels, kernel), then the
 * bias (out_channels), as in src/graph/kind.h; of a batch normalisation the rows of its mg_norm. A running mean or
 * variance is no weight that a loss pulls at: what stands for it in a gradient is what is to be taken off it at the end of
 * the step, as it is (mg_trainable_settled()).
 *
 * A batch normalisation takes mean and variance of the windows that are worked on together, over their positions (ghost
 * batches: Hoffer, Hubara and Soudry 2017), so they do not depend on who works on the rest of a batch. The running ones
 * move by `momentum` toward those of one chunk after the other, in the order of the batch; the variance as the unbiased
 * one, as PyTorch has it. Where a channel has one value alone, the running ones are used.
 *
 * The loss of a window is the cross-entropy of its label, log(1 + exp(-F)) for a start and log(1 + exp(F)) for none,
 * with F the log-odds: of a sigmoid the logit, of a softmax over two classes the target's logit less the other's.
 */
#ifndef MG_TRAINING_BACKPROP_H
#define MG_TRAINING_BACKPROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/graph.h"
#include "src/engine/pass.h"
#include "src/sequence/alphabet.h"
#include "src/training/batch.h"

typedef struct mg_trainable mg_trainable;
typedef struct mg_backprop mg_backprop;

/* What training needs to know of a layer, and inference does not. */
typedef struct {
    double dropout; /* share of the layer's outputs that is zeroed in training, 0 <= p < 1; the others grow by
                       1 / (1 - p) */
    bool no_bias;   /* the layer has none, so its zeros are not trained */
} mg_layer_recipe;

/* mg_trainable_create()  room for a network's weights
 *
 * Args:     network - its shape; must outlive the trainable
 *           recipe  - (n_nodes), copied
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT for a network that cannot be trained: more than two classes, no head, no chain of
 *           nodes, or a node that training does not know, by name: it knows convolutions and dense nodes, batch
 *           normalisations that are not folded (affine with its norm), ReLU, functions of one number without weights, max
 *           and average pools.
 */
mg_status mg_trainable_create(const mg_graph *network, const mg_layer_recipe *recipe, mg_precision precision,
                              mg_trainable **ret, mg_error *err);
void mg_trainable_destroy(mg_trainable *trainable);

size_t mg_trainable_n(const mg_trainable *trainable); /* parameters */

/* mg_trainable_settled()  settled[i] (mg_trainable_n()): parameter i is no optimiser's. A step leaves parameter - gradient:
 * running means and variances, and where a batch normalisation has no weight and bias, the ones and zeros in their place */
void mg_trainable_settled(const mg_trainable *trainable, bool *settled);

/* mg_trainable_load()  take these parameters from now on; n_threads share the work, while no other is at work on it */
void mg_trainable_load(mg_trainable *trainable, const double *parameter, int n_threads);

/* The parameters of an unfolded network of the same shape, and back again. */
void mg_parameters_read(const mg_graph *network, double *parameter);
void mg_parameters_write(const double *parameter, mg_graph *network);

mg_status mg_backprop_create(const mg_trainable *trainable, mg_backprop **ret, mg_error *err);
void mg_backprop_destroy(mg_backprop *backprop);

typedef struct {
    const mg_base *base; /* (L) */
    bool start;          /* the label */
    double weight;       /* of its loss */
    uint64_t key;        /* seed of its dropout */
} mg_example;

/* mg_backprop_scores()  log-odds of n <= MG_BATCH windows, nothing dropped out
 * Args: base - n pointers to L codes */
void mg_backprop_scores(mg_backprop *backprop, size_t n, const mg_base *const *base, double *score);

/* mg_backprop_gradient()  sum of the weighted losses of n <= MG_BATCH examples, and its gradient
 *
 * Args:     n_after  - chunks of the same batch that come after this one: running statistics forget it by as much
 *           gradient - OUT (mg_trainable_n()), float with MG_SINGLE, double with MG_DOUBLE
 * Returns:  the loss; not finite when the weights have gone astray
 */
double mg_backprop_gradient(mg_backprop *backprop, size_t n, const mg_example *example, size_t n_after, void *gradient);

#endif
