/* test_exact.c  integrals of the gradient along paths without quadrature: they add up to the rise of the score to
 * rounding, and are those of the plain way, on random networks (--seed N draws others), odd ones and the published one */
#include "tests/support/random_network.h"
#include "tests/support/support.h"

#include "src/core/random.h"
#include "src/paths/exact_work.h"
#include "src/kernels/kernels.h"

static unsigned long seed = 0;

typedef struct {
    mg_plan *plan;
    mg_pass *pass;
    mg_exact *exact;
    void *room;
} machine;

/* `room`: how many kinks and events a slab may hold, 0 for as many as usual. */
static machine start(const mg_graph *network, mg_precision precision, int64_t room)
{
    machine m = {0};
    assert_int_equal(mg_plan_create(network, precision, &m.plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(m.plan, &m.pass, NULL), MG_OK);
    assert_int_equal(mg_exact_create(m.plan, &m.exact, NULL), MG_OK);
    if (room > 0) m.exact->n_kinks = m.exact->n_events = room;
    m.room = malloc(mg_exact_bytes(m.exact));
    assert_non_null(m.room);
    memset(m.room, 0xa5, mg_exact_bytes(m.exact)); /* what is in it must not matter */
    return m;
}

static void stop(machine *m)
{
    free(m->room);
    mg_exact_destroy(m->exact);
    mg_pass_destroy(m->pass);
    mg_plan_destroy(m->plan);
}

static double logistic(double f)
{
    return 1.0 / (1.0 + exp(-f));
}

/* What a path's mean gradient adds up to minus the rise of the score, over the sum of what is added up. */
static double incompleteness(machine *m, const double *x, const double *reference, bool probability, const double *mean)
{
    double f = mg_pass_forward(m->pass, x), f0 = mg_pass_forward(m->pass, reference), sum = 0.0, scale = 0.0;
    double rise = probability ? logistic(f) - logistic(f0) : f - f0;
    for (int64_t i = 0; i < m->plan->graph->length * 4; i++) {
        sum += mean[i] * (x[i] - reference[i]);
        scale += fabs(mean[i] * (x[i] - reference[i]));
    }
    return fabs(sum - rise) / (scale > 0.0 ? scale : 1.0);
}

/* Zeros, another window, or any numbers. */
static double *a_reference(int kind, gsl_rng *rng, int64_t length)
{
    if (kind == 1) return random_window(rng, length);
    double *reference = calloc((size_t)length * 4, sizeof *reference);
    for (int64_t i = 0; kind == 2 && i < length * 4; i++)
        reference[i] = gsl_rng_uniform(rng) - 0.3;
    return reference;
}

typedef struct {
    double double_sum, double_value, single_sum, single_value; /* largest deviations, in units of scale */
} tally;

static void compare(const mg_graph *network, const double *x, const double *reference, bool probability, int64_t room,
                    tally *all)
{
    size_t n = (size_t)network->length * 4;
    double *mean = calloc(n, sizeof *mean), *plain = calloc(n, sizeof *plain),
           *scratch = calloc(2 * n, sizeof *scratch);
    machine fine = start(network, MG_DOUBLE, room), quick = start(network, MG_SINGLE, room);
    mg_exact_mean_gradient(fine.exact, fine.pass, x, reference, probability, fine.room, mean);
    mg_exact_mean_gradient_ref(fine.pass, x, reference, probability, scratch, plain);
    double d = deviation(mean, plain, n), sum = incompleteness(&fine, x, reference, probability, mean);
    all->double_value = fmax(all->double_value, d);
    all->double_sum = fmax(all->double_sum, sum);
    mg_exact_mean_gradient(quick.exact, quick.pass, x, reference, probability, quick.room, mean);
    d = deviation(mean, plain, n);
    sum = incompleteness(&quick, x, reference, probability, mean);
    all->single_value = fmax(all->single_value, d);
    all->single_sum = fmax(all->single_sum, sum);
    stop(&fine);
    stop(&quick);
    free(mean);
    free(plain);
    free(scratch);
}

/* Sanitizers make it ten times as slow. */
#if defined(__SANITIZE_ADDRESS__)
enum { N_NETWORKS = 8 };
#else
enum { N_NETWORKS = 30 };
#endif

/* Networks by the number: every third path begins at zeros, at another window, at any numbers; every second is of the
 * probability; every fifth network has no biases, so that all of its first switches are at the path's beginning. */
static void check_random(int n_networks, int64_t room)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    tally all = {0};
    gsl_rng_set(rng, seed);
    for (int k = 0; k < n_networks; k++) {
        mg_graph *network = random_chain(rng);
        double *x = random_window(rng, network->length), *reference = a_reference(k % 3, rng, network->length);
        for (size_t l = 0; k % 5 == 4 && l < network->n_nodes; l++)
            for (int64_t o = 0; o < network->node[l].n_bias; o++)
                network->node[l].bias[o] = 0.0;
        compare(network, x, reference, k % 2 == 1, room, &all);
        free(x);
        free(reference);
        mg_graph_destroy(network);
    }
    print_message("# %d random networks: double %.2g, sum %.2g; single %.2g, sum %.2g\n", n_networks, all.double_value,
                  all.double_sum, all.single_value, all.single_sum);
    assert_true(all.double_value < 1e-10);
    assert_true(all.double_sum < 1e-11);
    assert_true(all.single_value < 1e-4);
    assert_true(all.single_sum < 1e-4); /* of what is added up, which may cancel */
    gsl_rng_free(rng);
}

