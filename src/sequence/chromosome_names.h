/* chromosome_names.h  one chromosome, two names: "chr1" of UCSC and GENCODE is "1" of Ensembl
 *
 * Only "chr" before the name is looked through. chrM is M, not MT: the two are other sequences in hg19.
 */
#ifndef MG_SEQUENCE_CHROMOSOME_NAMES_H
#define MG_SEQUENCE_CHROMOSOME_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "src/sequence/names.h"

/* mg_chromosome_find()  the entry of a name of n bytes, by itself, or with "chr" put before it or taken away; NULL when
 * there is none. */
const mg_name *mg_chromosome_find(const mg_names *names, const char *text, size_t n);

/* mg_chromosome_is_mitochondrial()  MT, M, chrM and chrMT, as vertebrates' are called. ("Mt" is the name in plants, which use
 * the standard code, yeast has "Mito", worms have "MtDNA".) */
bool mg_chromosome_is_mitochondrial(const char *name);

#endif
