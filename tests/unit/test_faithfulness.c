/* test_faithfulness.c  curves, sets and robustness: against reference values of the published network where they are here
 * (numpy and Captum, float64), and to their laws on a small additive score */
#include "tests/support/explainer.h"

#include "src/faithfulness/curves.h"
#include "src/faithfulness/measure.h"
#include "src/faithfulness/robustness.h"
#include "src/faithfulness/sets.h"

#define FAITHFULNESS "../shared/reference/faithfulness.h5"

enum { N_POSITIONS = 189, N_CLAIMS = 3, N_FULL = 2 };

static const char *const claim_names[N_CLAIMS] = {"input_x_gradient", "lrp_gamma_0.05", "saliency"};
static const char *const specs[N_CLAIMS] = {"input_x_gradient", "lrp", "saliency"};
static const char *const replacement_words[MG_N_REPLACEMENTS] = {"random", "mean_of_three", "zeros"};

/* --- the published network on trial --- */

typedef struct {
    hid_t file;
    mg_graph *network;
    machine m[N_CLAIMS];
    mg_trial_room room;
    mg_probe probe;
    array bases, positions, substitution, a[N_CLAIMS], c[N_CLAIMS];
    size_t position[N_POSITIONS];
    mg_base base[N][L], substitute[N][L];
    double x[N][L * 4];
} fixture;

static double score(void *context, const double *x)
{
    fixture *f = context;
    return mg_pass_forward(f->m[0].pass, x);
}

static bool attribute(void *context, size_t method, const mg_base *base, uint64_t draw, double *a)
{
    fixture *f = context;
    static double x[L * 4], c[L * 4];
    uint8_t codes[L];
    (void)draw;
    memset(x, 0, sizeof x);
    for (size_t p = 0; p < L; p++)
        if (base[p] < 4) x[p * 4 + base[p]] = 1;
    mg_view view = view_of(&f->m[method], x, L, false, codes);
    explain_view(&f->m[method], &view, a, c);
    return true;
}

static fixture *begin(mg_precision precision)
{
    need_file(FAITHFULNESS);
    need_file(PUBLISHED);
    fixture *f = calloc(1, sizeof *f);
    f->file = H5Fopen(FAITHFULNESS, H5F_ACC_RDONLY, H5P_DEFAULT);
    f->network = published_folded(MG_SCORE_LOG_ODDS);
    f->probe = (mg_probe){f, score, attribute};
    assert_int_equal(mg_trial_room_create(L, &f->room, NULL), MG_OK);
    f->bases = read_array(f->file, "bases");
    f->positions = read_array(f->file, "positions");
    f->substitution = read_array(f->file, "random_substitution");
    for (size_t k = 0; k < N_POSITIONS; k++)
        f->position[k] = (size_t)f->positions.value[k];
    for (size_t i = 0; i < N * L; i++) {
        f->base[i / L][i % L] = (mg_base)f->bases.value[i];
        f->substitute[i / L][i % L] = (mg_base)f->substitution.value[i];
        f->x[i / L][(i % L) * 4 + f->base[i / L][i % L]] = 1;
    }
    for (int k = 0; k < N_CLAIMS; k++) {
        char path[64];
        f->m[k] = start(f->network, precision, specs[k]);
        snprintf(path, sizeof path, "attribution/%s/a", claim_names[k]);
        f->a[k] = read_array(f->file, path);
        snprintf(path, sizeof path, "attribution/%s/c", claim_names[k]);
        f->c[k] = read_agct(f->file, path);
    }
    return f;
}

static void end(fixture *f)
{
    for (int k = 0; k < N_CLAIMS; k++) {
        stop(&f->m[k]);
        free(f->a[k].value);
        free(f->c[k].value);
    }
    free(f->bases.value);
    free(f->positions.value);
    free(f->substitution.value);
    mg_trial_room_destroy(&f->room);
    mg_graph_destroy(f->network);
    H5Fclose(f->file);
    free(f);
}

static mg_trial trial_of(fixture *f, size_t w)
{
    return (mg_trial){.length = L,
                      .base = f->base[w],
                      .x = f->x[w],
                      .score = score(f, f->x[w]),
                      .n = N_POSITIONS,
                      .position = f->position,
                      .substitute = f->substitute[w],
                      .seed = w,
                      .probe = &f->probe};
}

static const double *claim_of(const fixture *f, int k, size_t w)
{
    return f->a[k].value + w * L;
}

