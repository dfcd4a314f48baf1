/* class_map.h  what Grad-CAM and its kin share: a map along the positions of a convolution, brought to the window's positions */
#ifndef MG_ATTRIBUTION_CLASS_MAP_H
#define MG_ATTRIBUTION_CLASS_MAP_H

#include "src/attribution/method.h"

/* The options that all of them have, in this order, before their own. */
enum { MG_MAP_LAYER, MG_MAP_VALUES, MG_MAP_UPSAMPLING, MG_MAP_N_OPTIONS };
#define MG_MAP_OPTIONS(values)                                                                                         \
    {"layer", "0", NULL, 0, 1000, true, "which convolution, counted from 1; 0: the last"},                             \
        {"values", values, "pre|post", 0, 0, false, "its values before or after the activation behind it"},            \
    {                                                                                                                  \
        "upsampling", "linear", "nearest|linear", 0, 0, false, "from its positions to the window's"                    \
    }

/* How channels are weighed, from their gradients g(t) and values A(t). */
typedef enum {
    MG_MAP_MEAN, /* Grad-CAM: mean over t of g(t) */
    MG_MAP_PLUS_PLUS /* Grad-CAM++: sum over t of alpha(t) max(g(t), 0), alpha = g^2 / (2 g^2 + g^3 sum of A), 0 where g is */
} mg_map_weights;

/* mg_class_map()  sum over channels of weight times A, at the window's positions: (L) in `scratch`, returned; PLUS_PLUS: no
 *                 less than 0 before it is brought there
 * mg_class_map_explain()  a(i) = the map at i, of `positive` no less than 0; no hypothetical contribution, no sum
 * mg_class_map_prepare(), _release(), _scratch(): for the mg_method_type; MG_EINPUT when there is no such map in this network,
 *                 MG_EUSAGE when there are fewer convolutions than `layer` */
double *mg_class_map(const mg_method *method, mg_map_weights weights, mg_pass *pass, void *scratch);
void mg_class_map_explain(const mg_method *method, mg_map_weights weights, bool positive, mg_pass *pass,
                          const mg_view *view, void *scratch, mg_explanation *explanation);
mg_status mg_class_map_prepare(const mg_method *method, const mg_plan *plan, void **ret, mg_error *err);
void mg_class_map_release(void *state);
size_t mg_class_map_scratch(const mg_method *method, const mg_plan *plan);

/* mg_class_map_words()  "conv 3, post, linear" */
void mg_class_map_words(const mg_method *method, char text[MG_METHOD_LABEL]);

#endif
