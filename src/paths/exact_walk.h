/* exact_walk.h  along a slab of the path, switch by switch, for one type of number
 *
 * Included by exact_single.c and exact_double.c, each of which defines
 *     real                 float or double
 *     WALK(name)           the name with the precision's ending
 * the static functions linear_slopes(), forward_row(), backward_row() and weight_at() that know how weights lie, and,
 * after including it, go_along(), gather(), answer() and route(), which are those named _plain or do the same by
 * kernels.
 *
 * Forward, stage by stage: for each window of a gate, the kinks of all inputs that reach it are taken in the order of
 * time. Between two kinks its values are lines, so who leads changes at crossings of lines: an *event*. What a gate
 * hands on are the kinks of whom it follows, and one kink an event. Backward: exact_down.h.
 */

typedef struct {
    const mg_exact *exact;
    mg_pass *pass;
    mg_exact_work *work;
    const mg_stage *stage;
    const mg_kinks *in; /* NULL: none, stage 0 */
    mg_kinks *out;      /* NULL: not wanted */
    const real *z;      /* (size[z]) values at the gate when the slab begins, */
    const real *slope;  /* and their slopes */
    double begin, end;
    int64_t stride;   /* channels */
    int64_t o;        /* the output position at work, its window */
    int64_t first, n; /* the window's first position, and how many */
    double time;      /* of its values */
    int64_t n_kinks;  /* of the window's inputs */
    int64_t kink;     /* of them: the next */
} walk;

static void clear_kinks(mg_kinks *kinks)
{
    kinks->n_kinks = kinks->n_entries = 0;
    kinks->begin[0] = 0;
}

static bool add_kink(mg_exact_work *work, const mg_exact *exact, mg_kinks *to, double time, int64_t position)
{
    if (to->n_kinks == exact->n_kinks || to->n_kinks + 1 >= exact->n_entries) {
        work->full = true;
        return false;
    }
    to->time[to->n_kinks] = time;
    to->position[to->n_kinks++] = (int32_t)position;
    return true;
}

/* The entries of the last kink are complete. */
static void end_kink(mg_kinks *to)
{
    to->begin[to->n_kinks] = (int32_t)to->n_entries;
}

static void add_entry(mg_exact_work *work, const mg_exact *exact, mg_kinks *to, int64_t index, real value)
{
    if (to->n_entries == exact->n_entries) {
        work->full = true;
        return;
    }
    to->index[to->n_entries] = (int32_t)index;
    ((real *)to->value)[to->n_entries++] = value;
}

/* --- maps --- */

/* out = the map, without bias, of in */
static void map_slopes(mg_pass *pass, const mg_stage *stage, const real *in, real *out)
{
    int64_t stride = pass->plan->chain->stride[stage->z], size = pass->plan->chain->size[stage->z];
    if (mg_stage_map(stage) != NULL) {
        linear_slopes(pass, mg_stage_map(stage), in, out);
        return;
    }
    memset(out, 0, (size_t)size * sizeof *out);
    for (int64_t p = 0; p * stride < size; p++)
        for (int64_t k = 0; k < stage->span.taps; k++) {
            int64_t q = p * stage->span.step - stage->span.pad + k * stage->span.dilation;
            if (q < 0 || q >= stage->span.in_length) continue;
            for (int64_t c = 0; c < stage->channels; c++)
                out[p * stride + c] += in[q * stride + c] * (real)mg_stage_factor(stage, p, c);
        }
}

/* Add to `out`, output p, what kink `id` of an input hands on by `tap`. */
static void add_forward(const mg_stage *stage, int32_t tap, int64_t p, const mg_kinks *kinks, int32_t id, real *out)
{
    const real *value = kinks->value;
    bool linear = mg_stage_map(stage) != NULL;
    for (int32_t e = kinks->begin[id]; e < kinks->begin[id + 1]; e++) {
        int64_t c = kinks->index[e];
        if (linear)
            forward_row(mg_stage_map(stage), tap, c, value[e], out);
        else
            out[c] += value[e] * (real)mg_stage_factor(stage, p, c);
    }
}

/* --- one window, along the slab --- */

static void load_window(walk *w)
{
    real *value = w->work->window.value, *slope = w->work->window.slope;
    for (int64_t j = 0; j < w->n; j++) {
        int64_t at = (w->first + j * w->stage->pooling.dilation) * w->stride;
        memcpy(value + j * w->stride, w->z + at, (size_t)w->stride * sizeof *value);
        memcpy(slope + j * w->stride, w->slope + at, (size_t)w->stride * sizeof *slope);
    }
}

