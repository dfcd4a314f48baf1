/* memory.h  allocation that checks its size and fails by status
 *
 * All arrays are zeroed. Blocks from mg_alloc() and mg_grow() are given back with free(), those from
 * mg_alloc_aligned() too (C11 aligned_alloc). A count of 0 gives a block of one item, never NULL.
 */
#ifndef MG_CORE_MEMORY_H
#define MG_CORE_MEMORY_H

#include <stddef.h>

#include "src/core/status.h"

enum { MG_ALIGNMENT = 64 }; /* bytes: a cache line, and the widest vector */

/* mg_alloc()  n zeroed items of `size` bytes; ret is the address of the pointer to set (untouched on failure).
 * Returns: MG_OK or MG_EMEM (also when n * size overflows). */
mg_status mg_alloc(void *ret, size_t n, size_t size, mg_error *err);

/* mg_alloc_aligned()  as mg_alloc(), on a boundary of MG_ALIGNMENT bytes, for the vector kernels */
mg_status mg_alloc_aligned(void *ret, size_t n, size_t size, mg_error *err);

/* mg_grow()  make *array (n_room items) hold at least n_wanted, by doubling; new items are zero.
 * Returns: MG_OK, or MG_EMEM and *array and *n_room as they were. */
mg_status mg_grow(void *array, size_t *n_room, size_t n_wanted, size_t size, mg_error *err);

/* mg_copy_text()  a copy of text for the caller to free(); MG_EMEM on failure */
mg_status mg_copy_text(char **ret, const char *text, mg_error *err);

#endif
