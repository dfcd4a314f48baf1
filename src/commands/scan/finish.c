/* finish.c  write OUT and the summary's files, clear OUT.parts away, and say what came out */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/run/parts.h"
#include "io/run/shards.h"
#include "io/run/table.h"
#include "mpi/agree.h"
#include "mpi/merge.h"
#include "src/core/version.h"
#include "src/commands/scan/job.h"

/* --- facts and provenance, on rank 0 --- */

/* What mg_input_describe() tells, as text. */
static mg_status describe_counts(const mg_job_given *given, char **field, mg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory");
    mg_input_describe(out, &given->input);
    mg_status status = fclose(out) == 0 ? MG_OK : mg_fail(err, MG_EMEM, "out of memory");
    if (status == MG_OK) status = mg_provenance_set(field, err, "%.*s", (int)(n > 0 ? n - 1 : 0), text);
    free(text);
    return status;
}

static mg_status complete_provenance(const mg_job_setting *setting, const mg_job_explainer *explainer,
                                     const mg_job_given *given, mg_provenance *p, mg_error *err)
{
    const mg_graph *network = explainer->model.network;
    char bases[MG_BASE_ORDER_TEXT];
    p->ranks = setting->layout.n_ranks;
    p->threads = setting->layout.n_threads_all;
    mg_status status = mg_provenance_set(&p->model, err, "%s", explainer->model.path);
    if (status == MG_OK) status = mg_provenance_set(&p->model_sha256, err, "%s", explainer->model.sha256);
    if (status == MG_OK)
        status = mg_provenance_set(&p->bases, err, "%s", mg_base_order_tell(explainer->model.bases, bases));
    if (status == MG_OK) status = mg_provenance_set(&p->architecture, err, "%s", explainer->model.architecture);
    if (status == MG_OK)
        status =
            mg_provenance_set(&p->network, err,
                              "%" PRId64 " nt, %s %" PRId64 ", %zu layers, %" PRId64 " weights, %" PRId64
                              " positions without a path to the output",
                              network->length, mg_job_anchor_words(given), given->anchor, mg_graph_n_layers(network),
                              mg_graph_n_weights(network), mg_study_n_blind(explainer->study));
    if (status == MG_OK) status = describe_counts(given, &p->counts, err);
    if (status == MG_OK && given->own != NULL) status = mg_provenance_add_line(&p->counts, err, "%s", given->own);
    if (status == MG_OK && given->truth_found != NULL)
        status = mg_provenance_add_line(&p->counts, err, "truth: %s", given->truth_found);
    if (status == MG_OK) status = mg_provenance_set(&p->instruction_set, err, "%s", mg_study_instruction_set());
    if (status == MG_OK) status = mg_provenance_set(&p->hosts, err, "%s", setting->layout.hosts);
    return status == MG_OK ? mg_provenance_end(p, setting->started, err) : status;
}

/* Lines of a text as one line. */
static void join_lines(char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '\n') *text = ';';
}

