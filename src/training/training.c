/* training.c  keeping the best, and packing */
#include "src/training/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"

mg_status mg_training_create(size_t n_parameters, mg_training *ret, mg_error *err)
{
    mg_training training = {0};
    mg_status status = mg_learner_create(n_parameters, &training.learner, err);
    if (status == MG_OK) status = mg_alloc(&training.best, n_parameters, sizeof *training.best, err);
    if (status != MG_OK) {
        mg_training_destroy(&training);
        return status;
    }
    *ret = training;
    return MG_OK;
}

void mg_training_destroy(mg_training *training)
{
    mg_learner_destroy(&training->learner);
    free(training->best);
    free(training->record);
    *training = (mg_training){0};
}

static bool is_best(const mg_training *training, const mg_epoch_record *record)
{
    if (training->best_epoch == 0 || isnan(record->quality[MG_AUPRC])) return true;
    return record->quality[MG_AUPRC] > training->record[training->best_epoch - 1].quality[MG_AUPRC];
}

mg_status mg_training_note(mg_training *training, const mg_epoch_record *record, const double *result, mg_error *err)
{
    mg_status status = mg_grow(&training->record, &training->n_room, training->n_epochs + 1, sizeof *record, err);
    if (status != MG_OK) return status;
    bool best = is_best(training, record);
    training->record[training->n_epochs++] = *record;
    if (!best) return MG_OK;
    training->best_epoch = (int64_t)training->n_epochs;
    memcpy(training->best, result, training->learner.n * sizeof *result);
    return MG_OK;
}

/* --- packing --- */

typedef struct {
    uint64_t n, n_epochs;
    int64_t n_steps, best_epoch;
} packed_head;

enum { N_ARRAYS = 5, MAX_EPOCHS = 1 << 24 };

static void list_arrays(const mg_training *training, double *array[N_ARRAYS])
{
    const mg_learner *learner = &training->learner;
    double *const all[N_ARRAYS] = {learner->parameter, learner->average, learner->momentum, learner->square,
                                   training->best};
    memcpy(array, all, sizeof all);
}

static size_t packed_size(const packed_head *head)
{
    return sizeof *head + N_ARRAYS * (size_t)head->n * sizeof(double) +
           (size_t)head->n_epochs * sizeof(mg_epoch_record);
}

mg_status mg_training_pack(const mg_training *training, unsigned char **ret, size_t *n_ret, mg_error *err)
{
    packed_head head = {training->learner.n, training->n_epochs, training->learner.n_steps, training->best_epoch};
    size_t size = training->learner.n * sizeof(double);
    double *array[N_ARRAYS];
    unsigned char *bytes = NULL;
    mg_status status = mg_alloc(&bytes, packed_size(&head), 1, err);
    if (status != MG_OK) return status;
    list_arrays(training, array);
    memcpy(bytes, &head, sizeof head);
    for (size_t k = 0; k < N_ARRAYS; k++)
        memcpy(bytes + sizeof head + k * size, array[k], size);
    if (training->n_epochs > 0)
        memcpy(bytes + sizeof head + N_ARRAYS * size, training->record, training->n_epochs * sizeof *training->record);
    *ret = bytes;
    *n_ret = packed_size(&head);
    return MG_OK;
}

mg_status mg_training_unpack(const unsigned char *bytes, size_t n, mg_training *training, mg_error *err)
{
    packed_head head = {0};
    if (n >= sizeof head) memcpy(&head, bytes, sizeof head);
    if (n < sizeof head || head.n != training->learner.n || head.n_epochs > MAX_EPOCHS || n != packed_size(&head) ||
        head.n_steps < 0 || head.best_epoch < 0 || (uint64_t)head.best_epoch > head.n_epochs)
        return mg_fail(err, MG_EINPUT, "it holds another network, or is damaged");
    size_t size = training->learner.n * sizeof(double);
    double *array[N_ARRAYS];
    mg_status status =
        mg_grow(&training->record, &training->n_room, (size_t)head.n_epochs, sizeof *training->record, err);
    if (status != MG_OK) return status;
    list_arrays(training, array);
    for (size_t k = 0; k < N_ARRAYS; k++)
        memcpy(array[k], bytes + sizeof head + k * size, size);
    if (head.n_epochs > 0)
        memcpy(training->record, bytes + sizeof head + N_ARRAYS * size, head.n_epochs * sizeof *training->record);
    training->n_epochs = (size_t)head.n_epochs;
    training->learner.n_steps = head.n_steps;
    training->best_epoch = head.best_epoch;
    return MG_OK;
}
