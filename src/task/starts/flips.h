/* flips.h  which substitutions turn the call
 *
 * The call is a start when F > 0. A substitution takes it away from a called window, or gives it to one that was not
 * called. Unknown positions and positions without a path to the output take no part.
 */
#ifndef MG_TASK_STARTS_FLIPS_H
#define MG_TASK_STARTS_FLIPS_H

#include "src/statistics/cluster.h"
#include "src/task/evidence.h"
#include "src/core/status.h"

typedef enum { MG_FLIP_LOST, MG_FLIP_GAINED, MG_N_FLIPS } mg_flip;

extern const char *const mg_flip_names[MG_N_FLIPS]; /* "lost", "gained" */

/* How sure a call must be for its flips to count: which substitutions flip depends much on it, because a call near the
 * boundary is flipped by anything. */
enum { MG_N_SURE = 4, MG_SURE_CLEAR = 2 };
extern const double
    mg_sure_probability[MG_N_SURE]; /* 0.5, 0.7, 0.9, 0.99 of what is called, log-odds taken for granted */

/* Flips of one direction. Two kinds of ratio: of the substitutions that could flip, the share that does; and of the
 * flips, the share that is of this kind. */
typedef struct {
    mg_ratio class[MG_N_CLASSES], of_flips_class[MG_N_CLASSES];
    mg_ratio to[MG_N_BASES], of_flips_to[MG_N_BASES]; /* by new base; the start codon is left out */
    mg_ratio nonsense[MG_N_SURE], to_c[MG_N_SURE];    /* of the flips in the coding part of windows called so surely */
    mg_ratio *position;                               /* owned (L) */
} mg_flip_counts;

typedef struct {
    int64_t length;
    mg_flip_counts direction[MG_N_FLIPS];
} mg_flips;

/* mg_flips_create()  an empty one; mg_flips_destroy() frees what it holds, not the struct */
mg_status mg_flips_create(int64_t length, mg_flips *ret, mg_error *err);
void mg_flips_destroy(mg_flips *flips);

/* mg_flips_add()  take in a window; those of a cluster come together, and then the cluster ends */
void mg_flips_add(mg_flips *flips, const mg_evidence *evidence);
void mg_flips_end_cluster(mg_flips *flips);

#endif