/* Values (n) of windows against a dataset's first n, in units of its largest. */
static void hold(fixture *f, const double *value, size_t n, double allowed, const char *format, ...)
{
    char path[160];
    va_list list;
    va_start(list, format);
    vsnprintf(path, sizeof path, format, list);
    va_end(list);
    array expected = read_array(f->file, path);
    double off = deviation(value, expected.value, n);
    if (!(off < allowed)) fail_msg("%s deviates by %.2g of scale", path, off);
    free(expected.value);
}

static void hold_short_curves(fixture *f, int k, size_t n, double allowed)
{
    for (int r = 0; r < MG_N_REPLACEMENTS; r++) {
        double morf[N], lerf[N], fall[N][3], first[MG_CURVE_SHORT + 1];
        for (size_t w = 0; w < n; w++) {
            mg_trial t = trial_of(f, w);
            mg_curve_pair pair =
                mg_curves_aopc(&t, claim_of(f, k, w), MG_CURVE_SHORT, (mg_replacement)r, &f->room, first, NULL);
            morf[w] = pair.morf;
            lerf[w] = pair.lerf;
            fall[w][0] = t.score - first[10];
            fall[w][1] = t.score - first[19];
        }
        hold(f, morf, n, allowed, "curves/%s/morf/%s/aopc_20", claim_names[k], replacement_words[r]);
        hold(f, lerf, n, allowed, "curves/%s/lerf/%s/aopc_20", claim_names[k], replacement_words[r]);
        for (size_t w = 0; w < n; w++) /* 5% and 10% of 189 positions, read off the curve */
            morf[w] = fall[w][0];
        hold(f, morf, n, allowed, "erasure/%s/comprehensiveness/5/%s", claim_names[k], replacement_words[r]);
        for (size_t w = 0; w < n; w++)
            morf[w] = fall[w][1];
        hold(f, morf, n, allowed, "erasure/%s/comprehensiveness/10/%s", claim_names[k], replacement_words[r]);
    }
}

static void hold_full_curves(fixture *f, double allowed)
{
    for (int r = 0; r < MG_N_REPLACEMENTS; r++) {
        double morf[N], lerf[N], area[N];
        for (size_t w = 0; w < N_FULL; w++) {
            mg_trial t = trial_of(f, w);
            mg_curve_pair pair =
                mg_curves_aopc(&t, claim_of(f, 0, w), N_POSITIONS, (mg_replacement)r, &f->room, NULL, NULL);
            morf[w] = pair.morf;
            lerf[w] = pair.lerf;
            area[w] = pair.morf - pair.lerf;
        }
        hold(f, morf, N_FULL, allowed, "curves/input_x_gradient/morf/%s/aopc", replacement_words[r]);
        hold(f, lerf, N_FULL, allowed, "curves/input_x_gradient/lerf/%s/aopc", replacement_words[r]);
        hold(f, area, N_FULL, allowed, "curves/input_x_gradient/abpc/%s", replacement_words[r]);
    }
}

static void hold_erasure(fixture *f, int k, double allowed)
{
    static const size_t percent[] = {5, 10, 20};
    for (int r = 0; r < MG_N_REPLACEMENTS; r++)
        for (int p = 0; p < 3; p++)
            for (int rest = 0; rest < 2; rest++) {
                double value[N];
                for (size_t w = 0; w < N; w++) {
                    mg_trial t = trial_of(f, w);
                    size_t top = mg_sets_top(t.n, percent[p]);
                    value[w] = mg_sets_erasure(&t, claim_of(f, k, w), top, rest, (mg_replacement)r, &f->room);
                }
                hold(f, value, N, allowed, "erasure/%s/%s/%zu/%s", claim_names[k],
                     rest ? "sufficiency" : "comprehensiveness", percent[p], replacement_words[r]);
            }
}

/* The stored subsets of m positions, as sets (100, L). */
static void read_subsets(fixture *f, size_t m, bool *in)
{
    char path[64];
    snprintf(path, sizeof path, "sensitivity_n/%zu/subsets", m);
    array subsets = read_array(f->file, path);
    memset(in, 0, MG_SETS_DRAWN * L * sizeof *in);
    for (size_t k = 0; k < subsets.n; k++)
        in[k / m * L + (size_t)subsets.value[k]] = true;
    free(subsets.value);
}

