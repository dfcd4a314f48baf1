/* tile_scan.h  exhaustive in-silico mutagenesis of any graph: differences of a tile of mutants pass through its nodes
 *
 * Effect:    as src/engine/scan.h: D(i,b) = F(x with base b at i) - F(x), float32, differences from the window's own values.
 * How:       MG_SITES neighbouring positions with three mutants each are a tile; vectors run over its mutants
 *            (src/kernels/lanes.h). A node works on the positions that the tile changes and that F needs, and on the
 *            channels that differ. Three things spare work and change no bit:
 *              joined steps  nodes that look at one number each (batch norm, activations) are done on the sums of the
 *                            linear node before them, while these are in L1;
 *              certificates  a sum behind which a ReLU stays off for every mutant is not worked out: by Cauchy and
 *                            Schwarz no difference exceeds the sum over taps of |weights| |differences|, both rounded up;
 *              the tail      what is linear from some values to F is never run: F's difference is their differences
 *                            times dF/d(value), one dot product, and another score costs another.
 *            A kind that has none of rows(), lane(), tile() is run on each mutant whole: slow, and right.
 * Accuracy:  1e-4 of F's scale against float64 (tests/unit/test_tile_scan.c).
 * Source:    the idea of passing on differences is that of fastISM (Nair et al., Bioinformatics 38:2397, 2022); lanes,
 *            certificates, the tail and exact sets are ours (docs/performance.md).
 */
#ifndef MG_ENGINE_TILE_SCAN_H
#define MG_ENGINE_TILE_SCAN_H

#include "src/engine/pass.h"
#include "src/sequence/alphabet.h"

typedef struct mg_tile_scan mg_tile_scan;

/* What a node of a scan costs. */
typedef struct {
    double seconds;
    uint64_t n_macs; /* while they are counted */
    uint64_t n_rows; /* of MG_MUTANTS differences that it leaves; graphs only */
} mg_scan_cost;

/* mg_tile_scan_create()  one thread's workspace; the plan (MG_SINGLE) must outlive it
 * Args:    certificates - false: work out what they would spare, for who doubts them */
mg_status mg_tile_scan_create(const mg_plan *plan, bool certificates, mg_tile_scan **ret, mg_error *err);
void mg_tile_scan_destroy(mg_tile_scan *scan); /* NULL is fine */
size_t mg_tile_scan_bytes(const mg_tile_scan *scan);

/* mg_tile_scan_follow()  from now on `scan` follows `leader`, if it can: what both do in the same way, to the last bit, is done
 *                        once, in mg_tile_scan_window() of the leader, and the follower's own rest behind it
 * Purpose:  The scores of one network are the same up to their heads: the tile's differences, certificates and lists of all that
 *           lies before are the leader's, and a further score costs a gradient of its tail and a dot product. Both were made
 *           of plans of their own (MG_SINGLE), with certificates or without. A leader follows nobody. It must outlive its followers' use, and
 *           followers may be destroyed before or after it.
 * Returns:  how many steps are shared, 0: it cannot, nothing has changed; MG_EMEM by way of err leaves 0 too */
mg_status mg_tile_scan_follow(mg_tile_scan *scan, mg_tile_scan *leader, size_t *ret_shared, mg_error *err);

/* mg_tile_scan_bring()  a follower's window, before its leader's mg_tile_scan_window(): pass, effect as there; that one fills it */
void mg_tile_scan_bring(mg_tile_scan *scan, const mg_pass *pass, float *effect);

/* mg_tile_scan_count()  add to *n_macs, from now on, the multiply-adds with a weight that are done; NULL: no more */
void mg_tile_scan_count(mg_tile_scan *scan, uint64_t *n_macs);

/* mg_tile_scan_watch()  add to cost[i], from now on, what node i costs with all that is done in one with it, and to the last
 * of (nodes + 1) what is none's: gradients of the tail, sets of positions. NULL: no more */
void mg_tile_scan_watch(mg_tile_scan *scan, mg_scan_cost *cost);

/* mg_tile_scan_inside()  macs[i] OUT: multiply-adds with a weight that node i would take for all 3 L mutants of a window, at the
 *                        positions alone that each of them reaches and F needs; a plan of any graph, MG_SINGLE */
mg_status mg_tile_scan_inside(const mg_plan *plan, double *macs, mg_error *err);

/* mg_tile_scan_blind()  does position i reach F at all? true: no */
bool mg_tile_scan_blind(const mg_tile_scan *scan, int64_t i);

/* mg_tile_scan_window()  all effects of one window
 *
 * Args:     pass   - holds the forward pass of this window
 *           base   - (L) codes; unknown bases are not mutated
 *           effect - OUT (L, 4), A C G T, units of F
 */
void mg_tile_scan_window(mg_tile_scan *scan, const mg_pass *pass, const mg_base *base, float *effect);

/* mg_tile_scan_part()  the same for tile number `tile` alone (MG_SITES positions from tile * MG_SITES on); its part of
 * `effect` is written */
void mg_tile_scan_part(mg_tile_scan *scan, const mg_pass *pass, const mg_base *base, int64_t tile, float *effect);

#endif
