/* test_kernels_kinetic.c  the inner loops of exact integrated gradients against their definitions, to the last bit, each
 * instruction set of this machine, shapes at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_rows.h"

enum { N_RANDOM = 150 };

/* --- kinks --- */

/* n kinks with some entries each (index: channels) of the share given. */
static mg_kinks draw_kinks(gsl_rng *rng, int64_t n, int64_t channels, double share)
{
    int64_t room = n * padded(channels) + MG_LANES, n_entries = 0;
    mg_kinks kinks = {.n_kinks = n};
    kinks.time = allocate(n, sizeof *kinks.time);
    kinks.position = allocate(n, sizeof *kinks.position);
    kinks.begin = allocate(n + 1, sizeof *kinks.begin);
    kinks.index = allocate(room, sizeof *kinks.index);
    float *value = kinks.value = allocate(room, sizeof *value);
    for (int64_t k = 0; k < n; k++) {
        for (int64_t c = 0; c < channels; c++) {
            if (gsl_rng_uniform(rng) >= share) continue;
            kinks.index[n_entries] = (int32_t)c;
            value[n_entries++] = draw(rng);
        }
        kinks.begin[k + 1] = (int32_t)n_entries;
    }
    kinks.n_entries = n_entries;
    return kinks;
}

static void destroy_kinks(mg_kinks *kinks)
{
    free(kinks->time);
    free(kinks->position);
    free(kinks->begin);
    free(kinks->index);
    free(kinks->value);
}

/* A tap for each of n lines, none for some (-1). */
static int32_t *draw_taps(gsl_rng *rng, int64_t n, int64_t taps)
{
    int32_t *tap = allocate(n, sizeof *tap);
    for (int64_t j = 0; j < n; j++)
        tap[j] = below(rng, 4) == 0 ? -1 : (int32_t)below(rng, taps);
    return tap;
}

static float weight_at(const rows_case *r, int64_t tap, int64_t channel, int64_t o)
{
    return r->plain[(tap * r->op.in_channels + channel) * r->op.out_stride + o];
}

/* sum + entries of a kink times their weights of output o */
static float add_entries(const rows_case *r, const mg_kinks *in, int64_t id, int64_t tap, int64_t o, bool fused,
                         float sum)
{
    const float *value = in->value;
    for (int32_t e = in->begin[id]; e < in->begin[id + 1]; e++)
        sum = multiply_add(fused, value[e], weight_at(r, tap, in->index[e], o), sum);
    return sum;
}

/* --- single operations with weights --- */

static void check_respond(gsl_rng *rng, const kernel_set *set, const rows_case *r)
{
    const mg_rows *op = &r->op;
    int64_t n_kinks = between(rng, 1, 6), begin = below(rng, n_kinks), end = between(rng, begin, n_kinks);
    int64_t n = between(rng, 1, 9), n_lines = 0;
    mg_kinks in = draw_kinks(rng, n_kinks, op->in_channels, draw_share(rng));
    int32_t *reach = draw_taps(rng, n, op->taps);
    for (int64_t j = 0; j < n; j++)
        n_lines += reach[j] >= 0;
    int64_t size = (end - begin) * n_lines * op->out_stride + MG_LANES;
    float *got = allocate_untouched(size), *wanted = allocate_untouched(size), *to = wanted;
    for (int64_t id = begin; id < end; id++)
        for (int64_t j = 0; j < n; j++)
            for (int64_t o = 0; o < op->out_stride && reach[j] >= 0; o++)
                *to++ = add_entries(r, &in, id, reach[j], o, set->fused, 0);
    assert_int_equal(set->kernels->kinetic->respond(op, &in, begin, end, reach, n, got), n_lines);
    check_bits(set, "respond", got, wanted, size);
    destroy_kinks(&in);
    free(reach);
    free(got);
    free(wanted);
}

/* Multipliers of outputs, (stride), with integrals of n lines. */
static mg_multiplier draw_multiplier(gsl_rng *rng, int64_t n, int64_t stride)
{
    int32_t *state = allocate(stride, sizeof *state);
    for (int64_t c = 0; c < stride; c++)
        state[c] = (int32_t)between(rng, -1, n - 1);
    return (mg_multiplier){stride,
                           draw_levels(rng, stride),
                           draw_levels(rng, stride),
                           draw_levels(rng, stride),
                           draw_levels(rng, n * stride),
                           state};
}

static void destroy_multiplier(mg_multiplier *m)
{
    free((void *)m->multiplier);
    free((void *)m->moment);
    free((void *)m->paid);
    free((void *)m->settled);
    free((void *)m->state);
}

