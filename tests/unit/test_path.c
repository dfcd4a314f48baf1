/* test_path.c  mean gradients along paths: what is shared between steps changes nothing, on odd networks and on random
 * ones */
#include "tests/support/support.h"

#include "src/core/random.h"
#include "src/kernels/kernels.h"
#include "src/paths/path.h"

enum { STEPS = 20 };

static double uniform(uint64_t seed, uint64_t count)
{
    return (double)(mg_mix(seed, count) >> 11) * 0x1p-53;
}

/* Largest difference between the shared and the plain way, over the largest mean gradient, in float32; `reference_kind`
 * 0: zero, 1: another one-hot window, 2: any numbers. */
static double difference(const mg_graph *network, const double *x, int reference_kind, uint64_t seed)
{
    size_t n = (size_t)network->length * 4;
    double *reference = calloc(n, sizeof *reference), *scratch = calloc(2 * n, sizeof *scratch);
    double *shared = calloc(n, sizeof *shared), *plain = calloc(n, sizeof *plain), node[STEPS], weight[STEPS];
    mg_plan *plan = NULL;
    mg_pass *pass = NULL;
    for (size_t i = 0; i < n && reference_kind == 2; i++)
        reference[i] = uniform(seed, i) - 0.3;
    for (size_t i = 0; i < n / 4 && reference_kind == 1; i++)
        reference[i * 4 + mg_mix(seed, i) % 4] = 1.0;
    for (int k = 0; k < STEPS; k++) {
        node[k] = (k + 0.37) / STEPS;
        weight[k] = 0.5 + uniform(seed, 7777 + (uint64_t)k);
    }
    assert_int_equal(mg_plan_create(network, MG_SINGLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(plan, &pass, NULL), MG_OK);
    mg_pass_forward(pass, x);
    mg_pass_mean_gradient(pass, x, reference, STEPS, node, weight, scratch, shared);
    mg_pass_mean_gradient_ref(pass, x, reference, STEPS, node, weight, scratch, plain);
    double d = deviation(shared, plain, n);
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
                largest = fmax(largest, difference(network, x.value + i * (size_t)network->length * 4, kind, i));
        print_message("# %s: largest difference %.2g of scale\n", odd_net_names[k], largest);
        assert_true(largest < 1e-5);
        free(x.value);
        mg_graph_destroy(network);
    }
    assert_true(n_suited >= 5); /* else this test would compare the plain way with itself */
    H5Fclose(file);
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
                largest = fmax(largest, difference(folded, x.value + i * 812, kind, i));
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_odd_nets), cmocka_unit_test(test_published)};
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
