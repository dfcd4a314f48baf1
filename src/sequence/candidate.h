/* candidate.h  which codons of the transcriptome are looked at
 *
 * The list depends on the input and the options alone; its order (transcripts in input order, starts ascending) is the
 * order of the windows in every file of a run.
 */
#ifndef MG_SEQUENCE_CANDIDATE_H
#define MG_SEQUENCE_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
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

typedef struct {
    size_t n_windows;
    mg_window *window; /* owned */
    /* what was dropped or special is said, never hidden: */
    int64_t n_annotated;    /* windows with label 1 */
    int64_t n_not_atg;      /* annotated starts whose codon is not ATG: no candidates unless listed */
    int64_t n_padded;       /* windows with padded positions */
    int64_t n_with_unknown; /* windows with unknown bases inside the transcript */
    int64_t n_skipped;      /* candidates left out because of skip_edges */
} mg_candidates;

/* mg_candidates_find()  list the candidate windows
 *
 * Args:     listed - for MG_CANDIDATES_LISTED: one array of starts a transcript (same layout as transcript->start),
 *                    as a transcriptome-long array of {n, start}; NULL otherwise
 * Returns:  MG_OK and *ret filled (give back with mg_candidates_destroy), or MG_EMEM.
 */
typedef struct {
    size_t n;
    int64_t *start; /* owned by who made the list */
} mg_start_list;

mg_status mg_candidates_find(const mg_transcriptome *transcriptome, const mg_candidate_options *options,
                             const mg_start_list *listed, mg_candidates *ret, mg_error *err);
void mg_candidates_destroy(mg_candidates *candidates);

#endif