/* Whom channel c follows when the values are what they are. */
static int32_t leader(const walk *w, int64_t c)
{
    const real *value = w->work->window.value;
    real best = value[c];
    int32_t which = 0;
    if (!w->stage->gated) return 0;
    for (int64_t j = 1; j < w->n; j++)
        if (value[j * w->stride + c] > best) {
            best = value[j * w->stride + c];
            which = (int32_t)j;
        }
    return w->stage->with_relu && !(best > 0) ? MG_OFF : which;
}

/* The same just after the slab's beginning: of equal values the steepest leads. */
static int32_t first_leader(const walk *w, int64_t c)
{
    const real *value = w->work->window.value, *slope = w->work->window.slope;
    int32_t which = w->stage->gated && w->stage->with_relu ? MG_OFF : 0;
    real best = which == MG_OFF ? 0 : value[c], steepest = which == MG_OFF ? 0 : slope[c];
    for (int32_t j = which + 1; w->stage->gated && j < w->n; j++) {
        real v = value[j * w->stride + c], s = slope[j * w->stride + c];
        if (v < best || (v == best && s <= steepest)) continue;
        which = j;
        best = v;
        steepest = s;
    }
    return which;
}

static void add_event(walk *w, double time, int64_t c, int32_t before, int32_t after)
{
    mg_exact_work *work = w->work;
    const real *slope = work->window.slope;
    if (work->events.n == w->exact->n_events) {
        work->full = true;
        return;
    }
    real change = (after >= 0 ? slope[after * w->stride + c] : 0) - (before >= 0 ? slope[before * w->stride + c] : 0);
    work->events.list[work->events.n++] = (mg_event){.time = time,
                                                     .change = change,
                                                     .stage = (int32_t)(w->stage - w->exact->stage),
                                                     .position = (int32_t)w->o,
                                                     .channel = (int32_t)c,
                                                     .before = before,
                                                     .after = after,
                                                     .kink = (int32_t)w->kink};
}

/* Who overtakes `before` first in [*time, t]: values and slopes are those at t. Lines that meet there at once: the
 * steepest. Rounding may put a crossing before *time; it is then at *time. */
static int32_t overtaker(const walk *w, int64_t c, int32_t before, double *time, double t)
{
    const real *value = w->work->window.value, *slope = w->work->window.slope;
    real v = before >= 0 ? value[before * w->stride + c] : 0, s = before >= 0 ? slope[before * w->stride + c] : 0;
    real steepest = 0;
    double earliest = t;
    int32_t which = before;
    for (int32_t j = w->stage->with_relu ? MG_OFF : 0; j < w->n; j++) {
        real lead = (j >= 0 ? value[j * w->stride + c] : 0) - v, rise = (j >= 0 ? slope[j * w->stride + c] : 0) - s;
        if (j == before || !(rise > 0) || !(lead >= 0)) continue;
        double when = t - (double)lead / (double)rise;
        if (when < *time) when = *time;
        if (which != before && (when > earliest || (when == earliest && rise <= steepest))) continue;
        which = j;
        earliest = when;
        steepest = rise;
    }
    *time = earliest;
    return which;
}

/* The switches of channel c between two times, until it follows `after`. The leader of lines only ever
 * gets steeper, so there are no more switches than lines. */
static void switch_channel(walk *w, int64_t c, int32_t after, double from, double to)
{
    int32_t *state = &w->work->states.here[c];
    for (int64_t k = 0; k <= w->n && *state != after; k++) {
        int32_t next = overtaker(w, c, *state, &from, to);
        if (next == *state) next = after; /* level, by rounding or for good */
        add_event(w, from, c, *state, next);
        *state = next;
    }
}

/* Values of the window at a time; true when another line leads somewhere, and work->states.changed tells where. */
static bool advance(walk *w, double time)
{
    mg_exact_work *work = w->work;
    real *value = work->window.value, dt = (real)(time - w->time);
    const real *slope = work->window.slope;
    work->states.n_changed = 0;
    if (dt == 0) return false;
    for (int64_t i = 0; i < w->n * w->stride; i++)
        value[i] += dt * slope[i];
    for (int64_t c = 0; c < w->stride && w->stage->gated; c++) {
        work->states.now[c] = leader(w, c);
        if (work->states.now[c] != work->states.here[c]) work->states.changed[work->states.n_changed++] = (int32_t)c;
    }
    return work->states.n_changed > 0;
}

