/* test_attribution.c  the seven methods against Captum, tangermeme, zennit and an independent numpy implementation, on
 * the published network and on odd ones; and their laws: completeness, LRP-epsilon = input x gradient, shuffles keep
 * pairs */
#include "tests/support/plain_forward.h"
#include "tests/support/random_network.h"
#include "tests/support/explainer.h"

#include "src/attribution/explain.h"
#include "src/attribution/method.h"
#include "src/attribution/reference.h"
#include "src/core/random.h"

static void check(hid_t file, const mg_graph *network, const char *spec, const char *path, comparison how)
{
    assert_true(deviation_of(file, network, MG_SINGLE, spec, file, path, how, N, NULL) < tolerance_of(MG_SINGLE, spec));
    assert_true(deviation_of(file, network, MG_DOUBLE, spec, file, path, how, N, NULL) < tolerance(MG_DOUBLE));
}

static hid_t golden(void)
{
    need_file(GOLDEN);
    need_file(PUBLISHED);
    return H5Fopen(GOLDEN, H5F_ACC_RDONLY, H5P_DEFAULT);
}

static void test_gradient_methods(void **state)
{
    (void)state;
    hid_t file = golden();
    mg_graph *network = published_folded(MG_SCORE_LOGIT);
    check(file, network, "saliency", "attr/saliency_abs", ROW_LARGEST);
    check(file, network, "input_x_gradient", "attr/input_x_gradient", ROW_SUM);
    check(file, network, "input_x_gradient", "attr/gradient", EVERY_BASE);
    check(file, network, "guided_backpropagation", "attr/guided_backprop", EVERY_BASE);
    check(file, network, "deconvolution", "attr/deconvolution", EVERY_BASE);
    mg_graph_destroy(network);
    H5Fclose(file);
}

/* Captum rounds nodes and weights to float32 first, so the float64 values are those of the numpy implementation. */
static void test_integrated_gradients(void **state)
{
    (void)state;
    hid_t file = golden();
    mg_graph *network = published_folded(MG_SCORE_LOGIT);
    check(file, network, "integrated_gradients", "attr/integrated_gradients/zeros/gausslegendre_50_numpy", ROW_SUM);
    check(file, network, "integrated_gradients:reference=uniform",
          "attr/integrated_gradients/uniform/gausslegendre_50_numpy", ROW_SUM);
    /* With 300 nodes some node falls within float32's rounding of a switch, so only the float64 path is compared. */
    assert_true(deviation_of(file, network, MG_DOUBLE, "integrated_gradients:steps=300", file,
                             "attr/integrated_gradients/zeros/gausslegendre_300", ROW_SUM, N, NULL) < 1e-7);
    mg_graph_destroy(network);
    H5Fclose(file);
}

static void test_deeplift(void **state)
{
    (void)state;
    hid_t file = golden();
    mg_graph *network = published_folded(MG_SCORE_LOGIT);
    check(file, network, "deeplift", "attr/deeplift_rescale/zeros", ROW_SUM);
    check(file, network, "deeplift:reference=uniform", "attr/deeplift_rescale/uniform", ROW_SUM);
    check(file, network, "deeplift", "attr/deeplift_rescale_multipliers/zeros", EVERY_BASE);
    mg_graph_destroy(network);
    H5Fclose(file);
}

