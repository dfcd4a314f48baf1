/* predict.c  mutagree predict: the score of every candidate start, and nothing else */
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/input/input.h"
#include "io/model/model.h"
#include "io/export/predictions.h"
#include "src/graph/score.h"
#include "src/commands/commands.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/version.h"

typedef struct {
    const char *model, *score;
    mg_model_words words;
    mg_input_options input;
    const char *out;
    bool called, on_genome, force, quiet;
    int64_t threads;
} predict_options;

#define AT(member) offsetof(predict_options, member)
static const mg_option table[] = {
    MG_NETWORK_OPTION(AT(model)),
    MG_MODEL_OPTIONS(predict_options, words),
    {"score", MG_TEXT, AT(score), NULL, "WORDS", 0, 0, "Network",
     "what is told beside the probability: log-odds, or value where the output has no head"},
    MG_INPUT_OPTIONS(predict_options, input),
    MG_TASK_OPTION(predict_options, input),
    {"out", MG_TEXT, AT(out), "-", "FILE", 0, 0, "Output",
     "table, or BED with the ending .bed; compressed as by bgzip with .gz behind; - is standard output"},
    {"called", MG_FLAG, AT(called), NULL, NULL, 0, 0, "Output", "only windows that the network calls: score above 0"},
    {"on-genome", MG_FLAG, AT(on_genome), NULL, NULL, 0, 0, "Output",
     "BED in coordinates of the genome, by the exons of the annotation"},
    MG_FORCE_OPTION(AT(force)),
    MG_QUIET_OPTION(AT(quiet), "Output"),
    MG_THREADS_OPTION(AT(threads)),
    {0}};
#undef AT

static const mg_command_help help = {
    .name = "predict",
    .synopsis = "--transcripts FASTA [--annotation FILE] [OPTION]...",
    .purpose = "Score every candidate start, or windows of a genome, with the network.",
    .notes = "The first three columns of the table are transcript, begin and end of the codon (0-based,\n"
             "half-open), so that the table, or lines of it, can be given to other commands as --candidates.\n"
             "A network whose head is 'none' has no column of probabilities.\n"
             "Label: 1 annotated start, 0 not, -1 nothing is known. In BED the score is 1000 times the\n"
             "probability. The scores are those of mutagree scan, which also tells which bases they rest on.\n"
             "Of --regions and --sites the first columns are site, chromosome, position of its base (from 0) and\n"
             "strand; BED has the window on the genome with this base thick.\n"
             "Examples:\n"
             "  mutagree predict --transcripts t.fa.gz --out starts.tsv.gz\n"
             "  mutagree predict --genome g.fa.gz --annotation g.gtf.gz --called --on-genome --out starts.bed\n"
             "  mutagree predict --genome g.fa.gz --regions peaks.bed --model enhancers.onnx --out scores.tsv\n",
    .option = table,
    .letters = "o=out"};

enum { BLOCK = 4096 }; /* windows */

typedef struct {
    const predict_options *options;
    mg_model model;
    mg_input input;
    mg_scorer *scorer;
    int n_threads;
    mg_window *window;      /* owned (BLOCK) */
    mg_base *base;          /* owned (BLOCK, L) */
    mg_window_score *score; /* owned (BLOCK) */
    mg_predictions out;
    char score_words[MG_SCORE_TEXT];
} predictor;

static mg_status check_options(const predict_options *o, mg_predictions_kind kind, mg_error *err)
{
    if (o->on_genome && kind != MG_PREDICTIONS_GENOME_BED)
        return mg_fail(err, MG_EUSAGE, "--on-genome is for BED: give a name that ends in .bed or .bed.gz with --out");
    if (o->on_genome && o->input.annotation == NULL && o->input.regions == NULL)
        return mg_fail(err, MG_EUSAGE,
                       "--on-genome needs the exons of the transcripts: give a GTF or GFF3 with "
                       "--annotation");
    return MG_OK;
}

