/* kinetic.c  lines in time whose slopes change at kinks, compiled once for each instruction set */
#include "src/network/kernels/kinetic.h"

#include <stddef.h>

#include "src/network/kernels/kernels.h"
#include "src/network/kernels/vector.h"

enum { FULL = MG_BLOCK / WIDTH, HALF = MG_LANES / WIDTH, MAX_VECTORS = FULL, MAX_UNITS = 3 };

static inline bool any(ivec mask)
{
#if defined(__AVX512F__)
    return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX__)
    return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#else
    int32_t all = 0;
    for (int i = 0; i < WIDTH; i++)
        all |= mask[i];
    return all != 0;
#endif
}

/* Values dt later; true when another line leads somewhere, with `now` written. */
static inline __attribute__((always_inline)) bool advance(mg_course *course, float dt, int n_vectors)
{
    const int64_t width = n_vectors * WIDTH;
    ivec differs = {0}, now[MAX_VECTORS];
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        float *value = course->value + v * WIDTH;
        const float *slope = course->slope + v * WIDTH;
        vec best = load(value) + dt * load(slope);
        ivec which = {0};
        store(value, best);
        for (int64_t j = 1; j < course->n; j++) {
            vec x = load(value + j * width) + dt * load(slope + j * width);
            ivec wins = x > best;
            store(value + j * width, x);
            best = larger(x, best);
            which = (wins & (int32_t)j) | (~wins & which);
        }
        if (course->with_relu) which |= ~(best > 0.0f); /* true is -1 */
        now[v] = which;
        differs |= which != *(const ivec *)(course->state + v * WIDTH);
    }
    if (!course->gated || !any(differs)) return false;
    UNROLL
    for (int v = 0; v < n_vectors; v++)
        *(ivec *)(course->now + v * WIDTH) = now[v];
    return true;
}

/* What a kink's entries hand on to n_units lines: `row` is where their taps' weights begin. */
static inline __attribute__((always_inline)) void turn_lines(const mg_course *course, int32_t id, const int64_t *line,
                                                             const int64_t *row, int n_units, int n_vectors)
{
    const int32_t *channel = course->in->index;
    const float *value = course->in->value;
    const int64_t floats = course->taps * n_vectors * WIDTH;
    vec sum[MAX_UNITS][MAX_VECTORS];
    UNROLL
    for (int u = 0; u < n_units; u++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            sum[u][v] = (vec){0};
    }
    for (int32_t e = course->in->begin[id]; e < course->in->begin[id + 1]; e++) {
        const float *weight = course->weight + channel[e] * floats;
        vec x = value[e] - (vec){0};
        UNROLL
        for (int u = 0; u < n_units; u++) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                sum[u][v] += x * load(weight + row[u] + v * WIDTH);
        }
    }
    UNROLL
    for (int u = 0; u < n_units; u++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            int64_t at = (line[u] * n_vectors + v) * WIDTH;
            store(course->slope + at, load(course->slope + at) + sum[u][v]);
            store(course->delta + at, sum[u][v]);
        }
    }
}

static inline __attribute__((always_inline)) void note(mg_course *course, int n_vectors)
{
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        const ivec state = *(const ivec *)(course->state + v * WIDTH);
        ivec change = {0};
        for (int64_t j = 0; j < course->n; j++)
            change |= (state == (int32_t)j) & (ivec)load(course->delta + (j * n_vectors + v) * WIDTH);
        course->n_noted += compress((vec)change, course->channel + v * WIDTH, course->noted_channel + course->n_noted,
                                    course->noted_value + course->n_noted);
    }
}

static inline __attribute__((always_inline)) void turn(mg_course *course, int32_t id, int n_vectors)
{
    const int32_t *reach = course->reach + (course->in->position[id] - course->reach_begin) * course->n;
    int64_t line[MAX_UNITS], row[MAX_UNITS];
    int n_units = 0;
    for (int64_t j = 0; j < course->n; j++) {
        if (reach[j] < 0) {
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                store(course->delta + (j * n_vectors + v) * WIDTH, (vec){0});
            continue;
        }
        line[n_units] = j;
        row[n_units++] = reach[j] * n_vectors * WIDTH;
        if (n_units < MAX_UNITS) continue;
        turn_lines(course, id, line, row, MAX_UNITS, n_vectors);
        n_units = 0;
    }
    if (n_units == 2) turn_lines(course, id, line, row, 2, n_vectors);
    if (n_units == 1) turn_lines(course, id, line, row, 1, n_vectors);
}

