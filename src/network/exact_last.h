/* exact_last.h  switches of the last gate, for one type of number; a part of exact_walk.h
 *
 * Its inputs turn at every kink below, thousands of times, but few of its outputs ever switch, and nothing above asks
 * when the others turn. So what goes into its map is marked at even times, which cut a slab into slices; some slices
 * are a stretch. Where a stretch ends all lines are known from the map; in between, a line is off the straight one by
 * no more than the norms of its weights times how far the map's inputs are off theirs. Only where that does not rule
 * out a switch, a channel's lines are worked out at the stretch's middle and the same is asked for both halves, and so
 * on; and only where that does not rule it out for a slice, they are looked at closely, at all its knots and events.
 */

/* out[k] = weight times vector k of n, which are `step` numbers apart */
static void dots(const walk *w, const real *weight, const real *vector, int64_t n, int64_t step, int64_t stride,
                 real *out);

/* A slice of the track, to be looked at closely. A *node* of a position is where it may turn: its knots between the slice's two marks, and
 * these. */
typedef struct {
    walk *w;
    const mg_stage *below; /* the tracked stage */
    const mg_track *track;
    int64_t stride, size;   /* of the track */
    int64_t q_begin, q_end; /* positions that are looked at */
    const real *weight;     /* (taps, stride) of the channel at work, for each line */
    int64_t weight_step;    /* from line to line; 0: all have the same */
    real bias;
    int64_t slice; /* -1: none yet */
    double begin, end;
    int64_t n_moments; /* in work->moment: nodes and events of those positions in some part of the slice */
} closeup;

static void look_at(closeup *s, int64_t slice)
{
    mg_exact_work *work = s->w->work;
    double *node = work->node;
    s->slice = slice;
    s->begin = mark_time(s->w, slice);
    s->end = mark_time(s->w, slice + 1);
    for (int64_t q = s->q_begin; q < s->q_end; q++) {
        const int32_t *knot = s->track->knot + q * (MG_SLICES + 1) + slice;
        work->first_node[q] = (int32_t)(node - work->node);
        *node++ = s->begin;
        for (int32_t k = knot[0]; k < knot[1]; k++)
            *node++ = s->track->time[k];
        *node++ = s->end;
    }
}

/* Everything that happens to the positions q_begin .. q_end - 1 from `from` to `to`, within the slice, in the order of
 * time; and these. */
static void collect_moments(closeup *s, double from, double to)
{
    mg_exact_work *work = s->w->work;
    int64_t n = 0;
    for (int64_t q = s->q_begin; q < s->q_end; q++) {
        const int32_t *knot = s->track->knot + q * (MG_SLICES + 1) + s->slice;
        const int32_t *event = s->track->event + q * (MG_SLICES + 1) + s->slice;
        for (int32_t k = knot[0]; k < knot[1]; k++)
            if (s->track->time[k] > from && s->track->time[k] < to)
                work->moment[n++] = (mg_moment){s->track->time[k], 0, 0};
        for (int32_t e = event[0]; e < event[1]; e++)
            if (work->event[e].time > from && work->event[e].time < to)
                work->moment[n++] = (mg_moment){work->event[e].time, 0, 0};
    }
    if (from > s->begin) work->moment[n++] = (mg_moment){from, 0, 0};
    mg_exact_sort(work, n);
    work->moment[n++] = (mg_moment){to, 0, 0};
    s->n_moments = n;
}

/* Count n inputs of all channels that are multiplied with weights. */
static void count_taken(const closeup *s, int64_t n)
{
    const mg_layer *layer = s->w->stage->layer;
    if (s->w->work->n_macs != NULL && s->w->exact->row != NULL)
        *s->w->work->n_macs += (uint64_t)(n * layer->in_channels);
}

