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

static const float *row_of(const mg_rows *op, int64_t tap, int64_t channel, int64_t block, int64_t *width)
{
    int64_t left = op->out_stride - block * MG_BLOCK;
    *width = left < MG_BLOCK ? left : MG_BLOCK;
    return op->weight + op->taps * op->in_channels * block * MG_BLOCK + (channel * op->taps + tap) * *width;
}

static void forward_row(const mg_map *map, int32_t tap, int64_t c, float x, int64_t o_begin, int64_t width, float *out)
{
    int64_t n;
    const float *row = row_of(&map->forward, tap, c, o_begin / MG_BLOCK, &n);
    for (int64_t i = 0; i < width; i++)
        out[i] += x * row[i];
}

static void backward_row(const mg_map *map, int32_t tap, int64_t o, float x, float *out)
{
    const mg_rows *op = &map->backward;
    int64_t n;
    for (int64_t block = 0; block < op->n_blocks; block++) {
        const float *row = row_of(op, op->taps - 1 - tap, o, block, &n);
        for (int64_t i = 0; i < n; i++)
            out[block * MG_BLOCK + i] += x * row[i];
    }
}

static float weight_at(const mg_map *map, int32_t tap, int64_t c, int64_t o)
{
    int64_t n;
    return row_of(&map->forward, tap, c, o / MG_BLOCK, &n)[o % MG_BLOCK];
}

#include "src/network/exact_walk.h"

static bool is_linear(const mg_stage *stage)
{
    return stage->layer != NULL && stage->layer->kind == MG_LINEAR;
}

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

static mg_multiplier multiplier_of(const descent *d)
{
    return (mg_multiplier){.stride = d->stride,
                           .multiplier = d->multiplier,
                           .moment = d->moment,
                           .step = d->step,
                           .paid = d->paid,
                           .settled = d->settled,
                           .state = d->state};
}

static void gather(descent *d, int32_t id, float after)
{
    if (!is_linear(d->above)) {
        gather_plain(d, id, after);
        return;
    }
    const int32_t *tap = d->work->reach_above + (d->in->position[id] - d->window_begin) * d->in->lines;
    mg_multiplier to = multiplier_of(d);
    d->engine->kernels->kinetic->gather(&d->engine->map[d->above->in].backward, d->in, id, tap, after, &to);
}

static float answer(const descent *d, const int32_t *tap, int64_t channel, float time)
{
    if (!is_linear(d->stage)) return answer_plain(d, tap, channel, time);
    mg_multiplier of = multiplier_of(d);
    return d->engine->kernels->kinetic->answer(&d->engine->map[d->stage->in].forward, tap, d->n, channel, time, &of);
}

static void route(descent *d, double time)
{
    mg_kinks *out = d->out;
    if (out->n_entries + d->stride > d->exact->n_entries) {
        d->work->full = true;
        return;
    }
    if (!add_kink(d->work, d->exact, out, time, d->o)) return;
    int64_t n_before = out->n_entries;
    mg_multiplier of = multiplier_of(d);
    d->engine->kernels->kinetic->route(&of, out->lines, out, out->begin + (out->n_kinks - 1) * out->lines + 1);
    if (out->n_entries == n_before) out->n_kinks--;
}
