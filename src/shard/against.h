/* against.h  one window's agreement with effects that were measured, of methods and of the network
 *
 * The same metrics as of the network's own effects (src/faithfulness/single.h), with D as it was measured: e(i) is the mean
 * over the alternatives that were, and a position without one is not informative, nor is one that the network does not
 * see. No position flips a call, because what was measured is no score of the network.
 */
#ifndef MG_SHARD_AGAINST_H
#define MG_SHARD_AGAINST_H

#include <stdbool.h>

#include "src/core/status.h"
#include "src/sequence/regions.h"
#include "src/shard/measured.h"

/* What a thread works with; opaque. */
typedef struct mg_against mg_against;

/* mg_against_create()  measured is kept, not copied. Returns: MG_OK, or as mg_truth_create(). */
mg_status mg_against_create(const mg_measured *measured, const mg_regions *regions, mg_against **ret, mg_error *err);
void mg_against_destroy(mg_against *against); /* NULL is fine */

/* mg_against_bytes()  memory of one, about */
size_t mg_against_bytes(const mg_measured *measured);

/* mg_against_set()  a window, as of mg_truth_set(); base is kept until the next one */
void mg_against_set(mg_against *against, int kind, const mg_base *base, const bool *blind);

/* mg_against_compare()  a method in that window: a (L), c (L, 4) or NULL
 * Args: metric - OUT, those that mg_metric_set_add_measured() adds, in its order; NaN where nothing was measured */
void mg_against_compare(mg_against *against, const float *contribution, const float *hypothetical, float *metric);

/* mg_against_compare_network()  the network in that window: its effects (L, 4), A C G T. Its e(i) is over the alternatives that
 * were measured, as that which it is compared with. */
void mg_against_compare_network(mg_against *against, const float *effect, float *metric);

#endif
