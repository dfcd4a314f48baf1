/* task.c  the table of tasks, and what holds for all of them */
#include "src/task/task.h"

#include <string.h>

#include "src/core/spelling.h"

static const mg_task *const tasks[MG_N_TASKS] = {[MG_TASK_STARTS] = &mg_task_starts,
                                                 [MG_TASK_SPLICE] = &mg_task_splice,
                                                 [MG_TASK_REGIONS] = &mg_task_regions,
                                                 [MG_TASK_ENDS] = &mg_task_ends,
                                                 [MG_TASK_WINDOWS] = &mg_task_windows};

const mg_task *mg_task_at(mg_task_id id)
{
    return tasks[id];
}

const char *mg_task_names(void)
{
    return "starts, splice, regions, ends, windows";
}

mg_status mg_task_find(const char *name, const mg_task **ret, mg_error *err)
{
    const char *nearest = NULL;
    for (int k = 0; k < MG_N_TASKS; k++) {
        if (strcmp(tasks[k]->name, name) == 0) {
            *ret = tasks[k];
            return MG_OK;
        }
        mg_spelling_nearest(name, tasks[k]->name, &nearest);
    }
    return mg_fail(err, MG_EUSAGE, "there is no task '%.40s'%s%s%s; known are %s", name,
                   nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "", nearest != NULL ? "?" : "",
                   mg_task_names());
}

mg_task_id mg_task_tell(bool around_codons, bool all_have_codon)
{
    return around_codons || all_have_codon ? MG_TASK_STARTS : MG_TASK_WINDOWS;
}

const char *mg_score_known(const char *name)
{
    static const char *const known[] = {"log-odds", "logit", "probability", "difference",
                                        "mean",     "sum",   "profile",     "value"};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(name, known[k]) == 0) return known[k];
    return NULL;
}

bool mg_score_has_odds(const char *score)
{
    return strcmp(score, "log-odds") == 0 || strcmp(score, "probability") == 0;
}

const mg_task_group *mg_task_group_of(const mg_task *task, mg_group group, const char *score)
{
    if (task == NULL) task = &mg_task_starts;
    if ((int)group < 0 || group >= MG_N_GROUPS) return NULL;
    if (group == MG_GROUP_CALLED && score != NULL && !mg_score_has_odds(score)) return NULL;
    return &task->group[group];
}

int mg_task_n_groups(const mg_task *task, const char *score)
{
    int n = 0;
    while (n < MG_N_GROUPS && mg_task_group_of(task, (mg_group)n, score) != NULL)
        n++;
    return n;
}

mg_group mg_task_find_group(const mg_task *task, const char *score, const char *name)
{
    for (mg_group g = 0; g < MG_N_GROUPS; g++) {
        const mg_task_group *group = mg_task_group_of(task, g, score);
        if (group != NULL && strcmp(group->name, name) == 0) return g;
    }
    return MG_N_GROUPS;
}

bool mg_task_has(const mg_task *task, mg_section section)
{
    for (const mg_section *s = task->section; *s != MG_SECTION_NONE; s++)
        if (*s == section) return true;
    return false;
}

mg_status mg_task_no_regions(int64_t length, int64_t anchor, mg_regions *ret, mg_error *err)
{
    (void)anchor;
    return mg_regions_create(0, NULL, length, 1, ret, err);
}

int64_t mg_task_first(int64_t length)
{
    (void)length;
    return 0;
}

int64_t mg_task_middle(int64_t length)
{
    return length / 2;
}
