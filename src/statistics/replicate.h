/* replicate.h  what a bootstrap is made of: how often each cluster is drawn, and the sums over what was drawn
 *
 * A replicate's sums are (how often each cluster is drawn) x (the clusters' sums): with many replicates a product of
 * two matrices, which is cut into tiles that stay in the fast memory. Replicates are worked on in sets, so that the
 * clusters' sums come by once a set, and not once a replicate.
 */
#ifndef MG_STATISTICS_REPLICATE_H
#define MG_STATISTICS_REPLICATE_H

#include <stddef.h>
#include <stdint.h>

enum {
    MG_REPLICATE_SET = 32,   /* replicates that are worked on together */
    MG_REPLICATE_TILE = 64,  /* clusters of a tile */
    MG_REPLICATE_COLUMNS = 8 /* columns of sums come in multiples of this many */
};

/* mg_replicate_columns()  n columns, and zeros up to the next multiple of MG_REPLICATE_COLUMNS */
size_t mg_replicate_columns(size_t n);

/* mg_replicate_draw()  how often replicate r draws each of n clusters, n times with replacement
 *
 * Draw 2k and 2k + 1 are the lower and the upper half of mg_mix(mg_mix(seed, r), k), scaled to 0 .. n - 1; so a replicate
 * depends on (seed, r, n) alone. The scaling's bias is below n / 2^32 of a chance of 1 / n.
 * Args:     count - OUT (n); that one cluster be drawn more than 255 times of 256 or more has a chance below 1e-500
 */
void mg_replicate_draw(uint64_t seed, int64_t r, size_t n, uint8_t *count);

/* mg_replicate_turn()  counts of a tile, cluster by cluster, as the product takes them
 *
 * Args:     count - (MG_REPLICATE_SET, n_clusters) of a set of replicates
 *           first, n - clusters of the tile, n at most MG_REPLICATE_TILE
 *           times - OUT (n, MG_REPLICATE_SET)
 */
void mg_replicate_turn(const uint8_t *count, size_t n_clusters, size_t first, size_t n, double *times);

/* mg_replicate_add()  sum[r][c] += times[k][r] * total[k][c], over the tile's clusters k in their order
 *
 * Args:     times - (n, MG_REPLICATE_SET)
 *           total - (n, columns) sums of the tile's clusters; columns: a multiple of MG_REPLICATE_COLUMNS
 *           sum   - INOUT (MG_REPLICATE_SET, columns)
 */
void mg_replicate_add(const double *times, const double *total, size_t n, size_t columns, double *sum);

/* mg_replicate_add_ref()  the same by its definition, to the last bit */
void mg_replicate_add_ref(const double *times, const double *total, size_t n, size_t columns, double *sum);

#endif
