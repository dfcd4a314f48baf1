/* evaluate.c  mutagree evaluate: how well a network tells starts from other codons */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/model/model.h"
#include "io/export/quality.h"
#include "io/input/split.h"
#include "io/base/whole_file.h"
#include "src/commands/commands.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/shard/scorer.h"
#include "src/training/quality.h"

typedef struct {
    const char *model;
    mg_model_words words;
    mg_split_options data;
    const char *json, *curve;
    int64_t bootstrap, seed, threads;
    bool force, quiet;
} evaluate_options;

#define AT(member) offsetof(evaluate_options, member)
static const mg_option table[] = {
    MG_NETWORK_OPTION(AT(model)),
    MG_MODEL_OPTIONS(evaluate_options, words),
    MG_INPUT_OPTIONS(evaluate_options, data.input),
    {"others", MG_TEXT, AT(data.others), NULL, "FILE", 0, 0, "Input",
     "beside --windows: ready windows that are no starts"},
    {"only", MG_TEXTS, AT(data.held_out), NULL, "LIST", 0, 0, "Input",
     "only these chromosomes or transcripts: names, or files of names (BED)"},
    {"bootstrap", MG_INTEGER, AT(bootstrap), "1000", "N", 0, 1000000, "Intervals",
     "replicates behind an interval; 0: no intervals"},
    {"seed", MG_INTEGER, AT(seed), "1", "N", 0, 9007199254740992.0, "Intervals", "of all random numbers"},
    {"json", MG_TEXT, AT(json), NULL, "FILE", 0, 0, "Output", "all figures, for other programs"},
    {"curve", MG_TEXT, AT(curve), NULL, "FILE", 0, 0, "Output", "ROC and precision-recall curve, as a table"},
    MG_FORCE_OPTION(AT(force)),
    MG_QUIET_OPTION(AT(quiet), "Output"),
    MG_THREADS_OPTION(AT(threads)),
    {0}};
#undef AT

static const mg_command_help help = {
    .name = "evaluate",
    .synopsis = "--transcripts FASTA --annotation FILE [OPTION]...",
    .purpose = "Say how well a network tells annotated starts from all other ATGs.",
    .notes =
        "Windows are made distinct by their bases; a window that is a start in any transcript counts as a start.\n"
        "A network has to be tested on genes that it was not trained on: choose them with --only, by chromosome.\n"
        "Intervals are 95%, by gene, or by transcript where no genes are told (--clusters: by what it says).\n"
        "Example:\n  mutagree evaluate --model mine.h5 --transcripts t.fa.gz --annotation starts.bed --only chr20\n",
    .option = table};

typedef struct {
    mg_model model;
    mg_scorer *scorer;
    int n_threads;
    double *score; /* (dataset n) */
} evaluator;

static mg_status open_model(const evaluate_options *o, evaluator *e, mg_error *err)
{
    e->n_threads = o->threads > 0 ? (int)o->threads : omp_get_max_threads();
    mg_status status = mg_model_read(o->model, &o->words, &e->model, err);
    if (status != MG_OK) return status;
    status = mg_scorer_create(e->model.network, "log-odds", e->n_threads, &e->scorer, err);
    mg_model_drop_weights(&e->model);
    return status;
}

static mg_status score_all(evaluator *e, const mg_dataset *dataset, mg_error *err)
{
    size_t length = (size_t)dataset->length;
    mg_base *base = NULL; /* (n_threads, L) */
    mg_status status = mg_alloc(&e->score, dataset->n, sizeof *e->score, err);
    if (status == MG_OK) status = mg_alloc(&base, (size_t)e->n_threads * length, sizeof *base, err);
    if (status != MG_OK) return status;
#pragma omp parallel for schedule(static) num_threads(e->n_threads)
    for (size_t i = 0; i < dataset->n; i++) {
        int thread = omp_get_thread_num();
        mg_base *mine = base + (size_t)thread * length;
        mg_dataset_base(dataset, i, mine);
        e->score[i] = mg_scorer_window(e->scorer, thread, mine).f;
    }
    for (size_t i = 0; i < dataset->n && status == MG_OK; i++)
        if (!isfinite(e->score[i]))
            status = mg_fail(err, MG_EINPUT, "%s: its score of a window is no finite number", e->model.path);
    free(base);
    return status;
}

/* What would be refused in the end is refused before the windows are read. */
static mg_status check_files(const evaluate_options *o, mg_error *err)
{
    mg_status status = o->json != NULL ? mg_whole_file_check(o->json, o->force, err) : MG_OK;
    return status == MG_OK && o->curve != NULL ? mg_whole_file_check(o->curve, o->force, err) : status;
}

static mg_status evaluate(const evaluate_options *o, mg_error *err)
{
    evaluator e = {0};
    mg_dataset dataset = {0};
    mg_quality_report report = {.n_replicates = o->bootstrap};
    mg_part part = o->data.held_out.n > 0 ? MG_HELD_OUT : MG_TRAINED_ON;
    mg_status status = check_files(o, err);
    if (status == MG_OK) status = open_model(o, &e, err);
    report.sites = o->data.input.regions != NULL || o->data.input.sites != NULL;
    if (status == MG_OK) {
        mg_graph *network = e.model.network;
        network->anchor = mg_input_anchor(&o->data.input, o->words.anchor, network->anchor, network->length);
    }
    if (status == MG_OK)
        status = mg_split_load(&o->data, e.model.network->length, e.model.network->anchor, o->quiet ? NULL : stderr,
                               &dataset, err);
    if (status == MG_OK) status = score_all(&e, &dataset, err);
    if (status == MG_OK) status = mg_scores_collect(&dataset, part, e.score, &report.scores, err);
    if (status != MG_OK) goto cleanup;
    report.n_disagreed = mg_dataset_count(&dataset).n_disagreed[part];
    report.model = e.model.path;
    report.unit = dataset.unit;
    report.model_sha256 = e.model.sha256;
    mg_quality_measure(&report.scores, NULL, report.value);
    status = mg_quality_intervals(&report.scores, (uint64_t)o->seed, o->bootstrap, e.n_threads, report.low, report.high,
                                  err);
    if (status == MG_OK && o->json != NULL) status = mg_quality_write_json(o->json, &report, o->force, err);
    if (status == MG_OK && o->curve != NULL) status = mg_quality_write_curve(o->curve, &report, o->force, err);
    if (status == MG_OK) mg_quality_print(stdout, &report);
cleanup:
    mg_scores_destroy(&report.scores);
    mg_dataset_destroy(&dataset);
    mg_scorer_destroy(e.scorer);
    mg_model_destroy(&e.model);
    free(e.score);
    return status;
}

mg_status mg_cmd_evaluate(int argc, char **argv, mg_error *err)
{
    evaluate_options options = {0};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    if (status == MG_OK && !want_help) status = evaluate(&options, err);
    mg_options_free(&help, &options, NULL);
    return status;
}
