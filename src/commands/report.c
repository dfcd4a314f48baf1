/* report.c  mutagree report: a finished run in tables, in words, and window by window */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/figure/figure.h"
#include "io/report/report.h"
#include "io/report/page.h"
#include "io/base/whole_file.h"
#include "mpi/agree.h"
#include "src/commands/commands.h"
#include "src/core/memory.h"
#include "src/core/options.h"

typedef struct {
    const char *out, *group, *figures, *vega;
    mg_text_list windows;
    int64_t genetic_code, examples;
    bool force;
} report_options;

enum { MAX_EXAMPLES = 200 };

static const mg_option table[] = {
    {"group", MG_TEXT, offsetof(report_options, group), "every", "NAME", 0, 0, "Windows",
     "windows the report is about: all, or another group of the run; every: all tables, and the sections about the "
     "annotated or positive windows if there are any"},
    {"window", MG_NAMES, offsetof(report_options, windows), NULL, "NAME[:START]", 0, 0, "Windows",
     "show the strongest substitutions of a window of this transcript or gene; START counts from 0, without it the "
     "annotated or best start"},
    {"examples", MG_INTEGER, offsetof(report_options, examples), "20", "N", 0, MAX_EXAMPLES, "Windows",
     "example windows in the report, one a cluster: best, typical and worst agreement, best scores by turns"},
    {"genetic-code", MG_INTEGER, offsetof(report_options, genetic_code), "1", "N", 1, 33, "Biology",
     "NCBI's number of the genetic code"},
    {"out", MG_TEXT, offsetof(report_options, out), NULL, "FOLDER", 0, 0, "Output",
     "write report.html, report.json, summary.json and all tables there"},
    {"figures", MG_CHOICE, offsetof(report_options, figures), NULL, "pdf|svg|png", 0, 0, "Output",
     "figures for a paper in FOLDER/figures, one of each window that --window names; needs --out"},
    {"vega", MG_TEXT, offsetof(report_options, vega), NULL, "FOLDER", 0, 0, "Output",
     "where Vega is, which draws the charts of report.html; none: no charts; else MUTAGREE_VEGA or Debian's "
     "libjs-vega"},
    {"force", MG_FLAG, offsetof(report_options, force), NULL, NULL, 0, 0, "Output", "replace files that are there"},
    {0}};

static const mg_command_help help = {
    .name = "report",
    .synopsis = "run.h5 [--out FOLDER] [--window NAME[:START]]...",
    .purpose = "Tell which method agrees with the mutations: ranking, statistics, biology, single windows.",
    .notes = "Without --out the ranking and every metric are shown. With it the windows are read again: ranks\n"
             "and tests, what the order depends on, Kozak context, premature stops, flips of the call, and a\n"
             "verdict. What only effects of single windows tell needs a scan with --store contribution or\n"
             "hypothetical. Substitutions are named as by HGVS (c.-3A>T), from the start codon of the window.\n"
             "Examples:\n  mutagree report run.h5 -o report\n  mutagree report run.h5 --window NM_000518.5:50\n",
    .option = table,
    .letters = "o=out"};

static mg_status write_file(const char *folder, const char *name, const mg_summary_table *summary, bool force,
                            FILE *talk, mg_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = strcmp(name, "summary.tsv") == 0 ? mg_summary_write_tsv(path, summary, force, err)
                                                        : mg_summary_write_json(path, summary, force, err);
    if (status == MG_OK) fprintf(talk, "wrote %s\n", path);
    free(path);
    return status;
}

static int64_t n_windows(const mg_summary_table *summary, mg_group group)
{
    const mg_summary_row *row = mg_summary_rows(summary, MG_SPEARMAN, group);
    return row->n + row->n_undefined;
}

/* Of every group, but where all windows are annotated one table says it. */
static void print_tables(FILE *talk, const mg_summary_table *summary, const char *wanted)
{
    bool every = strcmp(wanted, "every") == 0;
    int64_t n_annotated = n_windows(summary, MG_GROUP_ANNOTATED);
    mg_summary_print_ranking(talk, summary, MG_SPEARMAN, mg_summary_choose_group(summary));
    for (mg_group g = 0; g < MG_N_GROUPS; g++) {
        const mg_task_group *words = mg_summary_group(summary, g);
        if (words == NULL || (!every && strcmp(wanted, words->name) != 0)) continue;
        if (every && n_windows(summary, g) == 0) continue;
        if (every && g == MG_GROUP_ALL && n_windows(summary, g) == n_annotated) continue;
        putc('\n', talk);
        mg_summary_print_metrics(talk, summary, g);
    }
}

