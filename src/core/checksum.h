/* checksum.h  are these the bytes that were written? A quick sum of large blocks, against accidents, not against malice */
#ifndef MG_CORE_CHECKSUM_H
#define MG_CORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* mg_checksum()  a 64-bit sum of n bytes and of what came before, which `before` is the sum of (0: nothing)
 *
 * Purpose:  Four lanes of eight bytes, so that it keeps up with memory. Any change within one word of eight bytes shows
 *           for certain; larger ones go unnoticed once in 2^64.
 */
uint64_t mg_checksum(uint64_t before, const void *bytes, size_t n);

#endif
