/* reference.h  what an input is compared with: zero, uniform, or shuffles of itself */
#ifndef MG_ATTRIBUTION_REFERENCE_H
#define MG_ATTRIBUTION_REFERENCE_H

#include <stdint.h>

#include "src/attribution/method.h"
#include "src/sequence/alphabet.h"

typedef enum { MG_REFERENCE_ZERO, MG_REFERENCE_UNIFORM, MG_REFERENCE_SHUFFLE } mg_reference_kind;

/* The words of a method option that chooses one, in the order of mg_reference_kind. */
#define MG_REFERENCE_WORDS "zero|uniform|shuffle"

/* mg_reference_fill()  reference number k of a window
 *
 * Purpose:  zero: all rows 0. uniform: 0.25 in every known row. shuffle: a dinucleotide-preserving shuffle of the
 *           window's known bases (Altschul & Erickson 1985), drawn from (view->seed, k), put back where the known bases
 *           stood. Unknown rows stay 0, so nothing is attributed to them.
 * Args:     shuffled  - scratch, 2 L codes
 *           reference - OUT (L, 4)
 */
void mg_reference_fill(mg_reference_kind kind, const mg_view *view, int64_t length, int64_t k, mg_base *shuffled,
                       double *reference);

/* mg_shuffle_dinucleotides()  shuffle n known bases in place, keeping the first, the last and the count of every
 * pair */
void mg_shuffle_dinucleotides(uint64_t seed, int64_t n, mg_base *base, mg_base *scratch);

#endif
