/* statistics.c  the document's statistics: ranks, differences, and what the order depends on */
#include "io/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/table.h"
#include "src/statistics/ranking.h"
#include "src/statistics/winner.h"
#include "src/core/memory.h"

static const char *method_name(const mg_report *report, size_t m)
{
    return report->run->summary.method[m].name;
}

static void put_metric(mg_table *t, const mg_report *report, size_t metric, int group)
{
    const mg_metric_info *info = &report->run->summary.metrics->info[metric];
    mg_table_text(t, "metric", info->name);
    mg_table_text(t, "region", info->region);
    mg_table_text(t, "group", mg_report_group_name(report, (mg_group)group));
}

/* Points of a curve are not ranked. */
static bool is_point(const mg_report *report, size_t metric)
{
    return report->run->summary.metrics->info[metric].point > 0;
}

/* It makes no claim that could be ranked: its row is of measured effects. */
static bool is_network(const mg_report *report, size_t m)
{
    return mg_run_method_is_network(&report->run->summary.method[m]);
}

/* --- ranks --- */

static json_t *friedman_table(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (size_t metric = 0; metric < report->run->summary.metrics->n; metric++)
        for (int g = 0; g < mg_report_n_groups(report) && !is_point(report, metric); g++) {
            const mg_friedman *f = &report->ranks.test[metric * MG_N_GROUPS + (size_t)g];
            mg_table_row(&t);
            put_metric(&t, report, metric, g);
            mg_table_count(&t, "clusters", f->n_blocks);
            mg_table_count(&t, "methods", (int64_t)f->n_methods);
            mg_table_number(&t, "chi2", f->chi2);
            mg_table_number(&t, "df", f->df);
            mg_table_number(&t, "p", f->p);
            mg_table_number(&t, "f", f->f);
            mg_table_number(&t, "df1", f->df1);
            mg_table_number(&t, "df2", f->df2);
            mg_table_number(&t, "p_f", f->p_f);
            mg_table_number(&t, "critical_difference", f->critical_difference);
        }
    return mg_table_end(&t);
}

static json_t *mean_rank_table(const mg_report *report)
{
    size_t n_methods = report->run->summary.n_methods;
    mg_table t = mg_table_begin();
    for (size_t metric = 0; metric < report->run->summary.metrics->n; metric++)
        for (int g = 0; g < mg_report_n_groups(report) && !is_point(report, metric); g++)
            for (size_t m = 0; m < n_methods; m++) {
                double rank = report->ranks.mean_rank[(metric * MG_N_GROUPS + (size_t)g) * n_methods + m];
                if (isnan(rank) && is_network(report, m)) continue;
                mg_table_row(&t);
                put_metric(&t, report, metric, g);
                mg_table_text(&t, "method", method_name(report, m));
                mg_table_number(&t, "mean_rank", rank);
            }
    return mg_table_end(&t);
}

static void put_pair(mg_table *t, const mg_report *report, const mg_summary_pair *pair)
{
    mg_table_text(t, "method", method_name(report, (size_t)pair->method));
    mg_table_text(t, "other", method_name(report, (size_t)pair->other));
    mg_table_count(t, "n", pair->n);
    mg_table_count(t, "wins", pair->n_wins);
    mg_table_count(t, "ties", pair->n_ties);
}

static json_t *difference_table(const mg_report *report)
{
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    mg_table t = mg_table_begin();
    for (int g = 0; g < mg_report_n_groups(report); g++) {
        const mg_summary_pair *pair = mg_summary_pairs(&report->table.table, MG_REPORT_METRIC, (mg_group)g);
        size_t slot = (size_t)MG_REPORT_METRIC * MG_N_GROUPS + (size_t)g;
        const double *rank = report->ranks.mean_rank + slot * n_methods;
        const mg_friedman *test = &report->ranks.test[slot];
        for (size_t k = 0; k < n_pairs; k++) {
            if (is_network(report, (size_t)pair[k].method) || is_network(report, (size_t)pair[k].other)) continue;
            double apart = rank[pair[k].method] - rank[pair[k].other];
            mg_table_row(&t);
            mg_table_text(&t, "group", mg_report_group_name(report, (mg_group)g));
            put_pair(&t, report, &pair[k]);
            mg_table_number(&t, "win_share",
                            ((double)pair[k].n_wins + 0.5 * (double)pair[k].n_ties) / (double)pair[k].n);
            mg_table_number(&t, "mean_difference", pair[k].mean_difference);
            mg_table_number(&t, "lo", report->ranks.low[(size_t)g * n_pairs + k]);
            mg_table_number(&t, "hi", report->ranks.high[(size_t)g * n_pairs + k]);
            mg_table_number(&t, "p", pair[k].p);
            mg_table_number(&t, "p_holm", pair[k].p_holm);
            mg_table_number(&t, "p_family",
                            (size_t)g == (size_t)report->group.group ? report->claims.main[k].p_holm : NAN);
            mg_table_number(&t, "rank_difference", apart);
            mg_table_number(&t, "p_nemenyi", mg_nemenyi_p(apart, test->n_methods, test->n_blocks));
        }
    }
    return mg_table_end(&t);
}

