/* decoys.h  places of a gene that look like a splice site and are none: GT where no intron begins, AG where none ends */
#ifndef MG_IO_SITES_DECOYS_H
#define MG_IO_SITES_DECOYS_H

#include "io/sites/sites.h"
#include "src/core/status.h"
#include "src/sequence/alphabet.h"

/* mg_decoys_draw()  decoys of one kind in one locus, drawn without replacement, in ascending order
 *
 * Purpose:  Each GT (donor) or AG (acceptor) on the gene's strand, between the ends of its transcripts, whose base is no
 *           site of that kind on that strand of any gene, is as likely as any other. The draw is seeded by the seed, the
 *           name of the chromosome, the locus and the kind, so it does not depend on what else there is.
 * Args:     known - (n_known) all sites, sorted by mg_site_compare()
 *           base  - of the chromosome
 *           n     - how many
 *           ret   - OUT, room for n
 * Returns:  how many there are, fewer than n when the gene has no more
 */
int64_t mg_decoys_draw(const mg_site_locus *locus, const char *chromosome, mg_site_kind kind, const mg_site *known,
                       size_t n_known, const mg_base *base, int64_t length, uint64_t seed, int64_t n, int64_t *ret);

#endif
