/* ceiling.h  how well a perfect prediction can be expected to correlate with measurements that have errors
 *
 * A measurement is what is true and an error; the errors' mean square v is a part of the measurements' variance s^2. The
 * correlation of what is true with what was measured is then sqrt(1 - v / s^2), and no prediction can be expected to do
 * better. Source: Spearman 1904, Am. J. Psychol. 15:72, with one of the two variables free of error.
 */
#ifndef MG_STATISTICS_CEILING_H
#define MG_STATISTICS_CEILING_H

#include <stddef.h>

/* mg_noise_ceiling()  of n values with standard errors, both finite
 * Returns: 0 where the errors alone explain the variance; NaN with fewer than 3 values, or equal ones */
double mg_noise_ceiling(const double *value, const double *se, size_t n);

#endif
