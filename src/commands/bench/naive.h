/* naive.h  the mutation scan as it is usually done: every mutant through the whole network, with a good dense product
 *
 * What mutagree bench compares the scan with, and what tests compare its numbers with in float32. It takes chains
 * (src/engine/chain.h); tiles of mutants share the weights of fully connected layers, and all sums stay in registers.
 */
#ifndef MG_COMMANDS_BENCH_NAIVE_H
#define MG_COMMANDS_BENCH_NAIVE_H

#include "src/core/status.h"
#include "src/engine/plan.h"
#include "src/sequence/alphabet.h"

typedef struct mg_naive mg_naive;

/* mg_naive_create()  workspace for a plan (MG_SINGLE); MG_EINPUT when it is no chain */
mg_status mg_naive_create(const mg_plan *plan, mg_naive **ret, mg_error *err);
void mg_naive_destroy(mg_naive *naive);

/* mg_naive_count()  add to *n_macs, from now on, the multiply-adds that are done, zeros and padding included; NULL: count
 * no more */
void mg_naive_count(mg_naive *naive, uint64_t *n_macs);

/* mg_naive_window()  effects of all substitutions of one window: effect (L, 4) OUT, as mg_scan_window() fills it, but
 * blind positions are worked out too */
void mg_naive_window(mg_naive *naive, const mg_base *base, float *effect);

#endif
