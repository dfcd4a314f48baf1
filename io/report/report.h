/* report.h  a finished run as a report: ranks, sensitivity, biology, examples, and the verdict
 *
 * The run is read in blocks. What grows with it: nine bytes a window and 4 bytes a window and method while one metric's
 * ranks are made; and for each window of the report's group 16 bytes, and with stored effects 68 bytes a method. Not
 * collective: one rank makes the report.
 *
 * The document is described in docs/report-json.md.
 */
#ifndef MG_IO_REPORT_REPORT_H
#define MG_IO_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "io/report/measured.h"
#include "io/report/places.h"
#include "io/run/codes.h"
#include "io/run/file.h"
#include "io/run/table.h"
#include "src/statistics/friedman.h"
#include "src/statistics/sensitivity.h"
#include "src/statistics/summary.h"
#include "src/task/starts/flips.h"
#include "src/task/starts/genetic_code.h"
#include "src/task/starts/kozak.h"
#include "src/task/profile.h"
#include "src/task/seqlets.h"
#include "src/task/splice/classes.h"
#include "src/task/task.h"
#include "src/task/starts/stops.h"
#include "src/core/status.h"

/* The windows that the biology and the sensitivity are about. */
typedef struct {
    mg_group group;
    size_t n;
    int64_t *window;  /* owned (n) indices, those of a cluster together */
    int64_t *cluster; /* owned (n) */
    int8_t *kind;     /* owned (n) of the task's; all 0 where it has one */
    int64_t n_clusters, n_called, n_padded, n_unknown;
} mg_report_group;

/* The paired tests that the document shows, corrected together (src/statistics/claims.h). */
typedef struct {
    mg_summary_pair *main; /* owned (pairs) of the main metric in the report's group */
    size_t n_comparisons, n_tests;
} mg_report_claims;

/* What is said about the methods by rank, for all metrics and groups. */
typedef struct {
    mg_friedman *test;  /* owned (metrics, MG_N_GROUPS) */
    double *mean_rank;  /* owned (metrics, MG_N_GROUPS, n_methods), by transcript */
    double *low, *high; /* owned (MG_N_GROUPS, n_pairs): differences in the main metric */
} mg_report_ranks;

/* Which methods gave the same contributions in all windows of the group (same.c). */
typedef struct {
    size_t *as;     /* owned (n_methods) the first method that it is the same as; itself where there is none */
    size_t *before; /* owned (n_methods) scratch */
    bool *told;     /* owned (n_methods) it has a value in some window */
} mg_report_same;

/* What only the stored effects tell. */
typedef struct {
    bool *blind;            /* owned (L) */
    bool *hypothetical;     /* owned (n_methods) the run holds the method's c */
    mg_summary_row *choice; /* owned (MG_N_CHOICES, n_methods) */
    mg_summary_pair *choice_pair;
    mg_summary_row *auroc; /* owned (1 + n_methods): the mutations, then the methods */
    mg_summary_pair *auroc_pair;
    mg_profile profile[MG_MAX_KINDS]; /* of each kind of windows that the task has */
    mg_kozak kozak;                   /* with their sections */
    mg_stops stops;
    mg_flips flips;
    mg_splice_sums splice;
    mg_seqlets seqlets;
    mg_report_same same;
} mg_report_effects;

typedef struct mg_report {
    const mg_run_file *run;
    const mg_task *task;  /* of the run */
    mg_regions regions;   /* owned: of its windows */
    mg_run_table table;   /* the run's aggregates */
    mg_genetic_code code; /* that was asked for */
    mg_run_codes codes;   /* owned: those of the transcripts; zeros for tasks without codons */
    uint64_t seed;        /* of the run's bootstrap */
    int64_t n_bootstrap;
    mg_report_group group;
    mg_report_ranks ranks;
    bool has_effects; /* the run keeps them and the group has windows */
    mg_report_effects effects;
    mg_report_places places;     /* of mg_report_read_places() */
    mg_report_measured measured; /* of mg_report_read_measured() */
    mg_report_claims claims;     /* of mg_report_correct() */
    json_t *quarters, *seqlets,
        *heat; /* owned: parts of the document that are made while the run is read; NULL: none */
} mg_report;

enum {
    MG_REPORT_METRIC = MG_SPEARMAN, /* what the answer is about */
    MG_REPORT_MAX_LENGTH = 16384    /* nt of a window, above which nothing is told position by position */
};

/* mg_report_check_finished()  tell how far a run is that is not there yet
 * Returns: MG_OK when `path` is there, or nothing is known of it; MG_EINPUT when PATH.parts of an interrupted run is */
