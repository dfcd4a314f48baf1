/* sampled_path.c  gradients at random places between references and window */
#include "src/attribution/sampled_path.h"

#include <string.h>

#include "src/attribution/draw.h"
#include "src/attribution/explain.h"

static double multipliers(const void *settings, mg_pass *pass, const mg_view *view, int64_t k, const double *reference,
                          void *room, double *multiplier)
{
    const double *sigma = settings;
    int64_t length = mg_pass_plan(pass)->graph->length;
    double *point = room, alpha = mg_draw_alpha(view, k);
    if (*sigma > 0.0)
        mg_draw_noise(view, length, k, *sigma, point);
    else
        memset(point, 0, (size_t)length * 4 * sizeof *point);
    for (int64_t i = 0; i < length * 4; i++)
        point[i] = reference[i] + alpha * (view->x[i] + point[i] - reference[i]);
    return mg_score_slope(view->probability, mg_pass_gradient_at(pass, point, multiplier));
}

void mg_explain_sampled_path(const mg_method *method, double sigma, mg_pass *pass, const mg_view *view, void *scratch,
                             mg_explanation *explanation)
{
    const mg_seen_from how = {.kind = (mg_reference_kind)method->word[MG_PATH_REFERENCE],
                              .n = (int64_t)method->number[MG_PATH_DRAWS],
                              .multipliers = multipliers,
                              .settings = &sigma};
    mg_explain_from_references(&how, pass, view, scratch, explanation);
}

/* Forward and backward at each place, and forward for the sum that is claimed. */
int64_t mg_sampled_path_passes(const mg_method *method, int64_t length)
{
    (void)length;
    return 3 * (int64_t)method->number[MG_PATH_DRAWS];
}

size_t mg_sampled_path_scratch(const mg_method *method, const mg_plan *plan)
{
    (void)method;
    return mg_reference_scratch(plan, (size_t)plan->graph->length * 4 * sizeof(double));
}
