/* spool.h  a file without a name, for what is read once and needed in pieces later
 *
 * The bases of a run's transcripts go there as they are read, from a file, a pipe or a genome, so that no more than one
 * transcript need be in memory. The file is unlinked when it is made: it goes with the process, however that ends.
 */
#ifndef MG_IO_BASE_SPOOL_H
#define MG_IO_BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

typedef struct mg_spool mg_spool;

/* mg_spool_create()  an empty file in `folder`; NULL: in TMPDIR, or /tmp. MG_EIO names the folder. */
mg_status mg_spool_create(const char *folder, mg_spool **ret, mg_error *err);
void mg_spool_destroy(mg_spool *spool); /* NULL is fine */

/* mg_spool_take()  the place of the next n bytes, which the caller will write in any order */
int64_t mg_spool_take(mg_spool *spool, int64_t n);

/* mg_spool_write(), mg_spool_read()  n bytes at a place. Returns: MG_OK or MG_EIO. */
mg_status mg_spool_write(mg_spool *spool, int64_t place, const void *bytes, int64_t n, mg_error *err);
mg_status mg_spool_read(const mg_spool *spool, int64_t place, void *bytes, int64_t n, mg_error *err);

#endif
