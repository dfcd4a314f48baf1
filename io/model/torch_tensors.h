/* torch_tensors.h  from the pickle of a state dict to its tensors, wherever their numbers lie; for io/model/torch*.c only */
#ifndef MG_IO_MODEL_TORCH_TENSORS_H
#define MG_IO_MODEL_TORCH_TENSORS_H

#include <stddef.h>

#include "io/model/pickle.h"
#include "src/core/status.h"
#include "src/graph/printed/tensor.h"

/* Where the numbers are. */
typedef struct {
    void *context;
    /* the bytes of the storage `key`, which tensor `tensor` wants; they live until the next call */
    mg_status (*load)(void *context, const mg_pickle_value *key, const char *tensor, const unsigned char **ret,
                      size_t *n_ret, mg_error *err);
    size_t n_file; /* bytes of the file, which bound the numbers of all tensors */
} mg_torch_storages;

/* mg_torch_state_dict()  add the tensors of the dict that the pickle holds, or that it holds below a key such as
 *                        state_dict, by the names that the dict gives them
 * Returns: MG_OK, MG_EMEM, or MG_EINPUT: no dict, no tensors, or a tensor whose numbers lie outside its storage. */
mg_status mg_torch_state_dict(const mg_pickle *pickle, const mg_torch_storages *storages, mg_tensors *tensors,
                              mg_error *err);

#endif
