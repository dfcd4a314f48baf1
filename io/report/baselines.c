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

/* Methods of a family that do not beat the profile, of those that were compared with it in enough clusters; *ret_n of these. */
static size_t list_losers(const mg_report *report, size_t k, size_t *loser, size_t *ret_n)
{
    const mg_summary_row *row = mg_summary_rows(&report->table.table, report->places.family[k], report->group.group);
    size_t n, n_losers = 0;
    const mg_summary_pair *pair = pairs_of(report, k, &n);
    *ret_n = 0;
    for (size_t p = 0; p < n; p++) {
        if (strcmp(name_of(report, pair[p].other), profile_name) != 0 || pair[p].n == 0) continue;
        if (row[pair[p].method].n_clusters < MG_ENOUGH_CLUSTERS) continue;
        ++*ret_n;
        if (!mg_pair_is_won(&pair[p])) loser[n_losers++] = (size_t)pair[p].method;
    }
    return n_losers;
}

static void put_names(const mg_report *report, const size_t *method, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", report->run->summary.method[method[i]].label);
}

void mg_report_tell_baselines(const mg_report *report, FILE *out)
{
    const mg_metric_set *set = report->run->summary.metrics;
    size_t *loser = calloc(report->run->summary.n_methods, sizeof *loser), n_told = 0, n_families = 0, n;
    for (size_t k = 0; loser != NULL && k < report->places.n_families; k++) {
        size_t n_losers = list_losers(report, k, loser, &n);
        n_families += n > 0;
        if (n_losers == 0) continue;
        fputs(n_told++ > 0 ? "; in " : "In ", out);
        fprintf(out, "%s, ", mg_family_words[set->info[report->places.family[k]].family]);
        put_names(report, loser, n_losers, out);
        fputs(n_losers == 1 ? " does not beat the mean profile of positions"
                            : " do not beat the mean profile of positions",
              out);
    }
    if (n_told > 0)
        fputs(": what a method says there, the position alone says as well.", out);
    else if (n_families > 0)
        fputs("All methods beat the mean profile of positions, so they have read the windows.", out);
    free(loser);
}
