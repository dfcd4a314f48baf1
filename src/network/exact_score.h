/* exact_score.h  the score along a slab, for the probability's clock, for one type of number; a part of exact_walk.h
 *
 * Between two switches of the last gate the score is linear in what goes into that gate's map, so its gradient there,
 * times the track, gives it at every knot and event.
 */

/* Let `gradient`, of the score at the track, know that channel c of the last gate's output o follows line j. */
static void follow_line(walk *w, int64_t o, int64_t c, int32_t j, real multiplier, real *gradient)
{
    int64_t q, stride = w->engine->stride[w->stage->in];
    if (j < 0 || multiplier == 0) return;
    w->n = mg_pooling_first(&w->stage->pooling, o, &w->first);
    for (int64_t k = 0; k < w->stage->span.taps; k++) {
        if (!input_of(w, j, k, &q)) continue;
        real *to = gradient + q * stride;
        const real *row = row_of_channel(w, stride, c) + k * stride;
        if (w->exact->row == NULL) to[c] += multiplier * factor_of(w, j, c);
        for (int64_t i = 0; i < stride && w->exact->row != NULL; i++)
            to[i] += multiplier * row[i];
    }
}

/* The score's multipliers behind the last gate, which is linear; and, in work->weight, its gradient at the track as the
 * slab begins. */
static const real *open_score(walk *w)
{
    mg_exact_work *work = w->work;
    const mg_exact *exact = w->exact;
    real *gradient = work->weight;
    const real *m = WALK(mg_walk_down)(w->pass, &mg_rule_gradient, WALK(mg_walk_seed)(w->pass),
                                       exact->engine->network->n_layers, exact->stage[exact->n_gated - 1].out);
    if (exact->n_gated == 1) {
        memcpy(gradient, m, (size_t)exact->engine->size[exact->stage[0].out] * sizeof *gradient);
        return m;
    }
    memset(gradient, 0, (size_t)exact->engine->size[w->stage->in] * sizeof *gradient);
    for (int64_t o = 0; o < w->stage->n_out; o++)
        for (int64_t c = 0; c < w->stage->channels; c++)
            follow_line(w, o, c, work->initial[w->stage->state_at + (size_t)(o * w->stride + c)], m[o * w->stride + c],
                        gradient);
    return m;
}

/* What the score gains by, with its gradient as it is, from the slice's beginning to each moment. */
static void gain(const closeup *s, real *at_node, real *sum)
{
    memset(sum, 0, (size_t)s->n_moments * sizeof *sum);
    for (int64_t q = s->q_begin; q < s->q_end; q++) {
        const real *weight = (const real *)s->w->work->weight + q * s->stride;
        dot_nodes(s, q, weight, at_node);
        add_position(s, q, weight, at_node, sum);
    }
}

static void note_score(mg_exact_work *work, double time, double score)
{
    work->clock_time[work->n_clock] = time;
    work->clock_score[work->n_clock++] = score;
}

/* The last gate's events, all positions together, in the order of time: to work->event_room.
 * Returns: how many */
static int64_t order_events(const walk *w)
{
    mg_exact_work *work = w->work;
    int64_t n = 0;
    if (w->exact->n_gated == 1) return 0;
    for (int64_t e = work->first_event[w->stage->event_at]; e < work->n_events; e++)
        work->moment[n++] = (mg_moment){work->event[e].time, (int32_t)e, 0};
    mg_exact_sort(work, n);
    for (int64_t i = 0; i < n; i++)
        work->event_room[i] = work->event[work->moment[i].id];
    return n;
}

/* Of the score on its way: until when it is told, and its gain since the slice began, by its gradient as it is now. */
typedef struct {
    double score, time, gain;
} rise;

static void rise_to(rise *at, mg_exact_work *work, double time, double gain)
{
    at->score += gain - at->gain;
    at->gain = gain;
    at->time = time;
    note_score(work, time, at->score);
}

/* The slice's gain at a time between moments i - 1 and i. */
static double gain_at(const closeup *s, const real *sum, int64_t i, double time)
{
    const mg_moment *moment = s->w->work->moment + i;
    double before = i > 0 ? moment[-1].time : s->begin;
    return (double)between(i > 0 ? sum[i - 1] : 0, sum[i], share_of(time, before, moment->time));
}

/* The score at all knots and events: it is a line between. */
static void score_along(walk *w, double score)
{
    mg_exact_work *work = w->work;
    const mg_stage *below = &w->exact->stage[w->exact->tracked];
    const real *multiplier = open_score(w);
    real *gradient = work->weight, *at_node = work->look, *sum = at_node + w->exact->n_looks / 2;
    closeup s = {.w = w,
                 .below = below,
                 .track = &work->track,
                 .stride = w->engine->stride[below->out],
                 .size = w->engine->size[below->out],
                 .q_end = below->n_out};
    rise at = {.score = score, .time = w->begin};
    const mg_event *event = work->event_room, *last = event + order_events(w);
    if (2 * (work->track.n_knots + work->n_events) > w->exact->n_looks) {
        work->full = true;
        return;
    }
    work->n_clock = 0;
    note_score(work, w->begin, score);
    for (int64_t slice = 0; slice < MG_SLICES; slice++) {
        look_at(&s, slice);
        collect_moments(&s, s.begin, s.end);
        gain(&s, at_node, sum);
        at.gain = 0.0;
        for (int64_t i = 0; i < s.n_moments; i++) {
            for (; event < last && event->time <= work->moment[i].time; event++) {
                real m = multiplier[event->position * w->stride + event->channel];
                rise_to(&at, work, event->time, gain_at(&s, sum, i, event->time));
                follow_line(w, event->position, event->channel, event->before, -m, gradient);
                follow_line(w, event->position, event->channel, event->after, m, gradient);
                gain(&s, at_node, sum);
                at.gain = gain_at(&s, sum, i, event->time);
            }
            rise_to(&at, work, work->moment[i].time, (double)sum[i]);
        }
    }
}
