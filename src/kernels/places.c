/* places.c  sums of weight rows, output by output (places.h), compiled once for each instruction set
 *
 * Before a max pooling, outputs are worked on in strips narrow enough that the maxima so far stand in registers too: a
 * store of a whole vector costs as much as two multiply-adds, a place fetched once more for the next strip next to
 * nothing. An output that no place reaches costs its maximum alone.
 */
#include "src/kernels/places.h"

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/pooled.h"
#include "src/kernels/strip.h"
#include "src/kernels/vector.h"

/* --- places --- */

static void find(mg_sparse *in, int64_t stride, int64_t channels)
{
    int32_t n = 0;
    in->places.begin[0] = 0;
    for (int64_t p = 0; p < in->p_end - in->p_begin; p++) {
        for (int64_t c = 0; c < channels; c += WIDTH) {
            vec part[MG_SHARED];
            UNROLL
            for (int m = 0; m < MG_SHARED; m++)
                part[m] = load(in->x + m * in->x_step + p * stride + c);
            n += compress_places(part, (int32_t)(p * stride + c), in->places.at + n);
        }
        in->places.begin[p + 1] = n;
    }
}

/* --- rows --- */

/* What is told is copied, because the compiler cannot know that no store of sums changes it. */
static inline __attribute__((always_inline)) void add_outputs(const mg_rows *asked, const mg_sparse *from,
                                                              int64_t t_begin, int64_t t_end, const float *bias,
                                                              float *out, int64_t out_step, int n_vectors,
                                                              bool one_strip)
{
    const mg_rows op = *asked;
    const mg_sparse in = *from;
    const int64_t stride = one_strip ? n_vectors * WIDTH : op.out_stride;
    for (int64_t t = t_begin; t < t_end; t++, out += stride)
        for (int64_t c = 0; c < stride; c += n_vectors * WIDTH) {
            strip s = strip_of(&op, &in, t, c, stride);
            s.bias = bias != NULL ? bias + c : NULL;
            sums sum;
            add_places(&s, n_vectors, sum);
            store_sums(sum, n_vectors, out + c, out_step);
        }
}

static void rows(const mg_rows *op, const mg_sparse *in, int64_t t_begin, int64_t t_end, bool with_bias, float *out,
                 int64_t out_step)
{
#define ROWS(VECTORS, ONE_STRIP)                                                                                       \
    add_outputs(op, in, t_begin, t_end, with_bias ? op->bias : NULL, out, out_step, VECTORS, ONE_STRIP)
    BY_WIDTH(op->out_stride, ROWS);
#undef ROWS
}

/* --- with a ReLU and a dot product --- */

typedef vec dot_sums[MG_SHARED][MG_LANES / WIDTH];

/* Channels c and on, n_vectors of them: their differences behind the ReLU, times weights. */
static inline __attribute__((always_inline)) void add_products(const float *base, const float *weight, int n_vectors,
                                                               sums sum, dot_sums dot)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        vec own = load(base + v * WIDTH), was = positive(own), w = load(weight + v * WIDTH);
        LOADED(w);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            dot[m][v % (MG_LANES / WIDTH)] += (positive(own + sum[m][v]) - was) * w;
    }
}

static inline __attribute__((always_inline)) void dot_output(const mg_rows *asked, const mg_sparse *from, int64_t t,
                                                             const float *base, const float *weight, float *out,
                                                             int64_t out_step, int n_vectors, bool one_strip)
{
    const mg_rows op = *asked;
    const mg_sparse in = *from;
    const int64_t stride = one_strip ? n_vectors * WIDTH : op.out_stride;
    dot_sums dot = {0};
    for (int64_t c = 0; c < stride; c += n_vectors * WIDTH) {
        strip s = strip_of(&op, &in, t, c, stride);
        sums sum;
        add_places(&s, n_vectors, sum);
        add_products(base + c, weight + c, n_vectors, sum, dot);
    }
    UNROLL
    for (int m = 0; m < MG_SHARED; m++)
        out[m * out_step] = add_lanes(dot[m]);
}

