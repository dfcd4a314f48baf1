/* placements.h  where given transcripts lie on the genome, from the exons of a GTF or GFF3
 *
 * The annotation is read by io/annotation/annotation.h, which says what is left out (exons that overlap, on two strands, ...). Transcripts are found by name as for starts.
 */
#ifndef MG_IO_GENOME_PLACEMENTS_H
#define MG_IO_GENOME_PLACEMENTS_H

#include "io/annotation/annotation.h"
#include "src/core/status.h"
#include "src/sequence/placement.h"
#include "src/sequence/transcript.h"

/* mg_placements_take()  one placement a transcript, in the order of the transcriptome; without exons where the
 *                       annotation tells no place, or two
 *
 * Args:     inout - exons and names of chromosomes go over to *ret; its entries and starts stay
 *           path  - of the annotation, for messages
 *           transcriptome - names and lengths are looked at
 *           ret   - OUT, give back with mg_placements_destroy()
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT: the annotation has no exons (a BED of transcripts), none of its transcripts
 *           was given, or less than half of those that were are as long as their exons.
 */
mg_status mg_placements_take(mg_annotation *inout, const char *path, const mg_transcriptome *transcriptome,
                             mg_placements *ret, mg_error *err);

/* mg_placements_read()  the same from the annotation's file */
mg_status mg_placements_read(const char *path, const mg_transcriptome *transcriptome, mg_placements *ret,
                             mg_error *err);

/* mg_placements_n_placed()  transcripts that have a place */
size_t mg_placements_n_placed(const mg_placements *placements);

#endif
