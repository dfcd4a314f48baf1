/* setup.c  everything that can go wrong before the work begins: output, model, methods, input */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/run/parts.h"
#include "io/run/shards.h"
#include "io/base/whole_file.h"
#include "mpi/agree.h"
#include "mpi/family.h"
#include "mpi/share.h"
#include "src/faithfulness/measure.h"
#include "src/core/memory.h"
#include "src/core/version.h"
#include "src/commands/scan/job.h"

/* --- begin and end --- */

static mg_status add_mpi_version(char **field, mg_error *err)
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int n = 0;
    MPI_Get_library_version(text, &n);
    return mg_provenance_add_line(field, err, "%.*s", (int)strcspn(text, ",\n"), text);
}

mg_status mg_job_begin(mg_job_setting *setting, mg_provenance *provenance, int argc, char **argv,
                       const mg_command_help *help, mg_error *err)
{
    mg_status status = MG_OK;
    setting->started = mg_clock();
    MPI_Comm_rank(setting->comm, &setting->rank);
    if (setting->rank == 0) {
        status = mg_provenance_begin(argc, argv, provenance, err);
        if (status == MG_OK) status = add_mpi_version(&provenance->libraries, err);
        if (status == MG_OK) status = mg_options_describe(help, setting->options, &provenance->options, err);
        provenance->seed = setting->options->seed;
    }
    status = mg_agree(setting->comm, status, err);
    if (status == MG_OK) status = mg_family_check(setting->comm, err);
    return status == MG_OK ? mg_layout_find(setting->comm, setting->options->threads, &setting->layout, err) : status;
}

void mg_job_end(mg_job *job)
{
    mg_early_close(job->output.early);
    mg_team_destroy(job->work.team);
    mg_study_destroy(job->explainer.study);
    mg_model_destroy(&job->explainer.model);
    if (!job->given.is_shared) mg_distinct_destroy(&job->given.distinct);
    if (!job->given.is_shared) mg_input_destroy(&job->given.input);
    mg_layout_destroy(&job->setting.layout);
    mg_provenance_destroy(&job->provenance);
    mg_lock_release(job->output.lock);
    free(job->output.parts);
    free(job->output.part);
    free(job->output.lasting);
    free(job->output.folder);
    free(job->output.tsv);
    free(job->output.json);
    free(job->given.brief_inputs);
    free(job->explainer.specs);
    free(job->given.own);
    mg_truth_table_destroy(&job->given.truth);
    free(job->given.truth_found);
    free(job->work.todo);
    free(job->explainer.method);
    free(job->summary.row);
    free(job->summary.pair);
    for (mg_fact f = 0; f < MG_N_FACTS; f++)
        free(job->summary.fact[f]);
}

/* --- output --- */

mg_status mg_job_name_output(const mg_job_setting *setting, mg_job_output *output, mg_error *err)
{
    if (setting->options->out == NULL || output->parts != NULL) return MG_OK;
    const char *out = setting->options->out, *ending = strrchr(out, '.');
    int n_stem = ending != NULL && (strcmp(ending, ".h5") == 0 || strcmp(ending, ".hdf5") == 0) ? (int)(ending - out)
                                                                                                : (int)strlen(out);
    mg_status status = mg_parts_folder(out, &output->parts, err);
    if (status == MG_OK) status = mg_provenance_set(&output->lasting, err, "%s.shards", out);
    if (status == MG_OK) status = mg_provenance_set(&output->part, err, "%s/%s", output->parts, MG_PARTS_RESULT);
    if (status == MG_OK) status = mg_provenance_set(&output->tsv, err, "%.*s.summary.tsv", n_stem, out);
    if (status == MG_OK) status = mg_provenance_set(&output->json, err, "%.*s.summary.json", n_stem, out);
    return status;
}

