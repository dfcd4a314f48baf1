/* model_h5.h  mutagree's own model file, and foreign HDF5 files that hold tensors
 *
 * Own:      attributes of / : format "mutagree-model", version 1, architecture (the text of src/graph/printed/architecture.h,
 *           notes included), texts of fixed length; datasets /weights/NAME, float32, in PyTorch's names and shapes,
 *           each with units and description.
 * Foreign:  every dataset of floating-point numbers, below /weights when there is such a group, is a tensor; its name
 *           is its path with '.' for '/'. The architecture comes from elsewhere.
 *
 * Not collective. What is read is an image in memory, so it needs no MPI and no second look at the disk.
 */
#ifndef MG_IO_MODEL_MODEL_H5_H
#define MG_IO_MODEL_MODEL_H5_H

#include <stdbool.h>
#include <stddef.h>

#include "src/core/status.h"
#include "src/graph/printed/tensor.h"

enum { MG_MODEL_H5_VERSION = 1 }; /* of our own files */

/* mg_model_h5_read()  tensors and, from an own file, the architecture
 *
 * Args:     bytes, n         - the file
 *           tensors          - empty; filled (also partly, on failure: the caller destroys it)
 *           ret_architecture - OUT, for the caller to free(); NULL for a foreign file
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT for a damaged file, a run of mutagree, an unknown version, a dataset that
 *           keeps its numbers outside the file or claims far more than the file can hold. The sentence does not name
 *           the file.
 */
mg_status mg_model_h5_read(const unsigned char *bytes, size_t n, mg_tensors *tensors, char **ret_architecture,
                           mg_error *err);

/* mg_model_h5_is_own()  whether it is in the newer style of HDF5, with checksums, and names our format near its beginning: others
 * are left to a child process (io/model/foreign.h) */
bool mg_model_h5_is_own(const unsigned char *bytes, size_t n);

/* mg_model_h5_write()  an own file; the same tensors and text give the same bytes. On failure the caller removes it. */
mg_status mg_model_h5_write(const char *path, const mg_tensors *tensors, const char *architecture, mg_error *err);

#endif
