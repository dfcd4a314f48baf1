/* integrated_gradients.c  the gradient averaged along the straight path from a reference to the window
 *
 * Formula:   g(i,b) = integral over t in [0, 1] of dF/dx(i,b) at r + t (x - r)
 *            c(i,b) = sum over k of (e_b - r(i,.))_k g(i,k),  a(i) = c(i, x_i);  mean over references
 *            By the fundamental theorem of calculus the a(i) sum to F(x) - F(r).
 * Settings:  integral: quadrature or exact. F is piecewise linear along the path, so the exact integral is a sum over
 *            pieces between two switches of a ReLU or a max pooling (src/paths/exact.h).
 *            steps: nodes of the Gauss-Legendre rule. The gradient jumps at switches, so the rule does not
 *            converge fast: 50 steps miss completeness by up to 0.3 on TISRover+.
 *            reference: zero rows, uniform 0.25, or `references` dinucleotide shuffles.
 * Source:    Sundararajan, Taly, Yan, ICML 2017, arXiv:1703.01365, equation 1 and section 5.
 * Test:      tests/unit/test_attribution.c, against Captum and an independent float64 implementation, and completeness;
 *            tests/unit/test_exact.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/attribution/explain.h"
#include "src/attribution/gauss_legendre.h"
#include "src/attribution/methods.h"
#include "src/attribution/reference.h"
#include "src/core/memory.h"
#include "src/paths/exact.h"

enum { STEPS, REFERENCE, REFERENCES, INTEGRAL };
enum { QUADRATURE, EXACT };

static const mg_method_option options[] = {
    {"steps", "50", NULL, 1, 100000, true, "nodes of the Gauss-Legendre rule"},
    {"reference", "zero", MG_REFERENCE_WORDS, 0, 0, false, "where the path begins"},
    {"references", "10", NULL, 1, 1000, true, "how many shuffles, with reference=shuffle"},
    {"integral", "quadrature", "quadrature|exact", 0, 0, false, "exact: from switch to switch of ReLU and max pooling"},
    {0}};

typedef struct {
    int64_t n;
    double *node, *weight; /* on [0, 1] */
    mg_exact *exact;       /* instead, when the integral is exact */
} rule;

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    const char *reference = mg_reference_words(method->word[REFERENCE], MG_REFERENCE_ZERO);
    if (method->word[INTEGRAL] == EXACT)
        snprintf(text, MG_METHOD_LABEL, "exact%s", reference);
    else
        snprintf(text, MG_METHOD_LABEL, "%g steps%s", method->number[STEPS], reference);
}

static void release(void *state)
{
    rule *r = state;
    free(r->node);
    free(r->weight);
    mg_exact_destroy(r->exact);
    free(r);
}

static mg_status make_rule(size_t n, rule *r, mg_error *err)
{
    r->n = (int64_t)n;
    mg_status status = mg_alloc(&r->node, n, sizeof *r->node, err);
    if (status == MG_OK) status = mg_alloc(&r->weight, n, sizeof *r->weight, err);
    if (status == MG_OK) mg_gauss_legendre(n, r->node, r->weight);
    return status;
}

static mg_status prepare(const mg_method *method, const mg_plan *plan, void **ret, mg_error *err)
{
    rule *r = NULL;
    mg_status status = mg_alloc(&r, 1, sizeof *r, err);
    if (status != MG_OK) return status;
    if (method->word[INTEGRAL] == EXACT)
        status = mg_exact_create(plan, &r->exact, err);
    else
        status = make_rule((size_t)method->number[STEPS], r, err);
    if (status != MG_OK) {
        release(r);
        return status;
    }
    *ret = r;
    return MG_OK;
}

/* What the quadrature needs; or two (L, 4) arrays, and what the exact integral needs. */
static size_t scratch_bytes(const mg_method *method, const mg_plan *plan)
{
    const rule *r = method->state;
    size_t length = (size_t)plan->graph->length;
    size_t exact = r->exact != NULL ? 2 * length * 4 * sizeof(double) + mg_exact_bytes(r->exact) : 0;
    return mg_reference_scratch(plan, r->exact != NULL ? exact : mg_pass_mean_scratch(plan));
}

static bool drawn(const mg_method *method)
{
    return method->word[REFERENCE] == MG_REFERENCE_SHUFFLE;
}

/* Forward and backward at each node of each way, and forward at its beginning for the sum that is claimed. */
static int64_t passes(const mg_method *method, int64_t length)
{
    (void)length;
    if (method->word[INTEGRAL] == EXACT) return MG_PASSES_VARY;
    return mg_reference_count((mg_reference_kind)method->word[REFERENCE], method->number[REFERENCES]) *
           (2 * (int64_t)method->number[STEPS] + 1);
}

/* Mean gradient of the probability along the path: each step is weighted by the slope of the logistic function
 * there. */
static void integrate_probability(const rule *r, mg_pass *pass, const mg_view *view, int64_t n, const double *reference,
                                  double *scratch, double *mean)
{
    double *point = scratch, *gradient = scratch + n;
    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int64_t k = 0; k < r->n; k++) {
        for (int64_t i = 0; i < n; i++)
            point[i] = reference[i] + r->node[k] * (view->x[i] - reference[i]);
        double f = mg_pass_gradient_at(pass, point, gradient);
        double weight = r->weight[k] * mg_score_slope(true, f);
        for (int64_t i = 0; i < n; i++)
            mean[i] += weight * gradient[i];
    }
}

static double integrate(const void *settings, mg_pass *pass, const mg_view *view, int64_t k, const double *reference,
                        void *room, double *mean)
{
    (void)k;
    const rule *r = settings;
    int64_t n = mg_pass_plan(pass)->graph->length * 4;
    double *scratch = room;
    if (r->exact != NULL) {
        mg_exact_mean_gradient(r->exact, pass, view->x, reference, view->probability, scratch + 2 * n, mean);
        mg_pass_forward(pass, view->x);
    } else if (view->probability)
        integrate_probability(r, pass, view, n, reference, scratch, mean);
    else
        mg_pass_mean_gradient(pass, view->x, reference, r->n, r->node, r->weight, scratch, mean);
    return 1.0;
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    mg_reference_kind kind = (mg_reference_kind)method->word[REFERENCE];
    const mg_seen_from how = {.kind = kind,
                              .n = mg_reference_count(kind, method->number[REFERENCES]),
                              .multipliers = integrate,
                              .settings = method->state};
    mg_explain_from_references(&how, pass, view, scratch, explanation);
}

const mg_method_type mg_integrated_gradients = {
    .name = "integrated_gradients",
    .title = "integrated gradients",
    .formula = "c(i,b) = sum_k (e_b - r)_k mean over the path r..x of dF/dx(i,k)",
    .source = "Sundararajan et al. 2017, arXiv:1703.01365",
    .rule = MG_RULE_GRADIENT,
    .hypothetical = true,
    .option = options,
    .words = words,
    .prepare = prepare,
    .release = release,
    .drawn = drawn,
    .passes = passes,
    .scratch = scratch_bytes,
    .explain = explain,
};
