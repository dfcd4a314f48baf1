/* test_plan.c  forward and backward through random graphs: against a float64 evaluator that shares no code, and against
 * finite differences */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/engine/pass.h"
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"

enum { GRAPHS = 400 };

static double forward(const mg_graph *graph, mg_precision precision, const double *x)
{
    mg_plan *plan = NULL;
    mg_pass *pass = NULL;
    assert_int_equal(mg_plan_create(graph, precision, &plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(plan, &pass, NULL), MG_OK);
    double f = mg_pass_forward(pass, x);
    mg_pass_destroy(pass);
    mg_plan_destroy(plan);
    return f;
}

/* Kinds whose gradient is that of what they give: not so where something is frozen. */
static bool is_honest(const mg_kind *kind)
{
    return (kind->traits & MG_TRAIT_FROZEN) == 0;
}

static double largest(const mg_graph *graph, const double *x)
{
    double **value = plain_values(graph, x, NULL), most = 1;
    for (size_t v = 0; v <= graph->n_nodes; v++)
        for (int64_t i = 0; i < graph->extent[v].length * graph->extent[v].channels; i++)
            most = fmax(most, fabs(value[v][i]));
    plain_values_free(graph, value);
    return most;
}

static void test_forward(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int k = 0; k < GRAPHS; k++) {
        mg_graph *graph = random_graph(rng, NULL);
        double *x = drawn_window(rng, graph->length), scale = largest(graph, x);
        if (scale < 1e4) {
            double *want = plain_graph(graph, graph->n_nodes, x);
            if (fabs(forward(graph, MG_DOUBLE, x) - want[0]) > 1e-10 * scale)
                fail_msg("graph %d: float64 gives %.17g, the plain loops %.17g", k, forward(graph, MG_DOUBLE, x),
                         want[0]);
            if (fabs(forward(graph, MG_SINGLE, x) - want[0]) > 1e-4 * scale * scale)
                fail_msg("graph %d: float32 gives %.9g, the plain loops %.9g", k, forward(graph, MG_SINGLE, x),
                         want[0]);
            free(want);
        }
        free(x);
        mg_graph_destroy(graph);
    }
    gsl_rng_free(rng);
}

static void print_kinds(const mg_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        print_message("# %zu %s(%zu)\n", i + 1, graph->node[i].name,
                      graph->node[i].n_inputs > 0 ? graph->node[i].input[0] : 0);
}

/* The central difference of F by number i of the window. */
static double slope(mg_pass *pass, double *x, size_t i, double h)
{
    double keep = x[i];
    x[i] = keep + h;
    double up = mg_pass_forward(pass, x);
    x[i] = keep - h;
    double down = mg_pass_forward(pass, x);
    x[i] = keep;
    return (up - down) / (2 * h);
}

static void test_gradient(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_checked = 0;
    for (int k = 0; k < GRAPHS; k++) {
        mg_graph *graph = random_graph(rng, is_honest);
        mg_plan *plan = NULL;
        mg_pass *pass = NULL;
        assert_int_equal(mg_plan_create(graph, MG_DOUBLE, &plan, NULL), MG_OK);
        assert_int_equal(mg_pass_create(plan, &pass, NULL), MG_OK);
        double *x = drawn_numbers(rng, graph->length * 4, 0.05, 0.95);
        double *gradient = calloc((size_t)graph->length * 4, sizeof *gradient), scale = largest(graph, x);
        mg_pass_forward(pass, x);
        if (scale < 1e3 && mg_plan_check_rule(plan, MG_RULE_GRADIENT, "test", NULL) == MG_OK) {
            mg_pass_backward(pass, &mg_rule_gradient, gradient);
            for (size_t i = 0; i < (size_t)graph->length * 4; i++) {
                double coarse = slope(pass, x, i, 2e-4), fine = slope(pass, x, i, 1e-4);
                if (fabs(coarse - fine) > 1e-6 * scale) continue; /* a kink is near */
                n_checked++;
                if (fabs(gradient[i] - fine) <= 1e-5 * scale) continue;
                print_kinds(graph);
                fail_msg("graph %d: gradient %zu is %.12g, differences say %.12g", k, i, gradient[i], fine);
            }
        }
        free(gradient);
        free(x);
        mg_pass_destroy(pass);
        mg_plan_destroy(plan);
        mg_graph_destroy(graph);
    }
    assert_true(n_checked > 1000);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forward), cmocka_unit_test(test_gradient)};
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
