/* training.h  all that a training has come to after some epochs: what a checkpoint holds */
#ifndef MG_TRAINING_TRAINING_H
#define MG_TRAINING_TRAINING_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/training/optimiser.h"
#include "src/training/quality.h"

typedef struct {
    int64_t n_windows;              /* that the network was trained on in this epoch */
    double rate;                    /* learning rate of its last step */
    double loss;                    /* mean, weighted, with dropout and augmentation */
    double quality[MG_N_QUALITIES]; /* on the held-out windows; NaN without any */
} mg_epoch_record;

typedef struct {
    mg_learner learner;
    double *best;       /* owned: parameters of the best epoch */
    int64_t best_epoch; /* from 1; 0: none yet */
    size_t n_epochs, n_room;
    mg_epoch_record *record; /* owned, n_epochs of them */
} mg_training;

mg_status mg_training_create(size_t n_parameters, mg_training *ret, mg_error *err);
void mg_training_destroy(mg_training *training); /* frees what it holds, not the struct */

/* mg_training_note()  an epoch is over
 *
 * Purpose:  It is the best so far when its area under the precision-recall curve is the largest, or, where nothing is
 *           held out, because it is the last.
 * Args:     result - (learner.n) the parameters it has come to */
mg_status mg_training_note(mg_training *training, const mg_epoch_record *record, const double *result, mg_error *err);

/* mg_training_pack()    all of it as one block of bytes for machines of the same type; *ret is for free()
 * mg_training_unpack()  into a training of as many parameters; MG_EINPUT when the block is of another or damaged, and
 *                       then training is of no use but to be destroyed */
mg_status mg_training_pack(const mg_training *training, unsigned char **ret, size_t *n_ret, mg_error *err);
mg_status mg_training_unpack(const unsigned char *bytes, size_t n, mg_training *training, mg_error *err);

#endif
