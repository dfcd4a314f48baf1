/* distinct.h  the distinct windows of an input, and the places where each is found
 *
 * Isoforms share exons, so about half of a transcriptome's windows repeat another. What a network says of a window is a
 * function of its bases, so each of them is worked on once. Windows are numbered by their first places, in the order of
 * the input; so numbers, and all that is made of them, depend on the input alone.
 *
 * Which windows are equal is found by sorting their keys (src/sequence/window_key.h), with bounded memory; places lie in a
 * spool. What stays in memory for each distinct window: its cluster and its label, 5 bytes, at most twice that while
 * there is no telling how many there will be. Not collective.
 */
#ifndef MG_IO_INPUT_DISTINCT_H
#define MG_IO_INPUT_DISTINCT_H

#include <stdint.h>

#include "io/base/spool.h"
#include "io/input/input.h"
#include "src/core/status.h"
#include "src/sequence/clusters.h"
#include "src/sequence/window.h"
#include "src/shard/shard.h"

typedef struct {
    const mg_input *input; /* the caller's; must outlive this */
    mg_spool *spool;       /* owned: places, then the first place of each window */
    int64_t windows_at;    /* where these begin */
    int64_t n_places, n_windows;
    int64_t n_annotated;  /* windows with label 1 */
    int64_t n_known;      /* known bases of all windows together: each has three mutants */
    uint64_t digest;      /* of the clusters */
    mg_clusters clusters; /* owned: numbered */
    mg_clusters_facts facts;
    int8_t *label; /* owned (n_windows) */
} mg_distinct;

/* mg_distinct_find()  go through all windows of the input
 *
 * Args:     folder - for temporary files; NULL: TMPDIR
 * Returns:  MG_OK and *ret for mg_distinct_destroy(); MG_EIO, MG_EMEM; MG_EINPUT: more than 2^32 - 1 windows
 */
mg_status mg_distinct_find(const mg_input *input, const char *folder, mg_distinct *ret, mg_error *err);
void mg_distinct_destroy(mg_distinct *distinct); /* frees what it holds, not the struct; one that is all 0 is fine */

/* mg_distinct_windows()  windows first .. first + n - 1; calls that go upward are quick
 * Args:    window - OUT, n of them;  base - OUT, (n, length) codes
 * Returns: MG_OK, MG_EMEM, or MG_EIO when a spool cannot be read */
mg_status mg_distinct_windows(const mg_distinct *distinct, int64_t first, int64_t n, mg_shard_window *window,
                              mg_base *base, mg_error *err);

/* mg_distinct_places()  places first .. first + n - 1, in the order of the input. Returns: MG_OK or MG_EIO */
mg_status mg_distinct_places(const mg_distinct *distinct, int64_t first, int64_t n, mg_place *ret, mg_error *err);

#endif
