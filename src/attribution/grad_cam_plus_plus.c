/* grad_cam_plus_plus.c  Grad-CAM with weights for places where a channel's gradient is positive
 *
 * Formula:   alpha(t,c) = g^2 / (2 g^2 + g^3 S_c), 0 where g = 0, with g = dF/dA(t,c) and S_c = sum over t of A(t,c)
 *            w_c = sum over t of alpha(t,c) max(g, 0),  map(t) = max(sum over c of w_c A(t,c), 0), brought to the window
 * Settings:  layer, values, upsampling, as Grad-CAM. The formula is the paper's for a score that goes through exp(); no
 *            epsilon stands in the denominator. No sign, no hypothetical contribution, no sum.
 * Refused:   as Grad-CAM.
 * Source:    Chattopadhay, Sarkar, Howlader, Balasubramanian, WACV 2018, arXiv:1710.11063, equations 5 and 19.
 * Test:      tests/unit/test_attribution_more.c, against numpy at the third convolution.
 */

#include "src/attribution/class_map.h"
#include "src/attribution/methods.h"

static const mg_method_option options[] = {MG_MAP_OPTIONS("post"), {0}};

static void explain(const mg_method *method, mg_pass *pass, const mg_view *view, void *scratch,
                    mg_explanation *explanation)
{
    mg_class_map_explain(method, MG_MAP_PLUS_PLUS, false, pass, view, scratch, explanation);
}

const mg_method_type mg_grad_cam_plus_plus = {
    .name = "grad_cam_plus_plus",
    .title = "Grad-CAM++",
    .formula = "a(i) = max(sum_c w_c A(i,c), 0) at a convolution, w_c from squares and cubes of positive gradients",
    .source = "Chattopadhay et al. 2018, arXiv:1710.11063",
    .rule = MG_RULE_GRADIENT,
    .option = options,
    .words = mg_class_map_words,
    .prepare = mg_class_map_prepare,
    .release = mg_class_map_release,
    .scratch = mg_class_map_scratch,
    .explain = explain,
};
