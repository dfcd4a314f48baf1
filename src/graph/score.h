/* score.h  what is explained: a network's output made into a graph whose last value is one number, F
 *
 * An output is a value of the network, often behind a *head* that turns logits into probabilities: a softmax over the
 * classes or a logistic function. Scores are formed before the head, where networks are linear. In words a score is
 *
 *     KIND[:output=NAME,class=NAME,other=NAME,position=N]
 *
 *     log-odds     of the class: behind a softmax over two classes the difference of the two logits, over more the class's
 *                  logit less the logarithm of the summed exponentials of the others; behind a logistic head its logit
 *     logit        the class's number before the head (the output's own number where it has none)
 *     probability  as log-odds; the logistic function is applied by whoever reads F (src/attribution/explain.h)
 *     difference   logit of the class less that of the other class
 *     mean, sum    over positions, of the class's logits; without class= over those of all classes
 *     profile      sum over positions of the softmax along them times the logits less their mean, where the softmax is
 *                  that of the explained window (docs/methods/README.md); of the class, or of all classes added up
 *     value        the class's number of an output without a head: what a regression says
 *
 * output: by name or number, 0 unless given; class: by name or number, the output's target unless given; position: where
 * an output has several, of log-odds, logit, probability, difference and value. No words at all are log-odds, or value
 * where the output has no head.
 */
#ifndef MG_GRAPH_SCORE_H
#define MG_GRAPH_SCORE_H

#include "src/graph/graph.h"

typedef enum {
    MG_SCORE_LOG_ODDS,
    MG_SCORE_LOGIT,
    MG_SCORE_PROBABILITY,
    MG_SCORE_DIFFERENCE,
    MG_SCORE_MEAN,
    MG_SCORE_SUM,
    MG_SCORE_PROFILE,
    MG_SCORE_VALUE,
    MG_N_SCORES
} mg_score;

enum { MG_SCORE_TEXT = 256 };

typedef struct {
    mg_score kind;
    size_t output;
    bool has_class, has_other, has_position; /* given; else the target, none, none */
    size_t class_, other;
    int64_t position;
    char text[MG_SCORE_TEXT]; /* as it was given, which files keep */
} mg_score_spec;

typedef enum { MG_NO_HEAD, MG_LOGISTIC_HEAD, MG_SOFTMAX_HEAD } mg_head_kind;

/* mg_graph_head()  which head an output has, and the value before it: the logits (the output itself without a head) */
mg_head_kind mg_graph_head(const mg_graph *graph, const mg_output *output, size_t *ret_logits);

/* mg_score_tells_probability()  does a probability go with the score? A number of an output without a head is none, nor is
 * what is summed up over positions. */
bool mg_score_tells_probability(const mg_graph *network, const mg_score_spec *score);

/* mg_graph_n_layers()  nodes, without the heads of outputs */
size_t mg_graph_n_layers(const mg_graph *graph);

/* mg_score_name()  "log-odds", ...: the first word of a score
 * mg_score_parse() a score in words, for this network; text NULL: that of no words, which spec.text then names
 * Returns: MG_OK; MG_EUSAGE: an unknown kind, option, output or class; the sentence lists the known ones */
const char *mg_score_name(mg_score score);
mg_status mg_score_parse(const char *text, const mg_graph *network, mg_score_spec *ret, mg_error *err);

/* mg_graph_score()  the network with one last number F that the scan and the methods work on
 *
 * Purpose:  Where the logits are made by weight rows (MG_TRAIT_MAP) at one position, F's row (a class's, or the difference of
 *           two) is folded into them, so that a chain stays one; else F is made by nodes of its own.
 * Args:     ret - OUT, for mg_graph_destroy(). Where F alone does not give the target's probability (a logit before a
 *                 softmax) its output 0 are all logits, with the target; else it has no output.
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT: the score cannot be formed: log-odds and probability of an output without a
 *           head, a difference without other=, several positions and none given, a position that is not there.
 */
mg_status mg_graph_score(const mg_graph *network, const mg_score_spec *spec, mg_graph **ret, mg_error *err);

/* mg_graph_score_borrow()  the same with the network's own weights (mg_graph_borrow) */
mg_status mg_graph_score_borrow(const mg_graph *network, const mg_score_spec *spec, mg_graph **ret, mg_error *err);

#endif
