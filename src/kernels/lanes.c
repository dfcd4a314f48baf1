/* lanes.c  rows of mutants (lanes.h)
 *
 * A third of what fills the registers is held at a time: three vectors for each of OUTPUTS outputs (24 of the 32 of
 * AVX-512, 12 of the 16 of AVX2), so each load of a row's vectors serves all outputs, and each weight three vectors.
 */
#include "src/kernels/lanes.h"

#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"

#if defined(__AVX512F__)
enum { OUTPUTS = 8 };
#else
enum { OUTPUTS = 4 };
#endif
enum { VECTORS = 3, PART = VECTORS * WIDTH, PARTS = MG_MUTANTS / PART };
_Static_assert(MG_MUTANTS % PART == 0, "a row is a whole number of parts");

/* n outputs, one part of the rows; inlined with constants, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void part(const float *const *weight, int64_t width,
                                                       const mg_lane_list *list, const float *rows, float *out, int n)
{
    vec sum[OUTPUTS][VECTORS];
    const float *w[OUTPUTS];
    UNROLL
    for (int o = 0; o < n; o++) {
        w[o] = weight[o];
        IN_REGISTER(w[o]);
        UNROLL
        for (int v = 0; v < VECTORS; v++)
            sum[o][v] = (vec){0};
    }
    for (int64_t i = 0; i < list->n; i++) {
        const float *row = rows + (int64_t)list->row[i] * MG_MUTANTS;
        int64_t at = list->weight[i] * width;
        vec x[VECTORS];
        UNROLL
        for (int v = 0; v < VECTORS; v++)
            x[v] = load(row + v * WIDTH);
        UNROLL
        for (int o = 0; o < n; o++) {
            vec one = w[o][at] - (vec){0}; /* that number in all lanes */
            TOUCH(one);
            UNROLL
            for (int v = 0; v < VECTORS; v++)
                sum[o][v] += one * x[v];
        }
    }
    UNROLL
    for (int o = 0; o < n; o++) {
        UNROLL
        for (int v = 0; v < VECTORS; v++)
            store(out + o * MG_MUTANTS + v * WIDTH, sum[o][v]);
    }
}

/* `n` outputs, whole rows, for a constant width, which makes of the weight's place a shift. */
static inline __attribute__((always_inline)) void whole(const float *const *weight, int64_t width, int n,
                                                        const mg_lane_list *list, const float *rows, float *out)
{
    for (int p = 0; p < PARTS; p++) {
        const float *from = rows + p * PART;
        float *to = out + p * PART;
        switch (n) {
        case 1:
            part(weight, width, list, from, to, 1);
            break;
        case 2:
            part(weight, width, list, from, to, 2);
            break;
        case 3:
            part(weight, width, list, from, to, 3);
            break;
        case 4:
            part(weight, width, list, from, to, 4);
            break;
#if defined(__AVX512F__)
        case 5:
            part(weight, width, list, from, to, 5);
            break;
        case 6:
            part(weight, width, list, from, to, 6);
            break;
        case 7:
            part(weight, width, list, from, to, 7);
            break;
        default:
            part(weight, width, list, from, to, 8);
            break;
#else
        default:
            break;
#endif
        }
    }
}

static void dots(const float *const *weight, int64_t width, int64_t n_outputs, const mg_lane_list *list,
                 const float *rows, float *out)
{
    for (int64_t o = 0; o < n_outputs; o += OUTPUTS) {
        int some = n_outputs - o < OUTPUTS ? (int)(n_outputs - o) : OUTPUTS;
        if (width == MG_BLOCK)
            whole(weight + o, MG_BLOCK, some, list, rows, out + o * MG_MUTANTS);
        else
            whole(weight + o, MG_LANES, some, list, rows, out + o * MG_MUTANTS);
    }
}

static void rectify(float z, float a, float slope, float *row)
{
    for (int i = 0; i < MG_MUTANTS; i += WIDTH) {
        vec x = load(row + i) + z;
        store(row + i, larger(x, x * slope) - a);
    }
}

