/* weight_norm.h  weights that PyTorch's weight_norm keeps as a length and a direction
 *
 *     weight = g v / |v|
 *
 * with |v| the norm over all dimensions but the one along which g has sizes above 1 (dim = 0 as a rule; over all of them
 * where g is one number). Source: torch.nn.utils.weight_norm, torch.nn.utils.parametrizations.weight_norm.
 */
#ifndef MG_IO_MODEL_WEIGHT_NORM_H
#define MG_IO_MODEL_WEIGHT_NORM_H

#include "src/core/status.h"
#include "src/graph/printed/tensor.h"

/* mg_weight_norm_join()  put NAME in place of NAME_g and NAME_v, or of NAME.original0 and NAME.original1 below
 *                        "parametrizations.", where NAME is not there yet
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT when the two are of shapes that do not go together. */
mg_status mg_weight_norm_join(mg_tensors *tensors, mg_error *err);

#endif
