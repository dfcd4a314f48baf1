/* kernel_rows.h  linear operators in row form for tests of kernels, with their weights unpacked beside them */
#ifndef MG_TESTS_SUPPORT_KERNEL_ROWS_H
#define MG_TESTS_SUPPORT_KERNEL_ROWS_H

#include "tests/support/kernel_sets.h"

/* A convolution; a dense layer where its kernel is as long as its input. */
typedef struct {
    int64_t taps, dilation, pad, stride, in_length, in_channels, out_channels;
} shape;

static UNUSED int64_t span_of(const shape *s)
{
    return (s->taps - 1) * s->dilation + 1;
}

static UNUSED int64_t outputs_of(const shape *s)
{
    int64_t room = s->in_length + 2 * s->pad - span_of(s);
    return room >= 0 ? room / s->stride + 1 : 0;
}

/* An operator with its weights unpacked beside it: (taps, in_channels, out_stride). */
typedef struct {
    mg_rows op;
    float *plain;
} rows_case;

/* Blocks of MG_BLOCK outputs one after the other, the last perhaps of MG_LANES, each (in_channels, taps, width). */
static UNUSED void pack(rows_case *r)
{
    mg_rows *op = &r->op;
    float *to = op->weight;
    for (int64_t first = 0; first < op->out_stride; first += MG_BLOCK) {
        int64_t width = op->out_stride - first < MG_BLOCK ? op->out_stride - first : MG_BLOCK;
        for (int64_t c = 0; c < op->in_channels; c++)
            for (int64_t k = 0; k < op->taps; k++)
                for (int64_t o = 0; o < width; o++)
                    *to++ = r->plain[(k * op->in_channels + c) * op->out_stride + first + o];
    }
}

/* The same for places.h, parts of MG_FLAT_PART outputs. */
static UNUSED void pack_flat(rows_case *r)
{
    mg_rows *op = &r->op;
    op->flat = allocate(op->taps * op->in_stride * op->out_stride, sizeof *op->flat);
    float *to = op->flat;
    for (int64_t first = 0; first < op->out_stride; first += MG_FLAT_PART) {
        int64_t width = op->out_stride - first < MG_FLAT_PART ? op->out_stride - first : MG_FLAT_PART;
        for (int64_t k = 0; k < op->taps; k++)
            for (int64_t c = 0; c < op->in_stride; c++, to += width)
                if (c < op->in_channels)
                    memcpy(to, r->plain + (k * op->in_channels + c) * op->out_stride + first,
                           (size_t)width * sizeof *to);
    }
}

/* forward: the map of a convolution of that shape; else the one back, from its outputs to its inputs. */
static UNUSED rows_case create_rows(gsl_rng *rng, const shape *s, bool forward)
{
    rows_case r = {.op = {.taps = s->taps, .dilation = s->dilation}};
    mg_rows *op = &r.op;
    op->pad = forward ? s->pad : span_of(s) - 1 - s->pad;
    op->step = forward ? s->stride : 1;
    op->divide = forward ? 1 : s->stride;
    op->in_length = forward ? s->in_length : outputs_of(s);
    op->out_length = forward ? outputs_of(s) : s->in_length;
    op->in_channels = forward ? s->in_channels : s->out_channels;
    op->out_channels = forward ? s->out_channels : s->in_channels;
    op->in_stride = padded(op->in_channels);
    op->out_stride = padded(op->out_channels);
    op->n_blocks = (op->out_stride + MG_BLOCK - 1) / MG_BLOCK;
    op->group_blocks = between(rng, 1, op->n_blocks + 1);
    op->n_groups = (op->n_blocks + op->group_blocks - 1) / op->group_blocks;
    r.plain = draw_rows(rng, op->taps * op->in_channels, op->out_stride, op->out_channels, 1);
    op->weight = allocate(op->taps * op->in_channels * op->out_stride, sizeof *op->weight);
    op->bias = draw_rows(rng, 1, op->out_stride, op->out_channels, forward);
    pack(&r);
    return r;
}

/* The same operator, of which weights of a sign that is drawn count; it goes with the first. */
static UNUSED rows_case of_a_sign(gsl_rng *rng, const rows_case *r)
{
    rows_case part = *r;
    part.op.sign = (float)between(rng, -1, 1);
    return part;
}

static UNUSED void destroy_rows(rows_case *r)
{
    free(r->plain);
    free(r->op.weight);
    free(r->op.flat);
    free(r->op.narrow);
    free(r->op.bias);
}

