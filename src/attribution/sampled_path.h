/* sampled_path.h  what expected gradients and GradientSHAP share: gradients at random places between references and window */
#ifndef MG_ATTRIBUTION_SAMPLED_PATH_H
#define MG_ATTRIBUTION_SAMPLED_PATH_H

#include "src/attribution/reference.h"

/* mg_explain_sampled_path()  mean over n draws of a reference of this kind, noise of standard deviation sigma on the window
 * and a share of the way between them; mg_sampled_path_passes(): for mg_method_passes();
 * mg_sampled_path_scratch(): bytes of scratch */
void mg_explain_sampled_path(mg_reference_kind kind, int64_t n, double sigma, mg_pass *pass, const mg_view *view,
                             void *scratch, mg_explanation *explanation);
int64_t mg_sampled_path_passes(int64_t n);
size_t mg_sampled_path_scratch(const mg_method *method, const mg_plan *plan);

#endif
