/* test_tile_scan.c  the mutation scan of graphs against brute force in plain float64, on random graphs of all kinds; the same
 * bits with and without certificates, and whatever the instruction set */
#include "tests/support/plain_graph.h"
#include "tests/support/random_graph.h"
#include "tests/support/support.h"

#include "src/engine/tile_scan.h"

/* Differences are float32, of values of size 1; what F adds up is scaled by the largest number on the way. */
static const double TOLERANCE = 1e-4;

typedef struct {
    mg_plan *plan;
    mg_pass *pass;
    mg_tile_scan *scan, *plain; /* with certificates, without */
    float *effect, *other;
    mg_base *base;
    double *x;
} machine;

static machine start(const mg_graph *graph, gsl_rng *rng)
{
    machine m = {0};
    mg_error err = {0};
    if (mg_plan_create(graph, MG_SINGLE, &m.plan, &err) != MG_OK || mg_pass_create(m.plan, &m.pass, &err) != MG_OK ||
        mg_tile_scan_create(m.plan, true, &m.scan, &err) != MG_OK ||
        mg_tile_scan_create(m.plan, false, &m.plain, &err) != MG_OK)
        fail_msg("%s", err.text);
    m.effect = calloc((size_t)graph->length * 4, sizeof *m.effect);
    m.other = calloc((size_t)graph->length * 4, sizeof *m.other);
    m.base = calloc((size_t)graph->length, sizeof *m.base);
    m.x = drawn_window(rng, graph->length);
    for (int64_t i = 0; i < graph->length; i++) {
        m.base[i] = MG_N_BASES;
        for (mg_base b = 0; b < 4; b++)
            if (m.x[i * 4 + b] == 1.0) m.base[i] = b;
    }
    return m;
}

static void stop(machine *m)
{
    mg_tile_scan_destroy(m->scan);
    mg_tile_scan_destroy(m->plain);
    mg_pass_destroy(m->pass);
    mg_plan_destroy(m->plan);
    free(m->effect);
    free(m->other);
    free(m->base);
    free(m->x);
}

static double plain_score(const mg_graph *graph, const double *x, double *const *explained)
{
    double **value = plain_values(graph, x, explained), f = value[graph->n_nodes][0];
    plain_values_free(graph, value);
    return f;
}

/* The largest number anywhere in the graph: rounding is relative to it. */
static double scale_of(const mg_graph *graph, double *const *value)
{
    double scale = 1.0;
    for (size_t v = 0; v <= graph->n_nodes; v++)
        for (int64_t i = 0; i < graph->extent[v].length * graph->extent[v].channels; i++)
            if (fabs(value[v][i]) > scale) scale = fabs(value[v][i]);
    return scale;
}

/* Effects by one plain evaluation a mutant; the largest deviation from `effect`, over the scale. */
static double largest_error(const mg_graph *graph, machine *m)
{
    double **own = plain_values(graph, m->x, NULL), f = own[graph->n_nodes][0], worst = 0.0;
    double scale = scale_of(graph, own);
    for (int64_t i = 0; i < graph->length; i++)
        for (mg_base b = 0; b < 4; b++) {
            double d = 0.0;
            if (m->base[i] < 4 && b != m->base[i]) {
                m->x[i * 4 + m->base[i]] = 0.0;
                m->x[i * 4 + b] = 1.0;
                d = plain_score(graph, m->x, own) - f;
                m->x[i * 4 + b] = 0.0;
                m->x[i * 4 + m->base[i]] = 1.0;
            }
            double off = fabs((double)m->effect[i * 4 + b] - d) / scale;
            if (!(off <= worst)) worst = off;
        }
    plain_values_free(graph, own);
    return worst;
}

/* Kinds that keep numbers within bounds, so that float32 can be judged. */
static bool tame(const mg_kind *kind)
{
    static const char *const wild[] = {"exp", "log", "sqrt", "reciprocal", "square", "multiply"};
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++)
        if (strcmp(kind->name, wild[i]) == 0) return false;
    return true;
}

