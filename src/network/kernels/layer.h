/* layer.h  inner loops of the layers without weights, forward and backward; widths are multiples of MG_LANES */
#ifndef MG_NETWORK_LAYER_KERNELS_H
#define MG_NETWORK_LAYER_KERNELS_H

#include <stdint.h>

typedef struct {
    /* relu()  out = max(in, 0), n numbers */
    void (*relu)(const float *in, int64_t n, float *out);
    /* relu_gradient()  m = m where z > 0, else 0 */
    void (*relu_gradient)(const float *z, int64_t n, float *m);
    /* max_pool_window()  maximum over `n` positions (`step` floats apart), the first of equals, and which it was
     *                    (0 .. n - 1) for `width` channels */
    void (*max_pool_window)(const float *in, int64_t n, int64_t step, int64_t width, float *out, int32_t *winner);
    /* max_pool_gradient()  m_in at the winner += m, for the same window */
    void (*max_pool_gradient)(const int32_t *winner, const float *m, int64_t n, int64_t step, int64_t width,
                              float *m_in);
    /* line()  out = a + t b, n numbers; out may be a */
    void (*line)(const float *a, const float *b, float t, int64_t n, float *out);
} mg_layer_kernels;

#endif
