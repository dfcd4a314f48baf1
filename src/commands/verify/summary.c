/* summary.c  the aggregates again, from the agreement that is in the file */
#include <errno.h>
#include <stdlib.h>

#include "src/statistics/summary.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/commands/verify/verify.h"

enum { BLOCK = 4096, MAX_BOOTSTRAP = 1000000 /* what scan allows */ };

/* Another kind of machine may have another mathematical library. */
static const double summary_tolerance = 1e-9;

/* Some windows of the run, and the aggregates of one metric in each group. */
typedef struct {
    int64_t n;
    int64_t window[BLOCK], cluster[BLOCK];
    uint8_t group[BLOCK];
    int8_t label[BLOCK], chosen[BLOCK];
    float score[BLOCK];
    float *value; /* (n_methods, n) */
    mg_summary *summary[MG_N_GROUPS];
    mg_summary_row *row;   /* (n_methods) */
    mg_summary_pair *pair; /* (pairs) */
} workspace;

static mg_status create_workspace(const mg_run_summary *run, workspace **ret, mg_error *err)
{
    size_t n_methods = run->n_methods + run->n_baselines,
           n_pairs = mg_summary_n_contests(run->n_methods, run->n_baselines);
    workspace *w = NULL;
    mg_status status = mg_alloc(&w, 1, sizeof *w, err);
    if (status != MG_OK) return status;
    *ret = w; /* for destroy_workspace(), whatever comes */
    status = mg_alloc(&w->value, n_methods * BLOCK, sizeof *w->value, err);
    if (status == MG_OK) status = mg_alloc(&w->row, n_methods, sizeof *w->row, err);
    return status == MG_OK ? mg_alloc(&w->pair, n_pairs, sizeof *w->pair, err) : status;
}

static void end_metric(workspace *w)
{
    for (mg_group g = 0; g < MG_N_GROUPS; g++) {
        mg_summary_destroy(w->summary[g]);
        w->summary[g] = NULL;
    }
}

static void destroy_workspace(workspace *w)
{
    if (w == NULL) return;
    end_metric(w);
    free(w->value);
    free(w->row);
    free(w->pair);
    free(w);
}

/* --- windows that come by --- */

static mg_status read_block(const mg_run_file *run, size_t metric, int64_t first, workspace *w, mg_error *err)
{
    int64_t left = run->shape.n_windows - first;
    w->n = left < BLOCK ? left : BLOCK;
    for (int64_t i = 0; i < w->n; i++)
        w->window[i] = first + i;
    mg_status status = mg_run_file_read(run, MG_WINDOW_CLUSTER, 0, w->window, w->n, w->cluster, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_LABEL, 0, w->window, w->n, w->label, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_SCORE, 0, w->window, w->n, w->score, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_MEASURED, 0, w->window, w->n, w->chosen, err);
    for (int64_t m = 0; m < run->shape.n_methods + run->shape.n_baselines && status == MG_OK; m++)
        status = mg_run_file_read(run, MG_AGREEMENT, mg_field_set_of(MG_AGREEMENT, &run->shape, (size_t)m, metric),
                                  w->window, w->n, w->value + m * w->n, err);
    for (int64_t i = 0; i < w->n && status == MG_OK; i++)
        w->group[i] =
            (uint8_t)(1u << MG_GROUP_ALL | (unsigned)(w->label[i] == 1) << MG_GROUP_ANNOTATED |
                      (unsigned)(w->score[i] > 0) << MG_GROUP_CALLED | (w->chosen[i] != 0 ? MG_GROUP_CHOSEN : 0u));
    return status;
}

static mg_status sweep(const mg_run_file *run, size_t metric, workspace *w, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t first = 0; first < run->shape.n_windows && status == MG_OK; first += BLOCK) {
        status = read_block(run, metric, first, w, err);
        mg_summary_windows windows = {(size_t)w->n, w->value, w->group, w->cluster};
        for (mg_group g = 0; g < MG_N_GROUPS && status == MG_OK; g++)
            mg_summary_add(w->summary[g], &windows);
    }
    for (mg_group g = 0; g < MG_N_GROUPS; g++)
        mg_summary_next(w->summary[g]);
    return status;
}

