/* magnitude.h  magnitudes in order */
#ifndef MG_FAITHFULNESS_MAGNITUDE_H
#define MG_FAITHFULNESS_MAGNITUDE_H

#include "src/faithfulness/rank.h"

enum { MG_RUN_ENDS = 4 };

/* mg_order_magnitudes()  the order of |value|, without another sort; equal ones in any order
 * Args:     row       - finite numbers in order
 *           magnitude - OUT (n) |value|;  order - OUT (n) indices, the largest magnitude first
 *           room      - (2 n + MG_RUN_ENDS) scratch
 * Returns:  magnitude and order */
mg_ordered mg_order_magnitudes(const mg_ordered *row, double *magnitude, uint32_t *order, uint64_t *room);

#endif