static void dot_rows(const mg_rows *op, const mg_sparse *in, int64_t t, const float *base, const float *weight,
                     float *out, int64_t out_step)
{
#define DOT(VECTORS, ONE_STRIP) dot_output(op, in, t, base, weight, out, out_step, VECTORS, ONE_STRIP)
    BY_WIDTH(op->out_stride, DOT);
#undef DOT
}

/* --- with a max pooling --- */

/* Where pooled positions go. */
typedef struct {
    int64_t stride;
    float floor; /* what maxima begin with */
    float *out;  /* the position in hand */
    int64_t out_step;
    int32_t *at;   /* the next place */
    int32_t first; /* the number of the position's place 0 */
} sink;

static inline __attribute__((always_inline)) void pool_channels(const pool_window *w, int64_t n, const float *own,
                                                                sink *to)
{
    const pool_window window = *w;
    const sink here = *to; /* no store changes it, which the compiler cannot know */
    int32_t *at = here.at;
    for (int64_t c = 0; c < here.stride; c += WIDTH) {
        vec difference[MG_SHARED];
        pool_difference(&window, n, c, here.floor, own, difference);
        at += compress_places(difference, here.first + (int32_t)c, at);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            store(here.out + m * here.out_step + c, difference[m]);
    }
    to->at = at;
}

/* All channels of a window of n positions, the usual sizes unrolled. */
static inline __attribute__((always_inline)) void pool_position(const pool_window *w, int64_t n, const float *own,
                                                                sink *to)
{
    switch (n) {
    case 2:
        pool_channels(w, 2, own, to);
        break;
    case 3:
        pool_channels(w, 3, own, to);
        break;
    case 4:
        pool_channels(w, 4, own, to);
        break;
    default:
        pool_channels(w, n, own, to);
    }
    to->out += to->stride;
    to->first += (int32_t)to->stride;
}

static sink begin_sink(int64_t stride, bool with_relu, float *out, int64_t out_step, mg_places *places)
{
    places->begin[0] = 0;
    return (sink){stride, with_relu ? 0.0f : -__builtin_inff(), out, out_step, places->at, 0};
}

static void max_pool(const mg_difference *in, const mg_pooling *pooling, bool with_relu, const float *pooled,
                     int64_t t_begin, int64_t t_end, float *out, int64_t out_step, mg_places *places)
{
    sink to = begin_sink(in->stride, with_relu, out, out_step, places);
    for (int64_t t = t_begin; t < t_end; t++) {
        int64_t first, n = mg_pooling_first(pooling, t, &first);
        pool_window w = window_at(in, pooling, first);
        pool_position(&w, n, pooled + t * in->stride, &to);
        places->begin[t - t_begin + 1] = (int32_t)(to.at - places->at);
    }
}

/* Vectors of a strip of a pooled position: its sums and its maxima stand in registers together. */
enum { STRIP = 4 };

typedef vec maxima[MG_SHARED][STRIP];

/* One pooled position: of step's pooling, outputs first .. first + n - 1 of the map. */
typedef struct {
    const mg_pooled_rows *step;
    const mg_rows *op;
    const mg_sparse *in;
    int64_t t, first, n;
} pooled_position;

/* Bring an output's sums into the maxima. */
static inline __attribute__((always_inline)) void take_larger(const float *base, int n_vectors, sums sum, maxima best)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        vec own = load(base + v * WIDTH);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            best[m][v] = larger(own + sum[m][v], best[m][v]);
    }
}

/* The same of an output that no place reaches: all mutants have the window's own, to which 0 is added as to any. */
static inline __attribute__((always_inline)) void take_own(const float *base, int n_vectors, maxima best)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        vec own = load(base + v * WIDTH) + (vec){0};
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            best[m][v] = larger(own, best[m][v]);
    }
}

