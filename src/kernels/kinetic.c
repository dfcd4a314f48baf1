/* kinetic.c  lines in time whose slopes change at kinks, compiled once for each instruction set */
#include "src/kernels/kinetic.h"

#include <math.h>
#include <stddef.h>

#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"

enum {
    FULL = MG_BLOCK / WIDTH,
    HALF = MG_LANES / WIDTH,
    MAX_VECTORS = FULL,
    MAX_UNITS = WIDTH == 16 ? 6 : 3,
    MAX_GROUP = 4
};

/* The row of weights of a channel and tap within a block of outputs that is `width` wide. */
static inline const float *row_of(const mg_rows *op, int64_t begin, int64_t width, int64_t channel, int64_t tap)
{
    return op->weight + op->taps * op->in_channels * begin + (channel * op->taps + tap) * width;
}

/* A truth a lane. */
#if defined(__AVX512F__)
typedef __mmask16 truth;
#else
typedef ivec truth;
#endif

static inline truth greater(vec a, vec b)
{
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GT_OQ);
#else
    return a > b;
#endif
}

static inline truth equal(ivec a, int32_t b)
{
#if defined(__AVX512F__)
    return _mm512_cmpeq_epi32_mask((__m512i)a, _mm512_set1_epi32(b));
#else
    return a == b;
#endif
}

/* a where it holds, else b */
static inline vec choose(truth holds, vec a, vec b)
{
#if defined(__AVX512F__)
    return (vec)_mm512_mask_blend_ps(holds, (__m512)b, (__m512)a);
#elif defined(__AVX__)
    return (vec)_mm256_blendv_ps((__m256)b, (__m256)a, (__m256)holds);
#else
    return (vec)((holds & (ivec)a) | (~holds & (ivec)b));
#endif
}

/* larger(), which without AVX is a loop over lanes */
static inline vec higher(vec a, vec b)
{
#if defined(__AVX__)
    return larger(a, b);
#else
    return choose(greater(a, b), a, b);
#endif
}

/* The lanes of x where it holds, else 0. */
static inline vec where(truth holds, const float *x)
{
#if defined(__AVX512F__)
    return (vec)_mm512_maskz_loadu_ps(holds, x);
#else
    return (vec)(holds & (ivec)load(x));
#endif
}

/* A bit a lane. */
static inline unsigned bits(truth a)
{
#if defined(__AVX512F__)
    return a;
#elif defined(__AVX__)
    return (unsigned)_mm256_movemask_ps((__m256)a);
#else
    typedef int64_t halves __attribute__((vector_size(sizeof(ivec))));
    unsigned all = 0;
    if ((((halves)a)[0] | ((halves)a)[1]) == 0) return 0;
    for (int i = 0; i < WIDTH; i++)
        all |= (unsigned)(a[i] != 0) << i;
    return all;
#endif
}

/* --- forward --- */

/* One line and one block of outputs: where its weights begin, and where it stands in a kink's rows. */
typedef struct {
    const float *row;
    int64_t at;
} unit;

static inline __attribute__((always_inline)) void respond_units(const mg_kinks *in, int64_t begin, int64_t end,
                                                                const unit *units, int64_t floats, int64_t row_floats,
                                                                float *out, int n_units, int n_vectors)
{
    const int32_t *channel = in->index;
    const float *value = in->value;
    for (int64_t id = begin; id < end; id++, out += row_floats) {
        vec sum[MAX_UNITS][MAX_VECTORS];
        UNROLL
        for (int u = 0; u < n_units; u++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                sum[u][v] = (vec){0};
        }
        for (int32_t e = in->begin[id]; e < in->begin[id + 1]; e++) {
            vec x = value[e] - (vec){0};
            UNROLL
            for (int u = 0; u < n_units; u++) {
                UNROLL
                for (int v = 0; v < n_vectors; v++)
                    sum[u][v] += x * load(units[u].row + channel[e] * floats + v * WIDTH);
            }
        }
        UNROLL
        for (int u = 0; u < n_units; u++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                store(out + units[u].at + v * WIDTH, sum[u][v]);
        }
    }
}

#define RESPOND(n_units, n_vectors)                                                                                    \
    case n_units:                                                                                                      \
        respond_units(in, begin, end, units, floats, row_floats, out, n_units, n_vectors);                             \
        break;

static void respond_whole(const mg_kinks *in, int64_t begin, int64_t end, const unit *units, int64_t floats,
                          int64_t row_floats, float *out, int n_units)
{
    switch (n_units) {
        RESPOND(1, FULL)
        RESPOND(2, FULL)
        RESPOND(3, FULL)
#if defined(__AVX512F__)
        RESPOND(4, FULL)
        RESPOND(5, FULL)
        RESPOND(6, FULL)
#endif
    }
}