static void hold_sensitivity(fixture *f, size_t m, size_t n, double allowed)
{
    static bool in[MG_SETS_DRAWN * L];
    static const mg_replacement how[] = {MG_REPLACE_SUBSTITUTE, MG_REPLACE_ZEROS};
    read_subsets(f, m, in);
    for (int r = 0; r < 2; r++) {
        double delta[N * MG_SETS_DRAWN], sum[MG_SETS_DRAWN], work[MG_SETS_DRAWN], value[N_CLAIMS][N];
        for (size_t w = 0; w < n; w++) {
            mg_trial t = trial_of(f, w);
            double *mine = delta + w * MG_SETS_DRAWN;
            mg_sets_delta(&t, in, MG_SETS_DRAWN, how[r], &f->room, mine);
            for (int k = 0; k < N_CLAIMS; k++) {
                mg_sets_sums(&t, claim_of(f, k, w), in, MG_SETS_DRAWN, sum);
                value[k][w] = mg_sets_sensitivity(sum, mine, MG_SETS_DRAWN, work);
            }
        }
        const char *word = replacement_words[how[r]];
        hold(f, delta, n * MG_SETS_DRAWN, allowed, "sensitivity_n/%zu/%s/delta", m, word);
        for (int k = 0; k < N_CLAIMS; k++)
            hold(f, value[k], n, 10 * allowed, "sensitivity_n/%zu/%s/pearson_%s", m, word, claim_names[k]);
    }
}

static void hold_infidelity(fixture *f, double allowed)
{
    static bool in[MG_SETS_MASKS * L];
    static double moved[L * 4];
    array masks = read_array(f->file, "infidelity/masks"), noise = read_agct(f->file, "infidelity/noise");
    double value[2][N_CLAIMS][N], noisy[N_CLAIMS][N];
    for (size_t k = 0; k < MG_SETS_MASKS * L; k++)
        in[k] = masks.value[k] != 0;
    for (size_t w = 0; w < N; w++) {
        mg_trial t = trial_of(f, w);
        double delta[MG_SETS_MASKS], sum[MG_SETS_MASKS];
        mg_sets_delta(&t, in, MG_SETS_MASKS, MG_REPLACE_ZEROS, &f->room, delta);
        for (int k = 0; k < N_CLAIMS; k++) {
            mg_sets_sums(&t, claim_of(f, k, w), in, MG_SETS_MASKS, sum);
            for (int scaled = 0; scaled < 2; scaled++)
                value[scaled][k][w] = mg_sets_infidelity(sum, delta, MG_SETS_MASKS, scaled);
        }
        for (size_t s = 0; s < MG_SETS_MASKS; s++) {
            for (size_t i = 0; i < L * 4; i++)
                moved[i] = t.x[i] - noise.value[s * L * 4 + i];
            delta[s] = t.score - score(f, moved);
        }
        for (int k = 0; k < N_CLAIMS; k++) {
            for (size_t s = 0; s < MG_SETS_MASKS; s++) {
                sum[s] = 0;
                for (size_t i = 0; i < L * 4; i++)
                    sum[s] += noise.value[s * L * 4 + i] * f->c[k].value[w * L * 4 + i];
            }
            noisy[k][w] = mg_sets_infidelity(sum, delta, MG_SETS_MASKS, true);
        }
    }
    for (int k = 0; k < N_CLAIMS; k++) {
        hold(f, value[0][k], N, allowed, "infidelity/mask_%s", claim_names[k]);
        hold(f, value[1][k], N, allowed, "infidelity/mask_%s_scaled", claim_names[k]);
        hold(f, noisy[k], N, allowed, "infidelity/noise_%s_scaled", claim_names[k]);
    }
    free(masks.value);
    free(noise.value);
}

static void hold_max_sensitivity(fixture *f, double allowed)
{
    array changes = read_array(f->file, "max_sensitivity/substitutions");
    mg_base base[L];
    double other[L], value[N];
    for (size_t k = 0; k < N_CLAIMS; k++) {
        for (size_t w = 0; w < N; w++) {
            mg_neighbour neighbour[MG_NEIGHBOURS];
            mg_trial t = trial_of(f, w);
            mg_claim claim = {.a = claim_of(f, (int)k, w), .method = k, .asks = true};
            for (size_t s = 0; s < MG_NEIGHBOURS; s++) {
                const double *pair = changes.value + (w * MG_NEIGHBOURS + s) * 2;
                neighbour[s] = (mg_neighbour){(size_t)pair[0], (mg_base)pair[1]};
            }
            value[w] = mg_robustness_sensitivity(&t, &claim, neighbour, MG_NEIGHBOURS, base, other);
        }
        hold(f, value, N, allowed, "max_sensitivity/substitution_%s", claim_names[k]);
    }
    free(changes.value);
}

