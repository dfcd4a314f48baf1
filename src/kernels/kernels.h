/* kernels.h  the inner loops, compiled once for each instruction set and chosen when the program starts
 *
 * One operation carries the whole project: "rows". Every linear layer, forward or backward, dense input or a mutant's
 * few changed values, is a sum of weight rows: out[t, :] += value * W[tap, channel, :] over the nonzero inputs that
 * reach output position t. Zeros are never multiplied; after ReLU most activations are zero, so this beats a dense
 * product. Vectors run over outputs, so each output sees its additions in the same order whatever the vector width: the
 * results have the same bits on every instruction set with FMA.
 */
#ifndef MG_KERNELS_KERNELS_H
#define MG_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/kernels/conv.h"
#include "src/kernels/delta.h"
#include "src/kernels/dense.h"
#include "src/kernels/gate.h"
#include "src/kernels/kinetic.h"
#include "src/kernels/lanes.h"
#include "src/kernels/layer.h"
#include "src/kernels/movers.h"
#include "src/kernels/narrow.h"
#include "src/kernels/places.h"
#include "src/kernels/smooth.h"

enum { MG_LANES = 16 };          /* channels are padded to a multiple of this many floats; the padding holds zeros */
enum { MG_BLOCK = 32 };          /* outputs whose weights lie together; a last block may be MG_LANES wide */
enum { MG_DENSE_BLOCKS = 4 };    /* blocks of a dense layer that make a group */
enum { MG_GROUP_BYTES = 32768 }; /* weights of a convolution's group: they should fit L1, if one block does */

/* A linear operator in row form. Output t takes tap k from input position (t * step + k * dilation - pad) / divide,
 * when that is a whole number within the input.
 *
 *   forward   step = stride, divide = 1
 *   backward  step = 1, divide = stride, taps reversed
 */
typedef struct mg_rows {
    int64_t taps, dilation, pad, step, divide;
    int64_t in_length, in_channels, in_stride; /* stride: floats from one position to the next */
    int64_t out_length, out_channels, out_stride;
    int64_t n_blocks;               /* ceil(out_stride / MG_BLOCK) */
    int64_t n_groups, group_blocks; /* blocks worked on in one call make a group */
    float *weight;                  /* owned: block after block, each (in_channels, taps, width) */
    float
        *flat; /* owned: the same for places.h: part after part of MG_FLAT_PART outputs, each (taps, in_stride, width);
                  * NULL where that does not suit */
    float *
        narrow; /* owned: for narrow.h, (in_channels, narrow_width): MG_NARROW_LEAD zeros, the weights of the last tap to the
                           * first, MG_NARROW each, and zeros; NULL where that does not suit */
    int64_t narrow_width; /* floats of a row */
    float *bias;          /* owned: (out_stride), zeros in a backward operator */
    float sign; /* 1 or -1: weights of the other sign count as 0, in rows() and in outputs() of conv.h; 0: all count */
} mg_rows;

/* Do the sums of a map's outputs move on from position to position (roll.c)? */
static inline bool mg_rows_roll(const mg_rows *op)
{
    return op->out_length > 1 && op->step == 1 && op->divide == 1 && op->dilation <= op->in_length;
}

typedef struct mg_kernels {
    const char *name;
    /* compact()  the nonzero values of n positions of x ((n, stride), `channels` of them used) */
    void (*compact)(const float *x, int64_t n, int64_t stride, int64_t channels, mg_list *list);
    /* compact_shared()  the same for MG_SHARED inputs, x_step floats apart: the places where any of them is nonzero */
    void (*compact_shared)(const float *x, int64_t x_step, int64_t n, int64_t stride, int64_t channels, mg_list *list);
    /* compact_pair()  the same for two inputs */
    void (*compact_pair)(const float *u, const float *v, int64_t n, int64_t stride, int64_t channels, mg_list *list);
    /* rows()  outputs t_begin .. t_end - 1 of one group of blocks
     *         list: holds positions p_begin .. p_end - 1, the others are zero; bias is added when with_bias
     *         out: (t_end - t_begin, out_stride), the group's columns are written */
    void (*rows)(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end, int64_t t_begin,
                 int64_t t_end, bool with_bias, float *out);
    /* shared_rows()  the same for MG_SHARED inputs of one list; their outputs are out_step floats apart */
    void (*shared_rows)(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end,
                        int64_t t_begin, int64_t t_end, bool with_bias, float *out, int64_t out_step);
    /* rows_by_sign()  all outputs of one group of blocks of a map that rolls, without bias, for a pair: of the first input the
     *                 sums over the positive weights, of the second, out_step floats further, those over the negative */
    void (*rows_by_sign)(const mg_rows *op, int64_t group, const mg_list *list, float *out, int64_t out_step);
    const mg_layer_kernels *layer;     /* ReLU and pooling */
    const mg_conv_kernels *conv;       /* sums over dense inputs */
    const mg_place_kernels *places;    /* sums over dense inputs with few nonzero values */
    const mg_narrow_kernels *narrow;   /* sums of few channels */
    const mg_delta_kernels *delta;     /* for the mutation scan of chains */
    const mg_lane_kernels *lanes;      /* for the mutation scan of graphs */
    const mg_mover_kernels *movers;    /* for integrated gradients: who may switch */
    const mg_gate_kernels *gate;       /* for integrated gradients */
    const mg_kinetic_kernels *kinetic; /* for exact integrated gradients */
    const mg_smooth_kernels *smooth;   /* functions of activations */
    const mg_dense_kernels *dense;     /* what the others are compared with */
} mg_kernels;

/* mg_kernels_pick()  the best set this machine runs; the environment variable MUTAGREE_ISA=portable|avx2|avx512 takes a
 * lesser one. NULL when that names one that is unknown or that this machine lacks. */
const mg_kernels *mg_kernels_pick(void);

/* mg_kernels_check()  MG_OK when mg_kernels_pick() finds a set, else MG_EUSAGE saying what is wrong with MUTAGREE_ISA */
mg_status mg_kernels_check(mg_error *err);

#endif
