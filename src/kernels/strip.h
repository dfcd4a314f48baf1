/* strip.h  a strip of one output's sums, from the places that reach it to registers (places.h); for kernels/ only
 *
 * The inputs that reach output t of a plain convolution are those of `taps` neighbouring positions, hence one stretch of
 * the places, and the weights of place i, (tap, channel), are row i + (p_begin + pad - t step) in_stride of the flat
 * weights. So an output is one loop with one end that nobody foresees, where rolling (rows.c) has one a position; all
 * its sums stay in registers, and what it costs is three broadcasts and a load of weights for three multiply-adds. An
 * input is fetched once for each output that it reaches, which costs no time beside the multiply-adds of 64 outputs or
 * more. Terms come in the order of input position, then channel, as everywhere.
 */
#ifndef MG_KERNELS_STRIP_H
#define MG_KERNELS_STRIP_H

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"

/* Outputs that stand in registers at a time: 3 x 8 vectors of AVX-512's 32, else 3 x 4 of 16. */
#if defined(__AVX512F__)
enum { MOST_VECTORS = 8 };
#else
enum { MOST_VECTORS = 4 };
#endif

/* The places that reach an output, and a strip of its sums. */
typedef struct {
    const int32_t *at, *end;
    const float *x;      /* where the first input's place 0 is */
    const float *weight; /* the strip's row of place 0 */
    int64_t width;       /* floats from row to row */
    const float *bias;   /* NULL: none */
    int64_t x_step;
} strip;

typedef vec sums[MG_SHARED][MOST_VECTORS];

static inline __attribute__((always_inline)) void add_places(const strip *s, int n_vectors, sums sum)
{
    const float *const x = s->x, *const weight = s->weight;
    const int32_t *const end = s->end;
    const int64_t step = s->x_step, width = s->width;
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        vec begin = s->bias != NULL ? load(s->bias + v * WIDTH) : (vec){0};
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            sum[m][v] = begin;
    }
    for (const int32_t *at = s->at; at < end; at++) {
        const float *row = weight + *at * width, *from = x + *at;
        vec value[MG_SHARED];
        IN_REGISTER(row);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            value[m] = from[m * step] - (vec){0};
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            vec w = load(row + v * WIDTH);
            LOADED(w);
            UNROLL
            for (int m = 0; m < MG_SHARED; m++)
                sum[m][v] += value[m] * w;
        }
    }
}

static inline __attribute__((always_inline)) void store_sums(sums sum, int n_vectors, float *to, int64_t to_step)
{
    UNROLL
    for (int m = 0; m < MG_SHARED; m++, to += to_step) {
        float *out = to;
        IN_REGISTER(out);
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            store(out + v * WIDTH, sum[m][v]);
    }
}

/* The stretch of places that reaches output t. */
static void find_stretch(const mg_rows *op, const mg_sparse *in, int64_t t, strip *s)
{
    int64_t first = t * op->step - op->pad, end = first + op->taps;
    const mg_places *places = &in->places;
    if (first < in->p_begin) first = in->p_begin;
    if (end > in->p_end) end = in->p_end;
    bool any = first < end;
    s->at = places->at + (any ? places->begin[first - in->p_begin] : 0);
    s->end = any ? places->at + places->begin[end - in->p_begin] : s->at;
}

/* What reaches channels c and on of output t, of `stride`; the row is of the part that c lies in. */
static inline __attribute__((always_inline)) strip strip_of(const mg_rows *op, const mg_sparse *in, int64_t t,
                                                            int64_t c, int64_t stride)
{
    const int64_t width = stride < MG_FLAT_PART ? stride : MG_FLAT_PART, first = c / width * width;
    const int64_t shift = (in->p_begin + op->pad - t * op->step) * op->in_stride;
    strip s = {.x = in->x, .x_step = in->x_step, .width = width};
    s.weight = op->flat + first * op->taps * op->in_stride + shift * width + (c - first);
    find_stretch(op, in, t, &s);
    return s;
}

/* Call WORK(vectors, one_strip) with the constants that suit so many outputs. */
#if defined(__AVX512F__)
#    define BY_WIDTH(stride, WORK)                                                                                     \
        do {                                                                                                           \
            if ((stride) > MG_FLAT_PART)                                                                               \
                WORK(8, false);                                                                                        \
            else if ((stride) == 8 * WIDTH)                                                                            \
                WORK(8, true);                                                                                         \
            else if ((stride) == 7 * WIDTH)                                                                            \
                WORK(7, true);                                                                                         \
            else if ((stride) == 6 * WIDTH)                                                                            \
                WORK(6, true);                                                                                         \
            else if ((stride) == 5 * WIDTH)                                                                            \
                WORK(5, true);                                                                                         \
            else                                                                                                       \
                WORK(4, true);                                                                                         \
        } while (0)
#else
#    define BY_WIDTH(stride, WORK)                                                                                     \
        do {                                                                                                           \
            if ((stride) % (4 * WIDTH) == 0)                                                                           \
                WORK(4, false);                                                                                        \
            else                                                                                                       \
                WORK(2, false);                                                                                        \
        } while (0)
#endif

#endif
