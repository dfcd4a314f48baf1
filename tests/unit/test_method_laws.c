/* test_method_laws.c  laws of methods on random graphs of nodes, in float64: sums that are claimed, methods that are others in
 * a limit, refusals by name, and manners: the same twice, the window's pass left as it was, draws as declared */
#include "tests/support/explainer.h"
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"

#include "src/attribution/draw.h"

enum { GRAPHS = 60 };

/* A random graph whose numbers are of a size that float64 can add, a window, and room for what a method says of it. */
typedef struct {
    mg_graph *graph;
    int64_t length;
    double *x, *a, *c;
} sample;

static sample draw_sample(gsl_rng *rng, bool (*wanted)(const mg_kind *kind))
{
    sample s = {.graph = random_graph(rng, wanted)};
    s.length = s.graph->length;
    s.x = drawn_window(rng, s.length);
    s.a = calloc((size_t)s.length, sizeof *s.a);
    s.c = calloc((size_t)s.length * 4, sizeof *s.c);
    return s;
}

static void free_sample(sample *s)
{
    free(s->x);
    free(s->a);
    free(s->c);
    mg_graph_destroy(s->graph);
}

/* A method on a graph, when it has a rule for every node; else false, and the reason names a node. */
static bool try_start(const mg_graph *graph, const char *spec, machine *ret)
{
    mg_error err = {0};
    *ret = (machine){0};
    if (mg_plan_create(graph, MG_DOUBLE, &ret->plan, &err) != MG_OK ||
        mg_pass_create(ret->plan, &ret->pass, &err) != MG_OK || mg_method_parse(spec, &ret->method, &err) != MG_OK)
        fail_msg("%s", err.text);
    mg_status status = mg_method_prepare(&ret->method, ret->plan, &err);
    if (status == MG_OK) {
        ret->scratch = calloc(1, ret->method.type->scratch(&ret->method, ret->plan));
        return true;
    }
    assert_int_equal(status, MG_EINPUT);
    assert_non_null(strstr(err.text, ret->method.type->name));
    stop(ret);
    return false;
}

/* Sum of the contributions against what is claimed, in units of the largest of them and of F. */
static void check_sum(const sample *s, const char *spec, double claimed, double f)
{
    double sum = 0.0, scale = 1.0 + fabs(f);
    for (int64_t i = 0; i < s->length; i++) {
        sum += s->a[i];
        scale = fmax(scale, fabs(s->a[i]));
    }
    if (!(fabs(sum - claimed) <= 1e-7 * scale)) fail_msg("%s: sums to %.12g, claims %.12g", spec, sum, claimed);
}

static bool tame(const mg_graph *graph, const double *x)
{
    double **value = plain_values(graph, x, NULL);
    bool all = true;
    for (size_t v = 0; v <= graph->n_nodes; v++)
        for (int64_t i = 0; i < graph->extent[v].length * graph->extent[v].channels; i++)
            all &= fabs(value[v][i]) < 1e3;
    plain_values_free(graph, value);
    return all;
}

/* Methods that claim an exact sum keep it on any graph, of F and of the probability. */
static void test_completeness(void **state)
{
    (void)state;
    static const char *const specs[] = {"deeplift:reference=uniform", "deep_shap:references=3",
                                        "deeplift_reveal_cancel:reference=shuffle,references=3",
                                        "shapley_sampling:permutations=2,reference=uniform"};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++) {
        int n_checked = 0;
        for (int g = 0; g < GRAPHS; g++) {
            sample s = draw_sample(rng, NULL);
            machine m;
            if (tame(s.graph, s.x) && try_start(s.graph, specs[k], &m)) {
                double claimed = explain(&m, s.x, s.length, g % 2 == 1, s.a, s.c);
                check_sum(&s, specs[k], claimed, mg_pass_forward(m.pass, s.x));
                stop(&m);
                n_checked++;
            }
            free_sample(&s);
        }
        print_message("# %s: %d graphs complete\n", specs[k], n_checked);
        assert_true(n_checked > GRAPHS / 5);
    }
    gsl_rng_free(rng);
}

/* Any method on any graph: it is refused by name, or says the same twice and leaves the window's pass as it was. Draws other
 * than the run's own say something else where the method is said to draw, and nothing else where it is not. */
