/* guided_grad_cam.c  guided backpropagation, as far as Grad-CAM is positive
 *
 * Formula:   c(i,b) = guided(i,b) max(cam(i), 0),  a(i) = c(i, x_i)
 * Settings:  layer, values, upsampling, as Grad-CAM; values before the activation unless told otherwise, as Captum. Claims no
 *            sum.
 * Refused:   as Grad-CAM, and where guided backpropagation is.
 * Source:    Selvaraju et al., ICCV 2017, arXiv:1610.02391, section 3.2.
 * Test:      tests/unit/test_attribution_more.c, against Captum's GuidedGradCam at the third convolution.
 */
#include <math.h>
#include <string.h>

#include "src/attribution/class_map.h"
#include "src/attribution/explain.h"
#include "src/attribution/methods.h"

static const mg_method_option options[] = {MG_MAP_OPTIONS("pre"), {0}};

static mg_status prepare(const mg_method *method, const mg_plan *plan, void **ret, mg_error *err)
{
    mg_status status = mg_plan_check_rule(plan, MG_RULE_GRADIENT, method->type->name, err);
    return status == MG_OK ? mg_class_map_prepare(method, plan, ret, err) : status;
}

/* The guided multipliers (L, 4), and what the map takes. */
static size_t scratch_bytes(const mg_method *method, const mg_plan *plan)
{
    return (size_t)plan->graph->length * 4 * sizeof(double) + mg_class_map_scratch(method, plan);
}

/* One for the map, one under the rule of guided backpropagation. */
static int64_t passes(const mg_method *method, int64_t length)
{
    (void)method;
    (void)length;
    return 2;
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    static const mg_rule guided = {.kind = MG_RULE_GUIDED};
    int64_t length = mg_pass_plan(pass)->graph->length;
    double *multiplier = scratch, slope = mg_score_slope(view->probability, view->f);
    const double *map = mg_class_map(method, MG_MAP_MEAN, pass, multiplier + length * 4);
    mg_pass_backward(pass, &guided, multiplier);
    for (int64_t i = 0; i < length * 4; i++)
        multiplier[i] *= slope * fmax(map[i / 4], 0.0);
    mg_explain_clear(length, explanation);
    mg_explain_add(view, length, multiplier, NULL, slope, explanation);
    explanation->claimed_sum = NAN;
}

const mg_method_type mg_guided_grad_cam = {
    .name = "guided_grad_cam",
    .title = "guided Grad-CAM",
    .formula = "c(i,b) = guided backpropagation(i,b) times max(Grad-CAM(i), 0)",
    .source = "Selvaraju et al. 2017, arXiv:1610.02391",
    .rule = MG_RULE_GUIDED,
    .hypothetical = true,
    .option = options,
    .words = mg_class_map_words,
    .prepare = prepare,
    .release = mg_class_map_release,
    .passes = passes,
    .scratch = scratch_bytes,
    .explain = explain,
};
