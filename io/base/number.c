/* number.c  half, bfloat16, float and double to float */
#include "io/base/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "model files are little-endian and read without swapping");

size_t mg_number_size(mg_number_type type)
{
    static const size_t size[] = {[MG_FLOAT16] = 2, [MG_BFLOAT16] = 2, [MG_FLOAT32] = 4, [MG_FLOAT64] = 8};
    return size[type];
}

static float from_half(uint16_t half)
{
    int exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
    float sign = half & 0x8000 ? -1.0f : 1.0f;
    if (exponent == 0) return sign * ldexpf((float)fraction, -24);
    if (exponent == 0x1f) return fraction != 0 ? NAN : sign * INFINITY;
    return sign * ldexpf((float)(fraction | 0x400), exponent - 25);
}

static float from_bfloat(uint16_t upper)
{
    uint32_t bits = (uint32_t)upper << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float mg_number_read(mg_number_type type, const unsigned char *bytes, size_t i)
{
    uint16_t half;
    float single;
    double wide;
    bytes += i * mg_number_size(type);
    switch (type) {
    case MG_FLOAT16:
        memcpy(&half, bytes, sizeof half);
        return from_half(half);
    case MG_BFLOAT16:
        memcpy(&half, bytes, sizeof half);
        return from_bfloat(half);
    case MG_FLOAT64:
        memcpy(&wide, bytes, sizeof wide);
        return (float)wide;
    default:
        memcpy(&single, bytes, sizeof single);
        return single;
    }
}
