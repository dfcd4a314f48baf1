/* kinetic.c  lines in time whose slopes change at kinks, compiled once for each instruction set */
#include "src/network/kernels/kinetic.h"

#include <stddef.h>

#include "src/network/kernels/kernels.h"
#include "src/network/kernels/vector.h"

enum { FULL = MG_BLOCK / WIDTH, HALF = MG_LANES / WIDTH, MAX_VECTORS = FULL, MAX_UNITS = 3 };

/* The row of weights of a channel and tap within a block of outputs that is `width` wide. */
static inline const float *row_of(const mg_rows *op, int64_t begin, int64_t width, int64_t channel, int64_t tap)
{
    return op->weight + op->taps * op->in_channels * begin + (channel * op->taps + tap) * width;
}

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

static void respond_some(const mg_kinks *in, int64_t begin, int64_t end, const unit *units, int64_t floats,
                         int64_t row_floats, float *out, int n_units, bool whole)
{
    switch (whole ? n_units : -n_units) {
    case 1:
        respond_units(in, begin, end, units, floats, row_floats, out, 1, FULL);
        break;
    case 2:
        respond_units(in, begin, end, units, floats, row_floats, out, 2, FULL);
        break;
    case 3:
        respond_units(in, begin, end, units, floats, row_floats, out, 3, FULL);
        break;
    case -1:
        respond_units(in, begin, end, units, floats, row_floats, out, 1, HALF);
        break;
    case -2:
        respond_units(in, begin, end, units, floats, row_floats, out, 2, HALF);
        break;
    case -3:
        respond_units(in, begin, end, units, floats, row_floats, out, 3, HALF);
        break;
    }
}

/* Lines of a block together while its weights stay in L1; a line alone, as in dense layers, by two blocks at once. */
static int64_t respond(const mg_rows *op, const mg_kinks *in, int64_t begin, int64_t end, const int32_t *reach,
                       int64_t n, float *out)
{
    int64_t n_lines = 0;
    for (int64_t j = 0; j < n; j++)
        n_lines += reach[j] >= 0;
    unit units[MAX_UNITS];
    int n_units = 0;
    for (int64_t c = 0; c < op->out_stride; c += MG_BLOCK) {
        bool whole = op->out_stride - c >= MG_BLOCK, more = n_lines == 1 && op->out_stride - c >= 2 * MG_BLOCK;
        int64_t width = whole ? MG_BLOCK : MG_LANES, line = 0;
        for (int64_t j = 0; j < n; j++) {
            if (reach[j] < 0) continue;
            units[n_units++] = (unit){row_of(op, c, width, 0, reach[j]), line++ * op->out_stride + c};
            if (n_units < MAX_UNITS && (line < n_lines || (more && n_units < 2))) continue;
            respond_some(in, begin, end, units, op->taps * width, n_lines * op->out_stride, out, n_units, whole);
            n_units = 0;
        }
    }
    return n_lines;
}

/* Values dt later; true when another line leads somewhere, which is then told. Always inlined, with constant n where
 * windows are small. */
static inline __attribute__((always_inline)) bool advance_lines(mg_course *course, float dt, int64_t n)
{
    const int64_t stride = course->stride;
    ivec differs = {0};
    float *value = course->value;
    const float *slope = course->slope;
    const ivec never = (ivec){0} - (course->with_relu ? 0 : 1);
    for (int64_t c = 0; c < stride; c += WIDTH) {
        vec best = load(value + c) + dt * load(slope + c);
        ivec which = {0};
        store(value + c, best);
        for (int64_t j = 1; j < n; j++) {
            int64_t at = j * stride + c;
            vec x = load(value + at) + dt * load(slope + at);
            ivec wins = x > best;
            store(value + at, x);
            best = larger(x, best);
            which = (wins & (int32_t)j) | (~wins & which);
        }
        which |= ~((best > 0.0f) | never); /* true is -1 */
        *(ivec *)(course->now + c) = which;
        differs |= which != *(const ivec *)(course->state + c);
    }
    course->n_changed = 0;
    if (!course->gated || !any(differs)) return false;
    int64_t n_changed = 0;
    for (int64_t c = 0; c < stride; c += WIDTH) {
        float unused[WIDTH];
        ivec changed = *(const ivec *)(course->now + c) != *(const ivec *)(course->state + c);
        n_changed += compress((vec)changed, (int32_t)c, course->changed + n_changed, unused);
    }
    course->n_changed = n_changed;
    return true;
}

static bool advance(mg_course *course, float dt)
{
    switch (course->n) {
    case 1:
        return advance_lines(course, dt, 1);
    case 2:
        return advance_lines(course, dt, 2);
    case 3:
        return advance_lines(course, dt, 3);
    case 4:
        return advance_lines(course, dt, 4);
    default:
        return advance_lines(course, dt, course->n);
    }
}

/* Add a row of a response to the slopes of line j. */
static inline void turn_line(mg_course *course, int64_t j, const float *row)
{
    const int64_t stride = course->stride;
    float *slope = course->slope + j * stride;
    for (int64_t c = 0; c < stride; c += WIDTH)
        store(slope + c, load(slope + c) + load(row + c));
}

/* What the rows of a response change for followers, to the entries of `out`.
 * Returns: how many entries there are now */
