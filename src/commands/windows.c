/* windows.c  mutagree windows: which windows a scan would look at */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/input/input.h"
#include "src/commands/commands.h"
#include "src/core/memory.h"

enum { BEFORE_CODON = 60 }; /* as in the network that comes with mutagree */

typedef struct {
    mg_input_options input;
    int64_t length, anchor;
    bool quiet;
} windows_options;

static const mg_option table[] = {
    MG_INPUT_OPTIONS(windows_options, input),
    {"length", MG_INTEGER, offsetof(windows_options, length), "203", "N", 3, 1000000, "Window",
     "bases of a window, nt"},
    {"anchor", MG_INTEGER, offsetof(windows_options, anchor), "-1", "N", -1, 999997, "Window",
     "bases before the codon, or the site of a genome, nt; -1: 60 before a codon, half of the window before a site"},
    {"quiet", MG_FLAG, offsetof(windows_options, quiet), NULL, NULL, 0, 0, "Output", "do not tell counts on stderr"},
    {0}};

static const mg_command_help help = {
    .name = "windows",
    .synopsis = "--transcripts FASTA [--annotation FILE] [OPTION]...",
    .purpose = "List the candidate windows of a transcriptome, or windows of a genome, as a table on standard output.",
    .notes = "The first three columns are transcript, begin and end of the codon (0-based, half-open), so that the\n"
             "table, or lines picked from it, can be given back as --candidates. Label: 1 annotated start, 0 not,\n"
             "-1 nothing is known. Unknown and padded bases of the sequence are shown as N.\n"
             "Of --regions and --sites the table is a BED6 with more columns: the window on its chromosome, as far as\n"
             "that goes, kind of the site, label, cluster (a number that windows of one gene or with bases in common\n"
             "share) and gene. Name and sequence, cut out of it, are a file for --windows.\n",
    .option = table};

/* One line of the table; `letter` is room for a window with an ending zero. */
static void write_window(FILE *out, const mg_input *input, const mg_window *window, const mg_base *base, char *letter)
{
    for (int64_t p = 0; p < input->how.length; p++)
        letter[p] = mg_letter_from_base(base[p]);
    fprintf(out, "%s\t%" PRId64 "\t%" PRId64 "\t%" PRId32 "\t%" PRId32 "\t%" PRId32 "\t%s\n",
            input->transcriptome.transcript[window->transcript].name, window->start, window->start + 3, window->label,
            window->n_padded, window->n_unknown, letter);
}

/* The same of a site: its window on the genome comes first, as in a BED. */
static void write_site(FILE *out, const mg_input *input, const mg_window *window, const mg_base *base, char *letter)
{
    const mg_placements *places = &input->placements;
    const mg_placement *place = &places->placement[window->transcript];
    const mg_gene *gene = mg_transcriptome_gene(&input->transcriptome, window->transcript);
    for (int64_t p = 0; p < input->how.length; p++)
        letter[p] = mg_letter_from_base(base[p]);
    fprintf(out,
            "%s\t%" PRId64 "\t%" PRId64 "\t%s\t0\t%c\t%s\t%" PRId32 "\t%" PRId64 "\t%s\t%" PRId32 "\t%" PRId32 "\t%s\n",
            places->chromosome[place->chromosome], place->exon[0].begin, place->exon[0].end,
            input->transcriptome.transcript[window->transcript].name, place->strand,
            mg_site_names[input->sites.kind[window->transcript]], window->label,
            mg_input_kin(input)[window->transcript], gene != NULL ? gene->name : ".", window->n_padded,
            window->n_unknown, letter);
}

static mg_status write_table(FILE *out, const mg_input *input, mg_error *err)
{
    bool sites = input->site_kinds != 0;
    mg_base *base = NULL;
    char *letter = NULL;
    mg_window window;
    size_t length = (size_t)input->how.length;
    mg_status status = mg_alloc(&base, length, sizeof *base, err);
    if (status == MG_OK) status = mg_alloc(&letter, length + 1, 1, err);
    if (status == MG_OK && sites)
        fputs(
            "#chromosome\tstart\tend\tname\tscore\tstrand\tkind\tlabel\tcluster\tgene\tn_padded\tn_unknown\tsequence\n",
            out);
    if (status == MG_OK && !sites) fputs("#transcript\tstart\tend\tlabel\tn_padded\tn_unknown\tsequence\n", out);
    for (int64_t i = 0; i < input->candidates.n_windows && status == MG_OK && !ferror(out); i++) {
        status = mg_input_windows(input, i, 1, &window, base, err);
        if (status == MG_OK && sites) write_site(out, input, &window, base, letter);
        if (status == MG_OK && !sites) write_window(out, input, &window, base, letter);
    }
    if (status == MG_OK && (fflush(out) != 0 || ferror(out)))
        status = mg_fail(err, MG_EIO, "cannot write standard output: %s", strerror(errno));
    free(base);
    free(letter);
    return status;
}

mg_status mg_cmd_windows(int argc, char **argv, mg_error *err)
{
    windows_options options = {0};
    mg_input input = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status != MG_OK) goto cleanup;
    if (want_help) {
        mg_options_help(stdout, &help);
        goto cleanup;
    }
    bool sites = options.input.regions != NULL || options.input.sites != NULL;
    if (options.anchor < 0) options.anchor = sites ? options.length / 2 : BEFORE_CODON;
    if (options.anchor >= options.length || (!sites && options.anchor + 3 > options.length)) {
        status = mg_fail(err, MG_EUSAGE, "--anchor %" PRId64 " leaves no room for a %s in a window of %" PRId64 " nt",
                         options.anchor, sites ? "site" : "codon", options.length);
        goto cleanup;
    }
    status = mg_input_read(&options.input, options.length, options.anchor, &input, err);
    if (status != MG_OK) goto cleanup;
    if (!options.quiet) mg_input_describe(stderr, &input);
    status = write_table(stdout, &input, err);
cleanup:
    mg_input_destroy(&input);
    mg_options_free(&help, &options, NULL);
    return status;
}
