/* scores.c  a run of several scores: --output and --target may be lists (io/model/score_list.h), and each score is a job with a
 * result of its own
 *
 * Its options are those that a run of this score alone would have, so its result is the same too.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/whole_file.h"
#include "io/model/score_list.h"
#include "io/run/parts.h"
#include "io/sites/sites.h"
#include "mpi/agree.h"
#include "mpi/share.h"
#include "src/core/memory.h"
#include "src/commands/scan/job.h"

/* --- jobs --- */

/* run.h5 -> run.NAME.h5 */
static mg_status name_result(const mg_job_options *asked, const mg_score_words *words, mg_job_score *score,
                             mg_error *err)
{
    char name[MG_SCORE_LIST_NAME];
    if (asked->out == NULL) return MG_OK;
    mg_score_list_name(&asked->words, words, name);
    const char *ending = strrchr(asked->out, '.');
    bool h5 = ending != NULL && (strcmp(ending, ".h5") == 0 || strcmp(ending, ".hdf5") == 0);
    int n_stem = h5 ? (int)(ending - asked->out) : (int)strlen(asked->out);
    return mg_provenance_set(&score->out, err, "%.*s.%s%s", n_stem, asked->out, name, h5 ? ending : "");
}

/* A score takes over its words. */
static mg_status make_score(const mg_job_options *asked, mg_score_words *words, mg_job_score *score, mg_error *err)
{
    mg_status status = name_result(asked, words, score, err);
    score->options = *asked;
    score->options.words.output = score->output = words->output;
    score->options.words.target = score->target = words->target;
    if (score->out != NULL) score->options.out = score->out;
    *words = (mg_score_words){0};
    return status;
}

static mg_status allocate(size_t n, mg_jobs *jobs, mg_error *err)
{
    mg_status status = mg_alloc(&jobs->job, n, sizeof *jobs->job, err);
    return status == MG_OK ? mg_alloc(&jobs->score, n, sizeof *jobs->score, err) : status;
}

/* A line "OUTPUT TAB TARGET" a score, words that are not given empty. */
static mg_status pack(const mg_score_list *list, char **ret, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < list->n && status == MG_OK; k++)
        status = mg_provenance_add_line(ret, err, "%s\t%s", list->score[k].output != NULL ? list->score[k].output : "",
                                        list->score[k].target != NULL ? list->score[k].target : "");
    return status;
}

static mg_status unpack(const char *lines, mg_score_list *list, mg_error *err)
{
    mg_status status = mg_alloc(&list->score, MG_SCORE_LIST_MOST, sizeof *list->score, err);
    for (const char *line = lines; status == MG_OK && *line != '\0'; list->n++) {
        mg_score_words *words = &list->score[list->n];
        size_t n = strcspn(line, "\n"), n_output = strcspn(line, "\t");
        if (n_output > 0) status = mg_provenance_set(&words->output, err, "%.*s", (int)n_output, line);
        if (status == MG_OK && n > n_output + 1)
            status = mg_provenance_set(&words->target, err, "%.*s", (int)(n - n_output - 1), line + n_output + 1);
        line += n + (line[n] == '\n');
    }
    return status;
}

