/* dense.h  what the sparse kernels are compared with: a well-blocked dense product, and the machine's peak
 *
 * Used by the naive scan (src/commands/bench/naive.h) and by mutagree bench, nowhere else.
 */
#ifndef MG_KERNELS_DENSE_H
#define MG_KERNELS_DENSE_H

#include <stdint.h>

struct mg_rows;

typedef struct {
    /* product()  out row r = bias + sum over taps and channels of W times the input at `in` + r * in_step floats; the
     *            input is padded already, tap k stands k * dilation * in_stride further on; out rows are out_step
     *            floats apart */
    void (*product)(const struct mg_rows *op, const float *in, int64_t in_step, int64_t n_rows, float *out,
                    int64_t out_step);
    /* peak()  do n * MG_PEAK_MACS fused multiply-adds on registers alone; returns a number that depends on all of
     *         them */
    float (*peak)(int64_t n);
} mg_dense_kernels;

enum { MG_PEAK_SUMS = 12, MG_PEAK_LANES = 16, MG_PEAK_MACS = MG_PEAK_SUMS * MG_PEAK_LANES };

#endif
