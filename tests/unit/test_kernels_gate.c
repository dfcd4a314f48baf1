/* test_kernels_gate.c  gates along a path and single inputs of linear operators against their definitions, each instruction
 * set of this machine, shapes at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_rows.h"

enum { N_RANDOM = 300 };

/* --- gates --- */

static const mg_gate_state unset = 77;

static mg_gate_state *allocate_states(int64_t n)
{
    mg_gate_state *state = allocate(n, sizeof *state);
    for (int64_t i = 0; i < n; i++)
        state[i] = unset;
    return state;
}

static void check_states(const kernel_set *set, const char *what, const mg_gate_state *got, const mg_gate_state *wanted,
                         int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (got[i] != wanted[i])
            fail_msg("%s, %s: state %lld of %lld is %d, not %d", set->kernels->name, what, (long long)i, (long long)n,
                     got[i], wanted[i]);
}

/* A gate over lines. */
typedef struct {
    const kernel_set *set;
    mg_pooling pooling;
    bool with_relu;
    int64_t stride, n_in, n_outputs, n; /* numbers of the input; outputs, and numbers of them */
    float *start, *slope;
} gate;

static gate draw_gate(gsl_rng *rng, const kernel_set *set, mg_pooling pooling)
{
    gate g = {set, pooling, below(rng, 2) == 0, .stride = MG_LANES * between(rng, 1, 5)};
    g.n_in = pooling.in_length * g.stride;
    g.n_outputs = pooled_length(&pooling);
    g.n = g.n_outputs * g.stride;
    g.start = draw_levels(rng, g.n_in);
    g.slope = draw_levels(rng, g.n_in);
    return g;
}

static void destroy_gate(gate *g)
{
    free(g->start);
    free(g->slope);
}

/* The first position that output o takes of those that exist, in floats; number j of its window is further on. */
static int64_t place_of(const gate *g, int64_t o, int64_t j)
{
    int64_t p = o * g->pooling.step - g->pooling.pad;
    while (p < 0)
        p += g->pooling.dilation;
    p += j * g->pooling.dilation;
    return p < g->pooling.in_length ? p * g->stride : -1;
}

static bool is_taken(const gate *g, int64_t o, int64_t j)
{
    int64_t p = o * g->pooling.step - g->pooling.pad, n_before = 0;
    for (; p + n_before * g->pooling.dilation < 0; n_before++) {
    }
    return n_before + j < g->pooling.kernel && place_of(g, o, j) >= 0;
}

/* Output i and its state where inputs are value (n_in). */
static float gate_ref(const gate *g, const float *value, int64_t i, mg_gate_state *state)
{
    int64_t o = i / g->stride, c = i % g->stride;
    float best = value[place_of(g, o, 0) + c];
    *state = 0;
    for (int64_t j = 1; is_taken(g, o, j); j++) {
        float x = value[place_of(g, o, j) + c];
        if (!(x > best)) continue;
        best = x;
        *state = (mg_gate_state)j;
    }
    if (!g->with_relu) return best;
    if (best <= 0.0f) *state = -1;
    return positive_ref(best);
}

static float *line_at(const gate *g, float t)
{
    float *value = allocate(g->n_in, sizeof *value);
    for (int64_t i = 0; i < g->n_in; i++)
        value[i] = multiply_add(g->set->fused, t, g->slope[i], g->start[i]);
    return value;
}

static void check_follow(const gate *g, float t)
{
    float *value = line_at(g, t), *got = allocate_untouched(g->n), *wanted = allocate_untouched(g->n);
    mg_gate_state *state = allocate_states(g->n), *state_wanted = allocate_states(g->n);
    const mg_gate_kernels *kernels = g->set->kernels->gate;
    for (int64_t i = 0; i < g->n; i++)
        wanted[i] = gate_ref(g, value, i, &state_wanted[i]);
    kernels->follow(value, g->stride, &g->pooling, g->with_relu, g->n_outputs, got, state);
    check_bits(g->set, "follow", got, wanted, g->n);
    check_states(g->set, "follow", state, state_wanted, g->n);
    kernels->follow_line(g->start, g->slope, t, g->stride, &g->pooling, g->with_relu, g->n_outputs, got, state);
    check_bits(g->set, "follow_line", got, wanted, g->n);
    check_states(g->set, "follow_line", state, state_wanted, g->n);
    free(value);
    free(got);
    free(wanted);
    free(state);
    free(state_wanted);
}

