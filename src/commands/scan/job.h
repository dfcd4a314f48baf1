/* job.h  the main job: what `mutagree scan` holds while it runs, and its parts in the order in which they come
 *
 * Every rank has one mg_job and calls the same functions; what only rank 0 has is said at the member. A step takes those parts
 * of the job that it needs, const where it only reads, and the job itself where nearly all of it comes together: to read the
 * input, to hand out the work, to write OUT. Where several scores are explained (--output, --target as lists) there is a job a score,
 * each with a result of its own, and the first leads: the input is read once, and shards are worked on for all. Each function is collective over setting->comm and returns the agreed status
 * (mpi/agree.h), but where it says something else.
 */
#ifndef MG_COMMANDS_SCAN_JOB_H
#define MG_COMMANDS_SCAN_JOB_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "io/input/distinct.h"
#include "io/input/input.h"
#include "io/given/truth.h"
#include "io/base/lock.h"
#include "io/model/model.h"
#include "io/model/score_list.h"
#include "io/run/provenance.h"
#include "io/run/run_h5.h"
#include "io/run/status.h"
#include "io/run/shard_h5.h"
#include "mpi/early.h"
#include "mpi/layout.h"
#include "mpi/merge.h"
#include "src/core/log.h"
#include "src/core/options.h"
#include "src/core/status.h"
#include "src/shard/study.h"
#include "src/shard/team.h"

/* What the user asked for. */
typedef struct {
    const char *model;
    mg_model_words words;
    mg_input_options input;
    mg_text_list methods, attributions;
    const char *truth;
    const char *score, *store, *metrics;
    const char *out, *max_time, *status;
    const char *layout, *io_hints;
    int64_t threads, shard_size, seed, bootstrap, compress, align, aggregators;
    bool force, dry_run, quiet, nice, no_certificates;
} mg_job_options;

enum { MG_JOB_WHO = 96 };

/* What was asked for, by whom, on which ranks: known when the job begins, and read by every step. */
typedef struct {
    MPI_Comm comm;
    int rank;
    const mg_job_options *options;
    double started, deadline; /* mg_clock(); deadline 0: none */
    mg_layout layout;
    char who[MG_JOB_WHO]; /* with --nice: "rank 3 of 8 on n02", else empty */
} mg_job_setting;

/* What explains: the network and the methods. Set by mg_job_read_model(), which the input adds methods and facts to. */
typedef struct {
    mg_model model;
    mg_study *study;
    mg_run_method *method; /* (n_methods, and then the baselines) */
    size_t n_methods, method_room;
    char *specs; /* the methods' specs, a line each */
} mg_job_explainer;

/* What is explained: set by mg_job_read_input(). */
typedef struct {
    const mg_task *task;  /* what the windows are about */
    int64_t anchor;       /* the offset that positions are counted from */
    bool is_shared;       /* input and distinct are those of another job */
    mg_input input;       /* rank 0 */
    mg_distinct distinct; /* rank 0: its distinct windows and their places */
    char *brief_inputs;   /* rank 0: as provenance.inputs, without folders */
    char *own;            /* rank 0: what was found in the files of own attributions, a line each; NULL: none */
    char *truth_found;    /* rank 0: ... and in that of measured effects; NULL: none were given */
    mg_truth_table truth; /* rank 0: lines of measured effects, until they are matched */
    char truth_sha256[MG_SHA256_TEXT]; /* rank 0; "": none */
} mg_job_given;

/* Where it goes: names by mg_job_name_output(), the folder and the lock by mg_jobs_work(). */
typedef struct {
    char *parts, *part; /* OUT.parts and OUT.part; NULL in a dry run */
    char *lasting;      /* OUT.shards, where shards of a virtual layout stay */
    char *folder;       /* of the shards: OUT.parts, or the run's own in OUT.shards (io/run/shards.h) */
    mg_lock *lock;      /* rank 0: of OUT.parts */
    bool replaces;      /* rank 0: files that have the names of its results may be replaced */
    char *tsv, *json;   /* the summary's files beside OUT */
    mg_early *early;    /* rows go into OUT.part while shards are worked on; NULL: in the end */
} mg_job_output;

/* The shards that are to be done, and who does them. */
typedef struct {
    int64_t *todo; /* rank 0 (n_todo): shards that no interrupted run has finished */
    int64_t n_todo;
    int64_t n_done; /* rank 0: windows in the shards that are finished already */
    mg_team *team;
    mg_progress progress;              /* rank 0 */
    int64_t n_worked, n_worked_shards; /* windows and shards that this rank worked on */
    double worked;                     /* seconds */
} mg_job_at_work;

