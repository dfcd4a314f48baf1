/* work.c  epochs: steps, a test on what is held out, a checkpoint */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "io/model/checkpoint.h"
#include "mpi/agree.h"
#include "src/core/random.h"
#include "src/core/stop.h"
#include "src/commands/train/train.h"

/* --- a step ---
 *
 * Each rank steps its slice of the parameters (as Rajbhandari et al. 2020 do) and gets the others'. What the optimiser
 * remembers of a parameter is needed elsewhere only when an epoch is over. */

/* The loss of a batch, and its gradient in train->gradients. Losses of chunks come from their ranks, zero from the
 * others; beside them travels whether anybody wishes to stop. */
static double find_gradient(mg_train *train, const mg_training_batch *batch, const double **ret_gradient,
                            bool *ret_stop)
{
    size_t n_chunks = mg_n_chunks(batch->n), first, end;
    mg_error ignored;
    mg_gradients_share(train->gradients, n_chunks, &first, &end);
    memset(train->loss, 0, (n_chunks + 1) * sizeof *train->loss);
    mg_trainer_gradients(train->trainer, batch, first, end, mg_gradients_own(train->gradients), train->loss);
    train->loss[n_chunks] = mg_stop_check(&ignored) != MG_OK;
    MPI_Allreduce(MPI_IN_PLACE, train->loss, (int)n_chunks + 1, MPI_DOUBLE, MPI_SUM, train->comm);
    *ret_gradient = mg_gradients_sum(train->gradients, n_chunks, train->layout.n_threads);
    *ret_stop = train->loss[n_chunks] > 0;
    double loss = 0;
    for (size_t c = 0; c < n_chunks; c++)
        loss += train->loss[c];
    return loss;
}

/* The same command would go astray again, and another rate is another training: a checkpoint is of no use to it. */
static mg_status gone_astray(const mg_train *train, const char *what, mg_error *err)
{
    const mg_training *training = &train->training;
    bool kept = training->n_epochs > 0;
    return mg_fail(err, MG_EINPUT,
                   "%s no finite number any more at step %" PRId64
                   " (epoch %zu), at learning rate %.3g: begin anew with a smaller --rate or a longer --warm-up%s%s%s",
                   what, training->learner.n_steps, training->n_epochs + 1,
                   mg_learner_rate(&train->optimiser, training->learner.n_steps),
                   kept ? ", and with --force, because " : "", kept ? train->checkpoint : "",
                   kept ? " is of this rate" : "");
}

static void step(mg_train *train, const double *gradient)
{
    mg_learner *learner = &train->training.learner;
    size_t first, end;
    mg_gradients_slice(train->gradients, &first, &end);
    mg_learner_step(&train->optimiser, learner, gradient, first, end, train->layout.n_threads);
    mg_gradients_gather(train->gradients, learner->parameter);
    mg_trainer_load(train->trainer, learner->parameter);
}

static void gather_learner(mg_train *train)
{
    mg_gradients_gather(train->gradients, train->training.learner.average);
    mg_gradients_gather(train->gradients, train->training.learner.momentum);
    mg_gradients_gather(train->gradients, train->training.learner.square);
}

static mg_status run_steps(mg_train *train, const uint32_t *sample, size_t n, mg_epoch_record *record, mg_error *err)
{
    const mg_train_options *o = train->options;
    mg_learner *learner = &train->training.learner;
    double sum = 0, weight = 0;
    mg_training_batch batch = {.start_weight = o->start_weight,
                               .key = mg_mix(mg_mix((uint64_t)o->seed, 2), train->training.n_epochs + 1),
                               .augmentation = train->augmentation};
    for (size_t at = 0; at < n; at += batch.n) {
        const double *gradient;
        bool stop;
        batch.sample = sample + at;
        batch.n = n - at < (size_t)o->batch ? n - at : (size_t)o->batch;
        double loss = find_gradient(train, &batch, &gradient, &stop), own = mg_trainer_weight(train->trainer, &batch);
        if (stop) return mg_agree(train->comm, mg_stop_check(err), err);
        if (!isfinite(loss)) return gone_astray(train, "the loss is", err);
        sum += loss * own;
        weight += own;
        record->rate = mg_learner_rate(&train->optimiser, learner->n_steps);
        step(train, gradient);
        if (train->rank == 0)
            mg_progress_update(&train->progress, (int64_t)(train->training.n_epochs * n + at + batch.n));
    }
    gather_learner(train);
    record->n_windows = (int64_t)n;
    record->loss = sum / weight;
    return MG_OK;
}

/* --- a test --- */

