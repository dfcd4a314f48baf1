/* test_kernels_layer.c  ReLU and max pooling, of activations and of differences, against their definitions, each instruction
 * set of this machine, shapes at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_sets.h"

enum { N_RANDOM = 300 };

/* --- layers --- */

static void check_elements(gsl_rng *rng, const kernel_set *set, int64_t n)
{
    const mg_layer_kernels *layer = set->kernels->layer;
    float *x = draw_levels(rng, n), *y = draw_levels(rng, n), t = draw(rng);
    float *got = allocate_untouched(n + MG_LANES), *wanted = allocate_untouched(n + MG_LANES);
    layer->relu(x, n, got);
    for (int64_t i = 0; i < n; i++)
        wanted[i] = positive_ref(x[i]);
    check_bits(set, "relu", got, wanted, n + MG_LANES);
    memcpy(got, y, (size_t)n * sizeof *got);
    layer->relu_gradient(x, n, got);
    for (int64_t i = 0; i < n; i++)
        wanted[i] = x[i] > 0.0f ? y[i] : 0.0f;
    check_bits(set, "relu_gradient", got, wanted, n + MG_LANES);
    layer->line(x, y, t, n, got);
    for (int64_t i = 0; i < n; i++)
        wanted[i] = multiply_add(set->fused, t, y[i], x[i]);
    check_bits(set, "line", got, wanted, n + MG_LANES);
    layer->line(x, y, t, n, x);
    check_bits(set, "line in place", x, wanted, n);
    free(x);
    free(y);
    free(got);
    free(wanted);
}

static void test_elements(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_elements(rng, &set[s], 0);
        for (int i = 0; i < N_RANDOM; i++)
            check_elements(rng, &set[s], MG_LANES * between(rng, 1, 20));
        gsl_rng_free(rng);
    }
}

/* A window of n positions, `step` floats apart: the maxima, the first of equals, and what goes back to them. */
static void check_window(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t width, int64_t step)
{
    int64_t n_in = (n - 1) * step + width;
    float *x = draw_levels(rng, n_in), *m = draw_levels(rng, width), *back = draw_levels(rng, n_in);
    float *back_wanted = allocate(n_in, sizeof *back_wanted), *best = allocate_untouched(width);
    float *best_wanted = allocate(width, sizeof *best_wanted);
    int32_t *winner = allocate(width, sizeof *winner);
    memcpy(back_wanted, back, (size_t)n_in * sizeof *back);
    set->kernels->layer->max_pool_window(x, n, step, width, best, winner);
    set->kernels->layer->max_pool_gradient(winner, m, n, step, width, back);
    for (int64_t c = 0; c < width; c++) {
        int32_t first = 0;
        for (int32_t j = 1; j < n; j++)
            if (x[j * step + c] > x[first * step + c]) first = j;
        assert_int_equal(winner[c], first);
        best_wanted[c] = x[first * step + c];
        for (int64_t j = 0; j < n; j++) /* nothing added is added, too: it makes 0 of -0 */
            back_wanted[j * step + c] += j == first ? m[c] : 0.0f;
    }
    check_bits(set, "max_pool_window", best, best_wanted, width);
    check_bits(set, "max_pool_gradient", back, back_wanted, n_in);
    free(x);
    free(m);
    free(back);
    free(back_wanted);
    free(best);
    free(best_wanted);
    free(winner);
}

static void test_windows(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_window(rng, &set[s], 1, MG_LANES, MG_LANES);
        for (int i = 0; i < N_RANDOM; i++) {
            int64_t width = MG_LANES * between(rng, 1, 6);
            check_window(rng, &set[s], between(rng, 1, 9), width, width * between(rng, 1, 3));
        }
        gsl_rng_free(rng);
    }
}