/* --- movers --- */

static mg_movers create_movers(const gate *g)
{
    mg_movers movers = {.room = g->n};
    movers.place = allocate(g->n, sizeof *movers.place);
    movers.state = allocate(g->n, sizeof *movers.state);
    movers.start = allocate(g->pooling.kernel * g->n, sizeof *movers.start);
    movers.slope = allocate(g->pooling.kernel * g->n, sizeof *movers.slope);
    return movers;
}

static void destroy_movers(mg_movers *movers)
{
    free(movers->place);
    free(movers->state);
    free(movers->start);
    free(movers->slope);
}

/* Some lines that are nearly or quite like another of their channel, some that are nearly 0. */
static void draw_near(gsl_rng *rng, gate *g)
{
    for (int64_t i = g->stride; i < g->n_in; i++) {
        int64_t of = i - g->stride * between(rng, 1, i / g->stride);
        if (below(rng, 3) > 0) continue;
        g->start[i] = nextafterf(g->start[of], (float)between(rng, -1, 1) * INFINITY);
        g->slope[i] = below(rng, 2) == 0 ? g->slope[of] : nextafterf(g->slope[of], 9);
        if (below(rng, 4) == 0) g->slope[i] = -g->start[i];
    }
}

static void check_states_at(const gate *g, float t, const mg_gate_state *state)
{
    mg_gate_state *wanted = allocate_states(g->n);
    float *value = line_at(g, t);
    for (int64_t i = 0; i < g->n; i++)
        gate_ref(g, value, i, &wanted[i]);
    check_states(g->set, "movers", state, wanted, g->n);
    free(wanted);
    free(value);
}

static void apply_turns(const gate *g, const mg_movers *movers, const mg_turn *turn, int64_t n, mg_gate_state *state)
{
    for (int64_t j = 0; j < n; j++) {
        int64_t at = movers->place[turn[j].mover].position * g->stride + movers->place[turn[j].mover].channel;
        assert_true(j == 0 || turn[j].mover > turn[j - 1].mover);
        assert_int_equal(turn[j].before, state[at]);
        assert_int_not_equal(turn[j].now, state[at]);
        state[at] = turn[j].now;
    }
}

/* States all the way from one t to another are those at the first, with turns applied. */
static void check_movers(gsl_rng *rng, gate *g)
{
    enum { STEPS = 9 };
    float from = below(rng, 2) == 0 ? 0 : draw(rng), to = from + (float)below(rng, 4) / 2, ends[2] = {from, to};
    const mg_mover_kernels *kernels = g->set->kernels->movers;
    mg_movers movers = create_movers(g);
    mg_gate_state *state = allocate_states(g->n);
    mg_turn *turn[MG_SHARED];
    for (int m = 0; m < MG_SHARED; m++)
        turn[m] = allocate(g->n, sizeof *turn[m]);
    if (below(rng, 2) == 0) draw_near(rng, g);
    kernels->find(g->start, g->slope, ends, g->stride, &g->pooling, g->with_relu, g->n_outputs, state, &movers);
    check_states_at(g, from, state);
    for (int k = 0; k < STEPS; k += MG_SHARED) {
        float t[MG_SHARED];
        int64_t n[MG_SHARED];
        for (int m = 0; m < MG_SHARED; m++)
            t[m] = k + m == STEPS - 1 ? to : from + (to - from) * (float)(k + m) / (STEPS - 1);
        kernels->turn(&movers, t, g->pooling.kernel, g->with_relu, turn, n);
        for (int m = 0; m < MG_SHARED; m++) {
            apply_turns(g, &movers, turn[m], n[m], state);
            check_states_at(g, t[m], state);
        }
    }
    destroy_movers(&movers);
    free(state);
    for (int m = 0; m < MG_SHARED; m++)
        free(turn[m]);
}

