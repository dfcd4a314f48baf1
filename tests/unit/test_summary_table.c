/* test_summary_table.c  summary.tsv and summary.json read back, and the tables on the terminal */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "io/run/summary.h"
#include "io/base/whole_file.h"
#include "src/statistics/winner.h"
#include "tests/support/metrics.h"

enum { N_METHODS = 7, N_PAIRS = 21, PATH = 300 };

static const char *const names[N_METHODS] = {
    "saliency", "input_x_gradient", "guided_backpropagation", "deconvolution", "integrated_gradients", "deeplift",
    "lrp"};
static const char *const labels[N_METHODS] = {"saliency",
                                              "input x gradient",
                                              "guided backpropagation",
                                              "deconvolution",
                                              "integrated gradients (50 steps, zero reference)",
                                              "DeepLIFT (rescale)",
                                              "LRP (gamma 0.05)"};
static const mg_summary_fact facts[] = {{"program", "mutagree 0.2.0"}, {"model", "caf\xe9\t\n.h5"}, {"windows", "60"}};

static mg_summary_row row[N_START_METRICS * MG_N_GROUPS * N_METHODS];
static mg_summary_pair pair[N_START_METRICS * MG_N_GROUPS * N_PAIRS];
static mg_summary_table table = {.n_methods = N_METHODS,
                                 .method_name = names,
                                 .method_label = labels,
                                 .row = row,
                                 .pair = pair,
                                 .n_facts = 3,
                                 .fact = facts};

/* Method 6 is best by a margin in the group of all windows, 6 and 4 are alike among the annotated, none is called. */
static void fill(void)
{
    table.metrics = start_metrics();
    for (int metric = 0; metric < N_START_METRICS; metric++)
        for (int group = 0; group < MG_N_GROUPS; group++) {
            mg_summary_row *r = mg_summary_rows(&table, (size_t)metric, (mg_group)group);
            mg_summary_pair *p = mg_summary_pairs(&table, (size_t)metric, (mg_group)group);
            bool none = group == MG_GROUP_CALLED;
            for (int m = 0; m < N_METHODS; m++) {
                double mean = none ? NAN : start_metrics()->info[metric].better * (0.1 + (m == 4 ? 5.5 : m) / 10);
                r[m] = (mg_summary_row){.method = m, .metric = metric, .group = group, .n = none ? 0 : 60 - m};
                r[m].better = start_metrics()->info[metric].better;
                r[m].n_undefined = none ? 0 : m;
                r[m].n_clusters = none ? 0 : group == MG_GROUP_ALL ? 1234 : 12;
                r[m].mean = r[m].median = mean;
                r[m].low = mean - 0.03;
                r[m].high = mean + 0.03;
                r[m].sd = r[m].q25 = NAN;
                r[m].q75 = 1.0 / 3;
                r[m].mean_rank = 7 - m;
            }
            for (int m = 0; m < N_METHODS; m++)
                for (int o = m + 1; o < N_METHODS; o++, p++) {
                    *p = (mg_summary_pair){.method = m, .other = o, .metric = metric, .group = group, .n = 50};
                    p->mean_difference = r[m].mean - r[o].mean;
                    p->better = start_metrics()->info[metric].better;
                    p->p = 0.001;
                    p->p_holm = m == 4 && o == 6 && group == MG_GROUP_ANNOTATED ? 0.2 : 0.01;
                }
        }
}

/* --- files --- */

static char folder[PATH];

static int make_folder(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/mutagree-summary-XXXXXX", tmp != NULL ? tmp : "/tmp");
    fill();
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails when a test left something behind */
}

static char *in_folder(const char *name)
{
    static char path[PATH + 40];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *read_and_remove(const char *path)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_error err;
    if (mg_whole_file_read(path, 1u << 24, &bytes, &n, &err) != MG_OK) fail_msg("%s", err.text);
    assert_int_equal(unlink(path), 0);
    return (char *)bytes;
}