static void check_manners(const sample *s, const mg_method_type *type, int *n_drawn)
{
    machine m;
    if (!try_start(s->graph, type->name, &m)) return;
    size_t n = (size_t)s->length;
    double *again = calloc(n, sizeof *again), *gradient = calloc(n * 8, sizeof *gradient);
    explain(&m, s->x, s->length, false, s->a, s->c);
    explain(&m, s->x, s->length, false, again, s->c);
    assert_memory_equal(again, s->a, n * sizeof *again);
    mg_pass_backward(m.pass, &mg_rule_gradient, gradient);
    double f = mg_pass_value(m.pass, s->graph->n_nodes, 0, 0);
    assert_true(mg_pass_forward(m.pass, s->x) == f);
    mg_pass_backward(m.pass, &mg_rule_gradient, gradient + n * 4);
    assert_memory_equal(gradient + n * 4, gradient, n * 4 * sizeof *gradient);
    uint8_t base[4096];
    mg_view view = view_of(&m, s->x, s->length, false, base), redrawn = mg_view_redrawn(&view, 1);
    explain_view(&m, &redrawn, again, s->c);
    bool other = memcmp(again, s->a, n * sizeof *again) != 0;
    if (other && !mg_method_is_drawn(&m.method)) fail_msg("%s draws, and says that it does not", type->name);
    *n_drawn += other;
    free(again);
    free(gradient);
    stop(&m);
}

static void test_manners(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (const mg_method_type *const *type = mg_method_types(); *type != NULL; type++) {
        int n_drawn = 0;
        for (int g = 0; g < GRAPHS / 6; g++) {
            sample s = draw_sample(rng, NULL);
            if (tame(s.graph, s.x)) check_manners(&s, *type, &n_drawn);
            free_sample(&s);
        }
        mg_method method;
        assert_int_equal(mg_method_parse((*type)->name, &method, NULL), MG_OK);
        if (mg_method_is_drawn(&method)) assert_true(n_drawn > 0);
    }
    gsl_rng_free(rng);
}

/* float32 kernels against float64 loops. A quotient may meet a difference that float32 cannot tell from 0, a gradient a switch:
 * most graphs must be close, not each. */
static void check_precisions(gsl_rng *rng, bool (*wanted)(const mg_kind *kind), const char *spec)
{
    int n = 0, n_close = 0;
    for (int g = 0; g < GRAPHS / 2; g++) {
        sample s = draw_sample(rng, wanted);
        machine m;
        if (tame(s.graph, s.x) && try_start(s.graph, spec, &m)) {
            double *a = calloc((size_t)s.length, sizeof *a);
            explain(&m, s.x, s.length, false, s.a, s.c);
            stop(&m);
            m = start(s.graph, MG_SINGLE, spec);
            explain(&m, s.x, s.length, false, a, s.c);
            n_close += deviation(a, s.a, (size_t)s.length) < 1e-4;
            n++;
            free(a);
            stop(&m);
        }
        free_sample(&s);
    }
    print_message("# %s: %d of %d graphs within 1e-4 of scale\n", spec, n_close, n);
    assert_true(n > GRAPHS / 10);
    assert_true(n_close * 10 >= n * 8);
}

/* Kinds that leave positions for a map to lie along. */
static bool with_positions(const mg_kind *kind)
{
    static const char *const known[] = {"conv", "affine", "max_pool", "add", "multiply", "relu", "gelu", "concat"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(kind->name, known[i]) == 0) return true;
    return false;
}

static void test_precisions(void **state)
{
    (void)state;
    static const char *const specs[] = {"smoothgrad:draws=2",
                                        "vargrad:draws=2",
                                        "gradient_shap:draws=2",
                                        "deeplift_reveal_cancel:reference=uniform",
                                        "taylor_mutations",
                                        "occlusion:width=1,replacement=others",
                                        "grad_cam:layer=1",
                                        "grad_cam_plus_plus",
                                        "guided_grad_cam",
                                        "excitation_backprop",
                                        "shapley_sampling:permutations=1"};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++)
        check_precisions(rng, strstr(specs[k], "cam") != NULL ? with_positions : NULL, specs[k]);
    gsl_rng_free(rng);
}

/* What two methods say of a random graph's window, (L) each. */
static void check_equal(gsl_rng *rng, bool (*wanted)(const mg_kind *kind), const char *spec, const char *other,
                        double factor)
{
    for (int g = 0; g < GRAPHS / 4; g++) {
        sample s = draw_sample(rng, wanted);
        machine m, o;
        if (try_start(s.graph, spec, &m) && try_start(s.graph, other, &o)) {
            double *b = calloc((size_t)s.length, sizeof *b);
            explain(&m, s.x, s.length, g % 2 == 1, s.a, s.c);
            explain(&o, s.x, s.length, g % 2 == 1, b, s.c);
            for (int64_t i = 0; i < s.length; i++)
                b[i] *= factor;
            assert_true(deviation(s.a, b, (size_t)s.length) < 1e-12);
            free(b);
            stop(&m);
            stop(&o);
        }
        free_sample(&s);
    }
}

