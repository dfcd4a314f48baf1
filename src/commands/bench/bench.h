/* bench.h  mutagree bench: what a window costs on this machine, part by part
 *
 * Clock times of shared machines are noisy. So each round times every part once, one after the other, beside the core's
 * peak; ratios are taken within a round, and what is told is the median over rounds with its quartiles. A *part* is a
 * row of the table (src/commands/bench/parts.c, src/commands/bench/output.c); what it is worked on is the same windows in every round.
 */
#ifndef MG_COMMANDS_BENCH_BENCH_H
#define MG_COMMANDS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "io/input/input.h"
#include "io/model/model.h"
#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"
#include "src/core/options.h"
#include "src/core/status.h"
#include "src/commands/bench/naive.h"
#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/faithfulness/single.h"
#include "src/graph/score.h"
#include "src/shard/study.h"

/* What the user asked for. */
typedef struct {
    const char *model, *score;
    mg_model_words words;
    mg_input_options input;
    mg_text_list methods, parts, threads;
    int64_t sample, rounds, seed, compress;
    const char *store, *folder, *json;
    bool force; /* a file `json` that is there is replaced */
} mg_bench_options;

typedef enum {
    MG_BENCH_FORWARD,
    MG_BENCH_GRADIENT,
    MG_BENCH_SCAN,
    MG_BENCH_METHODS,
    MG_BENCH_AGREEMENT,
    MG_BENCH_WINDOW,
    MG_BENCH_NAIVE,
    MG_BENCH_LAYERS,
    MG_BENCH_OUTPUT,
    MG_BENCH_THREADS,
    MG_BENCH_N_PARTS
} mg_bench_part;

/* A number of each round, summed up: NaN where it was not measured. */
typedef struct {
    double q25, median, q75;
} mg_bench_spread;

struct mg_bench;
struct mg_bench_row;

/* How a part is timed: `prepare` (may be NULL) makes window i ready, and only `run` is on the clock. */
typedef mg_status mg_bench_run(struct mg_bench *b, const struct mg_bench_row *row, int64_t i, mg_error *err);

/* A row of the table of parts. */
typedef struct mg_bench_row {
    mg_bench_part part;
    char name[MG_METHOD_LABEL];
    const mg_method *method; /* of MG_BENCH_METHODS */
    mg_bench_run *prepare, *run;
    int64_t step;          /* every step-th window is enough */
    bool after_forward;    /* stands on a forward pass that is not on the clock */
    double macs;           /* multiply-adds a window; NaN: not counted */
    double *seconds;       /* owned (rounds) a window */
    mg_bench_spread ms;    /* milliseconds a window */
    mg_bench_spread share; /* of a whole window's time */
    mg_bench_spread peak;  /* multiply-adds a second, as a share of the core's peak */
    mg_bench_spread ratio; /* how many times as long the naive scan takes; with the forward pass that the row needs */
} mg_bench_row;

/* A row of the table of threads. */
typedef struct {
    int n_threads;
    double *rate;               /* owned (rounds) windows a second */
    double bytes;               /* resident at most, a thread; NaN: the system does not tell */
    mg_bench_spread per_second; /* windows */
    mg_bench_spread efficiency; /* windows a second and thread, as a share of those of the first row */
} mg_bench_team;

/* Files of the output part, in a folder that is removed at the end. */
typedef struct {
    char *folder, *parts, *path, *specs;
    mg_shard_store store;
    mg_result result; /* what --store keeps of mg_bench.result; owns nothing */
    mg_run_method *method;
    mg_summary_row *row;
    mg_summary_pair *pair;
    bool mpi; /* started here */
} mg_bench_output;

/* The mutation scan node by node. */
typedef struct {
    mg_scan_cost *cost; /* owned (nodes + 1): multiply-adds of all windows, seconds of a round */
    double *least;      /* owned (nodes + 1): seconds of all windows, the least of the rounds */
    double *inside;     /* owned (nodes) multiply-adds of a window inside what its mutants reach */
} mg_bench_layers;

typedef struct mg_bench {
    const mg_bench_options *options;
    bool wanted[MG_BENCH_N_PARTS];
    mg_model model;
    mg_provenance machine;
    char *source;     /* owned: where the windows are from, in words */
    mg_shard shard;   /* the windows of a round */
    mg_result result; /* of these, everything kept */
    mg_study *study;
    mg_worker *worker;

    /* what parts are run on alone */
    mg_graph *graph;
    mg_plan *plan;
    mg_pass *pass;
    mg_reach reach;
    mg_scan *scan;
    mg_naive *naive;
    mg_truth *truth;
    double *x;            /* (n, L, 4) */
    double *gradient;     /* (L, 4) */
    float *effect;        /* (L, 4) */
    double *contribution; /* (L) */
    double *hypothetical; /* (L, 4) */
    void *scratch;        /* of methods */
    mg_bench_output output;
    mg_bench_layers layers;

    double *peak; /* owned (rounds) fused multiply-adds a second that the core does on registers alone */
    mg_bench_spread peak_rate;
    size_t n_rows, n_teams;
    mg_bench_row *row;   /* owned */
    mg_bench_team *team; /* owned */
} mg_bench;

/* bench_setup.c: network, windows, workspaces */
mg_status mg_bench_set_up(mg_bench *b, mg_error *err);
void mg_bench_tear_down(mg_bench *b);

/* bench_parts.c: the rows of the table; mg_bench_count() fills their macs */
mg_status mg_bench_list_rows(mg_bench *b, mg_error *err);
mg_status mg_bench_count(mg_bench *b, mg_error *err);

/* bench_output.c: shard files and their merge, in a folder of their own */
mg_status mg_bench_output_begin(mg_bench *b, mg_error *err);
void mg_bench_output_end(mg_bench *b);
mg_bench_run mg_bench_write_shards, mg_bench_lay_out, mg_bench_merge;
int64_t mg_bench_output_windows(const mg_bench *b);

/* layers.c: the scan node by node; what is counted, what is timed in a round, what is told */
mg_status mg_bench_layers_begin(mg_bench *b, mg_error *err);
void mg_bench_layers_end(mg_bench *b);
void mg_bench_count_layers(mg_bench *b);
void mg_bench_time_layers(mg_bench *b);
double mg_bench_layers_seconds(const mg_bench *b); /* of a window */
void mg_bench_print_layers(const mg_bench *b);
json_t *mg_bench_layers_to_json(const mg_bench *b);

/* bench_threads.c: windows a second of several threads, and their memory */
mg_status mg_bench_list_teams(mg_bench *b, mg_error *err);
mg_status mg_bench_time_team(mg_bench *b, mg_bench_team *team, int64_t round, mg_error *err);

/* bench_measure.c: the rounds, and what they come to */
mg_status mg_bench_measure(mg_bench *b, mg_error *err);

/* bench_print.c */
void mg_bench_print_head(const mg_bench *b);
void mg_bench_print(const mg_bench *b);
mg_status mg_bench_write_json(const mg_bench *b, mg_error *err); /* to --json, whole or not at all */

#endif
