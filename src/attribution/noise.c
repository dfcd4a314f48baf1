/* noise.c  moments of the gradient around the window, in one pass over the draws (Welford 1962) */
#include "src/attribution/noise.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/attribution/draw.h"
#include "src/attribution/explain.h"

const mg_method_option mg_noise_options[] = {
    {"draws", "50", NULL, 1, 100000, true, "how many noisy windows"},
    {"sigma", "0.15", NULL, 0, 10, false, "standard deviation of the noise on every number of a known row"},
    {0}};

void mg_noise_words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    snprintf(text, MG_METHOD_LABEL, "%g draws, sigma %g", method->number[MG_NOISE_DRAWS],
             method->number[MG_NOISE_SIGMA]);
}

int64_t mg_noise_passes(const mg_method *method, int64_t length)
{
    (void)length;
    return 2 * (int64_t)method->number[MG_NOISE_DRAWS];
}

/* Point, gradient, mean and moment, (L, 4) each. */
size_t mg_noise_scratch(const mg_method *method, const mg_plan *plan)
{
    (void)method;
    return 4 * (size_t)plan->graph->length * 4 * sizeof(double);
}

/* The gradient of the score at x + noise. */
static void gradient_near(mg_pass *pass, const mg_view *view, int64_t k, double sigma, double *point, double *gradient)
{
    int64_t length = mg_pass_plan(pass)->graph->length;
    mg_draw_noise(view, length, k, sigma, point);
    for (int64_t i = 0; i < length * 4; i++)
        point[i] += view->x[i];
    double slope = mg_score_slope(view->probability, mg_pass_gradient_at(pass, point, gradient));
    for (int64_t i = 0; i < length * 4; i++)
        gradient[i] *= slope;
}

const double *mg_noise_gradients(const mg_method *method, mg_noise_moment which, mg_pass *pass, const mg_view *view,
                                 void *scratch)
{
    int64_t size = mg_pass_plan(pass)->graph->length * 4, n = (int64_t)method->number[MG_NOISE_DRAWS];
    double *point = scratch, *gradient = point + size, *mean = gradient + size, *moment = mean + size;
    memset(mean, 0, (size_t)size * 2 * sizeof *mean);
    for (int64_t k = 0; k < n; k++) {
        gradient_near(pass, view, k, method->number[MG_NOISE_SIGMA], point, gradient);
        for (int64_t i = 0; i < size; i++) {
            double away = gradient[i] - mean[i];
            mean[i] += away / (double)(k + 1);
            moment[i] += which == MG_NOISE_SQUARED ? gradient[i] * gradient[i] : away * (gradient[i] - mean[i]);
        }
    }
    for (int64_t i = 0; i < size; i++)
        moment[i] /= (double)n;
    return which == MG_NOISE_MEAN ? mean : moment;
}

void mg_noise_explain_unsigned(const mg_method *method, mg_noise_moment which, mg_pass *pass, const mg_view *view,
                               void *scratch, mg_explanation *explanation)
{
    const double *moment = mg_noise_gradients(method, which, pass, view, scratch);
    mg_explain_largest(mg_pass_plan(pass)->graph->length, moment, 1.0, explanation);
}
