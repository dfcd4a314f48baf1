/* test_baseline.c  what methods are seen between: random numbers, the mean profile, the effects themselves; and that they and
 * the metrics of chosen windows leave the methods' numbers as they are */
#include "tests/support/support.h"

#include "src/core/random.h"
#include "src/shard/team.h"
#include "src/statistics/winner.h"
#include "tests/support/metrics.h"

static double number(uint64_t k)
{
    return (double)(mg_mix(11, k) >> 11) * 0x1p-52 - 1;
}

static void test_random(void **state)
{
    (void)state;
    enum { L = 50 };
    mg_base base[L];
    double a[L], c[L * 4], again[L], other[L], sum = 0;
    for (uint64_t p = 0; p < L; p++)
        base[p] = (mg_base)(mg_mix(2, p) % 5);
    mg_baseline_random(base, L, 1, a, c);
    mg_baseline_random(base, L, 1, again, c);
    mg_baseline_random(base, L, 2, other, c);
    assert_memory_equal(a, again, sizeof a);
    mg_baseline_random(base, L, 1, a, c);
    for (size_t p = 0; p < L; p++) {
        assert_true(base[p] < 4 ? a[p] == c[p * 4 + base[p]] && a[p] != other[p] : a[p] == 0);
        assert_true(a[p] >= -1 && a[p] < 1);
        sum += a[p];
    }
    assert_true(fabs(sum) < 25);
}

static void test_ceiling_and_profile(void **state)
{
    (void)state;
    enum { L = 4 };
    const mg_base base[L] = {0, 3, 4, 2};
    const size_t position[] = {0, 3};
    const double e[] = {0.5, -1};
    float effect[L * 4];
    double a[L], c[L * 4];
    for (uint64_t k = 0; k < L * 4; k++)
        effect[k] = (float)number(k);
    effect[1] = NAN; /* not known */
    mg_baseline_ceiling(base, L, effect, 2, position, e, a, c);
    assert_true(a[0] == 0.5 && a[1] == 0 && a[2] == 0 && a[3] == -1);
    assert_true(c[0] == 0.5 && c[1] == 0.5 && fabs(c[2] - c[0] - (double)effect[2]) < 1e-12);
    assert_true(c[14] == -1 && fabs(c[13] - c[14] - (double)effect[13]) < 1e-12);
    mg_baseline_profile(base, L, a, c);
    assert_true(c[0] == 0.5 && c[1] == 0 && c[14] == -1 && c[13] == 0 && c[8] == 0);
}

/* A window sees the mean over sampled windows of its kind and of other clusters. */
static void test_average(void **state)
{
    (void)state;
    enum { L = 3, N_SAMPLE = 5 };
    mg_average average;
    double mean[L];
    const int64_t cluster[] = {0, 1, 1, 2, 3};
    const int32_t kind[] = {0, 0, 0, 0, 1};
    assert_int_equal(mg_average_create(N_SAMPLE, L, &average, NULL), MG_OK);
    for (int64_t k = 0; k < N_SAMPLE; k++) {
        average.cluster[k] = cluster[k];
        average.kind[k] = kind[k];
        for (int64_t i = 0; i < L; i++)
            average.effect[k * L + i] = (float)(10 * k + i);
    }
    mg_average_finish(&average);
    mg_average_of(&average, 0, 9, mean);
    assert_true(mean[0] == 15 && mean[1] == 16 && mean[2] == 17);
    mg_average_of(&average, 0, 1, mean);
    assert_true(mean[0] == 15 && mean[2] == 17); /* windows 0 and 3 */
    mg_average_of(&average, 0, 2, mean);
    assert_true(mean[0] == 10);
    mg_average_of(&average, 1, 1, mean);
    assert_true(mean[0] == 40 && mean[1] == 41);
    mg_average_of(&average, 1, 3, mean);
    assert_true(mean[0] == 0 && mean[1] == 0); /* nothing is left */
    mg_average_destroy(&average);
}

static void test_sample(void **state)
{
    (void)state;
    static const int64_t n[] = {0, 1, 63, 64, 65, 3000, 10000, 1000000, 283900};
    for (size_t k = 0; k < sizeof n / sizeof *n; k++) {
        int64_t size = mg_average_size(n[k], 203), before = -1;
        assert_true(size <= n[k] && size <= 256 && (size >= 64 || size == n[k]));
        for (int64_t i = 0; i < size; i++) {
            int64_t w = mg_average_pick(i, size, n[k]);
            assert_true(w > before && w < n[k]);
            before = w;
        }
    }
    assert_int_equal(mg_average_size(1000000, 1 << 22), 4); /* few of the long ones */
    assert_int_equal(mg_average_size(10, INT64_MAX), 1);
}