static mg_status check_file(const char *path, bool force, mg_error *err)
{
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return mg_fail(err, MG_EINPUT, "%s is a folder; --out takes the name of a file", path);
    mg_error reason;
    mg_status status = mg_whole_file_check_name(path, true, err);
    if (status != MG_OK || mg_whole_file_check_name(path, force, &reason) == MG_OK) return status;
    return mg_fail(err, MG_EINPUT, "%s is there already; choose another --out, or give --force to replace it", path);
}

/* Files that are there already may be replaced when the user says so, or when a run of ours was cut short while it put
 * them there. */
mg_status mg_job_check_again(const mg_job_setting *setting, const mg_job_output *output, mg_error *err)
{
    bool force = setting->options->force || mg_parts_has(output->parts, MG_PARTS_PLACING);
    mg_status status = check_file(setting->options->out, force, err);
    if (status == MG_OK) status = check_file(output->tsv, force, err);
    return status == MG_OK ? check_file(output->json, force, err) : status;
}

/* The longest names that are made beside OUT must fit as well. */
static mg_status check_length(const char *out, mg_error *err)
{
    enum { BESIDE = sizeof ".summary.json" - 1 + MG_WHOLE_FILE_BESIDE };
    const char *slash = strrchr(out, '/'), *name = slash != NULL ? slash + 1 : out;
    if (strlen(name) + BESIDE <= NAME_MAX && strlen(out) + BESIDE < PATH_MAX) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "--out %.60s...: the name is too long; files beside it get names up to %d bytes longer", out,
                   BESIDE);
}

mg_status mg_job_check_name(const char *out, mg_error *err)
{
    if (out[0] == '\0' || out[strlen(out) - 1] == '/')
        return mg_fail(err, MG_EUSAGE, "--out '%s' is no name of a file", out);
    if (strcmp(out, "-") == 0)
        return mg_fail(err, MG_EUSAGE,
                       "--out -: a result is no stream; give it a name, and 'mutagree export' writes tables of it");
    mg_status status = check_length(out, err);
    return status == MG_OK ? check_file(out, true, err) : status;
}

static mg_status check_paths(const mg_job_setting *setting, const mg_job_output *output, mg_error *err)
{
    const char *out = setting->options->out;
    mg_status status = mg_job_check_name(out, err);
    if (status == MG_OK) status = mg_whole_file_check_folder(out, err);
    if (status == MG_OK) status = mg_job_check_again(setting, output, err);
    if (status == MG_OK && setting->options->status != NULL && !setting->options->dry_run)
        status = mg_run_status_check(setting->options->status, setting->options->force, err);
    if (status == MG_OK) status = mg_shards_check(output->lasting, err);
    if (status == MG_OK) status = mg_parts_check(output->parts, err); /* which may have waited for another run's end */
    return status == MG_OK ? mg_job_check_again(setting, output, err) : status;
}

mg_merge_plan mg_job_merge_plan(const mg_job_setting *setting)
{
    return (mg_merge_plan){.is_virtual = strcmp(setting->options->layout, "virtual") == 0,
                           .align = setting->options->align << 20,
                           .n_aggregators = setting->options->aggregators,
                           .shards_from = "${ORIGIN}/..",
                           .hints = setting->options->io_hints};
}

mg_status mg_job_check_output(const mg_job_setting *setting, mg_job_output *output, mg_error *err)
{
    mg_status status = mg_merge_check_hints(setting->options->io_hints, err); /* the same on all ranks */
    if (status != MG_OK) return status;
    if (setting->options->out == NULL) {
        if (setting->options->dry_run) return MG_OK;
        return mg_fail(err, MG_EUSAGE,
                       "--out FILE is missing: where the result is to go (or --dry-run, to see the plan)");
    }
    status = mg_job_name_output(setting, output, err);
    if (status == MG_OK && setting->rank == 0) status = check_paths(setting, output, err);
    return mg_agree(setting->comm, status, err);
}

/* --- model and methods --- */

