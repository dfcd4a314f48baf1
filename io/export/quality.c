/* quality.c  figures of evaluate */
#include "io/export/quality.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/base/whole_file.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/version.h"

enum { DIGITS = 9 };

/* --- on the screen --- */

void mg_quality_print(FILE *out, const mg_quality_report *report)
{
    const mg_scores *scores = &report->scores;
    char n[3][MG_COUNT_TEXT], clusters[MG_COUNT_TEXT + MG_UNIT_TEXT];
    bool has_intervals = false;
    fprintf(out, "%s\n%s distinct windows of %s, %s of them annotated %s\n", report->model,
            mg_format_count(n[0], (int64_t)scores->n),
            mg_clusters_units(clusters, sizeof clusters, (int64_t)scores->n_clusters, report->unit),
            mg_format_count(n[1], (int64_t)scores->n_starts), report->sites ? "sites" : "starts");
    if (report->n_disagreed > 0)
        fprintf(out, "%s of the %s\n", mg_format_count(n[2], report->n_disagreed),
                report->sites ? "sites have windows that are decoys too" : "starts are none in another transcript");
    for (int q = 0; q < MG_N_QUALITIES; q++) {
        if (report->sites && q == MG_TOP) continue; /* a record has one site */
        fprintf(out, "  %-52s %.4f", mg_qualities[q].label, report->value[q]);
        has_intervals |= !isnan(report->low[q]);
        if (!isnan(report->low[q])) fprintf(out, "  [%.4f, %.4f]", report->low[q], report->high[q]);
        fputc('\n', out);
    }
    if (has_intervals) fprintf(out, "in brackets: 95%% interval by %s\n", report->unit);
}

/* --- JSON --- */

static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *make_qualities(const mg_quality_report *report)
{
    json_t *all = json_object();
    for (int q = 0; q < MG_N_QUALITIES; q++)
        json_object_set_new(all, mg_qualities[q].name,
                            json_pack("{s:s, s:o, s:o, s:o}", "label", mg_qualities[q].label, "value",
                                      number(report->value[q]), "low", number(report->low[q]), "high",
                                      number(report->high[q])));
    return all;
}

static json_t *make_calibration(const mg_quality_report *report)
{
    mg_calibration_bin bin[MG_N_BINS];
    json_t *all = json_array();
    mg_quality_calibration(&report->scores, bin);
    for (int k = 0; k < MG_N_BINS; k++)
        json_array_append_new(all,
                              json_pack("{s:o, s:o, s:I, s:I, s:o}", "from", number((double)k / MG_N_BINS), "to",
                                        number((k + 1.0) / MG_N_BINS), "windows", (json_int_t)bin[k].n, "starts",
                                        (json_int_t)bin[k].n_starts, "mean_probability", number(bin[k].probability)));
    return all;
}

mg_status mg_quality_write_json(const char *path, const mg_quality_report *report, bool force, mg_error *err)
{
    const mg_scores *scores = &report->scores;
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:I, s:o, s:o}", "program", mg_version(), "model",
                  report->model, "model_sha256", report->model_sha256, "windows", (json_int_t)scores->n, "starts",
                  (json_int_t)scores->n_starts, "clusters", (json_int_t)scores->n_clusters, "unit", report->unit,
                  "disagreeing_windows", (json_int_t)report->n_disagreed, "bootstrap", (json_int_t)report->n_replicates,
                  "quality", make_qualities(report), "calibration", make_calibration(report));
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS)) : NULL;
    mg_status status = text != NULL ? mg_whole_file_write(path, text, strlen(text), force, err)
                                    : mg_fail(err, MG_EMEM, "out of memory while writing %s", path);
    json_decref(root);
    free(text);
    return status;
}

/* --- curves --- */

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static void put_curve(FILE *out, const mg_quality_report *report, const mg_curve_point *point, size_t n)
{
    int64_t n_starts = (int64_t)report->scores.n_starts, n_others = (int64_t)report->scores.n - n_starts;
    fprintf(out, "# ROC and precision-recall curve of %s (sha256 %s): %" PRId64 " starts, %" PRId64 " others\n",
            report->model, report->model_sha256, n_starts, n_others);
    fputs("# a window is called a start when its log-odds are at least the threshold; sensitivity is the recall\n",
          out);
    fputs("threshold\ttrue_positives\tfalse_positives\tsensitivity\tfalse_positive_rate\tprecision\n", out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%.*g\t%" PRId64 "\t%" PRId64 "\t%.*g\t%.*g\t%.*g\n", DIGITS, point[i].threshold, point[i].n_true,
                point[i].n_false, DIGITS, share(point[i].n_true, n_starts), DIGITS, share(point[i].n_false, n_others),
                DIGITS, share(point[i].n_true, point[i].n_true + point[i].n_false));
}

mg_status mg_quality_write_curve(const char *path, const mg_quality_report *report, bool force, mg_error *err)
{
    mg_curve_point *point = NULL;
    char *text = NULL;
    size_t size = 0;
    mg_status status = mg_alloc(&point, report->scores.n, sizeof *point, err);
    if (status != MG_OK) return status;
    FILE *out = open_memstream(&text, &size);
    if (out != NULL) put_curve(out, report, point, mg_quality_curve(&report->scores, point));
    if (out == NULL || fclose(out) != 0)
        status = mg_fail(err, MG_EMEM, "out of memory while writing %s", path);
    else
        status = mg_whole_file_write(path, text, size, force, err);
    free(text);
    free(point);
    return status;
}
