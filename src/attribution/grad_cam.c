/* grad_cam.c  where along the window the channels of a convolution speak for the score
 *
 * Formula:   w_c = mean over t of dF/dA(t,c),  map(t) = sum over c of w_c A(t,c), brought from the T positions of A to the
 *            L of the window: a(i)
 * Settings:  layer: which convolution. values: A before or after the activation behind it. upsampling: nearest, or linear
 *            between the middles of positions. sign=positive keeps max(a, 0), as the paper; signed keeps both.
 * Refused:   a network without a convolution of two positions or more. No hypothetical contribution, no sum.
 * Source:    Selvaraju et al., ICCV 2017, arXiv:1610.02391, equations 1 and 2.
 * Test:      tests/unit/test_attribution_more.c, against Captum's LayerGradCam and torch's interpolate at three convolutions.
 */
#include <string.h>

#include "src/attribution/class_map.h"
#include "src/attribution/methods.h"

enum { SIGN = MG_MAP_N_OPTIONS };
enum { SIGNED, POSITIVE };

static const mg_method_option options[] = {
    MG_MAP_OPTIONS("post"), {"sign", "signed", "signed|positive", 0, 0, false, "keep both signs, or max(a, 0)"}, {0}};

static void words(const mg_method *method, char text[MG_METHOD_LABEL])
{
    mg_class_map_words(method, text);
    if (method->word[SIGN] == POSITIVE) strncat(text, ", positive", MG_METHOD_LABEL - strlen(text) - 1);
}

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    mg_class_map_explain(method, MG_MAP_MEAN, method->word[SIGN] == POSITIVE, pass, view, scratch, explanation);
}

const mg_method_type mg_grad_cam = {
    .name = "grad_cam",
    .title = "Grad-CAM",
    .formula = "a(i) = sum_c (mean_t dF/dA(t,c)) A(i,c) at a convolution, brought to the window's positions",
    .source = "Selvaraju et al. 2017, arXiv:1610.02391",
    .rule = MG_RULE_GRADIENT,
    .option = options,
    .words = words,
    .prepare = mg_class_map_prepare,
    .release = mg_class_map_release,
    .scratch = mg_class_map_scratch,
    .explain = explain,
};
