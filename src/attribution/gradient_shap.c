/* gradient_shap.c  expected gradients of a noisy window
 *
 * Formula:   g_k = dF/dx at r_k + t_k (x + n_k - r_k), t_k uniform in [0, 1), n_k normal with standard deviation sigma
 *            c(i,b) = mean over k of sum over j of (e_b - r_k(i,.))_j g_k(i,j),  a(i) = c(i, x_i)
 * Settings:  draws, reference, and sigma (Captum's `stdevs`, SHAP's `local_smoothing`); with sigma=0 it is expected
 *            gradients. Unlike there the noise moves the point alone, not the difference x - r that its gradient is
 *            multiplied with: c then is what a base would contribute, and a(i) = c(i, x_i).
 * Sum:       compared with F(x) - mean of F(r_k), which it has in expectation only, for sigma=0.
 * Source:    Lundberg, Lee, NeurIPS 2017, arXiv:1705.07874, as GradientExplainer of SHAP and GradientShap of Captum.
 * Test:      tests/unit/test_attribution_more.c, against Captum's arithmetic with the same references and places.
 */
#include <stdio.h>

#include "src/attribution/draw.h"
#include "src/attribution/methods.h"
#include "src/attribution/sampled_path.h"

enum { SIGMA = MG_PATH_N_OPTIONS };

static const mg_method_option options[] = {
    MG_PATH_OPTIONS,
    {"sigma", "0.09", NULL, 0, 10, false, "standard deviation of the noise on every number of a known row"},
    {0}};

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    snprintf(text, MG_METHOD_LABEL, "%g draws, sigma %g%s", method->number[MG_PATH_DRAWS], method->number[SIGMA],
             mg_reference_words(method->word[MG_PATH_REFERENCE], MG_REFERENCE_SHUFFLE));
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    mg_explain_sampled_path(method, method->number[SIGMA], pass, view, scratch, explanation);
}

const mg_method_type mg_gradient_shap = {
    .name = "gradient_shap",
    .title = "GradientSHAP",
    .formula = "c(i,b) = mean of sum_k (e_b - r)_k dF/dx(i,k) at random places between references and x + normal noise",
    .source = "Lundberg & Lee 2017, arXiv:1705.07874; Captum's GradientShap",
    .rule = MG_RULE_GRADIENT,
    .hypothetical = true,
    .option = options,
    .words = words,
    .drawn = mg_always_drawn,
    .passes = mg_sampled_path_passes,
    .scratch = mg_sampled_path_scratch,
    .explain = explain,
};
