/* study_inside.h  what a study and a worker hold, for study.c and window.c alone */
#ifndef MG_SHARD_STUDY_INSIDE_H
#define MG_SHARD_STUDY_INSIDE_H

#include "src/engine/pass.h"
#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/faithfulness/measure.h"
#include "src/faithfulness/single.h"
#include "src/shard/against.h"
#include "src/shard/average.h"
#include "src/shard/study.h"

struct mg_study {
    mg_score_spec score;
    uint64_t seed;
    mg_graph *graph; /* its last value is F */
    mg_plan *plan;
    mg_reach reach;
    unsigned without;     /* rewrites of the scan that are left out (src/engine/scan.h) */
    bool has_probability; /* F tells that of a class */
    mg_regions regions;   /* of the task */
    mg_metric_set metrics;
    char *metric_words; /* owned: as mg_metric_set_choose() takes them; NULL: single mutations alone */
    double share;       /* of windows that metrics with passes are measured in */
    bool has_sampled;   /* metrics that run passes */
    bool has_baselines;
    mg_average average; /* for the baseline profile */
    size_t n_methods, method_room;
    mg_method *method;
    mg_measured measured;  /* all 0: none */
    size_t first_measured; /* their first metric */
    char left_out
        [4096]; /* sentences of methods that nobody named and that have no rule for some node; "" when there is none */
};

struct mg_worker {
    const mg_study *study;
    mg_pass *pass;
    mg_scan *scan;
    const mg_pass *leader; /* of a score of the same network, which has the same window; NULL: none */
    bool follows;          /* another worker's scan fills `effect` as well (mg_worker_follow) */
    mg_truth *truth;
    mg_against *against;       /* NULL: no effects were measured */
    void *scratch;             /* for methods */
    double *x;                 /* (L, 4) */
    double *contribution;      /* (L) */
    double *hypothetical;      /* (L, 4) */
    float *effect;             /* (L, 4) */
    float *probability_effect; /* (L, 4) effect on the probability */
    float *a, *c;              /* (L), (L, 4): what is stored and compared */
    mg_measure *measure;
    mg_view view;                      /* the window at hand */
    double *exact_a, *exact_c;         /* (L), (L, 4) a and c again, as double */
    double *random, *ceiling;          /* (L) baselines of the window at hand */
    double *seconds;                   /* (n_methods) that each took, in ... */
    int64_t n_timed;                   /* ... so many windows */
    double *neighbour_x;               /* (L, 4) another window, ... */
    double *neighbour_a, *neighbour_c; /* ... and what a method says of it */
};

#endif