mg_status mg_report_check_finished(const char *path, mg_error *err);

/* mg_report_begin()  choose the group and list its windows
 *
 * Args:     group - "every" picks annotated or positive windows when there are any, else those the score calls, else all
 * Returns:  MG_OK, or MG_EINPUT: the group that was asked for is empty; mg_report_end() in either case
 */
mg_status mg_report_begin(const mg_run_file *run, const char *group, const mg_genetic_code *code, mg_report *ret,
                          mg_error *err);
void mg_report_end(mg_report *report);

/* mg_report_n_groups(), mg_report_group_name()  groups 0 .. n - 1 that the run has, in the words of its task */
int mg_report_n_groups(const mg_report *report);
const char *mg_report_group_name(const mg_report *report, mg_group group);

/* mg_report_rank(), mg_report_read_effects()  compute what the run's summary does not hold: fill ranks, and effects
 * when the run keeps them, the group has windows, and these are no longer than MG_REPORT_MAX_LENGTH.
 * Returns: MG_OK, MG_EINPUT (the run cannot be read), MG_EMEM */
mg_status mg_report_rank(mg_report *report, mg_error *err);
mg_status mg_report_read_effects(mg_report *report, mg_error *err);

/* mg_report_read_seqlets(), mg_report_read_heat()  sections of
 * tasks that have them, after mg_report_read_effects() and mg_report_correct(). They read single windows of the group again.
 * Returns: MG_OK, MG_EINPUT (the run cannot be read), MG_EMEM */
mg_status mg_report_read_seqlets(mg_report *report, mg_error *err);
mg_status mg_report_read_heat(mg_report *report, mg_error *err);

/* mg_report_summarise()  aggregates of one measure of the run's metrics, value (n_methods, n) over those windows of the group whose
 * byte has the bit of MG_GROUP_ALL; pair may be NULL for one method. Returns: MG_OK, MG_EMEM. */
mg_status mg_report_summarise(const mg_report *report, const float *value, size_t n_methods, size_t metric,
                              const uint8_t *group, mg_summary_row *row, mg_summary_pair *pair, mg_error *err);

/* mg_report_correct()  when both are done: the tests that the document points at become one family. It fills claims, and
 * p_holm of the pairs of choices and of telling stops. Returns: MG_OK or MG_EMEM */
mg_status mg_report_correct(mg_report *report, mg_error *err);

/* mg_report_base_choice()  the choice that the run's own main metric stands for
 * mg_report_choice_is_told()  probability says nothing where a logit is explained */
int mg_report_base_choice(const mg_report *report);
bool mg_report_choice_is_told(const mg_report *report, mg_choice choice);

/* mg_report_find_blind()  positions where no substitution has any effect, in the run's first windows: OUT blind (L) */
mg_status mg_report_find_blind(const mg_run_file *run, bool *blind, mg_error *err);

/* A place whose window the document shows, and why. */
typedef struct {
    int64_t place;
    const char *why; /* "asked", "best agreement", "typical agreement", "worst agreement", "best score" */
} mg_report_example;

/* mg_report_compose()  the whole document, *ret for the caller to json_decref()
 * Args:    example - (n_examples) places whose windows are shown
 * Returns: MG_OK, MG_EINPUT (the run cannot be read), MG_EMEM */
mg_status mg_report_compose(const mg_report *report, const mg_report_example *example, size_t n_examples, json_t **ret,
                            mg_error *err);

/* mg_report_write()  report.json and a .tsv file a table into a folder that is there
 * Returns: MG_OK; MG_EINPUT when a file is there and force is not given; MG_EIO, MG_EMEM */
mg_status mg_report_write(const json_t *document, const char *folder, bool force, mg_error *err);

/* --- the pieces of the document --- */

/* mg_report_statistics(), ...  put their sections into root; false when memory is out. Of the sections of tasks those that the
 * run's task does not have are left out of the document altogether. */
bool mg_report_statistics(const mg_report *report, json_t *root);
bool mg_report_positions(const mg_report *report, json_t *root);
bool mg_report_starts(const mg_report *report, json_t *root);
bool mg_report_splice(const mg_report *report, json_t *root);

/* mg_report_has()  does the report have this section: the task does, and for MG_SECTION_FLIPS the score calls */
bool mg_report_has(const mg_report *report, mg_section section);

/* mg_report_has_kind()  has the group windows of this kind? Of a task with several */
bool mg_report_has_kind(const mg_report *report, size_t kind);

