/* kozak.h  the two features of the Kozak context that matter most: a purine at -3, G at +4
 *
 * For each: do windows that have it score higher; do mutations and methods give its base more weight than the others;
 * what happens when a substitution takes it away or makes it. Position by position it is in profile.h.
 * Source: Kozak 1986, Cell 44:283.
 */
#ifndef MG_TASK_STARTS_KOZAK_H
#define MG_TASK_STARTS_KOZAK_H

#include "src/statistics/cluster.h"
#include "src/task/evidence.h"
#include "src/core/status.h"

enum { MG_KOZAK_FIRST = -6, MG_KOZAK_LAST = 4 }; /* positions told to people */

typedef enum { MG_KOZAK_PURINE, MG_KOZAK_G, MG_N_KOZAK_FEATURES } mg_kozak_feature;
typedef enum { MG_KOZAK_LOST, MG_KOZAK_GAINED, MG_N_KOZAK_CHANGES } mg_kozak_change;

extern const char *const mg_kozak_feature_names[MG_N_KOZAK_FEATURES]; /* "purine at -3", "G at +4" */
extern const char *const mg_kozak_change_names[MG_N_KOZAK_CHANGES];   /* "lost", "gained" */

typedef struct {
    size_t n_sources;                                         /* 1 + methods, and behind them the score */
    mg_contrast *contrast;                                    /* owned (MG_N_KOZAK_FEATURES, n_sources + 1);
                                                                   * side 0: windows with the feature */
    mg_ratio change[MG_N_KOZAK_FEATURES][MG_N_KOZAK_CHANGES]; /* D of substitutions */
} mg_kozak;

/* mg_kozak_create()  an empty one; mg_kozak_destroy() frees what it holds, not the struct */
mg_status mg_kozak_create(size_t n_methods, mg_kozak *ret, mg_error *err);
void mg_kozak_destroy(mg_kozak *kozak);

/* mg_kozak_add()  take in a window; a feature whose position lies outside the window, or is unknown, is passed over */
void mg_kozak_add(mg_kozak *kozak, const mg_evidence *evidence);
void mg_kozak_end_cluster(mg_kozak *kozak);

#endif
