/* kozak.c  windows with and without a feature */
#include "src/task/starts/kozak.h"

#include <stdlib.h>

#include "src/core/memory.h"

const char *const mg_kozak_feature_names[MG_N_KOZAK_FEATURES] = {"purine at -3", "G at +4"};
const char *const mg_kozak_change_names[MG_N_KOZAK_CHANGES] = {"lost", "gained"};

static const int offsets[MG_N_KOZAK_FEATURES] = {-3, 3}; /* from the codon's first base: positions -3 and +4 */

static bool has_feature(mg_kozak_feature feature, int base)
{
    return base == MG_G || (feature == MG_KOZAK_PURINE && base == MG_A);
}

mg_status mg_kozak_create(size_t n_methods, mg_kozak *ret, mg_error *err)
{
    *ret = (mg_kozak){.n_sources = 1 + n_methods};
    return mg_alloc(&ret->contrast, MG_N_KOZAK_FEATURES, (ret->n_sources + 1) * sizeof *ret->contrast, err);
}

void mg_kozak_destroy(mg_kozak *kozak)
{
    free(kozak->contrast);
    *kozak = (mg_kozak){0};
}

void mg_kozak_add(mg_kozak *kozak, const mg_evidence *evidence)
{
    const mg_reading *r = &evidence->reading;
    for (mg_kozak_feature f = 0; f < MG_N_KOZAK_FEATURES; f++) {
        int64_t p = r->anchor + offsets[f];
        if (p < 0 || p >= r->length || !mg_evidence_is_known(evidence, p)) continue;
        bool has = has_feature(f, evidence->base[p]);
        mg_contrast *contrast = kozak->contrast + (size_t)f * (kozak->n_sources + 1);
        for (size_t s = 0; s < kozak->n_sources; s++)
            mg_contrast_add(&contrast[s], !has, mg_evidence_position(evidence, s, p));
        mg_contrast_add(&contrast[kozak->n_sources], !has, evidence->score);
        for (int b = 0; b < MG_N_BASES; b++)
            if (has_feature(f, b) != has)
                mg_ratio_add(&kozak->change[f][has ? MG_KOZAK_LOST : MG_KOZAK_GAINED],
                             evidence->effect[p * MG_N_BASES + b], 1);
    }
}

void mg_kozak_end_cluster(mg_kozak *kozak)
{
    mg_contrast_end_cluster(kozak->contrast, MG_N_KOZAK_FEATURES * (kozak->n_sources + 1));
    mg_ratio_end_cluster(&kozak->change[0][0], MG_N_KOZAK_FEATURES * MG_N_KOZAK_CHANGES);
}
