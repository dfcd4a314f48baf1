/* test_scores.c  several scores of one network in one scan: each has the bits that it has alone, whatever else is explained */
#include "tests/support/random_graph.h"
#include "tests/support/support.h"

#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/graph/score.h"

enum { MOST = 5 };

/* One score of the network beside others, and once more alone. */
typedef struct {
    mg_graph *graph;
    mg_plan *plan, *own_plan;
    mg_reach reach;
    mg_pass *pass, *own_pass;
    mg_scan *scan, *alone;
    float *effect, *expected; /* (L, 4) */
    bool follows;
} explained;

/* false: this score cannot be formed of the network. */
static bool open_score(const mg_graph *network, const char *words, bool certificates, const mg_plan *first,
                       explained *ret)
{
    mg_score_spec spec;
    unsigned without = certificates ? 0 : 1U << MG_REWRITE_PROOFS;
    mg_error err = {0};
    *ret = (explained){0};
    if (mg_score_parse(words, network, &spec, &err) != MG_OK) return false;
    if (mg_graph_score(network, &spec, &ret->graph, &err) != MG_OK) return false;
    if (mg_plan_create_beside(ret->graph, MG_SINGLE, first, &ret->plan, &err) != MG_OK ||
        mg_plan_create(ret->graph, MG_SINGLE, &ret->own_plan, &err) != MG_OK ||
        mg_pass_create(ret->own_plan, &ret->own_pass, &err) != MG_OK ||
        mg_reach_create(ret->plan, &ret->reach, &err) != MG_OK ||
        mg_pass_create(ret->plan, &ret->pass, &err) != MG_OK ||
        mg_scan_create_without(ret->plan, &ret->reach, without, &ret->scan, &err) != MG_OK ||
        mg_scan_create_without(ret->own_plan, &ret->reach, without, &ret->alone, &err) != MG_OK)
        fail_msg("%s: %s", words, err.text);
    ret->effect = calloc((size_t)network->length * 4, sizeof *ret->effect);
    ret->expected = calloc((size_t)network->length * 4, sizeof *ret->expected);
    return true;
}

static void close_score(explained *e)
{
    mg_scan_destroy(e->scan);
    mg_scan_destroy(e->alone);
    mg_pass_destroy(e->pass);
    mg_pass_destroy(e->own_pass);
    mg_plan_destroy(e->own_plan);
    mg_reach_destroy(&e->reach);
    mg_plan_destroy(e->plan);
    mg_graph_destroy(e->graph);
    free(e->effect);
    free(e->expected);
}

/* What a pass has taken over is as good as its own: winners of pools too. */
static void check_gradient(explained *e)
{
    size_t n = (size_t)e->graph->length * 4;
    double *one = calloc(n, sizeof *one), *other = calloc(n, sizeof *other);
    if (mg_plan_check_rule(e->plan, MG_RULE_GRADIENT, "test", NULL) == MG_OK) {
        mg_pass_backward(e->pass, &mg_rule_gradient, one);
        mg_pass_backward(e->own_pass, &mg_rule_gradient, other);
        assert_memory_equal(one, other, n * sizeof *one);
    }
    free(one);
    free(other);
}

static void scan_window(explained *e, size_t n, const double *x, const mg_base *base)
{
    size_t bytes = (size_t)e->graph->length * 4 * sizeof(float);
    for (size_t k = 0; k < n; k++) {
        double f = k == 0 ? mg_pass_forward(e[k].pass, x) : mg_pass_forward_after(e[k].pass, e[0].pass, x),
               own = mg_pass_forward(e[k].own_pass, x);
        assert_memory_equal(&f, &own, sizeof f);
        memset(e[k].effect, 0xff, bytes);
        mg_scan_window(e[k].alone, e[k].own_pass, base, e[k].expected);
    }
    for (size_t k = 1; k < n; k++)
        if (e[k].follows) mg_scan_bring(e[k].scan, e[k].pass, e[k].effect);
    mg_scan_window(e[0].scan, e[0].pass, base, e[0].effect);
    for (size_t k = 0; k < n; k++)
        if (k == 0 || e[k].follows) assert_memory_equal(e[k].effect, e[k].expected, bytes);
    for (size_t k = 0; k < n; k++)
        check_gradient(&e[k]);
}