/* Names of methods, in an order. */
static json_t *name_list(const mg_report *report, const size_t *order, size_t n)
{
    json_t *list = json_array();
    for (size_t k = 0; k < n && list != NULL; k++)
        if (json_array_append_new(list, mg_json_text(method_name(report, order[k]))) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *indistinct_list(const mg_report *report, size_t *order, mg_rank_bar *bar)
{
    size_t n_methods = report->run->summary.n_methods;
    mg_table t = mg_table_begin();
    for (int g = 0; g < mg_report_n_groups(report); g++) {
        size_t slot = (size_t)MG_REPORT_METRIC * MG_N_GROUPS + (size_t)g;
        size_t n = mg_rank_bars(report->ranks.mean_rank + slot * n_methods, n_methods,
                                report->ranks.test[slot].critical_difference, order, bar);
        for (size_t k = 0; k < n; k++) {
            mg_table_row(&t);
            mg_table_text(&t, "group", mg_report_group_name(report, (mg_group)g));
            mg_table_value(&t, "methods", name_list(report, order + bar[k].begin, bar[k].end - bar[k].begin));
        }
    }
    return mg_table_end(&t);
}

/* --- sensitivity --- */

static void put_choice(mg_table *t, const mg_report *report, int k)
{
    mg_choice choice = mg_choice_at(k);
    mg_table_count(t, "choice", k + 1);
    mg_table_text(t, "measure", mg_measure_names[choice.measure]);
    mg_table_text(t, "scale", mg_report_scale_name(report, choice.scale));
    mg_table_text(t, "sign", mg_sign_names[choice.sign]);
    mg_table_text(t, "reduction", mg_reduction_names[choice.reduction]);
}

static void put_place(mg_table *t, mg_standing place)
{
    mg_table_value(t, "place", place.place > 0 ? json_integer((json_int_t)place.place) : json_null());
    mg_table_flag(t, "shared", place.shared);
}

static json_t *choice_table(const mg_report *report)
{
    size_t n_methods = report->run->summary.n_methods;
    mg_table t = mg_table_begin();
    for (int k = 0; k < MG_N_CHOICES; k++) {
        const mg_summary_row *row = report->effects.choice + (size_t)k * n_methods;
        if (!mg_report_choice_is_told(report, mg_choice_at(k))) continue;
        for (size_t m = 0; m < n_methods; m++) {
            if (is_network(report, m)) continue;
            mg_table_row(&t);
            put_choice(&t, report, k);
            mg_table_text(&t, "method", method_name(report, m));
            mg_table_count(&t, "n", row[m].n);
            mg_table_count(&t, "undefined", row[m].n_undefined);
            mg_table_number(&t, "mean", row[m].mean);
            mg_table_number(&t, "lo", row[m].low);
            mg_table_number(&t, "hi", row[m].high);
            mg_table_number(&t, "mean_rank", row[m].mean_rank);
            put_place(&t, mg_standing_of(row, n_methods, m));
        }
    }
    return mg_table_end(&t);
}

/* Kendall's tau-b of the means of two choices, over the methods that have both. */
static double order_tau(const mg_summary_row *x, const mg_summary_row *y, size_t n_methods)
{
    double balance = 0, x_pairs = 0, y_pairs = 0;
    for (size_t i = 0; i < n_methods; i++)
        for (size_t j = i + 1; j < n_methods; j++) {
            double a = x[i].mean - x[j].mean, b = y[i].mean - y[j].mean;
            if (isnan(a) || isnan(b)) continue;
            balance += (double)((a > 0) - (a < 0)) * (double)((b > 0) - (b < 0));
            x_pairs += a != 0;
            y_pairs += b != 0;
        }
    return balance / sqrt(x_pairs * y_pairs);
}

static json_t *order_list(const mg_report *report, size_t *order)
{
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    const mg_summary_row *base = report->effects.choice + (size_t)mg_report_base_choice(report) * n_methods;
    mg_table t = mg_table_begin();
    for (int k = 0; k < MG_N_CHOICES; k++) {
        const mg_summary_row *row = report->effects.choice + (size_t)k * n_methods;
        if (!mg_report_choice_is_told(report, mg_choice_at(k))) continue;
        mg_winner winner = mg_find_winner(row, report->effects.choice_pair + (size_t)k * n_pairs, n_methods, NULL);
        mg_table_row(&t);
        put_choice(&t, report, k);
        mg_table_value(&t, "order", name_list(report, order, mg_order_methods(row, n_methods, order)));
        mg_table_number(&t, "tau", order_tau(base, row, n_methods));
        mg_table_text(&t, "winner", winner.wins ? method_name(report, winner.leader) : NULL);
    }
    return mg_table_end(&t);
}

static json_t *sensitivity(const mg_report *report, size_t *order)
{
    if (!report->has_effects) return json_null();
    mg_choice base = mg_choice_at(mg_report_base_choice(report));
    return json_pack("{s:{s:s, s:s, s:s, s:s}, s:o, s:o}", "base", "measure", mg_measure_names[base.measure], "scale",
                     mg_report_scale_name(report, base.scale), "sign", mg_sign_names[base.sign], "reduction",
                     mg_reduction_names[base.reduction], "choices", choice_table(report), "orders",
                     order_list(report, order));
}

bool mg_report_statistics(const mg_report *report, json_t *root)
{
    size_t n_methods = report->run->summary.n_methods, *order = NULL;
    mg_rank_bar *bar = NULL;
    bool fine = mg_alloc(&order, n_methods, sizeof *order, NULL) == MG_OK &&
                mg_alloc(&bar, n_methods, sizeof *bar, NULL) == MG_OK;
    fine = fine && json_object_set_new(root, "friedman", friedman_table(report)) == 0 &&
           json_object_set_new(root, "claims",
                               json_pack("{s:I, s:I}", "comparisons", (json_int_t)report->claims.n_comparisons, "tests",
                                         (json_int_t)report->claims.n_tests)) == 0 &&
           json_object_set_new(root, "mean_ranks", mean_rank_table(report)) == 0 &&
           json_object_set_new(root, "differences", difference_table(report)) == 0 &&
           json_object_set_new(root, "indistinct", indistinct_list(report, order, bar)) == 0 &&
           json_object_set_new(root, "sensitivity", sensitivity(report, order)) == 0;
    free(order);
    free(bar);
    return fine;
}
