/* pooled.h  what mutants change of a maximum: for kernels/ only
 *
 * Where nothing changed, base + 0 is base to the last bit, so the difference is exactly 0.
 */
#ifndef MG_KERNELS_POOLED_H
#define MG_KERNELS_POOLED_H

#include "src/kernels/delta.h"
#include "src/kernels/vector.h"

/* A pooled position's window: from `base` on, values base_step floats apart; from `delta` on, `step`, and mutants `apart`. */
typedef struct {
    const float *base, *delta;
    int64_t base_step, step, apart;
} pool_window;

/* The window of which the first position is `first`. */
static inline pool_window window_at(const mg_difference *in, const mg_pooling *pooling, int64_t first)
{
    return (pool_window){in->base + first * in->stride, in->delta + (first - in->begin) * in->stride,
                         pooling->dilation * in->stride, pooling->dilation * in->stride, in->step};
}

/* The maxima that the mutants have minus the one the window has, for WIDTH channels from c. */
static inline __attribute__((always_inline)) void pool_difference(const pool_window *w, int64_t n, int64_t c,
                                                                  float floor, const float *own, vec *difference)
{
    vec best[MG_SHARED];
    UNROLL
    for (int m = 0; m < MG_SHARED; m++)
        best[m] = floor - (vec){0};
    for (int64_t j = 0; j < n; j++) {
        vec base = load(w->base + j * w->base_step + c);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            best[m] = larger(base + load(w->delta + m * w->apart + j * w->step + c), best[m]);
    }
    UNROLL
    for (int m = 0; m < MG_SHARED; m++)
        difference[m] = best[m] - load(own + c);
}

#endif
