/* places.c  families and quarters of the score, and the matrix of places */
#include "io/report/places.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/report.h"
#include "io/report/table.h"
#include "src/core/memory.h"
#include "src/statistics/winner.h"

enum { BLOCK = 8192 };

/* --- families --- */

static mg_status take_families(mg_report *report, mg_error *err)
{
    mg_report_places *places = &report->places;
    size_t n_pairs = mg_summary_n_pairs(report->run->summary.n_methods);
    mg_status status = mg_alloc(&places->family_pair, MG_N_FAMILIES, n_pairs * sizeof *places->family_pair, err);
    for (int f = 0; f < MG_N_FAMILIES && status == MG_OK; f++) {
        size_t metric = mg_metric_of_family(report->run->summary.metrics, (mg_family)f);
        if (metric >= report->run->summary.metrics->n) continue;
        memcpy(places->family_pair + places->n_families * n_pairs,
               mg_summary_pairs(&report->table.table, metric, report->group.group),
               n_pairs * sizeof *places->family_pair);
        places->family[places->n_families++] = metric;
    }
    return status;
}

/* --- quarters --- */

static int compare_scores(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Windows with the same score are in the same quarter. */
static mg_status find_quarters(mg_report *report, const float *score, uint8_t *group, mg_error *err)
{
    size_t n = report->group.n;
    float *sorted = NULL;
    mg_status status = mg_alloc(&sorted, n, sizeof *sorted, err);
    if (status != MG_OK) return status;
    memcpy(sorted, score, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_scores);
    for (size_t q = 1; q < MG_N_QUARTERS; q++)
        report->places.bound[q - 1] = sorted[n * q / MG_N_QUARTERS];
    for (size_t i = 0; i < n; i++) {
        int quarter = 0;
        while (quarter < MG_N_QUARTERS - 1 && score[i] >= report->places.bound[quarter])
            quarter++;
        group[i] = (uint8_t)(1u << quarter);
    }
    free(sorted);
    return MG_OK;
}

static mg_status read_values(const mg_report *report, mg_field_id id, int64_t s, float *value, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t first = 0, n; first < report->group.n && status == MG_OK; first += n) {
        n = report->group.n - first < BLOCK ? report->group.n - first : BLOCK;
        status = mg_run_file_read(report->run, id, s, report->group.window + first, (int64_t)n, value + first, err);
    }
    return status;
}

static mg_status summarise_quarter(mg_report *report, const mg_summary_windows *windows, int quarter, mg_error *err)
{
    size_t n_methods = report->run->summary.n_methods;
    mg_summary_plan plan = {.n_methods = n_methods,
                            .n_clusters = (size_t)report->run->shape.n_clusters,
                            .metric = MG_REPORT_METRIC,
                            .better = report->run->summary.metrics->info[MG_REPORT_METRIC].better,
                            .group = (mg_group)quarter,
                            .seed = report->seed,
                            .n_bootstrap = report->n_bootstrap};
    mg_summary *summary = NULL;
    mg_status status = mg_summary_create(&plan, &summary, err);
    for (int sweep = 0; sweep < MG_SUMMARY_SWEEPS && status == MG_OK; sweep++) {
        mg_summary_add(summary, windows);
        mg_summary_next(summary);
    }
    if (status == MG_OK)
        status = mg_summary_finish(summary, report->places.quarter_row + (size_t)quarter * n_methods,
                                   report->places.quarter_pair + (size_t)quarter * mg_summary_n_pairs(n_methods), err);
    mg_summary_destroy(summary);
    return status;
}

static mg_status take_quarters(mg_report *report, mg_error *err)
{
    mg_report_places *places = &report->places;
    size_t n = report->group.n, n_methods = report->run->summary.n_methods;
    float *value = NULL, *score = NULL;
    uint8_t *group = NULL;
    if (n < MG_N_QUARTERS) return MG_OK;
    mg_status status = mg_alloc(&places->quarter_row, MG_N_QUARTERS, n_methods * sizeof *places->quarter_row, err);
    if (status == MG_OK)
        status = mg_alloc(&places->quarter_pair, MG_N_QUARTERS,
                          mg_summary_n_pairs(n_methods) * sizeof *places->quarter_pair, err);
    if (status == MG_OK) status = mg_alloc(&score, n, sizeof *score, err);
    if (status == MG_OK) status = mg_alloc(&value, n, n_methods * sizeof *value, err);
    if (status == MG_OK) status = mg_alloc(&group, n, sizeof *group, err);
    if (status == MG_OK) status = read_values(report, MG_WINDOW_SCORE, 0, score, err);
    for (size_t m = 0; m < n_methods && status == MG_OK; m++)
        status =
            read_values(report, MG_AGREEMENT, mg_field_set_of(MG_AGREEMENT, &report->run->shape, m, MG_REPORT_METRIC),
                        value + m * n, err);
    if (status == MG_OK) status = find_quarters(report, score, group, err);
    mg_summary_windows windows = {n, value, group, report->group.cluster};
    for (int q = 0; q < MG_N_QUARTERS && status == MG_OK; q++)
        status = summarise_quarter(report, &windows, q, err);
    places->has_quarters = status == MG_OK;
    free(group);
    free(value);
    free(score);
    return status;
}