/* Deviations in float32 are of the score's rounding, which differences and squares of them magnify. */
static void test_as_the_reference_in_double(void **state)
{
    (void)state;
    fixture *f = begin(MG_DOUBLE);
    hold_short_curves(f, 0, 3, 1e-9);
    hold_erasure(f, 0, 1e-9);
    hold_sensitivity(f, 10, 3, 1e-9);
    hold_infidelity(f, 1e-9);
    hold_max_sensitivity(f, 1e-9);
    end(f);
}

static void test_as_the_reference_in_single(void **state)
{
    (void)state;
    fixture *f = begin(MG_SINGLE);
    for (int k = 0; k < N_CLAIMS; k++) {
        hold_short_curves(f, k, N, 1e-4);
        hold_erasure(f, k, 1e-4);
    }
    hold_full_curves(f, 1e-4);
    hold_sensitivity(f, 1, N, 1e-4);
    hold_sensitivity(f, 10, N, 1e-4);
    hold_sensitivity(f, 50, N, 1e-4);
    hold_infidelity(f, 1e-4);
    hold_max_sensitivity(f, 1e-4);
    end(f);
}

/* --- laws, on a score that is a sum over positions --- */

enum { LENGTH = 31, LEFT_OUT = 3, N_INFORMATIVE = LENGTH - LEFT_OUT };

typedef struct {
    double weight[LENGTH * 4], x[LENGTH * 4], e[N_INFORMATIVE], a[LENGTH], c[LENGTH * 4];
    mg_base base[LENGTH], substitute[LENGTH];
    size_t position[N_INFORMATIVE];
    double drift; /* what a method says more of each position at each further draw */
    mg_probe probe;
    mg_trial trial;
    mg_trial_room room;
} toy;

static double toy_score(void *context, const double *x)
{
    const toy *t = context;
    double sum = 0.5;
    for (size_t i = 0; i < LENGTH * 4; i++)
        sum += t->weight[i] * x[i];
    return sum;
}

static bool toy_attribute(void *context, size_t method, const mg_base *base, uint64_t draw, double *a)
{
    const toy *t = context;
    for (size_t p = 0; p < LENGTH; p++)
        a[p] = method == 0 ? t->a[p] + t->drift * (double)draw : t->weight[p * 4 + base[p]];
    return method < 2;
}

static double noise_of(uint64_t k)
{
    return (double)(mg_mix(77, k) >> 11) * 0x1p-52 - 1;
}

/* a is what each base brings, so zeros take out exactly that. */
static void begin_toy(toy *t)
{
    memset(t, 0, sizeof *t);
    for (size_t p = 0, k = 0; p < LENGTH; p++) {
        t->base[p] = (mg_base)(mg_mix(5, p) % 4);
        t->x[p * 4 + t->base[p]] = 1;
        for (size_t b = 0; b < 4; b++)
            t->weight[p * 4 + b] = noise_of(p * 4 + b);
        t->a[p] = t->weight[p * 4 + t->base[p]];
        if (p < 10 || p >= 10 + LEFT_OUT) t->position[k++] = p;
    }
    memcpy(t->c, t->weight, sizeof t->c);
    for (size_t k = 0; k < N_INFORMATIVE; k++) {
        size_t p = t->position[k];
        for (size_t b = 0; b < 4; b++)
            t->e[k] += (t->a[p] - t->weight[p * 4 + b]) / 3;
    }
    mg_trial_substitutes(t->base, LENGTH, 9, t->substitute);
    t->probe = (mg_probe){t, toy_score, toy_attribute};
    t->trial = (mg_trial){.length = LENGTH,
                          .base = t->base,
                          .x = t->x,
                          .score = toy_score(t, t->x),
                          .n = N_INFORMATIVE,
                          .position = t->position,
                          .effect = t->e,
                          .substitute = t->substitute,
                          .seed = 3,
                          .probe = &t->probe};
    assert_int_equal(mg_trial_room_create(LENGTH, &t->room, NULL), MG_OK);
}

static void end_toy(toy *t)
{
    mg_trial_room_destroy(&t->room);
}

static void test_order_and_ties(void **state)
{
    (void)state;
    toy t;
    uint32_t order[N_INFORMATIVE];
    begin_toy(&t);
    double a[LENGTH] = {0};
    a[t.position[4]] = 1;
    a[t.position[7]] = -1;
    assert_true(mg_trial_order(&t.trial, a, false, &t.room, order));
    assert_true(order[0] == 4 && order[1] == 0 && order[2] == 1 && order[N_INFORMATIVE - 1] == 7);
    assert_true(mg_trial_order(&t.trial, a, true, &t.room, order));
    assert_true(order[0] == 7 && order[1] == 0 && order[N_INFORMATIVE - 1] == 4);
    a[t.position[2]] = NAN;
    assert_false(mg_trial_order(&t.trial, a, false, &t.room, order));
    assert_true(isnan(mg_curves_aopc(&t.trial, a, 5, MG_REPLACE_ZEROS, &t.room, NULL, NULL).morf));
    end_toy(&t);
}

