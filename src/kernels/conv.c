/* conv.c  dense products of linear maps (conv.h), compiled once for each instruction set
 *
 * Some neighbouring outputs of two blocks stand in registers, 6 positions x 64 channels with AVX-512; an input is one
 * number that meets all of a position's channels, a load of weights serves all positions. Taps are the outer loop, so
 * dilation only moves where a tap's inputs begin, and strides where the next one is.
 *
 * Where a tap has no input, because it lies over an end, it adds nothing. Outputs are cut into stretches in which the
 * taps that have one are the same, taps k .. k_end - 1, and these into registers full; what is left over at the end of a
 * stretch is worked out together with outputs before it once more, or alone where the stretch is shorter. A map that
 * divides (backward through strides) is as many maps as it divides by, each of its own residue of outputs and of taps.
 */
#include "src/kernels/conv.h"

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"

/* Positions that stand in registers with two blocks, with one, and with half of one; AVX2's sixteen hold halves alone. */
#if defined(__AVX512F__)
enum { TWO_BLOCKS = 6, ONE_BLOCK = 12, HALF_BLOCK = 12 };
#elif defined(__AVX__)
enum { HALF_BLOCK = 6 };
#else
enum { HALF_BLOCK = 3 };
#endif
enum { MOST_POSITIONS = 12, BLOCK_VECTORS = MG_BLOCK / WIDTH };

/* Neighbouring outputs with the same taps, and the blocks they are worked out for. */
typedef struct {
    const float *in;           /* the first output's input at the first tap */
    int64_t in_step, tap_step; /* floats to the next output's, and to the next tap's */
    const float *weight[2];    /* of the first tap, in one block or two */
    int64_t row, next_tap;     /* floats from one channel's weights to the next, and from one tap's */
    int64_t n_taps, channels;  /* taps that have inputs */
    const float *bias;         /* NULL: none */
    float *out;
    int64_t out_step; /* floats to the next output */
    float sign;       /* of the weights that count; 0: all */
} stretch;

typedef vec sums[MOST_POSITIONS][2][BLOCK_VECTORS];

/* One channel of one tap, its weights in registers or its inputs, whichever are fewer. */
static inline __attribute__((always_inline)) void keep_weights(sums sum, const float *w0, const float *w1,
                                                               const float *x, int64_t in_step, int n_positions,
                                                               int n_blocks, int n_vectors, bool part, float sign)
{
    vec w[2][BLOCK_VECTORS];
    UNROLL
    for (int b = 0; b < n_blocks; b++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            w[b][v] = load((b == 0 ? w0 : w1) + v * WIDTH);
            LOADED(w[b][v]);
            if (part) w[b][v] = of_sign(w[b][v], sign);
        }
    }
    UNROLL
    for (int i = 0; i < n_positions; i++) {
        vec value = x[i * in_step] - (vec){0};
        UNROLL
        for (int b = 0; b < n_blocks; b++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                sum[i][b][v] += value * w[b][v];
        }
    }
}

static inline __attribute__((always_inline)) void keep_inputs(sums sum, const float *w0, const float *w1,
                                                              const float *x, int64_t in_step, int n_positions,
                                                              int n_blocks, int n_vectors, bool part, float sign)
{
    vec value[MOST_POSITIONS];
    UNROLL
    for (int i = 0; i < n_positions; i++)
        value[i] = x[i * in_step] - (vec){0};
    UNROLL
    for (int b = 0; b < n_blocks; b++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            vec w = load((b == 0 ? w0 : w1) + v * WIDTH);
            LOADED(w);
            if (part) w = of_sign(w, sign);
            UNROLL
            for (int i = 0; i < n_positions; i++)
                sum[i][b][v] += value[i] * w;
        }
    }
}

