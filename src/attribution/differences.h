/* differences.h  what the methods of DeepLIFT's family share: multipliers that are ratios of differences from a reference */
#ifndef MG_ATTRIBUTION_DIFFERENCES_H
#define MG_ATTRIBUTION_DIFFERENCES_H

#include "src/attribution/reference.h"

/* The options of those that take any reference, and where they stand; with their type's scratch, passes and drawn. */
enum { MG_DIFFERENCE_REFERENCE, MG_DIFFERENCE_REFERENCES };
extern const mg_method_option mg_difference_options[];
bool mg_difference_drawn(const mg_method *method);
int64_t mg_difference_passes(const mg_method *method, int64_t length);
size_t mg_difference_scratch(const mg_method *method, const mg_plan *plan);

/* mg_explain_by_differences()  one forward pass of each reference and one backward pass under `rule` (MG_RULE_RESCALE), mean
 * over n references of a kind; scratch of mg_difference_scratch() bytes. When a probability is explained the chain ends with
 * the rescale rule for the logistic function.
 * mg_explain_differences()     the same with the references that the options say */
void mg_explain_by_differences(const mg_rule *rule, mg_reference_kind kind, int64_t n, mg_pass *pass,
                               const mg_view *view, void *scratch, mg_explanation *explanation);
void mg_explain_differences(const mg_method *method, const mg_rule *rule, mg_pass *pass, const mg_view *view,
                            void *scratch, mg_explanation *explanation);

#endif