static void test_lrp(void **state)
{
    (void)state;
    hid_t file = golden();
    mg_graph *network = published_folded(MG_SCORE_LOGIT);
    static const char *const cases[][2] = {
        {"lrp:rule=epsilon", "attr/lrp/zennit_epsilon_1e-6"},
        {"lrp:rule=composite-gamma,gamma=0.25", "attr/lrp/zennit_gamma_0.25"},
        {"lrp:rule=epsilon-plus", "attr/lrp/zennit_epsilon_plus"},
        {"lrp:rule=epsilon-alpha2-beta1", "attr/lrp/zennit_epsilon_alpha2_beta1"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        check(file, network, cases[k][0], cases[k][1], ROW_SUM);
    mg_graph_destroy(network);
    H5Fclose(file);
}

/* Captum divides by outputs of another pass than the one it multiplies with, so its own rounding reaches 1e-7 of scale:
 * the independent numpy implementation is as far from it as we are. */
static void test_lrp_captum(void **state)
{
    (void)state;
    hid_t file = golden();
    mg_graph *network = published_folded(MG_SCORE_LOGIT);
    static const char *const cases[][2] = {
        {"lrp:rule=epsilon,epsilon=1e-9,bias=captum", "attr/lrp/captum_epsilon_1e-9"},
        {"lrp:rule=epsilon,epsilon=0.01,bias=captum", "attr/lrp/captum_epsilon_0.01"},
        {"lrp:rule=composite-gamma,gamma=0.25,epsilon=1e-9,bias=captum", "attr/lrp/captum_gamma_0.25"},
        {"lrp:rule=epsilon-plus,epsilon=1e-9,bias=captum", "attr/lrp/captum_alpha1beta0"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        assert_true(deviation_of(file, network, MG_SINGLE, cases[k][0], file, cases[k][1], ROW_SUM, N, NULL) <
                    tolerance(MG_SINGLE));
        assert_true(deviation_of(file, network, MG_DOUBLE, cases[k][0], file, cases[k][1], ROW_SUM, N, NULL) < 1e-7);
    }
    mg_graph_destroy(network);
    H5Fclose(file);
}

/* --- odd networks and laws --- */

typedef void odd_check(const mg_graph *network, const array *x, const array *gradients);

static void for_odd_nets(odd_check *run)
{
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int k = 0; k < N_ODD_NETS; k++) {
        char path[256];
        mg_graph *network = odd_net(file, odd_net_names[k]), *folded = NULL;
        assert_int_equal(mg_graph_score(network, &(mg_score_spec){.kind = MG_SCORE_LOGIT}, &folded, NULL), MG_OK);
        snprintf(path, sizeof path, "%s/x", odd_net_names[k]);
        array x = read_array(file, path);
        snprintf(path, sizeof path, "%s/integrated_gradients_zeros_gl50", odd_net_names[k]);
        array gradients = read_array(file, path);
        run(folded, &x, &gradients);
        free(x.value);
        free(gradients.value);
        mg_graph_destroy(folded);
        mg_graph_destroy(network);
    }
    H5Fclose(file);
}

static void odd_integrated_gradients(const mg_graph *network, const array *x, const array *expected)
{
    size_t length = (size_t)network->length, rows = x->dim[0] * length;
    double *value = calloc(rows, sizeof *value), *wanted = calloc(rows, sizeof *wanted),
           *c = calloc(length * 4, sizeof *c);
    for (size_t i = 0; i < rows; i++)
        wanted[i] = reduce(expected->value + i * 4, ROW_SUM);
    for (int precision = MG_SINGLE; precision <= MG_DOUBLE; precision++) {
        machine m = start(network, (mg_precision)precision, "integrated_gradients");
        for (size_t i = 0; i < x->dim[0]; i++)
            explain(&m, x->value + i * length * 4, network->length, false, value + i * length, c);
        double d = deviation(value, wanted, rows);
        print_message("# %-6s integrated gradients deviate by %.2g of scale\n",
                      precision == MG_SINGLE ? "single" : "double", d);
        assert_true(d < (precision == MG_SINGLE ? 1e-4 : 1e-6)); /* Captum's nodes are float32 */
        stop(&m);
    }
    free(value);
    free(wanted);
    free(c);
}

/* A method's contributions add up to what it claims: exactly for DeepLIFT with any reference, and for every rule of LRP
 * on a network whose biases are zero. */
static void check_completeness(const mg_graph *network, const array *x, const char *spec, bool probability,
                               double bound)
{
    size_t length = (size_t)network->length;
    double *a = calloc(length, sizeof *a), *c = calloc(length * 4, sizeof *c);
    machine m = start(network, MG_DOUBLE, spec);
    for (size_t i = 0; i < x->dim[0]; i++) {
        double claimed = explain(&m, x->value + i * length * 4, network->length, probability, a, c), sum = 0.0;
        for (size_t p = 0; p < length; p++)
            sum += a[p];
        if (!(fabs(sum - claimed) <= bound)) fail_msg("%s: sums to %.12g, claims %.12g", spec, sum, claimed);
    }
    stop(&m);
    free(a);
    free(c);
}

static void odd_completeness(const mg_graph *network, const array *x, const array *unused)
{
    (void)unused;
    check_completeness(network, x, "deeplift", false, 1e-12);
    check_completeness(network, x, "deeplift:reference=uniform", false, 1e-12);
    check_completeness(network, x, "deeplift:reference=shuffle,references=3", false, 1e-12);
    check_completeness(network, x, "deeplift:reference=shuffle,references=3", true, 1e-12);
    check_completeness(network, x, "integrated_gradients:steps=1000", false, 3e-3);
    check_completeness(network, x, "integrated_gradients:steps=1000,reference=shuffle,references=2", true, 3e-3);
    mg_graph *unbiased = NULL;
    assert_int_equal(mg_graph_copy(network, &unbiased, NULL), MG_OK);
    for (size_t l = 0; l < unbiased->n_nodes; l++)
        for (int64_t o = 0; o < unbiased->node[l].n_bias; o++)
            unbiased->node[l].bias[o] = 0.0;
    check_completeness(unbiased, x, "input_x_gradient", false, 1e-12);
    check_completeness(unbiased, x, "lrp:epsilon=0", false, 1e-9);
    check_completeness(unbiased, x, "lrp:rule=epsilon,epsilon=0", false, 1e-9);
    mg_graph_destroy(unbiased);
}

static void odd_lrp_epsilon_is_input_x_gradient(const mg_graph *network, const array *x, const array *unused)
{
    (void)unused;
    size_t length = (size_t)network->length;
    double *a = calloc(length, sizeof *a), *b = calloc(length, sizeof *b), *c = calloc(length * 4, sizeof *c);
    machine lrp = start(network, MG_DOUBLE, "lrp:rule=epsilon,epsilon=0");
    machine gradient = start(network, MG_DOUBLE, "input_x_gradient");
    for (size_t i = 0; i < x->dim[0]; i++) {
        explain(&lrp, x->value + i * length * 4, network->length, false, a, c);
        explain(&gradient, x->value + i * length * 4, network->length, false, b, c);
        assert_true(deviation(a, b, length) < 1e-12);
    }
    stop(&lrp);
    stop(&gradient);
    free(a);
    free(b);
    free(c);
}

/* The kernels against the reference path, on networks whose channels fill no vector and layers come in any order.
 * Methods that divide by differences or sums can meet one that float32 cannot tell from 0, so the median over networks
 * is what is bounded tightly, and every single one is bounded loosely. */
static void check_random_networks(const char *spec)
{
    enum { NETWORKS = 30 };
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_close = 0;
    for (int k = 0; k < NETWORKS; k++) {
        mg_graph *network = random_chain(rng);
        size_t length = (size_t)network->length;
        double *x = random_window(rng, network->length), *c = calloc(length * 4, sizeof *c);
        double *a[2] = {calloc(length, sizeof(double)), calloc(length, sizeof(double))};
        for (int precision = MG_SINGLE; precision <= MG_DOUBLE; precision++) {
            machine m = start(network, (mg_precision)precision, spec);
            double *other = random_window(rng, network->length); /* what a workspace remembers must not matter */
            explain(&m, other, network->length, false, a[precision], c);
            explain(&m, x, network->length, false, a[precision], c);
            free(other);
            stop(&m);
        }
        double d = deviation(a[MG_SINGLE], a[MG_DOUBLE], length);
        if (!(d < 0.05)) fail_msg("%s: network %d deviates by %g of scale", spec, k, d);
        n_close += d < 1e-4;
        free(x);
        free(c);
        free(a[0]);
        free(a[1]);
        mg_graph_destroy(network);
    }
    print_message("# %s: %d of %d random networks within 1e-4 of scale\n", spec, n_close, NETWORKS);
    assert_true(n_close >= NETWORKS * 9 / 10);
    gsl_rng_free(rng);
}

static void test_random_networks(void **state)
{
    (void)state;
    static const char *const specs[] = {"saliency",
                                        "input_x_gradient",
                                        "guided_backpropagation",
                                        "deconvolution",
                                        "integrated_gradients:steps=7",
                                        "deeplift",
                                        "deeplift:reference=uniform",
                                        "lrp",
                                        "lrp:rule=epsilon",
                                        "lrp:rule=z-plus",
                                        "lrp:rule=alpha-beta",
                                        "lrp:rule=composite-gamma,gamma=0.25",
                                        "lrp:bias=captum"};
    for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++)
        check_random_networks(specs[k]);
}

static void test_odd_integrated_gradients(void **state)
{
    (void)state;
    for_odd_nets(odd_integrated_gradients);
}

static void test_completeness(void **state)
{
    (void)state;
    for_odd_nets(odd_completeness);
}

/* --- LRP by its definition --- */

/* Relevance handed to every input of one output of a linear or affine layer, contribution by contribution: those of the
 * sign of z are weighted 1 + gamma. */
static void share_output(const table_layer *layer, const double *in, int64_t t, int64_t o, double z, double relevance,
                         double gamma, double *in_relevance)
{
    double bias = layer->bias[o], favoured = bias * z > 0 ? bias : 0.0;
    for (int pass = 0; pass < 2; pass++) {
        double share = relevance / (z + gamma * favoured + (z >= 0 ? 1e-6 : -1e-6));
        for (int64_t k = 0; k < layer->kernel; k++)
            for (int64_t c = 0; c < layer->in_channels; c++) {
                int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
                if (p < 0 || p >= layer->in_length || (layer->kind == LAYER_AFFINE && c != o)) continue;
                double weight = layer->kind == LAYER_AFFINE
                                    ? layer->weight[o]
                                    : layer->weight[(o * layer->in_channels + c) * layer->kernel + k];
                double contribution = weight * in[p * layer->in_channels + c];
                if (pass == 0 && contribution * z > 0) favoured += contribution;
                if (pass == 1)
                    in_relevance[p * layer->in_channels + c] +=
                        contribution * (contribution * z > 0 ? 1.0 + gamma : 1.0) * share;
            }
    }
}

static void share_pool(const table_layer *layer, const double *in, int64_t t, int64_t c, double out, double relevance,
                       double *in_relevance)
{
    for (int64_t k = 0; k < layer->kernel; k++) {
        int64_t p = t * layer->stride + k * layer->dilation - layer->pad;
        if (p < 0 || p >= layer->in_length) continue;
        double a = in[p * layer->in_channels + c];
        if (layer->kind == LAYER_AVERAGE_POOL && out != 0.0)
            in_relevance[p * layer->in_channels + c] +=
                relevance * a / layer->divisor[t] / (out + (out >= 0 ? 1e-6 : -1e-6));
        if (layer->kind != LAYER_MAX_POOL || a < out) continue;
        in_relevance[p * layer->in_channels + c] += relevance; /* the first maximum takes it all */
        return;
    }
}

static double *lrp_down(const table_layer *layer, const double *in, const double *out, const double *relevance,
                        double gamma)
{
    double *down = calloc((size_t)(layer->in_length * layer->in_channels), sizeof *down);
    for (int64_t t = 0; t < layer->out_length; t++)
        for (int64_t o = 0; o < layer->out_channels; o++) {
            int64_t at = t * layer->out_channels + o;
            if (relevance[at] == 0.0) continue;
            if (layer->kind == LAYER_RELU)
                down[at] = relevance[at];
            else if (layer->kind == LAYER_LINEAR || layer->kind == LAYER_AFFINE)
                share_output(layer, in, t, o, out[at], relevance[at], gamma, down);
            else
                share_pool(layer, in, t, o, out[at], relevance[at], down);
        }
    return down;
}

/* Relevance of every input, (L, 4), for the caller to free. */
static double *lrp_by_definition(const layer_table *network, const double *x, double gamma)
{
    double *activation[32], *relevance;
    activation[0] = calloc((size_t)network->length * 4, sizeof(double));
    memcpy(activation[0], x, (size_t)network->length * 4 * sizeof(double));
    for (size_t l = 0; l < network->n_layers; l++) {
        const table_layer *layer = &network->layer[l];
        activation[l + 1] = calloc((size_t)(layer->out_length * layer->out_channels), sizeof(double));
        for (int64_t i = 0; i < layer->out_length * layer->out_channels; i++)
            activation[l + 1][i] = plain_value(layer, activation[l], i / layer->out_channels, i % layer->out_channels);
    }
    relevance = calloc(1, sizeof *relevance);
    relevance[0] = activation[network->n_layers][0];
    for (size_t l = network->n_layers; l-- > 0;) {
        double *down = lrp_down(&network->layer[l], activation[l], activation[l + 1], relevance, gamma);
        free(relevance);
        relevance = down;
    }
    for (size_t l = 0; l <= network->n_layers; l++)
        free(activation[l]);
    return relevance;
}

static void odd_lrp_by_definition(const mg_graph *network, const array *x, const array *unused)
{
    (void)unused;
    size_t length = (size_t)network->length;
    double *a = calloc(length, sizeof *a), *c = calloc(length * 4, sizeof *c), *wanted = calloc(length, sizeof *wanted);
    layer_table *table = table_of(network);
    machine m = start(network, MG_DOUBLE, "lrp");
    for (size_t i = 0; i < x->dim[0]; i++) {
        double *relevance = lrp_by_definition(table, x->value + i * length * 4, 0.05);
        for (size_t p = 0; p < length; p++)
            wanted[p] = reduce(relevance + p * 4, ROW_SUM);
        explain(&m, x->value + i * length * 4, network->length, false, a, c);
        assert_true(deviation(a, wanted, length) < 1e-9);
        free(relevance);
    }
    stop(&m);
    free(a);
    free(c);
    free(wanted);
    table_destroy(table);
}

/* The default rule, on the odd networks: no library's composite uses gamma on every layer. */
static void test_lrp_gamma_by_definition(void **state)
{
    (void)state;
    for_odd_nets(odd_lrp_by_definition);
}

static void test_lrp_epsilon_is_input_x_gradient(void **state)
{
    (void)state;
    for_odd_nets(odd_lrp_epsilon_is_input_x_gradient);
}

/* Every pair of neighbours occurs as often after the shuffle as before, ends stay, and shuffles differ by seed
 * alone. */
static void test_shuffle(void **state)
{
    (void)state;
    int64_t n_changed = 0;
    for (uint64_t seed = 0; seed < 500; seed++) {
        mg_base base[60], shuffled[60], again[60], scratch[60];
        int64_t n = (int64_t)(mg_mix(seed, 7) % 60) + 1, before[4][4] = {{0}}, after[4][4] = {{0}};
        int letters = 1 + (int)(seed % 4);
        for (int64_t i = 0; i < n; i++)
            base[i] = (mg_base)(mg_mix(seed, 100 + (uint64_t)i) % (uint64_t)letters);
        memcpy(shuffled, base, sizeof base);
        memcpy(again, base, sizeof base);
        mg_shuffle_dinucleotides(seed, n, shuffled, scratch);
        mg_shuffle_dinucleotides(seed, n, again, scratch);
        assert_memory_equal(shuffled, again, (size_t)n);
        for (int64_t i = 0; i + 1 < n; i++)
            before[base[i]][base[i + 1]]++, after[shuffled[i]][shuffled[i + 1]]++;
        assert_memory_equal(before, after, sizeof before);
        assert_int_equal(base[0], shuffled[0]);
        assert_int_equal(base[n - 1], shuffled[n - 1]);
        n_changed += memcmp(base, shuffled, (size_t)n) != 0;
    }
    assert_true(n_changed > 250);
}

static void test_specifications(void **state)
{
    (void)state;
    mg_method method;
    mg_error err;
    assert_int_equal(mg_method_parse("integrated_gradients:steps=100,reference=uniform", &method, &err), MG_OK);
    assert_string_equal(method.spec,
                        "integrated_gradients:steps=100,reference=uniform,references=10,integral=quadrature");
    assert_string_equal(method.label, "integrated gradients (100 steps, uniform reference)");
    assert_int_equal(mg_method_parse("integrated_gradients:exact,reference=uniform", &method, &err), MG_OK);
    assert_string_equal(method.label, "integrated gradients (exact, uniform reference)");
    static const char *const labels[][2] = {
        {"lrp", "LRP (gamma 0.05)"},
        {"saliency", "saliency"},
        {"vargrad", "VarGrad (50 draws, sigma 0.15)"},
        {"deeplift:reference=shuffle", "DeepLIFT (rescale, shuffled references)"},
        {"gradient_shap:reference=zero", "GradientSHAP (50 draws, sigma 0.09, zero reference)"},
        {"grad_cam:sign=positive,layer=2,values=pre,upsampling=nearest", "Grad-CAM (layer 2, pre, nearest, positive)"},
        {"occlusion:width=3,replacement=mutants", "occlusion (3 wide, mutants)"}};
    for (size_t k = 0; k < sizeof labels / sizeof labels[0]; k++) {
        assert_int_equal(mg_method_parse(labels[k][0], &method, &err), MG_OK);
        assert_string_equal(method.label, labels[k][1]);
    }
    static const char *const wrong[][2] = {
        {"lpr", "unknown method 'lpr'; known are saliency"},
        {"lrp:gama=1", "method lrp has no option 'gama'; it has rule, gamma"},
        {"lrp:rule=best", "rule=best is none of gamma|epsilon"},
        {"saliency:steps=3", "method saliency has no option 'steps'; it has none"},
        {"integrated_gradients:steps=0", "lies outside 1 to"},
        {"integrated_gradients:steps=2.5", "is no whole number"},
        {"integrated_gradients:steps=nan", "is no whole number"},
        {"integrated_gradients:steps", "is no option=value"},
        {"integrated_gradients:inexact", "is no option=value"},
        {"lrp:gamma=", "is no number"},
        {"", "unknown method ''"},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        assert_int_equal(mg_method_parse(wrong[k][0], &method, &err), MG_EUSAGE);
        if (strstr(err.text, wrong[k][1]) == NULL) fail_msg("'%s' says: %s", wrong[k][0], err.text);
    }
}

/* A whole bias belongs to neither sign, and Captum has no such rule. */
static void test_lrp_refuses_captum_bias_with_two_signs(void **state)
{
    (void)state;
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    mg_graph *network = odd_net(file, "dense_only");
    mg_plan *plan = NULL;
    mg_method method;
    mg_error err;
    assert_int_equal(mg_plan_create(network, MG_DOUBLE, &plan, NULL), MG_OK);
    assert_int_equal(mg_method_parse("lrp:rule=alpha-beta,bias=captum", &method, &err), MG_OK);
    assert_int_equal(mg_method_prepare(&method, plan, &err), MG_EUSAGE);
    assert_non_null(strstr(err.text, "bias=captum goes with alpha=1 alone"));
    mg_method_release(&method);
    mg_plan_destroy(plan);
    mg_graph_destroy(network);
    H5Fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_methods),
        cmocka_unit_test(test_integrated_gradients),
        cmocka_unit_test(test_deeplift),
        cmocka_unit_test(test_lrp),
        cmocka_unit_test(test_lrp_captum),
        cmocka_unit_test(test_odd_integrated_gradients),
        cmocka_unit_test(test_random_networks),
        cmocka_unit_test(test_completeness),
        cmocka_unit_test(test_lrp_epsilon_is_input_x_gradient),
        cmocka_unit_test(test_lrp_gamma_by_definition),
        cmocka_unit_test(test_shuffle),
        cmocka_unit_test(test_specifications),
        cmocka_unit_test(test_lrp_refuses_captum_bias_with_two_signs),
    };
    return cmocka_run_group_tests_name("attribution", tests, NULL, NULL);
}