/* mg_report_base_ratio(), mg_report_base_share()  of a profile: values where base b stands at p; and the share of windows with
 * a known base there that have it */
const mg_ratio *mg_report_base_ratio(const mg_profile *profile, size_t source, int64_t p, int b);
double mg_report_base_share(const mg_profile *profile, int64_t p, int b);

/* mg_report_source_name()  "mutations" for source 0, else a method's name (src/task/evidence.h)
 * mg_report_position()     an offset of the window as it is told to people */
const char *mg_report_source_name(const mg_report *report, size_t source);

/* mg_report_has_source()  false for the network itself, which says nothing that could be shown beside the methods */
bool mg_report_has_source(const mg_report *report, size_t source);
int64_t mg_report_position(const mg_report *report, int64_t offset);

/* mg_report_scale_name()  of a choice: log-odds are called score where the score has no odds */
const char *mg_report_scale_name(const mg_report *report, mg_scale scale);

/* mg_report_verdict()  the answer in words, a new value; NULL when memory is out */
json_t *mg_report_verdict(const mg_report *report);

/* --- costs.c --- */

/* mg_report_cost()  ms a window of a method, from the lines of the provenance ("NAME 0.123 ms"; NULL: none); NaN: not told
 * mg_report_cost_table()  key `costs`: passes and ms of each method, a new value; NULL when memory is out
 * mg_report_print_costs()  the same for people; costs as for mg_report_cost() */
double mg_report_cost(const char *costs, const char *method);
json_t *mg_report_cost_table(const mg_report *report);
void mg_report_print_costs(FILE *out, const mg_run_summary *run, const char *costs);

/* --- same.c --- */

/* mg_report_same_create()  all methods are the same so far;  mg_report_same_add()  a window: contribution - (n_methods) of (length)
 * mg_report_same_list()  key `same`: sets of two and more methods, a new value; NULL when memory is out
 * mg_report_tell_same()  a sentence for each set, or nothing */
mg_status mg_report_same_create(size_t n_methods, mg_report_same *ret, mg_error *err);
void mg_report_same_destroy(mg_report_same *same); /* frees what it holds, not the struct */
void mg_report_same_add(mg_report_same *same, size_t n_methods, const float *const *contribution, size_t length);
json_t *mg_report_same_list(const mg_report *report);
void mg_report_tell_same(const mg_report *report, FILE *out);

/* --- curves.c --- */

/* mg_report_curve_table()  key `curves`: the points of perturbation curves in the report's group, by method and baseline, order
 *                          and positions; a new value; NULL when memory is out
 * mg_report_has_curves()   is there any */
json_t *mg_report_curve_table(const mg_report *report);
bool mg_report_has_curves(const mg_report *report);

/* --- windows: report_windows.c --- */

/* mg_report_find_window()  the place that is "TRANSCRIPT:START" (0-based position of the codon), or of "TRANSCRIPT" alone:
 * its annotated start, else the window with the best score. The last colon separates; where no transcript has the name
 * before it, all of the text is the name. Where no transcript has it either, a gene may: then it is the best of the windows
 * of all of its transcripts.
 * Returns: MG_OK, or MG_EINPUT saying what there is instead */
mg_status mg_report_find_window(const mg_run_file *run, const char *name, int64_t *ret, mg_error *err);

/* mg_report_pick_windows()  examples of the report's group, one window a cluster, at most n_most: by turns the best, the median
 *                           and the worst agreement of the method with the best mean, and the best score
 * Args: example - OUT (n_most) with the first place of each;  ret_n - OUT */
mg_status mg_report_pick_windows(const mg_report *report, size_t n_most, mg_report_example *example, size_t *ret_n,
                                 mg_error *err);

/* mg_report_window()  the window at a place as the document shows it; *ret for the caller to json_decref()
 * Returns: MG_OK, or MG_EINPUT: the run keeps no effects, or cannot be read */
mg_status mg_report_window(const mg_run_file *run, const mg_genetic_code *code, int64_t place, const char *why,
                           json_t **ret, mg_error *err);

/* mg_report_window_name()  name of the record that a distinct window was first found in; for tasks without codons, where a
 * record is a window. OUT name; MG_OK or MG_EINPUT. */
mg_status mg_report_window_name(const mg_run_file *run, int64_t window, char name[MG_NAME_LENGTH + 1], mg_error *err);

/* mg_report_print_window()  the same for people: what it is, and its strongest substitutions */
void mg_report_print_window(FILE *out, const mg_task *task, const json_t *window);

#endif
