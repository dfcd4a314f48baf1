/* vector.h  vectors of floats as wide as the instruction set that is compiled for; for kernels/ only */
#ifndef MG_KERNELS_VECTOR_H
#define MG_KERNELS_VECTOR_H

#if defined(__AVX2__)
#    include <immintrin.h>
#endif

/* Loops over registers must be unrolled in full, or the registers would go through the stack. */
#if defined(__clang__)
#    define UNROLL _Pragma("unroll")
#else
#    define UNROLL _Pragma("GCC unroll 16")
#endif

/* How inline assembly names a register that holds a vector. */
#if defined(__AVX512F__)
#    define VECTOR_REGISTER "+v"
#elif defined(__x86_64__)
#    define VECTOR_REGISTER "+x"
#elif defined(__aarch64__)
#    define VECTOR_REGISTER "+w"
#else
#    define VECTOR_REGISTER "+m"
#endif

/* Make the compiler believe that a vector has changed. */
#define TOUCH(v) __asm__ volatile("" : VECTOR_REGISTER(v))

/* Keep a vector that several multiply-adds use in a register: else gcc loads it anew in each of them. */
#define LOADED(v) __asm__("" : VECTOR_REGISTER(v))

/* Keep a pointer in a register: else gcc folds it into an index beside each load, and spills those. */
#define IN_REGISTER(p) __asm__("" : "+r"(p))

#if defined(__AVX512F__)
/* Keep a mask that is counted and used: else gcc compares twice, once for each. */
#    define IN_MASK(k) __asm__("" : "+k"(k))
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

typedef int32_t ivec __attribute__((vector_size(WIDTH * sizeof(int32_t)), aligned(4), may_alias));

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

/* of_sign()  lanes of w that have the sign 1 or -1, else 0. (By the sign's bit: shifts and masks leave the multipliers to
 *            the products.) */
static inline vec of_sign(vec w, float sign)
{
    const ivec left_out = (sign < 0.0f ? -1 : 0) - (ivec){0}, negative = (ivec)w >> 31;
#if defined(__AVX512F__)
    /* truth table: the first, where the two others are equal; gcc makes two operations of it */
    enum { WHERE_EQUAL = 0x90 };
    return (vec)_mm512_ternarylogic_epi32((__m512i)w, (__m512i)negative, (__m512i)left_out, WHERE_EQUAL);
#else
    return (vec)((ivec)w & ~(negative ^ left_out));
#endif
}

/* positive_part(), negative_part()  max(w, 0) and min(w, 0), lane by lane. (As whole numbers, which leaves the multipliers to the
 *            products: those below 0 are the floats with a sign.) */
static inline vec positive_part(vec w)
{
#if defined(__AVX512F__)
    return (vec)_mm512_max_epi32((__m512i)w, _mm512_setzero_si512());
#elif defined(__AVX2__)
    return (vec)_mm256_max_epi32((__m256i)w, _mm256_setzero_si256());
#else
    return of_sign(w, 1.0f);
#endif
}

static inline vec negative_part(vec w)
{
#if defined(__AVX512F__)
    return (vec)_mm512_min_epi32((__m512i)w, _mm512_setzero_si512());
#elif defined(__AVX2__)
    return (vec)_mm256_min_epi32((__m256i)w, _mm256_setzero_si256());
#else
    return of_sign(w, -1.0f);
#endif
}

/* masked()  lanes of x where the mask is true (-1), else 0 */
static inline vec masked(ivec mask, vec x)
{
    return (vec)(mask & (ivec)x);
}

/* pick_lanes()  lanes of `yes` where the mask is true (-1), else of `no` */
static inline ivec pick_lanes_int(ivec mask, ivec yes, ivec no)
{
    return (mask & yes) | (~mask & no);
}

static inline vec pick_lanes(ivec mask, vec yes, vec no)
{
    return (vec)pick_lanes_int(mask, (ivec)yes, (ivec)no);
}

static inline vec magnitude(vec x)
{
    return (vec)((ivec)x & INT32_MAX);
}

/* compress()  the nonzero values of a vector and their channels, first one `channel`; whole vectors are stored, n
 *             count */
#if defined(__AVX512F__)
static inline int32_t compress(vec x, int32_t channel, int32_t *channels, float *values)
{
    __mmask16 mask = _mm512_cmp_ps_mask((__m512)x, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    IN_MASK(mask);
    __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i index = _mm512_add_epi32(lane, _mm512_set1_epi32(channel));
    _mm512_storeu_si512(channels, _mm512_maskz_compress_epi32(mask, index));
    _mm512_storeu_ps(values, _mm512_maskz_compress_ps(mask, (__m512)x));
    return (int32_t)__builtin_popcount(mask);
}
#elif defined(__AVX2__)
/* The mask's bits are spread to bytes, which pick the lane numbers that stay. */
static inline int32_t compress(vec x, int32_t channel, int32_t *channels, float *values)
{
    unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)x, _mm256_setzero_ps(), _CMP_NEQ_UQ));
    uint64_t bytes = _pdep_u64(mask, 0x0101010101010101u) * 0xffu;
    uint64_t lanes = _pext_u64(0x0706050403020100u, bytes);
    __m256i pick = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
    _mm256_storeu_si256((__m256i *)(void *)channels, _mm256_add_epi32(pick, _mm256_set1_epi32(channel)));
    _mm256_storeu_ps(values, _mm256_permutevar8x32_ps((__m256)x, pick));
    return (int32_t)__builtin_popcount(mask);
}
#else
static inline int32_t compress(vec x, int32_t channel, int32_t *channels, float *values)
{
    int32_t n = 0;
    for (int32_t c = 0; c < WIDTH; c++) {
        channels[n] = channel + c;
        values[n] = x[c];
        n += x[c] != 0.0f;
    }
    return n;
}
#endif

