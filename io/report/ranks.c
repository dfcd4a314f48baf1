/* ranks.c  Friedman's test for every metric and group, one metric in memory at a time */
#include "io/report/report.h"

#include <stdlib.h>

#include "src/statistics/ranking.h"
#include "src/core/memory.h"

enum { BLOCK = 65536 };

/* All windows of the run, one metric of all methods. */
typedef struct {
    int64_t *cluster; /* (n) */
    uint8_t *group;   /* (n) */
    float *value;     /* (n_methods, n) */
    int64_t *index;   /* (BLOCK) */
} columns;

static void destroy_columns(columns *c)
{
    free(c->cluster);
    free(c->group);
    free(c->value);
    free(c->index);
}

/* One dataset of 4 or 8 bytes an item, block by block, whole. */
static mg_status read_column(const mg_run_file *run, columns *c, mg_field_id id, int64_t s, void *values, mg_error *err)
{
    int64_t n = run->shape.n_windows;
    size_t row = mg_field_row_bytes(id, &run->shape);
    mg_status status = MG_OK;
    for (int64_t first = 0, count; first < n && status == MG_OK; first += count) {
        count = n - first < BLOCK ? n - first : BLOCK;
        for (int64_t i = 0; i < count; i++)
            c->index[i] = first + i;
        status = mg_run_file_read(run, id, s, c->index, count, (char *)values + (size_t)first * row, err);
    }
    return status;
}

/* Bits of the groups that a window is in; `value` is room for the scores. */
static mg_status read_groups(const mg_run_file *run, columns *c, mg_error *err)
{
    int64_t n = run->shape.n_windows;
    int8_t *label = NULL;
    mg_status status = mg_alloc(&label, (size_t)n, sizeof *label, err);
    if (status == MG_OK) status = read_column(run, c, MG_WINDOW_LABEL, 0, label, err);
    if (status == MG_OK) status = read_column(run, c, MG_WINDOW_SCORE, 0, c->value, err);
    for (int64_t w = 0; w < n && status == MG_OK; w++)
        c->group[w] = (uint8_t)(1u << MG_GROUP_ALL | (unsigned)(label[w] == 1) << MG_GROUP_ANNOTATED |
                                (unsigned)(c->value[w] > 0) << MG_GROUP_CALLED);
    free(label);
    return status;
}

static mg_status create_columns(const mg_run_file *run, columns *c, mg_error *err)
{
    size_t n = (size_t)run->shape.n_windows, n_methods = run->summary.n_methods;
    mg_status status = mg_alloc(&c->cluster, n, sizeof *c->cluster, err);
    if (status == MG_OK) status = mg_alloc(&c->group, n, sizeof *c->group, err);
    if (status == MG_OK) status = mg_alloc(&c->value, n, n_methods * sizeof *c->value, err);
    if (status == MG_OK) status = mg_alloc(&c->index, BLOCK, sizeof *c->index, err);
    if (status == MG_OK) status = read_column(run, c, MG_WINDOW_CLUSTER, 0, c->cluster, err);
    return status == MG_OK ? read_groups(run, c, err) : status;
}

static mg_status rank_metric(mg_report *report, columns *c, size_t metric, mg_error *err)
{
    const mg_run_file *run = report->run;
    size_t n_methods = run->summary.n_methods, n = (size_t)run->shape.n_windows;
    size_t n_pairs = mg_summary_n_pairs(n_methods);
    mg_summary_input in = {.n_methods = n_methods,
                           .n_windows = n,
                           .value = c->value,
                           .group = c->group,
                           .cluster = c->cluster,
                           .n_clusters = (size_t)run->shape.n_clusters,
                           .better = run->summary.metrics->info[metric].better,
                           .seed = report->seed,
                           .n_bootstrap = report->n_bootstrap};
    mg_status status = MG_OK;
    for (size_t m = 0; m < n_methods && status == MG_OK; m++)
        status = read_column(run, c, MG_AGREEMENT, mg_field_set_of(MG_AGREEMENT, &run->shape, m, metric),
                             c->value + m * n, err);
    for (mg_group g = 0; g < MG_N_GROUPS && status == MG_OK; g++) {
        size_t slot = metric * MG_N_GROUPS + g;
        status = mg_rank_clusters(&in, g, &report->ranks.test[slot], report->ranks.mean_rank + slot * n_methods, err);
        if (status == MG_OK && metric == MG_REPORT_METRIC)
            status =
                mg_difference_intervals(&in, g, report->ranks.low + g * n_pairs, report->ranks.high + g * n_pairs, err);
    }
    return status;
}

mg_status mg_report_rank(mg_report *report, mg_error *err)
{
    mg_report_ranks *ranks = &report->ranks;
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    size_t n_metrics = report->run->summary.metrics->n, n_tables = n_metrics * MG_N_GROUPS;
    columns c = {0};
    mg_status status = mg_alloc(&ranks->test, n_tables, sizeof *ranks->test, err);
    if (status == MG_OK) status = mg_alloc(&ranks->mean_rank, n_tables, n_methods * sizeof *ranks->mean_rank, err);
    if (status == MG_OK) status = mg_alloc(&ranks->low, MG_N_GROUPS, n_pairs * sizeof *ranks->low, err);
    if (status == MG_OK) status = mg_alloc(&ranks->high, MG_N_GROUPS, n_pairs * sizeof *ranks->high, err);
    if (status == MG_OK) status = create_columns(report->run, &c, err);
    for (size_t metric = 0; metric < n_metrics && status == MG_OK; metric++)
        if (report->run->summary.metrics->info[metric].point == 0) status = rank_metric(report, &c, metric, err);
    destroy_columns(&c);
    return status;
}
