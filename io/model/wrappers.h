/* wrappers.h  names of tensors behind what training programs put before them
 *
 * DataParallel writes "module." before every name, torch.compile "_orig_mod.", Lightning the name of the module's
 * attribute, "model." as a rule. Which of them belong to the network only its architecture can tell.
 */
#ifndef MG_IO_MODEL_WRAPPERS_H
#define MG_IO_MODEL_WRAPPERS_H

#include <stdbool.h>
#include <stddef.h>

#include "src/core/status.h"
#include "src/graph/printed/tensor.h"

enum { MG_MAX_WRAPPERS = 8, MG_WRAPPER_TEXT = 64 };

/* mg_wrappers_find()  the distinct rows of wrappers that names begin with ("_orig_mod.", "_orig_mod.module.", ...), in
 *                     the order of first appearance; at most MG_MAX_WRAPPERS. Returns how many. */
size_t mg_wrappers_find(const mg_tensors *tensors, char ret[MG_MAX_WRAPPERS][MG_WRAPPER_TEXT]);

/* mg_wrappers_common()    the longest row of wrappers that all names begin with; "" for none */
void mg_wrappers_common(const mg_tensors *tensors, char ret[MG_WRAPPER_TEXT]);

/* mg_wrappers_take()      take the prefix from all names that begin with it; false, and nothing is changed, when two
 *                         tensors would have one name. marked: OUT (n tensors), which they are
 * mg_wrappers_put_back()  put it back before those that are marked */
bool mg_wrappers_take(mg_tensors *tensors, const char *prefix, bool *marked);
void mg_wrappers_put_back(mg_tensors *tensors, const char *prefix, const bool *marked);

#endif
