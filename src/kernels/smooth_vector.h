/* smooth_vector.h  exp, sigmoid, tanh, erf, softplus and what is made of them, of vectors; for kernels/ only
 *
 * Made of additions, products, divisions and fused multiply-adds alone, each of which rounds once and the same way
 * everywhere; so every instruction set with fused multiply-add gives the same bits. No estimate of a reciprocal, and no
 * choice left to the compiler which sums it fuses. Polynomials: tests/oracle/smooth.py. NaN stays NaN.
 */
#ifndef MG_KERNELS_SMOOTH_VECTOR_H
#define MG_KERNELS_SMOOTH_VECTOR_H

#include <stdint.h>

#include "src/kernels/vector.h"

/* a b + c, rounded once where the instruction set can */
static inline vec fused(vec a, vec b, vec c)
{
#if defined(__AVX512F__)
    return (vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__)
    return (vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b + c;
#endif
}

static inline vec all(float x)
{
    return x - (vec){0};
}

static inline vec smaller(vec a, vec b)
{
    return -larger(-a, -b);
}

/* Coefficients of n powers, the highest first. */
static inline __attribute__((always_inline)) vec polynomial(const float *coefficient, int n, vec x)
{
    vec sum = all(coefficient[0]);
    UNROLL
    for (int i = 1; i < n; i++)
        sum = fused(sum, x, all(coefficient[i]));
    return sum;
}

/* 2^n for whole n from -126 to 127 */
static inline vec two_to(ivec n)
{
    return (vec)((n + 127) << 23);
}

/* factor exp(x). x = n log 2 + r, |r| <= log(2) / 2; exp(x) = 2^n (1 + r + r^2 p(r)), 2^n in two factors, for it may lie
 * below the smallest normal number; the factor comes before them, so that no digits are lost where the product is one.
 * Adding 1.5 2^23 rounds to a whole number, which is then in the lowest bits. */
static inline __attribute__((always_inline)) vec times_exp(vec factor, vec x)
{
    static const float p[] = {0x1.a12a34p-13F, 0x1.6d491p-10F, 0x1.1110ep-7F, 0x1.5554e4p-5F, 0x1.555556p-3F, 0x1p-1F};
    const float round = 0x1.8p23F;
    vec within = smaller(larger(x, all(-150.0F)), all(89.0F));
    vec shifted = fused(within, all(0x1.715476p+0F), all(round)), n = shifted - round;
    vec r = fused(n, all(-0x1.62e4p-1F), within); /* log 2 in two parts, the first of few bits */
    r = fused(n, all(-0x1.7f7d1cp-20F), r);
    vec power = fused(r * r, polynomial(p, 6, r), r) + 1.0F;
    ivec whole = (ivec)shifted - (ivec)all(round), half = whole >> 1;
    return pick_lanes(x == x, factor * power * two_to(half) * two_to(whole - half), x);
}

static inline __attribute__((always_inline)) vec smooth_exp(vec x)
{
    return times_exp(all(1.0F), x);
}

/* 1 / (1 + e) or e / (1 + e) with e = exp(-|x|), which never overflows */
static inline __attribute__((always_inline)) vec smooth_sigmoid(vec x)
{
    vec e = smooth_exp(-magnitude(x));
    return pick_lanes(x >= 0.0F, all(1.0F), e) / (1.0F + e);
}

/* A polynomial where |x| < 5/8, else 1 - 2 / (exp(2 |x|) + 1) with the sign of x */
static inline __attribute__((always_inline)) vec smooth_tanh(vec x)
{
    static const float p[] = {0x1.2977d6p-9F,  -0x1.10bbf4p-7F, 0x1.648e8ep-6F,
                              -0x1.ba0718p-5F, 0x1.1110e4p-3F,  -0x1.555556p-2F};
    vec size = magnitude(x), z = x * x;
    vec small = fused(x * z, polynomial(p, 6, z), x);
    vec large = 1.0F - 2.0F / (smooth_exp(size + size) + 1.0F);
    return pick_lanes(size < 0.625F, small, pick_lanes(x < 0.0F, -large, large));
}

/* A polynomial where |x| < 1, else 1 - exp(-q(|x|)), q = -log(erfc), with the sign of x; from 4 on 1 is nearest */
static inline __attribute__((always_inline)) vec smooth_erf(vec x)
{
    static const float p[] = {-0x1.445f4ap-17F, 0x1.d88752p-14F, -0x1.bccf66p-11F, 0x1.562a6p-8F,
                              -0x1.b829c8p-6F,  0x1.ce2f08p-4F,  -0x1.812746p-2F,  0x1.20dd76p+0F};
    static const float q[] = {0x1.45ac7cp-24F, -0x1.b1ade4p-20F, 0x1.b1b6e2p-17F, -0x1.44964ep-14F, 0x1.b93b66p-12F,
                              -0x1.1bcb0cp-9F, 0x1.63cc74p-7F,   0x1.e346p-1F,    0x1.569252p+2F,   0x1.f3a2dcp+2F};
    vec size = magnitude(x), near = x * polynomial(p, 8, x * x);
    vec far = 1.0F - smooth_exp(-polynomial(q, 10, smaller(size, all(4.0F)) - 2.5F));
    vec signed_far = pick_lanes(x < 0.0F, -far, far);
    return pick_lanes(size < 1.0F, near, pick_lanes(x == x, signed_far, x));
}

/* exp(x) - 1 for x <= 0, which keeps its digits near 0: 2^n t + (2^n - 1) with t = exp(r) - 1, as above; from -80 on -1 */
static inline __attribute__((always_inline)) vec smooth_expm1(vec x)
{
    static const float p[] = {0x1.a12a34p-13F, 0x1.6d491p-10F, 0x1.1110ep-7F, 0x1.5554e4p-5F, 0x1.555556p-3F, 0x1p-1F};
    const float round = 0x1.8p23F;
    vec within = larger(x, all(-80.0F));
    vec shifted = fused(within, all(0x1.715476p+0F), all(round)), n = shifted - round;
    vec r = fused(n, all(-0x1.62e4p-1F), within);
    r = fused(n, all(-0x1.7f7d1cp-20F), r);
    vec t = fused(r * r, polynomial(p, 6, r), r), power = two_to((ivec)shifted - (ivec)all(round));
    return pick_lanes(x == x, fused(power, t, power - 1.0F), x);
}

/* x Phi(x). Phi(-|x|) = erfc(z) / 2, z = |x| / sqrt 2; with t = 1 / (1 + z / 2) it is t p(t - 0.575) exp(-x^2 / 2) / 2. The
 * exponent is the square of the upper 12 bits of |x|, which is exact, and a rest that is put back by a few powers. Beyond 20
 * nothing is left of it. */
static inline __attribute__((always_inline)) vec smooth_gelu(vec x)
{
    static const float p[] = {0x1.1f2be0p-5F, 0x1.cc3b48p-7F,  -0x1.31b24ep-4F, 0x1.e10bd4p-8F,
                              0x1.d1f7f0p-4F, -0x1.c31feap-5F, -0x1.9db806p-3F, 0x1.6d5f26p-4F,
                              0x1.2bccb4p-1F, 0x1.8bdb34p-1F,  0x1.218cecp-1F};
    static const float falling[] = {0x1.555556p-5F, -0x1.555556p-3F, 0.5F, -1.0F, 1.0F}; /* exp(-a) */
    vec size = smaller(magnitude(x), all(20.0F)), upper = (vec)((ivec)size & -4096);
    vec rest = 0.5F * (size + upper) * (size - upper);
    vec t = 1.0F / fused(size, all(0x1.6a09e6p-2F), all(1.0F));
    vec share = 0.5F * t * polynomial(p, 11, t - 0.575F) * polynomial(falling, 5, rest);
    vec one = pick_lanes(x < 0.0F, -size, all(1.0F)), beyond = times_exp(one * share, -0.5F * (upper * upper));
    return pick_lanes(x == x, pick_lanes(x < 0.0F, beyond, x * (1.0F - beyond)), x);
}

/* x / (1 + e) or x e / (1 + e) with e = exp(-|x|) */
static inline __attribute__((always_inline)) vec smooth_silu(vec x)
{
    vec e = smooth_exp(-magnitude(x)), most = larger(x, all(-150.0F)) / (1.0F + e);
    return pick_lanes(x == x, pick_lanes(x >= 0.0F, most, times_exp(most, x)), x);
}

/* max(x, 0) + log(1 + u), u = exp(-|x|); log(1 + u) = u p(u - 1/2) */
static inline __attribute__((always_inline)) vec smooth_softplus(vec x)
{
    static const float p[] = {0x1.04667ap-9F, -0x1.aa8da8p-9F, 0x1.06e902p-8F, -0x1.b9fb4cp-8F,
                              0x1.843a2ep-7F, -0x1.510aa4p-6F, 0x1.2beb4cp-5F, -0x1.153f9ep-4F,
                              0x1.0f95b4p-3F, -0x1.2773a6p-2F, 0x1.9f323ep-1F};
    vec u = smooth_exp(-magnitude(x));
    return fused(u, polynomial(p, 11, u - 0.5F), pick_lanes(x > 0.0F, x, (vec){0}));
}

#endif