/* weight times position q at its nodes; returns how many */
static int64_t dot_nodes(const closeup *s, int64_t q, const real *weight, real *at_node)
{
    const int32_t *knot = s->track->knot + q * (MG_SLICES + 1) + s->slice;
    const real *mark = (const real *)s->track->mark + s->slice * s->size + q * s->stride;
    int64_t n = knot[1] - knot[0];
    real ends[2];
    dots(s->w, weight, mark, 2, s->size, s->stride, ends);
    dots(s->w, weight, (const real *)s->track->value + knot[0] * s->stride, n, s->stride, s->stride, at_node + 1);
    at_node[0] = ends[0];
    at_node[n + 1] = ends[1];
    count_taken(s, n + 2);
    return n + 2;
}

/* sum[i] += weight times position q at moment i, less what it is as the slice begins */
static void add_position(const closeup *s, int64_t q, const real *weight, const real *at_node, real *sum)
{
    const mg_exact_work *work = s->w->work;
    const mg_moment *moment = work->moment;
    const double *node = work->node + work->first_node[q];
    const int32_t *event = s->track->event + q * (MG_SLICES + 1) + s->slice;
    int64_t i = 0;
    for (int64_t k = 0; i < s->n_moments; k++) {
        double length = node[k + 1] - node[k], start = (double)(at_node[k] - at_node[0]);
        double slope = length > 0.0 ? (double)(at_node[k + 1] - at_node[k]) / length : 0.0;
        for (; i < s->n_moments && moment[i].time <= node[k + 1]; i++)
            sum[i] += (real)(start + slope * (moment[i].time - node[k]));
    }
    i = 0;
    for (int32_t e = event[0]; e < event[1]; e++) {
        double begin, end;
        about(s->track, &work->event[e], s->begin, s->end, &begin, &end);
        while (i < s->n_moments && moment[i].time <= begin)
            i++;
        for (int64_t m = i; m < s->n_moments && moment[m].time < end; m++)
            sum[m] -= weight[work->event[e].channel] * (real)tent(&work->event[e], begin, end, moment[m].time);
    }
}

/* How far weight times position q is from a straight line within the slice. */
static real swing_of(const closeup *s, int64_t q, const real *weight, const real *at_node, int64_t n)
{
    const mg_exact_work *work = s->w->work;
    const double *node = work->node + work->first_node[q];
    const int32_t *event = s->track->event + q * (MG_SLICES + 1) + s->slice;
    real most = 0;
    for (int64_t k = 1; k + 1 < n; k++) {
        real off = at_node[k] - between(at_node[0], at_node[n - 1], share_of(node[k], s->begin, s->end));
        off = off < 0 ? -off : off;
        most = off > most ? off : most;
    }
    for (int32_t e = event[0]; e < event[1]; e++) {
        double begin, end;
        about(s->track, &work->event[e], s->begin, s->end, &begin, &end);
        real off = weight[work->event[e].channel] * (real)tent(&work->event[e], begin, end, work->event[e].time);
        most += off < 0 ? -off : off;
    }
    return most;
}

/* The position of the track that tap k takes to line j; false when there is none. */
static bool input_of(const walk *w, int64_t j, int64_t k, int64_t *q)
{
    const mg_span *span = &w->stage->span;
    *q = (w->first + j * w->stage->pooling.dilation) * span->step - span->pad + k * span->dilation;
    return *q >= 0 && *q < span->in_length;
}

/* What a tap multiplies an input with for channel c of line j, where the map is no MG_LINEAR. */
static real factor_of(const walk *w, int64_t j, int64_t c)
{
    return (real)mg_stage_factor(w->stage, w->first + j * w->stage->pooling.dilation, c);
}

static const real *row_of_channel(const walk *w, int64_t stride, int64_t c)
{
    return (const real *)w->exact->row + c * w->stage->span.taps * stride;
}

/* Channel c is at work. */
static void take_weights(closeup *s, int64_t c)
{
    const walk *w = s->w;
    int64_t taps = w->stage->span.taps;
    real *weight = w->work->weight;
    if (w->exact->row != NULL) {
        s->weight = row_of_channel(w, s->stride, c);
        s->weight_step = 0;
        return;
    }
    s->weight = weight;
    s->weight_step = taps * s->stride;
    memset(weight, 0, (size_t)(w->n * s->weight_step) * sizeof *weight);
    for (int64_t j = 0; j < w->n; j++)
        for (int64_t k = 0; k < taps; k++)
            weight[j * s->weight_step + k * s->stride + c] = factor_of(w, j, c);
}

