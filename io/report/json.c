/* json.c  the document report.json put together, and a table a file beside it */
#include "io/report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report/table.h"
#include "io/base/whole_file.h"
#include "src/core/log.h"
#include "src/sequence/clusters.h"
#include "src/core/memory.h"
#include "src/sequence/window.h"

enum { DIGITS = 9 };

/* --- what the report is of --- */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static json_t *run_object(const mg_report *report)
{
    static const char *const stores[] = {"summary", "contribution", "hypothetical"};
    const mg_run_file *run = report->run;
    const mg_run_shape *shape = &run->shape;
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:I, s:I}", "file",
                     mg_json_text(file_name(run->path)), "windows", (json_int_t)shape->n_windows, "places",
                     (json_int_t)shape->n_places, "transcripts", (json_int_t)shape->n_transcripts, "genes",
                     (json_int_t)shape->n_genes, "length", (json_int_t)shape->length, "anchor", (json_int_t)run->anchor,
                     "score", shape->score_name, "store", stores[shape->store], "first_position",
                     (json_int_t)mg_window_position(0, run->anchor), "last_position",
                     (json_int_t)mg_window_position(shape->length - 1, run->anchor));
}

/* What the page and the figures have to know of the task: words, and whether the score calls. */
static json_t *task_object(const mg_report *report)
{
    const mg_task *task = report->task;
    const mg_run_shape *shape = &report->run->shape;
    bool odds = mg_shape_has_odds(shape), frames = task->has_codons; /* reading frames: codons */
    mg_table t = mg_table_begin();
    for (int g = 0; g < mg_report_n_groups(report); g++) {
        mg_table_row(&t);
        mg_table_text(&t, "name", mg_shape_group(shape, (mg_group)g)->name);
        mg_table_text(&t, "label", mg_shape_group(shape, (mg_group)g)->label);
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:s, s:s, s:o}", "name", task->name, "about", task->about,
                     "site", task->site, "origin", task->origin, "frames", frames, "odds", odds, "unit",
                     odds                                      ? "log-odds"
                     : strcmp(shape->score_name, "logit") == 0 ? "logit"
                                                               : "score",
                     "lost", task->lost, "positive", task->group[MG_GROUP_ANNOTATED].one, "groups", mg_table_end(&t));
}

static json_t *provenance_object(const mg_report *report)
{
    const mg_provenance *p = &report->run->provenance;
    mg_table t = mg_table_begin();
    mg_table_row(&t);
    for (const mg_provenance_item *item = mg_provenance_items; item->name != NULL; item++) {
        const void *at = (const char *)p + item->offset;
        if (item->type == MG_PROVENANCE_TEXT)
            mg_table_text(&t, item->name, *(char *const *)at);
        else if (item->type == MG_PROVENANCE_INTEGER)
            mg_table_count(&t, item->name, *(const int64_t *)at);
        else
            mg_table_number(&t, item->name, *(const double *)at);
    }
    json_t *rows = mg_table_end(&t), *object = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return object;
}

/* What a cluster is, of one and of many: every count of clusters and every interval is told with it. */
static json_t *unit_object(const mg_report *report)
{
    char many[MG_COUNT_TEXT + MG_UNIT_TEXT];
    const char *unit = mg_summary_unit(&report->table.table);
    mg_clusters_units(many, sizeof many, 0, unit); /* "0 genes" */
    return json_pack("{s:o, s:o}", "one", mg_json_text(unit), "many", mg_json_text(many + 2));
}

static json_t *group_object(const mg_report *report)
{
    const mg_report_group *group = &report->group;
    const mg_task_group *words = mg_shape_group(&report->run->shape, group->group);
    json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "name", words->name, "label", words->label, "windows",
                               (json_int_t)group->n, "clusters", (json_int_t)group->n_clusters, "padded",
                               (json_int_t)group->n_padded, "unknown", (json_int_t)group->n_unknown);
    if (mg_shape_has_odds(&report->run->shape))
        json_object_set_new(object, "called", json_integer((json_int_t)group->n_called));
    return object;
}