static bool no_relu(const mg_kind *kind)
{
    return (kind->traits & MG_TRAIT_RECTIFIER) == 0;
}

static void test_limits(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    check_equal(rng, NULL, "smoothgrad:sigma=0,draws=3", "input_x_gradient", 1.0);
    check_equal(rng, NULL, "gradient_shap:sigma=0,draws=3", "expected_gradients:draws=3", 1.0);
    check_equal(rng, NULL, "deep_shap:references=2", "deeplift:reference=shuffle,references=2", 1.0);
    check_equal(rng, no_relu, "deeplift_reveal_cancel", "deeplift", 1.0);
    check_equal(rng, NULL, "taylor_mutations", "input_x_corrected_gradient", 4.0 / 3.0);
    gsl_rng_free(rng);
}

/* c of the corrected gradient sums to 0 over bases, and predicts of a substitution what the gradient does. */
static void test_corrected_laws(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int g = 0; g < GRAPHS / 4; g++) {
        sample s = draw_sample(rng, NULL);
        machine m, o;
        if (try_start(s.graph, "input_x_corrected_gradient", &m) && try_start(s.graph, "input_x_gradient", &o)) {
            double *gradient = calloc((size_t)s.length * 4, sizeof *gradient), scale = 1.0;
            explain(&m, s.x, s.length, false, s.a, s.c);
            explain(&o, s.x, s.length, false, s.a, gradient);
            for (int64_t i = 0; i < s.length * 4; i++)
                scale = fmax(scale, fabs(gradient[i]));
            for (int64_t i = 0; i < s.length * 4; i += 4) {
                assert_true(fabs(s.c[i] + s.c[i + 1] + s.c[i + 2] + s.c[i + 3]) < 1e-13 * scale);
                assert_true(fabs(s.c[i + 1] - s.c[i] - (gradient[i + 1] - gradient[i])) < 1e-13 * scale);
            }
            free(gradient);
            stop(&m);
            stop(&o);
        }
        free_sample(&s);
    }
    gsl_rng_free(rng);
}

static bool linear(const mg_kind *kind)
{
    return (kind->traits & MG_TRAIT_LINEAR) != 0 && strcmp(kind->name, "known") != 0;
}

/* On a linear network the first-order scan is the scan, covering everything takes F(x) - F(0) away, and one random place
 * on the way is as good as all of them. */
static void test_linear_network(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int g = 0; g < GRAPHS / 4; g++) {
        sample s = draw_sample(rng, linear);
        machine m;
        double *mutant = calloc((size_t)s.length * 4, sizeof *mutant);
        char spec[64];
        assert_true(try_start(s.graph, "taylor_mutations", &m));
        explain(&m, s.x, s.length, false, s.a, s.c);
        double f = mg_pass_forward(m.pass, s.x);
        for (int64_t i = 0; i < s.length; i++) {
            const double *row = s.x + i * 4;
            int b = row[0] == 0.0 ? 0 : 1, there = row[0] != 0.0 ? 0 : row[1] != 0.0 ? 1 : row[2] != 0.0 ? 2 : 3;
            memcpy(mutant, s.x, (size_t)s.length * 4 * sizeof *mutant);
            if (row[there] == 0.0) continue; /* unknown */
            mutant[i * 4 + there] = 0.0;
            mutant[i * 4 + b] = 1.0;
            double effect = mg_pass_forward(m.pass, mutant) - f;
            assert_true(fabs(s.c[i * 4 + b] - s.c[i * 4 + there] - effect) < 1e-10 * (1.0 + fabs(f) + fabs(effect)));
        }
        memset(mutant, 0, (size_t)s.length * 4 * sizeof *mutant);
        double fall = f - mg_pass_forward(m.pass, mutant);
        stop(&m);
        snprintf(spec, sizeof spec, "occlusion:width=%d", (int)s.length);
        assert_true(try_start(s.graph, spec, &m));
        explain(&m, s.x, s.length, false, s.a, s.c);
        for (int64_t i = 0; i < s.length; i++)
            assert_true(fabs(s.a[i] - fall) < 1e-10 * (1.0 + fabs(f)));
        stop(&m);
        assert_true(try_start(s.graph, "expected_gradients:draws=1", &m));
        double claimed = explain(&m, s.x, s.length, false, s.a, s.c);
        check_sum(&s, "expected_gradients", claimed, f);
        stop(&m);
        free(mutant);
        free_sample(&s);
    }
    gsl_rng_free(rng);
}

/* --- draws --- */