/* A group that was asked for by name must hold something. */
static mg_status check_group(const char *path, const mg_summary_table *summary, const char *wanted, mg_error *err)
{
    char known[200] = "";
    if (strcmp(wanted, "every") == 0) return MG_OK;
    for (mg_group g = 0; g < MG_N_GROUPS; g++) {
        const mg_task_group *words = mg_summary_group(summary, g);
        size_t n = strlen(known);
        if (words == NULL) continue;
        if (strcmp(wanted, words->name) == 0)
            return n_windows(summary, g) > 0 ? MG_OK
                                             : mg_fail(err, MG_EINPUT, "%s has no window of group '%s'", path, wanted);
        snprintf(known + n, sizeof known - n, "%s%s", n > 0 ? ", " : "", words->name);
    }
    return mg_fail(err, MG_EUSAGE, "--group %.40s: the groups of %s are %s", wanted, path, known);
}

/* Times are in the provenance, which a run's summary leaves out. */
static mg_status show_costs(const char *path, mg_error *err)
{
    mg_run_file run = {.file = -1};
    mg_status status = mg_run_file_open(path, &run, err);
    if (status == MG_OK) mg_report_print_costs(stdout, &run.summary, run.provenance.costs);
    mg_run_file_close(&run);
    return status;
}

static mg_status show_summary(const char *path, const report_options *options, mg_error *err)
{
    mg_run_summary run;
    mg_run_table summary = {0};
    mg_status status = mg_run_read_summary(path, &run, err);
    if (status != MG_OK) return status;
    const mg_run_names names = {run.n_methods, run.n_baselines, run.method, run.metrics};
    status = mg_run_table_begin(run.task, run.score_name, &names, run.fact, run.row, run.pair, &summary, err);
    if (status == MG_OK) status = check_group(path, &summary.table, options->group, err);
    if (status == MG_OK) print_tables(stdout, &summary.table, options->group);
    mg_run_table_end(&summary);
    mg_run_summary_destroy(&run);
    return status == MG_OK ? show_costs(path, err) : status;
}

/* --- windows that are asked for --- */

static mg_status show_windows(const mg_run_file *run, const mg_genetic_code *code, const mg_text_list *names,
                              mg_report_example *example, FILE *talk, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < names->n && status == MG_OK; k++) {
        json_t *object = NULL;
        status = mg_report_find_window(run, names->text[k], &example[k].place, err);
        example[k].why = "asked";
        if (status == MG_OK) status = mg_report_window(run, code, example[k].place, "asked", &object, err);
        if (status != MG_OK) return status;
        if (k > 0) putc('\n', talk);
        mg_report_print_window(talk, mg_shape_task(&run->shape), object);
        json_decref(object);
    }
    return status;
}

/* --- the report in files --- */

/* Compose and write; example holds the n_asked places that were asked for, and has room for the examples. */
static mg_status write_report(const mg_report *report, const report_options *options, mg_report_example *example,
                              FILE *talk, mg_error *err)
{
    const mg_summary_table *summary = &report->table.table;
    size_t n_asked = options->windows.n, n_examples = 0;
    json_t *document = NULL;
    mg_status status = mg_report_pick_windows(report, (size_t)options->examples, example + n_asked, &n_examples, err);
    if (status == MG_OK) status = mg_report_compose(report, example, n_asked + n_examples, &document, err);
    if (status == MG_OK) status = mg_folder_make(options->out, err);
    /* the page first: when its parts or Vega are not where they should be, nothing is written yet */
    if (status == MG_OK) status = mg_report_page_write(document, options->vega, options->out, options->force, err);
    if (status == MG_OK) status = write_file(options->out, "summary.tsv", summary, options->force, talk, err);
    if (status == MG_OK) status = write_file(options->out, "summary.json", summary, options->force, talk, err);
    if (status == MG_OK) status = mg_report_write(document, options->out, options->force, err);
    if (status == MG_OK && options->figures != NULL)
        status = mg_figures_write(document, options->out, options->figures, options->force, talk, err);
    if (status == MG_OK) {
        fprintf(talk, "wrote %s/report.json and its tables\n", options->out);
        fprintf(talk, "wrote %s/report.html: open it in a browser\n", options->out);
        fprintf(talk, "\n%s\n", json_string_value(json_object_get(json_object_get(document, "verdict"), "text")));
    }
    json_decref(document);
    return status;
}

