/* checksum.c  multiply and rotate, four words at a time */
#include "src/core/checksum.h"

#include <string.h>

#include "src/core/random.h"

enum { LANES = 4 };

static uint64_t add_word(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * UINT64_C(0x9e3779b97f4a7c15); /* odd, so no two words come to the same */
    return lane << 29 | lane >> 35;
}

uint64_t mg_checksum(uint64_t before, const void *bytes, size_t n)
{
    const char *at = bytes;
    uint64_t lane[LANES], word[LANES], sum = mg_mix(before, n);
    for (int k = 0; k < LANES; k++)
        lane[k] = mg_mix(sum, (uint64_t)k);
    size_t left = n;
    for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
        memcpy(word, at, sizeof word);
        for (int k = 0; k < LANES; k++)
            lane[k] = add_word(lane[k], word[k]);
    }
    memset(word, 0, sizeof word);
    memcpy(word, at, left);
    for (int k = 0; k < LANES; k++)
        sum = mg_mix(sum, add_word(lane[k], word[k]));
    return sum;
}
