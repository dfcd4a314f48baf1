/* zip_entry.h  files within a zip that is in memory, through libzip
 *
 * A zip's directory is believed in nothing: an entry's size is looked at before memory is taken, and its checksum afterwards.
 */
#ifndef MG_IO_BASE_ZIP_ENTRY_H
#define MG_IO_BASE_ZIP_ENTRY_H

#include <stddef.h>
#include <stdint.h>
#include <zip.h>

#include "src/core/status.h"

/* mg_zip_open()  the directory of a zip in n bytes, which have to outlive it; for zip_discard()
 * Returns: MG_OK; MG_EINPUT: it cannot be read */
mg_status mg_zip_open(const unsigned char *bytes, size_t n, zip_t **ret, mg_error *err);

/* mg_zip_read()  the bytes of entry `index`, and one zero behind them, for the caller to free()
 *
 * Args:     most - bytes that it may have
 * Returns:  MG_OK; MG_EINPUT: it is packed (torch.save() and Keras only store), larger than that, or damaged; MG_EMEM
 */
mg_status mg_zip_read(zip_t *zip, int64_t index, size_t most, unsigned char **ret, size_t *ret_n, mg_error *err);

/* mg_zip_find()  number of the entry of that name, -1 when there is none */
int64_t mg_zip_find(zip_t *zip, const char *name);

#endif
