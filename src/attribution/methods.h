/* methods.h  the methods there are; each is defined in the file of its name */
#ifndef MG_ATTRIBUTION_METHODS_H
#define MG_ATTRIBUTION_METHODS_H

#include "src/attribution/method.h"

extern const mg_method_type mg_saliency, mg_input_x_gradient, mg_guided_backpropagation, mg_deconvolution,
    mg_integrated_gradients, mg_deeplift, mg_lrp, mg_smoothgrad, mg_smoothgrad_squared, mg_vargrad, mg_gradient_shap,
    mg_expected_gradients, mg_deep_shap, mg_corrected_gradient, mg_input_x_corrected_gradient, mg_occlusion,
    mg_taylor_mutations, mg_deeplift_reveal_cancel, mg_grad_cam, mg_guided_grad_cam, mg_grad_cam_plus_plus,
    mg_excitation_backprop, mg_shapley_sampling;

#endif
