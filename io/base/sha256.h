/* sha256.h  what a file holds, in 64 letters */
#ifndef MG_IO_BASE_SHA256_H
#define MG_IO_BASE_SHA256_H

#include "src/core/status.h"

enum { MG_SHA256_TEXT = 65 };

/* mg_sha256_descriptor()  SHA-256 of all bytes of an open file, in hexadecimal; path is for the sentence. Not collective.
 * Returns: MG_OK, or MG_EIO with text "". */
mg_status mg_sha256_descriptor(int file, const char *path, char text[MG_SHA256_TEXT], mg_error *err);

#endif
