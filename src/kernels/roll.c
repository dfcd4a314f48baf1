/* roll.c  convolutions without stride, all sums that a position reaches in registers (roll.h), compiled once for each instruction
 * set
 *
 * The sums move on by one as positions go by, so each output is stored once. Where there are more taps than registers hold, some
 * go at a time: for an output, taps ascend as positions do, so its additions keep their order.
 */
#include "src/kernels/roll.h"

#include <stddef.h>

#include "src/kernels/vector.h"

/* Taps whose sums stand in registers, and how many outputs wide. */
#if defined(__AVX512F__)
enum { ALONE_TAPS = 12, ALONE_STRIP = 32, SHARED_TAPS = 4, SHARED_STRIP = 32, PAIR_TAPS = 6, PAIR_STRIP = 32 };
#elif defined(__AVX__)
enum { ALONE_TAPS = 3, ALONE_STRIP = 32, SHARED_TAPS = 4, SHARED_STRIP = 8, PAIR_TAPS = 3, PAIR_STRIP = 16 };
#else
enum { ALONE_TAPS = 3, ALONE_STRIP = 16, SHARED_TAPS = 3, SHARED_STRIP = 4, PAIR_TAPS = 3, PAIR_STRIP = 4 };
#endif
enum { MAX_VECTORS = MG_BLOCK / WIDTH, MAX_TAPS = 12 };

/* Which weights an input meets: all, those of a sign, or the first of a pair the positive and the second the negative ones. */
typedef enum { ALL, POSITIVE, NEGATIVE, EACH_ITS_SIGN } pick;

/* Some taps of a convolution without stride, and a strip of its outputs. */
typedef struct {
    const float *weight; /* of the first of the taps */
    const float *bias;   /* NULL: none */
    int64_t row_floats;  /* from one tap's weights to the next */
    int64_t tap;         /* the first */
    bool more;           /* sums of taps before stand in out */
} strip;

typedef vec sums[MG_SHARED][MAX_TAPS][MAX_VECTORS];

/* Where output t stands; NULL when it is not wanted. */
static inline __attribute__((always_inline)) float *place_of(const task *work, int64_t stride, int64_t t)
{
    return t >= work->t_begin && t < work->t_end ? work->out + (t - work->t_begin) * stride : NULL;
}

/* Tap number k begins with the sums that stand in `from`, or with new ones where that is NULL. */
static inline __attribute__((always_inline)) void enter(const float *from, ptrdiff_t step, const float *bias, sums sum,
                                                        int k, int n_inputs, int n_vectors)
{
    UNROLL
    for (int m = 0; m < n_inputs; m++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            if (from != NULL)
                sum[m][k][v] = load(from + m * step + v * WIDTH);
            else
                sum[m][k][v] = bias != NULL ? load(bias + v * WIDTH) : (vec){0};
        }
    }
}

static inline __attribute__((always_inline)) void leave(float *to, ptrdiff_t step, sums sum, int k, int n_inputs,
                                                        int n_vectors)
{
    if (to == NULL) return;
    UNROLL
    for (int m = 0; m < n_inputs; m++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            store(to + m * step + v * WIDTH, sum[m][k][v]);
    }
}

/* A vector of weights of tap number k to the sums of each input. */
static inline __attribute__((always_inline)) void add_products(const vec x[MG_SHARED], vec w, sums sum, int k, int v,
                                                               int n_inputs, pick which)
{
    if (which == EACH_ITS_SIGN) {
        LOADED(w);
        sum[0][k][v] += x[0] * positive_part(w);
        sum[1][k][v] += x[1] * negative_part(w);
        return;
    }
    if (which != ALL) w = which == POSITIVE ? positive_part(w) : negative_part(w);
    UNROLL
    for (int m = 0; m < n_inputs; m++)
        sum[m][k][v] += x[m] * w;
}

/* Every dilation-th position from `first` on: the sums of all outputs that a position reaches stay in registers and move on by
 * one as positions go by, so each output is stored once. sum[.][k] belongs to output p + shift - k dilation. (The task is
 * copied, because a store of sums might change it for all the compiler knows.) */
