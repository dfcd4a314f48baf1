/* draw.h  random numbers of a window: noise, shares of a way, orders of positions (shuffles: reference.h)
 *
 * All are drawn by counter from view->seed, so a window sees the same numbers in any run with the same seed, on any rank;
 * view->given takes their place where it has them.
 */
#ifndef MG_ATTRIBUTION_DRAW_H
#define MG_ATTRIBUTION_DRAW_H

#include <stdint.h>

#include "src/attribution/method.h"

/* A stream of numbers drawn by counter: allocation-free, and one window's draws can be repeated without the others'. */
typedef struct {
    uint64_t seed, count;
} mg_stream;

/* mg_stream_below()  a whole number 0 <= ... < n, each as likely as the others;  mg_stream_unit()  a number in [0, 1), a
 * multiple of 2^-53 */
int64_t mg_stream_below(mg_stream *stream, int64_t n);
double mg_stream_unit(mg_stream *stream);

/* mg_draw_noise()  draw k of independent normal numbers of standard deviation sigma (Box & Muller 1958) in every known
 * row, 0 in unknown ones: noise (L, 4) OUT */
void mg_draw_noise(const mg_view *view, int64_t length, int64_t k, double sigma, double *noise);

/* mg_draw_alpha()  draw k of a share in [0, 1) of the way from reference to window */
double mg_draw_alpha(const mg_view *view, int64_t k);

/* mg_draw_order()  draw k of an order of all positions, each as likely as the others (Fisher & Yates): order (L) OUT */
void mg_draw_order(const mg_view *view, int64_t length, int64_t k, int32_t *order);

/* mg_always_drawn()  true: for mg_method_type.drawn of methods that draw whatever their options */
bool mg_always_drawn(const mg_method *method);

#endif
