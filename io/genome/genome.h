/* genome.h  transcripts spliced from a genome's FASTA and the exons of a GTF or GFF3 */
#ifndef MG_IO_GENOME_GENOME_H
#define MG_IO_GENOME_GENOME_H

#include <stdint.h>

#include "io/annotation/annotation.h"
#include "io/base/spool.h"
#include "io/genome/surroundings.h"
#include "src/core/status.h"
#include "src/sequence/transcript.h"

/* The genome around the exons, for changes of at most `longest` nt. */
typedef struct {
    int64_t longest;
    bool ambiguous;                /* and bases as R, Y, ... and N */
    mg_surroundings *surroundings; /* added to */
} mg_genome_keep;

/* mg_genome_splice()  the transcripts of an annotation, in its order, named by their ids
 *
 * Purpose:  The genome is read once from its beginning to its end, and one chromosome at a time is held in memory.
 *           Transcripts on the reverse strand are reverse complements. Left out are entries without exons or on no
 *           single strand, those of chromosomes that the genome does not have, and those that end past the end of
 *           their chromosome. A chromosome is found by its name, without or with "chr", by what %3B and the like in it
 *           stand for, and by its accession in NCBI's style ("ref|NC_1.1|").
 * Args:     path            - of the genome
 *           annotation_path - for messages
 *           spool           - gets the bases
 *           keep            - what else of the genome is wanted; NULL: nothing
 *           ret             - OUT, given back by the caller with mg_transcriptome_destroy(); no starts in it
 *           ret_n_missing   - OUT, transcripts left out because their chromosome is missing
 *           ret_beyond      - OUT, and because it is too short
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT: no transcript of the annotation can be spliced from this genome, half of them
 *           or more end past the end of their chromosome, two chromosomes of the genome are one of the annotation, or a
 *           fault of the FASTA file.
 */
mg_status mg_genome_splice(const char *path, const mg_annotation *annotation, const char *annotation_path,
                           mg_spool *spool, const mg_genome_keep *keep, mg_transcriptome *ret, int64_t *ret_n_missing,
                           mg_left_out *ret_beyond, mg_error *err);

/* mg_genome_find_chromosome()  the entry, among names of a file's chromosomes, that a chromosome of a genome is, found as
 * above; NULL when there is none */
const mg_name *mg_genome_find_chromosome(const mg_names *names, const char *name);

#endif