/* Qualities of the weights that count, on all ranks. */
static mg_status test(mg_train *train, mg_epoch_record *record, mg_error *err)
{
    const mg_learner *learner = &train->training.learner;
    size_t n = train->n_held_out, first, end;
    for (int q = 0; q < MG_N_QUALITIES; q++)
        record->quality[q] = NAN;
    if (n == 0) return MG_OK;
    double *score = train->score; /* of held-out windows one behind the other, then each at its sample's place */
    memset(score, 0, train->dataset.n * sizeof *score);
    mg_trainer_load(train->trainer, mg_learner_result(&train->optimiser, learner));
    mg_gradients_share(train->gradients, mg_n_chunks(n), &first, &end);
    mg_trainer_scores(train->trainer, n, train->held_out, first, end, score);
    MPI_Allreduce(MPI_IN_PLACE, score, (int)n, MPI_DOUBLE, MPI_SUM, train->comm);
    mg_trainer_load(train->trainer, learner->parameter);
    for (size_t i = n; i-- > 0;) {
        double own = score[i];
        score[i] = 0;
        score[train->held_out[i]] = own;
    }
    mg_scores scores = {0};
    mg_status status = train->rank == 0 ? mg_scores_collect(&train->dataset, MG_HELD_OUT, score, &scores, err) : MG_OK;
    if (train->rank == 0 && status == MG_OK) mg_quality_measure(&scores, NULL, record->quality);
    mg_scores_destroy(&scores);
    MPI_Bcast(record->quality, MG_N_QUALITIES, MPI_DOUBLE, 0, train->comm);
    return mg_agree(train->comm, status, err);
}

/* --- an epoch --- */

static void print_epoch(const mg_train *train, const mg_epoch_record *record)
{
    const double *q = record->quality;
    char held_out[160] = "";
    if (train->n_held_out > 0)
        snprintf(held_out, sizeof held_out, "; held out: loss %.4f  AUROC %.4f  AUPRC %.4f  FPR at TPR 0.80 %.4f%s",
                 q[MG_LOSS], q[MG_AUROC], q[MG_AUPRC], q[MG_FPR_AT_80],
                 train->training.best_epoch == (int64_t)train->training.n_epochs ? "  best" : "");
    mg_note("  epoch %3zu/%" PRId64 "  rate %.2e  loss %.4f%s", train->training.n_epochs, train->options->epochs,
            record->rate, record->loss, held_out);
}

static mg_status keep_epoch(mg_train *train, const mg_epoch_record *record, mg_error *err)
{
    mg_training *training = &train->training;
    const double *result = mg_learner_result(&train->optimiser, &training->learner);
    for (size_t i = 0; i < training->learner.n; i++)
        if (!isfinite(result[i]) || !isfinite(training->learner.parameter[i]))
            return gone_astray(train, "a weight is", err);
    mg_status status = mg_training_note(training, record, result, err);
    if (status != MG_OK || train->rank != 0) return status;
    status = mg_checkpoint_write(train->checkpoint, train->plan, training, err);
    if (status == MG_OK) status = mg_history_write(train->history, training, true, err);
    if (status == MG_OK && !train->options->quiet) print_epoch(train, record);
    return status;
}

static mg_status run_epoch(mg_train *train, mg_error *err)
{
    mg_epoch_record record;
    size_t n;
    const uint32_t *sample = mg_draw_epoch(&train->draw, mg_mix((uint64_t)train->options->seed, 1),
                                           (int64_t)train->training.n_epochs + 1, &n);
    memset(&record, 0, sizeof record);
    mg_status status = run_steps(train, sample, n, &record, err);
    if (status == MG_OK) status = test(train, &record, err);
    if (status != MG_OK) return status; /* agreed already */
    return mg_agree(train->comm, keep_epoch(train, &record, err), err);
}

static bool is_over(const mg_train *train)
{
    const mg_training *training = &train->training;
    int64_t n_done = (int64_t)training->n_epochs, patience = train->options->patience;
    return n_done >= train->options->epochs || (patience > 0 && n_done - training->best_epoch >= patience);
}

mg_status mg_train_work(mg_train *train, mg_error *err)
{
    mg_training *training = &train->training;
    int64_t n = (int64_t)(train->draw.n_starts + train->draw.n_drawn);
    mg_status status = MG_OK;
    mg_trainer_load(train->trainer, training->learner.parameter);
    if (train->rank == 0) {
        mg_progress_start(&train->progress, "windows", n * train->options->epochs, train->options->quiet);
        train->progress.n_before = n * (int64_t)training->n_epochs;
    }
    while (status == MG_OK && !is_over(train))
        status = run_epoch(train, err);
    if (train->rank == 0 && status == MG_OK) mg_progress_finish(&train->progress);
    return status;
}
