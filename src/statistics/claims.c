/* claims.c  all tests in one list, corrected, and given back */
#include "src/statistics/claims.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "src/core/memory.h"
#include "src/statistics/wilcoxon.h"

mg_status mg_claims_correct(const mg_comparison *comparison, size_t n, size_t n_methods, size_t *ret_n_tests,
                            mg_error *err)
{
    size_t n_pairs = mg_summary_n_pairs(n_methods);
    double *p = NULL, *corrected = NULL;
    uint32_t *order = NULL;
    mg_status status = mg_alloc(&p, n, n_pairs * sizeof *p, err);
    if (status == MG_OK) status = mg_alloc(&corrected, n, n_pairs * sizeof *corrected, err);
    if (status == MG_OK) status = mg_alloc(&order, n, n_pairs * sizeof *order, err);
    if (status == MG_OK) {
        *ret_n_tests = 0;
        for (size_t k = 0; k < n * n_pairs; k++) {
            p[k] = comparison[k / n_pairs].pair[k % n_pairs].p;
            *ret_n_tests += isnan(p[k]) ? 0 : 1;
        }
        mg_holm(p, n * n_pairs, corrected, order);
        for (size_t k = 0; k < n * n_pairs; k++)
            comparison[k / n_pairs].pair[k % n_pairs].p_holm = corrected[k];
    }
    free(p);
    free(corrected);
    free(order);
    return status;
}

static size_t count_wins(const mg_winner *winner, size_t n, size_t method)
{
    size_t n_wins = 0;
    for (size_t k = 0; k < n; k++)
        n_wins += winner[k].wins && winner[k].leader == method;
    return n_wins;
}

mg_lead mg_claims_lead(const mg_comparison *comparison, size_t n, size_t n_methods, mg_winner *winner, size_t *leader)
{
    size_t most = 0;
    *leader = 0;
    for (size_t k = 0; k < n; k++)
        winner[k] = mg_find_winner(comparison[k].row, comparison[k].pair, n_methods, NULL);
    for (size_t m = 0; m < n_methods; m++) {
        size_t n_wins = count_wins(winner, n, m);
        if (n_wins <= most) continue;
        most = n_wins;
        *leader = m;
    }
    return most == 0 ? MG_LEAD_NONE : most == n ? MG_LEAD_ALL : MG_LEAD_SOME;
}
