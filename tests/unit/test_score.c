/* test_score.c  scores as nodes: each kind against its definition on the network's own values, and what is refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_rng.h>

#include "src/engine/chain.h"
#include "src/engine/plan.h"
#include "src/graph/score.h"
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"

enum { LENGTH = 12, CHANNELS = 5 };

static size_t add(mg_graph *graph, mg_node *draft, size_t input)
{
    size_t value = 0;
    mg_error err = {0};
    if (mg_graph_add(graph, draft, 1, &input, &value, &err) != MG_OK) fail_msg("%s", err.text);
    return value;
}

static size_t add_simple(mg_graph *graph, const char *kind, size_t input)
{
    mg_node draft = {.kind = mg_kind_find(kind)};
    snprintf(draft.name, sizeof draft.name, "%s", kind);
    return add(graph, &draft, input);
}

/* Two outputs: "scalar" of n classes behind a head, and "profile", (LENGTH, CHANNELS) logits. */
static mg_graph *two_outputs(int64_t n, const char *head)
{
    static const char name[3][MG_CLASS_NAME] = {"no", "maybe", "yes"};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    mg_graph *graph = NULL;
    assert_int_equal(mg_graph_create(LENGTH, &graph, NULL), MG_OK);
    mg_node conv = {.kind = mg_kind_find("conv"), .name = "conv", .slide = {3, 1, 1, 1, 1}, .groups = 1};
    drawn_weights(rng, &conv, CHANNELS * 4 * 3, 12, CHANNELS);
    size_t profile = add(graph, &conv, 0), relu = add_simple(graph, "relu", profile);
    mg_node dense = {.kind = mg_kind_find("dense"), .name = "dense"};
    drawn_weights(rng, &dense, n * CHANNELS * LENGTH, CHANNELS * LENGTH, n);
    size_t logits = add(graph, &dense, relu), value = head != NULL ? add_simple(graph, head, logits) : logits;
    assert_int_equal(mg_graph_output(graph, "scalar", value, (size_t)n, name, NULL), MG_OK);
    assert_int_equal(mg_graph_output(graph, "profile", profile, 0, NULL, NULL), MG_OK);
    gsl_rng_free(rng);
    return graph;
}

static mg_status form(const mg_graph *network, const char *words, mg_graph **ret, mg_error *err)
{
    mg_score_spec spec;
    mg_status status = mg_score_parse(words, network, &spec, err);
    return status == MG_OK ? mg_graph_score(network, &spec, ret, err) : status;
}

/* F in these words, by the plain loops; whether a plan of it is a chain goes to *ret_chain. */
static double score(const mg_graph *network, const char *words, const double *x, bool *ret_chain)
{
    mg_graph *graph = NULL;
    mg_plan *plan = NULL;
    mg_error err = {0};
    if (form(network, words, &graph, &err) != MG_OK) fail_msg("%s: %s", words, err.text);
    mg_extent last = graph->extent[graph->n_nodes];
    assert_true(last.length == 1 && last.channels == 1);
    double *f = plain_graph(graph, graph->n_nodes, x), value = f[0];
    assert_int_equal(mg_plan_create(graph, MG_SINGLE, &plan, NULL), MG_OK);
    *ret_chain = plan->chain != NULL;
    mg_plan_destroy(plan);
    mg_graph_destroy(graph);
    free(f);
    return value;
}

static void check(const mg_graph *network, const char *words, const double *x, double wanted, bool chain)
{
    bool is_chain;
    double got = score(network, words, x, &is_chain);
    if (fabs(got - wanted) > 1e-12 * (1 + fabs(wanted))) fail_msg("%s: got %.17g, wanted %.17g", words, got, wanted);
    if (is_chain != chain) fail_msg("%s: %s", words, is_chain ? "is a chain" : "is no chain");
}

