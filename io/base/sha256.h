/* sha256.h  what a file holds, in 64 letters */
#ifndef MG_IO_BASE_SHA256_H
#define MG_IO_BASE_SHA256_H

#include "src/core/status.h"

enum { MG_SHA256_TEXT = 65 };

/* mg_sha256_file()  SHA-256 of a file's bytes as they are on disk, in hexadecimal. Not collective.
 * Returns: MG_OK, or MG_EIO with text "" when the file cannot be read. */
mg_status mg_sha256_file(const char *path, char text[MG_SHA256_TEXT], mg_error *err);

#endif