static inline __attribute__((always_inline)) int64_t run(mg_course *course, int64_t k, bool advanced, int n_vectors)
{
    for (; k <= course->n_kinks; k++) {
        double time = k < course->n_kinks ? course->moment[k].time : course->end;
        float dt = (float)(time - course->time);
        if (!advanced && dt != 0.0f && advance(course, dt, n_vectors)) return k;
        advanced = false;
        course->time = time;
        if (course->noted_begin != NULL) course->noted_begin[k] = (int32_t)course->n_noted;
        if (k == course->n_kinks) break;
        turn(course, course->moment[k].id, n_vectors);
        if (course->noted_begin == NULL) continue;
        if (course->n_noted + course->width > course->noted_room) return -1;
        note(course, n_vectors);
    }
    return course->n_kinks + 1;
}

static int64_t follow(mg_course *course, int64_t k, bool advanced)
{
    return course->width == MG_BLOCK ? run(course, k, advanced, FULL) : run(course, k, advanced, HALF);
}

/* The row of weights of a channel and tap within a block of outputs that is `width` wide. */
static inline const float *row_of(const mg_rows *op, int64_t begin, int64_t width, int64_t channel, int64_t tap)
{
    return op->weight + op->taps * op->in_channels * begin + (channel * op->taps + tap) * width;
}

static inline __attribute__((always_inline)) void gather_block(const mg_rows *op, int64_t begin, const mg_kinks *in,
                                                               int32_t id, const int32_t *tap, float after,
                                                               const mg_multiplier *to, int n_vectors)
{
    const int32_t *entry = in->begin + id * in->lines, *channel = in->index;
    const float *value = in->value;
    const int64_t width = n_vectors * WIDTH;
    vec sum[MAX_VECTORS];
    UNROLL
    for (int v = 0; v < n_vectors; v++)
        sum[v] = (vec){0};
    for (int64_t j = 0; j < in->lines; j++) {
        if (tap[j] < 0) continue;
        const float *weight = row_of(op, begin, width, 0, op->taps - 1 - tap[j]);
        for (int32_t e = entry[j]; e < entry[j + 1]; e++) {
            const float *row = weight + channel[e] * op->taps * width;
            vec x = value[e] - (vec){0};
            UNROLL
            for (int v = 0; v < n_vectors; v++)
                sum[v] += x * load(row + v * WIDTH);
        }
    }
    UNROLL
    for (int v = 0; v < n_vectors; v++) {
        int64_t c = begin + v * WIDTH;
        store(to->step + c, sum[v]);
        store(to->multiplier + c, load(to->multiplier + c) + sum[v]);
        store(to->moment + c, load(to->moment + c) + after * sum[v]);
    }
}

static void gather(const mg_rows *op, const mg_kinks *in, int32_t id, const int32_t *tap, float after,
                   const mg_multiplier *to)
{
    for (int64_t begin = 0; begin < op->out_stride; begin += MG_BLOCK) {
        if (op->out_stride - begin >= MG_BLOCK)
            gather_block(op, begin, in, id, tap, after, to, FULL);
        else
            gather_block(op, begin, in, id, tap, after, to, HALF);
    }
}

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

static void route(const mg_multiplier *of, int64_t n, mg_kinks *to, int32_t *end_line)
{
    int64_t n_entries = to->n_entries;
    float *value = to->value;
    for (int64_t j = 0; j < n; j++) {
        for (int64_t c = 0; c < of->stride; c += WIDTH) {
            ivec follows = *(const ivec *)(of->state + c) == (int32_t)j;
            n_entries += compress((vec)(follows & (ivec)load(of->step + c)), (int32_t)c, to->index + n_entries,
                                  value + n_entries);
        }
        end_line[j] = (int32_t)n_entries;
    }
    to->n_entries = n_entries;
}

extern const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_, MG_ISA);
const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_,
                                 MG_ISA) = {.follow = follow, .gather = gather, .answer = answer, .route = route};
