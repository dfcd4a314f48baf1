/* finish.c  the best weights become a model that tells how it was made */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/run/provenance.h"
#include "mpi/agree.h"
#include "src/core/version.h"
#include "src/commands/train/train.h"

/* --- the note --- */

static mg_status add_quality(char **note, const mg_train *train, mg_error *err)
{
    const mg_training *training = &train->training;
    const mg_epoch_record *best = &training->record[training->best_epoch - 1];
    mg_status status = mg_provenance_add_line(note, err, "epoch %" PRId64 " of %zu, loss %.4f", training->best_epoch,
                                              training->n_epochs, best->loss);
    if (status != MG_OK || train->n_held_out == 0) return status;
    return mg_provenance_add_line(note, err, "held out: AUROC %.4f, AUPRC %.4f, FPR at TPR 0.80 %.4f",
                                  best->quality[MG_AUROC], best->quality[MG_AUPRC], best->quality[MG_FPR_AT_80]);
}

static mg_status make_note(const mg_train *train, char **ret, mg_error *err)
{
    const mg_dataset_counts counts = mg_dataset_count(&train->dataset);
    const int64_t *starts = counts.n_starts, *others = counts.n_others;
    char *note = NULL;
    mg_status status = MG_OK;
    if (train->options->note != NULL) status = mg_provenance_add_line(&note, err, "%s", train->options->note);
    if (status == MG_OK) status = mg_provenance_add_line(&note, err, "trained by mutagree, with:");
    if (status == MG_OK) status = mg_provenance_add_line(&note, err, "%s", train->plan);
    if (status == MG_OK) status = mg_provenance_add_line(&note, err, "%s", train->inputs);
    if (status == MG_OK)
        status = mg_provenance_add_line(&note, err,
                                        "distinct windows: %" PRId64 " starts and %" PRId64
                                        " others to train on, %" PRId64 " and %" PRId64 " held out",
                                        starts[MG_TRAINED_ON], others[MG_TRAINED_ON], starts[MG_HELD_OUT],
                                        others[MG_HELD_OUT]);
    if (status == MG_OK && train->options->data.set_aside.n > 0)
        status = mg_provenance_add_line(&note, err, "%" PRId64 " starts and %" PRId64 " others set aside",
                                        starts[MG_SET_ASIDE], others[MG_SET_ASIDE]);
    if (status == MG_OK) status = add_quality(&note, train, err);
    if (status == MG_OK)
        *ret = note;
    else
        free(note);
    return status;
}

/* --- the model --- */

static mg_status write_model(mg_train *train, mg_error *err)
{
    mg_model *model = &train->model;
    mg_tensors tensors = {0};
    char *note = NULL;
    mg_parameters_write(train->training.best, train->network);
    mg_status status = mg_network_tensors(model->architecture, model->path, train->network, &tensors, err);
    if (status != MG_OK) return status;
    mg_tensors_destroy(&model->tensors);
    model->tensors = tensors;
    status = make_note(train, &note, err);
    if (status == MG_OK) status = mg_model_add_note(model, note, err);
    if (status == MG_OK) status = mg_model_write(train->options->out, model, train->options->force, err);
    free(note);
    return status;
}

mg_status mg_train_write(mg_train *train, mg_error *err)
{
    mg_status status = MG_OK;
    if (train->rank == 0) {
        status = write_model(train, err);
        if (status == MG_OK) unlink(train->checkpoint);
        if (status == MG_OK && !train->options->quiet)
            mg_note("wrote %s (epoch %" PRId64 ") and %s", train->options->out, train->training.best_epoch,
                    train->history);
    }
    return mg_agree(train->comm, status, err);
}