static mg_status share_model(const mg_job_setting *setting, mg_job_explainer *explainer, mg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    int n_ranks = 1;
    mg_status status = MG_OK;
    MPI_Comm_size(setting->comm, &n_ranks);
    if (setting->rank == 0) {
        status = mg_model_read(setting->options->model, &setting->options->words, &explainer->model, err);
        if (status == MG_OK && n_ranks > 1) status = mg_model_pack(&explainer->model, &bytes, &n, err);
    }
    status = mg_agree(setting->comm, status, err);
    if (status == MG_OK) status = mg_share_bytes(setting->comm, &bytes, &n, err);
    if (status == MG_OK && setting->rank != 0) status = mg_model_unpack(bytes, n, &explainer->model, err);
    free(bytes);
    return mg_agree(setting->comm, status, err);
}

static mg_store store_of(const char *word)
{
    if (strcmp(word, "summary") == 0) return MG_STORE_SUMMARY;
    return strcmp(word, "hypothetical") == 0 ? MG_STORE_HYPOTHETICAL : MG_STORE_CONTRIBUTION;
}

mg_status mg_job_list_methods(mg_job_explainer *explainer, mg_error *err)
{
    size_t n = mg_study_n_methods(explainer->study);
    mg_status status = mg_grow(&explainer->method, &explainer->method_room, n, sizeof *explainer->method, err);
    for (size_t m = explainer->n_methods; m < n && status == MG_OK; m++) {
        const mg_method *from = mg_study_method(explainer->study, m);
        mg_run_method *to = &explainer->method[m];
        snprintf(to->name, sizeof to->name, "%s", from->name);
        snprintf(to->label, sizeof to->label, "%s", from->label);
        snprintf(to->spec, sizeof to->spec, "%s", from->spec);
        snprintf(to->source, sizeof to->source, "%s", from->type->source);
        to->passes = mg_method_passes(from, explainer->model.network->length);
        status = mg_provenance_add_line(&explainer->specs, err, "%s", from->spec);
        explainer->n_methods = m + 1;
    }
    return status;
}

static mg_status create_study(const mg_job_setting *setting, const mg_study *first, mg_job_explainer *explainer,
                              mg_error *err)
{
    const mg_job_options *o = setting->options;
    mg_status status =
        mg_study_create_beside(first, explainer->model.network, o->score, o->methods.n,
                               (const char *const *)o->methods.text, (uint64_t)o->seed, &explainer->study, err);
    mg_model_drop_weights(&explainer->model);
    if (status == MG_OK && o->no_certificates) mg_study_doubt_certificates(explainer->study);
    if (status == MG_OK) status = mg_study_set_metrics(explainer->study, o->metrics, err);
    return status == MG_OK ? mg_job_list_methods(explainer, err) : status;
}

mg_status mg_job_read_model(const mg_job_setting *setting, const mg_study *first, mg_job_explainer *explainer,
                            mg_error *err)
{
    const mg_job_options *o = setting->options;
    mg_status status = share_model(setting, explainer, err);
    if (status == MG_OK) {
        mg_graph *network = explainer->model.network;
        network->anchor = mg_input_anchor(&o->input, o->words.anchor, network->anchor, network->length);
    }
    return status == MG_OK ? mg_agree(setting->comm, create_study(setting, first, explainer, err), err) : status;
}

/* --- input --- */

/* The files of the input, in the words of their options, held from before they are read. */
enum { N_INPUTS = 8, CANDIDATES = N_INPUTS - 1 };
static const char *const input_role[N_INPUTS] = {"transcripts", "genome",    "windows",  "annotation",
                                                 "regions",     "blacklist", "clusters", "candidates"};

static void hold_inputs(const mg_input_options *in, mg_held_file held[N_INPUTS])
{
    const char *const path[N_INPUTS] = {in->transcripts, in->genome,    in->windows,  in->annotation,
                                        in->regions,     in->blacklist, in->clusters, in->candidates};
    for (int i = 0; i < N_INPUTS; i++) {
        held[i] = (mg_held_file){.file = -1};
        if (path[i] != NULL) mg_held_file_open(path[i], &held[i]);
    }
}