static void test_substitutes_are_other_bases(void **state)
{
    (void)state;
    mg_base base[4] = {0, 3, 4, 2}, other[4];
    for (uint64_t seed = 0; seed < 50; seed++) {
        mg_trial_substitutes(base, 4, seed, other);
        assert_true(other[0] != 0 && other[1] != 3 && other[3] != 2 && other[2] == 4);
        assert_true(other[0] < 4 && other[1] < 4 && other[3] < 4);
    }
}

static void test_laws_of_curves(void **state)
{
    (void)state;
    toy t;
    uint32_t order[N_INFORMATIVE];
    double up[N_INFORMATIVE + 1], down[N_INFORMATIVE + 1];
    begin_toy(&t);
    for (int r = 0; r < MG_N_REPLACEMENTS; r++) {
        mg_trial_order(&t.trial, t.a, false, &t.room, order);
        mg_trial_curve(&t.trial, order, N_INFORMATIVE, (mg_replacement)r, &t.room, down);
        mg_trial_order(&t.trial, t.a, true, &t.room, order);
        mg_trial_curve(&t.trial, order, N_INFORMATIVE, (mg_replacement)r, &t.room, up);
        assert_true(fabs(up[N_INFORMATIVE] - down[N_INFORMATIVE]) < 1e-12); /* all curves end alike */
        for (size_t k = 1; k < 9; k++) {
            double without = mg_sets_erasure(&t.trial, t.a, k, false, (mg_replacement)r, &t.room);
            double only = mg_sets_erasure(&t.trial, t.a, k, true, (mg_replacement)r, &t.room);
            assert_true(fabs(without - (t.trial.score - down[k])) < 1e-12);
            assert_true(fabs(only - (t.trial.score - up[N_INFORMATIVE - k])) < 1e-12);
        }
    }
    /* Where positions add up, no order makes the score fall faster than that of the true effects. */
    double e[LENGTH] = {0};
    for (size_t k = 0; k < N_INFORMATIVE; k++)
        e[t.position[k]] = t.e[k];
    mg_curve_pair best = mg_curves_aopc(&t.trial, e, 20, MG_REPLACE_MEAN, &t.room, NULL, NULL);
    for (uint64_t s = 0; s < 20; s++) {
        double random[LENGTH];
        for (uint64_t p = 0; p < LENGTH; p++)
            random[p] = noise_of(1000 * (s + 1) + p);
        mg_curve_pair one = mg_curves_aopc(&t.trial, random, 20, MG_REPLACE_MEAN, &t.room, NULL, NULL);
        assert_true(one.morf < best.morf && one.lerf > best.lerf);
    }
    assert_true(mg_curves_share(2, 2, 4) == 0 && mg_curves_share(4, 2, 4) == 1 && mg_curves_share(1, 2, 4) == -0.5);
    assert_true(isnan(mg_curves_share(1, 2, 2)));
    end_toy(&t);
}

static void test_laws_of_sets(void **state)
{
    (void)state;
    static bool in[MG_SETS_DRAWN * LENGTH];
    toy t;
    double delta[MG_SETS_DRAWN], sum[MG_SETS_DRAWN], work[MG_SETS_DRAWN], e[LENGTH] = {0};
    begin_toy(&t);
    for (size_t m = 1; m < 40; m += 6) {
        mg_sets_draw(&t.trial, m, &t.room, in);
        for (size_t s = 0; s < MG_SETS_DRAWN; s++) {
            size_t n = 0;
            for (size_t p = 0; p < LENGTH; p++)
                n += in[s * LENGTH + p];
            assert_int_equal(n, m < N_INFORMATIVE ? m : N_INFORMATIVE);
            for (size_t p = 10; p < 10 + LEFT_OUT; p++)
                assert_false(in[s * LENGTH + p]);
        }
        if (m >= N_INFORMATIVE) continue;
        mg_sets_delta(&t.trial, in, MG_SETS_DRAWN, MG_REPLACE_ZEROS, &t.room, delta);
        mg_sets_sums(&t.trial, t.a, in, MG_SETS_DRAWN, sum);
        assert_true(fabs(mg_sets_sensitivity(sum, delta, MG_SETS_DRAWN, work) - 1) < 1e-12);
        assert_true(mg_sets_infidelity(sum, delta, MG_SETS_DRAWN, false) < 1e-24);
        for (size_t s = 0; s < MG_SETS_DRAWN; s++)
            sum[s] *= -3; /* a factor is taken out, of either sign */
        assert_true(mg_sets_infidelity(sum, delta, MG_SETS_DRAWN, true) < 1e-24);
        assert_true(mg_sets_infidelity(sum, delta, MG_SETS_DRAWN, false) > 0.01);
    }
    for (size_t k = 0; k < N_INFORMATIVE; k++)
        e[t.position[k]] = t.e[k];
    assert_true(mg_sets_captured(&t.trial, e, 5, &t.room) == 1);
    for (size_t p = 0; p < LENGTH; p++)
        e[p] = -e[p];
    assert_true(mg_sets_captured(&t.trial, e, 5, &t.room) < 0);
    assert_true(isnan(mg_sets_captured(&t.trial, e, N_INFORMATIVE, &t.room)));
    assert_true(mg_sets_top(189, 5) == 10 && mg_sets_top(189, 10) == 19 && mg_sets_top(189, 20) == 38);
    end_toy(&t);
}

