/* flips.c  shares of flips and shares among flips */
#include "src/task/starts/flips.h"

#include <math.h>
#include <stdlib.h>

#include "src/core/memory.h"

const char *const mg_flip_names[MG_N_FLIPS] = {"lost", "gained"};
const double mg_sure_probability[MG_N_SURE] = {0.5, 0.7, 0.9, 0.99};

mg_status mg_flips_create(int64_t length, mg_flips *ret, mg_error *err)
{
    *ret = (mg_flips){.length = length};
    mg_status status = MG_OK;
    for (mg_flip f = 0; f < MG_N_FLIPS && status == MG_OK; f++)
        status = mg_alloc(&ret->direction[f].position, (size_t)length, sizeof(mg_ratio), err);
    return status;
}

void mg_flips_destroy(mg_flips *flips)
{
    for (mg_flip f = 0; f < MG_N_FLIPS; f++)
        free(flips->direction[f].position);
    *flips = (mg_flips){0};
}

/* A flip in the coding part of a window whose score is that far from the boundary. */
static void add_coding(mg_flip_counts *counts, mg_substitution_class class, int to, double distance)
{
    for (int k = 0; k < MG_N_SURE; k++) {
        if (distance < log(mg_sure_probability[k] / (1 - mg_sure_probability[k]))) continue;
        mg_ratio_add(&counts->nonsense[k], class == MG_CLASS_NONSENSE, 1);
        mg_ratio_add(&counts->to_c[k], to == MG_C, 1);
    }
}

/* Among the flips: everyone counts in the denominator of every kind. */
static void add_flip(mg_flip_counts *counts, mg_substitution_class class, int to, double distance)
{
    for (int c = 0; c < MG_N_CLASSES; c++)
        mg_ratio_add(&counts->of_flips_class[c], c == (int)class, 1);
    if (mg_classes[class].coding) add_coding(counts, class, to, distance);
    if (class == MG_CLASS_START_CODON) return;
    for (int b = 0; b < MG_N_BASES; b++)
        mg_ratio_add(&counts->of_flips_to[b], b == to, 1);
}

void mg_flips_add(mg_flips *flips, const mg_evidence *evidence)
{
    bool called = evidence->score > 0;
    mg_flip_counts *counts = &flips->direction[called ? MG_FLIP_LOST : MG_FLIP_GAINED];
    for (int64_t p = 0; p < flips->length; p++) {
        if (!mg_evidence_is_known(evidence, p) || evidence->blind[p]) continue;
        for (int b = 0; b < MG_N_BASES; b++) {
            if (b == evidence->base[p]) continue;
            bool flip = (evidence->score + mg_evidence_substitution(evidence, 0, p, b) > 0) != called;
            mg_substitution_class class = mg_reading_classify(&evidence->reading, p, (mg_base)b);
            mg_ratio_add(&counts->class[class], flip, 1);
            mg_ratio_add(&counts->position[p], flip, 1);
            if (class != MG_CLASS_START_CODON) mg_ratio_add(&counts->to[b], flip, 1);
            if (flip) add_flip(counts, class, b, fabs(evidence->score));
        }
    }
}

void mg_flips_end_cluster(mg_flips *flips)
{
    for (mg_flip f = 0; f < MG_N_FLIPS; f++) {
        mg_flip_counts *counts = &flips->direction[f];
        mg_ratio_end_cluster(counts->class, MG_N_CLASSES);
        mg_ratio_end_cluster(counts->of_flips_class, MG_N_CLASSES);
        mg_ratio_end_cluster(counts->to, MG_N_BASES);
        mg_ratio_end_cluster(counts->of_flips_to, MG_N_BASES);
        mg_ratio_end_cluster(counts->nonsense, MG_N_SURE);
        mg_ratio_end_cluster(counts->to_c, MG_N_SURE);
        mg_ratio_end_cluster(counts->position, (size_t)flips->length);
    }
}