/* With their sums. */
static mg_status list_inputs(const mg_job_setting *setting, mg_job_given *given, mg_provenance *provenance,
                             mg_held_file held[N_INPUTS], mg_error *err)
{
    bool bed = given->input.how.kind == MG_CANDIDATES_LISTED && setting->options->input.windows == NULL &&
               given->input.site_kinds == 0;
    mg_status status = MG_OK;
    for (int i = 0; i < N_INPUTS && status == MG_OK; i++)
        if (held[i].path != NULL && (i != CANDIDATES || bed))
            status = mg_provenance_add_file(&provenance->inputs, &given->brief_inputs, input_role[i], &held[i], err);
    return status;
}

/* The spools lie beside OUT, where there is room for a result. */
static mg_status read_input(mg_job *job, mg_error *err)
{
    mg_input_options options = job->setting.options->input;
    const mg_graph *network = job->explainer.model.network;
    char *folder = NULL;
    mg_status status = job->output.part != NULL ? mg_copy_text(&folder, job->setting.options->out, err) : MG_OK;
    if (status != MG_OK) return status;
    options.scratch = folder != NULL ? dirname(folder) : NULL;
    mg_held_file held[N_INPUTS];
    hold_inputs(&options, held);
    status = mg_job_read_truth(&job->setting, &job->explainer, &job->given, &job->provenance, &options.places, err);
    if (status == MG_OK) status = mg_input_read(&options, network->length, network->anchor, &job->given.input, err);
    if (status == MG_OK) status = list_inputs(&job->setting, &job->given, &job->provenance, held, err);
    for (int i = 0; i < N_INPUTS; i++)
        mg_held_file_close(&held[i]);
    if (status == MG_OK) status = mg_distinct_find(&job->given.input, options.scratch, &job->given.distinct, err);
    if (status == MG_OK) mg_clusters_unit(&job->given.distinct.facts, job->given.input.unit);
    free(folder);
    return status;
}

/* What the input has, of which every rank needs to know. */
enum { WINDOWS, PLACES, CLUSTERS, TRANSCRIPTS, GENES, CHROMOSOMES, TASK, ANCHOR, N_SIZES };

static void measure_input(const mg_job_given *given, int64_t n[N_SIZES])
{
    n[WINDOWS] = given->distinct.n_windows;
    n[PLACES] = given->distinct.n_places;
    n[CLUSTERS] = (int64_t)given->distinct.clusters.n_clusters;
    n[TRANSCRIPTS] = (int64_t)given->input.transcriptome.n_transcripts;
    n[GENES] = (int64_t)given->input.transcriptome.genes.n;
    n[CHROMOSOMES] = given->input.site_kinds != 0 ? (int64_t)given->input.placements.n_chromosomes : 0;
    n[TASK] = given->input.task != NULL ? (int64_t)given->input.task->id : 0;
    n[ANCHOR] = given->input.how.anchor;
}

/* The shape of the run, when methods and metrics are known. */
static void shape_run(mg_job *job, const int64_t n[N_SIZES])
{
    const mg_study *study = job->explainer.study;
    int64_t n_methods = (int64_t)mg_study_n_methods(study);
    const mg_measured *measured = mg_study_measured(study);
    job->shards =
        (mg_shard_store){.folder = NULL,
                         .shape = {.n_windows = n[WINDOWS],
                                   .n_places = n[PLACES],
                                   .n_clusters = n[CLUSTERS],
                                   .n_transcripts = n[TRANSCRIPTS],
                                   .n_genes = n[GENES],
                                   .n_chromosomes = n[CHROMOSOMES],
                                   .length = job->explainer.model.network->length,
                                   .n_methods = n_methods,
                                   .n_baselines = MG_N_BASELINES,
                                   .n_rows = mg_run_n_rows(n_methods, MG_N_BASELINES, mg_study_metrics(study)->n),
                                   .n_pairs = mg_run_n_pairs(n_methods, MG_N_BASELINES, mg_study_metrics(study)->n),
                                   .metrics = mg_study_metrics(study),
                                   .store = store_of(job->setting.options->store),
                                   .has_truth = measured != NULL,
                                   .has_truth_se = measured != NULL && measured->se != NULL,
                                   .score_name = mg_study_score_name(study),
                                   .task = job->given.task},
                         .shard_size = job->setting.options->shard_size,
                         .methods = job->explainer.specs};
}