static mg_status make_report(const mg_run_file *run, const mg_genetic_code *code, const report_options *options,
                             mg_report_example *example, FILE *talk, mg_error *err)
{
    mg_report report;
    mg_status status = mg_report_begin(run, options->group, code, &report, err);
    if (status == MG_OK) status = mg_report_rank(&report, err);
    if (status == MG_OK) status = mg_report_read_effects(&report, err);
    if (status == MG_OK) status = mg_report_read_places(&report, err);
    if (status == MG_OK) status = mg_report_read_measured(&report, err);
    if (status == MG_OK) status = mg_report_correct(&report, err);
    if (status == MG_OK) status = mg_report_read_seqlets(&report, err);
    if (status == MG_OK) status = mg_report_read_heat(&report, err);
    if (status == MG_OK) print_tables(talk, &report.table.table, options->group);
    if (status == MG_OK) mg_report_print_costs(talk, &run->summary, run->provenance.costs);
    if (status == MG_OK) status = write_report(&report, options, example, talk, err);
    mg_report_end(&report);
    return status;
}

/* What would be refused in the end is refused before the windows are read. */
static mg_status check_folder(const report_options *options, mg_error *err)
{
    char *page = NULL;
    if (asprintf(&page, "%s/report.html", options->out) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    bool is_there = access(options->out, F_OK) == 0;
    mg_status status =
        is_there ? mg_whole_file_check(page, options->force, err) : mg_whole_file_check_folder(options->out, err);
    free(page);
    return status;
}

/* Everything but the summary needs the windows. */
static mg_status read_run(const char *path, const mg_genetic_code *code, const report_options *options, FILE *talk,
                          mg_error *err)
{
    mg_run_file run = {.file = -1};
    mg_report_example *example = NULL;
    mg_status status = mg_run_file_open(path, &run, err);
    if (status == MG_OK) status = mg_alloc(&example, options->windows.n + MAX_EXAMPLES, sizeof *example, err);
    if (status == MG_OK) status = show_windows(&run, code, &options->windows, example, talk, err);
    if (status == MG_OK && options->out != NULL) status = make_report(&run, code, options, example, talk, err);
    free(example);
    mg_run_file_close(&run);
    return status;
}

static mg_status report(const char *path, const report_options *options, mg_error *err)
{
    mg_genetic_code code;
    char *text = NULL;
    size_t n = 0;
    mg_status status = mg_report_check_finished(path, err);
    if (status == MG_OK) status = mg_genetic_code_find(options->genetic_code, &code, err);
    if (status != MG_OK) return status;
    if (options->out == NULL && options->windows.n == 0) return show_summary(path, options, err);
    if (options->out != NULL) status = check_folder(options, err);
    if (status != MG_OK) return status;
    /* told when the files are there: who reads the first lines only (| head) gets them all the same */
    FILE *talk = open_memstream(&text, &n);
    if (talk == NULL) return mg_fail(err, MG_EMEM, "out of memory for the report");
    status = read_run(path, &code, options, talk, err);
    if (fclose(talk) != 0 && status == MG_OK) status = mg_fail(err, MG_EMEM, "out of memory for the report");
    if (text != NULL) fputs(text, stdout);
    free(text);
    return status;
}

mg_status mg_cmd_report(int argc, char **argv, mg_error *err)
{
    report_options options = {0};
    mg_text_list files = {0};
    bool want_help = false;
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, &files, err);
    if (status == MG_OK && !want_help && files.n != 1)
        status = mg_fail(err, MG_EUSAGE, "report takes one file: the --out of a scan");
    if (status == MG_OK && !want_help && options.figures != NULL && options.out == NULL)
        status = mg_fail(err, MG_EUSAGE, "--figures needs --out FOLDER, the folder they go to");
    if (status == MG_OK && rank == 0) {
        if (want_help)
            mg_options_help(stdout, &help);
        else
            status = report(files.text[0], &options, err);
    }
    mg_options_free(&help, &options, &files);
    return mg_agree(MPI_COMM_WORLD, status, err);
}
