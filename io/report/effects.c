/* effects.c  one pass over the stored effects and contributions of the group's windows
 *
 * A block of windows is read, its windows are compared with each method over threads (window i fills slot i), and then
 * the sums take them in, one after the other, in the order of the windows: the same bits for any number of threads.
 */
#include "io/report/report.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/log.h"
#include "src/core/memory.h"

enum { BLOCK_BYTES = 32 << 20, MAX_BLOCK = 1024, BLIND_WINDOWS = 4096 };

/* A block of windows as they are in the run. */
typedef struct {
    size_t room, n;
    char *letter;         /* (n, L) */
    mg_base *base;        /* (n, L) */
    float *score;         /* (n) */
    int64_t *transcript;  /* (n) of the first place */
    float *effect;        /* (n, L, 4) */
    float **contribution; /* (n_methods) of (n, L) */
    float **hypothetical; /* (n_methods) of (n, L, 4); NULL where the run holds none */
} block;

/* What a thread works with. */
typedef struct {
    mg_sensitivity *sensitivity;
    mg_stop_ranker *ranker;
    const float **contribution, **hypothetical; /* (n_methods) rows of the present window */
} worker;

typedef struct {
    mg_report *report;
    block block;
    int n_workers;
    worker *worker; /* (n_workers) */
    float *choice;  /* (MG_N_CHOICES, n_methods, n) */
    float *auroc;   /* (1 + n_methods, n) */
} pass;

/* --- blind positions --- */

static size_t rows_at_once(const mg_run_file *run)
{
    size_t rows = BLOCK_BYTES / (size_t)(mg_run_window_bytes(&run->shape) + 1);
    return rows < 1 ? 1 : rows > MAX_BLOCK ? MAX_BLOCK : rows;
}

static void see_effects(const float *effect, size_t n, size_t length, bool *blind)
{
    for (size_t i = 0; i < n * length; i++)
        for (int b = 0; b < MG_N_BASES; b++)
            if (effect[i * MG_N_BASES + (size_t)b] != 0) blind[i % length] = false;
}

mg_status mg_report_find_blind(const mg_run_file *run, bool *blind, mg_error *err)
{
    int64_t n = run->shape.n_windows < BLIND_WINDOWS ? run->shape.n_windows : BLIND_WINDOWS, window[MAX_BLOCK];
    size_t length = (size_t)run->shape.length, rows = rows_at_once(run);
    float *effect = NULL;
    for (size_t p = 0; p < length; p++)
        blind[p] = n > 0;
    mg_status status = mg_alloc(&effect, rows, length * MG_N_BASES * sizeof *effect, err);
    for (int64_t first = 0; first < n && status == MG_OK; first += (int64_t)rows) {
        int64_t count = n - first < (int64_t)rows ? n - first : (int64_t)rows;
        for (int64_t i = 0; i < count; i++)
            window[i] = first + i;
        status = mg_run_file_read(run, MG_MUTATION_EFFECT, 0, window, count, effect, err);
        if (status == MG_OK) see_effects(effect, (size_t)count, length, blind);
    }
    free(effect);
    return status;
}

/* Whether method m has c in some window of the group. NaN in a window that has a contribution says that the method defines
 * none; a method from a file may have nothing for the first windows. */
static mg_status has_hypothetical(const mg_report *report, size_t m, float *row, bool *ret, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < report->group.n && status == MG_OK; k++) {
        const int64_t *window = &report->group.window[k];
        status = mg_run_file_read(report->run, MG_ATTRIBUTION_CONTRIBUTION, (int64_t)m, window, 1, row, err);
        if (status == MG_OK && isnan(row[0])) continue;
        if (status == MG_OK)
            status = mg_run_file_read(report->run, MG_ATTRIBUTION_HYPOTHETICAL, (int64_t)m, window, 1, row, err);
        *ret = status == MG_OK && !isnan(row[0]);
        break;
    }
    return status;
}

