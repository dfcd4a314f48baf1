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
                                                       const mg_lane_entry *entry, int64_t n_entries, const float *rows,
                                                       float *out, int n)
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
    for (int64_t i = 0; i < n_entries; i++) {
        const float *row = rows + (int64_t)entry[i].row * MG_MUTANTS;
        int64_t at = entry[i].weight * width;
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
                                                        const mg_lane_entry *entry, int64_t n_entries,
                                                        const float *rows, float *out)
{
    for (int p = 0; p < PARTS; p++) {
        const float *from = rows + p * PART;
        float *to = out + p * PART;
        switch (n) {
        case 1:
            part(weight, width, entry, n_entries, from, to, 1);
            break;
        case 2:
            part(weight, width, entry, n_entries, from, to, 2);
            break;
        case 3:
            part(weight, width, entry, n_entries, from, to, 3);
            break;
        case 4:
            part(weight, width, entry, n_entries, from, to, 4);
            break;
#if defined(__AVX512F__)
        case 5:
            part(weight, width, entry, n_entries, from, to, 5);
            break;
        case 6:
            part(weight, width, entry, n_entries, from, to, 6);
            break;
        case 7:
            part(weight, width, entry, n_entries, from, to, 7);
            break;
        default:
            part(weight, width, entry, n_entries, from, to, 8);
            break;
#else
        default:
            break;
#endif
        }
    }
}

static void dots(const float *const *weight, int64_t width, int64_t n_outputs, const mg_lane_entry *entry, int64_t n,
                 const float *rows, float *out)
{
    for (int64_t o = 0; o < n_outputs; o += OUTPUTS) {
        int some = n_outputs - o < OUTPUTS ? (int)(n_outputs - o) : OUTPUTS;
        if (width == MG_BLOCK)
            whole(weight + o, MG_BLOCK, some, entry, n, rows, out + o * MG_MUTANTS);
        else
            whole(weight + o, MG_LANES, some, entry, n, rows, out + o * MG_MUTANTS);
    }
}

static void rectify(float z, float a, float slope, float *row)
{
    for (int i = 0; i < MG_MUTANTS; i += WIDTH) {
        vec x = load(row + i) + z;
        store(row + i, larger(x, x * slope) - a);
    }
}

static inline bool any_of(ivec any)
{
    int32_t some = 0;
    for (int i = 0; i < WIDTH; i++)
        some |= any[i];
    return some != 0;
}

/* Whole rows in registers: three vectors of AVX-512, six of AVX2. */
enum { ROW = MG_MUTANTS / WIDTH };

static inline bool keep(const vec x[ROW], float *to, float *squares)
{
    ivec any = {0};
    UNROLL
    for (int v = 0; v < ROW; v++)
        any |= x[v] != (vec){0};
    if (!any_of(any)) return false;
    UNROLL
    for (int v = 0; v < ROW; v++)
        store(to + v * WIDTH, x[v]);
    if (squares == NULL) return true;
    UNROLL
    for (int v = 0; v < ROW; v++)
        store(squares + v * WIDTH, load(squares + v * WIDTH) + x[v] * x[v]);
    return true;
}

static bool settle(const float *row, float *to, float *squares)
{
    vec x[ROW];
    UNROLL
    for (int v = 0; v < ROW; v++)
        x[v] = load(row + v * WIDTH);
    return keep(x, to, squares);
}

static bool rectify_settle(float z, float a, float slope, const float *row, float *to, float *squares)
{
    vec x[ROW];
    UNROLL
    for (int v = 0; v < ROW; v++) {
        vec y = load(row + v * WIDTH) + z;
        x[v] = larger(y, y * slope) - a;
    }
    return keep(x, to, squares);
}

static void bounds(const float *norm, float x, int64_t n, float *bound)
{
    for (int64_t o = 0; o < n; o += WIDTH)
        store(bound + o, load(bound + o) + x * load(norm + o));
}

static void alive(const float *own, const float *bound, int64_t n, uint64_t *mask)
{
    for (int64_t o = 0; o < n; o += WIDTH) {
        ivec on = load(own + o) + load(bound + o) >= (vec){0};
        uint64_t bits = 0;
#if defined(__AVX512F__)
        bits = _mm512_movepi32_mask((__m512i)on);
#elif defined(__AVX2__)
        bits = (uint64_t)(unsigned)_mm256_movemask_ps((__m256)on);
#else
        for (int i = 0; i < WIDTH; i++)
            bits |= (uint64_t)(on[i] != 0) << i;
#endif
        if (o % 64 == 0) mask[o / 64] = 0;
        mask[o / 64] |= bits << (o % 64);
    }
}

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
const mg_lane_kernels MG_GLUE(mg_lane_kernels_, MG_ISA) = {.dots = dots,
                                                           .rectify = rectify,
                                                           .settle = settle,
                                                           .rectify_settle = rectify_settle,
                                                           .bounds = bounds,
                                                           .alive = alive,
                                                           .add = add,
                                                           .square = square,
                                                           .largest = largest,
                                                           .max_pool = max_pool};
