/* delta.h  inner loops of the mutation scan: differences through ReLU and pooling
 *
 * A difference stands beside the window's own activations: `base` is the whole activation (all positions), `delta`
 * holds positions begin .. end - 1 only. Strides are multiples of MG_LANES.
 */
#ifndef MG_NETWORK_DELTA_H
#define MG_NETWORK_DELTA_H

#include <stdbool.h>
#include <stdint.h>

/* The nonzero values of consecutive positions, compacted: position p has entries begin[p] .. begin[p + 1] - 1. */
typedef struct {
    int32_t *begin;   /* n_positions + 1 */
    int32_t *channel; /* of each entry; room for MG_LANES more than needed, because stores are whole vectors */
    float *value;
} mg_list;

/* One window's activation and a mutant's difference from it. */
typedef struct {
    const float *base;  /* (length, stride) */
    const float *delta; /* (end - begin, stride) */
    int64_t stride, begin, end;
} mg_difference;

/* A max pooling: output t takes `kernel` positions from t * step - pad, `dilation` apart, those that exist. */
typedef struct {
    int64_t kernel, step, dilation, pad, in_length;
} mg_pooling;

/* The first position that output t takes, and how many. */
static inline int64_t mg_pooling_first(const mg_pooling *pooling, int64_t t, int64_t *first)
{
    int64_t n = pooling->kernel;
    *first = t * pooling->step - pooling->pad;
    for (; *first < 0; *first += pooling->dilation)
        n--;
    while (*first + (n - 1) * pooling->dilation >= pooling->in_length)
        n--;
    return n;
}

typedef struct {
    /* relu()  out = max(base + delta, 0) - max(base, 0) at the same positions */
    void (*relu)(const mg_difference *in, float *out);
    /* relu_dot()  the same at one position, times `weight` ((stride), zeros beyond the channels), summed up: 16 sums
     *             over every sixteenth channel, then halves added to halves */
    float (*relu_dot)(const mg_difference *in, const float *weight);
    /* max_pool()  with_relu: max(., 0) first; outputs t_begin .. t_end - 1 minus `pooled`, the window's own (length,
     *             stride): dense to out, or compacted to list when that is not NULL */
    void (*max_pool)(const mg_difference *in, const mg_pooling *pooling, bool with_relu, const float *pooled,
                     int64_t t_begin, int64_t t_end, float *out, mg_list *list);
} mg_delta_kernels;

#endif
