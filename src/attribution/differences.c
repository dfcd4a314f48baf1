/* differences.c  a forward pass of the reference beside the window's, then one backward pass */
#include "src/attribution/differences.h"

#include "src/attribution/explain.h"

const mg_method_option mg_difference_options[] = {
    {"reference", "zero", MG_REFERENCE_WORDS, 0, 0, false, "what the window is compared with"},
    {"references", "10", NULL, 1, 1000, true, "how many shuffles, with reference=shuffle"},
    {0}};

static mg_reference_kind kind_of(const mg_method *method)
{
    return (mg_reference_kind)method->word[MG_DIFFERENCE_REFERENCE];
}

bool mg_difference_drawn(const mg_method *method)
{
    return kind_of(method) == MG_REFERENCE_SHUFFLE;
}

/* Forward and backward for each reference. */
int64_t mg_difference_passes(const mg_method *method, int64_t length)
{
    (void)length;
    return 2 * mg_reference_count(kind_of(method), method->number[MG_DIFFERENCE_REFERENCES]);
}

size_t mg_difference_scratch(const mg_method *method, const mg_plan *plan)
{
    (void)method;
    return mg_reference_scratch(plan, 0);
}

/* The last step of the chain when a probability is explained: the rescale rule for the logistic function. */
static double output_multiplier(bool probability, double f, double f0)
{
    if (!probability || f == f0) return mg_score_slope(probability, f);
    return (mg_score_of(true, f) - mg_score_of(true, f0)) / (f - f0);
}

static double multipliers(const void *settings, mg_pass *pass, const mg_view *view, int64_t k, const double *reference,
                          void *room, double *multiplier)
{
    (void)k;
    (void)room;
    double f0 = mg_pass_forward_reference(pass, reference);
    mg_pass_backward(pass, settings, multiplier);
    return output_multiplier(view->probability, view->f, f0);
}

void mg_explain_by_differences(const mg_rule *rule, mg_reference_kind kind, int64_t n, mg_pass *pass,
                               const mg_view *view, void *scratch, mg_explanation *explanation)
{
    const mg_seen_from how = {.kind = kind, .n = n, .multipliers = multipliers, .settings = rule};
    mg_explain_from_references(&how, pass, view, scratch, explanation);
}

void mg_explain_differences(const mg_method *method, const mg_rule *rule, mg_pass *pass, const mg_view *view,
                            void *scratch, mg_explanation *explanation)
{
    int64_t n = mg_reference_count(kind_of(method), method->number[MG_DIFFERENCE_REFERENCES]);
    mg_explain_by_differences(rule, kind_of(method), n, pass, view, scratch, explanation);
}
