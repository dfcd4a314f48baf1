/* narrow.c  sums of weight rows of maps with few channels (narrow.h), compiled once for each instruction set
 *
 * An input number reaches `taps` neighbouring positions, four numbers each: one stretch of 4 taps floats. Some neighbouring
 * input positions, as many as a vector holds outputs of, make a group: what all of them reach stands in registers, and
 * when the group is done, its first vector is complete and the others move up by one, which costs nothing. Within a group an
 * input at the next position reaches outputs four floats further, so its row of weights is read from four floats before: that
 * is what the zeros at a row's ends are for. (A zero weight adds nothing.)
 *
 * A group's nonzero inputs are one loop, in the order of position, then channel, as everywhere.
 */
#include "src/kernels/narrow.h"

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"

enum { GROUP = WIDTH / MG_NARROW }; /* positions */
enum { MOST_INPUTS = GROUP * MG_NARROW_CHANNELS, LANE_VECTORS = MG_LANES / WIDTH };
enum { MOST_VECTORS = 8 * LANE_VECTORS };

/* Lanes 4 g .. 4 g + 3 of a vector as an output position: zeros behind. */
static inline __attribute__((always_inline)) void store_position(vec x, int g, float *out)
{
#if defined(__AVX512F__)
    const __m512i v = (__m512i)x;
    __m512i row = g == 0   ? _mm512_maskz_mov_epi32(0xf, v)
                  : g == 1 ? _mm512_maskz_alignr_epi32(0xf, v, v, 4)
                  : g == 2 ? _mm512_maskz_alignr_epi32(0xf, v, v, 8)
                           : _mm512_maskz_alignr_epi32(0xf, v, v, 12);
    _mm512_storeu_si512(out, row);
#elif defined(__AVX__)
    __m128 row = g == 0 ? _mm256_castps256_ps128((__m256)x) : _mm256_extractf128_ps((__m256)x, 1);
    _mm_storeu_ps(out, row);
    _mm_storeu_ps(out + MG_NARROW, _mm_setzero_ps());
    _mm256_storeu_ps(out + WIDTH, _mm256_setzero_ps());
#else
    (void)g;
    store(out, x);
    for (int i = MG_NARROW; i < MG_LANES; i += WIDTH)
        store(out + i, (vec){0});
#endif
}

/* The outputs t .. t + GROUP - 1, those that exist. */
static inline __attribute__((always_inline)) void store_group(vec x, int64_t t, int64_t n_outputs, float *out)
{
    UNROLL
    for (int g = 0; g < GROUP; g++)
        if (t + g >= 0 && t + g < n_outputs) store_position(x, g, out + (t + g) * MG_LANES);
}

/* The places of n numbers where u or v is not zero; returns how many. */
static inline __attribute__((always_inline)) int32_t find_places(const float *u, const float *v, int64_t n,
                                                                 bool by_sign, int32_t *at)
{
    int32_t n_found = 0;
    for (int64_t i = 0; i < n; i += WIDTH) {
        ivec any = (ivec)load(u + i);
        if (by_sign) any |= (ivec)load(v + i);
        n_found += compress_any(any, (int32_t)i, at + n_found);
    }
    return n_found;
}

/* Where the weights of a group's number i, (position, channel), begin. */
static void lay_out_rows(const mg_rows *op, int32_t *row_of)
{
    for (int64_t g = 0; g < GROUP; g++)
        for (int64_t c = 0; c < op->in_channels; c++)
            row_of[g * op->in_stride + c] = (int32_t)(c * op->narrow_width + MG_NARROW_LEAD - MG_NARROW * g);
}

typedef vec sums[2][MOST_VECTORS];

/* A group's n places into the sums of n_vectors vectors; by sign: u to the positive weights, v to the negative. */
static inline __attribute__((always_inline)) void add_places(const float *weight, const int32_t *row_of,
                                                             const int32_t *at, int32_t n, const float *u,
                                                             const float *v, sums sum, int n_vectors, bool by_sign)
{
    for (const int32_t *end = at + n; at < end; at++) {
        const float *row = weight + row_of[*at];
        vec x = u[*at] - (vec){0}, y = v[*at] - (vec){0};
        IN_REGISTER(row);
        UNROLL
        for (int k = 0; k < n_vectors; k++) {
            vec w = load(row + k * WIDTH);
            if (!by_sign) {
                sum[0][k] += x * w;
                continue;
            }
            LOADED(w);
            sum[0][k] += x * positive_part(w);
            sum[1][k] += y * negative_part(w);
        }
    }
}

