/* group.c  which windows the report is about */
#include "io/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { BLOCK = 8192 }; /* windows that are looked at at once */

/* What the choice of windows needs to know of a block of them. */
typedef struct {
    int64_t n, window[BLOCK], cluster[BLOCK];
    int8_t label[BLOCK];
    float score[BLOCK];
    int32_t padded[BLOCK], unknown[BLOCK];
} block;

static mg_status read_block(const mg_run_file *run, int64_t first, block *b, mg_error *err)
{
    int64_t left = run->shape.n_windows - first;
    b->n = left < BLOCK ? left : BLOCK;
    for (int64_t i = 0; i < b->n; i++)
        b->window[i] = first + i;
    mg_status status = mg_run_file_read(run, MG_WINDOW_CLUSTER, 0, b->window, b->n, b->cluster, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_LABEL, 0, b->window, b->n, b->label, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_SCORE, 0, b->window, b->n, b->score, err);
    if (status == MG_OK) status = mg_run_file_read_at_place(run, MG_PLACE_PADDED, b->window, b->n, b->padded, err);
    return status == MG_OK ? mg_run_file_read(run, MG_WINDOW_UNKNOWN, 0, b->window, b->n, b->unknown, err) : status;
}

static bool is_member(const block *b, int64_t i, mg_group group)
{
    if (group == MG_GROUP_ANNOTATED) return b->label[i] == 1;
    return group == MG_GROUP_ALL || b->score[i] > 0;
}

static void add_window(mg_report_group *group, const block *b, int64_t i)
{
    size_t n = group->n++;
    group->window[n] = b->window[i];
    group->cluster[n] = b->cluster[i];
    group->n_called += b->score[i] > 0;
    group->n_padded += b->padded[i] > 0;
    group->n_unknown += b->unknown[i] > b->padded[i];
}

static mg_status check_clusters(const mg_report *report, const block *b, mg_error *err)
{
    for (int64_t i = 0; i < b->n; i++)
        if (b->cluster[i] < 0 || b->cluster[i] >= report->run->shape.n_clusters)
            return mg_fail(err, MG_EINPUT, "%s: window %" PRId64 " is of cluster %" PRId64 ", which is not there",
                           report->run->path, b->window[i], b->cluster[i]);
    return MG_OK;
}

/* A window and its cluster, to be sorted by the latter. */
typedef struct {
    int64_t cluster, window;
} member;

static int compare_members(const void *a, const void *b)
{
    const member *x = a, *y = b;
    if (x->cluster != y->cluster) return x->cluster < y->cluster ? -1 : 1;
    return (x->window > y->window) - (x->window < y->window);
}

/* Everything that ends a cluster's sums leans on its windows being together. */
static mg_status sort_windows(mg_report_group *group, mg_error *err)
{
    member *list = NULL;
    mg_status status = mg_alloc(&list, group->n, sizeof *list, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < group->n; i++)
        list[i] = (member){group->cluster[i], group->window[i]};
    qsort(list, group->n, sizeof *list, compare_members);
    for (size_t i = 0; i < group->n; i++) {
        group->window[i] = list[i].window;
        group->cluster[i] = list[i].cluster;
        group->n_clusters += i == 0 || group->cluster[i] != group->cluster[i - 1];
    }
    free(list);
    return MG_OK;
}

static mg_status list_windows(mg_report *report, mg_error *err)
{
    mg_report_group *group = &report->group;
    size_t cluster_room = 0, window_room = 0;
    block *b = NULL;
    mg_status status = mg_alloc(&b, 1, sizeof *b, err);
    for (int64_t first = 0; first < report->run->shape.n_windows && status == MG_OK; first += BLOCK) {
        status = read_block(report->run, first, b, err);
        if (status == MG_OK) status = check_clusters(report, b, err);
        if (status == MG_OK) status = mg_grow(&group->window, &window_room, group->n + BLOCK, sizeof(int64_t), err);
        if (status == MG_OK) status = mg_grow(&group->cluster, &cluster_room, group->n + BLOCK, sizeof(int64_t), err);
        for (int64_t i = 0; i < b->n && status == MG_OK; i++)
            if (is_member(b, i, group->group)) add_window(group, b, i);
    }
    free(b);
    return status == MG_OK ? sort_windows(group, err) : status;
}

