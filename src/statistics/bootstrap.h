/* bootstrap.h  how sure a mean is, when the windows come in transcripts
 *
 * Windows of one transcript share sequence and are not independent, so what is drawn with replacement is the
 * transcript, with all its windows (cluster bootstrap; Davison & Hinkley 1997, section 3.8). Replicate r of a mean over
 * T transcripts is (sum of their sums) / (sum of their counts) over T draws; the interval is the 2.5 and 97.5
 * percentiles.
 */
#ifndef MG_STATISTICS_BOOTSTRAP_H
#define MG_STATISTICS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

/* mg_bootstrap_means()  95% percentile intervals of the means of several methods, from the same draws
 *
 * Purpose:  Replicate r draws with a generator seeded by (seed, r) alone and fills slot r, so the result has the same
 *           bits for any number of OpenMP threads. A replicate in which a method has no value does not count for it.
 *           Memory: n_replicates x n_methods doubles, and 4 bytes a transcript and thread.
 * Args:     total     - (n_transcripts, 2, n_methods) sums, then counts, of each method's values in each transcript
 *           low, high - OUT (n_methods), NaN when n_replicates is 0, or n_transcripts below 2
 * Returns:  MG_OK or MG_EMEM.
 */
mg_status mg_bootstrap_means(const double *total, size_t n_transcripts, size_t n_methods, uint64_t seed,
                             int64_t n_replicates, double *low, double *high, mg_error *err);

#endif
