/* pass.h  forward and backward through a network, for one window at a time
 *
 * An engine is a network made ready for one precision, shared read-only by all threads: MG_SINGLE runs float32 kernels
 * chosen for this machine's instruction set, MG_DOUBLE runs plain float64 loops (the reference path that the tests hold
 * the kernels to). A pass is one thread's workspace on it. Methods are written once, in terms of both.
 *
 * The backward pass carries a *multiplier* m to every activation. With the plain rules m is the gradient of F. Guided
 * backpropagation, deconvolution, DeepLIFT and LRP differ from it only in what they do at ReLU, max pooling and linear
 * layers, so they are the same walk with another rule. For LRP the relevance of an activation is a * m; ReLU and
 * max pooling then treat m as they treat a gradient, and LRP-epsilon with epsilon -> 0 is the gradient itself.
 */
#ifndef MG_ENGINE_PASS_H
#define MG_ENGINE_PASS_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/graph/network.h"
#include "src/kernels/rule.h"

typedef struct mg_engine mg_engine;
typedef struct mg_pass mg_pass;

/* mg_engine_create()  make a network ready; the network must outlive the engine
 * Returns: MG_OK, MG_EMEM, or MG_EUSAGE when MUTAGREE_ISA asks for an instruction set this machine lacks. */
mg_status mg_engine_create(const mg_network *network, mg_precision precision, mg_engine **ret, mg_error *err);
void mg_engine_destroy(mg_engine *engine);
const mg_network *mg_engine_network(const mg_engine *engine);

mg_status mg_pass_create(const mg_engine *engine, mg_pass **ret, mg_error *err);
void mg_pass_destroy(mg_pass *pass);
size_t mg_pass_bytes(const mg_engine *engine);
const mg_engine *mg_pass_engine(const mg_pass *pass);

/* mg_pass_count()  add to *n_macs, from now on, the multiply-adds with a weight that an MG_SINGLE pass does
 * (src/engine/count.h); NULL: count no more */
void mg_pass_count(mg_pass *pass, uint64_t *n_macs);

/* mg_pass_forward()  F of an input; keeps all activations for the backward pass
 *
 * Args:     x - (L, 4), A C G T; one-hot rows or any numbers
 * Returns:  the network's first output (the only one of a folded network)
 */
double mg_pass_forward(mg_pass *pass, const double *x);

/* mg_pass_output()  output k of the last forward pass */
double mg_pass_output(const mg_pass *pass, size_t k);

/* mg_pass_forward_reference()  the same for the reference that MG_RELU_RESCALE and MG_POOL_CROSS compare with; costs
 * nothing when it is the one of the last call, as it is from window to window for all but shuffled references */
double mg_pass_forward_reference(mg_pass *pass, const double *reference);

typedef enum {
    MG_RELU_GRADIENT,      /* m [z > 0] */
    MG_RELU_GUIDED,        /* max(m, 0) [z > 0]          Springenberg et al. 2015 */
    MG_RELU_DECONVOLUTION, /* max(m, 0)                  Zeiler & Fergus 2014 */
    MG_RELU_RESCALE        /* m (a - a0) / (z - z0)      Shrikumar et al. 2017, DeepLIFT rescale */
} mg_relu_rule;

typedef enum {
    MG_POOL_WINNER, /* all of m to the first maximum */
    MG_POOL_CROSS /* DeepLIFT: what the window's maximum gained goes to its winner, what the reference's lost to its */
} mg_pool_rule;

/* The weights' positive and negative parts as operators of their own, which LRP needs; made once, shared by threads. */
typedef struct mg_parts mg_parts;
mg_status mg_parts_create(const mg_engine *engine, mg_parts **ret, mg_error *err);
void mg_parts_destroy(mg_parts *parts);

typedef struct {
    mg_relu_rule relu;
    mg_pool_rule pool;
    mg_linear_rule convolution, dense;
    const mg_parts *parts; /* needed when a linear rule is not MG_LINEAR_GRADIENT or MG_LINEAR_EPSILON */
} mg_rule;

extern const mg_rule mg_rule_gradient;

/* mg_pass_backward()  multipliers of the input under a rule, starting from 1 at the first output
 *
 * Args:     multiplier - OUT (L, 4)
 */
void mg_pass_backward(mg_pass *pass, const mg_rule *rule, double *multiplier);

/* mg_pass_mean_gradient()  sum over k of weight[k] dF/dx at reference + node[k] (x - reference)
 *
 * Purpose:  Quadrature of the gradient along a straight path. MG_SINGLE shares between steps what does not change
 *           (src/paths/path.h) where the network's layers allow; mg_pass_mean_gradient_ref() is the plain way, a
 *           forward and a backward pass a node.
 * Args:     pass         - holds the forward pass of x, now and afterwards; its reference is overwritten
 *           x, reference - (L, 4)
 *           node         - n of them, ascending
 *           scratch      - (2, L, 4)
 *           mean         - OUT (L, 4)
 */
void mg_pass_mean_gradient(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                           const double *weight, double *scratch, double *mean);
void mg_pass_mean_gradient_ref(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                               const double *weight, double *scratch, double *mean);

#endif
