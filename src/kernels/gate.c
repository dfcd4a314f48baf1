/* gate.c  ReLU and max pooling along a path, and single inputs of linear operators; compiled once for each instruction
 * set */
#include "src/kernels/gate.h"

#include <stddef.h>
#include <string.h>

#include "src/kernels/kernels.h"
#include "src/kernels/states.h"
#include "src/kernels/taps.h"
#include "src/kernels/vector.h"

/* --- gates --- */

static void pick(const float *z, const mg_gate_state *state, int64_t stride, const mg_pooling *pooling,
                 int64_t n_outputs, float *out)
{
    for (int64_t o = 0; o < n_outputs; o++) {
        int64_t first, n = mg_pooling_first(pooling, o, &first);
        for (int64_t c = 0; c < stride; c += WIDTH) {
            const float *from = z + first * stride + c;
            ivec which = load_states(state + o * stride + c), picked = {0};
            for (int64_t j = 0; j < n; j++, from += pooling->dilation * stride)
                picked |= (ivec)masked(which == (int32_t)j, load(from));
            store(out + o * stride + c, (vec)picked);
        }
    }
}

/* An input z, or z + t slope where slope is not NULL. */
static inline __attribute__((always_inline)) vec input_at(const float *z, const float *slope, float t, int64_t at)
{
    vec value = load(z + at);
    if (slope != NULL) value += t * load(slope + at);
    return value;
}

/* One output and its states, of n inputs `step` apart, where inputs are z, or z + t slope. */
static inline __attribute__((always_inline)) void find_output(const float *z, const float *slope, float t, int64_t n,
                                                              int64_t step, int64_t stride, bool with_relu, float *out,
                                                              mg_gate_state *state)
{
    for (int64_t c = 0; c < stride; c += WIDTH) {
        vec best = input_at(z, slope, t, c);
        ivec which = {0};
        UNROLL
        for (int64_t j = 1; j < n; j++) {
            vec value = input_at(z, slope, t, j * step + c);
            ivec wins = value > best;
            best = larger(value, best);
            which = (wins & (int32_t)j) | (~wins & which);
        }
        if (with_relu) which |= best <= 0.0f; /* true is -1 */
        store(out + c, with_relu ? positive(best) : best);
        store_states(state + c, which);
    }
}

/* Outputs and states where inputs are z, or z + t slope. Inlined with slope NULL or not. */
static inline __attribute__((always_inline)) void find(const float *z, const float *slope, float t, int64_t stride,
                                                       const mg_pooling *pooling, bool with_relu, int64_t n_outputs,
                                                       float *out, mg_gate_state *state)
{
    const mg_pooling windows = *pooling;
    const int64_t step = windows.dilation * stride;
    for (int64_t o = 0; o < n_outputs; o++, out += stride, state += stride) {
        int64_t first, n = mg_pooling_first(&windows, o, &first);
        const float *from = z + first * stride, *change = slope != NULL ? slope + first * stride : NULL;
        if (n == 3) /* as most poolings are, unrolled */
            find_output(from, change, t, 3, step, stride, with_relu, out, state);
        else
            find_output(from, change, t, n, step, stride, with_relu, out, state);
    }
}

static void follow(const float *z, int64_t stride, const mg_pooling *pooling, bool with_relu, int64_t n_outputs,
                   float *out, mg_gate_state *state)
{
    find(z, NULL, 0.0f, stride, pooling, with_relu, n_outputs, out, state);
}

static void follow_line(const float *start, const float *slope, float t, int64_t stride, const mg_pooling *pooling,
                        bool with_relu, int64_t n_outputs, float *out, mg_gate_state *state)
{
    find(start, slope, t, stride, pooling, with_relu, n_outputs, out, state);
}

/* Which of MG_LANES states differ, a bit each. */
static inline uint32_t unequal(const mg_gate_state *before, const mg_gate_state *now)
{
#if defined(__AVX2__)
    __m256i old = _mm256_loadu_si256((const __m256i *)(const void *)before);
    __m256i equal = _mm256_cmpeq_epi16(old, _mm256_loadu_si256((const __m256i *)(const void *)now));
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(equal), _mm256_extracti128_si256(equal, 1));
    return (uint32_t)_mm_movemask_epi8(bytes) ^ 0xffffu;
#else
    uint32_t bits = 0;
    if (memcmp(before, now, MG_LANES * sizeof *now) == 0) return 0;
    for (int i = 0; i < MG_LANES; i++)
        bits |= (uint32_t)(before[i] != now[i]) << i;
    return bits;
#endif
}

static int64_t differ(const mg_gate_state *before, const mg_gate_state *now, int64_t stride, int64_t n_outputs,
                      mg_gate_switch *changed)
{
    int64_t n = 0;
    for (int64_t o = 0; o < n_outputs; o++)
        for (int64_t c = 0; c < stride; c += MG_LANES)
            for (uint32_t bits = unequal(before + o * stride + c, now + o * stride + c); bits != 0; bits &= bits - 1)
                changed[n++] = (mg_gate_switch){(int32_t)o, (int32_t)c + __builtin_ctz(bits)};
    return n;
}

