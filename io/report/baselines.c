/* baselines.c  methods against what explains nothing: key `baselines`, and the sentence about the mean profile
 *
 * Each family is spoken for by its metric in the matrix of places. The tests are those of the run's summary: paired, by cluster,
 * corrected over the methods for each metric and baseline (src/statistics/summary.h).
 */
#include <stdlib.h>
#include <string.h>

#include "io/report/places.h"
#include "io/report/report.h"
#include "io/report/table.h"
#include "src/statistics/winner.h"

static const char profile_name[] = "profile";

static const char *name_of(const mg_report *report, int32_t m)
{
    return report->run->summary.method[m].name;
}

/* Pairs of methods with baselines, of the metric of family k of the places; *ret_n of them. */
static const mg_summary_pair *pairs_of(const mg_report *report, size_t k, size_t *ret_n)
{
    const mg_run_summary *run = &report->run->summary;
    *ret_n = run->n_methods * run->n_baselines;
    return mg_summary_pairs(&report->table.table, report->places.family[k], report->group.group) +
           mg_summary_n_pairs(run->n_methods);
}

static void put_pair(mg_table *t, const mg_report *report, const mg_metric_info *metric, const mg_summary_pair *pair)
{
    mg_table_row(t);
    mg_table_text(t, "family", mg_family_names[metric->family]);
    mg_table_text(t, "metric", metric->dataset);
    mg_table_text(t, "method", name_of(report, pair->method));
    mg_table_text(t, "baseline", name_of(report, pair->other));
    mg_table_count(t, "n", pair->n);
    mg_table_count(t, "wins", pair->n_wins);
    mg_table_count(t, "ties", pair->n_ties);
    mg_table_number(t, "mean_difference", pair->mean_difference);
    mg_table_number(t, "p", pair->p);
    mg_table_number(t, "p_holm", pair->p_holm);
    mg_table_flag(t, "beats", mg_pair_is_won(pair));
}

static json_t *list_of_baselines(const mg_report *report)
{
    const mg_run_summary *run = &report->run->summary;
    mg_table t = mg_table_begin();
    for (size_t b = run->n_methods; b < run->n_methods + run->n_baselines; b++) {
        mg_table_row(&t);
        mg_table_text(&t, "name", run->method[b].name);
        mg_table_text(&t, "label", run->method[b].label);
        mg_table_text(&t, "about", run->method[b].source);
    }
    return mg_table_end(&t);
}

bool mg_report_put_baselines(const mg_report *report, json_t *root)
{
    mg_table t = mg_table_begin();
    for (size_t k = 0; k < report->places.n_families; k++) {
        const mg_metric_info *metric = &report->run->summary.metrics->info[report->places.family[k]];
        size_t n;
        const mg_summary_pair *pair = pairs_of(report, k, &n);
        for (size_t p = 0; p < n; p++)
            if (pair[p].n > 0) put_pair(&t, report, metric, &pair[p]);
    }
    return json_object_set_new(root, "baselines",
                               json_pack("{s:o, s:o}", "list", list_of_baselines(report), "tests", mg_table_end(&t))) ==
           0;
}

/* --- the sentence --- */

/* What the tests of a family against the profile say of one method. */
typedef enum { NOT_ASKED, TOO_FEW, BEATEN, BEATS } standing;

/* How each method stands to the profile in family k; returns how many were compared with it in enough clusters. The network's own
 * row makes no claim, so nothing is asked of it. */
static size_t find_standings(const mg_report *report, size_t k, standing *method)
{
    const mg_run_summary *run = &report->run->summary;
    const mg_summary_row *row = mg_summary_rows(&report->table.table, report->places.family[k], report->group.group);
    size_t n, n_asked = 0;
    const mg_summary_pair *pair = pairs_of(report, k, &n);
    for (size_t m = 0; m < run->n_methods; m++)
        method[m] = mg_run_method_is_network(&run->method[m]) ? NOT_ASKED : TOO_FEW;
    for (size_t p = 0; p < n; p++) {
        if (strcmp(name_of(report, pair[p].other), profile_name) != 0 || pair[p].n == 0) continue;
        if (row[pair[p].method].n_clusters < MG_ENOUGH_CLUSTERS) continue;
        n_asked++;
        method[pair[p].method] = mg_pair_is_won(&pair[p]) ? BEATS : BEATEN;
    }
    return n_asked;
}

static size_t count(const standing *method, size_t n, standing wanted)
{
    size_t found = 0;
    for (size_t m = 0; m < n; m++)
        found += method[m] == wanted;
    return found;
}

static void put_names(const mg_report *report, const standing *method, standing wanted, FILE *out)
{
    const mg_run_summary *run = &report->run->summary;
    size_t n = count(method, run->n_methods, wanted), i = 0;
    for (size_t m = 0; m < run->n_methods; m++) {
        if (method[m] != wanted) continue;
        fprintf(out, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", run->method[m].label);
        i++;
    }
}

/* None is named in any family: who beats the profile, and of whom a family has too few clusters to say so. */
static void tell_beats(const mg_report *report, const standing *all, FILE *out)
{
    size_t n_methods = report->run->summary.n_methods, n_few = count(all, n_methods, TOO_FEW);
    size_t n_beat = count(all, n_methods, BEATS);
    if (n_beat == 0) return;
    if (n_few == 0 && n_beat > 1)
        fputs("All methods beat", out);
    else {
        put_names(report, all, BEATS, out);
        fputs(n_beat > 1 ? " beat" : " beats", out);
    }
    fprintf(out, " the mean profile of positions, so %s read the windows", n_beat > 1 ? "they have" : "it has");
    if (n_few > 0) {
        fputs("; too few windows have a value to say so of ", out);
        put_names(report, all, TOO_FEW, out);
    }
    putc('.', out);
}

void mg_report_tell_baselines(const mg_report *report, FILE *out)
{
    const mg_metric_set *set = report->run->summary.metrics;
    size_t n_methods = report->run->summary.n_methods, n_told = 0;
    standing *method = calloc(2 * n_methods + 1, sizeof *method), *all = method + n_methods;
    for (size_t k = 0; method != NULL && k < report->places.n_families; k++) {
        size_t n_asked = find_standings(report, k, method), n_losers = count(method, n_methods, BEATEN);
        for (size_t m = 0; m < n_methods && n_asked > 0; m++)
            if (method[m] == TOO_FEW || all[m] == NOT_ASKED) all[m] = method[m];
        if (n_losers == 0) continue;
        fputs(n_told++ > 0 ? "; in " : "In ", out);
        fprintf(out, "%s, ", mg_family_words[set->info[report->places.family[k]].family]);
        put_names(report, method, BEATEN, out);
        fprintf(out, " %s not beat the mean profile of positions", n_losers == 1 ? "does" : "do");
    }
    if (n_told > 0)
        fputs(": what a method says there, the position alone says as well.", out);
    else if (method != NULL)
        tell_beats(report, all, out);
    free(method);
}