static mg_status make_facts(const mg_job *job, char *fact[MG_N_FACTS], mg_error *err)
{
    const mg_run_shape *shape = &job->shards.shape;
    const mg_provenance *p = &job->provenance;
    char clusters[400];
    const char *slash = strrchr(job->explainer.model.path, '/'),
               *model = slash != NULL ? slash + 1 : job->explainer.model.path;
    mg_status status = mg_provenance_set(&fact[MG_FACT_PROGRAM], err, "mutagree %s (%s)", mg_version(), mg_revision());
    if (status == MG_OK)
        status = mg_provenance_set(&fact[MG_FACT_MODEL], err, "%s %s", model, job->explainer.model.sha256);
    if (status == MG_OK) status = mg_provenance_set(&fact[MG_FACT_NETWORK], err, "%s", p->network);
    if (status == MG_OK) status = mg_provenance_set(&fact[MG_FACT_SCORE], err, "%s", shape->score_name);
    if (status == MG_OK)
        status = mg_provenance_set(&fact[MG_FACT_CHOICES], err, "task %s, %s%s%sedges %s, unknown %s",
                                   job->given.task->name, job->given.task->has_codons ? "candidates " : "",
                                   job->given.task->has_codons ? job->setting.options->input.candidates : "",
                                   job->given.task->has_codons ? ", " : "", job->setting.options->input.edges,
                                   job->setting.options->input.unknown);
    if (status == MG_OK) status = mg_provenance_set(&fact[MG_FACT_TRANSCRIPTS], err, "%" PRId64, shape->n_transcripts);
    if (status == MG_OK)
        status = mg_provenance_set(
            &fact[MG_FACT_WINDOWS], err, "%" PRId64 ", %" PRId64 " of them %s, in %" PRId64 " places", shape->n_windows,
            job->given.distinct.n_annotated, job->given.task->group[MG_GROUP_ANNOTATED].many, shape->n_places);
    mg_clusters_describe(clusters, sizeof clusters, &job->given.distinct.clusters, &job->given.distinct.facts,
                         job->given.input.unit);
    if (status == MG_OK) status = mg_provenance_set(&fact[MG_FACT_CLUSTERS], err, "%s", clusters);
    if (status == MG_OK) status = mg_provenance_set(&fact[MG_FACT_UNIT], err, "%s", job->given.input.unit);
    if (status == MG_OK) status = mg_provenance_set(&fact[MG_FACT_SEED], err, "%" PRId64, job->setting.options->seed);
    if (status == MG_OK)
        status =
            mg_provenance_set(&fact[MG_FACT_BOOTSTRAP], err, "%" PRId64 " replicates", job->setting.options->bootstrap);
    if (status == MG_OK) status = mg_provenance_set(&fact[MG_FACT_INPUTS], err, "%s", job->given.brief_inputs);
    if (status == MG_OK) join_lines(fact[MG_FACT_INPUTS]);
    return status;
}

/* --- files --- */

static mg_status read_places(void *context, int64_t first, int64_t n, mg_place *ret, mg_error *err)
{
    const mg_job *job = context;
    return mg_distinct_places(&job->given.distinct, first, n, ret, err);
}

/* What of OUT is known before the work. shards: room for the folder's name, which the run points to. */
static mg_run run_of(mg_job *job, char shards[PATH_MAX])
{
    mg_merge_plan plan = mg_job_merge_plan(&job->setting);
    const char *slash = strrchr(job->output.lasting, '/'), *lasting = slash != NULL ? slash + 1 : job->output.lasting;
    char name[MG_SHARDS_NAME];
    mg_shards_name(job->shards.id, name);
    snprintf(shards, PATH_MAX, "%s/%s", lasting, name);
    mg_run run = {.shape = job->shards.shape,
                  .anchor = job->given.anchor,
                  .compress = job->setting.options->compress,
                  .align = plan.align,
                  .shards = plan.is_virtual ? shards : NULL,
                  .shard_size = job->shards.shard_size,
                  .score = mg_study_score(job->explainer.study)->text,
                  .transcriptome = &job->given.input.transcriptome,
                  .placements = job->given.input.site_kinds != 0 ? &job->given.input.placements : NULL,
                  .chromosome_length = job->given.input.sites.chromosome_length,
                  .places = {job, read_places},
                  .method = job->explainer.method,
                  .row = job->summary.row,
                  .pair = job->summary.pair,
                  .provenance = &job->provenance};
    return run;
}

static mg_status lay_out(mg_job *job, char *const *fact, mg_error *err)
{
    char shards[PATH_MAX];
    mg_run run = run_of(job, shards);
    run.fact = (const char *const *)fact;
    return job->output.early != NULL ? mg_run_lay_out_rest(job->output.part, &run, err)
                                     : mg_run_lay_out(job->output.part, &run, err);
}

/* Wishes for MPI-IO, compression and a virtual layout need all that is in the shards. Where there is no room for the
 * result yet, or no file may be that large, the work goes on without it: the shards come first, and the merge will tell. */