static mg_status open_predictor(predictor *p, mg_error *err)
{
    const predict_options *o = p->options;
    mg_input_options input = o->input;
    input.places = o->on_genome;
    p->n_threads = o->threads > 0 ? (int)o->threads : omp_get_max_threads();
    p->out.kind = mg_predictions_kind_of(o->out, o->on_genome);
    p->out.input = &p->input;
    mg_status status = check_options(o, p->out.kind, err);
    if (status == MG_OK) status = mg_model_read(o->model, &o->words, &p->model, err);
    if (status != MG_OK) return status;
    mg_graph *network = p->model.network;
    size_t logits;
    network->anchor = mg_input_anchor(&o->input, o->words.anchor, network->anchor, network->length);
    p->out.without_probability = mg_graph_head(network, &network->output[0], &logits) == MG_NO_HEAD;
    mg_score_spec score;
    if (o->score != NULL && strncmp(o->score, "probability", strlen("probability")) == 0)
        return mg_fail(err, MG_EUSAGE, "--score probability: probabilities have a column of their own; give log-odds");
    if (o->called && p->out.without_probability)
        return mg_fail(err, MG_EUSAGE, "--called: the head of %s is 'none', so it calls nothing", p->model.path);
    status = mg_score_parse(o->score, network, &score, err);
    if (status != MG_OK) return status;
    memcpy(p->score_words, score.text, sizeof p->score_words);
    p->out.without_probability = !mg_score_tells_probability(network, &score);
    status = mg_scorer_create(network, score.text, p->n_threads, &p->scorer, err);
    mg_model_drop_weights(&p->model);
    if (status == MG_OK) status = mg_input_read(&input, network->length, network->anchor, &p->input, err);
    if (status == MG_OK && o->on_genome && p->input.placements.n_exons == 0)
        status = mg_fail(err, MG_EINPUT, "%s holds no exons; --on-genome needs a GTF or GFF3", o->input.annotation);
    if (status == MG_OK) status = mg_alloc(&p->window, BLOCK, sizeof *p->window, err);
    if (status == MG_OK) status = mg_alloc(&p->base, BLOCK, (size_t)network->length * sizeof *p->base, err);
    if (status == MG_OK) status = mg_alloc(&p->score, BLOCK, sizeof *p->score, err);
    return status;
}

static void close_predictor(predictor *p)
{
    free(p->window);
    free(p->base);
    free(p->score);
    mg_scorer_destroy(p->scorer);
    mg_input_destroy(&p->input);
    mg_model_destroy(&p->model);
}

static mg_status begin_output(predictor *p, mg_error *err)
{
    char *head = NULL;
    if (asprintf(&head, "## mutagree %s predict\n## model %s, sha256 %s\n## score in %s\n", mg_version(), p->model.path,
                 p->model.sha256, p->score_words) < 0)
        return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = mg_predictions_begin(p->options->out, p->options->force, head, &p->out, err);
    free(head);
    return status;
}

/* Score and write windows first .. first + n - 1. */
static mg_status predict_block(predictor *p, int64_t first, int64_t n, mg_error *err)
{
    int64_t length = p->input.how.length;
    mg_status status = mg_input_windows(&p->input, first, n, p->window, p->base, err);
    if (status != MG_OK) return status;
#pragma omp parallel for schedule(static) num_threads(p->n_threads)
    for (int64_t i = 0; i < n; i++)
        p->score[i] = mg_scorer_window(p->scorer, omp_get_thread_num(), p->base + i * length);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        if (!isfinite(p->score[i].f))
            return mg_fail(err, MG_EINPUT,
                           "window %" PRId64 ": the score of %s is not finite; its weights are too large", first + i,
                           p->model.path);
        if (p->score[i].f > 0 || !p->options->called)
            status = mg_predictions_add(&p->out, &p->window[i], p->score[i], err);
    }
    return status;
}

static mg_status predict(predictor *p, mg_error *err)
{
    int64_t n_windows = p->input.candidates.n_windows;
    mg_progress progress;
    if (!p->options->quiet) {
        mg_base_order_describe(stderr, p->model.bases);
        mg_input_describe(stderr, &p->input);
    }
    mg_status status = begin_output(p, err);
    mg_progress_start(&progress, "windows", n_windows, p->options->quiet);
    for (int64_t first = 0; first < n_windows && status == MG_OK; first += BLOCK) {
        int64_t n = n_windows - first < BLOCK ? n_windows - first : BLOCK;
        status = predict_block(p, first, n, err);
        mg_progress_update(&progress, first + n);
    }
    if (status == MG_OK) mg_progress_finish(&progress);
    status = mg_predictions_end(&p->out, status, err);
    if (status != MG_OK || p->options->quiet) return status;
    if (p->out.n_without_place > 0)
        mg_note("  %-12s %" PRId64 " windows of transcripts without a place on the genome left out", "",
                p->out.n_without_place);
    if (strcmp(p->options->out, "-") != 0) mg_note("wrote %s", p->options->out);
    return MG_OK;
}

mg_status mg_cmd_predict(int argc, char **argv, mg_error *err)
{
    predict_options options = {0};
    predictor p = {.options = &options};
    bool want_help = false;
    mg_status status = mg_options_parse(&help, argc, argv, &options, &want_help, NULL, err);
    if (status == MG_OK && want_help) mg_options_help(stdout, &help);
    if (status == MG_OK && !want_help) {
        status = open_predictor(&p, err);
        if (status == MG_OK) status = predict(&p, err);
        close_predictor(&p);
    }
    mg_options_free(&help, &options, NULL);
    return status;
}
