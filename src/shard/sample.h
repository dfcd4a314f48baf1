/* sample.h  which windows of a run are looked at again */
#ifndef MG_SHARD_SAMPLE_H
#define MG_SHARD_SAMPLE_H

#include <stdint.h>

/* mg_sample_window()  the i-th of n_drawn windows out of n, 0 <= i < n_drawn <= n
 *
 * Purpose:  The windows are cut into n_drawn stretches of equal length (to one), and one window is drawn from each; so
 *           the sample is in order, has no window twice, and comes from all parts of the run. With n_drawn = n it is
 *           every window. Depends on its arguments alone.
 */
int64_t mg_sample_window(int64_t n, int64_t n_drawn, uint64_t seed, int64_t i);

#endif
