/* exact.c  mean gradients along straight paths without quadrature (exact.h): the stages of a network, the room they
 * need, slabs, and the plain way */
#include "src/paths/exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/paths/exact_work.h"

/* Kinks are many where layers are wide, so room is given by the size of the largest activation; a slab that needs more
 * is halved. Halving ends where a slab is as thin as the rounding of its times: its gradient is then taken at its
 * middle. */
enum { ENTRIES_A_NUMBER = 24, LEAST_ENTRIES = 1 << 16 };
#define THINNEST_SINGLE 0x1p-22
#define THINNEST_DOUBLE 0x1p-46

/* --- stages --- */

static bool is_gate(const mg_link *link)
{
    return link->rectifier || link->choice;
}

/* The map of a stage that begins at value `in`; none when a gate comes first. */
static void find_map(const mg_chain *chain, size_t in, mg_stage *stage)
{
    const mg_link *link = &chain->link[in];
    stage->in = stage->z = in;
    stage->span = (mg_span){.taps = 1, .step = 1, .dilation = 1, .in_length = link->in.length};
    if (is_gate(link)) return;
    stage->link = link;
    stage->z = in + 1;
    stage->span.taps = link->slide->kernel;
    stage->span.step = link->slide->stride;
    stage->span.dilation = link->slide->dilation;
    stage->span.pad = link->slide->pad;
}

/* ReLU and max pooling next to each other, in either order, are one gate: both keep the order of numbers. */
static void find_gate(const mg_chain *chain, mg_stage *stage)
{
    const mg_link *pool = NULL;
    size_t l = stage->z;
    for (; l < chain->n_links && is_gate(&chain->link[l]); l++) {
        if (chain->link[l].rectifier && !stage->with_relu)
            stage->with_relu = true;
        else if (chain->link[l].choice && pool == NULL)
            pool = &chain->link[l];
        else
            break;
    }
    stage->out = l;
    stage->gated = l > stage->z;
    stage->n_out = chain->link[l - 1].out.length;
    stage->channels = chain->link[l - 1].out.channels;
    int64_t length = pool != NULL ? pool->in.length : stage->n_out;
    stage->pooling = (mg_pooling){.kernel = 1, .step = 1, .dilation = 1, .in_length = length};
    if (pool != NULL)
        stage->pooling = (mg_pooling){.kernel = pool->slide->kernel,
                                      .step = pool->slide->stride,
                                      .dilation = pool->slide->dilation,
                                      .pad = pool->slide->pad,
                                      .in_length = pool->in.length};
}

