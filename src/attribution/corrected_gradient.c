/* corrected_gradient.c  the gradient without its part that leads away from one-hot rows, whatever base is there
 *
 * Formula:   g'(i,b) = dF/dx(i,b) - mean over the four bases of dF/dx(i,.);  a(i) = max over b of |g'(i,b)|
 * Settings:  none. A saliency: no sign, no hypothetical contribution, no sum.
 * Source:    Majdandzic, Rajesh, Koo, Genome Biol 24:109 (2023), equation 4.
 * Test:      tests/unit/test_attribution_more.c, against the same made of PyTorch's gradients.
 */
#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    int64_t length = mg_pass_plan(pass)->graph->length;
    mg_pass_backward(pass, &mg_rule_gradient, scratch);
    mg_explain_centre(length, scratch);
    mg_explain_largest(length, scratch, mg_score_slope(view->probability, view->f), explanation);
}

const mg_method_type mg_corrected_gradient = {
    .name = "corrected_gradient",
    .title = "corrected gradient",
    .formula = "a(i) = max_b |dF/dx(i,b) - mean over bases of dF/dx(i,.)|",
    .source = "Majdandzic et al. 2023, Genome Biol 24:109",
    .rule = MG_RULE_GRADIENT,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
