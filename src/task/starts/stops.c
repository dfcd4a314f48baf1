/* stops.c  sums by class and codon, and the area under ROC of one window */
#include "src/task/starts/stops.h"

#include <math.h>
#include <stdlib.h>

#include "src/faithfulness/rank.h"
#include "src/core/memory.h"
#include "src/engine/probability.h"

mg_status mg_stops_create(int64_t length, int64_t anchor, size_t n_methods, mg_stops *ret, mg_error *err)
{
    *ret = (mg_stops){.n_sources = 1 + n_methods, .n_codons = (size_t)((length - anchor + 2) / 3)};
    mg_status status = mg_alloc(&ret->said, ret->n_sources, MG_N_CLASSES * sizeof *ret->said, err);
    if (status == MG_OK) status = mg_alloc(&ret->codon, ret->n_codons, MG_N_CODING_CLASSES * sizeof *ret->codon, err);
    for (int c = 0; c < MG_N_CLASSES && status == MG_OK; c++)
        status = mg_spread_create(&ret->spread[c], err);
    return status;
}

void mg_stops_destroy(mg_stops *stops)
{
    free(stops->said);
    free(stops->codon);
    for (int c = 0; c < MG_N_CLASSES; c++)
        mg_spread_destroy(&stops->spread[c]);
    *stops = (mg_stops){0};
}

static void add_substitution(mg_stops *stops, const mg_evidence *evidence, int64_t p, int b)
{
    mg_substitution_class class = mg_reading_classify(&evidence->reading, p, (mg_base)b);
    double effect = mg_evidence_substitution(evidence, 0, p, b);
    for (size_t s = 0; s < stops->n_sources; s++)
        mg_ratio_add(&stops->said[s * MG_N_CLASSES + class], mg_evidence_substitution(evidence, s, p, b), 1);
    mg_ratio_add(&stops->probability[class], mg_probability_change(evidence->score, effect), 1);
    mg_spread_add(&stops->spread[class], (float)effect);
    if (!mg_classes[class].coding) return;
    size_t codon = (size_t)((p - evidence->reading.anchor) / 3);
    mg_ratio_add(&stops->codon[codon * MG_N_CODING_CLASSES + class - MG_CLASS_NONSENSE], effect, 1);
}

void mg_stops_add(mg_stops *stops, const mg_evidence *evidence)
{
    for (int64_t p = 0; p < evidence->reading.length; p++) {
        if (!mg_evidence_is_known(evidence, p) || evidence->blind[p]) continue;
        for (int b = 0; b < MG_N_BASES; b++)
            if (b != evidence->base[p]) add_substitution(stops, evidence, p, b);
    }
}

void mg_stops_end_cluster(mg_stops *stops)
{
    mg_ratio_end_cluster(stops->said, stops->n_sources * MG_N_CLASSES);
    mg_ratio_end_cluster(stops->probability, MG_N_CLASSES);
    mg_ratio_end_cluster(stops->codon, stops->n_codons * MG_N_CODING_CLASSES);
}

/* --- area under ROC --- */

struct mg_stop_ranker {
    int64_t *position; /* (n) of the coding substitutions of the present window */
    uint8_t *base;     /* (n) */
    bool *nonsense;    /* (n) */
    double *value;     /* (n) */
    uint32_t *order;
    mg_sorter *sorter;
};

mg_status mg_stop_ranker_create(int64_t length, mg_stop_ranker **ret, mg_error *err)
{
    size_t n = (size_t)length * (MG_N_BASES - 1);
    mg_stop_ranker *r = NULL;
    mg_status status = mg_alloc(&r, 1, sizeof *r, err);
    if (status != MG_OK) return status;
    if ((status = mg_alloc(&r->position, n, sizeof *r->position, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&r->base, n, sizeof *r->base, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&r->nonsense, n, sizeof *r->nonsense, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&r->value, n, sizeof *r->value, err)) != MG_OK) goto cleanup;
    if ((status = mg_alloc(&r->order, n, sizeof *r->order, err)) != MG_OK) goto cleanup;
    if ((status = mg_sorter_create(n, &r->sorter, err)) != MG_OK) goto cleanup;
    *ret = r;
    r = NULL;
cleanup:
    mg_stop_ranker_destroy(r);
    return status;
}

void mg_stop_ranker_destroy(mg_stop_ranker *ranker)
{
    if (ranker == NULL) return;
    free(ranker->position);
    free(ranker->base);
    free(ranker->nonsense);
    free(ranker->value);
    free(ranker->order);
    mg_sorter_destroy(ranker->sorter);
    free(ranker);
}

/* The coding substitutions of a window; returns how many, and how many of them are nonsense. */
static size_t list_coding(mg_stop_ranker *ranker, const mg_evidence *evidence, size_t *n_nonsense)
{
    size_t n = 0;
    *n_nonsense = 0;
    for (int64_t p = evidence->reading.anchor + 3; p < evidence->reading.length; p++) {
        if (!mg_evidence_is_known(evidence, p) || evidence->blind[p]) continue;
        for (int b = 0; b < MG_N_BASES; b++) {
            if (b == evidence->base[p]) continue;
            mg_substitution_class class = mg_reading_classify(&evidence->reading, p, (mg_base)b);
            if (!mg_classes[class].coding) continue;
            ranker->position[n] = p;
            ranker->base[n] = (uint8_t)b;
            ranker->nonsense[n++] = class == MG_CLASS_NONSENSE;
            *n_nonsense += class == MG_CLASS_NONSENSE;
        }
    }
    return n;
}

/* Mann and Whitney: ranks count from the largest value, which is the largest damage; equal values share theirs. */
static double area(mg_stop_ranker *ranker, size_t n, size_t n_nonsense)
{
    double rank_sum = 0, positive = (double)n_nonsense, negative = (double)(n - n_nonsense);
    mg_sort_descending(ranker->sorter, ranker->value, n, ranker->order);
    for (size_t k = 0; k < n;) {
        size_t begin = k, end = mg_tie_end(ranker->value, ranker->order, k, n);
        for (; k < end; k++)
            if (ranker->nonsense[ranker->order[k]]) rank_sum += 0.5 * (double)(begin + 1 + end);
    }
    return 1 - (rank_sum - positive * (positive + 1) / 2) / (positive * negative);
}

void mg_stop_auroc(mg_stop_ranker *ranker, const mg_evidence *evidence, float *auroc, size_t stride)
{
    size_t n_nonsense, n = list_coding(ranker, evidence, &n_nonsense);
    for (size_t s = 0; s <= evidence->n_methods; s++) {
        bool finite = true;
        for (size_t k = 0; k < n; k++) {
            ranker->value[k] = -mg_evidence_substitution(evidence, s, ranker->position[k], ranker->base[k]);
            finite = finite && isfinite(ranker->value[k]);
        }
        bool defined = finite && n_nonsense > 0 && n_nonsense < n;
        auroc[s * stride] = defined ? (float)area(ranker, n, n_nonsense) : NAN;
    }
}
