/* exact.c  mean gradients along straight paths without quadrature (exact.h): the stages of a network, the room they
 * need, slabs, and the plain way */
#include "src/network/exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/network/exact_work.h"

/* Kinks are many where layers are wide, so room is given by the size of the largest activation; a slab that needs more
 * is halved. Halving ends where a slab is as thin as the rounding of its times: its gradient is then taken at its
 * middle. */
enum { ENTRIES_A_NUMBER = 8, VALUES_A_NUMBER = 128, LEAST_ENTRIES = 1 << 16 };
#define THINNEST_SINGLE 0x1p-22
#define THINNEST_DOUBLE 0x1p-46

/* --- stages --- */

static bool is_gate(const mg_layer *layer)
{
    return layer->kind == MG_RELU || layer->kind == MG_MAX_POOL;
}

/* The map of a stage that begins at activation `in`; none when a gate comes first. */
static void find_map(const mg_network *network, size_t in, mg_stage *stage)
{
    const mg_layer *layer = &network->layer[in];
    stage->in = stage->z = in;
    stage->span = (mg_span){.taps = 1, .step = 1, .dilation = 1, .in_length = layer->in_length};
    if (is_gate(layer)) return;
    stage->layer = layer;
    stage->z = in + 1;
    stage->span.taps = layer->kernel;
    stage->span.step = layer->stride;
    stage->span.dilation = layer->dilation;
    stage->span.pad = layer->pad;
}

/* ReLU and max pooling next to each other, in either order, are one gate: both keep the order of numbers. */
static void find_gate(const mg_network *network, mg_stage *stage)
{
    const mg_layer *pool = NULL;
    size_t l = stage->z;
    for (; l < network->n_layers && is_gate(&network->layer[l]); l++) {
        if (network->layer[l].kind == MG_RELU && !stage->with_relu)
            stage->with_relu = true;
        else if (network->layer[l].kind == MG_MAX_POOL && pool == NULL)
            pool = &network->layer[l];
        else
            break;
    }
    stage->out = l;
    stage->gated = l > stage->z;
    stage->n_out = network->layer[l - 1].out_length;
    stage->channels = network->layer[l - 1].out_channels;
    int64_t length = pool != NULL ? pool->in_length : stage->n_out;
    stage->pooling = (mg_pooling){.kernel = 1, .step = 1, .dilation = 1, .in_length = length};
    if (pool != NULL)
        stage->pooling = (mg_pooling){.kernel = pool->kernel,
                                      .step = pool->stride,
                                      .dilation = pool->dilation,
                                      .pad = pool->pad,
                                      .in_length = pool->in_length};
}

