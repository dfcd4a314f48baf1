/* sets.h  does an attribution find the sets of positions that matter together?
 *
 * captured_k          sum of the true effects e over the k largest contributions, as a share of the largest sum there is; NaN
 *                     where that sum is not above 0, or there are no more than k positions
 * comprehensiveness_p F(x) - F without the top ceil(p% of n) positions (DeYoung et al. 2020)
 * sufficiency_p       F(x) - F with every other informative position taken out
 * sensitivity_m       Pearson correlation over 100 random sets of m positions of the sum of a over the set and F(x) - F without
 *                     the set (Ancona et al. 2018, def. 2)
 * infidelity          mean over perturbations I of (beta * (sum of I phi) - (F(x) - F(x - I)))^2, where beta is the best single
 *                     factor of the window, sum(dot delta) / sum(dot^2) (Yeh et al. 2019, def. 2.1, scaled as in their code):
 *                     60 masks that take each informative position out (row of zeros) with probability 0.1 and phi = a; or 60
 *                     of normal noise, sigma 0.1, and phi = c
 */
#ifndef MG_FAITHFULNESS_SETS_H
#define MG_FAITHFULNESS_SETS_H

#include "src/faithfulness/trial.h"

enum { MG_SETS_DRAWN = 100, MG_SETS_MASKS = 60 };

double mg_sets_captured(const mg_trial *trial, const double *a, size_t k, mg_trial_room *room);

/* mg_sets_top()  ceil(percent of n) */
size_t mg_sets_top(size_t n, size_t percent);

/* mg_sets_erasure()  F(x) - F without the k largest contributions (rest: with none but them, of the informative ones); NaN:
 * a contribution is not finite */
double mg_sets_erasure(const mg_trial *trial, const double *a, size_t k, bool rest, mg_replacement replacement,
                       mg_trial_room *room);

/* mg_sets_delta()  F(x) - F without each of n_sets sets, in (n_sets, L): delta - OUT (n_sets) */
void mg_sets_delta(const mg_trial *trial, const bool *in, size_t n_sets, mg_replacement replacement,
                   mg_trial_room *room, double *delta);

/* mg_sets_sums()  sum of a over each set: sum - OUT (n_sets) */
void mg_sets_sums(const mg_trial *trial, const double *a, const bool *in, size_t n_sets, double *sum);

/* mg_sets_sensitivity(), mg_sets_infidelity()  of n sums and deltas; NaN where not defined.  work - (n) scratch */
double mg_sets_sensitivity(const double *sum, const double *delta, size_t n, double *work);
double mg_sets_infidelity(const double *dot, const double *delta, size_t n, bool scaled);

/* mg_sets_draw(), mg_sets_draw_masks()  sets of a window, from its seed: in - OUT (MG_SETS_DRAWN, L) of m positions each, or of
 * all n when there are fewer; (MG_SETS_MASKS, L) with each informative position with probability 0.1 */
void mg_sets_draw(const mg_trial *trial, size_t m, mg_trial_room *room, bool *in);
void mg_sets_draw_masks(const mg_trial *trial, bool *in);

/* mg_sets_draw_noise()  noise - OUT (L, 4) perturbation k, normal with sigma 0.1 (Box and Muller) */
void mg_sets_draw_noise(const mg_trial *trial, size_t k, double *noise);

#endif