static void test_random(void **state)
{
    (void)state;
    check_random(N_NETWORKS, 0);
}

/* So little room that the path is cut into slabs, down to the thinnest. */
static void test_little_room(void **state)
{
    (void)state;
    check_random(9, 40);
}

/* The next layer, of the shape given; all its inputs where kernel is 0. */
static void add(layer_table *network, gsl_rng *rng, layer_kind kind, int64_t channels, int64_t kernel, int64_t dilation,
                int64_t pad)
{
    const table_layer *before = network->n_layers > 0 ? &network->layer[network->n_layers - 1] : NULL;
    table_layer *layer = &network->layer[network->n_layers++];
    *layer = (table_layer){.kind = kind,
                           .dense = kernel == 0,
                           .in_length = before != NULL ? before->out_length : network->length,
                           .in_channels = before != NULL ? before->out_channels : 4};
    layer->out_channels = channels > 0 ? channels : layer->in_channels;
    assert_true(shape(layer, kernel > 0 ? kernel : layer->in_length, 1, dilation, pad));
    if (kind != LAYER_LINEAR) return;
    int64_t n = layer->out_channels * layer->in_channels * layer->kernel;
    layer->weight = calloc((size_t)n, sizeof(double));
    layer->bias = calloc((size_t)layer->out_channels, sizeof(double));
    fill(rng, layer->weight, n, 1.5 / sqrt((double)(layer->in_channels * layer->kernel)));
    fill(rng, layer->bias, layer->out_channels, 0.3);
}

/* Dilated windows at a padded edge begin in no order: here the first at position 1, the second at 0. */
static void test_dilated_windows(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    tally all = {0};
    for (int k = 0; k < 6; k++) {
        layer_table *network = calloc(1, sizeof *network);
        network->length = 18;
        network->n_outputs = 1;
        network->layer = calloc(12, sizeof *network->layer);
        for (int gate = 0; gate < 3; gate++) {
            add(network, rng, LAYER_LINEAR, 5, 2, 1, 0);
            add(network, rng, LAYER_RELU, 0, 1, 1, 0);
            add(network, rng, LAYER_MAX_POOL, 0, 3, 2, 1);
        }
        add(network, rng, LAYER_LINEAR, 6, 0, 1, 0);
        add(network, rng, LAYER_RELU, 0, 1, 1, 0);
        add(network, rng, LAYER_LINEAR, 1, 0, 1, 0);
        double *x = random_window(rng, network->length), *reference = a_reference(k % 3, rng, network->length);
        mg_graph *graph = graph_of(network);
        compare(graph, x, reference, k % 2 == 1, 0, &all);
        free(x);
        free(reference);
        mg_graph_destroy(graph);
        table_destroy(network);
    }
    print_message("# dilated windows: double %.2g, single %.2g\n", all.double_value, all.single_value);
    assert_true(all.double_value < 1e-10);
    assert_true(all.single_value < 1e-4);
    gsl_rng_free(rng);
}