static void respond_half(const mg_kinks *in, int64_t begin, int64_t end, const unit *units, int64_t floats,
                         int64_t row_floats, float *out, int n_units)
{
    switch (n_units) {
        RESPOND(1, HALF)
        RESPOND(2, HALF)
        RESPOND(3, HALF)
#if defined(__AVX512F__)
        RESPOND(4, HALF)
        RESPOND(5, HALF)
        RESPOND(6, HALF)
#endif
    }
}

/* As many lines and blocks at once as there are registers for: how many entries a kink has cannot be foreseen, so each
 * round through them costs. */
static int64_t respond(const mg_rows *op, const mg_kinks *in, int64_t begin, int64_t end, const int32_t *reach,
                       int64_t n, float *out)
{
    int64_t n_lines = 0;
    for (int64_t j = 0; j < n; j++)
        n_lines += reach[j] >= 0;
    unit units[MAX_UNITS];
    int n_units = 0;
    for (int64_t c = 0; c < op->out_stride; c += MG_BLOCK) {
        bool whole = op->out_stride - c >= MG_BLOCK, more = op->out_stride - c >= 2 * MG_BLOCK;
        int64_t width = whole ? MG_BLOCK : MG_LANES, line = 0;
        for (int64_t j = 0; j < n; j++) {
            if (reach[j] < 0) continue;
            units[n_units++] = (unit){row_of(op, c, width, 0, reach[j]), line++ * op->out_stride + c};
            if (n_units < MAX_UNITS && (line < n_lines || (more && n_units + n_lines <= MAX_UNITS))) continue;
            (whole ? respond_whole : respond_half)(in, begin, end, units, op->taps * width, n_lines * op->out_stride,
                                                   out, n_units);
            n_units = 0;
        }
    }
    return n_lines;
}

/* Lines of n_vectors vectors of channels, vector by vector. */
typedef struct {
    vec *value, *slope;
    ivec *state;
} lines;

static inline __attribute__((always_inline)) void move_lines(const mg_course *course, lines to, int n, int n_vectors,
                                                             bool back)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        int64_t c = course->channel + v * WIDTH;
        to.state[v] = *(const ivec *)(course->state + c);
        for (int j = 0; j < n; j++) {
            float *value = course->value + j * course->stride + c, *slope = course->slope + j * course->stride + c;
            if (back) {
                store(value, to.value[v * n + j]);
                store(slope, to.slope[v * n + j]);
            } else {
                to.value[v * n + j] = load(value);
                to.slope[v * n + j] = load(slope);
            }
        }
    }
}

static inline __attribute__((always_inline)) void turn(const mg_course *course, int64_t i, lines at, int n,
                                                       int n_vectors)
{
    for (int j = 0; j < n; j++) {
        const float *row = course->row[i * n + j] + course->channel;
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            at.slope[v * n + j] += load(row + v * WIDTH);
    }
}

/* Values dt later. Returns: where a line, or `least`, is above the one that is followed; none is followed: above 0 */
static inline __attribute__((always_inline)) truth advance(vec dt, vec least, vec *value, const vec *slope, ivec state,
                                                           int n)
{
    vec top = least, followed = {0};
    for (int j = 0; j < n; j++) {
        value[j] += dt * slope[j];
        top = higher(value[j], top);
        followed = choose(equal(state, j), value[j], followed);
    }
    return greater(top, followed);
}

/* Channels in n_vectors vectors along all steps; true when another line leads somewhere, which is then told. Always
 * inlined, with constant n where windows are small. */
static inline __attribute__((always_inline)) bool go_along(mg_course *course, lines at, int n, int n_vectors)
{
    const vec least = (course->with_relu ? 0.0f : -INFINITY) - (vec){0};
    const int64_t n_steps = course->n_steps;
    move_lines(course, at, n, n_vectors, false);
    int64_t i = course->step;
    if (course->advanced) turn(course, i++, at, n, n_vectors);
    course->advanced = false;
    for (; i < n_steps; i++) {
        const vec dt = course->dt[i] - (vec){0};
        truth differs[MAX_GROUP], any = greater((vec){0}, (vec){0});
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            differs[v] = advance(dt, least, at.value + v * n, at.slope + v * n, at.state[v], n);
            any |= differs[v];
        }
        if (__builtin_expect(bits(any) != 0, 0)) {
            move_lines(course, at, n, n_vectors, true);
            course->n_changed = 0;
            for (int v = 0; v < n_vectors; v++)
                for (unsigned left = bits(differs[v]); left != 0; left &= left - 1)
                    course->changed[course->n_changed++] = (int32_t)course->channel + v * WIDTH + __builtin_ctz(left);
            course->step = i;
            course->advanced = true;
            return true;
        }
        turn(course, i, at, n, n_vectors);
    }
    move_lines(course, at, n, n_vectors, true);
    course->channel += n_vectors * WIDTH;
    course->step = 0;
    return false;
}

