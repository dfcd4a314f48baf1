/* wilcoxon.c  signed-rank test and Holm's correction */
#include "src/statistics/wilcoxon.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* P(W <= w) for n untied differences: of the 2^n choices of ranks, the share whose sum is at most w. The counts stay
 * below 2^25 and are exact in double. */
static double exact_at_most(double w, size_t n)
{
    double n_choices[MG_WILCOXON_EXACT_MAX * (MG_WILCOXON_EXACT_MAX + 1) / 2 + 1] = {1};
    size_t top = 0;
    for (size_t rank = 1; rank <= n; rank++) {
        top += rank;
        for (size_t sum = top; sum >= rank; sum--)
            n_choices[sum] += n_choices[sum - rank];
    }
    double at_most = 0;
    for (size_t sum = 0; sum <= top && (double)sum <= w; sum++)
        at_most += n_choices[sum];
    return ldexp(at_most, -(int)n);
}

static double exact_p(double w, size_t n)
{
    double top = 0.5 * (double)n * (double)(n + 1);
    double smaller = fmin(w, top - w); /* the distribution is symmetric */
    return fmin(1, 2 * exact_at_most(smaller, n));
}

static double normal_p(double w, double n, double ties)
{
    double distance = fabs(w - n * (n + 1) / 4);
    double variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
    double z = fmax(0, distance - 0.5) / sqrt(variance);
    return fmin(1, 2 * gsl_cdf_ugaussian_Q(z));
}

static size_t drop_zeros(double *difference, size_t n)
{
    size_t n_left = 0;
    for (size_t k = 0; k < n; k++)
        if (difference[k] != 0) difference[n_left++] = difference[k];
    return n_left;
}

double mg_wilcoxon(double *difference, size_t n, mg_sorter *sorter, double *magnitude, uint32_t *order)
{
    n = drop_zeros(difference, n);
    if (n < MG_WILCOXON_MIN) return NAN;
    for (size_t k = 0; k < n; k++)
        magnitude[k] = -fabs(difference[k]); /* smallest |difference| first */
    mg_sort_descending(sorter, magnitude, n, order);
    double w = 0, ties = 0;
    for (size_t k = 0; k < n;) {
        size_t begin = k, end = mg_tie_end(magnitude, order, k, n);
        double t = (double)(end - begin), rank = 0.5 * (double)(begin + 1 + end);
        ties += t * t * t - t;
        for (; k < end; k++)
            if (difference[order[k]] > 0) w += rank;
    }
    return n <= MG_WILCOXON_EXACT_MAX && ties == 0 ? exact_p(w, n) : normal_p(w, (double)n, ties);
}

/* The place of p[i] among all, ties by index; quadratic in all, but there are only as many p as pairs of methods. */
static size_t place_of(const double *p, size_t n, size_t i)
{
    size_t place = 0;
    for (size_t j = 0; j < n; j++)
        place += p[j] < p[i] || (p[j] == p[i] && j < i);
    return place;
}

void mg_holm(const double *p, size_t n, double *corrected, uint32_t *order)
{
    size_t n_tests = 0;
    for (size_t i = 0; i < n; i++) {
        corrected[i] = NAN;
        if (isnan(p[i])) continue;
        order[place_of(p, n, i)] = (uint32_t)i;
        n_tests++;
    }
    double largest = 0;
    for (size_t k = 0; k < n_tests; k++) {
        largest = fmax(largest, fmin(1, (double)(n_tests - k) * p[order[k]]));
        corrected[order[k]] = largest;
    }
}
