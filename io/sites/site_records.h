/* site_records.h  the sequences around sites, cut out of a genome: each site a record of its own with its place
 *
 * A record is what a transcript is to all that follows: a name, bases in a spool, and one position in it that is looked at,
 * the site. It covers the site's window as far as the chromosome goes, read on the site's strand, so that windows over an
 * edge are padded, and where a margin is asked for so much more on either side. Its name tells where the window lies, as
 * bedtools writes it: "chr1:1000-1203(+)", of a site "donor:chr1:1000-1203(+)"; 0-based, half-open, not cut at the edges of
 * the chromosome.
 */
#ifndef MG_IO_SITES_SITE_RECORDS_H
#define MG_IO_SITES_SITE_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "io/base/spool.h"
#include "io/sites/blacklist.h"
#include "io/sites/sites.h"
#include "src/core/status.h"
#include "src/sequence/candidate.h"
#include "src/sequence/placement.h"
#include "src/sequence/transcript.h"

typedef struct {
    int64_t length, anchor;  /* of the network's window */
    int64_t margin;          /* nt kept beyond it on either side */
    int64_t decoys;          /* for each splice site so many GT or AG of its gene that are none */
    uint64_t decoy_seed;     /* which of them */
    bool mask;               /* bases in lower case are unknown */
    bool ambiguous;          /* keep R, Y, ... and N as such */
    mg_blacklist *blacklist; /* NULL: none */
} mg_site_cutting;

/* What was cut, and what was left out. */
typedef struct {
    int64_t n_missing;     /* sites of chromosomes that the genome does not have ... */
    char missing[64];      /* ... the first of these */
    mg_left_out beyond;    /* ... that end past the end of theirs */
    int64_t n_outside;     /* ... whose base lies outside of it (a tes at its very end) */
    int64_t n_blacklisted; /* ... whose window touches an interval of the blacklist */
    int64_t n_unknown;     /* ... with no known base in the window */
    int64_t n_no_stop;     /* ... of a CDS without a stop codon at its end */
    int64_t n_repeated;    /* ... that were there already */
    int64_t n_of_kind[MG_N_SITE_KINDS], n_decoys_of_kind[MG_N_SITE_KINDS]; /* records */
    int64_t n_few_decoys; /* decoys fewer than asked for: the genes have no more */
    int64_t n_forward;    /* records on the forward strand */
    int64_t n_short;      /* gaps of the annotation that are too short for an intron; set by who listed the sites */
} mg_site_counts;

typedef struct {
    mg_transcriptome transcriptome; /* owned; starts are those with label 1 */
    mg_start_list *listed;          /* owned (n_transcripts): the site of each */
    mg_placements placements;       /* owned; one exon each; indexed */
    int64_t *kin;               /* owned (n_transcripts) equal: of one gene, or windows that overlap on the genome */
    uint8_t *kind;              /* owned (n_transcripts) mg_site_kind */
    int64_t *chromosome_length; /* owned (n_chromosomes of the placements) nt */
    mg_site_counts counts;
} mg_site_records; /* begin with {0} */

/* mg_sites_cut()  read the genome once, one chromosome at a time
 *
 * Args:     path  - of the genome
 *           sites - its genes go over to *ret; chromosomes are found as in mg_genome_splice()
 *           sites_path - for messages
 *           spool - gets the bases
 * Returns:  MG_OK and *ret for mg_site_records_destroy(); MG_EMEM; MG_EIO; MG_EINPUT: none of the chromosomes is in the
 *           genome, more than half of the sites are past the end of theirs, nothing is left, or a fault of the FASTA file.
 */
mg_status mg_sites_cut(const char *path, mg_sites *sites, const char *sites_path, const mg_site_cutting *how,
                       mg_spool *spool, mg_site_records *ret, mg_error *err);
void mg_site_records_destroy(mg_site_records *records); /* frees what it holds, not the struct */

#endif