/* What the maxima of channels c and on differ by from the window's own. */
static inline __attribute__((always_inline)) void hand_out(const float *own, int64_t c, int n_vectors, maxima best,
                                                           sink *to)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        vec theirs = load(own + v * WIDTH);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            best[m][v] -= theirs;
    }
    float *out = to->out + c;
    UNROLL
    for (int m = 0; m < MG_SHARED; m++, out += to->out_step) {
        float *here = out;
        IN_REGISTER(here);
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            store(here + v * WIDTH, best[m][v]);
    }
    int32_t *at = to->at;
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        const vec difference[MG_SHARED] = {best[0][v], best[1][v], best[2][v]};
        at += compress_places(difference, to->first + (int32_t)c + v * WIDTH, at);
    }
    to->at = at;
}

/* Channels c and on of a pooled position, of `stride`: output after output, then all at once to where they go. */
static inline __attribute__((always_inline)) void pool_strip(const pooled_position *p, int64_t c, int64_t stride,
                                                             int n_vectors, sink *to)
{
    maxima best;
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            best[m][v] = to->floor - (vec){0};
    }
    for (int64_t j = p->first; j < p->first + p->n; j++) {
        const float *base = p->step->base + j * stride + c;
        strip s = strip_of(p->op, p->in, j, c, stride);
        if (s.at == s.end) {
            take_own(base, n_vectors, best);
            continue;
        }
        sums sum;
        add_places(&s, n_vectors, sum);
        take_larger(base, n_vectors, sum, best);
    }
    hand_out(p->step->pooled + p->t * stride + c, c, n_vectors, best, to);
}

/* All channels, in strips of about the same width where they are no multiple of the widest. */
static inline __attribute__((always_inline)) void pool_strips(const pooled_position *p, int64_t stride, bool whole,
                                                              sink *to)
{
    for (int64_t c = 0; whole && c < stride; c += STRIP * WIDTH)
        pool_strip(p, c, stride, STRIP, to);
    for (int64_t c = 0; !whole && c < stride;) {
        int64_t left = (stride - c) / WIDTH, n_strips = (left + STRIP - 1) / STRIP;
        int64_t n_vectors = (left + n_strips - 1) / n_strips;
        if (n_vectors == 4)
            pool_strip(p, c, stride, 4, to);
        else if (n_vectors == 3)
            pool_strip(p, c, stride, 3, to);
        else
            pool_strip(p, c, stride, 2, to);
        c += n_vectors * WIDTH;
    }
}

/* What is told is copied, because the compiler cannot know that no store changes it. */
static inline __attribute__((always_inline)) void pool_outputs(const mg_pooled_rows *asked, const mg_sparse *from,
                                                               int64_t t_begin, int64_t t_end, sink to,
                                                               mg_places *places, int64_t stride, bool whole)
{
    const mg_pooled_rows step = *asked;
    const mg_rows op = *step.op;
    const mg_sparse in = *from;
    const mg_pooling pooling = *step.pooling;
    int32_t *begin = places->begin, *const at = places->at;
    for (int64_t t = t_begin; t < t_end; t++) {
        int64_t first, n = mg_pooling_first(&pooling, t, &first);
        pooled_position p = {&step, &op, &in, t, first, n};
        pool_strips(&p, stride, whole, &to);
        to.out += stride;
        to.first += (int32_t)stride;
        *++begin = (int32_t)(to.at - at);
    }
}

/* The usual widths with their constants. */
static void pool_rows(const mg_pooled_rows *step, const mg_sparse *in, int64_t t_begin, int64_t t_end, float *out,
                      int64_t out_step, mg_places *places)
{
    const int64_t stride = step->op->out_stride;
    sink to = begin_sink(stride, step->with_relu, out, out_step, places);
    if (stride == 64)
        pool_outputs(step, in, t_begin, t_end, to, places, 64, true);
    else if (stride == 128)
        pool_outputs(step, in, t_begin, t_end, to, places, 128, true);
    else
        pool_outputs(step, in, t_begin, t_end, to, places, stride, false);
}

extern const mg_place_kernels MG_GLUE(mg_place_kernels_, MG_ISA);
const mg_place_kernels MG_GLUE(mg_place_kernels_, MG_ISA) = {
    .find = find, .rows = rows, .dot_rows = dot_rows, .max_pool = max_pool, .pool_rows = pool_rows};
