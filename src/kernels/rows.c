/* rows.c  sums of weight rows over nonzero inputs: the loop that the run time is made of
 *
 * Shape of the inner loop: the sums of some outputs stand in registers while the nonzero values of one input position
 * go by; each costs one broadcast, one index, and one fused multiply-add with one load of weights a vector of outputs.
 * Where three inputs share their nonzero places, as the three mutants of a position nearly do, a load of weights serves
 * three multiply-adds, and these are what bounds the loop. Every output adds its terms in the order of input position,
 * then channel, which is part of the definition and the same for every vector width; a shared place where one input is
 * zero adds nothing to it.
 *
 * Compiled once for each instruction set with MG_ISA defined; vectors are GCC/clang vector extensions, intrinsics only
 * compress the nonzero lanes.
 */
#include "src/kernels/kernels.h"

#include <stddef.h>
#include <string.h>

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
            n += compress_shared(part, (int32_t)c, list->channel + n, list->value + n, list->room);
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
 * latency of a fused multiply-add. A strip is what a unit is wide at most; taps are those that a rolling kernel keeps. */
#if defined(__AVX512F__)
enum { ALONE_UNITS = 4, ALONE_STRIP = 32, ALONE_TAPS = 12, ROLL_STRIP = 32 };
enum { SHARED_UNITS = 4, SHARED_STRIP = 32, SHARED_TAPS = 4, SHARED_ROLL_STRIP = 32, SHARED_ROLL_HALF = 16 };
#elif defined(__AVX__)
enum { ALONE_UNITS = 3, ALONE_STRIP = 32, ALONE_TAPS = 3, ROLL_STRIP = 32 };
enum { SHARED_UNITS = 1, SHARED_STRIP = 32, SHARED_TAPS = 4, SHARED_ROLL_STRIP = 8, SHARED_ROLL_HALF = 8 };
#else
enum { ALONE_UNITS = 1, ALONE_STRIP = 32, ALONE_TAPS = 3, ROLL_STRIP = 16 };
enum { SHARED_UNITS = 1, SHARED_STRIP = 16, SHARED_TAPS = 3, SHARED_ROLL_STRIP = 4, SHARED_ROLL_HALF = 4 };
#endif
enum { MAX_UNITS = 4, MAX_VECTORS = MG_BLOCK / WIDTH, MAX_TAPS = 12 };

/* The inputs of a call, and where their outputs stand. */
typedef struct {
    const mg_list *list;
    int64_t p_begin, p_end; /* positions of the list */
    int64_t t_begin, t_end; /* outputs wanted */
    float *out;             /* of the first input; of the others out_step floats further each */
    int64_t out_step;
    float sign; /* of the weights that count; 0: all */
} task;

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
static void add_units(const task *work, bool shared, const unit *units, int n_units, int64_t p, ptrdiff_t floats,
                      int64_t lanes)
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
    if (shared) {
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
static void strip_rows(const mg_rows *op, const task *work, bool shared, int64_t first, int64_t lanes, int64_t width)
{
    const int most = shared ? SHARED_UNITS : ALONE_UNITS;
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
            add_units(work, shared, units, n_units, p, op->taps * width, lanes);
            n_units = 0;
        }
        if (n_units > 0) add_units(work, shared, units, n_units, p, op->taps * width, lanes);
    }
}

/* --- rolling --- */

/* Some taps of a convolution without stride, and a strip of its outputs. */
typedef struct {
    const float *weight; /* of the first of the taps */
    const float *bias;   /* NULL: none */
    int64_t row_floats;  /* from one tap's weights to the next */
    int64_t tap;         /* the first */
    bool more;           /* sums of taps before stand in out */
} strip;

typedef vec sums[MG_SHARED][MAX_TAPS][MAX_VECTORS];

/* Where output t stands; NULL when it is not wanted. */
static inline __attribute__((always_inline)) float *place_of(const task *work, int64_t stride, int64_t t)
{
    return t >= work->t_begin && t < work->t_end ? work->out + (t - work->t_begin) * stride : NULL;
}

/* Tap number k begins with the sums that stand in `from`, or with new ones where that is NULL. */
static inline __attribute__((always_inline)) void enter(const float *from, ptrdiff_t step, const float *bias, sums sum,
                                                        int k, int n_inputs, int n_vectors)
{
    UNROLL
    for (int m = 0; m < n_inputs; m++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            if (from != NULL)
                sum[m][k][v] = load(from + m * step + v * WIDTH);
            else
                sum[m][k][v] = bias != NULL ? load(bias + v * WIDTH) : (vec){0};
        }
    }
}

