/* transcript.h  the transcripts of a run, in the order of the input, and the starts annotated in them
 *
 * A run holds names, lengths and starts of all its transcripts, but the bases of one at a time: they lie in its spool
 * (io/base/spool.h).
 */
#ifndef MG_SEQUENCE_TRANSCRIPT_H
#define MG_SEQUENCE_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/alphabet.h"
#include "src/sequence/genes.h"

/* What an annotation tells of the coding part of a transcript. */
typedef struct {
    int64_t begin, end;   /* of its CDS, 0-based, half-open, whether with its stop codon or without; end 0: not told */
    int32_t genetic_code; /* by NCBI's number; 0: not told */
    bool mitochondrial;   /* its chromosome is called MT, M, chrM or chrMT */
} mg_coding;

typedef struct {
    char *name;     /* owned; unique in its transcriptome; at most 255 bytes */
    mg_base *base;  /* owned; length codes, 5' to 3'; NULL while they are in the spool alone */
    int64_t place;  /* of the first of them in the spool */
    int64_t length; /* nt */
    size_t n_starts;
    int64_t *start; /* owned; n_starts annotated starts, 0-based position of the first base, ascending, distinct */
    mg_coding coding;
    int32_t kind; /* of its windows, where its task has several (src/task/task.h) */
} mg_transcript;

typedef struct {
    size_t n_transcripts;
    mg_transcript *transcript; /* owned, n_transcripts of them */
    mg_genes genes;            /* owned, in the order of their first transcripts */
    int64_t *gene_of;          /* owned (n_transcripts) the gene of each, -1: none was told; NULL: of none of them */
} mg_transcriptome;

enum { MG_NAME_LENGTH = 255 }; /* bytes of a transcript's name, without its ending zero */

void mg_transcriptome_destroy(mg_transcriptome *transcriptome); /* frees what it holds, not the struct; NULL is fine */

/* mg_transcriptome_gene()  the gene of a transcript; NULL: none was told */
const mg_gene *mg_transcriptome_gene(const mg_transcriptome *transcriptome, int64_t transcript);

/* mg_transcript_has_start()  is position `start` one of the annotated starts? */
bool mg_transcript_has_start(const mg_transcript *transcript, int64_t start);

/* mg_transcript_codon_is_atg()  does an ATG begin at position `start`? (false where the codon is not inside) */
bool mg_transcript_codon_is_atg(const mg_transcript *transcript, int64_t start);

/* mg_transcript_n_not_atg()  annotated starts whose codon is not ATG */
int64_t mg_transcript_n_not_atg(const mg_transcript *transcript);

/* mg_starts_normalise()  sort n positions and drop repeats, in place; returns how many are left */
size_t mg_starts_normalise(int64_t *start, size_t n);

#endif
