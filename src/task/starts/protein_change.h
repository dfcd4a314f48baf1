/* protein_change.h  what an edit behind the start codon does to the protein: two translations, compared
 *
 * Both messages are translated from the start codon to their first stop in frame, or to the transcript's end. The class
 * and what the name tells come from this one comparison, so that they cannot contradict each other:
 *
 *     the same                                     silent
 *     the new stop comes earlier                   nonsense, but where whole codons were taken out and the stop stayed
 *     the old stop is read as an amino acid        stop_lost
 *     another frame is read from a codon on        frameshift, unless the first codon that differs is a stop
 *     amino acids come and go in the old frame     missense; inframe_deletion, inframe_insertion
 *     what differs is not known whole              incomplete
 *
 * Source of the names' rules: HGVS nomenclature, recommendations for proteins (nonsense variants are told as such
 * whatever their change of DNA; a deletion over the stop is told as a frameshift).
 */
#ifndef MG_TASK_STARTS_PROTEIN_CHANGE_H
#define MG_TASK_STARTS_PROTEIN_CHANGE_H

#include <stdint.h>

#include "src/mutation/edit.h"
#include "src/task/starts/substitution.h"

/* Classes of changes: those of mg_substitution_class, and behind them: */
enum {
    MG_CHANGE_FRAMESHIFT = MG_N_CLASSES,
    MG_CHANGE_INFRAME_DELETION,
    MG_CHANGE_INFRAME_INSERTION,
    MG_N_CHANGE_CLASSES
};

/* How the name of the protein is made. */
typedef enum {
    MG_PROTEIN_NO_NAME,
    MG_PROTEIN_SAME,     /* "Lys18=" of amino acid `first` */
    MG_PROTEIN_REPLACED, /* n_before amino acids from `first` on give way to n_after */
    MG_PROTEIN_STOPPED,  /* the same, and the last of the n_after is a stop */
    MG_PROTEIN_READ_ON   /* from `first` on another frame is read, or what stands behind the old stop */
} mg_protein_way;

typedef struct {
    int class; /* silent, nonsense, ... of the enums above; never a stop in another frame */
    mg_protein_way way;
    int64_t first, n_before, n_after; /* amino acids; 0 is the start's own */
} mg_protein_change;

/* mg_protein_compare()
 * Args:     edit   - what makes `after` of `before`; begins behind the start codon and not behind the stop, or leaves
 *                    the start codon as it was
 *           before, after - the whole transcript, read from the start */
mg_protein_change mg_protein_compare(const mg_edit *edit, const mg_reading *before, const mg_reading *after);

#endif
