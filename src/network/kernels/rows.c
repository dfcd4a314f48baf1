/* rows.c  sums of weight rows over nonzero inputs: the loop that the run time is made of
 *
 * Shape of the inner loop: the sums of up to MAX_UNITS * MG_BLOCK outputs stand in registers while the nonzero values
 * of one input position go by; each costs one broadcast, one index, and one fused multiply-add with one load of weights
 * a vector of outputs. Every output adds its terms in the order of input position, then channel, which is part of the
 * definition and the same for every vector width.
 *
 * Compiled once for each instruction set with MG_ISA defined; vectors are GCC/clang vector extensions, intrinsics only
 * compress the nonzero lanes.
 */
#include "src/network/kernels/kernels.h"

#include <stddef.h>
#include <string.h>

#include "src/network/kernels/vector.h"

/* --- compaction -----------------------------------------------------------------------------------------------------
 */

static void compact(const float *x, int64_t n_positions, int64_t stride, int64_t channels, mg_list *list)
{
    int32_t n = 0;
    list->begin[0] = 0;
    for (int64_t p = 0; p < n_positions; p++) {
        for (int64_t c = 0; c < channels; c += WIDTH)
            n += compress(load(x + p * stride + c), (int32_t)c, list->channel + n, list->value + n);
        list->begin[p + 1] = n;
    }
}

/* --- rows ----------------------------------------------------------------------------------------------------------
 */

/* A unit is one tap and one block of outputs: where its weights begin and where its sums stand. */
typedef struct {
    const float *weight;
    float *out;
} unit;

/* As many units at once as registers hold, because each input then costs one broadcast and one index for all of them,
 * and because enough sums must be under way to hide the latency of a fused multiply-add. */
#if defined(__AVX512F__)
enum { MAX_UNITS = 4 };
#elif defined(__AVX__)
enum { MAX_UNITS = 3 };
#else
enum { MAX_UNITS = 1 };
#endif
enum { FULL = MG_BLOCK / WIDTH, HALF = MG_LANES / WIDTH, MAX_VECTORS = FULL, MAX_TAPS = 8 };

/* Add the entries of one input position to n_units units of n_vectors vectors. Always inlined with constant n_units and
 * n_vectors, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void add_entries(const unit *units, const int32_t *channel,
                                                              const float *value, int32_t n, int n_units, int n_vectors)
{
    vec sum[MAX_UNITS][MAX_VECTORS];
    const float *weight[MAX_UNITS];
    UNROLL
    for (int u = 0; u < n_units; u++) {
        weight[u] = units[u].weight;
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            sum[u][v] = load(units[u].out + v * WIDTH);
    }
    for (int32_t j = 0; j < n; j++) {
        ptrdiff_t row = (ptrdiff_t)channel[j] * (n_vectors * WIDTH);
        vec x = value[j] - (vec){0};
        UNROLL
        for (int u = 0; u < n_units; u++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                sum[u][v] += x * load(weight[u] + row + v * WIDTH);
        }
    }
    UNROLL
    for (int u = 0; u < n_units; u++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            store(units[u].out + v * WIDTH, sum[u][v]);
    }
}

static inline void add_units(const unit *units, int n_units, const mg_list *list, int64_t p, bool whole)
{
    int32_t begin = list->begin[p], n = list->begin[p + 1] - begin;
    const int32_t *channel = list->channel + begin;
    const float *value = list->value + begin;
    switch (whole ? n_units : n_units + 4) {
    case 1:
        add_entries(units, channel, value, n, 1, FULL);
        break;
#if defined(__AVX__)
    case 2:
        add_entries(units, channel, value, n, 2, FULL);
        break;
    case 3:
        add_entries(units, channel, value, n, 3, FULL);
        break;
    case 6:
        add_entries(units, channel, value, n, 2, HALF);
        break;
    case 7:
        add_entries(units, channel, value, n, 3, HALF);
        break;
#endif
#if defined(__AVX512F__)
    case 4:
        add_entries(units, channel, value, n, 4, FULL);
        break;
    case 8:
        add_entries(units, channel, value, n, 4, HALF);
        break;
#endif
    default:
        add_entries(units, channel, value, n, 1, HALF);
    }
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

/* The taps that carry an input whose place among outputs is `at` (tap 0, step 1) to outputs t_begin .. t_end - 1. */
static inline void tap_range(const mg_rows *op, int64_t at, int64_t t_begin, int64_t t_end, int64_t *k_begin,
                             int64_t *k_end)
{
    int64_t lo = at - (t_end - 1) * op->step, hi = at - t_begin * op->step;
    if (op->dilation != 1) {
        lo = ceil_div(lo, op->dilation);
        hi = hi < 0 ? -1 : hi / op->dilation;
    }
    *k_begin = lo > 0 ? lo : 0;
    *k_end = hi + 1 < op->taps ? hi + 1 : op->taps;
}

