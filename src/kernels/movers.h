/* movers.h  outputs of a gate that may follow another input along a straight path
 *
 * Inputs of a gate (gate.h) are lines, start + t slope. The largest of lines and zero is convex in t, so an output that
 * follows the same line at both ends of a stretch of t follows it all the way; but float32 rounds, so it must do so by a
 * margin that no rounding makes up for. Few outputs fail this test. They are gathered once, line by line, and only they are
 * looked at as t goes on.
 */
#ifndef MG_KERNELS_MOVERS_H
#define MG_KERNELS_MOVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/kernels/gate.h"

typedef struct {
    int64_t n, room;       /* movers; those that there is room for, a multiple of MG_LANES: the gate's outputs */
    mg_gate_switch *place; /* (n) of each, ascending */
    int32_t *state;        /* (n) whom it follows at the t in hand */
    float *start, *slope;  /* (kernel, room) lines it can follow; such as there are not begin at minus infinity */
} mg_movers;

/* A mover's state becomes another. */
typedef struct {
    int32_t mover;
    mg_gate_state before, now;
} mg_turn;

typedef struct {
    /* find()  states of all outputs at t[0], and who may be in another at some t up to t[1], as they are at t[0]
     *         start, slope: (in_length, stride); state: OUT (n_outputs, stride) */
    void (*find)(const float *start, const float *slope, const float t[2], int64_t stride, const mg_pooling *pooling,
                 bool with_relu, int64_t n_outputs, mg_gate_state *state, mg_movers *movers);
    /* turn()  who is in another state at each of MG_SHARED ascending t than just before, in their order
     *         kernel: of the pooling; turn: OUT, room for all movers each; n_turns: OUT, how many */
    void (*turn)(mg_movers *movers, const float t[MG_SHARED], int64_t kernel, bool with_relu,
                 mg_turn *const turn[MG_SHARED], int64_t n_turns[MG_SHARED]);
} mg_mover_kernels;

#endif
