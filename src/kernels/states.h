/* states.h  states of a gate (gate.h) as vectors; for kernels/ only */
#ifndef MG_KERNELS_STATES_H
#define MG_KERNELS_STATES_H

#include "src/kernels/gate.h"
#include "src/kernels/vector.h"

#if !defined(__AVX2__)
typedef mg_gate_state svec __attribute__((vector_size(WIDTH * sizeof(mg_gate_state)), aligned(2), may_alias));
#endif

/* Intrinsics where there are any: gcc 12 makes two conversions and a joint of one. */
static inline ivec load_states(const mg_gate_state *p)
{
#if defined(__AVX512F__)
    return (ivec)_mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));
#elif defined(__AVX2__)
    return (ivec)_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
#else
    return __builtin_convertvector(*(const svec *)p, ivec);
#endif
}

static inline void store_states(mg_gate_state *p, ivec which)
{
#if defined(__AVX512F__)
    _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtepi32_epi16((__m512i)which));
#elif defined(__AVX2__)
    __m128i low = _mm256_castsi256_si128((__m256i)which), high = _mm256_extracti128_si256((__m256i)which, 1);
    _mm_storeu_si128((__m128i *)(void *)p, _mm_packs_epi32(low, high));
#else
    *(svec *)p = __builtin_convertvector(which, svec);
#endif
}

#endif
