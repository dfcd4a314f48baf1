/* fold.h  batch normalisations that follow a convolution or a fully connected layer become part of it */
#ifndef MG_GRAPH_FOLD_H
#define MG_GRAPH_FOLD_H

#include "src/graph/graph.h"

/* mg_graph_fold_norms()  the same network without those normalisations
 *
 * Purpose:  An affine node that was a batch normalisation (its norm says so), whose input is made by rows of weights and goes
 *           nowhere else, is multiplied into these rows in double. That is what programs do before they run a network, and
 *           where LRP is defined: an affine node that is not folded is a layer of its own.
 * Args:     inout - replaced; as it was on failure
 */
mg_status mg_graph_fold_norms(mg_graph **inout, mg_error *err);

#endif