static json_t *method_list(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (size_t m = 0; m < report->run->summary.n_methods; m++) {
        const mg_run_method *method = &report->run->summary.method[m];
        mg_table_row(&t);
        mg_table_text(&t, "name", method->name);
        mg_table_text(&t, "label", method->label);
        mg_table_text(&t, "spec", method->spec);
        mg_table_text(&t, "source", method->source);
        if (method->passes == MG_PASSES_VARY)
            mg_table_number(&t, "passes", NAN);
        else
            mg_table_count(&t, "passes", method->passes);
        mg_table_flag(&t, "hypothetical", report->has_effects && report->effects.hypothetical[m]);
    }
    return mg_table_end(&t);
}

/* --- what speaks for and against the numbers --- */

static json_t *completeness_table(const mg_report *report)
{
    mg_table t = mg_table_begin();
    for (int g = 0; g < mg_report_n_groups(report); g++) {
        const mg_summary_row *row = mg_summary_rows(&report->table.table, MG_COMPLETENESS_ERROR, (mg_group)g);
        for (size_t m = 0; m < report->run->summary.n_methods; m++) {
            if (mg_run_method_is_network(&report->run->summary.method[m])) continue;
            mg_table_row(&t);
            mg_table_text(&t, "method", report->run->summary.method[m].name);
            mg_table_text(&t, "group", mg_report_group_name(report, (mg_group)g));
            mg_table_count(&t, "n", row[m].n);
            mg_table_number(&t, "mean_error", row[m].mean);
            mg_table_number(&t, "sd_error", row[m].sd);
            mg_table_number(&t, "median_error", row[m].median);
            mg_table_flag(&t, "claims", row[m].n > 0);
        }
    }
    return mg_table_end(&t);
}

static json_t *undefined_list(const mg_report *report)
{
    const mg_summary_row *row = mg_summary_rows(&report->table.table, MG_REPORT_METRIC, report->group.group);
    mg_table t = mg_table_begin();
    for (size_t m = 0; m < report->run->summary.n_methods; m++) {
        if (mg_run_method_is_network(&report->run->summary.method[m])) continue;
        mg_table_row(&t);
        mg_table_text(&t, "method", report->run->summary.method[m].name);
        mg_table_count(&t, "undefined", row[m].n_undefined);
        mg_table_count(&t, "windows", row[m].n + row[m].n_undefined);
    }
    return mg_table_end(&t);
}

