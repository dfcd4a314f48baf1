/* annotation.c  entries of an annotation, and their place on the transcripts that were given */
#include "io/input/annotation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/input/annotation_format.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/sequence/transcript_names.h"

static const mg_annotation_format *const formats[] = {&mg_annotation_bed, &mg_annotation_gtf, NULL};

/* --- entries --- */

void mg_annotation_destroy(mg_annotation *annotation)
{
    if (annotation == NULL) return;
    for (size_t i = 0; i < annotation->n_entries; i++) {
        free(annotation->entry[i].id);
        free(annotation->entry[i].start);
    }
    for (size_t i = 0; i < annotation->n_chromosomes; i++)
        free(annotation->chromosome[i]);
    free(annotation->entry);
    free(annotation->exon);
    free(annotation->chromosome);
    mg_names_destroy(&annotation->entry_names);
    mg_names_destroy(&annotation->chromosome_names);
    *annotation = (mg_annotation){0};
}

mg_status mg_annotation_entry(mg_annotation *annotation, const char *path, int64_t line, const char *id, size_t n_id,
                              size_t *ret, mg_error *err)
{
    const mg_name *known = mg_names_find(&annotation->entry_names, id, n_id);
    if (known != NULL) {
        *ret = known->value;
        return MG_OK;
    }
    if (n_id > MG_NAME_LENGTH)
        return mg_fail(err, MG_EINPUT, "%s line %" PRId64 ": a name of %zu bytes; at most %d are allowed", path, line,
                       n_id, MG_NAME_LENGTH);
    size_t n = annotation->n_entries;
    mg_status status = mg_grow(&annotation->entry, &annotation->n_entry_room, n + 1, sizeof *annotation->entry, err);
    char *copy = NULL;
    if (status == MG_OK) status = mg_alloc(&copy, n_id + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, id, n_id);
    annotation->entry[n] = (mg_entry){.id = copy, .version = -1, .line = line, .length = -1};
    annotation->n_entries = n + 1;
    *ret = n;
    return mg_names_add(&annotation->entry_names, copy, n_id, n, err);
}

mg_status mg_annotation_add_start(mg_entry *entry, mg_annotated_start start, mg_error *err)
{
    mg_status status = mg_grow(&entry->start, &entry->n_room, entry->n_starts + 1, sizeof *entry->start, err);
    if (status == MG_OK) entry->start[entry->n_starts++] = start;
    return status;
}

/* --- reading --- */

bool mg_annotation_number(const char *text, size_t n, int64_t *ret)
{
    if (n == 0 || n > 15) return false;
    *ret = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *ret = 10 * *ret + (text[i] - '0');
    }
    return true;
}

bool mg_annotation_is_comment(const char *line)
{
    line += strspn(line, " \t");
    return *line == '\0' || *line == '#' || strncmp(line, "track ", 6) == 0 || strncmp(line, "browser ", 8) == 0;
}

static const mg_annotation_format *format_of_path(const char *path)
{
    for (size_t f = 0; formats[f] != NULL; f++)
        for (const char *const *ending = formats[f]->ending; *ending != NULL; ending++)
            if (mg_path_has_ending(path, *ending)) return formats[f];
    return NULL;
}

/* The format of a file whose ending tells none, by its first record; that record will be read again. */
static mg_status format_of_text(mg_text *text, const mg_annotation_format **ret, mg_error *err)
{
    char *line;
    mg_status status;
    do
        status = mg_text_line(text, &line, NULL, err);
    while (status == MG_OK && line != NULL && mg_annotation_is_comment(line));
    if (status != MG_OK) return status;
    if (line == NULL) return mg_fail(err, MG_EINPUT, "%s is empty: it holds no annotation", mg_text_path(text));
    mg_text_again(text);
    for (size_t f = 0; formats[f] != NULL; f++)
        if (formats[f]->is_record(line)) {
            *ret = formats[f];
            return MG_OK;
        }
    return mg_text_fail(text, err, "a record of no known kind; an annotation is BED, GTF or GFF3");
}

mg_status mg_annotation_read(const char *path, mg_annotation *ret, mg_error *err)
{
    mg_text *text = NULL;
    *ret = (mg_annotation){0};
    const mg_annotation_format *format = format_of_path(path);
    mg_status status = mg_text_open(path, &text, err);
    if (status == MG_OK && format == NULL) status = format_of_text(text, &format, err);
    if (status == MG_OK) status = format->read(text, ret, err);
    if (status == MG_OK && ret->n_entries == 0)
        status = mg_fail(err, MG_EINPUT, "%s holds no %s record that names a transcript; is this an annotation?",
                         mg_text_path(text), format->name);
    mg_text_close(text);
    if (status != MG_OK) mg_annotation_destroy(ret);
    return status;
}

/* --- placing --- */

static size_t find_transcript(const mg_transcript_names *names, const mg_entry *entry)
{
    return mg_transcript_names_find(names, entry->id, entry->version);
}

