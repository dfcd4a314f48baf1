/* exact_double.c  the walk along the path in float64 with plain loops: what the kernels are held to */
#include <math.h>
#include <string.h>

#include "src/paths/exact_work.h"

typedef double real;
#define WALK(name) name##_double

static void linear_slopes(mg_pass *pass, const mg_map *map, const double *in, double *out)
{
    const mg_rows *op = &map->forward;
    (void)pass;
    for (int64_t p = 0; p < op->out_length; p++)
        for (int64_t o = 0; o < op->out_channels; o++) {
            double sum = 0.0;
            for (int64_t k = 0; k < op->taps; k++) {
                int64_t q = p * op->step + k * op->dilation - op->pad;
                if (q < 0 || q >= op->in_length) continue;
                for (int64_t c = 0; c < op->in_channels; c++)
                    sum += map->weight[(o * op->in_channels + c) * op->taps + k] * in[q * op->in_channels + c];
            }
            out[p * op->out_channels + o] = sum;
        }
}

/* out += x times the weights from input channel c by a tap to all output channels */
static void forward_row(const mg_map *map, int32_t tap, int64_t c, double x, double *out)
{
    const mg_rows *op = &map->forward;
    const double *weight = map->weight + c * op->taps + tap;
    for (int64_t o = 0; o < op->out_channels; o++)
        out[o] += x * weight[o * op->in_channels * op->taps];
}

/* out += x times the weights from all input channels by a tap to output channel o */
static void backward_row(const mg_map *map, int32_t tap, int64_t o, double x, double *out)
{
    const mg_rows *op = &map->forward;
    const double *weight = map->weight + o * op->in_channels * op->taps + tap;
    for (int64_t c = 0; c < op->in_channels; c++)
        out[c] += x * weight[c * op->taps];
}

static double weight_at(const mg_map *map, int32_t tap, int64_t c, int64_t o)
{
    return map->weight[(o * map->forward.in_channels + c) * map->forward.taps + tap];
}

#include "src/paths/exact_walk.h"

static void go_along(walk *w)
{
    go_along_plain(w);
}

static void hand_down(const descent *d, size_t s, int64_t o, int64_t c, int32_t state, double x)
{
    hand_down_plain(d, s, o, c, state, x);
}

static void hand_down_all(const descent *d, size_t s, int64_t begin, int64_t end)
{
    hand_down_all_plain(d, s, begin, end);
}

static void add_times(const descent *d, const double *change, double t, int64_t n, double *sum)
{
    (void)d;
    for (int64_t i = 0; i < n; i++)
        sum[i] += t * change[i];
}

static double answer(const descent *d, const int32_t *tap, int64_t o, int64_t channel, double time)
{
    return answer_plain(d, tap, o, channel, time);
}