/* What a monitor was told. */
typedef struct {
    mg_run_state state;
    double told;           /* when the status file was written, mg_clock(); 0: never */
    bool has_told_failure; /* to write it */
} mg_job_monitor;

/* What came out over all windows; told on rank 0. */
typedef struct {
    mg_summary_row *row;
    mg_summary_pair *pair;
    char *fact[MG_N_FACTS]; /* rank 0: what run and tables tell in words */
} mg_job_summary;

typedef struct {
    mg_job_setting setting;
    mg_provenance provenance; /* rank 0; each step adds what it knows */
    mg_job_explainer explainer;
    mg_job_given given;
    mg_shard_store shards; /* with the shape of the run: by mg_job_read_input(); its id and folder by mg_jobs_work() */
    mg_job_output output;
    mg_job_at_work work;
    mg_job_monitor monitor;
    mg_job_summary summary;
} mg_job;

enum { MG_JOB_SCORES = MG_SCORE_LIST_MOST }; /* of a run at most: each has methods, results and files of its own */

/* One of several scores, in the words of the user. */
typedef struct {
    char *output, *target, *out; /* owned; NULL: not given */
    mg_job_options options;      /* those of a run of this score alone; lists in it are the caller's */
} mg_job_score;

/* A run: a job a score. All are asked for the same of the same input. */
typedef struct {
    size_t n, n_scores;
    mg_job *job;         /* owned (n); the first leads */
    mg_job_score *score; /* owned (n_scores) */
} mg_jobs;

/* --- scores.c --- */

/* mg_jobs_create()  the jobs that the options ask for: one, or one a score, with names of their own for --out. setting: of a job that
 * has not begun; the options outlive the jobs. Returns: the agreed status; MG_EUSAGE for lists with a word twice or too many, and for
 * scores whose files would have the same name */
mg_status mg_jobs_create(const mg_job_setting *setting, mg_jobs *jobs, mg_error *err);
void mg_jobs_destroy(mg_jobs *jobs);

/* mg_jobs_studies()  study - OUT (n) of the jobs */
void mg_jobs_studies(const mg_jobs *jobs, const mg_study *study[MG_JOB_SCORES]);

/* mg_jobs_print()  a line a score, when there are several: its words, and where its result goes */
void mg_jobs_print(FILE *out, const mg_jobs *jobs);

/* mg_jobs_warn_of_sites()  rank 0, when the input is read: donors explained by the score of acceptors, or the other way round */
void mg_jobs_warn_of_sites(const mg_jobs *jobs);

/* mg_jobs_check_scores()  when their networks are read: MG_EUSAGE when two scores are the same one by other words */
mg_status mg_jobs_check_scores(const mg_jobs *jobs, mg_error *err);

/* mg_jobs_check_output()  names of all files, and whether they can be written: early, before any work. Jobs that an interrupted run
 * of the same scores has brought to their end are dropped. */
mg_status mg_jobs_check_output(mg_jobs *jobs, mg_error *err);

/* mg_jobs_name_placed()  names of the results of all scores, complete or not, a line each, for shards that tell what is being placed (MG_PARTS_PLACING). ret: IN/OUT,
 * NULL or text that lines are added to; for free() in any case. Not collective. */
mg_status mg_jobs_name_placed(const mg_jobs *jobs, char **ret, mg_error *err);

/* mg_job_go_on()  between two steps: MG_OK, or MG_ESTOP when anybody wished any rank to stop (src/core/stop.h) */
mg_status mg_job_go_on(const mg_job_setting *setting, mg_error *err);

/* mg_job_merge_plan()  how OUT is to be written */
mg_merge_plan mg_job_merge_plan(const mg_job_setting *setting);

/* --- setup.c --- */
mg_status mg_job_begin(mg_job_setting *setting, mg_provenance *provenance, int argc, char **argv,
                       const mg_command_help *help, mg_error *err);

/* mg_job_name_output()   names of all files. Not collective.
 * mg_job_check_output()  whether they can be written: early, before any work. mg_job_check_again(): rank 0 alone, when it holds
 * the lock
 * mg_job_check_name()    --out as it was given, which names of several scores are made of: MG_EUSAGE, MG_EINPUT: a folder, a pipe,
 *                        a device. Not collective. */
mg_status mg_job_name_output(const mg_job_setting *setting, mg_job_output *output, mg_error *err);
mg_status mg_job_check_output(const mg_job_setting *setting, mg_job_output *output, mg_error *err);
mg_status mg_job_check_name(const char *out, mg_error *err);
mg_status mg_job_check_again(const mg_job_setting *setting, const mg_job_output *output, mg_error *err);

