/* single.h  how far a method's claim is from the effects of single mutations, for one window (design.md section 3)
 *
 * Symbols: D(i,b) effect of putting base b at position i; e(i) = mean over the three b of -D(i,b); a(i) the method's
 * contribution; d(i,b) = c(i,b) - c(i,x_i) its own prediction of D. All are taken over the informative positions:
 * not left out by the task (a start codon), base known, and with a path to the output (not blind). A metric that is not
 * defined (constant input, fewer than 3 positions, no flip at all, a method without c) is NaN, never silently 0.
 */
#ifndef MG_FAITHFULNESS_SINGLE_H
#define MG_FAITHFULNESS_SINGLE_H

#include "src/core/status.h"
#include "src/faithfulness/metric.h"
#include "src/sequence/alphabet.h"
#include "src/sequence/regions.h"

/* The truth of one window, prepared once and used for every method. Opaque; made once a thread. */
typedef struct mg_truth mg_truth;

/* mg_truth_create()  for windows of regions->length bases; the regions are copied
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT for a length that cannot be compared. */
mg_status mg_truth_create(const mg_regions *regions, mg_truth **ret, mg_error *err);
void mg_truth_destroy(mg_truth *truth);

/* mg_truth_set()  take in a window's mutation effects: e, its ranks, its largest positions, which positions flip
 *
 * Args:     kind   - of the window, which says where its regions lie (src/sequence/regions.h)
 *           base   - (L) codes
 *           blind  - (L) true where no path leads to the output
 *           effect - (L, 4) D, A C G T, score units; NaN: not known, as where effects were measured and some were not.
 *                    Such substitutions are left out: e(i) is the mean over those that are known, and a position with
 *                    none is not informative
 *           score  - F of the window as it is; the call is F > 0, so a score with another boundary comes with that
 *                    boundary taken off. NaN: there is no call, so no position flips
 */
void mg_truth_set(mg_truth *truth, int kind, const mg_base *base, const bool *blind, const float *effect, double score);

/* mg_truth_compare()  all metrics of the family of one method on the window of the last mg_truth_set()
 *
 * Args:     contribution - (L) a
 *           hypothetical - (L, 4) c, or NULL when the method has none
 *           claimed_sum  - what a should sum to, NaN when the method claims no sum
 *           metric       - OUT (MG_N_WHOLE + 2 regions), in the order of mg_metric_set_single()
 */
void mg_truth_compare(mg_truth *truth, const float *contribution, const float *hypothetical, double claimed_sum,
                      float *metric);

/* mg_truth_items()  the informative positions of the window, ascending, and their e; valid until the next mg_truth_set()
 * Args:    position, effect - OUT (n)
 * Returns: n */
size_t mg_truth_items(const mg_truth *truth, const size_t **position, const double **effect);

#endif
