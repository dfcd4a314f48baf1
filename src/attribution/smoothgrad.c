/* smoothgrad.c  the gradient, averaged in a cloud of noise around the window
 *
 * Formula:   c(i,b) = mean over k of dF/dx(i,b) at x + n_k,  a(i) = c(i, x_i), n_k normal with standard deviation sigma
 * Settings:  draws and sigma. Noise is added to all four numbers of a known row; unknown rows stay 0. The paper's figures
 *            have 50 draws and sigma at 10 to 20% of the range of the input, which is 1 here. Claims no sum.
 * Source:    Smilkov, Thorat, Kim, Viegas, Wattenberg, arXiv:1706.03825 (2017), section 3.
 * Test:      tests/unit/test_attribution_more.c, against Captum's NoiseTunnel with the same noise.
 */
#include <math.h>

#include "src/attribution/draw.h"
#include "src/attribution/explain.h"
#include "src/attribution/methods.h"
#include "src/attribution/noise.h"

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    int64_t length = mg_pass_plan(pass)->graph->length;
    const double *mean = mg_noise_gradients(method, MG_NOISE_MEAN, pass, view, scratch);
    mg_explain_clear(length, explanation);
    mg_explain_add(view, length, mean, NULL, 1.0, explanation);
    explanation->claimed_sum = NAN;
}

const mg_method_type mg_smoothgrad = {
    .name = "smoothgrad",
    .title = "SmoothGrad",
    .formula = "c(i,b) = mean of dF/dx(i,b) at x + normal noise",
    .source = "Smilkov et al. 2017, arXiv:1706.03825",
    .rule = MG_RULE_GRADIENT,
    .hypothetical = true,
    .option = mg_noise_options,
    .words = mg_noise_words,
    .drawn = mg_always_drawn,
    .passes = mg_noise_passes,
    .scratch = mg_noise_scratch,
    .explain = explain,
};