/* One output's shares to its n inputs, `step` apart. */
static inline __attribute__((always_inline)) void send_output(const float *multiplier, float weight,
                                                              const mg_gate_state *state, int64_t n, int64_t step,
                                                              int64_t stride, float *sum)
{
    for (int64_t c = 0; c < stride; c += WIDTH) {
        vec share = weight * load(multiplier + c);
        ivec which = load_states(state + c);
        UNROLL
        for (int64_t j = 0; j < n; j++)
            store(sum + j * step + c, load(sum + j * step + c) + masked(which == (int32_t)j, share));
    }
}

static void send(const float *multiplier, float weight, const mg_gate_state *state, int64_t stride,
                 const mg_pooling *pooling, int64_t n_outputs, float *sum)
{
    const mg_pooling windows = *pooling;
    const int64_t step = windows.dilation * stride;
    for (int64_t o = 0; o < n_outputs; o++, multiplier += stride, state += stride) {
        int64_t first, n = mg_pooling_first(&windows, o, &first);
        if (n == 3)
            send_output(multiplier, weight, state, 3, step, stride, sum + first * stride);
        else
            send_output(multiplier, weight, state, n, step, stride, sum + first * stride);
    }
}

/* --- single inputs of linear operators --- */

/* The rows of weights of one input, and where their outputs stand: taps k .. k_end - 1. */
typedef struct {
    int64_t at; /* tap 0's place among outputs, step 1 */
    int64_t k, k_end;
} reach;

static inline reach reach_of(const mg_rows *op, int64_t p)
{
    reach r = {.at = p * op->divide + op->pad};
    tap_range(op, r.at, 0, op->out_length, &r.k, &r.k_end);
    return r;
}

/* Floats from the beginning of the outputs to those that tap k reaches; -1: none, the step passes over them. */
static inline int64_t row_place(const mg_rows *op, const reach *r, int64_t k)
{
    int64_t t = r->at - k * op->dilation;
    if (op->step != 1) {
        if (t % op->step != 0) return -1;
        t /= op->step;
    }
    return t * op->out_stride;
}

