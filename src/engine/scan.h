/* scan.h  exhaustive in-silico mutagenesis: the effect of putting every other base at every position
 *
 * Effect:    D(i,b) = F(x with base b at i) - F(x) for the three b that differ from x_i, 0 at x_i; exactly 0 at blind
 *            positions; 0 at unknown positions, which are not mutated.
 * How:       by delta propagation. The window's own activations are known from its forward pass; a mutant differs from
 *            them only within its reach (reach.h), and there, after each ReLU, in a minority of values. Only those
 *            differences are passed on: next layer's difference = W times the nonzero differences. The three mutants
 *            of a position share one list of them; positions go through a layer in tiles. That is for chains
 *            (chain.h); any other plan takes the tile scan (tile_scan.h).
 * Accuracy:  float32; differences are added to float32 activations.
 * Source:    the idea of passing on differences is that of fastISM (Nair et al., Bioinformatics 38:2397, 2022) and Yuzu
 *            (Schreiber et al., Bioinformatics 38:3557, 2022); sparse lists, tiles and kernels are ours
 *            (docs/performance.md).
 * Test:      tests/unit/test_scan.c, against float64 brute force, within 1e-4 of F.
 */
#ifndef MG_ENGINE_SCAN_H
#define MG_ENGINE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/engine/reach.h"
#include "src/engine/pass.h"
#include "src/engine/tile_scan.h"
#include "src/sequence/alphabet.h"

typedef struct mg_scan mg_scan;

/* mg_scan_create()  one thread's workspace; plan (MG_SINGLE) and reach must outlive it */
mg_status mg_scan_create(const mg_plan *plan, const mg_reach *reach, mg_scan **ret, mg_error *err);
void mg_scan_destroy(mg_scan *scan);

/* Steps of a chain's scan that are several links, or none, in one; rows of a table in scan_layers.c. None changes the
 * numbers but for rounding, so a test takes them away one by one. The last is of other graphs, and changes no bit. */
typedef enum {
    MG_REWRITE_COLUMNS,  /* a plain first convolution: differences of columns of weights, looked up (first_layer.h) */
    MG_REWRITE_PLACES,   /* map, ReLU and max pool at once, from places to places (src/kernels/places.h) */
    MG_REWRITE_MAP_POOL, /* map, ReLU and max pool at once, what lies between in L1 */
    MG_REWRITE_POOL,     /* ReLU and max pool at once */
    MG_REWRITE_FORMS,    /* a max pool writes the list or the places that the map behind it wants */
    MG_REWRITE_DOT,      /* ReLU and a last map of one position: one dot product */
    MG_REWRITE_PROOFS,   /* units that provably stay as they are, are not worked out: certificates (tile_scan.h) */
    MG_N_REWRITES
} mg_rewrite;

/* mg_scan_create_without()  the same with some rewrites left out: bit 1 << mg_rewrite of `without` each */
mg_status mg_scan_create_without(const mg_plan *plan, const mg_reach *reach, unsigned without, mg_scan **ret,
                                 mg_error *err);
size_t mg_scan_bytes(const mg_plan *plan, const mg_reach *reach);

/* mg_scan_count()  add to *n_macs, from now on, the multiply-adds with a weight that are done (src/engine/count.h); NULL:
 * count no more */
void mg_scan_count(mg_scan *scan, uint64_t *n_macs);

/* mg_scan_watch()  add to cost[i], from now on, what node i costs (tile_scan.h); (nodes + 1); NULL: no more */
void mg_scan_watch(mg_scan *scan, mg_scan_cost *cost);

/* mg_scan_window()  all effects of one window
 *
 * Args:     pass   - holds the forward pass of this window
 *           base   - (L) codes
 *           effect - OUT (L, 4), A C G T, units of F
 */
void mg_scan_window(mg_scan *scan, const mg_pass *pass, const mg_base *base, float *effect);

/* mg_scan_bytes_beside()  of one that follows the scan of another plan, where it can */
size_t mg_scan_bytes_beside(const mg_plan *plan, const mg_reach *reach, const mg_plan *leader);

/* mg_scan_follow()  from now on `scan` follows `leader`, if it can: what both do in the same way, to the last bit, is done once,
 *                   in mg_scan_window() of the leader (src/engine/tile_scan.h; of a chain all but the last step)
 * Args:    ret - OUT: it does. Else nothing has changed. A leader follows nobody.
 * Returns: MG_OK or MG_EMEM
 * mg_scan_bring()   a follower's window, before its leader's mg_scan_window(): pass and effect as there; that one fills it */
mg_status mg_scan_follow(mg_scan *scan, mg_scan *leader, bool *ret, mg_error *err);
void mg_scan_bring(mg_scan *scan, const mg_pass *pass, float *effect);

/* mg_scan_window_ref()  the same by one forward pass a mutant, on a pass of any precision (its activations are
 *                       overwritten)
 *
 * Args:     x      - (L, 4) scratch
 *           effect - OUT (L, 4)
 */
void mg_scan_window_ref(mg_pass *pass, const mg_base *base, double *x, double *effect);

#endif
