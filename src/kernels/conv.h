/* conv.h  sums of weight rows over dense inputs: what rows() of kernels.h gives, where few inputs are zero
 *
 * Each output adds its terms in the order of tap, then channel, which is that of rows(), zeros or not; so both give the same
 * bits on an instruction set with fused multiply-add (a bias of -0 apart), for any tiling and any width of vectors. A map
 * backward is a map with its taps reversed (src/engine/map.c), so this is forward and backward in one.
 */
#ifndef MG_KERNELS_CONV_H
#define MG_KERNELS_CONV_H

#include <stdbool.h>
#include <stdint.h>

struct mg_rows;

typedef struct {
    /* outputs()  outputs t_begin .. t_end - 1 of any map, all groups of blocks; bias is added when with_bias
     *            in: (in_length, in_stride); out: (t_end - t_begin, out_stride) */
    void (*outputs)(const struct mg_rows *op, const float *in, int64_t t_begin, int64_t t_end, bool with_bias,
                    float *out);
} mg_conv_kernels;

#endif