static inline __attribute__((always_inline)) void roll_phase(const mg_rows *op, const task *asked, const strip *s,
                                                             int64_t first, int taps, int n_inputs, int n_vectors,
                                                             pick which)
{
    const task work = *asked;
    const mg_list list = *work.list;
    const ptrdiff_t channel_floats = op->taps * s->row_floats, row_floats = s->row_floats, step = work.out_step;
    const int64_t apart = op->dilation, shift = op->pad - s->tap * apart, stride = op->out_stride;
    const float *weight = s->weight, *bias = s->bias;
    const bool more = s->more;
    int64_t p = first;
    sums sum;
    UNROLL
    for (int k = 0; k < taps; k++)
        enter(more ? place_of(&work, stride, p + shift - k * apart) : NULL, step, bias, sum, k, n_inputs, n_vectors);
    for (; p < work.p_end; p += apart) {
        int32_t end = list.begin[p - work.p_begin + 1];
        for (int32_t j = list.begin[p - work.p_begin]; j < end; j++) {
            const float *row = weight + list.channel[j] * channel_floats;
            vec x[MG_SHARED];
            UNROLL
            for (int m = 0; m < n_inputs; m++)
                x[m] = list.value[m * list.room + j] - (vec){0};
            UNROLL
            for (int k = 0; k < taps; k++, row += row_floats) {
                IN_REGISTER(row);
                UNROLL
                for (int v = 0; v < n_vectors; v++)
                    add_products(x, load(row + v * WIDTH), sum, k, v, n_inputs, which);
            }
        }
        leave(place_of(&work, stride, p + shift - (taps - 1) * apart), step, sum, taps - 1, n_inputs, n_vectors);
        UNROLL
        for (int k = taps - 1; k > 0; k--) {
            UNROLL
            for (int m = 0; m < n_inputs; m++) {
                UNROLL
                for (int v = 0; v < n_vectors; v++)
                    sum[m][k][v] = sum[m][k - 1][v];
            }
        }
        enter(more ? place_of(&work, stride, p + apart + shift) : NULL, step, bias, sum, 0, n_inputs, n_vectors);
    }
    UNROLL
    for (int k = taps - 1; k > 0; k--)
        leave(place_of(&work, stride, p + shift - k * apart), step, sum, k, n_inputs, n_vectors);
    if (more) return;
    /* Outputs that no position reaches: before those of the first one, and behind those of the last. */
    enter(NULL, step, bias, sum, 0, n_inputs, n_vectors);
    for (int64_t t = first + shift - taps * apart; t >= work.t_begin; t -= apart)
        leave(place_of(&work, stride, t), step, sum, 0, n_inputs, n_vectors);
    for (int64_t t = p + shift; t < work.t_end; t += apart)
        leave(place_of(&work, stride, t), step, sum, 0, n_inputs, n_vectors);
}

/* A dilated convolution is as many plain ones as its dilation, one a residue of positions. */
static inline __attribute__((always_inline)) void roll(const mg_rows *op, const task *work, const strip *s, int taps,
                                                       int n_inputs, int n_vectors, pick which)
{
    for (int64_t phase = 0; phase < op->dilation; phase++)
        roll_phase(op, work, s, work->p_begin + phase, taps, n_inputs, n_vectors, which);
}

typedef void roll_kernel(const mg_rows *op, const task *work, const strip *s);

#define KERNEL(NAME, TAPS, INPUTS, LANES, WHICH)                                                                       \
    static void NAME##_##TAPS(const mg_rows *op, const task *work, const strip *s)                                     \
    {                                                                                                                  \
        roll(op, work, s, TAPS, INPUTS, (LANES) / WIDTH, WHICH);                                                       \
    }
#define HALF(STRIP) ((int)(STRIP) < (int)MG_LANES ? (int)(STRIP) : (int)MG_LANES)
#define ROLL(TAPS)                                                                                                     \
    KERNEL(alone, TAPS, 1, ALONE_STRIP, ALL)                                                                           \
    KERNEL(alone_half, TAPS, 1, HALF(ALONE_STRIP), ALL)                                                                \
    KERNEL(positive, TAPS, 1, ALONE_STRIP, POSITIVE)                                                                   \
    KERNEL(positive_half, TAPS, 1, HALF(ALONE_STRIP), POSITIVE)                                                        \
    KERNEL(negative, TAPS, 1, ALONE_STRIP, NEGATIVE)                                                                   \
    KERNEL(negative_half, TAPS, 1, HALF(ALONE_STRIP), NEGATIVE)
#define ROLL_SHARED(TAPS)                                                                                              \
    KERNEL(shared, TAPS, MG_SHARED, SHARED_STRIP, ALL)                                                                 \
    KERNEL(shared_half, TAPS, MG_SHARED, HALF(SHARED_STRIP), ALL)
