/* smooth.h  smooth functions of many numbers, for activations
 *
 * Accuracy: within 1e-6 of the value, relative, wherever that is a normal number; beyond the range of numbers infinity or 0.
 *           NaN gives NaN. Measured: 4e-7 (tests/unit/test_kernels_smooth.c).
 * Bits:     the same on every instruction set with fused multiply-add (smooth_vector.h).
 */
#ifndef MG_KERNELS_SMOOTH_H
#define MG_KERNELS_SMOOTH_H

#include <stdint.h>

/* Each takes n numbers, a multiple of MG_LANES; out may be x. */
typedef void mg_smooth(const float *x, int64_t n, float *out);

typedef struct {
    mg_smooth *exp;
    mg_smooth *sigmoid; /* 1 / (1 + exp(-x)) */
    mg_smooth *tanh;
    mg_smooth *erf;      /* 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x */
    mg_smooth *softplus; /* log(1 + exp(x)) */
    mg_smooth *gelu;     /* x Phi(x) */
    mg_smooth *silu;     /* x sigmoid(x) */
    /* elu()  scale x where x > 0, else scale alpha (exp(x) - 1) */
    void (*elu)(const float *x, int64_t n, float alpha, float scale, float *out);
} mg_smooth_kernels;

#endif
