/* variant.h  a variant as a VCF file tells it, one alternative allele at a time: what can be scored, and why not
 *
 * Source: The Variant Call Format specification, VCFv4.3, section 1.6.1 (POS, REF, ALT).
 */
#ifndef MG_MUTATION_VARIANT_H
#define MG_MUTATION_VARIANT_H

#include <stdint.h>

#include "src/mutation/edit.h"
#include "src/sequence/alphabet.h"
#include "src/sequence/placement.h"

typedef enum {
    MG_VARIANT_SCORED,
    MG_VARIANT_OUTSIDE_WINDOWS,    /* in the transcript, but it touches no window and makes no upstream ATG */
    MG_VARIANT_NO_TRANSCRIPT,      /* no transcript lies there */
    MG_VARIANT_UNKNOWN_CHROMOSOME, /* the sequences or the annotation have no such chromosome or transcript */
    MG_VARIANT_PARTLY_OUTSIDE,     /* over an exon junction, or an end of the transcript */
    MG_VARIANT_SYMBOLIC,           /* "<DEL>", a breakend, "*" */
    MG_VARIANT_TOO_LONG,           /* more than MG_EDIT_LONGEST bases are taken out or put in */
    MG_VARIANT_UNKNOWN_BASE,       /* N or the like is taken out or put in, or stands in the sequence under it */
    MG_VARIANT_NO_ALTERNATIVE,     /* ALT is '.', or the same as REF */
    MG_VARIANT_REF_MISMATCH,       /* REF is not what the sequence has */
    MG_N_VARIANT_STATES
} mg_variant_state;

typedef struct {
    const char *name;  /* "ref_mismatch" */
    const char *label; /* behind a count, for people: "with a REF that the sequence does not have" */
} mg_variant_state_info;

extern const mg_variant_state_info mg_variant_states[MG_N_VARIANT_STATES];

/* mg_variant_edit()  alleles as an edit of what they stand on; bases that both have at their ends are not part of it,
 *                    whether they are known or not
 *
 * Args:     position - of REF's first base, 0-based
 *           ref, alt - as in the file; alt may be NULL for none
 *           ret      - OUT, when MG_VARIANT_SCORED is returned
 * Returns:  MG_VARIANT_SCORED: it can be; or why not.
 */
mg_variant_state mg_variant_edit(int64_t position, const char *ref, const char *alt, mg_edit *ret);

/* mg_variant_check()  does REF agree with a transcript? A base that is not known, on either side, agrees with those that it may
 * be, but must not be taken out
 *
 * Args:     position  - of REF's first base, 0-based, on the chromosome when there is a placement, else in the
 *                       transcript
 *           edit      - the alleles as mg_variant_edit() reads them
 *           placement - NULL: REF stands on the transcript itself; else only what lies in its exons is looked at
 *           base      - (length) of the transcript
 *           ret       - OUT, the position in the transcript of the first base that does not agree; `length` when REF
 *                       runs over the transcript's end
 * Returns:  MG_VARIANT_SCORED, MG_VARIANT_REF_MISMATCH, or MG_VARIANT_UNKNOWN_BASE where a base that is taken out is
 *           not known.
 */
mg_variant_state mg_variant_check(int64_t position, const char *ref, const mg_edit *edit, const mg_placement *placement,
                                  const mg_base *base, int64_t length, int64_t *ret);

#endif
