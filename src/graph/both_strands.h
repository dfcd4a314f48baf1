/* both_strands.h  a network that reads its window on both strands, and takes the mean
 *
 * Networks of regulatory sequences are trained on both strands of their regions, or asked about both and their answers
 * averaged. Here that is one graph: the network twice, with the same weights, once on the window and once on its reverse
 * complement, and each output the mean of the two, taken before its head (softmax, logistic), where networks are linear and
 * scores are formed. So a logit, a difference of logits, log-odds of two classes or of a logistic head are the means of those of
 * the two strands; log-odds against several other classes are those of the mean logits. An output with positions is turned
 * round on the reverse strand before the mean is taken; its channels are not.
 */
#ifndef MG_GRAPH_BOTH_STRANDS_H
#define MG_GRAPH_BOTH_STRANDS_H

#include "src/graph/graph.h"

/* mg_graph_both_strands()  MG_OK and *ret for mg_graph_destroy(), or MG_EMEM */
mg_status mg_graph_both_strands(const mg_graph *network, mg_graph **ret, mg_error *err);

#endif
