/* record.h  a line of GTF or GFF3: nine columns, and attributes written in two ways
 *
 *     GTF    transcript_id "ENST00000303450"; transcript_version "4"; tag "basic"; tag "CCDS";
 *     GFF3   ID=exon:1;Parent=transcript:ENST00000303450,transcript:ENST00000508190;tag=basic,CCDS
 *
 * For readers of annotations and intervals. All fields point into the line.
 */
#ifndef MG_IO_ANNOTATION_RECORD_H
#define MG_IO_ANNOTATION_RECORD_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    MG_COLUMN_CHROMOSOME,
    MG_COLUMN_SOURCE,
    MG_COLUMN_TYPE,
    MG_COLUMN_BEGIN,
    MG_COLUMN_END,
    MG_COLUMN_SCORE,
    MG_COLUMN_STRAND,
    MG_COLUMN_PHASE,
    MG_COLUMN_ATTRIBUTES,
    MG_N_COLUMNS
} mg_column;

typedef struct {
    const char *text;
    size_t n;
} mg_field;

/* What the attributes of a record say; fields of no bytes where they say nothing. */
typedef struct {
    mg_field id, parent, transcript_id, protein_id, version, transcript_version, transl_table;
    mg_field gene_id, gene_name, gene, name;
    mg_field number;      /* of the exon, or of the part of a feature: in the order of the transcript */
    bool number_is_part;  /* GFF3's part=, which always follows the transcript */
    bool gff3;            /* keys and values have a '=' between them: names are percent-encoded */
    bool trans_spliced;   /* an exception says that exons of several transcripts of the genome are joined */
    bool start_not_found; /* a tag says so */
    bool left_partial, right_partial;
} mg_attributes;

/* mg_record_split()  columns of a line; a field too many belongs to the last. Returns how many there are. */
size_t mg_record_split(const char *line, mg_field column[MG_N_COLUMNS]);

mg_attributes mg_record_attributes(const char *text);

bool mg_field_is(mg_field text, const char *word);

/* mg_field_next_item()  the next item of a list with commas; false when there is no more */
bool mg_field_next_item(mg_field *inout, mg_field *ret);

/* mg_field_decode()  %3B -> ';' as GFF3 has it; what would be a control byte stays as it is
 * Args:    room - at least text.n + 1 bytes
 * Returns: the decoded field, which lies in room; or text itself when there is nothing to decode. */
mg_field mg_field_decode(mg_field text, char *room);

#endif
