/* genome.c  splicing: exons of one chromosome after the other go to their place in the transcripts */
#include "io/genome.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/fasta.h"
#include "src/core/log.h"
#include "src/core/memory.h"

/* Entries by chromosome: a chain for each, begun in `first` and continued in `next`; SIZE_MAX ends it. */
typedef struct {
    size_t *first; /* one a chromosome of the annotation */
    size_t *next;  /* one an entry */
} chains;

static bool can_be_spliced(const mg_entry *entry)
{
    return entry->n_exons > 0 && entry->state != MG_ENTRY_SCATTERED;
}

static mg_status chain_entries(const mg_annotation *annotation, chains *ret, mg_error *err)
{
    mg_status status = mg_alloc(&ret->first, annotation->n_chromosomes, sizeof *ret->first, err);
    if (status == MG_OK) status = mg_alloc(&ret->next, annotation->n_entries, sizeof *ret->next, err);
    if (status != MG_OK) return status;
    for (size_t c = 0; c < annotation->n_chromosomes; c++)
        ret->first[c] = SIZE_MAX;
    for (size_t i = 0; i < annotation->n_entries; i++) {
        if (!can_be_spliced(&annotation->entry[i])) continue;
        size_t *first = &ret->first[annotation->entry[i].chromosome];
        ret->next[i] = *first;
        *first = i;
    }
    return MG_OK;
}

static void copy_exon(const mg_base *chromosome, const mg_exon *exon, char strand, mg_base *transcript)
{
    int64_t n = exon->end - exon->begin;
    for (int64_t i = 0; i < n; i++)
        transcript[exon->offset + i] =
            strand == '-' ? mg_base_complement(chromosome[exon->end - 1 - i]) : chromosome[exon->begin + i];
}

static mg_status splice(const mg_annotation *annotation, const mg_entry *entry, const char *annotation_path,
                        const mg_fasta_record *chromosome, mg_transcript *ret, mg_error *err)
{
    const mg_exon *exon = annotation->exon + entry->first_exon;
    int64_t end = exon[entry->n_exons - 1].end;
    if (end > chromosome->length) {
        char is[MG_COUNT_TEXT], should[MG_COUNT_TEXT];
        return mg_fail(err, MG_EINPUT,
                       "%s line %" PRId64
                       ": chromosome %s ends at %s but transcript %s ends at %s; is this the annotation "
                       "of this genome?",
                       annotation_path, entry->line, chromosome->name, mg_format_count(is, chromosome->length),
                       entry->id, mg_format_count(should, end));
    }
    mg_status status = mg_alloc(&ret->base, (size_t)entry->length, sizeof *ret->base, err);
    if (status == MG_OK) status = mg_copy_text(&ret->name, entry->id, err);
    if (status != MG_OK) return status;
    ret->length = entry->length;
    for (size_t i = 0; i < entry->n_exons; i++)
        copy_exon(chromosome->base, &exon[i], entry->strand, ret->base);
    return MG_OK;
}

/* Read all chromosomes and fill transcript[i] for each entry i that stands on one of them. */
static mg_status splice_all(const char *path, const mg_annotation *annotation, const char *annotation_path,
                            const chains *chain, mg_transcript *transcript, char *ret_name, mg_error *err)
{
    mg_fasta *fasta = NULL;
    mg_fasta_record chromosome;
    mg_status status = mg_fasta_open(path, MG_FASTA_CHROMOSOMES, &fasta, err);
    while (status == MG_OK) {
        status = mg_fasta_next(fasta, &chromosome, err);
        if (status != MG_OK || chromosome.name == NULL) break;
        if (*ret_name == '\0') snprintf(ret_name, MG_NAME_LENGTH + 1, "%s", chromosome.name);
        const mg_name *known = mg_names_find(&annotation->chromosome_names, chromosome.name, strlen(chromosome.name));
        size_t i = known != NULL ? chain->first[known->value] : SIZE_MAX;
        for (; i != SIZE_MAX && status == MG_OK; i = chain->next[i])
            status = splice(annotation, &annotation->entry[i], annotation_path, &chromosome, &transcript[i], err);
    }
    mg_fasta_close(fasta);
    return status;
}

static mg_status nothing_spliced(const char *path, const mg_annotation *annotation, const char *annotation_path,
                                 const char *name, mg_error *err)
{
    if (annotation->n_exons == 0)
        return mg_fail(err, MG_EINPUT, "%s holds no exons; to splice transcripts from a genome give its GTF or GFF3",
                       annotation_path);
    return mg_fail(err, MG_EINPUT,
                   "%s: none of its chromosomes is in %s; the annotation names for example '%s', the genome '%s'",
                   annotation_path, path, annotation->chromosome[0], name);
}

/* Close the gaps that entries left out have left behind; they have no name. Returns how many remain. */
static size_t close_gaps(mg_transcript *transcript, size_t n)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++)
        if (transcript[i].name != NULL) transcript[n_kept++] = transcript[i];
    return n_kept;
}

mg_status mg_genome_splice(const char *path, const mg_annotation *annotation, const char *annotation_path,
                           mg_transcriptome *ret, int64_t *ret_n_missing, mg_error *err)
{
    chains chain = {NULL, NULL};
    char name[MG_NAME_LENGTH + 1] = ""; /* of the genome's first chromosome, for a message */
    int64_t n_wanted = 0;
    *ret = (mg_transcriptome){0};
    mg_status status = mg_alloc(&ret->transcript, annotation->n_entries, sizeof *ret->transcript, err);
    if (status != MG_OK) return status;
    ret->n_transcripts = annotation->n_entries;
    status = chain_entries(annotation, &chain, err);
    if (status == MG_OK) status = splice_all(path, annotation, annotation_path, &chain, ret->transcript, name, err);
    free(chain.first);
    free(chain.next);
    if (status == MG_OK) {
        for (size_t i = 0; i < annotation->n_entries; i++)
            n_wanted += can_be_spliced(&annotation->entry[i]);
        ret->n_transcripts = close_gaps(ret->transcript, ret->n_transcripts);
        *ret_n_missing = n_wanted - (int64_t)ret->n_transcripts;
        if (ret->n_transcripts == 0) status = nothing_spliced(path, annotation, annotation_path, name, err);
    }
    if (status != MG_OK) mg_transcriptome_destroy(ret);
    return status;
}