mg_status mg_job_begin_out(mg_job *job, mg_error *err)
{
    mg_merge_plan plan = mg_job_merge_plan(&job->setting);
    bool possible = !plan.is_virtual && plan.n_aggregators == 0 && plan.hints == NULL &&
                    job->setting.options->compress == 0 && job->shards.shape.store > MG_STORE_SUMMARY &&
                    job->shards.shape.n_windows > 0;
    if (!possible) return MG_OK;
    char shards[PATH_MAX];
    mg_run run = run_of(job, shards);
    mg_error ignored;
    int laid_out = job->setting.rank == 0 && mg_run_lay_out_rows(job->output.part, &run, &ignored) == MG_OK;
    MPI_Bcast(&laid_out, 1, MPI_INT, 0, job->setting.comm);
    if (laid_out)
        return mg_early_open(job->setting.comm, job->output.part, &job->shards, job->explainer.method,
                             &job->output.early, err);
    if (job->setting.rank == 0) unlink(job->output.part);
    return MG_OK;
}

/* What was in the way was looked at in the beginning; what is there now is this run's. */
static mg_status write_tables(const mg_job *job, char *const *fact, mg_error *err)
{
    const mg_run_names names = {(size_t)job->shards.shape.n_methods, (size_t)job->shards.shape.n_baselines,
                                job->explainer.method, job->shards.shape.metrics};
    mg_run_table table;
    mg_status status = mg_run_table_begin(job->given.task, job->shards.shape.score_name, &names, fact, job->summary.row,
                                          job->summary.pair, &table, err);
    if (status == MG_OK) status = mg_summary_write_tsv(job->output.tsv, &table.table, true, err);
    if (status == MG_OK) status = mg_summary_write_json(job->output.json, &table.table, true, err);
    if (status == MG_OK && !job->setting.options->quiet)
        mg_summary_print_ranking(stdout, &table.table, MG_SPEARMAN, mg_summary_choose_group(&table.table));
    mg_run_table_end(&table);
    return status;
}

/* The shards go, or they stay as a part of the result; those of a run that was replaced go in any case. */
static mg_status clear_away(const mg_job_setting *setting, mg_job_output *output, const mg_shard_store *shards,
                            mg_error *err)
{
    char name[MG_SHARDS_NAME];
    mg_shards_name(shards->id, name);
    bool is_virtual = mg_job_merge_plan(setting).is_virtual;
    mg_status status = mg_shards_clear(output->lasting, is_virtual ? name : NULL, err);
    return status == MG_OK ? mg_parts_remove(output->parts, &output->lock, err) : status;
}

/* The shards go last: a run that is killed in between, or has no room for the tables, is done again from them. So do those of
 * all scores: when one of them is told to be placed, all results are whole. */
static mg_status put_in_place(mg_jobs *jobs, mg_error *err)
{
    char *names = NULL;
    mg_status status = mg_jobs_name_placed(jobs, &names, err);
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = mg_parts_write(jobs->job[k].output.parts, MG_PARTS_PLACING, names, strlen(names), err);
    free(names);
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++) {
        mg_job *job = &jobs->job[k];
        status = mg_sync_rename(job->output.part, job->setting.options->out, job->output.replaces, err);
        if (status == MG_OK && jobs->n_scores > 1 && !job->setting.options->quiet)
            printf("%s%s\n", k > 0 ? "\n" : "", job->setting.options->out);
        if (status == MG_OK) status = write_tables(job, job->summary.fact, err);
    }
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = clear_away(&jobs->job[k].setting, &jobs->job[k].output, &jobs->job[k].shards, err);
    return status;
}

/* Bytes that the merge writes. */
static int64_t bytes_to_merge(const mg_job_setting *setting, const mg_job_output *output, const mg_shard_store *shards)
{
    const mg_run_shape *shape = &shards->shape;
    bool elsewhere = mg_job_merge_plan(setting).is_virtual || output->early != NULL;
    int64_t bytes = 0;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++)
        if (mg_field_is_kept(id, shape) && !(elsewhere && mg_field_is_by_position(id)))
            bytes += mg_field_n_sets(id, shape) * (int64_t)mg_field_row_bytes(id, shape);
    return bytes * shape->n_windows;
}

