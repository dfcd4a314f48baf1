/* export.c  mutagree export: a finished run in the formats of other programs */
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "io/export/export.h"
#include "io/report/report.h"
#include "mpi/agree.h"
#include "src/commands/commands.h"
#include "src/core/log.h"
#include "src/core/options.h"

static const mg_option table[] = {
    {"format", MG_CHOICE, offsetof(mg_export_options, format), NULL, MG_EXPORT_FORMATS, 0, 0, "Output",
     "what to write, see below"},
    {"out", MG_TEXT, offsetof(mg_export_options, out), NULL, "FILE", 0, 0, "Output",
     "where; - is standard output; FILE.gz is compressed as by bgzip, and FILE.bed.gz and so on indexed"},
    {"force", MG_FLAG, offsetof(mg_export_options, force), NULL, NULL, 0, 0, "Output", "replace an existing file"},
    {"quiet", MG_FLAG, offsetof(mg_export_options, quiet), NULL, NULL, 0, 0, "Output", "no progress"},
    {"group", MG_TEXT, offsetof(mg_export_options, group), "all", "NAME", 0, 0, "Windows", "windows that are written"},
    {"method", MG_TEXT, offsetof(mg_export_options, method), NULL, "NAME", 0, 0, "Windows",
     "bedgraph, modisco: whose values, a method or mutations; windows: only this method's columns"},
    {"annotation", MG_TEXT, offsetof(mg_export_options, annotation), NULL, "GTF|GFF3", 0, 0, "Places",
     "bed, bedgraph, vcf: in genome coordinates, by the exons of this file"},
    {"genome", MG_TEXT, offsetof(mg_export_options, genome), NULL, "FASTA|FAI", 0, 0, "Places",
     "vcf: lengths of the chromosomes, from their sequences or (at once) from the index of samtools faidx"},
    {"overlap", MG_CHOICE, offsetof(mg_export_options, overlap), "mean", "mean|strongest", 0, 0, "Places",
     "bedgraph: what stands at a base that several windows share"},
    {"genetic-code", MG_INTEGER, offsetof(mg_export_options, genetic_code), "1", "N", 1, 33, "Biology",
     "effects, vcf: NCBI's number of the genetic code of transcripts that have none of their own"},
    {0}};

static const mg_command_help help = {
    .name = "export",
    .synopsis = "run.h5 --format FORMAT --out FILE [OPTION]...",
    .purpose = "Write a run in the formats of other programs.",
    .notes = "Formats:\n"
             "  windows   table, a row a window: score, probability, every agreement of every method\n"
             "  effects   table, a row a substitution: effect, change of probability, class, HGVS name\n"
             "  bed       BED12, a line a window, the codon as its thick part\n"
             "  bedgraph  minus the mean effect of a base's three substitutions, or a method's contribution\n"
             "  vcf       all substitutions, effects in INFO; FILE.vcf.gz with its index, or FILE.vcf\n"
             "  modisco   input of TF-MoDISco: FILE.npz makes FILE.ohe.npz and FILE.shap.npz; or FILE.h5\n"
             "All but windows and bed need a scan with --store contribution, a method's values for modisco one\n"
             "with --store hypothetical. docs/exports.md describes them column by column.\n"
             "Examples:\n"
             "  mutagree export run.h5 --format vcf --annotation g.gtf.gz --genome g.fa.fai --out run.vcf.gz\n"
             "  mutagree export run.h5 --format windows --out - | head\n",
    .option = table,
    .letters = "o=out"};

static mg_status export(const char *path, const mg_export_options *options, mg_error *err)
{
    mg_run_file run = {.file = -1};
    mg_status status = mg_report_check_finished(path, err);
    if (status == MG_OK) status = mg_run_file_open(path, &run, err);
    if (status == MG_OK) status = mg_export_run(&run, options, err);
    mg_run_file_close(&run);
    return status;
}

static mg_status check_usage(const mg_export_options *options, const mg_text_list *files, mg_error *err)
{
    if (files->n != 1) return mg_fail(err, MG_EUSAGE, "export takes one file: the --out of a scan");
    if (options->format == NULL || options->out == NULL)
        return mg_fail(err, MG_EUSAGE, "export needs --format FORMAT and --out FILE");
    return MG_OK;
}

mg_status mg_cmd_export(int argc, char **argv, mg_error *err)
{
    mg_export_options options = {0};
    mg_text_list files = {0};
    bool want_help = false;
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, &files, err);
    if (status == MG_OK && !want_help) status = check_usage(&options, &files, err);
    if (status == MG_OK && rank == 0) {
        if (want_help)
            mg_options_help(stdout, &help);
        else
            status = export(files.text[0], &options, err);
    }
    mg_options_free(&help, &options, &files);
    return mg_agree(MPI_COMM_WORLD, status, err);
}