/* Lines that are well apart, where few can turn: few are movers. */
static void test_few_movers(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        gate g = draw_gate(rng, &set[s], (mg_pooling){3, 3, 1, 0, 30});
        g.with_relu = true;
        for (int64_t i = 0; i < g.n_in; i++) {
            g.start[i] = (float)between(rng, -5, 5);
            g.slope[i] = i == 7 ? 20 : 0.25f; /* in one channel */
        }
        g.start[7] = -10;
        mg_movers movers = create_movers(&g);
        mg_gate_state *now = allocate_states(g.n);
        set[s].kernels->movers->find(g.start, g.slope, (float[]){0, 1}, g.stride, &g.pooling, true, g.n_outputs, now,
                                     &movers);
        for (int64_t m = 0; m < movers.n; m++) {
            bool crosses_zero = false, first = movers.place[m].position == 0 && movers.place[m].channel == 7;
            for (int64_t j = 0; j < 3; j++) /* a line that begins at 0 is on, later */
                crosses_zero |= g.start[(movers.place[m].position * 3 + j) * g.stride + movers.place[m].channel] == 0;
            assert_true(first || crosses_zero);
        }
        assert_true(movers.n > 0);
        destroy_movers(&movers);
        destroy_gate(&g);
        free(now);
        gsl_rng_free(rng);
    }
}

/* --- states --- */

/* Any states, not only those of values. */
static mg_gate_state *draw_states(gsl_rng *rng, const gate *g)
{
    mg_gate_state *state = allocate_states(g->n);
    for (int64_t i = 0; i < g->n; i++) {
        state[i] = (mg_gate_state)between(rng, -1, g->pooling.kernel - 1);
        if (state[i] > 0 && !is_taken(g, i / g->stride, state[i])) state[i] = 0;
    }
    return state;
}

static void check_differ(gsl_rng *rng, const gate *g)
{
    mg_gate_state *before = draw_states(rng, g), *now = draw_states(rng, g);
    double share = draw_share(rng);
    for (int64_t i = 0; i < g->n; i++)
        if (gsl_rng_uniform(rng) >= share) now[i] = before[i];
    mg_gate_switch *changed = allocate(g->n, sizeof *changed);
    int64_t n = g->set->kernels->gate->differ(before, now, g->stride, g->n_outputs, changed), n_wanted = 0;
    for (int64_t i = 0; i < g->n; i++) {
        if (before[i] == now[i]) continue;
        assert_true(n_wanted < n);
        assert_int_equal(changed[n_wanted].position, i / g->stride);
        assert_int_equal(changed[n_wanted++].channel, i % g->stride);
    }
    assert_int_equal(n, n_wanted);
    free(before);
    free(now);
    free(changed);
}

static void check_send(gsl_rng *rng, const gate *g)
{
    mg_gate_state *state = draw_states(rng, g);
    float *multiplier = draw_levels(rng, g->n), weight = draw(rng), *got = draw_levels(rng, g->n_in);
    float *wanted = allocate(g->n_in, sizeof *wanted);
    memcpy(wanted, got, (size_t)g->n_in * sizeof *got);
    g->set->kernels->gate->send(multiplier, weight, state, g->stride, &g->pooling, g->n_outputs, got);
    for (int64_t i = 0; i < g->n; i++)
        for (int64_t j = 0; is_taken(g, i / g->stride, j); j++) { /* nothing added is added, too: it makes 0 of -0 */
            float share = weight * multiplier[i];
            wanted[place_of(g, i / g->stride, j) + i % g->stride] += state[i] == j ? share : 0.0f;
        }
    check_bits(g->set, "send", got, wanted, g->n_in);
    free(state);
    free(multiplier);
    free(got);
    free(wanted);
}

