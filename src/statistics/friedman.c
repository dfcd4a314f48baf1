/* friedman.c  Friedman's test, and Nemenyi's by the range of normal numbers
 *
 * The distribution of the range R of k standard normal numbers is
 *
 *     P(R <= q) = k * integral of phi(z) (Phi(z) - Phi(z - q))^(k-1) dz,
 *
 * z being the largest. The integrand is smooth and vanishes at both ends like phi, so the trapezoid rule on a fixed
 * grid has no error worth naming: with a step of 1/8 it is right to 1e-13.
 */
#include "src/statistics/friedman.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

static const double significant = 0.05;

void mg_friedman_add(mg_friedman_sums *sums, const double *merit)
{
    for (size_t m = 0; m < sums->n_methods; m++) {
        int n_better = 0, n_equal = 0;
        for (size_t o = 0; o < sums->n_methods; o++) {
            n_better += merit[o] > merit[m];
            n_equal += merit[o] == merit[m];
        }
        double rank = n_better + 0.5 * (1 + n_equal);
        sums->rank_sum[m] += rank;
        sums->squares += rank * rank;
    }
    sums->n_blocks++;
}

/* Standard error of the difference of two mean ranks. */
static double rank_error(size_t k, int64_t n_blocks)
{
    double methods = (double)k;
    return sqrt(methods * (methods + 1) / (6 * (double)n_blocks));
}

mg_friedman mg_friedman_test(const mg_friedman_sums *sums)
{
    double k = (double)sums->n_methods, n = (double)sums->n_blocks, between = 0;
    mg_friedman test = {.n_blocks = sums->n_blocks, .n_methods = sums->n_methods};
    test.chi2 = test.df = test.p = test.f = test.df1 = test.df2 = test.p_f = test.critical_difference = NAN;
    if (sums->n_methods < 2 || sums->n_blocks < 1) return test;
    test.critical_difference = mg_studentised_range_quantile(1 - significant, sums->n_methods) / M_SQRT2 *
                               rank_error(sums->n_methods, sums->n_blocks);
    double middle = n * (k + 1) / 2, within = sums->squares - n * k * (k + 1) * (k + 1) / 4;
    for (size_t m = 0; m < sums->n_methods; m++)
        between += (sums->rank_sum[m] - middle) * (sums->rank_sum[m] - middle);
    if (sums->n_blocks < 2 || !(within > 0)) return test;
    test.df = test.df1 = k - 1;
    test.df2 = (k - 1) * (n - 1);
    test.chi2 = (k - 1) * between / within;
    test.p = gsl_cdf_chisq_Q(test.chi2, test.df);
    double rest = n * (k - 1) - test.chi2;
    test.f = rest > 0 ? (n - 1) * test.chi2 / rest : INFINITY;
    test.p_f = rest > 0 ? gsl_cdf_fdist_Q(test.f, test.df1, test.df2) : 0;
    return test;
}

double mg_studentised_range(double q, size_t k)
{
    enum { STEPS_A_UNIT = 8, FAR = 9 }; /* beyond 9 the integrand is below 1e-18 */
    if (!(q > 0)) return 0;
    double sum = 0;
    for (int step = -FAR * STEPS_A_UNIT; step <= FAR * STEPS_A_UNIT; step++) {
        double z = (double)step / STEPS_A_UNIT;
        sum += gsl_ran_ugaussian_pdf(z) * pow(gsl_cdf_ugaussian_P(z) - gsl_cdf_ugaussian_P(z - q), (double)(k - 1));
    }
    return fmin(1, (double)k * sum / STEPS_A_UNIT);
}

double mg_studentised_range_quantile(double p, size_t k)
{
    double low = 0, high = 1;
    while (mg_studentised_range(high, k) < p && high < 100)
        high *= 2;
    for (int halvings = 0; halvings < 50; halvings++) {
        double middle = 0.5 * (low + high);
        if (mg_studentised_range(middle, k) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

double mg_nemenyi_p(double difference, size_t k, int64_t n_blocks)
{
    if (k < 2 || n_blocks < 1 || isnan(difference)) return NAN;
    return 1 - mg_studentised_range(fabs(difference) * M_SQRT2 / rank_error(k, n_blocks), k);
}
