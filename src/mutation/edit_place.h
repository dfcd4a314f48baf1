/* edit_place.h  edits of a chromosome as edits of the transcripts that lie on it
 *
 * An event that can be written inside an exon is one of the transcript, however it was written. One that can be written in an
 * intron or between the genes is none. What remains reaches over an end of an exon in every way it can be written: what the
 * transcript becomes is not known. So equal variants have equal places, on either strand.
 */
#ifndef MG_MUTATION_EDIT_PLACE_H
#define MG_MUTATION_EDIT_PLACE_H

#include <stdint.h>

#include "src/mutation/edit.h"
#include "src/sequence/placement.h"

typedef enum { MG_PLACE_INSIDE, MG_PLACE_OUTSIDE, MG_PLACE_PARTLY } mg_edit_place;

/* How an edit may be written, by steps of mg_edit_roll() on the chromosome. */
typedef struct {
    mg_edit edit;        /* of the chromosome's forward strand, as given */
    int64_t left, right; /* so many steps; 0 for substitutions and the like */
} mg_edit_ways;

/* mg_edit_place_in()  where it lies in a transcript
 *
 * Args:     ret         - OUT when it is inside: the edit of the transcript; of several ways that are, the last in it
 *           ret_stretch - OUT, the exon, or exons that touch, in which that lies
 */
mg_edit_place mg_edit_place_in(const mg_edit_ways *ways, const mg_placement *placement, mg_edit *ret,
                               mg_stretch *ret_stretch);

#endif
