/* annotation_format.h  what the readers of the annotation formats share; for io/input/annotation*.c only
 *
 * A new format is one more .c file with one more mg_annotation_format, and its row in the table of annotation.c.
 */
#ifndef MG_IO_INPUT_ANNOTATION_FORMAT_H
#define MG_IO_INPUT_ANNOTATION_FORMAT_H

#include "io/input/annotation.h"
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
extern const mg_annotation_format mg_annotation_gtf; /* GTF and GFF3 */

/* mg_annotation_entry()  the index of the entry `id` (n_id bytes), added when it is not there yet; path and line say
 * where it is named.
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT when the id is too long for a name. */
mg_status mg_annotation_entry(mg_annotation *annotation, const char *path, int64_t line, const char *id, size_t n_id,
                              size_t *ret, mg_error *err);

/* mg_annotation_add_start()  add a start to an entry */
mg_status mg_annotation_add_start(mg_entry *entry, mg_annotated_start start, mg_error *err);

/* mg_annotation_number()  the digits text[0..n-1] as a number below 10^15; false when they are none */
bool mg_annotation_number(const char *text, size_t n, int64_t *ret);

/* mg_annotation_is_comment()  an empty line, '#...', or a browser's "track" or "browser" line */
bool mg_annotation_is_comment(const char *line);

/* One exon, CDS or start codon record, or the part of it that belongs to one transcript. */
typedef enum { MG_PIECE_EXON, MG_PIECE_CDS, MG_PIECE_START_CODON } mg_piece_kind;

typedef struct {
    size_t entry;
    mg_piece_kind kind;
    bool in_frame;      /* a CDS record whose phase is 0: its first base is the first of a codon */
    int64_t begin, end; /* 0-based, half-open, nt of the chromosome */
    int64_t line;
} mg_piece;

/* mg_annotation_assemble()  exons, length and starts of all entries from their pieces
 *
 * Args:     path  - for messages
 *           piece - n pieces in any order; sorted in place
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT: exons of a transcript overlap, or a start lies outside its exons.
 */
mg_status mg_annotation_assemble(mg_annotation *annotation, const char *path, mg_piece *piece, size_t n, mg_error *err);

#endif