/* --- one metric --- */

static void compare_rows(const mg_column_table *table, const void *stored, const void *now, size_t first, size_t n,
                         double tolerance, mg_difference *difference)
{
    double one[MG_N_FIELDS], other[MG_N_FIELDS];
    for (size_t i = 0; i < n; i++) {
        size_t n_numbers = mg_column_numbers(table, (const char *)stored + (first + i) * table->row_bytes, one);
        mg_column_numbers(table, (const char *)now + i * table->row_bytes, other);
        mg_difference_add_double(difference, one, other, n_numbers, tolerance, (int64_t)(first + i));
    }
}

static mg_status compare_group(mg_verify *v, size_t metric, mg_group group, workspace *w, mg_error *err)
{
    size_t n_methods = v->run.summary.n_methods + v->run.summary.n_baselines;
    size_t n_pairs = mg_summary_n_contests(v->run.summary.n_methods, v->run.summary.n_baselines);
    size_t unit = metric * MG_N_GROUPS + (size_t)group;
    double tolerance = v->same_bits ? 0 : summary_tolerance;
    mg_status status = mg_summary_finish(w->summary[group], w->row, w->pair, err);
    if (status != MG_OK) return status;
    compare_rows(&mg_row_columns, v->run.summary.row, w->row, unit * n_methods, n_methods, tolerance, &v->rows);
    compare_rows(&mg_pair_columns, v->run.summary.pair, w->pair, unit * n_pairs, n_pairs, tolerance, &v->pairs);
    return MG_OK;
}

static mg_status verify_metric(mg_verify *v, size_t metric, int64_t n_bootstrap, workspace *w, mg_error *err)
{
    mg_status status = MG_OK;
    for (mg_group g = 0; g < MG_N_GROUPS && status == MG_OK; g++) {
        mg_summary_plan plan = {.n_methods = v->run.summary.n_methods,
                                .n_clusters = (size_t)v->run.shape.n_clusters,
                                .metric = metric,
                                .better = v->run.summary.metrics->info[metric].better,
                                .group = g,
                                .seed = (uint64_t)v->run.provenance.seed,
                                .n_bootstrap = n_bootstrap,
                                .n_baselines = v->run.summary.n_baselines,
                                .sampled = v->run.summary.metrics->info[metric].sampled,
                                .untested = v->run.summary.metrics->info[metric].point > 0};
        status = mg_summary_create(&plan, &w->summary[g], err);
    }
    for (int s = 0; s < MG_SUMMARY_SWEEPS && status == MG_OK; s++)
        status = sweep(&v->run, metric, w, err);
    for (mg_group g = 0; g < MG_N_GROUPS && status == MG_OK; g++)
        if (mg_shape_group(&v->run.shape, g) != NULL) status = compare_group(v, metric, g, w, err);
    end_metric(w);
    return status;
}

/* --- all --- */

/* "1000 replicates" */
static mg_status read_bootstrap(const mg_verify *v, int64_t *ret, mg_error *err)
{
    const char *text = v->run.summary.fact[MG_FACT_BOOTSTRAP];
    char *end = NULL;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || errno != 0 || n < 0 || n > MAX_BOOTSTRAP)
        return mg_fail(err, MG_EINPUT, "%s: '%.64s' is no number of bootstrap replicates", v->run.path, text);
    *ret = n;
    return MG_OK;
}

mg_status mg_verify_summary(mg_verify *v, mg_error *err)
{
    workspace *w = NULL;
    mg_progress progress;
    int64_t n_bootstrap = 0;
    mg_status status = create_workspace(&v->run.summary, &w, err);
    if (status == MG_OK) status = read_bootstrap(v, &n_bootstrap, err);
    mg_progress_start(&progress, "metrics", (int64_t)v->run.summary.metrics->n, v->options->quiet);
    for (size_t metric = 0; metric < v->run.summary.metrics->n && status == MG_OK; metric++) {
        status = verify_metric(v, metric, n_bootstrap, w, err);
        mg_progress_update(&progress, (int64_t)metric + 1);
    }
    mg_progress_finish(&progress);
    destroy_workspace(w);
    return status;
}