static int check_network(const mg_graph *network, const char (*words)[64], size_t n_words, bool certificates,
                         gsl_rng *rng)
{
    explained e[MOST];
    size_t n = 0;
    int n_following = 0;
    for (size_t k = 0; k < n_words; k++)
        n += open_score(network, words[k], certificates, n > 0 ? e[0].plan : NULL, &e[n]);
    for (size_t k = 1; k < n; k++) {
        assert_int_equal(mg_scan_follow(e[k].scan, e[0].scan, &e[k].follows, NULL), MG_OK);
        n_following += e[k].follows;
    }
    mg_base *base = calloc((size_t)network->length, sizeof *base);
    for (int w = 0; w < 2 && n > 0; w++) {
        double *x = drawn_window(rng, network->length);
        for (int64_t i = 0; i < network->length; i++) {
            base[i] = MG_N_BASES;
            for (mg_base b = 0; b < 4; b++)
                if (x[i * 4 + b] == 1.0) base[i] = b;
        }
        scan_window(e, n, x, base);
        free(x);
    }
    free(base);
    for (size_t k = n; k-- > 0;) /* the first lends its weights to the others */
        close_score(&e[k]);
    return n_following;
}

/* --- networks --- */

static size_t add_node(mg_graph *graph, mg_node draft, const char *kind, size_t n, const size_t *input)
{
    size_t value = 0;
    mg_error err = {0};
    draft.kind = mg_kind_find(kind);
    snprintf(draft.name, sizeof draft.name, "%s_%zu", kind, graph->n_nodes);
    if (mg_graph_add(graph, &draft, n, input, &value, &err) != MG_OK) fail_msg("%s", err.text);
    return value;
}

static size_t add_conv(gsl_rng *rng, mg_graph *graph, size_t in, int64_t out, int64_t kernel, int64_t dilation)
{
    int64_t lost = (kernel - 1) * dilation, row = graph->extent[in].channels * kernel;
    mg_node draft = {.slide = {kernel, 1, dilation, lost / 2, lost - lost / 2}, .groups = 1};
    drawn_weights(rng, &draft, out * row, row, out);
    return add_node(graph, draft, "conv", 1, &in);
}

static size_t add_dense(gsl_rng *rng, mg_graph *graph, size_t in, int64_t out)
{
    mg_node draft = {0};
    int64_t row = graph->extent[in].length * graph->extent[in].channels;
    drawn_weights(rng, &draft, out * row, row, out);
    return add_node(graph, draft, "dense", 1, &in);
}

static size_t add_relu(mg_graph *graph, size_t in)
{
    return add_node(graph, (mg_node){0}, "relu", 1, &in);
}

/* The output's channels get names "0", "1", ... */
static void end_output(mg_graph *graph, const char *output, size_t value, const char *head)
{
    mg_error err = {0};
    size_t n = (size_t)graph->extent[value].channels;
    char(*name)[MG_CLASS_NAME] = calloc(n, sizeof *name);
    for (size_t c = 0; c < n; c++)
        snprintf(name[c], sizeof name[c], "%zu", c);
    if (head != NULL) value = add_node(graph, (mg_node){.groups = 1}, head, 1, &value);
    if (mg_graph_output(graph, output, value, n, (const char(*)[MG_CLASS_NAME])name, &err) != MG_OK)
        fail_msg("%s", err.text);
    free(name);
}

static void end_network(mg_graph *graph, size_t value, const char *head)
{
    end_output(graph, "out", value, head);
}

