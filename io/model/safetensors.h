/* safetensors.h  weights in the safetensors format
 *
 * A file is: 8 bytes length n of the header (little-endian), n bytes of JSON, the numbers. The JSON maps each tensor's
 * name to {"dtype", "shape", "data_offsets": [begin, end]} counted from the end of the header, and "__metadata__" to
 * texts. Ours carries the architecture there, so that it reads back without --arch. Not collective.
 * Source: https://huggingface.co/docs/safetensors
 */
#ifndef MG_IO_MODEL_SAFETENSORS_H
#define MG_IO_MODEL_SAFETENSORS_H

#include "src/core/status.h"
#include "src/graph/printed/tensor.h"

/* mg_safetensors_read()  take a file's bytes apart
 *
 * Args:     tensors          - empty; filled (also partly, on failure: the caller destroys it)
 *           ret_architecture - OUT, the text kept in the metadata, for the caller to free(); NULL when there is none
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT for a header that runs past the file or is no such JSON, offsets that overlap,
 *           run past the file or do not fit shape and type, types other than F16, BF16, F32, F64 (integer tensors named
 *           num_batches_tracked are passed over). The sentence does not name the file.
 */
mg_status mg_safetensors_read(const unsigned char *bytes, size_t n, mg_tensors *tensors, char **ret_architecture,
                              mg_error *err);

/* mg_safetensors_pack()  the bytes of a file that holds these tensors as F32, and the architecture in its metadata;
 * *ret is for the caller to free() */
mg_status mg_safetensors_pack(const mg_tensors *tensors, const char *architecture, unsigned char **ret, size_t *n_ret,
                              mg_error *err);

#endif
