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

/* --- compaction --- */

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

/* --- rows --- */

/* A unit is one tap and one block of outputs: where its weights begin and where its sums stand. */
typedef struct {
    const float *weight;
    float *out;
} unit;

/* As many units at once as registers hold, because each input then costs one broadcast and one index for all of them,
 * and because enough sums must be under way to hide the latency of a fused multiply-add. */
#if defined(__AVX512F__)
enum { MAX_UNITS = 4, CONVOLUTION_BLOCKS = 2 };
#elif defined(__AVX__)
enum { MAX_UNITS = 3, CONVOLUTION_BLOCKS = 1 };
#else
enum { MAX_UNITS = 1, CONVOLUTION_BLOCKS = 1 };
#endif
enum { FULL = MG_BLOCK / WIDTH, HALF = MG_LANES / WIDTH, MAX_VECTORS = FULL, MAX_TAPS = 12 };

/* Add the entries of one input position to n_units units of n_vectors vectors. Always inlined with constant n_units and
 * n_vectors, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void add_entries(const unit *units, const int32_t *channel,
                                                              const float *value, int32_t n, ptrdiff_t channel_floats,
                                                              int n_units, int n_vectors)
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
        ptrdiff_t row = channel[j] * channel_floats;
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

static inline void add_units(const unit *units, int n_units, const mg_list *list, int64_t p, int64_t taps, bool whole)
{
    ptrdiff_t floats = taps * (whole ? MG_BLOCK : MG_LANES);
    int32_t begin = list->begin[p], n = list->begin[p + 1] - begin;
    const int32_t *channel = list->channel + begin;
    const float *value = list->value + begin;
    switch (whole ? n_units : n_units + 4) {
    case 1:
        add_entries(units, channel, value, n, floats, 1, FULL);
        break;
#if defined(__AVX__)
    case 2:
        add_entries(units, channel, value, n, floats, 2, FULL);
        break;
    case 3:
        add_entries(units, channel, value, n, floats, 3, FULL);
        break;
    case 6:
        add_entries(units, channel, value, n, floats, 2, HALF);
        break;
    case 7:
        add_entries(units, channel, value, n, floats, 3, HALF);
        break;
#endif
#if defined(__AVX512F__)
    case 4:
        add_entries(units, channel, value, n, floats, 4, FULL);
        break;
    case 8:
        add_entries(units, channel, value, n, floats, 4, HALF);
        break;
#endif
    default:
        add_entries(units, channel, value, n, floats, 1, HALF);
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
    int64_t tap_floats = whole ? MG_BLOCK : MG_LANES;
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
            add_units(units, n_units, list, p - p_begin, op->taps, whole);
            n_units = 0;
        }
        if (n_units > 0) add_units(units, n_units, list, p - p_begin, op->taps, whole);
    }
}

static inline __attribute__((always_inline)) void store_sums(float *out, const vec *sum, int n_vectors)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++)
        store(out + v * WIDTH, sum[v]);
}

/* One block, or two next to each other, of a plain convolution with few taps: the sums of all outputs that a position
 * reaches stay in registers and move on by one as positions go by, so each output is stored once. sum[k] belongs to
 * output p + pad - k; its vectors are n_vectors of each block. */
static inline __attribute__((always_inline)) void roll(const mg_rows *op, const float *weight, const float *bias,
                                                       const mg_list *list, int64_t p_begin, int64_t p_end,
                                                       int64_t t_begin, int64_t t_end, float *out, int taps,
                                                       int n_blocks, int n_vectors)
{
    const int n = n_blocks * n_vectors;
    vec sum[MAX_TAPS][2 * MAX_VECTORS], fresh[2 * MAX_VECTORS];
    const ptrdiff_t tap_floats = n_vectors * WIDTH, block_floats = op->in_channels * taps * tap_floats;
    UNROLL
    for (int v = 0; v < n; v++)
        fresh[v] = bias != NULL ? load(bias + v * WIDTH) : (vec){0};
    UNROLL
    for (int k = 0; k < taps; k++) {
        UNROLL
        for (int v = 0; v < n; v++)
            sum[k][v] = fresh[v];
    }
    for (int64_t p = p_begin; p < p_end; p++) {
        for (int32_t j = list->begin[p - p_begin], end = list->begin[p - p_begin + 1]; j < end; j++) {
            const float *row = weight + list->channel[j] * (taps * tap_floats);
            vec x = list->value[j] - (vec){0};
            UNROLL
            for (int b = 0; b < n_blocks; b++) {
                UNROLL
                for (int k = 0; k < taps; k++) {
                    UNROLL
                    for (int v = 0; v < n_vectors; v++)
                        sum[k][b * n_vectors + v] += x * load(row + b * block_floats + k * tap_floats + v * WIDTH);
                }
            }
        }
        int64_t t = p + op->pad - (taps - 1);
        if (t >= t_begin && t < t_end) store_sums(out + (t - t_begin) * op->out_stride, sum[taps - 1], n);
        UNROLL
        for (int k = taps - 1; k > 0; k--) {
            UNROLL
            for (int v = 0; v < n; v++)
                sum[k][v] = sum[k - 1][v];
        }
        UNROLL
        for (int v = 0; v < n; v++)
            sum[0][v] = fresh[v];
    }
    UNROLL
    for (int k = taps - 1; k > 0; k--) {
        int64_t t = p_end + op->pad - k;
        if (t >= t_begin && t < t_end) store_sums(out + (t - t_begin) * op->out_stride, sum[k], n);
    }
    /* Outputs that no position reaches. */
    for (int64_t t = t_begin; t < t_end; t++)
        if (t <= p_begin + op->pad - taps || t >= p_end + op->pad)
            store_sums(out + (t - t_begin) * op->out_stride, fresh, n);
}