mg_status mg_report_read_places(mg_report *report, mg_error *err)
{
    mg_status status = take_families(report, err);
    return status == MG_OK ? take_quarters(report, err) : status;
}

void mg_report_places_destroy(mg_report_places *places)
{
    free(places->family_pair);
    free(places->quarter_row);
    free(places->quarter_pair);
    *places = (mg_report_places){0};
}

/* --- the columns --- */

static size_t list_families(const mg_report *report, mg_report_place *list)
{
    const mg_report_places *places = &report->places;
    const mg_metric_set *set = report->run->summary.metrics;
    size_t n_pairs = mg_summary_n_pairs(report->run->summary.n_methods);
    for (size_t k = 0; k < places->n_families; k++) {
        list[k] =
            (mg_report_place){.aspect = "family",
                              .row = mg_summary_rows(&report->table.table, places->family[k], report->group.group),
                              .pair = places->family_pair + k * n_pairs};
        snprintf(list[k].name, sizeof list[k].name, "%s", mg_family_words[set->info[places->family[k]].family]);
    }
    return places->n_families;
}

static size_t list_choices(const mg_report *report, mg_report_place *list)
{
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods), n = 0;
    for (int k = 0; k < MG_N_CHOICES && report->has_effects; k++) {
        mg_choice c = mg_choice_at(k);
        if (k == mg_report_base_choice(report) || !mg_report_choice_is_told(report, c)) continue;
        list[n] = (mg_report_place){.aspect = "choice",
                                    .row = report->effects.choice + (size_t)k * n_methods,
                                    .pair = report->effects.choice_pair + (size_t)k * n_pairs};
        snprintf(list[n].name, sizeof list[n].name, "%s, %s, %s, %s", mg_measure_names[c.measure],
                 mg_report_scale_name(report, c.scale), mg_sign_names[c.sign], mg_reduction_names[c.reduction]);
        n++;
    }
    return n;
}

static size_t list_quarters(const mg_report *report, mg_report_place *list)
{
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    for (size_t q = 0; q < MG_N_QUARTERS && report->places.has_quarters; q++) {
        list[q] = (mg_report_place){.aspect = "quarter",
                                    .row = report->places.quarter_row + q * n_methods,
                                    .pair = report->places.quarter_pair + q * n_pairs};
        snprintf(list[q].name, sizeof list[q].name, "%zu", q + 1);
    }
    return report->places.has_quarters ? MG_N_QUARTERS : 0;
}

size_t mg_report_list_places(const mg_report *report, mg_report_place *list)
{
    size_t n = list_families(report, list);
    n += list_choices(report, list + n);
    return n + list_quarters(report, list + n);
}

/* --- the document --- */

static void put_column(mg_table *t, const mg_report *report, const mg_report_place *c, size_t *order)
{
    size_t n_methods = report->run->summary.n_methods;
    mg_winner winner = mg_find_winner(c->row, c->pair, n_methods, NULL);
    size_t n = mg_order_methods(c->row, n_methods, order);
    mg_table_row(t);
    mg_table_text(t, "aspect", c->aspect);
    mg_table_text(t, "name", c->name);
    mg_table_text(t, "metric", report->run->summary.metrics->info[c->row[0].metric].dataset);
    mg_table_count(t, "methods", (int64_t)n);
    mg_table_count(t, "n", n > 0 ? c->row[order[0]].n : 0);
    mg_table_count(t, "clusters", n > 0 ? c->row[order[0]].n_clusters : 0);
    mg_table_text(t, "leader", winner.any ? report->run->summary.method[winner.leader].name : NULL);
    mg_table_flag(t, "sure", winner.wins);
}

