/* delta.h  inner loops of the mutation scan: differences through ReLU and pooling
 *
 * A difference stands beside the window's own activations: `base` is the whole activation (all positions), `delta`
 * holds positions begin .. end - 1 only. Strides are multiples of MG_LANES.
 */
#ifndef MG_NETWORK_DELTA_H
#define MG_NETWORK_DELTA_H

#include <stdbool.h>
#include <stdint.h>

/* One window's activation and a mutant's difference from it. */
typedef struct {
    const float *base;  /* (length, stride) */
    const float *delta; /* (end - begin, stride) */
    int64_t stride, begin, end;
} mg_difference;

typedef struct {
    /* relu()  out = max(base + delta, 0) - max(base, 0) at the same positions */
    void (*relu)(const mg_difference *in, float *out);
    /* max_window()  maximum over n positions from `first`, dilation apart, of base + delta, then max(., 0) when
     * with_relu, minus `pooled`, the window's own value; `width` channels */
    void (*max_window)(const mg_difference *in, int64_t first, int64_t n, int64_t dilation, bool with_relu,
                       const float *pooled, float *out);
} mg_delta_kernels;

#endif