/* Whether the run holds c of each method. */
static mg_status find_hypothetical(mg_report *report, float *row, mg_error *err)
{
    mg_status status = MG_OK;
    if (report->run->shape.store != MG_STORE_HYPOTHETICAL) return MG_OK;
    for (size_t m = 0; m < report->run->summary.n_methods && status == MG_OK; m++)
        status = has_hypothetical(report, m, row, &report->effects.hypothetical[m], err);
    return status;
}

/* --- a block --- */

static mg_status create_block(const mg_report *report, block *b, mg_error *err)
{
    size_t n_methods = report->run->summary.n_methods, l = (size_t)report->run->shape.length;
    b->room = rows_at_once(report->run);
    mg_status status = mg_alloc(&b->letter, b->room, l, err);
    if (status == MG_OK) status = mg_alloc(&b->base, b->room, l * sizeof *b->base, err);
    if (status == MG_OK) status = mg_alloc(&b->score, b->room, sizeof *b->score, err);
    if (status == MG_OK) status = mg_alloc(&b->transcript, b->room, sizeof *b->transcript, err);
    if (status == MG_OK) status = mg_alloc(&b->effect, b->room, l * MG_N_BASES * sizeof *b->effect, err);
    if (status == MG_OK) status = mg_alloc(&b->contribution, n_methods, sizeof *b->contribution, err);
    if (status == MG_OK) status = mg_alloc(&b->hypothetical, n_methods, sizeof *b->hypothetical, err);
    for (size_t m = 0; m < n_methods && status == MG_OK; m++) {
        status = mg_alloc(&b->contribution[m], b->room, l * sizeof(float), err);
        if (status == MG_OK && report->effects.hypothetical[m])
            status = mg_alloc(&b->hypothetical[m], b->room, l * MG_N_BASES * sizeof(float), err);
    }
    return status;
}

static void destroy_block(block *b, size_t n_methods)
{
    for (size_t m = 0; m < n_methods; m++) {
        if (b->contribution != NULL) free(b->contribution[m]);
        if (b->hypothetical != NULL) free(b->hypothetical[m]);
    }
    free(b->letter);
    free(b->base);
    free(b->score);
    free(b->transcript);
    free(b->effect);
    free(b->contribution);
    free(b->hypothetical);
}

static mg_status read_block(const mg_report *report, size_t first, block *b, mg_error *err)
{
    const mg_run_file *run = report->run;
    const int64_t *window = report->group.window + first;
    size_t left = report->group.n - first, l = (size_t)run->shape.length;
    b->n = left < b->room ? left : b->room;
    int64_t n = (int64_t)b->n;
    mg_status status = mg_run_file_read(run, MG_WINDOW_SEQUENCE, 0, window, n, b->letter, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_SCORE, 0, window, n, b->score, err);
    if (status == MG_OK && report->codes.n_told > 0)
        status = mg_run_file_read_at_place(run, MG_PLACE_TRANSCRIPT, window, n, b->transcript, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_MUTATION_EFFECT, 0, window, n, b->effect, err);
    for (size_t m = 0; m < run->summary.n_methods && status == MG_OK; m++) {
        status = mg_run_file_read(run, MG_ATTRIBUTION_CONTRIBUTION, (int64_t)m, window, n, b->contribution[m], err);
        if (status == MG_OK && b->hypothetical[m] != NULL)
            status = mg_run_file_read(run, MG_ATTRIBUTION_HYPOTHETICAL, (int64_t)m, window, n, b->hypothetical[m], err);
    }
    for (size_t i = 0; i < b->n * l && status == MG_OK; i++) {
        mg_base base = mg_base_from_letter(b->letter[i]);
        b->base[i] = base < MG_N_BASES ? base : MG_UNKNOWN;
    }
    return status;
}

/* --- a window --- */