mg_status mg_annotation_check_length(const mg_entry *entry, const mg_transcript *transcript, const char *path,
                                     mg_error *err)
{
    char is[MG_COUNT_TEXT], should[MG_COUNT_TEXT];
    if (entry->length < 0 || entry->length == transcript->length) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "%s line %" PRId64 ": transcript %s has %s nt but its exons have %s nt together; is this the "
                   "annotation of these sequences?",
                   path, entry->line, transcript->name, mg_format_count(is, transcript->length),
                   mg_format_count(should, entry->length));
}

static mg_status check_fit(const mg_annotation *annotation, const mg_entry *entry, const mg_transcript *transcript,
                           const char *path, mg_error *err)
{
    char is[MG_COUNT_TEXT], should[MG_COUNT_TEXT];
    mg_status status = mg_annotation_check_length(entry, transcript, path, err);
    if (status != MG_OK) return status;
    mg_format_count(is, transcript->length);
    for (size_t i = 0; i < entry->n_starts; i++) {
        const mg_annotated_start *start = &entry->start[i];
        int64_t end = start->end < start->position + 3 ? start->position + 3 : start->end;
        if (end > transcript->length)
            return mg_fail(err, MG_EINPUT,
                           "%s line %" PRId64
                           ": transcript %s ends at %s but its %s ends at %s; is this the annotation "
                           "of these sequences?",
                           path, start->line, transcript->name, is, annotation->what, mg_format_count(should, end));
    }
    return MG_OK;
}

static mg_status add_to_list(mg_start_list *list, const mg_entry *entry, mg_error *err)
{
    if (entry->n_starts == 0) return MG_OK;
    size_t n_room = list->n;
    mg_status status = mg_grow(&list->start, &n_room, list->n + entry->n_starts, sizeof *list->start, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < entry->n_starts; i++)
        list->start[list->n++] = entry->start[i].position;
    list->n = mg_starts_normalise(list->start, list->n);
    return MG_OK;
}

static mg_status place_entry(const mg_annotation *annotation, const mg_entry *entry, const char *path,
                             const mg_transcriptome *transcriptome, const mg_transcript_names *names,
                             mg_start_list *list, mg_annotation_counts *counts, mg_error *err)
{
    counts->n_scattered += entry->state == MG_ENTRY_SCATTERED;
    counts->n_without_exons += entry->state == MG_ENTRY_WITHOUT_EXONS;
    size_t index = find_transcript(names, entry);
    if (index == SIZE_MAX) {
        counts->n_absent++;
        counts->n_starts_absent += (int64_t)entry->n_starts;
        return MG_OK;
    }
    counts->n_incomplete += entry->state == MG_ENTRY_INCOMPLETE;
    mg_status status = check_fit(annotation, entry, &transcriptome->transcript[index], path, err);
    if (status == MG_OK) status = add_to_list(&list[index], entry, err);
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

mg_status mg_annotation_place(const mg_annotation *annotation, const char *path, const mg_transcriptome *transcriptome,
                              const char *sequences, mg_start_list **ret_list, mg_annotation_counts *ret_counts,
                              mg_error *err)
{
    mg_transcript_names names = {{0}, {0}};
    mg_annotation_counts counts = {.n_entries = (int64_t)annotation->n_entries,
                                   .n_without_id = annotation->n_without_id};
    size_t n = transcriptome->n_transcripts;
    mg_start_list *list = NULL;
    mg_status status = mg_alloc(&list, n, sizeof *list, err);
    if (status == MG_OK) status = mg_transcript_names_add(transcriptome, &names, err);
    for (size_t i = 0; i < annotation->n_entries && status == MG_OK; i++)
        status = place_entry(annotation, &annotation->entry[i], path, transcriptome, &names, list, &counts, err);
    if (status == MG_OK && n > 0 && counts.n_absent > 0 && counts.n_absent == counts.n_entries)
        status = none_given(annotation, path, transcriptome, sequences, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        counts.n_starts += (int64_t)list[i].n;
        counts.n_with_start += list[i].n > 0;
    }
    mg_transcript_names_destroy(&names);
    if (status != MG_OK) {
        mg_start_lists_destroy(list, n);
        return status;
    }
    *ret_list = list;
    *ret_counts = counts;
    return MG_OK;
}

mg_status mg_annotation_match(const mg_annotation *annotation, const mg_transcriptome *transcriptome,
                              size_t *transcript, mg_error *err)
{
    mg_transcript_names names = {{0}, {0}};
    mg_status status = mg_transcript_names_add(transcriptome, &names, err);
    for (size_t i = 0; i < annotation->n_entries && status == MG_OK; i++)
        transcript[i] = find_transcript(&names, &annotation->entry[i]);
    mg_transcript_names_destroy(&names);
    return status;
}

void mg_start_lists_destroy(mg_start_list *list, size_t n)
{
    if (list == NULL) return;
    for (size_t i = 0; i < n; i++)
        free(list[i].start);
    free(list);
}
