/* exact_single.c  the walk along the path in float32 on packed weights */
#include <math.h>
#include <string.h>

#include "src/network/count.h"
#include "src/network/exact_work.h"

typedef float real;
#define WALK(name) name##_single

static void linear_slopes(mg_pass *pass, const mg_map *map, const float *in, float *out)
{
    const mg_kernels *kernels = pass->engine->kernels;
    const mg_rows *op = &map->forward;
    kernels->compact(in, op->in_length, op->in_stride, op->in_channels, &pass->list);
    if (pass->n_macs != NULL) *pass->n_macs += mg_count_rows(op, &pass->list, 0, op->in_length, 0, op->out_length);
    for (int64_t group = 0; group < op->n_groups; group++)
        kernels->rows(op, group, &pass->list, 0, op->in_length, 0, op->out_length, false, out);
}

static const float *row_of(const mg_rows *op, int64_t tap, int64_t channel, int64_t block, int64_t *width)
{
    int64_t left = op->out_stride - block * MG_BLOCK;
    *width = left < MG_BLOCK ? left : MG_BLOCK;
    return op->weight + op->taps * op->in_channels * block * MG_BLOCK + (channel * op->taps + tap) * *width;
}

static void add_row(const mg_rows *op, int64_t tap, int64_t channel, float x, float *out)
{
    int64_t n;
    for (int64_t block = 0; block < op->n_blocks; block++) {
        const float *row = row_of(op, tap, channel, block, &n);
        for (int64_t i = 0; i < n; i++)
            out[block * MG_BLOCK + i] += x * row[i];
    }
}

static void forward_row(const mg_map *map, int32_t tap, int64_t c, float x, float *out)
{
    add_row(&map->forward, tap, c, x, out);
}

static void backward_row(const mg_map *map, int32_t tap, int64_t o, float x, float *out)
{
    add_row(&map->backward, map->backward.taps - 1 - tap, o, x, out);
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

/* Count n rows of weights. */
static void count_weights(const mg_exact_work *work, const mg_rows *op, int64_t n)
{
    if (work->n_macs != NULL) *work->n_macs += (uint64_t)(n * op->out_channels);
}

static int64_t count_taps(const int32_t *tap, int64_t n)
{
    int64_t there = 0;
    for (int64_t j = 0; j < n; j++)
        there += tap[j] >= 0;
    return there;
}

/* What the lines of the window change by at the kinks from k on, as many as there is room for; kinks of one input
 * together, because an input reaches certain lines by certain taps. */
static void respond(const walk *w, int64_t k)
{
    mg_exact_work *work = w->work;
    const mg_rows *op = &w->engine->map[w->stage->in].forward;
    int64_t room = w->exact->n_responses / (w->stride * w->n), row = 0;
    work->chunk_begin = k;
    work->chunk_end = w->n_kinks - k < room ? w->n_kinks : k + room;
    mg_chunk *chunk = work->chunk - work->reach_begin;
    for (int64_t q = work->reach_begin; q < work->reach_end; q++)
        chunk[q] = (mg_chunk){0};
    for (int64_t m = k; m < work->chunk_end; m++) {
        mg_chunk *own = &chunk[w->in->position[work->moment[m].id]];
        if (own->n_kinks++ == 0) own->first = work->moment[m].id;
    }
    for (int64_t q = work->reach_begin; q < work->reach_end; q++) {
        if (chunk[q].n_kinks == 0) continue;
        chunk[q].row = row;
        chunk[q].n_lines = w->engine->kernels->kinetic->respond(
            op, w->in, chunk[q].first, chunk[q].first + chunk[q].n_kinks, work->reach + (q - work->reach_begin) * w->n,
            w->n, (float *)work->response + row * w->stride);
        row += chunk[q].n_kinks * chunk[q].n_lines;
        const int32_t *entry = w->in->begin + chunk[q].first;
        count_weights(work, op, (entry[chunk[q].n_kinks] - entry[0]) * chunk[q].n_lines);
    }
    for (int64_t m = k; m < work->chunk_end; m++) {
        const mg_chunk *own = &chunk[w->in->position[work->moment[m].id]];
        work->response_row[m - k] = (int32_t)(own->row + (work->moment[m].id - own->first) * own->n_lines);
    }
}

static int64_t follow(walk *w, int64_t k, bool advanced)
{
    mg_exact_work *work = w->work;
    const mg_stage *stage = w->stage;
    if (w->in != NULL && !is_linear(stage)) return follow_plain(w, k, advanced);
    mg_course course = {.n = w->n,
                        .stride = w->stride,
                        .gated = stage->gated,
                        .with_relu = stage->with_relu,
                        .value = work->value,
                        .slope = work->slope,
                        .state = work->state,
                        .now = work->now,
                        .changed = work->changed,
                        .moment = work->moment,
                        .n_kinks = w->n_kinks,
                        .time = w->time,
                        .end = w->end,
                        .in = w->in,
                        .reach = work->reach,
                        .reach_begin = work->reach_begin,
                        .row = work->response_row,
                        .response = work->response,
                        .line = work->reached,
                        .out = w->out,
                        .position = (int32_t)w->o,
                        .kinks_room = w->exact->n_kinks,
                        .entries_room = w->exact->n_entries};
    do {
        if (k < w->n_kinks && k >= work->chunk_end) respond(w, k);
        course.chunk_begin = work->chunk_begin;
        course.chunk_end = work->chunk_end;
        k = w->engine->kernels->kinetic->follow(&course, k, advanced);
        advanced = false;
    } while (k >= 0 && k <= w->n_kinks && course.n_changed == 0);
    w->time = course.time;
    work->n_changed = course.n_changed;
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
    const mg_rows *op = &d->engine->map[d->above->in].backward;
    const int32_t *entry = d->in->begin + id * d->in->lines;
    mg_multiplier to = multiplier_of(d);
    for (int64_t j = 0; j < d->in->lines && d->work->n_macs != NULL; j++)
        count_weights(d->work, op, tap[j] >= 0 ? entry[j + 1] - entry[j] : 0);
    d->engine->kernels->kinetic->gather(op, d->in, id, tap, after, &to);
}

static float answer(const descent *d, const int32_t *tap, int64_t channel, float time)
{
    if (!is_linear(d->stage)) return answer_plain(d, tap, channel, time);
    const mg_rows *op = &d->engine->map[d->stage->in].forward;
    mg_multiplier of = multiplier_of(d);
    if (d->work->n_macs != NULL) count_weights(d->work, op, count_taps(tap, d->n));
    return d->engine->kernels->kinetic->answer(op, tap, d->n, channel, time, &of);
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
