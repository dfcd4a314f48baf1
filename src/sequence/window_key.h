/* window_key.h  128 bits by which windows are told apart without their bases
 *
 * Two chains over the bases, eight at a time, of which each mixes all 64 bits of its state at every step (the finaliser of
 * splitmix64, src/core/random.h) and takes the bases in another way. Of n windows with different bases some two have the
 * same key with a probability of about n^2 / 2^129: 1e-25 for ten million. So equal keys count as equal bases.
 */
#ifndef MG_SEQUENCE_WINDOW_KEY_H
#define MG_SEQUENCE_WINDOW_KEY_H

#include <stdint.h>

#include "src/sequence/alphabet.h"

typedef struct {
    uint64_t half[2];
} mg_window_key;

/* mg_window_key_of()  of n codes, MG_UNKNOWN among them */
mg_window_key mg_window_key_of(const mg_base *base, int64_t n);

/* mg_window_key_compare()  below, equal to or above 0, as for qsort() */
int mg_window_key_compare(const mg_window_key *a, const mg_window_key *b);

#endif