static size_t first_gate(const mg_chain *chain)
{
    size_t l = 0;
    while (l < chain->n_links && !is_gate(&chain->link[l]))
        l++;
    return l;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A window's inputs are no more than the layer has, nor than all of its taps together. */
static void measure(mg_exact *exact, const mg_stage *stage)
{
    int64_t window =
        stage->pooling.kernel < stage->pooling.in_length ? stage->pooling.kernel : stage->pooling.in_length;
    int64_t stride = exact->chain->stride[stage->z];
    exact->max_window = larger(exact->max_window, larger(window, 4) * stride);
    exact->max_inputs = larger(exact->max_inputs, stage->span.in_length);
    exact->max_reach = larger(exact->max_reach, window * stage->span.in_length);
    exact->max_above = larger(exact->max_above, stage->pooling.kernel * stage->n_out);
    exact->max_length = larger(exact->max_length, stage->n_out);
    exact->n_states += (size_t)(stage->n_out * stride);
    exact->n_event_positions += (size_t)stage->n_out + 1;
}

static void find_stages(mg_exact *exact)
{
    const mg_chain *chain = exact->chain;
    size_t l = first_gate(chain);
    while (l < chain->n_links) {
        mg_stage *stage = &exact->stage[exact->n_stages++];
        *stage = (mg_stage){.state_at = exact->n_states, .event_at = exact->n_event_positions};
        find_map(chain, l, stage);
        find_gate(chain, stage);
        measure(exact, stage);
        if (stage->gated) exact->n_gated = exact->n_stages;
        l = stage->out;
    }
}

mg_status mg_exact_create(const mg_plan *plan, mg_exact **ret, mg_error *err)
{
    mg_exact *exact = NULL;
    mg_status status = mg_chain_check(plan, "the exact integral of a path", err);
    if (status == MG_OK) status = mg_alloc(&exact, 1, sizeof *exact, err);
    if (status != MG_OK) return status;
    exact->plan = plan;
    exact->chain = plan->chain;
    status = mg_alloc(&exact->stage, plan->chain->n_links, sizeof *exact->stage, err);
    if (status != MG_OK) {
        mg_exact_destroy(exact);
        return status;
    }
    find_stages(exact);
    exact->n_entries = larger(ENTRIES_A_NUMBER * plan->max_size, LEAST_ENTRIES);
    if (plan->precision == MG_SINGLE) exact->n_responses = larger(4 * exact->max_window, LEAST_ENTRIES * 2);
    exact->n_kinks = exact->n_events = larger(plan->max_size, LEAST_ENTRIES / 4);
    *ret = exact;
    return MG_OK;
}

void mg_exact_destroy(mg_exact *exact)
{
    if (exact == NULL) return;
    free(exact->stage);
    free(exact);
}

void mg_stage_windows(const mg_stage *stage, int64_t q, int64_t *begin, int64_t *end)
{
    const mg_span *span = &stage->span;
    const mg_pooling *pooling = &stage->pooling;
    int64_t highest = (q + span->pad) / span->step, low = q + span->pad - (span->taps - 1) * span->dilation;
    int64_t lowest = low > 0 ? (low + span->step - 1) / span->step : 0;
    low = lowest + pooling->pad - (pooling->kernel - 1) * pooling->dilation;
    *begin = low > 0 ? (low + pooling->step - 1) / pooling->step : 0;
    *end = (highest + pooling->pad) / pooling->step + 1;
    if (*end > stage->n_out) *end = stage->n_out;
    if (*begin > *end) *begin = *end;
}

/* Dilated windows at the padded edge need not begin in the order of their positions. */
void mg_stage_lines(const mg_stage *stage, int64_t begin, int64_t end, int64_t *low, int64_t *high)
{
    *low = INT64_MAX;
    *high = 0;
    for (int64_t o = begin; o < end; o++) {
        int64_t first, n = mg_pooling_first(&stage->pooling, o, &first);
        int64_t last = first + (n - 1) * stage->pooling.dilation;
        if (first < *low) *low = first;
        if (last >= *high) *high = last + 1;
    }
}

void mg_stage_inputs(const mg_stage *stage, int64_t begin, int64_t end, int64_t *from, int64_t *to)
{
    const mg_span *span = &stage->span;
    int64_t low, high;
    mg_stage_lines(stage, begin, end, &low, &high);
    *from = low * span->step - span->pad;
    *to = (high - 1) * span->step - span->pad + (span->taps - 1) * span->dilation + 1;
    if (*from < 0) *from = 0;
    if (*to > span->in_length) *to = span->in_length;
    if (*to < *from) *to = *from;
}

void mg_exact_reach(const mg_stage *stage, int64_t first, int64_t n, mg_exact_work *work, int64_t *begin, int64_t *end)
{
    const mg_span *span = &stage->span;
    int64_t step = stage->pooling.dilation, last = first + (n - 1) * step;
    *begin = first * span->step - span->pad;
    *end = last * span->step - span->pad + (span->taps - 1) * span->dilation + 1;
    if (*begin < 0) *begin = 0;
    if (*end > span->in_length) *end = span->in_length;
    if (*begin > *end) *begin = *end;
    work->reach.begin = *begin;
    work->reach.end = *end;
    for (int64_t q = *begin; q < *end; q++)
        for (int64_t j = 0; j < n; j++)
            work->reach.tap[(q - *begin) * n + j] = mg_span_tap(span, q, first + j * step);
}

void mg_exact_reach_above(const mg_stage *stage, int64_t q, int64_t begin, int64_t end, int64_t lines, int32_t *tap)
{
    for (int64_t o = begin; o < end; o++) {
        int64_t first, n = mg_pooling_first(&stage->pooling, o, &first);
        for (int64_t j = 0; j < lines; j++)
            *tap++ = j < n ? mg_span_tap(&stage->span, q, first + j * stage->pooling.dilation) : -1;
    }
}

/* --- room --- */

/* The next n items of a block of room; only counted when there is no block. */
static void *take(char *room, size_t *at, size_t n, size_t size)
{
    void *place = room != NULL ? room + *at : NULL;
    *at += (n * size + MG_ALIGNMENT - 1) / MG_ALIGNMENT * MG_ALIGNMENT;
    return place;
}

static void lay_out_kinks(const mg_exact *exact, size_t number, char *room, size_t *at, mg_kinks *kinks)
{
    size_t n_kinks = (size_t)exact->n_kinks, n_entries = (size_t)exact->n_entries + MG_LANES;
    kinks->time = take(room, at, n_kinks, sizeof *kinks->time);
    kinks->position = take(room, at, n_kinks, sizeof *kinks->position);
    kinks->begin = take(room, at, n_entries, sizeof *kinks->begin);
    kinks->first = take(room, at, (size_t)exact->max_length + 1, sizeof *kinks->first);
    kinks->index = take(room, at, n_entries, sizeof *kinks->index);
    kinks->value = take(room, at, n_entries, number);
}

static size_t lay_out(const mg_exact *exact, char *room, mg_exact_work *work)
{
    const mg_plan *plan = exact->plan;
    const mg_chain *chain = exact->chain;
    size_t number = mg_number_size(plan->precision), at = 0;
    size_t n_kinks = (size_t)exact->n_kinks, n_events = (size_t)exact->n_events;
    size_t max_size = (size_t)plan->max_size;
    const mg_stage *second = &exact->stage[1];
    size_t n_second = exact->n_gated > 0 ? (size_t)(second->n_out * chain->stride[second->z]) : 0;
    *work = (mg_exact_work){0};
    lay_out_kinks(exact, number, room, &at, &work->kinks[0]);
    lay_out_kinks(exact, number, room, &at, &work->kinks[1]);
    work->events.list = take(room, &at, n_events, sizeof *work->events.list);
    work->events.room = take(room, &at, n_events, sizeof *work->events.room);
    work->events.begin = take(room, &at, exact->n_event_positions, sizeof *work->events.begin);
    work->states.initial = take(room, &at, exact->n_states, sizeof *work->states.initial);
    work->moments.list = take(room, &at, n_kinks + n_events, sizeof *work->moments.list);
    work->moments.room = take(room, &at, n_kinks + n_events, sizeof *work->moments.room);
    work->moments.bucket = take(room, &at, 2 * (n_kinks + n_events) + 1, sizeof *work->moments.bucket);
    work->responses.dt = take(room, &at, n_kinks + 1, sizeof *work->responses.dt);
    work->responses.row =
        take(room, &at, (size_t)(exact->n_responses / MG_LANES + exact->max_window), sizeof *work->responses.row);
    work->responses.number = take(room, &at, (size_t)exact->n_responses, number);
    work->responses.chunk = take(room, &at, (size_t)exact->max_inputs, sizeof *work->responses.chunk);
    work->responses.ramp = take(room, &at, (size_t)exact->max_reach, sizeof *work->responses.ramp);
    work->reach.tap = take(room, &at, (size_t)exact->max_reach, sizeof *work->reach.tap);
    work->reach.above = take(room, &at, (size_t)exact->max_above, sizeof *work->reach.above);
    work->states.then = take(room, &at, exact->n_states, sizeof *work->states.then);
    work->down.multiplier = take(room, &at, exact->n_states, number);
    work->down.change = take(room, &at, exact->n_states, number);
    work->down.moment_sum = take(room, &at, n_second, number);
    work->down.paid = take(room, &at, n_second, number);
    work->down.settled = take(room, &at, n_second * (size_t)second->pooling.kernel, number);
    work->down.due = take(room, &at, n_events, number);
    work->states.here = take(room, &at, (size_t)exact->max_window, sizeof *work->states.here);
    work->states.followed = take(room, &at, (size_t)exact->max_window, sizeof *work->states.followed);
    work->states.changed = take(room, &at, (size_t)exact->max_window + MG_LANES, sizeof *work->states.changed);
    work->states.now = take(room, &at, (size_t)exact->max_window, sizeof *work->states.now);
    work->window.value = take(room, &at, (size_t)exact->max_window, number);
    work->window.slope = take(room, &at, (size_t)exact->max_window, number);
    work->window.delta = take(room, &at, (size_t)exact->max_window, number);
    work->window.few = take(room, &at, 2 * (size_t)exact->max_window, number);
    work->lines.start = take(room, &at, max_size, number);
    work->lines.line = take(room, &at, max_size, number);
    work->lines.slope_out = take(room, &at, max_size, number);
    work->lines.slope_z = take(room, &at, max_size, number);
    work->lines.integral = take(room, &at, max_size, number);
    work->clock.time = take(room, &at, n_kinks + 2, sizeof *work->clock.time);
    work->clock.score = take(room, &at, n_kinks + 2, sizeof *work->clock.score);
    work->clock.shown = take(room, &at, n_kinks + 2, sizeof *work->clock.shown);
    return at;
}

size_t mg_exact_bytes(const mg_exact *exact)
{
    mg_exact_work work;
    return lay_out(exact, NULL, &work) + MG_ALIGNMENT;
}

/* --- the probability's clock --- */

static double logistic(double f)
{
    return f >= 0.0 ? 1.0 / (1.0 + exp(-f)) : exp(f) / (1.0 + exp(f));
}

/* p(b) - p(a) = p(b) (1 - p(a)) (1 - exp(a - b)), which does not cancel. */
double mg_exact_score_slope(double a, double b)
{
    double low = fmin(a, b), high = fmax(a, b), d = high - low;
    return logistic(high) * logistic(-low) * (d > 0.0 ? -expm1(-d) / d : 1.0);
}

/* The clock at each kink of the score, `n` of them with the slab's ends. */
static int64_t wind_clock(const mg_exact *exact, mg_exact_work *work, double begin, double end, double score,
                          double slope)
{
    const mg_kinks *kinks = &work->kinks[(exact->n_stages - 1) % 2];
    int64_t n = 0;
    double clock = 0.0, t = begin;
    for (int64_t k = 0; k <= kinks->n_kinks; k++) {
        work->clock.time[n] = t;
        work->clock.score[n] = score;
        work->clock.shown[n++] = clock;
        double next = k < kinks->n_kinks ? kinks->time[k] : end, rise = (next - t) * slope;
        clock += (next - t) * mg_exact_score_slope(score, score + rise);
        score += rise;
        t = next;
        for (int32_t e = kinks->begin[k]; k < kinks->n_kinks && e < kinks->begin[k + 1]; e++)
            if (kinks->index[e] == 0)
                slope += exact->plan->precision == MG_SINGLE ? (double)((const float *)kinks->value)[e]
                                                             : ((const double *)kinks->value)[e];
    }
    work->clock.time[n] = t;
    work->clock.score[n] = score;
    work->clock.shown[n++] = clock;
    return n;
}

static double read_clock(const mg_exact_work *work, int64_t n, double t)
{
    int64_t low = 0, high = n - 1;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (work->clock.time[middle] <= t)
            low = middle;
        else
            high = middle;
    }
    double length = work->clock.time[high] - work->clock.time[low], a = work->clock.score[low];
    if (!(length > 0.0)) return work->clock.shown[low];
    double b = a + (work->clock.score[high] - a) * (t - work->clock.time[low]) / length;
    return work->clock.shown[low] + (t - work->clock.time[low]) * mg_exact_score_slope(a, b);
}