static void put_cells(mg_table *t, const mg_report *report, const mg_report_place *c, size_t *order, bool *rival)
{
    size_t n_methods = report->run->summary.n_methods, n = mg_order_methods(c->row, n_methods, order);
    mg_winner winner = mg_find_winner(c->row, c->pair, n_methods, rival);
    for (size_t k = 0; k < n; k++) {
        const mg_summary_row *row = &c->row[order[k]];
        mg_table_row(t);
        mg_table_text(t, "aspect", c->aspect);
        mg_table_text(t, "name", c->name);
        mg_table_text(t, "method", report->run->summary.method[order[k]].name);
        mg_standing place = mg_standing_of(c->row, n_methods, order[k]);
        mg_table_count(t, "place", (int64_t)place.place);
        mg_table_flag(t, "with_leader", rival[order[k]] || order[k] == winner.leader);
        mg_table_count(t, "n", row->n);
        mg_table_number(t, "mean", row->mean);
        mg_table_number(t, "lo", row->low);
        mg_table_number(t, "hi", row->high);
        mg_table_flag(t, "shared", place.shared);
    }
}

static size_t type_length(const char *spec)
{
    return strcspn(spec, ":");
}

static bool same_type(const mg_report *report, size_t a, size_t b)
{
    const char *x = report->run->summary.method[a].spec, *y = report->run->summary.method[b].spec;
    return type_length(x) == type_length(y) && strncmp(x, y, type_length(x)) == 0;
}

/* Settings of a method in the order of the main metric: of each method that has two or more. */
static json_t *settings_table(const mg_report *report, size_t *order)
{
    size_t n_methods = report->run->summary.n_methods;
    const mg_summary_row *row = mg_summary_rows(&report->table.table, MG_REPORT_METRIC, report->group.group);
    size_t n = mg_order_methods(row, n_methods, order);
    mg_table t = mg_table_begin();
    for (size_t k = 0; k < n; k++) {
        size_t n_settings = 1, last = k;
        bool first = !mg_run_method_is_foreign(&report->run->summary.method[order[k]]);
        for (size_t j = 0; j < k && first; j++)
            first = !same_type(report, order[j], order[k]);
        for (size_t j = k + 1; j < n && first; j++)
            if (same_type(report, order[j], order[k])) {
                n_settings++;
                last = j;
            }
        if (!first || n_settings < 2) continue;
        char type[MG_METHOD_NAME];
        const char *spec = report->run->summary.method[order[k]].spec;
        snprintf(type, sizeof type, "%.*s", (int)type_length(spec), spec);
        mg_table_row(&t);
        mg_table_text(&t, "type", type);
        mg_table_count(&t, "settings", (int64_t)n_settings);
        mg_table_text(&t, "best", report->run->summary.method[order[k]].name);
        mg_table_count(&t, "best_place", (int64_t)mg_standing_of(row, n_methods, order[k]).place);
        mg_table_text(&t, "worst", report->run->summary.method[order[last]].name);
        mg_table_count(&t, "worst_place", (int64_t)mg_standing_of(row, n_methods, order[last]).place);
    }
    return mg_table_end(&t);
}

static json_t *bound_list(const mg_report *report)
{
    json_t *list = json_array();
    for (size_t q = 0; q + 1 < MG_N_QUARTERS && report->places.has_quarters; q++)
        json_array_append_new(list, mg_json_number(report->places.bound[q]));
    return list;
}

bool mg_report_put_places(const mg_report *report, json_t *root)
{
    size_t n_methods = report->run->summary.n_methods, *order = NULL;
    mg_report_place list[MG_MOST_PLACES];
    size_t n = mg_report_list_places(report, list);
    bool *rival = NULL;
    bool fine = mg_alloc(&order, n_methods, sizeof *order, NULL) == MG_OK &&
                mg_alloc(&rival, n_methods, sizeof *rival, NULL) == MG_OK;
    if (fine) {
        mg_table columns = mg_table_begin(), cells = mg_table_begin();
        for (size_t k = 0; k < n; k++) {
            put_column(&columns, report, &list[k], order);
            put_cells(&cells, report, &list[k], order, rival);
        }
        fine = json_object_set_new(root, "places",
                                   json_pack("{s:o, s:o, s:o, s:o}", "columns", mg_table_end(&columns), "cells",
                                             mg_table_end(&cells), "settings", settings_table(report, order),
                                             "quarter_bounds", bound_list(report))) == 0;
    }
    free(order);
    free(rival);
    return fine;
}