/* One block of several outputs: a position's entries go to all taps that reach an output, some at a time. */
static void block_rows(const mg_rows *op, int64_t block, const mg_list *list, int64_t p_begin, int64_t p_end,
                       int64_t t_begin, int64_t t_end, float *out)
{
    bool whole = op->out_stride - block * MG_BLOCK >= MG_BLOCK;
    int64_t tap_floats = op->in_channels * (whole ? MG_BLOCK : MG_LANES);
    const float *weight = op->weight + op->taps * op->in_channels * block * MG_BLOCK;
    for (int64_t p = p_begin; p < p_end; p++) {
        int64_t at = p * op->divide + op->pad, k, k_end;
        unit units[MAX_UNITS];
        int n_units = 0;
        if (list->begin[p - p_begin] == list->begin[p - p_begin + 1]) continue;
        tap_range(op, at, t_begin, t_end, &k, &k_end);
        for (; k < k_end; k++) {
            int64_t t = at - k * op->dilation;
            if (op->step != 1 && t % op->step != 0) continue;
            if (op->step != 1) t /= op->step;
            units[n_units++] = (unit){weight + k * tap_floats, out + (t - t_begin) * op->out_stride + block * MG_BLOCK};
            if (n_units < MAX_UNITS) continue;
            add_units(units, n_units, list, p - p_begin, whole);
            n_units = 0;
        }
        if (n_units > 0) add_units(units, n_units, list, p - p_begin, whole);
    }
}

static inline __attribute__((always_inline)) void store_sums(float *out, const vec *sum, int n_vectors)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++)
        store(out + v * WIDTH, sum[v]);
}

/* One block of a plain convolution with few taps: the sums of all outputs that a position reaches stay in registers and
 * move on by one as positions go by, so each output is stored once. sum[k] belongs to output p + pad - k. */
