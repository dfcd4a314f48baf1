/* spread.h  quantiles and histograms of any number of values in a fixed room
 *
 * Values are counted by the upper 17 bits of the float (sign, exponent, eight bits of the mantissa), so a quantile is
 * right to 0.4% of itself. Counts do not depend on the order of the values.
 */
#ifndef MG_STATISTICS_SPREAD_H
#define MG_STATISTICS_SPREAD_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

typedef struct {
    int64_t *count; /* owned; one a bin */
    int64_t n;
} mg_spread; /* 1 MB */

/* mg_spread_create()  an empty one; MG_EMEM on failure. mg_spread_destroy() frees what it holds, not the struct. */
mg_status mg_spread_create(mg_spread *ret, mg_error *err);
void mg_spread_destroy(mg_spread *spread);

/* mg_spread_add()  take in a value; one that is not finite is left out */
void mg_spread_add(mg_spread *spread, float value);

/* mg_spread_quantile()  the value with a share q of all at or below it, 0 < q <= 1; NaN when empty */
double mg_spread_quantile(const mg_spread *spread, double q);

/* mg_spread_histogram()  counts between edges
 *
 * Args: edge - (n + 1) ascending; what lies outside is counted in the first and the last
 *       count - OUT (n) */
void mg_spread_histogram(const mg_spread *spread, const double *edge, size_t n, int64_t *count);

#endif
