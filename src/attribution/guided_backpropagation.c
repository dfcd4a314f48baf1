/* guided_backpropagation.c  the gradient with negative multipliers cut at every active ReLU
 *
 * Formula:   at every ReLU m <- max(m, 0) [z > 0];  c(i,b) = m(i,b),  a(i) = m(i, x_i)
 * Settings:  none. Claims no sum.
 * Source:    Springenberg, Dosovitskiy, Brox, Riedmiller, arXiv:1412.6806 (2014), section 3.4.
 * Test:      tests/unit/test_attribution.c, against Captum's GuidedBackprop.
 */
#include <math.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    static const mg_rule guided = {.kind = MG_RULE_GUIDED};
    mg_explain_by_rule(&guided, pass, view, scratch, explanation);
    explanation->claimed_sum = NAN;
}

const mg_method_type mg_guided_backpropagation = {
    .name = "guided_backpropagation",
    .title = "guided backpropagation",
    .formula = "c(i,b) = gradient with m <- max(m,0)[z>0] at every ReLU",
    .source = "Springenberg et al. 2014, arXiv:1412.6806",
    .rule = MG_RULE_GUIDED,
    .hypothetical = true,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
