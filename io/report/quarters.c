/* quarters.c  agreement of the methods in quarters of the score, lowest to highest */
#include "io/report/report.h"

#include <stdlib.h>

#include "io/report/table.h"
#include "src/core/memory.h"

enum { N_QUARTERS = 4, LEAST = 8 /* windows of the group */ };

typedef struct {
    float score;
    size_t slot;
} ranked;

static int compare(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

/* Values of the main metric (n_methods, n), and the windows in the order of their scores. */
static mg_status read_values(const mg_report *report, float *value, ranked *order, mg_error *err)
{
    const mg_run_file *run = report->run;
    size_t n = report->group.n, n_metrics = run->summary.metrics->n;
    float *score = NULL;
    mg_status status = mg_alloc(&score, n, sizeof *score, err);
    if (status == MG_OK)
        status = mg_run_file_read(run, MG_WINDOW_SCORE, 0, report->group.window, (int64_t)n, score, err);
    for (size_t m = 0; m < run->summary.n_methods && status == MG_OK; m++)
        status = mg_run_file_read(run, MG_AGREEMENT, (int64_t)(m * n_metrics + MG_REPORT_METRIC), report->group.window,
                                  (int64_t)n, value + m * n, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        order[i] = (ranked){score[i], i};
    if (status == MG_OK) qsort(order, n, sizeof *order, compare);
    free(score);
    return status;
}

static void put_quarter(mg_table *t, const mg_report *report, int quarter, const ranked *low, const ranked *high,
                        const mg_summary_row *row)
{
    for (size_t m = 0; m < report->run->summary.n_methods; m++) {
        mg_table_row(t);
        mg_table_count(t, "quarter", quarter + 1);
        mg_table_number(t, "least", low->score);
        mg_table_number(t, "most", high->score);
        mg_table_text(t, "method", report->run->summary.method[m].name);
        mg_table_count(t, "n", row[m].n);
        mg_table_count(t, "clusters", row[m].n_clusters);
        mg_table_number(t, "mean", row[m].mean);
        mg_table_number(t, "lo", row[m].low);
        mg_table_number(t, "hi", row[m].high);
    }
}

static mg_status fill(const mg_report *report, mg_table *t, float *value, ranked *order, uint8_t *group,
                      mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    size_t n = report->group.n;
    mg_status status = read_values(report, value, order, err);
    for (int q = 0; q < N_QUARTERS && status == MG_OK; q++) {
        size_t begin = n * (size_t)q / N_QUARTERS, end = n * ((size_t)q + 1) / N_QUARTERS;
        for (size_t k = 0; k < n; k++)
            group[order[k].slot] = k >= begin && k < end ? 1u << MG_GROUP_ALL : 0;
        status =
            mg_report_summarise(report, value, report->run->summary.n_methods, MG_REPORT_METRIC, group, row, pair, err);
        if (status == MG_OK) put_quarter(t, report, q, &order[begin], &order[end - 1], row);
    }
    return status;
}

mg_status mg_report_read_quarters(mg_report *report, mg_error *err)
{
    size_t n = report->group.n, n_methods = report->run->summary.n_methods;
    float *value = NULL;
    ranked *order = NULL;
    uint8_t *group = NULL;
    mg_summary_row *row = NULL;
    mg_summary_pair *pair = NULL;
    mg_table t = mg_table_begin();
    mg_status status = mg_alloc(&value, n, n_methods * sizeof *value, err);
    if (status == MG_OK) status = mg_alloc(&order, n, sizeof *order, err);
    if (status == MG_OK) status = mg_alloc(&group, n, sizeof *group, err);
    if (status == MG_OK) status = mg_alloc(&row, n_methods, sizeof *row, err);
    if (status == MG_OK) status = mg_alloc(&pair, mg_summary_n_pairs(n_methods), sizeof *pair, err);
    if (status == MG_OK && n >= LEAST) status = fill(report, &t, value, order, group, row, pair, err);
    report->quarters = mg_table_end(&t);
    if (status == MG_OK && report->quarters == NULL) status = mg_fail(err, MG_EMEM, "out of memory for the report");
    free(value);
    free(order);
    free(group);
    free(row);
    free(pair);
    return status;
}
