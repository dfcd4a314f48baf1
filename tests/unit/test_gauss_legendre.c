/* test_gauss_legendre.c  nodes and weights against 45 digits of tests/oracle/gauss_legendre.py, and what a rule must be */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "src/attribution/gauss_legendre.h"

/* n, k-th node, its place, its weight */
static const struct {
    size_t n, k;
    double node, weight;
} known[] = {
    {2, 1, 2.11324865405187117745e-1, 5.00000000000000000000e-1},
    {50, 1, 5.66797789964474907270e-4, 1.45431127657757047920e-3},
    {50, 2, 2.98401528395464370745e-3, 3.37989959787270075139e-3},
    {50, 25, 4.84450830836405561944e-1, 3.10883083276736311605e-2},
    {1000, 1, 1.44435096224471506185e-6, 3.70666920821603575874e-6},
    {1000, 300, 2.05599576230944130869e-1, 1.26900559790549450542e-3},
    {1000, 500, 4.99214994759958403085e-1, 1.57000919009143389350e-3},
    {2001, 1, 3.60907507410441461013e-7, 9.26205100306547509844e-7},
    {2001, 2, 1.90159918127098353073e-6, 2.15602695642948439382e-6},
    {2001, 64, 2.50108953385595301596e-3, 7.83995833739547971087e-5},
    {2001, 65, 2.58010192997890322976e-3, 7.96251764280861896616e-5},
    {2001, 700, 2.72462990726239652452e-1, 6.98836477686307917137e-4},
    {2001, 1000, 4.99215190790514650318e-1, 7.84808564972672888249e-4},
    {100000, 1, 1.44578203279849852457e-10, 3.71034358179235901061e-10},
    {100000, 2, 7.61773940633318248813e-10, 8.63697359326298411728e-10},
    {100000, 64, 1.00276311547060211778e-6, 3.14590284091279947089e-8},
    {100000, 65, 1.03446888102227519122e-6, 3.19525026890041642025e-8},
    {100000, 30000, 2.06102290702365429554e-1, 1.27078296668994563288e-5},
    {100000, 50000, 4.99992146057636158489e-1, 1.57078847263911137457e-5},
};

/* One bit, or two: what rounds twice may be off by that. */
static void assert_near(double is, double should)
{
    if (!(fabs(is - should) <= 4.5e-16 * fabs(should))) fail_msg("%.17g is not %.17g", is, should);
}

static void test_digits(void **state)
{
    (void)state;
    double *node = calloc(100000, sizeof *node), *weight = calloc(100000, sizeof *weight);
    size_t made = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = known[i].n, k = known[i].k;
        if (n != made) mg_gauss_legendre(n, node, weight);
        made = n;
        assert_near(node[k - 1], known[i].node);
        assert_near(weight[k - 1], known[i].weight);
        assert_near(node[n - k], 1 - known[i].node);
        assert_true(weight[n - k] == weight[k - 1]);
    }
    free(node);
    free(weight);
}

/* Nodes ascend, and the rule integrates x^p for p < 2 n. */
static void test_rules(void **state)
{
    (void)state;
    static const size_t n_nodes[] = {1, 2, 3, 4, 5, 7, 10, 50, 51, 333, 1999, 2000, 2001, 2065, 5000};
    double *node = calloc(5000, sizeof *node), *weight = calloc(5000, sizeof *weight);
    for (size_t i = 0; i < sizeof n_nodes / sizeof *n_nodes; i++) {
        size_t n = n_nodes[i];
        mg_gauss_legendre(n, node, weight);
        for (size_t k = 1; k < n; k++)
            assert_true(node[k] > node[k - 1]);
        assert_true(node[0] > 0 && node[n - 1] < 1);
        if (n % 2 == 1) assert_true(node[n / 2] == 0.5);
        for (size_t p = 0; p < 2 * n && p < 120; p++) {
            long double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += (long double)weight[k] * powl((long double)node[k], (long double)p);
            double error = (double)(sum * (long double)(p + 1) - 1);
            if (fabs(error) > 3e-15) fail_msg("%zu nodes, x^%zu: off by %g", n, p, error);
        }
    }
    free(node);
    free(weight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_digits), cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests_name("gauss_legendre", tests, NULL, NULL);
}
