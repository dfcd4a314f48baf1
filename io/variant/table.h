/* table.h  what was found of variants: a table, ranked or in the order of the input, and texts for INFO
 *
 * Lines of a ranked table wait in a spool; 40 bytes a line stay in memory.
 */
#ifndef MG_IO_VARIANT_TABLE_H
#define MG_IO_VARIANT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "io/variant/file.h"
#include "io/base/writer.h"
#include "src/core/status.h"
#include "src/mutation/variant.h"
#include "src/shard/variant_study.h"

/* What the lines are about, and so which columns they have. */
typedef enum { MG_VARIANT_STARTS, MG_VARIANT_SITES } mg_variant_columns;

/* One line: an alternative allele, a transcript, a start; or an allele and a site. Points to what the caller keeps. */
typedef struct {
    const mg_variant_record *record;
    const char *alternative; /* NULL: the record has none */
    const char *transcript;  /* NULL: none is known */
    const char *gene;        /* symbol of its gene; NULL: none is known */
    char strand;             /* of a site; 0: not told */
    bool calls;              /* of a site: the score's sign is a call */
    mg_variant_state state;
    const mg_variant_row *row; /* NULL unless scored */
} mg_variant_line;

typedef struct mg_variant_table mg_variant_table;

/* mg_variant_table_create()
 * Args:    path   - as of mg_writer_open()
 *          ranked - largest |effect| first; of equals the one whose new ATG scores best, then in the order of the input;
 *                   what was not scored comes last
 *          head   - lines that begin with '#', above the names of the columns
 * Returns: MG_OK, MG_EINPUT when PATH is there and force is not given, MG_EIO, MG_EMEM. */
mg_status mg_variant_table_create(const char *path, mg_variant_columns columns, bool ranked, bool force,
                                  const char *head, mg_variant_table **ret, mg_error *err);
mg_status mg_variant_table_add(mg_variant_table *table, const mg_variant_line *line, mg_error *err);

/* mg_variant_table_end()  status MG_OK: write what waits, and finish; else, or when that fails, remove PATH.part. Frees
 * the table; NULL is fine. Returns: status, or MG_EIO, MG_EMEM */
mg_status mg_variant_table_end(mg_variant_table *table, mg_status status, mg_error *err);

/* mg_variant_info_line()  the "##INFO" line of the header that tells what mg_variant_info_add() writes */
const char *mg_variant_info_line(mg_variant_columns columns);

/* mg_variant_info_add()  add a line to the text of the INFO field MUTAGREE, a comma before it when it is not the first
 * Args:    inout - only its text; it is not opened
 * Returns: MG_OK or MG_EMEM */
mg_status mg_variant_info_add(mg_writer *inout, mg_variant_columns columns, const mg_variant_line *line, mg_error *err);

#endif
