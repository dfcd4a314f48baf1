/* test_kernels_smooth.c  vector functions against libm in float64, each instruction set of this machine: all exponents,
 * ends of the range, and the same bits wherever multiply-adds are fused; --seed N draws others */
#include <float.h>

#include "tests/support/kernel_sets.h"

enum { N = 1 << 16 };

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double gelu(double x)
{
    return 0.5 * x * erfc(-x * M_SQRT1_2);
}

static double silu(double x)
{
    return x * sigmoid(x);
}

static double elu(double x)
{
    return 1.25 * (x > 0 ? x : 0.75 * expm1(x));
}

typedef struct {
    const char *name;
    double (*exact)(double);
    size_t place; /* in mg_smooth_kernels */
} function;

static const function functions[] = {{"exp", exp, offsetof(mg_smooth_kernels, exp)},
                                     {"sigmoid", sigmoid, offsetof(mg_smooth_kernels, sigmoid)},
                                     {"tanh", tanh, offsetof(mg_smooth_kernels, tanh)},
                                     {"erf", erf, offsetof(mg_smooth_kernels, erf)},
                                     {"softplus", softplus, offsetof(mg_smooth_kernels, softplus)},
                                     {"gelu", gelu, offsetof(mg_smooth_kernels, gelu)},
                                     {"silu", silu, offsetof(mg_smooth_kernels, silu)},
                                     {"elu", elu, offsetof(mg_smooth_kernels, elu)}};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

static mg_smooth *kernel(const kernel_set *set, const function *of)
{
    mg_smooth *run;
    memcpy(&run, (const char *)set->kernels->smooth + of->place, sizeof run);
    return run;
}

static void run(const kernel_set *set, const function *of, const float *x, int64_t n, float *y)
{
    if (of->place == offsetof(mg_smooth_kernels, elu))
        set->kernels->smooth->elu(x, n, 0.75F, 1.25F, y);
    else
        kernel(set, of)(x, n, y);
}

/* Some of every exponent, most where the functions bend, and the ends. */
static float *draw_numbers(gsl_rng *rng)
{
    static const float ends[] = {0.0F,      -0.0F,      FLT_MIN,    -FLT_MIN,   1e-45F,   FLT_MAX,  -FLT_MAX, 88.72283F,
                                 88.72284F, -87.3365F,  -87.33654F, -103.9721F, -104.0F,  0.625F,   1.0F,     4.0F,
                                 -4.0F,     3.9999998F, 0x1p-24F,   -1.0F,      INFINITY, -INFINITY};
    float *x = allocate(N, sizeof *x);
    for (int i = 0; i < N; i++) {
        x[i] = draw(rng) * (i % 2 == 0 ? 5 : 110);
        if (i % 4 == 3) x[i] = ldexpf(draw(rng), (int)between(rng, -140, 8));
        if (i < (int)(sizeof ends / sizeof *ends)) x[i] = ends[i];
    }
    return x;
}

/* Relative error of y, where the value is a normal number; else nearly the value, infinity or 0. */
static double error_of(const function *of, float x, float y)
{
    double exact = of->exact((double)x);
    if (fabs(exact) > (double)FLT_MAX) return isinf(y) && y > 0 ? 0 : 1;
    if (fabs(exact) < (double)FLT_MIN) return fabs((double)y - exact) <= 2e-45 + 1e-6 * fabs(exact) ? 0 : 1;
    return fabs((double)y / exact - 1);
}

static void check_function(const kernel_set *set, const function *of, const float *x, float *y)
{
    double worst = 0;
    float at = 0;
    run(set, of, x, N, y);
    for (int i = 0; i < N; i++) {
        double error = error_of(of, x[i], y[i]);
        if (!(error <= worst)) {
            worst = error;
            at = x[i];
        }
    }
    print_message("# %s, %s: largest relative error %.2g at %.9g\n", set->kernels->name, of->name, worst, (double)at);
    assert_true(worst < 1e-6);
}

static void test_functions(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    gsl_rng *rng = create_rng();
    float *x = draw_numbers(rng), *y = allocate(N, sizeof *y), *fused = allocate(N, sizeof *fused);
    for (size_t f = 0; f < N_FUNCTIONS; f++) {
        bool any = false;
        for (size_t s = 0; s < n_sets; s++) {
            check_function(&set[s], &functions[f], x, y);
            if (any && set[s].fused) check_bits(&set[s], functions[f].name, y, fused, N);
            if (set[s].fused) memcpy(fused, y, N * sizeof *y);
            any |= set[s].fused;
        }
    }
    free(x);
    free(y);
    free(fused);
    gsl_rng_free(rng);
}

static void test_nan_and_in_place(void **state)
{
    (void)state;
    kernel_set set[MAX_SETS];
    size_t n_sets = find_sets(set);
    for (size_t s = 0; s < n_sets; s++)
        for (size_t f = 0; f < N_FUNCTIONS; f++) {
            float x[MG_LANES], y[MG_LANES];
            for (int i = 0; i < MG_LANES; i++)
                x[i] = i % 3 == 0 ? NAN : (float)i - 7;
            run(&set[s], &functions[f], x, MG_LANES, y);
            run(&set[s], &functions[f], x, MG_LANES, x);
            for (int i = 0; i < MG_LANES; i++)
                assert_true(i % 3 == 0 ? isnan(x[i]) && isnan(y[i]) : x[i] == y[i]);
        }
}

int main(int argc, char **argv)
{
    read_seed(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_functions), cmocka_unit_test(test_nan_and_in_place)};
    return cmocka_run_group_tests_name("kernels: smooth functions", tests, NULL, NULL);
}
