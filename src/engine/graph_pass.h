/* graph_pass.h  forward and backward through a plan, for one window at a time
 *
 * A pass is one thread's workspace on a plan. MG_SINGLE runs float32 kernels chosen for this machine's instruction set,
 * MG_DOUBLE plain float64 loops (the reference that the tests hold the kernels to). Methods are written once, in terms of
 * both. (It becomes pass.h as soon as chains are plans too.)
 */
#ifndef MG_ENGINE_GRAPH_PASS_H
#define MG_ENGINE_GRAPH_PASS_H

#include "src/engine/plan.h"

typedef struct mg_gpass mg_gpass;

mg_status mg_gpass_create(const mg_plan *plan, mg_gpass **ret, mg_error *err);
void mg_gpass_destroy(mg_gpass *pass); /* NULL is fine */
size_t mg_gpass_bytes(const mg_plan *plan);
const mg_plan *mg_gpass_plan(const mg_gpass *pass);

/* mg_gpass_window()  what the last forward pass left; for the files of src/engine/ */
const mg_state *mg_gpass_window(const mg_gpass *pass);

/* mg_gpass_count()  add to *n_macs, from now on, the multiply-adds with a weight that an MG_SINGLE pass does (count.h);
 * NULL: count no more */
void mg_gpass_count(mg_gpass *pass, uint64_t *n_macs);

/* mg_gpass_forward()  F of an input; keeps all values for the backward pass
 *
 * Args:     x - (L, 4), A C G T; one-hot rows or any numbers
 * Returns:  the first number of the last value
 */
double mg_gpass_forward(mg_gpass *pass, const double *x);

/* mg_gpass_value()  number `channel` at position t of a value, after the last forward pass */
double mg_gpass_value(const mg_gpass *pass, size_t value, int64_t t, int64_t channel);

/* mg_gpass_forward_reference()  the same for the reference that MG_RULE_RESCALE compares with; costs nothing when it is
 * the one of the last call, as it is from window to window for all but shuffled references */
double mg_gpass_forward_reference(mg_gpass *pass, const double *reference);

extern const mg_rule mg_rule_plain; /* MG_RULE_GRADIENT */

/* mg_gpass_backward()  multipliers of the window under a rule that the plan has been asked about (mg_plan_check_rule),
 * starting from 1 at F
 *
 * Args:     multiplier - OUT (L, 4)
 */
void mg_gpass_backward(mg_gpass *pass, const mg_rule *rule, double *multiplier);

#endif
