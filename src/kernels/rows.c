/* rows.c  sums of weight rows over nonzero inputs: the loop that the run time is made of
 *
 * Shape of the inner loop: the sums of some outputs stand in registers while the nonzero values of one input position
 * go by; each costs one broadcast, one index, and one fused multiply-add with one load of weights a vector of outputs.
 * Where three inputs share their nonzero places, as the three mutants of a position nearly do, a load of weights serves
 * three multiply-adds, and these are what bounds the loop. Every output adds its terms in the order of input position,
 * then channel, which is part of the definition and the same for every vector width; a shared place where one input is
 * zero adds nothing to it. Two inputs of which one meets the positive weights and the other the negative ones share a list in
 * the same way.
 *
 * Compiled once for each instruction set with MG_ISA defined; vectors are GCC/clang vector extensions, intrinsics only
 * compress the nonzero lanes.
 */
#include "src/kernels/kernels.h"

#include <stddef.h>
#include <string.h>

#include "src/kernels/roll.h"
#include "src/kernels/taps.h"
#include "src/kernels/vector.h"

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

static void compact_pair(const float *u, const float *v, int64_t n_positions, int64_t stride, int64_t channels,
                         mg_list *list)
{
    int32_t n = 0;
    list->begin[0] = 0;
    for (int64_t p = 0; p < n_positions; p++) {
        for (int64_t c = 0; c < channels; c += WIDTH) {
            const vec part[2] = {load(u + p * stride + c), load(v + p * stride + c)};
            n += compress_several(part, 2, (int32_t)c, list->channel + n, list->value + n, list->room);
        }
        list->begin[p + 1] = n;
    }
}

static void compact_shared(const float *x, int64_t x_step, int64_t n_positions, int64_t stride, int64_t channels,
                           mg_list *list)
{
    int32_t n = 0;
    list->begin[0] = 0;
    for (int64_t p = 0; p < n_positions; p++) {
        for (int64_t c = 0; c < channels; c += WIDTH) {
            vec part[MG_SHARED];
            for (int m = 0; m < MG_SHARED; m++)
                part[m] = load(x + m * x_step + p * stride + c);
            n += compress_several(part, MG_SHARED, (int32_t)c, list->channel + n, list->value + n, list->room);
        }
        list->begin[p + 1] = n;
    }
}

/* --- rows --- */

/* A unit is one tap and up to MG_BLOCK outputs: where its weights begin and where its sums stand. */
typedef struct {
    const float *weight;
    float *out;
} unit;

/* Sums of one input (alone) or of three that share a list (shared). As many units at once as registers hold, because an
 * input then costs one broadcast and one index for all of them, and because enough sums must be under way to hide the
 * latency of a fused multiply-add. A strip is what a unit is wide at most. */
#if defined(__AVX512F__)
enum { ALONE_UNITS = 4, ALONE_STRIP = 32, SHARED_UNITS = 4, SHARED_STRIP = 32 };
#elif defined(__AVX__)
enum { ALONE_UNITS = 3, ALONE_STRIP = 32, SHARED_UNITS = 1, SHARED_STRIP = 32 };
#else
enum { ALONE_UNITS = 1, ALONE_STRIP = 32, SHARED_UNITS = 1, SHARED_STRIP = 16 };
#endif
enum { MAX_UNITS = 4, MAX_VECTORS = MG_BLOCK / WIDTH };

