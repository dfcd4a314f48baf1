/* random.c  seeds from identities: FNV-1a (Fowler, Noll, Vo) */
#include "src/core/random.h"

uint64_t mg_hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *byte = bytes;
    if (hash == 0) hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++) {
        hash ^= byte[i];
        hash *= 0x100000001b3u;
    }
    return hash;
}
