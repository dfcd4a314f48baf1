/* candidate.h  which codons of a transcript are looked at
 *
 * They depend on the input and the options alone; their order (transcripts in input order, starts ascending) is the
 * order of the windows in every file of a run. Candidates are found one after the other and never held as a list, so
 * that there may be any number of them.
 */
#ifndef MG_SEQUENCE_CANDIDATE_H
#define MG_SEQUENCE_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/sequence/transcript.h"
#include "src/sequence/window.h"

typedef enum {
    MG_CANDIDATES_ATG,       /* every ATG */
    MG_CANDIDATES_ANNOTATED, /* the annotated starts that are ATG */
    MG_CANDIDATES_LISTED     /* the positions listed by the user (any codon) */
} mg_candidate_kind;

typedef struct {
    mg_candidate_kind kind;
    bool annotated;    /* an annotation was given, so a codon that is not in it is no annotated start */
    bool skip_edges;   /* leave out windows that run over an end of the transcript (default: pad them) */
    bool unknown_is_a; /* --unknown A */
    int64_t length;    /* L */
    int64_t anchor;
} mg_candidate_options;

/* Starts in a transcript, ascending and distinct. */
typedef struct {
    size_t n;
    int64_t *start;   /* owned by who made the list */
    mg_coding coding; /* that the starts were told with */
} mg_start_list;

/* A search through one transcript; begin with the first four members set and the others 0. */
typedef struct {
    const mg_candidate_options *options;
    const mg_transcript *transcript; /* with its bases */
    size_t n_listed;                 /* for MG_CANDIDATES_LISTED: the starts to look at */
    const int64_t *listed;
    int64_t next;      /* where the search goes on: a position, or a place in a list of starts */
    int64_t n_skipped; /* candidates left out so far because of skip_edges */
} mg_candidate_search;

/* mg_candidate_next()  the next candidate of the transcript
 *
 * Args:     ret  - OUT, all but the number of the transcript
 *           base - OUT, options->length codes, allocated by the caller
 * Returns:  false when there is none left; then ret and base are of no use.
 */
bool mg_candidate_next(mg_candidate_search *search, mg_window *ret, mg_base *base);

/* What was dropped or is special is said, never hidden. */
typedef struct {
    int64_t n_windows;
    int64_t n_annotated;    /* windows with label 1 */
    int64_t n_not_atg;      /* annotated starts whose codon is not ATG: no candidates unless listed */
    int64_t n_with_atg;     /* windows with ATG at the anchor */
    int64_t n_padded;       /* windows with padded positions */
    int64_t n_with_unknown; /* windows with unknown bases inside the transcript */
    int64_t n_skipped;      /* candidates left out because of skip_edges */
    int64_t n_known;        /* known bases of all windows together: each has three mutants */
} mg_candidate_counts;

/* mg_candidate_count()  add a window of options->length bases */
void mg_candidate_count(mg_candidate_counts *counts, const mg_candidate_options *options, const mg_window *window,
                        const mg_base *base);

#endif
