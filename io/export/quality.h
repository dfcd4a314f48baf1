/* quality.h  what evaluate found: on the screen, as JSON, and its curves as a table. Not collective. */
#ifndef MG_IO_EXPORT_QUALITY_H
#define MG_IO_EXPORT_QUALITY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "src/core/status.h"
#include "src/training/quality.h"

typedef struct {
    const char *model, *model_sha256;
    mg_scores scores;
    const char *unit;    /* what a cluster is: "gene" */
    bool sites;          /* the windows are around sites of a genome, not starts of transcripts */
    int64_t n_disagreed; /* windows that are a start in one transcript and not in another */
    int64_t n_replicates;
    double value[MG_N_QUALITIES], low[MG_N_QUALITIES], high[MG_N_QUALITIES];
} mg_quality_report;

void mg_quality_print(FILE *out, const mg_quality_report *report);

/* mg_quality_write_json()  all figures; mg_quality_write_curve()  a line a point: threshold, counts, sensitivity (which
 * is the recall), false positive rate, precision. Whole or not at all. */
mg_status mg_quality_write_json(const char *path, const mg_quality_report *report, bool force, mg_error *err);
mg_status mg_quality_write_curve(const char *path, const mg_quality_report *report, bool force, mg_error *err);

#endif
