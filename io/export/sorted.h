/* sorted.h  the way of formats whose lines stand in the order of their places: windows -> records -> lines
 *
 * For the files of io/export/ only. Each window makes records, which are sorted (io/base/record_sort.h) and written: those of a
 * transcript when it has ended, where transcripts are contigs, and on the genome all in the end.
 */
#ifndef MG_IO_EXPORT_SORTED_H
#define MG_IO_EXPORT_SORTED_H

#include "io/export/export.h"
#include "io/base/record_sort.h"
#include "io/base/writer.h"

typedef struct mg_export_sorted mg_export_sorted;

/* What the format brings. */
typedef struct {
    size_t bytes; /* of a record */
    mg_record_compare *compare;
    mg_status (*begin)(mg_export_sorted *s, mg_error *err);          /* the head of the file; NULL: none */
    mg_status (*add)(mg_export_sorted *s, int64_t i, mg_error *err); /* records of window i of the block */
    mg_status (*write)(mg_export_sorted *s, mg_error *err);          /* lines of all records there are */
} mg_export_kind;

struct mg_export_sorted {
    const mg_export *export;
    void *own;         /* what else the format needs */
    mg_field_id field; /* of numbers that are read with each window ... */
    int64_t set;       /* ... and which of its datasets */
    mg_export_block *block;
    mg_base *base;         /* (n_rows, L) of the block */
    float *value;          /* (n_rows, row) of the block */
    mg_export_place place; /* of the present window's transcript */
    mg_record_sort *sort;
    mg_writer out;
};

/* mg_export_write_sorted()  all of it; the caller has set export, own, field and set. Returns: as mg_export_run() */
mg_status mg_export_write_sorted(mg_export_sorted *s, const mg_export_kind *kind, const tbx_conf_t *index,
                                 mg_error *err);

#endif
