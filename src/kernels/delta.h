/* delta.h  inner loops of the mutation scan: differences through ReLU and pooling
 *
 * The three mutants of a position are worked on together: what changes in one changes in the others too, nearly always,
 * so they share lists, loads of weights and of the window's own values. A difference stands beside the window's own
 * activations: `base` is the whole activation (all positions), `delta` holds positions begin .. end - 1 only. Strides
 * are multiples of MG_LANES.
 */
#ifndef MG_KERNELS_DELTA_H
#define MG_KERNELS_DELTA_H

#include <stdbool.h>
#include <stdint.h>

enum { MG_SHARED = 3 }; /* inputs that share a list: the mutants of a position */

/* The nonzero values of consecutive positions, compacted: position p has entries begin[p] .. begin[p + 1] - 1. Of one
 * input, or of several: then an entry is a place where any of them is nonzero. */
typedef struct {
    int32_t *begin;   /* n_positions + 1 */
    int32_t *channel; /* of each entry; room for MG_LANES more than needed, because stores are whole vectors */
    float *value;     /* of the first input; of the others `room` floats further each */
    int64_t room;
} mg_list;

/* The places of consecutive positions where any of MG_SHARED inputs is not zero; the values stay where they are. */
typedef struct {
    int32_t *begin; /* n_positions + 1: position p has places begin[p] .. begin[p + 1] - 1 */
    int32_t *at;    /* floats from the first position's first channel, ascending; room for MG_LANES more than needed */
} mg_places;

/* One window's activation and the differences of MG_SHARED mutants from it. */
typedef struct {
    const float *base;  /* (length, stride) */
    const float *delta; /* (end - begin, stride) of the first; of the others `step` floats further each */
    int64_t step;
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

/* Results of the others stand out_step floats further each. */
typedef struct {
    /* relu()  out = max(base + delta, 0) - max(base, 0) at the same positions */
    void (*relu)(const mg_difference *in, float *out, int64_t out_step);
    /* relu_dot()  the same at one position, times `weight` ((stride), zeros beyond the channels), summed up: 16 sums
     *             over every sixteenth channel, then halves added to halves */
    void (*relu_dot)(const mg_difference *in, const float *weight, float *out, int64_t out_step);
    /* max_pool()  with_relu: max(., 0) first; outputs t_begin .. t_end - 1 minus `pooled`, the window's own (length,
     *             stride), in channels c_begin .. c_end - 1: dense to out, (t_end - t_begin, stride), or compacted to
     *             list when that is not NULL. `in` holds all positions that these outputs take. */
    void (*max_pool)(const mg_difference *in, const mg_pooling *pooling, bool with_relu, const float *pooled,
                     int64_t t_begin, int64_t t_end, int64_t c_begin, int64_t c_end, float *out, int64_t out_step,
                     mg_list *list);
} mg_delta_kernels;

#endif
