/* format.h  what the readers of the annotation formats share; for io/annotation/ and io/sites/ only
 *
 * A new format is one more .c file with one more mg_annotation_format, and its row in the table of annotation.c.
 */
#ifndef MG_IO_ANNOTATION_FORMAT_H
#define MG_IO_ANNOTATION_FORMAT_H

#include "io/annotation/annotation.h"
#include "io/base/text.h"

typedef struct {
    const char *name;      /* for people: "BED" */
    const char *ending[4]; /* of its files, NULL after the last */
    /* does a line that is neither empty nor a comment look like a record of this format? */
    bool (*is_record)(const char *line);
    /* add all records of the text to an empty annotation */
    mg_status (*read)(mg_text *text, mg_annotation *ret, mg_error *err);
} mg_annotation_format;

extern const mg_annotation_format mg_annotation_bed;
extern const mg_annotation_format mg_annotation_bed12; /* BED of a genome, with blocks */
extern const mg_annotation_format mg_annotation_gtf;   /* GTF and GFF3 */

/* mg_annotation_entry()  the index of the entry `id` (n_id bytes), added when it is not there yet; path and line say
 * where it is named.
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT when the id is too long for a name. */
mg_status mg_annotation_entry(mg_annotation *annotation, const char *path, int64_t line, const char *id, size_t n_id,
                              size_t *ret, mg_error *err);

/* mg_annotation_chromosome()  the index of a chromosome, added when it is not there yet; MG_OK or MG_EMEM */
mg_status mg_annotation_chromosome(mg_annotation *annotation, const char *name, size_t n_name, size_t *ret,
                                   mg_error *err);

/* mg_annotation_add_start()  add a start to an entry */
mg_status mg_annotation_add_start(mg_entry *entry, mg_annotated_start start, mg_error *err);

/* mg_annotation_number()  the digits text[0..n-1] as a number below 10^15; false when they are none */
bool mg_annotation_number(const char *text, size_t n, int64_t *ret);

/* mg_annotation_is_comment()  an empty line, '#...', or a browser's "track" or "browser" line */
bool mg_annotation_is_comment(const char *line);

/* mg_annotation_leave_out()  an entry that cannot be used for a reason of its own; the first reason counts */
void mg_annotation_leave_out(mg_annotation *annotation, mg_entry *entry, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One record of exons, or the part of it that belongs to one transcript. Of the others (UTR, stop codon) a transcript
 * is made only where it has no exon records. */
typedef enum { MG_PIECE_EXON, MG_PIECE_CDS, MG_PIECE_START_CODON, MG_PIECE_OTHER } mg_piece_kind;

typedef struct {
    size_t entry, chromosome;
    int64_t begin, end; /* 0-based, half-open, nt of the chromosome */
    int64_t line;
    uint64_t cds;   /* of a CDS record: hash of its ID; 0: it has none */
    int64_t number; /* of an exon or part in the order of its transcript, from 1 on; 0: not told */
    int32_t locus;  /* set by mg_annotation_assemble() */
    mg_piece_kind kind;
    char strand;        /* as the file has it */
    bool in_frame;      /* a CDS record whose phase is not 1 or 2: its first base is the first of a codon */
    bool cut;           /* a CDS record whose 5' end was not found, as its attributes say */
    bool trans_spliced; /* its attributes say so */
    bool is_part;       /* `number` is GFF3's part=, which always follows the transcript */
} mg_piece;

/* Where a transcript's own record stands: evidence of several loci of one id. */
typedef struct {
    size_t entry, chromosome; /* entry is SIZE_MAX when no exon or CDS speaks of the id */
    int64_t begin, end;
    char strand;
    bool trans_spliced;
} mg_span;

/* mg_annotation_assemble()  exons, length and starts of all entries from their pieces
 *
 * Purpose:  Left out one by one are transcripts whose exons overlap, whose start lies outside of them, or whose exons
 *           are joined in another order than they have on the chromosome.
 * Args:     path  - for messages
 *           piece - n pieces in any order; sorted in place
 *           span  - n_spans of transcripts' own records; sorted in place
 * Returns:  MG_OK or MG_EMEM.
 */
mg_status mg_annotation_assemble(mg_annotation *annotation, const char *path, mg_piece *piece, size_t n, mg_span *span,
                                 size_t n_spans, mg_error *err);

/* mg_annotation_loci()  tell the loci of one entry apart: piece[].locus, 0 and up
 * Args:    piece - of one entry, in the order chromosome, strand, kind, begin
 *          span  - of the same entry
 * Returns: how many loci; 0: the pieces lie on two chromosomes or strands, or on none, and make no sense apart. */
int32_t mg_annotation_loci(mg_piece *piece, size_t n, const mg_span *span, size_t n_spans);

/* The pieces of one locus, each kind in ascending order. */
typedef struct {
    mg_annotation *annotation;
    const char *path; /* for messages */
    const mg_piece *exon, *cds, *codon, *other;
    size_t n_exons, n_cds, n_codons, n_others;
} mg_locus;

/* mg_annotation_in_order()  do its exons (or, where there are none, its CDS records) follow each other in the transcript
 *                           as they do on the chromosome? False for trans-splicing in another order. */
bool mg_annotation_in_order(const mg_locus *locus);

/* mg_annotation_add_starts()  the starts of an entry whose exons are there: its start codon records; else each CDS,
 *                             unless its 5' end is missing. An entry whose start lies outside its exons is left out.
 * Returns: MG_OK or MG_EMEM. */
mg_status mg_annotation_add_starts(const mg_locus *locus, mg_entry *entry, mg_error *err);

#endif
