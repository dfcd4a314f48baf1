/* deconvolution.c  the gradient with negative multipliers cut at every ReLU, active or not
 *
 * Formula:   at every ReLU m <- max(m, 0);  c(i,b) = m(i,b),  a(i) = m(i, x_i)
 * Settings:  none. Claims no sum.
 * Source:    Zeiler, Fergus, ECCV 2014, arXiv:1311.2901, section 2.1.
 * Test:      tests/unit/test_attribution.c, against Captum's Deconvolution.
 */
#include <math.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    static const mg_rule deconvolution = {.kind = MG_RULE_DECONVOLUTION};
    mg_explain_by_rule(&deconvolution, pass, view, scratch, explanation);
    explanation->claimed_sum = NAN;
}

const mg_method_type mg_deconvolution = {
    .name = "deconvolution",
    .title = "deconvolution",
    .formula = "c(i,b) = gradient with m <- max(m,0) at every ReLU",
    .source = "Zeiler & Fergus 2014, arXiv:1311.2901",
    .rule = MG_RULE_DECONVOLUTION,
    .hypothetical = true,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
