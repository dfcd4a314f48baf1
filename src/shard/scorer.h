/* scorer.h  the score of windows, and nothing else: forward passes for several threads
 *
 * The float32 engine of a scan, so that scores have the bits that a scan gives them.
 */
#ifndef MG_SHARD_SCORER_H
#define MG_SHARD_SCORER_H

#include "src/core/status.h"
#include "src/graph/graph.h"
#include "src/graph/score.h"
#include "src/sequence/alphabet.h"

typedef struct mg_scorer mg_scorer;

typedef struct {
    double f;           /* log-odds, or the logit of the target where that is the score */
    double probability; /* of the target; NaN: none goes with the score (mg_score_tells_probability()) */
} mg_window_score;

/* mg_scorer_create()  for n_threads threads
 *
 * Args:     network - copied, so the caller keeps his
 *           score   - in words (src/graph/score.h); "probability" gives the same numbers as "log-odds"
 * Returns:  MG_OK, MG_EINPUT when the score cannot be formed for this network, MG_EUSAGE (MUTAGREE_ISA), MG_EMEM.
 */
mg_status mg_scorer_create(const mg_graph *network, const char *score, int n_threads, mg_scorer **ret, mg_error *err);
void mg_scorer_destroy(mg_scorer *scorer); /* NULL is fine */

/* mg_scorer_window()  score a window
 * Args:    thread - 0 .. n_threads - 1: whose workspace to use
 *          base   - (L) codes
 * Returns: not finite where the network's weights are too large for float32 */
mg_window_score mg_scorer_window(mg_scorer *scorer, int thread, const mg_base *base);

#endif