static void test_classes(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double *x = drawn_window(rng, LENGTH);
    mg_graph *two = two_outputs(2, "softmax"), *three = two_outputs(3, "softmax"), *one = two_outputs(1, "sigmoid");
    double *z2 = plain_graph(two, 3, x), *z3 = plain_graph(three, 3, x), *z1 = plain_graph(one, 3, x);
    check(two, "log-odds", x, z2[1] - z2[0], true);
    check(two, "log-odds:class=no", x, z2[0] - z2[1], true);
    check(two, "probability", x, z2[1] - z2[0], true);
    check(two, "logit:class=0", x, z2[0], true);
    check(one, "log-odds", x, z1[0], true);
    check(three, "log-odds:class=maybe", x, z3[1] - log(exp(z3[0]) + exp(z3[2])), false);
    check(three, "difference:class=yes,other=no", x, z3[2] - z3[0], true);
    check(three, "logit:output=scalar", x, z3[2], true);
    free(z1);
    free(z2);
    free(z3);
    free(x);
    mg_graph_destroy(one);
    mg_graph_destroy(two);
    mg_graph_destroy(three);
    gsl_rng_free(rng);
}

static double profile_of(const double *z, int64_t channel)
{
    double most = z[channel], sum = 0, mean = 0, f = 0;
    for (int64_t t = 0; t < LENGTH; t++) {
        most = fmax(most, z[t * CHANNELS + channel]);
        mean += z[t * CHANNELS + channel] / LENGTH;
    }
    for (int64_t t = 0; t < LENGTH; t++)
        sum += exp(z[t * CHANNELS + channel] - most);
    for (int64_t t = 0; t < LENGTH; t++)
        f += exp(z[t * CHANNELS + channel] - most) / sum * (z[t * CHANNELS + channel] - mean);
    return f;
}

static void test_positions(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double *x = drawn_window(rng, LENGTH), sum = 0, of_two = 0, profile = 0;
    mg_graph *network = two_outputs(2, "softmax");
    double *z = plain_graph(network, 1, x);
    for (int64_t i = 0; i < LENGTH * CHANNELS; i++) {
        sum += z[i];
        of_two += i % CHANNELS == 2 ? z[i] : 0;
    }
    for (int64_t c = 0; c < CHANNELS; c++)
        profile += profile_of(z, c);
    check(network, "logit:output=profile,class=3,position=7", x, z[7 * CHANNELS + 3], false);
    check(network, "difference:output=1,class=3,other=0,position=7", x, z[7 * CHANNELS + 3] - z[7 * CHANNELS], false);
    check(network, "sum:output=profile", x, sum, true);
    check(network, "mean:output=profile", x, sum / (LENGTH * CHANNELS), true);
    check(network, "mean:output=profile,class=2", x, of_two / LENGTH, true);
    check(network, "profile:output=profile,class=2", x, profile_of(z, 2), false);
    check(network, "profile:output=profile", x, profile, false);
    free(z);
    free(x);
    mg_graph_destroy(network);
    gsl_rng_free(rng);
}

static void refuse(const mg_graph *network, const char *words, const char *wanted)
{
    mg_graph *graph = NULL;
    mg_error err = {0};
    assert_int_not_equal(form(network, words, &graph, &err), MG_OK);
    assert_null(graph);
    if (strstr(err.text, wanted) == NULL) fail_msg("%s says: %s", words, err.text);
}

static void test_refusals(void **state)
{
    (void)state;
    mg_graph *network = two_outputs(3, "softmax"), *bare = two_outputs(3, NULL);
    refuse(network, "lgit", "known are log-odds, logit");
    refuse(network, "logit:clas=yes", "no option 'clas'");
    refuse(network, "logit:class", "'class' is no option=value");
    refuse(network, "logit:class=perhaps", "it has no, maybe, yes, or 0 to 2");
    refuse(network, "logit:class=3", "has no class '3'");
    refuse(network, "logit:output=other", "scalar, profile");
    refuse(network, "logit:output=profile", "12 positions, and one number is explained");
    refuse(network, "logit:output=profile,position=12", "has positions 0 to 11, not 12");
    refuse(network, "logit:output=profile,position=-1", "position=-1 is no whole number");
    refuse(network, "difference", "class=NAME,other=NAME");
    refuse(bare, "log-odds", "head is 'none'");
    refuse(bare, "probability", "no probability; give --score value");
    mg_graph_destroy(network);
    mg_graph_destroy(bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes), cmocka_unit_test(test_positions),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
