/* gate.h  inner loops of integrated gradients: ReLU and max pooling along a straight path
 *
 * A *gate* is a ReLU, a max pooling, or both, one behind the other: each of its outputs follows one of its inputs, the
 * winner, or is the zero of a ReLU. Whom it follows is its state: 0 .. kernel - 1, or -1 for that zero. Between two
 * steps of a path few states change. Strides are multiples of MG_LANES; inputs are (in_length, stride), outputs and
 * states (n_outputs, stride).
 */
#ifndef MG_KERNELS_GATE_H
#define MG_KERNELS_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/kernels/delta.h"

struct mg_rows;

typedef int16_t
    mg_gate_state; /* four to a word that is compared; kernels of a pooling are no longer than its largest */
enum { MG_GATE_LONGEST = INT16_MAX };

/* An output whose state has changed. */
typedef struct {
    int32_t position, channel;
} mg_gate_switch;

/* An input of a linear operator, a line in t, that becomes another one: what is added to its start and its slope. */
typedef struct {
    int32_t position, channel;
    float da, db;
} mg_gate_change;

typedef struct {
    /* pick()  what outputs in these states get: the input that they follow, or 0 */
    void (*pick)(const float *z, const mg_gate_state *state, int64_t stride, const mg_pooling *pooling,
                 int64_t n_outputs, float *out);
    /* follow()  outputs and states for inputs z */
    void (*follow)(const float *z, int64_t stride, const mg_pooling *pooling, bool with_relu, int64_t n_outputs,
                   float *out, mg_gate_state *state);
    /* follow_line()  the same for inputs start + t slope */
    void (*follow_line)(const float *start, const float *slope, float t, int64_t stride, const mg_pooling *pooling,
                        bool with_relu, int64_t n_outputs, float *out, mg_gate_state *state);
    /* differ()  the outputs whose states differ, in their order; returns how many
     *           changed: OUT, room for all outputs */
    int64_t (*differ)(const mg_gate_state *before, const mg_gate_state *now, int64_t stride, int64_t n_outputs,
                      mg_gate_switch *changed);
    /* send()  an input that an output follows gets weight times the output's multiplier added */
    void (*send)(const float *multiplier, float weight, const mg_gate_state *state, int64_t stride,
                 const mg_pooling *pooling, int64_t n_outputs, float *sum);

    /* Single inputs of a linear operator: */
    /* add()  what input (p, channel) hands on when it changes by x: out, (out_length, out_stride), gets it added */
    void (*add)(const struct mg_rows *op, int64_t p, int64_t channel, float x, float *out);
    /* add_lines()  the same for n inputs, lines that change by da + t db, one after the other: a and b get it added */
    void (*add_lines)(const struct mg_rows *op, const mg_gate_change *change, int64_t n, float *a, float *b);
    /* dots()  the multipliers of these inputs, to out (n), given those of the outputs: for each the sum over the outputs
     *         that it reaches, in a sum for each lane of a block (kernels.h), then halves added to halves */
    void (*dots)(const struct mg_rows *op, const mg_gate_change *change, int64_t n, const float *multiplier,
                 float *out);
} mg_gate_kernels;

#endif
