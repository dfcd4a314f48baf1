/* rows.h  rows of a dataset of a run, each chunk that is touched held against its checksum
 *
 * Only whole chunks can be held against their sums: of one that is wanted in part all is read, and kept for the next rows.
 * Not collective.
 */
#ifndef MG_IO_RUN_ROWS_H
#define MG_IO_RUN_ROWS_H

#include <hdf5.h>

#include "io/base/seal.h"
#include "io/run/fields.h"

/* One dataset that is being read. */
typedef struct {
    hid_t set, in_memory;
    int n_dims;
    int64_t dim[MG_FIELD_MAX_DIMS];
    size_t row; /* bytes of one in memory */
    const mg_seal *seal;
    const mg_seal_part *part; /* NULL: the dataset was held against its sum when the file was opened */
    const char *path;
    char *chunk; /* the last one that was wanted in part, and its number; -1: none */
    int64_t in_chunk;
} mg_rows;

/* mg_rows_open()  begin to read
 *
 * Args:     path        - of the dataset, kept; n_dims, dim: the dims it has, checked by the caller
 *           in_memory   - the type to read, kept; as in the file, where chunks have checksums
 *           row         - bytes of one row in memory
 * Returns:  MG_OK, or MG_EINPUT; mg_rows_close() in either case. */
mg_status mg_rows_open(hid_t file, const mg_seal *seal, const char *path, int n_dims, const int64_t *dim,
                       hid_t in_memory, size_t row, mg_rows *ret, mg_error *err);
void mg_rows_close(mg_rows *rows);

/* mg_rows_read()  rows first .. first + n - 1
 * Args: values - OUT (n, row). Returns: MG_OK, MG_EMEM, or MG_EINPUT naming dataset and chunk. */
mg_status mg_rows_read(mg_rows *rows, int64_t first, int64_t n, void *values, mg_error *err);

#endif
