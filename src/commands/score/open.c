/* open.c  everything that can go wrong before the first variant is read */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/memory.h"
#include "src/core/version.h"
#include "src/commands/score/score.h"

/* In words; where nobody says any, what a scan explains: log-odds, or the value of an output without a head. */
static mg_status find_score(mg_score_job *job, mg_error *err)
{
    mg_score_spec spec;
    mg_status status = mg_score_parse(job->options->score, job->model.network, &spec, err);
    if (status == MG_OK) memcpy(job->score, spec.text, sizeof job->score);
    return status;
}

static mg_status open_model(mg_score_job *job, mg_error *err)
{
    const mg_score_options *o = job->options;
    size_t n = (size_t)(job->n_threads = o->threads > 0 ? (int)o->threads : omp_get_max_threads());
    mg_status status = mg_genetic_code_find(o->genetic_code, &job->code, err);
    if (status == MG_OK && o->mitochondrial_code > 0) {
        mg_genetic_code known;
        status = mg_genetic_code_find(o->mitochondrial_code, &known, err);
    }
    if (status == MG_OK) status = mg_model_read(o->model, &o->words, &job->model, err);
    if (status == MG_OK) status = find_score(job, err);
    if (status == MG_OK) status = mg_scorer_create(job->model.network, job->score, job->n_threads, &job->scorer, err);
    if (status == MG_OK) mg_model_drop_weights(&job->model);
    if (status == MG_OK) status = mg_alloc(&job->bench, n, sizeof *job->bench, err);
    if (status == MG_OK) status = mg_alloc(&job->base, n, sizeof *job->base, err);
    if (status == MG_OK) status = mg_alloc(&job->n_base, n, sizeof *job->n_base, err);
    if (status == MG_OK) status = mg_alloc(&job->block, 1, sizeof *job->block, err);
    job->study = (mg_variant_study){job->scorer, &job->code, strncmp(job->score, "probability", 11) == 0};
    return status;
}

/* --- input --- */

static mg_status check_options(const mg_score_options *o, mg_error *err)
{
    if (o->vcf == NULL) return mg_fail(err, MG_EUSAGE, "give the variants with --vcf FILE; - is standard input");
    if ((o->input.transcripts != NULL) == (o->input.genome != NULL))
        return mg_fail(err, MG_EUSAGE, "give the sequences with --genome and --annotation, or with --transcripts%s",
                       o->input.genome != NULL ? ", not both" : "");
    if (strcmp(o->vcf, "-") != 0) return MG_OK;
    const char *const other[] = {o->input.transcripts, o->input.genome,  o->input.annotation,
                                 o->input.candidates,  o->input.regions, o->input.blacklist};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (other[i] != NULL && strcmp(other[i], "-") == 0)
            return mg_fail(err, MG_EUSAGE, "only one file can be read from standard input");
    return MG_OK;
}

/* Is its sign, or one half, a call? */
static bool calls(const char *score)
{
    char name[MG_SCORE_TEXT];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(score, ":"), score);
    return mg_score_has_odds(name);
}

static mg_status open_input(mg_score_job *job, mg_error *err)
{
    mg_graph *network = job->model.network;
    mg_input_options options = job->options->input;
    job->sites = options.regions != NULL || options.sites != NULL;
    job->calls = calls(job->score);
    network->anchor = mg_input_anchor(&options, job->options->words.anchor, network->anchor, network->length);
    options.places = options.ambiguous = true;
    options.longest_edit = job->sites ? MG_SITE_MARGIN : MG_EDIT_LONGEST;
    mg_status status = mg_input_read(&options, network->length, network->anchor, &job->input, err);
    if (status != MG_OK) return status;
    if (!job->options->quiet) {
        mg_base_order_describe(stderr, job->model.bases);
        mg_input_describe(stderr, &job->input);
    }
    if (job->input.candidates.n_windows == 0)
        return mg_fail(err, MG_EINPUT, "there is no %s, so nothing can be scored",
                       job->sites ? "window of a site" : "candidate start in these transcripts");
    status = mg_score_find_codes(job, err);
    if (status != MG_OK) return status;
    return mg_transcript_names_add(&job->input.transcriptome, &job->names, err);
}

/* --- output --- */

static const char class_line[] =
    "##INFO=<ID=MUTAGREE_CLASS,Number=A,Type=String,Description=\"Class of the change with "
    "the largest effect, by mutagree score\">";

static const char *what_is_scored(const mg_score_job *job)
{
    const mg_input_options *in = &job->options->input;
    if (!job->sites) return in->candidates;
    return in->regions != NULL ? in->regions : in->sites;
}

