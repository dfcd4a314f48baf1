/* checkpoint.h  a training on disk: where it stands after its last whole epoch, and what it has been through
 *
 * A checkpoint holds the plan of the training as a text, a line an option, so that only the very same training goes on
 * from it; then the training (src/training/training.h), and a SHA-256 of all of it. It is replaced whole or not at all.
 * Not collective.
 */
#ifndef MG_IO_MODEL_CHECKPOINT_H
#define MG_IO_MODEL_CHECKPOINT_H

#include <stdbool.h>

#include "src/core/status.h"
#include "src/training/training.h"

mg_status mg_checkpoint_write(const char *path, const char *plan, const mg_training *training, mg_error *err);

/* mg_checkpoint_read()  go on with the training of a checkpoint
 *
 * Args:     training - INOUT, of as many parameters; as it was when there is no such file
 *           ret_found - OUT, whether there is
 * Returns:  MG_OK, MG_EIO, MG_EMEM, or MG_EINPUT: the file is damaged, or of another plan (the first line that differs
 *           is told).
 */
mg_status mg_checkpoint_read(const char *path, const char *plan, mg_training *training, bool *ret_found, mg_error *err);

/* mg_history_write()  a table, a line an epoch: learning rate, loss, qualities on what is held out */
mg_status mg_history_write(const char *path, const mg_training *training, bool force, mg_error *err);

#endif
