/* record_sort.h  any number of records of one size, put in order with bounded memory
 *
 * What does not fit is sorted in pieces, which lie in a file without a name (io/base/spool.h), and merged when the records
 * are taken out. One thread, not collective.
 */
#ifndef MG_IO_BASE_RECORD_SORT_H
#define MG_IO_BASE_RECORD_SORT_H

#include <stddef.h>

#include "src/core/status.h"

/* As for qsort(). Records that are equal come out in no given order: an order that is complete makes the result depend
 * on the records alone. */
typedef int mg_record_compare(const void *a, const void *b);

typedef struct mg_record_sort mg_record_sort;

/* mg_record_sort_create()  an empty one
 *
 * Args:     bytes   - of a record
 *           n_room  - records held in memory, at least 1
 *           folder  - where the file without a name goes when it is needed; NULL: in TMPDIR, or /tmp. The caller keeps it.
 */
mg_status mg_record_sort_create(size_t bytes, size_t n_room, mg_record_compare *compare, const char *folder,
                                mg_record_sort **ret, mg_error *err);
void mg_record_sort_destroy(mg_record_sort *sort); /* NULL is fine */

/* mg_record_sort_add()  take in a copy of the record. Returns: MG_OK, MG_EIO (the temporary file), MG_EMEM */
mg_status mg_record_sort_add(mg_record_sort *sort, const void *record, mg_error *err);

/* mg_record_sort_next()  the next record in order
 *
 * Purpose:  After the last record *ret is NULL, and the sort is empty and may be used again. No record may be added
 *           between the first call and then.
 * Args:     ret - OUT, valid until the next call
 * Returns:  MG_OK, MG_EIO, MG_EMEM
 */
mg_status mg_record_sort_next(mg_record_sort *sort, const void **ret, mg_error *err);

#endif
