/* annotation.c  entries of an annotation, and which reader a file is for */
#include "io/annotation/annotation.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/annotation/format.h"
#include "src/core/memory.h"

static const mg_annotation_format *const of_transcripts[] = {&mg_annotation_bed, &mg_annotation_gtf, NULL};
static const mg_annotation_format *const of_genome[] = {&mg_annotation_bed12, &mg_annotation_gtf, NULL};

/* --- entries --- */

void mg_annotation_destroy(mg_annotation *annotation)
{
    if (annotation == NULL) return;
    for (size_t i = 0; i < annotation->n_entries; i++) {
        free(annotation->entry[i].id);
        free(annotation->entry[i].raw);
        free(annotation->entry[i].start);
    }
    for (size_t i = 0; i < annotation->n_chromosomes; i++)
        free(annotation->chromosome[i]);
    free(annotation->entry);
    free(annotation->exon);
    free(annotation->chromosome);
    mg_genes_destroy(&annotation->genes);
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
    annotation->entry[n] =
        (mg_entry){.id = copy, .copy_of = SIZE_MAX, .version = -1, .line = line, .length = -1, .gene = -1};
    annotation->n_entries = n + 1;
    *ret = n;
    return mg_names_add(&annotation->entry_names, copy, n_id, n, err);
}

mg_status mg_annotation_chromosome(mg_annotation *annotation, const char *name, size_t n_name, size_t *ret,
                                   mg_error *err)
{
    return mg_names_number(&annotation->chromosome_names, &annotation->chromosome, &annotation->n_chromosomes,
                           &annotation->n_chromosome_room, name, n_name, ret, err);
}

mg_status mg_annotation_add_start(mg_entry *entry, mg_annotated_start start, mg_error *err)
{
    mg_status status = mg_grow(&entry->start, &entry->n_room, entry->n_starts + 1, sizeof *entry->start, err);
    if (status == MG_OK) entry->start[entry->n_starts++] = start;
    return status;
}

/* --- what is left out --- */

static void add_left_out(mg_left_out *inout, const char *format, va_list args)
{
    if (inout->n++ == 0) vsnprintf(inout->first, sizeof inout->first, format, args);
}

void mg_left_out_add(mg_left_out *inout, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_left_out(inout, format, args);
    va_end(args);
}

void mg_annotation_leave_out(mg_annotation *annotation, mg_entry *entry, const char *format, ...)
{
    if (entry->state == MG_ENTRY_ODD) return;
    entry->state = MG_ENTRY_ODD;
    va_list args;
    va_start(args, format);
    add_left_out(&annotation->odd, format, args);
    va_end(args);
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

static const mg_annotation_format *format_of_path(const mg_annotation_format *const *formats, const char *path)
{
    for (size_t f = 0; formats[f] != NULL; f++)
        for (const char *const *ending = formats[f]->ending; *ending != NULL; ending++)
            if (mg_path_has_ending(path, *ending)) return formats[f];
    return NULL;
}

/* The format of a file whose ending tells none, by its first record; that record will be read again. */
static mg_status format_of_text(const mg_annotation_format *const *formats, mg_text *text,
                                const mg_annotation_format **ret, mg_error *err)
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

static mg_status read_by(const mg_annotation_format *const *formats, const char *path, mg_annotation *ret,
                         mg_error *err)
{
    mg_text *text = NULL;
    *ret = (mg_annotation){0};
    const mg_annotation_format *format = format_of_path(formats, path);
    mg_status status = mg_text_open(path, &text, err);
    if (status == MG_OK && format == NULL) status = format_of_text(formats, text, &format, err);
    if (status == MG_OK) status = format->read(text, ret, err);
    if (status == MG_OK && ret->n_entries == 0)
        status = mg_fail(err, MG_EINPUT, "%s holds no %s record that names a transcript; is this an annotation?",
                         mg_text_path(text), format->name);
    if (status == MG_OK && ret->odd.n == (int64_t)ret->n_entries)
        status = mg_fail(err, MG_EINPUT, "%s", ret->odd.first); /* that is no odd gene, that is the file */
    mg_text_close(text);
    if (status != MG_OK) mg_annotation_destroy(ret);
    return status;
}

mg_status mg_annotation_read(const char *path, mg_annotation *ret, mg_error *err)
{
    return read_by(of_transcripts, path, ret, err);
}

mg_status mg_annotation_read_genome(const char *path, mg_annotation *ret, mg_error *err)
{
    return read_by(of_genome, path, ret, err);
}