/* --- a study with and without --- */

enum { N_WINDOWS = 24, N_METHODS = 3 };

typedef struct {
    mg_study *study;
    mg_shard shard;
    mg_result result;
} work;

static mg_average some_average(int64_t length)
{
    mg_average average;
    assert_int_equal(mg_average_create(4, length, &average, NULL), MG_OK);
    for (int64_t k = 0; k < 4 * length; k++) {
        average.cluster[k / length] = k / length;
        average.effect[k] = (float)number((uint64_t)k);
    }
    mg_average_finish(&average);
    return average;
}

static work do_work(const char *metrics, double share, bool baselines, int n_threads)
{
    static const char *const specs[N_METHODS] = {"saliency", "deeplift:reference=shuffle,references=3", "lrp"};
    work w = {0};
    mg_error err = {0};
    mg_team *team = NULL;
    hid_t file = H5Fopen(ODD_NETS, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    mg_graph *network = with_head(odd_net(file, "ceil_pool_padding"), "softmax");
    H5Fclose(file);
    network->anchor = 10;
    int64_t length = network->length;
    if (mg_study_create(network, "log-odds", N_METHODS, specs, 3, &w.study, &err) != MG_OK) fail_msg("%s", err.text);
    if (metrics != NULL) assert_int_equal(mg_study_set_metrics(w.study, metrics, &err), MG_OK);
    mg_study_set_share(w.study, share);
    mg_average average = some_average(length);
    if (baselines) mg_study_add_baselines(w.study, &average);
    mg_average_destroy(&average);
    assert_int_equal(mg_shard_create(N_WINDOWS, length, &w.shard, &err), MG_OK);
    for (uint64_t k = 0; k < N_WINDOWS * (uint64_t)length; k++)
        w.shard.base[k] = (mg_base)(mg_mix(8, k) % 4);
    assert_int_equal(mg_result_create(N_WINDOWS, length, N_METHODS, mg_study_n_baselines(w.study),
                                      mg_study_metrics(w.study)->n, MG_STORE_HYPOTHETICAL, &w.result, &err),
                     MG_OK);
    assert_int_equal(mg_team_create(w.study, n_threads, &team, &err), MG_OK);
    if (mg_team_work(team, &w.shard, &w.result, NULL, &err) != MG_OK) fail_msg("%s", err.text);
    mg_team_destroy(team);
    mg_graph_destroy(network);
    return w;
}

static void end_work(work *w)
{
    mg_result_destroy(&w->result);
    mg_shard_destroy(&w->shard);
    mg_study_destroy(w->study);
}

static const float *values(const work *w, size_t m, size_t metric)
{
    return w->result.agreement + (m * w->result.n_metrics + metric) * N_WINDOWS;
}

static size_t metric_at(const work *w, const char *name)
{
    const mg_metric_set *set = mg_study_metrics(w->study);
    size_t k = mg_metric_set_find(set, name, "all");
    assert_true(k < set->n);
    return k;
}

static void test_methods_stay_as_they_are(void **state)
{
    (void)state;
    work plain = do_work(NULL, 1, false, 1), all = do_work("curves sets robustness", 0.5, true, 1),
         threads = do_work("curves sets robustness", 0.5, true, 3);
    size_t n_values = (N_METHODS + MG_N_BASELINES) * all.result.n_metrics * N_WINDOWS;
    assert_memory_equal(all.result.agreement, threads.result.agreement, n_values * sizeof(float));
    assert_memory_equal(all.result.chosen, threads.result.chosen, N_WINDOWS);
    assert_memory_equal(plain.result.contribution, all.result.contribution,
                        N_METHODS * N_WINDOWS * (size_t)plain.result.length * sizeof(float));
    assert_memory_equal(plain.result.hypothetical, all.result.hypothetical,
                        N_METHODS * N_WINDOWS * (size_t)plain.result.length * 4 * sizeof(float));
    for (size_t m = 0; m < N_METHODS; m++)
        for (size_t k = 0; k < plain.result.n_metrics; k++)
            assert_memory_equal(values(&plain, m, k), values(&all, m, k), N_WINDOWS * sizeof(float));
    int n_chosen = 0;
    size_t morf = metric_at(&all, "morf_20"), captured = metric_at(&all, "captured_5");
    for (size_t w = 0; w < N_WINDOWS; w++) {
        n_chosen += all.result.chosen[w];
        assert_int_equal(isnan(values(&all, 2, morf)[w]) == 0, all.result.chosen[w]);
        assert_true(values(&all, N_METHODS + MG_BASELINE_CEILING, MG_SPEARMAN)[w] > 0.9999f);
        assert_true(values(&all, N_METHODS + MG_BASELINE_CEILING, captured)[w] == 1);
        assert_true(values(&all, N_METHODS + MG_BASELINE_CEILING, MG_SUBSTITUTION_PEARSON)[w] > 0.9999f);
        assert_true(fabsf(values(&all, N_METHODS + MG_BASELINE_RANDOM, MG_SPEARMAN)[w]) < 0.8f);
    }
    assert_true(n_chosen > 4 && n_chosen < 20);
    end_work(&plain);
    end_work(&all);
    end_work(&threads);
}

/* Only what is drawn spreads, and a baseline is not asked again. */
static void test_robustness_of_a_study(void **state)
{
    (void)state;
    work w = do_work("robustness", 1, true, 2);
    size_t spread = metric_at(&w, "spread"), sensitivity = metric_at(&w, "max_sensitivity");
    for (size_t i = 0; i < N_WINDOWS; i++) {
        assert_true(isnan(values(&w, 0, spread)[i]) && isnan(values(&w, 2, spread)[i]));
        assert_true(values(&w, 1, spread)[i] > 0);
        for (size_t m = 0; m < N_METHODS; m++)
            assert_true(values(&w, m, sensitivity)[i] > 0);
        for (size_t b = N_METHODS; b < N_METHODS + MG_N_BASELINES; b++)
            assert_true(isnan(values(&w, b, sensitivity)[i]) && isnan(values(&w, b, spread)[i]));
    }
    end_work(&w);
}

/* --- in the summary --- */

static void summarise_as(size_t n_methods, size_t n_baselines, bool sampled, bool untested, const float *value,
                         mg_summary_row *row, mg_summary_pair *pair)
{
    enum { N = 400 };
    static uint8_t group[N];
    static int64_t cluster[N];
    mg_summary *summary = NULL;
    mg_summary_plan plan = {.n_methods = n_methods,
                            .n_baselines = n_baselines,
                            .n_clusters = N / 4,
                            .better = MG_BETTER_LARGER,
                            .seed = 5,
                            .n_bootstrap = 50,
                            .sampled = sampled,
                            .untested = untested};
    for (size_t w = 0; w < N; w++) {
        group[w] = (uint8_t)(1u << MG_GROUP_ALL | (w % 2 == 0 ? MG_GROUP_CHOSEN : 0));
        cluster[w] = (int64_t)w / 4;
    }
    assert_int_equal(mg_summary_create(&plan, &summary, NULL), MG_OK);
    for (int sweep = 0; sweep < MG_SUMMARY_SWEEPS; sweep++) {
        mg_summary_add(summary, &(mg_summary_windows){N, value, group, cluster});
        mg_summary_next(summary);
    }
    assert_int_equal(mg_summary_finish(summary, row, pair, NULL), MG_OK);
    mg_summary_destroy(summary);
}

static void summarise(size_t n_methods, size_t n_baselines, bool sampled, const float *value, mg_summary_row *row,
                      mg_summary_pair *pair)
{
    summarise_as(n_methods, n_baselines, sampled, false, value, row, pair);
}

static void test_baselines_in_a_summary(void **state)
{
    (void)state;
    enum { N = 400, METHODS = 3, BASELINES = 2, PAIRS = 3, CONTESTS = PAIRS + METHODS * BASELINES };
    static float value[(METHODS + BASELINES) * N];
    mg_summary_row alone[METHODS], row[METHODS + BASELINES];
    mg_summary_pair alone_pair[PAIRS], pair[CONTESTS];
    for (uint64_t k = 0; k < (METHODS + BASELINES) * N; k++) /* method 2 beats baseline 3, none beats baseline 4 */
        value[k] = (float)number(k) + (k / N == 2 ? 0.6f : k / N == 4 ? 5.f : 0.f);
    value[17] = NAN;
    assert_int_equal(mg_summary_n_contests(METHODS, BASELINES), CONTESTS);
    summarise(METHODS, 0, false, value, alone, alone_pair);
    summarise(METHODS, BASELINES, false, value, row, pair);
    for (size_t m = 0; m < METHODS; m++)
        assert_true(row[m].mean == alone[m].mean && row[m].low == alone[m].low && row[m].high == alone[m].high &&
                    row[m].mean_rank == alone[m].mean_rank && row[m].n == alone[m].n);
    for (size_t p = 0; p < PAIRS; p++)
        assert_true(pair[p].p == alone_pair[p].p && pair[p].p_holm == alone_pair[p].p_holm &&
                    pair[p].mean_difference == alone_pair[p].mean_difference && pair[p].n_wins == alone_pair[p].n_wins);
    for (size_t b = METHODS; b < METHODS + BASELINES; b++)
        assert_true(isnan(row[b].mean_rank) && row[b].n == N && !isnan(row[b].low));
    for (size_t p = PAIRS; p < CONTESTS; p++) {
        assert_int_equal(pair[p].method, (p - PAIRS) / BASELINES);
        assert_int_equal(pair[p].other, METHODS + (p - PAIRS) % BASELINES);
        assert_true(mg_pair_is_won(&pair[p]) == (pair[p].method == 2 && pair[p].other == METHODS));
        assert_true(pair[p].p_holm >= pair[p].p && pair[p].p_holm <= METHODS * pair[p].p);
    }
}

/* Points of a curve have means and intervals as any metric, and neither ranks nor tests, of methods or with baselines. */
static void test_points_are_not_tested(void **state)
{
    (void)state;
    enum { N = 400, METHODS = 2, BASELINES = 1, PAIRS = 1, CONTESTS = PAIRS + METHODS * BASELINES };
    static float value[(METHODS + BASELINES) * N];
    mg_summary_row row[METHODS + BASELINES], point[METHODS + BASELINES];
    mg_summary_pair pair[CONTESTS], untested[CONTESTS];
    for (uint64_t k = 0; k < (METHODS + BASELINES) * N; k++)
        value[k] = (float)number(k) + (k / N == 1 ? 0.6f : 0.f);
    summarise_as(METHODS, BASELINES, false, false, value, row, pair);
    summarise_as(METHODS, BASELINES, false, true, value, point, untested);
    for (size_t m = 0; m < METHODS + BASELINES; m++) {
        assert_true(point[m].mean == row[m].mean && point[m].low == row[m].low && point[m].high == row[m].high &&
                    point[m].sd == row[m].sd && point[m].median == row[m].median && point[m].n == row[m].n);
        assert_true(isnan(point[m].mean_rank) && (m >= METHODS || !isnan(row[m].mean_rank)));
    }
    for (size_t p = 0; p < CONTESTS; p++) {
        assert_true(untested[p].mean_difference == pair[p].mean_difference && untested[p].n_wins == pair[p].n_wins);
        assert_true(isnan(untested[p].p) && isnan(untested[p].p_holm) && !isnan(pair[p].p) && !isnan(pair[p].p_holm));
        assert_false(mg_pair_is_won(&untested[p]));
    }
}

/* Half of the windows are chosen: the others are neither defined nor undefined. */
static void test_windows_that_are_not_chosen(void **state)
{
    (void)state;
    enum { N = 400 };
    static float value[N];
    mg_summary_row row;
    mg_summary_pair none;
    for (uint64_t k = 0; k < N; k++)
        value[k] = k % 2 == 0 ? 1 : NAN;
    value[8] = NAN;
    summarise(1, 0, true, value, &row, &none);
    assert_true(row.n == N / 2 - 1 && row.n_undefined == 1 && row.n_unmeasured == N / 2 && row.mean == 1);
    summarise(1, 0, false, value, &row, &none);
    assert_true(row.n == N / 2 - 1 && row.n_undefined == N / 2 + 1 && row.n_unmeasured == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_ceiling_and_profile),
        cmocka_unit_test(test_average),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_methods_stay_as_they_are),
        cmocka_unit_test(test_robustness_of_a_study),
        cmocka_unit_test(test_baselines_in_a_summary),
        cmocka_unit_test(test_points_are_not_tested),
        cmocka_unit_test(test_windows_that_are_not_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
