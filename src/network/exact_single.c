/* exact_single.c  the walk along the path in float32 on packed weights */
#include <math.h>
#include <string.h>

#include "src/network/exact_work.h"

typedef float real;
#define WALK(name) name##_single
enum { BLOCK = MG_BLOCK };

static void linear_slopes(mg_pass *pass, const mg_map *map, const float *in, float *out)
{
    const mg_kernels *kernels = pass->engine->kernels;
    const mg_rows *op = &map->forward;
    kernels->compact(in, op->in_length, op->in_stride, op->in_channels, &pass->list);
    for (int64_t group = 0; group < op->n_groups; group++)
        kernels->rows(op, group, &pass->list, 0, op->in_length, 0, op->out_length, false, out);
}

static void add_row(const mg_rows *op, int64_t tap, int64_t channel, float x, int64_t begin, int64_t width, float *out)
{
    int64_t left = op->out_stride - begin, row = left < MG_BLOCK ? left : MG_BLOCK;
    const float *weight = op->weight + op->taps * op->in_channels * begin + (channel * op->taps + tap) * row;
    for (int64_t i = 0; i < width; i++)
        out[i] += x * weight[i];
}

static void forward_row(const mg_map *map, int32_t tap, int64_t c, float x, int64_t o_begin, int64_t width, float *out)
{
    add_row(&map->forward, tap, c, x, o_begin, width, out);
}

static void backward_row(const mg_map *map, int32_t tap, int64_t o, float x, float *out)
{
    const mg_rows *op = &map->backward;
    for (int64_t c = 0; c < op->out_stride; c += MG_BLOCK)
        add_row(op, op->taps - 1 - tap, o, x, c, op->out_stride - c < MG_BLOCK ? op->out_stride - c : MG_BLOCK,
                out + c);
}

#include "src/network/exact_walk.h"