static mg_evidence evidence_of(const pass *p, worker *w, size_t i)
{
    const mg_report *report = p->report;
    const block *b = &p->block;
    size_t l = (size_t)report->run->shape.length, n_methods = report->run->summary.n_methods;
    for (size_t m = 0; m < n_methods; m++) {
        w->contribution[m] = b->contribution[m] + i * l;
        w->hypothetical[m] = b->hypothetical[m] != NULL ? b->hypothetical[m] + i * l * MG_N_BASES : NULL;
    }
    const mg_base *base = b->base + i * l;
    return (mg_evidence){.base = base,
                         .blind = report->effects.blind,
                         .effect = b->effect + i * l * MG_N_BASES,
                         .score = b->score[i],
                         .n_methods = n_methods,
                         .contribution = w->contribution,
                         .hypothetical = w->hypothetical,
                         .reading = report->task->has_codons
                                        ? mg_reading_begin(mg_run_code(&report->codes, b->transcript[i]), base,
                                                           (int64_t)l, report->run->anchor)
                                        : (mg_reading){.base = base, .length = (int64_t)l}};
}

/* Window i of the block, which is window `slot` of the group. */
static void compare_window(pass *p, worker *w, size_t i, size_t slot)
{
    mg_evidence e = evidence_of(p, w, i);
    size_t n = p->report->group.n, n_methods = e.n_methods;
    float value[MG_N_CHOICES];
    mg_sensitivity_set(w->sensitivity, e.base, e.blind, e.effect, e.score);
    for (size_t m = 0; m < n_methods; m++) {
        mg_sensitivity_compare(w->sensitivity, e.contribution[m], value);
        for (size_t k = 0; k < MG_N_CHOICES; k++)
            p->choice[(k * n_methods + m) * n + slot] = value[k];
    }
    if (w->ranker != NULL) mg_stop_auroc(w->ranker, &e, p->auroc + slot, n);
}

/* The sums of windows; a cluster ends when the next window is of another. */
static void add_window(pass *p, size_t i, size_t slot)
{
    mg_report *report = p->report;
    mg_report_effects *effects = &report->effects;
    mg_evidence e = evidence_of(p, &p->worker[0], i);
    const mg_task *task = report->task;
    mg_report_same_add(&effects->same, e.n_methods, e.contribution, (size_t)report->run->shape.length);
    mg_profile_add(&effects->profile[report->group.kind[slot]], &e);
    if (mg_report_has(report, MG_SECTION_KOZAK)) mg_kozak_add(&effects->kozak, &e);
    if (mg_report_has(report, MG_SECTION_STOPS)) mg_stops_add(&effects->stops, &e);
    if (mg_report_has(report, MG_SECTION_FLIPS)) mg_flips_add(&effects->flips, &e);
    if (mg_report_has(report, MG_SECTION_SPLICE))
        mg_splice_sums_add(&effects->splice, (mg_splice_kind)report->group.kind[slot], &e);
    if (mg_report_has(report, MG_SECTION_SEQLETS)) mg_seqlets_add(&effects->seqlets, report->group.window[slot], &e);
    const int64_t *cluster = report->group.cluster;
    if (slot + 1 < report->group.n && cluster[slot + 1] == cluster[slot]) return;
    for (size_t k = 0; k < task->n_kinds; k++)
        mg_profile_end_cluster(&effects->profile[k]);
    if (mg_report_has(report, MG_SECTION_KOZAK)) mg_kozak_end_cluster(&effects->kozak);
    if (mg_report_has(report, MG_SECTION_STOPS)) mg_stops_end_cluster(&effects->stops);
    if (mg_report_has(report, MG_SECTION_FLIPS)) mg_flips_end_cluster(&effects->flips);
    if (mg_report_has(report, MG_SECTION_SPLICE)) mg_splice_sums_end_cluster(&effects->splice);
    if (mg_report_has(report, MG_SECTION_SEQLETS)) mg_seqlets_end_cluster(&effects->seqlets);
}

static mg_status read_windows(pass *p, mg_error *err)
{
    mg_progress progress;
    mg_status status = MG_OK;
    mg_progress_start(&progress, "windows", (int64_t)p->report->group.n, false);
    for (size_t first = 0; first < p->report->group.n && status == MG_OK; first += p->block.n) {
        status = read_block(p->report, first, &p->block, err);
        if (status != MG_OK) break;
        size_t n = p->block.n;
#pragma omp parallel for schedule(dynamic, 8) num_threads(p->n_workers)
        for (size_t i = 0; i < n; i++)
            compare_window(p, &p->worker[omp_get_thread_num()], i, first + i);
        for (size_t i = 0; i < n; i++)
            add_window(p, i, first + i);
        mg_progress_update(&progress, (int64_t)(first + n));
    }
    if (progress.shown > progress.started) mg_progress_finish(&progress); /* of a small run nothing is said */
    return status;
}