/* Kink `id` of the inputs: slopes change, and what changes for those who are followed is handed on. */
static void turn(walk *w, int32_t id, double time)
{
    mg_exact_work *work = w->work;
    real *slope = work->window.slope, *delta = work->window.delta;
    const int32_t *reach = work->reach.tap + (w->in->position[id] - work->reach.begin) * w->n;
    memset(delta, 0, (size_t)(w->n * w->stride) * sizeof *delta);
    for (int64_t j = 0; j < w->n; j++)
        if (reach[j] >= 0)
            add_forward(w->stage, reach[j], w->first + j * w->stage->pooling.dilation, w->in, id,
                        delta + j * w->stride);
    for (int64_t i = 0; i < w->n * w->stride; i++)
        slope[i] += delta[i];
    if (w->out == NULL || !add_kink(work, w->exact, w->out, time, w->o)) return;
    int64_t n_before = w->out->n_entries;
    for (int64_t c = 0; c < w->stride; c++) {
        real change = work->states.here[c] >= 0 ? delta[work->states.here[c] * w->stride + c] : 0;
        if (change != 0) add_entry(work, w->exact, w->out, c, change);
    }
    end_kink(w->out);
    if (w->out->n_entries == n_before) w->out->n_kinks--;
}

static int64_t collect_kinks(const walk *w)
{
    int64_t begin, end, n = 0;
    if (w->in == NULL) return 0;
    mg_exact_reach(w->stage, w->first, w->n, w->work, &begin, &end);
    for (int32_t id = w->in->first[begin]; id < w->in->first[end]; id++)
        w->work->moments.list[n++] = (mg_moment){w->in->time[id], id, 0};
    mg_exact_sort(w->work, n);
    return n;
}

static void hand_on_event(walk *w, const mg_event *event)
{
    mg_exact_work *work = w->work;
    if (event->change == 0 || !add_kink(work, w->exact, w->out, event->time, w->o)) return;
    add_entry(work, w->exact, w->out, event->channel, (real)event->change);
    end_kink(w->out);
}

/* All that switch until `time`, in order, and the kinks that they make. */
static void switch_all(walk *w, double time)
{
    mg_exact_work *work = w->work;
    int64_t first = work->events.n;
    for (int64_t i = 0; i < work->states.n_changed; i++)
        switch_channel(w, work->states.changed[i], work->states.now[work->states.changed[i]], w->time, time);
    mg_exact_sort_events(work, first, w->kink, w->kink + 1);
    for (int64_t e = first; e < work->events.n && w->out != NULL; e++)
        hand_on_event(w, &work->events.list[e]);
}

/* The window's values from the slab's beginning to its end, what switches on the way, and the kinks handed on. */
static void go_along(walk *w);

static void go_along_plain(walk *w)
{
    mg_exact_work *work = w->work;
    for (int64_t k = 0; k <= w->n_kinks && !work->full; k++) {
        double time = k < w->n_kinks ? work->moments.list[k].time : w->end;
        w->kink = k;
        if (advance(w, time)) switch_all(w, time);
        w->time = time;
        if (k < w->n_kinks) turn(w, work->moments.list[k].id, time);
    }
}

static void window_along(walk *w, real *slope_out)
{
    mg_exact_work *work = w->work;
    int32_t *initial = work->states.initial + w->stage->state_at + w->o * w->stride;
    w->n = mg_pooling_first(&w->stage->pooling, w->o, &w->first);
    w->n_kinks = collect_kinks(w);
    w->time = w->begin;
    load_window(w);
    for (int64_t c = 0; c < w->stride; c++) {
        initial[c] = work->states.here[c] = first_leader(w, c);
        slope_out[w->o * w->stride + c] =
            initial[c] >= 0 ? ((const real *)work->window.slope)[initial[c] * w->stride + c] : 0;
    }
    if (w->out != NULL) w->out->first[w->o] = (int32_t)w->out->n_kinks;
    go_along(w);
}

/* --- forward --- */

static void note_load(mg_exact_work *work, int64_t n, int64_t room)
{
    double load = (double)n / (double)room;
    if (load > work->load) work->load = load;
}

