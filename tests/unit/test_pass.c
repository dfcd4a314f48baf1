/* test_pass.c  forward and backward passes: against PyTorch's values on eight odd networks and on the published one,
 * and the gradient against finite differences; both precisions, every instruction set of this machine */
#include "tests/support/support.h"

#include "src/kernels/kernels.h"
#include "src/engine/pass.h"

/* What float32 may lose, and what float64 may: sums of some hundred terms, times a few layers. */
static const double SINGLE_TOLERANCE = 1e-4, DOUBLE_TOLERANCE = 1e-9;

typedef struct {
    mg_plan *plan;
    mg_pass *pass;
} machine;

static machine start(const mg_graph *network, mg_precision precision)
{
    machine m = {0};
    mg_error err = {0};
    if (mg_plan_create(network, precision, &m.plan, &err) != MG_OK) fail_msg("%s", err.text);
    if (mg_pass_create(m.plan, &m.pass, &err) != MG_OK) fail_msg("%s", err.text);
    return m;
}

static void stop(machine *m)
{
    mg_pass_destroy(m->pass);
    mg_plan_destroy(m->plan);
}

static double tolerance(mg_precision precision)
{
    return precision == MG_SINGLE ? SINGLE_TOLERANCE : DOUBLE_TOLERANCE;
}

static array odd_array(hid_t file, const char *name, const char *what)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", name, what);
    return read_array(file, path);
}

static void check_outputs(hid_t file, const char *name, const mg_graph *network, mg_precision precision)
{
    array x = odd_array(file, name, "x"), output = odd_array(file, name, "output");
    size_t per = (size_t)network->length * 4;
    double *value = calloc(output.n, sizeof *value);
    machine m = start(network, precision);
    for (size_t i = 0; i < x.dim[0]; i++) {
        mg_pass_forward(m.pass, x.value + i * per);
        for (size_t k = 0; k < (size_t)network->extent[network->n_nodes].channels; k++)
            value[i * (size_t)network->extent[network->n_nodes].channels + k] =
                mg_pass_value(m.pass, network->n_nodes, 0, (int64_t)k);
    }
    double d = deviation(value, output.value, output.n);
    print_message("# %s %s output deviates by %.2g of scale\n", name, precision == MG_SINGLE ? "single" : "double", d);
    assert_true(d < tolerance(precision));
    stop(&m);
    free(value);
    free(x.value);
    free(output.value);
}

static void check_multipliers(hid_t file, const char *name, const mg_graph *folded, mg_precision precision,
                              const char *what, const mg_rule *rule)
{
    array x = odd_array(file, name, "x"), expected = odd_array(file, name, what);
    size_t per = (size_t)folded->length * 4;
    double *value = calloc(expected.n, sizeof *value);
    machine m = start(folded, precision);
    for (size_t i = 0; i < x.dim[0]; i++) {
        mg_pass_forward(m.pass, x.value + i * per);
        mg_pass_backward(m.pass, rule, value + i * per);
    }
    double d = deviation(value, expected.value, expected.n);
    print_message("# %s %s %s deviates by %.2g of scale\n", name, precision == MG_SINGLE ? "single" : "double", what,
                  d);
    assert_true(d < tolerance(precision));
    stop(&m);
    free(value);
    free(x.value);
    free(expected.value);
}

static void check_odd_net(hid_t file, const char *name, mg_precision precision)
{
    static const mg_rule guided = {.kind = MG_RULE_GUIDED}, deconvolution = {.kind = MG_RULE_DECONVOLUTION};
    mg_graph *network = odd_net(file, name), *folded = NULL;
    assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOGIT}, &folded, NULL), MG_OK);
    check_outputs(file, name, network, precision);
    check_multipliers(file, name, folded, precision, "gradient", &mg_rule_gradient);
    check_multipliers(file, name, folded, precision, "guided_backprop", &guided);
    check_multipliers(file, name, folded, precision, "deconvolution", &deconvolution);
    mg_graph_destroy(folded);
    mg_graph_destroy(network);
}

static void test_odd_nets(void **state)
{
    (void)state;
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int i = 0; i < N_ODD_NETS; i++) {
        check_odd_net(file, odd_net_names[i], MG_DOUBLE);
        check_odd_net(file, odd_net_names[i], MG_SINGLE);
    }
    H5Fclose(file);
}

