/* test_kernels_rules.c  the rules of DeepLIFT and LRP against their definitions, to the last bit, each instruction set of
 * this machine, shapes at the edges and random ones; --seed N draws others */
#include "tests/support/kernel_sets.h"

enum { N_RANDOM = 300 };

/* Numbers of which some are those of `of` at the same place: nothing changed there. */
static float *draw_reference(gsl_rng *rng, const float *of, int64_t n)
{
    float *x = draw_levels(rng, n);
    for (int64_t i = 0; i < n; i++)
        if (below(rng, 3) == 0) x[i] = of[i];
    return x;
}

/* --- DeepLIFT --- */

static void check_rescale(gsl_rng *rng, const kernel_set *set, int64_t n)
{
    float *z = draw_levels(rng, n), *z0 = draw_reference(rng, z, n), *got = draw_levels(rng, n + MG_LANES);
    float *wanted = allocate(n + MG_LANES, sizeof *wanted);
    memcpy(wanted, got, (size_t)(n + MG_LANES) * sizeof *got);
    for (int64_t i = 0; i < n; i++) {
        float change = positive_ref(z[i]) - positive_ref(z0[i]);
        wanted[i] *= z[i] != z0[i] ? change / (z[i] - z0[i]) : z[i] > 0 ? 1.0f : 0.0f;
    }
    set->kernels->layer->relu_rescale(z, z0, n, got);
    check_bits(set, "relu_rescale", got, wanted, n + MG_LANES);
    free(z);
    free(z0);
    free(got);
    free(wanted);
}

static void test_rescale(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_rescale(rng, &set[s], 0);
        for (int i = 0; i < N_RANDOM; i++)
            check_rescale(rng, &set[s], MG_LANES * between(rng, 1, 20));
        gsl_rng_free(rng);
    }
}

/* A window of a pooling in an input and in a reference. */
typedef struct {
    int64_t n, step, width;
    float *in, *in0, *out, *out0;
    int32_t *winner, *winner0;
} pool_pair;

static void pool_ref(const pool_pair *p, const float *in, float *out, int32_t *winner)
{
    for (int64_t c = 0; c < p->width; c++) {
        winner[c] = 0;
        for (int32_t j = 1; j < p->n; j++)
            if (in[j * p->step + c] > in[winner[c] * p->step + c]) winner[c] = j;
        out[c] = in[winner[c] * p->step + c];
    }
}

static pool_pair draw_pair(gsl_rng *rng, int64_t n, int64_t width, int64_t step)
{
    pool_pair p = {.n = n, .step = step, .width = width};
    p.in = draw_levels(rng, (n - 1) * step + width);
    p.in0 = draw_reference(rng, p.in, (n - 1) * step + width);
    p.out = allocate(width, sizeof *p.out);
    p.out0 = allocate(width, sizeof *p.out0);
    p.winner = allocate(width, sizeof *p.winner);
    p.winner0 = allocate(width, sizeof *p.winner0);
    pool_ref(&p, p.in, p.out, p.winner);
    pool_ref(&p, p.in0, p.out0, p.winner0);
    return p;
}

static void destroy_pair(pool_pair *p)
{
    free(p->in);
    free(p->in0);
    free(p->out);
    free(p->out0);
    free(p->winner);
    free(p->winner0);
}

/* With M the larger of both maxima, the input's winner is credited M - out0, the reference's out - M. */
static void cross_ref(const pool_pair *p, const float *m, float *m_in)
{
    for (int64_t c = 0; c < p->width; c++) {
        int64_t i = p->winner[c] * p->step + c, i0 = p->winner0[c] * p->step + c;
        float change = p->out[c] - p->out0[c];
        for (int64_t j = 0; j < p->n; j++)
            m_in[j * p->step + c] += 0.0f; /* nothing added is added, too: it makes 0 of -0 */
        if (p->in[i] == p->in0[i]) m_in[i] += m[c];
        if (change > 0) m_in[i] += m[c] * change / (p->in[i] - p->in0[i]);
        if (change < 0) m_in[i0] += m[c] * change / (p->in[i0] - p->in0[i0]);
    }
}

static void check_cross(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t width, int64_t step)
{
    pool_pair p = draw_pair(rng, n, width, step);
    int64_t n_in = (n - 1) * step + width;
    float *m = draw_levels(rng, width), *got = draw_levels(rng, n_in), *wanted = allocate(n_in, sizeof *wanted);
    memcpy(wanted, got, (size_t)n_in * sizeof *got);
    mg_pool_pair pair = {p.in, p.in0, p.out, p.out0, p.winner, p.winner0};
    set->kernels->layer->max_pool_cross(&pair, m, n, step, width, got);
    cross_ref(&p, m, wanted);
    check_bits(set, "max_pool_cross", got, wanted, n_in);
    free(m);
    free(got);
    free(wanted);
    destroy_pair(&p);
}

