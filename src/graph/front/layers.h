/* layers.h  layers as other programs have them, on views: each adds the nodes that do the same and gives the view of its output
 *
 * Tensors are channels first: (1, channels, positions), or (1, channels, rows, columns) of a picture, of which one axis runs
 * along the window; the other one is short and becomes part of the channels, so that a kernel over all of it is an ordinary
 * convolution, and one that slides along it is a convolution whose weights stand there several times. Who reads a file of
 * channels last transposes views, which costs nothing.
 */
#ifndef MG_GRAPH_FRONT_LAYERS_H
#define MG_GRAPH_FRONT_LAYERS_H

#include "src/graph/front/matrix.h"

/* A window that slides over one or two axes. */
typedef struct {
    int64_t kernel[2], stride[2], dilation[2], before[2], behind[2]; /* before, behind: positions of padding */
    int64_t groups;                                                  /* of a convolution */
    bool ceil, count_pad;                                            /* of a pool */
} mg_window_words;

/* mg_window_plain()  kernel 1, stride 1, no padding */
mg_window_words mg_window_plain(void);

/* mg_window_same()  padding so that axis d of `length` elements gives ceil(length / stride), as `same` and SAME_UPPER say:
 * one more behind than before where it is odd (or before: lower) */
void mg_window_same(mg_window_words *words, int d, int64_t length, bool lower);

/* mg_front_conv()  weight (out, in / groups, kernel...), bias (out) or NULL
 * mg_front_conv_transposed()  weight (in, out / groups, kernel); `before` and `behind` are cut off, behind may be negative */
mg_status mg_front_conv(mg_front *front, const mg_view *in, const mg_window_words *words, const mg_view *weight,
                        const mg_view *bias, mg_view *ret, mg_error *err);
mg_status mg_front_conv_transposed(mg_front *front, const mg_view *in, const mg_window_words *words,
                                   const mg_view *weight, const mg_view *bias, mg_view *ret, mg_error *err);

typedef enum { MG_POOL_MAX, MG_POOL_AVERAGE } mg_pool_kind;

mg_status mg_front_pool(mg_front *front, mg_pool_kind kind, const mg_view *in, const mg_window_words *words,
                        mg_view *ret, mg_error *err);

/* mg_front_linear()  contract the last axis: weight (out, in), bias (out) or NULL; (..., in) becomes (..., out) */
mg_status mg_front_linear(mg_front *front, const mg_view *in, const mg_view *weight, const mg_view *bias, mg_view *ret,
                          mg_error *err);

/* mg_front_affine()  scale and shift (dim[axis]) along an axis; either may be NULL (1, 0) */
mg_status mg_front_affine(mg_front *front, const mg_view *in, int axis, const double *scale, const double *shift,
                          mg_view *ret, mg_error *err);

/* mg_front_batch_norm()  scale, shift, mean, variance: constants of dim[axis] numbers; scale and shift may be NULL */
mg_status mg_front_batch_norm(mg_front *front, const mg_view *in, int axis, const mg_view *const part[4], double eps,
                              mg_view *ret, mg_error *err);

/* mg_front_prelu()  slopes along an axis: one number, or dim[axis] */
mg_status mg_front_prelu(mg_front *front, const mg_view *in, int axis, const mg_view *slope, mg_view *ret,
                         mg_error *err);

/* mg_front_layer_norm()  over the channels at each position: all axes but the batch and `positions`
 * mg_front_group_norm()  (1, channels, positions): over all positions of each of so many groups; scale and shift (channels)
 * or NULL */
mg_status mg_front_layer_norm(mg_front *front, const mg_view *in, int positions, const mg_view *scale,
                              const mg_view *shift, double eps, mg_view *ret, mg_error *err);
mg_status mg_front_group_norm(mg_front *front, const mg_view *in, int64_t groups, const mg_view *scale,
                              const mg_view *shift, double eps, mg_view *ret, mg_error *err);

#endif
