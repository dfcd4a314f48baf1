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

static void check_graphs(int n, unsigned long seed, bool (*wanted)(const mg_kind *kind), const char *what)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double worst = 0.0;
    for (int i = 0; i < n; i++) {
        gsl_rng_set(rng, seed + (unsigned long)i);
        mg_graph *graph = random_graph(rng, wanted);
        machine m = start(graph, rng);
        mg_pass_forward(m.pass, m.x);
        mg_tile_scan_window(m.scan, m.pass, m.base, m.effect);
        mg_tile_scan_window(m.plain, m.pass, m.base, m.other);
        double off = largest_error(graph, &m);
        if (!(off <= TOLERANCE)) fail_msg("%s, graph %d: %g of scale off", what, i, off);
        for (int64_t k = 0; k < graph->length * 4; k++)
            if (m.effect[k] != m.other[k]) fail_msg("%s, graph %d: certificates change effect %d", what, i, (int)k);
        if (off > worst) worst = off;
        stop(&m);
        mg_graph_destroy(graph);
    }
    print_message("# %s: %d graphs, largest deviation %.2g of scale\n", what, n, worst);
    gsl_rng_free(rng);
}

static void test_piecewise(void **state)
{
    (void)state;
    check_graphs(150, 1000, piecewise, "piecewise linear kinds");
}

static void test_all_kinds(void **state)
{
    (void)state;
    check_graphs(250, 2000, tame, "all kinds that stay within bounds");
}

static void test_products(void **state)
{
    (void)state;
    check_graphs(100, 3000, with_products, "products too");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_piecewise), cmocka_unit_test(test_all_kinds),
                                       cmocka_unit_test(test_products)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
