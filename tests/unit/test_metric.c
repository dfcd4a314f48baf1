/* test_metric.c  one window's metrics against their definitions, on rows that are hard to rank */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/faithfulness/single.h"
#include "tests/support/plain_agreement.h"
#include "tests/support/metrics.h"

enum { L = 101, ANCHOR = 40 };

/* Small numbers that a test can count on: a linear congruential generator, upper bits. */
static uint64_t lcg_state = 1;

static uint32_t draw(uint32_t below)
{
    lcg_state = lcg_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((lcg_state >> 33) % below);
}

static double draw_real(void)
{
    return draw(1u << 30) / (double)(1u << 29) - 1;
}

/* A metric is a float, so half a unit in its last place, and a little for sums in another order. */
static bool close_to(double got, double wanted)
{
    if (isnan(got) || isnan(wanted)) return isnan(got) && isnan(wanted);
    return fabs(got - wanted) <= 1e-7 * fabs(wanted) + 1e-7;
}

static mg_truth *create_truth(int64_t length, int64_t anchor)
{
    mg_truth *truth = NULL;
    mg_error err;
    if (start_truth(length, anchor, &truth, &err) != MG_OK) fail_msg("%s", err.text);
    return truth;
}

typedef struct {
    mg_truth *truth;
    mg_base base[L];
    bool blind[L];
    float effect[4 * L], contribution[L], hypothetical[4 * L], metric[N_START_METRICS];
    double score;
} window;

static void compare(window *w)
{
    mg_truth_set(w->truth, 0, w->base, w->blind, w->effect, w->score);
    mg_truth_compare(w->truth, w->contribution, w->hypothetical, NAN, w->metric);
}

/* The informative positions of a window, or those of a region (0 upstream, 1 to 3 codons), with a and e. */
typedef struct {
    size_t n, n_substitutions, position[L];
    double a[L], e[L], a_magnitude[L], e_magnitude[L], d[3 * L], effect[3 * L];
    bool flips[L];
} items;

static void pick_items(const window *w, int region, items *t)
{
    t->n = t->n_substitutions = 0;
    for (int p = 0; p < L; p++) {
        int here = p < ANCHOR ? 0 : p < ANCHOR + 3 ? -1 : 1 + (p - ANCHOR) % 3;
        if (here < 0 || (region >= 0 && here != region) || w->base[p] >= 4 || w->blind[p]) continue;
        double sum = 0;
        size_t n_before = t->n_substitutions;
        t->flips[t->n] = false;
        for (int b = 0; b < 4; b++) {
            double effect = w->effect[4 * p + b];
            if (b == w->base[p] || isnan(effect)) continue;
            t->effect[t->n_substitutions] = effect;
            t->d[t->n_substitutions++] = (double)w->hypothetical[4 * p + b] - w->hypothetical[4 * p + w->base[p]];
            sum -= effect;
            if ((w->score + effect > 0) != (w->score > 0)) t->flips[t->n] = true;
        }
        if (t->n_substitutions == n_before) continue;
        t->a[t->n] = w->contribution[p];
        t->e[t->n] = sum / (double)(t->n_substitutions - n_before);
        t->a_magnitude[t->n] = fabs(t->a[t->n]);
        t->e_magnitude[t->n] = fabs(t->e[t->n]);
        t->position[t->n++] = (size_t)p;
    }
}

static double sign_agreement_ref(const items *t)
{
    double n_agree = 0, n_signed = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->a[i] == 0 || t->e[i] == 0) continue;
        n_signed++;
        n_agree += (t->a[i] > 0) == (t->e[i] > 0);
    }
    return n_signed > 0 ? n_agree / n_signed : NAN;
}

static double peak_distance_ref(const items *t)
{
    double peak[2] = {0};
    if (t->n == 0 || constant_ref(t->a, t->n) || constant_ref(t->e, t->n)) return NAN;
    for (size_t i = 0; i < t->n; i++) {
        if (place_ref(t->a, t->n, i) == 0) peak[0] = (double)t->position[i];
        if (place_ref(t->e, t->n, i) == 0) peak[1] = (double)t->position[i];
    }
    return fabs(peak[0] - peak[1]);
}

static void compare_ref(const window *w, double metric[N_START_METRICS])
{
    static items t;
    for (int r = 0; r < 4; r++) {
        pick_items(w, r, &t);
        metric[PEARSON_REGIONS + r] = correlation_ref(t.a, t.e, t.n, true);
        metric[SPEARMAN_REGIONS + r] = spearman_ref(t.a, t.e, t.n);
    }
    pick_items(w, -1, &t);
    metric[MG_PEARSON] = correlation_ref(t.a, t.e, t.n, true);
    metric[MG_COSINE] = correlation_ref(t.a, t.e, t.n, false);
    metric[MG_SPEARMAN] = spearman_ref(t.a, t.e, t.n);
    metric[MG_KENDALL] = kendall_ref(t.a, t.e, t.n);
    metric[MG_SPEARMAN_MAGNITUDE] = spearman_ref(t.a_magnitude, t.e_magnitude, t.n);
    metric[MG_SIGN_AGREEMENT] = t.n < 3 ? NAN : sign_agreement_ref(&t);
    metric[MG_JACCARD_5] = jaccard_ref(t.a, t.e, t.n, 5);
    metric[MG_JACCARD_10] = jaccard_ref(t.a, t.e, t.n, 10);
    metric[MG_JACCARD_20] = jaccard_ref(t.a, t.e, t.n, 20);
    metric[MG_PEAK_DISTANCE] = t.n < 3 ? NAN : peak_distance_ref(&t);
    metric[MG_FLIP_AUROC] = t.n < 3 ? NAN : auroc_ref(t.a, t.flips, t.n);
    metric[MG_SUBSTITUTION_PEARSON] = t.n < 3 ? NAN : correlation_ref(t.d, t.effect, t.n_substitutions, true);
    metric[MG_SUBSTITUTION_SPEARMAN] = t.n < 3 ? NAN : spearman_ref(t.d, t.effect, t.n_substitutions);
    metric[MG_COMPLETENESS_ERROR] = NAN;
}