static mg_status open_copy(mg_score_job *job, mg_error *err)
{
    const mg_score_options *o = job->options;
    char *tool = NULL, *effect = NULL;
    if (asprintf(&tool, "##mutagree_score=<Version=%s,ModelSHA256=%s,Score=%s,%s=\"%s\">", mg_version(),
                 job->model.sha256, job->score, job->sites ? "Sites" : "Candidates", what_is_scored(job)) < 0)
        tool = NULL;
    if (asprintf(&effect,
                 "##INFO=<ID=MUTAGREE_EFFECT,Number=A,Type=Float,Description=\"Largest effect on the score of a %s, "
                 "after - before, in %s, by mutagree score\">",
                 job->sites ? "site" : "start of translation", job->score) < 0)
        effect = NULL;
    const char *const line[] = {tool, effect, mg_variant_info_line(job->sites ? MG_VARIANT_SITES : MG_VARIANT_STARTS),
                                class_line};
    size_t n_lines = sizeof line / sizeof *line - job->sites; /* sites have no classes */
    mg_status status = MG_OK;
    if (tool == NULL || effect == NULL) status = mg_fail(err, MG_EMEM, "out of memory");
    if (status == MG_OK) status = mg_variant_copy_create(o->out, job->file, n_lines, line, o->force, &job->copy, err);
    free(tool);
    free(effect);
    return status;
}

static bool has_other_code(const mg_score_job *job)
{
    for (size_t t = 0; t < job->input.transcriptome.n_transcripts; t++)
        if (job->code_number[t] != job->code.number) return true;
    return false;
}

static mg_status open_table(mg_score_job *job, mg_error *err)
{
    const mg_score_options *o = job->options;
    char *head = NULL;
    if (job->sites &&
        asprintf(&head,
                 "## mutagree %s score\n## variants %s\n## model %s, sha256 %s\n## score and effect in %s; "
                 "sites %s; place is seen from the site, position counts from 1\n",
                 mg_version(), mg_variant_file_path(job->file), job->model.path, job->model.sha256, job->score,
                 what_is_scored(job)) < 0)
        return mg_fail(err, MG_EMEM, "out of memory");
    if (!job->sites &&
        asprintf(&head,
                 "## mutagree %s score\n## variants %s\n## model %s, sha256 %s\n"
                 "## score and effect in %s; candidates %s; genetic code %d%s; start counts from 0, position from 1\n",
                 mg_version(), mg_variant_file_path(job->file), job->model.path, job->model.sha256, job->score,
                 o->input.candidates, job->code.number, has_other_code(job) ? ", of mitochondria their own" : "") < 0)
        return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status =
        mg_variant_table_create(o->out != NULL ? o->out : "-", job->sites ? MG_VARIANT_SITES : MG_VARIANT_STARTS,
                                strcmp(o->sort, "effect") == 0, o->force, head, &job->table, err);
    free(head);
    return status;
}

mg_status mg_score_open(mg_score_job *job, mg_error *err)
{
    const char *out = job->options->out;
    mg_status status = check_options(job->options, err);
    if (status == MG_OK) status = open_model(job, err);
    if (status == MG_OK) status = mg_variant_file_open(job->options->vcf, &job->file, err);
    if (status == MG_OK) status = open_input(job, err);
    if (status != MG_OK) return status;
    return out != NULL && mg_variant_path_is(out) ? open_copy(job, err) : open_table(job, err);
}

static void free_block(mg_score_block *block)
{
    if (block == NULL) return;
    for (size_t i = 0; i < MG_SCORE_BLOCK; i++)
        mg_variant_record_destroy(&block->record[i]);
    for (size_t i = 0; i < block->n_task_room; i++) {
        free(block->task[i].rows.row);
        free(block->task[i].err);
    }
    free(block->allele);
    free(block->task);
    free(block);
}

void mg_score_close(mg_score_job *job)
{
    for (int t = 0; t < job->n_threads; t++) {
        if (job->bench != NULL) mg_variant_bench_destroy(&job->bench[t]);
        if (job->base != NULL) free(job->base[t]);
    }
    free(job->bench);
    free(job->base);
    free(job->n_base);
    free_block(job->block);
    free(job->place);
    free(job->code_number);
    free(job->info.text.s);
    mg_variant_file_close(job->file);
    mg_transcript_names_destroy(&job->names);
    mg_input_destroy(&job->input);
    mg_scorer_destroy(job->scorer);
    mg_model_destroy(&job->model);
}
