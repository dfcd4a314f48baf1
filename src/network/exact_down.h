/* exact_down.h  multipliers along a slab of the path, for one type of number; a part of exact_walk.h
 *
 * The multiplier of a gate's output goes to whom it follows, so it is a step function of time, with steps at the kinks
 * from above and at the gate's own events. Before the second gate (stage 1) steps are integrated instead of handed on:
 * the integral of a step function from the slab's beginning to t is t R - Q, where R sums the steps so far and Q the
 * steps times when they were. What the first gate's outputs have got is asked for only when they switch, and at the
 * end.
 */

/* The multipliers of one position of a gate's output on their way along the slab. */
typedef struct {
    const mg_exact *exact;
    const mg_engine *engine;
    mg_exact_work *work;
    const mg_stage *above, *stage; /* above: NULL at the top */
    const mg_kinks *in;            /* steps of the multipliers of the next gate's inputs */
    mg_kinks *out;                 /* the same for this gate's; NULL: integrate, and answer the first gate */
    double begin, end;
    int64_t o, first, n;       /* position at work, its window */
    int64_t stride;            /* channels */
    real *multiplier, *moment; /* (stride) sum of the steps so far; of steps times when they were */
    real *step;                /* (stride) */
    real *paid;                /* (stride) integral when the followed one began to be followed */
    real *settled;             /* (n, stride) integrals of the inputs, up to the last switch */
    int32_t *state;            /* (stride) */
    int64_t window_begin; /* the next gate's first window that the position reaches; work->reach_above holds taps */
} descent;

/* step = what kink `id` hands down to the position at work, from all lines of its window; `after` the slab's beginning
 */
static void gather(descent *d, int32_t id, real after);

static void take_step(descent *d, real after)
{
    for (int64_t c = 0; c < d->stride; c++) {
        d->multiplier[c] += d->step[c];
        d->moment[c] += after * d->step[c];
    }
}

static void gather_plain(descent *d, int32_t id, real after)
{
    const mg_stage *above = d->above;
    const real *value = d->in->value;
    const int32_t *tap = d->work->reach_above + (d->in->position[id] - d->window_begin) * d->in->lines;
    const int32_t *begin = d->in->begin + id * d->in->lines;
    int64_t first;
    mg_pooling_first(&above->pooling, d->in->position[id], &first);
    memset(d->step, 0, (size_t)d->stride * sizeof *d->step);
    for (int64_t j = 0; j < d->in->lines; j++)
        for (int32_t e = begin[j]; e < begin[j + 1] && tap[j] >= 0; e++) {
            int64_t c = d->in->index[e];
            if (above->layer != NULL && above->layer->kind == MG_LINEAR)
                backward_row(&d->engine->map[above->in], tap[j], c, value[e], d->step);
            else
                d->step[c] += value[e] * (real)mg_stage_factor(above, first + j * above->pooling.dilation, c);
        }
    take_step(d, after);
}

/* What the input of the map with channel `channel` is owed at a time: its weights, by the taps to the window's lines,
 * times the lines' integrals. */
static real answer(const descent *d, const int32_t *tap, int64_t channel, real time);

static real answer_plain(const descent *d, const int32_t *tap, int64_t channel, real time)
{
    const mg_stage *stage = d->stage;
    bool linear = stage->layer != NULL && stage->layer->kind == MG_LINEAR;
    real sum = 0;
    for (int64_t j = 0; j < d->n; j++)
        for (int64_t c = 0; c < d->stride && tap[j] >= 0; c++) {
            real integral = d->settled[j * d->stride + c];
            if (d->state[c] == j) integral += time * d->multiplier[c] - d->moment[c] - d->paid[c];
            if (linear)
                sum += integral * weight_at(&d->engine->map[stage->in], tap[j], channel, c);
            else if (c == channel)
                sum += integral * (real)mg_stage_factor(stage, d->first + j * stage->pooling.dilation, c);
        }
    return sum;
}

/* The step goes on to whom each channel follows, line by line. */
static void route(descent *d, double time);

static inline void route_plain(descent *d, double time)
{
    if (!add_kink(d->work, d->exact, d->out, time, d->o)) return;
    int64_t n_before = d->out->n_entries;
    for (int32_t j = 0; j < d->out->lines; j++) {
        for (int64_t c = 0; c < d->stride; c++)
            if (d->state[c] == j && d->step[c] != 0) add_entry(d->work, d->exact, d->out, c, d->step[c]);
        end_line(d->out, j);
    }
    if (d->out->n_entries == n_before) d->out->n_kinks--;
}