static bool with_products(const mg_kind *kind)
{
    return tame(kind) || strcmp(kind->name, "multiply") == 0;
}

static bool piecewise(const mg_kind *kind)
{
    return (kind->traits & MG_TRAIT_PIECEWISE_LINEAR) != 0;
}

/* What nodes cost is what the scan costs, and watching changes nothing. */
static void check_costs(machine *m)
{
    size_t n = m->plan->n_steps;
    uint64_t n_macs = 0, sum = 0;
    mg_scan_cost *cost = calloc(n + 1, sizeof *cost);
    double *inside = calloc(n + 1, sizeof *inside);
    float *again = calloc((size_t)m->plan->graph->length * 4, sizeof *again);
    mg_tile_scan_count(m->scan, &n_macs);
    mg_tile_scan_watch(m->scan, cost);
    mg_tile_scan_window(m->scan, m->pass, m->base, again);
    mg_tile_scan_watch(m->scan, NULL);
    mg_tile_scan_count(m->scan, NULL);
    assert_memory_equal(again, m->effect, (size_t)m->plan->graph->length * 4 * sizeof *again);
    assert_int_equal(mg_tile_scan_inside(m->plan, inside, NULL), MG_OK);
    for (size_t i = 0; i < n; i++) {
        const mg_node *node = &m->plan->graph->node[i];
        mg_extent in[1] = {m->plan->graph->extent[node->n_inputs > 0 ? node->input[0] : 0]},
                  out = m->plan->graph->extent[i + 1];
        double dense = node->kind->n_macs != NULL
                           ? 3.0 * (double)m->plan->graph->length * (double)node->kind->n_macs(node, in, out)
                           : 0.0;
        assert_true(inside[i] <= dense * (1.0 + 1e-12));
        assert_true(cost[i].seconds >= 0.0);
        sum += cost[i].n_macs;
    }
    assert_true(sum == n_macs);
    free(cost);
    free(inside);
    free(again);
}

static void check_graph(const mg_graph *graph, gsl_rng *rng, const char *what, int i, double *worst)
{
    machine m = start(graph, rng);
    mg_pass_forward(m.pass, m.x);
    mg_tile_scan_window(m.scan, m.pass, m.base, m.effect);
    mg_tile_scan_window(m.plain, m.pass, m.base, m.other);
    check_costs(&m);
    double off = largest_error(graph, &m);
    if (!(off <= TOLERANCE)) fail_msg("%s, graph %d: %g of scale off", what, i, off);
    for (int64_t k = 0; k < graph->length * 4; k++)
        if (m.effect[k] != m.other[k]) fail_msg("%s, graph %d: certificates change effect %d", what, i, (int)k);
    if (off > *worst) *worst = off;
    stop(&m);
}

static void check_drawn(int n, unsigned long seed, mg_graph *(*draw)(gsl_rng *rng), const char *what)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double worst = 0.0;
    for (int i = 0; i < n; i++) {
        gsl_rng_set(rng, seed + (unsigned long)i);
        mg_graph *graph = draw(rng);
        check_graph(graph, rng, what, i, &worst);
        mg_graph_destroy(graph);
    }
    print_message("# %s: %d graphs, largest deviation %.2g of scale\n", what, n, worst);
    gsl_rng_free(rng);
}

static mg_graph *random_piecewise(gsl_rng *rng)
{
    return random_graph(rng, piecewise);
}

static mg_graph *random_tame(gsl_rng *rng)
{
    return random_graph(rng, tame);
}

static mg_graph *random_with_products(gsl_rng *rng)
{
    return random_graph(rng, with_products);
}

static void test_piecewise(void **state)
{
    (void)state;
    check_drawn(150, 1000, random_piecewise, "piecewise linear kinds");
}

static void test_all_kinds(void **state)
{
    (void)state;
    check_drawn(250, 2000, random_tame, "all kinds that stay within bounds");
}

static void test_products(void **state)
{
    (void)state;
    check_drawn(100, 3000, random_with_products, "products too");
}

