/* single.c  forward and back in float32, compiled once for each instruction set
 *
 * A vector runs over windows, so layers of any shape fill it, and no output's additions depend on its width: those
 * instruction sets that have fused multiply-add give the same bits.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "src/core/random.h"
#include "src/graph/kind.h"
#include "src/kernels/kernels.h"
#include "src/kernels/vector.h"
#include "src/training/backprop_inside.h"

/* Sums that are kept in registers: of map() OUTPUTS x 2 vectors, of gradient() MG_BATCH_CHANNELS x INPUTS. */
#if defined(__AVX512F__)
enum { OUTPUTS = 8, INPUTS = 4 };
#else
enum { OUTPUTS = 4, INPUTS = 2 };
#endif

/* --- linear maps ---
 *
 * in (in_length, in_stride, MG_BATCH) -> out (out_length, out_stride, MG_BATCH) */

/* n_outputs outputs at position t, of 2 * WIDTH windows; inlined with constants, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void sums(const mg_batch_map *map, int64_t t, const float *weight,
                                                       const float *bias, const float *in, float *out, int n_outputs)
{
    vec sum[OUTPUTS][2];
    UNROLL
    for (int o = 0; o < n_outputs; o++)
        sum[o][0] = sum[o][1] = (bias != NULL ? bias[o] : 0.0f) - (vec){0};
    for (int64_t i = map->begin[t]; i < map->begin[t + 1]; i++) {
        const float *w = weight + map->term[i].tap * map->in_channels * MG_BATCH_OUTPUTS;
        const float *x = in + map->term[i].at * map->in_stride * MG_BATCH;
        for (int64_t c = 0; c < map->in_channels; c++, w += MG_BATCH_OUTPUTS, x += MG_BATCH) {
            vec first = load(x), second = load(x + WIDTH);
            UNROLL
            for (int o = 0; o < n_outputs; o++) {
                vec factor = w[o] - (vec){0};
                sum[o][0] += factor * first;
                sum[o][1] += factor * second;
            }
        }
    }
    UNROLL
    for (int o = 0; o < n_outputs; o++) {
        store(out + o * MG_BATCH, sum[o][0]);
        store(out + o * MG_BATCH + WIDTH, sum[o][1]);
    }
}

static void map_batch(const mg_batch_map *map, const float *in, float *out)
{
    for (int64_t first = 0; first < map->out_stride; first += OUTPUTS) {
        int64_t block = first / MG_BATCH_OUTPUTS, within = first % MG_BATCH_OUTPUTS;
        const float *weight = map->weight + block * map->taps * map->in_channels * MG_BATCH_OUTPUTS + within;
        const float *bias = map->bias != NULL ? map->bias + first : NULL;
        bool whole = map->out_stride - first >= OUTPUTS;
        for (int64_t t = 0; t < map->out_length; t++)
            for (int64_t lane = 0; lane < MG_BATCH; lane += 2 * WIDTH) {
                float *to = out + (t * map->out_stride + first) * MG_BATCH + lane;
                if (whole)
                    sums(map, t, weight, bias, in + lane, to, OUTPUTS);
                else
                    sums(map, t, weight, bias, in + lane, to, MG_BATCH_CHANNELS);
            }
    }
}

/* --- gradient of the weights ---
 *
 * Of weights (out_channels, in_channels, taps) and bias (out_channels), summed over positions and windows; `in` is the
 * layer's input and g the gradient of its output. Windows lie in lanes: every MG_LANES-th of them is summed in one lane,
 * position by position, and the lanes then halves to halves, an order that no vector width changes. */

enum { PARTS = MG_LANES / WIDTH, TILE = MG_BATCH_CHANNELS * INPUTS };

#if defined(__clang__)
#    define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#    define PICK(a, b, ...) __builtin_shuffle(a, b, (ivec){__VA_ARGS__})
#endif