/* Nothing is removed before what was written has been read back. */
static mg_status merge(const mg_job_setting *setting, const mg_job_explainer *explainer, const mg_job_output *output,
                       const mg_shard_store *shards, mg_error *err)
{
    mg_merge_sums sums = {0};
    mg_merge_plan plan = mg_job_merge_plan(setting);
    double began = mg_clock();
    plan.has_rows = output->early != NULL;
    mg_status status = plan.has_rows ? mg_early_complete(output->early, err) : MG_OK;
    if (status == MG_OK) status = mg_merge(setting->comm, output->part, shards, explainer->method, &plan, &sums, err);
    double written = mg_clock();
    if (status == MG_OK)
        status = mg_merge_verify(setting->comm, output->part, shards, explainer->method, &plan, &sums, err);
    if (status == MG_OK && plan.has_rows) status = mg_early_verify(output->early, &sums, err);
    if (status == MG_OK) status = mg_merge_seal(setting->comm, output->part, shards, explainer->method, &sums, err);
    double megabytes = (double)bytes_to_merge(setting, output, shards) / 1e6, write = written - began,
           read = mg_clock() - written;
    if (status == MG_OK && setting->rank == 0 && !setting->options->quiet)
        mg_note("  merge        %.1f MB written and synced in %.1f s, %.0f MB/s; read back and the same in %.1f s",
                megabytes, write, megabytes / write, read);
    mg_merge_sums_destroy(&sums);
    return status;
}

/* All of OUT, under its name in OUT.parts. */
static mg_status complete(mg_job *job, mg_error *err)
{
    mg_status status = MG_OK;
    if (job->setting.rank == 0) {
        status = complete_provenance(&job->setting, &job->explainer, &job->given, &job->provenance, err);
        if (status == MG_OK) status = make_facts(job, job->summary.fact, err);
        if (status == MG_OK) status = lay_out(job, job->summary.fact, err);
    }
    status = mg_agree(job->setting.comm, status, err);
    return status == MG_OK ? merge(&job->setting, &job->explainer, &job->output, &job->shards, err) : status;
}

mg_status mg_jobs_write(mg_jobs *jobs, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < jobs->n && status == MG_OK; k++)
        status = complete(&jobs->job[k], err);
    if (status == MG_OK && jobs->job[0].setting.rank == 0) status = put_in_place(jobs, err);
    return mg_agree(jobs->job[0].setting.comm, status, err);
}

void mg_job_leave(const mg_job_setting *setting, mg_job_output *output, const mg_job_at_work *work,
                  const mg_shard_store *shards, mg_error *err)
{
    int64_t n_shards = mg_shard_count(shards->shape.n_windows, shards->shard_size);
    if (setting->rank != 0 || work->todo == NULL) return; /* what lies there is another run's */
    mg_error dropped;
    mg_parts_drop(output->parts, MG_PARTS_RESULT, &dropped);
    /* A damaged shard may be what it failed over: it is no safe one, and will be worked on again. */
    int64_t n = mg_job_count_safe(output, shards, err->status == MG_EINPUT);
    size_t at = strlen(err->text), room = sizeof err->text - at;
    if (n == 0) {
        mg_error ignored; /* that the folder cannot be removed would be no news to the user */
        if (mg_job_merge_plan(setting).is_virtual) mg_parts_remove(output->folder, NULL, &ignored);
        mg_parts_remove(output->parts, &output->lock, &ignored);
        rmdir(output->lasting); /* which fails while it holds another run's */
        if (err->status == MG_ESTOP) snprintf(err->text + at, room, "; no shard was finished yet");
        return;
    }
    snprintf(err->text + at, room, "; %" PRId64 " of %" PRId64 " shards are safe in %s: run the same command to go on",
             n, n_shards, output->folder);
}

void mg_job_print_result(const mg_job_setting *setting, const mg_job_output *output)
{
    if (setting->rank != 0 || setting->options->quiet) return;
    printf("wrote %s %s %s\n", setting->options->out, output->tsv, output->json);
}
