/* window_key.c  two chains over words of eight bases */
#include "src/sequence/window_key.h"

#include <string.h>

#include "src/core/random.h"

enum { BASES_A_WORD = sizeof(uint64_t) };

/* Eight codes, or the last few with zeros behind them. */
static uint64_t word_at(const mg_base *base, int64_t n_left)
{
    uint64_t word = 0;
    size_t n = n_left < BASES_A_WORD ? (size_t)n_left : (size_t)BASES_A_WORD;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)base[i] << (8 * i);
    return word;
}

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

mg_window_key mg_window_key_of(const mg_base *base, int64_t n)
{
    mg_window_key key = {{mg_mix_begin((uint64_t)n), mg_mix_begin(~(uint64_t)n)}};
    for (int64_t at = 0; at < n; at += BASES_A_WORD) {
        uint64_t word = word_at(base + at, n - at);
        key.half[0] = mg_mix_end(key.half[0], word);
        key.half[1] = mg_mix_end(rotate(key.half[1], 23) ^ word * 0xd6e8feb86659fd93u, (uint64_t)at);
    }
    return key;
}

int mg_window_key_compare(const mg_window_key *a, const mg_window_key *b)
{
    for (int k = 0; k < 2; k++)
        if (a->half[k] != b->half[k]) return a->half[k] < b->half[k] ? -1 : 1;
    return 0;
}
