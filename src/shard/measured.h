/* measured.h  effects of substitutions that somebody has measured, in windows of a run
 *
 * A saturation MPRA or a deep mutational scan tells what a substitution does, whatever a network says. Such effects stand
 * beside those of the network: methods are compared with both, and the network itself with what was measured.
 * Numbers are held as float32, as all that is kept of a window.
 */
#ifndef MG_SHARD_MEASURED_H
#define MG_SHARD_MEASURED_H

#include <stddef.h>
#include <stdint.h>

#include "src/attribution/foreign.h"
#include "src/core/status.h"
#include "src/sequence/alphabet.h"

typedef struct {
    mg_foreign_rows
        effect; /* owned (n, L, 4): alternative minus reference; NaN: not measured; 0 for the base that is there */
    float *se;  /* owned (n, L, 4) their standard errors, NaN: not told; NULL: the file tells none */
} mg_measured;

void mg_measured_destroy(mg_measured *measured); /* frees what it holds, not the struct; one that is all 0 is fine */

size_t mg_measured_bytes(const mg_measured *measured); /* memory of its rows, for the plan */

/* mg_measured_row()  what is known of a window
 *
 * Args:     base   - (L) codes
 *           effect - OUT (L, 4): NaN where nothing was measured, 0 for the base that is there
 *           se     - OUT (L, 4), likewise; NULL: not wanted, or the file tells none
 * Returns:  whether anything was measured in it
 */
bool mg_measured_row(const mg_measured *measured, const mg_base *base, float *effect, float *se);

#endif
