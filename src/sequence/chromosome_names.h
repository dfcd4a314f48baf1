/* chromosome_names.h  one chromosome, two names: "chr1" of UCSC and GENCODE is "1" of Ensembl
 *
 * Only "chr" before the name is looked through. chrM is M, not MT: the two are other sequences in hg19.
 */
#ifndef MG_SEQUENCE_CHROMOSOME_NAMES_H
#define MG_SEQUENCE_CHROMOSOME_NAMES_H

#include <stddef.h>

#include "src/sequence/names.h"

/* mg_chromosome_find()  the entry of a name of n bytes, by itself, or with "chr" put before it or taken away; NULL when
 * there is none. */
const mg_name *mg_chromosome_find(const mg_names *names, const char *text, size_t n);

#endif
