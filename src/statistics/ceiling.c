/* ceiling.c  variance of the values, mean square of their errors */
#include "src/statistics/ceiling.h"

#include <math.h>

double mg_noise_ceiling(const double *value, const double *se, size_t n)
{
    double mean = 0, squares = 0, noise = 0;
    if (n < 3) return NAN;
    for (size_t i = 0; i < n; i++)
        mean += value[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        squares += (value[i] - mean) * (value[i] - mean);
        noise += se[i] * se[i];
    }
    double variance = squares / (double)(n - 1);
    if (!(variance > 1e-24 * mean * mean)) return NAN;
    return sqrt(fmax(0, 1 - noise / (double)n / variance));
}
