/* robustness.h  does an attribution say the same of nearly the same input, and when it is asked again?
 *
 * max_sensitivity  largest ||a(x') - a(x)|| / ||a(x)|| over 10 neighbours x' that differ from x in one base, drawn for the window
 *                  (Yeh et al. 2019, def. 3.1, with substitutions in place of noise); of random numbers a method takes the same
 * spread           of a method that draws (references, noise, sets): it is asked with 4 further draws; root of the sum over
 *                  positions of the variance over the 5, over ||mean of the 5||. NaN where all five say the same: nothing is drawn
 */
#ifndef MG_FAITHFULNESS_ROBUSTNESS_H
#define MG_FAITHFULNESS_ROBUSTNESS_H

#include "src/faithfulness/trial.h"

enum { MG_NEIGHBOURS = 10, MG_FURTHER_DRAWS = 4 };

/* One base that is another. */
typedef struct {
    size_t position;
    mg_base base;
} mg_neighbour;

/* mg_robustness_draw()  neighbours of a window, from its seed: neighbour - OUT (MG_NEIGHBOURS); no informative position: none is
 * drawn, and false */
bool mg_robustness_draw(const mg_trial *trial, mg_neighbour *neighbour);

/* mg_robustness_sensitivity()  over n neighbours; NaN when the method cannot be asked, or says 0 everywhere
 * Args: base - (L) scratch;  other - (L) scratch */
double mg_robustness_sensitivity(const mg_trial *trial, const mg_claim *claim, const mg_neighbour *neighbour, size_t n,
                                 mg_base *base, double *other);

/* mg_robustness_spread()  sum, squares, other - (L) scratch */
double mg_robustness_spread(const mg_trial *trial, const mg_claim *claim, double *sum, double *squares, double *other);

#endif
