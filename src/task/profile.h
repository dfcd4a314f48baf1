/* profile.h  mean effect and mean contribution at each position, and at each position by base: what logos are drawn
 * from */
#ifndef MG_TASK_PROFILE_H
#define MG_TASK_PROFILE_H

#include "src/statistics/cluster.h"
#include "src/task/evidence.h"
#include "src/core/status.h"

typedef struct {
    int64_t length;
    size_t n_sources;
    mg_ratio *position;  /* owned (n_sources, L) of e or a */
    mg_ratio *base;      /* owned (n_sources, L, 4) of e or a, where this base stands */
    mg_ratio *effect_to; /* owned (L, 4) of D(i,b), where another base stands */
} mg_profile;

/* mg_profile_create()  an empty one, 72 bytes a number; mg_profile_destroy() frees what it holds, not the struct */
mg_status mg_profile_create(int64_t length, size_t n_methods, mg_profile *ret, mg_error *err);
void mg_profile_destroy(mg_profile *profile);

/* mg_profile_add()  take in a window; those of a cluster come together, and then the cluster ends */
void mg_profile_add(mg_profile *profile, const mg_evidence *evidence);
void mg_profile_end_cluster(mg_profile *profile);

#endif
