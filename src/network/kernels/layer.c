/* layer.c  ReLU and max pooling, compiled once for each instruction set */
#include "src/network/kernels/layer.h"

#include "src/network/kernels/kernels.h"
#include "src/network/kernels/vector.h"

static void relu(const float *in, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i += WIDTH)
        store(out + i, positive(load(in + i)));
}

/* Lanes of x where the mask is true (-1), else 0. */
static inline vec where(ivec mask, vec x)
{
    return (vec)(mask & (ivec)x);
}

static void relu_gradient(const float *z, int64_t n, float *m)
{
    for (int64_t i = 0; i < n; i += WIDTH)
        store(m + i, where(load(z + i) > 0.0f, load(m + i)));
}

static void max_pool_window(const float *in, int64_t n, int64_t step, int64_t width, float *out, int32_t *winner)
{
    for (int64_t c = 0; c < width; c += WIDTH) {
        vec best = load(in + c);
        ivec which = {0};
        for (int64_t j = 1; j < n; j++) {
            vec x = load(in + j * step + c);
            ivec wins = x > best;
            best = larger(x, best);
            which = (wins & (int32_t)j) | (~wins & which);
        }
        store(out + c, best);
        *(ivec *)(winner + c) = which;
    }
}

static void max_pool_gradient(const int32_t *winner, const float *m, int64_t n, int64_t step, int64_t width,
                              float *m_in)
{
    for (int64_t c = 0; c < width; c += WIDTH) {
        ivec which = *(const ivec *)(winner + c);
        vec share = load(m + c);
        for (int64_t j = 0; j < n; j++) {
            float *to = m_in + j * step + c;
            store(to, load(to) + where(which == (int32_t)j, share));
        }
    }
}

static void line(const float *a, const float *b, float t, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i += WIDTH)
        store(out + i, load(a + i) + t * load(b + i));
}

extern const mg_layer_kernels MG_GLUE(mg_layer_kernels_, MG_ISA);
const mg_layer_kernels MG_GLUE(mg_layer_kernels_, MG_ISA) = {.relu = relu,
                                                             .relu_gradient = relu_gradient,
                                                             .max_pool_window = max_pool_window,
                                                             .max_pool_gradient = max_pool_gradient,
                                                             .line = line};