/* Run BODY for each row of weights of an input, which stand at w, for `width` outputs, o floats from the first. */
#define FOR_EACH_ROW(op, p, channel, w, o, width, BODY)                                                                \
    do {                                                                                                               \
        reach r_ = reach_of(op, p);                                                                                    \
        for (int64_t first_ = 0; first_ < (op)->out_stride; first_ += MG_BLOCK) {                                      \
            int64_t left_ = (op)->out_stride - first_, width = left_ < MG_BLOCK ? left_ : MG_BLOCK;                    \
            const float *row_ = (op)->weight + (op)->taps * ((op)->in_channels * first_ + (channel)*width);            \
            for (int64_t k_ = r_.k; k_ < r_.k_end; k_++) {                                                             \
                int64_t o = row_place(op, &r_, k_);                                                                    \
                if (o < 0) continue;                                                                                   \
                const float *w = row_ + k_ * width;                                                                    \
                o += first_;                                                                                           \
                BODY                                                                                                   \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* --- the same where weights lie flat ---
 *
 * The weights of a tap lie side by side for all outputs (places.h), so an input is `taps` runs of as many vectors as
 * there are outputs. Inlined with the usual widths. */

/* Of all outputs, at most MG_FLAT_PART, `width`: those of taps k .. k_end - 1, the first of which is place `out`. */
typedef struct {
    const float *row;
    ptrdiff_t row_step, out;
    int64_t n;
} run;

static bool is_flat(const mg_rows *op)
{
    return op->flat != NULL && op->step == 1 && op->out_stride <= MG_FLAT_PART;
}

static inline __attribute__((always_inline)) run run_of(const mg_rows *op, int64_t p, int64_t channel, int64_t width)
{
    reach r = reach_of(op, p);
    return (run){op->flat + (r.k * op->in_stride + channel) * width, op->in_stride * width, (r.at - r.k) * width,
                 r.k_end - r.k};
}

static inline __attribute__((always_inline)) void add_flat(const mg_rows *op, int64_t p, int64_t channel, float x,
                                                           float *out, int64_t width)
{
    run r = run_of(op, p, channel, width);
    for (float *to = out + r.out; r.n > 0; r.n--, r.row += r.row_step, to -= width) {
        UNROLL
        for (int64_t i = 0; i < width; i += WIDTH)
            store(to + i, load(to + i) + x * load(r.row + i));
    }
}

/* n_taps is r->n, a constant where it is the usual one. */
static inline __attribute__((always_inline)) void add_run(const run *r, int64_t n_taps, float da, float db, float *a,
                                                          float *b, int64_t width)
{
    UNROLL
    for (int64_t k = 0; k < n_taps; k++) {
        const float *row = r->row + k * r->row_step;
        float *to_a = a + r->out - k * width, *to_b = b + r->out - k * width;
        IN_REGISTER(row);
        UNROLL
        for (int64_t i = 0; i < width; i += WIDTH) {
            vec weight = load(row + i);
            LOADED(weight);
            store(to_a + i, load(to_a + i) + da * weight);
            store(to_b + i, load(to_b + i) + db * weight);
        }
    }
}

static inline __attribute__((always_inline)) void add_lines_flat(const mg_rows *asked, const mg_gate_change *change,
                                                                 int64_t n, float *a, float *b, int64_t width)
{
    const mg_rows op = *asked;
    for (int64_t i = 0; i < n; i++) {
        const mg_gate_change c = change[i];
        const run r = run_of(&op, c.position, c.channel, width);
        if (r.n == 3)
            add_run(&r, 3, c.da, c.db, a, b, width);
        else
            add_run(&r, r.n, c.da, c.db, a, b, width);
    }
}

/* Blocks of MG_BLOCK outputs one after the other, whose halves are added up apart. */
static inline __attribute__((always_inline)) float dot_run(const run *r, int64_t n_taps, const float *multiplier,
                                                           int64_t width)
{
    enum { PARTS = MG_LANES / WIDTH };
    vec half[2][PARTS] = {0};
    UNROLL
    for (int64_t i = 0; i < width; i += MG_LANES) {
        UNROLL
        for (int64_t k = 0; k < n_taps; k++) {
            const float *row = r->row + k * r->row_step + i, *from = multiplier + r->out - k * width + i;
            UNROLL
            for (int v = 0; v < PARTS; v++)
                half[i / MG_LANES % 2][v] += load(row + v * WIDTH) * load(from + v * WIDTH);
        }
    }
    UNROLL
    for (int v = 0; v < PARTS; v++)
        half[0][v] += half[1][v];
    return add_lanes(half[0]);
}

static inline __attribute__((always_inline)) void dots_flat(const mg_rows *asked, const mg_gate_change *change,
                                                            int64_t n, const float *multiplier, float *out,
                                                            int64_t width)
{
    const mg_rows op = *asked;
    for (int64_t i = 0; i < n; i++) {
        const run r = run_of(&op, change[i].position, change[i].channel, width);
        out[i] = r.n == 3 ? dot_run(&r, 3, multiplier, width) : dot_run(&r, r.n, multiplier, width);
    }
}

/* --- of any operator --- */

static void add(const mg_rows *op, int64_t p, int64_t channel, float x, float *out)
{
    if (is_flat(op)) {
        if (op->out_stride == 64)
            add_flat(op, p, channel, x, out, 64);
        else if (op->out_stride == 128)
            add_flat(op, p, channel, x, out, 128);
        else
            add_flat(op, p, channel, x, out, op->out_stride);
        return;
    }
    FOR_EACH_ROW(op, p, channel, w, o, width, {
        for (int64_t i = 0; i < width; i += WIDTH)
            store(out + o + i, load(out + o + i) + x * load(w + i));
    });
}

static void add_line(const mg_rows *op, const mg_gate_change *c, float *a, float *b)
{
    FOR_EACH_ROW(op, c->position, c->channel, w, o, width, {
        for (int64_t i = 0; i < width; i += WIDTH) {
            vec weight = load(w + i);
            store(a + o + i, load(a + o + i) + c->da * weight);
            store(b + o + i, load(b + o + i) + c->db * weight);
        }
    });
}

static void add_lines(const mg_rows *op, const mg_gate_change *change, int64_t n, float *a, float *b)
{
    if (is_flat(op) && op->out_stride == 64)
        add_lines_flat(op, change, n, a, b, 64);
    else if (is_flat(op))
        add_lines_flat(op, change, n, a, b, op->out_stride);
    else
        for (int64_t i = 0; i < n; i++)
            add_line(op, &change[i], a, b);
}

static float dot(const mg_rows *op, int64_t p, int64_t channel, const float *multiplier)
{
    enum { PARTS = MG_LANES / WIDTH };
    vec low[PARTS] = {0}, high[PARTS] = {0};
    FOR_EACH_ROW(op, p, channel, w, o, width, {
        for (int v = 0; v < PARTS; v++)
            low[v] += load(w + v * WIDTH) * load(multiplier + o + v * WIDTH);
        for (int v = 0; v < PARTS && width == MG_BLOCK; v++)
            high[v] += load(w + MG_LANES + v * WIDTH) * load(multiplier + o + MG_LANES + v * WIDTH);
    });
    for (int v = 0; v < PARTS; v++)
        low[v] += high[v];
    return add_lanes(low);
}

static void dots(const mg_rows *op, const mg_gate_change *change, int64_t n, const float *multiplier, float *out)
{
    if (is_flat(op) && op->out_stride == 64)
        dots_flat(op, change, n, multiplier, out, 64);
    else if (is_flat(op))
        dots_flat(op, change, n, multiplier, out, op->out_stride);
    else
        for (int64_t i = 0; i < n; i++)
            out[i] = dot(op, change[i].position, change[i].channel, multiplier);
}

extern const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA);
const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA) = {.pick = pick,
                                                           .follow = follow,
                                                           .follow_line = follow_line,
                                                           .differ = differ,
                                                           .send = send,
                                                           .add = add,
                                                           .add_lines = add_lines,
                                                           .dots = dots};
