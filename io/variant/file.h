/* file.h  variants from VCF (plain, gzip, bgzip) or BCF, and the same file again with more in INFO
 *
 * Through htslib. Files are local: a path is never taken for an address of the network. A compressed file that is cut
 * short is an error, wherever it was cut. Not collective.
 */
#ifndef MG_IO_VARIANT_FILE_H
#define MG_IO_VARIANT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <htslib/vcf.h>

#include "src/core/status.h"

/* One record of a file. Texts are htslib's, valid until the record is read into again. */
typedef struct {
    bcf1_t *bcf;      /* owned */
    kstring_t line;   /* owned; as it was read, of a VCF; empty of a BCF */
    int64_t number;   /* of the line in a VCF, of the record in a BCF; from 1 */
    int64_t position; /* of REF's first base, 0-based */
    const char *chromosome, *id, *ref;
    size_t n_alternatives;
    char **alternative;
    bool undefined;  /* it has a chromosome or tag that the header does not tell of */
} mg_variant_record; /* begin with {0} */

void mg_variant_record_destroy(mg_variant_record *record); /* frees what it holds, not the struct */

/* --- reading --- */

typedef struct mg_variant_file mg_variant_file;

/* mg_variant_file_open()  "-" is standard input. MG_EINPUT when it cannot be opened, or is neither VCF nor BCF. */
mg_status mg_variant_file_open(const char *path, mg_variant_file **ret, mg_error *err);
void mg_variant_file_close(mg_variant_file *file); /* NULL is fine */

/* mg_variant_file_next()  the next record
 * Args:    inout    - read into, its room is used again
 *          ret_more - OUT, false at the end of the file
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT naming the line: damaged, cut short. */
mg_status mg_variant_file_next(mg_variant_file *file, mg_variant_record *inout, bool *ret_more, mg_error *err);

const char *mg_variant_file_path(const mg_variant_file *file); /* as given; "standard input" for "-" */
const char *mg_variant_file_unit(const mg_variant_file *file); /* what record->number counts: "line" or "record" */

/* --- writing --- */

/* mg_variant_path_is()  is a path's ending that of a file of variants (.vcf, .vcf.gz, .vcf.bgz, .bcf)? */
bool mg_variant_path_is(const char *path);

typedef struct mg_variant_copy mg_variant_copy;

/* mg_variant_copy_create()  begin a copy of a file, PATH.part, with n_lines more of a header ("##INFO=<...>")
 *
 * Purpose:  The kind is told by the path's ending. A .vcf.gz and a .bcf get an index beside them in the end
 *           (.tbi, or .csi where a chromosome is longer than 2^29 nt and for BCF), and so must be sorted.
 * Args:     from - its header is added to, before any record is read; must outlive the copy
 * Returns:  MG_OK, MG_EINPUT when PATH is there and force is not given, MG_EIO, MG_EMEM.
 */
mg_status mg_variant_copy_create(const char *path, mg_variant_file *from, size_t n_lines, const char *const *line,
                                 bool force, mg_variant_copy **ret, mg_error *err);

/* mg_variant_copy_texts(), mg_variant_copy_numbers()  set an INFO field of the record that is to be added next; text NULL
 * takes it out, a number that is NaN is a missing value. The key must stay as it is until then. MG_OK or MG_EMEM. */
mg_status mg_variant_copy_texts(mg_variant_copy *copy, mg_variant_record *record, const char *key, const char *text,
                                mg_error *err);
mg_status mg_variant_copy_numbers(mg_variant_copy *copy, mg_variant_record *record, const char *key, const float *value,
                                  size_t n, mg_error *err);

/* mg_variant_copy_add()  write the record, all but the fields that were set with the bytes that were read (from BCF to VCF:
 * with the digits that its float32 numbers need); MG_EINPUT when the output is to be indexed and it is out of order, or has to
 * be BCF and the header does not tell of all that is in the record */
mg_status mg_variant_copy_add(mg_variant_copy *copy, mg_variant_record *record, mg_error *err);

/* mg_variant_copy_end()  status MG_OK: finish, index and rename it; else, or when that fails, remove it. Frees the
 * copy; NULL is fine. Returns: status, or MG_EIO */
mg_status mg_variant_copy_end(mg_variant_copy *copy, mg_status status, mg_error *err);

#endif