static void check_answer(gsl_rng *rng, const kernel_set *set, const rows_case *r)
{
    const mg_rows *op = &r->op;
    int64_t n = between(rng, 1, 6), channel = below(rng, op->in_channels);
    int32_t *tap = draw_taps(rng, n, op->taps);
    mg_multiplier of = draw_multiplier(rng, n, op->out_stride);
    float time = draw(rng), lane[MG_LANES] = {0};
    for (int64_t c = 0; c < op->out_stride; c++) {
        float since = multiply_add(set->fused, time, of.multiplier[c], -of.moment[c]) - of.paid[c];
        for (int64_t j = 0; j < n; j++) {
            if (tap[j] < 0) continue;
            float integral = of.settled[j * of.stride + c] + (of.state[c] == j ? since : 0.0f);
            float *sum = &lane[c % MG_LANES];
            *sum = multiply_add(set->fused, integral, weight_at(r, tap[j], channel, c), *sum);
        }
    }
    float wanted = add_halves_ref(lane), got = set->kernels->kinetic->answer(op, tap, n, channel, time, &of);
    check_bits(set, "answer", &got, &wanted, 1);
    destroy_multiplier(&of);
    free(tap);
}

static void check_operator(gsl_rng *rng, const kernel_set *set, const shape *s)
{
    rows_case forward = create_rows(rng, s, true);
    check_respond(rng, set, &forward);
    check_answer(rng, set, &forward);
    destroy_rows(&forward);
}

static void test_operators(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (size_t k = 0; k < 3 * N_EDGES; k++)
            check_operator(rng, &set[s], &edges[k % N_EDGES]);
        for (int k = 0; k < N_RANDOM; k++) {
            shape random = draw_shape(rng);
            check_operator(rng, &set[s], &random);
        }
        gsl_rng_free(rng);
    }
}

/* --- courses --- */

typedef struct {
    int64_t n, stride, n_steps, n_events; /* lines a channel, channels, steps, events of all channels */
    bool with_relu;
    float *value, *slope, *few, *dt, *rows;
    const float **row;
    int32_t *state, *changed;
    int32_t *event; /* (stride, n_steps) the state that a channel takes at a step; -2: it keeps its own */
} way;

static void *copy(const void *from, int64_t n, size_t size)
{
    void *to = allocate(n, size);
    memcpy(to, from, (size_t)n * size);
    return to;
}

static way copy_way(const way *w)
{
    way c = *w;
    c.value = copy(w->value, w->n * w->stride, sizeof *w->value);
    c.slope = copy(w->slope, w->n * w->stride, sizeof *w->slope);
    c.state = copy(w->state, w->stride, sizeof *w->state);
    c.event = copy(w->event, w->stride * w->n_steps, sizeof *w->event);
    return c;
}

static void destroy_copy(way *w)
{
    free(w->value);
    free(w->slope);
    free(w->state);
    free(w->event);
}

/* The line that leads in channel c: the first of the highest, or -1. */
static int32_t leader(const way *w, int64_t c)
{
    int32_t best = 0;
    for (int32_t j = 1; j < w->n; j++)
        if (w->value[j * w->stride + c] > w->value[best * w->stride + c]) best = j;
    return w->with_relu && w->value[best * w->stride + c] <= 0 ? -1 : best;
}

static way draw_way(gsl_rng *rng, int64_t n, int64_t stride, int64_t n_steps)
{
    way w = {n, stride, n_steps, .with_relu = n == 1 || below(rng, 2) == 0};
    w.value = draw_levels(rng, n * stride);
    w.slope = draw_levels(rng, n * stride);
    w.few = allocate(2 * n * MG_LANES, sizeof *w.few);
    w.dt = allocate(n_steps, sizeof *w.dt);
    w.rows = draw_rows(rng, n * n_steps, stride, stride, draw_share(rng));
    w.row = allocate(n * n_steps, sizeof *w.row);
    w.state = allocate(stride, sizeof *w.state);
    w.changed = allocate(stride, sizeof *w.changed);
    w.event = allocate(stride * n_steps, sizeof *w.event);
    for (int64_t i = 0; i < n_steps; i++)
        w.dt[i] = 0.125f * (float)below(rng, 4);
    for (int64_t i = 0; i < n * n_steps; i++)
        w.row[i] = w.rows + below(rng, n * n_steps) * stride; /* rows may be shared */
    for (int64_t c = 0; c < stride; c++)
        w.state[c] = leader(&w, c);
    for (int64_t i = 0; i < stride * n_steps; i++)
        w.event[i] = -2;
    return w;
}

static void destroy_way(way *w)
{
    destroy_copy(w);
    free(w->few);
    free(w->dt);
    free(w->rows);
    free(w->row);
    free(w->changed);
}

/* Channel by channel, step by step: on for dt, then whoever leads now is followed, then slopes turn. */
static void follow_ref(way *w, bool fused)
{
    for (int64_t c = 0; c < w->stride; c++)
        for (int64_t i = 0; i < w->n_steps; i++) {
            float top = w->with_relu ? 0.0f : -INFINITY;
            for (int64_t j = 0; j < w->n; j++) {
                float *value = &w->value[j * w->stride + c];
                *value = multiply_add(fused, w->dt[i], w->slope[j * w->stride + c], *value);
                if (*value > top) top = *value;
            }
            float followed = w->state[c] < 0 ? 0 : w->value[w->state[c] * w->stride + c];
            if (top > followed) w->state[c] = w->event[c * w->n_steps + i] = leader(w, c);
            for (int64_t j = 0; j < w->n; j++)
                w->slope[j * w->stride + c] += w->row[i * w->n + j][c];
        }
}