static size_t first_gate(const mg_network *network)
{
    size_t l = 0;
    while (l < network->n_layers && !is_gate(&network->layer[l]))
        l++;
    return l;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t window_of(const mg_stage *stage)
{
    return stage->pooling.kernel < stage->pooling.in_length ? stage->pooling.kernel : stage->pooling.in_length;
}

/* A window's inputs are no more than the layer has, nor than all of its taps together. */
static void measure(mg_exact *exact, const mg_stage *stage)
{
    const mg_engine *engine = exact->engine;
    int64_t window = window_of(stage), stride = engine->stride[stage->z];
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
    const mg_network *network = exact->engine->network;
    size_t l = first_gate(network);
    while (l < network->n_layers) {
        mg_stage *stage = &exact->stage[exact->n_stages++];
        *stage = (mg_stage){.state_at = exact->n_states, .event_at = exact->n_event_positions};
        find_map(network, l, stage);
        find_gate(network, stage);
        measure(exact, stage);
        if (stage->gated) exact->n_gated = exact->n_stages;
        l = stage->out;
    }
}

static size_t number_size(const mg_exact *exact)
{
    return exact->engine->precision == MG_SINGLE ? sizeof(float) : sizeof(double);
}

static void put(const mg_exact *exact, void *array, int64_t at, double value)
{
    if (exact->engine->precision == MG_SINGLE)
        ((float *)array)[at] = (float)value;
    else
        ((double *)array)[at] = value;
}

/* How much output c of a stage's map moves at most when the channels `lane`, lane + MG_LANES ... of one of its inputs
 * move by a vector of length 1. A little more, for rounding. */
static double norm_of(const mg_stage *stage, int64_t tap, int64_t c, int64_t lane)
{
    const mg_layer *layer = stage->layer;
    double sum = 0.0;
    if (layer != NULL && layer->kind == MG_LINEAR) {
        for (int64_t i = lane; i < layer->in_channels; i += MG_LANES) {
            double weight = layer->weight[(c * layer->in_channels + i) * layer->kernel + tap];
            sum += weight * weight;
        }
        return 1.001 * sqrt(sum);
    }
    if (c % MG_LANES != lane) return 0.0;
    if (layer == NULL) return 1.001;
    if (layer->kind == MG_AFFINE) return 1.001 * fabs(layer->weight[c]);
    for (int64_t p = 0; p < layer->out_length; p++)
        sum = fmax(sum, 1.0 / layer->divisor[p]);
    return 1.001 * sum;
}

static mg_status copy_rows(mg_exact *exact, const mg_layer *layer, int64_t stride, mg_error *err)
{
    size_t n = (size_t)(layer->out_channels * layer->kernel * stride);
    mg_status status = mg_alloc_aligned(&exact->row, n, number_size(exact), err);
    if (status != MG_OK) return status;
    for (int64_t c = 0; c < layer->out_channels; c++)
        for (int64_t k = 0; k < layer->kernel; k++)
            for (int64_t i = 0; i < layer->in_channels; i++) {
                double weight = layer->weight[(c * layer->in_channels + i) * layer->kernel + k];
                put(exact, exact->row, (c * layer->kernel + k) * stride + i, weight);
            }
    return MG_OK;
}

/* The last gate's map, and what goes into it. */
static mg_status measure_last(mg_exact *exact, mg_error *err)
{
    const mg_engine *engine = exact->engine;
    const mg_stage *stage = &exact->stage[exact->n_gated - 1];
    exact->tracked = exact->n_gated > 1 ? exact->n_gated - 2 : 0;
    size_t in = exact->stage[exact->tracked].out;
    int64_t stride = engine->stride[stage->z], taps = stage->span.taps;
    int64_t most = larger(VALUES_A_NUMBER * engine->max_size, LEAST_ENTRIES);
    exact->n_knots = larger(most, 4 * engine->size[in]) / engine->stride[in];
    exact->n_weights = engine->size[in];
    if (exact->n_gated == 1) return MG_OK;
    exact->n_weights = larger(exact->n_weights, window_of(stage) * taps * engine->stride[in]);
    exact->n_ends = (MG_STRETCHES + 1) * engine->size[stage->z];
    mg_status status = mg_alloc_aligned(&exact->norm, (size_t)(taps * stride * MG_LANES), number_size(exact), err);
    if (status != MG_OK) return status;
    for (int64_t k = 0; k < taps; k++)
        for (int64_t c = 0; c < stage->channels; c++)
            for (int64_t i = 0; i < MG_LANES; i++)
                put(exact, exact->norm, (c * taps + k) * MG_LANES + i, norm_of(stage, k, c, i));
    if (stage->layer == NULL || stage->layer->kind != MG_LINEAR) return MG_OK;
    return copy_rows(exact, stage->layer, engine->stride[in], err);
}

mg_status mg_exact_create(const mg_engine *engine, mg_exact **ret, mg_error *err)
{
    mg_exact *exact = NULL;
    mg_status status = mg_alloc(&exact, 1, sizeof *exact, err);
    if (status != MG_OK) return status;
    exact->engine = engine;
    status = mg_alloc(&exact->stage, engine->network->n_layers, sizeof *exact->stage, err);
    if (status != MG_OK) {
        mg_exact_destroy(exact);
        return status;
    }
    find_stages(exact);
    if (exact->n_gated > 0) status = measure_last(exact, err);
    if (status != MG_OK) {
        mg_exact_destroy(exact);
        return status;
    }
    exact->n_entries = larger(ENTRIES_A_NUMBER * engine->max_size, LEAST_ENTRIES);
    if (engine->precision == MG_SINGLE) exact->n_responses = larger(4 * exact->max_window, LEAST_ENTRIES * 2);
    exact->n_kinks = exact->n_events = larger(engine->max_size, LEAST_ENTRIES / 4);
    exact->n_looks = larger(4 * exact->max_window, LEAST_ENTRIES);
    *ret = exact;
    return MG_OK;
}

void mg_exact_destroy(mg_exact *exact)
{
    if (exact == NULL) return;
    free(exact->stage);
    free(exact->norm);
    free(exact->row);
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

void mg_exact_reach(const mg_stage *stage, int64_t first, int64_t n, mg_exact_work *work, int64_t *begin, int64_t *end)
{
    const mg_span *span = &stage->span;
    int64_t step = stage->pooling.dilation, last = first + (n - 1) * step;
    *begin = first * span->step - span->pad;
    *end = last * span->step - span->pad + (span->taps - 1) * span->dilation + 1;
    if (*begin < 0) *begin = 0;
    if (*end > span->in_length) *end = span->in_length;
    if (*begin > *end) *begin = *end;
    work->reach_begin = *begin;
    work->reach_end = *end;
    for (int64_t q = *begin; q < *end; q++)
        for (int64_t j = 0; j < n; j++)
            work->reach[(q - *begin) * n + j] = mg_span_tap(span, q, first + j * step);
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

static void lay_out_track(const mg_exact *exact, size_t number, char *room, size_t *at, mg_track *track)
{
    const mg_engine *engine = exact->engine;
    size_t in = exact->stage[exact->tracked].out, stride = (size_t)engine->stride[in], size = (size_t)engine->size[in];
    size_t length = size / stride, n_knots = (size_t)exact->n_knots;
    track->first = take(room, at, length, sizeof *track->first);
    track->time = take(room, at, n_knots, sizeof *track->time);
    track->value = take(room, at, n_knots * stride, number);
    track->mark = take(room, at, (MG_SLICES + 1) * size, number);
    track->knot = take(room, at, (MG_SLICES + 1) * length, sizeof *track->knot);
    track->event = take(room, at, (MG_SLICES + 1) * length, sizeof *track->event);
    track->bend = take(room, at, 2 * MG_SLICES * MG_LANES * length, number);
}

static size_t lay_out(const mg_exact *exact, char *room, mg_exact_work *work)
{
    const mg_engine *engine = exact->engine;
    size_t number = engine->precision == MG_SINGLE ? sizeof(float) : sizeof(double), at = 0;
    size_t n_kinks = (size_t)exact->n_kinks, n_events = (size_t)exact->n_events;
    size_t n_moments = (size_t)larger(exact->n_kinks, exact->n_knots) + n_events + MG_SLICES;
    size_t max_size = (size_t)engine->max_size;
    *work = (mg_exact_work){0};
    lay_out_kinks(exact, number, room, &at, &work->kinks[0]);
    lay_out_kinks(exact, number, room, &at, &work->kinks[1]);
    work->event = take(room, &at, n_events, sizeof *work->event);
    work->event_room = take(room, &at, n_events, sizeof *work->event_room);
    work->first_event = take(room, &at, exact->n_event_positions, sizeof *work->first_event);
    work->initial = take(room, &at, exact->n_states, sizeof *work->initial);
    work->moment = take(room, &at, n_moments, sizeof *work->moment);
    work->moment_room = take(room, &at, n_moments, sizeof *work->moment_room);
    work->bucket = take(room, &at, 2 * n_moments + 1, sizeof *work->bucket);
    work->dt = take(room, &at, n_kinks + 1, sizeof *work->dt);
    work->row = take(room, &at, (size_t)(exact->n_responses / MG_LANES + exact->max_window), sizeof *work->row);
    work->response = take(room, &at, (size_t)exact->n_responses, number);
    work->chunk = take(room, &at, (size_t)exact->max_inputs, sizeof *work->chunk);
    work->ramp = take(room, &at, (size_t)exact->max_reach, sizeof *work->ramp);
    work->reach = take(room, &at, (size_t)exact->max_reach, sizeof *work->reach);
    work->reach_above = take(room, &at, (size_t)exact->max_above, sizeof *work->reach_above);
    work->due = take(room, &at, n_events, number);
    work->state = take(room, &at, (size_t)exact->max_window, sizeof *work->state);
    work->followed = take(room, &at, (size_t)exact->max_window, sizeof *work->followed);
    work->changed = take(room, &at, (size_t)exact->max_window + MG_LANES, sizeof *work->changed);
    work->now = take(room, &at, (size_t)exact->max_window, sizeof *work->now);
    work->value = take(room, &at, (size_t)exact->max_window, number);
    work->slope = take(room, &at, (size_t)exact->max_window, number);
    work->delta = take(room, &at, (size_t)exact->max_window, number);
    work->few = take(room, &at, 2 * (size_t)exact->max_window, number);
    work->start = take(room, &at, max_size, number);
    work->line = take(room, &at, max_size, number);
    work->slope_out = take(room, &at, max_size, number);
    work->slope_z = take(room, &at, max_size, number);
    work->integral = take(room, &at, max_size, number);
    work->clock_time = take(room, &at, n_moments + n_events, sizeof *work->clock_time);
    work->clock_score = take(room, &at, n_moments + n_events, sizeof *work->clock_score);
    work->clock = take(room, &at, n_moments + n_events, sizeof *work->clock);
    lay_out_track(exact, number, room, &at, &work->track);
    work->ends = take(room, &at, (size_t)exact->n_ends, number);
    work->weight = take(room, &at, (size_t)exact->n_weights, number);
    work->look = take(room, &at, (size_t)exact->n_looks, number);
    work->node = take(room, &at, (size_t)(exact->n_knots + 2 * exact->max_inputs), sizeof *work->node);
    work->first_node = take(room, &at, (size_t)exact->max_inputs, sizeof *work->first_node);
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

static void wind_clock(mg_exact_work *work)
{
    const double *time = work->clock_time, *score = work->clock_score;
    work->clock[0] = 0.0;
    for (int64_t i = 1; i < work->n_clock; i++)
        work->clock[i] = work->clock[i - 1] + (time[i] - time[i - 1]) * mg_exact_score_slope(score[i - 1], score[i]);
}

static double read_clock(const mg_exact_work *work, double t)
{
    int64_t low = 0, high = work->n_clock - 1;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (work->clock_time[middle] <= t)
            low = middle;
        else
            high = middle;
    }
    double length = work->clock_time[high] - work->clock_time[low], a = work->clock_score[low];
    if (!(length > 0.0)) return work->clock[low];
    double b = a + (work->clock_score[high] - a) * (t - work->clock_time[low]) / length;
    return work->clock[low] + (t - work->clock_time[low]) * mg_exact_score_slope(a, b);
}

double mg_exact_warp(mg_exact_work *work)
{
    wind_clock(work);
    for (int64_t e = 0; e < work->n_events; e++)
        work->event[e].time = read_clock(work, work->event[e].time);
    return work->clock[work->n_clock - 1];
}

/* --- slabs --- */

/* A linear score has one gradient. */
static void constant_gradient(mg_pass *pass, const double *x, const double *reference, bool probability, double *mean)
{
    double f = mg_pass_forward(pass, reference), g = mg_pass_forward(pass, x);
    mg_pass_backward(pass, &mg_rule_gradient, mean);
    for (int64_t i = 0; probability && i < pass->engine->network->length * 4; i++)
        mean[i] *= mg_exact_score_slope(f, g);
}

/* Above the last gate that is followed everything passes. */
static void let_pass(const mg_exact *exact, mg_exact_work *work)
{
    for (size_t s = exact->n_gated; s < exact->n_stages; s++) {
        const mg_stage *stage = &exact->stage[s];
        memset(work->initial + stage->state_at, 0,
               (size_t)(stage->n_out * exact->engine->stride[stage->z]) * sizeof *work->initial);
        memset(work->first_event + stage->event_at, 0, (size_t)(stage->n_out + 1) * sizeof *work->first_event);
    }
}

void mg_exact_mean_gradient(const mg_exact *exact, mg_pass *pass, const double *x, const double *reference,
                            bool probability, void *room, double *mean)
{
    bool single = exact->engine->precision == MG_SINGLE;
    double thinnest = single ? THINNEST_SINGLE : THINNEST_DOUBLE, width = 1.0;
    mg_exact_work work;
    if (exact->n_gated == 0) {
        constant_gradient(pass, x, reference, probability, mean);
        return;
    }
    lay_out(exact, (char *)room + (MG_ALIGNMENT - (uintptr_t)room % MG_ALIGNMENT) % MG_ALIGNMENT, &work);
    work.n_macs = single ? pass->n_macs : NULL;
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
    const mg_engine *engine = pass->engine;
    uint64_t hash = 0;
    for (size_t l = 0; l < engine->network->n_layers; l++) {
        mg_layer_kind kind = engine->network->layer[l].kind;
        const double *z = pass->activation[MG_SET_WINDOW][l];
        for (int64_t i = 0; kind == MG_RELU && i < engine->size[l]; i++)
            hash = mg_mix(hash, z[i] > 0.0);
        for (int64_t i = 0; kind == MG_MAX_POOL && i < engine->size[l + 1]; i++)
            hash = mg_mix(hash, (uint64_t)pass->winner[MG_SET_WINDOW][l][i]);
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
    for (int64_t i = 0; i < h->pass->engine->network->length * 4; i++)
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
    for (int64_t i = 0; i < h->pass->engine->network->length * 4; i++)
        h->mean[i] += weight * h->gradient[i];
}

void mg_exact_mean_gradient_ref(mg_pass *pass, const double *x, const double *reference, bool probability,
                                double *scratch, double *mean)
{
    int64_t n = pass->engine->network->length * 4;
    halving h = {pass, x, reference, probability, scratch, scratch + n, mean};
    memset(mean, 0, (size_t)n * sizeof *mean);
    go_to(&h, 0.0);
    uint64_t at_begin = pattern(pass);
    go_to(&h, 1.0);
    halve(&h, 0.0, 1.0, at_begin, pattern(pass));
}
