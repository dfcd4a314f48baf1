/* place.c  the entries of an annotation, and their starts, on the transcripts that were given */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/annotation/annotation.h"
#include "io/fasta/header_name.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/sequence/chromosome_names.h"
#include "src/sequence/transcript_names.h"

/* --- finding --- */

/* By the name and version; by the name as the file has it; by what a header's name like it would be cut to. */
static mg_name_match find_by_names(const mg_transcript_names *names, const mg_entry *entry, size_t *ret)
{
    mg_name_match match = mg_transcript_names_match(names, entry->id, entry->version, ret);
    if (match == MG_NAME_ABSENT && entry->raw != NULL) match = mg_transcript_names_match(names, entry->raw, -1, ret);
    if (match != MG_NAME_ABSENT || strchr(entry->id, '|') == NULL) return match;
    char cut[MG_NAME_LENGTH + 1];
    size_t n, first = mg_header_name(entry->id, strlen(entry->id), &n);
    memcpy(cut, entry->id + first, n);
    cut[n] = '\0';
    return mg_transcript_names_match(names, cut, entry->version, ret);
}

/* Another locus of an id is found by the id too, when there is no sequence of its own. */
static mg_name_match find_transcript(const mg_annotation *annotation, const mg_transcript_names *names,
                                     const mg_entry *entry, size_t *ret)
{
    mg_name_match match = find_by_names(names, entry, ret);
    if (match != MG_NAME_ABSENT || entry->copy_of == SIZE_MAX) return match;
    return find_by_names(names, &annotation->entry[entry->copy_of], ret);
}

/* Several versions of the annotation for a sequence whose name tells none: nobody knows which of them it is. */
static int64_t drop_shared(const mg_annotation *annotation, const bool *by_cutting, size_t n_transcripts,
                           size_t *transcript, size_t *first)
{
    int64_t n_dropped = 0;
    for (size_t t = 0; t < n_transcripts; t++)
        first[t] = SIZE_MAX;
    for (int round = 0; round < 2; round++) /* first who shares, then away with it */
        for (size_t i = 0; i < annotation->n_entries; i++) {
            if (transcript[i] == SIZE_MAX || !by_cutting[i]) continue;
            size_t *of = &first[transcript[i]];
            if (round == 0) {
                *of = *of == SIZE_MAX || *of == i ? i : SIZE_MAX - 1;
            } else if (*of == SIZE_MAX - 1) {
                transcript[i] = SIZE_MAX;
                n_dropped++;
            }
        }
    return n_dropped;
}

mg_status mg_annotation_match(const mg_annotation *annotation, const mg_transcriptome *transcriptome,
                              size_t *transcript, int64_t *ret_n_ambiguous, mg_error *err)
{
    mg_transcript_names names = {{0}, {0}};
    size_t *first = NULL, n_entries = annotation->n_entries;
    bool *by_cutting = NULL;
    int64_t n_ambiguous = 0;
    mg_status status = mg_transcript_names_add(transcriptome, &names, err);
    if (status == MG_OK) status = mg_alloc(&by_cutting, n_entries, sizeof *by_cutting, err);
    if (status == MG_OK) status = mg_alloc(&first, transcriptome->n_transcripts, sizeof *first, err);
    for (size_t i = 0; i < n_entries && status == MG_OK; i++) {
        mg_name_match match = find_transcript(annotation, &names, &annotation->entry[i], &transcript[i]);
        by_cutting[i] = match == MG_NAME_CUT && annotation->entry[i].copy_of == SIZE_MAX;
        n_ambiguous += match == MG_NAME_SEVERAL;
    }
    if (status == MG_OK)
        n_ambiguous += drop_shared(annotation, by_cutting, transcriptome->n_transcripts, transcript, first);
    if (ret_n_ambiguous != NULL) *ret_n_ambiguous = n_ambiguous;
    mg_transcript_names_destroy(&names);
    free(by_cutting);
    free(first);
    return status;
}

/* --- genes --- */

static mg_status take_gene(const mg_gene *gene, mg_transcriptome *inout, size_t transcript, mg_error *err)
{
    const char *name = gene->name != NULL ? gene->name : "";
    return mg_genes_add(&inout->genes, gene->id, strlen(gene->id), name, strlen(name), &inout->gene_of[transcript],
                        err);
}

