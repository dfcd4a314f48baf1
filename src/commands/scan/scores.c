/* scores.c  a run of several scores: --output and --target may be lists, and each score is a job with a result of its own
 *
 * A list is words between commas: names or numbers as for one, ranges of numbers ("0-7"), or "all". With both there is a job for each
 * target of each output. Its options are those that a run of this score alone would have, so its result is the same too.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/run/parts.h"
#include "io/sites/sites.h"
#include "mpi/agree.h"
#include "mpi/share.h"
#include "src/core/memory.h"
#include "src/commands/scan/job.h"

static const char all_word[] = "all";

/* --- words of a list --- */

/* "0-7": two numbers. */
static bool is_range(const char *word, size_t n, int64_t *ret_first, int64_t *ret_last)
{
    char text[48], *end = NULL;
    if (n == 0 || n >= sizeof text || !isdigit((unsigned char)word[0])) return false;
    memcpy(text, word, n);
    text[n] = '\0';
    *ret_first = strtoll(text, &end, 10);
    if (*end != '-' || !isdigit((unsigned char)end[1])) return false;
    *ret_last = strtoll(end + 1, &end, 10);
    return *end == '\0';
}

/* Is this more than one name or number? */
static bool is_list(const char *text)
{
    int64_t first, last;
    return text != NULL &&
           (strchr(text, ',') != NULL || strcmp(text, all_word) == 0 || is_range(text, strlen(text), &first, &last));
}

typedef struct {
    size_t n, room;
    char **text; /* owned, owned */
} words;

static void free_words(words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->text[i]);
    free(w->text);
    *w = (words){0};
}

static mg_status too_many(const char *option, int64_t n, mg_error *err)
{
    return mg_fail(err, MG_EUSAGE,
                   "--%s names %" PRId64
                   " scores; a run explains %d at most: name those that are wanted (--%s 0-%d), or take several runs",
                   option, n, MG_JOB_SCORES, option, MG_JOB_SCORES - 1);
}

static mg_status add_word(const char *option, words *w, const char *word, size_t n, mg_error *err)
{
    char *copy = NULL;
    if (w->n >= MG_JOB_SCORES) return too_many(option, (int64_t)w->n + 1, err);
    mg_status status = mg_grow(&w->text, &w->room, w->n + 1, sizeof *w->text, err);
    if (status == MG_OK) status = mg_alloc(&copy, n + 1, 1, err);
    if (status != MG_OK) return status;
    memcpy(copy, word, n);
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->text[i], copy) == 0) {
            status = mg_fail(err, MG_EUSAGE, "--%s: %s is named twice", option, copy);
            free(copy);
            return status;
        }
    w->text[w->n++] = copy;
    return MG_OK;
}

static mg_status add_range(const char *option, words *w, int64_t first, int64_t last, mg_error *err)
{
    mg_status status = MG_OK;
    if (last < first)
        return mg_fail(err, MG_EUSAGE, "--%s %" PRId64 "-%" PRId64 ": the range ends before it begins", option, first,
                       last);
    if (last - first >= MG_JOB_SCORES) return too_many(option, last - first < INT64_MAX ? last - first + 1 : last, err);
    for (int64_t i = first; i <= last && status == MG_OK; i++) {
        char number[24];
        snprintf(number, sizeof number, "%" PRId64, i);
        status = add_word(option, w, number, strlen(number), err);
    }
    return status;
}

/* The names or numbers that `all` stands for; name: may be NULL. Names that are not usable as words are told by number. */
static mg_status add_all(const char *option, words *w, size_t n, const char *(*name)(const mg_graph *, size_t),
                         const mg_graph *network, mg_error *err)
{
    mg_status status = MG_OK;
    if (n > MG_JOB_SCORES) return too_many(option, (int64_t)n, err);
    for (size_t i = 0; i < n && status == MG_OK; i++) {
        char number[24];
        const char *word = name(network, i);
        snprintf(number, sizeof number, "%zu", i);
        bool usable = word != NULL && word[0] != '\0' && !is_list(word);
        for (size_t k = 0; usable && k < i; k++)
            usable = strcmp(word, name(network, k)) != 0;
        if (!usable) word = number;
        status = add_word(option, w, word, strlen(word), err);
    }
    return status;
}

