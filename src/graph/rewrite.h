/* rewrite.h  a graph with nodes put together that do the same as one
 *
 * Fold: a node that is a line in each channel (batch normalisation) goes into the linear node before it, where that one feeds
 * nothing else. Weights are multiplied in double. What it changes: LRP sees one node instead of two, as its rules are stated
 * (docs/methods/README.md), and a pass has less to do. Values agree to rounding.
 * Source: the same is done by every library that merges batch norms; which nodes may merge is decided by who reads a value,
 * never by the order of modules. Test: tests/unit/test_graph_nets.c, on networks that are folded.
 */
#ifndef MG_GRAPH_REWRITE_H
#define MG_GRAPH_REWRITE_H

#include "src/graph/graph.h"

/* mg_graph_fold()  the graph with all such nodes folded; outputs keep their names. `graph` is taken over, also on failure.
 * Returns: MG_OK and *ret for mg_graph_destroy(), or MG_EMEM */
mg_status mg_graph_fold(mg_graph *graph, mg_graph **ret, mg_error *err);

#endif