mg_status mg_annotation_genes(const mg_annotation *annotation, mg_transcriptome *inout, mg_error *err)
{
    size_t *transcript = NULL, n = annotation->n_entries, n_transcripts = inout->n_transcripts;
    if (annotation->genes.n == 0) return MG_OK;
    mg_status status = mg_alloc(&transcript, n, sizeof *transcript, err);
    if (status == MG_OK) status = mg_annotation_match(annotation, inout, transcript, NULL, err);
    if (status == MG_OK && inout->gene_of == NULL) {
        status = mg_alloc(&inout->gene_of, n_transcripts, sizeof *inout->gene_of, err);
        for (size_t t = 0; t < n_transcripts && status == MG_OK; t++)
            inout->gene_of[t] = -1;
    }
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        int64_t gene = annotation->entry[i].gene;
        if (gene >= 0 && transcript[i] != SIZE_MAX)
            status = take_gene(&annotation->genes.gene[gene], inout, transcript[i], err);
    }
    free(transcript);
    return status;
}

/* --- do they fit? --- */

static int64_t end_of(const mg_annotated_start *start)
{
    return start->end < start->position + 3 ? start->position + 3 : start->end;
}

/* The first start that lies past the end; NULL when there is none. */
static const mg_annotated_start *start_past_end(const mg_entry *entry, const mg_transcript *transcript)
{
    for (size_t i = 0; i < entry->n_starts; i++)
        if (end_of(&entry->start[i]) > transcript->length) return &entry->start[i];
    return NULL;
}

bool mg_annotation_fits(const mg_entry *entry, const mg_transcript *transcript)
{
    if (entry->length >= 0 && entry->length != transcript->length) return false;
    return start_past_end(entry, transcript) == NULL;
}

mg_status mg_annotation_unfit(const mg_annotation *annotation, const mg_entry *entry, const mg_transcript *transcript,
                              const char *path, mg_error *err)
{
    char is[MG_COUNT_TEXT], should[MG_COUNT_TEXT];
    mg_format_count(is, transcript->length);
    if (entry->length >= 0 && entry->length != transcript->length)
        return mg_fail(err, MG_EINPUT,
                       "%s line %" PRId64 ": transcript %s has %s nt but its exons have %s nt together; is this the "
                       "annotation of these sequences?",
                       path, entry->line, transcript->name, is, mg_format_count(should, entry->length));
    const mg_annotated_start *start = start_past_end(entry, transcript);
    return mg_fail(err, MG_EINPUT,
                   "%s line %" PRId64
                   ": transcript %s ends at %s but its %s ends at %s; is this the annotation of these "
                   "sequences?",
                   path, start->line, transcript->name, is, annotation->what, mg_format_count(should, end_of(start)));
}

/* --- placing --- */

static mg_status add_to_list(mg_start_list *list, const mg_annotation *annotation, const mg_entry *entry, mg_error *err)
{
    if (entry->coding.end > 0 || entry->coding.genetic_code > 0) list->coding = entry->coding;
    if (entry->n_exons > 0 && mg_chromosome_is_mitochondrial(annotation->chromosome[entry->chromosome]))
        list->coding.mitochondrial = true;
    if (entry->n_starts == 0) return MG_OK;
    size_t n_room = list->n;
    mg_status status = mg_grow(&list->start, &n_room, list->n + entry->n_starts, sizeof *list->start, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < entry->n_starts; i++)
        list->start[list->n++] = entry->start[i].position;
    list->n = mg_starts_normalise(list->start, list->n);
    return MG_OK;
}

/* A transcript whose exons are only its CDS is not expected to be as long as the sequence that was given. */
static bool lacks_exons(const mg_entry *entry, const mg_transcript *transcript)
{
    return entry->state == MG_ENTRY_WITHOUT_EXONS || (entry->coding_only && entry->length != transcript->length);
}

