/* input.c  reading the input of a run, in the order: sequences, annotation, candidates */
#include "io/input/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/input/transcripts.h"
#include "io/genome/genome.h"
#include "io/genome/placements.h"
#include "io/sites/sites.h"
#include "io/input/window_finder.h"
#include "io/input/window_text.h"
#include "src/core/memory.h"
#include "src/task/splice/classes.h"

/* --- options --- */

static bool is_word(const char *text, const char *word)
{
    return text != NULL && strcasecmp(text, word) == 0;
}

static bool asks_for_sites(const mg_input_options *o)
{
    return o->regions != NULL || o->sites != NULL;
}

static mg_candidate_kind kind_of(const mg_input_options *options)
{
    if (options->windows != NULL || asks_for_sites(options)) return MG_CANDIDATES_LISTED;
    if (options->candidates == NULL || is_word(options->candidates, "atg")) return MG_CANDIDATES_ATG;
    return is_word(options->candidates, "annotated") ? MG_CANDIDATES_ANNOTATED : MG_CANDIDATES_LISTED;
}

static const char *sequences_path(const mg_input_options *o)
{
    if (o->transcripts != NULL) return o->transcripts;
    return o->genome != NULL ? o->genome : o->windows;
}

static mg_status check_windows(const mg_input_options *o, mg_error *err)
{
    if (o->annotation != NULL)
        return mg_fail(err, MG_EUSAGE,
                       "--windows takes no --annotation; a file name ending in .pos or .neg tells the labels");
    if (o->candidates != NULL && !is_word(o->candidates, "atg"))
        return mg_fail(err, MG_EUSAGE, "--windows takes no --candidates; each window is one");
    return MG_OK;
}

static mg_status check_candidates(const char *path, mg_error *err)
{
    if (strcmp(path, "-") == 0 || access(path, F_OK) == 0) return MG_OK;
    return mg_fail(err, MG_EUSAGE, "--candidates %s: give 'atg', 'annotated' or a BED file; there is no such file",
                   path);
}

static mg_status check_sites(const mg_input_options *o, mg_error *err)
{
    const char *asked = o->regions != NULL ? "regions" : "sites";
    unsigned kinds;
    if (o->regions != NULL && o->sites != NULL)
        return mg_fail(err, MG_EUSAGE, "give --regions, or --sites with an annotation, not both");
    if (o->genome == NULL) return mg_fail(err, MG_EUSAGE, "--%s needs the genome: give it with --genome FASTA", asked);
    if (o->regions != NULL && o->annotation != NULL)
        return mg_fail(err, MG_EUSAGE,
                       "--regions takes no --annotation; sites of an annotation are asked for with --sites");
    if (o->sites != NULL && o->annotation == NULL)
        return mg_fail(err, MG_EUSAGE, "--sites needs the exons: give a GTF, GFF3 or BED12 with --annotation");
    if (o->candidates != NULL && !is_word(o->candidates, "atg") && !is_word(o->candidates, "annotated"))
        return mg_fail(err, MG_EUSAGE, "--%s takes no --candidates; each site is one", asked);
    return o->sites != NULL ? mg_sites_parse(o->sites, &kinds, err) : MG_OK;
}

static mg_status check_without_sites(const mg_input_options *o, mg_error *err)
{
    const char *asked = NULL;
    if (o->blacklist != NULL) asked = "--blacklist";
    if (o->strand != NULL && !is_word(o->strand, "column")) asked = "--strand";
    if (o->soft_mask != NULL && !is_word(o->soft_mask, "bases")) asked = "--soft-mask unknown";
    if (asked == NULL) return MG_OK;
    return mg_fail(err, MG_EUSAGE, "%s goes with sites of a genome: --regions or --sites", asked);
}

