/* seqlets.c  the section of the strongest stretches: which they are, who finds them, and patterns that they share */
#include "io/report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/table.h"
#include "src/core/memory.h"
#include "src/task/seqlets.h"

enum { N_SHOWN = 24, ROOM = MG_SEQLET_ROOM };

/* The seqlets with their surroundings, and what the methods say there. */
typedef struct {
    const mg_report *report;
    size_t n;
    mg_seqlet_view *view; /* owned (n) */
    float *contribution;  /* owned (n, n_methods, ROOM) */
    mg_seqlet_fit *fit;   /* owned (n) */
    size_t n_patterns;
} stretches;

/* One window of the run. */
typedef struct {
    int64_t window; /* -1: none yet */
    char *letter;   /* owned (L) */
    float *effect;  /* owned (L, 4) */
    float *value;   /* owned (n_methods, L) */
} record;

static mg_status create(stretches *s, record *r, mg_error *err)
{
    size_t l = (size_t)s->report->run->shape.length, n_methods = s->report->run->summary.n_methods;
    r->window = -1;
    mg_status status = mg_alloc(&s->view, s->n, sizeof *s->view, err);
    if (status == MG_OK) status = mg_alloc(&s->contribution, s->n, n_methods * ROOM * sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&s->fit, s->n, sizeof *s->fit, err);
    if (status == MG_OK) status = mg_alloc(&r->letter, l, 1, err);
    if (status == MG_OK) status = mg_alloc(&r->effect, l, MG_N_BASES * sizeof(float), err);
    return status == MG_OK ? mg_alloc(&r->value, n_methods, l * sizeof(float), err) : status;
}

static void destroy(stretches *s, record *r)
{
    free(s->view);
    free(s->contribution);
    free(s->fit);
    free(r->letter);
    free(r->effect);
    free(r->value);
}

static mg_status read_record(const mg_report *report, int64_t window, record *r, mg_error *err)
{
    const mg_run_file *run = report->run;
    if (r->window == window) return MG_OK;
    r->window = window;
    mg_status status = mg_run_file_read(run, MG_WINDOW_SEQUENCE, 0, &window, 1, r->letter, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_MUTATION_EFFECT, 0, &window, 1, r->effect, err);
    for (int64_t m = 0; m < run->shape.n_methods && status == MG_OK; m++)
        status =
            mg_run_file_read(run, MG_ATTRIBUTION_CONTRIBUTION, m, &window, 1, r->value + m * run->shape.length, err);
    return status;
}

static float mean_loss(const float *effect, mg_base base)
{
    double sum = 0;
    for (int b = 0; b < MG_N_BASES; b++)
        if (b != base) sum -= (double)effect[b];
    return (float)(sum / (MG_N_BASES - 1));
}

static void fill_view(stretches *s, size_t i, const record *r)
{
    int64_t length = s->report->run->shape.length, first = s->report->effects.seqlets.seqlet[i].begin - MG_SEQLET_FLANK;
    size_t n_methods = s->report->run->summary.n_methods;
    for (int k = 0; k < ROOM; k++) {
        int64_t p = first + k;
        mg_base base = p >= 0 && p < length ? mg_base_from_letter(r->letter[p]) : MG_UNKNOWN;
        s->view[i].base[k] = base < MG_N_BASES ? base : MG_UNKNOWN;
        if (base >= MG_N_BASES) continue;
        s->view[i].effect[k] = mean_loss(r->effect + p * MG_N_BASES, base);
        for (size_t m = 0; m < n_methods; m++)
            s->contribution[(i * n_methods + m) * ROOM + (size_t)k] = r->value[(int64_t)m * length + p];
    }
}

/* --- patterns --- */

/* Sums over the members of a pattern, at its places. */
typedef struct {
    int64_t n, n_reverse;
    double strength;                /* sum of the members' sums */
    double count[ROOM][MG_N_BASES]; /* members with this base there */
    double *value;                  /* owned (n_sources, ROOM, 4) */
} sums;

