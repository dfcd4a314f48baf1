/* score.c  mutagree score: which of given variants touch a start of translation, and how much */
#include <stdio.h>
#include <string.h>

#include "src/commands/commands.h"
#include "src/commands/score/score.h"

#define AT(member) offsetof(mg_score_options, member)
static const mg_option table[] = {
    {"vcf", MG_TEXT, AT(vcf), NULL, "FILE", 0, 0, "Input",
     "variants: VCF (plain, gzip, bgzip) or BCF; - is standard input"},
    MG_INPUT_ROW(MG_TEXT, "genome", AT(input.genome), NULL, "FASTA",
                 "the genome that the variants are of; transcripts are spliced by the annotation"),
    MG_INPUT_ROW(MG_TEXT, "transcripts", AT(input.transcripts), NULL, "FASTA",
                 "or the transcripts; CHROM is then a transcript, or a chromosome of a GTF or GFF3"),
    MG_INPUT_ROW(MG_TEXT, "annotation", AT(input.annotation), NULL, "FILE",
                 "starts and exons: GTF, GFF3; or BED of transcripts; without, CDS:a-b of the headers"),
    MG_INPUT_SITE_OPTIONS(mg_score_options, input),
    MG_INPUT_ROW(MG_TEXT, "candidates", AT(input.candidates), "annotated", "annotated|atg|BED",
                 "starts whose windows are scored: annotated ATGs, every ATG, or those of a BED file"),
    MG_INPUT_ROW(MG_CHOICE, "edges", AT(input.edges), "pad", "pad|skip",
                 "windows over an end of the transcript: pad with unknown, or skip"),
    MG_INPUT_ROW(MG_CHOICE, "unknown", AT(input.unknown), "zero", "zero|A",
                 "N and the like: a row of zeros, or A as in published code"),
    {"skip-mismatch", MG_FLAG, AT(skip_mismatch), NULL, NULL, 0, 0, "Input",
     "pass over variants whose REF the sequence does not have, and count them; else the first is an error"},
    MG_NETWORK_OPTION(AT(model)),
    MG_MODEL_OPTIONS(mg_score_options, words),
    {"score", MG_TEXT, AT(score), NULL, "WORDS", 0, 0, "Network",
     "what the effect is a difference of: log-odds, or value where the output has no head"},
    {"genetic-code", MG_INTEGER, AT(genetic_code), "1", "N", 1, 33, "Biology", "NCBI's number of the genetic code"},
    {"mitochondrial-code", MG_INTEGER, AT(mitochondrial_code), "0", "N", 0, 33, "Biology",
     "the same for MT, M, chrM, chrMT; 0: as the annotation's transl_table, else 2 (vertebrates)"},
    {"out", MG_TEXT, AT(out), NULL, "FILE", 0, 0, "Output",
     "table, by default on standard output; with the ending .vcf, .vcf.gz or .bcf the variants with INFO added"},
    {"sort", MG_CHOICE, AT(sort), "effect", "effect|input", 0, 0, "Output",
     "order of the table: largest effect first, or as in the input"},
    {"scored-only", MG_FLAG, AT(scored_only), NULL, NULL, 0, 0, "Output",
     "no lines for what was not scored; it is counted all the same"},
    MG_FORCE_OPTION(AT(force)),
    MG_QUIET_OPTION(AT(quiet), "Output"),
    MG_THREADS_OPTION(AT(threads)),
    {0}};
#undef AT

static const mg_command_help help = {
    .name = "score",
    .synopsis = "--vcf FILE --genome FASTA --annotation GTF [OPTION]...",
    .purpose =
        "Score the starts of translation, or sites and regions of a genome, before and after each of given variants, "
        "and rank the variants.",
    .notes = "A line of the table is an allele on a transcript at a start: effect (score after - before), names\n"
             "as by HGVS, class, and the ATG that it makes before the start, if any, with its own score. What\n"
             "cannot be scored has a line too, and 'state' says why. An allele takes out at most 50 nt and puts in\n"
             "at most 50; what is scored is the window of the transcript as the variant leaves it.\n"
             "With --regions or --sites a line is an allele and a site of the genome whose window it changes; the\n"
             "site keeps its place in the window, and an insertion or deletion moves what lies behind it on its side.\n"
             "Examples:\n"
             "  mutagree score --vcf list.vcf.gz --genome GRCh38.fa.gz --annotation genes.gtf.gz --out ranked.tsv\n"
             "  mutagree score --vcf list.vcf --transcripts t.fa --annotation starts.bed --out list.scored.vcf.gz\n",
    .option = table,
    .letters = "o=out"};

static void say_count(const char *name, int64_t n, const char *what)
{
    char text[MG_COUNT_TEXT];
    if (n > 0) fprintf(stderr, "  %-12s %s %s\n", name, mg_format_count(text, n), what);
}

/* What became of the variants. */
static void summarise(const mg_score_job *job)
{
    const mg_score_counts *c = &job->counts;
    char records[MG_COUNT_TEXT], alleles[MG_COUNT_TEXT], scored[MG_COUNT_TEXT];
    fprintf(stderr, "  %-12s %s records, %s alternative alleles; %s pairs of allele and %s scored\n", "variants",
            mg_format_count(records, c->n_records), mg_format_count(alleles, c->n_alleles),
            mg_format_count(scored, c->n_state[MG_VARIANT_SCORED]), job->sites ? "site" : "transcript");
    for (int s = MG_VARIANT_SCORED + 1; s < MG_N_VARIANT_STATES; s++)
        say_count("", c->n_state[s], mg_variant_states[s].label);
    say_count("", c->n_other_style, "chromosomes have another name in the annotation (chr1 for 1, MT for chrM)");
    if (job->options->out != NULL && strcmp(job->options->out, "-") != 0)
        fprintf(stderr, "wrote %s\n", job->options->out);
}

mg_status mg_cmd_score(int argc, char **argv, mg_error *err)
{
    mg_score_options options = {0};
    mg_score_job job = {.options = &options};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status != MG_OK || want_help) goto cleanup;
    status = mg_score_open(&job, err);
    if (status == MG_OK) status = mg_score_run(&job, err);
    if (status == MG_OK && !options.quiet) summarise(&job);
cleanup:
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    mg_score_close(&job);
    mg_options_free(&help, &options, NULL);
    return status;
}