double mg_exact_warp(const mg_exact *exact, mg_exact_work *work, double begin, double end, double score, double slope)
{
    int64_t n = wind_clock(exact, work, begin, end, score, slope);
    for (int64_t e = 0; e < work->events.n; e++)
        work->events.list[e].time = read_clock(work, n, work->events.list[e].time);
    return work->clock.shown[n - 1];
}

/* --- slabs --- */

/* A linear score has one gradient. */
static void constant_gradient(mg_pass *pass, const double *x, const double *reference, bool probability, double *mean)
{
    double f = mg_pass_forward(pass, reference), g = mg_pass_forward(pass, x);
    mg_pass_backward(pass, &mg_rule_gradient, mean);
    for (int64_t i = 0; probability && i < pass->plan->graph->length * 4; i++)
        mean[i] *= mg_exact_score_slope(f, g);
}

/* Above the last gate that is followed everything passes. */
static void let_pass(const mg_exact *exact, mg_exact_work *work)
{
    for (size_t s = exact->n_gated; s < exact->n_stages; s++) {
        const mg_stage *stage = &exact->stage[s];
        memset(work->states.initial + stage->state_at, 0,
               (size_t)(stage->n_out * exact->chain->stride[stage->z]) * sizeof *work->states.initial);
        memset(work->events.begin + stage->event_at, 0, (size_t)(stage->n_out + 1) * sizeof *work->events.begin);
    }
}

