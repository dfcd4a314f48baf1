/* random.c  seeds from identities: FNV-1a (Fowler, Noll, Vo) and the finaliser of splitmix64 (Steele et al. 2014) */
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

static uint64_t finalise(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t mg_mix(uint64_t a, uint64_t b)
{
    return finalise(finalise(a + 0x9e3779b97f4a7c15u) + b + 0x9e3779b97f4a7c15u);
}
