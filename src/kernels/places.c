/* places.c  sums of weight rows, output by output (places.h), compiled once for each instruction set
 *
 * The inputs that reach output t of a plain convolution are those of `taps` neighbouring positions, hence one stretch of
 * the places, and the weights of place i, (tap, channel), are row i + (p_begin + pad - t step) in_stride of the flat
 * weights. So an output is one loop with one end that nobody foresees, where rolling (rows.c) has one a position; all
 * its sums stay in registers, and what it costs is three broadcasts and a load of weights for three multiply-adds. An
 * input is fetched once for each output that it reaches, which costs no time beside the multiply-adds of 64 outputs or
 * more. Terms come in the order of input position, then channel, as everywhere.
 */
#include "src/kernels/places.h"

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/pooled.h"
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

/* Outputs that stand in registers at a time: 3 x 8 vectors of AVX-512's 32, else 3 x 4 of 16. WHOLE: a whole part does. */
#if defined(__AVX512F__)
enum { MOST_VECTORS = 8 };
#else
enum { MOST_VECTORS = 4 };
#endif
enum { WHOLE = MOST_VECTORS * WIDTH >= MG_FLAT_PART };

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
    const int64_t step = s->x_step, width = WHOLE ? n_vectors * WIDTH : s->width;
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

/* Where pooled positions go. */
typedef struct {
    int64_t stride;
    float floor; /* what maxima begin with */
    float *out;  /* the position in hand */
    int64_t out_step;
    int32_t *at;   /* the next place */
    int32_t first; /* the number of the position's place 0 */
} sink;

/* A map's output as one of those that a pooled position takes. */
typedef struct {
    bool first, last;  /* of them */
    const float *base; /* (stride) the window's own output ... */
    const float *own;  /* ... and its maximum */
    float *room;       /* (MG_SHARED, stride) the mutants' maxima so far */
    sink *to;          /* where the differences of the last go */
} candidate;

/* Bring the sums of channels c and on into the maxima. */
static inline __attribute__((always_inline)) void take_larger(const candidate *of, int64_t c, int64_t stride,
                                                              int n_vectors, sums sum)
{
    const vec floor = of->to->floor - (vec){0};
    float *best = of->room + c;
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        vec base = load(of->base + c + v * WIDTH);
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            sum[m][v] = base + sum[m][v];
    }
    UNROLL
    for (int m = 0; m < MG_SHARED; m++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            sum[m][v] = larger(sum[m][v], of->first ? floor : load(best + m * stride + v * WIDTH));
    }
    if (!of->last) {
        store_sums(sum, n_vectors, best, stride);
        return;
    }
    int32_t *at = of->to->at;
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        vec own = load(of->own + c + v * WIDTH), difference[MG_SHARED];
        UNROLL
        for (int m = 0; m < MG_SHARED; m++)
            difference[m] = sum[m][v] = sum[m][v] - own;
        at += compress_places(difference, of->to->first + (int32_t)c + v * WIDTH, at);
    }
    of->to->at = at;
    store_sums(sum, n_vectors, of->to->out + c, of->to->out_step);
}

/* Output t, n_vectors at a time; one_strip: all at once. To out, or, where that is NULL, as a candidate. */
static inline __attribute__((always_inline)) void add_output(const mg_rows *op, const mg_sparse *in, int64_t t,
                                                             const float *bias, float *out, int64_t out_step,
                                                             const candidate *of, int n_vectors, bool one_strip)
{
    const int64_t lanes = n_vectors * WIDTH, stride = one_strip ? lanes : op->out_stride;
    const int64_t part = stride < MG_FLAT_PART ? stride : MG_FLAT_PART;
    const int64_t shift = (in->p_begin + op->pad - t * op->step) * op->in_stride;
    strip s = {.x = in->x, .x_step = in->x_step, .width = part};
    find_stretch(op, in, t, &s);
    for (int64_t first = 0; first < stride; first += part)
        for (int64_t o = 0; o < part; o += lanes) {
            s.weight = op->flat + first * op->taps * op->in_stride + shift * part + o;
            s.bias = bias != NULL ? bias + first + o : NULL;
            sums sum;
            add_places(&s, n_vectors, sum);
            if (out != NULL)
                store_sums(sum, n_vectors, out + first + o, out_step);
            else
                take_larger(of, first + o, stride, n_vectors, sum);
        }
}

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
        add_output(&op, &in, t, bias, out, out_step, NULL, n_vectors, one_strip);
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

static void rows(const mg_rows *op, const mg_sparse *in, int64_t t_begin, int64_t t_end, bool with_bias, float *out,
                 int64_t out_step)
{
#define ROWS(VECTORS, ONE_STRIP)                                                                                       \
    add_outputs(op, in, t_begin, t_end, with_bias ? op->bias : NULL, out, out_step, VECTORS, ONE_STRIP)
    BY_WIDTH(op->out_stride, ROWS);
#undef ROWS
}

/* --- with a max pooling --- */

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

/* One function a number of vectors, from sums to maxima, because what crosses a call goes through memory. */
static inline __attribute__((always_inline)) void pool_outputs(const mg_pooled_rows *asked, const mg_sparse *from,
                                                               int64_t t_begin, int64_t t_end, sink to,
                                                               mg_places *places, int n_vectors, bool one_strip)
{
    const mg_pooled_rows step = *asked;
    const mg_rows op = *step.op;
    const mg_sparse in = *from;
    const mg_pooling pooling = *step.pooling;
    const int64_t stride = one_strip ? n_vectors * WIDTH : op.out_stride;
    to.stride = stride;
    int32_t *begin = places->begin, *const at = places->at;
    for (int64_t t = t_begin; t < t_end; t++) {
        int64_t first, n = mg_pooling_first(&pooling, t, &first);
        for (int64_t j = 0; j < n; j++) {
            candidate of = {j == 0,    j == n - 1, step.base + (first + j) * stride, step.pooled + t * stride,
                            step.room, &to};
            add_output(&op, &in, first + j, NULL, NULL, 0, &of, n_vectors, one_strip);
        }
        to.out += stride;
        to.first += (int32_t)stride;
        *++begin = (int32_t)(to.at - at);
    }
}

static void pool_rows(const mg_pooled_rows *step, const mg_sparse *in, int64_t t_begin, int64_t t_end, float *out,
                      int64_t out_step, mg_places *places)
{
    sink to = begin_sink(step->op->out_stride, step->with_relu, out, out_step, places);
#define POOL(VECTORS, ONE_STRIP) pool_outputs(step, in, t_begin, t_end, to, places, VECTORS, ONE_STRIP)
    BY_WIDTH(step->op->out_stride, POOL);
#undef POOL
}

extern const mg_place_kernels MG_GLUE(mg_place_kernels_, MG_ISA);
const mg_place_kernels MG_GLUE(mg_place_kernels_,
                               MG_ISA) = {.find = find, .rows = rows, .max_pool = max_pool, .pool_rows = pool_rows};
