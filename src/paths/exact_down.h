/* exact_down.h  multipliers along a slab of the path, for one type of number; a part of exact_walk.h
 *
 * A multiplier depends on states alone, so it stays as it is until an output above switches, and then changes by a few
 * rows of weights. So all events of the slab are taken in the order of time, whatever their gate. Changes end at the
 * outputs of stage 1: there the multiplier until t adds up to t R - Q, where R sums the changes and Q the changes times
 * when they were. What the first gate's outputs have got is asked for only when they switch, and at the end.
 */

typedef struct {
    const mg_exact *exact;
    mg_pass *pass;
    mg_exact_work *work;
    double begin, end;
} descent;

/* Change `change` of stage s - 1 by what output (o, c) of stage s hands down when its multiplier changes by x. */
static void hand_down(const descent *d, size_t s, int64_t o, int64_t c, int32_t state, real x);

/* The same for all that stand in `change`, outputs begin .. end - 1, by the states as they are. */
static void hand_down_all(const descent *d, size_t s, int64_t begin, int64_t end);

/* sum += t times change, n numbers */
static void add_times(const descent *d, const real *change, real t, int64_t n, real *sum);

/* What the input of stage 1 with channel `channel` is owed by window o at a time since the slab's beginning: its
 * weights, by the taps to the window's lines, times the lines' integrals. */
static real answer(const descent *d, const int32_t *tap, int64_t o, int64_t channel, real time);

/* --- numbers of a stage's outputs --- */

static int64_t stride_of(const descent *d, size_t s)
{
    return d->exact->chain->stride[d->exact->stage[s].z];
}

static int32_t *states(const descent *d, size_t s)
{
    return d->work->states.then + d->exact->stage[s].state_at;
}

static real *multipliers(const descent *d, size_t s)
{
    return (real *)d->work->down.multiplier + d->exact->stage[s].state_at;
}

static real *changes(const descent *d, size_t s)
{
    return (real *)d->work->down.change + d->exact->stage[s].state_at;
}

/* Position of the line that output o follows. */
static int64_t line_position(const mg_stage *stage, int64_t o, int32_t state)
{
    int64_t first;
    mg_pooling_first(&stage->pooling, o, &first);
    return first + state * stage->pooling.dilation;
}

/* --- the plain way --- */

static inline void hand_down_plain(const descent *d, size_t s, int64_t o, int64_t c, int32_t state, real x)
{
    const mg_stage *stage = &d->exact->stage[s];
    const mg_span *span = &stage->span;
    if (state < 0 || x == 0) return;
    int64_t p = line_position(stage, o, state), stride = stride_of(d, s - 1);
    for (int64_t k = 0; k < span->taps; k++) {
        int64_t q = p * span->step - span->pad + k * span->dilation;
        if (q < 0 || q >= span->in_length) continue;
        if (mg_stage_map(stage) != NULL)
            backward_row(mg_stage_map(stage), (int32_t)k, c, x, changes(d, s - 1) + q * stride);
        else
            changes(d, s - 1)[q * stride + c] += x * (real)mg_stage_factor(stage, p, c);
    }
}

static inline void hand_down_all_plain(const descent *d, size_t s, int64_t begin, int64_t end)
{
    int64_t stride = stride_of(d, s);
    for (int64_t o = begin; o < end; o++)
        for (int64_t c = 0; c < stride; c++)
            hand_down(d, s, o, c, states(d, s)[o * stride + c], changes(d, s)[o * stride + c]);
}