/* Outputs at .. at + n_positions - 1 of a stretch: n_blocks blocks of n_vectors vectors; part: of weights of one sign.
 * Always inlined with constants, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void add_tile(const stretch *s, int64_t at, int n_positions, int n_blocks,
                                                           int n_vectors, bool part)
{
    sums sum;
    UNROLL
    for (int b = 0; b < n_blocks; b++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            vec begin = s->bias != NULL ? load(s->bias + b * MG_BLOCK + v * WIDTH) : (vec){0};
            UNROLL
            for (int i = 0; i < n_positions; i++)
                sum[i][b][v] = begin;
        }
    }
    const int64_t in_step = s->in_step, row = s->row, channels = s->channels;
    for (int64_t k = 0; k < s->n_taps; k++) {
        const float *in = s->in + at * in_step + k * s->tap_step;
        const float *w0 = s->weight[0] + k * s->next_tap, *w1 = s->weight[n_blocks - 1] + k * s->next_tap;
        for (int64_t c = 0; c < channels; c++, w0 += row, w1 += row) {
            if (n_positions > n_blocks * n_vectors)
                keep_weights(sum, w0, w1, in + c, in_step, n_positions, n_blocks, n_vectors, part, s->sign);
            else
                keep_inputs(sum, w0, w1, in + c, in_step, n_positions, n_blocks, n_vectors, part, s->sign);
        }
    }
    UNROLL
    for (int i = 0; i < n_positions; i++) {
        float *out = s->out + (at + i) * s->out_step;
        UNROLL
        for (int b = 0; b < n_blocks; b++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                store(out + b * MG_BLOCK + v * WIDTH, sum[i][b][v]);
        }
    }
}

/* All n outputs of a stretch, `most` at a time; with fewer than that, one by one. */
static inline __attribute__((always_inline)) void fill_with(const stretch *s, int64_t n, int most, int n_blocks,
                                                            int n_vectors, bool part)
{
    int64_t at = 0;
    for (; at + most <= n; at += most)
        add_tile(s, at, most, n_blocks, n_vectors, part);
    if (at < n && n >= most) {
        add_tile(s, n - most, most, n_blocks, n_vectors, part);
        return;
    }
    for (; at < n; at++)
        add_tile(s, at, 1, n_blocks, n_vectors, part);
}

#define FILL(NAME, MOST, BLOCKS, VECTORS)                                                                              \
    static void fill_##NAME(const stretch *s, int64_t n)                                                               \
    {                                                                                                                  \
        fill_with(s, n, MOST, BLOCKS, VECTORS, false);                                                                 \
    }                                                                                                                  \
    static void fill_##NAME##_part(const stretch *s, int64_t n)                                                        \
    {                                                                                                                  \
        fill_with(s, n, MOST, BLOCKS, VECTORS, true);                                                                  \
    }
#if defined(__AVX512F__)
FILL(two, TWO_BLOCKS, 2, BLOCK_VECTORS)
FILL(one, ONE_BLOCK, 1, BLOCK_VECTORS)
#endif
FILL(half, HALF_BLOCK, 1, BLOCK_VECTORS / 2)

/* --- where the taps are --- */

/* The outputs r, r + divide, ... of a map, number i of which takes tap number j (k = first + j * every) from position
 * (r + i * divide) * step + k * dilation - pad, over divide: begin + i * step + j * reach. */
typedef struct {
    int64_t r, divide, step;
    int64_t first, every, n_taps;
    int64_t begin, reach;
} residue;

static int64_t gcd(int64_t a, int64_t b)
{
    return b == 0 ? a : gcd(b, a % b);
}

/* False: no tap carries anything to these outputs. */
static bool find_residue(const mg_rows *op, int64_t r, residue *ret)
{
    int64_t k = 0, every = op->divide / gcd(op->dilation, op->divide);
    *ret = (residue){.r = r, .divide = op->divide, .step = op->step, .every = every};
    while (k < op->taps && k < every && (r * op->step + k * op->dilation - op->pad) % op->divide != 0)
        k++;
    if (k == op->taps || k == every) return false;
    ret->first = k;
    ret->n_taps = (op->taps - k + every - 1) / every;
    ret->begin = (r * op->step + k * op->dilation - op->pad) / op->divide;
    ret->reach = every * op->dilation / op->divide;
    return true;
}

static int64_t up_div(int64_t a, int64_t b)
{
    return a > 0 ? (a + b - 1) / b : -(-a / b);
}

static int64_t clip(int64_t x, int64_t most)
{
    return x < 0 ? 0 : x > most ? most : x;
}