static inline __attribute__((always_inline)) int64_t hand_on(const mg_course *course, const float *response,
                                                             int n_lines)
{
    const int64_t stride = course->stride;
    const int32_t *line = course->line;
    int64_t n_entries = course->out->n_entries;
    int32_t *channel = course->out->index;
    float *value = course->out->value;
    for (int64_t c = 0; c < stride; c += WIDTH) {
        const ivec state = *(const ivec *)(course->state + c);
        ivec change = {0};
        for (int u = 0; u < n_lines; u++)
            change |= (state == line[u]) & (ivec)load(response + u * stride + c);
        n_entries += compress((vec)change, (int32_t)c, channel + n_entries, value + n_entries);
    }
    return n_entries;
}

/* A kink: slopes change by its response, and what changes for followers is handed on. */
static inline bool turn(mg_course *course, int64_t k, double time)
{
    const int32_t *reach =
        course->reach + (course->in->position[course->moment[k].id] - course->reach_begin) * course->n;
    const float *response = course->response + course->row[k - course->chunk_begin] * course->stride;
    mg_kinks *out = course->out;
    int n_lines = 0;
    for (int32_t j = 0; j < course->n; j++) {
        if (reach[j] < 0) continue;
        turn_line(course, j, response + n_lines * course->stride);
        course->line[n_lines++] = j;
    }
    if (out == NULL) return true;
    if (out->n_kinks == course->kinks_room || out->n_entries + course->stride > course->entries_room) return false;
    int64_t n_entries = n_lines == 1   ? hand_on(course, response, 1)
                        : n_lines == 2 ? hand_on(course, response, 2)
                        : n_lines == 3 ? hand_on(course, response, 3)
                                       : hand_on(course, response, n_lines);
    if (n_entries == out->n_entries) return true;
    out->time[out->n_kinks] = time;
    out->position[out->n_kinks++] = course->position;
    out->begin[out->n_kinks] = (int32_t)n_entries;
    out->n_entries = n_entries;
    return true;
}

static int64_t follow(mg_course *course, int64_t k, bool advanced)
{
    course->n_changed = 0;
    for (; k < course->chunk_end; k++) {
        double time = course->moment[k].time;
        float dt = (float)(time - course->time);
        if (!advanced && dt != 0.0f && advance(course, dt)) return k;
        advanced = false;
        course->time = time;
        if (!turn(course, k, time)) return -1;
    }
    if (k < course->n_kinks) return k;
    if (!advanced && advance(course, (float)(course->end - course->time))) return k;
    course->time = course->end;
    course->n_changed = 0;
    return course->n_kinks + 1;
}

/* --- backward --- */

/* Blocks of n_vectors vectors, n_blocks of them next to each other. */
static inline __attribute__((always_inline)) void gather_blocks(const mg_rows *op, int64_t begin, const mg_kinks *in,
                                                                int32_t id, const int32_t *tap, float after,
                                                                const mg_multiplier *to, int n_blocks, int n_vectors)
{
    const int32_t *entry = in->begin + id * in->lines, *channel = in->index;
    const float *value = in->value;
    const int64_t width = n_vectors * WIDTH, floats = op->taps * width, block = floats * op->in_channels;
    vec sum[2][MAX_VECTORS];
    UNROLL
    for (int b = 0; b < n_blocks; b++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++)
            sum[b][v] = (vec){0};
    }
    for (int64_t j = 0; j < in->lines; j++) {
        if (tap[j] < 0) continue;
        const float *weight = row_of(op, begin, width, 0, op->taps - 1 - tap[j]);
        for (int32_t e = entry[j]; e < entry[j + 1]; e++) {
            const float *row = weight + channel[e] * floats;
            vec x = value[e] - (vec){0};
            UNROLL
            for (int b = 0; b < n_blocks; b++) {
                UNROLL
                for (int v = 0; v < n_vectors; v++)
                    sum[b][v] += x * load(row + b * block + v * WIDTH);
            }
        }
    }
    UNROLL
    for (int b = 0; b < n_blocks; b++) {
        UNROLL
        for (int v = 0; v < n_vectors; v++) {
            int64_t c = begin + b * width + v * WIDTH;
            store(to->step + c, sum[b][v]);
            store(to->multiplier + c, load(to->multiplier + c) + sum[b][v]);
            store(to->moment + c, load(to->moment + c) + after * sum[b][v]);
        }
    }
}

static void gather(const mg_rows *op, const mg_kinks *in, int32_t id, const int32_t *tap, float after,
                   const mg_multiplier *to)
{
    int64_t begin = 0;
    for (; op->out_stride - begin >= 2 * MG_BLOCK; begin += 2 * MG_BLOCK)
        gather_blocks(op, begin, in, id, tap, after, to, 2, FULL);
    if (op->out_stride - begin >= MG_BLOCK) {
        gather_blocks(op, begin, in, id, tap, after, to, 1, FULL);
        begin += MG_BLOCK;
    }
    if (begin < op->out_stride) gather_blocks(op, begin, in, id, tap, after, to, 1, HALF);
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
const mg_kinetic_kernels MG_GLUE(mg_kinetic_kernels_, MG_ISA) = {
    .respond = respond, .follow = follow, .gather = gather, .answer = answer, .route = route};