/* The first vector is complete: it is stored, and the others move up. */
static inline __attribute__((always_inline)) void move_up(sums sum, int64_t t, int64_t n_outputs, float *out,
                                                          int n_vectors, bool by_sign)
{
    vec complete = sum[0][0];
    if (by_sign) complete += sum[1][0];
    store_group(complete, t, n_outputs, out);
    UNROLL
    for (int m = 0; m < 2; m++) { /* of plain sums the others are never used */
        UNROLL
        for (int k = 0; k + 1 < n_vectors; k++)
            sum[m][k] = sum[m][k + 1];
        sum[m][n_vectors - 1] = (vec){0};
    }
}

static inline __attribute__((always_inline)) void all_sums(const mg_rows *op, const float *u, const float *v,
                                                           float *out, int n_vectors, bool by_sign)
{
    int32_t row_of[MOST_INPUTS], at[MOST_INPUTS + MG_LANES];
    const int64_t stride = op->in_stride, length = op->in_length, n_outputs = op->out_length;
    const float *const weight = op->narrow;
    int64_t t = op->pad - (op->taps - 1), p = 0; /* the first output of the first vector; a group's first position */
    sums sum;
    UNROLL
    for (int m = 0; m < 2; m++) {
        UNROLL
        for (int k = 0; k < n_vectors; k++)
            sum[m][k] = (vec){0};
    }
    lay_out_rows(op, row_of);
    for (int64_t before = 0; before < t && before < n_outputs; before++)
        store_group((vec){0}, before, before + 1, out);
    for (; p < length; p += GROUP, t += GROUP) {
        int64_t n_positions = length - p < GROUP ? length - p : GROUP;
        const float *x = u + p * stride, *y = v + p * stride;
        int32_t n = find_places(x, y, n_positions * stride, by_sign, at);
        add_places(weight, row_of, at, n, x, y, sum, n_vectors, by_sign);
        move_up(sum, t, n_outputs, out, n_vectors, by_sign);
    }
    for (; t < n_outputs; t += GROUP)
        move_up(sum, t, n_outputs, out, n_vectors, by_sign);
}

/* Call WORK(vectors) with the constant that suits so many. */
#define BY_VECTORS(needed, WORK)                                                                                       \
    do {                                                                                                               \
        int64_t n_lanes = ((needed) + LANE_VECTORS - 1) / LANE_VECTORS;                                                \
        if (n_lanes <= 2)                                                                                              \
            WORK(2 * LANE_VECTORS);                                                                                    \
        else if (n_lanes == 3)                                                                                         \
            WORK(3 * LANE_VECTORS);                                                                                    \
        else if (n_lanes <= 5)                                                                                         \
            WORK(5 * LANE_VECTORS);                                                                                    \
        else                                                                                                           \
            WORK(8 * LANE_VECTORS);                                                                                    \
    } while (0)

/* Vectors that all positions of a group reach. */
static int64_t vectors_of(const mg_rows *op)
{
    return (op->taps + GROUP - 1 + GROUP - 1) / GROUP;
}

static void plain_sums(const mg_rows *op, const float *x, float *out)
{
#define SUMS(VECTORS) all_sums(op, x, x, out, VECTORS, false)
    BY_VECTORS(vectors_of(op), SUMS);
#undef SUMS
}

static void sums_by_sign(const mg_rows *op, const float *u, const float *v, float *out)
{
#define SUMS(VECTORS) all_sums(op, u, v, out, VECTORS, true)
    BY_VECTORS(vectors_of(op), SUMS);
#undef SUMS
}

extern const mg_narrow_kernels MG_GLUE(mg_narrow_kernels_, MG_ISA);
const mg_narrow_kernels MG_GLUE(mg_narrow_kernels_, MG_ISA) = {.sums = plain_sums, .sums_by_sign = sums_by_sign};