static void test_odd_nets(void **state)
{
    (void)state;
    tally all = {0};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int k = 0; k < N_ODD_NETS; k++) {
        char path[256];
        mg_graph *network = odd_net(file, odd_net_names[k]), *folded = NULL;
        assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOGIT}, &folded, NULL), MG_OK);
        snprintf(path, sizeof path, "%s/x", odd_net_names[k]);
        array x = read_array(file, path);
        double *reference = a_reference(k % 3, rng, network->length);
        compare(folded, x.value, reference, false, 0, &all);
        free(reference);
        free(x.value);
        mg_graph_destroy(folded);
        mg_graph_destroy(network);
    }
    print_message("# odd networks: double %.2g, sum %.2g; single %.2g, sum %.2g\n", all.double_value, all.double_sum,
                  all.single_value, all.single_sum);
    assert_true(all.double_value < 1e-10);
    assert_true(all.double_sum < 1e-12);
    assert_true(all.single_value < 1e-4);
    gsl_rng_free(rng);
    H5Fclose(file);
}

/* The sum of squares over all windows, which any other bit changes, and by how much sums miss at most. */
static double run_published(const mg_graph *network, const array *x, double reference_value, double *missed)
{
    machine quick = start(network, MG_SINGLE, 0);
    double mean[812], reference[812], all = 0.0;
    for (int i = 0; i < 812; i++)
        reference[i] = reference_value;
    *missed = 0.0;
    for (size_t i = 0; i < x->dim[0]; i++) {
        const double *window = x->value + i * 812;
        mg_exact_mean_gradient(quick.exact, quick.pass, window, reference, false, quick.room, mean);
        *missed = fmax(*missed, incompleteness(&quick, window, reference, false, mean));
        for (int k = 0; k < 812; k++)
            all += mean[k] * mean[k] * (1 + k);
    }
    stop(&quick);
    return all;
}

/* The same bits on every instruction set with fused multiply-add. */
static void test_instruction_sets(void **state)
{
    (void)state;
    need_file(GOLDEN);
    need_file(PUBLISHED);
    hid_t file = H5Fopen(GOLDEN, H5F_ACC_RDONLY, H5P_DEFAULT);
    array x = read_agct(file, "onehot");
    mg_graph *network = published_folded(MG_SCORE_LOG_ODDS);
    const char *const sets[] = {"portable", "avx2", "avx512"};
    double value[3] = {0};
    for (int k = 0; k < 3; k++) {
        double missed;
        setenv("MUTAGREE_ISA", sets[k], 1);
        if (mg_kernels_pick() == NULL) continue;
        value[k] = run_published(network, &x, k == 0 ? 0.25 : 0.0, &missed);
        print_message("# %s: sums miss by %.2g\n", sets[k], missed);
        assert_true(missed < 1e-5);
    }
    if (value[1] != 0.0 && value[2] != 0.0) assert_true(value[1] == value[2]);
    unsetenv("MUTAGREE_ISA");
    mg_graph_destroy(network);
    free(x.value);
    H5Fclose(file);
}

static void test_published(void **state)
{
    (void)state;
    need_file(GOLDEN);
    need_file(PUBLISHED);
    hid_t file = H5Fopen(GOLDEN, H5F_ACC_RDONLY, H5P_DEFAULT);
    array x = read_agct(file, "onehot");
    mg_graph *network = published_folded(MG_SCORE_LOG_ODDS);
    machine fine = start(network, MG_DOUBLE, 0), quick = start(network, MG_SINGLE, 0);
    double mean[812], single[812], zero[812] = {0}, sum = 0.0, single_sum = 0.0, value = 0.0;
    for (size_t i = 0; i < x.dim[0]; i++) {
        const double *window = x.value + i * 812;
        mg_exact_mean_gradient(fine.exact, fine.pass, window, zero, false, fine.room, mean);
        mg_exact_mean_gradient(quick.exact, quick.pass, window, zero, false, quick.room, single);
        sum = fmax(sum, incompleteness(&fine, window, zero, false, mean));
        single_sum = fmax(single_sum, incompleteness(&quick, window, zero, false, single));
        value = fmax(value, deviation(single, mean, 812));
    }
    print_message("# published: sum %.2g; single %.2g, sum %.2g\n", sum, value, single_sum);
    assert_true(sum < 1e-12);
    assert_true(single_sum < 1e-5);
    assert_true(value < 1e-4);
    stop(&fine);
    stop(&quick);
    mg_graph_destroy(network);
    free(x.value);
    H5Fclose(file);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) seed = strtoul(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random),          cmocka_unit_test(test_little_room),
                                       cmocka_unit_test(test_dilated_windows), cmocka_unit_test(test_odd_nets),
                                       cmocka_unit_test(test_published),       cmocka_unit_test(test_instruction_sets)};
    return cmocka_run_group_tests_name("exact", tests, NULL, NULL);
}
