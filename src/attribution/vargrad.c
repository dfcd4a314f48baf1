/* vargrad.c  how much the gradient varies in a cloud of noise around the window (divisor: the number of draws)
 *
 * Formula:   a(i) = max over b of the variance of dF/dx(i,b) at x + normal noise
 * Settings:  draws and sigma, as for SmoothGrad. It has no sign and no hypothetical contribution, and claims no sum.
 * Source:    Adebayo, Gilmer, Goodfellow, Kim, arXiv:1810.03307 (2018), section 2.
 * Test:      tests/unit/test_attribution_more.c, against Captum's NoiseTunnel with the same noise.
 */
#include "src/attribution/draw.h"
#include "src/attribution/methods.h"
#include "src/attribution/noise.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    mg_noise_explain_unsigned(method, MG_NOISE_VARIANCE, pass, view, scratch, explanation);
}

const mg_method_type mg_vargrad = {
    .name = "vargrad",
    .title = "VarGrad",
    .formula = "a(i) = max over b of the variance of dF/dx(i,b) at x + normal noise",
    .source = "Adebayo et al. 2018, arXiv:1810.03307",
    .rule = MG_RULE_GRADIENT,
    .option = mg_noise_options,
    .words = mg_noise_words,
    .drawn = mg_always_drawn,
    .passes = mg_noise_passes,
    .scratch = mg_noise_scratch,
    .explain = explain,
};