/* --- aggregates of the group --- */

/* Aggregates of one measure, value (n_methods, n) over the windows of the group; pair may be NULL. */
mg_status mg_report_summarise(const mg_report *report, const float *value, size_t n_methods, size_t metric,
                              const uint8_t *group, mg_summary_row *row, mg_summary_pair *pair, mg_error *err)
{
    mg_summary_plan plan = {.n_methods = n_methods,
                            .n_clusters = (size_t)report->run->shape.n_clusters,
                            .metric = metric,
                            .better = report->run->summary.metrics->info[metric].better,
                            .group = MG_GROUP_ALL,
                            .seed = report->seed,
                            .n_bootstrap = report->n_bootstrap};
    mg_summary_windows windows = {report->group.n, value, group, report->group.cluster};
    mg_summary_pair none;
    mg_summary *summary = NULL;
    mg_status status = mg_summary_create(&plan, &summary, err);
    for (int sweep = 0; sweep < MG_SUMMARY_SWEEPS && status == MG_OK; sweep++) {
        mg_summary_add(summary, &windows);
        mg_summary_next(summary);
    }
    if (status == MG_OK) status = mg_summary_finish(summary, row, pair != NULL ? pair : &none, err);
    mg_summary_destroy(summary);
    return status;
}

static mg_status summarise_all(pass *p, mg_error *err)
{
    mg_report *report = p->report;
    mg_report_effects *e = &report->effects;
    size_t n = report->group.n, n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    uint8_t *group = NULL;
    mg_status status = mg_alloc(&group, n, 1, err);
    if (status != MG_OK) return status;
    memset(group, 1u << MG_GROUP_ALL, n);
    for (size_t k = 0; k < MG_N_CHOICES && status == MG_OK; k++) {
        mg_metric metric = mg_choice_at((int)k).measure == MG_MEASURE_SPEARMAN ? MG_SPEARMAN : MG_PEARSON;
        status = mg_report_summarise(report, p->choice + k * n_methods * n, n_methods, metric, group,
                                     e->choice + k * n_methods, e->choice_pair + k * n_pairs, err);
    }
    bool stops = mg_report_has(report, MG_SECTION_STOPS);
    if (status == MG_OK && stops)
        status = mg_report_summarise(report, p->auroc, 1, MG_FLIP_AUROC, group, e->auroc, NULL, err);
    if (status == MG_OK && stops)
        status = mg_report_summarise(report, p->auroc + n, n_methods, MG_FLIP_AUROC, group, e->auroc + 1, e->auroc_pair,
                                     err);
    free(group);
    return status;
}

/* --- room --- */

static mg_status create_effects(mg_report *report, mg_error *err)
{
    mg_report_effects *e = &report->effects;
    size_t n_methods = report->run->summary.n_methods, n_pairs = mg_summary_n_pairs(n_methods);
    int64_t length = report->run->shape.length;
    mg_status status = mg_alloc(&e->blind, (size_t)length, sizeof *e->blind, err);
    if (status == MG_OK) status = mg_report_same_create(n_methods, &e->same, err);
    if (status == MG_OK) status = mg_alloc(&e->hypothetical, n_methods, sizeof *e->hypothetical, err);
    if (status == MG_OK) status = mg_alloc(&e->choice, MG_N_CHOICES, n_methods * sizeof *e->choice, err);
    if (status == MG_OK) status = mg_alloc(&e->choice_pair, MG_N_CHOICES, n_pairs * sizeof *e->choice_pair, err);
    if (status == MG_OK) status = mg_alloc(&e->auroc, n_methods + 1, sizeof *e->auroc, err);
    if (status == MG_OK) status = mg_alloc(&e->auroc_pair, n_pairs, sizeof *e->auroc_pair, err);
    for (size_t k = 0; k < report->task->n_kinds && status == MG_OK; k++)
        status = mg_profile_create(length, n_methods, &e->profile[k], err);
    if (status == MG_OK && mg_report_has(report, MG_SECTION_KOZAK)) status = mg_kozak_create(n_methods, &e->kozak, err);
    if (status == MG_OK && mg_report_has(report, MG_SECTION_STOPS))
        status = mg_stops_create(length, report->run->anchor, n_methods, &e->stops, err);
    if (status == MG_OK && mg_report_has(report, MG_SECTION_FLIPS)) status = mg_flips_create(length, &e->flips, err);
    if (status == MG_OK && mg_report_has(report, MG_SECTION_SPLICE))
        status = mg_splice_sums_create(length, report->run->anchor, n_methods, &e->splice, err);
    if (status == MG_OK && mg_report_has(report, MG_SECTION_SEQLETS))
        status = mg_seqlets_create(length, n_methods, &e->seqlets, err);
    return status;
}

