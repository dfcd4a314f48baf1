/* contigs.h  how long the chromosomes of a genome are, from its FASTA file or the .fai that lies beside it */
#ifndef MG_IO_FASTA_CONTIGS_H
#define MG_IO_FASTA_CONTIGS_H

#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/names.h"

/* mg_contigs_measure()  the lengths of named chromosomes
 *
 * Purpose:  A path that ends in ".fai" is an index as `samtools faidx` makes it: name and length are its first two
 *           columns. Any other is FASTA, read from its beginning to its end with one chromosome at a time in memory.
 * Args:     names  - of the chromosomes that are wanted; their values are places in `length`
 *           length - OUT nt, at the place of each name that the file has; the others stay as they are
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT naming file and line.
 * Source:   samtools faidx(5)
 */
mg_status mg_contigs_measure(const char *path, const mg_names *names, int64_t *length, mg_error *err);

#endif
