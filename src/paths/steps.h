/* steps.h  the mean gradient along a straight path through any graph, MG_SHARED steps at a time
 *
 * Neighbouring steps have nearly the same units on. So the steps in hand share lists of nonzero values in front of every map,
 * forward and backward: a load of weights serves all of them. Values that are affine in the window (those before the first
 * gate, and what runs beside it) are lines in the path's parameter t: they are known from the passes at both ends, and their
 * multipliers are summed over steps and handed down once. What is summed is what a full pass at each node gives, up to
 * float32 rounding (tests/unit/test_steps.c). For chains path.h shares more.
 */
#ifndef MG_PATHS_STEPS_H
#define MG_PATHS_STEPS_H

#include <stdint.h>

#include "src/engine/pass.h"

/* The most that values of MG_SHARED steps may take for each thread; larger networks go step by step. */
enum { MG_STEPS_MOST_BYTES = 256 << 20 };

/* mg_steps_bytes()  room that mg_steps_mean_gradient() needs; 0: it does not suit (float64, F affine in the window, too large) */
size_t mg_steps_bytes(const mg_plan *plan);

/* mg_steps_mean_gradient()  sum over k of weight[k] dF/dx at reference + node[k] (x - reference)
 *
 * Args:     pass      - of a plan that suits; holds the forward pass of x, now and afterwards; its reference is overwritten
 *           reference - (L, 4), where the path begins; it ends at the window x
 *           room      - mg_steps_bytes(), not initialised
 *           mean      - OUT (L, 4)
 */
void mg_steps_mean_gradient(mg_pass *pass, const double *reference, int64_t n, const double *node, const double *weight,
                            void *room, double *mean);

#endif