static float few_levels(void)
{
    return (float)draw(5) - 2;
}

static float many_levels(void)
{
    return (float)draw_real();
}

static float mostly_zero(void)
{
    return draw(8) > 0 ? 0.0F : draw(2) == 0 ? -0.0F : (float)draw_real();
}

static float all_equal(void)
{
    return 0.5F;
}

static float both_signs(void) /* magnitudes that are equal across the signs */
{
    return (draw(2) == 0 ? 1.0F : -1.0F) * (float)(1 + draw(20));
}

static float denormal(void)
{
    return (draw(2) == 0 ? 1.0F : -1.0F) * (float)draw(100) * 1.4e-45F;
}

static float positive(void)
{
    return (float)draw(1000) + 1;
}

static float far_apart(void)
{
    return (float)(draw_real() * ldexp(1, (int)draw(240) - 120));
}

static float (*const draw_value[])(void) = {few_levels, many_levels, mostly_zero, all_equal,
                                            both_signs, denormal,    positive,    far_apart};

enum { N_DRAWS = sizeof draw_value / sizeof *draw_value };

/* n_informative positions at most, so that windows of none, one and two are among them */
static void sample_window(window *w, float (*effect)(void), float (*claim)(void), size_t n_informative)
{
    size_t n = 0;
    for (int p = 0; p < L; p++) {
        w->base[p] = (mg_base)draw(4);
        w->contribution[p] = claim();
        w->blind[p] = draw(4) == 0 || n >= n_informative;
        n += !w->blind[p] && (p < ANCHOR || p >= ANCHOR + 3);
    }
    for (int k = 0; k < 4 * L; k++) {
        w->effect[k] = k % 4 == w->base[k / 4] ? 0 : effect();
        w->hypothetical[k] = claim();
    }
    w->score = draw_real();
}

/* Effects that were not measured: one in n, or one less than all. */
static void forget_effects(window *w, uint32_t n)
{
    for (int k = 0; k < 4 * L; k++)
        if (draw(n) == 0) w->effect[k] = NAN;
}

static void test_windows_by_definition(void **state)
{
    (void)state;
    window w = {.truth = create_truth(L, ANCHOR)};
    double wanted[N_START_METRICS];
    for (int trial = 0; trial < 600; trial++) {
        sample_window(&w, draw_value[draw(N_DRAWS)], draw_value[draw(N_DRAWS)], trial < 100 ? (size_t)trial / 10 : L);
        if (trial % 3 == 0) forget_effects(&w, 1 + (uint32_t)trial % 7);
        compare(&w);
        compare_ref(&w, wanted);
        for (int m = 0; m < N_START_METRICS; m++)
            if (!close_to(w.metric[m], wanted[m]))
                fail_msg("trial %d: %s is %.9g, not %.9g", trial, start_metrics()->info[m].dataset, w.metric[m],
                         wanted[m]);
    }
    mg_truth_destroy(w.truth);
}

/* One number that is none takes away the metrics it belongs to, and no others. */
static void test_not_finite(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    window w = {.truth = create_truth(L, ANCHOR)};
    for (int trial = 0; trial < 60; trial++) {
        sample_window(&w, many_levels, many_levels, L);
        w.base[7] = 2; /* G, and informative */
        w.blind[7] = false;
        float x = bad[trial % 3];
        w.contribution[7] = x;
        compare(&w);
        for (int m = 0; m < N_START_METRICS; m++) {
            bool of_substitutions = m == MG_SUBSTITUTION_PEARSON || m == MG_SUBSTITUTION_SPEARMAN;
            assert_true(isnan(w.metric[m]) == !of_substitutions);
        }
        w.contribution[7] = 1;
        w.hypothetical[4 * 7 + trial % 4] = x;
        compare(&w);
        assert_true(isnan(w.metric[MG_SUBSTITUTION_PEARSON]) && isnan(w.metric[MG_SUBSTITUTION_SPEARMAN]));
        assert_false(isnan(w.metric[MG_SPEARMAN]) || isnan(w.metric[MG_KENDALL]));
        w.effect[4 * 7] = x; /* NaN is an effect that is not known, and left out with its contributions */
        w.hypothetical[4 * 7 + 2] = 1;
        w.hypothetical[4 * 7 + trial % 4] = 1;
        compare(&w);
        for (int m = 0; m < N_START_METRICS; m++)
            assert_true(m == MG_COMPLETENESS_ERROR || m == MG_FLIP_AUROC || !isnan(w.metric[m]) == isnan(x));
    }
    mg_truth_destroy(w.truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows_by_definition),
        cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests_name("metric", tests, NULL, NULL);
}