/* --- lists --- */

#if defined(__AVX512F__)
static void list_channels(const uint64_t *mask, int64_t words, int32_t first_row, int32_t first_weight, int32_t taps,
                          mg_lane_list *list)
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i apart = _mm512_mullo_epi32(lane, _mm512_set1_epi32(taps));
    for (int64_t q = 0; q < words * 4; q++) {
        __mmask16 some = (__mmask16)(mask[q / 4] >> (q % 4 * WIDTH));
        int32_t c = (int32_t)q * WIDTH;
        if (some == 0) continue;
        __m512i row = _mm512_add_epi32(lane, _mm512_set1_epi32(first_row + c));
        __m512i weight = _mm512_add_epi32(apart, _mm512_set1_epi32(first_weight + c * taps));
        _mm512_storeu_si512(list->row + list->n, _mm512_maskz_compress_epi32(some, row));
        _mm512_storeu_si512(list->weight + list->n, _mm512_maskz_compress_epi32(some, weight));
        list->n += __builtin_popcount(some);
    }
}
#else
static void list_channels(const uint64_t *mask, int64_t words, int32_t first_row, int32_t first_weight, int32_t taps,
                          mg_lane_list *list)
{
    for (int64_t w = 0; w < words; w++)
        for (uint64_t left = mask[w]; left != 0; left &= left - 1) {
            int32_t c = (int32_t)w * 64 + __builtin_ctzll(left);
            list->row[list->n] = first_row + c;
            list->weight[list->n++] = first_weight + c * taps;
        }
}
#endif

/* --- rows that are kept --- */

/* Whole rows in registers: three vectors of AVX-512, six of AVX2. */
enum { ROW = MG_MUTANTS / WIDTH };

/* Bits but the sign tell whether a number is 0. */
static inline bool any_nonzero(const vec *x)
{
    ivec any = (ivec)x[0];
    UNROLL
    for (int v = 1; v < ROW; v++)
        any |= (ivec)x[v];
#if defined(__AVX512F__)
    return _mm512_test_epi32_mask((__m512i)any, _mm512_set1_epi32(INT32_MAX)) != 0;
#elif defined(__AVX2__)
    return !_mm256_testz_si256((__m256i)any, _mm256_set1_epi32(INT32_MAX));
#else
    int32_t some = 0;
    for (int i = 0; i < WIDTH; i++)
        some |= any[i] & INT32_MAX;
    return some != 0;
#endif
}

static inline void load_row(const float *row, vec *x)
{
    UNROLL
    for (int v = 0; v < ROW; v++)
        x[v] = load(row + v * WIDTH);
}

static inline void store_row(float *row, const vec *x)
{
    UNROLL
    for (int v = 0; v < ROW; v++)
        store(row + v * WIDTH, x[v]);
}

static inline void add_squares(const vec *x, vec *squares)
{
    UNROLL
    for (int v = 0; v < ROW; v++)
        squares[v] += x[v] * x[v];
}

static bool settle(const float *row, float *to, float *squares)
{
    vec x[ROW], sum[ROW];
    load_row(row, x);
    if (!any_nonzero(x)) return false;
    store_row(to, x);
    if (squares == NULL) return true;
    load_row(squares, sum);
    add_squares(x, sum);
    store_row(squares, sum);
    return true;
}

static inline void through_gate(const mg_lane_gate *gate, int64_t c, vec *x)
{
    UNROLL
    for (int v = 0; v < ROW; v++) {
        vec y = x[v] + gate->z[c];
        x[v] = larger(y, y * gate->slope[c]) - gate->a[c];
    }
}