static void test_tsv(void **state)
{
    (void)state;
    char *path = in_folder("summary.tsv");
    mg_error err;
    if (mg_summary_write_tsv(path, &table, false, &err) != MG_OK) fail_msg("%s", err.text);
    char *text = read_and_remove(path);
    assert_non_null(strstr(text, "# program: mutagree 0.2.0\n"));
    assert_non_null(strstr(text, "# model: caf\xe9  .h5\n"));
    assert_non_null(strstr(text, "\nmethod\tmetric\tgroup\tn\tundefined\tclusters\tmean\tsd\tlo\thi\tmedian\tq25\tq75"
                                 "\tmean_rank\tunmeasured\n"));
    assert_non_null(
        strstr(text, "\nlrp\tspearman\tall\t54\t6\t1234\t0.7\tnan\t0.67\t0.73\t0.7\tnan\t0.333333333\t1\t0\n"));
    assert_non_null(strstr(text, "\nlrp\tspearman\tannotated:upstream\t54\t6\t12\t0.7\tnan\t0.67"));
    assert_null(strstr(text, "-nan"));
    int n_lines = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        int n_tabs = 0;
        for (char *c = line; *c != '\0'; c++)
            n_tabs += *c == '\t';
        assert_int_equal(n_tabs, line[0] == '#' ? 0 : 14);
        n_lines += line[0] != '#';
    }
    assert_int_equal(n_lines, 1 + N_START_METRICS * MG_N_GROUPS * N_METHODS);
    free(text);
}

static void test_json(void **state)
{
    (void)state;
    char *path = in_folder("summary.json");
    mg_error err;
    if (mg_summary_write_json(path, &table, false, &err) != MG_OK) fail_msg("%s", err.text);
    char *text = read_and_remove(path);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "facts"), "model")), "caf?\t\n.h5");
    json_t *rows = json_object_get(root, "rows"), *pairs = json_object_get(root, "pairs");
    assert_int_equal(json_array_size(rows), N_START_METRICS * MG_N_GROUPS * N_METHODS);
    assert_int_equal(json_array_size(pairs), N_START_METRICS * MG_N_GROUPS * N_PAIRS);
    assert_int_equal(json_array_size(json_object_get(root, "metrics")), N_START_METRICS);
    for (size_t k = 0; k < json_array_size(rows); k++) {
        json_t *r = json_array_get(rows, k), *mean = json_object_get(r, "mean");
        assert_string_equal(json_string_value(json_object_get(r, "method")), names[row[k].method]);
        assert_string_equal(json_string_value(json_object_get(r, "region")),
                            start_metrics()->info[row[k].metric].region);
        assert_int_equal(json_integer_value(json_object_get(r, "n")), row[k].n);
        assert_true(json_is_null(json_object_get(r, "sd")));
        if (isnan(row[k].mean))
            assert_true(json_is_null(mean));
        else
            assert_true(fabs(json_real_value(mean) - row[k].mean) < 1e-9);
    }
    json_t *last = json_array_get(pairs, json_array_size(pairs) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "other")), "lrp");
    assert_string_equal(json_string_value(json_object_get(last, "group")), "called");
    assert_true(json_real_value(json_object_get(last, "p_holm")) == 0.01);
    json_decref(root);
    free(text);
}

static void test_files_are_whole_or_not_there(void **state)
{
    (void)state;
    mg_error err;
    char *path = in_folder("nowhere/summary.tsv");
    assert_int_equal(mg_summary_write_tsv(path, &table, true, &err), MG_EIO);
    assert_non_null(strstr(err.text, "nowhere/summary.tsv"));
    assert_int_equal(mg_summary_write_json(path, &table, true, &err), MG_EIO);
    path = in_folder("summary.tsv");
    assert_int_equal(mg_summary_write_tsv(path, &table, false, &err), MG_OK);
    assert_int_equal(mg_summary_write_tsv(path, &table, false, &err), MG_EINPUT);
    assert_int_equal(mg_summary_write_json(path, &table, false, &err), MG_EINPUT);
    assert_int_equal(mg_summary_write_tsv(path, &table, true, &err), MG_OK);
    free(read_and_remove(path));
}

/* --- terminal --- */

static char printed[20000];

static const char *ranking(const mg_summary_table *t, size_t metric, mg_group group)
{
    memset(printed, 0, sizeof printed);
    FILE *out = fmemopen(printed, sizeof printed - 1, "w");
    mg_summary_print_ranking(out, t, metric, group);
    assert_int_equal(fclose(out), 0);
    return printed;
}