static inline __attribute__((always_inline)) void leave(float *to, ptrdiff_t step, sums sum, int k, int n_inputs,
                                                        int n_vectors)
{
    if (to == NULL) return;
    UNROLL
    for (int m = 0; m < n_inputs; m++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            store(to + m * step + v * WIDTH, sum[m][k][v]);
    }
}

/* Every dilation-th position from `first` on: the sums of all outputs that a position reaches stay in registers and move on by
 * one as positions go by, so each output is stored once. sum[.][k] belongs to output p + shift - k dilation. (The task is
 * copied, because a store of sums might change it for all the compiler knows.) */
static inline __attribute__((always_inline)) void roll_phase(const mg_rows *op, const task *asked, const strip *s,
                                                             int64_t first, int taps, int n_inputs, int n_vectors,
                                                             bool part)
{
    const task work = *asked;
    const mg_list list = *work.list;
    const ptrdiff_t channel_floats = op->taps * s->row_floats, row_floats = s->row_floats, step = work.out_step;
    const int64_t apart = op->dilation, shift = op->pad - s->tap * apart, stride = op->out_stride;
    const float *weight = s->weight, *bias = s->bias;
    const bool more = s->more;
    int64_t p = first;
    sums sum;
    UNROLL
    for (int k = 0; k < taps; k++)
        enter(more ? place_of(&work, stride, p + shift - k * apart) : NULL, step, bias, sum, k, n_inputs, n_vectors);
    for (; p < work.p_end; p += apart) {
        int32_t end = list.begin[p - work.p_begin + 1];
        for (int32_t j = list.begin[p - work.p_begin]; j < end; j++) {
            const float *row = weight + list.channel[j] * channel_floats;
            vec x[MG_SHARED];
            UNROLL
            for (int m = 0; m < n_inputs; m++)
                x[m] = list.value[m * list.room + j] - (vec){0};
            UNROLL
            for (int k = 0; k < taps; k++, row += row_floats) {
                IN_REGISTER(row);
                UNROLL
                for (int v = 0; v < n_vectors; v++) {
                    vec w = load(row + v * WIDTH);
                    if (part) w = of_sign(w, work.sign);
                    UNROLL
                    for (int m = 0; m < n_inputs; m++)
                        sum[m][k][v] += x[m] * w;
                }
            }
        }
        leave(place_of(&work, stride, p + shift - (taps - 1) * apart), step, sum, taps - 1, n_inputs, n_vectors);
        UNROLL
        for (int k = taps - 1; k > 0; k--) {
            UNROLL
            for (int m = 0; m < n_inputs; m++) {
                UNROLL
                for (int v = 0; v < n_vectors; v++)
                    sum[m][k][v] = sum[m][k - 1][v];
            }
        }
        enter(more ? place_of(&work, stride, p + apart + shift) : NULL, step, bias, sum, 0, n_inputs, n_vectors);
    }
    UNROLL
    for (int k = taps - 1; k > 0; k--)
        leave(place_of(&work, stride, p + shift - k * apart), step, sum, k, n_inputs, n_vectors);
    if (more) return;
    /* Outputs that no position reaches: before those of the first one, and behind those of the last. */
    enter(NULL, step, bias, sum, 0, n_inputs, n_vectors);
    for (int64_t t = first + shift - taps * apart; t >= work.t_begin; t -= apart)
        leave(place_of(&work, stride, t), step, sum, 0, n_inputs, n_vectors);
    for (int64_t t = p + shift; t < work.t_end; t += apart)
        leave(place_of(&work, stride, t), step, sum, 0, n_inputs, n_vectors);
}

/* A dilated convolution is as many plain ones as its dilation, one a residue of positions. */
static inline __attribute__((always_inline)) void roll(const mg_rows *op, const task *work, const strip *s, int taps,
                                                       int n_inputs, int n_vectors, bool part)
{
    for (int64_t phase = 0; phase < op->dilation; phase++)
        roll_phase(op, work, s, work->p_begin + phase, taps, n_inputs, n_vectors, part);
}

typedef void roll_kernel(const mg_rows *op, const task *work, const strip *s);

