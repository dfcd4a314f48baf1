/* input_text.c  what is told about the input: counts, and everything that was left out */
#include <string.h>

#include "io/input/input.h"
#include "src/core/log.h"

/* "  name         text", as all lines of a run's header stand. */
static void begin_line(FILE *out, const char *name)
{
    fprintf(out, "  %-12s ", name);
}

static void write_count(FILE *out, const char *before, int64_t n, const char *one, const char *several)
{
    char text[MG_COUNT_TEXT];
    fprintf(out, "%s%s %s", before, mg_format_count(text, n), n == 1 ? one : several);
}

/* A line of its own for something that happened n times; no line when it did not. */
static void write_note(FILE *out, int64_t n, const char *one, const char *several)
{
    if (n == 0) return;
    begin_line(out, "");
    write_count(out, "", n, one, several);
    fputc('\n', out);
}

/* The same for what was left out for reasons of its own, with the first reason. */
static void write_left_out(FILE *out, const mg_left_out *left_out, const char *one, const char *several)
{
    if (left_out->n == 0) return;
    begin_line(out, "");
    write_count(out, "", left_out->n, one, several);
    fprintf(out, "%s: %s\n", left_out->n == 1 ? "" : ", the first", left_out->first);
}

static void describe_transcripts(FILE *out, const mg_input *input)
{
    const mg_annotation_counts *found = &input->annotation;
    char text[MG_COUNT_TEXT], bases[MG_COUNT_TEXT];
    begin_line(out, input->ready_windows ? "windows" : "transcripts");
    fprintf(out, "%s (%s nt)", mg_format_count(text, (int64_t)input->transcriptome.n_transcripts),
            mg_format_count(bases, input->n_bases));
    if (input->transcriptome.genes.n > 0)
        write_count(out, ", ", (int64_t)input->transcriptome.genes.n, "gene", "genes");
    if (input->ready_windows) {
        fputs(input->annotated ? ", labels from the file's name" : ", without labels", out);
    } else if (!input->annotated) {
        fputs(", no annotation", out);
    } else {
        write_count(out, ", ", found->n_starts, "annotated start", "annotated starts");
        fprintf(out, " in %s", mg_format_count(text, found->n_with_start));
        if (found->n_starts_absent > 0)
            fprintf(out, ", %s in transcripts not given", mg_format_count(text, found->n_starts_absent));
    }
    fputc('\n', out);
}

static void describe_left_out(FILE *out, const mg_input *input)
{
    const mg_annotation_counts *found = &input->annotation;
    write_note(out, input->n_unknown, "base is unknown", "bases are unknown");
    write_note(out, input->n_chromosome_missing, "transcript left out: the genome lacks its chromosome",
               "transcripts left out: the genome lacks their chromosome");
    write_left_out(out, &input->beyond, "transcript left out", "transcripts left out");
    write_left_out(out, &found->odd, "transcript of the annotation left out", "transcripts of the annotation left out");
    write_left_out(out, &found->unfit, "transcript without annotated start", "transcripts without annotated start");
    write_note(out, found->n_copies, "transcript is another locus of an id: named id_dup1",
               "transcripts are other loci of an id: named id_dup1, id_dup2, ...");
    write_note(out, found->n_ambiguous,
               "name of the annotation stands for several transcripts once versions are cut off: not used",
               "names of the annotation stand for several transcripts once versions are cut off: not used");
    write_note(out, found->n_scattered, "transcript of the annotation is on no single strand: not used",
               "transcripts of the annotation are on no single strand: not used");
    write_note(out, found->n_without_exons, "transcript of the annotation has no exons: not used",
               "transcripts of the annotation have no exons: not used");
    write_note(out, found->n_incomplete, "transcript has a CDS without its start: no annotated start",
               "transcripts have a CDS without its start: no annotated start");
    write_note(out, found->n_without_id, "record of the annotation names no transcript",
               "records of the annotation name no transcript");
    if (input->how.kind != MG_CANDIDATES_LISTED)
        write_note(out, input->candidates.n_not_atg, "annotated start is not ATG: no candidate",
                   "annotated starts are not ATG: no candidates");
    else
        write_note(out, input->candidates.n_not_atg, "annotated start is not ATG", "annotated starts are not ATG");
}

static void describe_candidates(FILE *out, const mg_input *input)
{
    static const char *const kind[] = {
        [MG_CANDIDATES_ATG] = "ATG", [MG_CANDIDATES_ANNOTATED] = "annotated ATG", [MG_CANDIDATES_LISTED] = "listed"};
    const mg_candidate_counts *found = &input->candidates;
    const char *what = input->ready_windows ? "ready" : kind[input->how.kind];
    begin_line(out, "candidates");
    write_count(out, "", found->n_windows, what, what);
    if (input->annotated && input->how.kind != MG_CANDIDATES_ANNOTATED)
        write_count(out, ", ", found->n_annotated, "annotated start", "annotated starts");
    write_count(out, ", ", found->n_padded, "window padded", "windows padded");
    if (found->n_with_unknown > 0)
        write_count(out, ", ", found->n_with_unknown, "with unknown bases", "with unknown bases");
    write_count(out, ", ", found->n_skipped, "skipped", "skipped");
    if (input->list.n_starts_absent > 0)
        write_count(out, ", ", input->list.n_starts_absent, "in transcripts not given", "in transcripts not given");
    fputc('\n', out);
}

static void describe_families(FILE *out, const mg_input *input)
{
    char named[MG_COUNT_TEXT], all[MG_COUNT_TEXT], unknown[MG_COUNT_TEXT];
    const mg_families *f = &input->families;
    if (f->cluster_of == NULL) return;
    fprintf(out, "  %-12s %s of %s transcripts are in one that was given", "clusters",
            mg_format_count(named, f->n_named), mg_format_count(all, (int64_t)input->transcriptome.n_transcripts));
    if (f->n_unknown > 0)
        fprintf(out, "; %s line%s of that file name%s no transcript of the input",
                mg_format_count(unknown, f->n_unknown), f->n_unknown == 1 ? "" : "s", f->n_unknown == 1 ? "s" : "");
    putc('\n', out);
}

void mg_input_describe(FILE *out, const mg_input *input)
{
    describe_transcripts(out, input);
    describe_families(out, input);
    describe_left_out(out, input);
    describe_candidates(out, input);
}
