/* run_seal.h  the checksums of run.h5 and of shard files: which parts there are follows from the table of fields
 *
 * A part of a run (io/base/seal.h) is a dataset, its pieces are chunks of mg_run_chunk_rows() rows, whether HDF5 keeps the
 * dataset in such chunks or not. The sums of the window fields are of the values, so that they are the same for every
 * layout and compression, and come from those who have the values at hand: the ranks that write them (mpi/merge.h). All
 * other datasets are small and sealed as they lie in the file. Not collective.
 */
#ifndef MG_IO_RUN_RUN_SEAL_H
#define MG_IO_RUN_RUN_SEAL_H

#include <hdf5.h>

#include "io/base/seal.h"
#include "io/run/fields.h"
#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"

/* mg_run_n_chunks()  chunks of one dataset of a window field, in n windows that begin with a chunk */
int64_t mg_run_n_chunks(mg_field_id id, const mg_run_shape *shape, int64_t n);

/* mg_run_n_sums()  chunks of all datasets of all window fields that are kept, in n windows */
int64_t mg_run_n_sums(const mg_run_shape *shape, int64_t n);

/* mg_run_seal()  put the checksums behind a run.h5 that is complete and closed
 *
 * Args:     method - (shape->n_methods)
 *           id     - of the run: that of its shards (mg_shard_store.id)
 *           sum    - mg_run_n_sums() of all windows, by field, dataset and chunk
 * Returns:  MG_OK, or MG_EIO, MG_EMEM. The caller syncs the file.
 */
mg_status mg_run_seal(const char *path, const mg_run_shape *shape, const mg_run_method *method, const char *id,
                      const uint64_t *sum, mg_error *err);

/* mg_run_open_sealed()  open a run whose checksums are right, as far as what is small goes
 *
 * Returns:  MG_OK, *ret_file for H5Fclose() and *ret for mg_seal_destroy(); MG_EINPUT: no run, of another version, damaged
 *           or changed by another program. A file without checksums is looked at by a child process only
 *           (io/base/h5_child.h), to say what it is. */
mg_status mg_run_open_sealed(const char *path, hid_t *ret_file, mg_seal *ret, mg_error *err);

#endif
