/* random.h  random numbers that belong to an item, not to a rank or thread
 *
 * Every random draw is seeded by the run's seed and the identity of what it is for (the transcript's name, the start,
 * the number of the replicate), so that the same item sees the same numbers wherever and whenever it is worked on.
 * Draws are mg_mix() of the seed and their own number: no generator has a state that would tie them to each other.
 */
#ifndef MG_CORE_RANDOM_H
#define MG_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* mg_hash_bytes()  64-bit FNV-1a hash of n bytes, continued from `hash` (0 to begin) */
uint64_t mg_hash_bytes(uint64_t hash, const void *bytes, size_t n);

/* mg_mix()  a well-mixed 64-bit number from two (finaliser of splitmix64, Steele et al. 2014); mg_mix(a, b) != mg_mix(b, a)
 * in general. In two steps for many b: mg_mix(a, b) = mg_mix_end(mg_mix_begin(a), b). */
static inline uint64_t mg_mix_end(uint64_t begun, uint64_t b)
{
    uint64_t x = begun + b + 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t mg_mix_begin(uint64_t a)
{
    return mg_mix_end(a, 0);
}

static inline uint64_t mg_mix(uint64_t a, uint64_t b)
{
    return mg_mix_end(mg_mix_begin(a), b);
}

#endif
