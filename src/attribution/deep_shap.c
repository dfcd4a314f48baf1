/* deep_shap.c  DeepLIFT's rescale rule against dinucleotide shuffles of the window, mean over them
 *
 * Formula:   as deeplift.c, with r_k the shuffles: c(i,b) = mean over k of sum over j of (e_b - r_k(i,.))_j m_k(i,j)
 *            The a(i) sum to F(x) - mean of F(r_k) at rounding level.
 * Settings:  references: how many shuffles. The same numbers as deeplift:reference=shuffle, under the name that people know.
 * Source:    Lundberg, Lee, NeurIPS 2017, arXiv:1705.07874, section 4.2 (DeepSHAP); shuffles as references: Avsec et al.,
 *            Nat Genet 53:354 (2021).
 * Test:      tests/unit/test_attribution_more.c, against tangermeme's hypothetical contributions with the same shuffles.
 */
#include <stdio.h>

#include "src/attribution/differences.h"
#include "src/attribution/draw.h"
#include "src/attribution/methods.h"

enum { REFERENCES };

static const mg_method_option options[] = {{"references", "20", NULL, 1, 1000, true, "how many shuffles"}, {0}};

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    snprintf(text, MG_METHOD_LABEL, "%g shuffles", method->number[REFERENCES]);
}

static int64_t passes(const mg_method *method, int64_t length)
{
    (void)length;
    return 2 * (int64_t)method->number[REFERENCES];
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    static const mg_rule rescale = {.kind = MG_RULE_RESCALE};
    mg_explain_by_differences(&rescale, MG_REFERENCE_SHUFFLE, (int64_t)method->number[REFERENCES], pass, view, scratch,
                              explanation);
}

const mg_method_type mg_deep_shap = {
    .name = "deep_shap",
    .title = "DeepSHAP",
    .formula = "c(i,b) = mean over shuffles r of sum_k (e_b - r)_k m(i,k), DeepLIFT's rescale rule",
    .source = "Lundberg & Lee 2017, arXiv:1705.07874",
    .rule = MG_RULE_RESCALE,
    .hypothetical = true,
    .option = options,
    .words = words,
    .drawn = mg_always_drawn,
    .passes = passes,
    .scratch = mg_difference_scratch,
    .explain = explain,
};
