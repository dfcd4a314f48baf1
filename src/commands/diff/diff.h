/* diff.h  two runs side by side: what `mutagree diff` holds, and its parts in the order they come */
#ifndef MG_COMMANDS_DIFF_DIFF_H
#define MG_COMMANDS_DIFF_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/run/file.h"
#include "io/run/match.h"
#include "src/core/difference.h"
#include "src/core/status.h"

/* A method that is in both runs. */
typedef struct {
    int64_t one, other; /* its place in either run */
    double correlation; /* rank correlation of the window's Spearman agreement between the runs; NaN: not defined */
} mg_diff_method;

/* A dataset that is in both runs. */
typedef struct {
    mg_field_id id;
    int64_t s_one, s_other;   /* which of the field's datasets */
    mg_difference difference; /* a place is a window of `one`; texts count by the window */
} mg_diff_set;

typedef struct {
    mg_run_file one, other;
    mg_run_match *match;
    int64_t n_both;    /* windows */
    bool in_place;     /* those in both have the same index in both */
    bool same_windows; /* the same ones in the same order */
    bool same_methods; /* likewise, with all their options */
    size_t n_methods;
    mg_diff_method *method;           /* owned (n_methods), in the order of `one` */
    bool same_metrics;                /* the same ones in the same order */
    size_t n_metrics;                 /* that are in both, in the order of `one` ... */
    size_t metric[2][MG_MAX_METRICS]; /* ... and their places in `one` and in `other` */
    size_t n_sets;
    mg_diff_set *set;          /* owned (n_sets): by field, then method, then metric */
    mg_difference rows, pairs; /* numbers of the summary; pairs only with same_methods */
} mg_diff;

/* diff_made.c */

/* mg_diff_print_made()  how the runs were made: program, options, model, inputs, machine; what differs in words */
void mg_diff_print_made(const mg_diff *diff);

/* diff_numbers.c */

/* mg_diff_open()  both runs, and the windows and methods that are in both */
mg_status mg_diff_open(const char *one, const char *other, mg_diff *diff, mg_error *err);
void mg_diff_close(mg_diff *diff); /* frees what it holds, not the struct */

/* mg_diff_compare()  all that both keep of the windows in both, and the summary */
mg_status mg_diff_compare(mg_diff *diff, mg_error *err);

/* diff_ranking.c */

/* mg_diff_correlate()  the correlation of each method; of at most some ten thousand windows, spread over all */
mg_status mg_diff_correlate(mg_diff *diff, mg_error *err);

/* mg_diff_print_ranking()  the methods in the order of each run, and whether it is the same */
void mg_diff_print_ranking(const mg_diff *diff);

#endif