/* Rank 0 reads, all have the list. */
static mg_status share_list(const mg_job_setting *setting, mg_score_list *list, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    mg_status status = MG_OK;
    if (setting->rank == 0) {
        if (setting->options->out != NULL) status = mg_job_check_name(setting->options->out, err);
        if (status == MG_OK) status = mg_score_list_read(setting->options->model, &setting->options->words, list, err);
        if (status == MG_OK) status = mg_score_list_check_names(&setting->options->words, list, err);
        if (status == MG_OK) status = pack(list, &text, err);
    }
    unsigned char *lines = (unsigned char *)text;
    if (text != NULL) n = strlen(text) + 1;
    status = mg_agree(setting->comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(setting->comm, &lines, &n, err);
    if (status == MG_OK && setting->rank != 0) status = unpack((const char *)lines, list, err);
    free(lines);
    return mg_agree(setting->comm, status, err);
}

static mg_status list_jobs(const mg_job_setting *setting, mg_jobs *jobs, mg_error *err)
{
    mg_score_list list = {0};
    mg_status status = share_list(setting, &list, err);
    if (status == MG_OK) status = allocate(list.n, jobs, err);
    for (size_t k = 0; k < list.n && status == MG_OK; k++, jobs->n++)
        status = make_score(setting->options, &list.score[k], &jobs->score[k], err);
    mg_score_list_destroy(&list);
    return mg_agree(setting->comm, status, err);
}

mg_status mg_jobs_create(const mg_job_setting *setting, mg_jobs *jobs, mg_error *err)
{
    *jobs = (mg_jobs){0};
    mg_status status = MG_OK;
    if (mg_score_list_is(&setting->options->words)) {
        status = list_jobs(setting, jobs, err);
    } else {
        status = mg_agree(setting->comm, allocate(1, jobs, err), err);
        if (status == MG_OK) jobs->score[jobs->n++].options = *setting->options;
    }
    jobs->n_scores = jobs->n;
    for (size_t k = 0; k < jobs->n; k++) {
        jobs->job[k].setting = *setting;
        jobs->job[k].setting.options = &jobs->score[k].options;
    }
    return status;
}

void mg_jobs_destroy(mg_jobs *jobs)
{
    if (jobs->n > 0) mg_team_destroy(jobs->job[0].work.team); /* its workers are of all studies */
    if (jobs->n > 0) jobs->job[0].work.team = NULL;
    for (size_t k = jobs->n; k-- > 0;) /* what the others have of the first is his */
        mg_job_end(&jobs->job[k]);
    for (size_t k = 0; k < jobs->n_scores; k++) {
        free(jobs->score[k].output);
        free(jobs->score[k].target);
        free(jobs->score[k].out);
    }
    free(jobs->job);
    free(jobs->score);
    *jobs = (mg_jobs){0};
}

/* --- checks --- */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

mg_status mg_jobs_name_placed(const mg_jobs *jobs, char **ret, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < jobs->n_scores && status == MG_OK; k++)
        status = mg_provenance_add_line(ret, err, "%s", file_name(jobs->score[k].options.out));
    return status;
}

static const char *tell(const mg_job *job, char text[MG_SCORE_LIST_TOLD])
{
    const mg_model_words *w = &job->setting.options->words;
    return mg_score_list_tell(w->output, w->target, text);
}

void mg_jobs_studies(const mg_jobs *jobs, const mg_study *study[MG_JOB_SCORES])
{
    for (size_t k = 0; k < jobs->n; k++)
        study[k] = jobs->job[k].explainer.study;
}

void mg_jobs_print(FILE *out, const mg_jobs *jobs)
{
    char text[MG_SCORE_LIST_TOLD];
    for (size_t k = 0; k < jobs->n && jobs->n_scores > 1; k++) {
        const char *to = jobs->job[k].setting.options->out;
        fprintf(out, "  %-12s %s%s%s\n", k == 0 ? "scores" : "", tell(&jobs->job[k], text), to != NULL ? " -> " : "",
                to != NULL ? to : "");
    }
}

mg_status mg_jobs_check_scores(const mg_jobs *jobs, mg_error *err)
{
    char one[MG_SCORE_LIST_TOLD], other[MG_SCORE_LIST_TOLD];
    for (size_t k = 0; k < jobs->n; k++)
        for (size_t j = 0; j < k; j++)
            if (mg_study_digest(jobs->job[j].explainer.study) == mg_study_digest(jobs->job[k].explainer.study))
                return mg_fail(err, MG_EUSAGE, "%s and %s are the same score of this network; name one of them",
                               tell(&jobs->job[j], one), tell(&jobs->job[k], other));
    return MG_OK;
}

/* Is a result's name a line of what a job's shards tell to be placed together? */
static bool is_placed_with(const char *parts, const char *out)
{
    unsigned char *names = NULL;
    char *path = NULL;
    size_t n = 0;
    bool found = false;
    mg_error ignored; /* no such file: nothing is being placed */
    if (asprintf(&path, "%s/%s", parts, MG_PARTS_PLACING) < 0) return false;
    if (mg_whole_file_read(path, MG_JOB_SCORES * (size_t)PATH_MAX, &names, &n, &ignored) == MG_OK)
        for (const char *line = (const char *)names; *line != '\0' && !found; line += n + (line[n] == '\n')) {
            n = strcspn(line, "\n");
            found = n == strlen(out) && memcmp(line, out, n) == 0;
        }
    free(names);
    free(path);
    return found;
}

/* An interrupted run may have brought some scores to their end: their results are there, their shards gone, while another's
 * shards tell that all are being placed. Whoever replaces files wants all of them anew. */
