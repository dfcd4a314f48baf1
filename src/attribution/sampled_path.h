/* sampled_path.h  what expected gradients and GradientSHAP share: gradients at random places between references and window */
#ifndef MG_ATTRIBUTION_SAMPLED_PATH_H
#define MG_ATTRIBUTION_SAMPLED_PATH_H

#include "src/attribution/reference.h"

/* The options that both have, in this order, before their own. */
enum { MG_PATH_DRAWS, MG_PATH_REFERENCE, MG_PATH_N_OPTIONS };
#define MG_PATH_OPTIONS                                                                                                \
    {"draws", "50", NULL, 1, 100000, true, "how many places, each on the way from a reference of its own"},            \
    {                                                                                                                  \
        "reference", "shuffle", MG_REFERENCE_WORDS, 0, 0, false, "where the ways begin"                                \
    }

/* mg_explain_sampled_path()  mean over the method's draws of one of its references, noise of standard deviation sigma on the
 * window and a share of the way between them; mg_sampled_path_passes(): for mg_method_passes();
 * mg_sampled_path_scratch(): bytes of scratch */
void mg_explain_sampled_path(const mg_method *method, double sigma, mg_pass *pass, const mg_view *view, void *scratch,
                             mg_explanation *explanation);
int64_t mg_sampled_path_passes(const mg_method *method, int64_t length);
size_t mg_sampled_path_scratch(const mg_method *method, const mg_plan *plan);

#endif
