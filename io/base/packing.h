/* packing.h  files that are packed in a way that is not read, known by their first bytes */
#ifndef MG_IO_BASE_PACKING_H
#define MG_IO_BASE_PACKING_H

#include <stddef.h>

/* mg_packing_name()  "xz", "bzip2", "zstd", "zip", ... of a file that begins with these n bytes; NULL for none of them,
 * gzip and bgzip included, which are read */
const char *mg_packing_name(const void *front, size_t n);

#endif
