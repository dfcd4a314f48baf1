/* examples.c  windows that show something: where the leading method agrees best, as usual, and worst, and the best scores */
#include <math.h>
#include <stdlib.h>

#include "io/report/report.h"
#include "src/core/memory.h"
#include "src/statistics/winner.h"

enum { BEST, TYPICAL, WORST, SCORE, N_KINDS, BLOCK = 8192 };

static const char *const why[N_KINDS] = {"best agreement", "typical agreement", "worst agreement", "best score"};

/* A window of the group by what it is sorted. */
typedef struct {
    float value;
    size_t at;
} item;

typedef struct {
    const mg_report *report;
    item *agreement, *score; /* (n_agreement), (n) largest first */
    size_t n_agreement, n;
    bool *used;           /* (clusters of the run) */
    size_t next[N_KINDS]; /* how far each kind has looked */
} picker;

static int compare_items(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Windows with a value, sorted. */
static mg_status read_items(const mg_report *report, mg_field_id id, int64_t s, item *to, size_t *ret_n, mg_error *err)
{
    float value[BLOCK];
    mg_status status = MG_OK;
    *ret_n = 0;
    for (size_t first = 0, n; first < report->group.n && status == MG_OK; first += n) {
        n = report->group.n - first < BLOCK ? report->group.n - first : BLOCK;
        status = mg_run_file_read(report->run, id, s, report->group.window + first, (int64_t)n, value, err);
        for (size_t i = 0; i < n && status == MG_OK; i++)
            if (!isnan(value[i])) to[(*ret_n)++] = (item){value[i], first + i};
    }
    if (status == MG_OK) qsort(to, *ret_n, sizeof *to, compare_items);
    return status;
}

static mg_status create(picker *p, mg_error *err)
{
    const mg_report *report = p->report;
    const mg_summary_row *row = mg_summary_rows(&report->table.table, MG_REPORT_METRIC, report->group.group);
    size_t n = report->group.n, leader = mg_method_at(row, report->run->summary.n_methods, 0);
    int64_t set = mg_field_set_of(MG_AGREEMENT, &report->run->shape, leader, MG_REPORT_METRIC);
    mg_status status = mg_alloc(&p->agreement, n, sizeof *p->agreement, err);
    if (status == MG_OK) status = mg_alloc(&p->score, n, sizeof *p->score, err);
    if (status == MG_OK) status = mg_alloc(&p->used, (size_t)report->run->shape.n_clusters, sizeof *p->used, err);
    if (status == MG_OK) status = read_items(report, MG_AGREEMENT, set, p->agreement, &p->n_agreement, err);
    return status == MG_OK ? read_items(report, MG_WINDOW_SCORE, 0, p->score, &p->n, err) : status;
}

static void destroy(picker *p)
{
    free(p->agreement);
    free(p->score);
    free(p->used);
}

/* The k-th that a kind looks at; NULL: there are no more. Typical ones lie around the median, by turns on either side. */
static const item *look(const picker *p, int kind, size_t k)
{
    size_t n = p->n_agreement, middle = n / 2, off = (k + 1) / 2;
    if (kind == SCORE) return k < p->n ? &p->score[k] : NULL;
    if (k >= n) return NULL;
    if (kind == BEST) return &p->agreement[k];
    if (kind == WORST) return &p->agreement[n - 1 - k];
    size_t at = k % 2 == 0 ? middle + off : middle - off;
    return at < n ? &p->agreement[at] : NULL;
}

/* The next window of a kind whose cluster has shown none; n: there is none. */
static size_t next_of(picker *p, int kind)
{
    for (const item *it; (it = look(p, kind, p->next[kind])) != NULL;) {
        p->next[kind]++;
        bool *used = &p->used[p->report->group.cluster[it->at]];
        if (*used) continue;
        *used = true;
        return it->at;
    }
    return p->report->group.n;
}

mg_status mg_report_pick_windows(const mg_report *report, size_t n_most, mg_report_example *example, size_t *ret_n,
                                 mg_error *err)
{
    picker p = {.report = report};
    size_t n = 0, n_empty = 0;
    *ret_n = 0;
    if (n_most == 0 || !report->has_effects) return MG_OK;
    mg_status status = create(&p, err);
    for (int kind = 0; n < n_most && n_empty < N_KINDS && status == MG_OK; kind = (kind + 1) % N_KINDS) {
        size_t at = next_of(&p, kind);
        n_empty = at < report->group.n ? 0 : n_empty + 1;
        if (at == report->group.n) continue;
        example[n].why = why[kind];
        status =
            mg_run_file_read(report->run, MG_WINDOW_PLACE, 0, &report->group.window[at], 1, &example[n++].place, err);
    }
    if (status == MG_OK) *ret_n = n;
    destroy(&p);
    return status;
}
