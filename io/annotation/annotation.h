/* annotation.h  where translation starts, as files tell it: one interface for BED, GTF, GFF3 and FASTA headers
 *
 * An annotation is a list of entries, one a transcript it speaks of, in the order of first appearance. The reader of
 * each format turns what its file says into starts in transcript coordinates; placing them on a transcriptome is the
 * same for all formats. One odd gene never costs the others: what cannot be used is left out, counted and told, and only
 * an annotation of which nothing, or less than half, can be used is refused.
 */
#ifndef MG_IO_ANNOTATION_ANNOTATION_H
#define MG_IO_ANNOTATION_ANNOTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/candidate.h"
#include "src/sequence/names.h"
#include "src/sequence/placement.h"
#include "src/sequence/transcript.h"

typedef struct {
    int64_t position; /* of the codon's first base, 0-based, in the transcript */
    int64_t end;      /* behind the last base that the record speaks of: end of the codon, or of the CDS */
    int64_t line;     /* of the record in the file */
} mg_annotated_start;

typedef enum {
    MG_ENTRY_USABLE,
    MG_ENTRY_INCOMPLETE,    /* has a CDS, but the CDS does not begin with a start codon (its 5' end was not found) */
    MG_ENTRY_SCATTERED,     /* trans-spliced over two chromosomes or strands, or on no known strand */
    MG_ENTRY_WITHOUT_EXONS, /* has a start codon, but neither exons nor a CDS to place it in */
    MG_ENTRY_ODD            /* cannot be used for a reason of its own, which mg_annotation.odd may tell */
} mg_entry_state;

/* Things that were left out one by one, and why the first of them was. */
typedef struct {
    int64_t n;
    char first[1024]; /* a sentence; "" when n is 0 */
} mg_left_out;