static void test_laws_of_robustness(void **state)
{
    (void)state;
    toy t;
    mg_neighbour neighbour[MG_NEIGHBOURS];
    mg_base base[LENGTH];
    double one[LENGTH], two[LENGTH], three[LENGTH];
    begin_toy(&t);
    mg_claim same = {.a = t.a, .method = 0, .asks = true}, reads = {.a = t.a, .method = 1, .asks = true};
    assert_true(mg_robustness_draw(&t.trial, neighbour));
    for (size_t k = 0; k < MG_NEIGHBOURS; k++)
        assert_true(neighbour[k].base < 4 && neighbour[k].base != t.base[neighbour[k].position]);
    assert_true(mg_robustness_sensitivity(&t.trial, &same, neighbour, MG_NEIGHBOURS, base, one) == 0);
    double size = 0, largest = 0;
    for (size_t p = 0; p < LENGTH; p++)
        size += t.a[p] * t.a[p];
    for (size_t k = 0; k < MG_NEIGHBOURS; k++) { /* one position changes, and says what its new base brings */
        size_t p = neighbour[k].position;
        largest = fmax(largest, fabs(t.weight[p * 4 + neighbour[k].base] - t.a[p]));
    }
    double got = mg_robustness_sensitivity(&t.trial, &reads, neighbour, MG_NEIGHBOURS, base, one);
    assert_true(fabs(got - largest / sqrt(size)) < 1e-12);
    assert_true(isnan(mg_robustness_spread(&t.trial, &same, one, two, three))); /* nothing is drawn */
    t.drift = 0.1; /* a, a + 0.1, ... a + 0.4: variance 0.025 at each of L positions, mean a + 0.2 */
    double mean = 0;
    for (size_t p = 0; p < LENGTH; p++)
        mean += (t.a[p] + 0.2) * (t.a[p] + 0.2);
    got = mg_robustness_spread(&t.trial, &same, one, two, three);
    assert_true(fabs(got - sqrt(0.025 * LENGTH / mean)) < 1e-12);
    same.asks = false;
    assert_true(isnan(mg_robustness_spread(&t.trial, &same, one, two, three)));
    assert_true(isnan(mg_robustness_sensitivity(&t.trial, &same, neighbour, MG_NEIGHBOURS, base, one)));
    end_toy(&t);
}

/* --- which metrics, and in which windows --- */

static void test_choice_of_metrics(void **state)
{
    (void)state;
    const mg_regions none = {0};
    static mg_metric_set set, all;
    mg_error err = {0};
    assert_int_equal(mg_metric_set_choose("single", &none, &set, &err), MG_OK);
    assert_int_equal(set.n, MG_N_WHOLE);
    assert_int_equal(mg_metric_set_choose("", &none, &set, &err), MG_OK);
    size_t n_default = set.n;
    mg_metric_catalogue(&all);
    assert_true(MG_N_WHOLE < n_default && n_default < all.n && all.n + 2 * MG_MAX_REGIONS <= MG_MAX_METRICS);
    for (size_t k = 0; k < all.n; k++) {
        assert_int_equal(mg_metric_set_find(&all, all.info[k].name, all.info[k].region), k);
        assert_int_equal(mg_metric_set_find(&set, all.info[k].name, "all") < set.n, mg_metric_is_default(&all.info[k]));
    }
    assert_int_equal(mg_metric_set_choose("morf_full, captured_5", &none, &set, &err), MG_OK);
    assert_int_equal(set.n, MG_N_WHOLE + 2);
    assert_int_equal(mg_metric_set_choose("curves,sets robustness", &none, &set, &err), MG_OK);
    assert_int_equal(set.n, n_default);
    assert_int_equal(mg_metric_set_choose("morf_21", &none, &set, &err), MG_EUSAGE);
    assert_non_null(strstr(err.text, "'morf_21', did you mean morf_20?"));
}

