/* windows.c  a table with a row a place: what its window is, and every agreement of every method */
#include "io/export/export.h"

#include <stdlib.h>

#include "io/base/writer.h"
#include "src/faithfulness/metric.h"
#include "src/core/memory.h"

typedef struct {
    const mg_export *export;
    mg_export_block *block;
    mg_writer out;
    int64_t first, n; /* methods shown: first .. first + n - 1 */
    float *agreement; /* (n, metrics, MG_EXPORT_ROWS) */
} table;

static int64_t n_metrics(const table *t)
{
    return (int64_t)t->export->run->summary.metrics->n;
}

static mg_status write_head(table *t, mg_error *err)
{
    const mg_metric_set *metrics = t->export->run->summary.metrics;
    const mg_export *e = t->export;
    mg_writer_columns(&t->out, e->sites              ? "site chromosome position strand"
                               : e->task->has_codons ? "transcript start"
                                                     : "name anchor");
    mg_writer_tab(&t->out);
    mg_writer_columns(&t->out, "label score probability padded unknown window gene");
    for (int64_t m = t->first; m < t->first + t->n; m++)
        for (size_t k = 0; k < metrics->n; k++) {
            mg_writer_tab(&t->out);
            mg_writer_text(&t->out, t->export->run->summary.method[m].name);
            mg_writer_letter(&t->out, '.');
            mg_writer_text(&t->out, metrics->info[k].dataset);
        }
    return mg_writer_end_line(&t->out, err);
}

static mg_status write_window(table *t, int64_t i, mg_error *err)
{
    const mg_export_block *b = t->block;
    mg_export_put_site(t->export, b->transcript[i], b->start[i], &t->out);
    mg_writer_integer(&t->out, b->label[i]);
    mg_writer_tab(&t->out);
    mg_writer_number(&t->out, b->score[i]);
    mg_writer_tab(&t->out);
    mg_writer_number(&t->out, b->probability[i]);
    mg_writer_tab(&t->out);
    mg_writer_integer(&t->out, b->padded[i]);
    mg_writer_tab(&t->out);
    mg_writer_integer(&t->out, b->unknown[i]);
    mg_writer_tab(&t->out);
    mg_writer_integer(&t->out, b->window[i]);
    mg_writer_tab(&t->out);
    mg_writer_text(&t->out, mg_export_gene(t->export, b->transcript[i]));
    for (int64_t k = 0; k < t->n * n_metrics(t); k++) {
        mg_writer_tab(&t->out);
        mg_writer_number(&t->out, t->agreement[k * MG_EXPORT_ROWS + i]);
    }
    return mg_writer_end_line(&t->out, err);
}

static mg_status write_rows(table *t, mg_error *err)
{
    mg_status status = mg_export_next(t->block, err);
    while (status == MG_OK && t->block->n > 0) {
        for (int64_t k = 0; k < t->n * n_metrics(t) && status == MG_OK; k++)
            status = mg_export_read(t->block, MG_AGREEMENT, t->first * n_metrics(t) + k,
                                    t->agreement + k * MG_EXPORT_ROWS, err);
        for (int64_t i = 0; i < t->block->n && status == MG_OK; i++)
            status = write_window(t, i, err);
        if (status == MG_OK) status = mg_export_next(t->block, err);
    }
    return status;
}

static mg_status write_windows(const mg_export *export, mg_error *err)
{
    table t = {.export = export, .n = export->run->shape.n_methods};
    if (export->one_method) {
        if (export->method == MG_EXPORT_MUTATIONS)
            return mg_fail(err, MG_EUSAGE, "--method mutations: it is methods that agree with the mutations; name one");
        t.first = export->method;
        t.n = 1;
    }
    mg_status status =
        mg_alloc(&t.agreement, (size_t)t.n, (size_t)n_metrics(&t) * MG_EXPORT_ROWS * sizeof *t.agreement, err);
    if (status == MG_OK) status = mg_writer_open(export->options->out, export->options->force, &t.out, err);
    if (status == MG_OK) status = mg_export_begin(export, &t.block, err);
    if (status == MG_OK) status = write_head(&t, err);
    if (status == MG_OK) status = write_rows(&t, err);
    mg_export_end(t.block);
    status = mg_writer_close(&t.out, status, err);
    free(t.agreement);
    return status;
}

const mg_export_format mg_export_windows = {
    .name = "windows", .by_method = true, .to_stdout = true, .write = write_windows};
