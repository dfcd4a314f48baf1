/* delta.c  differences through ReLU and pooling, compiled once for each instruction set
 *
 * Where nothing changed, base + 0 is base to the last bit, so the difference is exactly 0 and is not passed on.
 */
#include "src/network/kernels/delta.h"

#include <stddef.h>

#include "src/network/kernels/kernels.h"
#include "src/network/kernels/vector.h"

static inline vec relu_difference(const float *base, const float *delta)
{
    vec z = load(base);
    return positive(z + load(delta)) - positive(z);
}

static void relu(const mg_difference *in, float *out)
{
    int64_t n = (in->end - in->begin) * in->stride;
    const float *base = in->base + in->begin * in->stride;
    for (int64_t i = 0; i < n; i += WIDTH)
        store(out + i, relu_difference(base + i, in->delta + i));
}

static float relu_dot(const mg_difference *in, const float *weight)
{
    enum { PARTS = MG_LANES / WIDTH };
    const float *base = in->base + in->begin * in->stride;
    vec sum[PARTS] = {0};
    for (int64_t c = 0; c < in->stride; c += MG_LANES)
        for (int v = 0; v < PARTS; v++) {
            int64_t at = c + v * WIDTH;
            sum[v] += relu_difference(base + at, in->delta + at) * load(weight + at);
        }
    return add_lanes(sum);
}

/* What the mutant's maximum over n positions from `first` is, for WIDTH channels from c. */
static inline vec maximum(const mg_difference *in, int64_t first, int64_t n, int64_t dilation, int64_t c, float floor)
{
    vec best = floor - (vec){0};
    for (int64_t j = 0; j < n; j++) {
        int64_t p = first + j * dilation;
        vec value = load(in->base + p * in->stride + c);
        if (p >= in->begin && p < in->end) value += load(in->delta + (p - in->begin) * in->stride + c);
        best = larger(value, best);
    }
    return best;
}

static void max_pool(const mg_difference *in, const mg_pooling *pooling, bool with_relu, const float *pooled,
                     int64_t t_begin, int64_t t_end, float *out, mg_list *list)
{
    const float floor = with_relu ? 0.0f : -__builtin_inff();
    int32_t n_entries = 0;
    if (list != NULL) list->begin[0] = 0;
    for (int64_t t = t_begin; t < t_end; t++) {
        int64_t first, n = mg_pooling_first(pooling, t, &first);
        const float *own = pooled + t * in->stride;
        for (int64_t c = 0; c < in->stride; c += WIDTH) {
            vec difference = maximum(in, first, n, pooling->dilation, c, floor) - load(own + c);
            if (list != NULL)
                n_entries += compress(difference, (int32_t)c, list->channel + n_entries, list->value + n_entries);
            else
                store(out + (t - t_begin) * in->stride + c, difference);
        }
        if (list != NULL) list->begin[t - t_begin + 1] = n_entries;
    }
}

extern const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA);
const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA) = {.relu = relu, .relu_dot = relu_dot, .max_pool = max_pool};