/* mg_left_out_add()  count one; the sentence is kept when it is the first */
void mg_left_out_add(mg_left_out *inout, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef struct {
    char *id;        /* owned; without "transcript:" or "rna-" before it, percent-encoding of GFF3 decoded */
    char *raw;       /* owned; as the file has it, where that is not the id; else NULL */
    size_t copy_of;  /* the entry of the same id at another locus, whose name this one has with _dupN; SIZE_MAX: none */
    int64_t version; /* of the transcript, told beside the id; -1: not told */
    int64_t line;    /* where it is first named */
    int64_t length;  /* nt, sum of its exons; -1: the format does not tell */
    mg_entry_state state;
    bool start_not_found;       /* the file says that the CDS or transcript is cut at its 5' end */
    bool coding_only;           /* it has no exon records: CDS (and UTR) are taken as its exons */
    size_t chromosome;          /* index into the annotation's chromosomes; of use only when there are exons */
    char strand;                /* '+' or '-' */
    size_t first_exon, n_exons; /* in the annotation's exons; ascending on the chromosome, on either strand */
    int64_t gene;               /* in the annotation's genes; -1: none is told */
    mg_coding coding;           /* its one CDS; without a range when it has several */
    size_t n_starts, n_room;
    mg_annotated_start *start; /* owned, n_starts of them */
} mg_entry;

typedef struct {
    size_t n_entries, n_entry_room;
    mg_entry *entry; /* owned */
    size_t n_exons, n_exon_room;
    mg_exon *exon; /* owned */
    size_t n_chromosomes, n_chromosome_room;
    char **chromosome; /* owned names */
    mg_genes genes;    /* owned */
    mg_names entry_names, chromosome_names;
    const char *what; /* what a start's `end` is the end of: "CDS" or "start codon" */
    int64_t
        n_without_id; /* exon, CDS and start codon records that name no transcript, or by more bytes than a name has */
    int64_t n_copies; /* entries that are another locus of an id */
    mg_left_out odd;  /* entries left out, MG_ENTRY_ODD */
} mg_annotation;

/* mg_annotation_read()  read an annotation file
 *
 * Purpose:  The format is told by the file's ending (.bed, .gtf, .gff, .gff3, each with or without .gz), and by the
 *           first record where the ending says nothing.
 *
 *           One id at several loci (another chromosome; another transcript record; exon numbers that begin anew) are as
 *           many entries, the first by the id itself, the others as "id_dup1", "id_dup2", after all others. Where a
 *           transcript has no exon records, its CDS and UTR records are the exons.
 * Returns:  MG_OK and *ret filled (give back with mg_annotation_destroy()), MG_EMEM, or MG_EINPUT naming file and line;
 *           a file without any usable record is an error.
 */
mg_status mg_annotation_read(const char *path, mg_annotation *ret, mg_error *err);

/* mg_annotation_read_genome()  the same for an annotation that has to tell the exons on a genome: a BED is BED12, whose
 * blocks they are, and not one in coordinates of transcripts */
mg_status mg_annotation_read_genome(const char *path, mg_annotation *ret, mg_error *err);

/* mg_annotation_read_header()  add what the FASTA header of transcript `name` says: a word "CDS:a-b", 1-based
 * inclusive, between blanks or bars, as in GENCODE's files, or "CDS=a-b" as gffread writes it. No such word: nothing is
 * added; a range that is none is counted among inout->odd.
 * Returns: MG_OK or MG_EMEM. */
mg_status mg_annotation_read_header(mg_annotation *inout, const char *path, int64_t line, const char *name,
                                    const char *header, mg_error *err);

void mg_annotation_destroy(mg_annotation *annotation); /* frees what it holds, not the struct; NULL is fine */

/* What became of an annotation on a transcriptome. */
typedef struct {
    int64_t n_entries;       /* transcripts that the annotation speaks of */
    int64_t n_starts;        /* distinct starts in transcripts that were given ... */
    int64_t n_with_start;    /* ... and how many transcripts these are */
    int64_t n_absent;        /* transcripts of the annotation that were not given ... */
    int64_t n_starts_absent; /* ... and the starts in them */
    int64_t n_incomplete;    /* given transcripts with a CDS without its start (MG_ENTRY_INCOMPLETE) */
    int64_t n_scattered;     /* left out, MG_ENTRY_SCATTERED */
    int64_t n_without_exons; /* left out, MG_ENTRY_WITHOUT_EXONS */
    int64_t n_without_id;    /* records that name no transcript */
    int64_t n_copies;        /* transcripts of the annotation that are another locus of an id */
    int64_t n_ambiguous;     /* names that stand for several transcripts once versions are cut off: not used */
    mg_left_out odd;         /* left out, MG_ENTRY_ODD */
    mg_left_out unfit;       /* given transcripts that are not as the annotation says: they have no starts */
} mg_annotation_counts;

/* mg_annotation_place()  the starts of the annotation on the transcripts that were given
 *
 * Purpose:  A transcript is found by its name, with or without version (src/sequence/transcript_names.h).
 * Args:     path      - of the annotation, for messages
 *           sequences - path of the transcripts, for messages
 *           ret_list  - OUT, one list of ascending, distinct starts a transcript; give back with
 *                       mg_start_lists_destroy()
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT: none of the annotation's transcripts was given, or less than half of them are
 *           as the annotation says (another length, a start past the end).
 */
mg_status mg_annotation_place(const mg_annotation *annotation, const char *path, const mg_transcriptome *transcriptome,
                              const char *sequences, mg_start_list **ret_list, mg_annotation_counts *ret_counts,
                              mg_error *err);
void mg_start_lists_destroy(mg_start_list *list, size_t n); /* NULL is fine */

/* mg_annotation_fits()  is the transcript as long as its entry's exons together, and does it hold its starts? */
bool mg_annotation_fits(const mg_entry *entry, const mg_transcript *transcript);

/* mg_annotation_unfit()  MG_EINPUT, and the sentence that tells how a transcript differs that does not fit */
mg_status mg_annotation_unfit(const mg_annotation *annotation, const mg_entry *entry, const mg_transcript *transcript,
                              const char *path, mg_error *err);

/* mg_annotation_genes()  the genes that the annotation tells of transcripts, in place of what their headers told
 * Returns: MG_OK or MG_EMEM */
mg_status mg_annotation_genes(const mg_annotation *annotation, mg_transcriptome *inout, mg_error *err);

/* mg_annotation_match()  the transcripts that the entries speak of, found as above; those that do not fit too
 * Args: transcript      - OUT (n_entries), SIZE_MAX where it was not given, or is not told apart from others
 *       ret_n_ambiguous - OUT, how often the latter; may be NULL */
mg_status mg_annotation_match(const mg_annotation *annotation, const mg_transcriptome *transcriptome,
                              size_t *transcript, int64_t *ret_n_ambiguous, mg_error *err);

#endif