#define ROLL_PAIR(TAPS)                                                                                                \
    KERNEL(pair, TAPS, 2, PAIR_STRIP, EACH_ITS_SIGN)                                                                   \
    KERNEL(pair_half, TAPS, 2, HALF(PAIR_STRIP), EACH_ITS_SIGN)
/* clang-format off */
ROLL(1) ROLL(2) ROLL(3)
ROLL_SHARED(1) ROLL_SHARED(2) ROLL_SHARED(3)
ROLL_PAIR(1) ROLL_PAIR(2) ROLL_PAIR(3)
#if defined(__AVX__)
ROLL_SHARED(4)
#endif
#if defined(__AVX512F__)
ROLL(4) ROLL(5) ROLL(6) ROLL(7) ROLL(8) ROLL(9) ROLL(10) ROLL(11) ROLL(12)
ROLL_PAIR(4) ROLL_PAIR(5) ROLL_PAIR(6)
#endif

#if defined(__AVX512F__)
#    define MORE(NAME)        NAME##_4, NAME##_5, NAME##_6, NAME##_7, NAME##_8, NAME##_9, NAME##_10, NAME##_11, NAME##_12
#    define MORE_SHARED(NAME) NAME##_4
#    define MORE_PAIR(NAME)   NAME##_4, NAME##_5, NAME##_6
#elif defined(__AVX__)
#    define MORE(NAME)        NULL
#    define MORE_SHARED(NAME) NAME##_4
#    define MORE_PAIR(NAME)   NULL
#else
#    define MORE(NAME)        NULL
#    define MORE_SHARED(NAME) NULL
#    define MORE_PAIR(NAME)   NULL
#endif
#define TABLE(NAME, REST) {NULL, NAME##_1, NAME##_2, NAME##_3, REST(NAME)}
    /* clang-format on */

    static roll_kernel *const alone[][2][MAX_TAPS + 1] = {
        [ALL] = {TABLE(alone, MORE), TABLE(alone_half, MORE)},
        [POSITIVE] = {TABLE(positive, MORE), TABLE(positive_half, MORE)},
        [NEGATIVE] = {TABLE(negative, MORE), TABLE(negative_half, MORE)}};
static roll_kernel *const shared[2][MAX_TAPS + 1] = {TABLE(shared, MORE_SHARED), TABLE(shared_half, MORE_SHARED)};
static roll_kernel *const pair[2][MAX_TAPS + 1] = {TABLE(pair, MORE_PAIR), TABLE(pair_half, MORE_PAIR)};

/* The kernels, by taps, for a strip of full or half width. */
static roll_kernel *const *kernels_for(const task *work, bool half)
{
    if (work->of == SHARED) return shared[half];
    if (work->of == PAIR) return pair[half];
    return alone[work->sign == 0.0f ? ALL : work->sign > 0.0f ? POSITIVE : NEGATIVE][half];
}

/* All taps of a strip, some at a time. */
static void roll_strip(const mg_rows *op, const task *work, int64_t first, int64_t width, bool half, bool with_bias)
{
    const int64_t most = work->of == ALONE ? ALONE_TAPS : work->of == SHARED ? SHARED_TAPS : PAIR_TAPS;
    int64_t in_block = first % MG_BLOCK;
    const float *weight = op->weight + op->taps * op->in_channels * (first - in_block) + in_block;
    task columns = *work;
    columns.out += first;
    for (int64_t tap = 0, n; tap < op->taps; tap += n) {
        n = op->taps - tap < most ? op->taps - tap : most;
        strip s = {weight + tap * width, with_bias ? op->bias + first : NULL, width, tap, tap > 0};
        kernels_for(work, half)[n](op, &columns, &s);
    }
}

static void rows(const mg_rows *op, const task *work, int64_t first, int64_t end, bool with_bias)
{
    const int64_t most = work->of == ALONE ? ALONE_STRIP : work->of == SHARED ? SHARED_STRIP : PAIR_STRIP;
    while (first < end) {
        int64_t left = op->out_stride - (first - first % MG_BLOCK), width = left < MG_BLOCK ? left : MG_BLOCK;
        roll_strip(op, work, first, width, most > width, with_bias);
        first += most < width ? most : width;
    }
}

extern const mg_roll_kernels MG_GLUE(mg_roll_kernels_, MG_ISA);
const mg_roll_kernels MG_GLUE(mg_roll_kernels_, MG_ISA) = {.rows = rows};
