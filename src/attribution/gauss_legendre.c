/* gauss_legendre.c  roots of P_n, counted from x = 1 downwards, as y = 1 - x, which keeps its digits where roots lie close
 *
 * Each root by Newton's method costs n steps of the recurrence, n^2 for all of them. Beyond 2,000 nodes only the first 64
 * roots and then every 256th are found so; the others follow from their neighbour. With P(x0) = 0 and P'(x0) = a_1 the
 * series P(x0 + t) = sum a_k t^k has, by (1 - x^2) P'' - 2 x P' + n (n + 1) P = 0,
 *
 *     a_(k+2) = (2 x0 (k + 1)^2 a_(k+1) + (k (k + 1) - n (n + 1)) a_k) / ((1 - x0^2) (k + 1) (k + 2))
 *
 * Rounding brings in some of the other solution, which is singular at x = 1: so not for the first roots, from which that
 * is no farther than the next root. Errors of the steps do not add up over more than 255 of them.
 */
#include "src/attribution/gauss_legendre.h"

#include <math.h>
#include <stdbool.h>

enum { ALL_BY_RECURRENCE = 2000, FIRST = 64, BETWEEN = 256, TERMS = 40, NEWTON = 8 };

static const long double pi = 3.141592653589793238462643383279502884L;

/* A root, and the slope of P_n there, in y. */
typedef struct {
    long double y, slope;
} root;

/* Tricomi: the k-th root from 1 on, x = (1 - c) cos(theta), to about n^-4. */
static long double guess(size_t n, size_t k)
{
    long double m = (long double)n, theta = pi * ((long double)k - 0.25L) / (m + 0.5L);
    long double half = sinl(theta / 2);
    return 2 * half * half + (1 - 1 / m) / (8 * m * m) * cosl(theta);
}

/* P_n(1 - y) and its slope in y, by the recurrence of the differences P_k - P_(k-1), which are small for small y. */
static long double legendre(size_t n, long double y, long double *slope)
{
    long double before = 1, here = 1 - y, difference = -y;
    for (size_t k = 2; k <= n; k++) {
        difference = ((long double)(k - 1) * difference - (long double)(2 * k - 1) * y * here) / (long double)k;
        before = here;
        here += difference;
    }
    *slope = -(long double)n * (before - (1 - y) * here) / (y * (2 - y));
    return here;
}

static root find_root(size_t n, size_t k)
{
    root r = {guess(n, k), 0};
    for (int i = 0; i < NEWTON; i++) {
        long double step = legendre(n, r.y, &r.slope) / r.slope;
        r.y -= step;
        if (fabsl(step) < 1e-18L * r.y) break;
    }
    legendre(n, r.y, &r.slope);
    return r;
}

/* P and its slope at from->y + t, by the series around that root (in y: t and x0 change their signs together). */
static long double series(size_t n, const root *from, long double t, long double *slope)
{
    long double x0 = from->y - 1, square = from->y * (2 - from->y), order = (long double)n * (long double)(n + 1);
    long double a = 0, b = from->slope * t, value = b, derivative = b; /* a_k t^k and a_(k+1) t^(k+1) */
    for (int k = 0; k < TERMS; k++) {
        long double j = (long double)k;
        long double c =
            (2 * x0 * (j + 1) * (j + 1) * b * t + (j * (j + 1) - order) * a * t * t) / (square * (j + 1) * (j + 2));
        value += c;
        derivative += (j + 2) * c;
        a = b;
        b = c;
    }
    *slope = derivative / t;
    return value;
}

/* The k-th root, by the one before it. */
static root next_root(size_t n, const root *before, size_t k)
{
    root r = {guess(n, k), 0};
    for (int i = 0; i < NEWTON; i++) {
        long double step = series(n, before, r.y - before->y, &r.slope) / r.slope;
        r.y -= step;
        if (fabsl(step) < 1e-19L * r.y) break;
    }
    series(n, before, r.y - before->y, &r.slope);
    return r;
}

void mg_gauss_legendre(size_t n, double *node, double *weight)
{
    root r = {0, 0};
    for (size_t k = 1; k <= n / 2 + n % 2; k++) {
        bool again = n <= ALL_BY_RECURRENCE || k <= FIRST || k % BETWEEN == 0;
        r = again ? find_root(n, k) : next_root(n, &r, k);
        if (2 * k == n + 1) { /* the middle of an odd number of nodes */
            r.y = 1;
            legendre(n, 1, &r.slope);
        }
        node[k - 1] = (double)(r.y / 2);
        node[n - k] = (double)(1 - r.y / 2);
        weight[n - k] = weight[k - 1] = (double)(1 / (r.y * (2 - r.y) * r.slope * r.slope)); /* half of [-1, 1]'s */
    }
}