/* --- stacks of residual blocks: sums in place while the next convolution reads, in the order of the dilation --- */

static size_t add_node(mg_graph *graph, mg_node draft, const char *kind, size_t n, const size_t *input)
{
    size_t value = 0;
    mg_error err = {0};
    draft.kind = mg_kind_find(kind);
    snprintf(draft.name, sizeof draft.name, "%s_%zu", kind, graph->n_nodes);
    if (mg_graph_add(graph, &draft, n, input, &value, &err) != MG_OK) fail_msg("%s", err.text);
    return value;
}

static size_t add_conv(gsl_rng *rng, mg_graph *graph, size_t in, int64_t out, mg_slide slide)
{
    mg_node draft = {.slide = slide, .groups = 1};
    int64_t row = graph->extent[in].channels * slide.kernel;
    drawn_weights(rng, &draft, out * row, row, out);
    return add_node(graph, draft, "conv", 1, &in);
}

/* Positions first .. first + length - 1 of a value. */
static size_t add_crop(mg_graph *graph, size_t in, int64_t first, int64_t length)
{
    int64_t channels = graph->extent[in].channels;
    mg_node draft = {.asked = {.length = length, .channels = channels}};
    draft.index = calloc((size_t)(length * channels), sizeof *draft.index);
    for (int64_t i = 0; i < length * channels; i++)
        draft.index[i] = first * channels + i;
    return add_node(graph, draft, "gather", 1, &in);
}

/* in + f(conv(in)), in cut to what the convolution leaves; sometimes two convolutions, or their branch comes first. */
static size_t add_block(gsl_rng *rng, mg_graph *graph, size_t in, int64_t dilation, bool leaky, bool valid)
{
    mg_slide slide = {.kernel = 1 + 2 * (1 + drawn(rng, 2)), .stride = 1, .dilation = dilation};
    int64_t length = graph->extent[in].length, channels = graph->extent[in].channels,
            lost = (slide.kernel - 1) * dilation;
    int64_t left = drawn(rng, 4) == 0 ? lost : lost / 2; /* causal now and then */
    if (valid && lost + 4 > length) return in;
    if (!valid) slide.pad = left, slide.pad_end = lost - left;
    bool two = drawn(rng, 3) == 0, early = drawn(rng, 2) == 0;
    size_t input[2] = {in, in};
    if (early && valid) input[0] = add_crop(graph, in, left, length - lost);
    input[1] = add_conv(rng, graph, in, channels, slide);
    input[1] = add_node(graph, (mg_node){.number = {leaky ? 0.2 : 0.0}}, leaky ? "leaky_relu" : "relu", 1, &input[1]);
    if (two) input[1] = add_conv(rng, graph, input[1], channels, (mg_slide){.kernel = 1, .stride = 1, .dilation = 1});
    if (!early && valid) input[0] = add_crop(graph, in, left, length - lost);
    return add_node(graph, (mg_node){0}, "add", 2, input);
}

static mg_graph *random_stack(gsl_rng *rng)
{
    mg_graph *graph = NULL;
    bool leaky = drawn(rng, 3) == 0, valid = drawn(rng, 2) == 0;
    int64_t channels = 1 + drawn(rng, 10), blocks = 2 + drawn(rng, 4);
    if (mg_graph_create(50 + drawn(rng, 50), &graph, NULL) != MG_OK) return NULL;
    size_t v = add_conv(rng, graph, 0, channels, (mg_slide){.kernel = 1 + drawn(rng, 9), .stride = 1, .dilation = 1});
    v = add_node(graph, (mg_node){.number = {0.2}}, leaky ? "leaky_relu" : "relu", 1, &v);
    for (int64_t k = 0; k < blocks; k++)
        v = add_block(rng, graph, v, k % 2 == 0 ? (int64_t)1 << k : 1 + drawn(rng, 9), leaky, valid);
    mg_node dense = {0};
    int64_t n = graph->extent[v].length * graph->extent[v].channels;
    drawn_weights(rng, &dense, n, n, 1);
    add_node(graph, dense, "dense", 1, &v);
    return graph;
}