static const char *output_name(const mg_graph *network, size_t i)
{
    return network->output[i].name;
}

static const char *class_name(const mg_graph *network, size_t i)
{
    return network->output[0].n_classes > i ? network->output[0].class_name[i] : NULL;
}

/* One word of the list more; network: as read for this list, NULL where no word is "all". */
static mg_status cut_word(const char *option, const mg_graph *network, const char *word, size_t n, words *w,
                          mg_error *err)
{
    int64_t first, last;
    bool all = n == strlen(all_word) && memcmp(word, all_word, n) == 0, outputs = strcmp(option, "output") == 0;
    if (n == 0) return mg_fail(err, MG_EUSAGE, "--%s: there is an empty word in the list", option);
    if (all && outputs) return add_all(option, w, network->n_outputs, output_name, network, err);
    if (all)
        return add_all(option, w, (size_t)network->extent[network->output[0].value].channels, class_name, network, err);
    return is_range(word, n, &first, &last) ? add_range(option, w, first, last, err)
                                            : add_word(option, w, word, n, err);
}

static bool has_all(const char *list)
{
    for (const char *at = list; at != NULL; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL)
        if (strcspn(at, ",") == strlen(all_word) && strncmp(at, all_word, strlen(all_word)) == 0) return true;
    return false;
}

/* The words of a list; text that is none gives itself, NULL nothing at all. The model is read where its names are needed. */
static mg_status cut(const mg_job_options *options, const char *option, const char *output, const char *list, words *w,
                     mg_error *err)
{
    mg_model model = {0};
    mg_status status = MG_OK;
    if (list == NULL) return MG_OK;
    if (!is_list(list)) return add_word(option, w, list, strlen(list), err);
    if (has_all(list)) {
        mg_model_words plain = options->words;
        plain.output = output;
        plain.target = NULL;
        status = mg_model_read(options->model, &plain, &model, err);
    }
    for (const char *at = list; status == MG_OK && at != NULL;) {
        size_t n = strcspn(at, ",");
        status = cut_word(option, model.network, at, n, w, err);
        at = at[n] == ',' ? at + n + 1 : NULL;
    }
    mg_model_destroy(&model);
    return status;
}

/* --- scores --- */

/* A line "OUTPUT TAB TARGET" a score, words that are not given empty. */
static mg_status list_targets(const mg_job_options *options, const char *output, char **lines, size_t *n, mg_error *err)
{
    words targets = {0};
    mg_status status = cut(options, "target", output, options->words.target, &targets, err);
    for (size_t t = 0; status == MG_OK && t < (targets.n > 0 ? targets.n : 1); t++, ++*n)
        status = *n < MG_JOB_SCORES ? mg_provenance_add_line(lines, err, "%s\t%s", output != NULL ? output : "",
                                                             targets.n > 0 ? targets.text[t] : "")
                                    : too_many("target", (int64_t)*n + 1, err);
    free_words(&targets);
    return status;
}

static mg_status list_scores(const mg_job_options *options, char **lines, mg_error *err)
{
    words outputs = {0};
    size_t n = 0;
    mg_status status = cut(options, "output", NULL, options->words.output, &outputs, err);
    for (size_t o = 0; status == MG_OK && o < outputs.n; o++)
        status = list_targets(options, outputs.text[o], lines, &n, err);
    if (status == MG_OK && outputs.n == 0) status = list_targets(options, NULL, lines, &n, err);
    free_words(&outputs);
    return status;
}

/* --- names of files --- */

