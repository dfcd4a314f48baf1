/* cmd_report.c  mutagree report: the tables of a finished run */
#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/run_table.h"
#include "mpi/agree.h"
#include "src/commands.h"
#include "src/core/options.h"

typedef struct {
    const char *out, *group;
    bool force;
} report_options;

static const mg_option table[] = {
    {"group", MG_CHOICE, offsetof(report_options, group), "every", "every|all|annotated|called", 0, 0, "Output",
     "windows whose table is shown"},
    {"out", MG_TEXT, offsetof(report_options, out), NULL, "FOLDER", 0, 0, "Output",
     "write summary.tsv and summary.json there too"},
    {"force", MG_FLAG, offsetof(report_options, force), NULL, NULL, 0, 0, "Output", "replace files that are there"},
    {0}};

static const mg_command_help help = {
    .name = "report",
    .synopsis = "run.h5 [--out FOLDER]",
    .purpose = "Show which method agrees with the mutations: the ranking, and every metric for every method.",
    .notes = "Example:\n  mutagree report run.h5 --group annotated\n",
    .option = table};

static mg_status make_folder(const char *folder, mg_error *err)
{
    struct stat info;
    if (mkdir(folder, 0777) == 0) return MG_OK;
    if (errno == EEXIST && stat(folder, &info) == 0 && S_ISDIR(info.st_mode)) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot create folder %s: %s", folder, strerror(errno));
}

static mg_status write_file(const char *folder, const char *name, const mg_summary_table *summary, bool force,
                            mg_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = strcmp(name, "summary.tsv") == 0 ? mg_summary_write_tsv(path, summary, force, err)
                                                        : mg_summary_write_json(path, summary, force, err);
    if (status == MG_OK) printf("wrote %s\n", path);
    free(path);
    return status;
}

static void print_tables(const mg_summary_table *summary, const char *wanted)
{
    mg_summary_print_ranking(stdout, summary, MG_SPEARMAN, mg_summary_choose_group(summary));
    for (mg_group g = 0; g < MG_N_GROUPS; g++) {
        if (strcmp(wanted, "every") != 0 && strcmp(wanted, mg_group_names[g]) != 0) continue;
        const mg_summary_row *row = mg_summary_rows(summary, MG_SPEARMAN, g);
        if (strcmp(wanted, "every") == 0 && row->n + row->n_undefined == 0) continue;
        putchar('\n');
        mg_summary_print_metrics(stdout, summary, g);
    }
}

static mg_status report(const char *path, const report_options *options, mg_error *err)
{
    mg_run_summary run;
    mg_run_table summary = {0};
    mg_status status = mg_run_read_summary(path, &run, err);
    if (status != MG_OK) return status;
    status = mg_run_table_begin(run.n_methods, run.method, run.fact, run.row, run.pair, &summary, err);
    if (status == MG_OK && options->out != NULL) status = make_folder(options->out, err);
    if (status == MG_OK) print_tables(&summary.table, options->group);
    if (status == MG_OK && options->out != NULL)
        status = write_file(options->out, "summary.tsv", &summary.table, options->force, err);
    if (status == MG_OK && options->out != NULL)
        status = write_file(options->out, "summary.json", &summary.table, options->force, err);
    mg_run_table_end(&summary);
    mg_run_summary_destroy(&run);
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
    if (status == MG_OK && rank == 0) {
        if (want_help)
            mg_options_help(stdout, &help);
        else
            status = report(files.text[0], &options, err);
    }
    mg_options_free(&help, &options, &files);
    return mg_agree(MPI_COMM_WORLD, status, err);
}