static void stage_along(walk *w, size_t s, bool hand_on_kinks)
{
    mg_exact_work *work = w->work;
    const mg_stage *stage = w->stage = &w->exact->stage[s];
    real *slope_out = work->lines.slope_out;
    w->in = s > 0 ? &work->kinks[(s + 1) % 2] : NULL;
    w->out = hand_on_kinks ? &work->kinks[s % 2] : NULL;
    w->stride = w->exact->chain->stride[stage->z];
    w->slope = work->lines.line;
    if (s > 0) {
        map_slopes(w->pass, stage, slope_out, work->lines.slope_z);
        w->slope = work->lines.slope_z;
    }
    if (w->out != NULL) clear_kinks(w->out);
    for (w->o = 0; w->o < stage->n_out && !work->full; w->o++) {
        work->events.begin[stage->event_at + (size_t)w->o] = (int32_t)work->events.n;
        window_along(w, slope_out);
    }
    work->events.begin[stage->event_at + (size_t)stage->n_out] = (int32_t)work->events.n;
    if (s == 0) work->events.n_first = work->events.n;
    note_load(work, work->events.n, w->exact->n_events);
    if (w->out == NULL) return;
    w->out->first[stage->n_out] = (int32_t)w->out->n_kinks;
    note_load(work, w->out->n_kinks, w->exact->n_kinks);
    note_load(work, w->out->n_entries, w->exact->n_entries);
}

#include "src/paths/exact_down.h"

/* --- the slab --- */

void WALK(mg_exact_lines)(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, const double *x,
                          const double *reference)
{
    size_t gate = exact->stage[0].z;
    int64_t n = exact->chain->size[gate];
    const real *z = mg_pass_value_of(pass, MG_OF_WINDOW, gate);
    real *start = work->lines.start, *line = work->lines.line;
    mg_pass_put(pass, MG_OF_WINDOW, reference);
    mg_pass_up(pass, MG_OF_WINDOW, 0, gate);
    memcpy(start, z, (size_t)n * sizeof *z);
    mg_pass_put(pass, MG_OF_WINDOW, x);
    mg_pass_up(pass, MG_OF_WINDOW, 0, gate);
    for (int64_t i = 0; i < n; i++)
        line[i] = z[i] - start[i];
    memset(work->lines.integral, 0, (size_t)n * sizeof *line);
}

static double values_at(const mg_exact *exact, mg_pass *pass, const mg_exact_work *work, double t)
{
    size_t gate = exact->stage[0].z;
    real *z = mg_pass_value_of(pass, MG_OF_WINDOW, gate);
    const real *start = work->lines.start, *line = work->lines.line;
    for (int64_t i = 0; i < exact->chain->size[gate]; i++)
        z[i] = start[i] + (real)t * line[i];
    return mg_pass_up(pass, MG_OF_WINDOW, gate, exact->chain->n_links);
}

bool WALK(mg_exact_slab)(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, double begin, double end,
                         bool probability)
{
    size_t n_up = probability ? exact->n_stages : exact->n_gated;
    walk w = {.exact = exact, .pass = pass, .work = work, .begin = begin, .end = end};
    work->full = false;
    work->load = 0.0;
    work->events.n = 0;
    values_at(exact, pass, work, begin);
    for (size_t s = 0; s < n_up && !work->full; s++) {
        w.z = mg_pass_value_of(pass, MG_OF_WINDOW, exact->stage[s].z);
        stage_along(&w, s, s + 1 < n_up || probability);
    }
    if (work->full) return false;
    MG_EXACT_CHECK(mg_exact_is_sound(exact, work, begin, end));
    if (probability) {
        const real *f = mg_pass_value_of(pass, MG_OF_WINDOW, exact->chain->n_links);
        end = mg_exact_warp(exact, work, begin, end, (double)f[0], (double)((const real *)work->lines.slope_out)[0]);
        begin = 0.0;
    }
    descend(exact, pass, work, begin, end);
    return true;
}

void WALK(mg_exact_point)(const mg_exact *exact, mg_pass *pass, mg_exact_work *work, double t, double weight,
                          bool probability)
{
    size_t n_layers = exact->chain->n_links, gate = exact->stage[0].z;
    real *integral = work->lines.integral;
    double f = values_at(exact, pass, work, t);
    if (probability) weight *= mg_exact_score_slope(f, f);
    const real *m = mg_pass_down(pass, &mg_rule_gradient, mg_pass_seed(pass), n_layers, gate);
    for (int64_t i = 0; i < exact->chain->size[gate]; i++)
        integral[i] += (real)weight * m[i];
}

void WALK(mg_exact_finish)(const mg_exact *exact, mg_pass *pass, const mg_exact_work *work, double *mean)
{
    size_t gate = exact->stage[0].z;
    memcpy(pass->slot[0], work->lines.integral, (size_t)exact->chain->size[gate] * sizeof(real));
    mg_pass_take(pass, mg_pass_down(pass, &mg_rule_gradient, pass->slot[0], gate, 0), mean);
}
