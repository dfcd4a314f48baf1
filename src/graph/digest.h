/* digest.h  which values of two graphs are worked out in the same way
 *
 * The digest of a value is one of all that it is made of, down to the window: kinds, settings, weights, and the digests of
 * what it takes; names do not matter. Graphs that are scores of one network (score.h) have those below the scores in common.
 */
#ifndef MG_GRAPH_DIGEST_H
#define MG_GRAPH_DIGEST_H

#include "src/graph/graph.h"

/* mg_graph_digest()  digest - OUT (n_nodes + 1), of the values; the graph has its weights still (mg_graph_drop_maps) */
void mg_graph_digest(const mg_graph *graph, uint64_t *digest);

#endif
