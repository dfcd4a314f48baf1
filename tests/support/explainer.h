/* explainer.h  methods run in tests: a network, a plan, a pass and a method together, and the golden windows explained */
#ifndef MG_TESTS_SUPPORT_EXPLAINER_H
#define MG_TESTS_SUPPORT_EXPLAINER_H

#include "tests/support/support.h"

#include "src/attribution/method.h"
#include "src/core/random.h"

enum { N = 33, L = 203 }; /* golden windows, and their length */

static UNUSED double tolerance(mg_precision precision)
{
    return precision == MG_SINGLE ? 1e-4 : 1e-9;
}

/* ... of a method that adds up gradients along a path */
static UNUSED double tolerance_of(mg_precision precision, const char *spec)
{
    bool steps = strncmp(spec, "integrated", 10) == 0 || strncmp(spec, "expected", 8) == 0 ||
                 strncmp(spec, "gradient_shap", 13) == 0;
    return tolerance(precision) * (steps && precision == MG_SINGLE ? rounding() : 1);
}

/* A method ready to run on a network at one precision. */
typedef struct {
    mg_plan *plan;
    mg_pass *pass;
    mg_method method;
    void *scratch;
} machine;

static UNUSED machine start(const mg_graph *network, mg_precision precision, const char *spec)
{
    machine m = {0};
    mg_error err = {0};
    if (mg_plan_create(network, precision, &m.plan, &err) != MG_OK || mg_pass_create(m.plan, &m.pass, &err) != MG_OK ||
        mg_method_parse(spec, &m.method, &err) != MG_OK || mg_method_prepare(&m.method, m.plan, &err) != MG_OK)
        fail_msg("%s", err.text);
    m.scratch = calloc(1, m.method.type->scratch(&m.method, m.plan));
    return m;
}

static UNUSED void stop(machine *m)
{
    free(m->scratch);
    mg_method_release(&m->method);
    mg_pass_destroy(m->pass);
    mg_plan_destroy(m->plan);
}

/* A window as methods see it, after its forward pass; base: room for its codes. */
static UNUSED mg_view view_of(machine *m, const double *x, int64_t length, bool probability, uint8_t *base)
{
    codes_of(x, length, base);
    return (mg_view){.base = base,
                     .x = x,
                     .f = mg_pass_forward(m->pass, x),
                     .probability = probability,
                     .seed = mg_hash_bytes(0, base, (size_t)length)};
}

static UNUSED double explain_view(machine *m, const mg_view *view, double *a, double *c)
{
    mg_explanation e = {.contribution = a, .hypothetical = c, .claimed_sum = NAN};
    m->method.type->explain(&m->method, m->pass, view, m->scratch, &e);
    return e.claimed_sum;
}

/* Explain one window into a (L) and c (L, 4); returns the sum the method claims. */
static UNUSED double explain(machine *m, const double *x, int64_t length, bool probability, double *a, double *c)
{
    uint8_t base[4096];
    mg_view view = view_of(m, x, length, probability, base);
    return explain_view(m, &view, a, c);
}

/* What a reference array of shape (n, L, 4) is compared with. */
typedef enum { ROW_SUM, ROW_LARGEST, ROW_FIRST, EVERY_BASE } comparison; /* largest: of absolute values */

static UNUSED double reduce(const double *row, comparison how)
{
    if (how == ROW_SUM) return row[0] + row[1] + row[2] + row[3];
    if (how == ROW_FIRST) return row[0];
    return fmax(fmax(fabs(row[0]), fabs(row[1])), fmax(fabs(row[2]), fabs(row[3])));
}

static UNUSED array read_agct_or_positions(hid_t file, const char *path)
{
    array a = read_array(file, path);
    if (a.n_dims == 3) swap_cg(&a);
    return a;
}

/* What a method is given to draw for golden window i; it may keep arrays in `room`. */
typedef struct golden_draws {
    mg_given_draws (*of)(const struct golden_draws *draws, size_t i);
    double *reference, *alpha, *noise; /* (N, n, L, 4), (N, n), (n, L, 4) */
    int32_t *order;                    /* (n, L) */
    size_t n;
} golden_draws;

/* Explain the first n golden windows with a method: a (n, L), or c (n, L, 4) with EVERY_BASE; for the caller to free. */
static UNUSED double *explain_golden(hid_t golden, const mg_graph *network, mg_precision precision, const char *spec,
                                     comparison how, size_t n, const golden_draws *draws)
{
    array x = read_agct(golden, "onehot");
    size_t per = how == EVERY_BASE ? 4 : 1;
    double *value = calloc(n * L * per, sizeof *value), a[L], c[L * 4];
    machine m = start(network, precision, spec);
    for (size_t i = 0; i < n; i++) {
        mg_given_draws given = draws != NULL ? draws->of(draws, i) : (mg_given_draws){0};
        uint8_t base[L];
        mg_view view = view_of(&m, x.value + i * L * 4, L, false, base);
        view.given = &given;
        explain_view(&m, &view, a, c);
        memcpy(value + i * L * per, per == 4 ? c : a, L * per * sizeof *value);
    }
    stop(&m);
    free(x.value);
    return value;
}

/* Deviation of a method from a reference array (N, L) or (N, L, 4) over the first n_windows, in units of their largest
 * value there. */
static UNUSED double deviation_of(hid_t golden, const mg_graph *network, mg_precision precision, const char *spec,
                                  hid_t file, const char *path, comparison how, size_t n_windows,
                                  const golden_draws *draws)
{
    array expected = read_agct_or_positions(file, path);
    size_t per = how == EVERY_BASE ? 4 : 1, n = n_windows * L * per;
    double *value = explain_golden(golden, network, precision, spec, how, n_windows, draws),
           *wanted = calloc(n, sizeof *wanted);
    for (size_t k = 0; k < n; k++)
        wanted[k] = per == 4 || expected.n_dims == 2 ? expected.value[k] : reduce(expected.value + k * 4, how);
    double d = deviation(value, wanted, n);
    print_message("# %-6s %s: %s deviates by %.2g of scale\n", precision == MG_SINGLE ? "single" : "double", path, spec,
                  d);
    free(value);
    free(wanted);
    free(expected.value);
    return d;
}

#endif