/* Two heads on one trunk: the certificates of one want norms where the other, which leads, has none to keep. */
static mg_graph *two_heads(gsl_rng *rng)
{
    mg_graph *graph = NULL;
    if (mg_graph_create(40 + drawn(rng, 20), &graph, NULL) != MG_OK) return NULL;
    size_t v = add_conv(rng, graph, 0, 12, 5, 1);
    v = add_node(graph, (mg_node){0}, "tanh", 1, &v);
    v = add_node(graph, (mg_node){.slide = {2, 2, 1, 0, 0}}, "max_pool", 1, &v);
    size_t smooth = add_conv(rng, graph, v, 6, 3, 1), gated = add_relu(graph, add_conv(rng, graph, v, 6, 3, 1));
    smooth = add_node(graph, (mg_node){0}, "tanh", 1, &smooth);
    gated = add_relu(graph, add_conv(rng, graph, gated, 6, 3, 1));
    end_output(graph, "smooth", add_dense(rng, graph, smooth, 2), NULL);
    end_output(graph, "gated", add_dense(rng, graph, gated, 2), NULL);
    return graph;
}

/* Convolutions, pools and dense layers, in a line; without a hidden dense layer its last step comes from a pool's lists. */
static mg_graph *chain(gsl_rng *rng, bool hidden, const char *head)
{
    mg_graph *graph = NULL;
    if (mg_graph_create(40 + drawn(rng, 20), &graph, NULL) != MG_OK) return NULL;
    size_t v = add_relu(graph, add_conv(rng, graph, 0, 12, 5, 1));
    v = add_node(graph, (mg_node){.slide = {2, 2, 1, 0, 0}}, "max_pool", 1, &v);
    v = add_relu(graph, add_conv(rng, graph, v, 9, 3, 1));
    v = add_node(graph, (mg_node){.slide = {3, 3, 1, 0, 0}}, "max_pool", 1, &v);
    if (hidden) v = add_relu(graph, add_dense(rng, graph, v, 20));
    end_network(graph, add_dense(rng, graph, v, 4), head);
    return graph;
}

/* A stack of dilated residual blocks, and a class of three at each position, as splice networks have. */
static mg_graph *splice(gsl_rng *rng, const char *head, bool gate)
{
    mg_graph *graph = NULL;
    if (mg_graph_create(60 + drawn(rng, 20), &graph, NULL) != MG_OK) return NULL;
    size_t v = add_relu(graph, add_conv(rng, graph, 0, 8, 7, 1));
    for (int64_t k = 0; k < 3; k++) {
        size_t input[2] = {v, add_relu(graph, add_conv(rng, graph, v, 8, 3, (int64_t)1 << k))};
        input[1] = add_conv(rng, graph, input[1], 8, 3, (int64_t)1 << k);
        v = add_node(graph, (mg_node){0}, "add", 2, input);
    }
    if (gate) v = add_relu(graph, add_conv(rng, graph, v, 6, 1, 1));
    end_network(graph, add_conv(rng, graph, v, 3, 1, 1), head);
    return graph;
}

static void check_many(const char *what, mg_graph *(*draw)(gsl_rng *rng), const char (*words)[64], size_t n_words,
                       int least)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_following = 0;
    for (unsigned long i = 0; i < 12; i++) {
        gsl_rng_set(rng, 700 + i);
        mg_graph *network = draw(rng);
        n_following += check_network(network, words, n_words, i % 2 == 0, rng);
        mg_graph_destroy(network);
    }
    print_message("# %s: %d of %d further scores share the scan\n", what, n_following, 12 * (int)(n_words - 1));
    assert_true(n_following >= 12 * least);
    gsl_rng_free(rng);
}

static mg_graph *chain_without_head(gsl_rng *rng)
{
    return chain(rng, true, NULL);
}

static mg_graph *chain_from_pool(gsl_rng *rng)
{
    return chain(rng, false, NULL);
}

static mg_graph *chain_softmax(gsl_rng *rng)
{
    return chain(rng, true, "softmax");
}

static mg_graph *splice_softmax(gsl_rng *rng)
{
    return splice(rng, "softmax", false);
}

static mg_graph *splice_gate(gsl_rng *rng)
{
    return splice(rng, "softmax", true);
}

