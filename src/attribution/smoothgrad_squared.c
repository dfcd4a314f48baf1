/* smoothgrad_squared.c  the squared gradient, averaged in a cloud of noise around the window
 *
 * Formula:   a(i) = max over b of the mean of (dF/dx(i,b))^2 at x + normal noise
 * Settings:  draws and sigma, as for SmoothGrad. It has no sign and no hypothetical contribution, and claims no sum.
 * Source:    Hooker, Erhan, Kindermans, Kim, NeurIPS 2019, arXiv:1806.10758, section 3.
 * Test:      tests/unit/test_attribution_more.c, against Captum's NoiseTunnel with the same noise.
 */
#include "src/attribution/draw.h"
#include "src/attribution/methods.h"
#include "src/attribution/noise.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    mg_noise_explain_unsigned(method, MG_NOISE_SQUARED, pass, view, scratch, explanation);
}

const mg_method_type mg_smoothgrad_squared = {
    .name = "smoothgrad_squared",
    .title = "SmoothGrad squared",
    .formula = "a(i) = max over b of the mean of (dF/dx(i,b))^2 at x + normal noise",
    .source = "Hooker et al. 2019, arXiv:1806.10758",
    .rule = MG_RULE_GRADIENT,
    .option = mg_noise_options,
    .words = mg_noise_words,
    .drawn = mg_always_drawn,
    .passes = mg_noise_passes,
    .scratch = mg_noise_scratch,
    .explain = explain,
};