/* May a channel that follows `state` switch between two times? Its lines are off the straight ones by `swing` at most.
 */
static bool may_switch(const walk *w, int32_t state, const real *from, const real *to, const real *swing)
{
    real here = state >= 0 ? swing[state] : 0, before = state >= 0 ? from[state] : 0,
         after = state >= 0 ? to[state] : 0;
    for (int32_t j = w->stage->with_relu ? MG_OFF : 0; j < w->n; j++) {
        if (j == state) continue;
        real room = here + (j >= 0 ? swing[j] : 0);
        if (!(before - (j >= 0 ? from[j] : 0) > room) || !(after - (j >= 0 ? to[j] : 0) > room)) return true;
    }
    return false;
}

/* Numbers of nodes that line j takes. */
static int64_t count_nodes(const closeup *s, int64_t j)
{
    int64_t n = 0, q;
    for (int64_t k = 0; k < s->w->stage->span.taps; k++) {
        if (!input_of(s->w, j, k, &q)) continue;
        const int32_t *knot = s->track->knot + q * (MG_SLICES + 1) + s->slice;
        n += knot[1] - knot[0] + 2;
    }
    return n;
}

/* What the channel at work takes for line j at its nodes.
 * Returns: how far the line is off a straight one at most */
static real dot_line(const closeup *s, int64_t j, real *at_node)
{
    const real *weight = s->weight + j * s->weight_step;
    real swing = 0;
    int64_t q;
    for (int64_t k = 0; k < s->w->stage->span.taps; k++, weight += s->stride) {
        if (!input_of(s->w, j, k, &q)) continue;
        int64_t n = dot_nodes(s, q, weight, at_node);
        swing += swing_of(s, q, weight, at_node, n);
        at_node += n;
    }
    return swing;
}

/* Line j at all moments, from what it is as the slice begins. */
static void draw_line(const closeup *s, int64_t j, real from, const real *at_node, real *line)
{
    const real *weight = s->weight + j * s->weight_step;
    int64_t q;
    for (int64_t i = 0; i < s->n_moments; i++)
        line[i] = from;
    for (int64_t k = 0; k < s->w->stage->span.taps; k++, weight += s->stride) {
        if (!input_of(s->w, j, k, &q)) continue;
        const int32_t *knot = s->track->knot + q * (MG_SLICES + 1) + s->slice;
        add_position(s, q, weight, at_node, line);
        at_node += knot[1] - knot[0] + 2;
    }
}

/* Channel c from moment to moment; its lines, one after the other, begin as told. */
static void follow_closely(closeup *s, int64_t c, const real *from, const real *line)
{
    walk *w = s->w;
    mg_exact_work *work = w->work;
    real *value = work->value, *slope = work->slope;
    double before = s->begin;
    for (int64_t j = 0; j < w->n; j++)
        value[j * w->stride + c] = from[j];
    for (int64_t i = 0; i < s->n_moments && !work->full; i++) {
        double time = work->moment[i].time;
        for (int64_t j = 0; j < w->n; j++) {
            real now = line[j * s->n_moments + i], *v = &value[j * w->stride + c];
            slope[j * w->stride + c] = time > before ? (now - *v) / (real)(time - before) : 0;
            *v = now;
        }
        int32_t after = leader(w, c);
        if (after != work->state[c]) switch_channel(w, c, after, before, time);
        before = time;
    }
}

/* The moments at which a channel may switch. One line with ReLU: where the straight one is no farther from 0 than it may
 * swing; else all. */