static mg_status check_options(const mg_input_options *o, mg_error *err)
{
    const char *const path[] = {o->transcripts, o->genome,     o->windows, o->annotation,
                                o->clusters,    o->candidates, o->regions, o->blacklist};
    int n_standard_input = 0, n_sequences = (o->transcripts != NULL) + (o->genome != NULL) + (o->windows != NULL);
    for (size_t i = 0; i < sizeof path / sizeof *path; i++)
        n_standard_input += path[i] != NULL && strcmp(path[i], "-") == 0;
    mg_status status = asks_for_sites(o) ? check_sites(o, err) : check_without_sites(o, err);
    if (status != MG_OK) return status;
    if (n_sequences != 1)
        return mg_fail(err, MG_EUSAGE, "give one of --transcripts, --genome and --windows%s",
                       n_sequences > 1 ? ", not several" : "");
    if (n_standard_input > 1) return mg_fail(err, MG_EUSAGE, "only one file can be read from standard input");
    if (asks_for_sites(o)) return MG_OK;
    if (o->windows != NULL) return check_windows(o, err);
    if (o->genome != NULL && o->annotation == NULL)
        return mg_fail(err, MG_EUSAGE,
                       "--genome needs the exons of its transcripts: give a GTF, GFF3 or BED12 with --annotation; or "
                       "places of it with --regions");
    return kind_of(o) == MG_CANDIDATES_LISTED ? check_candidates(o->candidates, err) : MG_OK;
}

/* --- sequences and starts --- */

