/* window.h  the stretch of sequence around a candidate codon that the network looks at, and where it came from
 *
 * A window has L bases; the candidate codon's first base stands at offset `anchor`. Positions told to people are
 * relative to the codon: its first base is +1, the base before it is -1, there is no 0.
 */
#ifndef MG_SEQUENCE_WINDOW_H
#define MG_SEQUENCE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "src/sequence/alphabet.h"
#include "src/sequence/transcript.h"

/* Where a window comes from and what was done to it. */
typedef struct {
    int64_t transcript; /* index into the transcriptome (input order) */
    int64_t start;      /* 0-based position of the candidate codon's first base in the transcript */
    int32_t label;      /* 1 annotated start, 0 not, -1 nothing is known (no annotation was given) */
    int32_t n_padded;   /* positions of the window that lie outside the transcript */
    int32_t n_unknown;  /* positions inside the transcript whose base is unknown (after --unknown was applied) */
    int32_t kind;       /* of the transcript */
} mg_window;

/* A place where a distinct window was found. Windows that have all L bases in common, unknown and padded ones included, are
 * one distinct window, with as many places as there are such windows. */
typedef struct {
    int64_t window;     /* number of the distinct window */
    int64_t transcript; /* ... and as in mg_window */
    int64_t start;
    int32_t label;
    int32_t n_padded;
    int32_t n_unknown; /* positions whose base is not known, padded ones included: the same in all places of a window */
} mg_place;

/* mg_window_cut()  the L bases around transcript position `start`
 *
 * Purpose:  base[p] is the transcript's base at start - anchor + p, or MG_UNKNOWN where that lies outside. With
 *           unknown_is_a, unknown bases inside the transcript become A (what the published code does); padded
 *           positions stay unknown. Fills n_padded and n_unknown of `window` (n_unknown is 0 with unknown_is_a).
 * Args:     base - OUT, L codes, allocated by the caller
 */
void mg_window_cut(const mg_transcript *transcript, int64_t start, int64_t length, int64_t anchor, int unknown_is_a,
                   mg_base *base, mg_window *window);

/* mg_window_position()  offset in the window -> position told to people (..., -2, -1, +1, +2, ...) */
int64_t mg_window_position(int64_t offset, int64_t anchor);

#endif
