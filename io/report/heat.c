/* heat.c  the section of windows side by side: mean loss and the leading method's contribution, window by position */
#include "io/report/report.h"

#include <math.h>
#include <stdlib.h>

#include "io/report/table.h"
#include "src/core/memory.h"
#include "src/statistics/winner.h"

enum { MOST_ROWS = 120, MOST_COLUMNS = 250 };

typedef struct {
    float score;
    size_t slot;
} ranked;

static int from_highest(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

/* How the window's positions go into columns of so many each. */
typedef struct {
    const mg_report *report;
    int64_t length, each, n_columns;
    size_t method; /* that is shown beside the mutations */
    bool has_method;
    char *letter;        /* owned (L) */
    float *effect, *own; /* owned (L, 4), (L) */
} map;

/* Means over columns; what is not known takes no part. */
static json_t *columns_of(const map *m, bool mutations)
{
    json_t *list = json_array();
    for (int64_t c = 0; c < m->n_columns && list != NULL; c++) {
        double sum = 0;
        int n = 0;
        for (int64_t p = c * m->each; p < (c + 1) * m->each && p < m->length; p++) {
            mg_base base = mg_base_from_letter(m->letter[p]);
            if (base >= MG_N_BASES) continue;
            double x = mutations ? 0 : (double)m->own[p];
            for (int b = 0; b < MG_N_BASES && mutations; b++)
                if (b != base) x -= (double)m->effect[p * MG_N_BASES + b] / (MG_N_BASES - 1);
            if (!isfinite(x)) continue;
            sum += x;
            n++;
        }
        if (json_array_append_new(list, n > 0 ? mg_json_number(sum / n) : json_null()) == 0) continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

static mg_status add_row(const map *m, const ranked *which, json_t *rows, mg_error *err)
{
    const mg_run_file *run = m->report->run;
    int64_t window = m->report->group.window[which->slot];
    char name[MG_NAME_LENGTH + 1];
    mg_status status = mg_run_file_read(run, MG_WINDOW_SEQUENCE, 0, &window, 1, m->letter, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_MUTATION_EFFECT, 0, &window, 1, m->effect, err);
    if (status == MG_OK && m->has_method)
        status = mg_run_file_read(run, MG_ATTRIBUTION_CONTRIBUTION, (int64_t)m->method, &window, 1, m->own, err);
    if (status == MG_OK) status = mg_report_window_name(run, window, name, err);
    if (status != MG_OK) return status;
    json_t *row =
        json_pack("{s:o, s:o, s:o, s:o}", "window", mg_json_text(name), "score", mg_json_number(which->score),
                  "mutations", columns_of(m, true), "method", m->has_method ? columns_of(m, false) : json_null());
    return json_array_append_new(rows, row) == 0 ? MG_OK : mg_fail(err, MG_EMEM, "out of memory for the report");
}

static json_t *describe(const map *m, json_t *rows)
{
    json_t *from = json_array();
    for (int64_t c = 0; c < m->n_columns; c++)
        json_array_append_new(from, json_integer(mg_report_position(m->report, c * m->each)));
    const char *name = m->has_method ? m->report->run->summary.method[m->method].name : NULL;
    return json_pack("{s:I, s:o, s:o, s:o}", "each", (json_int_t)m->each, "from", from, "method",
                     name != NULL ? mg_json_text(name) : json_null(), "rows", rows);
}

static mg_status create(map *m, mg_error *err)
{
    const mg_report *report = m->report;
    const mg_summary_row *row = mg_summary_rows(&report->table.table, MG_REPORT_METRIC, report->group.group);
    mg_winner winner = mg_find_winner(row, report->claims.main, report->run->summary.n_methods, NULL);
    size_t l = (size_t)m->length;
    m->method = winner.leader;
    m->has_method = winner.any;
    m->each = (m->length + MOST_COLUMNS - 1) / MOST_COLUMNS;
    m->n_columns = (m->length + m->each - 1) / m->each;
    mg_status status = mg_alloc(&m->letter, l, 1, err);
    if (status == MG_OK) status = mg_alloc(&m->effect, l, MG_N_BASES * sizeof(float), err);
    return status == MG_OK ? mg_alloc(&m->own, l, sizeof(float), err) : status;
}

/* Windows from all over the scores, the highest first. */
static mg_status list_rows(const map *m, json_t *rows, mg_error *err)
{
    const mg_report_group *group = &m->report->group;
    size_t n = group->n < MOST_ROWS ? group->n : MOST_ROWS;
    float *score = NULL;
    ranked *order = NULL;
    mg_status status = mg_alloc(&score, group->n, sizeof *score, err);
    if (status == MG_OK) status = mg_alloc(&order, group->n, sizeof *order, err);
    if (status == MG_OK)
        status = mg_run_file_read(m->report->run, MG_WINDOW_SCORE, 0, group->window, (int64_t)group->n, score, err);
    for (size_t i = 0; i < group->n && status == MG_OK; i++)
        order[i] = (ranked){score[i], i};
    if (status == MG_OK) qsort(order, group->n, sizeof *order, from_highest);
    for (size_t k = 0; k < n && status == MG_OK; k++)
        status = add_row(m, &order[k * group->n / n], rows, err);
    free(score);
    free(order);
    return status;
}

mg_status mg_report_read_heat(mg_report *report, mg_error *err)
{
    map m = {.report = report, .length = report->run->shape.length};
    if (!report->has_effects || !mg_report_has(report, MG_SECTION_HEAT)) return MG_OK;
    json_t *rows = json_array();
    mg_status status = create(&m, err);
    if (status == MG_OK) status = list_rows(&m, rows, err);
    if (status == MG_OK)
        report->heat = describe(&m, rows);
    else
        json_decref(rows);
    if (status == MG_OK && report->heat == NULL) status = mg_fail(err, MG_EMEM, "out of memory for the report");
    free(m.letter);
    free(m.effect);
    free(m.own);
    return status;
}