void mg_exact_mean_gradient(const mg_exact *exact, mg_pass *pass, const double *x, const double *reference,
                            bool probability, void *room, double *mean)
{
    bool single = exact->plan->precision == MG_SINGLE;
    double thinnest = single ? THINNEST_SINGLE : THINNEST_DOUBLE, width = 1.0;
    mg_exact_work work;
    if (exact->n_gated == 0) {
        constant_gradient(pass, x, reference, probability, mean);
        return;
    }
    lay_out(exact, (char *)room + (MG_ALIGNMENT - (uintptr_t)room % MG_ALIGNMENT) % MG_ALIGNMENT, &work);
    work.n_macs = pass->tools.n_macs;
    (single ? mg_exact_lines_single : mg_exact_lines_double)(exact, pass, &work, x, reference);
    let_pass(exact, &work);
    for (double begin = 0.0, end; begin < 1.0; begin = end) {
        end = fmin(begin + width, 1.0);
        while (!(single ? mg_exact_slab_single : mg_exact_slab_double)(exact, pass, &work, begin, end, probability)) {
            if (width <= thinnest) {
                (single ? mg_exact_point_single : mg_exact_point_double)(exact, pass, &work, 0.5 * (begin + end),
                                                                         end - begin, probability);
                work.load = 0.0;
                break;
            }
            width *= 0.5;
            end = fmin(begin + width, 1.0);
        }
        if (work.load < 0.3) width *= 2.0;
    }
    (single ? mg_exact_finish_single : mg_exact_finish_double)(exact, pass, &work, mean);
}

