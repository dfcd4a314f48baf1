/* average.h  the mean effect of each position over a sample of the run's windows: a baseline that knows the position, but not the
 * window
 *
 * The sample is windows at even distances, as many as the number of windows alone says, so it is the same for any ranks, threads
 * and restarts. For a window the mean is over sampled windows of other clusters: nothing of the window itself is in it.
 */
#ifndef MG_SHARD_AVERAGE_H
#define MG_SHARD_AVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

enum { MG_AVERAGE_KINDS = 4 };

typedef struct {
    int64_t n, length;
    int64_t *cluster; /* owned (n) of each window of the sample */
    int32_t *kind;    /* owned (n) of each, 0 .. MG_AVERAGE_KINDS - 1: only windows that lie alike are averaged */
    float *effect;    /* owned (n, L) e(i) of them; 0 at positions that have none */
    double *sum;      /* owned (MG_AVERAGE_KINDS, L), made by mg_average_finish() */
    int64_t n_of[MG_AVERAGE_KINDS];
} mg_average;

/* mg_average_size()  windows of the sample: one in 32, but 64 or all at least and 256 at most; fewer where windows are so long
 * that they would take more than 64 MB. mg_average_pick() is the k-th of them. */
int64_t mg_average_size(int64_t n_windows, int64_t length);
int64_t mg_average_pick(int64_t k, int64_t size, int64_t n_windows);

/* mg_average_create()  room for a sample; mg_average_destroy() frees what it holds, not the struct */
mg_status mg_average_create(int64_t n, int64_t length, mg_average *ret, mg_error *err);
void mg_average_destroy(mg_average *average);

/* mg_average_finish()  all effects are there */
void mg_average_finish(mg_average *average);

/* mg_average_of()  for a window of this kind and cluster: mean - OUT (L); all 0 where the sample has no other cluster */
void mg_average_of(const mg_average *average, int32_t kind, int64_t cluster, double *mean);

#endif
