/* rows.c  sums of weight rows over nonzero inputs: the loop that the run time is made of
 *
 * Shape of the inner loop: MG_BLOCK outputs stand in registers while the nonzero inputs that reach them go by; each
 * costs one broadcast, one index and one fused multiply-add a vector of outputs, whose weights come from L1 or L2. Even
 * and odd entries of a tap go to two sums, added at the end, because one chain of dependent FMAs would wait four cycles
 * at each link. That order of additions is part of the definition and the same for every vector width.
 *
 * Compiled once for each instruction set with MG_ISA defined; vectors are GCC/clang vector extensions, intrinsics only
 * compress the nonzero lanes.
 */
#include "src/network/kernels/kernels.h"

#include <stddef.h>
#include <string.h>

#include "src/network/kernels/vector.h"

/* --- compaction ----------------------------------------------------------------------------------------------------
 */

#if defined(__AVX512F__)
static inline int32_t compact_lanes(const float *x, int32_t channel, int32_t *channels, float *values)
{
    __m512 v = _mm512_loadu_ps(x);
    __mmask16 mask = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i index = _mm512_add_epi32(lane, _mm512_set1_epi32(channel));
    _mm512_storeu_si512(channels, _mm512_maskz_compress_epi32(mask, index));
    _mm512_storeu_ps(values, _mm512_maskz_compress_ps(mask, v));
    return (int32_t)__builtin_popcount(mask);
}
#elif defined(__AVX2__)
/* Eight lanes: the mask's bits are spread to bytes, which pick the lane numbers that stay. */
static inline int32_t compact_eight(const float *x, int32_t channel, int32_t *channels, float *values)
{
    __m256 v = _mm256_loadu_ps(x);
    unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_NEQ_UQ));
    uint64_t bytes = _pdep_u64(mask, 0x0101010101010101u) * 0xffu;
    uint64_t lanes = _pext_u64(0x0706050403020100u, bytes);
    __m256i pick = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
    _mm256_storeu_si256((__m256i *)(void *)channels, _mm256_add_epi32(pick, _mm256_set1_epi32(channel)));
    _mm256_storeu_ps(values, _mm256_permutevar8x32_ps(v, pick));
    return (int32_t)__builtin_popcount(mask);
}

static inline int32_t compact_lanes(const float *x, int32_t channel, int32_t *channels, float *values)
{
    int32_t n = compact_eight(x, channel, channels, values);
    return n + compact_eight(x + 8, channel + 8, channels + n, values + n);
}
#else
static inline int32_t compact_lanes(const float *x, int32_t channel, int32_t *channels, float *values)
{
    int32_t n = 0;
    for (int32_t c = 0; c < MG_LANES; c++) {
        channels[n] = channel + c;
        values[n] = x[c];
        n += x[c] != 0.0f;
    }
    return n;
}
#endif

static void compact(const float *x, int64_t n_positions, int64_t stride, int64_t channels, mg_list *list)
{
    int32_t n = 0;
    list->begin[0] = 0;
    for (int64_t p = 0; p < n_positions; p++) {
        for (int64_t c = 0; c < channels; c += MG_LANES)
            n += compact_lanes(x + p * stride + c, (int32_t)c, list->channel + n, list->value + n);
        list->begin[p + 1] = n;
    }
}

/* --- rows ----------------------------------------------------------------------------------------------------------
 */

enum { VECTORS = MG_BLOCK / WIDTH, HALF_VECTORS = MG_LANES / WIDTH };

/* Add the entries of one tap to a block's sums: entry j goes to even or odd by j. */
#define ADD_ENTRIES(N_VECTORS)                                                                                         \
    static inline __attribute__((always_inline)) void MG_GLUE(add_entries_, N_VECTORS)(                                \
        const float *weight, const int32_t *channel, const float *value, int32_t n, vec *even, vec *odd)               \
    {                                                                                                                  \
        int32_t j = 0;                                                                                                 \
        for (; j + 1 < n; j += 2) {                                                                                    \
            const float *w0 = weight + (ptrdiff_t)channel[j] * (N_VECTORS * WIDTH);                                    \
            const float *w1 = weight + (ptrdiff_t)channel[j + 1] * (N_VECTORS * WIDTH);                                \
            vec x0 = value[j] - (vec){0}, x1 = value[j + 1] - (vec){0};                                                \
            for (int v = 0; v < N_VECTORS; v++)                                                                        \
                even[v] += x0 * load(w0 + v * WIDTH);                                                                  \
            for (int v = 0; v < N_VECTORS; v++)                                                                        \
                odd[v] += x1 * load(w1 + v * WIDTH);                                                                   \
        }                                                                                                              \
        if (j < n) {                                                                                                   \
            const float *w0 = weight + (ptrdiff_t)channel[j] * (N_VECTORS * WIDTH);                                    \
            vec x0 = value[j] - (vec){0};                                                                              \
            for (int v = 0; v < N_VECTORS; v++)                                                                        \
                even[v] += x0 * load(w0 + v * WIDTH);                                                                  \
        }                                                                                                              \
    }