/* --- the plain way --- */

/* The states of all gates of the last forward pass, as one number. */
static uint64_t pattern(const mg_pass *pass)
{
    const mg_chain *chain = pass->plan->chain;
    uint64_t hash = 0;
    for (size_t l = 0; l < chain->n_links; l++) {
        const mg_link *link = &chain->link[l];
        const double *z = mg_pass_value_of(pass, MG_OF_WINDOW, l);
        for (int64_t i = 0; link->rectifier && i < chain->size[l]; i++)
            hash = mg_mix(hash, z[i] > 0.0);
        for (int64_t i = 0; link->choice && i < chain->size[l + 1]; i++)
            hash = mg_mix(hash, (uint64_t)mg_pass_winner_of(pass, MG_OF_WINDOW, l)[i]);
    }
    return hash;
}

typedef struct {
    mg_pass *pass;
    const double *x, *reference;
    bool probability;
    double *point, *gradient, *mean;
} halving;

static double go_to(const halving *h, double t)
{
    for (int64_t i = 0; i < h->pass->plan->graph->length * 4; i++)
        h->point[i] = h->reference[i] + t * (h->x[i] - h->reference[i]);
    return mg_pass_forward(h->pass, h->point);
}

static void halve(const halving *h, double a, double b, uint64_t at_a, uint64_t at_b)
{
    double middle = 0.5 * (a + b);
    if (at_a != at_b && b - a > 0x1p-50) {
        go_to(h, middle);
        uint64_t at_middle = pattern(h->pass);
        halve(h, a, middle, at_a, at_middle);
        halve(h, middle, b, at_middle, at_b);
        return;
    }
    double weight = b - a;
    if (h->probability) weight *= mg_exact_score_slope(go_to(h, a), go_to(h, b));
    go_to(h, middle);
    mg_pass_backward(h->pass, &mg_rule_gradient, h->gradient);
    for (int64_t i = 0; i < h->pass->plan->graph->length * 4; i++)
        h->mean[i] += weight * h->gradient[i];
}

void mg_exact_mean_gradient_ref(mg_pass *pass, const double *x, const double *reference, bool probability,
                                double *scratch, double *mean)
{
    int64_t n = pass->plan->graph->length * 4;
    halving h = {pass, x, reference, probability, scratch, scratch + n, mean};
    memset(mean, 0, (size_t)n * sizeof *mean);
    go_to(&h, 0.0);
    uint64_t at_begin = pattern(pass);
    go_to(&h, 1.0);
    halve(&h, 0.0, 1.0, at_begin, pattern(pass));
}
