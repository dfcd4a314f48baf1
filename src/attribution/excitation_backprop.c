/* excitation_backprop.c  the probability of coming from the output to a base, along positive contributions alone
 *
 * Formula:   P_i = sum over o of a_i w+_oi P_o / sum over j of a_j w+_oj, P = 1 at the output; biases are left out, and what
 *            arrives at a unit without a positive contribution is lost. ReLU passes P on, max pooling gives it to the
 *            winner. With P = a m: c(i,b) = m(i,b), a(i) = P(i). Where activations are negative, contributions w a > 0
 *            count. What a kind of node does that the paper has not is what it does under LRP.
 * Settings:  none. The same for any score that rises with F.
 * Sum:       1, less what is lost.
 * Source:    Zhang, Bargal, Lin, Brandt, Shen, Sclaroff, Int J Comput Vis 126:1084 (2018), arXiv:1608.00507, equation 5.
 * Test:      tests/unit/test_attribution_more.c, against numpy and zennit;
 *            tests/unit/test_method_layers.c: sums on networks of positive weights.
 */
#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

/* LRP begins with the relevance F, this with 1. */
static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    static const mg_rule rule = {
        .kind = MG_RULE_LRP, .convolution = {.kind = MG_LINEAR_EXCITATION}, .dense = {.kind = MG_LINEAR_EXCITATION}};
    int64_t length = mg_pass_plan(pass)->graph->length;
    mg_pass_backward(pass, &rule, scratch);
    mg_explain_clear(length, explanation);
    if (view->f != 0.0) mg_explain_add(view, length, scratch, NULL, 1.0 / view->f, explanation);
    explanation->claimed_sum = 1.0;
}

const mg_method_type mg_excitation_backprop = {
    .name = "excitation_backprop",
    .title = "excitation backpropagation",
    .formula = "c(i,b) = m(i,b), probabilities a m handed down by positive contributions, biases left out",
    .source = "Zhang et al. 2018, Int J Comput Vis 126:1084",
    .rule = MG_RULE_LRP,
    .hypothetical = true,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
