/* expected_gradients.c  gradients at random places on the ways from shuffles to the window
 *
 * Formula:   g_k = dF/dx at r_k + t_k (x - r_k), t_k uniform in [0, 1)
 *            c(i,b) = mean over k of sum over j of (e_b - r_k(i,.))_j g_k(i,j),  a(i) = c(i, x_i)
 *            In expectation, the mean over references of integrated gradients, whose way is taken at one place each.
 * Settings:  draws; reference: dinucleotide shuffles, a new one each draw, or the zero or uniform reference.
 * Sum:       compared with F(x) - mean of F(r_k), which it has in expectation only; completeness_error tells the sampling
 *            error.
 * Source:    Erion, Janizek, Sturmfels, Lundberg, Lee, Nat Mach Intell 3:620 (2021), arXiv:1906.10670, equation 2.
 * Test:      tests/unit/test_attribution_more.c, against PyTorch with the same references and places.
 */
#include <stdio.h>

#include "src/attribution/draw.h"
#include "src/attribution/methods.h"
#include "src/attribution/sampled_path.h"

static const mg_method_option options[] = {MG_PATH_OPTIONS, {0}};

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    snprintf(text, MG_METHOD_LABEL, "%g draws%s", method->number[MG_PATH_DRAWS],
             mg_reference_words(method->word[MG_PATH_REFERENCE], MG_REFERENCE_SHUFFLE));
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    mg_explain_sampled_path(method, 0.0, pass, view, scratch, explanation);
}

const mg_method_type mg_expected_gradients = {
    .name = "expected_gradients",
    .title = "expected gradients",
    .formula = "c(i,b) = mean of sum_k (e_b - r)_k dF/dx(i,k) at random places between references and x",
    .source = "Erion et al. 2021, Nat Mach Intell 3:620",
    .rule = MG_RULE_GRADIENT,
    .hypothetical = true,
    .option = options,
    .words = words,
    .drawn = mg_always_drawn,
    .passes = mg_sampled_path_passes,
    .scratch = mg_sampled_path_scratch,
    .explain = explain,
};
