/* taps.h  which taps of a linear operator carry an input to which outputs; for kernels/ only */
#ifndef MG_KERNELS_TAPS_H
#define MG_KERNELS_TAPS_H

#include "src/kernels/kernels.h"

static inline int64_t ceil_div(int64_t a, int64_t b)
{
    return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

/* The taps that carry an input whose place among outputs is `at` (tap 0, step 1) to outputs t_begin .. t_end - 1; with a
 * step, those among them that meet an output at all. */
static inline void tap_range(const mg_rows *op, int64_t at, int64_t t_begin, int64_t t_end, int64_t *k_begin,
                             int64_t *k_end)
{
    int64_t lo = at - (t_end - 1) * op->step, hi = at - t_begin * op->step;
    if (op->dilation != 1) {
        lo = ceil_div(lo, op->dilation);
        hi = hi < 0 ? -1 : hi / op->dilation;
    }
    *k_begin = lo > 0 ? lo : 0;
    *k_end = hi + 1 < op->taps ? hi + 1 : op->taps;
}

#endif
