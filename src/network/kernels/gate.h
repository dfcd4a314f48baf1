/* gate.h  inner loops of integrated gradients: switches of ReLU and max pooling along a straight path
 *
 * Before the first ReLU or max pooling every value is a line in the path's parameter, start + t * slope. A *gate* is
 * that ReLU, max pooling or both: each of its outputs follows one of its inputs (the winner) or is 0. Between two steps
 * of the path only a few outputs change whom they follow.
 */
#ifndef MG_NETWORK_GATE_H
#define MG_NETWORK_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/network/kernels/delta.h"

struct mg_rows;

typedef struct {
    /* states()  which input each output of the gate follows at t: 0 .. kernel - 1, or -1 for the zero of a ReLU; the
     *           outputs where that differs from `before` go to `changed` (channels of each position; values mean
     *           nothing)
     *           start, slope: (in_length, stride);  before, now: (n_outputs, stride) */
    void (*states)(const float *start, const float *slope, float t, int64_t stride, const mg_pooling *pooling,
                   bool with_relu, int64_t n_outputs, const int32_t *before, int32_t *now, mg_list *changed);
    /* add()  what input (p, channel) hands on when it changes by da + t db: a and b, (out_length, out_stride), get it
     *        added */
    void (*add)(const struct mg_rows *op, int64_t p, int64_t channel, float da, float db, float *a, float *b);
    /* dot()  multiplier of input (p, channel), given those of the outputs: sum over the outputs that it reaches, in 16
     *        sums over every sixteenth, then halves added to halves */
    float (*dot)(const struct mg_rows *op, int64_t p, int64_t channel, const float *multiplier);
} mg_gate_kernels;

#endif
