/* narrow.h  sums of weight rows of maps with few channels: multipliers handed down to the bases of a window
 *
 * The same sums as rows() of kernels.h, with the same bits, for plain maps with at most MG_NARROW outputs a position, all of
 * them at once. rows() gives a position a vector of its own, of which four numbers out of sixteen are used; here the
 * outputs of neighbouring positions stand side by side.
 */
#ifndef MG_KERNELS_NARROW_H
#define MG_KERNELS_NARROW_H

struct mg_rows;

/* Which maps have `narrow` weights: step, divide and dilation 1, several positions, MG_NARROW channels or fewer, at most so many
 * taps and input channels. */
enum { MG_NARROW = 4, MG_NARROW_TAPS = 29, MG_NARROW_CHANNELS = 512 };

/* Where the weights of an input channel begin in its row: zeros stand before them and behind. */
enum { MG_NARROW_LEAD = 12 };

typedef struct {
    /* sums()  out = W x, without bias
     *         x: (in_length, in_stride), of which zeros are passed over;  out: (out_length, out_stride), zeros beyond the channels */
    void (*sums)(const struct mg_rows *op, const float *x, float *out);
    /* sums_by_sign()  out = W+ u + W- v: the sums over the positive weights, and over the negative, are rounded each, then
     *                 added */
    void (*sums_by_sign)(const struct mg_rows *op, const float *u, const float *v, float *out);
} mg_narrow_kernels;

#endif
