/* first_layer.h  what a change of one base adds to the outputs of a plain first convolution
 *
 * The input is one-hot, so the change is a difference of two columns of weights: the same rows wherever the base stands.
 * They are worked out once.
 */
#ifndef MG_ENGINE_FIRST_LAYER_H
#define MG_ENGINE_FIRST_LAYER_H

#include <stdint.h>

#include "src/core/status.h"
#include "src/engine/reach.h"
#include "src/kernels/kernels.h"
#include "src/engine/chain.h"
#include "src/sequence/alphabet.h"

typedef struct {
    float *row; /* owned (from, 3 others in ascending order, n_rows, stride); NULL: no plain convolution */
    int64_t n_rows, n_before; /* taps, with rows of zeros around them; how many of these come first */
    int64_t stride, shift;    /* shift: the first output that position 0 reaches, <= 0 */
} mg_first_layer;

/* mg_first_layer_create()  fill ret for link 0; leaves row NULL when it has strides, dilation or no weight rows. Returns: MG_OK or MG_EMEM. */
mg_status mg_first_layer_create(const mg_link *link, const mg_reach *reach, mg_first_layer *ret, mg_error *err);
void mg_first_layer_destroy(mg_first_layer *first); /* frees what it holds, not the struct */

/* mg_first_layer_rows()  differences at outputs `begin` and on, as the reach of `position` has it, of the mutant with the
 * smallest of the other bases; the next mutant's stand n_rows * stride floats further */
const float *mg_first_layer_rows(const mg_first_layer *first, int64_t position, mg_base from, int64_t begin);

#endif
