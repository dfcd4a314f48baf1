/* input_x_corrected_gradient.c  the corrected gradient at the base that is there
 *
 * Formula:   c(i,b) = dF/dx(i,b) - mean over the four bases of dF/dx(i,.),  a(i) = c(i, x_i)
 *            c sums to 0 over bases, and c(i,b) - c(i,x_i), what it predicts of a substitution, is the gradient's.
 * Settings:  none. Claims no sum.
 * Source:    Majdandzic, Rajesh, Koo, Genome Biol 24:109 (2023), equation 4.
 * Test:      tests/unit/test_attribution_more.c, against the same made of PyTorch's gradients;
 *            tests/unit/test_method_laws.c: both laws.
 */
#include <math.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    int64_t length = mg_pass_plan(pass)->graph->length;
    mg_pass_backward(pass, &mg_rule_gradient, scratch);
    mg_explain_centre(length, scratch);
    mg_explain_clear(length, explanation);
    mg_explain_add(view, length, scratch, NULL, mg_score_slope(view->probability, view->f), explanation);
    explanation->claimed_sum = NAN;
}

const mg_method_type mg_input_x_corrected_gradient = {
    .name = "input_x_corrected_gradient",
    .title = "input x corrected gradient",
    .formula = "c(i,b) = dF/dx(i,b) - mean over bases of dF/dx(i,.)",
    .source = "Majdandzic et al. 2023, Genome Biol 24:109",
    .rule = MG_RULE_GRADIENT,
    .hypothetical = true,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
