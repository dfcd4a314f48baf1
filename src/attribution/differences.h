/* differences.h  what the methods of DeepLIFT's family share: multipliers that are ratios of differences from a reference */
#ifndef MG_ATTRIBUTION_DIFFERENCES_H
#define MG_ATTRIBUTION_DIFFERENCES_H

#include "src/attribution/reference.h"

/* mg_explain_by_differences()  one forward pass of each reference and one backward pass under `rule` (MG_RULE_RESCALE), mean
 * over n references of a kind; scratch of mg_reference_scratch(plan, 0) bytes. When a probability is explained the chain ends
 * with the rescale rule for the logistic function. */
void mg_explain_by_differences(const mg_rule *rule, mg_reference_kind kind, int64_t n, mg_pass *pass,
                               const mg_view *view, void *scratch, mg_explanation *explanation);

#endif
