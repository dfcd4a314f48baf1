/* places_words.c  what the matrix of places says, in sentences; the rules are those of docs/reading-the-report.md */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/places.h"
#include "io/report/report.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/sequence/clusters.h"
#include "src/statistics/claims.h"
#include "src/statistics/winner.h"

static const char *label(const mg_report *report, size_t m)
{
    return report->run->summary.method[m].label;
}

/* --- families --- */

/* The comparisons that stand for families of measures of the network; what was measured is another question. */
static size_t list_families(const mg_report *report, mg_report_place *place, mg_comparison *list)
{
    const mg_metric_set *set = report->run->summary.metrics;
    size_t n = 0;
    mg_report_list_places(report, place);
    for (size_t k = 0; k < report->places.n_families; k++) {
        if (set->info[report->places.family[k]].family == MG_FAMILY_MEASURED) continue;
        place[n] = place[k];
        list[n++] = (mg_comparison){place[k].row, place[k].pair};
    }
    return n;
}

static void tell_family(const mg_report *report, const mg_report_place *place, const mg_winner *winner, FILE *out)
{
    char units[MG_UNIT_TEXT + 32];
    bool shared = winner->any && mg_standing_of(place->row, report->run->summary.n_methods, winner->leader).shared;
    const char *has = shared ? "shares" : "has";
    if (!winner->any)
        fprintf(out, "no method has a value in %s", place->name);
    else if (winner->wins)
        fprintf(out, "%s leads in %s", label(report, winner->leader), place->name);
    else if (!winner->enough)
        fprintf(out, "%s are too few for a claim in %s (%s %s the best mean)",
                mg_clusters_units(units, sizeof units, place->row[winner->leader].n_clusters,
                                  mg_summary_unit(&report->table.table)),
                place->name, label(report, winner->leader), has);
    else
        fprintf(out, "in %s there is no clear winner (%s %s the best mean)", place->name, label(report, winner->leader),
                has);
}

/* ", where rnd has no value": an attribution from a file cannot be asked again, so it cannot lead in robustness. */
static void tell_absent(const mg_report *report, const mg_report_place *place, const mg_winner *winner, FILE *out)
{
    size_t n_told = 0;
    for (size_t m = 0; winner->any && m < report->run->summary.n_methods; m++)
        if (place->row[m].n == 0 && !mg_run_method_is_network(&report->run->summary.method[m]))
            fprintf(out, "%s%s", n_told++ == 0 ? ", where " : " and ", label(report, m));
    if (n_told > 0) fprintf(out, " %s no value", n_told == 1 ? "has" : "have");
}

void mg_report_tell_families(const mg_report *report, FILE *out)
{
    mg_report_place place[MG_MOST_PLACES];
    mg_comparison list[MG_MOST_PLACES];
    mg_winner winner[MG_MOST_PLACES];
    size_t n = list_families(report, place, list), leader;
    if (n < 2 || report->run->summary.n_methods < 2) return;
    mg_lead lead = mg_claims_lead(list, n, report->run->summary.n_methods, winner, &leader);
    char all[40] = "both";
    if (n > 2) snprintf(all, sizeof all, "all %zu", n);
    if (lead == MG_LEAD_ALL)
        fprintf(out, "%s leads in %s families of measures: ", label(report, leader), all);
    else
        fprintf(out, "No method leads in %s families of measures: ", all);
    for (size_t k = 0; k < n; k++) {
        fputs(k == 0 ? "" : lead == MG_LEAD_ALL ? ", " : "; ", out);
        if (lead == MG_LEAD_ALL)
            fputs(place[k].name, out);
        else
            tell_family(report, &place[k], &winner[k], out);
        tell_absent(report, &place[k], &winner[k], out);
    }
    putc('.', out);
}

/* --- settings --- */

/* A method's name with blanks: "integrated gradients". */
static void put_type(FILE *out, const char *type)
{
    for (; *type != '\0'; type++)
        putc(*type == '_' ? ' ' : *type, out);
}

