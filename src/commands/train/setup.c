/* setup.c  everything before the first step: architecture, windows, workspaces, and the rest of another day */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/model/checkpoint.h"
#include "io/run/provenance.h"
#include "mpi/agree.h"
#include "mpi/family.h"
#include "mpi/share.h"
#include "src/graph/text/graph_text.h"
#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/core/version.h"
#include "src/engine/family.h"
#include "src/kernels/kernels.h"
#include "src/commands/train/train.h"

/* --- paths --- */

static mg_status set_paths(mg_train *train, mg_error *err)
{
    const char *out = train->options->out;
    if (out == NULL) return mg_fail(err, MG_EUSAGE, "--out FILE is missing: where the model is to go");
    mg_status status = mg_provenance_set(&train->checkpoint, err, "%s.checkpoint", out);
    return status == MG_OK ? mg_provenance_set(&train->history, err, "%s.history.tsv", out) : status;
}

/* Files that are there stay, unless --force says otherwise; an interrupted training's own are no obstacle. */
static mg_status check_paths(const mg_train *train, mg_error *err)
{
    const mg_train_options *o = train->options;
    mg_status status = mg_model_check_ending(o->out, err);
    if (status == MG_OK) status = mg_whole_file_check_folder(o->out, err);
    if (status != MG_OK) return status;
    if (o->force) {
        unlink(train->checkpoint);
        return MG_OK;
    }
    const char *const path[] = {o->out, access(train->checkpoint, F_OK) == 0 ? o->out : train->history};
    for (size_t i = 0; i < 2; i++)
        if (access(path[i], F_OK) == 0)
            return mg_fail(err, MG_EINPUT, "%s is there already; choose another --out, or give --force to replace it",
                           path[i]);
    return MG_OK;
}

/* --- layers and first weights --- */

/* An architecture without weights: a model of zeros. */
static mg_status blank_model(const char *arch, mg_model *model, mg_error *err)
{
    mg_status status = mg_model_find_architecture(arch, &model->architecture, err);
    if (status == MG_OK) status = mg_copy_text(&model->path, arch, err);
    if (status == MG_OK) status = mg_network_tensors(model->architecture, arch, NULL, &model->tensors, err);
    if (status == MG_OK) status = mg_network_build(model->architecture, arch, &model->tensors, &model->network, err);
    return status;
}