static void test_choice_of_windows(void **state)
{
    (void)state;
    enum { N_DRAWN = 4000 };
    size_t n_chosen = 0;
    for (uint64_t w = 0; w < N_DRAWN; w++) {
        mg_base base[40];
        for (uint64_t p = 0; p < 40; p++)
            base[p] = (mg_base)(mg_mix(w, p) % 4);
        n_chosen += mg_measure_chooses(1.0 / 32, base, 40);
        assert_true(mg_measure_chooses(1, base, 40) && !mg_measure_chooses(0, base, 40));
        assert_true(mg_measure_chooses(0.5, base, 40) || !mg_measure_chooses(0.25, base, 40));
    }
    assert_true(n_chosen > 80 && n_chosen < 170); /* 125 expected, standard deviation 11 */
    assert_true(mg_measure_share(10) == 1 && mg_measure_share(128) == 0.5 && mg_measure_share(1000000) == 1.0 / 32);
}

/* All metrics at once: the same as one by one, baselines at 0 and 1, and NaN where the window is not chosen. */
static void test_measure(void **state)
{
    (void)state;
    const mg_regions none = {0};
    static mg_metric_set set;
    mg_measure *measure = NULL;
    float metric[MG_MAX_METRICS], again[MG_MAX_METRICS];
    toy t;
    begin_toy(&t);
    mg_metric_set_choose("all", &none, &set, NULL);
    assert_int_equal(mg_measure_create(&set, LENGTH, &measure, NULL), MG_OK);
    double random[LENGTH], ceiling[LENGTH] = {0};
    for (uint64_t p = 0; p < LENGTH; p++)
        random[p] = noise_of(5000 + p);
    for (size_t k = 0; k < N_INFORMATIVE; k++)
        ceiling[t.position[k]] = t.e[k];
    mg_claim claim = {.a = t.a, .c = t.c, .method = 1, .asks = true};
    mg_measure_set(measure, &t.trial, random, ceiling, true);
    mg_measure_compare(measure, &claim, metric);
    for (size_t k = MG_N_WHOLE; k < set.n; k++)
        if (isnan(metric[k]) && strcmp(set.info[k].name, "spread") != 0 && /* nothing is drawn; all sets are the same */
            strcmp(set.info[k].name, "sensitivity_50") != 0)
            fail_msg("%s is not defined", set.info[k].name);
    double zeros = mg_curves_aopc(&t.trial, t.a, 20, MG_REPLACE_ZEROS, &t.room, NULL, NULL).morf;
    assert_true(metric[mg_metric_set_find(&set, "morf_20_zeros", "all")] == (float)zeros);
    assert_true(fabsf(metric[mg_metric_set_find(&set, "sensitivity_10_zeros", "all")] - 1) < 1e-6f);
    assert_true(metric[mg_metric_set_find(&set, "infidelity", "all")] < 1e-20f);
    double five = mg_sets_erasure(&t.trial, t.a, mg_sets_top(N_INFORMATIVE, 10), false, MG_REPLACE_MEAN, &t.room);
    assert_true(fabs(metric[mg_metric_set_find(&set, "comprehensiveness_10_mean", "all")] - five) < 1e-6);
    claim.a = random;
    mg_measure_compare(measure, &claim, again);
    assert_true(again[mg_metric_set_find(&set, "share_20_mean", "all")] == 0);
    claim.a = ceiling;
    mg_measure_compare(measure, &claim, again);
    assert_true(again[mg_metric_set_find(&set, "share_20_mean", "all")] == 1);
    assert_true(again[mg_metric_set_find(&set, "captured_5", "all")] == 1);
    mg_measure_set(measure, &t.trial, random, ceiling, false);
    claim.a = t.a;
    mg_measure_compare(measure, &claim, again);
    for (size_t k = MG_N_WHOLE; k < set.n; k++)
        assert_true(set.info[k].sampled ? isnan(again[k]) != 0 : again[k] == metric[k]);
    mg_measure_destroy(measure);
    end_toy(&t);
}

/* --- points of a curve --- */

/* F of the toy without the k largest contributions, or the smallest: positions are picked one after the other, the lower one of
 * equals, and the sum of weights is taken anew. Nothing here is shared with the code but who stands in for a base. */