static mg_status create_workers(pass *p, mg_error *err)
{
    const mg_run_file *run = p->report->run;
    size_t n_methods = run->summary.n_methods;
    p->n_workers = omp_get_max_threads();
    mg_status status = mg_alloc(&p->worker, (size_t)p->n_workers, sizeof *p->worker, err);
    for (int k = 0; k < p->n_workers && status == MG_OK; k++) {
        worker *w = &p->worker[k];
        status = mg_sensitivity_create(run->shape.length, mg_regions_of(&p->report->regions, 0), &w->sensitivity, err);
        if (status == MG_OK && mg_report_has(p->report, MG_SECTION_STOPS))
            status = mg_stop_ranker_create(run->shape.length, &w->ranker, err);
        if (status == MG_OK) status = mg_alloc(&w->contribution, n_methods, sizeof *w->contribution, err);
        if (status == MG_OK) status = mg_alloc(&w->hypothetical, n_methods, sizeof *w->hypothetical, err);
    }
    return status;
}

static mg_status create_pass(pass *p, mg_error *err)
{
    size_t n = p->report->group.n, n_methods = p->report->run->summary.n_methods;
    mg_status status = create_block(p->report, &p->block, err);
    if (status == MG_OK) status = create_workers(p, err);
    if (status == MG_OK) status = mg_alloc(&p->choice, n, MG_N_CHOICES * n_methods * sizeof *p->choice, err);
    return status == MG_OK ? mg_alloc(&p->auroc, n, (1 + n_methods) * sizeof *p->auroc, err) : status;
}

static void destroy_pass(pass *p)
{
    destroy_block(&p->block, p->report->run->summary.n_methods);
    for (int k = 0; k < p->n_workers && p->worker != NULL; k++) {
        mg_sensitivity_destroy(p->worker[k].sensitivity);
        mg_stop_ranker_destroy(p->worker[k].ranker);
        free(p->worker[k].contribution);
        free(p->worker[k].hypothetical);
    }
    free(p->worker);
    free(p->choice);
    free(p->auroc);
}

mg_status mg_report_read_effects(mg_report *report, mg_error *err)
{
    const mg_run_shape *shape = &report->run->shape;
    if (shape->store < MG_STORE_CONTRIBUTION || shape->length > MG_REPORT_MAX_LENGTH || report->group.n == 0)
        return MG_OK;
    pass p = {.report = report};
    float *row = NULL;
    mg_status status = mg_alloc(&row, (size_t)report->run->shape.length, MG_N_BASES * sizeof *row, err);
    if (status == MG_OK) status = create_effects(report, err);
    if (status == MG_OK) status = mg_report_find_blind(report->run, report->effects.blind, err);
    if (status == MG_OK) status = find_hypothetical(report, row, err);
    if (status == MG_OK) status = create_pass(&p, err);
    if (status == MG_OK) status = read_windows(&p, err);
    if (status == MG_OK) status = summarise_all(&p, err);
    report->has_effects = status == MG_OK;
    destroy_pass(&p);
    free(row);
    return status;
}