static int64_t keep(const mg_lane_gate *gate, const int64_t *channel, int64_t n, const float *rows, bool packed,
                    float *to, uint64_t *mask, float *squares)
{
    int64_t kept = 0;
    vec x[ROW], sum[ROW];
    load_row(squares != NULL ? squares : rows, sum);
    for (int64_t i = 0; i < n; i++) {
        int64_t c = channel[i];
        load_row(rows + i * MG_MUTANTS, x);
        if (gate != NULL) through_gate(gate, c, x);
        if (!any_nonzero(x)) continue;
        store_row(to + (packed ? kept : c) * MG_MUTANTS, x);
        mask[c / 64] |= (uint64_t)1 << (c % 64);
        if (squares != NULL) add_squares(x, sum);
        kept++;
    }
    if (squares != NULL) store_row(squares, sum);
    return kept;
}

static inline float largest_of(const vec *x)
{
    vec most = x[0];
    UNROLL
    for (int v = 1; v < ROW; v++)
        most = larger(most, x[v]);
    float one = most[0];
    for (int i = 1; i < WIDTH; i++)
        one = most[i] > one ? most[i] : one;
    return one;
}

/* Add a packed row to row c at `to`, which there is or is not yet. */
static inline void merge_row(const float *row, bool there, float *to, vec *squares)
{
    vec x[ROW], old[ROW];
    load_row(row, x);
    if (there) {
        load_row(to, old);
        UNROLL
        for (int v = 0; v < ROW; v++)
            x[v] += old[v];
    }
    store_row(to, x);
    add_squares(x, squares);
}

static float merge(const uint64_t *added, int64_t words, const float *rows, bool squared, float *to, uint64_t *mask)
{
    vec squares[ROW], x[ROW];
    UNROLL
    for (int v = 0; v < ROW; v++)
        squares[v] = (vec){0};
    for (int64_t w = 0; w < words; w++) {
        for (uint64_t left = added[w]; left != 0; left &= left - 1, rows += MG_MUTANTS) {
            int c = __builtin_ctzll(left);
            merge_row(rows, (mask[w] >> c & 1) != 0, to + (w * 64 + c) * MG_MUTANTS, squares);
        }
        for (uint64_t left = squared ? mask[w] & ~added[w] : 0; left != 0; left &= left - 1) {
            load_row(to + (w * 64 + __builtin_ctzll(left)) * MG_MUTANTS, x);
            add_squares(x, squares);
        }
        mask[w] |= added[w];
    }
    return squared ? largest_of(squares) : 0.0f;
}

/* --- certificates --- */

/* A bit for each lane where a >= b; false where one is no number. */
static inline uint64_t at_least(vec a, vec b)
{
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GE_OQ);
#elif defined(__AVX2__)
    return (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_GE_OQ));
#else
    uint64_t bits = 0;
    for (int i = 0; i < WIDTH; i++)
        bits |= (uint64_t)(a[i] >= b[i]) << i;
    return bits;
#endif
}

static void certify(const float *const *norm, const float *x, int64_t n_taps, const float *own, int64_t n,
                    uint64_t *alive, uint64_t *undecided)
{
    for (int64_t o = 0; o < n; o += WIDTH) {
        vec bound = {0}, z = load(own + o);
        for (int64_t k = 0; k < n_taps; k++)
            bound += x[k] * load(norm[k] + o);
        uint64_t bits = at_least(z + bound, (vec){0});
        if (o % 64 == 0) alive[o / 64] = 0;
        alive[o / 64] |= bits << (o % 64);
        if (undecided == NULL) continue;
        if (o % 64 == 0) undecided[o / 64] = 0;
        undecided[o / 64] |= (bits & at_least((vec){0}, z - bound)) << (o % 64);
    }
}

/* --- into the total --- */

static void weigh(const uint64_t *mask, int64_t words, const float *rows, const float *x, float *total)
{
    vec sum[ROW];
    load_row(total, sum);
    for (int64_t w = 0; w < words; w++)
        for (uint64_t left = mask[w]; left != 0; left &= left - 1) {
            int64_t c = w * 64 + __builtin_ctzll(left);
            UNROLL
            for (int v = 0; v < ROW; v++)
                sum[v] += x[c] * load(rows + c * MG_MUTANTS + v * WIDTH);
        }
    store_row(total, sum);
}

