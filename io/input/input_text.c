/* input_text.c  what is told about the input: counts, and everything that was left out */
#include <inttypes.h>
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

/* Windows of each kind, where there are several. */
static void describe_kinds(FILE *out, const mg_input *input)
{
    for (size_t k = 0; k < input->task->n_kinds && input->task->n_kinds > 1; k++) {
        int64_t n = 0;
        for (size_t i = 0; i < input->transcriptome.n_transcripts; i++)
            n += input->transcriptome.transcript[i].kind == (int32_t)k;
        fprintf(out, ", %" PRId64 " %s%s", n, input->task->kind[k], n == 1 ? "" : "s");
    }
}

static void describe_candidates(FILE *out, const mg_input *input)
{
    static const char *const kind[] = {
        [MG_CANDIDATES_ATG] = "ATG", [MG_CANDIDATES_ANNOTATED] = "annotated ATG", [MG_CANDIDATES_LISTED] = "listed"};
    const mg_candidate_counts *found = &input->candidates;
    const char *what = input->ready_windows ? "ready" : kind[input->how.kind];
    const mg_task_group *label = &input->task->group[MG_GROUP_ANNOTATED];
    begin_line(out, input->task->has_codons ? "candidates" : "");
    write_count(out, "", found->n_windows, what, what);
    if (input->annotated && input->how.kind != MG_CANDIDATES_ANNOTATED)
        write_count(out, ", ", found->n_annotated, label->one, label->many);
    describe_kinds(out, input);
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

/* --- sites of a genome --- */

static void describe_regions(FILE *out, const mg_input *input)
{
    const mg_site_counts *c = &input->sites.counts;
    int64_t n = (int64_t)input->transcriptome.n_transcripts;
    begin_line(out, "regions");
    write_count(out, "", n, "window", "windows");
    fprintf(out, " of %s", input->site_format);
    write_count(out, ", ", c->n_forward, "on the forward strand", "on the forward strand");
    if (!input->strand_is_told) fputs("; no strand is told for some of them", out);
    fputc('\n', out);
}

static void describe_sites(FILE *out, const mg_input *input)
{
    const mg_site_counts *c = &input->sites.counts;
    char text[MG_COUNT_TEXT];
    const char *before = "";
    begin_line(out, "sites");
    for (int k = MG_SITE_DONOR; k < MG_N_SITE_KINDS; k++) {
        if ((input->site_kinds & 1u << k) == 0) continue;
        fprintf(out, "%s%s %s", before, mg_format_count(text, c->n_of_kind[k]), mg_site_names[k]);
        before = ", ";
        if (c->n_decoys_of_kind[k] > 0) fprintf(out, " and %s decoys", mg_format_count(text, c->n_decoys_of_kind[k]));
    }
    if (input->transcriptome.genes.n > 0)
        write_count(out, ", ", (int64_t)input->transcriptome.genes.n, "gene", "genes");
    fputc('\n', out);
    write_note(out, c->n_few_decoys, "decoy fewer than asked for: its gene has no more",
               "decoys fewer than asked for: their genes have no more");
    write_note(out, c->n_short, "gap between exons is shorter than 4 nt: no intron",
               "gaps between exons are shorter than 4 nt: no introns");
    write_note(out, c->n_no_stop, "CDS does not end in TAA, TAG or TGA: no stop site",
               "CDS do not end in TAA, TAG or TGA: no stop sites");
    write_note(out, input->annotation.n_without_exons, "transcript of the annotation has no exons that can be used",
               "transcripts of the annotation have no exons that can be used");
    write_left_out(out, &input->annotation.odd, "transcript of the annotation left out",
                   "transcripts of the annotation left out");
}

static void describe_sites_left_out(FILE *out, const mg_input *input)
{
    const mg_site_counts *c = &input->sites.counts;
    char text[MG_COUNT_TEXT];
    write_note(out, input->n_unknown, "base is unknown", "bases are unknown");
    write_note(out, c->n_repeated, "is there twice: used once", "are there already: used once");
    if (c->n_missing > 0) {
        begin_line(out, "");
        fprintf(out, "%s left out: the genome lacks their chromosome, the first '%s'\n",
                mg_format_count(text, c->n_missing), c->missing);
    }
    write_left_out(out, &c->beyond, "left out", "left out");
    write_note(out, c->n_outside, "left out: its base is outside the chromosome",
               "left out: their bases are outside the chromosome");
    write_note(out, c->n_blacklisted, "left out: its window touches the blacklist",
               "left out: their windows touch the blacklist");
    write_note(out, c->n_unknown, "left out: no base of its window is known",
               "left out: no base of their windows is known");
}

static void describe_windows_of_sites(FILE *out, const mg_input *input)
{
    const mg_candidate_counts *found = &input->candidates;
    begin_line(out, "windows");
    write_count(out, "", found->n_windows, "window", "windows");
    write_count(out, ", ", found->n_padded, "padded", "padded");
    if (found->n_with_unknown > 0)
        write_count(out, ", ", found->n_with_unknown, "with unknown bases", "with unknown bases");
    write_count(out, ", ", found->n_skipped, "skipped", "skipped");
    fprintf(out, "; the site is base %lld of %lld, counted from 0\n", (long long)input->how.anchor,
            (long long)input->how.length);
}

static void describe_task(FILE *out, const mg_input *input)
{
    begin_line(out, "task");
    fprintf(out, "%s: %s\n", input->task->name, input->task->about);
}

void mg_input_describe(FILE *out, const mg_input *input)
{
    describe_task(out, input);
    if (input->site_kinds != 0) {
        if (input->annotated)
            describe_sites(out, input);
        else
            describe_regions(out, input);
        describe_families(out, input);
        describe_sites_left_out(out, input);
        describe_windows_of_sites(out, input);
        return;
    }
    describe_transcripts(out, input);
    describe_families(out, input);
    describe_left_out(out, input);
    describe_candidates(out, input);
}
