/* trainer.h  the threads of a rank at work on a batch
 *
 * A batch is cut into chunks of MG_BATCH windows, whoever works on them; each chunk's gradient has a slot of its own. The
 * caller adds the slots in the order of the chunks, so the sum has the same bits for any number of threads and ranks.
 */
#ifndef MG_TRAINING_TRAINER_H
#define MG_TRAINING_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/training/augment.h"
#include "src/training/backprop.h"
#include "src/training/dataset.h"

typedef struct mg_trainer mg_trainer;

/* mg_trainer_create()  a workspace a thread; network and dataset must outlive it */
mg_status mg_trainer_create(const mg_graph *network, const mg_layer_recipe *recipe, const mg_dataset *dataset,
                            int n_threads, mg_trainer **ret, mg_error *err);
void mg_trainer_destroy(mg_trainer *trainer);

size_t mg_trainer_n(const mg_trainer *trainer); /* parameters */

/* mg_trainer_settled()  which parameters are no optimiser's, as mg_trainable_settled() */
void mg_trainer_settled(const mg_trainer *trainer, bool *settled);

/* mg_trainer_load()  work with these parameters from now on */
void mg_trainer_load(mg_trainer *trainer, const double *parameter);

typedef struct {
    size_t n;               /* windows */
    const uint32_t *sample; /* (n) */
    double start_weight;    /* of a start's loss; another window's is 1. Together the batch weighs 1 */
    uint64_t key;           /* of the epoch: what is drawn for a window depends on it and the window alone */
    mg_augmentation augmentation;
} mg_training_batch;

static inline size_t mg_n_chunks(size_t n_windows)
{
    return (n_windows + MG_BATCH - 1) / MG_BATCH;
}

/* mg_trainer_gradients()  chunks first .. end - 1 of a batch
 * Args: gradient - OUT (end - first, mg_trainer_n())
 *       loss     - OUT (number of chunks): those of these chunks are written */
void mg_trainer_gradients(mg_trainer *trainer, const mg_training_batch *batch, size_t first, size_t end,
                          float *gradient, double *loss);

/* mg_trainer_weight()  what a batch weighs before it is brought to 1 */
double mg_trainer_weight(const mg_trainer *trainer, const mg_training_batch *batch);

/* mg_trainer_scores()  log-odds of chunks first .. end - 1 of n samples
 * Args: score - OUT (n): those of these chunks are written */
void mg_trainer_scores(mg_trainer *trainer, size_t n, const uint32_t *sample, size_t first, size_t end, double *score);

#endif