static void assert_narrow(const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        if (n > 100) fail_msg("%zu columns: %.*s", n, (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static void test_ranking_with_a_winner(void **state)
{
    (void)state;
    const char *text = ranking(&table, MG_SPEARMAN, MG_GROUP_ALL);
    assert_narrow(text);
    assert_non_null(strstr(text, "all windows"));
    const char *first = strstr(text, "   1  LRP (gamma 0.05) "), *second = strstr(text, "   2  integrated gradients");
    assert_true(first != NULL && second != NULL && first < second);
    assert_non_null(strstr(first, "    0.70  [0.67, 0.73]  best  (6 not defined)\n"));
    assert_null(strstr(second, "best"));
    assert_null(strstr(text, "no clear winner"));
    assert_non_null(strstr(text, "\nn = 60 windows of 1,234 transcripts\n"));
}

static void test_ranking_of_too_few_has_no_winner(void **state)
{
    (void)state;
    mg_summary_row *few = mg_summary_rows(&table, MG_SPEARMAN, MG_GROUP_ALL);
    for (int m = 0; m < N_METHODS; m++)
        few[m].n_clusters = 29;
    const char *text = ranking(&table, MG_SPEARMAN, MG_GROUP_ALL);
    assert_null(strstr(text, "  best"));
    assert_non_null(strstr(text, "of 29 transcripts: too few for a claim"));
    fill();
}

static void test_ranking_without_a_winner(void **state)
{
    (void)state;
    const char *text = ranking(&table, MG_SPEARMAN, MG_GROUP_ANNOTATED);
    assert_null(strstr(text, "  best"));
    assert_null(strstr(text, "no clear winner")); /* where there are too few it is not said twice */
    assert_non_null(strstr(text, "of 12 transcripts: too few for a claim"));
    for (size_t m = 0; m < N_METHODS; m++)
        mg_summary_rows(&table, MG_SPEARMAN, MG_GROUP_ANNOTATED)[m].n_clusters = 40;
    text = ranking(&table, MG_SPEARMAN, MG_GROUP_ANNOTATED);
    assert_non_null(strstr(text, "no clear winner: LRP (gamma 0.05) cannot be told from\n"
                                 "  integrated gradients (50 steps, zero reference)\nn = "));
    fill();
}

/* A test that says that the first is the worse one does not make it best. */
static void test_ranking_against_the_test(void **state)
{
    (void)state;
    mg_summary_pair *last = &mg_summary_pairs(&table, MG_SPEARMAN, MG_GROUP_ALL)[N_PAIRS - 1];
    assert_true(last->method == 5 && last->other == 6);
    last->mean_difference = 0.1;
    const char *text = ranking(&table, MG_SPEARMAN, MG_GROUP_ALL);
    assert_null(strstr(text, "  best"));
    assert_non_null(strstr(text, "cannot be told from\n  DeepLIFT (rescale)\n"));
    fill();
}

static void test_ranking_where_smaller_is_better(void **state)
{
    (void)state;
    const char *text = ranking(&table, MG_COMPLETENESS_ERROR, MG_GROUP_ALL); /* means -0.1 to -0.7 */
    assert_non_null(strstr(text, "   1  saliency"));
    assert_non_null(strstr(text, "   7  LRP"));
    assert_non_null(strstr(text, "smaller is better"));
}

/* 0.7, 0.65, 0.6, twice 0.4 to the last bit, then a hair less, and one that is no number. */
static void test_ranking_of_equals(void **state)
{
    (void)state;
    mg_summary_row *r = mg_summary_rows(&table, MG_SPEARMAN, MG_GROUP_ALL);
    r[2].mean = r[3].mean;
    r[1].mean = nextafter(r[3].mean, 0);
    r[0].mean = NAN;
    r[0].n = 0;
    static const struct {
        size_t place;
        bool shared;
    } want[N_METHODS] = {{0, false}, {6, false}, {4, true}, {4, true}, {2, false}, {3, false}, {1, false}};
    for (size_t m = 0; m < N_METHODS; m++) {
        mg_standing s = mg_standing_of(r, N_METHODS, m);
        assert_int_equal(s.place, want[m].place);
        assert_int_equal(s.shared, want[m].shared);
    }
    const char *text = ranking(&table, MG_SPEARMAN, MG_GROUP_ALL);
    assert_non_null(strstr(text, "\n   4= guided backpropagation "));
    assert_non_null(strstr(text, "\n   4= deconvolution "));
    assert_non_null(strstr(text, "\n   6  input x gradient "));
    assert_non_null(strstr(text, "\n   -  saliency "));
    fill();
}

/* The network's own row stands where it has a value, and what measured effects are of is said. */
static void test_ranking_with_measured_effects(void **state)
{
    (void)state;
    static mg_metric_set set;
    const mg_regions none = {0};
    bool is_network[N_METHODS] = {[3] = true};
    mg_summary_table with = table;
    with.is_network = is_network;
    assert_non_null(strstr(ranking(&with, MG_SPEARMAN, MG_GROUP_ALL), "  deconvolution ")); /* it has a value */
    mg_summary_row *r = mg_summary_rows(&table, MG_SPEARMAN, MG_GROUP_ALL);
    r[3].mean = r[1].mean = NAN;
    r[3].n = r[1].n = 0;
    const char *text = ranking(&with, MG_SPEARMAN, MG_GROUP_ALL);
    assert_null(strstr(text, "deconvolution"));
    assert_non_null(strstr(text, "\n   -  input x gradient "));
    assert_null(strstr(text, "--truth"));
    set = *table.metrics;
    mg_metric_set_add_measured(&none, &set);
    with.metrics = &set;
    text = ranking(&with, MG_SPEARMAN, MG_GROUP_ALL);
    assert_non_null(strstr(text, "(--truth) are of single mutations"));
    assert_narrow(text);
    fill();
}

static void test_ranking_of_nothing(void **state)
{
    (void)state;
    const char *text = ranking(&table, MG_SPEARMAN, MG_GROUP_CALLED);
    assert_non_null(strstr(text, "   -  saliency"));
    assert_non_null(strstr(text, "not defined\n"));
    assert_null(strstr(text, "best"));
    assert_non_null(strstr(text, "n = 0 windows of 0 transcripts"));
    mg_summary_table none = table;
    none.n_methods = 0;
    assert_string_equal(ranking(&none, MG_SPEARMAN, MG_GROUP_ALL), "");
}

static void test_metrics(void **state)
{
    (void)state;
    memset(printed, 0, sizeof printed);
    FILE *out = fmemopen(printed, sizeof printed - 1, "w");
    mg_summary_print_metrics(out, &table, MG_GROUP_ANNOTATED);
    assert_int_equal(fclose(out), 0);
    assert_narrow(printed);
    int n_lines = 0;
    for (const char *c = printed; *c != '\0'; c++)
        n_lines += *c == '\n';
    assert_int_equal(n_lines, 2 + N_START_METRICS + 1);
    assert_non_null(strstr(printed, " input x "));
    assert_non_null(strstr(printed, "\nannotated starts "));
    assert_non_null(strstr(printed, "\nspearman_upstream "));
}

static void test_choice_of_group(void **state)
{
    (void)state;
    assert_int_equal(mg_summary_choose_group(&table), MG_GROUP_ANNOTATED);
    for (int m = 0; m < N_METHODS; m++) {
        mg_summary_row *r = &mg_summary_rows(&table, MG_SPEARMAN, MG_GROUP_ANNOTATED)[m];
        r->n = r->n_undefined = 0;
    }
    assert_int_equal(mg_summary_choose_group(&table), MG_GROUP_ALL);
    mg_summary_rows(&table, MG_SPEARMAN, MG_GROUP_CALLED)[0].n_undefined = 3;
    assert_int_equal(mg_summary_choose_group(&table), MG_GROUP_CALLED);
    fill();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tsv),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_files_are_whole_or_not_there),
        cmocka_unit_test(test_ranking_with_a_winner),
        cmocka_unit_test(test_ranking_of_too_few_has_no_winner),
        cmocka_unit_test(test_ranking_without_a_winner),
        cmocka_unit_test(test_ranking_against_the_test),
        cmocka_unit_test(test_ranking_where_smaller_is_better),
        cmocka_unit_test(test_ranking_of_equals),
        cmocka_unit_test(test_ranking_with_measured_effects),
        cmocka_unit_test(test_ranking_of_nothing),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_choice_of_group),
    };
    return cmocka_run_group_tests_name("summary table", tests, make_folder, remove_folder);
}