/* compress_several()  the same for n_inputs vectors: the channels where any of them is nonzero; values `room` apart */
#if defined(__AVX512F__)
static inline int32_t compress_several(const vec *x, int n_inputs, int32_t channel, int32_t *channels, float *values,
                                       int64_t room)
{
    __mmask16 mask = 0;
    UNROLL
    for (int m = 0; m < n_inputs; m++)
        mask |= _mm512_cmp_ps_mask((__m512)x[m], _mm512_setzero_ps(), _CMP_NEQ_UQ);
    IN_MASK(mask);
    __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i index = _mm512_add_epi32(lane, _mm512_set1_epi32(channel));
    _mm512_storeu_si512(channels, _mm512_maskz_compress_epi32(mask, index));
    UNROLL
    for (int m = 0; m < n_inputs; m++)
        _mm512_storeu_ps(values + m * room, _mm512_maskz_compress_ps(mask, (__m512)x[m]));
    return (int32_t)__builtin_popcount(mask);
}
#elif defined(__AVX2__)
static inline int32_t compress_several(const vec *x, int n_inputs, int32_t channel, int32_t *channels, float *values,
                                       int64_t room)
{
    __m256 nonzero = _mm256_setzero_ps();
    UNROLL
    for (int m = 0; m < n_inputs; m++)
        nonzero = _mm256_or_ps(nonzero, _mm256_cmp_ps((__m256)x[m], _mm256_setzero_ps(), _CMP_NEQ_UQ));
    unsigned mask = (unsigned)_mm256_movemask_ps(nonzero);
    uint64_t lanes = _pext_u64(0x0706050403020100u, _pdep_u64(mask, 0x0101010101010101u) * 0xffu);
    __m256i pick = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
    _mm256_storeu_si256((__m256i *)(void *)channels, _mm256_add_epi32(pick, _mm256_set1_epi32(channel)));
    UNROLL
    for (int m = 0; m < n_inputs; m++)
        _mm256_storeu_ps(values + m * room, _mm256_permutevar8x32_ps((__m256)x[m], pick));
    return (int32_t)__builtin_popcount(mask);
}
#else
static inline int32_t compress_several(const vec *x, int n_inputs, int32_t channel, int32_t *channels, float *values,
                                       int64_t room)
{
    int32_t n = 0;
    for (int32_t c = 0; c < WIDTH; c++) {
        bool nonzero = false;
        channels[n] = channel + c;
        for (int m = 0; m < n_inputs; m++) {
            values[m * room + n] = x[m][c];
            nonzero |= x[m][c] != 0.0f;
        }
        n += nonzero;
    }
    return n;
}
#endif

/* compress_any()  the lanes where any bit but the sign's is set, first one `first`; whole vectors are stored, n count */
#if defined(__AVX512F__)
static inline int32_t compress_any(ivec any, int32_t first, int32_t *at)
{
    __mmask16 mask = _mm512_test_epi32_mask((__m512i)any, _mm512_set1_epi32(INT32_MAX));
    IN_MASK(mask);
    __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    _mm512_storeu_si512(at, _mm512_maskz_compress_epi32(mask, _mm512_add_epi32(lane, _mm512_set1_epi32(first))));
    return __builtin_popcount(_cvtmask16_u32(mask));
}
#elif defined(__AVX2__)
static inline int32_t compress_any(ivec any, int32_t first, int32_t *at)
{
    unsigned mask = (unsigned)_mm256_movemask_ps((__m256)((any & INT32_MAX) != 0));
    uint64_t lanes = _pext_u64(0x0706050403020100u, _pdep_u64(mask, 0x0101010101010101u) * 0xffu);
    __m256i pick = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
    _mm256_storeu_si256((__m256i *)(void *)at, _mm256_add_epi32(pick, _mm256_set1_epi32(first)));
    return (int32_t)__builtin_popcount(mask);
}
#else
static inline int32_t compress_any(ivec any, int32_t first, int32_t *at)
{
    int32_t n = 0;
    for (int32_t c = 0; c < WIDTH; c++) {
        at[n] = first + c;
        n += (any[c] & INT32_MAX) != 0;
    }
    return n;
}
#endif

/* compress_places()  the lanes where any of MG_SHARED vectors is nonzero. (Bits but the sign tell; so one test serves all.) */
static inline int32_t compress_places(const vec *x, int32_t first, int32_t *at)
{
    return compress_any((ivec)x[0] | (ivec)x[1] | (ivec)x[2], first, at);
}

/* lanes_unequal()  a bit for each lane that differs */
static inline uint32_t lanes_unequal(ivec a, ivec b)
{
#if defined(__AVX512F__)
    return (uint32_t)_mm512_cmpneq_epi32_mask((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (uint32_t)_mm256_movemask_ps((__m256)(a != b));
#else
    uint32_t bits = 0;
    for (int i = 0; i < WIDTH; i++)
        bits |= (uint32_t)(a[i] != b[i]) << i;
    return bits;
#endif
}

/* add_lanes()  sum of MG_LANES lanes that stand in several vectors: halves are added to halves, whatever the width */
static inline float add_lanes(const vec *part)
{
#if defined(__AVX2__)
#    if defined(__AVX512F__)
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256((__m512)part[0]), _mm512_extractf32x8_ps((__m512)part[0], 1));
#    else
    __m256 eight = _mm256_add_ps((__m256)part[0], (__m256)part[1]);
#    endif
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
#else
    float lane[MG_LANES];
    for (int v = 0; v < MG_LANES / WIDTH; v++)
        store(lane + v * WIDTH, part[v]);
    for (int half = MG_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
#endif
}

#endif