static double fall_by_hand(const toy *t, const double *a, const mg_base *substitute, size_t k, bool smallest)
{
    bool gone[LENGTH] = {false};
    double before = 0, after = 0;
    for (size_t j = 0; j < k; j++) {
        size_t best = LENGTH;
        for (size_t i = 0; i < t->trial.n; i++) {
            size_t p = t->position[i];
            if (gone[p]) continue;
            if (best == LENGTH || (smallest ? a[p] < a[best] : a[p] > a[best])) best = p;
        }
        gone[best] = true;
    }
    for (size_t p = 0; p < LENGTH; p++) {
        before += t->weight[p * 4 + t->base[p]];
        after += t->weight[p * 4 + (gone[p] ? substitute[p] : t->base[p])];
    }
    return before - after;
}

typedef struct {
    const toy *t;
    size_t n;
} counter;

static double counted_score(void *context, const double *x)
{
    counter *c = context;
    c->n++;
    return toy_score((void *)c->t, x);
}

/* All metrics of `words` for one claim; returns how many scores were asked for. */
static size_t measure_words(toy *t, const char *words, const double *a, mg_metric_set *set, float *metric)
{
    const mg_regions none = {0};
    mg_measure *measure = NULL;
    double random[LENGTH];
    counter count = {t, 0};
    mg_probe probe = {&count, counted_score, toy_attribute};
    mg_trial trial = t->trial;
    trial.probe = &probe;
    for (uint64_t p = 0; p < LENGTH; p++)
        random[p] = noise_of(5000 + p);
    assert_int_equal(mg_metric_set_choose(words, &none, set, NULL), MG_OK);
    assert_int_equal(mg_measure_create(set, LENGTH, &measure, NULL), MG_OK);
    mg_measure_set(measure, &trial, random, t->a, true);
    mg_measure_compare(measure, &(mg_claim){.a = a}, metric);
    mg_measure_destroy(measure);
    return count.n;
}

static void test_points_of_curves(void **state)
{
    (void)state;
    static const size_t points[] = {1, 2, 5, 10, 20};
    static mg_metric_set set, areas;
    float metric[MG_MAX_METRICS], area[MG_MAX_METRICS];
    mg_base substitute[LENGTH];
    double a[LENGTH];
    toy t;
    begin_toy(&t);
    mg_trial_substitutes(t.base, LENGTH, t.trial.seed, substitute);
    for (uint64_t p = 0; p < LENGTH; p++)
        a[p] = p % 3 == 0 ? 0.25 : noise_of(900 + p); /* some are equal */
    for (size_t n = 3; n <= N_INFORMATIVE; n += 5) {
        t.trial.n = n;
        size_t n_passes = measure_words(&t, "curves", a, &set, metric);
        for (size_t k = 0; k < 10; k++) {
            char name[16];
            bool smallest = k >= 5;
            size_t taken = points[k % 5];
            snprintf(name, sizeof name, "%s_at_%zu", smallest ? "lerf" : "morf", taken);
            size_t at = mg_metric_set_find(&set, name, "all");
            assert_true(at < set.n && set.info[at].point == taken && set.info[at].family == MG_FAMILY_CURVES);
            assert_int_equal(set.info[at].better, smallest ? MG_BETTER_SMALLER : MG_BETTER_LARGER);
            if (taken > n)
                assert_true(isnan(metric[at]));
            else
                assert_true(fabs(metric[at] - fall_by_hand(&t, a, substitute, taken, smallest)) < 1e-6);
            measure_words(&t, name, a, &areas, area); /* alone it is the same */
            assert_memory_equal(&area[MG_N_WHOLE], &metric[at], taken > n ? 0 : sizeof *area);
        }
        /* Points are read off curves that are there. */
        assert_int_equal(measure_words(&t, "morf_20 lerf_20 area_20 share_20", a, &areas, area), n_passes);
    }
    for (size_t k = 0; k < set.n; k++)
        assert_true((strstr(set.info[k].name, "_at_") != NULL) == (set.info[k].point > 0));
    end_toy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_reference_in_double),
        cmocka_unit_test(test_as_the_reference_in_single),
        cmocka_unit_test(test_order_and_ties),
        cmocka_unit_test(test_substitutes_are_other_bases),
        cmocka_unit_test(test_laws_of_curves),
        cmocka_unit_test(test_laws_of_sets),
        cmocka_unit_test(test_laws_of_robustness),
        cmocka_unit_test(test_choice_of_metrics),
        cmocka_unit_test(test_choice_of_windows),
        cmocka_unit_test(test_measure),
        cmocka_unit_test(test_points_of_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
