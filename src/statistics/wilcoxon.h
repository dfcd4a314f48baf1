/* wilcoxon.h  is one method better than another, over the same clusters */
#ifndef MG_STATISTICS_WILCOXON_H
#define MG_STATISTICS_WILCOXON_H

#include <stddef.h>
#include <stdint.h>

#include "src/faithfulness/rank.h"

enum {
    MG_WILCOXON_MIN = 5,       /* fewer differences than this cannot reach p < 0.1, and give NaN */
    MG_WILCOXON_EXACT_MAX = 25 /* up to here, and without ties, the exact distribution; above, the normal one */
};

/* mg_wilcoxon()  two-sided p of the signed-rank test that the paired differences lie symmetrically around 0
 *
 * Purpose:  Zero differences are dropped, |differences| get mid-ranks, W is the sum of the ranks of the positive ones.
 *           Exact: min(1, 2 min(P(W <= w), P(W >= w))). Normal: mean n(n+1)/4, variance n(n+1)(2n+1)/24 less
 *           sum(t^3 - t)/48 over runs of t ties, continuity correction 1/2.
 * Args:     difference - (n) finite; overwritten
 *           sorter     - for at least n numbers
 *           magnitude  - (n) scratch
 *           order      - (n) scratch
 * Source:   Wilcoxon 1945, Biometrics Bulletin 1:80; same choices as wilcox.test(paired) of R but for the limit of 25
 */
double mg_wilcoxon(double *difference, size_t n, mg_sorter *sorter, double *magnitude, uint32_t *order);

/* mg_holm()  Holm's correction of n p-values (NaN: no test, not counted)
 *
 * Purpose:  the k-th smallest of m (k from 0) becomes the largest of min(1, (m - j) p_j) over j <= k.
 * Args:     p         - (n), at most a few hundred
 *           corrected - OUT (n)
 *           order     - (n) scratch
 * Source:   Holm 1979, Scand. J. Statist. 6:65
 */
void mg_holm(const double *p, size_t n, double *corrected, uint32_t *order);

#endif
