/* exact_track.h  what goes into the last gate's map, along a slab, for one type of number; a part of exact_walk.h
 *
 * A track (exact_work.h) has the values of the gate before it at every kink of that gate's inputs, and at marks. Between
 * marks they are off the straight line by some length, which is noted for every slice, every two slices, every four and
 * so on: what there is to know about a line of the next map without working it out (exact_last.h).
 */

/* How far n vectors, `step` numbers apart, are at most from the straight line between `from` and `to`, each at its share
 * of the way: in each lane, that is by every MG_LANES-th channel. */
static void farthest(const walk *w, const real *from, const real *to, const real *vector, const double *share,
                     int64_t n, int64_t step, real *far);

/* out = the track's vector at a share of the way between two */
static void mark_between(const walk *w, const real *from, const real *to, double share, real *out);

static double mark_time(const walk *w, int64_t k)
{
    return k == MG_SLICES ? w->end : w->begin + (w->end - w->begin) * (double)k / MG_SLICES;
}

static double share_of(double t, double begin, double end)
{
    return end > begin ? (t - begin) / (end - begin) : 0.0;
}

static real between(real from, real to, double share)
{
    return from + (real)share * (to - from);
}

/* What an event's channel is below the straight line from `begin` to `end`, at t. */
static double tent(const mg_event *event, double begin, double end, double t)
{
    double before = event->time < t ? event->time : t, after = event->time < t ? t : event->time;
    return end > begin ? event->change * (before - begin) * (end - after) / (end - begin) : 0.0;
}

/* Knots and events of the position at work before each mark, and its values there. */
static void note_marks(const walk *w)
{
    const mg_exact_work *work = w->work;
    const mg_track *track = w->track;
    const int64_t size = w->engine->size[w->stage->out];
    int32_t *knot = track->knot + w->o * (MG_SLICES + 1), *event = track->event + w->o * (MG_SLICES + 1);
    int32_t first = track->first[w->o], k = first, near = work->first_event[w->stage->event_at + (size_t)w->o],
            e = near;
    for (int64_t m = 0; m <= MG_SLICES; m++) {
        double t = mark_time(w, m);
        const double *time = track->time + k;
        for (; k + 2 < track->n_knots && time[1] <= t; k++)
            time++;
        const real *from = (const real *)track->value + k * w->stride, *to = from + w->stride;
        real *mark = (real *)track->mark + m * size + w->o * w->stride;
        double share = share_of(t, time[0], time[1]);
        mark_between(w, from, to, share, mark);
        while (near < work->n_events && work->event[near].kink < k - first)
            near++;
        for (int32_t i = near; i < work->n_events && work->event[i].kink == k - first; i++)
            mark[work->event[i].channel] -= (real)tent(&work->event[i], time[0], time[1], t);
        while (e < work->n_events && work->event[e].time <= t)
            e++;
        knot[m] = k + 1;
        event[m] = e;
    }
}

/* The knots about an event, as far as they lie in a slice. */
static void about(const mg_track *track, const mg_event *event, double from, double to, double *begin, double *end)
{
    const double *time = track->time + track->first[event->position] + event->kink;
    *begin = time[0] > from ? time[0] : from;
    *end = time[1] < to ? time[1] : to;
}

/* How far the position at work is from straight lines in a part of the slab, lane by lane. */
static real *bend_of(const walk *w, int64_t part)
{
    return (real *)w->track->bend + (part * w->stage->n_out + w->o) * MG_LANES;
}

/* The same for every slice, from knots and events. */
static void note_bends(const walk *w)
{
    const mg_exact_work *work = w->work;
    const mg_track *track = w->track;
    const int64_t size = w->engine->size[w->stage->out];
    const int32_t *knot = track->knot + w->o * (MG_SLICES + 1), *event = track->event + w->o * (MG_SLICES + 1);
    double *share = work->node, begin, end;
    for (int64_t m = 0; m < MG_SLICES; m++) {
        real *bend = bend_of(w, MG_SLICES + m);
        double from = mark_time(w, m), to = mark_time(w, m + 1);
        const real *mark = (const real *)track->mark + m * size + w->o * w->stride;
        int64_t n = knot[m + 1] - knot[m];
        for (int64_t k = 0; k < n; k++)
            share[k] = share_of(track->time[knot[m] + k], from, to);
        farthest(w, mark, mark + size, (const real *)track->value + knot[m] * w->stride, share, n, w->stride, bend);
        for (int32_t e = event[m]; e < event[m + 1]; e++) {
            about(track, &work->event[e], from, to, &begin, &end);
            bend[work->event[e].channel % MG_LANES] +=
                (real)fabs(tent(&work->event[e], begin, end, work->event[e].time));
        }
    }
}

/* And for pairs of slices, of pairs, and so on: no more than what the middle is off, and the farther half from there. */
static void mark_window(const walk *w)
{
    const int64_t size = w->engine->size[w->stage->out];
    const real *mark = (const real *)w->track->mark + w->o * w->stride;
    const double half = 0.5;
    note_marks(w);
    note_bends(w);
    for (int64_t length = 2; MG_SLICES / length > 0; length *= 2)
        for (int64_t k = 0; k < MG_SLICES / length; k++) {
            const real *from = mark + k * length * size, *to = from + length * size;
            int64_t part = MG_SLICES / length + k;
            real *here = bend_of(w, part);
            const real *first = bend_of(w, 2 * part), *second = bend_of(w, 2 * part + 1);
            farthest(w, from, to, from + length / 2 * size, &half, 1, size, here);
            for (int64_t i = 0; i < MG_LANES; i++)
                here[i] += first[i] > second[i] ? first[i] : second[i];
        }
}