/* A path as messages name it. */
static const char *shown(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* Put the annotation's starts into the transcripts. */
static mg_status label_transcripts(mg_input *input, const mg_annotation *annotation, const char *path,
                                   const char *sequences, mg_error *err)
{
    mg_start_list *list = NULL;
    mg_transcriptome *transcriptome = &input->transcriptome;
    mg_status status =
        mg_annotation_place(annotation, shown(path), transcriptome, shown(sequences), &list, &input->annotation, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < transcriptome->n_transcripts; i++) {
        transcriptome->transcript[i].start = list[i].start;
        transcriptome->transcript[i].n_starts = list[i].n;
        transcriptome->transcript[i].coding = list[i].coding;
    }
    free(list); /* the starts in it belong to the transcripts now */
    input->annotated = true;
    return mg_annotation_genes(annotation, transcriptome, err);
}

/* Keep where the transcripts lie, if that is wanted and told. */
static mg_status keep_places(const mg_input_options *options, mg_input *input, mg_annotation *annotation, mg_error *err)
{
    if (!options->places || annotation->n_exons == 0) return MG_OK;
    mg_status status =
        mg_placements_take(annotation, shown(options->annotation), &input->transcriptome, &input->placements, err);
    return status == MG_OK ? mg_placements_index(&input->placements, err) : status;
}

static mg_status read_transcripts(const mg_input_options *options, mg_input *input, mg_error *err)
{
    mg_annotation headers = {0}, file = {0};
    mg_status status = mg_transcripts_read(options->transcripts, options->ambiguous, input->spool,
                                           &input->transcriptome, &headers, err);
    if (status == MG_OK && options->annotation != NULL) {
        status = mg_annotation_read(options->annotation, &file, err);
        if (status == MG_OK) status = label_transcripts(input, &file, options->annotation, options->transcripts, err);
        if (status == MG_OK) status = keep_places(options, input, &file, err);
    } else if (status == MG_OK && headers.n_entries > 0) {
        status = label_transcripts(input, &headers, options->transcripts, options->transcripts, err);
    }
    mg_annotation_destroy(&headers);
    mg_annotation_destroy(&file);
    return status;
}

static mg_status read_genome(const mg_input_options *options, mg_input *input, mg_error *err)
{
    mg_annotation annotation = {0};
    mg_genome_keep keep = {options->longest_edit, options->ambiguous, &input->surroundings};
    mg_status status = mg_annotation_read_genome(options->annotation, &annotation, err);
    if (status == MG_OK)
        status = mg_genome_splice(options->genome, &annotation, shown(options->annotation), input->spool,
                                  options->longest_edit > 0 ? &keep : NULL, &input->transcriptome,
                                  &input->n_chromosome_missing, &input->beyond, err);
    if (status == MG_OK) status = label_transcripts(input, &annotation, options->annotation, options->genome, err);
    if (status == MG_OK) status = keep_places(options, input, &annotation, err);
    mg_annotation_destroy(&annotation);
    return status;
}

/* --- sites --- */

static mg_status list_sites(const mg_input_options *o, mg_sites *ret, mg_error *err)
{
    mg_annotation annotation = {0};
    unsigned kinds = 0;
    if (o->regions != NULL)
        return mg_sites_read_regions(o->regions, o->strand != NULL ? o->strand : "column", ret, err);
    mg_status status = mg_sites_parse(o->sites, &kinds, err);
    if (status == MG_OK) status = mg_annotation_read_genome(o->annotation, &annotation, err);
    if (status == MG_OK) status = mg_sites_from_annotation(&annotation, shown(o->annotation), kinds, ret, err);
    mg_annotation_destroy(&annotation);
    return status;
}

/* What the records have goes to the input. */
static void take_records(mg_input *input, mg_site_records *records)
{
    input->sites = *records;
    input->transcriptome = records->transcriptome;
    input->listed = records->listed;
    input->placements = records->placements;
    input->sites.transcriptome = (mg_transcriptome){0};
    input->sites.listed = NULL;
    input->sites.placements = (mg_placements){0};
}

static mg_status read_sites(const mg_input_options *o, int64_t length, int64_t anchor, mg_input *input, mg_error *err)
{
    mg_sites sites = {0};
    mg_blacklist black = {0};
    mg_site_records records = {0};
    mg_site_cutting how = {.length = length,
                           .anchor = anchor,
                           .margin = o->longest_edit,
                           .decoys = o->decoys,
                           .decoy_seed = (uint64_t)o->decoy_seed,
                           .mask = is_word(o->soft_mask, "unknown"),
                           .ambiguous = o->ambiguous,
                           .blacklist = o->blacklist != NULL ? &black : NULL};
    mg_status status = list_sites(o, &sites, err);
    if (status == MG_OK && o->blacklist != NULL) status = mg_blacklist_read(o->blacklist, &black, err);
    if (status == MG_OK)
        status = mg_sites_cut(o->genome, &sites, shown(o->regions != NULL ? o->regions : o->annotation), &how,
                              input->spool, &records, err);
    if (status == MG_OK) {
        take_records(input, &records);
        input->site_kinds = sites.kinds;
        input->site_format = sites.format;
        input->strand_is_told = sites.strand_is_told;
        input->sites.counts.n_repeated += sites.n_repeated;
        input->annotation.n_without_exons = sites.n_unplaced;
        input->annotation.odd = sites.odd;
        input->sites.counts.n_short = sites.n_short;
        input->annotated = o->sites != NULL;
    }
    mg_sites_destroy(&sites);
    mg_blacklist_destroy(&black);
    return status;
}

int64_t mg_input_anchor(const mg_input_options *options, const char *said, int64_t anchor, int64_t length)
{
    return asks_for_sites(options) && said == NULL && anchor == 0 ? length / 2 : anchor;
}

static mg_status read_sequences(const mg_input_options *options, int64_t length, int64_t anchor, mg_input *input,
                                mg_error *err)
{
    mg_status status = mg_spool_create(options->scratch, &input->spool, err);
    if (status != MG_OK) return status;
    input->ready_windows = options->windows != NULL;
    if (asks_for_sites(options)) return read_sites(options, length, anchor, input, err);
    if (input->ready_windows)
        return mg_window_text_read(options->windows, length, anchor, input->spool, &input->transcriptome,
                                   &input->annotated, err);
    return options->genome != NULL ? read_genome(options, input, err) : read_transcripts(options, input, err);
}

/* --- candidates --- */

/* The starts listed in a BED file. Of a ready window it is the anchor that is looked at, without a list. */
static mg_status list_starts(const mg_input_options *options, mg_input *input, mg_error *err)
{
    mg_annotation bed = {0};
    mg_status status = mg_annotation_read(options->candidates, &bed, err);
    if (status == MG_OK)
        status = mg_annotation_place(&bed, shown(options->candidates), &input->transcriptome,
                                     shown(sequences_path(options)), &input->listed, &input->list, err);
    mg_annotation_destroy(&bed);
    return status;
}

static mg_status number_genes(mg_transcriptome *transcriptome, mg_error *err)
{
    if (transcriptome->gene_of == NULL) return MG_OK;
    return mg_genes_normalise(&transcriptome->genes, transcriptome->gene_of, transcriptome->n_transcripts, err);
}

static mg_status find_candidates(const mg_input_options *options, int64_t length, int64_t anchor, mg_input *input,
                                 mg_error *err)
{
    mg_status status = MG_OK;
    input->how = (mg_candidate_options){.kind = kind_of(options),
                                        .annotated = input->annotated,
                                        .skip_edges = is_word(options->edges, "skip"),
                                        .unknown_is_a = is_word(options->unknown, "A"),
                                        .length = length,
                                        .anchor = anchor};
    if (input->how.kind == MG_CANDIDATES_ANNOTATED && !input->annotated)
        return mg_fail(err, MG_EUSAGE, "--candidates annotated needs --annotation; the headers of %s tell no CDS:a-b",
                       shown(sequences_path(options)));
    bool has_list = input->ready_windows || input->listed != NULL;
    if (input->how.kind == MG_CANDIDATES_LISTED && !has_list) status = list_starts(options, input, err);
    return status == MG_OK ? mg_window_finder_begin(input, err) : status;
}

/* --- clusters --- */

const int64_t *mg_input_kin(const mg_input *input)
{
    if (input->families.cluster_of != NULL) return input->families.cluster_of;
    return input->sites.kin != NULL ? input->sites.kin : input->transcriptome.gene_of;
}

static mg_status find_kin(const mg_input_options *options, mg_input *input, mg_error *err)
{
    const mg_transcriptome *t = &input->transcriptome;
    bool has_genes = false;
    for (size_t i = 0; i < t->n_transcripts && t->gene_of != NULL && !has_genes; i++)
        has_genes = t->gene_of[i] >= 0;
    snprintf(input->unit, sizeof input->unit, "%s",
             has_genes                ? "gene"
             : input->site_kinds != 0 ? "region"
                                      : "transcript");
    if (options->clusters == NULL) return MG_OK;
    const char *slash = strrchr(options->clusters, '/'), *name = slash != NULL ? slash + 1 : options->clusters;
    snprintf(input->unit, sizeof input->unit, "cluster of %s", shown(name));
    for (char *at = input->unit; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) *at = '?';
    return mg_families_read(options->clusters, &input->transcriptome, &input->families, err);
}

/* --- the task --- */

static mg_status find_named_task(const mg_input_options *options, mg_input *input, mg_error *err)
{
    if (options->task == NULL) return MG_OK;
    mg_status status = mg_task_find(options->task, &input->task, err);
    if (status != MG_OK) return mg_fail_prefix(err, "--task: ");
    if (asks_for_sites(options) && input->task->has_codons)
        return mg_fail(err, MG_EUSAGE, "--task %s: sites of a genome are no codons of transcripts", options->task);
    if (asks_for_sites(options)) return MG_OK;
    if (!input->task->has_codons && options->windows == NULL)
        return mg_fail(err, MG_EUSAGE, "--task %s: windows around codons of transcripts are starts; give --windows",
                       options->task);
    return MG_OK;
}

/* Of ready windows the anchor is what a label stands at and positions are counted from. */
static void set_anchor(mg_input *input, int64_t anchor)
{
    for (size_t i = 0; i < input->transcriptome.n_transcripts; i++)
        if (input->transcriptome.transcript[i].n_starts > 0) input->transcriptome.transcript[i].start[0] = anchor;
    input->how.anchor = anchor;
    mg_window_finder_set_how(input);
}

/* Donors and acceptors among other sites are not told of as splice sites: the others have neither exon nor intron side. */
static mg_task_id task_of_sites(unsigned kinds)
{
    if ((kinds & 1u << MG_SITE_REGION) != 0) return MG_TASK_REGIONS;
    return (kinds & ~(1u << MG_SITE_DONOR | 1u << MG_SITE_ACCEPTOR)) == 0 ? MG_TASK_SPLICE : MG_TASK_ENDS;
}

/* --- kinds of ready windows --- */

enum { MANY = 256 };

/* Of windows that come with nothing but their bases. */
static mg_status tell_kinds(mg_input *input, mg_error *err)
{
    int64_t length = input->how.length, n_all = input->candidates.n_windows;
    mg_window *window = NULL;
    mg_base *base = NULL;
    if (input->task->n_kinds < 2 || !input->ready_windows) return MG_OK;
    mg_status status = mg_alloc(&window, MANY, sizeof *window, err);
    if (status == MG_OK) status = mg_alloc(&base, MANY, (size_t)length * sizeof *base, err);
    for (int64_t first = 0; first < n_all && status == MG_OK; first += MANY) {
        int64_t n = n_all - first < MANY ? n_all - first : MANY;
        status = mg_input_windows(input, first, n, window, base, err);
        for (int64_t i = 0; i < n && status == MG_OK; i++)
            input->transcriptome.transcript[window[i].transcript].kind =
                (int32_t)mg_splice_kind_of(base + i * length, length, input->how.anchor);
    }
    free(window);
    free(base);
    return status;
}

static void tell_task(mg_input *input)
{
    const mg_candidate_counts *found = &input->candidates;
    if (input->site_kinds != 0 && input->task == NULL) input->task = mg_task_at(task_of_sites(input->site_kinds));
    bool all_have_codon = found->n_windows > 0 && found->n_with_atg == found->n_windows;
    if (input->task == NULL) input->task = mg_task_at(mg_task_tell(!input->ready_windows, all_have_codon));
    if (input->ready_windows && !input->task->has_codons && strcmp(input->unit, "transcript") == 0)
        snprintf(input->unit, sizeof input->unit, "window");
    if (input->ready_windows && input->how.anchor == 0) set_anchor(input, input->task->anchor(input->how.length));
}

mg_status mg_input_read(const mg_input_options *options, int64_t length, int64_t anchor, mg_input *ret, mg_error *err)
{
    *ret = (mg_input){0};
    mg_status status = check_options(options, err);
    if (status == MG_OK) status = find_named_task(options, ret, err);
    if (status == MG_OK) status = read_sequences(options, length, anchor, ret, err);
    if (status == MG_OK) status = number_genes(&ret->transcriptome, err);
    if (status == MG_OK) status = find_kin(options, ret, err);
    if (status == MG_OK) status = find_candidates(options, length, anchor, ret, err);
    if (status == MG_OK) tell_task(ret);
    if (status == MG_OK) status = tell_kinds(ret, err);
    if (status != MG_OK) mg_input_destroy(ret);
    return status;
}

mg_status mg_input_surroundings(const mg_input *input, const mg_surrounding *piece, int64_t begin, int64_t end,
                                mg_base *ret, mg_error *err)
{
    return mg_spool_read(input->spool, piece->place + begin - piece->begin, ret, end - begin, err);
}

void mg_input_destroy(mg_input *input)
{
    if (input == NULL) return;
    mg_window_finder_destroy(input->finder);
    mg_start_lists_destroy(input->listed, input->transcriptome.n_transcripts);
    mg_transcriptome_destroy(&input->transcriptome);
    mg_placements_destroy(&input->placements);
    mg_site_records_destroy(&input->sites);
    mg_surroundings_destroy(&input->surroundings);
    mg_families_destroy(&input->families);
    mg_spool_destroy(input->spool);
    free(input->first_window);
    *input = (mg_input){0};
}