#define ROLL(TAPS)                                                                                                     \
    static void alone_##TAPS(const mg_rows *op, const task *work, const strip *s)                                      \
    {                                                                                                                  \
        roll(op, work, s, TAPS, 1, ROLL_STRIP / WIDTH, false);                                                         \
    }                                                                                                                  \
    static void alone_half_##TAPS(const mg_rows *op, const task *work, const strip *s)                                 \
    {                                                                                                                  \
        roll(op, work, s, TAPS, 1, MG_LANES / WIDTH, false);                                                           \
    }                                                                                                                  \
    static void part_##TAPS(const mg_rows *op, const task *work, const strip *s)                                       \
    {                                                                                                                  \
        roll(op, work, s, TAPS, 1, ROLL_STRIP / WIDTH, true);                                                          \
    }                                                                                                                  \
    static void part_half_##TAPS(const mg_rows *op, const task *work, const strip *s)                                  \
    {                                                                                                                  \
        roll(op, work, s, TAPS, 1, MG_LANES / WIDTH, true);                                                            \
    }
#define ROLL_SHARED(TAPS)                                                                                              \
    static void shared_##TAPS(const mg_rows *op, const task *work, const strip *s)                                     \
    {                                                                                                                  \
        roll(op, work, s, TAPS, MG_SHARED, SHARED_ROLL_STRIP / WIDTH, false);                                          \
    }                                                                                                                  \
    static void shared_half_##TAPS(const mg_rows *op, const task *work, const strip *s)                                \
    {                                                                                                                  \
        roll(op, work, s, TAPS, MG_SHARED, SHARED_ROLL_HALF / WIDTH, false);                                           \
    }
/* clang-format off */
ROLL(1) ROLL(2) ROLL(3)
ROLL_SHARED(1) ROLL_SHARED(2) ROLL_SHARED(3)
#if defined(__AVX__)
ROLL_SHARED(4)
#endif
#if defined(__AVX512F__)
ROLL(4) ROLL(5) ROLL(6) ROLL(7) ROLL(8) ROLL(9) ROLL(10) ROLL(11) ROLL(12)
#endif
    /* clang-format on */

    /* The rolling kernel for so many taps, and a strip of full or half width; part: of weights of one sign. */
    static roll_kernel *rolling(int64_t taps, bool shared, bool half, bool part)
{
#if defined(__AVX512F__)
#    define MORE(NAME)        NAME##_4, NAME##_5, NAME##_6, NAME##_7, NAME##_8, NAME##_9, NAME##_10, NAME##_11, NAME##_12
#    define MORE_SHARED(NAME) NAME##_4
#elif defined(__AVX__)
#    define MORE(NAME)        NULL
#    define MORE_SHARED(NAME) NAME##_4
#else
#    define MORE(NAME)        NULL
#    define MORE_SHARED(NAME) NULL
#endif
    static roll_kernel *const alone[] = {NULL, alone_1, alone_2, alone_3, MORE(alone)};
    static roll_kernel *const alone_half[] = {NULL, alone_half_1, alone_half_2, alone_half_3, MORE(alone_half)};
    static roll_kernel *const part_[] = {NULL, part_1, part_2, part_3, MORE(part)};
    static roll_kernel *const part_half[] = {NULL, part_half_1, part_half_2, part_half_3, MORE(part_half)};
    static roll_kernel *const three[] = {NULL, shared_1, shared_2, shared_3, MORE_SHARED(shared)};
    static roll_kernel *const three_half[] = {NULL, shared_half_1, shared_half_2, shared_half_3,
                                              MORE_SHARED(shared_half)};
    if (shared) return half ? three_half[taps] : three[taps];
    if (part) return half ? part_half[taps] : part_[taps];
    return half ? alone_half[taps] : alone[taps];
}