/* Add entries begin .. end - 1 to n_units units of n_vectors vectors, for each input; part: weights of one sign. Always
 * inlined with constants, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void add_entries(const task *work, const unit *units, int32_t begin,
                                                              int32_t end, ptrdiff_t channel_floats, int n_inputs,
                                                              int n_units, int n_vectors, bool part)
{
    vec sum[MG_SHARED][MAX_UNITS][MAX_VECTORS];
    const mg_list *list = work->list;
    const float sign = work->sign;
    UNROLL
    for (int m = 0; m < n_inputs; m++) {
        UNROLL
        for (int u = 0; u < n_units; u++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                sum[m][u][v] = load(units[u].out + m * work->out_step + v * WIDTH);
        }
    }
    for (int32_t j = begin; j < end; j++) {
        ptrdiff_t row = list->channel[j] * channel_floats;
        vec x[MG_SHARED];
        UNROLL
        for (int m = 0; m < n_inputs; m++)
            x[m] = list->value[m * list->room + j] - (vec){0};
        UNROLL
        for (int u = 0; u < n_units; u++) {
            const float *w = units[u].weight + row;
            IN_REGISTER(w);
            UNROLL
            for (int v = 0; v < n_vectors; v++) {
                vec weight = load(w + v * WIDTH);
                if (part) weight = of_sign(weight, sign);
                UNROLL
                for (int m = 0; m < n_inputs; m++)
                    sum[m][u][v] += x[m] * weight;
            }
        }
    }
    UNROLL
    for (int m = 0; m < n_inputs; m++) {
        UNROLL
        for (int u = 0; u < n_units; u++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                store(units[u].out + m * work->out_step + v * WIDTH, sum[m][u][v]);
        }
    }
}

/* `floats` from one channel's weights to the next; units are `lanes` wide. */
static void add_units(const task *work, const unit *units, int n_units, int64_t p, ptrdiff_t floats, int64_t lanes)
{
    int32_t begin = work->list->begin[p - work->p_begin], end = work->list->begin[p - work->p_begin + 1];
    bool whole = lanes == MG_BLOCK;
#define ADD_OF(INPUTS, UNITS, PART)                                                                                    \
    if (whole)                                                                                                         \
        add_entries(work, units, begin, end, floats, INPUTS, UNITS, MG_BLOCK / WIDTH, PART);                           \
    else                                                                                                               \
        add_entries(work, units, begin, end, floats, INPUTS, UNITS, MG_LANES / WIDTH, PART)
#define ADD(INPUTS, UNITS) ADD_OF(INPUTS, UNITS, false)
#define ADD_ALONE(UNITS)                                                                                               \
    if (work->sign != 0.0f) {                                                                                          \
        ADD_OF(1, UNITS, true);                                                                                        \
    } else {                                                                                                           \
        ADD_OF(1, UNITS, false);                                                                                       \
    }
    if (work->of == SHARED) {
        switch (n_units) {
#if defined(__AVX512F__)
        case 4:
            ADD(MG_SHARED, 4);
            break;
        case 3:
            ADD(MG_SHARED, 3);
            break;
        case 2:
            ADD(MG_SHARED, 2);
            break;
#endif
        default:
            ADD(MG_SHARED, 1);
        }
        return;
    }
    switch (n_units) {
#if defined(__AVX512F__)
    case 4:
        ADD_ALONE(4)
        break;
#endif
#if defined(__AVX__)
    case 3:
        ADD_ALONE(3)
        break;
    case 2:
        ADD_ALONE(2)
        break;
#endif
    default:
        ADD_ALONE(1)
    }
#undef ADD_ALONE
#undef ADD
#undef ADD_OF
}

static bool is_empty(const task *work, int64_t p)
{
    return work->list->begin[p - work->p_begin] == work->list->begin[p - work->p_begin + 1];
}

/* Outputs first .. first + lanes - 1 of any convolution: a position's entries go to all taps that reach an output, some
 * at a time. `width` is that of the block. */
static void strip_rows(const mg_rows *op, const task *work, int64_t first, int64_t lanes, int64_t width)
{
    const int most = work->of == SHARED ? SHARED_UNITS : ALONE_UNITS;
    int64_t in_block = first % MG_BLOCK;
    const float *weight = op->weight + op->taps * op->in_channels * (first - in_block) + in_block;
    for (int64_t p = work->p_begin; p < work->p_end; p++) {
        int64_t at = p * op->divide + op->pad, k, k_end;
        unit units[MAX_UNITS];
        int n_units = 0;
        if (is_empty(work, p)) continue;
        tap_range(op, at, work->t_begin, work->t_end, &k, &k_end);
        for (; k < k_end; k++) {
            int64_t t = at - k * op->dilation;
            if (op->step != 1 && t % op->step != 0) continue;
            if (op->step != 1) t /= op->step;
            units[n_units++] = (unit){weight + k * width, work->out + (t - work->t_begin) * op->out_stride + first};
            if (n_units < most) continue;
            add_units(work, units, n_units, p, op->taps * width, lanes);
            n_units = 0;
        }
        if (n_units > 0) add_units(work, units, n_units, p, op->taps * width, lanes);
    }
}

/* --- blocks and groups --- */

static void begin_sums(const mg_rows *op, const task *work, int64_t first, int64_t end, bool with_bias, int n_inputs)
{
    size_t bytes = (size_t)(end - first) * sizeof *work->out;
    for (int m = 0; m < n_inputs; m++) {
        float *out = work->out + m * work->out_step + first;
        for (int64_t t = work->t_begin; t < work->t_end; t++, out += op->out_stride) {
            if (with_bias)
                memcpy(out, op->bias + first, bytes);
            else
                memset(out, 0, bytes);
        }
    }
}

extern const mg_roll_kernels MG_GLUE(mg_roll_kernels_, MG_ISA);

static void convolution_rows(const mg_rows *op, const task *work, int64_t first, int64_t end, bool with_bias)
{
    if (mg_rows_roll(op)) {
        MG_GLUE(mg_roll_kernels_, MG_ISA).rows(op, work, first, end, with_bias);
        return;
    }
    int64_t most = work->of == SHARED ? SHARED_STRIP : ALONE_STRIP;
    begin_sums(op, work, first, end, with_bias, work->of == SHARED ? MG_SHARED : 1);
    while (first < end) {
        int64_t left = op->out_stride - (first - first % MG_BLOCK), width = left < MG_BLOCK ? left : MG_BLOCK;
        int64_t lanes = most < width ? most : width;
        strip_rows(op, work, first, lanes, width);
        first += lanes;
    }
}

/* Several blocks of a single output, a dense layer: a position has one tap, so blocks are what is worked on
 * together. */