static void test_cross_maximum(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_cross(rng, &set[s], 1, MG_LANES, MG_LANES);
        for (int i = 0; i < N_RANDOM; i++) {
            int64_t width = MG_LANES * between(rng, 1, 6);
            check_cross(rng, &set[s], between(rng, 1, 9), width, width * between(rng, 1, 3));
        }
        gsl_rng_free(rng);
    }
}

/* --- LRP --- */

static float stabilised_ref(float z, float epsilon)
{
    return z >= 0 ? z + epsilon : z - epsilon;
}

/* Outputs with z > 0 favour positive contributions, the others negative ones; a bias belongs to the sign it has. */
static void gamma_ref(const mg_linear_rule *rule, float bias, float z, float relevance, float *u, float *v)
{
    float gamma = (float)rule->gamma, epsilon = (float)rule->epsilon, more = 1 + gamma;
    float positive = *u + positive_ref(bias), lifted = z > 0 ? positive : z - positive;
    if (rule->plain_bias) lifted = *u;
    bool lifts_positive = rule->plain_bias || z > 0;
    float lift = gamma * lifted, share = relevance / stabilised_ref(z + lift, epsilon);
    *u = relevance == 0 ? 0 : lifts_positive ? share * more : share;
    *v = relevance == 0 ? 0 : lifts_positive ? share : share * more;
}

static void alpha_beta_ref(const mg_linear_rule *rule, float bias, float relevance, float *u, float *v)
{
    float alpha = (float)rule->alpha, epsilon = (float)rule->epsilon, beta = 1 - alpha;
    float positive = *u + (rule->plain_bias ? bias : positive_ref(bias)), negative = *v + (bias < 0 ? bias : 0);
    *u = relevance == 0 ? 0 : alpha * relevance / stabilised_ref(positive, epsilon);
    *v = relevance == 0 || alpha == 1 ? 0 : beta * relevance / stabilised_ref(negative, epsilon);
}

static mg_linear_rule draw_rule(gsl_rng *rng)
{
    mg_linear_rule rule = {.kind = below(rng, 2) == 0 ? MG_LINEAR_GAMMA : MG_LINEAR_ALPHA_BETA,
                           .epsilon = below(rng, 3) == 0 ? 0 : 1e-6,
                           .gamma = 0.05 * (double)below(rng, 6),
                           .alpha = 1 + (double)below(rng, 3),
                           .plain_bias = below(rng, 2) == 0};
    return rule;
}

static void check_shares(gsl_rng *rng, const kernel_set *set, int64_t n, int64_t width)
{
    mg_linear_rule rule = draw_rule(rng);
    int64_t size = n * width;
    size_t bytes = (size_t)size * sizeof(float);
    float *bias = draw_levels(rng, width), *z = draw_levels(rng, size), *m = draw_levels(rng, size);
    float *u = draw_levels(rng, size), *v = draw_levels(rng, size);
    float *u_wanted = allocate(size, sizeof *u_wanted), *v_wanted = allocate(size, sizeof *v_wanted);
    memcpy(u_wanted, u, bytes);
    memcpy(v_wanted, v, bytes);
    for (int64_t i = 0; i < size; i++) {
        float relevance = z[i] * m[i];
        if (rule.kind == MG_LINEAR_GAMMA)
            gamma_ref(&rule, bias[i % width], z[i], relevance, &u_wanted[i], &v_wanted[i]);
        else
            alpha_beta_ref(&rule, bias[i % width], relevance, &u_wanted[i], &v_wanted[i]);
    }
    set->kernels->layer->lrp_shares(&rule, bias, z, m, n, width, u, v);
    check_bits(set, "lrp_shares, u", u, u_wanted, size);
    check_bits(set, "lrp_shares, v", v, v_wanted, size);
    free(bias);
    free(z);
    free(m);
    free(u);
    free(v);
    free(u_wanted);
    free(v_wanted);
}

static void test_shares(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++) {
        gsl_rng *rng = create_rng();
        check_shares(rng, &set[s], 0, MG_LANES);
        for (int i = 0; i < 2 * N_RANDOM; i++)
            check_shares(rng, &set[s], between(rng, 1, 10), MG_LANES * between(rng, 1, 6));
        gsl_rng_free(rng);
    }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rescale), cmocka_unit_test(test_cross_maximum),
                                       cmocka_unit_test(test_shares)};
    return cmocka_run_group_tests_name("kernels: rules", tests, NULL, NULL);
}