/* A max pooling of whole windows and the ReLU below it, each rule in turn. */
static void check_rectified_pool(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t kernel, int64_t width)
{
    int64_t n_in = n * kernel * width;
    float *z = draw_levels(rng, n_in), *m = draw_levels(rng, n * width), *out = allocate(n * width, sizeof *out);
    float *got = allocate_untouched(n_in + MG_LANES), *wanted = allocate_untouched(n_in + MG_LANES);
    float *relu = allocate(n_in, sizeof *relu);
    int32_t *winner = allocate(n * width, sizeof *winner);
    const mg_plain_pool pool = {n, kernel, width, out, winner};
    set->kernels->layer->relu(z, n_in, relu);
    for (int64_t t = 0; t < n; t++)
        set->kernels->layer->max_pool_window(relu + t * kernel * width, kernel, width, width, out + t * width,
                                             winner + t * width);
    for (int gate = MG_GATE_VALUE; gate <= MG_GATE_MULTIPLIER; gate++) {
        for (int64_t i = 0; i < n_in; i++) {
            int64_t t = i / (kernel * width), j = i / width % kernel, o = t * width + i % width;
            float share = winner[o] == j ? 0.0f + m[o] : 0.0f;
            if (gate != MG_GATE_VALUE) share = positive_ref(share);
            wanted[i] = gate == MG_GATE_MULTIPLIER || z[i] > 0 ? share : 0.0f;
        }
        set->kernels->layer->rectified_pool(&pool, (mg_gate_rule)gate, m, got);
        check_bits(set, "rectified_pool", got, wanted, n_in + MG_LANES);
    }
    free(z);
    free(m);
    free(out);
    free(got);
    free(wanted);
    free(relu);
    free(winner);
}

static void test_rectified_pools(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int i = 0; i < N_RANDOM; i++)
            check_rectified_pool(rng, &set[s], between(rng, 1, 9), between(rng, 1, 5), MG_LANES * between(rng, 1, 4));
        gsl_rng_free(rng);
    }
}

/* --- differences --- */

/* A window's activation, and what mutants change of it at some positions. */
typedef struct {
    int64_t length, channels;
    float *base, *delta;
    mg_difference in;
} difference;

static difference draw_difference(gsl_rng *rng, int64_t length, int64_t channels, double share)
{
    difference d = {.length = length, .channels = channels};
    int64_t stride = padded(channels), begin = between(rng, 0, length - 1), end = between(rng, begin + 1, length);
    int64_t step = (end - begin) * stride + MG_LANES * below(rng, 2);
    d.base = draw_rows(rng, length, stride, channels, 1);
    d.delta = allocate(MG_SHARED * step, sizeof *d.delta);
    for (int m = 0; m < MG_SHARED; m++)
        for (int64_t p = 0; p < end - begin; p++)
            for (int64_t c = 0; c < channels; c++) {
                if (below(rng, 3) == 0) d.base[(begin + p) * stride + c] = draw_level(rng);
                if (gsl_rng_uniform(rng) < share) d.delta[m * step + p * stride + c] = draw_level(rng);
            }
    d.in = (mg_difference){d.base, d.delta, step, stride, begin, end};
    return d;
}

static void destroy_difference(difference *d)
{
    free(d->base);
    free(d->delta);
}

static float base_at(const mg_difference *in, int64_t p, int64_t c)
{
    return in->base[p * in->stride + c];
}

static float mutant_at(const mg_difference *in, int m, int64_t p, int64_t c)
{
    return base_at(in, p, c) + in->delta[m * in->step + (p - in->begin) * in->stride + c];
}

static void check_relu(gsl_rng *rng, const kernel_set *set, int64_t length, int64_t channels)
{
    difference d = draw_difference(rng, length, channels, draw_share(rng));
    const mg_difference *in = &d.in;
    int64_t n = (in->end - in->begin) * in->stride, step = n + MG_LANES;
    float *got = allocate_untouched(MG_SHARED * step), *wanted = allocate_untouched(MG_SHARED * step);
    set->kernels->delta->relu(in, got, step);
    for (int m = 0; m < MG_SHARED; m++)
        for (int64_t i = 0; i < n; i++) {
            int64_t p = in->begin + i / in->stride, c = i % in->stride;
            wanted[m * step + i] = positive_ref(mutant_at(in, m, p, c)) - positive_ref(base_at(in, p, c));
        }
    check_bits(set, "difference relu", got, wanted, MG_SHARED * step);
    free(got);
    free(wanted);
    destroy_difference(&d);
}

