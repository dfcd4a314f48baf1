/* genome.c  splicing: exons of one chromosome after the other go to their place in the transcripts */
#include "io/genome/genome.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/annotation/record.h"
#include "io/fasta/fasta.h"
#include "io/fasta/header_name.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/sequence/chromosome_names.h"

/* Entries by chromosome: a chain for each, begun in `first` and continued in `next`; SIZE_MAX ends it. */
typedef struct {
    size_t *first; /* one a chromosome of the annotation */
    size_t *next;  /* one an entry */
} chains;

static bool can_be_spliced(const mg_entry *entry)
{
    return entry->n_exons > 0;
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

/* What goes into every transcript, and where the transcripts go. */
typedef struct {
    const mg_annotation *annotation;
    const char *annotation_path;
    chains chain;
    mg_spool *spool;
    mg_base *base; /* of the transcript at hand */
    size_t n_room;
    mg_transcript *transcript; /* one an entry */
    char **from;               /* one a chromosome of the annotation: the genome's name for it, owned, or NULL */
    mg_left_out *beyond;
    const mg_genome_keep *keep; /* NULL: nothing */
    mg_genome_interval *exon;   /* of the chromosome at hand, when something is kept */
    size_t n_exon_room;
    char first[MG_NAME_LENGTH + 1]; /* name of the genome's first chromosome, for a message */
} splicer;

static void leave_out_beyond(splicer *s, const mg_entry *entry, const mg_fasta_record *chromosome, int64_t end)
{
    char is[MG_COUNT_TEXT], should[MG_COUNT_TEXT];
    mg_left_out_add(s->beyond,
                    "%s line %" PRId64
                    ": chromosome %s ends at %s but transcript %s ends at %s; is this the annotation "
                    "of this genome? (Genes over the origin of a circular chromosome are not used.)",
                    s->annotation_path, entry->line, chromosome->name, mg_format_count(is, chromosome->length),
                    entry->id, mg_format_count(should, end));
}

static mg_status splice(splicer *s, const mg_entry *entry, const mg_fasta_record *chromosome, mg_transcript *ret,
                        mg_error *err)
{
    const mg_exon *exon = s->annotation->exon + entry->first_exon;
    int64_t end = exon[entry->n_exons - 1].end;
    if (end > chromosome->length) {
        leave_out_beyond(s, entry, chromosome, end);
        return MG_OK;
    }
    mg_status status = mg_grow(&s->base, &s->n_room, (size_t)entry->length, sizeof *s->base, err);
    if (status == MG_OK) status = mg_copy_text(&ret->name, entry->id, err);
    if (status != MG_OK) return status;
    ret->length = entry->length;
    ret->place = mg_spool_take(s->spool, entry->length);
    for (size_t i = 0; i < entry->n_exons; i++)
        copy_exon(chromosome->base, &exon[i], entry->strand, s->base);
    return mg_spool_write(s->spool, ret->place, s->base, ret->length, err);
}

/* Keep what is wanted of a chromosome around the exons of its entries, of which `i` is the first in the chain. */
static mg_status keep_surroundings(splicer *s, size_t i, const mg_fasta_record *chromosome, mg_error *err)
{
    if (s->keep == NULL) return MG_OK;
    size_t n = 0, number = s->annotation->entry[i].chromosome;
    mg_status status = MG_OK;
    for (; i != SIZE_MAX && status == MG_OK; i = s->chain.next[i]) {
        const mg_entry *entry = &s->annotation->entry[i];
        status = mg_grow(&s->exon, &s->n_exon_room, n + entry->n_exons, sizeof *s->exon, err);
        for (size_t e = 0; e < entry->n_exons && status == MG_OK; e++) {
            const mg_exon *exon = &s->annotation->exon[entry->first_exon + e];
            if (exon->end <= chromosome->length) s->exon[n++] = (mg_genome_interval){exon->begin, exon->end};
        }
    }
    if (status != MG_OK) return status;
    return mg_surroundings_add(s->keep->surroundings, number, chromosome->base, chromosome->length, s->exon, n,
                               s->keep->longest, s->spool, err);
}

const mg_name *mg_genome_find_chromosome(const mg_names *names, const char *name)
{
    char room[MG_NAME_LENGTH + 1];
    size_t n = strlen(name), n_accession;
    const mg_name *found = mg_chromosome_find(names, name, n);
    if (found != NULL) return found;
    mg_field decoded = mg_field_decode((mg_field){name, n}, room);
    if (decoded.n < n) found = mg_chromosome_find(names, decoded.text, decoded.n);
    if (found != NULL) return found;
    size_t first = mg_header_accession(name, n, &n_accession);
    return mg_chromosome_find(names, name + first, n_accession);
}

/* All transcripts of one chromosome. */
static mg_status splice_chromosome(splicer *s, const char *path, const mg_fasta_record *chromosome, mg_error *err)
{
    const mg_name *known = mg_genome_find_chromosome(&s->annotation->chromosome_names, chromosome->name);
    size_t first = known != NULL ? s->chain.first[known->value] : SIZE_MAX;
    if (first == SIZE_MAX) return MG_OK;
    char **from = &s->from[known->value];
    if (*from != NULL)
        return mg_fail(
            err, MG_EINPUT, "%s line %" PRId64 ": both %s and %s are chromosome %s of %s; leave one of them out", path,
            chromosome->line, *from, chromosome->name, s->annotation->chromosome[known->value], s->annotation_path);
    mg_status status = mg_copy_text(from, chromosome->name, err);
    for (size_t i = first; i != SIZE_MAX && status == MG_OK; i = s->chain.next[i])
        status = splice(s, &s->annotation->entry[i], chromosome, &s->transcript[i], err);
    return status == MG_OK ? keep_surroundings(s, first, chromosome, err) : status;
}

/* Read all chromosomes and fill transcript[i] for each entry i that stands on one of them. */
static mg_status splice_all(splicer *s, const char *path, mg_error *err)
{
    mg_fasta *fasta = NULL;
    mg_fasta_record chromosome;
    size_t n = s->annotation->n_chromosomes;
    mg_status status = mg_alloc(&s->from, n, sizeof *s->from, err);
    if (status == MG_OK) status = mg_fasta_open(path, MG_FASTA_CHROMOSOMES, &fasta, err);
    if (status == MG_OK && s->keep != NULL && s->keep->ambiguous) mg_fasta_keep_ambiguous(fasta);
    while (status == MG_OK) {
        status = mg_fasta_next(fasta, &chromosome, err);
        if (status != MG_OK || chromosome.name == NULL) break;
        if (s->first[0] == '\0') snprintf(s->first, sizeof s->first, "%s", chromosome.name);
        status = splice_chromosome(s, path, &chromosome, err);
    }
    mg_fasta_close(fasta);
    for (size_t c = 0; s->from != NULL && c < n; c++)
        free(s->from[c]);
    free(s->from);
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

/* What has become of the entries. */
static mg_status check_spliced(const splicer *s, const char *path, mg_transcriptome *transcriptome,
                               int64_t *ret_n_missing, mg_error *err)
{
    int64_t n_wanted = 0;
    for (size_t i = 0; i < s->annotation->n_entries; i++)
        n_wanted += can_be_spliced(&s->annotation->entry[i]);
    transcriptome->n_transcripts = close_gaps(transcriptome->transcript, transcriptome->n_transcripts);
    int64_t n_spliced = (int64_t)transcriptome->n_transcripts;
    *ret_n_missing = n_wanted - n_spliced - s->beyond->n;
    if (s->beyond->n > n_spliced) return mg_fail(err, MG_EINPUT, "%s", s->beyond->first);
    if (n_spliced == 0) return nothing_spliced(path, s->annotation, s->annotation_path, s->first, err);
    return MG_OK;
}

mg_status mg_genome_splice(const char *path, const mg_annotation *annotation, const char *annotation_path,
                           mg_spool *spool, const mg_genome_keep *keep, mg_transcriptome *ret, int64_t *ret_n_missing,
                           mg_left_out *ret_beyond, mg_error *err)
{
    splicer s = {.annotation = annotation,
                 .annotation_path = annotation_path,
                 .spool = spool,
                 .keep = keep,
                 .beyond = ret_beyond};
    *ret = (mg_transcriptome){0};
    *ret_beyond = (mg_left_out){0};
    mg_status status = mg_alloc(&ret->transcript, annotation->n_entries, sizeof *ret->transcript, err);
    if (status != MG_OK) return status;
    ret->n_transcripts = annotation->n_entries;
    s.transcript = ret->transcript;
    status = chain_entries(annotation, &s.chain, err);
    if (status == MG_OK) status = splice_all(&s, path, err);
    free(s.chain.first);
    free(s.chain.next);
    free(s.base);
    free(s.exon);
    if (status == MG_OK) status = check_spliced(&s, path, ret, ret_n_missing, err);
    if (status != MG_OK) mg_transcriptome_destroy(ret);
    return status;
}
