/* surroundings.h  bases of a genome in and around the exons of its transcripts
 *
 * An insertion or deletion that is written in an intron may be the same as one in an exon. It can be moved along no further
 * than the sequence repeats itself with the period of what is put in or taken out; so this much of the genome around each
 * exon, and no more, is kept for whoever has to find out. It lies in a spool, a byte a base; in memory stay 24 bytes a piece.
 */
#ifndef MG_IO_GENOME_SURROUNDINGS_H
#define MG_IO_GENOME_SURROUNDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/base/spool.h"
#include "src/core/status.h"
#include "src/sequence/alphabet.h"
#include "src/sequence/placement.h"

typedef struct {
    int64_t begin, end; /* nt of the chromosome */
    int64_t place;      /* of its bases in the spool */
} mg_surrounding;

typedef struct {
    int64_t length; /* nt of the chromosome; 0 when it was not added */
    size_t n, n_room;
    mg_surrounding *piece; /* owned; ascending, apart from each other */
} mg_surrounding_list;

typedef struct {
    size_t n_chromosomes;
    mg_surrounding_list *chromosome; /* owned; numbered as in the annotation */
} mg_surroundings;                   /* begin with {0} */

void mg_surroundings_destroy(mg_surroundings *surroundings); /* frees what it holds, not the struct; NULL is fine */

/* mg_surroundings_add()  keep what is needed of a chromosome; once for each
 *
 * Args:     chromosome - its number, below n_chromosomes, which it raises where that is less
 *           base       - (length) of the chromosome
 *           exon       - (n_exons) in any order, within the chromosome; sorted and merged in place
 *           longest    - nt taken out or put in, at most
 * Returns:  MG_OK, MG_EMEM, or MG_EIO.
 */
mg_status mg_surroundings_add(mg_surroundings *inout, size_t chromosome, const mg_base *base, int64_t length,
                              mg_genome_interval *exon, size_t n_exons, int64_t longest, mg_spool *spool,
                              mg_error *err);

/* mg_surroundings_find()  the piece that position `at` of a chromosome lies in; NULL when it is not kept */
const mg_surrounding *mg_surroundings_find(const mg_surroundings *surroundings, size_t chromosome, int64_t at);

#endif