/* Behind the gate y instead of the line: on, max(y, slope y) - y = (1 - slope) max(-y, 0); off, less slope y, (1 - slope)
 * max(y, 0). */
static void correct(const mg_lane_gate *gate, const float *g, const int64_t *channel, int64_t n, const float *rows,
                    float *total)
{
    vec sum[ROW];
    load_row(total, sum);
    for (int64_t i = 0; i < n; i++) {
        int64_t c = channel[i];
        float z = gate->z[c], sign = z > 0.0f ? -1.0f : 1.0f, weight = g[c] * (1.0f - gate->slope[c]);
        UNROLL
        for (int v = 0; v < ROW; v++)
            sum[v] += weight * positive(sign * (load(rows + i * MG_MUTANTS + v * WIDTH) + z));
    }
    store_row(total, sum);
}

static void fetch(const uint64_t *mask, int64_t words, const float *rows)
{
    for (int64_t w = 0; w < words; w++)
        for (uint64_t left = mask[w]; left != 0; left &= left - 1) {
            const float *row = rows + (w * 64 + __builtin_ctzll(left)) * MG_MUTANTS;
            UNROLL
            for (int v = 0; v < MG_MUTANTS; v += MG_LANES)
                __builtin_prefetch(row + v);
        }
}

/* --- the window's own channels --- */

static void first(const float *const *weight, int64_t apart, int64_t n_outputs, const float *change, float *out)
{
    for (int64_t o = 0; o < n_outputs; o++)
        for (int s = 0; s < MG_SITES; s += WIDTH) {
            vec sum[3] = {{0}, {0}, {0}};
            UNROLL
            for (int b = 0; b < 4; b++) {
                vec w = load(weight[o] + b * apart + s);
                UNROLL
                for (int q = 0; q < 3; q++)
                    sum[q] += w * load(change + b * MG_MUTANTS + q * MG_SITES + s);
            }
            UNROLL
            for (int q = 0; q < 3; q++)
                store(out + o * MG_MUTANTS + q * MG_SITES + s, sum[q]);
        }
}

/* --- others --- */

static void add(const float *row, float x, float *to)
{
    for (int i = 0; i < MG_MUTANTS; i += WIDTH)
        store(to + i, load(to + i) + x * load(row + i));
}

static void square(const float *row, float *squares)
{
    for (int i = 0; i < MG_MUTANTS; i += WIDTH)
        store(squares + i, load(squares + i) + load(row + i) * load(row + i));
}

static float largest(const float *row)
{
    vec most = load(row);
    for (int i = WIDTH; i < MG_MUTANTS; i += WIDTH)
        most = larger(most, load(row + i));
    float one = most[0];
    for (int i = 1; i < WIDTH; i++)
        one = most[i] > one ? most[i] : one;
    return one;
}

static void max_pool(const float *z, const float *const *row, int64_t n, float a, float *out)
{
    for (int i = 0; i < MG_MUTANTS; i += WIDTH) {
        vec most = z[0] - (vec){0};
        if (row[0] != NULL) most += load(row[0] + i);
        for (int64_t k = 1; k < n; k++) {
            vec x = z[k] - (vec){0};
            if (row[k] != NULL) x += load(row[k] + i);
            most = larger(most, x);
        }
        store(out + i, most - a);
    }
}

extern const mg_lane_kernels MG_GLUE(mg_lane_kernels_, MG_ISA);
const mg_lane_kernels MG_GLUE(mg_lane_kernels_, MG_ISA) = {.list = list_channels,
                                                           .dots = dots,
                                                           .first = first,
                                                           .rectify = rectify,
                                                           .settle = settle,
                                                           .keep = keep,
                                                           .merge = merge,
                                                           .certify = certify,
                                                           .weigh = weigh,
                                                           .correct = correct,
                                                           .fetch = fetch,
                                                           .add = add,
                                                           .square = square,
                                                           .largest = largest,
                                                           .max_pool = max_pool};