static void settle(descent *d, int64_t c, double time)
{
    real until = (real)(time - d->begin) * d->multiplier[c] - d->moment[c];
    if (d->state[c] >= 0) d->settled[d->state[c] * d->stride + c] += until - d->paid[c];
    d->paid[c] = until;
}

static void step_event(descent *d, const mg_event *event)
{
    int64_t c = event->channel;
    if (d->out == NULL) {
        settle(d, c, event->time);
    } else if (d->multiplier[c] != 0 && add_kink(d->work, d->exact, d->out, event->time, d->o)) {
        for (int32_t j = 0; j < d->out->lines; j++) {
            if (j == event->before) add_entry(d->work, d->exact, d->out, c, -d->multiplier[c]);
            if (j == event->after) add_entry(d->work, d->exact, d->out, c, d->multiplier[c]);
            end_line(d->out, j);
        }
    }
    d->state[c] = event->after;
}

static void step_kink(descent *d, double time, int32_t id)
{
    real after = (real)(time - d->begin);
    if (d->above != NULL) {
        gather(d, id, after);
    } else {
        memset(d->step, 0, (size_t)d->stride * sizeof *d->step);
        d->step[0] = d->o == 0 ? 1 : 0;
        take_step(d, after);
    }
    if (d->out != NULL) route(d, time);
}

/* Event `e` of the first gate wants to know what its output has got. */
static void step_request(descent *d, const mg_event *event, int64_t q)
{
    mg_exact_work *work = d->work;
    const int32_t *tap = work->reach + (q - work->reach_begin) * d->n;
    ((real *)work->due)[event - work->event] += answer(d, tap, event->channel, (real)(event->time - d->begin));
}

/* Has kink `id` entries for a line that the position at work reaches? */
static bool reaches(const descent *d, int32_t id)
{
    const int32_t *tap = d->work->reach_above + (d->in->position[id] - d->window_begin) * d->in->lines;
    const int32_t *begin = d->in->begin + id * d->in->lines;
    for (int64_t j = 0; j < d->in->lines; j++)
        if (tap[j] >= 0 && begin[j + 1] > begin[j]) return true;
    return false;
}

/* What happens at the position at work, in the order of time. Ids: kinks, then all events. */
static int64_t collect_steps(descent *d)
{
    mg_exact_work *work = d->work;
    const int32_t *first_event = work->first_event + d->stage->event_at + d->o;
    int64_t n_kinks = d->above != NULL ? d->in->n_kinks : 1, begin, end, n = 0;
    if (d->above != NULL) {
        mg_stage_windows(d->above, d->o, &begin, &end);
        d->window_begin = begin;
        mg_exact_reach_above(d->above, d->o, begin, end, d->in->lines, work->reach_above);
        for (int32_t id = d->in->first[begin]; id < d->in->first[end]; id++) {
            work->moment[n] = (mg_moment){d->in->time[id], id, 0};
            n += reaches(d, id);
        }
    } else {
        work->moment[n++] = (mg_moment){d->begin, 0, 0};
    }
    for (int64_t e = first_event[0]; e < first_event[1]; e++)
        work->moment[n++] = (mg_moment){work->event[e].time, (int32_t)(n_kinks + e), 0};
    if (d->out == NULL) {
        mg_exact_reach(d->stage, d->first, d->n, work, &begin, &end);
        for (int64_t e = work->first_event[begin]; e < work->first_event[end]; e++)
            work->moment[n++] = (mg_moment){work->event[e].time, (int32_t)(n_kinks + e), 0};
    }
    mg_exact_sort(work, n);
    return n;
}