static mg_status share_model(mg_train *train, mg_error *err)
{
    const mg_train_options *o = train->options;
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = MG_OK;
    if (train->rank == 0) {
        status = o->from != NULL ? mg_model_read(o->from, NULL, &train->model, err)
                                 : blank_model(o->arch, &train->model, err);
        if (status == MG_OK && mg_graph_text_is(train->model.architecture))
            status = mg_fail(
                err, MG_EINPUT,
                "%s was read from ONNX, Keras or a graph text; train goes on with networks of printed layers only",
                train->model.path);
        if (status == MG_OK) status = mg_model_pack(&train->model, &bytes, &n, err);
    }
    status = mg_agree(train->comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(train->comm, &bytes, &n, err);
    if (status == MG_OK && train->rank != 0) status = mg_model_unpack(bytes, n, &train->model, err);
    if (status == MG_OK)
        status = mg_network_build_unfolded(train->model.architecture, train->model.path, &train->model.tensors,
                                           &train->network, err);
    free(bytes);
    return mg_agree(train->comm, status, err);
}

static mg_status read_recipe(mg_train *train, mg_error *err)
{
    const mg_model *model = &train->model;
    const mg_graph *network = train->network;
    mg_status status = mg_alloc(&train->recipe, network->n_nodes, sizeof *train->recipe, err);
    if (status == MG_OK)
        status = mg_recipe_read(model->architecture, model->path, network, &model->tensors, train->recipe, err);
    for (size_t l = 0; l < network->n_nodes && status == MG_OK; l++)
        if (train->options->dropout >= 0 && train->recipe[l].dropout > 0)
            train->recipe[l].dropout = train->options->dropout;
    return status;
}

mg_status mg_train_begin(mg_train *train, mg_error *err)
{
    mg_status status = mg_family_check(train->comm, err);
    if (status == MG_OK) status = set_paths(train, err);
    if (status == MG_OK && train->rank == 0) status = check_paths(train, err);
    status = mg_agree(train->comm, status, err);
    if (status == MG_OK) status = mg_layout_find(train->comm, train->options->threads, &train->layout, err);
    if (status == MG_OK) status = share_model(train, err);
    return status == MG_OK ? mg_agree(train->comm, read_recipe(train, err), err) : status;
}

/* --- windows --- */

/* The files of the input, held from before they are read until their sums are taken. */
enum { N_INPUTS = 8 };

static void hold_inputs(const mg_train *train, mg_held_file held[N_INPUTS])
{
    const mg_input_options *in = &train->options->data.input;
    const char *const path[N_INPUTS] = {in->transcripts, in->genome,  in->windows,   train->options->data.others,
                                        in->annotation,  in->regions, in->blacklist, in->clusters};
    for (int i = 0; i < N_INPUTS; i++) {
        held[i] = (mg_held_file){.file = -1};
        if (path[i] != NULL) mg_held_file_open(path[i], &held[i]);
    }
}

static mg_status list_inputs(mg_train *train, mg_held_file held[N_INPUTS], mg_error *err)
{
    static const char *const role[N_INPUTS] = {"transcripts", "genome",  "windows",   "others",
                                               "annotation",  "regions", "blacklist", "clusters"};
    char *with_folders = NULL;
    mg_status status = mg_copy_text(&train->inputs, "", err);
    for (int i = 0; i < N_INPUTS && status == MG_OK; i++)
        if (held[i].path != NULL)
            status = mg_provenance_add_file(&with_folders, &train->inputs, role[i], &held[i], err);
    free(with_folders);
    return status;
}

static void print_data(const mg_train *train)
{
    const mg_dataset_counts counts = mg_dataset_count(&train->dataset);
    const int64_t *starts = counts.n_starts, *others = counts.n_others;
    char n[5][MG_COUNT_TEXT];
    mg_note("  distinct     %s starts and %s other windows to train on, %s and %s held out",
            mg_format_count(n[0], starts[MG_TRAINED_ON]), mg_format_count(n[1], others[MG_TRAINED_ON]),
            mg_format_count(n[2], starts[MG_HELD_OUT]), mg_format_count(n[3], others[MG_HELD_OUT]));
    if (train->options->data.set_aside.n > 0)
        mg_note("               %s and %s set aside", mg_format_count(n[0], starts[MG_SET_ASIDE]),
                mg_format_count(n[1], others[MG_SET_ASIDE]));
    int64_t n_disagreed = counts.n_disagreed[MG_TRAINED_ON] + counts.n_disagreed[MG_HELD_OUT];
    if (n_disagreed > 0)
        mg_note("               %s windows are a start in one transcript and not in another; they count as starts",
                mg_format_count(n[4], n_disagreed));
}

static mg_status read_windows(mg_train *train, mg_error *err)
{
    const mg_train_options *o = train->options;
    const mg_graph *network = train->network;
    mg_held_file held[N_INPUTS];
    hold_inputs(train, held);
    mg_status status = mg_split_load(&o->data, network->length,
                                     mg_input_anchor(&o->data.input, NULL, network->anchor, network->length),
                                     o->quiet ? NULL : stderr, &train->dataset, err);
    if (status == MG_OK) status = list_inputs(train, held, err);
    for (int i = 0; i < N_INPUTS; i++)
        mg_held_file_close(&held[i]);
    if (status == MG_OK && !o->quiet) print_data(train);
    return status;
}

static mg_status share_windows(mg_train *train, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = MG_OK;
    if (train->layout.n_ranks == 1) return MG_OK;
    if (train->rank == 0) status = mg_dataset_pack(&train->dataset, &bytes, &n, err);
    status = mg_agree(train->comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(train->comm, &bytes, &n, err);
    if (status == MG_OK && train->rank != 0) status = mg_dataset_unpack(bytes, n, &train->dataset, err);
    free(bytes);
    return mg_agree(train->comm, status, err);
}

static mg_status list_held_out(mg_train *train, mg_error *err)
{
    const mg_dataset_counts counts = mg_dataset_count(&train->dataset);
    int64_t n_starts = counts.n_starts[MG_HELD_OUT], n_others = counts.n_others[MG_HELD_OUT];
    size_t n = (size_t)(n_starts + n_others);
    if (train->options->data.held_out.n > 0 && (n_starts == 0 || n_others == 0))
        return mg_fail(err, MG_EINPUT,
                       "--held-out: %" PRId64 " starts and %" PRId64 " other windows; a test needs both", n_starts,
                       n_others);
    mg_status status = mg_alloc(&train->held_out, n, sizeof *train->held_out, err);
    if (status == MG_OK) status = mg_alloc(&train->score, train->dataset.n, sizeof *train->score, err);
    for (size_t i = 0; i < train->dataset.n && status == MG_OK; i++)
        if (train->dataset.sample[i].part == MG_HELD_OUT) train->held_out[train->n_held_out++] = (uint32_t)i;
    return status;
}

mg_status mg_train_read_data(mg_train *train, mg_error *err)
{
    mg_status status = train->rank == 0 ? read_windows(train, err) : MG_OK;
    status = mg_agree(train->comm, status, err);
    if (status == MG_OK) status = share_windows(train, err);
    if (status != MG_OK) return status;
    status = mg_draw_create(&train->dataset, train->options->negatives, &train->draw, err);
    if (status == MG_OK) status = list_held_out(train, err);
    return mg_agree(train->comm, status, err);
}

/* --- optimiser and workspaces --- */

static void set_optimiser(mg_train *train)
{
    const mg_train_options *o = train->options;
    int64_t n = (int64_t)(train->draw.n_starts + train->draw.n_drawn), per_epoch = (n + o->batch - 1) / o->batch;
    train->optimiser = (mg_optimiser_options){
        .kind = strcmp(o->optimiser, "sgd") == 0    ? MG_SGD
                : strcmp(o->optimiser, "adam") == 0 ? MG_ADAM
                                                    : MG_ADAMW,
        .schedule = strcmp(o->schedule, "cosine") == 0 ? MG_SCHEDULE_COSINE
                    : strcmp(o->schedule, "step") == 0 ? MG_SCHEDULE_STEP
                                                       : MG_SCHEDULE_CONSTANT,
        .momentum = o->momentum,
        .decay = o->decay,
        .average = o->average,
        .rate = o->rate,
        .final_rate = o->final_rate,
        .n_steps = o->epochs * per_epoch,
        .n_warm_up = (int64_t)(o->warm_up * (double)per_epoch),
        .n_down = o->down * per_epoch,
    };
}

/* How much a window is changed where the user does not say: shares of its bases and codons that did well on human
 * transcripts (docs/model-card.md). */
static void set_augmentation(mg_train *train)
{
    const mg_train_options *o = train->options;
    const mg_graph *network = train->network;
    int64_t n_bases = network->length - 3, n_codons = (network->length - network->anchor) / 3 - 1;
    train->augmentation = (mg_augmentation){.mask = o->mask >= 0 ? o->mask : n_bases * 3 / 10,
                                            .silent = o->silent >= 0 ? o->silent : n_codons * 4 / 9,
                                            .missense = o->missense >= 0 ? o->missense : n_codons / 9,
                                            .code = &train->code};
}

static mg_status create_workspaces(mg_train *train, mg_error *err)
{
    const mg_graph *network = train->network;
    size_t n_chunks = mg_n_chunks((size_t)train->options->batch);
    mg_status status = mg_genetic_code_find(train->options->genetic_code, &train->code, err);
    if (status == MG_OK)
        status =
            mg_trainer_create(network, train->recipe, &train->dataset, train->layout.n_threads, &train->trainer, err);
    if (status != MG_OK) return status;
    size_t n = mg_trainer_n(train->trainer);
    status = mg_gradients_create(train->comm, n, n_chunks, &train->gradients, err);
    if (status == MG_OK) status = mg_training_create(n, &train->training, err);
    if (status == MG_OK) status = mg_alloc(&train->loss, n_chunks + 1, sizeof *train->loss, err);
    if (status != MG_OK) return status;
    mg_trainer_settled(train->trainer, train->training.learner.settled);
    double *parameter = train->training.learner.parameter;
    if (train->options->from != NULL)
        mg_parameters_read(network, parameter);
    else
        mg_recipe_begin(network, train->recipe, (uint64_t)train->options->seed, parameter);
    return MG_OK;
}

/* --- the plan, and what an interrupted training has left --- */

/* Options on which the result does not depend, or which name files that the plan tells by their contents. */
static bool is_beside_the_point(const char *line, size_t n)
{
    static const char *const name[] = {"--out",      "--force",     "--quiet",      "--threads", "--max-time",
                                       "--from",     "--genome",    "--annotation", "--windows", "--transcripts",
                                       "--held-out", "--set-aside", "--others"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (strlen(name[i]) <= n && strncmp(line, name[i], strlen(name[i])) == 0 &&
            (n == strlen(name[i]) || line[strlen(name[i])] == ' '))
            return true;
    return false;
}

static mg_status add_options(mg_train *train, mg_error *err)
{
    char *text = NULL;
    mg_status status = mg_options_describe(train->help, train->options, &text, err);
    for (const char *line = text; status == MG_OK && *line != '\0';) {
        size_t n = strcspn(line, "\n");
        if (!is_beside_the_point(line, n)) status = mg_provenance_add_line(&train->plan, err, "%.*s", (int)n, line);
        line += n + (line[n] == '\n');
    }
    free(text);
    return status;
}

static mg_status make_plan(mg_train *train, mg_error *err)
{
    const mg_training *training = &train->training;
    const mg_dataset *dataset = &train->dataset;
    const char *text = train->model.architecture;
    const char *kernels = mg_family_name(mg_kernels_pick()->name);
    uint64_t windows = mg_hash_bytes(0, dataset->sample, dataset->n * sizeof *dataset->sample);
    windows = mg_hash_bytes(windows, dataset->code, dataset->n * (((size_t)dataset->length + 1) / 2));
    uint64_t first = mg_hash_bytes(0, training->learner.parameter, training->learner.n * sizeof(double));
    mg_status status = mg_provenance_add_line(&train->plan, err, "mutagree %s %s", mg_version(), mg_revision());
    if (status == MG_OK) status = add_options(train, err);
    if (status == MG_OK)
        status =
            mg_provenance_add_line(&train->plan, err, "architecture %016" PRIx64, mg_hash_bytes(0, text, strlen(text)));
    if (status == MG_OK)
        status = mg_provenance_add_line(
            &train->plan, err,
            "changed up to: %" PRId64 " bases masked, %" PRId64 " codons silent, %" PRId64 " missense",
            train->augmentation.mask, train->augmentation.silent, train->augmentation.missense);
    if (status == MG_OK) status = mg_provenance_add_line(&train->plan, err, "first weights %016" PRIx64, first);
    if (status == MG_OK) status = mg_provenance_add_line(&train->plan, err, "windows %016" PRIx64, windows);
    if (status == MG_OK) status = mg_provenance_add_line(&train->plan, err, "kernels %s", kernels);
    return status;
}

static mg_status read_checkpoint(mg_train *train, mg_error *err)
{
    bool found = false;
    mg_status status = make_plan(train, err);
    if (status == MG_OK) status = mg_checkpoint_read(train->checkpoint, train->plan, &train->training, &found, err);
    if (status == MG_OK && found && !train->options->quiet)
        mg_note("  goes on      after epoch %zu of %" PRId64 " (%s)", train->training.n_epochs, train->options->epochs,
                train->checkpoint);
    return status;
}

static mg_status share_training(mg_train *train, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    mg_status status = MG_OK;
    if (train->layout.n_ranks == 1) return MG_OK;
    if (train->rank == 0) status = mg_training_pack(&train->training, &bytes, &n, err);
    status = mg_agree(train->comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(train->comm, &bytes, &n, err);
    if (status == MG_OK && train->rank != 0) status = mg_training_unpack(bytes, n, &train->training, err);
    free(bytes);
    return mg_agree(train->comm, status, err);
}

mg_status mg_train_prepare(mg_train *train, mg_error *err)
{
    set_optimiser(train);
    set_augmentation(train);
    mg_status status = mg_agree(train->comm, create_workspaces(train, err), err);
    if (status != MG_OK) return status;
    status = train->rank == 0 ? read_checkpoint(train, err) : MG_OK;
    status = mg_agree(train->comm, status, err);
    return status == MG_OK ? share_training(train, err) : status;
}

void mg_train_end(mg_train *train)
{
    mg_training_destroy(&train->training);
    mg_gradients_destroy(train->gradients);
    mg_trainer_destroy(train->trainer);
    mg_draw_destroy(&train->draw);
    mg_dataset_destroy(&train->dataset);
    mg_graph_destroy(train->network);
    mg_model_destroy(&train->model);
    mg_layout_destroy(&train->layout);
    free(train->recipe);
    free(train->held_out);
    free(train->score);
    free(train->loss);
    free(train->plan);
    free(train->inputs);
    free(train->checkpoint);
    free(train->history);
}
