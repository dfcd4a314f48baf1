/* claims.h  what may be claimed when several comparisons are shown side by side
 *
 * A comparison is the methods under one measure, with a row for each and a pair for each two. Whoever shows many of them
 * and points at those that are significant makes many claims at once: with twenty comparisons of equal methods, one is
 * expected to be significant at 0.05. So the tests of all comparisons that are shown are one family, corrected together.
 */
#ifndef MG_STATISTICS_CLAIMS_H
#define MG_STATISTICS_CLAIMS_H

#include <stddef.h>

#include "src/core/status.h"
#include "src/statistics/summary.h"
#include "src/statistics/winner.h"

/* Plain pointers into what the caller keeps. */
typedef struct {
    const mg_summary_row *row; /* (n_methods) */
    mg_summary_pair *pair;     /* (mg_summary_n_pairs(n_methods)); p_holm is written by mg_claims_correct() */
} mg_comparison;

/* mg_claims_correct()  Holm's correction (wilcoxon.h) over the tests of all comparisons together
 *
 * Args:     ret_n_tests - OUT, how many there are: those with a p
 * Returns:  MG_OK or MG_EMEM (then nothing is changed).
 */
mg_status mg_claims_correct(const mg_comparison *comparison, size_t n, size_t n_methods, size_t *ret_n_tests,
                            mg_error *err);

/* What is said of all of them. */
typedef enum {
    MG_LEAD_NONE, /* in no comparison does any method win (winner.h) */
    MG_LEAD_SOME, /* a method wins in some, but none in all */
    MG_LEAD_ALL   /* one method wins in all */
} mg_lead;

/* mg_claims_lead()  does one method lead in all?
 *
 * Args:     winner - OUT (n) of each comparison
 *           leader - OUT, the method that wins in all; of MG_LEAD_SOME, the one that wins in most, the first of equals
 */
mg_lead mg_claims_lead(const mg_comparison *comparison, size_t n, size_t n_methods, mg_winner *winner, size_t *leader);

#endif
