/* trainer.c  chunks over threads */
#include "src/training/trainer.h"

#include <omp.h>
#include <stdlib.h>

#include "src/core/memory.h"
#include "src/core/random.h"

struct mg_trainer {
    const mg_graph *network;
    const mg_dataset *dataset;
    mg_trainable *net;
    int n_threads;
    mg_backprop **backprop; /* (n_threads) */
    mg_base *base;          /* (n_threads, MG_BATCH, L) */
};

mg_status mg_trainer_create(const mg_graph *network, const mg_layer_recipe *recipe, const mg_dataset *dataset,
                            int n_threads, mg_trainer **ret, mg_error *err)
{
    mg_trainer *trainer = NULL;
    size_t n = (size_t)n_threads;
    mg_status status = mg_alloc(&trainer, 1, sizeof *trainer, err);
    if (status != MG_OK) return status;
    *trainer = (mg_trainer){.network = network, .dataset = dataset, .n_threads = n_threads};
    status = mg_trainable_create(network, recipe, MG_SINGLE, &trainer->net, err);
    if (status == MG_OK) status = mg_alloc(&trainer->base, n * MG_BATCH * (size_t)network->length, 1, err);
    if (status == MG_OK) status = mg_alloc(&trainer->backprop, n, sizeof *trainer->backprop, err);
    for (size_t k = 0; k < n && status == MG_OK; k++)
        status = mg_backprop_create(trainer->net, &trainer->backprop[k], err);
    if (status != MG_OK) {
        mg_trainer_destroy(trainer);
        return status;
    }
    *ret = trainer;
    return MG_OK;
}

void mg_trainer_destroy(mg_trainer *trainer)
{
    if (trainer == NULL) return;
    for (int k = 0; trainer->backprop != NULL && k < trainer->n_threads; k++)
        mg_backprop_destroy(trainer->backprop[k]);
    free(trainer->backprop);
    free(trainer->base);
    mg_trainable_destroy(trainer->net);
    free(trainer);
}

size_t mg_trainer_n(const mg_trainer *trainer)
{
    return mg_trainable_n(trainer->net);
}

void mg_trainer_settled(const mg_trainer *trainer, bool *settled)
{
    mg_trainable_settled(trainer->net, settled);
}

void mg_trainer_load(mg_trainer *trainer, const double *parameter)
{
    mg_trainable_load(trainer->net, parameter, trainer->n_threads);
}

static size_t chunk_size(size_t n, size_t chunk)
{
    size_t left = n - chunk * MG_BATCH;
    return left < MG_BATCH ? left : MG_BATCH;
}

/* The windows of a chunk in the room of this thread. */
static mg_base *take_bases(const mg_trainer *trainer, size_t n, const uint32_t *sample)
{
    size_t length = (size_t)trainer->network->length;
    mg_base *base = trainer->base + (size_t)omp_get_thread_num() * MG_BATCH * length;
    for (size_t w = 0; w < n; w++)
        mg_dataset_base(trainer->dataset, sample[w], base + w * length);
    return base;
}

double mg_trainer_weight(const mg_trainer *trainer, const mg_training_batch *batch)
{
    double sum = 0;
    for (size_t i = 0; i < batch->n; i++)
        sum += trainer->dataset->sample[batch->sample[i]].start ? batch->start_weight : 1;
    return sum;
}

static double work_on_chunk(mg_trainer *trainer, const mg_training_batch *batch, double all, size_t chunk,
                            float *gradient)
{
    const mg_graph *network = trainer->network;
    const uint32_t *sample = batch->sample + chunk * MG_BATCH;
    size_t n = chunk_size(batch->n, chunk);
    mg_example example[MG_BATCH];
    mg_base *base = take_bases(trainer, n, sample);
    for (size_t w = 0; w < n; w++) {
        mg_base *own = base + w * (size_t)network->length;
        uint64_t key = mg_mix(batch->key, sample[w]);
        bool start = trainer->dataset->sample[sample[w]].start;
        mg_augment(&batch->augmentation, mg_mix(key, 1), network->length, network->anchor, own);
        example[w] = (mg_example){
            .base = own, .start = start, .weight = (start ? batch->start_weight : 1) / all, .key = mg_mix(key, 2)};
    }
    return mg_backprop_gradient(trainer->backprop[omp_get_thread_num()], n, example, mg_n_chunks(batch->n) - 1 - chunk,
                                gradient);
}

void mg_trainer_gradients(mg_trainer *trainer, const mg_training_batch *batch, size_t first, size_t end,
                          float *gradient, double *loss)
{
    double all = mg_trainer_weight(trainer, batch);
#pragma omp parallel for schedule(dynamic) num_threads(trainer->n_threads)
    for (size_t chunk = first; chunk < end; chunk++)
        loss[chunk] = work_on_chunk(trainer, batch, all, chunk, gradient + (chunk - first) * mg_trainer_n(trainer));
}

void mg_trainer_scores(mg_trainer *trainer, size_t n, const uint32_t *sample, size_t first, size_t end, double *score)
{
#pragma omp parallel for schedule(dynamic) num_threads(trainer->n_threads)
    for (size_t chunk = first; chunk < end; chunk++) {
        size_t size = chunk_size(n, chunk);
        const mg_base *window[MG_BATCH];
        const mg_base *base = take_bases(trainer, size, sample + chunk * MG_BATCH);
        for (size_t w = 0; w < size; w++)
            window[w] = base + w * (size_t)trainer->network->length;
        mg_backprop_scores(trainer->backprop[omp_get_thread_num()], size, window, score + chunk * MG_BATCH);
    }
}