static inline real answer_plain(const descent *d, const int32_t *tap, int64_t o, int64_t channel, real time)
{
    const mg_stage *stage = &d->exact->stage[1];
    int64_t stride = stride_of(d, 1), first, n = mg_pooling_first(&stage->pooling, o, &first);
    const real *R = multipliers(d, 1) + o * stride, *Q = (real *)d->work->down.moment_sum + o * stride,
               *paid = (real *)d->work->down.paid + o * stride,
               *settled = (real *)d->work->down.settled + o * stage->pooling.kernel * stride;
    bool linear = mg_stage_map(stage) != NULL;
    real sum = 0;
    for (int64_t j = 0; j < n; j++)
        for (int64_t c = 0; c < stride && tap[j] >= 0; c++) {
            real integral = settled[j * stride + c];
            if (states(d, 1)[o * stride + c] == j) integral += time * R[c] - Q[c] - paid[c];
            if (linear)
                sum += integral * weight_at(mg_stage_map(stage), tap[j], channel, c);
            else if (c == channel)
                sum += integral * (real)mg_stage_factor(stage, first + j * stage->pooling.dilation, c);
        }
    return sum;
}

/* --- changes --- */

/* No changes yet at the outputs that reach outputs begin .. end - 1 of stage s: [*from, *to) of the stage below. */
static void clear_changes(const descent *d, size_t s, int64_t begin, int64_t end, int64_t *from, int64_t *to)
{
    int64_t stride = stride_of(d, s - 1);
    mg_stage_inputs(&d->exact->stage[s], begin, end, from, to);
    memset(changes(d, s - 1) + *from * stride, 0, (size_t)((*to - *from) * stride) * sizeof(real));
}

/* Multipliers of outputs begin .. end - 1 of stage s change at a time, by what stands in `change`; and so on down. */
static void spread(const descent *d, size_t s, int64_t begin, int64_t end, double time)
{
    int64_t stride = stride_of(d, s), at = begin * stride, n = (end - begin) * stride, from, to;
    const real *change = changes(d, s) + at;
    if (begin == end) return; /* lines that lie in the padding take no input */
    add_times(d, change, 1, n, multipliers(d, s) + at);
    if (s == 1) {
        add_times(d, change, (real)(time - d->begin), n, (real *)d->work->down.moment_sum + at);
        return;
    }
    clear_changes(d, s, begin, end, &from, &to);
    hand_down_all(d, s, begin, end);
    spread(d, s - 1, from, to, time);
}

/* --- events --- */

/* An output above stage 1 takes its multiplier from one line and gives it to another. */
static void move(const descent *d, size_t s, const mg_event *event)
{
    int64_t o = event->position, c = event->channel, at = o * stride_of(d, s) + c, from, to;
    real m = multipliers(d, s)[at];
    states(d, s)[at] = event->after;
    if (m == 0) return;
    clear_changes(d, s, o, o + 1, &from, &to);
    hand_down(d, s, o, c, event->before, -m);
    hand_down(d, s, o, c, event->after, m);
    spread(d, s - 1, from, to, event->time);
}

/* What an output of stage 1 has collected goes to the line that it followed until now. */
static void settle(const descent *d, int64_t o, int64_t c, double time)
{
    const mg_exact_work *work = d->work;
    int64_t stride = stride_of(d, 1), at = o * stride + c;
    real *paid = work->down.paid, *settled = work->down.settled;
    real until = (real)(time - d->begin) * multipliers(d, 1)[at] - ((const real *)work->down.moment_sum)[at];
    int32_t state = states(d, 1)[at];
    if (state >= 0) settled[(o * d->exact->stage[1].pooling.kernel + state) * stride + c] += until - paid[at];
    paid[at] = until;
}

/* What an output of the first gate has got by the time of its event. */
static real ask(const descent *d, const mg_event *event)
{
    const mg_stage *above = &d->exact->stage[1];
    int64_t begin, end, q = event->position, lines = above->pooling.kernel;
    real sum = 0;
    mg_stage_windows(above, q, &begin, &end);
    mg_exact_reach_above(above, q, begin, end, lines, d->work->reach.above);
    for (int64_t o = begin; o < end; o++)
        sum += answer(d, d->work->reach.above + (o - begin) * lines, o, event->channel, (real)(event->time - d->begin));
    return sum;
}

static void pass_event(const descent *d, int64_t e)
{
    const mg_event *event = &d->work->events.list[e];
    if (event->stage == 0) {
        ((real *)d->work->down.due)[e] = ask(d, event);
    } else if (event->stage == 1) {
        settle(d, event->position, event->channel, event->time);
        states(d, 1)[event->position * stride_of(d, 1) + event->channel] = event->after;
    } else {
        move(d, (size_t)event->stage, event);
    }
}

