/* saliency.c  how strongly the score reacts to any base of a position
 *
 * Formula:   a(i) = max over b of |dF/dx(i,b)|
 * Settings:  none. It has no sign and says nothing about bases that are not there, so it has no hypothetical
 *            contribution and claims no sum.
 * Source:    Simonyan, Vedaldi, Zisserman, arXiv:1312.6034 (2013), section 3.
 * Test:      tests/unit/test_attribution.c, against Captum's Saliency.
 */
#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    mg_pass_backward(pass, &mg_rule_gradient, scratch);
    mg_explain_largest(mg_pass_plan(pass)->graph->length, scratch, mg_score_slope(view->probability, view->f),
                       explanation);
}

const mg_method_type mg_saliency = {
    .name = "saliency",
    .title = "saliency",
    .formula = "a(i) = max_b |dF/dx(i,b)|",
    .source = "Simonyan et al. 2013, arXiv:1312.6034",
    .rule = MG_RULE_GRADIENT,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
