/* seal_table.h  a seal as bytes: the table and the 32 bytes after it (io/base/seal.h says what they are) */
#ifndef MG_IO_BASE_SEAL_TABLE_H
#define MG_IO_BASE_SEAL_TABLE_H

#include "io/base/seal.h"

enum { MG_SEAL_END = 32 };

/* mg_seal_pack()  table and end, *ret (n) for the caller to free() */
mg_status mg_seal_pack(const mg_seal *seal, unsigned char **ret, size_t *ret_n, mg_error *err);

/* mg_seal_is_end()  do the last MG_SEAL_END bytes of a file belong to a seal? */
bool mg_seal_is_end(const unsigned char *end);

/* mg_seal_table_bytes()  how long the table before them is; MG_EINPUT when a file of n_all bytes cannot hold it */
mg_status mg_seal_table_bytes(const unsigned char *end, int64_t n_all, size_t *ret, mg_error *err);

/* mg_seal_unpack()  the seal of a table; MG_EINPUT when the table is not what was written. mg_seal_destroy() in either
 * case. */
mg_status mg_seal_unpack(const unsigned char *table, size_t n, const unsigned char *end, mg_seal *ret, mg_error *err);

#endif
