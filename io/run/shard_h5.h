/* shard_h5.h  a finished shard on disk: one small HDF5 file in OUT.parts
 *
 * It holds the window fields of the table (io/run/fields.h), with methods and metrics as leading dimensions, and as
 * attributes id, first, windows, length and the methods, so that a later run can tell whether it fits.
 * HDF5 composes the file in memory and it goes to the disk in one piece: a full disk is seen as such.
 */
#ifndef MG_IO_RUN_SHARD_H5_H
#define MG_IO_RUN_SHARD_H5_H

#include <hdf5.h>

#include "io/base/seal.h"
#include "io/run/fields.h"
#include "src/core/status.h"
#include "src/shard/shard.h"

/* What all shards of a run have in common. */
typedef struct {
    const char *folder; /* OUT.parts */
    mg_run_shape shape;
    int64_t shard_size;
    const char *methods; /* the methods' specs, a line each */
    char id[MG_SEAL_ID]; /* of the run: what its numbers depend on, in a few letters; of its shards and of run.h5 */
} mg_shard_store;

/* mg_shard_file_write()  safe against a crash at any moment (mg_parts_write). Not collective. */
mg_status mg_shard_file_write(const mg_shard_store *store, const mg_shard *shard, const mg_result *result,
                              mg_error *err);

/* mg_shard_values()  a field's values for all windows of a shard, (sets, n, row): where the result has them, or collected in
 * scratch (n x L, at least n x 8 bytes) */
const void *mg_shard_values(mg_field_id id, const mg_shard *shard, const mg_result *result, void *scratch);

typedef struct {
    const mg_shard_store *store;
    hid_t file;
    mg_seal seal;
    int64_t id, first, n;
} mg_shard_file;

/* mg_shard_file_check()  is a file the shard of a run, and what was written? Not collective.
 *
 * Args:     id  - of the run (mg_shard_store.id); k: which shard of it
 *           all - look at its numbers too; else only at what HDF5 needs to find them
 * Returns:  MG_OK, or MG_EINPUT naming the file, and the dataset that is damaged. */
mg_status mg_shard_file_check(const char *path, const char *id, int64_t k, bool all, mg_error *err);

/* mg_shard_file_open()  open shard `id` to read, and see that it is that shard of this run. Not collective.
 * Returns: MG_OK and *ret for mg_shard_file_close(), or MG_EINPUT or MG_EIO naming the file. */
mg_status mg_shard_file_open(const mg_shard_store *store, int64_t id, mg_shard_file *ret, mg_error *err);
void mg_shard_file_close(mg_shard_file *file);

/* mg_shard_file_read()  one field of all windows of the shard. Not collective.
 * Args: out - OUT, (sets, n, row) with mg_field_n_sets() sets and mg_field_row_bytes() bytes a row */
mg_status mg_shard_file_read(const mg_shard_file *file, mg_field_id id, void *out, mg_error *err);

/* mg_shard_file_map()  let a dataset of run.h5 be the shards' own (a virtual dataset, of a field without metrics)
 *
 * Args:     list   - for the creation of the dataset; space - its extent, of all windows (its selection is changed)
 *           folder - of the shards, as seen from the folder of run.h5
 *           s      - which of the field's datasets
 * Returns:  MG_OK or MG_EMEM. Not collective. */
mg_status mg_shard_file_map(hid_t list, hid_t space, const char *folder, const mg_run_shape *shape, int64_t shard_size,
                            mg_field_id id, int64_t s, mg_error *err);

#endif
