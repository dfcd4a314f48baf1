/* train.c  mutagree train: a network from transcripts and annotated starts, on one rank or many */
#include <stdio.h>

#include "mpi/agree.h"
#include "src/commands/commands.h"
#include "src/core/duration.h"
#include "src/core/stop.h"
#include "src/commands/train/train.h"

#define AT(member) offsetof(mg_train_options, member)
#define N_MOST     9007199254740992.0
static const mg_option table[] = {
    {"arch", MG_TEXT, AT(arch), "tisrover+", "NAME|FILE", 0, 0, "Network", "layers: built in, or an architecture text"},
    {"from", MG_TEXT, AT(from), NULL, "FILE", 0, 0, "Network",
     "begin with this model's weights and layers, not at random"},
    {"dropout", MG_REAL, AT(dropout), "-1", "P", -1, 0.99, "Network", "of all Dropout layers; -1: as the layers say"},
    MG_INPUT_OPTIONS(mg_train_options, data.input),
    {"others", MG_TEXT, AT(data.others), NULL, "FILE", 0, 0, "Input",
     "beside --windows: ready windows that are no starts"},
    {"held-out", MG_TEXTS, AT(data.held_out), NULL, "LIST", 0, 0, "Input",
     "chromosomes or transcripts to test on after each epoch: names, or files of names (BED)"},
    {"set-aside", MG_TEXTS, AT(data.set_aside), NULL, "LIST", 0, 0, "Input",
     "those that take no part, for a test of the result"},
    {"negatives", MG_REAL, AT(negatives), "10", "R", 0, 1e9, "Windows",
     "other ATGs for each start, drawn anew each epoch; 0: all"},
    {"start-weight", MG_REAL, AT(start_weight), "1", "W", 1e-6, 1e6, "Windows",
     "weight of a start, another window's being 1"},
    {"mask", MG_INTEGER, AT(mask), "-1", "N", -1, 100000, "Windows",
     "up to so many random bases of a window become unknown; the start codon is spared. -1: three in ten"},
    {"silent", MG_INTEGER, AT(silent), "-1", "N", -1, 100000, "Windows",
     "up to so many silent substitutions behind the start; -1: four in nine codons"},
    {"missense", MG_INTEGER, AT(missense), "-1", "N", -1, 100000, "Windows",
     "up to so many missense substitutions; -1: one in nine codons"},
    {"genetic-code", MG_INTEGER, AT(genetic_code), "1", "N", 1, 33, "Windows", "NCBI's number of the genetic code"},
    {"epochs", MG_INTEGER, AT(epochs), "40", "N", 1, 1000000, "Steps", "times through the starts"},
    {"batch", MG_INTEGER, AT(batch), "64", "N", 1, 1000000, "Steps", "windows a step, over all ranks"},
    {"optimiser", MG_CHOICE, AT(optimiser), "adamw", "adamw|adam|sgd", 0, 0, "Steps", "how a gradient becomes a step"},
    {"rate", MG_REAL, AT(rate), "0.002", "R", 1e-12, 1e3, "Steps", "largest learning rate"},
    {"schedule", MG_CHOICE, AT(schedule), "cosine", "cosine|step|constant", 0, 0, "Steps", "of the learning rate"},
    {"warm-up", MG_REAL, AT(warm_up), "0.5", "E", 0, 1000, "Steps", "epochs in which the learning rate rises"},
    {"final-rate", MG_REAL, AT(final_rate), "0", "R", 0, 1, "Steps",
     "cosine: share of the rate at the end; step: share that a step down leaves"},
    {"down", MG_INTEGER, AT(down), "10", "N", 1, 1000000, "Steps", "step: epochs from one step down to the next"},
    {"momentum", MG_REAL, AT(momentum), "0.9", "M", 0, 0.9999, "Steps", "of sgd"},
    {"decay", MG_REAL, AT(decay), "0.2", "D", 0, 10, "Steps", "of the weights"},
    {"average", MG_REAL, AT(average), "0.999", "A", 0, 0.999999, "Steps",
     "share of itself that the running average of the weights keeps; it is the result. 0: the last weights are"},
    {"patience", MG_INTEGER, AT(patience), "0", "N", 0, 1000000, "Steps",
     "stop after so many epochs without a better result on what is held out; 0: never"},
    {"seed", MG_INTEGER, AT(seed), "1", "N", 0, N_MOST, "Steps", "of all random numbers"},
    {"out", MG_TEXT, AT(out), NULL, "FILE", 0, 0, "Output", "the model, NAME.h5; NAME.h5.history.tsv goes beside it"},
    {"note", MG_TEXT, AT(note), NULL, "TEXT", 0, 0, "Output", "put into the model, beside how it was made"},
    {"force", MG_FLAG, AT(force), NULL, NULL, 0, 0, "Output", "replace files that are there, and start anew"},
    MG_QUIET_OPTION(AT(quiet), "Output"),
    MG_THREADS_OF_RANK_OPTION(AT(threads)),
    {"max-time", MG_TEXT, AT(max_time), NULL, "TIME", 0, 0, "Speed", "stop in good time, as 3h30m or HH:MM:SS"},
    {0}};
#undef AT

static const mg_command_help help = {
    .name = "train",
    .synopsis = "--transcripts FASTA --annotation FILE --out FILE [OPTION]...",
    .purpose = "Train a network to tell annotated starts from all other ATGs.",
    .notes = "Windows are made distinct by their bases; one that is a start in any transcript counts as a start.\n"
             "Examples:\n"
             "  mutagree train --transcripts t.fa.gz --annotation starts.bed --held-out 'chr20 chr21' -o mine.h5\n"
             "  mpirun -n 4 mutagree train --genome g.fa.gz --annotation genes.gtf.gz --out mine.h5\n"
             "With --held-out the result is the epoch with the largest area under the precision-recall curve\n"
             "there, else the last. After each epoch FILE.checkpoint is written; after an interruption the same\n"
             "command goes on from there. The result does not depend on the number of ranks and threads, nor on\n"
             "interruptions.\n",
    .option = table,
    .letters = "o=out"};

static mg_status set_deadline(const mg_train_options *options, mg_error *err)
{
    double seconds = 0;
    if (options->max_time == NULL) return MG_OK;
    mg_status status = mg_duration_parse(options->max_time, &seconds, err);
    if (status != MG_OK) return mg_fail_prefix(err, "--max-time: ");
    mg_stop_after(seconds);
    return MG_OK;
}

/* The training as a page: each step is the same call on all ranks and has the same outcome on all. */
static mg_status run(mg_train *train, mg_error *err)
{
    mg_status status = mg_agree(train->comm, set_deadline(train->options, err), err);
    if (status == MG_OK) status = mg_train_begin(train, err);
    if (status == MG_OK) status = mg_train_read_data(train, err);
    if (status == MG_OK) status = mg_train_prepare(train, err);
    if (status == MG_OK) status = mg_train_work(train, err);
    if (status == MG_OK) status = mg_train_write(train, err);
    return status;
}

mg_status mg_cmd_train(int argc, char **argv, mg_error *err)
{
    mg_train_options options = {0};
    mg_train train = {.comm = MPI_COMM_WORLD, .options = &options, .help = &help};
    bool want_help = false;
    MPI_Comm_rank(MPI_COMM_WORLD, &train.rank);
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    status = mg_agree(MPI_COMM_WORLD, status, err);
    if (status == MG_OK && !want_help) status = run(&train, err);
    if (status == MG_OK && want_help && train.rank == 0) mg_options_help(stdout, &help);
    mg_train_end(&train);
    mg_options_free(&help, &options, NULL);
    return status;
}