static mg_graph *splice_plain(gsl_rng *rng)
{
    return splice(rng, NULL, true);
}

static void test_chain(void **state)
{
    (void)state;
    const char words[][64] = {"value:class=0", "value:class=1", "value:class=3", "difference:class=1,other=2"};
    check_many("chains", chain_without_head, words, 4, 3);
    check_many("chains that end behind a pool", chain_from_pool, words, 4, 3);
}

/* Log-odds against the rest are not linear, and a logit before a softmax comes with all logits. */
static void test_log_odds(void **state)
{
    (void)state;
    const char words[][64] = {"log-odds:class=0", "log-odds:class=1", "logit:class=2", "difference:class=0,other=3"};
    check_many("log-odds of a chain", chain_softmax, words, 4, 1);
    const char at[][64] = {"log-odds:class=1,position=20", "log-odds:class=2,position=20",
                           "log-odds:class=0,position=20", "logit:class=1,position=20"};
    check_many("log-odds of a splice network", splice_softmax, at, 4, 2);
    check_many("the same with a gate before the classes", splice_gate, at, 4, 2);
}

/* Scores that are linear behind the last gate, over all positions or one, and the profile, which is where it is frozen. */
static void test_linear(void **state)
{
    (void)state;
    const char words[][64] = {"value:class=1,position=20", "value:class=2,position=20",
                              "difference:class=1,other=2,position=20"};
    check_many("numbers at a position", splice_plain, words, 3, 2);
    const char sums[][64] = {"sum:class=1", "mean:class=2", "profile:class=0", "profile", "sum"};
    check_many("sums and profiles", splice_plain, sums, 5, 4);
    const char mixed[][64] = {"value:class=1,position=20", "sum:class=1", "value:class=1,position=21"};
    check_many("scores that need other positions", splice_plain, mixed, 3, 0);
}

static void test_two_heads(void **state)
{
    (void)state;
    const char smooth_first[][64] = {"value:output=smooth,class=0", "value:output=gated,class=1"};
    const char gated_first[][64] = {"value:output=gated,class=0", "value:output=smooth,class=1",
                                    "value:output=gated,class=1"};
    check_many("two heads, the smooth one first", two_heads, smooth_first, 2, 1);
    check_many("two heads, the gated one first", two_heads, gated_first, 3, 2);
}

/* Any graph: whether two scores share anything or not, each has its own bits. */
static bool tame(const mg_kind *kind)
{
    static const char *const wild[] = {"exp", "log", "sqrt", "reciprocal", "square"};
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++)
        if (strcmp(kind->name, wild[i]) == 0) return false;
    return true;
}

static void test_random(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int n_following = 0;
    for (unsigned long i = 0; i < 150; i++) {
        gsl_rng_set(rng, 9000 + i);
        mg_graph *network = random_graph(rng, tame);
        size_t v = 1 + (size_t)drawn(rng, (int64_t)network->n_nodes);
        mg_extent extent = network->extent[v];
        mg_error err = {0};
        char words[4][64];
        network->n_outputs = 0;
        if (mg_graph_output(network, "out", v, 0, NULL, &err) != MG_OK) fail_msg("%s", err.text);
        for (int k = 0; k < 3; k++)
            snprintf(words[k], sizeof words[k], "value:class=%d,position=%d", (int)drawn(rng, extent.channels),
                     (int)(k < 2 ? extent.length / 2 : drawn(rng, extent.length)));
        snprintf(words[3], sizeof words[3], "sum");
        n_following += check_network(network, (const char(*)[64])words, 4, i % 2 == 0, rng);
        mg_graph_destroy(network);
    }
    print_message("# random graphs: %d further scores share the scan\n", n_following);
    assert_true(n_following > 50);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_chain), cmocka_unit_test(test_log_odds),
                                       cmocka_unit_test(test_linear), cmocka_unit_test(test_two_heads),
                                       cmocka_unit_test(test_random)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("scores", tests, NULL, NULL);
}
