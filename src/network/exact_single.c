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

static void backward_row(const mg_engine *engine, const mg_map *map, int32_t tap, int64_t o, float x, float *out)
{
    const mg_rows *op = &map->backward;
    engine->kernels->kinetic->add(op, op->taps - 1 - tap, o, x, out);
}

#include "src/network/exact_walk.h"

static int64_t follow(walk *w, int64_t k, bool advanced)
{
    mg_exact_work *work = w->work;
    const mg_stage *stage = w->stage;
    if (w->in != NULL && (stage->layer == NULL || stage->layer->kind != MG_LINEAR)) return follow_plain(w, k, advanced);
    mg_course course = {.n = w->n,
                        .width = w->width,
                        .gated = stage->gated,
                        .with_relu = stage->with_relu,
                        .value = work->value,
                        .slope = work->slope,
                        .delta = work->delta,
                        .state = work->state + w->c_begin,
                        .now = work->now,
                        .moment = work->moment,
                        .n_kinks = w->n_kinks,
                        .time = w->time,
                        .end = w->end,
                        .in = w->in,
                        .reach = work->reach,
                        .reach_begin = work->reach_begin,
                        .noted_begin = w->out != NULL ? w->noted : NULL,
                        .noted_channel = work->block_index,
                        .channel = (int32_t)w->c_begin,
                        .noted_value = work->block_value,
                        .n_noted = w->n_noted,
                        .noted_room = w->exact->n_entries};
    if (w->in != NULL) {
        const mg_rows *op = &w->engine->map[stage->in].forward;
        course.weight = op->weight + op->taps * op->in_channels * w->c_begin;
        course.taps = op->taps;
    }
    k = w->engine->kernels->kinetic->follow(&course, k, advanced);
    w->time = course.time;
    w->n_noted = course.n_noted;
    work->full = work->full || k < 0;
    return k;
}