/* All taps of a strip, some at a time: for an output, taps ascend with positions, so its additions keep their order. */
static void roll_strip(const mg_rows *op, const task *work, bool shared, int64_t first, int64_t width, bool half,
                       bool with_bias)
{
    const int64_t most = shared ? SHARED_TAPS : ALONE_TAPS;
    int64_t in_block = first % MG_BLOCK;
    const float *weight = op->weight + op->taps * op->in_channels * (first - in_block) + in_block;
    task columns = *work;
    columns.out += first;
    for (int64_t tap = 0, n; tap < op->taps; tap += n) {
        n = op->taps - tap < most ? op->taps - tap : most;
        strip s = {weight + tap * width, with_bias ? op->bias + first : NULL, width, tap, tap > 0};
        rolling(n, shared, half, work->sign != 0.0f)(op, &columns, &s);
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

static void convolution_rows(const mg_rows *op, const task *work, bool shared, int64_t first, int64_t end,
                             bool with_bias)
{
    bool rolls = op->step == 1 && op->divide == 1 && op->dilation <= op->in_length;
    int64_t most = rolls ? (shared ? SHARED_ROLL_STRIP : ROLL_STRIP) : (shared ? SHARED_STRIP : ALONE_STRIP);
    if (!rolls) begin_sums(op, work, first, end, with_bias, shared ? MG_SHARED : 1);
    while (first < end) {
        int64_t block = first - first % MG_BLOCK, left = op->out_stride - block;
        int64_t width = left < MG_BLOCK ? left : MG_BLOCK, lanes = most < width ? most : width;
        if (rolls)
            roll_strip(op, work, shared, first, width, most > width, with_bias);
        else
            strip_rows(op, work, shared, first, lanes, width);
        first += lanes;
    }
}

/* Several blocks of a single output, a dense layer: a position has one tap, so blocks are what is worked on
 * together. */
static void dense_rows(const mg_rows *op, const task *work, bool shared, int64_t first, int64_t end)
{
    const int most = shared ? SHARED_UNITS : ALONE_UNITS;
    const int64_t widest = shared ? SHARED_STRIP : ALONE_STRIP;
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
            add_units(work, shared, units, n_units, p, op->taps * width, lanes);
        }
    }
}

static inline void group_rows(const mg_rows *op, int64_t group, const task *work, bool shared, bool with_bias)
{
    int64_t first = group * op->group_blocks * MG_BLOCK, end = first + op->group_blocks * MG_BLOCK;
    if (end > op->out_stride) end = op->out_stride;
    if (op->out_length > 1) {
        convolution_rows(op, work, shared, first, end, with_bias);
        return;
    }
    begin_sums(op, work, first, end, with_bias, shared ? MG_SHARED : 1);
    if (work->t_end > work->t_begin) dense_rows(op, work, shared, first, end);
}

static void rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end, int64_t t_begin,
                 int64_t t_end, bool with_bias, float *out)
{
    task work = {list, p_begin, p_end, t_begin, t_end, out, 0, op->sign};
    group_rows(op, group, &work, false, with_bias);
}

static void shared_rows(const mg_rows *op, int64_t group, const mg_list *list, int64_t p_begin, int64_t p_end,
                        int64_t t_begin, int64_t t_end, bool with_bias, float *out, int64_t out_step)
{
    task work = {list, p_begin, p_end, t_begin, t_end, out, out_step, 0};
    group_rows(op, group, &work, true, with_bias);
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
extern const mg_mover_kernels MG_GLUE(mg_mover_kernels_, MG_ISA);
extern const mg_gate_kernels MG_GLUE(mg_gate_kernels_, MG_ISA);
extern const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_, MG_ISA);
extern const mg_smooth_kernels MG_GLUE(mg_smooth_kernels_, MG_ISA);
extern const mg_kernels MG_GLUE(mg_kernels_, MG_ISA);
const mg_kernels MG_GLUE(mg_kernels_, MG_ISA) = {
    .name = MG_NAME(MG_ISA),
    .compact = compact,
    .compact_shared = compact_shared,
    .rows = rows,
    .shared_rows = shared_rows,
    .layer = &MG_GLUE(mg_layer_kernels_, MG_ISA),
    .delta = &MG_GLUE(mg_delta_kernels_, MG_ISA),
    .conv = &MG_GLUE(mg_conv_kernels_, MG_ISA),
    .places = &MG_GLUE(mg_place_kernels_, MG_ISA),
    .lanes = &MG_GLUE(mg_lane_kernels_, MG_ISA),
    .movers = &MG_GLUE(mg_mover_kernels_, MG_ISA),
    .gate = &MG_GLUE(mg_gate_kernels_, MG_ISA),
    .kinetic = &MG_GLUE(mg_kinetic_kernels_, MG_ISA),
    .smooth = &MG_GLUE(mg_smooth_kernels_, MG_ISA),
    .dense = &MG_GLUE(mg_dense_kernels_, MG_ISA),
};
