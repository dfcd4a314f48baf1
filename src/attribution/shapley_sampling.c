/* shapley_sampling.c  what positions bring to the score, on average over orders in which they come
 *
 * Formula:   a(i) = mean over k of F(rows before i in order k, and i, as in x; the others as in r_k) - F(the same without i)
 *            An estimate of the Shapley value of each position. The a(i) sum to F(x) - mean of F(r_k), whatever the orders.
 * Settings:  permutations: how many orders; reference: what stands where a position has not come yet. A pass for each position
 *            of each order: some 200 a permutation and window. No hypothetical contribution.
 * Source:    Castro, Gomez, Tejada, Comput Oper Res 36:1726 (2009); Strumbelj, Kononenko, JMLR 11:1 (2010).
 * Test:      tests/unit/test_attribution_more.c, against Captum's ShapleyValueSampling with the same orders;
 *            tests/unit/test_method_laws.c: sums on random graphs.
 */
#include <stdio.h>
#include <string.h>

#include "src/attribution/draw.h"
#include "src/attribution/explain.h"
#include "src/attribution/methods.h"
#include "src/attribution/reference.h"

enum { PERMUTATIONS, REFERENCE };

static const mg_method_option options[] = {
    {"permutations", "5", NULL, 1, 100000, true, "orders in which positions come"},
    {"reference", "zero", MG_REFERENCE_WORDS, 0, 0, false, "what stands where a position has not come yet"},
    {0}};

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    snprintf(text, MG_METHOD_LABEL, "%g permutations%s", method->number[PERMUTATIONS],
             mg_reference_words(method->word[REFERENCE], MG_REFERENCE_ZERO));
}

/* The point (L, 4), the order (L), and 2 L codes for shuffling. */
static size_t scratch_bytes(const mg_method *method, const mg_plan *plan)
{
    (void)method;
    size_t length = (size_t)plan->graph->length;
    return length * (4 * sizeof(double) + sizeof(int32_t) + 2 * sizeof(mg_base));
}

/* Rows that the reference and the window have in common are no step, so this is the most. */
static int64_t passes(const mg_method *method, int64_t length)
{
    return (int64_t)method->number[PERMUTATIONS] * (length + 1);
}

/* From the reference in `point` to x, position by position; returns the score of the reference. */
static double walk(mg_pass *pass, const mg_view *view, int64_t length, const int32_t *order, double weight,
                   double *point, double *contribution)
{
    double first = mg_score_of(view->probability, mg_pass_forward_reference(pass, point)), before = first;
    for (int64_t k = 0; k < length; k++) {
        size_t row = (size_t)order[k] * 4, bytes = 4 * sizeof *point;
        if (memcmp(point + row, view->x + row, bytes) == 0) continue; /* it changes nothing */
        memcpy(point + row, view->x + row, bytes);
        double after = mg_score_of(view->probability, mg_pass_forward_reference(pass, point));
        contribution[order[k]] += weight * (after - before);
        before = after;
    }
    return first;
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    int64_t length = mg_pass_plan(pass)->graph->length, n = (int64_t)method->number[PERMUTATIONS];
    double *point = scratch, weight = 1.0 / (double)n, sum = 0.0;
    int32_t *order = (int32_t *)(point + length * 4);
    mg_base *shuffled = (mg_base *)(order + length);
    mg_explain_clear(length, explanation);
    for (int64_t k = 0; k < n; k++) {
        mg_reference_fill((mg_reference_kind)method->word[REFERENCE], view, length, k, shuffled, point);
        mg_draw_order(view, length, k, order);
        sum += weight * walk(pass, view, length, order, weight, point, explanation->contribution);
    }
    explanation->claimed_sum = mg_score_of(view->probability, view->f) - sum;
}

const mg_method_type mg_shapley_sampling = {
    .name = "shapley_sampling",
    .title = "Shapley sampling",
    .formula = "a(i) = mean over orders of what row i adds to F after the rows before it",
    .source = "Castro et al. 2009, Comput Oper Res 36:1726; Strumbelj & Kononenko 2010",
    .rule = MG_RULE_GRADIENT,
    .option = options,
    .words = words,
    .drawn = mg_always_drawn,
    .passes = passes,
    .scratch = scratch_bytes,
    .explain = explain,
};
