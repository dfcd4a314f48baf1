/* probability.c  difference of two logistic values
 *
 * With p = s(f) and q = s(-f) = 1 - p:  s(f + d) - s(f) = p q (e^d - 1) / (q + p e^d). For d > 0 the same is taken from
 * the other side, -(s(-f - d) - s(-f)), so that no exponential overflows.
 */
#include "src/engine/probability.h"

#include <math.h>

double mg_probability_change(double f, double d)
{
    double sign = d > 0 ? -1 : 1, g = sign * f, e = -fabs(d);
    double p = 1 / (1 + exp(-g)), q = 1 / (1 + exp(g));
    if (q == 0) { /* p is 1: what is lost is s(-(g + e)) */
        double z = g + e;
        return sign * -1 / (1 + exp(z));
    }
    return sign * p * q * expm1(e) / (q + p * exp(e));
}