static inline __attribute__((always_inline)) void roll(const mg_rows *op, const float *weight, const float *bias,
                                                       const mg_list *list, int64_t p_begin, int64_t p_end,
                                                       int64_t t_begin, int64_t t_end, float *out, int taps,
                                                       int n_vectors)
{
    vec sum[MAX_TAPS][MAX_VECTORS], fresh[MAX_VECTORS];
    const ptrdiff_t tap_floats = op->in_channels * (n_vectors * WIDTH);
    UNROLL
    for (int v = 0; v < n_vectors; v++)
        fresh[v] = bias != NULL ? load(bias + v * WIDTH) : (vec){0};
    UNROLL
    for (int k = 0; k < taps; k++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            sum[k][v] = fresh[v];
    }
    for (int64_t p = p_begin; p < p_end; p++) {
        for (int32_t j = list->begin[p - p_begin], end = list->begin[p - p_begin + 1]; j < end; j++) {
            const float *row = weight + (ptrdiff_t)list->channel[j] * (n_vectors * WIDTH);
            vec x = list->value[j] - (vec){0};
            UNROLL
            for (int k = 0; k < taps; k++) {
                UNROLL
                for (int v = 0; v < n_vectors; v++)
                    sum[k][v] += x * load(row + k * tap_floats + v * WIDTH);
            }
        }
        int64_t t = p + op->pad - (taps - 1);
        if (t >= t_begin && t < t_end) store_sums(out + (t - t_begin) * op->out_stride, sum[taps - 1], n_vectors);
        UNROLL
        for (int k = taps - 1; k > 0; k--) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                sum[k][v] = sum[k - 1][v];
        }
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            sum[0][v] = fresh[v];
    }
    UNROLL
    for (int k = taps - 1; k > 0; k--) {
        int64_t t = p_end + op->pad - k;
        if (t >= t_begin && t < t_end) store_sums(out + (t - t_begin) * op->out_stride, sum[k], n_vectors);
    }
    /* Outputs that no position reaches. */
    for (int64_t t = t_begin; t < t_end; t++)
        if (t <= p_begin + op->pad - taps || t >= p_end + op->pad)
            store_sums(out + (t - t_begin) * op->out_stride, fresh, n_vectors);
}

#define ROLL_ARGUMENTS                                                                                                 \
    const mg_rows *op, const float *weight, const float *bias, const mg_list *list, int64_t p_begin, int64_t p_end,    \
        int64_t t_begin, int64_t t_end, float *out
#define ROLL(TAPS, NAME, N_VECTORS)                                                                                    \
    static void NAME##_##TAPS(ROLL_ARGUMENTS)                                                                          \
    {                                                                                                                  \
        roll(op, weight, bias, list, p_begin, p_end, t_begin, t_end, out, TAPS, N_VECTORS);                            \
    }

typedef void roll_kernel(ROLL_ARGUMENTS);

ROLL(1, roll_half, HALF)
ROLL(2, roll_half, HALF)
ROLL(3, roll_half, HALF)
#if defined(__AVX__)
ROLL(1, roll_full, FULL)
ROLL(2, roll_full, FULL)
ROLL(3, roll_full, FULL)
ROLL(4, roll_half, HALF)
ROLL(5, roll_half, HALF)
ROLL(6, roll_half, HALF)
ROLL(7, roll_half, HALF)
#endif
#if defined(__AVX512F__)
ROLL(4, roll_full, FULL)
ROLL(5, roll_full, FULL)
ROLL(6, roll_full, FULL)
ROLL(7, roll_full, FULL)
ROLL(8, roll_full, FULL)
ROLL(8, roll_half, HALF)
#endif

/* The rolling kernel for so many taps, NULL where the sums would not fit the registers. */
static roll_kernel *rolling(int64_t taps, bool whole)
{
#if defined(__AVX512F__)
    static roll_kernel *const full[] = {NULL,        roll_full_1, roll_full_2, roll_full_3, roll_full_4,
                                        roll_full_5, roll_full_6, roll_full_7, roll_full_8};
    static roll_kernel *const half[] = {NULL,        roll_half_1, roll_half_2, roll_half_3, roll_half_4,
                                        roll_half_5, roll_half_6, roll_half_7, roll_half_8};
#elif defined(__AVX__)
    static roll_kernel *const full[] = {NULL, roll_full_1, roll_full_2, roll_full_3, NULL, NULL, NULL, NULL, NULL};
    static roll_kernel *const half[] = {NULL,        roll_half_1, roll_half_2, roll_half_3, roll_half_4,
                                        roll_half_5, roll_half_6, roll_half_7, NULL};
#else
    static roll_kernel *const full[MAX_TAPS + 1] = {NULL};
    static roll_kernel *const half[MAX_TAPS + 1] = {NULL, roll_half_1, roll_half_2, roll_half_3};
#endif
    return taps > MAX_TAPS ? NULL : whole ? full[taps] : half[taps];
}