static mg_status place_entry(const mg_annotation *annotation, const mg_entry *entry, const char *path,
                             const mg_transcript *transcript, mg_start_list *list, mg_annotation_counts *counts,
                             mg_error *err)
{
    counts->n_scattered += entry->state == MG_ENTRY_SCATTERED;
    if (transcript == NULL) {
        counts->n_without_exons += entry->state == MG_ENTRY_WITHOUT_EXONS;
        counts->n_absent++;
        counts->n_starts_absent += (int64_t)entry->n_starts;
        return MG_OK;
    }
    if (lacks_exons(entry, transcript)) {
        counts->n_without_exons++;
        return MG_OK;
    }
    if (!mg_annotation_fits(entry, transcript)) {
        mg_error why = {0};
        mg_annotation_unfit(annotation, entry, transcript, path, &why);
        mg_left_out_add(&counts->unfit, "%.1000s", why.text);
        return MG_OK;
    }
    counts->n_incomplete += entry->state == MG_ENTRY_INCOMPLETE;
    return add_to_list(list, annotation, entry, err);
}

static mg_status place_entries(const mg_annotation *annotation, const char *path, const mg_transcriptome *transcriptome,
                               mg_start_list *list, mg_annotation_counts *counts, mg_error *err)
{
    size_t *transcript = NULL, n = annotation->n_entries;
    mg_status status = mg_alloc(&transcript, n, sizeof *transcript, err);
    if (status == MG_OK) status = mg_annotation_match(annotation, transcriptome, transcript, &counts->n_ambiguous, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        size_t t = transcript[i];
        const mg_transcript *found = t != SIZE_MAX ? &transcriptome->transcript[t] : NULL;
        status =
            place_entry(annotation, &annotation->entry[i], path, found, found != NULL ? &list[t] : NULL, counts, err);
    }
    free(transcript);
    return status;
}

static mg_status none_given(const mg_annotation *annotation, const char *path, const mg_transcriptome *transcriptome,
                            const char *sequences, mg_error *err)
{
    char n[MG_COUNT_TEXT];
    return mg_fail(err, MG_EINPUT,
                   "%s: none of its %s transcripts is in %s; the annotation names for example '%s', the sequences '%s'",
                   path, mg_format_count(n, (int64_t)annotation->n_entries), sequences, annotation->entry[0].id,
                   transcriptome->transcript[0].name);
}

/* An annotation of other sequences is an error, not a guess; a gene that differs is a gene that differs. */
static mg_status check_counts(const mg_annotation *annotation, const char *path, const mg_transcriptome *transcriptome,
                              const char *sequences, const mg_annotation_counts *counts, mg_error *err)
{
    int64_t n_found = counts->n_entries - counts->n_absent;
    if (transcriptome->n_transcripts > 0 && counts->n_absent > 0 && n_found == 0)
        return none_given(annotation, path, transcriptome, sequences, err);
    if (2 * counts->unfit.n > n_found) return mg_fail(err, MG_EINPUT, "%s", counts->unfit.first);
    return MG_OK;
}

mg_status mg_annotation_place(const mg_annotation *annotation, const char *path, const mg_transcriptome *transcriptome,
                              const char *sequences, mg_start_list **ret_list, mg_annotation_counts *ret_counts,
                              mg_error *err)
{
    mg_annotation_counts counts = {.n_entries = (int64_t)annotation->n_entries,
                                   .n_without_id = annotation->n_without_id,
                                   .n_copies = annotation->n_copies,
                                   .odd = annotation->odd};
    size_t n = transcriptome->n_transcripts;
    mg_start_list *list = NULL;
    mg_status status = mg_alloc(&list, n, sizeof *list, err);
    if (status == MG_OK) status = place_entries(annotation, path, transcriptome, list, &counts, err);
    if (status == MG_OK) status = check_counts(annotation, path, transcriptome, sequences, &counts, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        counts.n_starts += (int64_t)list[i].n;
        counts.n_with_start += list[i].n > 0;
    }
    if (status != MG_OK) {
        mg_start_lists_destroy(list, n);
        return status;
    }
    *ret_list = list;
    *ret_counts = counts;
    return MG_OK;
}

void mg_start_lists_destroy(mg_start_list *list, size_t n)
{
    if (list == NULL) return;
    for (size_t i = 0; i < n; i++)
        free(list[i].start);
    free(list);
}
