/* delta.c  differences through ReLU and pooling, compiled once for each instruction set
 *
 * Where nothing changed, base + 0 is base to the last bit, so the difference is exactly 0 and is not passed on.
 */
#include "src/kernels/delta.h"

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/pooled.h"
#include "src/kernels/vector.h"

static inline vec relu_difference(const float *base, const float *delta)
{
    vec z = load(base);
    return positive(z + load(delta)) - positive(z);
}

static void relu(const mg_difference *in, float *out, int64_t out_step)
{
    int64_t n = (in->end - in->begin) * in->stride;
    const float *base = in->base + in->begin * in->stride;
    for (int m = 0; m < MG_SHARED; m++)
        for (int64_t i = 0; i < n; i += WIDTH)
            store(out + m * out_step + i, relu_difference(base + i, in->delta + m * in->step + i));
}

static void relu_dot(const mg_difference *in, const float *weight, float *out, int64_t out_step)
{
    enum { PARTS = MG_LANES / WIDTH };
    const float *base = in->base + in->begin * in->stride;
    vec sum[MG_SHARED][PARTS] = {0};
    for (int64_t c = 0; c < in->stride; c += MG_LANES) {
        UNROLL
        for (int m = 0; m < MG_SHARED; m++) {
            UNROLL
            for (int v = 0; v < PARTS; v++) {
                int64_t at = c + v * WIDTH;
                sum[m][v] += relu_difference(base + at, in->delta + m * in->step + at) * load(weight + at);
            }
        }
    }
    for (int m = 0; m < MG_SHARED; m++)
        out[m * out_step] = add_lanes(sum[m]);
}

/* Channels c .. end - 1 of one pooled position, to out or to the end of the list. */
static inline __attribute__((always_inline)) int32_t pool_position(const pool_window *w, int64_t n, int64_t c,
                                                                   int64_t end, float floor, const float *own,
                                                                   float *out, int64_t out_step, const mg_list *list,
                                                                   int32_t n_entries)
{
    for (; c < end; c += WIDTH) {
        vec difference[MG_SHARED];
        pool_difference(w, n, c, floor, own, difference);
        if (list != NULL)
            n_entries += compress_several(difference, MG_SHARED, (int32_t)c, list->channel + n_entries,
                                          list->value + n_entries, list->room);
        for (int m = 0; m < MG_SHARED && list == NULL; m++)
            store(out + m * out_step + c, difference[m]);
    }
    return n_entries;
}

static void max_pool(const mg_difference *in, const mg_pooling *pooling, bool with_relu, const float *pooled,
                     int64_t t_begin, int64_t t_end, int64_t c_begin, int64_t c_end, float *out, int64_t out_step,
                     mg_list *list)
{
    const float floor = with_relu ? 0.0f : -__builtin_inff();
    int32_t n_entries = 0;
    if (list != NULL) list->begin[0] = 0;
    for (int64_t t = t_begin; t < t_end; t++, out += in->stride) {
        int64_t first, n = mg_pooling_first(pooling, t, &first);
        const float *own = pooled + t * in->stride;
        pool_window w = window_at(in, pooling, first);
        switch (n) { /* the usual sizes unrolled */
        case 2:
            n_entries = pool_position(&w, 2, c_begin, c_end, floor, own, out, out_step, list, n_entries);
            break;
        case 3:
            n_entries = pool_position(&w, 3, c_begin, c_end, floor, own, out, out_step, list, n_entries);
            break;
        case 4:
            n_entries = pool_position(&w, 4, c_begin, c_end, floor, own, out, out_step, list, n_entries);
            break;
        default:
            n_entries = pool_position(&w, n, c_begin, c_end, floor, own, out, out_step, list, n_entries);
        }
        if (list != NULL) list->begin[t - t_begin + 1] = n_entries;
    }
}

extern const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA);
const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA) = {.relu = relu, .relu_dot = relu_dot, .max_pool = max_pool};
