/* draw.h  which windows an epoch looks at, and in which order
 *
 * All starts to train on, and a number of other windows, drawn anew each epoch, in an order that is shuffled
 * anew. What is drawn depends on the seed and the number of the epoch alone.
 */
#ifndef MG_TRAINING_DRAW_H
#define MG_TRAINING_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/training/dataset.h"

typedef struct {
    size_t n_starts, n_others; /* to train on */
    size_t n_drawn;            /* of the others, in an epoch */
    uint32_t *starts, *others; /* owned */
    uint32_t *order;           /* owned: room to shuffle in, (n_starts + n_others) */
} mg_draw;

/* mg_draw_create()  list what there is
 *
 * Args:     ratio - others an epoch for each start; 0: all of them
 * Returns:  MG_OK, MG_EMEM, or MG_EINPUT when there are no starts, or nothing else, to learn from.
 */
mg_status mg_draw_create(const mg_dataset *dataset, double ratio, mg_draw *ret, mg_error *err);
void mg_draw_destroy(mg_draw *draw); /* frees what it holds, not the struct */

/* mg_draw_epoch()  the samples of an epoch in their order; *ret_n of them, valid until the next call */
const uint32_t *mg_draw_epoch(mg_draw *draw, uint64_t seed, int64_t epoch, size_t *ret_n);

/* mg_draw_below()  a number below n from 64 random bits */
uint64_t mg_draw_below(uint64_t bits, uint64_t n);

#endif
