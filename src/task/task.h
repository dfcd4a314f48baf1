/* task.h  what the windows of a run are about, and all words and knowledge that hang on it
 *
 * The rest of the program knows windows, sites, regions of a window, groups and labels. What a site is called, what a label
 * means, which parts a window has, and which sections a report has come from a task: a file each under src/task/, a row each
 * in the table of task.c. Codons, calls of starts, the Kozak context and HGVS belong to the task `starts`.
 */
#ifndef MG_TASK_TASK_H
#define MG_TASK_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"
#include "src/sequence/regions.h"
#include "src/statistics/summary.h"

typedef enum {
    MG_TASK_STARTS,
    MG_TASK_SPLICE,
    MG_TASK_REGIONS,
    MG_TASK_ENDS,
    MG_TASK_WINDOWS, /* ready windows of which nothing more is known */
    MG_N_TASKS
} mg_task_id;

/* A group of windows in the words of the task. */
typedef struct {
    const char *name;  /* "annotated": in tables and files */
    const char *one;   /* "annotated start" */
    const char *many;  /* "annotated starts" */
    const char *label; /* the same as a heading; of all: "all windows" */
    const char *empty; /* why there may be none: "no annotated start (was the scan given an annotation?)" */
} mg_task_group;

/* Sections of the report that not every run has; a task lists its own in the order of the page. */
typedef enum {
    MG_SECTION_NONE, /* ends a list */
    MG_SECTION_KOZAK,
    MG_SECTION_STOPS,
    MG_SECTION_FLIPS,
    MG_SECTION_SPLICE,
    MG_SECTION_SEQLETS,
    MG_SECTION_HEAT,
    MG_N_SECTIONS
} mg_section;

enum { MG_MAX_SECTIONS = 6, MG_MAX_KINDS = 4 };

typedef struct mg_task mg_task;
struct mg_task {
    mg_task_id id;
    const char *name;  /* "splice": as --task takes it */
    const char *about; /* one sentence for people */
    const char *site;  /* what a window is chosen by: "start", "splice site", "region", "end", "window" */
    const char
        *origin;     /* what positions are counted from: "the start codon"; position +1 stands at the anchor, there is
                         * no 0 */
    bool has_codons; /* codons, stops, HGVS names of substitutions, --genetic-code */
    mg_task_group group[MG_N_GROUPS];  /* MG_GROUP_CALLED exists where the score also calls: mg_task_group_of() */
    const char *lost, *gained;         /* of a substitution that turns the sign of the score: "takes the call away" */
    size_t n_kinds;                    /* kinds of windows that lie differently, 1 or more */
    const char *kind[MG_MAX_KINDS];    /* "donor", "acceptor" */
    int64_t (*anchor)(int64_t length); /* the offset that positions are counted from where the network tells none */
    /* Regions of a window: ret for mg_regions_destroy(). Returns: MG_OK or MG_EMEM. */
    mg_status (*regions)(int64_t length, int64_t anchor, mg_regions *ret, mg_error *err);
    mg_section section[MG_MAX_SECTIONS]; /* ends with MG_SECTION_NONE */
};

/* mg_task_at()  the task of an id
 * mg_task_find()  by name. Returns: MG_OK, or MG_EUSAGE: the sentence lists the tasks. */
const mg_task *mg_task_at(mg_task_id id);
mg_status mg_task_find(const char *name, const mg_task **ret, mg_error *err);

/* mg_task_names()  "starts|splice|...", for help and messages */
const char *mg_task_names(void);

/* mg_task_tell()  the task that nobody has named: `starts` where the windows were cut around codons of transcripts, or
 * every window has a start codon at the anchor; else `windows` */
mg_task_id mg_task_tell(bool around_codons, bool all_have_codon);

/* mg_score_known()  the name of a score as a constant; NULL: there is none of that name */
const char *mg_score_known(const char *name);

/* mg_score_has_odds()  is a score of this name ("log-odds", ...) log-odds or a probability, so that its sign, or one half,
 * calls? A logit, a sum or a difference of outputs is a number like any other. */
bool mg_score_has_odds(const char *score);

/* mg_task_group_of()  a group of the task's under this score; NULL: there is no such group. Of a task NULL (nobody has told)
 * those of `starts`; a score NULL calls. */
const mg_task_group *mg_task_group_of(const mg_task *task, mg_group group, const char *score);

/* mg_task_n_groups()  how many there are: groups 0 .. n - 1 */
int mg_task_n_groups(const mg_task *task, const char *score);

/* mg_task_find_group()  by name; MG_N_GROUPS: there is none of that name */
mg_group mg_task_find_group(const mg_task *task, const char *score, const char *name);

/* mg_task_has()  does the report of the task have this section? */
bool mg_task_has(const mg_task *task, mg_section section);

/* The tasks; each in its own file. */
extern const mg_task mg_task_starts, mg_task_splice, mg_task_regions, mg_task_ends, mg_task_windows;

/* Rows that tasks share: the group of all windows; and groups and turned signs of tasks whose labels are no sites of an
 * annotation, but classes that windows were given with. */
#define MG_TASK_ALL_WINDOWS                                                                                            \
    {                                                                                                                  \
        "all", "window", "windows", "all windows", "no window"                                                         \
    }
/* clang-format off */
#define MG_TASK_OF_PREDICTIONS                                                                                      \
    .group = {MG_TASK_ALL_WINDOWS,                                                                                 \
              {"positive", "positive window", "positive windows", "positive windows",                              \
               "no positive window (were the windows given with labels?)"},                                        \
              {"predicted", "predicted window", "predicted windows", "predicted windows", "no window with F > 0"}}, \
    .lost = "turn the prediction off",                                                                             \
    .gained = "turn the prediction on"
/* clang-format on */

/* mg_task_no_regions()  the regions of tasks whose windows have none */
mg_status mg_task_no_regions(int64_t length, int64_t anchor, mg_regions *ret, mg_error *err);

/* mg_task_first(), mg_task_middle()  anchors: offset 0, so that positions are 1 .. L; and the middle of the window */
int64_t mg_task_first(int64_t length);
int64_t mg_task_middle(int64_t length);

#endif
