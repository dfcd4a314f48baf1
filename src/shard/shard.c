/* shard.c  room for a shard and for what is found about it */
#include "src/shard/shard.h"

#include <stdlib.h>

#include "src/core/memory.h"

int64_t mg_shard_count(int64_t n_windows, int64_t size)
{
    return n_windows / size + (n_windows % size != 0);
}

mg_status mg_shard_create(int64_t n, int64_t length, mg_shard *ret, mg_error *err)
{
    *ret = (mg_shard){.n = n, .length = length};
    mg_status status = mg_alloc(&ret->window, (size_t)n, sizeof *ret->window, err);
    if (status == MG_OK) status = mg_alloc(&ret->base, (size_t)(n * length), sizeof *ret->base, err);
    if (status != MG_OK) mg_shard_destroy(ret);
    return status;
}

void mg_shard_destroy(mg_shard *shard)
{
    if (shard == NULL) return;
    free(shard->window);
    free(shard->base);
    *shard = (mg_shard){0};
}

mg_status mg_result_create(int64_t n, int64_t length, size_t n_methods, size_t n_baselines, size_t n_metrics,
                           mg_store store, mg_result *ret, mg_error *err)
{
    *ret = (mg_result){.n = n,
                       .length = length,
                       .n_methods = n_methods,
                       .n_baselines = n_baselines,
                       .n_metrics = n_metrics,
                       .store = store};
    size_t windows = (size_t)n, positions = windows * (size_t)length;
    mg_status status = mg_alloc(&ret->score, windows, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&ret->probability, windows, sizeof(float), err);
    if (status == MG_OK)
        status = mg_alloc(&ret->agreement, (n_methods + n_baselines) * n_metrics * windows, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&ret->chosen, windows, sizeof *ret->chosen, err);
    if (status == MG_OK && store >= MG_STORE_CONTRIBUTION) {
        status = mg_alloc(&ret->effect, positions * 4, sizeof(float), err);
        if (status == MG_OK) status = mg_alloc(&ret->contribution, n_methods * positions, sizeof(float), err);
    }
    if (status == MG_OK && store >= MG_STORE_HYPOTHETICAL)
        status = mg_alloc(&ret->hypothetical, n_methods * positions * 4, sizeof(float), err);
    if (status != MG_OK) mg_result_destroy(ret);
    return status;
}

mg_status mg_result_add_measured(mg_result *result, bool with_se, mg_error *err)
{
    size_t n = (size_t)result->n * (size_t)result->length * MG_N_BASES;
    if (result->store < MG_STORE_CONTRIBUTION) return MG_OK;
    mg_status status = mg_alloc(&result->measured, n, sizeof(float), err);
    return status == MG_OK && with_se ? mg_alloc(&result->measured_se, n, sizeof(float), err) : status;
}

void mg_result_destroy(mg_result *result)
{
    if (result == NULL) return;
    free(result->score);
    free(result->probability);
    free(result->effect);
    free(result->contribution);
    free(result->hypothetical);
    free(result->agreement);
    free(result->chosen);
    free(result->measured);
    free(result->measured_se);
    *result = (mg_result){0};
}