static void test_draws(void **state)
{
    (void)state;
    enum { POSITIONS = 500, DRAWS = 40 };
    mg_base base[POSITIONS];
    double noise[POSITIONS * 4], sum = 0.0, square = 0.0, alpha = 0.0;
    int n = 0;
    for (int i = 0; i < POSITIONS; i++)
        base[i] = (mg_base)(i % 5);
    mg_view view = {.base = base, .seed = 7};
    for (int k = 0; k < DRAWS; k++) {
        mg_draw_noise(&view, POSITIONS, k, 2.0, noise);
        for (int i = 0; i < POSITIONS * 4; i++) {
            if (base[i / 4] == 4) assert_true(noise[i] == 0.0);
            if (base[i / 4] == 4) continue;
            sum += noise[i];
            square += noise[i] * noise[i];
            n++;
        }
        int32_t order[POSITIONS], seen[POSITIONS] = {0};
        mg_draw_order(&view, POSITIONS, k, order);
        for (int i = 0; i < POSITIONS; i++)
            seen[order[i]]++;
        for (int i = 0; i < POSITIONS; i++)
            assert_int_equal(seen[i], 1);
        alpha += mg_draw_alpha(&view, k);
    }
    assert_true(fabs(sum / n) < 5 * 2.0 / sqrt(n));                  /* five standard errors */
    assert_true(fabs(square / n - 4.0) < 5 * 4.0 * sqrt(2.0 / n));   /* of a variance: 4 sqrt(2 / n) */
    assert_true(fabs(alpha / DRAWS - 0.5) < 5 * 0.29 / sqrt(DRAWS)); /* uniform: sqrt(1 / 12) = 0.29 */
    mg_view other = mg_view_redrawn(&view, 3), same = mg_view_redrawn(&view, 0);
    assert_true(other.seed != view.seed);
    assert_true(same.seed == view.seed);
}

/* The passes that a method is said to take are those that it runs, in a window of a fresh workspace; fewer where a shuffle of a
 * short window is the one before, or has rows of the window. An exact integral and what comes from a file are said to take none that can be counted. */
static void check_passes(const sample *s, const char *spec, int *n_checked)
{
    machine m;
    if (!try_start(s->graph, spec, &m)) return;
    if (m.plan->frozen || !m.plan->explains[0]) { /* it is asked again where nothing has changed */
        stop(&m);
        return;
    }
    uint8_t base[4096];
    mg_view view = view_of(&m, s->x, s->length, false, base);
    uint64_t begun = mg_pass_n_run(m.pass);
    explain_view(&m, &view, s->a, s->c);
    int64_t run = (int64_t)(mg_pass_n_run(m.pass) - begun), told = mg_method_passes(&m.method, s->length);
    bool at_most =
        strstr(spec, "shapley") != NULL || strstr(spec, "deep_shap") != NULL || strstr(spec, "shuffle") != NULL;
    if (at_most ? run > told || run < told / 4 : run != told)
        fail_msg("%s says %lld passes and runs %lld", spec, (long long)told, (long long)run);
    ++*n_checked;
    stop(&m);
}

static void test_passes(void **state)
{
    (void)state;
    static const char *const specs[] = {"integrated_gradients:steps=7",
                                        "deeplift:reference=shuffle,references=3",
                                        "integrated_gradients:steps=3,reference=shuffle,references=4",
                                        "smoothgrad:draws=6",
                                        "gradient_shap:draws=4",
                                        "expected_gradients:reference=zero",
                                        "deep_shap:references=5",
                                        "occlusion:width=3,replacement=mutants",
                                        "shapley_sampling:permutations=2"};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    size_t n_types = 0, n_specs = sizeof specs / sizeof *specs;
    while (mg_method_types()[n_types] != NULL)
        n_types++;
    for (size_t k = 0; k < n_types + n_specs; k++) {
        const char *spec = k < n_types ? mg_method_types()[k]->name : specs[k - n_types];
        int n_checked = 0;
        for (int g = 0; g < GRAPHS / 3; g++) {
            sample s = draw_sample(rng, NULL);
            if (tame(s.graph, s.x)) check_passes(&s, spec, &n_checked);
            free_sample(&s);
        }
        if (n_checked == 0) fail_msg("%s was never asked", spec);
    }
    mg_method exact;
    assert_int_equal(mg_method_parse("integrated_gradients:integral=exact", &exact, NULL), MG_OK);
    assert_int_equal(mg_method_passes(&exact, 100), MG_PASSES_VARY);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completeness),   cmocka_unit_test(test_manners),
        cmocka_unit_test(test_precisions),     cmocka_unit_test(test_limits),
        cmocka_unit_test(test_corrected_laws), cmocka_unit_test(test_linear_network),
        cmocka_unit_test(test_draws),          cmocka_unit_test(test_passes),
    };
    return cmocka_run_group_tests_name("method_laws", tests, NULL, NULL);
}
