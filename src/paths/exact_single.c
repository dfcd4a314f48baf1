/* exact_single.c  the walk along the path in float32 on packed weights */
#include <math.h>
#include <string.h>

#include "src/engine/count.h"
#include "src/paths/exact_work.h"

typedef float real;
#define WALK(name) name##_single

static void linear_slopes(mg_pass *pass, const mg_map *map, const float *in, float *out)
{
    const mg_kernels *kernels = pass->plan->kernels;
    const mg_rows *op = &map->forward;
    kernels->compact(in, op->in_length, op->in_stride, op->in_channels, &pass->tools.list);
    if (pass->tools.n_macs != NULL)
        *pass->tools.n_macs += mg_count_rows(op, pass->tools.list.begin, 0, op->in_length, 0, op->out_length);
    for (int64_t group = 0; group < op->n_groups; group++)
        kernels->rows(op, group, &pass->tools.list, 0, op->in_length, 0, op->out_length, false, out);
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

#include "src/paths/exact_walk.h"

static bool is_linear(const mg_stage *stage)
{
    return mg_stage_map(stage) != NULL;
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

/* The rows of an input's kinks, line by line; zeros for a line that it does not reach. */
static void lay_ramps(const walk *w, int64_t q, const mg_chunk *chunk)
{
    mg_exact_work *work = w->work;
    const int32_t *tap = work->reach.tap + (q - work->reach.begin) * w->n;
    const float *row = (const float *)work->responses.number + chunk->row * w->stride;
    mg_ramp *ramp = work->responses.ramp + (q - work->reach.begin) * w->n;
    for (int64_t j = 0; j < w->n; j++) {
        bool there = tap[j] >= 0;
        ramp[j] = (mg_ramp){there ? row : work->window.delta, there ? chunk->n_lines * w->stride : 0};
        if (there) row += w->stride;
    }
}

/* What the lines of the window change by at the kinks from k on, as many as there is room for; kinks of one input
 * together, because an input reaches certain lines by certain taps. */
static void respond(const walk *w, int64_t k)
{
    mg_exact_work *work = w->work;
    const mg_rows *op = &mg_stage_map(w->stage)->forward;
    int64_t room = w->exact->n_responses / (w->stride * w->n), row = 0;
    work->responses.begin = k;
    work->responses.end = w->n_kinks - k < room ? w->n_kinks : k + room;
    mg_chunk *chunk = work->responses.chunk - work->reach.begin;
    for (int64_t q = work->reach.begin; q < work->reach.end; q++)
        chunk[q] = (mg_chunk){0};
    for (int64_t m = k; m < work->responses.end; m++) {
        mg_chunk *own = &chunk[w->in->position[work->moments.list[m].id]];
        if (own->n_kinks++ == 0) own->first = work->moments.list[m].id;
    }
    for (int64_t q = work->reach.begin; q < work->reach.end; q++) {
        if (chunk[q].n_kinks == 0) continue;
        chunk[q].row = row;
        chunk[q].n_lines = w->exact->plan->kernels->kinetic->respond(
            op, w->in, chunk[q].first, chunk[q].first + chunk[q].n_kinks,
            work->reach.tap + (q - work->reach.begin) * w->n, w->n, (float *)work->responses.number + row * w->stride);
        lay_ramps(w, q, &chunk[q]);
        row += chunk[q].n_kinks * chunk[q].n_lines;
        const int32_t *entry = w->in->begin + chunk[q].first;
        count_weights(work, op, (entry[chunk[q].n_kinks] - entry[0]) * chunk[q].n_lines);
    }
}

/* The times between the chunk's kinks and their rows; zeros at the slab's end.
 * Returns: how many steps */
static int64_t lay_steps(const walk *w)
{
    mg_exact_work *work = w->work;
    const mg_chunk *chunk = work->responses.chunk - work->reach.begin;
    const float **row = work->responses.row, *zeros = memset(work->window.delta, 0, (size_t)w->stride * sizeof(float));
    double before = work->responses.begin > 0 ? work->moments.list[work->responses.begin - 1].time : w->begin;
    int64_t n = w->n, n_steps = work->responses.end - work->responses.begin;
    for (int64_t i = 0; i < n_steps; i++) {
        const mg_moment *moment = &work->moments.list[work->responses.begin + i];
        int32_t q = w->in->position[moment->id];
        int64_t nth = moment->id - chunk[q].first;
        const mg_ramp *ramp = work->responses.ramp + (q - work->reach.begin) * n;
        work->responses.dt[i] = (float)(moment->time - before);
        before = moment->time;
        for (int64_t j = 0; j < n; j++)
            *row++ = ramp[j].row + nth * ramp[j].step;
    }
    if (work->responses.end < w->n_kinks) return n_steps;
    work->responses.dt[n_steps] = (float)(w->end - before);
    for (int64_t j = 0; j < n; j++)
        *row++ = zeros;
    return n_steps + 1;
}

static double time_of(const walk *w, int64_t k)
{
    if (k < 0) return w->begin;
    return k < w->n_kinks ? w->work->moments.list[k].time : w->end;
}

/* What the chunk's kinks and the events from `first` on hand on, in order. */
static void hand_on_all(walk *w, mg_course *course, int64_t first)
{
    mg_exact_work *work = w->work;
    const mg_kinetic_kernels *kernels = w->exact->plan->kernels->kinetic;
    const int64_t room[2] = {w->exact->n_kinks, w->exact->n_entries};
    mg_exact_sort_events(work, first, work->responses.begin, work->responses.begin + course->n_steps);
    course->state = work->states.followed;
    for (int64_t k = work->responses.begin, e = first; !work->full; e++) {
        int64_t until = e < work->events.n ? work->events.list[e].kink : work->responses.end;
        if (!kernels->hand_on(course, k - work->responses.begin, until - work->responses.begin,
                              work->moments.list + work->responses.begin, (int32_t)w->o, room, w->out))
            work->full = true;
        if (e == work->events.n) return;
        k = until;
        hand_on_event(w, &work->events.list[e]);
        work->states.followed[work->events.list[e].channel] = work->events.list[e].after;
    }
}

static void follow_chunk(walk *w, mg_course *course)
{
    mg_exact_work *work = w->work;
    int64_t first = work->events.n;
    course->n_steps = lay_steps(w);
    course->channel = course->step = 0;
    course->advanced = false;
    course->state = work->states.here;
    while (!work->full && w->exact->plan->kernels->kinetic->follow(course)) {
        w->kink = work->responses.begin + course->step;
        for (int64_t i = 0; i < course->n_changed; i++) {
            int32_t c = work->states.changed[i];
            switch_channel(w, c, leader(w, c), time_of(w, w->kink - 1), time_of(w, w->kink));
        }
    }
    if (w->out != NULL && !work->full) hand_on_all(w, course, first);
}

static void go_along(walk *w)
{
    mg_exact_work *work = w->work;
    const mg_stage *stage = w->stage;
    if (w->in != NULL && !is_linear(stage)) {
        go_along_plain(w);
        return;
    }
    mg_course course = {.n = w->n,
                        .stride = w->stride,
                        .with_relu = stage->gated && stage->with_relu,
                        .value = work->window.value,
                        .slope = work->window.slope,
                        .few = work->window.few,
                        .dt = work->responses.dt,
                        .row = work->responses.row,
                        .changed = work->states.changed};
    memcpy(work->states.followed, work->states.here, (size_t)w->stride * sizeof *work->states.followed);
    work->responses.begin = work->responses.end = 0;
    do {
        if (w->n_kinks > 0) respond(w, work->responses.end);
        follow_chunk(w, &course);
    } while (work->responses.end < w->n_kinks && !work->full);
}

static void hand_down(const descent *d, size_t s, int64_t o, int64_t c, int32_t state, float x)
{
    const mg_stage *stage = &d->exact->stage[s];
    if (!is_linear(stage)) {
        hand_down_plain(d, s, o, c, state, x);
        return;
    }
    if (state < 0 || x == 0) return;
    const mg_rows *op = &mg_stage_map(stage)->backward;
    int64_t p = line_position(stage, o, state);
    if (d->work->n_macs != NULL) *d->work->n_macs += mg_count_entries(op, p, 1, 0, op->out_length);
    d->exact->plan->kernels->gate->add(op, p, c, x, changes(d, s - 1));
}

/* Many at once, as the backward pass does it. */
static void hand_down_all(const descent *d, size_t s, int64_t begin, int64_t end)
{
    const mg_stage *stage = &d->exact->stage[s];
    if (!is_linear(stage)) {
        hand_down_all_plain(d, s, begin, end);
        return;
    }
    const mg_kernels *kernels = d->exact->plan->kernels;
    const mg_rows *op = &mg_stage_map(stage)->backward;
    mg_list *list = &d->pass->tools.list;
    int64_t stride = stride_of(d, s), from, to, low, high;
    mg_stage_lines(stage, begin, end, &low, &high);
    mg_stage_inputs(stage, begin, end, &from, &to);
    float *z = memset(d->pass->slot[1], 0, (size_t)((high - low) * stride) * sizeof *z);
    for (int64_t o = begin; o < end; o++) {
        float *window = z + (line_position(stage, o, 0) - low) * stride;
        for (int64_t c = 0; c < stride; c++) {
            int32_t state = states(d, s)[o * stride + c];
            if (state >= 0) window[state * stage->pooling.dilation * stride + c] += changes(d, s)[o * stride + c];
        }
    }
    kernels->compact(z, high - low, op->in_stride, op->in_channels, list);
    if (d->work->n_macs != NULL) *d->work->n_macs += mg_count_rows(op, list->begin, low, high, from, to);
    for (int64_t group = 0; group < op->n_groups; group++)
        kernels->rows(op, group, list, low, high, from, to, false, changes(d, s - 1) + from * stride_of(d, s - 1));
}

static void add_times(const descent *d, const float *change, float t, int64_t n, float *sum)
{
    d->exact->plan->kernels->layer->line(sum, change, t, n, sum);
}

static float answer(const descent *d, const int32_t *tap, int64_t o, int64_t channel, float time)
{
    const mg_stage *stage = &d->exact->stage[1];
    if (!is_linear(stage)) return answer_plain(d, tap, o, channel, time);
    const mg_rows *op = &mg_stage_map(stage)->forward;
    int64_t stride = stride_of(d, 1), kernel = stage->pooling.kernel, first;
    int64_t n = mg_pooling_first(&stage->pooling, o, &first);
    const mg_multiplier of = {.stride = stride,
                              .multiplier = multipliers(d, 1) + o * stride,
                              .moment = (const float *)d->work->down.moment_sum + o * stride,
                              .paid = (const float *)d->work->down.paid + o * stride,
                              .settled = (const float *)d->work->down.settled + o * kernel * stride,
                              .state = states(d, 1) + o * stride};
    if (d->work->n_macs != NULL) count_weights(d->work, op, count_taps(tap, n));
    return d->exact->plan->kernels->kinetic->answer(op, tap, n, channel, time, &of);
}