static void follow_all(const kernel_set *set, way *w)
{
    mg_course course = {.n = w->n,
                        .stride = w->stride,
                        .with_relu = w->with_relu,
                        .value = w->value,
                        .slope = w->slope,
                        .few = w->few,
                        .state = w->state,
                        .n_steps = w->n_steps,
                        .dt = w->dt,
                        .row = w->row,
                        .changed = w->changed};
    while (set->kernels->kinetic->follow(&course)) {
        assert_true(course.n_changed > 0 && course.step < w->n_steps);
        for (int64_t i = 0; i < course.n_changed; i++) {
            int64_t c = w->changed[i];
            assert_int_equal(w->event[c * w->n_steps + course.step], -2); /* told once */
            w->state[c] = w->event[c * w->n_steps + course.step] = leader(w, c);
        }
    }
}

static void check_follow(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t stride, int64_t n_steps)
{
    way start = draw_way(rng, n, stride, n_steps), got = copy_way(&start), wanted = copy_way(&start);
    follow_all(set, &got);
    follow_ref(&wanted, set->fused);
    check_bits(set, "follow, values", got.value, wanted.value, n * stride);
    check_bits(set, "follow, slopes", got.slope, wanted.slope, n * stride);
    assert_memory_equal(got.state, wanted.state, (size_t)stride * sizeof *got.state);
    assert_memory_equal(got.event, wanted.event, (size_t)(stride * n_steps) * sizeof *got.event);
    destroy_copy(&got);
    destroy_copy(&wanted);
    destroy_way(&start);
}

static void test_follow(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_follow(rng, &set[s], 1, MG_LANES, 0);
        for (int64_t n = 1; n <= 7; n++)
            for (int64_t blocks = 1; blocks <= 9; blocks++) /* vectors of channels, in groups or alone */
                check_follow(rng, &set[s], n, MG_LANES * blocks, between(rng, 0, 12));
        for (int i = 0; i < N_RANDOM; i++)
            check_follow(rng, &set[s], between(rng, 1, 9), MG_LANES * between(rng, 1, 6), between(rng, 1, 20));
        gsl_rng_free(rng);
    }
}

/* Kinks of the steps begin .. end - 1 that have any, in room for room[0] kinks and room[1] entries. */
static void check_hand_on(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t stride, int64_t n_steps)
{
    way w = draw_way(rng, n, stride, n_steps);
    mg_course course = {.n = n, .stride = stride, .state = w.state, .row = w.row};
    int64_t begin = below(rng, n_steps), end = between(rng, begin, n_steps), n_kinks = 0, n_entries = 0;
    int64_t room[2] = {between(rng, 0, n_steps), stride * between(rng, 1, n_steps)};
    mg_kinks out = draw_kinks(rng, n_steps, stride, 0);
    mg_moment *moment = allocate(n_steps, sizeof *moment);
    out.n_kinks = out.n_entries = 0;
    for (int64_t i = 0; i < n_steps; i++)
        moment[i].time = gsl_rng_uniform(rng);
    bool fits = true, got = set->kernels->kinetic->hand_on(&course, begin, end, moment, 5, room, &out);
    for (int64_t i = begin; i < end && fits; i++) {
        int64_t before = n_entries;
        fits = n_kinks < room[0] && n_entries + stride <= room[1];
        for (int64_t c = 0; c < stride && fits; c++) {
            float change = w.state[c] < 0 ? 0 : w.row[i * n + w.state[c]][c];
            if (change == 0) continue;
            assert_true(out.index[n_entries] == c && ((float *)out.value)[n_entries] == change);
            n_entries++;
        }
        if (n_entries == before) continue;
        assert_true(out.time[n_kinks] == moment[i].time && out.position[n_kinks] == 5);
        assert_int_equal(out.begin[++n_kinks], n_entries);
    }
    assert_int_equal(got, fits);
    assert_int_equal(out.n_kinks, n_kinks);
    assert_int_equal(out.n_entries, n_entries);
    destroy_kinks(&out);
    destroy_way(&w);
    free(moment);
}

static void test_hand_on(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int i = 0; i < 2 * N_RANDOM; i++)
            check_hand_on(rng, &set[s], between(rng, 1, 6), MG_LANES * between(rng, 1, 6), between(rng, 1, 8));
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operators), cmocka_unit_test(test_follow),
                                       cmocka_unit_test(test_hand_on)};
    return cmocka_run_group_tests_name("kernels: kinetic", tests, NULL, NULL);
}
