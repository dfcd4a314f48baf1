/* stops.h  what classes of substitutions do to the score, codon by codon, and whether methods see the stops
 *
 * Substitutions at unknown positions and at positions without a path to the output take no part.
 */
#ifndef MG_TASK_STARTS_STOPS_H
#define MG_TASK_STARTS_STOPS_H

#include "src/statistics/cluster.h"
#include "src/statistics/spread.h"
#include "src/task/evidence.h"
#include "src/core/status.h"

enum { MG_N_CODING_CLASSES = MG_N_CLASSES - MG_CLASS_NONSENSE };

typedef struct {
    size_t n_sources, n_codons;         /* codons of a window, the start and a cut one included */
    mg_ratio *said;                     /* owned (n_sources, MG_N_CLASSES) of D, d or -a: what sources say of a class */
    mg_ratio probability[MG_N_CLASSES]; /* change of the probability, log-odds taken for granted */
    mg_ratio *codon;                    /* owned (n_codons, MG_N_CODING_CLASSES) of D */
    mg_spread spread[MG_N_CLASSES];     /* of D */
} mg_stops;

/* mg_stops_create()  an empty one, 14 MB; mg_stops_destroy() frees what it holds, not the struct */
mg_status mg_stops_create(int64_t length, int64_t anchor, size_t n_methods, mg_stops *ret, mg_error *err);
void mg_stops_destroy(mg_stops *stops);

/* mg_stops_add()  take in a window; those of a cluster come together, and then the cluster ends */
void mg_stops_add(mg_stops *stops, const mg_evidence *evidence);
void mg_stops_end_cluster(mg_stops *stops);

/* Room to rank the substitutions of a window; one a thread. */
typedef struct mg_stop_ranker mg_stop_ranker;
mg_status mg_stop_ranker_create(int64_t length, mg_stop_ranker **ret, mg_error *err);
void mg_stop_ranker_destroy(mg_stop_ranker *ranker);

/* mg_stop_auroc()  how well the sources tell nonsense from the other coding substitutions of this window
 *
 * Purpose:  Area under ROC of -D, -d or a: a nonsense substitution is expected to do the larger damage.
 * Args:     auroc - OUT 1 + n_methods numbers, `stride` apart; NaN when the window has no nonsense or nothing but
 *                   nonsense substitutions, or a source has values that are not finite
 */
void mg_stop_auroc(mg_stop_ranker *ranker, const mg_evidence *evidence, float *auroc, size_t stride);

#endif