static void check_relu_dot(gsl_rng *rng, const kernel_set *set, int64_t length, int64_t channels)
{
    difference d = draw_difference(rng, length, channels, draw_share(rng));
    const mg_difference *in = &d.in;
    float *weight = draw_rows(rng, 1, in->stride, channels, 1), got[3 * MG_SHARED], wanted[3 * MG_SHARED];
    for (int k = 0; k < 3 * MG_SHARED; k++)
        got[k] = wanted[k] = untouched;
    set->kernels->delta->relu_dot(in, weight, got, 3);
    for (int m = 0; m < MG_SHARED; m++) {
        float lane[MG_LANES] = {0};
        for (int64_t c = 0; c < in->stride; c++) {
            float change = positive_ref(mutant_at(in, m, in->begin, c)) - positive_ref(base_at(in, in->begin, c));
            lane[c % MG_LANES] = multiply_add(set->fused, change, weight[c], lane[c % MG_LANES]);
        }
        wanted[3 * m] = add_halves_ref(lane);
    }
    check_bits(set, "relu_dot", got, wanted, 3 * MG_SHARED);
    free(weight);
    destroy_difference(&d);
}

static void test_relu_of_differences(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_relu(rng, &set[s], 1, 1);
        check_relu_dot(rng, &set[s], 1, 1);
        for (int i = 0; i < N_RANDOM; i++) {
            check_relu(rng, &set[s], between(rng, 1, 12), between(rng, 1, 100));
            check_relu_dot(rng, &set[s], between(rng, 1, 3), between(rng, 1, 100));
        }
        gsl_rng_free(rng);
    }
}

/* --- pooling of differences --- */

/* Largest of the positions that output t takes and that exist, of the window (m < 0) or of a mutant; ReLU first or not. */
static float pooled_ref(const mg_difference *in, const mg_pooling *pooling, bool with_relu, int m, int64_t t, int64_t c)
{
    float best = with_relu ? 0.0f : -INFINITY;
    for (int64_t k = 0; k < pooling->kernel; k++) {
        int64_t p = t * pooling->step - pooling->pad + k * pooling->dilation;
        if (p < 0 || p >= pooling->in_length) continue;
        float x = m < 0 ? base_at(in, p, c) : mutant_at(in, m, p, c);
        if (x > best) best = x;
    }
    return best;
}

/* Are all positions that output t takes within begin .. end - 1, and is there one? */
static bool is_known(const mg_difference *in, const mg_pooling *pooling, int64_t t)
{
    int64_t n = 0;
    for (int64_t k = 0; k < pooling->kernel; k++) {
        int64_t p = t * pooling->step - pooling->pad + k * pooling->dilation;
        if (p < 0 || p >= pooling->in_length) continue;
        if (p < in->begin || p >= in->end) return false;
        n++;
    }
    return n > 0;
}

/* The first longest stretch of outputs whose windows are known. */
static void find_outputs(const mg_difference *in, const mg_pooling *pooling, int64_t n_outputs, int64_t *begin,
                         int64_t *end)
{
    *begin = *end = 0;
    for (int64_t t = 0, from = 0; t < n_outputs; t++) {
        if (!is_known(in, pooling, t)) from = t + 1;
        if (t + 1 - from <= *end - *begin) continue;
        *begin = from;
        *end = t + 1;
    }
}

typedef struct {
    const kernel_set *set;
    const mg_difference *in;
    mg_pooling pooling;
    bool with_relu;
    int64_t t_begin, t_end, c_begin, c_end;
    const float *pooled; /* of the window, (n_outputs, stride) */
    float *wanted;       /* (MG_SHARED, t_end - t_begin, stride), and MG_LANES that are untouched behind each */
    int64_t step;
} pool_case;