static mg_status choose_group(mg_report *report, const char *wanted, mg_error *err)
{
    const mg_run_shape *shape = &report->run->shape;
    bool every = strcmp(wanted, "every") == 0;
    report->group.group = every ? mg_summary_choose_group(&report->table.table)
                                : mg_task_find_group(mg_shape_task(shape), shape->score_name, wanted);
    if (report->group.group == MG_N_GROUPS) return mg_run_no_group(report->run, wanted, err);
    mg_status status = list_windows(report, err);
    if (status != MG_OK || report->group.n > 0 || every) return status;
    return mg_fail(err, MG_EINPUT, "%s holds %s: group '%s' is empty", report->run->path,
                   mg_shape_group(shape, report->group.group)->empty, wanted);
}

bool mg_report_has(const mg_report *report, mg_section section)
{
    if (section == MG_SECTION_FLIPS && !mg_shape_has_odds(&report->run->shape)) return false;
    return section == MG_SECTION_NONE || mg_task_has(report->task, section);
}

int mg_report_n_groups(const mg_report *report)
{
    return mg_task_n_groups(report->run->shape.task, report->run->shape.score_name);
}

const char *mg_report_group_name(const mg_report *report, mg_group group)
{
    return mg_shape_group(&report->run->shape, group)->name;
}

/* Of the group's windows, after they were put in order. */
static mg_status read_kinds(mg_report *report, mg_error *err)
{
    mg_report_group *group = &report->group;
    const mg_run_file *run = report->run;
    mg_status status = mg_alloc(&group->kind, group->n, sizeof *group->kind, err);
    bool told = mg_field_is_kept(MG_WINDOW_KIND, &run->shape);
    for (size_t first = 0; told && first < group->n && status == MG_OK; first += BLOCK) {
        size_t n = group->n - first < BLOCK ? group->n - first : BLOCK;
        status = mg_run_file_read(run, MG_WINDOW_KIND, 0, group->window + first, (int64_t)n, group->kind + first, err);
    }
    for (size_t i = 0; i < group->n && status == MG_OK; i++)
        if (group->kind[i] < 0 || (size_t)group->kind[i] >= report->task->n_kinds)
            status = mg_fail(err, MG_EINPUT, "%s: window %" PRId64 " is of kind %d, which is not there", run->path,
                             group->window[i], group->kind[i]);
    return status;
}

mg_status mg_report_begin(const mg_run_file *run, const char *group, const mg_genetic_code *code, mg_report *ret,
                          mg_error *err)
{
    const mg_run_summary *summary = &run->summary;
    const mg_run_names names = {summary->n_methods, summary->n_baselines, summary->method, summary->metrics};
    *ret = (mg_report){.run = run, .code = *code, .task = mg_shape_task(&run->shape)};
    ret->seed = strtoull(summary->fact[MG_FACT_SEED], NULL, 10);
    ret->n_bootstrap = strtoll(summary->fact[MG_FACT_BOOTSTRAP], NULL, 10);
    mg_status status = mg_run_table_begin(summary->task, summary->score_name, &names, summary->fact, summary->row,
                                          summary->pair, &ret->table, err);
    if (status == MG_OK) status = ret->task->regions(run->shape.length, run->anchor, &ret->regions, err);
    if (status == MG_OK && ret->task->has_codons) status = mg_run_codes_read(run, code, &ret->codes, err);
    if (status == MG_OK) status = choose_group(ret, group, err);
    return status == MG_OK ? read_kinds(ret, err) : status;
}

void mg_report_end(mg_report *report)
{
    mg_report_effects *e = &report->effects;
    mg_run_table_end(&report->table);
    free(report->group.window);
    free(report->group.cluster);
    free(report->group.kind);
    mg_regions_destroy(&report->regions);
    mg_run_codes_destroy(&report->codes);
    free(report->ranks.test);
    free(report->ranks.mean_rank);
    free(report->ranks.low);
    free(report->ranks.high);
    free(report->claims.main);
    mg_report_places_destroy(&report->places);
    free(e->blind);
    free(e->hypothetical);
    free(e->choice);
    free(e->choice_pair);
    free(e->auroc);
    free(e->auroc_pair);
    for (size_t k = 0; k < MG_MAX_KINDS; k++)
        mg_profile_destroy(&e->profile[k]);
    mg_kozak_destroy(&e->kozak);
    mg_stops_destroy(&e->stops);
    mg_flips_destroy(&e->flips);
    mg_splice_sums_destroy(&e->splice);
    mg_seqlets_destroy(&e->seqlets);
    mg_report_same_destroy(&e->same);
    json_decref(report->seqlets);
    json_decref(report->heat);
    *report = (mg_report){0};
}
