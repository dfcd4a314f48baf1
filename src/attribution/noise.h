/* noise.h  what SmoothGrad and its kin share: moments of the gradient in a cloud of noise around the window */
#ifndef MG_ATTRIBUTION_NOISE_H
#define MG_ATTRIBUTION_NOISE_H

#include "src/attribution/method.h"

/* Their options, and where they stand. */
enum { MG_NOISE_DRAWS, MG_NOISE_SIGMA };
extern const mg_method_option mg_noise_options[];

/* What has been made of the gradients g_1 .. g_n. */
typedef enum {
    MG_NOISE_MEAN,    /* mean of g_k */
    MG_NOISE_SQUARED, /* mean of g_k^2 */
    MG_NOISE_VARIANCE /* mean of (g_k - mean)^2, divisor n */
} mg_noise_moment;

/* mg_noise_gradients()  a moment of the gradients of the score at x + noise: moment (L, 4) OUT
 * mg_noise_passes()     for mg_method_passes()
 * mg_noise_words()      "50 draws, sigma 0.1"
 * mg_noise_scratch()    bytes of scratch it takes: moment itself lies in it */
const double *mg_noise_gradients(const mg_method *method, mg_noise_moment which, mg_pass *pass, const mg_view *view,
                                 void *scratch);
void mg_noise_words(const mg_method *method, char text[MG_METHOD_LABEL]);
int64_t mg_noise_passes(const mg_method *method, int64_t length);
size_t mg_noise_scratch(const mg_method *method, const mg_plan *plan);

/* mg_noise_explain_unsigned()  a(i) = the largest of the moment's four numbers at i, no sum: for moments without a sign */
void mg_noise_explain_unsigned(const mg_method *method, mg_noise_moment which, mg_pass *pass, const mg_view *view,
                               void *scratch, mg_explanation *explanation);

#endif
