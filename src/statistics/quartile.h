/* quartile.h  exact quartiles of numbers that come by three times and are not kept
 *
 * The 32 bits of a float, turned so that their unsigned order is that of the numbers, are looked at from the top, 11 or
 * 10 at a time. A sweep over all numbers counts those that share the bits known so far with an order statistic that is
 * wanted, by their next bits; so the next bits become known. After three sweeps all 32 are. Memory does not depend on
 * how many numbers there are (Knuth, The Art of Computer Programming 3, section 5.2.5: radix selection).
 */
#ifndef MG_STATISTICS_QUARTILE_H
#define MG_STATISTICS_QUARTILE_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum {
    MG_QUARTILE_SWEEPS = 3,
    MG_QUARTILE_WANTED = 6, /* two neighbours for each of three quartiles */
    MG_QUARTILE_COUNTERS = 1 << 11
};

typedef struct {
    int sweep;
    int64_t n; /* numbers */
    int n_tables;
    uint32_t shared[MG_QUARTILE_WANTED]; /* of each table: the upper bits of the numbers it counts */
    int table[MG_QUARTILE_WANTED];       /* of each order statistic: its table, ... */
    int64_t place[MG_QUARTILE_WANTED];   /* ... and how many numbers of it are smaller */
    uint32_t count[MG_QUARTILE_WANTED + 1][MG_QUARTILE_COUNTERS]; /* the last one: of those that share nothing */
} mg_quartiles;                                                   /* begin with {.n_tables = 1} and the rest zero */

/* mg_quartiles_add()  a finite number of this sweep; at most UINT32_MAX of them */
void mg_quartiles_add(mg_quartiles *quartiles, float value);

/* mg_quartiles_add_all()  n numbers of this sweep; those that are not finite are passed over */
void mg_quartiles_add_all(mg_quartiles *quartiles, const float *value, size_t n);

/* mg_quartiles_next()  the sweep is over; all numbers will come again, in any order */
void mg_quartiles_next(mg_quartiles *quartiles);

/* mg_quartiles_get()  after the last sweep: lower quartile, median, upper quartile; NaN without numbers
 *
 * Purpose:  At f of 0.25, 0.5, 0.75: with h = f (n - 1), the numbers of rank floor(h) and floor(h) + 1, from 0, mixed
 *           by what is left of h (type 7 of Hyndman & Fan 1996, as GSL, numpy and R do). -0 counts as +0.
 */
void mg_quartiles_get(const mg_quartiles *quartiles, double ret[3]);

#endif