static void bracket(closeup *s, const real *from, const real *to, const real *swing)
{
    double begin = 0.0, end = 1.0, rise = fabs((double)*to - (double)*from);
    if (s->w->n == 1 && rise > 0.0) {
        double start = *to > *from ? -(double)*from : (double)*from;
        begin = fmax(0.0, 0.999 * (start - (double)*swing) / rise - 0.001);
        end = fmin(1.0, 1.001 * (start + (double)*swing) / rise + 0.001);
        if (!(begin < end)) begin = 0.0, end = 1.0;
    }
    double length = s->end - s->begin;
    collect_moments(s, s->begin + begin * length, end < 1.0 ? s->begin + end * length : s->end);
}

/* Channel c along the slice; from, to: its lines at the slice's ends. */
static void slice_along(closeup *s, int64_t c, const real *from, const real *to, real *swing)
{
    walk *w = s->w;
    mg_exact_work *work = w->work;
    real *at_node = work->look;
    int64_t n_nodes = 0, room = w->exact->n_looks;
    for (int64_t j = 0; j < w->n; j++) {
        int64_t n = count_nodes(s, j);
        if (n_nodes + n > room) {
            work->full = true;
            return;
        }
        swing[j] = dot_line(s, j, at_node + n_nodes);
        n_nodes += n;
    }
    if (!may_switch(w, work->state[c], from, to, swing)) return;
    bracket(s, from, to, swing);
    if (n_nodes + w->n * s->n_moments > room) {
        work->full = true;
        return;
    }
    real *line = at_node + n_nodes;
    for (int64_t j = 0; j < w->n; j++) {
        draw_line(s, j, from[j], at_node, line + j * s->n_moments);
        at_node += count_nodes(s, j);
    }
    follow_closely(s, c, from, line);
}

/* --- the last gate --- */

/* All lines where stretches end: (stretches + 1, size). */
static void draw_ends(const walk *w)
{
    const mg_track *track = &w->work->track;
    int64_t in_size = w->engine->size[w->stage->in], size = w->engine->size[w->stage->z];
    real *ends = w->work->ends, *moved = w->pass->buffer[0];
    memcpy(ends, w->z, (size_t)size * sizeof *ends);
    for (int64_t r = 1; r <= MG_STRETCHES; r++) {
        const real *begin = track->mark, *mark = begin + r * (MG_SLICES / MG_STRETCHES) * in_size;
        real *z = ends + r * size;
        for (int64_t i = 0; i < in_size; i++)
            moved[i] = mark[i] - begin[i];
        map_slopes(w->pass, w->stage, moved, z);
        for (int64_t i = 0; i < size; i++)
            z[i] += ends[i];
    }
}

/* What line j takes from its inputs in all, n times: `one` is all inputs (positions, stride) and `many` n times weights
 * (taps, stride), `step` numbers apart; or the other way round.
 * Returns: how many taps have an input */
static int64_t dot_taps(const walk *w, int64_t j, const real *one, bool one_by_tap, const real *many, int64_t n,
                        int64_t step, int64_t stride, real *out)
{
    const mg_span *span = &w->stage->span;
    enum { MOST = 64 };
    real some[MOST];
    int64_t q, n_taps = 0;
    memset(out, 0, (size_t)n * sizeof *out);
    for (int64_t k = 0, taps; k < span->taps; k += taps) {
        taps = 1;
        if (!input_of(w, j, k, &q)) continue;
        if (span->dilation == 1) taps = span->taps - k < span->in_length - q ? span->taps - k : span->in_length - q;
        int64_t at = (one_by_tap ? k : q) * stride, from = (one_by_tap ? q : k) * stride;
        for (int64_t i = 0; i < n; i += MOST) {
            int64_t few = n - i < MOST ? n - i : MOST;
            dots(w, one + at, many + i * step + from, few, step, taps * stride, some);
            for (int64_t m = 0; m < few; m++)
                out[i + m] += some[m];
        }
        n_taps += taps;
    }
    return n_taps;
}

/* Channel c along a part of the slab where it may switch. Parts are numbered as in a heap: 1 is the slab, 2 and 3 its
 * halves, MG_SLICES and on the slices. from, to: its lines at both ends; scratch: 4 n numbers a halving. */
