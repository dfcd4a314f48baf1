/* draw.c  shuffles by Fisher and Yates, each swap drawn from the seed, the epoch and its own number */
#include "src/training/draw.h"

#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/random.h"

__extension__ typedef unsigned __int128 wide;

/* The upper half of a product: no bias that could be seen with 64 bits (Lemire 2019). */
uint64_t mg_draw_below(uint64_t bits, uint64_t n)
{
    return (uint64_t)((wide)bits * n >> 64);
}

mg_status mg_draw_create(const mg_dataset *dataset, double ratio, mg_draw *ret, mg_error *err)
{
    mg_dataset_counts counts = mg_dataset_count(dataset);
    mg_draw draw = {0};
    if (counts.n_starts[MG_TRAINED_ON] == 0 || counts.n_others[MG_TRAINED_ON] == 0)
        return mg_fail(err, MG_EINPUT,
                       "nothing can be learnt from %lld starts and %lld other windows; both are needed. Does the "
                       "annotation belong to these transcripts, and is not all of it held out or set aside?",
                       (long long)counts.n_starts[MG_TRAINED_ON], (long long)counts.n_others[MG_TRAINED_ON]);
    mg_status status = mg_alloc(&draw.starts, (size_t)counts.n_starts[MG_TRAINED_ON], sizeof *draw.starts, err);
    if (status == MG_OK)
        status = mg_alloc(&draw.others, (size_t)counts.n_others[MG_TRAINED_ON], sizeof *draw.others, err);
    if (status == MG_OK)
        status = mg_alloc(&draw.order, (size_t)(counts.n_starts[MG_TRAINED_ON] + counts.n_others[MG_TRAINED_ON]),
                          sizeof *draw.order, err);
    if (status != MG_OK) {
        mg_draw_destroy(&draw);
        return status;
    }
    for (size_t i = 0; i < dataset->n; i++) {
        if (dataset->sample[i].part != MG_TRAINED_ON) continue;
        if (dataset->sample[i].start)
            draw.starts[draw.n_starts++] = (uint32_t)i;
        else
            draw.others[draw.n_others++] = (uint32_t)i;
    }
    double wanted = ratio * (double)draw.n_starts + 0.5;
    draw.n_drawn = ratio > 0 && wanted < (double)draw.n_others ? (size_t)wanted : draw.n_others;
    *ret = draw;
    return MG_OK;
}

void mg_draw_destroy(mg_draw *draw)
{
    free(draw->starts);
    free(draw->others);
    free(draw->order);
    *draw = (mg_draw){0};
}

/* The first n_picked of n items are a random choice in random order. */
static void shuffle(uint32_t *item, size_t n, size_t n_picked, uint64_t seed)
{
    for (size_t i = 0; i < n_picked; i++) {
        size_t k = i + (size_t)mg_draw_below(mg_mix(seed, i), n - i);
        uint32_t swap = item[i];
        item[i] = item[k];
        item[k] = swap;
    }
}

const uint32_t *mg_draw_epoch(mg_draw *draw, uint64_t seed, int64_t epoch, size_t *ret_n)
{
    size_t n = draw->n_starts + draw->n_drawn;
    uint64_t own = mg_mix(seed, (uint64_t)epoch);
    memcpy(draw->order, draw->others, draw->n_others * sizeof *draw->order);
    shuffle(draw->order, draw->n_others, draw->n_drawn, mg_mix(own, 1));
    memcpy(draw->order + draw->n_drawn, draw->starts, draw->n_starts * sizeof *draw->order);
    shuffle(draw->order, n, n, mg_mix(own, 2));
    *ret_n = n;
    return draw->order;
}
