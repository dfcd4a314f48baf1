/* curves.h  how the score falls, and rises, as positions are taken out in the order of an attribution
 *
 * MoRF: the largest contribution first; LeRF: the smallest first. AOPC = 1 / (K + 1) sum over j = 0..K of (F(x) - F_j), where
 * F_j is the score after j positions (Samek et al. 2017, eq. 12); K is 20, or all n informative positions.
 *
 *   morf   AOPC of MoRF;  lerf   AOPC of LeRF;  area   morf - lerf, the area between the curves
 *   share  of the way from a random order to the order of the true effects e that MoRF goes:
 *          (morf - morf of random) / (morf of e - morf of random); NaN where the order of e does no better than the random one
 *
 * A point of a curve, morf_at_K and lerf_at_K, is F(x) - F_K: by how much the score has fallen when the K positions with the
 * largest (smallest) contributions are replaced, all at once, each by its substitute (MG_REPLACE_SUBSTITUTE). K = 1, 2, 5, 10, 20,
 * and F_K is what AOPC adds up, so points take no passes of their own. NaN in a window with fewer than K informative positions.
 * Points of a curve are parts of one measure, not measures: they have means and intervals, and no rank, place or test.
 */
#ifndef MG_FAITHFULNESS_CURVES_H
#define MG_FAITHFULNESS_CURVES_H

#include "src/faithfulness/trial.h"

enum { MG_CURVE_SHORT = 20 };

/* The two AOPC of an order; NaN: a contribution is not finite, or there is no position. */
typedef struct {
    double morf, lerf;
} mg_curve_pair;

/* mg_curves_aopc()  of at most k positions
 * Args: morf, lerf - OUT (k + 1) F_j of MoRF and of LeRF, as far as there are positions; each may be NULL */
mg_curve_pair mg_curves_aopc(const mg_trial *trial, const double *a, size_t k, mg_replacement replacement,
                             mg_trial_room *room, double *morf, double *lerf);

/* mg_curves_share()  NaN as told above */
double mg_curves_share(double morf, double random, double ceiling);

#endif