/* Several blocks of a single output, a dense layer: a position has one tap, so blocks are what is worked on together.
 */
static void dense_rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end,
                       float *out)
{
    int64_t first = group * MG_DENSE_BLOCKS,
            end = first + MG_DENSE_BLOCKS < op->n_blocks ? first + MG_DENSE_BLOCKS : op->n_blocks;
    for (int64_t p = p_begin; p < p_end; p++) {
        int64_t k, k_end;
        tap_range(op, p * op->divide + op->pad, 0, 1, &k, &k_end);
        if (k >= k_end || list->begin[p - p_begin] == list->begin[p - p_begin + 1]) continue;
        for (int64_t block = first; block < end;) {
            bool whole = op->out_stride - block * MG_BLOCK >= MG_BLOCK;
            int64_t tap_floats = op->in_channels * (whole ? MG_BLOCK : MG_LANES);
            unit units[MAX_UNITS];
            int n_units = 0;
            do {
                units[n_units++] = (unit){op->weight + op->taps * op->in_channels * block * MG_BLOCK + k * tap_floats,
                                          out + block * MG_BLOCK};
                block++;
            } while (n_units < MAX_UNITS && block < end && op->out_stride - block * MG_BLOCK >= MG_BLOCK);
            add_units(units, n_units, list, p - p_begin, whole);
        }
    }
}

static void begin_sums(const mg_rows *op, int64_t first, int64_t end, int64_t n_outputs, bool with_bias, float *out)
{
    size_t bytes = (size_t)(end - first) * sizeof *out;
    for (int64_t t = 0; t < n_outputs; t++, out += op->out_stride) {
        if (with_bias)
            memcpy(out + first, op->bias + first, bytes);
        else
            memset(out + first, 0, bytes);
    }
}

static void rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end, int64_t t_begin,
                 int64_t t_end, bool with_bias, float *out)
{
    bool dense = op->out_length == 1, plain = op->step == 1 && op->divide == 1 && op->dilation == 1;
    int64_t first = group * (dense ? MG_DENSE_BLOCKS : 1) * MG_BLOCK, left = op->out_stride - first;
    roll_kernel *kernel = dense || !plain ? NULL : rolling(op->taps, left >= MG_BLOCK);
    if (kernel != NULL) {
        kernel(op, op->weight + op->taps * op->in_channels * first, with_bias ? op->bias + first : NULL, list, p_begin,
               p_end, t_begin, t_end, out + first);
        return;
    }
    int64_t width = dense ? MG_DENSE_BLOCKS * MG_BLOCK : MG_BLOCK;
    begin_sums(op, first, first + (width < left ? width : left), t_end - t_begin, with_bias, out);
    if (!dense)
        block_rows(op, group, list, p_begin, p_end, t_begin, t_end, out);
    else if (t_end > t_begin)
        dense_rows(op, group, list, p_begin, p_end, out);
}

/* --- the set --------------------------------------------------------------------------------------------------------
 */

#define MG_NAME_(isa) #isa
#define MG_NAME(isa)  MG_NAME_(isa)

extern const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA);
extern const mg_layer_kernels MG_GLUE(mg_layer_kernels_, MG_ISA);
extern const mg_dense_kernels MG_GLUE(mg_dense_kernels_, MG_ISA);
extern const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA);
extern const mg_kernels MG_GLUE(mg_kernels_, MG_ISA);
const mg_kernels MG_GLUE(mg_kernels_, MG_ISA) = {
    .name = MG_NAME(MG_ISA),
    .compact = compact,
    .rows = rows,
    .layer = &MG_GLUE(mg_layer_kernels_, MG_ISA),
    .delta = &MG_GLUE(mg_delta_kernels_, MG_ISA),
    .gate = &MG_GLUE(mg_gate_kernels_, MG_ISA),
    .dense = &MG_GLUE(mg_dense_kernels_, MG_ISA),
};
