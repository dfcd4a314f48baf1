/* against.c  the metrics of single mutations once more, with effects as they were measured */
#include "src/shard/against.h"

#include <math.h>
#include <stdlib.h>

#include "src/core/memory.h"
#include "src/faithfulness/single.h"

struct mg_against {
    const mg_measured *measured;
    mg_truth *truth;
    float *effect;       /* (L, 4) of the window, as measured */
    float *contribution; /* (L) of the network */
    float *prediction;   /* (L, 4) likewise */
    const mg_base *base; /* (L) of the window, the caller's */
    size_t n_single;     /* metrics of single mutations */
};

mg_status mg_against_create(const mg_measured *measured, const mg_regions *regions, mg_against **ret, mg_error *err)
{
    mg_against *a = NULL;
    size_t length = (size_t)measured->effect.length;
    mg_status status = mg_alloc(&a, 1, sizeof *a, err);
    if (status != MG_OK) return status;
    a->measured = measured;
    a->n_single = MG_N_WHOLE + 2 * regions->n;
    status = mg_truth_create(regions, &a->truth, err);
    if (status == MG_OK) status = mg_alloc(&a->effect, length, MG_N_BASES * sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&a->contribution, length, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&a->prediction, length, MG_N_BASES * sizeof(float), err);
    if (status == MG_OK)
        *ret = a;
    else
        mg_against_destroy(a);
    return status;
}

void mg_against_destroy(mg_against *against)
{
    if (against == NULL) return;
    mg_truth_destroy(against->truth);
    free(against->effect);
    free(against->contribution);
    free(against->prediction);
    free(against);
}

size_t mg_against_bytes(const mg_measured *measured)
{
    return sizeof(mg_against) + (size_t)measured->effect.length * 9 * sizeof(float);
}

void mg_against_set(mg_against *against, int kind, const mg_base *base, const bool *blind)
{
    mg_measured_row(against->measured, base, against->effect, NULL);
    against->base = base;
    mg_truth_set(against->truth, kind, base, blind, against->effect, NAN);
}

void mg_against_compare(mg_against *against, const float *contribution, const float *hypothetical, float *metric)
{
    float single[MG_MAX_METRICS];
    mg_truth_compare(against->truth, contribution, hypothetical, NAN, single);
    mg_metric_pick_measured(single, against->n_single, metric);
}

/* Over the alternatives that were measured. */
static float mean_loss(const float *effect, const float *measured, mg_base base)
{
    double sum = 0;
    int n = 0;
    for (int b = 0; b < MG_N_BASES; b++) {
        if (b == base || isnan(measured[b])) continue;
        sum -= (double)effect[b];
        n++;
    }
    return n > 0 ? (float)(sum / n) : 0;
}

void mg_against_compare_network(mg_against *against, const float *effect, float *metric)
{
    for (int64_t p = 0; p < against->measured->effect.length; p++)
        against->contribution[p] =
            mean_loss(effect + p * MG_N_BASES, against->effect + p * MG_N_BASES, against->base[p]);
    mg_against_compare(against, against->contribution, effect, metric);
}
