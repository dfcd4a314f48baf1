/* test_scan.c  the mutation scan against brute force: PyTorch's on eight odd networks and on the published one, and our
 * own float64 passes on random networks of every kind of layer; the same bits whatever the instruction set */
#include "tests/support/random_network.h"
#include "tests/support/support.h"

#include "src/commands/bench/naive.c" /* no part of the library */
#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/kernels/kernels.h"

/* A difference is added to float32 activations of size about 10; the issue allows 1e-4 of F. */
static const double TOLERANCE = 1e-4;

typedef struct {
    mg_plan *plan;
    mg_pass *pass;
    mg_reach *reach; /* in a block of its own, because the scan points to it */
    mg_scan *scan;
    float *effect;
} machine;

static machine start(const mg_graph *network)
{
    machine m = {0};
    mg_error err = {0};
    m.reach = calloc(1, sizeof *m.reach);
    if (mg_plan_create(network, MG_SINGLE, &m.plan, &err) != MG_OK || mg_pass_create(m.plan, &m.pass, &err) != MG_OK ||
        mg_reach_create(m.plan, m.reach, &err) != MG_OK || mg_scan_create(m.plan, m.reach, &m.scan, &err) != MG_OK)
        fail_msg("%s", err.text);
    m.effect = calloc((size_t)network->length * 4, sizeof *m.effect);
    return m;
}

static void stop(machine *m)
{
    free(m->effect);
    mg_scan_destroy(m->scan);
    mg_reach_destroy(m->reach);
    free(m->reach);
    mg_pass_destroy(m->pass);
    mg_plan_destroy(m->plan);
}

static void scan(machine *m, const double *x, int64_t length)
{
    uint8_t base[4096];
    codes_of(x, length, base);
    mg_pass_forward(m->pass, x);
    mg_scan_window(m->scan, m->pass, base, m->effect);
}

/* Largest |effect - expected| where the base is known (the reference also mutates unknown rows; we do not). */
static double largest_difference(const float *effect, const double *expected, const double *x, int64_t length)
{
    double largest = 0.0;
    for (int64_t i = 0; i < length; i++) {
        bool known = x[i * 4] + x[i * 4 + 1] + x[i * 4 + 2] + x[i * 4 + 3] > 0.5;
        for (int b = 0; b < 4; b++) {
            double difference = fabs((double)effect[i * 4 + b] - (known ? expected[i * 4 + b] : 0.0));
            if (!(difference <= largest)) largest = difference;
        }
    }
    return largest;
}

static void test_odd_nets(void **state)
{
    (void)state;
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int k = 0; k < N_ODD_NETS; k++) {
        char path[256];
        mg_graph *network = odd_net(file, odd_net_names[k]), *folded = NULL;
        assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOGIT}, &folded, NULL), MG_OK);
        snprintf(path, sizeof path, "%s/x", odd_net_names[k]);
        array x = read_array(file, path);
        snprintf(path, sizeof path, "%s/ism", odd_net_names[k]);
        array ism = read_array(file, path);
        size_t per = (size_t)folded->length * 4;
        double largest = 0.0;
        machine m = start(folded);
        for (size_t i = 0; i < x.dim[0]; i++) {
            scan(&m, x.value + i * per, folded->length);
            largest =
                fmax(largest, largest_difference(m.effect, ism.value + i * per, x.value + i * per, folded->length));
        }
        print_message("# %s: largest difference of an effect %.2g\n", odd_net_names[k], largest);
        assert_true(largest < TOLERANCE);
        stop(&m);
        free(x.value);
        free(ism.value);
        mg_graph_destroy(folded);
        mg_graph_destroy(network);
    }
    H5Fclose(file);
}

static void check_published(hid_t file, mg_score score, const char *path)
{
    array x = read_agct(file, "onehot"), ism = read_agct(file, path);
    mg_graph *folded = published_folded(score);
    machine m = start(folded);
    double largest = 0.0;
    for (size_t i = 0; i < x.dim[0]; i++) {
        scan(&m, x.value + i * 812, 203);
        largest = fmax(largest, largest_difference(m.effect, ism.value + i * 812, x.value + i * 812, 203));
    }
    print_message("# published network, %s: largest difference %.2g\n", path, largest);
    assert_true(largest < TOLERANCE);
    stop(&m);
    mg_graph_destroy(folded);
    free(x.value);
    free(ism.value);
}

static void test_published(void **state)
{
    (void)state;
    need_file(GOLDEN);
    need_file(PUBLISHED);
    hid_t file = H5Fopen(GOLDEN, H5F_ACC_RDONLY, H5P_DEFAULT);
    check_published(file, MG_SCORE_LOG_ODDS, "ism/logit1_minus_logit0");
    check_published(file, MG_SCORE_LOGIT, "ism/logit1");
    H5Fclose(file);
}

