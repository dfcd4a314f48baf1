/* taylor_mutations.c  the mutation scan to first order: effects of substitutions as differences of the gradient
 *
 * Formula:   D'(i,b) = dF/dx(i,b) - dF/dx(i,x_i), what the gradient says of the effect of base b at i
 *            a(i) = mean over the three b that are not there of -D'(i,b), as the position effect of the mutation scan
 *            c(i,b) = a(i) + D'(i,b), so that c(i,x_i) = a(i) and c(i,b) - c(i,x_i) = D'(i,b)
 *            a(i) = 4/3 of input x corrected gradient: the same ranks, in the units of an effect.
 * Settings:  none. Claims no sum. 0 at unknown positions.
 * Source:    Sasse, Chikina, Mostafavi, iScience 27:110807 (2024): Taylor in silico mutagenesis.
 * Test:      tests/unit/test_method_laws.c: 4/3 of input x corrected gradient, which is held to PyTorch, and equal to the mutation
 *            scan of a linear network.
 */
#include <math.h>

#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

/* One position's four numbers from its gradient g and the base that is there. */
static double explain_position(const double *g, mg_base base, double slope, double *c)
{
    double mean_effect = 0.0;
    for (int b = 0; b < 4; b++)
        mean_effect += (g[b] - g[base]) / 3.0;
    for (int b = 0; b < 4; b++)
        c[b] = slope * (g[b] - g[base] - mean_effect);
    return c[base];
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    (void)method;
    const double *gradient = scratch, slope = mg_score_slope(view->probability, view->f);
    int64_t length = mg_pass_plan(pass)->graph->length;
    mg_pass_backward(pass, &mg_rule_gradient, scratch);
    mg_explain_clear(length, explanation);
    for (int64_t i = 0; i < length; i++)
        if (view->base[i] < MG_N_BASES)
            explanation->contribution[i] =
                explain_position(gradient + i * 4, view->base[i], slope, explanation->hypothetical + i * 4);
    explanation->claimed_sum = NAN;
}

const mg_method_type mg_taylor_mutations = {
    .name = "taylor_mutations",
    .title = "first-order mutations",
    .formula = "D'(i,b) = dF/dx(i,b) - dF/dx(i,x_i), a(i) = mean of -D'(i,b) over the bases that are not there",
    .source = "Sasse et al. 2024, iScience 27:110807",
    .rule = MG_RULE_GRADIENT,
    .hypothetical = true,
    .scratch = mg_explain_scratch,
    .explain = explain,
};
