/* torch.h  weights in a PyTorch state dict: the zip file that torch.save() writes since PyTorch 1.6, or what it wrote before
 *
 * The zip holds NAME/data.pkl, a pickle whose tensors refer to storages by key, and NAME/data/KEY, the numbers of each
 * storage. The pickle is read by io/model/pickle.h, which runs no code. Not collective.
 */
#ifndef MG_IO_MODEL_TORCH_H
#define MG_IO_MODEL_TORCH_H

#include <stdbool.h>
#include <stddef.h>

#include "io/model/programs.h"
#include "src/core/status.h"
#include "src/graph/printed/tensor.h"

/* mg_torch_read()  the tensors of a state dict, by the names the state dict gives them
 *
 * Purpose:  A dict of tensors, alone or below the key state_dict, model_state_dict or model of a checkpoint. Integer
 *           tensors (num_batches_tracked) and entries that are no tensors are passed over.
 * Args:     bytes, n - the zip file
 *           tensors  - empty; filled (also partly, on failure: the caller destroys it)
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT for a zip that is damaged, packed (torch.save() does not pack) or holds no
 *           state dict, a pickle that wants more than tensors, numbers that lie outside their storage, big-endian
 *           numbers. The sentence does not name the file.
 */
mg_status mg_torch_read(const unsigned char *bytes, size_t n, mg_tensors *tensors, mg_error *err);

/* mg_torch_is_legacy()    is it a file of torch.save() from before PyTorch 1.6?
 * mg_torch_read_legacy()  its tensors, as above; MG_EINPUT also for a pickle that torch.save() did not make */
bool mg_torch_is_legacy(const unsigned char *bytes, size_t n);
mg_status mg_torch_read_legacy(const unsigned char *bytes, size_t n, mg_tensors *tensors, mg_error *err);

/* mg_torch_program()  does a zip that PyTorch wrote hold a program, and which; MG_PROGRAM_NONE also for what is no zip */
mg_program mg_torch_program(const unsigned char *bytes, size_t n);

#endif
