/* delta.c  differences through ReLU and pooling, compiled once for each instruction set
 *
 * Where nothing changed, base + 0 is base to the last bit, so the difference is exactly 0 and is not passed on.
 */
#include "src/network/kernels/delta.h"

#include "src/network/kernels/kernels.h"
#include "src/network/kernels/vector.h"

static void relu(const mg_difference *in, float *out)
{
    int64_t n = (in->end - in->begin) * in->stride;
    const float *base = in->base + in->begin * in->stride;
    for (int64_t i = 0; i < n; i += WIDTH) {
        vec z = load(base + i);
        store(out + i, positive(z + load(in->delta + i)) - positive(z));
    }
}

static void max_window(const mg_difference *in, int64_t first, int64_t n, int64_t dilation, bool with_relu,
                       const float *pooled, float *out)
{
    for (int64_t c = 0; c < in->stride; c += WIDTH) {
        vec best = (with_relu ? 0.0f : -__builtin_inff()) - (vec){0};
        for (int64_t j = 0; j < n; j++) {
            int64_t p = first + j * dilation;
            vec value = load(in->base + p * in->stride + c);
            if (p >= in->begin && p < in->end) value += load(in->delta + (p - in->begin) * in->stride + c);
            best = larger(value, best);
        }
        store(out + c, best - load(pooled + c));
    }
}

extern const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA);
const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA) = {.relu = relu, .max_window = max_window};
