/* input_x_gradient.c  the gradient at the base that is there
 *
 * Formula:   c(i,b) = dF/dx(i,b),  a(i) = sum over b of x(i,b) dF/dx(i,b)
 * Settings:  none. LRP with the epsilon rule everywhere is the same thing on networks of ReLU and max pooling (Ancona
 *            et al. 2018), so its sum is compared with the relevance that LRP would share out: slope * F.
 * Source:    Shrikumar, Greenside, Shcherbina, Kundaje, arXiv:1605.01713 (2016).
 * Test:      tests/unit/test_attribution.c, against Captum's InputXGradient.
 */
#include <math.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;

    mg_explain_by_rule(&mg_rule_gradient, pass, view, scratch, explanation);
    explanation->claimed_sum = mg_score_slope(view->probability, view->f) * view->f;
}

const mg_method_type mg_input_x_gradient = {
    .name = "input_x_gradient",
    .title = "input x gradient",
    .formula = "c(i,b) = dF/dx(i,b)",
    .source = "Shrikumar et al. 2016, arXiv:1605.01713",
    .rule = MG_RULE_GRADIENT,
    .hypothetical = true,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