/* Rank 0 has the input; the study learns of it, and methods and effects that come with it are read. */
static mg_status take_input(mg_job *job, mg_error *err)
{
    int64_t n[N_SIZES] = {0};
    if (job->setting.rank == 0) measure_input(&job->given, n);
    MPI_Bcast(n, N_SIZES, MPI_INT64_T, 0, job->setting.comm);
    job->given.task = mg_task_at((mg_task_id)n[TASK]);
    job->given.anchor = n[ANCHOR];
    mg_status status = mg_agree(job->setting.comm,
                                mg_study_set_task(job->explainer.study, job->given.task, job->given.anchor, err), err);
    if (status == MG_OK)
        status = mg_job_read_attributions(&job->setting, &job->explainer, &job->given, &job->provenance, err);
    if (status == MG_OK) status = mg_job_match_truth(&job->setting, &job->explainer, &job->given, err);
    if (status == MG_OK) status = mg_job_list_baselines(&job->setting, &job->explainer, err);
    if (status != MG_OK) return status;
    mg_study_set_share(job->explainer.study, job->setting.options->metrics != NULL ? 1 : mg_measure_share(n[WINDOWS]));
    job->provenance.measured_share = mg_study_share(job->explainer.study);
    shape_run(job, n);
    return MG_OK;
}

mg_status mg_job_read_input(mg_job *job, mg_error *err)
{
    mg_status status = job->setting.rank == 0 ? read_input(job, err) : MG_OK;
    status = mg_agree(job->setting.comm, status, err);
    return status == MG_OK ? take_input(job, err) : status;
}

/* Lines of a text that are not those of own attributions: what was told of the input before these were read. */
static mg_status copy_inputs(const char *from, char **to, mg_error *err)
{
    mg_status status = MG_OK;
    static const char own[] = "attribution ";
    free(*to);
    *to = NULL;
    for (const char *line = from; line != NULL && *line != '\0' && status == MG_OK;) {
        size_t n = strcspn(line, "\n");
        if (strncmp(line, own, strlen(own)) != 0) status = mg_provenance_add_line(to, err, "%.*s", (int)n, line);
        line += n + (line[n] == '\n');
    }
    return status;
}

/* Measured effects are read again: a job gives them to its study. */
static mg_status borrow_input(const mg_job *from, mg_job *job, mg_error *err)
{
    bool places = false;
    mg_job_given *given = &job->given;
    mg_status status = mg_job_read_truth(&job->setting, &job->explainer, given, &job->provenance, &places, err);
    if (status == MG_OK) status = copy_inputs(from->provenance.inputs, &job->provenance.inputs, err);
    if (status == MG_OK) status = copy_inputs(from->given.brief_inputs, &given->brief_inputs, err);
    given->is_shared = true;
    given->input = from->given.input;
    given->distinct = from->given.distinct;
    return status;
}

mg_status mg_job_share_input(const mg_job *from, mg_job *job, mg_error *err)
{
    mg_status status = job->setting.rank == 0 ? borrow_input(from, job, err) : MG_OK;
    status = mg_agree(job->setting.comm, status, err);
    return status == MG_OK ? take_input(job, err) : status;
}
