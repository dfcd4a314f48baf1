/* vector.h  vectors of floats as wide as the instruction set that is compiled for; for kernels/ only */
#ifndef MG_NETWORK_VECTOR_H
#define MG_NETWORK_VECTOR_H

#if defined(__AVX2__)
#    include <immintrin.h>
#endif

#define MG_GLUE_(a, b) a##b
#define MG_GLUE(a, b)  MG_GLUE_(a, b)

#if defined(__AVX512F__)
enum { WIDTH = 16 };
#elif defined(__AVX__)
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif

typedef float vec __attribute__((vector_size(WIDTH * sizeof(float)), aligned(4), may_alias));

static inline vec load(const float *p)
{
    return *(const vec *)p;
}

static inline void store(float *p, vec v)
{
    *(vec *)p = v;
}

static inline vec larger(vec a, vec b)
{
#if defined(__AVX512F__)
    return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX__)
    return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
    for (int i = 0; i < WIDTH; i++)
        a[i] = a[i] > b[i] ? a[i] : b[i];
    return a;
#endif
}

static inline vec positive(vec a)
{
    return larger(a, (vec){0});
}

#endif
