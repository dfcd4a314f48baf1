/* split.c  words of headers and chromosomes of annotations, looked up for each transcript */
#include "io/input/split.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/annotation/annotation.h"
#include "io/fasta/header_name.h"
#include "io/base/text.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/sequence/chromosome_names.h"
#include "src/sequence/names.h"

typedef struct {
    const mg_input *input;
    mg_names transcripts; /* by name, to their numbers */
    mg_names words;       /* wanted names, to their places in the list */
    bool *used;           /* (words) stands for some transcript */
    mg_part wanted;       /* what the transcripts of this list are for */
    uint8_t *part;        /* an mg_part a transcript */
} splitter;

static void mark(splitter *s, size_t transcript, size_t word)
{
    s->part[transcript] = (uint8_t)s->wanted;
    s->used[word] = true;
}

static void mark_named(splitter *s, const char *name, size_t length, size_t word)
{
    const mg_name *found = mg_names_find(&s->transcripts, name, length);
    if (found != NULL) mark(s, found->value, word);
}

/* --- files of names --- */

static mg_status read_list(splitter *s, const char *path, size_t word, mg_error *err)
{
    mg_text *text = NULL;
    char *line = NULL;
    mg_status status = mg_text_open(path, &text, err);
    if (status == MG_OK) status = mg_text_line(text, &line, NULL, err);
    while (status == MG_OK && line != NULL) {
        mark_named(s, line, strcspn(line, " \t"), word);
        status = mg_text_line(text, &line, NULL, err);
    }
    mg_text_close(text);
    return status;
}

/* --- words of FASTA headers --- */

static const char separators[] = " \t|:=";

/* The transcript's name in its header, as io/fasta/fasta.c has found it. */
static const char *find_name(const splitter *s, const char *header, size_t *ret_n)
{
    size_t n = strlen(header), first;
    if (strncmp(header, "lcl|", 4) == 0) {
        first = mg_header_accession(header, mg_header_word(header, n), ret_n);
        if (mg_names_find(&s->transcripts, header + first, *ret_n) != NULL) return header + first;
    }
    first = mg_header_name(header, n, ret_n);
    return header + first;
}

static void read_header(splitter *s, const char *header)
{
    size_t n_name;
    const char *name = find_name(s, header, &n_name);
    for (const char *at = header; *at != '\0';) {
        size_t n = strcspn(at, separators);
        const mg_name *word = mg_names_find(&s->words, at, n);
        if (n > 0 && word != NULL) mark_named(s, name, n_name, word->value);
        at += n;
        at += strspn(at, separators);
    }
}

static mg_status read_headers(splitter *s, const char *path, mg_error *err)
{
    if (strcmp(path, "-") == 0)
        return mg_fail(err, MG_EUSAGE,
                       "names are looked up in the headers once more, so the transcripts cannot come "
                       "from standard input; give a file");
    mg_text *text = NULL;
    char *line = NULL;
    mg_status status = mg_text_open(path, &text, err);
    if (status == MG_OK) status = mg_text_line(text, &line, NULL, err);
    while (status == MG_OK && line != NULL) {
        if (*line == '>') read_header(s, line + 1);
        status = mg_text_line(text, &line, NULL, err);
    }
    mg_text_close(text);
    return status;
}

/* --- chromosomes of an annotation --- */

static mg_status read_annotation(splitter *s, const char *path, mg_error *err)
{
    mg_annotation annotation = {0};
    size_t *transcript = NULL;
    mg_status status = mg_annotation_read(path, &annotation, err);
    if (status == MG_OK) status = mg_alloc(&transcript, annotation.n_entries, sizeof *transcript, err);
    if (status == MG_OK) status = mg_annotation_match(&annotation, &s->input->transcriptome, transcript, NULL, err);
    for (size_t i = 0; i < annotation.n_entries && status == MG_OK; i++) {
        const mg_entry *entry = &annotation.entry[i];
        if (entry->n_exons == 0 || transcript[i] == SIZE_MAX) continue;
        const char *chromosome = annotation.chromosome[entry->chromosome];
        const mg_name *word = mg_chromosome_find(&s->words, chromosome, strlen(chromosome));
        if (word != NULL) mark(s, transcript[i], word->value);
    }
    free(transcript);
    mg_annotation_destroy(&annotation);
    return status;
}

