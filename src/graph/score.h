/* score.h  what is explained: a network's output made into a graph whose last value is one number, F
 *
 * An output is a value of the network, often behind a *head* that turns logits into probabilities: a softmax over the
 * classes or a logistic function. Scores are formed before the head, where networks are linear.
 */
#ifndef MG_GRAPH_SCORE_H
#define MG_GRAPH_SCORE_H

#include "src/graph/graph.h"

typedef enum { MG_SCORE_LOG_ODDS, MG_SCORE_LOGIT, MG_SCORE_PROBABILITY } mg_score;

typedef enum { MG_NO_HEAD, MG_LOGISTIC_HEAD, MG_SOFTMAX_HEAD } mg_head_kind;

/* mg_graph_head()  which head an output has, and the value before it: the logits (the output itself without a head) */
mg_head_kind mg_graph_head(const mg_graph *graph, const mg_output *output, size_t *ret_logits);

/* mg_graph_n_layers()  nodes, without the heads of outputs */
size_t mg_graph_n_layers(const mg_graph *graph);

/* mg_graph_score()  the network with one last number F that the scan and the methods work on
 *
 * Purpose:  Log-odds of the output's target class: for a softmax over two classes the difference of the two logits; for a
 *           softmax over more the target's logit less the logarithm of the summed exponentials of the others; for a
 *           logistic head the target's logit.
 *           Logit: the target's logit. Probability: as log-odds; the logistic function is applied by whoever reads F
 *           (src/attribution/explain.h).
 *           Where the logits are made by weight rows, F's row (the target's, or the difference of two) is folded into
 *           them, so that a chain stays one.
 * Args:     network - has one output at least; output 0 is explained
 *           ret     - OUT, for mg_graph_destroy(). Where F alone does not give the target's probability (a logit before a
 *                     softmax) its output 0 are all logits, with the target; else it has no output.
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT: log-odds and probability of an output without a head, or of one that has several
 *           positions.
 */
mg_status mg_graph_score(const mg_graph *network, mg_score score, mg_graph **ret, mg_error *err);

#endif