static void position_down(descent *d)
{
    mg_exact_work *work = d->work;
    const mg_stage *stage = d->stage;
    size_t bytes = (size_t)d->stride * sizeof(real);
    d->n = mg_pooling_first(&stage->pooling, d->o, &d->first);
    memcpy(d->state, work->initial + stage->state_at + d->o * d->stride, (size_t)d->stride * sizeof *d->state);
    memset(d->multiplier, 0, bytes);
    memset(d->moment, 0, bytes);
    memset(d->paid, 0, bytes);
    if (d->out == NULL) memset(d->settled, 0, (size_t)d->n * bytes);
    int64_t n = collect_steps(d), n_kinks = d->above != NULL ? d->in->n_kinks : 1;
    for (int64_t i = 0; i < n && !work->full; i++) {
        int64_t id = work->moment[i].id;
        const mg_event *event = &work->event[id - n_kinks];
        if (id < n_kinks)
            step_kink(d, work->moment[i].time, (int32_t)id);
        else if (id - n_kinks >= work->n_first_events)
            step_event(d, event);
        else
            step_request(d, event, event->position);
    }
}

/* The integrals of a window of stage 1 are whole. */
static void close_window(descent *d)
{
    real *integral = d->work->slope_z;
    for (int64_t c = 0; c < d->stride; c++)
        settle(d, c, d->end);
    for (int64_t j = 0; j < d->n; j++)
        for (int64_t c = 0; c < d->stride; c++)
            integral[(d->first + j * d->stage->pooling.dilation) * d->stride + c] += d->settled[j * d->stride + c];
}

static void stage_down(const mg_exact *exact, mg_exact_work *work, size_t s, double begin, double end)
{
    real *room = work->value;
    bool top = s + 1 == exact->n_stages;
    int64_t stride = exact->engine->stride[exact->stage[s].z];
    descent d = {.exact = exact,
                 .engine = exact->engine,
                 .work = work,
                 .above = top ? NULL : &exact->stage[s + 1],
                 .stage = &exact->stage[s],
                 .in = &work->kinks[s % 2],
                 .out = s > 1 ? &work->kinks[(s + 1) % 2] : NULL,
                 .begin = begin,
                 .end = end,
                 .stride = stride,
                 .multiplier = room,
                 .moment = room + stride,
                 .step = room + 2 * stride,
                 .paid = room + 3 * stride,
                 .settled = work->slope,
                 .state = work->state};
    if (d.out != NULL) clear_kinks(d.out, d.stage->pooling.kernel);
    for (d.o = 0; d.o < d.stage->n_out && !work->full; d.o++) {
        if (d.out != NULL) d.out->first[d.o] = (int32_t)d.out->n_kinks;
        position_down(&d);
        if (d.out == NULL) close_window(&d);
    }
    if (d.out != NULL) d.out->first[d.stage->n_out] = (int32_t)d.out->n_kinks;
}

/* The first gate: what an output has got between two of its switches is what it followed is owed. */
static void gate_down(const mg_exact *exact, const mg_exact_work *work, const real *total)
{
    const mg_stage *stage = &exact->stage[0];
    const real *due = work->due;
    real *integral = work->integral, *paid = work->value;
    int32_t *state = work->state;
    int64_t stride = exact->engine->stride[stage->z], step = stage->pooling.dilation * stride, first;
    for (int64_t o = 0; o < stage->n_out; o++) {
        mg_pooling_first(&stage->pooling, o, &first);
        real *window = integral + first * stride;
        memcpy(state, work->initial + stage->state_at + o * stride, (size_t)stride * sizeof *state);
        memset(paid, 0, (size_t)stride * sizeof *paid);
        for (int32_t e = work->first_event[o]; e < work->first_event[o + 1]; e++) {
            int64_t c = work->event[e].channel;
            if (work->event[e].before >= 0) window[work->event[e].before * step + c] += due[e] - paid[c];
            paid[c] = due[e];
            state[c] = work->event[e].after;
        }
        for (int64_t c = 0; c < stride; c++)
            if (state[c] >= 0) window[state[c] * step + c] += total[o * stride + c] - paid[c];
    }
}

static void descend(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, double begin, double end)
{
    const mg_stage *stage = &exact->stage[1];
    size_t bytes = (size_t)exact->engine->size[stage->z] * sizeof(real);
    memset(work->slope_z, 0, bytes);
    memset(work->due, 0, (size_t)work->n_first_events * sizeof(real));
    for (size_t s = exact->n_stages - 1; s > 0 && !work->full; s--)
        stage_down(exact, work, s, begin, end);
    if (work->full) return;
    memcpy(pass->buffer[0], work->slope_z, bytes);
    gate_down(exact, work, WALK(mg_walk_down)(pass, &mg_rule_gradient, pass->buffer[0], stage->z, stage->in));
}