/* --- all of it --- */

static mg_status index_names(splitter *s, const mg_text_list *words, mg_error *err)
{
    const mg_transcriptome *transcriptome = &s->input->transcriptome;
    mg_status status = mg_alloc(&s->used, words->n, sizeof *s->used, err);
    for (size_t i = 0; i < transcriptome->n_transcripts && status == MG_OK; i++) {
        const char *name = transcriptome->transcript[i].name;
        status = mg_names_add(&s->transcripts, name, strlen(name), i, err);
    }
    for (size_t w = 0; w < words->n && status == MG_OK; w++)
        if (mg_names_find(&s->words, words->text[w], strlen(words->text[w])) == NULL)
            status = mg_names_add(&s->words, words->text[w], strlen(words->text[w]), w, err);
        else
            s->used[w] = true; /* said twice */
    return status;
}

static mg_status look_up(splitter *s, const mg_input_options *options, const mg_text_list *words, mg_error *err)
{
    mg_status status = MG_OK;
    bool names = false;
    for (size_t w = 0; w < words->n && status == MG_OK; w++) {
        mark_named(s, words->text[w], strlen(words->text[w]), w);
        if (access(words->text[w], R_OK) == 0)
            status = read_list(s, words->text[w], w, err);
        else
            names |= !s->used[w];
    }
    if (status == MG_OK && names && options->transcripts != NULL) status = read_headers(s, options->transcripts, err);
    bool tells_chromosomes = options->annotation != NULL && !mg_path_has_ending(options->annotation, ".bed");
    if (status == MG_OK && names && tells_chromosomes) status = read_annotation(s, options->annotation, err);
    for (size_t w = 0; w < words->n && status == MG_OK; w++)
        if (!s->used[w])
            status = mg_fail(err, MG_EINPUT,
                             "'%s' is no file, and neither a transcript, nor a chromosome or word that is told of one "
                             "in the headers or the annotation",
                             words->text[w]);
    return status;
}

/* The transcripts that are meant by one of the words are for what is wanted. */
static mg_status mark_all(splitter *s, const mg_input_options *options, const mg_text_list *words, mg_part wanted,
                          mg_error *err)
{
    s->wanted = wanted;
    mg_status status = index_names(s, words, err);
    if (status == MG_OK) status = look_up(s, options, words, err);
    mg_names_destroy(&s->transcripts);
    mg_names_destroy(&s->words);
    free(s->used);
    s->used = NULL;
    return status;
}

/* An mg_part for each transcript of the input, for free(). */
static mg_status find_parts(const mg_split_options *options, const mg_input *input, uint8_t **ret_part, mg_error *err)
{
    const mg_text_list *held_out = &options->held_out, *set_aside = &options->set_aside;
    splitter s = {.input = input};
    mg_status status = mg_alloc(&s.part, input->transcriptome.n_transcripts, sizeof *s.part, err);
    if (status == MG_OK && held_out->n > 0) status = mark_all(&s, &options->input, held_out, MG_HELD_OUT, err);
    if (status == MG_OK && set_aside->n > 0) status = mark_all(&s, &options->input, set_aside, MG_SET_ASIDE, err);
    if (status == MG_OK)
        *ret_part = s.part;
    else
        free(s.part);
    return status;
}

/* --- windows --- */

/* Such starts are told by what is not there, and every quality comes out as 1. */
static void warn_of_bare_starts(int64_t n_bare, int64_t n_starts)
{
    char bare[MG_COUNT_TEXT], starts[MG_COUNT_TEXT];
    mg_warn(
        "%s of %s annotated starts are the first bases of their transcripts: the annotation has no 5' UTRs, and that "
        "nothing stands before them tells starts from other ATGs. docs/training.md says how to add the bases before",
        mg_format_count(bare, n_bare), mg_format_count(starts, n_starts));
}