static void dense_rows(const mg_rows *op, const task *work, int64_t first, int64_t end)
{
    const int most = work->of == SHARED ? SHARED_UNITS : ALONE_UNITS;
    const int64_t widest = work->of == SHARED ? SHARED_STRIP : ALONE_STRIP;
    for (int64_t p = work->p_begin; p < work->p_end; p++) {
        int64_t k, k_end;
        tap_range(op, p * op->divide + op->pad, 0, 1, &k, &k_end);
        if (k >= k_end || is_empty(work, p)) continue;
        for (int64_t c = first; c < end;) {
            int64_t left = op->out_stride - (c - c % MG_BLOCK), width = left < MG_BLOCK ? left : MG_BLOCK;
            int64_t lanes = widest < width ? widest : width;
            unit units[MAX_UNITS];
            int n_units = 0;
            do {
                int64_t in_block = c % MG_BLOCK;
                units[n_units++] = (unit){
                    op->weight + op->taps * op->in_channels * (c - in_block) + k * width + in_block, work->out + c};
                c += lanes;
            } while (n_units < most && c < end && op->out_stride - (c - c % MG_BLOCK) >= width);
            add_units(work, units, n_units, p, op->taps * width, lanes);
        }
    }
}

static void group_rows(const mg_rows *op, int64_t group, const task *work, bool with_bias)
{
    int64_t first = group * op->group_blocks * MG_BLOCK, end = first + op->group_blocks * MG_BLOCK;
    if (end > op->out_stride) end = op->out_stride;
    if (op->out_length > 1) {
        convolution_rows(op, work, first, end, with_bias);
        return;
    }
    begin_sums(op, work, first, end, with_bias, work->of == SHARED ? MG_SHARED : 1);
    if (work->t_end > work->t_begin) dense_rows(op, work, first, end);
}

static void rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end, int64_t t_begin,
                 int64_t t_end, bool with_bias, float *out)
{
    task work = {ALONE, list, p_begin, p_end, t_begin, t_end, out, 0, op->sign};
    group_rows(op, group, &work, with_bias);
}

static void shared_rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end,
                        int64_t t_begin, int64_t t_end, bool with_bias, float *out, int64_t out_step)
{
    task work = {SHARED, list, p_begin, p_end, t_begin, t_end, out, out_step, 0};
    group_rows(op, group, &work, with_bias);
}

static void rows_by_sign(const mg_rows *op, int64_t group, const mg_list *list, float *out, int64_t out_step)
{
    task work = {PAIR, list, 0, op->in_length, 0, op->out_length, out, out_step, 0};
    group_rows(op, group, &work, false);
}

/* --- the set --- */

#define MG_NAME_(isa) #isa
#define MG_NAME(isa)  MG_NAME_(isa)

extern const mg_delta_kernels MG_GLUE(mg_delta_kernels_, MG_ISA);
extern const mg_layer_kernels MG_GLUE(mg_layer_kernels_, MG_ISA);
extern const mg_lane_kernels MG_GLUE(mg_lane_kernels_, MG_ISA);
extern const mg_dense_kernels MG_GLUE(mg_dense_kernels_, MG_ISA);
extern const mg_conv_kernels MG_GLUE(mg_conv_kernels_, MG_ISA);
extern const mg_place_kernels MG_GLUE(mg_place_kernels_, MG_ISA);
extern const mg_narrow_kernels MG_GLUE(mg_narrow_kernels_, MG_ISA);
extern const mg_mover_kernels MG_GLUE(mg_mover_kernels_, MG_ISA);
extern const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA);
extern const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_, MG_ISA);
extern const mg_smooth_kernels MG_GLUE(mg_smooth_kernels_, MG_ISA);
extern const mg_kernels MG_GLUE(mg_kernels_, MG_ISA);
const mg_kernels MG_GLUE(mg_kernels_, MG_ISA) = {
    .name = MG_NAME(MG_ISA),
    .compact = compact,
    .compact_shared = compact_shared,
    .compact_pair = compact_pair,
    .rows = rows,
    .shared_rows = shared_rows,
    .rows_by_sign = rows_by_sign,
    .layer = &MG_GLUE(mg_layer_kernels_, MG_ISA),
    .delta = &MG_GLUE(mg_delta_kernels_, MG_ISA),
    .conv = &MG_GLUE(mg_conv_kernels_, MG_ISA),
    .places = &MG_GLUE(mg_place_kernels_, MG_ISA),
    .narrow = &MG_GLUE(mg_narrow_kernels_, MG_ISA),
    .lanes = &MG_GLUE(mg_lane_kernels_, MG_ISA),
    .movers = &MG_GLUE(mg_mover_kernels_, MG_ISA),
    .gate = &MG_GLUE(mg_gate_kernels_, MG_ISA),
    .kinetic = &MG_GLUE(mg_kinetic_kernels_, MG_ISA),
    .smooth = &MG_GLUE(mg_smooth_kernels_, MG_ISA),
    .dense = &MG_GLUE(mg_dense_kernels_, MG_ISA),
};