static void check_pick(gsl_rng *rng, const gate *g)
{
    mg_gate_state *state = draw_states(rng, g);
    float *got = allocate_untouched(g->n), *wanted = allocate(g->n, sizeof *wanted);
    g->set->kernels->gate->pick(g->start, state, g->stride, &g->pooling, g->n_outputs, got);
    for (int64_t i = 0; i < g->n; i++)
        if (state[i] >= 0) wanted[i] = g->start[place_of(g, i / g->stride, state[i]) + i % g->stride];
    check_bits(g->set, "pick", got, wanted, g->n);
    free(state);
    free(got);
    free(wanted);
}

static void check_gate(gsl_rng *rng, const kernel_set *set, mg_pooling pooling)
{
    gate g = draw_gate(rng, set, pooling);
    check_follow(&g, 0.25f * (float)below(rng, 5));
    check_follow(&g, draw(rng));
    check_differ(rng, &g);
    check_send(rng, &g);
    check_pick(rng, &g);
    check_movers(rng, &g);
    destroy_gate(&g);
}

static void test_gates(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int i = 0; i < 10; i++) {
            check_gate(rng, &set[s], (mg_pooling){1, 1, 1, 0, 1});
            check_gate(rng, &set[s], (mg_pooling){1, 1, 1, 0, 20});   /* a ReLU alone */
            check_gate(rng, &set[s], (mg_pooling){9, 1, 1, 0, 9});    /* kernel = length */
            check_gate(rng, &set[s], (mg_pooling){3, 3, 1, 1, 11});   /* a tail that is cut, a head of two */
            check_gate(rng, &set[s], (mg_pooling){40, 7, 1, 20, 50}); /* many to choose from */
        }
        for (int i = 0; i < N_RANDOM; i++)
            check_gate(rng, &set[s], draw_pooling(rng));
        gsl_rng_free(rng);
    }
}

/* --- single inputs --- */

/* An input of an operator, and numbers of its outputs before. */
typedef struct {
    const kernel_set *set;
    const rows_case *rows;
    int64_t p, channel, n;
    float *out;
} input_case;

/* The tap that carries the input to output t, or -1. */
static int64_t tap_of(const input_case *i, int64_t t)
{
    const mg_rows *op = &i->rows->op;
    int64_t at = i->p * op->divide + op->pad - t * op->step;
    return at >= 0 && at % op->dilation == 0 && at / op->dilation < op->taps ? at / op->dilation : -1;
}

static const float *weights_of(const input_case *i, int64_t tap)
{
    const mg_rows *op = &i->rows->op;
    return i->rows->plain + (tap * op->in_channels + i->channel) * op->out_stride;
}

/* What `out` is to be after x times the input's weights. */
static float *added_ref(const input_case *i, float x)
{
    const mg_rows *op = &i->rows->op;
    float *wanted = allocate(i->n, sizeof *wanted);
    for (int64_t t = 0; t < op->out_length; t++)
        for (int64_t o = 0; o < op->out_stride; o++) {
            int64_t tap = tap_of(i, t), at = t * op->out_stride + o;
            wanted[at] = tap < 0 ? i->out[at] : multiply_add(i->set->fused, x, weights_of(i, tap)[o], i->out[at]);
        }
    return wanted;
}

static void check_add(gsl_rng *rng, const input_case *i)
{
    const mg_gate_kernels *kernels = i->set->kernels->gate;
    size_t bytes = (size_t)i->n * sizeof(float);
    float x = draw(rng), y = draw(rng), *a = allocate(i->n, sizeof *a), *b = allocate(i->n, sizeof *b);
    float *a_wanted = added_ref(i, x), *b_wanted = added_ref(i, y);
    memcpy(a, i->out, bytes);
    kernels->add(&i->rows->op, i->p, i->channel, x, a);
    check_bits(i->set, "add", a, a_wanted, i->n);
    memcpy(a, i->out, bytes);
    memcpy(b, i->out, bytes);
    mg_gate_change change = {(int32_t)i->p, (int32_t)i->channel, x, y};
    kernels->add_lines(&i->rows->op, &change, 1, a, b);
    check_bits(i->set, "add_lines", a, a_wanted, i->n);
    check_bits(i->set, "add_lines", b, b_wanted, i->n);
    free(a);
    free(b);
    free(a_wanted);
    free(b_wanted);
}