/* TISRover+ drops the tails of its poolings: its last 11 positions cannot be seen. */
static void test_blind_positions(void **state)
{
    (void)state;
    need_file(PUBLISHED);
    mg_graph *folded = published_folded(MG_SCORE_LOG_ODDS);
    mg_plan *plan = NULL;
    mg_reach reach;
    assert_int_equal(mg_plan_create(folded, MG_DOUBLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_reach_create(plan, &reach, NULL), MG_OK);
    assert_int_equal(reach.n_blind, 11);
    for (int i = 0; i < 203; i++)
        assert_int_equal(reach.blind[i], i >= 192);
    mg_reach_destroy(&reach);
    mg_plan_destroy(plan);
    mg_graph_destroy(folded);
}

/* --- random networks --- */

static void check_random(gsl_rng *rng)
{
    mg_graph *network = random_chain(rng);
    double *x = random_window(rng, network->length), *scratch = calloc((size_t)network->length * 4, sizeof *x);
    double *expected = calloc((size_t)network->length * 4, sizeof *expected), scale = 1.0;
    uint8_t base[128];
    mg_plan *plan = NULL;
    mg_pass *pass = NULL;
    assert_int_equal(mg_plan_create(network, MG_DOUBLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(plan, &pass, NULL), MG_OK);
    codes_of(x, network->length, base);
    mg_scan_window_ref(pass, base, scratch, expected);
    scale = fmax(scale, fabs(mg_pass_forward(pass, x)));
    machine m = start(network);
    scan(&m, x, network->length);
    mg_naive *naive = NULL;
    float *dense = calloc((size_t)network->length * 4, sizeof *dense);
    assert_int_equal(mg_naive_create(m.plan, &naive, NULL), MG_OK);
    mg_naive_window(naive, base, dense);
    assert_true(largest_difference(dense, expected, x, network->length) < TOLERANCE * scale);
    mg_naive_destroy(naive);
    free(dense);
    double difference = largest_difference(m.effect, expected, x, network->length);
    if (!(difference < TOLERANCE * scale))
        fail_msg("a network of %zu layers, length %ld: difference %g", network->n_nodes, (long)network->length,
                 difference);
    for (int64_t i = 0; i < network->length; i++)
        for (int b = 0; b < 4 && m.reach->blind[i]; b++)
            assert_true(m.effect[i * 4 + b] == 0.0f && expected[i * 4 + b] == 0.0);
    stop(&m);
    mg_pass_destroy(pass);
    mg_plan_destroy(plan);
    free(x);
    free(scratch);
    free(expected);
    mg_graph_destroy(network);
}

/* Each rewrite left out, and all of them: the same numbers but for rounding; each of them must have been of use. */
static void test_rewrites(void **state)
{
    (void)state;
    enum { ALL = (1u << MG_N_REWRITES) - 1 };
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_different[MG_N_REWRITES + 1] = {0};
    for (int k = 0; k < 60; k++) {
        mg_graph *network = random_chain(rng);
        double *x = random_window(rng, network->length), largest = 1;
        machine m = start(network);
        uint8_t base[128];
        float effect[512];
        size_t n = (size_t)network->length * 4;
        codes_of(x, network->length, base);
        scan(&m, x, network->length);
        largest = fmax(largest, fabs(mg_pass_forward(m.pass, x)));
        for (int r = 0; r <= MG_N_REWRITES; r++) {
            mg_scan *less = NULL;
            unsigned without = r < MG_N_REWRITES ? 1u << r : (unsigned)ALL;
            assert_int_equal(mg_scan_create_without(m.plan, m.reach, without, &less, NULL), MG_OK);
            mg_scan_window(less, m.pass, base, effect);
            for (size_t i = 0; i < n; i++)
                if (!(fabs((double)effect[i] - (double)m.effect[i]) < TOLERANCE * largest))
                    fail_msg("network %d without rewrite %d: %g, with it %g", k, r, (double)effect[i],
                             (double)m.effect[i]);
            n_different[r] += memcmp(effect, m.effect, n * sizeof *effect) != 0;
            mg_scan_destroy(less);
        }
        stop(&m);
        free(x);
        mg_graph_destroy(network);
    }
    assert_true(n_different[MG_N_REWRITES] > 0); /* rounding differs, so something else was done */
    gsl_rng_free(rng);
}

static void check_many_random(unsigned long seed, int n)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    print_message("# seed %lu\n", seed);
    for (int i = 0; i < n; i++)
        check_random(rng);
    gsl_rng_free(rng);
}

static void test_random_networks(void **state)
{
    (void)state;
    const char *const sets[] = {"portable", "avx2", "avx512"};
    for (int k = 0; k < 3; k++) {
        setenv("MUTAGREE_ISA", sets[k], 1);
        if (mg_kernels_pick() == NULL) continue;
        print_message("# %s\n", sets[k]);
        check_many_random(20221212, 150);
    }
    unsetenv("MUTAGREE_ISA");
}

/* Effects of one window, to the last bit, on AVX2 and AVX-512. */
static void test_same_bits(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int i = 0; i < 50; i++) {
        mg_graph *network = random_chain(rng);
        double *x = random_window(rng, network->length);
        size_t bytes = (size_t)network->length * 4 * sizeof(float);
        setenv("MUTAGREE_ISA", "avx2", 1);
        if (mg_kernels_pick() == NULL) skip();
        machine a = start(network);
        setenv("MUTAGREE_ISA", "avx512", 1);
        if (mg_kernels_pick() == NULL) skip();
        machine b = start(network);
        scan(&a, x, network->length);
        scan(&b, x, network->length);
        assert_memory_equal(a.effect, b.effect, bytes);
        stop(&a);
        stop(&b);
        free(x);
        mg_graph_destroy(network);
    }
    unsetenv("MUTAGREE_ISA");
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_nets), cmocka_unit_test(test_published),       cmocka_unit_test(test_blind_positions),
        cmocka_unit_test(test_rewrites), cmocka_unit_test(test_random_networks), cmocka_unit_test(test_same_bits),
    };
    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