/* Letters, digits, - and _ of a name; other marks become _. */
static void add_plain(char *to, size_t room, const char *name)
{
    size_t n = strlen(to);
    for (; *name != '\0' && n + 1 < room; name++)
        to[n++] = isalnum((unsigned char)*name) || *name == '-' ? *name : '_';
    to[n] = '\0';
}

/* run.h5 -> run.NAME.h5 */
static mg_status name_result(const mg_job_options *asked, mg_job_score *score, mg_error *err)
{
    char name[2 * MG_NODE_NAME + 2] = "";
    if (asked->out == NULL) return MG_OK;
    if (is_list(asked->words.output)) add_plain(name, MG_NODE_NAME, score->output);
    if (name[0] != '\0' && is_list(asked->words.target)) strcat(name, ".");
    if (is_list(asked->words.target)) add_plain(name, sizeof name, score->target);
    const char *ending = strrchr(asked->out, '.');
    bool h5 = ending != NULL && (strcmp(ending, ".h5") == 0 || strcmp(ending, ".hdf5") == 0);
    int n_stem = h5 ? (int)(ending - asked->out) : (int)strlen(asked->out);
    return mg_provenance_set(&score->out, err, "%.*s.%s%s", n_stem, asked->out, name, h5 ? ending : "");
}

static mg_status check_names(const mg_jobs *jobs, mg_error *err)
{
    for (size_t k = 0; k < jobs->n; k++)
        for (size_t j = 0; j < k; j++) {
            const mg_job_score *a = &jobs->score[j], *b = &jobs->score[k];
            if (a->out == NULL || b->out == NULL || strcmp(a->out, b->out) != 0) continue;
            return mg_fail(
                err, MG_EUSAGE, "the results of '%s%s%s' and '%s%s%s' would both be %s; name them by their numbers",
                a->output != NULL ? a->output : "", a->output != NULL && a->target != NULL ? " " : "",
                a->target != NULL ? a->target : "", b->output != NULL ? b->output : "",
                b->output != NULL && b->target != NULL ? " " : "", b->target != NULL ? b->target : "", b->out);
        }
    return MG_OK;
}

/* --- jobs --- */

static mg_status take_lines(const mg_job_options *asked, const char *lines, mg_jobs *jobs, mg_error *err)
{
    mg_status status = MG_OK;
    for (const char *line = lines; status == MG_OK && *line != '\0'; jobs->n++) {
        mg_job_score *score = &jobs->score[jobs->n];
        size_t n = strcspn(line, "\n"), n_output = strcspn(line, "\t");
        if (n_output > 0) status = mg_provenance_set(&score->output, err, "%.*s", (int)n_output, line);
        if (status == MG_OK && n > n_output + 1)
            status = mg_provenance_set(&score->target, err, "%.*s", (int)(n - n_output - 1), line + n_output + 1);
        if (status == MG_OK) status = name_result(asked, score, err);
        score->options = *asked;
        score->options.words.output = score->output;
        score->options.words.target = score->target;
        if (score->out != NULL) score->options.out = score->out;
        line += n + (line[n] == '\n');
    }
    return status;
}

static mg_status allocate(size_t n, mg_jobs *jobs, mg_error *err)
{
    mg_status status = mg_alloc(&jobs->job, n, sizeof *jobs->job, err);
    return status == MG_OK ? mg_alloc(&jobs->score, n, sizeof *jobs->score, err) : status;
}

