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
#include <math.h>
#include <stdio.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"
#include "src/attribution/reference.h"

enum { REFERENCE, REFERENCES };

static const mg_method_option options[] = {
    {"reference", "zero", MG_REFERENCE_WORDS, 0, 0, false, "what the window is compared with"},
    {"references", "10", NULL, 1, 1000, true, "how many shuffles, with reference=shuffle"},
    {0}};

static void label(const mg_method *method, char text[MG_METHOD_LABEL])
{
    static const char *const words[] = {"", ", uniform reference", ", shuffled references"};
    snprintf(text, MG_METHOD_LABEL, "DeepLIFT (rescale%s)", words[method->word[REFERENCE]]);
}

/* Two (L, 4) arrays, and 2 L codes for shuffling. */
static size_t scratch_bytes(const mg_method *method, const mg_plan *plan)
{
    (void)method;
    size_t length = (size_t)plan->graph->length;
    return 2 * length * 4 * sizeof(double) + 2 * length * sizeof(mg_base);
}

/* The last step of the chain when a probability is explained: the rescale rule for the logistic function. */
static double output_multiplier(bool probability, double f, double f0)
{
    if (!probability || f == f0) return mg_score_slope(probability, f);
    return (mg_score_of(true, f) - mg_score_of(true, f0)) / (f - f0);
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    static const mg_rule rescale = {.kind = MG_RULE_RESCALE};
    int64_t length = mg_pass_plan(pass)->graph->length;
    double *reference = scratch, *multiplier = reference + length * 4;
    mg_base *shuffled = (mg_base *)(multiplier + length * 4);
    mg_reference_kind kind = (mg_reference_kind)method->word[REFERENCE];
    int64_t n_references = kind == MG_REFERENCE_SHUFFLE ? (int64_t)method->number[REFERENCES] : 1;
    double weight = 1.0 / (double)n_references, sum = 0.0;
    mg_explain_clear(length, explanation);
    for (int64_t k = 0; k < n_references; k++) {
        mg_reference_fill(kind, view, length, k, shuffled, reference);
        double f0 = mg_pass_forward_reference(pass, reference);
        mg_pass_backward(pass, &rescale, multiplier);
        mg_explain_add(view, length, multiplier, reference, weight * output_multiplier(view->probability, view->f, f0),
                       explanation);
        sum += weight * mg_score_of(view->probability, f0);
    }
    explanation->claimed_sum = mg_score_of(view->probability, view->f) - sum;
}

const mg_method_type mg_deeplift = {
    .name = "deeplift",
    .formula = "c(i,b) = sum_k (e_b - r)_k m(i,k), rescale rule at ReLU, cross-maximum rule at max pooling",
    .source = "Shrikumar et al. 2017, arXiv:1704.02685",
    .rule = MG_RULE_RESCALE,
    .hypothetical = true,
    .option = options,
    .label = label,
    .scratch = scratch_bytes,
    .explain = explain,
};