void mg_report_tell_settings(const mg_report *report, FILE *out)
{
    json_t *root = json_object();
    const json_t *settings, *row;
    size_t k, n_told = 0;
    if (!mg_report_put_places(report, root)) {
        json_decref(root);
        return;
    }
    settings = json_object_get(json_object_get(root, "places"), "settings");
    json_array_foreach(settings, k, row)
    {
        fputs(n_told++ == 0 ? "Settings matter: " : "; ", out);
        put_type(out, json_string_value(json_object_get(row, "type")));
        fprintf(out, " in %lld settings takes places %lld to %lld",
                (long long)json_integer_value(json_object_get(row, "settings")),
                (long long)json_integer_value(json_object_get(row, "best_place")),
                (long long)json_integer_value(json_object_get(row, "worst_place")));
    }
    if (n_told > 0) fprintf(out, " of %zu.", report->run->summary.n_methods);
    json_decref(root);
}

/* --- quarters of the score --- */

void mg_report_tell_quarters(const mg_report *report, FILE *out)
{
    const mg_report_places *places = &report->places;
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods), n_sure = 0;
    mg_winner winner[MG_N_QUARTERS];
    bool same = true, all = true;
    if (!places->has_quarters || n_methods < 2) return;
    for (size_t q = 0; q < MG_N_QUARTERS; q++) {
        winner[q] =
            mg_find_winner(places->quarter_row + q * n_methods, places->quarter_pair + q * n_pairs, n_methods, NULL);
        same = same && winner[q].leader == winner[0].leader;
        all = all && winner[q].enough;
        n_sure += winner[q].wins;
    }
    if (!all) return;
    if (same) {
        fprintf(out, "By quarters of the score it is the same: %s leads in all four (%zu surely).",
                label(report, winner[0].leader), n_sure);
        return;
    }
    fputs("By quarters of the score it changes: from the lowest to the highest ", out);
    for (size_t q = 0; q < MG_N_QUARTERS; q++)
        fprintf(out, "%s%s%s", q == 0 ? "" : ", ", label(report, winner[q].leader),
                winner[q].wins ? "" : " (not surely)");
    putc('.', out);
}

/* --- measured effects --- */

static void put_mean(const mg_summary_row *row, FILE *out)
{
    fprintf(out, "%.2f", row->mean);
    if (!isnan(row->low)) fprintf(out, " [%.2f, %.2f]", row->low, row->high);
}

/* The network's row, and of the others the best. */
void mg_report_tell_measured(const mg_report *report, FILE *out)
{
    const mg_metric_set *set = report->run->summary.metrics;
    size_t metric = mg_metric_set_find(set, "measured_spearman", "all"), n_methods = report->run->summary.n_methods;
    if (metric >= set->n) return;
    const mg_summary_row *row = mg_summary_rows(&report->table.table, metric, report->group.group);
    size_t network = n_methods, best = n_methods;
    for (size_t m = 0; m < n_methods; m++) {
        bool is_network = mg_run_method_is_network(&report->run->summary.method[m]);
        if (is_network) network = m;
        if (is_network || isnan(row[m].mean)) continue;
        if (best == n_methods || row[m].mean > row[best].mean) best = m;
    }
    if (network == n_methods || isnan(row[network].mean)) return;
    fputs("With the effects that were measured the network itself agrees with a mean Spearman correlation of ", out);
    put_mean(&row[network], out);
    char units[MG_UNIT_TEXT + 32], n[MG_COUNT_TEXT];
    fprintf(out, " over %s window%s of %s", mg_format_count(n, row[network].n), row[network].n == 1 ? "" : "s",
            mg_clusters_units(units, sizeof units, row[network].n_clusters, mg_summary_unit(&report->table.table)));
    if (report->measured.positions.n > 0)
        fprintf(out, " (their standard errors would let a perfect prediction reach a linear correlation of %.2f)",
                report->measured.positions.mean);
    if (best < n_methods) {
        fprintf(out, "; of the methods %s comes nearest, with ", label(report, best));
        put_mean(&row[best], out);
    }
    putc('.', out);
}
