/* average.c  sums over a sample, less the own cluster's */
#include "src/shard/average.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { FEWEST = 64, MOST = 256, ONE_IN = 32, MOST_NUMBERS = 16 << 20 };

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t mg_average_size(int64_t n_windows, int64_t length)
{
    int64_t n = smaller(n_windows / ONE_IN, MOST), room = MOST_NUMBERS / (length > 0 ? length : 1);
    if (n < FEWEST) n = smaller(n_windows, FEWEST);
    return smaller(n, room > 1 ? room : 1);
}

int64_t mg_average_pick(int64_t k, int64_t size, int64_t n_windows)
{
    return n_windows / size * k + n_windows % size * k / size;
}

mg_status mg_average_create(int64_t n, int64_t length, mg_average *ret, mg_error *err)
{
    *ret = (mg_average){.n = n, .length = length};
    mg_status status = mg_alloc(&ret->cluster, (size_t)n, sizeof *ret->cluster, err);
    if (status == MG_OK) status = mg_alloc(&ret->effect, (size_t)n, (size_t)length * sizeof *ret->effect, err);
    if (status == MG_OK) status = mg_alloc(&ret->kind, (size_t)n, sizeof *ret->kind, err);
    if (status == MG_OK) status = mg_alloc(&ret->sum, MG_AVERAGE_KINDS * (size_t)length, sizeof *ret->sum, err);
    if (status != MG_OK) mg_average_destroy(ret);
    return status;
}

void mg_average_destroy(mg_average *average)
{
    free(average->cluster);
    free(average->kind);
    free(average->effect);
    free(average->sum);
    *average = (mg_average){0};
}

static int64_t slot_of(int32_t kind)
{
    return kind >= 0 && kind < MG_AVERAGE_KINDS ? kind : 0;
}

void mg_average_finish(mg_average *average)
{
    int64_t length = average->length;
    for (int64_t k = 0; k < average->n; k++) {
        int64_t slot = slot_of(average->kind[k]);
        average->n_of[slot]++;
        for (int64_t i = 0; i < length; i++)
            average->sum[slot * length + i] += average->effect[k * length + i];
    }
}

void mg_average_of(const mg_average *average, int32_t kind, int64_t cluster, double *mean)
{
    int64_t length = average->length, slot = slot_of(kind), n = average->n_of[slot];
    memcpy(mean, average->sum + slot * length, (size_t)length * sizeof *mean);
    for (int64_t k = 0; k < average->n; k++) {
        if (average->cluster[k] != cluster || slot_of(average->kind[k]) != slot) continue;
        n--;
        for (int64_t i = 0; i < length; i++)
            mean[i] -= average->effect[k * length + i];
    }
    for (int64_t i = 0; i < length; i++)
        mean[i] = n > 0 ? mean[i] / (double)n : 0;
}
