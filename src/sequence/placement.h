/* placement.h  where transcripts lie on a genome, and from one kind of position to the other
 *
 * A transcript is a chain of exons of one chromosome and one strand. Positions count from 0 on both sides; intervals
 * are half-open. On the reverse strand the transcript's first base is the chromosome's last of it, and every base is
 * the complement of what the chromosome shows.
 */
#ifndef MG_SEQUENCE_PLACEMENT_H
#define MG_SEQUENCE_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/alphabet.h"
#include "src/sequence/names.h"

typedef struct {
    int64_t begin, end; /* nt of the chromosome */
    int64_t offset;     /* transcript position of the exon's base that is nearest to the transcript's 5' end */
} mg_exon;

typedef struct {
    size_t chromosome;   /* index into the names of whoever made the placement */
    char strand;         /* '+' or '-' */
    size_t n_exons;      /* 0: it has no place */
    const mg_exon *exon; /* ascending on the chromosome, on either strand, without overlap */
} mg_placement;

typedef struct {
    int64_t begin, end; /* nt of the chromosome */
} mg_genome_interval;

/* --- one transcript --- */

/* mg_placement_length()  nt of the transcript: of all its exons together */
int64_t mg_placement_length(const mg_placement *placement);

/* mg_placement_to_transcript()  chromosome position -> transcript position; -1 outside the exons */
int64_t mg_placement_to_transcript(const mg_placement *placement, int64_t at);

/* mg_placement_to_genome()  transcript position -> chromosome position; -1 outside the transcript */
int64_t mg_placement_to_genome(const mg_placement *placement, int64_t at);

/* mg_placement_overlaps()  is a base of chromosome positions [begin, end) in an exon? */
bool mg_placement_overlaps(const mg_placement *placement, int64_t begin, int64_t end);

/* mg_placement_exon()  the exon that transcript position `at`, which must be in it, lies in, together with those that touch it
 * on the chromosome: its first transcript position, and the one behind its last */
void mg_placement_exon(const mg_placement *placement, int64_t at, int64_t *ret_begin, int64_t *ret_end);

/* mg_placement_base()  a base of the transcript as the chromosome's forward strand has it, and the other way round */
mg_base mg_placement_base(const mg_placement *placement, mg_base base);

/* mg_placement_next()  split an interval of the transcript at exon junctions
 *
 *     for (int64_t at = begin; mg_placement_next(placement, &at, end, &piece);) ...
 *
 * Purpose:  Gives the pieces on the chromosome one after the other, from the transcript's 5' end on (so descending on
 *           the reverse strand).
 * Args:     inout_begin - where the next piece begins, in the transcript; moved behind the piece
 *           end         - of the interval, in the transcript
 * Returns:  false when nothing of [begin, end) is left in the transcript.
 */
bool mg_placement_next(const mg_placement *placement, int64_t *inout_begin, int64_t end, mg_genome_interval *ret);

/* --- many transcripts --- */

/* An exon in the order of the index. */
typedef struct {
    int64_t begin, end; /* nt of the chromosome */
    int64_t reach;      /* largest end of the part of the index that this exon is the middle of */
    size_t transcript;
} mg_placed_exon;

typedef struct {
    size_t n_placements;
    mg_placement *placement; /* owned, one a transcript */
    size_t n_exons;
    mg_exon *exon; /* owned; of all placements */
    size_t n_chromosomes;
    char **chromosome; /* owned names */
    mg_names chromosome_names;
    mg_placed_exon *indexed; /* owned; NULL before mg_placements_index() */
    size_t *first_indexed;   /* owned, (n_chromosomes + 1) where a chromosome begins in it */
} mg_placements;             /* begin with {0} */

void mg_placements_destroy(mg_placements *placements); /* frees what it holds, not the struct; NULL is fine */

/* mg_placements_index()  prepare for mg_placements_over(); 40 bytes an exon of a placed transcript */
mg_status mg_placements_index(mg_placements *inout, mg_error *err);

/* Transcripts, ascending and distinct. The room is reused from one question to the next. */
typedef struct {
    size_t n, n_room;
    size_t *transcript; /* owned by whoever asks: free() */
} mg_overlaps;          /* begin with {0} */

/* mg_placements_over()  the transcripts with an exon that shares a base with [begin, end) of a chromosome
 *
 * Purpose:  Takes time in the logarithm of the chromosome's exons and in what is found. For several threads at once,
 *           each with its own `inout`.
 * Returns:  MG_OK, or MG_EMEM.
 */
mg_status mg_placements_over(const mg_placements *placements, size_t chromosome, int64_t begin, int64_t end,
                             mg_overlaps *inout, mg_error *err);

#endif
