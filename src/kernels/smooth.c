/* smooth.c  smooth functions of many numbers (smooth.h), compiled once for each instruction set */
#include "src/kernels/smooth.h"

#include "src/kernels/kernels.h"
#include "src/kernels/smooth_vector.h"

#define SMOOTH(NAME)                                                                                                   \
    static void NAME##_all(const float *x, int64_t n, float *out)                                                      \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i += WIDTH)                                                                         \
            store(out + i, smooth_##NAME(load(x + i)));                                                                \
    }
SMOOTH(exp)
SMOOTH(sigmoid)
SMOOTH(tanh)
SMOOTH(erf)
SMOOTH(softplus)
SMOOTH(gelu)
SMOOTH(silu)
#undef SMOOTH

static void elu(const float *x, int64_t n, float alpha, float scale, float *out)
{
    for (int64_t i = 0; i < n; i += WIDTH) {
        vec at = load(x + i);
        store(out + i, scale * pick_lanes(at > 0.0F, at, alpha * smooth_expm1(at)));
    }
}

extern const mg_smooth_kernels MG_GLUE(mg_smooth_kernels_, MG_ISA);
const mg_smooth_kernels MG_GLUE(mg_smooth_kernels_, MG_ISA) = {.exp = exp_all,
                                                               .sigmoid = sigmoid_all,
                                                               .tanh = tanh_all,
                                                               .erf = erf_all,
                                                               .softplus = softplus_all,
                                                               .gelu = gelu_all,
                                                               .silu = silu_all,
                                                               .elu = elu};
