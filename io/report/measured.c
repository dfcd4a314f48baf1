/* measured.c  measured effects and their standard errors, window by window */
#include "io/report/measured.h"

#include <math.h>
#include <stdlib.h>

#include "io/report/report.h"
#include "io/report/table.h"
#include "src/core/memory.h"
#include "src/statistics/ceiling.h"

/* One window, and room for its numbers. */
typedef struct {
    size_t length;
    char *letter;           /* (L) */
    float *effect, *se;     /* (L, 4) as in the run */
    double *value, *error;  /* (3 L) */
    double *mean, *of_mean; /* (L) by position: the mean, and its standard error */
} workspace;

static void destroy(workspace *w)
{
    free(w->letter);
    free(w->effect);
    free(w->se);
    free(w->value);
    free(w->error);
    free(w->mean);
    free(w->of_mean);
}

static mg_status create(size_t length, workspace *w, mg_error *err)
{
    w->length = length;
    mg_status status = mg_alloc(&w->letter, length, 1, err);
    if (status == MG_OK) status = mg_alloc(&w->effect, length, MG_N_BASES * sizeof *w->effect, err);
    if (status == MG_OK) status = mg_alloc(&w->se, length, MG_N_BASES * sizeof *w->se, err);
    if (status == MG_OK) status = mg_alloc(&w->value, length, MG_N_BASES * sizeof *w->value, err);
    if (status == MG_OK) status = mg_alloc(&w->error, length, MG_N_BASES * sizeof *w->error, err);
    if (status == MG_OK) status = mg_alloc(&w->mean, length, sizeof *w->mean, err);
    return status == MG_OK ? mg_alloc(&w->of_mean, length, sizeof *w->of_mean, err) : status;
}

static mg_status read_window(const mg_report *report, int64_t window, workspace *w, mg_error *err)
{
    const mg_run_file *run = report->run;
    mg_status status = mg_run_file_read(run, MG_WINDOW_SEQUENCE, 0, &window, 1, w->letter, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_TRUTH_EFFECT, 0, &window, 1, w->effect, err);
    if (status == MG_OK && run->shape.has_truth_se)
        status = mg_run_file_read(run, MG_TRUTH_SE, 0, &window, 1, w->se, err);
    for (size_t k = 0; k < w->length * MG_N_BASES && !run->shape.has_truth_se; k++)
        w->se[k] = NAN;
    return status;
}

static void add_ceiling(mg_report_ceiling *c, double ceiling)
{
    if (isnan(ceiling)) return;
    c->mean = (c->mean * (double)c->n + ceiling) / (double)(c->n + 1);
    c->n++;
}

/* Those with a standard error; of a position the mean, when all that were measured have one. */
static void add_window(mg_report_measured *m, workspace *w)
{
    size_t n = 0, n_positions = 0;
    int64_t n_before = m->n_substitutions;
    for (size_t p = 0; p < w->length; p++) {
        double sum = 0, squares = 0;
        size_t n_here = 0, n_sure = 0, base = mg_base_from_letter(w->letter[p]);
        for (size_t b = 0; b < MG_N_BASES; b++) {
            double x = w->effect[p * MG_N_BASES + b], se = w->se[p * MG_N_BASES + b];
            if (b == base || isnan(x)) continue;
            n_here++;
            m->n_substitutions++;
            if (isnan(se)) continue;
            n_sure++;
            w->value[n] = x;
            w->error[n++] = se;
            sum += x;
            squares += se * se;
        }
        if (n_here == 0 || n_sure < n_here) continue;
        w->mean[n_positions] = sum / (double)n_here;
        w->of_mean[n_positions++] = sqrt(squares) / (double)n_here;
    }
    m->n_windows += m->n_substitutions > n_before;
    add_ceiling(&m->substitutions, mg_noise_ceiling(w->value, w->error, n));
    add_ceiling(&m->positions, mg_noise_ceiling(w->mean, w->of_mean, n_positions));
}

mg_status mg_report_read_measured(mg_report *report, mg_error *err)
{
    workspace w = {0};
    if (!report->run->shape.has_truth) return MG_OK;
    mg_status status = create((size_t)report->run->shape.length, &w, err);
    for (size_t i = 0; i < report->group.n && status == MG_OK; i++) {
        status = read_window(report, report->group.window[i], &w, err);
        if (status == MG_OK) add_window(&report->measured, &w);
    }
    destroy(&w);
    return status;
}

static json_t *ceiling_object(const mg_report_ceiling *c)
{
    return json_pack("{s:o, s:I}", "mean", c->n > 0 ? mg_json_number(c->mean) : json_null(), "n", (json_int_t)c->n);
}

json_t *mg_report_measured_object(const mg_report *report)
{
    const mg_report_measured *m = &report->measured;
    if (m->n_windows == 0) return json_null();
    return json_pack("{s:I, s:I, s:o, s:o}", "windows", (json_int_t)m->n_windows, "substitutions",
                     (json_int_t)m->n_substitutions, "ceiling_substitutions", ceiling_object(&m->substitutions),
                     "ceiling_positions", ceiling_object(&m->positions));
}