/* --- the slab --- */

/* The multipliers as the slab begins. */
static void open_descent(const descent *d)
{
    mg_exact_work *work = d->work;
    const mg_exact *exact = d->exact;
    size_t top = exact->n_stages - 1, n = exact->n_states * sizeof(real);
    size_t n_first = (size_t)(exact->stage[1].n_out * stride_of(d, 1)) * sizeof(real);
    memcpy(work->states.then, work->states.initial, exact->n_states * sizeof *work->states.then);
    memset(work->down.multiplier, 0, n);
    memset(work->down.change, 0, n);
    memset(work->down.moment_sum, 0, n_first);
    memset(work->down.paid, 0, n_first);
    memset(work->down.settled, 0, n_first * (size_t)exact->stage[1].pooling.kernel);
    changes(d, top)[0] = 1;
    spread(d, top, 0, exact->stage[top].n_out, d->begin);
}

/* What lines of stage 1 have got, as the slab ends, to `integral`. */
static void close_descent(const descent *d, real *integral)
{
    const mg_stage *stage = &d->exact->stage[1];
    int64_t stride = stride_of(d, 1), kernel = stage->pooling.kernel;
    const real *settled = d->work->down.settled;
    memset(integral, 0, (size_t)d->exact->chain->size[stage->z] * sizeof *integral);
    for (int64_t o = 0; o < stage->n_out; o++) {
        int64_t first, n = mg_pooling_first(&stage->pooling, o, &first);
        for (int64_t c = 0; c < stride; c++)
            settle(d, o, c, d->end);
        for (int64_t j = 0; j < n; j++)
            for (int64_t c = 0; c < stride; c++)
                integral[(first + j * stage->pooling.dilation) * stride + c] += settled[(o * kernel + j) * stride + c];
    }
}

/* The first gate: what an output has got between two of its switches is what it followed is owed. */
static void gate_down(const mg_exact *exact, const mg_exact_work *work, const real *total)
{
    const mg_stage *stage = &exact->stage[0];
    const real *due = work->down.due;
    real *integral = work->lines.integral, *paid = work->window.value;
    int32_t *state = work->states.here;
    int64_t stride = exact->chain->stride[stage->z], step = stage->pooling.dilation * stride, first;
    for (int64_t o = 0; o < stage->n_out; o++) {
        mg_pooling_first(&stage->pooling, o, &first);
        real *window = integral + first * stride;
        memcpy(state, work->states.initial + stage->state_at + o * stride, (size_t)stride * sizeof *state);
        memset(paid, 0, (size_t)stride * sizeof *paid);
        for (int32_t e = work->events.begin[o]; e < work->events.begin[o + 1]; e++) {
            int64_t c = work->events.list[e].channel;
            if (work->events.list[e].before >= 0) window[work->events.list[e].before * step + c] += due[e] - paid[c];
            paid[c] = due[e];
            state[c] = work->events.list[e].after;
        }
        for (int64_t c = 0; c < stride; c++)
            if (state[c] >= 0) window[state[c] * step + c] += total[o * stride + c] - paid[c];
    }
}

static void descend(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, double begin, double end)
{
    const descent d = {.exact = exact, .pass = pass, .work = work, .begin = begin, .end = end};
    const mg_stage *stage = &exact->stage[1];
    open_descent(&d);
    for (int64_t e = 0; e < work->events.n; e++)
        work->moments.list[e] = (mg_moment){work->events.list[e].time, (int32_t)e, 0};
    mg_exact_sort(work, work->events.n);
    for (int64_t i = 0; i < work->events.n; i++)
        pass_event(&d, work->moments.list[i].id);
    close_descent(&d, pass->slot[0]);
    gate_down(exact, work, mg_pass_down(pass, &mg_rule_gradient, pass->slot[0], stage->z, stage->in));
}
