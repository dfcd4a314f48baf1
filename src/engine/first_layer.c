/* first_layer.c  differences of columns of weights (first_layer.h) */
#include "src/engine/first_layer.h"

#include <stdlib.h>

#include "src/core/memory.h"

enum { N_OTHERS = MG_N_BASES - 1 };

/* How many rows of zeros go around the taps, because pooling windows reach beyond what changed. */
static void measure(const mg_reach *reach, int64_t taps, mg_first_layer *ret)
{
    const int64_t *begin = reach->begin + reach->length, *end = reach->end + reach->length;
    int64_t before = 0, after = 0;
    for (int64_t i = 0; i < reach->length; i++) {
        int64_t first = i + ret->shift;
        if (begin[i] >= end[i]) continue;
        if (first - begin[i] > before) before = first - begin[i];
        if (end[i] - (first + taps) > after) after = end[i] - (first + taps);
    }
    ret->n_before = before;
    ret->n_rows = before + taps + after;
}

static void fill(const mg_link *link, int64_t stride, mg_base from, mg_base to, float *row)
{
    int64_t kernel = link->slide->kernel;
    for (int64_t k = 0; k < kernel; k++) /* outputs ascend as taps descend */
        for (int64_t o = 0; o < link->out.channels; o++)
            row[k * stride + o] =
                mg_map_weight(link->map, o, to, kernel - 1 - k) - mg_map_weight(link->map, o, from, kernel - 1 - k);
}

mg_status mg_first_layer_create(const mg_link *link, const mg_reach *reach, mg_first_layer *ret, mg_error *err)
{
    *ret = (mg_first_layer){0};
    if (link->map == NULL || link->slide->stride != 1 || link->slide->dilation != 1) return MG_OK;
    const mg_rows *op = &link->map->forward;
    *ret = (mg_first_layer){.stride = op->out_stride, .shift = op->pad - (op->taps - 1)};
    measure(reach, op->taps, ret);
    int64_t size = ret->n_rows * ret->stride;
    mg_status status = mg_alloc_aligned(&ret->row, (size_t)(MG_N_BASES * N_OTHERS * size), sizeof(float), err);
    for (mg_base from = 0; status == MG_OK && from < MG_N_BASES; from++)
        for (mg_base to = 0; to < MG_N_BASES; to++) {
            int64_t other = from * N_OTHERS + to - (to > from);
            if (to != from) fill(link, ret->stride, from, to, ret->row + other * size + ret->n_before * ret->stride);
        }
    return status;
}

void mg_first_layer_destroy(mg_first_layer *first)
{
    free(first->row);
}

const float *mg_first_layer_rows(const mg_first_layer *first, int64_t position, mg_base from, int64_t begin)
{
    int64_t row = from * N_OTHERS * first->n_rows + first->n_before + begin - (position + first->shift);
    return first->row + row * first->stride;
}
