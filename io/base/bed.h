/* bed.h  what lines of BED have in common: the pieces of an interval of a transcript on the sequence that it lies on
 *
 * Source: UCSC, BED format (Frequently asked questions, data file formats). Not collective.
 */
#ifndef MG_IO_BASE_BED_H
#define MG_IO_BASE_BED_H

#include <stddef.h>
#include <stdint.h>

#include "io/base/writer.h"
#include "src/sequence/placement.h"

/* mg_bed_split()  [begin, end) of a transcript in pieces between its exon junctions
 * Args:    ret - OUT, ascending on the chromosome; room for end - begin
 * Returns: how many there are; 0 when nothing of it lies in the transcript */
size_t mg_bed_split(const mg_placement *placement, int64_t begin, int64_t end, mg_genome_interval *ret);

/* mg_bed_score()  column 5: 1000 times a probability; 0 for what is none */
int64_t mg_bed_score(double probability);

/* mg_bed_put_blocks()  columns 10 to 12: the pieces as blocks */
void mg_bed_put_blocks(mg_writer *out, const mg_genome_interval *piece, size_t n);

#endif
