/* explain.c  from multipliers to contributions */
#include "src/attribution/explain.h"

#include <math.h>
#include <string.h>

#include "src/core/clones.h"

void mg_explain_clear(int64_t length, mg_explanation *explanation)
{
    memset(explanation->contribution, 0, (size_t)length * sizeof *explanation->contribution);
    memset(explanation->hypothetical, 0, (size_t)length * 4 * sizeof *explanation->hypothetical);
}

/* The four numbers of a position. */
typedef double row __attribute__((vector_size(4 * sizeof(double)), aligned(sizeof(double)), may_alias));

static inline double dot(const double *x, const double *y)
{
    row product = *(const row *)x * *(const row *)y;
    return product[0] + product[1] + product[2] + product[3];
}

MG_CLONES void mg_explain_add(const mg_view *view, int64_t length, const double *multiplier, const double *reference,
                              double weight, mg_explanation *explanation)
{
    static const double zero[4] = {0};
    const double *x = view->x;
    double *a = explanation->contribution, *c = explanation->hypothetical;
    for (int64_t i = 0; i < length; i++) {
        const double *m = multiplier + i * 4;
        double baseline = dot(reference != NULL ? reference + i * 4 : zero, m);
        a[i] += weight * (dot(x + i * 4, m) - baseline);
        *(row *)(c + i * 4) += weight * (*(const row *)m - baseline);
    }
}

void mg_explain_by_rule(const mg_rule *rule, mg_pass *pass, const mg_view *view, void *scratch,
                        mg_explanation *explanation)
{
    int64_t length = mg_pass_plan(pass)->graph->length;
    mg_pass_backward(pass, rule, scratch);
    mg_explain_clear(length, explanation);
    mg_explain_add(view, length, scratch, NULL, mg_score_slope(view->probability, view->f), explanation);
}

int64_t mg_explain_without_passes(const mg_method *method, int64_t length)
{
    (void)method;
    (void)length;
    return 0;
}

size_t mg_explain_scratch(const mg_method *method, const mg_plan *plan)
{
    (void)method;
    return (size_t)plan->graph->length * 4 * sizeof(double);
}

void mg_explain_largest(int64_t length, const double *multiplier, double factor, mg_explanation *explanation)
{
    for (int64_t i = 0; i < length; i++) {
        double largest = 0.0;
        for (int b = 0; b < 4; b++) {
            double size = fabs(multiplier[i * 4 + b]);
            largest = size > largest ? size : largest;
        }
        explanation->contribution[i] = factor * largest;
    }
    explanation->claimed_sum = NAN;
}

void mg_explain_centre(int64_t length, double *multiplier)
{
    for (double *m = multiplier; m < multiplier + length * 4; m += 4) {
        double mean = (m[0] + m[1] + m[2] + m[3]) / 4.0;
        for (int b = 0; b < 4; b++)
            m[b] -= mean;
    }
}

double mg_score_of(bool probability, double f)
{
    if (!probability) return f;
    return f >= 0.0 ? 1.0 / (1.0 + exp(-f)) : exp(f) / (1.0 + exp(f));
}

double mg_score_slope(bool probability, double f)
{
    if (!probability) return 1.0;
    double p = mg_score_of(true, f);
    return p * (1.0 - p);
}

double mg_score_probability(const mg_pass *pass, double f)
{
    const mg_graph *graph = mg_pass_plan(pass)->graph;
    if (graph->n_outputs == 0) return mg_score_of(true, f);
    const mg_output *logits = &graph->output[0];
    double target = mg_pass_value(pass, logits->value, 0, (int64_t)logits->target), sum = 0.0;
    for (int64_t k = 0; k < graph->extent[logits->value].channels; k++)
        sum += exp(mg_pass_value(pass, logits->value, 0, k) - target);
    return 1.0 / sum;
}
