/* sites.h  places of a genome that a network is asked about: regions of a BED, splice sites, ends of transcripts
 *
 * A site is a base of a chromosome on one strand. Its window has that base at the network's anchor, and is read on the
 * site's strand; so sites on both strands of a region give windows that are not reverse complements of each other unless
 * the anchor is in the middle. Positions count from 0.
 *
 *   region    the centre of an interval, base n / 2 of its n on the strand it is read on; of narrowPeak the summit; of
 *             bedGraph the middle of the highest stretch of each run of intervals that touch and are above 0
 *   donor     the first base of an intron               acceptor  the first base behind an intron
 *   tss       the first base of a transcript            tes       the first base behind a transcript
 *   start     the first base of a start codon           stop      the first base of a stop codon
 *
 * So a boundary of exons lies before a site's base, which is +1, and -1 is the base before it, as splice sites are
 * counted in the literature.
 *
 * From a list of sites to windows: read_regions() or from_annotation(), then mg_sites_cut() (io/sites/site_records.h).
 */
#ifndef MG_IO_SITES_SITES_H
#define MG_IO_SITES_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/annotation/annotation.h"
#include "src/core/status.h"
#include "src/sequence/genes.h"
#include "src/sequence/names.h"

typedef enum {
    MG_SITE_REGION,
    MG_SITE_DONOR,
    MG_SITE_ACCEPTOR,
    MG_SITE_TSS,
    MG_SITE_TES,
    MG_SITE_START,
    MG_SITE_STOP,
    MG_N_SITE_KINDS
} mg_site_kind;

extern const char *const mg_site_names[MG_N_SITE_KINDS]; /* "region", "donor", ... */

typedef struct {
    size_t chromosome; /* index into the list's chromosomes */
    int64_t at;        /* the base that stands at the anchor */
    int64_t reach;     /* nt that the chromosome must have, by the file */
    int64_t line;      /* of the file that tells it; of a decoy: of its gene's first site */
    size_t locus;      /* index into the list's loci; SIZE_MAX for a region */
    int64_t
        stop[6]; /* MG_SITE_STOP alone: the last codon of the CDS as it is told, and the one behind it: mg_sites_cut()
                      * finds out which is the stop; -1 outside the transcript */
    mg_site_kind kind;
    char strand;  /* '+' or '-' */
    int8_t label; /* 1 a site, 0 a decoy, -1 a region: nothing is known */
} mg_site;

/* A gene at one place of the genome; a transcript of no known gene is one too. */
typedef struct {
    size_t chromosome;
    char strand;
    int64_t begin, end; /* from the first base of its transcripts to behind the last */
    int64_t gene;       /* in the list's genes; -1: none was told */
} mg_site_locus;

typedef struct {
    size_t n, n_room;
    mg_site *site; /* owned; no two with one chromosome, strand, kind and place */
    size_t n_loci, n_locus_room;
    mg_site_locus *locus; /* owned */
    size_t n_chromosomes, n_chromosome_room;
    char **chromosome; /* owned names */
    mg_names chromosome_names;
    mg_genes genes;      /* owned */
    unsigned kinds;      /* bit 1 << kind: asked for */
    const char *format;  /* "BED", "narrowPeak", "bedGraph", "annotation" */
    int64_t n_repeated;  /* sites that were there already */
    int64_t n_unplaced;  /* transcripts of the annotation that have no exons, or cannot be used ... */
    mg_left_out odd;     /* ... for a reason of their own */
    int64_t n_short;     /* gaps between exons that are too short for an intron: no splice sites */
    bool strand_is_told; /* column 6 had a strand on every line */
} mg_sites;              /* begin with {0} */

void mg_sites_destroy(mg_sites *sites); /* frees what it holds, not the struct */

/* mg_sites_parse()  "donor,acceptor" -> bits of kinds. MG_EUSAGE: an unknown word; the sentence lists the known ones. */
mg_status mg_sites_parse(const char *text, unsigned *ret, mg_error *err);

/* mg_sites_chromosome()  the number of a chromosome, added when it is not there yet; MG_OK or MG_EMEM */
mg_status mg_sites_chromosome(mg_sites *sites, const char *name, size_t n_name, size_t *ret, mg_error *err);

/* mg_sites_add()  one more; MG_OK or MG_EMEM */
mg_status mg_sites_add(mg_sites *sites, mg_site site, mg_error *err);

/* mg_site_compare()  by chromosome, place, strand and kind: 0 when they are the same site */
int mg_site_compare(const mg_site *x, const mg_site *y);

/* mg_sites_unite()  of equal sites the first stays, in the order of the list; the others are counted as repeated */
mg_status mg_sites_unite(mg_sites *sites, mg_error *err);

/* mg_sites_read_regions()  the intervals of a BED (3 to 12 columns), narrowPeak or bedGraph file
 *
 * The format is told by the file's ending, else by its line "track type=", else by its columns.
 * Args:    strand - "+", "-", "both", or "column" for column 6, where "." is +
 * Returns: MG_OK and *ret for mg_sites_destroy(); MG_EMEM; MG_EINPUT naming file and line. */
mg_status mg_sites_read_regions(const char *path, const char *strand, mg_sites *ret, mg_error *err);

enum { MG_SHORTEST_INTRON = 4 }; /* nt; gaps of 1 to 3 are how annotations write frameshifts */

/* mg_sites_from_annotation()  the sites of all transcripts of an annotation with exons, each once, on the strands of their
 * genes
 * Args:    inout - its genes go over to *ret
 * Returns: MG_OK and *ret for mg_sites_destroy(); MG_EMEM; MG_EINPUT: it has no such site */
mg_status mg_sites_from_annotation(mg_annotation *inout, const char *path, unsigned kinds, mg_sites *ret,
                                   mg_error *err);

#endif