static void add_member(const stretches *s, size_t i, sums *p)
{
    const mg_seqlet_fit *fit = &s->fit[i];
    size_t n_methods = s->report->run->summary.n_methods;
    p->n++;
    p->n_reverse += fit->reverse;
    p->strength += s->report->effects.seqlets.seqlet[i].sum;
    for (int k = 0; k < ROOM; k++) {
        int place = mg_seqlet_place(fit, k);
        if (place < 0 || s->view[i].base[place] >= MG_N_BASES) continue;
        mg_base base = fit->reverse ? mg_base_complement(s->view[i].base[place]) : s->view[i].base[place];
        p->count[k][base] += 1;
        p->value[(size_t)k * MG_N_BASES + base] += (double)s->view[i].effect[place];
        for (size_t m = 0; m < n_methods; m++)
            p->value[((1 + m) * ROOM + (size_t)k) * MG_N_BASES + base] +=
                (double)s->contribution[(i * n_methods + m) * ROOM + (size_t)place];
    }
}

/* The base that carries most at each place; lower case where it carries less than a quarter of the largest, n below 5%. */
static void spell(const sums *p, char text[ROOM + 1])
{
    double largest = 0, best[ROOM];
    for (int k = 0; k < ROOM; k++) {
        int at = 0;
        for (int b = 1; b < MG_N_BASES; b++)
            if (fabs(p->value[k * MG_N_BASES + b]) > fabs(p->value[k * MG_N_BASES + at])) at = b;
        best[k] = fabs(p->value[k * MG_N_BASES + at]);
        text[k] = "ACGT"[at];
        if (best[k] > largest) largest = best[k];
    }
    for (int k = 0; k < ROOM; k++)
        text[k] = best[k] < 0.05 * largest ? 'n' : best[k] < 0.25 * largest ? (char)(text[k] + ('a' - 'A')) : text[k];
    text[ROOM] = '\0';
}

static void put_logo(mg_table *t, const stretches *s, int64_t number, const sums *p)
{
    for (int k = 0; k < ROOM; k++)
        for (int b = 0; b < MG_N_BASES; b++)
            for (size_t source = 0; source <= s->report->run->summary.n_methods; source++) {
                double here = 0;
                for (int x = 0; x < MG_N_BASES; x++)
                    here += p->count[k][x];
                if (p->count[k][b] == 0 || !mg_report_has_source(s->report, source)) continue;
                mg_table_row(t);
                mg_table_count(t, "pattern", number);
                mg_table_count(t, "position", k + 1);
                mg_table_text(t, "base", (const char[2]){"ACGT"[b]});
                mg_table_text(t, "source", mg_report_source_name(s->report, source));
                mg_table_count(t, "n", (int64_t)p->count[k][b]);
                /* over all members that have a base there, so that the letters of a column add up to its mean */
                mg_table_number(t, "height", p->value[(source * ROOM + (size_t)k) * MG_N_BASES + (size_t)b] / here);
                mg_table_number(t, "share", p->count[k][b] / here);
            }
}

static int by_members(const void *a, const void *b)
{
    const sums *x = *(const sums *const *)a, *y = *(const sums *const *)b;
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    if (x->strength != y->strength) return x->strength > y->strength ? -1 : 1;
    return (x > y) - (x < y);
}

/* Tables of the patterns with most members; number[k] - OUT what pattern k is called there, 0: it is not told. */
static mg_status tell_patterns(const stretches *s, mg_table *patterns, mg_table *logos, int64_t *number, mg_error *err)
{
    size_t n_sources = 1 + s->report->run->summary.n_methods;
    sums *all = NULL;
    const sums **order = NULL;
    double *room = NULL;
    mg_status status = mg_alloc(&all, s->n_patterns, sizeof *all, err);
    if (status == MG_OK) status = mg_alloc(&order, s->n_patterns, sizeof *order, err);
    if (status == MG_OK) status = mg_alloc(&room, s->n_patterns, n_sources * ROOM * MG_N_BASES * sizeof *room, err);
    for (size_t k = 0; k < s->n_patterns && status == MG_OK; k++) {
        all[k].value = room + k * n_sources * ROOM * MG_N_BASES;
        order[k] = &all[k];
    }
    for (size_t i = 0; i < s->n && status == MG_OK; i++)
        if (s->fit[i].pattern >= 0) add_member(s, i, &all[s->fit[i].pattern]);
    if (status == MG_OK) qsort(order, s->n_patterns, sizeof *order, by_members);
    for (size_t k = 0; k < s->n_patterns && k < MG_MOST_PATTERNS && status == MG_OK; k++) {
        char text[ROOM + 1];
        if (order[k]->n < MG_LEAST_SEQLETS) break;
        number[order[k] - all] = (int64_t)k + 1;
        spell(order[k], text);
        mg_table_row(patterns);
        mg_table_count(patterns, "pattern", (int64_t)k + 1);
        mg_table_text(patterns, "spelled", text);
        mg_table_count(patterns, "seqlets", order[k]->n);
        mg_table_count(patterns, "reverse", order[k]->n_reverse);
        mg_table_number(patterns, "mean_sum", order[k]->strength / (double)order[k]->n);
        put_logo(logos, s, (int64_t)k + 1, order[k]);
    }
    free(all);
    free(order);
    free(room);
    return status;
}

