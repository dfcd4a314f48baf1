/* test_rules.c  laws of the rules on random graphs of nodes, in float64
 *
 *   DeepLIFT      sum of m (x - x0) = F(x) - F(x0), whatever the graph: several readers of a value, dead ends, any kind
 *   LRP           sum of m x = F where there are no biases and epsilon is nearly 0, for kinds that give 0 for 0
 *   guided, deconvolution   are the gradient where there is no ReLU
 *   refusals      a kind without a rule is refused with its name and the node's, before any pass
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/engine/pass.h"
#include "src/engine/step.h"
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"

enum { GRAPHS = 300 };

typedef struct {
    mg_graph *graph;
    mg_plan *plan;
    mg_pass *pass;
    double *x, *x0, *m;
    double scale; /* the largest number in the graph, for either input */
} law;

static double largest(const mg_graph *graph, const double *x)
{
    double **value = plain_values(graph, x, NULL), most = 1;
    for (size_t v = 0; v <= graph->n_nodes; v++)
        for (int64_t i = 0; i < graph->extent[v].length * graph->extent[v].channels; i++)
            if (!(fabs(value[v][i]) <= most)) most = fabs(value[v][i]);
    plain_values_free(graph, value);
    return most;
}

static law start(gsl_rng *rng, bool (*wanted)(const mg_kind *kind), bool biases)
{
    law l = {.graph = random_graph(rng, wanted)};
    for (size_t i = 0; i < l.graph->n_nodes && !biases; i++)
        for (int64_t k = 0; k < l.graph->node[i].n_bias; k++)
            l.graph->node[i].bias[k] = 0.0;
    assert_int_equal(mg_plan_create(l.graph, MG_DOUBLE, &l.plan, NULL), MG_OK);
    assert_int_equal(mg_pass_create(l.plan, &l.pass, NULL), MG_OK);
    l.x = drawn_numbers(rng, l.graph->length * 4, 0.05, 0.95);
    l.x0 = drawn_numbers(rng, l.graph->length * 4, 0.05, 0.95);
    l.m = calloc((size_t)l.graph->length * 4, sizeof *l.m);
    l.scale = fmax(largest(l.graph, l.x), largest(l.graph, l.x0));
    return l;
}

static void stop(law *l)
{
    free(l->x);
    free(l->x0);
    free(l->m);
    mg_pass_destroy(l->pass);
    mg_plan_destroy(l->plan);
    mg_graph_destroy(l->graph);
}

static double size_of(const law *l, double *sum, bool against_reference)
{
    double most = 1.0;
    *sum = 0.0;
    for (int64_t i = 0; i < l->graph->length * 4; i++) {
        double term = l->m[i] * (l->x[i] - (against_reference ? l->x0[i] : 0.0));
        *sum += term;
        if (!(fabs(term) <= most)) most = fabs(term);
    }
    return most;
}

static void test_completeness(void **state)
{
    static const mg_rule rescale = {.kind = MG_RULE_RESCALE};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_checked = 0;
    (void)state;
    for (int k = 0; k < GRAPHS; k++) {
        law l = start(rng, NULL, true);
        if (l.scale < 1e3 && mg_plan_check_rule(l.plan, MG_RULE_RESCALE, "test", NULL) == MG_OK) {
            double sum, f = mg_pass_forward(l.pass, l.x), f0 = mg_pass_forward_reference(l.pass, l.x0);
            mg_pass_backward(l.pass, &rescale, l.m);
            double most = size_of(&l, &sum, true);
            if (!(fabs(sum - (f - f0)) <= 1e-8 * most * l.scale))
                fail_msg("graph %d: contributions sum to %.12g, F changes by %.12g", k, sum, f - f0);
            n_checked++;
        }
        stop(&l);
    }
    print_message("# %d graphs complete\n", n_checked);
    assert_true(n_checked > GRAPHS / 4);
    gsl_rng_free(rng);
}

