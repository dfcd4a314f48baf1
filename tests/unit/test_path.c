/* test_path.c  mean gradients along paths: what is shared between steps changes nothing, on odd networks and on random
 * ones */
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"
#include "tests/support/support.h"

#include "src/core/random.h"
#include "src/kernels/kernels.h"
#include "src/paths/path.h"
#include "src/paths/steps.h"

enum { STEPS = 20, GRAPHS = 120 };

static double uniform(uint64_t seed, uint64_t count)
{
    return (double)(mg_mix(seed, count) >> 11) * 0x1p-53;
}

/* Largest difference between the shared and the plain way, over the largest mean gradient, in float32; `reference_kind`
 * 0: zero, 1: another one-hot window, 2: any numbers; opt_shared: OUT what the shared way gives. */
static double difference(const mg_graph *network, const double *x, int reference_kind, int n_steps, uint64_t seed,
                         double *opt_shared)
{
    size_t n = (size_t)network->length * 4;
    double *reference = calloc(n, sizeof *reference), *plain = calloc(n, sizeof *plain);
    double *shared = calloc(n, sizeof *shared), node[STEPS], weight[STEPS];
    mg_plan *plan = NULL;
    mg_pass *pass = NULL;
    for (size_t i = 0; i < n && reference_kind == 2; i++)
        reference[i] = uniform(seed, i) - 0.3;
    for (size_t i = 0; i < n / 4 && reference_kind == 1; i++)
        reference[i * 4 + mg_mix(seed, i) % 4] = 1.0;
    for (int k = 0; k < n_steps; k++) {
        node[k] = (k + 0.37) / n_steps;
        weight[k] = 0.5 + uniform(seed, 7777 + (uint64_t)k);
    }
    assert_int_equal(mg_plan_create(network, MG_SINGLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(plan, &pass, NULL), MG_OK);
    void *scratch = calloc(1, mg_pass_mean_scratch(plan));
    mg_pass_forward(pass, x);
    mg_pass_mean_gradient(pass, x, reference, n_steps, node, weight, scratch, shared);
    mg_pass_mean_gradient_ref(pass, x, reference, n_steps, node, weight, scratch, plain);
    double d = deviation(shared, plain, n);
    if (opt_shared != NULL) memcpy(opt_shared, shared, n * sizeof *shared);
    mg_pass_destroy(pass);
    mg_plan_destroy(plan);
    free(reference);
    free(scratch);
    free(shared);
    free(plain);
    return d;
}

static void test_odd_nets(void **state)
{
    (void)state;
    int n_suited = 0;
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int k = 0; k < N_ODD_NETS; k++) {
        char path[256];
        mg_graph *network = odd_net(file, odd_net_names[k]);
        snprintf(path, sizeof path, "%s/x", odd_net_names[k]);
        array x = read_array(file, path);
        mg_plan *plan = NULL;
        assert_int_equal(mg_plan_create(network, MG_SINGLE, &plan, NULL), MG_OK);
        n_suited += mg_path_suits(plan);
        mg_plan_destroy(plan);
        double largest = 0.0;
        for (size_t i = 0; i < x.dim[0]; i++)
            for (int kind = 0; kind < 3; kind++)
                largest =
                    fmax(largest, difference(network, x.value + i * (size_t)network->length * 4, kind, STEPS, i, NULL));
        print_message("# %s: largest difference %.2g of scale\n", odd_net_names[k], largest);
        assert_true(largest < 1e-5);
        free(x.value);
        mg_graph_destroy(network);
    }
    assert_true(n_suited >= 5); /* else this test would compare the plain way with itself */
    H5Fclose(file);
}

/* Numbers that float32 can work with. */
static bool tame(const mg_graph *graph, const double *x)
{
    double **value = plain_values(graph, x, NULL);
    bool all = true;
    for (size_t v = 0; v <= graph->n_nodes; v++)
        for (int64_t i = 0; i < graph->extent[v].length * graph->extent[v].channels; i++)
            all &= fabs(value[v][i]) < 100;
    plain_values_free(graph, value);
    return all;
}

/* Graphs that are no chain: against the plain way, and to the bit between sets with fused multiply-add. */
static void test_graphs(void **state)
{
    (void)state;
    static const char *const sets[] = {"portable", "avx2", "avx512"};
    enum { SETS = sizeof sets / sizeof *sets };
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_suited = 0;
    for (int g = 0; g < GRAPHS; g++) {
        mg_graph *graph = random_graph(rng, NULL);
        size_t n = (size_t)graph->length * 4;
        double *x = drawn_window(rng, graph->length), *mean[SETS] = {NULL};
        for (int k = 0; k < SETS && tame(graph, x); k++) {
            mg_plan *plan = NULL;
            setenv("MUTAGREE_ISA", sets[k], 1);
            if (mg_kernels_pick() == NULL) continue;
            assert_int_equal(mg_plan_create(graph, MG_SINGLE, &plan, NULL), MG_OK);
            bool suits = mg_steps_bytes(plan) > 0 && !mg_path_suits(plan);
            mg_plan_destroy(plan);
            if (!suits) continue;
            mean[k] = calloc(n, sizeof *mean[k]);
            double d = difference(graph, x, g % 3, 1 + g % STEPS, (uint64_t)g, mean[k]);
            if (!(d < 1e-4)) fail_msg("graph %d, %s: %.2g of scale from the plain way", g, sets[k], d);
            n_suited++;
        }
        if (mean[1] != NULL && mean[2] != NULL) assert_memory_equal(mean[1], mean[2], n * sizeof **mean);
        for (int k = 0; k < SETS; k++)
            free(mean[k]);
        free(x);
        mg_graph_destroy(graph);
    }
    unsetenv("MUTAGREE_ISA");
    gsl_rng_free(rng);
    assert_true(n_suited > GRAPHS / 2);
}

static void test_published(void **state)
{
    (void)state;
    need_file(GOLDEN);
    need_file(PUBLISHED);
    hid_t file = H5Fopen(GOLDEN, H5F_ACC_RDONLY, H5P_DEFAULT);
    array x = read_agct(file, "onehot");
    mg_graph *folded = published_folded(MG_SCORE_LOG_ODDS);
    const char *const sets[] = {"portable", "avx2", "avx512"};
    for (int k = 0; k < 3; k++) {
        setenv("MUTAGREE_ISA", sets[k], 1);
        if (mg_kernels_pick() == NULL) continue;
        double largest = 0.0;
        for (size_t i = 0; i < x.dim[0]; i++)
            for (int kind = 0; kind < 3; kind++)
                largest = fmax(largest, difference(folded, x.value + i * 812, kind, STEPS, i, NULL));
        print_message("# %s: largest difference %.2g of scale\n", sets[k], largest);
        assert_true(largest < 1e-4); /* a switch within rounding of a node falls to either side of it */
    }
    unsetenv("MUTAGREE_ISA");
    mg_graph_destroy(folded);
    free(x.value);
    H5Fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_odd_nets), cmocka_unit_test(test_graphs),
                                       cmocka_unit_test(test_published)};
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