/* Taps j .. j_end - 1 that have an input for output i; how many outputs from i on, up to `end`, have the same. */
static int64_t find_taps(const mg_rows *op, const residue *of, int64_t i, int64_t end, int64_t *ret_j,
                         int64_t *ret_j_end)
{
    int64_t p = of->begin + i * of->step;
    int64_t j = clip(up_div(-p, of->reach), of->n_taps), j_end = clip(up_div(op->in_length - p, of->reach), of->n_taps);
    if (j > 0) { /* the output at which tap j - 1 gets its first input */
        int64_t next = i + up_div(-p - (j - 1) * of->reach, of->step);
        if (next < end) end = next;
    }
    if (j_end > 0) { /* ... and that at which tap j_end - 1 has lost its last */
        int64_t next = i + up_div(op->in_length - p - (j_end - 1) * of->reach, of->step);
        if (next < end) end = next;
    }
    *ret_j = j;
    *ret_j_end = j_end > j ? j_end : j;
    return end - i;
}

/* --- blocks --- */

/* As many outputs as are worked on at once from number `first` on; the kernel for them. */
static int64_t strip_lanes(const mg_rows *op, int64_t first)
{
#if defined(__AVX512F__)
    if (first % MG_BLOCK == 0 && op->out_stride - first >= 2 * MG_BLOCK) return 2 * MG_BLOCK;
    if (first % MG_BLOCK == 0 && op->out_stride - first >= MG_BLOCK) return MG_BLOCK;
#endif
    (void)op;
    (void)first;
    return MG_LANES;
}

static void fill(const stretch *s, int64_t n, int64_t lanes)
{
    bool part = s->sign != 0.0f;
#if defined(__AVX512F__)
    if (lanes == 2 * MG_BLOCK) {
        (part ? fill_two_part : fill_two)(s, n);
        return;
    }
    if (lanes == MG_BLOCK) {
        (part ? fill_one_part : fill_one)(s, n);
        return;
    }
#endif
    (void)lanes;
    (part ? fill_half_part : fill_half)(s, n);
}

/* All blocks of n outputs with taps j .. j_end - 1, from output number i of a residue on. */
static void add_stretch(const mg_rows *op, const residue *of, int64_t i, int64_t n, int64_t j, int64_t j_end,
                        const float *in, bool with_bias, float *out)
{
    stretch s = {.in = in + (j_end > j ? (of->begin + i * of->step + j * of->reach) * op->in_stride : 0),
                 .in_step = of->step * op->in_stride,
                 .tap_step = of->reach * op->in_stride,
                 .n_taps = j_end - j,
                 .channels = op->in_channels,
                 .out_step = of->divide * op->out_stride,
                 .sign = op->sign};
    for (int64_t first = 0, lanes; first < op->out_stride; first += lanes) {
        int64_t in_block = first % MG_BLOCK, left = op->out_stride - (first - in_block);
        int64_t width = left < MG_BLOCK ? left : MG_BLOCK;
        lanes = strip_lanes(op, first);
        s.row = op->taps * width;
        s.next_tap = of->every * width;
        s.weight[0] = op->weight + op->taps * op->in_channels * (first - in_block) + in_block +
                      (of->first + j * of->every) * width;
        s.weight[1] = s.weight[0] + (lanes > MG_BLOCK ? op->taps * op->in_channels * MG_BLOCK : 0);
        s.bias = with_bias ? op->bias + first : NULL;
        s.out = out + first;
        fill(&s, n, lanes);
    }
}

static void outputs(const mg_rows *op, const float *in, int64_t t_begin, int64_t t_end, bool with_bias, float *out)
{
    for (int64_t r = 0; r < op->divide; r++) {
        int64_t i = up_div(t_begin - r, op->divide), end = up_div(t_end - r, op->divide), n;
        residue of;
        bool any = find_residue(op, r, &of);
        for (; i < end; i += n) {
            int64_t j = 0, j_end = 0;
            n = any ? find_taps(op, &of, i, end, &j, &j_end) : end - i;
            add_stretch(op, &of, i, n, j, j_end, in, with_bias, out + (r + i * op->divide - t_begin) * op->out_stride);
        }
    }
}

extern const mg_conv_kernels MG_GLUE(mg_conv_kernels_, MG_ISA);
const mg_conv_kernels MG_GLUE(mg_conv_kernels_, MG_ISA) = {.outputs = outputs};
