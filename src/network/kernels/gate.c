/* gate.c  ReLU and max pooling along a path, and single inputs of linear operators; compiled once for each instruction
 * set */
#include "src/network/kernels/gate.h"

#include "src/network/kernels/kernels.h"
#include "src/network/kernels/taps.h"
#include "src/network/kernels/vector.h"

/* Lanes of x where the mask is true (-1), else 0. */
static inline vec where(ivec mask, vec x)
{
    return (vec)(mask & (ivec)x);
}

/* --- gates --- */

static void states(const float *start, const float *slope, const float *t, int64_t stride, const mg_pooling *pooling,
                   bool with_relu, int64_t n_outputs, int32_t *state, int64_t state_step)
{
    for (int64_t o = 0; o < n_outputs; o++) {
        int64_t first, n = mg_pooling_first(pooling, o, &first);
        for (int64_t c = 0; c < stride; c += WIDTH) {
            int64_t at = first * stride + c;
            vec from = load(start + at), change = load(slope + at), best[MG_SHARED];
            ivec which[MG_SHARED] = {0};
            UNROLL
            for (int m = 0; m < MG_SHARED; m++)
                best[m] = from + t[m] * change;
            for (int64_t j = 1; j < n; j++) {
                at += pooling->dilation * stride;
                from = load(start + at), change = load(slope + at);
                UNROLL
                for (int m = 0; m < MG_SHARED; m++) {
                    vec value = from + t[m] * change;
                    ivec wins = value > best[m];
                    best[m] = larger(value, best[m]);
                    which[m] = (wins & (int32_t)j) | (~wins & which[m]);
                }
            }
            UNROLL
            for (int m = 0; m < MG_SHARED; m++) {
                if (with_relu) which[m] |= best[m] <= 0.0f; /* true is -1 */
                *(ivec *)(state + m * state_step + o * stride + c) = which[m];
            }
        }
    }
}

static void follow(const float *z, int64_t stride, const mg_pooling *pooling, bool with_relu, int64_t n_outputs,
                   float *out, int32_t *state)
{
    for (int64_t o = 0; o < n_outputs; o++) {
        int64_t first, n = mg_pooling_first(pooling, o, &first);
        for (int64_t c = 0; c < stride; c += WIDTH) {
            int64_t at = first * stride + c;
            vec best = load(z + at);
            ivec which = {0};
            for (int64_t j = 1; j < n; j++) {
                at += pooling->dilation * stride;
                vec value = load(z + at);
                ivec wins = value > best;
                best = larger(value, best);
                which = (wins & (int32_t)j) | (~wins & which);
            }
            if (with_relu) which |= best <= 0.0f; /* true is -1 */
            store(out + o * stride + c, with_relu ? positive(best) : best);
            *(ivec *)(state + o * stride + c) = which;
        }
    }
}

static void differ(const int32_t *before, const int32_t *now, int64_t stride, int64_t n_outputs, mg_list *changed)
{
    int32_t n = 0;
    changed->begin[0] = 0;
    for (int64_t o = 0; o < n_outputs; o++) {
        for (int64_t c = 0; c < stride; c += WIDTH) {
            ivec differs = *(const ivec *)(before + o * stride + c) ^ *(const ivec *)(now + o * stride + c);
            n += compress((vec)(differs != 0), (int32_t)c, changed->channel + n, changed->value + n);
        }
        changed->begin[o + 1] = n;
    }
}

static void send(const float *multiplier, float weight, const int32_t *state, int64_t stride, const mg_pooling *pooling,
                 int64_t n_outputs, float *sum)
{
    for (int64_t o = 0; o < n_outputs; o++) {
        int64_t first, n = mg_pooling_first(pooling, o, &first);
        for (int64_t c = 0; c < stride; c += WIDTH) {
            float *to = sum + first * stride + c;
            vec share = weight * load(multiplier + o * stride + c);
            ivec which = *(const ivec *)(state + o * stride + c);
            for (int64_t j = 0; j < n; j++, to += pooling->dilation * stride)
                store(to, load(to) + where(which == (int32_t)j, share));
        }
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

/* Run `BODY` for each vector of the input's weights: w is where it stands, o the floats to its outputs. */
#define FOR_EACH_ROW(op, p, channel, w, o, BODY)                                                                       \
    do {                                                                                                               \
        reach r_ = reach_of(op, p);                                                                                    \
        for (int64_t first_ = 0; first_ < (op)->out_stride; first_ += MG_BLOCK) {                                      \
            int64_t left_ = (op)->out_stride - first_, width_ = left_ < MG_BLOCK ? left_ : MG_BLOCK;                   \
            const float *row_ = (op)->weight + (op)->taps * ((op)->in_channels * first_ + (channel)*width_);           \
            for (int64_t k_ = r_.k; k_ < r_.k_end; k_++) {                                                             \
                int64_t o = row_place(op, &r_, k_);                                                                    \
                if (o < 0) continue;                                                                                   \
                const float *w = row_ + k_ * width_;                                                                   \
                o += first_;                                                                                           \
                for (int64_t end_ = o + width_; o < end_; o += MG_LANES, w += MG_LANES)                                \
                    BODY                                                                                               \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

enum { PARTS = MG_LANES / WIDTH };

static void add(const mg_rows *op, int64_t p, int64_t channel, float x, float *out)
{
    FOR_EACH_ROW(op, p, channel, w, o, {
        for (int v = 0; v < MG_LANES; v += WIDTH)
            store(out + o + v, load(out + o + v) + x * load(w + v));
    });
}

static void add_line(const mg_rows *op, int64_t p, int64_t channel, float da, float db, float *a, float *b)
{
    FOR_EACH_ROW(op, p, channel, w, o, {
        for (int v = 0; v < MG_LANES; v += WIDTH) {
            vec weight = load(w + v);
            store(a + o + v, load(a + o + v) + da * weight);
            store(b + o + v, load(b + o + v) + db * weight);
        }
    });
}

static float dot(const mg_rows *op, int64_t p, int64_t channel, const float *multiplier)
{
    vec sum[PARTS] = {0};
    FOR_EACH_ROW(op, p, channel, w, o, {
        for (int v = 0; v < PARTS; v++)
            sum[v] += load(w + v * WIDTH) * load(multiplier + o + v * WIDTH);
    });
    return add_lanes(sum);
}

extern const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA);
const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA) = {
    .states = states, .follow = follow, .differ = differ, .send = send, .add = add, .add_line = add_line, .dot = dot};