#define ROLL_ARGUMENTS                                                                                                 \
    const mg_rows *op, const float *weight, const float *bias, const mg_list *list, int64_t p_begin, int64_t p_end,    \
        int64_t t_begin, int64_t t_end, float *out
#define ROLL(TAPS, NAME, N_BLOCKS, N_VECTORS)                                                                          \
    static void NAME##_##TAPS(ROLL_ARGUMENTS)                                                                          \
    {                                                                                                                  \
        roll(op, weight, bias, list, p_begin, p_end, t_begin, t_end, out, TAPS, N_BLOCKS, N_VECTORS);                  \
    }

typedef void roll_kernel(ROLL_ARGUMENTS);

ROLL(1, roll_half, 1, HALF)
ROLL(2, roll_half, 1, HALF)
ROLL(3, roll_half, 1, HALF)
#if defined(__AVX__)
ROLL(1, roll_full, 1, FULL)
ROLL(2, roll_full, 1, FULL)
ROLL(3, roll_full, 1, FULL)
ROLL(4, roll_half, 1, HALF)
ROLL(5, roll_half, 1, HALF)
ROLL(6, roll_half, 1, HALF)
ROLL(7, roll_half, 1, HALF)
#endif
#if defined(__AVX512F__)
ROLL(4, roll_full, 1, FULL)
ROLL(5, roll_full, 1, FULL)
ROLL(6, roll_full, 1, FULL)
ROLL(7, roll_full, 1, FULL)
ROLL(8, roll_full, 1, FULL)
ROLL(9, roll_full, 1, FULL)
ROLL(10, roll_full, 1, FULL)
ROLL(11, roll_full, 1, FULL)
ROLL(12, roll_full, 1, FULL)
ROLL(8, roll_half, 1, HALF)
ROLL(1, roll_pair, 2, FULL)
ROLL(2, roll_pair, 2, FULL)
ROLL(3, roll_pair, 2, FULL)
ROLL(4, roll_pair, 2, FULL)
ROLL(5, roll_pair, 2, FULL)
ROLL(6, roll_pair, 2, FULL)
ROLL(7, roll_pair, 2, FULL)
#endif

