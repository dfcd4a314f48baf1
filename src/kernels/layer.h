/* layer.h  inner loops of the layers without weights, forward and backward; widths are multiples of MG_LANES */
#ifndef MG_KERNELS_LAYER_H
#define MG_KERNELS_LAYER_H

#include <stdint.h>

#include "src/kernels/rule.h"

/* A window of a max pooling in an input and in its reference: its first position, and what came out of it. */
typedef struct {
    const float *in, *in0;
    const float *out, *out0;
    const int32_t *winner, *winner0;
} mg_pool_pair;

/* How a ReLU hands multipliers m down: where its input is positive; or where m is, too; or where m alone is. */
typedef enum { MG_GATE_VALUE, MG_GATE_BOTH, MG_GATE_MULTIPLIER } mg_gate_rule;

/* A max pooling of n whole windows of `kernel` positions each, side by side, of `width` channels. */
typedef struct {
    int64_t n, kernel, width;
    const float *out;      /* (n, width) what came out of it */
    const int32_t *winner; /* (n, width) which of a window's positions */
} mg_plain_pool;

typedef struct {
    /* relu()  out = max(in, 0), n numbers */
    void (*relu)(const float *in, int64_t n, float *out);
    /* relu_gradient()  m = m where z > 0, else 0 */
    void (*relu_gradient)(const float *z, int64_t n, float *m);
    /* relu_rescale()  m = m (max(z, 0) - max(z0, 0)) / (z - z0); as relu_gradient() where z and z0 are equal */
    void (*relu_rescale)(const float *z, const float *z0, int64_t n, float *m);
    /* max_pool_window()  maximum over `n` positions (`step` floats apart), the first of equals, and which it was
     *                    (0 .. n - 1) for `width` channels */
    void (*max_pool_window)(const float *in, int64_t n, int64_t step, int64_t width, float *out, int32_t *winner);
    /* max_pool_gradient()  m_in at the winner += m, for the same window */
    void (*max_pool_gradient)(const int32_t *winner, const float *m, int64_t n, int64_t step, int64_t width,
                              float *m_in);
    /* rectified_pool()  multipliers m (n, width) of a max pooling through it and through the ReLU below it
     *                   m_in: OUT (n kernel, width) those of the ReLU's input */
    void (*rectified_pool)(const mg_plain_pool *pool, mg_gate_rule gate, const float *m, float *m_in);
    /* max_pool_cross()  m_in at the winner += m (out - out0) / (in - in0) where that is a gain, and += m where in and in0
     *                   are equal; at the reference's winner += m (out - out0) / (in - in0) where that is a loss */
    void (*max_pool_cross)(const mg_pool_pair *pair, const float *m, int64_t n, int64_t step, int64_t width,
                           float *m_in);
    /* lrp_shares()  from the sums of the positive and of the negative contributions to n outputs, without bias, to what
     *               contributions of either sign get a share of (pass_double.c has the formula); rule: gamma, or
     *               alpha-beta, which alone reads v, where alpha is not 1
     *               bias: (width);  z, m, u, v: (n, width) */
    void (*lrp_shares)(const mg_linear_rule *rule, const float *bias, const float *z, const float *m, int64_t n,
                       int64_t width, float *u, float *v);
    /* line()  out = a + t b, n numbers; out may be a */
    void (*line)(const float *a, const float *b, float t, int64_t n, float *out);
} mg_layer_kernels;

#endif