static void find_finished(const mg_jobs *jobs, bool finished[MG_JOB_SCORES])
{
    for (size_t k = 0; k < jobs->n; k++) {
        const mg_job_options *options = jobs->job[k].setting.options;
        bool placed = false;
        if (options->force || access(jobs->job[k].output.parts, F_OK) == 0 || access(options->out, F_OK) != 0) continue;
        for (size_t j = 0; j < jobs->n && !placed; j++)
            placed = is_placed_with(jobs->job[j].output.parts, file_name(options->out));
        finished[k] = placed;
    }
}

static void drop_finished(mg_jobs *jobs, const bool finished[MG_JOB_SCORES])
{
    size_t n = 0;
    for (size_t k = 0; k < jobs->n; k++) {
        mg_job *job = &jobs->job[k];
        if (!finished[k]) {
            jobs->job[n++] = *job;
            continue;
        }
        if (job->setting.rank == 0 && !job->setting.options->quiet)
            mg_note("  goes on       %s is complete", job->setting.options->out);
        mg_job_end(job);
    }
    jobs->n = n;
}

mg_status mg_jobs_check_output(mg_jobs *jobs, mg_error *err)
{
    bool finished[MG_JOB_SCORES] = {false};
    MPI_Comm comm = jobs->job[0].setting.comm;
    mg_status status = MG_OK;
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = mg_job_name_output(&jobs->job[k].setting, &jobs->job[k].output, err);
    status = mg_agree(comm, status, err);
    if (status == MG_OK && jobs->n > 1 && jobs->job[0].output.parts != NULL) {
        if (jobs->job[0].setting.rank == 0) find_finished(jobs, finished);
        MPI_Bcast(finished, MG_JOB_SCORES, MPI_C_BOOL, 0, comm);
        drop_finished(jobs, finished);
    }
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = mg_job_check_output(&jobs->job[k].setting, &jobs->job[k].output, err);
    return status;
}

/* --- donors and acceptors --- */

/* The name of the class that a job explains; NULL: it has none. */
static const char *class_of(const mg_job *job, size_t *ret_n)
{
    const mg_score_spec *score = mg_study_score(job->explainer.study);
    const mg_output *output = &job->explainer.model.network->output[score->output];
    size_t c = score->has_class ? score->class_ : output->target;
    *ret_n = (size_t)job->explainer.model.network->extent[output->value].channels;
    return c < output->n_classes ? output->class_name[c] : NULL;
}

/* Sites of the input, bits of mg_site_kind, that the class of some job is named after. */
static unsigned named_sites(const mg_jobs *jobs)
{
    unsigned named = 0;
    size_t n;
    for (size_t k = 0; k < jobs->n; k++) {
        const char *class = class_of(&jobs->job[k], &n);
        for (mg_site_kind s = MG_SITE_DONOR; class != NULL && s <= MG_SITE_ACCEPTOR; s++)
            if (strcasestr(class, mg_site_names[s]) != NULL) named |= 1U << s;
    }
    return named;
}

void mg_jobs_warn_of_sites(const mg_jobs *jobs)
{
    const unsigned both = 1U << MG_SITE_DONOR | 1U << MG_SITE_ACCEPTOR;
    unsigned there = jobs->job[0].given.input.site_kinds & both, named = named_sites(jobs);
    size_t n_classes;
    class_of(&jobs->job[0], &n_classes);
    for (mg_site_kind s = MG_SITE_DONOR; s <= MG_SITE_ACCEPTOR && named != 0; s++)
        if ((there & ~named & 1U << s) != 0)
            mg_warn(
                "windows around %ss are explained by the score of %ss alone: explain both classes (--target with both "
                "names; each gets a result), or take one kind of site (--sites %s)",
                mg_site_names[s], mg_site_names[s == MG_SITE_DONOR ? MG_SITE_ACCEPTOR : MG_SITE_DONOR],
                mg_site_names[s == MG_SITE_DONOR ? MG_SITE_ACCEPTOR : MG_SITE_DONOR]);
    if (named == 0 && there == both && jobs->n_scores == 1 && n_classes > 2)
        mg_warn("windows around donors and around acceptors are explained by one class of %zu: if the network has a "
                "class for "
                "each, explain both (--target with both numbers, as 1,2; each gets a result), or take one kind of site "
                "(--sites donor)",
                n_classes);
}
