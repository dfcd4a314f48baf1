/* regions.c  a byte an offset of each kind of window */
#include "src/sequence/regions.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

mg_status mg_regions_create(size_t n, const mg_region *region, int64_t length, size_t n_kinds, mg_regions *ret,
                            mg_error *err)
{
    *ret = (mg_regions){.n = n, .length = length, .n_kinds = n_kinds};
    mg_status status = mg_alloc(&ret->of, n_kinds, (size_t)length, err);
    if (status != MG_OK) return status;
    for (size_t r = 0; r < n; r++)
        ret->region[r] = region[r];
    memset(ret->of, MG_REGION_OUTSIDE, n_kinds * (size_t)length);
    return MG_OK;
}

void mg_regions_destroy(mg_regions *regions)
{
    free(regions->of);
    *regions = (mg_regions){0};
}

mg_status mg_regions_copy(const mg_regions *regions, mg_regions *ret, mg_error *err)
{
    mg_status status = mg_regions_create(regions->n, regions->region, regions->length, regions->n_kinds, ret, err);
    if (status == MG_OK) memcpy(ret->of, regions->of, regions->n_kinds * (size_t)regions->length);
    return status;
}

const uint8_t *mg_regions_of(const mg_regions *regions, int kind)
{
    size_t k = kind >= 0 && (size_t)kind < regions->n_kinds ? (size_t)kind : 0;
    return regions->of + k * (size_t)regions->length;
}

void mg_regions_fill(mg_regions *regions, size_t kind, int64_t begin, int64_t end, uint8_t region)
{
    if (begin < 0) begin = 0;
    if (end > regions->length) end = regions->length;
    if (begin < end) memset(regions->of + kind * (size_t)regions->length + begin, region, (size_t)(end - begin));
}