#define GO_ALONG(n, n_vectors)                                                                                         \
    static __attribute__((noinline)) bool go_along_##n##_##n_vectors(mg_course *course)                                \
    {                                                                                                                  \
        vec value[(n) * (n_vectors)], slope[(n) * (n_vectors)];                                                        \
        ivec state[n_vectors];                                                                                         \
        return go_along(course, (lines){value, slope, state}, n, n_vectors);                                           \
    }
GO_ALONG(1, 1)
GO_ALONG(1, 4)
GO_ALONG(2, 1)
GO_ALONG(3, 1)
GO_ALONG(4, 1)

static bool go_along_many(mg_course *course)
{
    ivec state;
    vec *value = (vec *)course->few;
    return go_along(course, (lines){value, value + course->n, &state}, (int)course->n, 1);
}

static bool follow(mg_course *course)
{
    while (course->channel < course->stride) {
        bool changed = course->n == 1   ? (course->channel + 4 * WIDTH <= course->stride ? go_along_1_4(course)
                                                                                         : go_along_1_1(course))
                       : course->n == 2 ? go_along_2_1(course)
                       : course->n == 3 ? go_along_3_1(course)
                       : course->n == 4 ? go_along_4_1(course)
                                        : go_along_many(course);
        if (changed) return true;
    }
    return false;
}

static inline __attribute__((always_inline)) int64_t hand_on_row(const mg_course *course, const float *const *row,
                                                                 int64_t n, mg_kinks *out)
{
    int64_t n_entries = out->n_entries;
    int32_t *channel = out->index;
    float *value = out->value;
    for (int64_t c = 0; c < course->stride; c += WIDTH) {
        const ivec state = *(const ivec *)(course->state + c);
        ivec change = {0};
        for (int32_t j = 0; j < n; j++)
            change |= (ivec)where(equal(state, j), row[j] + c);
        n_entries += compress((vec)change, (int32_t)c, channel + n_entries, value + n_entries);
    }
    return n_entries;
}

static bool hand_on(const mg_course *course, int64_t begin, int64_t end, const mg_moment *moment, int32_t position,
                    const int64_t *room, mg_kinks *out)
{
    for (int64_t i = begin; i < end; i++) {
        const float *const *row = course->row + i * course->n;
        if (out->n_kinks == room[0] || out->n_entries + course->stride > room[1]) return false;
        int64_t n_entries = course->n == 1   ? hand_on_row(course, row, 1, out)
                            : course->n == 2 ? hand_on_row(course, row, 2, out)
                            : course->n == 3 ? hand_on_row(course, row, 3, out)
                                             : hand_on_row(course, row, course->n, out);
        if (n_entries == out->n_entries) continue;
        out->time[out->n_kinks] = moment[i].time;
        out->position[out->n_kinks++] = position;
        out->begin[out->n_kinks] = (int32_t)n_entries;
        out->n_entries = n_entries;
    }
    return true;
}

/* --- backward --- */

static float answer(const mg_rows *op, const int32_t *tap, int64_t n, int64_t channel, float time,
                    const mg_multiplier *of)
{
    vec sum[HALF] = {0};
    for (int64_t c = 0; c < of->stride; c += MG_LANES) {
        int64_t begin = c / MG_BLOCK * MG_BLOCK, left = of->stride - begin, width = left < MG_BLOCK ? left : MG_BLOCK;
        for (int v = 0; v < HALF; v++) {
            int64_t at = c + v * WIDTH;
            vec since = time * load(of->multiplier + at) - load(of->moment + at) - load(of->paid + at);
            ivec state = *(const ivec *)(of->state + at);
            for (int64_t j = 0; j < n; j++) {
                if (tap[j] < 0) continue;
                const float *row = row_of(op, begin, width, channel, tap[j]);
                vec integral = load(of->settled + j * of->stride + at) + (vec)((state == (int32_t)j) & (ivec)since);
                sum[v] += integral * load(row + at - begin);
            }
        }
    }
    return add_lanes(sum);
}

extern const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_, MG_ISA);
const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_,
                                 MG_ISA) = {.respond = respond, .follow = follow, .hand_on = hand_on, .answer = answer};
