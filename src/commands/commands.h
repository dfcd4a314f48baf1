/* commands.h  the subcommands: one function a command, each in its own file or folder
 *
 * argv[0] is the subcommand's name, argv[1..] are its options. A command parses them, answers --help on stdout itself,
 * does its work and returns; only main.c speaks about the error and ends the process.
 *
 * The MPI commands (scan, report, export, train) are called on all ranks, after MPI_Init_thread; before they return they have made
 * all ranks agree, so that each rank gets the same status and text (mpi/agree.h) and rank 0 tells it once.
 */
#ifndef MG_COMMANDS_COMMANDS_H
#define MG_COMMANDS_COMMANDS_H

#include "src/core/options.h"
#include "src/core/status.h"

typedef mg_status mg_command_run(int argc, char **argv, mg_error *err);

mg_command_run mg_cmd_scan;     /* windows -> attributions, mutation scan, agreement: run.h5 */
mg_command_run mg_cmd_report;   /* run.h5 -> tables */
mg_command_run mg_cmd_export;   /* run.h5 -> formats of other programs */
mg_command_run mg_cmd_windows;  /* list the candidate windows of a transcriptome */
mg_command_run mg_cmd_predict;  /* the score of every candidate start */
mg_command_run mg_cmd_score;    /* the effect of given variants */
mg_command_run mg_cmd_methods;  /* list the attribution methods */
mg_command_run mg_cmd_train;    /* transcripts and starts -> a network */
mg_command_run mg_cmd_evaluate; /* how good a network is */
mg_command_run mg_cmd_convert;  /* model formats */
mg_command_run mg_cmd_info;     /* what a file is */
mg_command_run mg_cmd_verify;   /* windows of a run, worked out again */
mg_command_run mg_cmd_diff;     /* two runs, side by side */
mg_command_run mg_cmd_bench;    /* speed on this machine */

/* Rows that stand in the tables of several commands; `at` is the offset of the member. */
/* clang-format off */
#define MG_NETWORK_OPTION(at)                                                                                      \
    {"model", MG_TEXT, at, "tis-human", "FILE", 0, 0, "Network",                                                   \
     "trained network: HDF5, safetensors, PyTorch state dict or ONNX"}
#define MG_FORCE_OPTION(at)                                                                                        \
    {"force", MG_FLAG, at, NULL, NULL, 0, 0, "Output", "replace files that are there"}
#define MG_QUIET_OPTION(at, group)                                                                                 \
    {"quiet", MG_FLAG, at, NULL, NULL, 0, 0, group, "say nothing but warnings and errors"}
#define MG_THREADS_OPTION(at)                                                                                      \
    {"threads", MG_INTEGER, at, "0", "N", 0, 4096, "Speed", "0: OMP_NUM_THREADS, or all cores"}
#define MG_THREADS_OF_RANK_OPTION(at)                                                                              \
    {"threads", MG_INTEGER, at, "0", "N", 0, 4096, "Speed",                                                        \
     "of each rank; 0: OMP_NUM_THREADS, or all cores the rank may use"}
/* clang-format on */

#endif
