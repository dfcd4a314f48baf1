/* gate.c  switches along a path, compiled once for each instruction set */
#include "src/network/kernels/gate.h"

#include "src/network/kernels/kernels.h"
#include "src/network/kernels/vector.h"

static void states(const float *start, const float *slope, float t, int64_t stride, const mg_pooling *pooling,
                   bool with_relu, int64_t n_outputs, const int32_t *before, int32_t *now, mg_list *changed)
{
    int32_t n_changed = 0;
    changed->begin[0] = 0;
    for (int64_t o = 0; o < n_outputs; o++) {
        int64_t first, n = mg_pooling_first(pooling, o, &first);
        for (int64_t c = 0; c < stride; c += WIDTH) {
            int64_t at = first * stride + c, to = o * stride + c;
            vec best = load(start + at) + t * load(slope + at);
            ivec which = {0};
            for (int64_t j = 1; j < n; j++) {
                at += pooling->dilation * stride;
                vec value = load(start + at) + t * load(slope + at);
                ivec wins = value > best;
                best = larger(value, best);
                which = (wins & (int32_t)j) | (~wins & which);
            }
            if (with_relu) which |= best <= 0.0f; /* true is -1 */
            ivec differs = which != *(const ivec *)(before + to);
            *(ivec *)(now + to) = which;
            n_changed += compress((vec)differs, (int32_t)c, changed->channel + n_changed, changed->value + n_changed);
        }
        changed->begin[o + 1] = n_changed;
    }
}

/* One tap and block that an input reaches: its row of weights, and where its outputs stand. */
typedef struct {
    int64_t k, block, width;
    const float *row;
    int64_t at; /* floats from the beginning of the outputs */
} reached;

static inline bool next_reached(const mg_rows *op, int64_t p, int64_t channel, reached *r)
{
    if (++r->block >= op->n_blocks) {
        r->block = 0;
        do {
            if (++r->k >= op->taps) return false;
            r->at = p * op->divide + op->pad - r->k * op->dilation;
        } while (r->at < 0 || r->at % op->step != 0 || r->at / op->step >= op->out_length);
        r->at = r->at / op->step * op->out_stride;
    } else {
        r->at += MG_BLOCK;
    }
    int64_t left = op->out_stride - r->block * MG_BLOCK;
    r->width = left < MG_BLOCK ? left : MG_BLOCK;
    r->row = op->weight + op->taps * op->in_channels * r->block * MG_BLOCK + (channel * op->taps + r->k) * r->width;
    return true;
}

static reached before_first(const mg_rows *op)
{
    return (reached){.k = -1, .block = op->n_blocks};
}

static void add(const mg_rows *op, int64_t p, int64_t channel, float da, float db, float *a, float *b)
{
    reached r = before_first(op);
    while (next_reached(op, p, channel, &r))
        for (int64_t i = 0; i < r.width; i += WIDTH) {
            vec w = load(r.row + i);
            store(a + r.at + i, load(a + r.at + i) + da * w);
            store(b + r.at + i, load(b + r.at + i) + db * w);
        }
}

static float dot(const mg_rows *op, int64_t p, int64_t channel, const float *multiplier)
{
    enum { PARTS = MG_LANES / WIDTH };
    vec sum[PARTS] = {0};
    reached r = before_first(op);
    while (next_reached(op, p, channel, &r))
        for (int64_t i = 0; i < r.width; i += MG_LANES)
            for (int v = 0; v < PARTS; v++)
                sum[v] += load(r.row + i + v * WIDTH) * load(multiplier + r.at + i + v * WIDTH);
    return add_lanes(sum);
}

extern const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA);
const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA) = {.states = states, .add = add, .dot = dot};