static json_t *blind_list(const mg_report *report)
{
    if (!report->has_effects) return json_null();
    json_t *list = json_array();
    for (int64_t p = 0; p < report->run->shape.length && list != NULL; p++) {
        if (!report->effects.blind[p]) continue;
        if (json_array_append_new(list, json_integer(mg_window_position(p, report->run->anchor))) == 0) continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

static json_t *trust_object(const mg_report *report)
{
    return json_pack("{s:o, s:o, s:I, s:I, s:o}", "completeness", completeness_table(report), "undefined",
                     undefined_list(report), "padded", (json_int_t)report->group.n_padded, "unknown",
                     (json_int_t)report->group.n_unknown, "blind", blind_list(report));
}

static json_t *missing_list(const mg_report *report)
{
    static const struct {
        const char *name;
        mg_section section; /* MG_SECTION_NONE: every task has it */
    } sections[] = {{"sensitivity", MG_SECTION_NONE}, {"profile", MG_SECTION_NONE},    {"bases", MG_SECTION_NONE},
                    {"kozak", MG_SECTION_KOZAK},      {"stops", MG_SECTION_STOPS},     {"flips", MG_SECTION_FLIPS},
                    {"splice", MG_SECTION_SPLICE},    {"seqlets", MG_SECTION_SEQLETS}, {"heat", MG_SECTION_HEAT},
                    {"windows", MG_SECTION_NONE}};
    const char *why = "the run keeps no effects of single windows; scan with --store contribution or hypothetical";
    if (report->run->shape.length > MG_REPORT_MAX_LENGTH)
        why = "the windows are too long to be told position by position";
    if (report->group.n == 0) why = "the group has no window";
    mg_table t = mg_table_begin();
    if (!mg_report_has_curves(report)) {
        mg_table_row(&t);
        mg_table_text(&t, "section", "curves");
        mg_table_text(
            &t, "why",
            "the run has no points of perturbation curves; scan with --metrics 'curves ...' or without --metrics");
    }
    for (size_t k = 0; !report->has_effects && k < sizeof sections / sizeof *sections; k++) {
        if (!mg_report_has(report, sections[k].section)) continue;
        mg_table_row(&t);
        mg_table_text(&t, "section", sections[k].name);
        mg_table_text(&t, "why", why);
    }
    return mg_table_end(&t);
}

/* --- the document --- */

static mg_status make_windows(const mg_report *report, const mg_report_example *example, size_t n, json_t **ret,
                              mg_error *err)
{
    json_t *list = json_array();
    mg_status status = list != NULL ? MG_OK : mg_fail(err, MG_EMEM, "out of memory");
    for (size_t k = 0; k < n && status == MG_OK; k++) {
        json_t *object = NULL;
        status = mg_report_window(report->run, &report->code, example[k].place, example[k].why, &object, err);
        if (status == MG_OK && json_array_append_new(list, object) != 0)
            status = mg_fail(err, MG_EMEM, "out of memory");
    }
    if (status == MG_OK)
        *ret = list;
    else
        json_decref(list);
    return status;
}

static bool set(json_t *root, const char *key, json_t *value)
{
    return json_object_set_new(root, key, value) == 0;
}

/* A part that was made before: null where it could not be, nothing where the task has none. */
static bool set_made(json_t *root, const char *key, json_t *made, bool has)
{
    if (!has) return true;
    return made != NULL ? json_object_set(root, key, made) == 0 : set(root, key, json_null());
}

static bool fill(const mg_report *report, json_t *root)
{
    return set(root, "format", json_string("mutagree-report")) && set(root, "version", json_integer(1)) &&
           set(root, "run", run_object(report)) && set(root, "task", task_object(report)) &&
           set(root, "provenance", provenance_object(report)) && set(root, "unit", unit_object(report)) &&
           set(root, "group", group_object(report)) && set(root, "methods", method_list(report)) &&
           set(root, "costs", mg_report_cost_table(report)) &&
           set(root, "main",
               json_pack("{s:s, s:s, s:s}", "metric", report->run->summary.metrics->info[MG_REPORT_METRIC].name,
                         "region", report->run->summary.metrics->info[MG_REPORT_METRIC].region, "group",
                         mg_report_group_name(report, report->group.group))) &&
           set(root, "verdict", mg_report_verdict(report)) &&
           set(root, "summary", mg_summary_object(&report->table.table)) && mg_report_statistics(report, root) &&
           set(root, "measured", mg_report_measured_object(report)) && mg_report_put_places(report, root) &&
           mg_report_put_baselines(report, root) && set(root, "curves", mg_report_curve_table(report)) &&
           set(root, "same", mg_report_same_list(report)) && mg_report_positions(report, root) &&
           mg_report_starts(report, root) && mg_report_splice(report, root) &&
           set_made(root, "seqlets", report->seqlets, mg_report_has(report, MG_SECTION_SEQLETS)) &&
           set_made(root, "heat", report->heat, mg_report_has(report, MG_SECTION_HEAT));
}

mg_status mg_report_compose(const mg_report *report, const mg_report_example *example, size_t n_examples, json_t **ret,
                            mg_error *err)
{
    json_t *root = json_object(), *windows = NULL;
    mg_status status = make_windows(report, example, n_examples, &windows, err);
    if (status == MG_OK && !(fill(report, root) && set(root, "windows", json_incref(windows)) &&
                             set(root, "trust", trust_object(report)) && set(root, "missing", missing_list(report))))
        status = mg_fail(err, MG_EMEM, "out of memory for the report");
    json_decref(windows);
    if (status == MG_OK)
        *ret = root;
    else
        json_decref(root);
    return status;
}

/* --- files --- */

/* A table of the document that gets a file of its own: where it is, and its comment line. */
typedef struct {
    const char *section, *key; /* root[section][key], or root[section] when key is NULL */
    const char *file, *comment;
} table_file;

static const table_file tables[] = {
    {"costs", NULL, "costs.tsv", "passes and ms a window and thread of each method; ms are of this run on its machine"},
    {"friedman", NULL, "friedman.tsv", "Friedman's test of the methods' ranks, a line a metric, region and group"},
    {"mean_ranks", NULL, "mean_ranks.tsv", "mean ranks of the methods by cluster, 1 is best"},
    {"differences", NULL, "differences.tsv", "paired differences between methods in the main metric"},
    {"sensitivity", "choices", "sensitivity.tsv", "agreement under other choices of what agreement means"},
    {"places", "cells", "places.tsv",
     "places of the methods in every family, under every choice, in quarters of the score"},
    {"curves", NULL, "curves.tsv",
     "perturbation curves: mean fall of the score after so many positions, the largest contributions first (morf) or "
     "the smallest (lerf)"},
    {"profile", NULL, "profile.tsv", "mean effect and mean contribution by position"},
    {"bases", NULL, "bases.tsv", "mean effect and mean contribution by position and base"},
    {"kozak", "rows", "kozak.tsv", "mean effect and mean contribution of the bases of the Kozak context"},
    {"kozak", "effects", "kozak_effects.tsv", "mean effect of putting a base into the Kozak context"},
    {"kozak", "features", "kozak_features.tsv", "windows with a feature of the Kozak context against those without"},
    {"kozak", "changes", "kozak_changes.tsv", "effect of substitutions that take a feature away or make it"},
    {"stops", "classes", "classes.tsv", "effect of substitutions by class"},
    {"stops", "predicted", "predicted.tsv", "what mutations and methods say of substitutions by class"},
    {"stops", "codons", "codons.tsv", "effect of coding substitutions by codon and class"},
    {"stops", "auroc", "auroc.tsv", "how well nonsense is told from other coding substitutions"},
    {"stops", "auroc_pairs", "auroc_pairs.tsv", "paired differences between methods in that"},
    {"flips", "classes", "flips_by_class.tsv", "substitutions that flip the call by class"},
    {"flips", "positions", "flips_by_position.tsv", "substitutions that flip the call by position"},
    {"flips", "bases", "flips_by_base.tsv", "substitutions outside the start codon that flip the call by new base"},
    {"flips", "published", "flips_published.tsv", "shares among flips beside those of Ozbulak et al. 2023"},
    {"splice", "consensus", "splice_consensus.tsv",
     "mean effect and mean contribution at the consensus of splice sites"},
    {"splice", "classes", "splice_classes.tsv", "what mutations and methods say of substitutions by class"},
    {"seqlets", "found", "seqlets_found.tsv", "windows whose strongest stretch a method finds"},
    {"seqlets", "top", "seqlets.tsv", "the strongest stretches"},
    {"seqlets", "patterns", "patterns.tsv", "patterns that the strongest stretches share"},
    {"seqlets", "logos", "pattern_logos.tsv", "mean effect and contribution by place and base of each pattern"},
    {"trust", "completeness", "completeness.tsv", "sum of contributions minus what they should sum to"},
};

static mg_status put_path(const char *folder, const char *name, char **ret, mg_error *err)
{
    if (asprintf(ret, "%s/%s", folder, name) >= 0) return MG_OK;
    *ret = NULL;
    return mg_fail(err, MG_EMEM, "out of memory");
}

static mg_status write_table(const json_t *root, const char *folder, const table_file *table, bool force, mg_error *err)
{
    const json_t *rows = json_object_get(root, table->section);
    if (table->key != NULL) rows = json_object_get(rows, table->key);
    if (json_array_size(rows) == 0) return MG_OK; /* nothing to tell: the section is missing */
    char *path = NULL;
    mg_status status = put_path(folder, table->file, &path, err);
    if (status == MG_OK) status = mg_table_write_tsv(path, table->comment, rows, force, err);
    free(path);
    return status;
}

mg_status mg_report_write(const json_t *document, const char *folder, bool force, mg_error *err)
{
    char *path = NULL, *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    if (text == NULL) return mg_fail(err, MG_EMEM, "out of memory for the report");
    mg_status status = put_path(folder, "report.json", &path, err);
    if (status == MG_OK) status = mg_whole_file_write(path, text, strlen(text), force, err);
    for (size_t k = 0; k < sizeof tables / sizeof *tables && status == MG_OK; k++)
        status = write_table(document, folder, &tables[k], force, err);
    free(path);
    free(text);
    return status;
}
