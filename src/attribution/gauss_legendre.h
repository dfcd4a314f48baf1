/* gauss_legendre.h  nodes and weights of the Gauss-Legendre rule, to the last digit of a double
 *
 * gsl_integration_glfixed() has tables for some numbers of nodes and computes the others to about 1e-10: 9e-11 at 50
 * nodes, 5e-7 at 1,000. Here the nodes are roots of the Legendre polynomial by Newton's method in long double.
 */
#ifndef MG_ATTRIBUTION_GAUSS_LEGENDRE_H
#define MG_ATTRIBUTION_GAUSS_LEGENDRE_H

#include <stddef.h>

/* mg_gauss_legendre()  the rule of n nodes on [0, 1], n >= 1
 *
 * Purpose:  Exact for polynomials of degree 2 n - 1. Takes time in n^2 up to 2,000 nodes, and in n beyond: 100,000 nodes
 *           take about a second.
 * Args:     node, weight - OUT, n each; nodes ascending. Where long double is wider than double, both are right to the
 *                          last bit but one (absolutely: 1e-16)
 * Source:   Newton's method on the three-term recurrence, from Tricomi's approximation (Lether 1978); from one root to the next
 *           by the Taylor series that the differential equation gives (Glaser, Liu, Rokhlin, SIAM J. Sci. Comput. 29, 2007).
 * Test:     tests/unit/test_gauss_legendre.c, against 50 digits of tests/oracle/gauss_legendre.py
 */
void mg_gauss_legendre(size_t n, double *node, double *weight);

#endif
