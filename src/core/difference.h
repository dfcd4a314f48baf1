/* difference.h  how far one array of numbers is from another: bit by bit, and by size
 *
 * Two numbers are the same when their bits are; any NaN is the same as any other, because NaN only says "not defined".
 */
#ifndef MG_CORE_DIFFERENCE_H
#define MG_CORE_DIFFERENCE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t n;           /* numbers compared */
    int64_t n_different; /* of them, not the same */
    int64_t n_undefined; /* of those, NaN on one side only */
    int64_t n_far;       /* of those, further apart than the tolerance, or NaN on one side only */
    double largest, sum; /* of |one - other|, where both are numbers */
    /* the first that is far: the place the caller gave its row, its index in the row, and both numbers */
    int64_t place, item;
    double one, other;
} mg_difference; /* begin with {0} */

/* mg_difference_add()  compare a row of n numbers; rows are added in a fixed order, so the sums have the same bits
 *
 * Args:     tolerance - of the row's largest |one|, or of 1 where that is smaller; 0: all that is not the same is far
 *           place     - what the caller calls the row
 */
void mg_difference_add(mg_difference *difference, const float *one, const float *other, size_t n, double tolerance,
                       int64_t place);
void mg_difference_add_double(mg_difference *difference, const double *one, const double *other, size_t n,
                              double tolerance, int64_t place);

/* mg_difference_join()  add what another array's comparison found; its first far number counts only where there was
 * none before */
void mg_difference_join(mg_difference *difference, const mg_difference *more);

/* mg_difference_mean()  mean of |one - other| over all numbers that are defined on both sides; 0 for none */
double mg_difference_mean(const mg_difference *difference);

#endif