/* --- tables --- */

static json_t *found_table(const mg_report *report)
{
    const mg_seqlets *seqlets = &report->effects.seqlets;
    mg_table t = mg_table_begin();
    for (size_t m = 0; m < seqlets->n_methods; m++) {
        if (!mg_report_has_source(report, m + 1)) continue;
        mg_estimate e = mg_share_estimate(&seqlets->found[m]);
        mg_table_row(&t);
        mg_table_text(&t, "method", report->run->summary.method[m].name);
        mg_table_count(&t, "n", (int64_t)e.n);
        mg_table_number(&t, "share", e.mean);
        mg_table_number(&t, "lo", e.low);
        mg_table_number(&t, "hi", e.high);
    }
    return mg_table_end(&t);
}

static mg_status top_table(const stretches *s, const int64_t *number, json_t **ret, mg_error *err)
{
    const mg_seqlets *seqlets = &s->report->effects.seqlets;
    mg_table t = mg_table_begin();
    mg_status status = MG_OK;
    for (size_t i = 0; i < s->n && i < N_SHOWN && status == MG_OK; i++) {
        char name[MG_NAME_LENGTH + 1], text[MG_SEQLET_LENGTH + 1] = "";
        const mg_seqlet *q = &seqlets->seqlet[i];
        status = mg_report_window_name(s->report->run, q->window, name, err);
        for (int64_t k = 0; k < seqlets->n_within; k++)
            text[k] = mg_letter_from_base(s->view[i].base[MG_SEQLET_FLANK + k]);
        mg_table_row(&t);
        mg_table_text(&t, "window", name);
        mg_table_count(&t, "from", mg_report_position(s->report, q->begin));
        mg_table_count(&t, "to", mg_report_position(s->report, q->begin + seqlets->n_within - 1));
        mg_table_text(&t, "sequence", text);
        mg_table_number(&t, "sum", q->sum);
        int64_t pattern = s->fit[i].pattern >= 0 ? number[s->fit[i].pattern] : 0;
        mg_table_value(&t, "pattern", pattern > 0 ? json_integer(pattern) : json_null());
    }
    *ret = mg_table_end(&t);
    return status;
}

static mg_status compose(stretches *s, json_t **ret, mg_error *err)
{
    mg_table patterns = mg_table_begin(), logos = mg_table_begin();
    int64_t *number = NULL;
    json_t *top = NULL;
    mg_status status = mg_alloc(&number, s->n_patterns + 1, sizeof *number, err);
    if (status == MG_OK) status = tell_patterns(s, &patterns, &logos, number, err);
    if (status == MG_OK) status = top_table(s, number, &top, err);
    json_t *section =
        json_pack("{s:i, s:i, s:I, s:o, s:o, s:o, s:o}", "length", (int)s->report->effects.seqlets.n_within, "flank",
                  MG_SEQLET_FLANK, "n", (json_int_t)s->n, "found", found_table(s->report), "top", top, "patterns",
                  mg_table_end(&patterns), "logos", mg_table_end(&logos));
    free(number);
    if (status == MG_OK && section == NULL) return mg_fail(err, MG_EMEM, "out of memory for the report");
    *ret = section;
    return status;
}

mg_status mg_report_read_seqlets(mg_report *report, mg_error *err)
{
    stretches s = {.report = report, .n = report->effects.seqlets.n};
    record r = {0};
    if (!report->has_effects || !mg_report_has(report, MG_SECTION_SEQLETS)) return MG_OK;
    mg_status status = create(&s, &r, err);
    for (size_t i = 0; i < s.n && status == MG_OK; i++) {
        status = read_record(report, report->effects.seqlets.seqlet[i].window, &r, err);
        if (status == MG_OK) fill_view(&s, i, &r);
    }
    if (status == MG_OK) status = mg_seqlets_match(s.view, s.n, s.fit, &s.n_patterns, err);
    if (status == MG_OK) status = compose(&s, &report->seqlets, err);
    destroy(&s, &r);
    return status;
}