/* With the log-odds folded into one output, F is the difference of the two logits. */
static void test_published_logits(void **state)
{
    (void)state;
    need_file(GOLDEN);
    need_file(PUBLISHED);
    hid_t file = H5Fopen(GOLDEN, H5F_ACC_RDONLY, H5P_DEFAULT);
    array x = read_agct(file, "onehot"), logits = read_array(file, "logits");
    mg_graph *folded = published_folded(MG_SCORE_LOG_ODDS);
    for (int precision = MG_SINGLE; precision <= MG_DOUBLE; precision++) {
        machine m = start(folded, (mg_precision)precision);
        double value[64], expected[64];
        for (size_t i = 0; i < x.dim[0]; i++) {
            value[i] = mg_pass_forward(m.pass, x.value + i * 812);
            expected[i] = logits.value[i * 2 + 1] - logits.value[i * 2];
        }
        double d = deviation(value, expected, x.dim[0]);
        print_message("# published %s log-odds deviate by %.2g of scale\n",
                      precision == MG_SINGLE ? "single" : "double", d);
        assert_true(d < (precision == MG_SINGLE ? 1e-6 : 1e-12));
        stop(&m);
    }
    mg_graph_destroy(folded);
    free(x.value);
    free(logits.value);
    H5Fclose(file);
}

/* A network is piecewise linear, so a small enough central difference is the gradient up to rounding. */
static void test_gradient_is_finite_difference(void **state)
{
    (void)state;
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    for (int i = 0; i < N_ODD_NETS; i++) {
        mg_graph *network = odd_net(file, odd_net_names[i]), *folded = NULL;
        assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOGIT}, &folded, NULL), MG_OK);
        array x = odd_array(file, odd_net_names[i], "x");
        size_t n = (size_t)folded->length * 4;
        double *gradient = calloc(n, sizeof *gradient), *difference = calloc(n, sizeof *difference);
        machine m = start(folded, MG_DOUBLE);
        for (size_t k = 0; k < n; k++)
            x.value[k] += 0.01 * (double)(k % 7) + 0.003; /* off the ties of one-hot rows */
        mg_pass_forward(m.pass, x.value);
        mg_pass_backward(m.pass, &mg_rule_gradient, gradient);
        for (size_t k = 0; k < n; k++) {
            double keep = x.value[k], h = 1e-7;
            x.value[k] = keep + h;
            double above = mg_pass_forward(m.pass, x.value);
            x.value[k] = keep - h;
            difference[k] = (above - mg_pass_forward(m.pass, x.value)) / (2.0 * h);
            x.value[k] = keep;
        }
        assert_true(deviation(gradient, difference, n) < 1e-6);
        stop(&m);
        free(gradient);
        free(difference);
        free(x.value);
        mg_graph_destroy(folded);
        mg_graph_destroy(network);
    }
    H5Fclose(file);
}

/* The same bits from every instruction set with FMA. */
static void test_same_bits_on_avx2_and_avx512(void **state)
{
    (void)state;
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    const char *const sets[] = {"avx512", "avx2"};
    for (int i = 0; i < N_ODD_NETS; i++) {
        mg_graph *network = odd_net(file, odd_net_names[i]);
        array x = odd_array(file, odd_net_names[i], "x");
        size_t n = (size_t)network->length * 4;
        double *gradient[2] = {calloc(n, sizeof(double)), calloc(n, sizeof(double))}, score[2];
        for (int k = 0; k < 2; k++) {
            setenv("MUTAGREE_ISA", sets[k], 1);
            if (mg_kernels_pick() == NULL) skip();
            machine m = start(network, MG_SINGLE);
            score[k] = mg_pass_forward(m.pass, x.value);
            mg_pass_backward(m.pass, &mg_rule_gradient, gradient[k]);
            stop(&m);
        }
        unsetenv("MUTAGREE_ISA");
        assert_memory_equal(&score[0], &score[1], sizeof(double));
        assert_memory_equal(gradient[0], gradient[1], n * sizeof(double));
        free(gradient[0]);
        free(gradient[1]);
        free(x.value);
        mg_graph_destroy(network);
    }
    H5Fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_nets),
        cmocka_unit_test(test_published_logits),
        cmocka_unit_test(test_gradient_is_finite_difference),
        cmocka_unit_test(test_same_bits_on_avx2_and_avx512),
    };
    return cmocka_run_group_tests_name("pass", tests, NULL, NULL);
}