/* The taps of output t that fall on listed positions: k_begin .. k_end - 1, for operators with divide 1. */
static inline void tap_range(const mg_rows *op, int64_t t, int64_t p_begin, int64_t p_end, int64_t *k_begin,
                             int64_t *k_end)
{
    int64_t first = t * op->step - op->pad; /* input position of tap 0 */
    int64_t lo = p_begin - first, hi = p_end - 1 - first;
    if (op->dilation == 1) {
        *k_begin = lo > 0 ? lo : 0;
        *k_end = hi + 1 < op->taps ? hi + 1 : op->taps;
        return;
    }
    *k_begin = lo > 0 ? (lo + op->dilation - 1) / op->dilation : 0;
    *k_end = hi < 0 ? 0 : hi / op->dilation + 1;
    if (*k_end > op->taps) *k_end = op->taps;
}

#define ROWS(N_VECTORS)                                                                                                \
    static void MG_GLUE(rows_, N_VECTORS)(const mg_rows *op, const float *weight, const float *bias,                   \
                                          const mg_list *list, int64_t p_begin, int64_t p_end, int64_t t_begin,        \
                                          int64_t t_end, float *out)                                                   \
    {                                                                                                                  \
        const int64_t tap_floats = op->in_channels * (N_VECTORS * WIDTH);                                              \
        for (int64_t t = t_begin; t < t_end; t++, out += op->out_stride) {                                             \
            vec even[N_VECTORS], odd[N_VECTORS];                                                                       \
            for (int v = 0; v < N_VECTORS; v++) {                                                                      \
                even[v] = bias != NULL ? load(bias + v * WIDTH) : (vec){0};                                            \
                odd[v] = (vec){0};                                                                                     \
            }                                                                                                          \
            int64_t k = 0, k_end = op->taps;                                                                           \
            if (op->divide == 1) tap_range(op, t, p_begin, p_end, &k, &k_end);                                         \
            for (; k < k_end; k++) {                                                                                   \
                int64_t p = t * op->step + k * op->dilation - op->pad;                                                 \
                if (op->divide != 1) {                                                                                 \
                    if (p < 0 || p % op->divide != 0) continue;                                                        \
                    p /= op->divide;                                                                                   \
                    if (p < p_begin || p >= p_end) continue;                                                           \
                }                                                                                                      \
                int32_t begin = list->begin[p - p_begin], end = list->begin[p - p_begin + 1];                          \
                MG_GLUE(add_entries_, N_VECTORS)                                                                       \
                (weight + k * tap_floats, list->channel + begin, list->value + begin, end - begin, even, odd);         \
            }                                                                                                          \
            for (int v = 0; v < N_VECTORS; v++)                                                                        \
                store(out + v * WIDTH, even[v] + odd[v]);                                                              \
        }                                                                                                              \
    }

#if defined(__AVX512F__)
#    define N_FULL 2
#    define N_HALF 1
#elif defined(__AVX__)
#    define N_FULL 4
#    define N_HALF 2
#else
#    define N_FULL 8
#    define N_HALF 4
#endif

ADD_ENTRIES(N_FULL)
ADD_ENTRIES(N_HALF)
ROWS(N_FULL)
ROWS(N_HALF)

_Static_assert(N_FULL == VECTORS && N_HALF == HALF_VECTORS, "vectors a block");

static void rows(const mg_rows *op, int64_t block, const mg_list *list, int64_t p_begin, int64_t p_end, int64_t t_begin,
                 int64_t t_end, bool with_bias, float *out)
{
    int64_t first = block * MG_BLOCK;
    const float *weight = op->weight + op->taps * op->in_channels * first;
    const float *bias = with_bias ? op->bias + first : NULL;
    if (op->out_stride - first >= MG_BLOCK)
        MG_GLUE(rows_, N_FULL)(op, weight, bias, list, p_begin, p_end, t_begin, t_end, out + first);
    else
        MG_GLUE(rows_, N_HALF)(op, weight, bias, list, p_begin, p_end, t_begin, t_end, out + first);
}

/* --- elementwise ---------------------------------------------------------------------------------------------------
 */

static void relu(const float *in, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = in[i] > 0.0f ? in[i] : 0.0f;
}

static void max_pool_window(const float *in, int64_t n, int64_t step, int64_t width, float *restrict out,
                            int32_t *restrict winner)
{
    for (int64_t c = 0; c < width; c += MG_LANES) {
        float best[MG_LANES];
        int32_t which[MG_LANES] = {0};
        memcpy(best, in + c, sizeof best);
        for (int64_t j = 1; j < n; j++) {
            const float *x = in + j * step + c;
            for (int v = 0; v < MG_LANES; v++) {
                bool larger = x[v] > best[v];
                best[v] = larger ? x[v] : best[v];
                which[v] = larger ? (int32_t)j : which[v];
            }
        }
        memcpy(out + c, best, sizeof best);
        memcpy(winner + c, which, sizeof which);
    }
}

#define MG_NAME_(isa) #isa
#define MG_NAME(isa)  MG_NAME_(isa)

extern const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA);
extern const mg_kernels MG_GLUE(mg_kernels_, MG_ISA);
const mg_kernels MG_GLUE(mg_kernels_, MG_ISA) = {
    .name = MG_NAME(MG_ISA),
    .compact = compact,
    .rows = rows,
    .relu = relu,
    .max_pool_window = max_pool_window,
    .delta = &MG_GLUE(mg_delta_kernels_, MG_ISA),
};