/* Halves of groups of lanes added to halves, two vectors at once: the sums of a's groups, then those of b's. */
#if defined(__AVX512F__)
static inline vec add_halves(vec a, vec b, int group)
{
    if (group == 16)
        return PICK(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
               PICK(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    if (group == 8)
        return PICK(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
               PICK(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    if (group == 4)
        return PICK(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) +
               PICK(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
    return PICK(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
           PICK(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
#elif defined(__AVX__)
static inline vec add_halves(vec a, vec b, int group)
{
    if (group == 8) return PICK(a, b, 0, 1, 2, 3, 8, 9, 10, 11) + PICK(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
    if (group == 4) return PICK(a, b, 0, 1, 4, 5, 8, 9, 12, 13) + PICK(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
    return PICK(a, b, 0, 2, 4, 6, 8, 10, 12, 14) + PICK(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}
#else
static inline vec add_halves(vec a, vec b, int group)
{
    if (group == 4) return PICK(a, b, 0, 1, 4, 5) + PICK(a, b, 2, 3, 6, 7);
    return PICK(a, b, 0, 2, 4, 6) + PICK(a, b, 1, 3, 5, 7);
}
#endif

/* The sum of each of TILE vectors of MG_LANES lanes, given as PARTS vectors. */
static inline void add_lanes_of_tile(vec part[PARTS][TILE], float *sum)
{
    UNROLL
    for (int half = PARTS / 2; half > 0; half /= 2)
        for (int p = 0; p < half; p++)
            for (int i = 0; i < TILE; i++)
                part[p][i] += part[p + half][i];
    vec *v = part[0];
    int n = TILE;
    UNROLL
    for (int group = WIDTH; group > 1; group /= 2, n /= 2)
        for (int i = 0; i < n / 2; i++)
            v[i] = add_halves(v[2 * i], v[2 * i + 1], group);
    for (int i = 0; i < n; i++)
        store(sum + i * WIDTH, v[i]);
}

/* Vector [o * INPUTS + c] of `part`: products of output o and input c. */
static inline __attribute__((always_inline)) void products(const mg_batch_shape *shape, int64_t k, const float *in,
                                                           const float *g, int part, vec sum[TILE])
{
    vec total[MG_BATCH_CHANNELS][INPUTS] = {{{0}}};
    int64_t end, t = mg_batch_first(shape, k, &end), offset = k * shape->dilation - shape->pad;
    for (; t < end; t++)
        for (int64_t half = 0; half < MG_BATCH; half += MG_LANES) {
            const float *x = in + (t * shape->step + offset) * shape->in_stride * MG_BATCH + half + part * WIDTH;
            const float *y = g + t * shape->out_stride * MG_BATCH + half + part * WIDTH;
            vec left[MG_BATCH_CHANNELS];
            UNROLL
            for (int o = 0; o < MG_BATCH_CHANNELS; o++)
                left[o] = load(y + o * MG_BATCH);
            UNROLL
            for (int c = 0; c < INPUTS; c++) {
                vec right = load(x + c * MG_BATCH);
                UNROLL
                for (int o = 0; o < MG_BATCH_CHANNELS; o++)
                    total[o][c] += left[o] * right;
            }
        }
    UNROLL
    for (int o = 0; o < MG_BATCH_CHANNELS; o++) {
        UNROLL
        for (int c = 0; c < INPUTS; c++)
            sum[o * INPUTS + c] = total[o][c];
    }
}

static void tile(const mg_batch_shape *shape, int64_t k, int64_t o, int64_t c, const float *in, const float *g,
                 float *weight)
{
    vec part[PARTS][TILE];
    float sum[TILE];
    for (int p = 0; p < PARTS; p++)
        products(shape, k, in + c * MG_BATCH, g + o * MG_BATCH, p, part[p]);
    add_lanes_of_tile(part, sum);
    for (int i = 0; i < MG_BATCH_CHANNELS && o + i < shape->out_channels; i++)
        for (int j = 0; j < INPUTS && c + j < shape->in_channels; j++)
            weight[((o + i) * shape->in_channels + c + j) * shape->taps + k] = sum[i * INPUTS + j];
}

static float sum_bias(const mg_batch_shape *shape, const float *g)
{
    vec total[PARTS] = {{0}};
    for (int64_t t = 0; t < shape->out_length; t++)
        for (int64_t half = 0; half < MG_BATCH; half += MG_LANES)
            for (int part = 0; part < PARTS; part++)
                total[part] += load(g + t * shape->out_stride * MG_BATCH + half + part * WIDTH);
    return add_lanes(total);
}

static void gradient(const mg_batch_shape *shape, const float *in, const float *g, float *weight, float *bias)
{
    for (int64_t c = 0; c < shape->in_channels; c += INPUTS)
        for (int64_t k = 0; k < shape->taps; k++)
            for (int64_t o = 0; o < shape->out_channels; o += MG_BATCH_CHANNELS)
                tile(shape, k, o, c, in, g, weight);
    for (int64_t o = 0; o < shape->out_channels; o++)
        bias[o] = sum_bias(shape, g + o * MG_BATCH);
}

/* --- the walk --- */

typedef float real;

static void linear_forward(const mg_trainable *net, size_t l, const float *in, float *out)
{
    map_batch(&net->layer[l].forward, in, out);
}

static void linear_backward(const mg_trainable *net, size_t l, const float *g, float *g_in)
{
    map_batch(&net->layer[l].backward, g, g_in);
}

static void linear_gradient(const mg_trainable *net, size_t l, const float *in, const float *g, float *weight,
                            float *bias)
{
    gradient(&net->layer[l].shape, in, g, weight, bias);
}

#include "src/training/backprop_walk.h"

extern const mg_backprop_walk MG_GLUE(mg_backprop_, MG_ISA);
#define NAME_(isa) #isa
#define NAME(isa)  NAME_(isa)
const mg_backprop_walk MG_GLUE(mg_backprop_, MG_ISA) = {.name = NAME(MG_ISA), .up = up, .down = down};
