/* train.h  what `mutagree train` holds while it runs, and its parts in the order in which they come
 *
 * Every rank has one mg_train and calls the same functions; what only rank 0 has is said at the member. Each function
 * is collective over train->comm and returns the agreed status (mpi/agree.h).
 */
#ifndef MG_COMMANDS_TRAIN_TRAIN_H
#define MG_COMMANDS_TRAIN_TRAIN_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "io/model/model.h"
#include "io/input/split.h"
#include "mpi/gradients.h"
#include "mpi/layout.h"
#include "src/core/log.h"
#include "src/core/options.h"
#include "src/training/draw.h"
#include "src/training/recipe.h"
#include "src/training/trainer.h"
#include "src/training/training.h"

/* What the user asked for. */
typedef struct {
    const char *arch, *from;
    mg_split_options data;
    double negatives, start_weight, dropout;
    int64_t mask, silent, missense, genetic_code;
    const char *optimiser, *schedule;
    int64_t epochs, batch, down, patience, seed;
    double rate, final_rate, warm_up, momentum, decay, average;
    const char *out, *note, *max_time;
    int64_t threads;
    bool force, quiet;
} mg_train_options;

typedef struct {
    MPI_Comm comm;
    int rank;
    const mg_command_help *help;
    const mg_train_options *options;
    mg_layout layout;
    char *checkpoint, *history; /* the files beside OUT */
    char *plan;                 /* rank 0: a line each for all that the result depends on */
    char *inputs;               /* rank 0: "role name sha256" of the files, a line each */
    mg_model model;             /* its layers; its weights are those that the training begins with */
    mg_graph *network;          /* the model's, unfolded: what is trained */
    mg_layer_recipe *recipe;
    mg_dataset dataset;
    mg_draw draw;
    uint32_t *held_out; /* samples to test on, n_held_out of them */
    size_t n_held_out;
    double *score; /* (dataset.n) */
    mg_genetic_code code;
    mg_augmentation augmentation;
    mg_optimiser_options optimiser;
    mg_trainer *trainer;
    mg_gradients *gradients;
    mg_training training;
    double *loss;         /* (chunks of a batch + 1) */
    mg_progress progress; /* rank 0 */
} mg_train;

/* train_setup.c */
mg_status mg_train_begin(mg_train *train, mg_error *err);     /* paths, threads, architecture, first weights */
mg_status mg_train_read_data(mg_train *train, mg_error *err); /* windows, on all ranks */
mg_status mg_train_prepare(mg_train *train, mg_error *err); /* optimiser, workspaces, and where a checkpoint left off */
void mg_train_end(mg_train *train);                         /* frees what it holds, not the struct. Not collective */

/* train_work.c */
mg_status mg_train_work(mg_train *train, mg_error *err); /* all epochs that are left */

/* train_finish.c */
mg_status mg_train_write(mg_train *train, mg_error *err); /* OUT; then the checkpoint goes */

#endif