/* part: (n_transcripts), NULL: all are to train on;  first: number of the first transcript */
static mg_status add_windows(const mg_input *input, const uint8_t *part, int64_t first, mg_dataset *dataset,
                             mg_error *err)
{
    int64_t n_starts = 0, n_bare = 0;
    mg_base *base = NULL;
    mg_window window;
    mg_status status = mg_alloc(&base, (size_t)dataset->length, sizeof *base, err);
    for (int64_t i = 0; i < input->candidates.n_windows && status == MG_OK; i++) {
        status = mg_input_windows(input, i, 1, &window, base, err);
        mg_part own = part != NULL ? (mg_part)part[window.transcript] : MG_TRAINED_ON;
        n_starts += window.label == 1;
        n_bare += window.label == 1 && window.start == 0 && window.n_padded > 0;
        window.transcript += first;
        if (status == MG_OK) status = mg_dataset_add(dataset, &window, base, own, err);
    }
    if (status == MG_OK && 2 * n_bare > n_starts) warn_of_bare_starts(n_bare, n_starts);
    free(base);
    return status;
}

static mg_status add_others(const mg_split_options *options, int64_t length, int64_t anchor, int64_t first, FILE *talk,
                            mg_dataset *dataset, mg_error *err)
{
    mg_input_options in = options->input;
    mg_input input = {0};
    if (options->input.windows == NULL)
        return mg_fail(err, MG_EUSAGE, "--others goes with --windows: starts in one file, other windows in the other");
    if (options->held_out.n + options->set_aside.n > 0)
        return mg_fail(err, MG_EUSAGE, "ready windows cannot be held out by name; keep them in files of their own");
    if (mg_path_has_ending(options->others, ".pos"))
        return mg_fail(err, MG_EUSAGE, "--others %s: windows of a .pos file are starts", options->others);
    in.windows = options->others;
    mg_status status = mg_input_read(&in, length, anchor, &input, err);
    if (status == MG_OK && talk != NULL) mg_input_describe(talk, &input);
    if (status == MG_OK) status = add_windows(&input, NULL, first, dataset, err);
    mg_input_destroy(&input);
    return status;
}

static mg_status load(const mg_split_options *options, int64_t anchor, FILE *talk, mg_dataset *dataset, mg_error *err)
{
    mg_input input = {0};
    uint8_t *part = NULL;
    mg_status status = mg_input_read(&options->input, dataset->length, anchor, &input, err);
    if (status == MG_OK && talk != NULL) mg_input_describe(talk, &input);
    if (status == MG_OK && !input.annotated)
        status = mg_fail(err, MG_EUSAGE,
                         "which windows are starts? Give --annotation, or transcripts whose headers tell CDS:a-b");
    if (status == MG_OK) status = find_parts(options, &input, &part, err);
    if (status == MG_OK) status = add_windows(&input, part, 0, dataset, err);
    if (status == MG_OK && options->others != NULL)
        status = add_others(options, dataset->length, anchor, (int64_t)input.transcriptome.n_transcripts, talk, dataset,
                            err);
    if (status == MG_OK)
        status = mg_dataset_cluster(dataset, mg_input_kin(&input), input.transcriptome.n_transcripts, input.unit, err);
    free(part);
    mg_input_destroy(&input);
    return status;
}

mg_status mg_split_load(const mg_split_options *options, int64_t length, int64_t anchor, FILE *talk, mg_dataset *ret,
                        mg_error *err)
{
    mg_dataset dataset = {.length = length};
    mg_status status = load(options, anchor, talk, &dataset, err);
    if (status == MG_OK)
        *ret = dataset;
    else
        mg_dataset_destroy(&dataset);
    return status;
}