/* Kinds that keep relevance where biases are 0: what gives 0 for 0, adds no constant, and has an LRP rule. */
static bool conserves(const mg_kind *kind)
{
    static const char *const known[] = {"conv",     "dense",   "average_pool", "max_pool", "add",        "subtract",
                                        "multiply", "maximum", "concat",       "relu",     "leaky_relu", "prelu",
                                        "elu",      "selu",    "gelu",         "silu",     "abs"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(kind->name, known[i]) == 0) return true;
    return false;
}

static void test_conservation(void **state)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_checked = 0;
    (void)state;
    for (int k = 0; k < GRAPHS; k++) {
        law l = start(rng, conserves, false);
        if (l.scale < 1e3 && mg_plan_check_rule(l.plan, MG_RULE_LRP, "test", NULL) == MG_OK) {
            mg_linear_rule linear = {
                .kind = k % 2 == 0 ? MG_LINEAR_GAMMA : MG_LINEAR_EPSILON, .gamma = 0.25, .epsilon = 1e-14};
            mg_rule rule = {.kind = MG_RULE_LRP, .convolution = linear, .dense = linear};
            double sum, f = mg_pass_forward(l.pass, l.x);
            mg_pass_backward(l.pass, &rule, l.m);
            double most = size_of(&l, &sum, false);
            if (!(fabs(sum - f) <= 1e-7 * most * l.scale))
                fail_msg("graph %d: relevance sums to %.12g of %.12g", k, sum, f);
            n_checked++;
        }
        stop(&l);
    }
    print_message("# %d graphs conserve\n", n_checked);
    assert_true(n_checked > GRAPHS / 4);
    gsl_rng_free(rng);
}

static bool no_relu(const mg_kind *kind)
{
    return (kind->traits & MG_TRAIT_RECTIFIER) == 0;
}

static void test_without_relu(void **state)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    (void)state;
    for (int k = 0; k < GRAPHS / 3; k++) {
        law l = start(rng, no_relu, true);
        mg_pass_forward(l.pass, l.x);
        if (mg_plan_check_rule(l.plan, MG_RULE_GRADIENT, "test", NULL) == MG_OK) {
            mg_pass_backward(l.pass, &mg_rule_gradient, l.m);
            for (mg_rule_kind other = MG_RULE_GUIDED; other <= MG_RULE_DECONVOLUTION; other++) {
                assert_int_equal(mg_plan_check_rule(l.plan, other, "test", NULL), MG_OK);
                mg_pass_backward(l.pass, &(mg_rule){.kind = other}, l.x0);
                assert_memory_equal(l.x0, l.m, (size_t)l.graph->length * 4 * sizeof *l.m);
            }
        }
        stop(&l);
    }
    gsl_rng_free(rng);
}

/* Every kind and rule: either there is a function, or the refusal names the node and the kind. */
static void test_refusals(void **state)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_refused = 0;
    (void)state;
    for (int k = 0; k < GRAPHS; k++) {
        law l = start(rng, NULL, true);
        for (mg_rule_kind rule = MG_RULE_GRADIENT; rule < MG_N_RULES; rule++) {
            mg_error err = {0};
            const mg_node *missing = NULL;
            for (size_t i = 0; i < l.graph->n_nodes; i++)
                if (l.plan->explains[mg_node_value(i)] && l.plan->step[i].ops->backward[rule] == NULL)
                    missing = missing == NULL ? &l.graph->node[i] : missing;
            mg_status status = mg_plan_check_rule(l.plan, rule, "some_method", &err);
            assert_int_equal(status, missing == NULL ? MG_OK : MG_EINPUT);
            if (missing == NULL) continue;
            n_refused++;
            assert_non_null(strstr(err.text, "some_method does not say what to do at node '"));
        }
        stop(&l);
    }
    assert_true(n_refused > 0);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_completeness), cmocka_unit_test(test_conservation),
                                       cmocka_unit_test(test_without_relu), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
