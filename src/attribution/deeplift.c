/* deeplift.c  DeepLIFT: differences from a reference, carried back by multipliers
 *
 * Formula:   rescale rule at ReLU, m_z = m_a (a - a0) / (z - z0); cross-maximum rule at max pooling; linear layers as
 *            in the gradient.
 *            c(i,b) = sum over k of (e_b - r(i,.))_k m(i,k),  a(i) = c(i, x_i);  mean over references
 *            The a(i) sum to F(x) - F(r) at rounding level, for references that vary along the window too (a max pool
 *            that is treated as in the gradient loses that).
 * Settings:  reference: zero rows, uniform 0.25, or `references` dinucleotide shuffles (then it is DeepLIFT as
 *            DeepSHAP users run it).
 * Source:    Shrikumar, Greenside, Kundaje, ICML 2017, arXiv:1704.02685, sections 3.2 and 3.5.1.
 * Test:      tests/unit/test_attribution.c, against tangermeme's multipliers and hypothetical contributions, and
 *            completeness.
 */
#include <stdio.h>

#include "src/attribution/differences.h"
#include "src/attribution/methods.h"
#include "src/attribution/reference.h"

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    const char *reference = mg_reference_words(method->word[MG_DIFFERENCE_REFERENCE], MG_REFERENCE_ZERO);
    snprintf(text, MG_METHOD_LABEL, "rescale%s", reference);
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    static const mg_rule rescale = {.kind = MG_RULE_RESCALE};
    mg_explain_differences(method, &rescale, pass, view, scratch, explanation);
}

const mg_method_type mg_deeplift = {
    .name = "deeplift",
    .title = "DeepLIFT",
    .formula = "c(i,b) = sum_k (e_b - r)_k m(i,k), rescale rule at ReLU, cross-maximum rule at max pooling",
    .source = "Shrikumar et al. 2017, arXiv:1704.02685",
    .rule = MG_RULE_RESCALE,
    .hypothetical = true,
    .option = mg_difference_options,
    .words = words,
    .drawn = mg_difference_drawn,
    .passes = mg_difference_passes,
    .scratch = mg_difference_scratch,
    .explain = explain,
};
