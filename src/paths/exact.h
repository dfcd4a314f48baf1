/* exact.h  the mean gradient along a straight path between two inputs, without quadrature
 *
 * Linear layers, ReLU and pooling make F(r + t (x - r)) piecewise linear in t: its gradient is constant between two
 * switches of a ReLU or a max pooling. All switches in [0, 1] are found, and the gradient is integrated piece by piece,
 *
 *     mean(i, b) = sum over pieces of (t_end - t_begin) dF/dx(i, b) in that piece,
 *
 * so the only error is that of rounding. How: exact_walk.h. For the logistic function of F, whose slope varies within a
 * piece, the integral is closed as well: the integral of p (1 - p) over a piece is (t_end - t_begin) times the rise of
 * p over the rise of F.
 */
#ifndef MG_PATHS_EXACT_H
#define MG_PATHS_EXACT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/core/status.h"
#include "src/engine/pass.h"

typedef struct mg_exact mg_exact;

/* mg_exact_create()  what all threads share: the network as linear maps and gates
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT when the plan is no chain of linear nodes, ReLU and max pools (src/engine/chain.h),
 *          naming the node. */
mg_status mg_exact_create(const mg_plan *plan, mg_exact **ret, mg_error *err);
void mg_exact_destroy(mg_exact *exact);

/* mg_exact_bytes()  bytes of room that mg_exact_mean_gradient() needs */
size_t mg_exact_bytes(const mg_exact *exact);

/* mg_exact_mean_gradient()  integral over t in [0, 1] of dF/dx at reference + t (x - reference)
 *
 * Args:     pass         - of the same plan; overwritten
 *           x, reference - (L, 4)
 *           probability  - of the logistic function of F instead of F
 *           room         - mg_exact_bytes() bytes; its contents do not matter
 *           mean         - OUT (L, 4)
 */
void mg_exact_mean_gradient(const mg_exact *exact, mg_pass *pass, const double *x, const double *reference,
                            bool probability, void *room, double *mean);

/* mg_exact_mean_gradient_ref()  the plain way, for tests: halve a stretch of the path until every ReLU and every max
 * pooling is in the same state at both of its ends. Regions of one state are convex, so the gradient between is
 * constant. The pass is of MG_DOUBLE; scratch (2, L, 4). */
void mg_exact_mean_gradient_ref(mg_pass *pass, const double *x, const double *reference, bool probability,
                                double *scratch, double *mean);

#endif