/* Sums for each lane of a block over blocks and taps, then halves added to halves. */
static float dot_ref(const input_case *i)
{
    const mg_rows *op = &i->rows->op;
    float lane[MG_BLOCK] = {0};
    for (int64_t first = 0; first < op->out_stride; first += MG_BLOCK)
        for (int64_t tap = 0; tap < op->taps; tap++)
            for (int64_t t = 0; t < op->out_length; t++)
                for (int64_t o = first; o < op->out_stride && o < first + MG_BLOCK && tap_of(i, t) == tap; o++)
                    lane[o - first] = multiply_add(i->set->fused, weights_of(i, tap)[o], i->out[t * op->out_stride + o],
                                                   lane[o - first]);
    for (int k = 0; k < MG_LANES; k++)
        lane[k] += lane[k + MG_LANES];
    return add_halves_ref(lane);
}

/* Several inputs, one after the other. */
static void check_several(gsl_rng *rng, const input_case *i)
{
    enum { N = 5 };
    const mg_gate_kernels *kernels = i->set->kernels->gate;
    mg_gate_change change[N];
    float got[N], wanted[N], *a = allocate(i->n, sizeof *a), *b = allocate(i->n, sizeof *b);
    float *a_wanted = allocate(i->n, sizeof *a), *b_wanted = allocate(i->n, sizeof *b);
    for (int k = 0; k < N; k++) {
        input_case one = *i;
        one.p = below(rng, i->rows->op.in_length);
        one.channel = below(rng, i->rows->op.in_channels);
        wanted[k] = dot_ref(&one);
        change[k] = (mg_gate_change){(int32_t)one.p, (int32_t)one.channel, draw(rng), draw(rng)};
        kernels->add_lines(&i->rows->op, &change[k], 1, a_wanted, b_wanted);
    }
    kernels->dots(&i->rows->op, change, N, i->out, got);
    check_bits(i->set, "dots", got, wanted, N);
    kernels->add_lines(&i->rows->op, change, N, a, b);
    check_bits(i->set, "several add_lines", a, a_wanted, i->n);
    check_bits(i->set, "several add_lines", b, b_wanted, i->n);
    free(a);
    free(b);
    free(a_wanted);
    free(b_wanted);
}

static void check_inputs(gsl_rng *rng, const kernel_set *set, const shape *s)
{
    for (int forward = 0; forward < 2; forward++) {
        rows_case r = create_rows(rng, s, forward);
        input_case i = {.set = set, .rows = &r, .n = r.op.out_length * r.op.out_stride};
        if (r.op.dilation == 1 && r.op.divide == 1 && below(rng, 3) > 0) pack_flat(&r);
        i.out = draw_rows(rng, r.op.out_length, r.op.out_stride, r.op.out_channels, 1);
        for (int k = 0; k < 4; k++) {
            i.p = k == 0 ? 0 : k == 1 ? r.op.in_length - 1 : below(rng, r.op.in_length);
            i.channel = k == 0 ? 0 : k == 1 ? r.op.in_channels - 1 : below(rng, r.op.in_channels);
            check_add(rng, &i);
        }
        check_several(rng, &i);
        free(i.out);
        destroy_rows(&r);
    }
}

static void test_single_inputs(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (size_t k = 0; k < N_EDGES; k++)
            check_inputs(rng, &set[s], &edges[k]);
        for (int k = 0; k < N_RANDOM; k++) {
            shape random = draw_shape(rng);
            check_inputs(rng, &set[s], &random);
        }
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gates), cmocka_unit_test(test_few_movers),
                                       cmocka_unit_test(test_single_inputs)};
    return cmocka_run_group_tests_name("kernels: gates", tests, NULL, NULL);
}