static const shape edges[] = {
    /* taps, dilation, pad, stride, length, in, out */
    {1, 1, 0, 1, 1, 1, 1},    /* nothing to it */
    {3, 1, 1, 1, 20, 1, 1},   /* one channel */
    {17, 1, 0, 1, 17, 5, 33}, /* kernel = length: a dense layer */
    {1, 1, 0, 1, 1, 70, 140}, /* a dense layer of a dense layer, five blocks */
    {9, 3, 0, 1, 25, 4, 16},  /* kernel = length, dilated */
    {7, 1, 6, 1, 3, 8, 20},   /* more padding than input */
    {2, 1, 0, 5, 23, 3, 48},  /* positions that no output takes */
    {3, 4, 2, 3, 30, 6, 32},  /* all at once */
    {12, 1, 0, 1, 30, 4, 65}, /* as many taps as are kept at once, and more */
    {13, 1, 3, 1, 30, 4, 31},  {25, 1, 12, 1, 40, 2, 17},
    {3, 9, 3, 1, 20, 5, 40},   /* residues of one position, and of none */
    {3, 25, 30, 1, 20, 5, 40}, /* no output has two taps */
    {14, 2, 13, 1, 30, 3, 64}, /* more taps than are kept at once, dilated */
};

enum { N_EDGES = sizeof edges / sizeof *edges };

static UNUSED shape draw_shape(gsl_rng *rng)
{
    shape s;
    do {
        bool plain = below(rng, 2) == 0; /* as most convolutions are */
        s = (shape){.taps = between(rng, 1, 14),
                    .dilation = plain ? 1 : between(rng, 1, 3),
                    .pad = between(rng, 0, 4),
                    .stride = plain ? 1 : between(rng, 1, 3),
                    .in_length = between(rng, 1, 30),
                    .in_channels = between(rng, 1, 40),
                    .out_channels = between(rng, 1, 80)};
        if (below(rng, 8) == 0) s.taps = s.in_length; /* dense, or nearly so */
    } while (outputs_of(&s) == 0);
    return s;
}

/* --- calls --- */

/* What a call is asked for: inputs at positions p_begin .. p_end - 1, outputs t_begin .. t_end - 1. */
typedef struct {
    int64_t p_begin, p_end, t_begin, t_end;
} call;

/* A weight, or 0 where it is not of the sign that counts. */
static UNUSED float counted(const mg_rows *op, float weight)
{
    return op->sign == 0.0f || weight * op->sign > 0.0f ? weight : 0.0f;
}

/* The same for narrow.h. */
static UNUSED void pack_narrow(rows_case *r)
{
    mg_rows *op = &r->op;
    op->narrow_width = MG_LANES * (1 + (MG_NARROW_LEAD + MG_NARROW * MG_NARROW_TAPS + MG_LANES - 1) / MG_LANES);
    op->narrow = allocate(op->in_channels * op->narrow_width, sizeof *op->narrow);
    for (int64_t c = 0; c < op->in_channels; c++)
        for (int64_t k = 0; k < op->taps; k++)
            memcpy(op->narrow + c * op->narrow_width + MG_NARROW_LEAD + MG_NARROW * (op->taps - 1 - k),
                   r->plain + (k * op->in_channels + c) * op->out_stride, MG_NARROW * sizeof *op->narrow);
}

/* Output (t, o) for an input x, (p_end - p_begin, in_stride). */
static UNUSED float rows_ref(const rows_case *r, const call *w, const float *x, bool with_bias, int64_t t, int64_t o,
                             bool fused)
{
    const mg_rows *op = &r->op;
    float sum = with_bias ? op->bias[o] : 0.0f;
    for (int64_t p = w->p_begin; p < w->p_end; p++) {
        int64_t at = p * op->divide + op->pad - t * op->step;
        if (at < 0 || at % op->dilation != 0 || at / op->dilation >= op->taps) continue;
        const float *weight = r->plain + at / op->dilation * op->in_channels * op->out_stride + o;
        const float *row = x + (p - w->p_begin) * op->in_stride;
        for (int64_t c = 0; c < op->in_channels; c++)
            if (row[c] != 0.0f) sum = multiply_add(fused, row[c], counted(op, weight[c * op->out_stride]), sum);
    }
    return sum;
}

/* Positions and outputs: all, or a stretch of them that may be empty. */
static UNUSED call draw_call(gsl_rng *rng, const mg_rows *op)
{
    call w = {0, op->in_length, 0, op->out_length};
    if (below(rng, 3) > 0) {
        w.p_begin = between(rng, 0, op->in_length);
        w.p_end = between(rng, w.p_begin, op->in_length);
    }
    if (below(rng, 3) > 0) {
        w.t_begin = between(rng, 0, op->out_length);
        w.t_end = between(rng, w.t_begin, op->out_length);
    }
    return w;
}

#endif
