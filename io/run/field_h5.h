/* field_h5.h  a field of the table as HDF5 sees it: its type and its dataset, in shard files and in run.h5 */
#ifndef MG_IO_RUN_FIELD_H5_H
#define MG_IO_RUN_FIELD_H5_H

#include <hdf5.h>
#include <stddef.h>

#include "io/run/fields.h"
#include "src/core/status.h"

/* The type of an item in the file (the same on every machine) and in memory. */
typedef struct {
    hid_t in_file, in_memory;
} mg_field_types;

/* mg_field_open_types()  n_text: bytes of each text, of MG_FIELD_TEXT only. mg_field_close_types() in either case.
 * Not collective. */
mg_status mg_field_open_types(mg_field_id id, size_t n_text, mg_field_types *ret, mg_error *err);
void mg_field_close_types(mg_field_types *types);

/* mg_field_open_set()  open the dataset at `path` and see that it holds what the field says: dims and type
 *
 * Args:     n_dims, dim - the dims it must have
 *           ret_n_text  - OUT, bytes of each text; NULL when the field has none
 * Returns:  MG_OK, or MG_EINPUT: not there, another shape or another type.
 */
mg_status mg_field_open_set(hid_t file, mg_field_id id, const char *path, int n_dims, const int64_t *dim, hid_t *ret,
                            size_t *ret_n_text, mg_error *err);

#endif
