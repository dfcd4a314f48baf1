/* explain.h  the arithmetic that methods share: from multipliers to contributions, and what F is turned into */
#ifndef MG_ATTRIBUTION_EXPLAIN_H
#define MG_ATTRIBUTION_EXPLAIN_H

#include "src/attribution/method.h"

/* mg_explain_clear()  zero contribution and hypothetical (when the caller wants it) before adding to them */
void mg_explain_clear(int64_t length, mg_explanation *explanation);

/* mg_explain_add()  add `weight` times what a multiplier says about an input seen from a reference
 *
 * Purpose:  a(i) += weight * sum over k of (x(i,k) - r(i,k)) m(i,k);  c(i,b) the same with e_b in place of x(i,.)
 * Args:     multiplier - (L, 4) m
 *           reference  - (L, 4) r, or NULL for zero
 */
void mg_explain_add(const mg_view *view, int64_t length, const double *multiplier, const double *reference,
                    double weight, mg_explanation *explanation);

/* mg_explain_by_rule()  what a method that is one backward pass under a rule says: m(i,b) and m(i, x_i), zero
 * reference. The pass holds the window's forward pass; scratch has mg_explain_scratch() bytes, room for one (L, 4)
 * array. */
void mg_explain_by_rule(const mg_rule *rule, mg_pass *pass, const mg_view *view, void *scratch,
                        mg_explanation *explanation);
size_t mg_explain_scratch(const mg_method *method, const mg_plan *plan);

/* mg_explain_without_passes()  0: for mg_method_type.passes of rows that ask nothing of the network */
int64_t mg_explain_without_passes(const mg_method *method, int64_t length);

/* mg_explain_largest()  a(i) = factor times the largest of the four |m(i,b)|, as saliency; claims no sum */
void mg_explain_largest(int64_t length, const double *multiplier, double factor, mg_explanation *explanation);

/* mg_explain_centre()  m(i,b) -= mean over bases of m(i,.), in place (L, 4) */
void mg_explain_centre(int64_t length, double *multiplier);

/* mg_score_of()  the score that is explained, from the network's output F: F itself, or the logistic of F when
 * --score probability; mg_score_slope(): its derivative by F */
double mg_score_of(bool probability, double f);
double mg_score_slope(bool probability, double f);

/* mg_score_probability()  probability of the target, after a forward pass that gave F: of all logits where the graph has
 * them as its output (src/graph/score.h), else the logistic of F */
double mg_score_probability(const mg_pass *pass, double f);

#endif
