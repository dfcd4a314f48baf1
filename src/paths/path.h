/* path.h  the mean gradient along a straight path between two inputs, without repeating what does not change
 *
 * Values before the first ReLU or max pooling (the lowest gate, src/paths/gates.h) are lines in the path's parameter
 * t, known from the passes at both ends. Each output of the gate follows one of those lines, or zero, until it switches;
 * so the next linear layer's values are a + t b, where a and b change only by the few outputs that switched since the
 * last step. Backward the same: multipliers of the next layer's values are summed over steps, and handed down once at
 * the end, and at each switch for the output that switched. The gates above take MG_SHARED steps at a time upward, and
 * downward change only what a switch changes (src/paths/path_above.c). The nodes and weights are the caller's; what is
 * summed is what a full pass at each node gives, up to float32 rounding (tests/unit/test_path.c).
 */
#ifndef MG_PATHS_PATH_H
#define MG_PATHS_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/engine/pass.h"

typedef struct mg_path mg_path;

/* mg_path_suits()  can this plan be walked so? It takes a chain (src/engine/chain.h) in MG_SINGLE: linear links, then a gate, then
 * a map. */
bool mg_path_suits(const mg_plan *plan);

/* mg_path_create()  one thread's workspace, for a plan that suits; mg_path_destroy(NULL) is fine */
mg_status mg_path_create(const mg_plan *plan, mg_path **ret, mg_error *err);
void mg_path_destroy(mg_path *path);
size_t mg_path_bytes(const mg_plan *plan);

/* mg_path_mean_gradient()  sum over k of weight[k] dF/dx at reference + node[k] (x - reference)
 *
 * Args:     pass         - of the same plan; holds the forward pass of x, now and afterwards; its reference is
 *                          overwritten
 *           reference    - (L, 4), where the path begins; it ends at the window x
 *           node         - n of them, ascending
 *           mean         - OUT (L, 4)
 */
void mg_path_mean_gradient(mg_path *path, mg_pass *pass, const double *reference, int64_t n, const double *node,
                           const double *weight, double *mean);

#endif