/* The rolling kernel for so many taps and so wide an output, NULL where the sums would not fit the registers. */
static roll_kernel *rolling(int64_t taps, int64_t width)
{
#if defined(__AVX512F__)
    static roll_kernel *const pair[MAX_TAPS + 1] = {NULL,        roll_pair_1, roll_pair_2, roll_pair_3,
                                                    roll_pair_4, roll_pair_5, roll_pair_6, roll_pair_7};
    static roll_kernel *const full[MAX_TAPS + 1] = {NULL,         roll_full_1,  roll_full_2, roll_full_3, roll_full_4,
                                                    roll_full_5,  roll_full_6,  roll_full_7, roll_full_8, roll_full_9,
                                                    roll_full_10, roll_full_11, roll_full_12};
    static roll_kernel *const half[MAX_TAPS + 1] = {NULL,        roll_half_1, roll_half_2, roll_half_3, roll_half_4,
                                                    roll_half_5, roll_half_6, roll_half_7, roll_half_8};
#elif defined(__AVX__)
    static roll_kernel *const pair[MAX_TAPS + 1] = {NULL};
    static roll_kernel *const full[MAX_TAPS + 1] = {NULL, roll_full_1, roll_full_2, roll_full_3};
    static roll_kernel *const half[MAX_TAPS + 1] = {NULL,        roll_half_1, roll_half_2, roll_half_3,
                                                    roll_half_4, roll_half_5, roll_half_6, roll_half_7};
#else
    static roll_kernel *const pair[MAX_TAPS + 1] = {NULL};
    static roll_kernel *const full[MAX_TAPS + 1] = {NULL};
    static roll_kernel *const half[MAX_TAPS + 1] = {NULL, roll_half_1, roll_half_2, roll_half_3};
#endif
    if (taps > MAX_TAPS) return NULL;
    if (width == MG_LANES) return half[taps];
    if (width == MG_BLOCK) return full[taps];
    return width == 2 * MG_BLOCK ? pair[taps] : NULL;
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

/* A group of a convolution, block by block where no kernel takes two at once. */
static void convolution_rows(const mg_rows *op, int64_t first, int64_t end, bool rolls, const mg_list *list,
                             int64_t p_begin, int64_t p_end, int64_t t_begin, int64_t t_end, bool with_bias, float *out)
{
    while (first < end) {
        int64_t width = end - first;
        roll_kernel *kernel = rolls ? rolling(op->taps, width) : NULL;
        if (kernel == NULL && width > MG_BLOCK) {
            width = MG_BLOCK;
            kernel = rolls ? rolling(op->taps, width) : NULL;
        }
        if (kernel != NULL) {
            kernel(op, op->weight + op->taps * op->in_channels * first, with_bias ? op->bias + first : NULL, list,
                   p_begin, p_end, t_begin, t_end, out + first);
        } else {
            begin_sums(op, first, first + width, t_end - t_begin, with_bias, out);
            block_rows(op, first / MG_BLOCK, list, p_begin, p_end, t_begin, t_end, out);
        }
        first += width;
    }
}

/* Several blocks of a single output, a dense layer: a position has one tap, so blocks are what is worked on
 * together. */
static void dense_rows(const mg_rows *op, int64_t first, int64_t end, const mg_list *list, int64_t p_begin,
                       int64_t p_end, float *out)
{
    for (int64_t p = p_begin; p < p_end; p++) {
        int64_t k, k_end;
        tap_range(op, p * op->divide + op->pad, 0, 1, &k, &k_end);
        if (k >= k_end || list->begin[p - p_begin] == list->begin[p - p_begin + 1]) continue;
        for (int64_t block = first; block < end;) {
            bool whole = op->out_stride - block * MG_BLOCK >= MG_BLOCK;
            int64_t tap_floats = whole ? MG_BLOCK : MG_LANES;
            unit units[MAX_UNITS];
            int n_units = 0;
            do {
                units[n_units++] = (unit){op->weight + op->taps * op->in_channels * block * MG_BLOCK + k * tap_floats,
                                          out + block * MG_BLOCK};
                block++;
            } while (n_units < MAX_UNITS && block < end && op->out_stride - block * MG_BLOCK >= MG_BLOCK);
            add_units(units, n_units, list, p - p_begin, op->taps, whole);
        }
    }
}

static void rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end, int64_t t_begin,
                 int64_t t_end, bool with_bias, float *out)
{
    bool rolls = op->step == 1 && op->divide == 1 && op->dilation == 1;
    int64_t first = group * op->group_blocks * MG_BLOCK, end = first + op->group_blocks * MG_BLOCK;
    if (end > op->out_stride) end = op->out_stride;
    if (op->out_length > 1) {
        convolution_rows(op, first, end, rolls, list, p_begin, p_end, t_begin, t_end, with_bias, out);
        return;
    }
    begin_sums(op, first, end, t_end - t_begin, with_bias, out);
    if (t_end > t_begin) dense_rows(op, first / MG_BLOCK, (end + MG_BLOCK - 1) / MG_BLOCK, list, p_begin, p_end, out);
}

/* --- the set --- */

#define MG_NAME_(isa) #isa
#define MG_NAME(isa)  MG_NAME_(isa)

extern const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA);
extern const mg_layer_kernels MG_GLUE(mg_layer_kernels_, MG_ISA);
extern const mg_dense_kernels MG_GLUE(mg_dense_kernels_, MG_ISA);
extern const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA);
extern const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_, MG_ISA);
extern const mg_kernels MG_GLUE(mg_kernels_, MG_ISA);
const mg_kernels MG_GLUE(mg_kernels_, MG_ISA) = {
    .name = MG_NAME(MG_ISA),
    .convolution_blocks = CONVOLUTION_BLOCKS,
    .compact = compact,
    .rows = rows,
    .layer = &MG_GLUE(mg_layer_kernels_, MG_ISA),
    .delta = &MG_GLUE(mg_delta_kernels_, MG_ISA),
    .gate = &MG_GLUE(mg_gate_kernels_, MG_ISA),
    .kinetic = &MG_GLUE(mg_kinetic_kernels_, MG_ISA),
    .dense = &MG_GLUE(mg_dense_kernels_, MG_ISA),
};
