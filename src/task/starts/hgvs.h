/* hgvs.h  a substitution in the notation of the Human Genome Variation Society, seen from the candidate start
 *
 * c. positions count from the A of the start codon as 1; before it stands -1; behind the stop codon *1. Whether this is
 * the coding DNA numbering of the transcript depends on the candidate being its start.
 * Source: HGVS nomenclature, recommendations for DNA and protein, substitutions.
 */
#ifndef MG_TASK_STARTS_HGVS_H
#define MG_TASK_STARTS_HGVS_H

#include "src/task/starts/substitution.h"

enum { MG_HGVS_TEXT = 64 };

/* mg_hgvs_coding()  "c.-3A>T", "c.52A>T", "c.*7C>G"; returns text */
char *mg_hgvs_coding(const mg_reading *reading, int64_t offset, mg_base to, char text[MG_HGVS_TEXT]);

/* mg_hgvs_number(), mg_hgvs_substitution()  the same in two steps: the number of a position, counted from behind the stop
 * codon when *ret_behind is set; and the text, from bases of the transcript */
int64_t mg_hgvs_number(const mg_reading *reading, int64_t offset, bool *ret_behind);
char *mg_hgvs_substitution(int64_t number, bool behind, mg_base from, mg_base to, char text[MG_HGVS_TEXT]);

/* mg_hgvs_protein()  "p.(Lys18Ter)", "p.(Lys18Asn)", "p.(Lys18=)", "p.(Met1?)" in the start codon, "p.(Ter9LysextTer?)"
 * for a lost stop; false outside the coding part and in a codon that is not known whole */
bool mg_hgvs_protein(const mg_reading *reading, int64_t offset, mg_base to, char text[MG_HGVS_TEXT]);

#endif
