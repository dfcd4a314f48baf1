/* friedman.h  do methods differ in rank, and by how much must two differ to be told apart
 *
 * A block is what is ranked together: a cluster, whose methods are compared on the same windows. Friedman's test
 * asks whether any method differs; the critical difference of Nemenyi's test tells which mean ranks do.
 * Sources: Friedman 1937, J. Am. Stat. Assoc. 32:675; Iman & Davenport 1980, Commun. Stat. A9:571; Demsar 2006,
 * J. Mach. Learn. Res. 7:1 for the critical difference.
 */
#ifndef MG_STATISTICS_FRIEDMAN_H
#define MG_STATISTICS_FRIEDMAN_H

#include <stddef.h>
#include <stdint.h>

/* Ranks in the making. */
typedef struct {
    size_t n_methods;
    double *rank_sum; /* (n_methods) kept by the caller, zero at first */
    double squares;   /* sum of the squares of all ranks */
    int64_t n_blocks;
} mg_friedman_sums;

typedef struct {
    int64_t n_blocks;
    size_t n_methods;
    double chi2, df, p;         /* corrected for ties; NaN with fewer than two methods or blocks, or all tied */
    double f, df1, df2, p_f;    /* Iman and Davenport's form; p_f 0 and f infinite when all blocks agree */
    double critical_difference; /* of mean ranks, at 0.05; NaN without blocks */
} mg_friedman;

/* mg_friedman_add()  rank one block: merit (n_methods), larger is better and gets the lower rank; mid-ranks for ties */
void mg_friedman_add(mg_friedman_sums *sums, const double *merit);

mg_friedman mg_friedman_test(const mg_friedman_sums *sums);

/* mg_studentised_range()  P(Q <= q) of the range of k independent standard normal numbers, k >= 2 (the studentised
 * range with infinitely many degrees of freedom); right to 1e-12 */
double mg_studentised_range(double q, size_t k);

/* mg_studentised_range_quantile()  the q with P(Q <= q) = p, 0 < p < 1 */
double mg_studentised_range_quantile(double p, size_t k);

/* mg_nemenyi_p()  p that two of k methods whose mean ranks over n blocks differ by `difference` do not differ */
double mg_nemenyi_p(double difference, size_t k, int64_t n_blocks);

#endif
