/* places.h  sums of weight rows over the places of inputs that stay dense, output by output
 *
 * The same sums as rows() of kernels.h, with the same bits, for plain linear layers with many outputs whose weights fit
 * the second cache. Where a list moves the nonzero values together, places only tell where they are; the values are
 * fetched from where they stand, so what made them writes no list of them.
 */
#ifndef MG_KERNELS_PLACES_H
#define MG_KERNELS_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "src/kernels/delta.h"

struct mg_rows;

/* Which maps have `flat` weights: dilation 1, divide 1, MG_FLAT_OUTPUTS to MG_FLAT_PART outputs, or a multiple of the latter
 * (padded), and not more weights than the second cache holds. Fewer outputs do not keep a core's multipliers busy. */
enum { MG_FLAT_BYTES = 524288, MG_FLAT_OUTPUTS = 64 };
enum { MG_FLAT_PART = 128 }; /* outputs whose weights lie together, if there are so many */

/* MG_SHARED inputs, all zero but at positions p_begin .. p_end - 1, and where these are not. */
typedef struct {
    mg_places places;
    const float *x; /* (p_end - p_begin, stride) of the first; of the others x_step floats further each */
    int64_t x_step, p_begin, p_end;
} mg_sparse;

/* A map with `flat` weights and a max pooling behind it, of windows that do not overlap,
 * with dilation 1. */
typedef struct {
    const struct mg_rows *op;
    const mg_pooling *pooling;
    bool with_relu;      /* max(., 0) first */
    const float *base;   /* (out_length, out_stride) the window's own outputs of the map ... */
    const float *pooled; /* ... and its own maxima */
} mg_pooled_rows;

typedef struct {
    /* find()  the places of `in` among `channels` of them; in->places is filled */
    void (*find)(mg_sparse *in, int64_t stride, int64_t channels);
    /* rows()  outputs t_begin .. t_end - 1 of a map that has `flat` weights; bias is added when with_bias
     *         out: (t_end - t_begin, out_stride), those of the next input out_step floats further */
    void (*rows)(const struct mg_rows *op, const mg_sparse *in, int64_t t_begin, int64_t t_end, bool with_bias,
                 float *out, int64_t out_step);
    /* dot_rows()  rows() of output t alone, without bias, and relu_dot() of delta.h behind it, so that what lies between stays
     *             in registers; base: (out_stride) the window's own output t
     *             out: the sum of each input, out_step floats apart */
    void (*dot_rows)(const struct mg_rows *op, const mg_sparse *in, int64_t t, const float *base, const float *weight,
                     float *out, int64_t out_step);
    /* max_pool()  max_pool() of delta.h for all channels: dense to out, and the places where any of them is not zero */
    void (*max_pool)(const mg_difference *in, const mg_pooling *pooling, bool with_relu, const float *pooled,
                     int64_t t_begin, int64_t t_end, float *out, int64_t out_step, mg_places *places);
    /* pool_rows()  rows() without bias, then max_pool(), window by window, so that what lies between stays in registers */
    void (*pool_rows)(const mg_pooled_rows *step, const mg_sparse *in, int64_t t_begin, int64_t t_end, float *out,
                      int64_t out_step, mg_places *places);
} mg_place_kernels;

#endif
