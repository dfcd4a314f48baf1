/* spread.c  counting floats by their upper bits */
#include "src/statistics/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

enum { DROPPED_BITS = 15, N_BINS = 1 << (32 - DROPPED_BITS) };

/* Bins in ascending order of their values: a float's bits ascend with its magnitude, so negative ones are turned. */
static uint32_t bin_of(float value)
{
    uint32_t bits;
    value += 0.0f; /* -0 becomes +0 */
    memcpy(&bits, &value, sizeof bits);
    bits ^= bits >> 31 ? UINT32_MAX : (uint32_t)1 << 31;
    return bits >> DROPPED_BITS;
}

/* The middle of a bin; 0 for those next to 0, which hold 0 and what is too small to be a normal number. */
static double value_of(uint32_t bin)
{
    uint32_t bits = bin << DROPPED_BITS | (uint32_t)1 << (DROPPED_BITS - 1);
    bits ^= bits >> 31 ? (uint32_t)1 << 31 : UINT32_MAX;
    float value;
    memcpy(&value, &bits, sizeof value);
    return isnormal(value) ? (double)value : 0;
}

mg_status mg_spread_create(mg_spread *ret, mg_error *err)
{
    ret->n = 0;
    return mg_alloc(&ret->count, N_BINS, sizeof *ret->count, err);
}

void mg_spread_destroy(mg_spread *spread)
{
    free(spread->count);
    *spread = (mg_spread){0};
}

void mg_spread_add(mg_spread *spread, float value)
{
    if (!isfinite(value)) return;
    spread->count[bin_of(value)]++;
    spread->n++;
}

double mg_spread_quantile(const mg_spread *spread, double q)
{
    if (spread->n == 0) return NAN;
    double wanted = ceil(q * (double)spread->n);
    int64_t n_below = 0;
    uint32_t bin = 0;
    for (; bin + 1 < N_BINS; bin++) {
        n_below += spread->count[bin];
        if ((double)n_below >= wanted && n_below > 0) break;
    }
    return value_of(bin);
}

void mg_spread_histogram(const mg_spread *spread, const double *edge, size_t n, int64_t *count)
{
    memset(count, 0, n * sizeof *count);
    size_t slot = 0;
    for (uint32_t bin = 0; bin < N_BINS; bin++) {
        if (spread->count[bin] == 0) continue;
        while (slot + 1 < n && value_of(bin) >= edge[slot + 1])
            slot++;
        count[slot] += spread->count[bin];
    }
}
