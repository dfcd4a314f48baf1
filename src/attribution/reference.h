/* reference.h  what an input is compared with: zero, uniform, or shuffles of itself; and the mean over such references */
#ifndef MG_ATTRIBUTION_REFERENCE_H
#define MG_ATTRIBUTION_REFERENCE_H

#include <stdint.h>

#include "src/attribution/method.h"
#include "src/sequence/alphabet.h"

typedef enum { MG_REFERENCE_ZERO, MG_REFERENCE_UNIFORM, MG_REFERENCE_SHUFFLE } mg_reference_kind;

/* The words of a method option that chooses one, in the order of mg_reference_kind. */
#define MG_REFERENCE_WORDS "zero|uniform|shuffle"

/* mg_reference_words()  ", shuffled references" for a label; "" for the one that is the method's default */
const char *mg_reference_words(int kind, mg_reference_kind preset);

/* mg_reference_fill()  reference number k of a window
 *
 * Purpose:  zero: all rows 0. uniform: 0.25 in every known row. shuffle: a dinucleotide-preserving shuffle of the
 *           window's known bases (Altschul & Erickson 1985), drawn from (view->seed, k), put back where the known bases
 *           stood. Unknown rows stay 0, so nothing is attributed to them. view->given->reference takes the place of
 *           them all.
 * Args:     shuffled  - scratch, 2 L codes
 *           reference - OUT (L, 4)
 */
void mg_reference_fill(mg_reference_kind kind, const mg_view *view, int64_t length, int64_t k, mg_base *shuffled,
                       double *reference);

/* mg_shuffle_dinucleotides()  shuffle n known bases in place, keeping the first, the last and the count of every
 * pair */
void mg_shuffle_dinucleotides(uint64_t seed, int64_t n, mg_base *base, mg_base *scratch);

/* Multipliers of a window seen from one reference, and of how many references of which kind the mean is taken. */
typedef struct {
    mg_reference_kind kind;
    int64_t n;
    /* Fill the multipliers (L, 4) of the window seen from reference number k (L, 4) and return by what they are to be
     * multiplied. The pass holds the window's forward pass, now and afterwards; its reference may be overwritten. */
    double (*multipliers)(const void *settings, mg_pass *pass, const mg_view *view, int64_t k, const double *reference,
                          void *room, double *multiplier);
    const void *settings; /* for multipliers() */
} mg_seen_from;

/* mg_explain_from_references()  a(i) and c(i,b) from multipliers, mean over references; they claim F(x) - F(r), mean too
 * mg_reference_scratch()        bytes of scratch it needs, with `room` bytes for multipliers() */
void mg_explain_from_references(const mg_seen_from *how, mg_pass *pass, const mg_view *view, void *scratch,
                                mg_explanation *explanation);
size_t mg_reference_scratch(const mg_plan *plan, size_t room);

/* mg_reference_count()  how many references of a kind a method uses that was told a number of shuffles: the others are one
 * each */
static inline int64_t mg_reference_count(mg_reference_kind kind, double shuffles)
{
    return kind == MG_REFERENCE_SHUFFLE ? (int64_t)shuffles : 1;
}

#endif