static void part_along(closeup *s, int64_t part, int64_t c, const real *from, const real *to, real *scratch)
{
    walk *w = s->w;
    int64_t n = w->n, bends = s->below->n_out * MG_LANES, first = part, last = part + 1;
    real *middle = scratch, *swing = middle + n, both[2];
    if (part >= MG_SLICES) {
        if (s->slice != part - MG_SLICES) look_at(s, part - MG_SLICES);
        slice_along(s, c, from, to, scratch);
        return;
    }
    for (; first < MG_SLICES; first *= 2)
        last *= 2;
    const real *mark = (const real *)s->track->mark + ((first + last) / 2 - MG_SLICES) * s->size;
    const real *norm = (const real *)w->exact->norm + c * w->stage->span.taps * MG_LANES;
    const real *bend = (const real *)s->track->bend + 2 * part * bends;
    for (int64_t j = 0; j < n; j++) {
        count_taken(s, dot_taps(w, j, s->weight + j * s->weight_step, true, mark, 1, 0, s->stride, &middle[j]));
        dot_taps(w, j, norm, true, bend, 2, bends, MG_LANES, both);
        middle[j] += s->bias;
        swing[j] = both[0];
        swing[n + j] = both[1];
    }
    if (may_switch(w, w->work->state[c], from, middle, swing)) part_along(s, 2 * part, c, from, middle, swing + 2 * n);
    if (may_switch(w, w->work->state[c], middle, to, swing + n))
        part_along(s, 2 * part + 1, c, middle, to, swing + 2 * n);
}

/* The channels along a stretch of the slab; from, to: all lines at both ends. */
static void stretch_along(closeup *s, int64_t part, const real *from, const real *to)
{
    walk *w = s->w;
    const mg_layer *layer = w->stage->layer;
    const real *bend = (const real *)s->track->bend + part * s->below->n_out * MG_LANES;
    int64_t n = w->n, step = w->stage->pooling.dilation * w->stride, norms = w->stage->span.taps * MG_LANES;
    real *swings = w->work->delta, *at = w->work->few;
    for (int64_t j = 0; j < n; j++)
        dot_taps(w, j, bend, false, w->exact->norm, w->stage->channels, norms, MG_LANES, swings + j * w->stride);
    for (int64_t c = 0; c < w->stage->channels && !w->work->full; c++) {
        for (int64_t j = 0; j < n; j++) {
            at[j] = from[j * step + c];
            at[n + j] = to[j * step + c];
            at[2 * n + j] = swings[j * w->stride + c];
        }
        if (!may_switch(w, w->work->state[c], at, at + n, at + 2 * n)) continue;
        s->bias = layer != NULL && layer->bias != NULL ? (real)layer->bias[c] : 0;
        take_weights(s, c);
        part_along(s, part, c, at, at + n, at + 2 * n);
    }
}

static void last_window_along(closeup *s)
{
    walk *w = s->w;
    mg_exact_work *work = w->work;
    int64_t size = w->engine->size[w->stage->z];
    mg_exact_reach(w->stage, w->first, w->n, work, &s->q_begin, &s->q_end);
    s->slice = -1;
    for (int64_t r = 0; r < MG_STRETCHES && !work->full; r++) {
        const real *from = (const real *)work->ends + r * size + w->first * w->stride;
        w->kink = r;
        stretch_along(s, MG_STRETCHES + r, from, from + size);
    }
}

static void last_along(walk *w)
{
    const mg_stage *below = &w->exact->stage[w->exact->tracked];
    open_stage(w, w->exact->n_gated - 1);
    closeup s = {.w = w,
                 .below = below,
                 .track = &w->work->track,
                 .stride = w->engine->stride[below->out],
                 .size = w->engine->size[below->out]};
    draw_ends(w);
    for (w->o = 0; w->o < w->stage->n_out && !w->work->full; w->o++) {
        open_window(w);
        last_window_along(&s);
    }
    close_stage(w);
}
