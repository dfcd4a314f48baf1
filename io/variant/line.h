/* line.h  lines of a VCF written with the bytes that were read; for the files of io/variant/ only
 *
 * htslib holds numbers as float32 and writes them with six digits. A line of a VCF is therefore not written anew: its INFO
 * column alone is changed, and in that only fields of ours. What comes from a BCF has no text; its numbers are written with
 * as many digits as tell the same float32.
 */
#ifndef MG_IO_VARIANT_LINE_H
#define MG_IO_VARIANT_LINE_H

#include <htslib/kstring.h>
#include <htslib/vcf.h>
#include <stddef.h>

/* Fields of INFO that are ours. */
typedef struct {
    kstring_t text;     /* "KEY=value;KEY=value" */
    size_t n;           /* keys, of those in the text and of those that are only taken out */
    const char *key[8]; /* point to what the caller keeps */
} mg_info_fields;       /* begin with {0}; free(text.s) */

/* mg_info_fields_add()  one more; value NULL: take it out. Returns: 0, or -1 without memory. */
int mg_info_fields_add(mg_info_fields *inout, const char *key, const char *value);

/* mg_variant_line_with()  a line of a VCF, with fields in place of those of the same names
 * Args:     line - its columns from CHROM to INFO at least
 *           inout - the new line; what it holds is replaced
 * Returns:  0, or -1 without memory */
int mg_variant_line_with(const char *line, const mg_info_fields *fields, kstring_t *inout);

/* mg_variant_line_of()  the text of a record that came from a BCF, all its numbers to the last bit
 * Args:     inout - the line, its ending included; what it holds is replaced
 * Returns:  0, or -1 without memory or when the record cannot be written */
int mg_variant_line_of(const bcf_hdr_t *header, bcf1_t *record, kstring_t *inout);

#endif
