/* curves.c  perturbation curves: key `curves`, a row a method or baseline, order and number of positions taken out
 *
 * The points are metrics of the run (src/faithfulness/curves.h), so mean and interval are those of its summary. They are neither
 * ranked nor tested: which curve is the better one, the area says (area_20, in the matrix of places).
 */
#include "io/report/report.h"
#include "io/report/table.h"

static void put_point(mg_table *t, const mg_report *report, const mg_metric_info *point, const mg_summary_row *row)
{
    mg_table_row(t);
    mg_table_text(t, "order", point->better == MG_BETTER_LARGER ? "morf" : "lerf");
    mg_table_text(t, "method", report->run->summary.method[row->method].name);
    mg_table_count(t, "positions", point->point);
    mg_table_count(t, "n", row->n);
    mg_table_count(t, "clusters", row->n_clusters);
    mg_table_number(t, "mean", row->mean);
    mg_table_number(t, "lo", row->low);
    mg_table_number(t, "hi", row->high);
}

/* Rows without a value (the network's own row, windows that are too short) are left out. */
json_t *mg_report_curve_table(const mg_report *report)
{
    const mg_run_summary *run = &report->run->summary;
    mg_table t = mg_table_begin();
    for (size_t m = 0; m < run->n_methods + run->n_baselines; m++)
        for (size_t k = 0; k < run->metrics->n; k++) {
            const mg_summary_row *row = mg_summary_rows(&report->table.table, k, report->group.group) + m;
            if (run->metrics->info[k].point > 0 && row->n > 0) put_point(&t, report, &run->metrics->info[k], row);
        }
    return mg_table_end(&t);
}

bool mg_report_has_curves(const mg_report *report)
{
    json_t *table = mg_report_curve_table(report);
    bool has = json_array_size(table) > 0;
    json_decref(table);
    return has;
}