/* mg_job_read_model()  rank 0 reads, all get it; the study. first: of another score of the network, which outlives this one; NULL: none */
mg_status mg_job_read_model(const mg_job_setting *setting, const mg_study *first, mg_job_explainer *explainer,
                            mg_error *err);

/* mg_job_list_methods()  those of the study that are not in explainer->method yet. Not collective. */
mg_status mg_job_list_methods(mg_job_explainer *explainer, mg_error *err);

/* mg_job_read_input()  rank 0 reads; all learn the shape of the run, and the methods and facts that come with the input */
mg_status mg_job_read_input(mg_job *job, mg_error *err);

/* mg_job_share_input()  what `from` has read, for a job of another score: mg_job_read_input() without reading; it stays the
 * property of `from` */
mg_status mg_job_share_input(const mg_job *from, mg_job *job, mg_error *err);

void mg_job_end(mg_job *job); /* frees all that is held */

/* --- baselines.c: their names, behind those of all methods; and, before the work, the sample behind the mean profile --- */
mg_status mg_job_list_baselines(const mg_job_setting *setting, mg_job_explainer *explainer, mg_error *err);
mg_status mg_jobs_begin_baselines(mg_jobs *jobs, mg_error *err);

/* --- own.c: methods of --attribution, of the windows that given->distinct has; rank 0 reads, all get the rows --- */
mg_status mg_job_read_attributions(const mg_job_setting *setting, mg_job_explainer *explainer, mg_job_given *given,
                                   mg_provenance *provenance, mg_error *err);

/* --- truth.c: measured effects. mg_job_read_truth() is rank 0 alone, before the input is read: it says whether that has to
 * tell places on the genome. mg_job_match_truth(), after it: all ranks get them --- */
mg_status mg_job_read_truth(const mg_job_setting *setting, const mg_job_explainer *explainer, mg_job_given *given,
                            mg_provenance *provenance, bool *ret_places, mg_error *err);
mg_status mg_job_match_truth(const mg_job_setting *setting, mg_job_explainer *explainer, mg_job_given *given,
                             mg_error *err);

/* --- plan.c: what will be done, and in a dry run what it would cost --- */
void mg_jobs_print_plan(const mg_jobs *jobs);
const char *mg_job_anchor_words(const mg_job_given *given); /* "codon at", or "counted from", before the anchor */
mg_status mg_jobs_dry_run(mg_jobs *jobs, mg_error *err);

/* --- work.c: shards into OUT.parts, and from them the aggregates --- */
mg_status mg_jobs_work(mg_jobs *jobs, mg_error *err);

/* mg_jobs_create_team()  the threads of this rank, for all scores: work.team of the first job */
mg_status mg_jobs_create_team(mg_jobs *jobs, mg_error *err);

/* mg_jobs_create_results()  result - OUT (n) room for what is found about a shard's windows, for each score; made or empty on
 * failure too */
mg_status mg_jobs_create_results(const mg_jobs *jobs, const mg_shard *shard, mg_result *result, mg_error *err);

/* mg_job_count_safe()  shards that are there; `all`: and sound; rank 0 alone */
int64_t mg_job_count_safe(const mg_job_output *output, const mg_shard_store *shards, bool all);
mg_status mg_job_summarise(const mg_job_setting *setting, mg_job_summary *summary, const mg_shard_store *shards,
                           mg_error *err);

/* --- status.c: how far it is, for a monitor, where rank 0 writes and the others do nothing; and for the log. Not
 * collective. Of the job they change job->monitor alone. --- */
void mg_job_tell(mg_job *job, mg_run_state state);
void mg_job_tell_progress(mg_job *job); /* at most every few seconds */
void mg_job_tell_end(mg_job *job, mg_status status, const mg_error *err);

/* mg_job_say()  with --nice, a line of the log, on any rank; else nothing */
void mg_job_name_speaker(mg_job_setting *setting);
void mg_job_say(const mg_job_setting *setting, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- finish.c: OUT, the summary's files, and what is printed at the end --- */
mg_status mg_jobs_write(mg_jobs *jobs, mg_error *err);

/* mg_job_begin_out()  OUT.part as far as it can be before the work, where rows may go into it at once */
mg_status mg_job_begin_out(mg_job *job, mg_error *err);

/* mg_job_leave()  after a failure or a wish to stop: OUT.part goes; finished shards stay, and the sentence says so. Not
 * collective. */
void mg_job_leave(const mg_job_setting *setting, mg_job_output *output, const mg_job_at_work *work,
                  const mg_shard_store *shards, mg_error *err);
void mg_job_print_result(const mg_job_setting *setting, const mg_job_output *output);

#endif
