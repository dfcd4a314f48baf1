/* profile.c  sums by position */
#include "src/task/profile.h"

#include <stdlib.h>

#include "src/core/memory.h"

mg_status mg_profile_create(int64_t length, size_t n_methods, mg_profile *ret, mg_error *err)
{
    size_t n = (size_t)length, n_sources = 1 + n_methods;
    *ret = (mg_profile){.length = length, .n_sources = n_sources};
    mg_status status = mg_alloc(&ret->position, n_sources, n * sizeof *ret->position, err);
    if (status == MG_OK) status = mg_alloc(&ret->base, n_sources, n * MG_N_BASES * sizeof *ret->base, err);
    return status == MG_OK ? mg_alloc(&ret->effect_to, n, MG_N_BASES * sizeof *ret->effect_to, err) : status;
}

void mg_profile_destroy(mg_profile *profile)
{
    free(profile->position);
    free(profile->base);
    free(profile->effect_to);
    *profile = (mg_profile){0};
}

void mg_profile_add(mg_profile *profile, const mg_evidence *evidence)
{
    for (int64_t p = 0; p < profile->length; p++) {
        if (!mg_evidence_is_known(evidence, p)) continue;
        int here = evidence->base[p];
        for (size_t s = 0; s < profile->n_sources; s++) {
            int64_t slot = (int64_t)s * profile->length + p;
            double x = mg_evidence_position(evidence, s, p);
            mg_ratio_add(&profile->position[slot], x, 1);
            mg_ratio_add(&profile->base[slot * MG_N_BASES + here], x, 1);
        }
        for (int b = 0; b < MG_N_BASES; b++)
            if (b != here)
                mg_ratio_add(&profile->effect_to[p * MG_N_BASES + b], evidence->effect[p * MG_N_BASES + b], 1);
    }
}

void mg_profile_end_cluster(mg_profile *profile)
{
    size_t n = profile->n_sources * (size_t)profile->length;
    mg_ratio_end_cluster(profile->position, n);
    mg_ratio_end_cluster(profile->base, n * MG_N_BASES);
    mg_ratio_end_cluster(profile->effect_to, (size_t)profile->length * MG_N_BASES);
}