static mg_status list_jobs(const mg_job_setting *setting, mg_jobs *jobs, mg_error *err)
{
    const mg_job_options *asked = setting->options;
    char *text = NULL;
    size_t n = 0;
    mg_status status = setting->rank == 0 ? list_scores(asked, &text, err) : MG_OK;
    unsigned char *lines = (unsigned char *)text;
    if (text != NULL) n = strlen(text) + 1;
    status = mg_agree(setting->comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(setting->comm, &lines, &n, err);
    if (status == MG_OK) status = take_lines(asked, (const char *)lines, jobs, err);
    if (status == MG_OK) status = check_names(jobs, err);
    free(lines);
    return mg_agree(setting->comm, status, err);
}

mg_status mg_jobs_create(const mg_job_setting *setting, mg_jobs *jobs, mg_error *err)
{
    const mg_job_options *asked = setting->options;
    bool several = is_list(asked->words.output) || is_list(asked->words.target);
    *jobs = (mg_jobs){0};
    mg_status status = mg_agree(setting->comm, allocate(several ? MG_JOB_SCORES : 1, jobs, err), err);
    if (status == MG_OK && several) status = list_jobs(setting, jobs, err);
    if (status == MG_OK && !several) jobs->score[jobs->n++].options = *asked;
    jobs->n_scores = jobs->n;
    for (size_t k = 0; k < jobs->n; k++) {
        jobs->job[k].setting = *setting;
        jobs->job[k].setting.options = &jobs->score[k].options;
    }
    return status;
}

void mg_jobs_destroy(mg_jobs *jobs)
{
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

/* "--output a --target 2" */
static const char *tell(const mg_job *job, char *text, size_t room)
{
    const mg_model_words *w = &job->setting.options->words;
    snprintf(text, room, "%s%s%s%s%s", w->output != NULL ? "--output " : "", w->output != NULL ? w->output : "",
             w->output != NULL && w->target != NULL ? " " : "", w->target != NULL ? "--target " : "",
             w->target != NULL ? w->target : "");
    return text;
}

void mg_jobs_studies(const mg_jobs *jobs, const mg_study *study[MG_JOB_SCORES])
{
    for (size_t k = 0; k < jobs->n; k++)
        study[k] = jobs->job[k].explainer.study;
}

void mg_jobs_print(FILE *out, const mg_jobs *jobs)
{
    char text[2 * MG_NODE_NAME + 32];
    for (size_t k = 0; k < jobs->n && jobs->n_scores > 1; k++) {
        const char *to = jobs->job[k].setting.options->out;
        fprintf(out, "  %-12s %s%s%s\n", k == 0 ? "scores" : "", tell(&jobs->job[k], text, sizeof text),
                to != NULL ? " -> " : "", to != NULL ? to : "");
    }
}

mg_status mg_jobs_check_scores(const mg_jobs *jobs, mg_error *err)
{
    char one[2 * MG_NODE_NAME + 32], other[2 * MG_NODE_NAME + 32];
    for (size_t k = 0; k < jobs->n; k++)
        for (size_t j = 0; j < k; j++)
            if (mg_study_digest(jobs->job[j].explainer.study) == mg_study_digest(jobs->job[k].explainer.study))
                return mg_fail(err, MG_EUSAGE, "%s and %s are the same score of this network; name one of them",
                               tell(&jobs->job[j], one, sizeof one), tell(&jobs->job[k], other, sizeof other));
    return MG_OK;
}

/* An interrupted run may have brought some scores to their end: their results are there, their shards gone, while another's
 * shards tell that all are being placed. */
static void find_finished(const mg_jobs *jobs, bool finished[MG_JOB_SCORES])
{
    bool placing = false;
    for (size_t k = 0; k < jobs->n; k++)
        placing = placing || mg_parts_has(jobs->job[k].output.parts, MG_PARTS_PLACING);
    for (size_t k = 0; k < jobs->n; k++)
        finished[k] = placing && access(jobs->job[k].output.parts, F_OK) != 0 &&
                      access(jobs->job[k].setting.options->out, F_OK) == 0;
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
    if (named == 0 && there == both && jobs->n == 1 && n_classes > 2)
        mg_warn("windows around donors and around acceptors are explained by one class of %zu: if the network has a "
                "class for "
                "each, explain both (--target with both numbers, as 1,2; each gets a result), or take one kind of site "
                "(--sites donor)",
                n_classes);
}
