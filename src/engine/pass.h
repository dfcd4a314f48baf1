/* pass.h  forward and backward through a plan, for one window at a time
 *
 * A pass is one thread's workspace on a plan (plan.h), which is shared read-only by all threads: MG_SINGLE runs float32
 * kernels chosen for this machine's instruction set, MG_DOUBLE runs plain float64 loops (the reference path that the
 * tests hold the kernels to). Methods are written once, in terms of both.
 *
 * The backward pass carries a *multiplier* m to every value (src/kernels/rule.h).
 */
#ifndef MG_ENGINE_PASS_H
#define MG_ENGINE_PASS_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/engine/plan.h"

typedef struct mg_pass mg_pass;

mg_status mg_pass_create(const mg_plan *plan, mg_pass **ret, mg_error *err);
void mg_pass_destroy(mg_pass *pass); /* NULL is fine */
size_t mg_pass_bytes(const mg_plan *plan);
const mg_plan *mg_pass_plan(const mg_pass *pass);

/* mg_pass_count()  add to *n_macs, from now on, the multiply-adds with a weight that an MG_SINGLE pass does
 * (src/engine/count.h); NULL: count no more */
void mg_pass_count(mg_pass *pass, uint64_t *n_macs);

/* mg_pass_n_run()  passes, forward and backward, that have been run from end to end so far; not those of src/paths/ */
uint64_t mg_pass_n_run(const mg_pass *pass);

/* mg_pass_forward()  F of an input; keeps all values for the backward pass
 *
 * Args:     x - (L, 4), A C G T; one-hot rows or any numbers
 * Returns:  the first number of the last value
 */
double mg_pass_forward(mg_pass *pass, const double *x);

/* mg_pass_forward_after()  the same for the input that `leader` holds the forward pass of, a pass of another score of the same network:
 * what the plans have in common is taken over */
double mg_pass_forward_after(mg_pass *pass, const mg_pass *leader, const double *x);

/* mg_pass_value()  number `channel` at position t of a value, after the last forward pass */
double mg_pass_value(const mg_pass *pass, size_t value, int64_t t, int64_t channel);

/* mg_pass_forward_reference()  the same for the reference that MG_RULE_RESCALE compares with; costs nothing when it is the
 * one of the last call, as it is from window to window for all but shuffled references */
double mg_pass_forward_reference(mg_pass *pass, const double *reference);

extern const mg_rule mg_rule_gradient; /* MG_RULE_GRADIENT */

/* mg_pass_backward()  multipliers of the window under a rule that the plan has been asked about (mg_plan_check_rule),
 * starting from 1 at F
 *
 * Args:     multiplier - OUT (L, 4)
 */
void mg_pass_backward(mg_pass *pass, const mg_rule *rule, double *multiplier);

/* mg_pass_backward_at()  the same, down to a value that F needs and that varies (plan->explains): its own multipliers
 *
 * Args:     multiplier - OUT (positions, channels) of the value
 */
void mg_pass_backward_at(mg_pass *pass, const mg_rule *rule, size_t value, double *multiplier);

/* mg_pass_gradient_at()  F and its gradient at another point; what is frozen stays as the window's forward pass left it
 *
 * Args:     pass     - holds the forward pass of the window, now and afterwards; its reference is overwritten
 *           point    - (L, 4)
 *           gradient - OUT (L, 4)
 * Returns:  F there
 */
double mg_pass_gradient_at(mg_pass *pass, const double *point, double *gradient);

/* mg_pass_mean_gradient()  sum over k of weight[k] dF/dx at reference + node[k] (x - reference)
 *
 * Purpose:  Quadrature of the gradient along a straight path. MG_SINGLE shares between steps what does not change
 *           (src/paths/path.h) where the plan is a chain that suits, and takes steps of any other graph together
 *           (src/paths/steps.h); mg_pass_mean_gradient_ref() is the plain way, a forward and a backward pass a node.
 * Args:     pass         - holds the forward pass of x, now and afterwards; its reference is overwritten
 *           x, reference - (L, 4)
 *           node         - n of them, ascending
 *           scratch      - mg_pass_mean_scratch() bytes, for doubles; the plain way: (2, L, 4)
 *           mean         - OUT (L, 4)
 */
void mg_pass_mean_gradient(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                           const double *weight, void *scratch, double *mean);
size_t mg_pass_mean_scratch(const mg_plan *plan);
void mg_pass_mean_gradient_ref(mg_pass *pass, const double *x, const double *reference, int64_t n, const double *node,
                               const double *weight, double *scratch, double *mean);

#endif