static void test_stacks(void **state)
{
    (void)state;
    check_drawn(40, 5000, random_stack, "stacks of residual blocks");
}

/* --- tight certificates --- */

/* Numbers of the first convolution's ReLU at a base. */
static void first_layer(const mg_node *conv, int64_t channels, int64_t b, double *ret)
{
    for (int64_t c = 0; c < channels; c++)
        ret[c] = fmax((double)(float)conv->weight[c * 4 + b] + (double)(float)conv->bias[c], 0.0);
}

/* Weights of unit o along the difference that base `to` in place of `from` makes, so that Cauchy and Schwarz leave nothing
 * between bound and difference; the bias puts the unit's sum at a position with `from` at the bound, on either side of 0,
 * but for a few units in the last place. */
static void tighten(gsl_rng *rng, const mg_node *before, int64_t channels, mg_node *draft, int64_t o)
{
    double own[32], other[32], own_sum = 0.0, weight_norm = 0.0, norm = 0.0, scale = 0.1 + gsl_rng_uniform(rng);
    double sign = drawn(rng, 2) == 0 ? 1.0 : -1.0;
    int64_t from = drawn(rng, 4), to = (from + 1 + drawn(rng, 3)) % 4;
    first_layer(before, channels, from, own);
    first_layer(before, channels, to, other);
    for (int64_t c = 0; c < channels; c++) {
        double d = other[c] - own[c], w = (double)(float)(sign * scale * d);
        draft->weight[o * channels + c] = w;
        own_sum += w * own[c];
        weight_norm += w * w;
        norm += d * d;
    }
    double bound = sqrt(weight_norm * norm), off = 1.0 + (double)(drawn(rng, 33) - 16) * 0x1p-25;
    draft->bias[o] = (drawn(rng, 2) == 0 ? -bound : bound) * off - own_sum;
}

/* conv - ReLU - tight conv - ReLU, and another convolution with ReLU, so that the tight one is not the last gate, or not. */
static mg_graph *random_tight(gsl_rng *rng)
{
    mg_graph *graph = NULL;
    int64_t channels = 1 + drawn(rng, 24),
            outputs = drawn(rng, 3) == 0 ? 1 + drawn(rng, 40) : 1; /* alone, a unit that just crosses 0 is seen */
    if (mg_graph_create(10 + drawn(rng, 30), &graph, NULL) != MG_OK) return NULL;
    const mg_slide one = {.kernel = 1, .stride = 1, .dilation = 1};
    size_t v = add_conv(rng, graph, 0, channels, one);
    v = add_node(graph, (mg_node){0}, "relu", 1, &v);
    mg_node draft = {.slide = one, .groups = 1};
    drawn_weights(rng, &draft, outputs * channels, channels, outputs);
    for (int64_t o = 0; o < outputs; o++)
        tighten(rng, &graph->node[0], channels, &draft, o);
    v = add_node(graph, draft, "conv", 1, &v);
    v = add_node(graph, (mg_node){0}, "relu", 1, &v);
    if (drawn(rng, 2) == 0) {
        v = add_conv(rng, graph, v, 1 + drawn(rng, 6), (mg_slide){.kernel = 3, .stride = 1, .dilation = 1});
        v = add_node(graph, (mg_node){0}, "relu", 1, &v);
    }
    mg_node dense = {0};
    int64_t n = graph->extent[v].length * graph->extent[v].channels;
    drawn_weights(rng, &dense, n, n, 1);
    add_node(graph, dense, "dense", 1, &v);
    return graph;
}

static void test_tight(void **state)
{
    (void)state;
    check_drawn(200, 6000, random_tight, "units at their certificates' bounds");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_piecewise), cmocka_unit_test(test_all_kinds),
                                       cmocka_unit_test(test_products), cmocka_unit_test(test_stacks),
                                       cmocka_unit_test(test_tight)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