static void check_pool_dense(const pool_case *p)
{
    float *got = allocate_untouched(MG_SHARED * p->step);
    p->set->kernels->delta->max_pool(p->in, &p->pooling, p->with_relu, p->pooled, p->t_begin, p->t_end, p->c_begin,
                                     p->c_end, got, p->step, NULL);
    check_bits(p->set, "max_pool", got, p->wanted, MG_SHARED * p->step);
    free(got);
}

static void check_pool_list(const pool_case *p)
{
    int64_t stride = p->in->stride, n = p->t_end - p->t_begin;
    float *dense = allocate(MG_SHARED * p->step, sizeof *dense); /* with zeros outside of the channels asked for */
    for (int64_t i = 0; i < MG_SHARED * p->step; i++)
        if (i % p->step < n * stride && i % p->step % stride >= p->c_begin && i % p->step % stride < p->c_end)
            dense[i] = p->wanted[i];
    mg_list got = create_list(n, stride, MG_SHARED), wanted = create_list(n, stride, MG_SHARED);
    fill_list(dense, p->step, MG_SHARED, n, stride, stride, &wanted);
    p->set->kernels->delta->max_pool(p->in, &p->pooling, p->with_relu, p->pooled, p->t_begin, p->t_end, p->c_begin,
                                     p->c_end, NULL, 0, &got);
    check_list(p->set, "max_pool to a list", &got, &wanted, n, MG_SHARED);
    destroy_list(&got);
    destroy_list(&wanted);
    free(dense);
}

static void check_pool(gsl_rng *rng, const kernel_set *set, int64_t length, int64_t channels, mg_pooling pooling)
{
    difference d = draw_difference(rng, length, channels, draw_share(rng));
    int64_t stride = d.in.stride, n_outputs = pooled_length(&pooling);
    float *pooled = allocate(n_outputs * stride, sizeof *pooled);
    pool_case p = {set, &d.in, pooling, .with_relu = below(rng, 2) == 0, .pooled = pooled};
    find_outputs(&d.in, &pooling, n_outputs, &p.t_begin, &p.t_end);
    p.c_begin = MG_LANES * between(rng, 0, stride / MG_LANES - 1);
    p.c_end = MG_LANES * between(rng, p.c_begin / MG_LANES + 1, stride / MG_LANES);
    p.step = (p.t_end - p.t_begin) * stride + MG_LANES;
    p.wanted = allocate_untouched(MG_SHARED * p.step);
    for (int64_t t = p.t_begin; t < p.t_end; t++)
        for (int64_t c = 0; c < stride; c++) {
            pooled[t * stride + c] = pooled_ref(&d.in, &pooling, p.with_relu, -1, t, c);
            for (int m = 0; m < MG_SHARED && c >= p.c_begin && c < p.c_end; m++)
                p.wanted[m * p.step + (t - p.t_begin) * stride + c] =
                    pooled_ref(&d.in, &pooling, p.with_relu, m, t, c) - pooled[t * stride + c];
        }
    check_pool_dense(&p);
    check_pool_list(&p);
    free(p.wanted);
    free(pooled);
    destroy_difference(&d);
}

static void test_pools_of_differences(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        for (int i = 0; i < 20; i++) {
            check_pool(rng, &set[s], 1, 1, (mg_pooling){1, 1, 1, 0, 1});
            check_pool(rng, &set[s], 9, 20, (mg_pooling){9, 1, 1, 0, 9});   /* kernel = length */
            check_pool(rng, &set[s], 11, 20, (mg_pooling){3, 3, 1, 1, 11}); /* a tail that is cut, a head of two */
        }
        for (int i = 0; i < 2 * N_RANDOM; i++) {
            mg_pooling pooling = draw_pooling(rng);
            check_pool(rng, &set[s], pooling.in_length, between(rng, 1, 70), pooling);
        }
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_rectified_pools),
        cmocka_unit_test(test_relu_of_differences),
        cmocka_unit_test(test_pools_of_differences),
    };
    return cmocka_run_group_tests_name("kernels: layers", tests, NULL, NULL);
}
