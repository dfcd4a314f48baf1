/* predict.c  mutagree predict: the score of every candidate start, and nothing else */
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/input/input.h"
#include "io/model/model.h"
#include "io/model/score_list.h"
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
    .notes =
        "The first three columns of the table are transcript, begin and end of the codon (0-based,\n"
        "half-open), so that the table, or lines of it, can be given to other commands as --candidates.\n"
        "A network whose head is 'none' has no column of probabilities.\n"
        "--output and --target may be lists: names or numbers with commas between, ranges (0-7), or all. Each score\n"
        "has columns then, score.NAME and probability.NAME; --called: windows that one of them calls.\n"
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
    mg_score_list list;
    mg_model model; /* of the first score; those of the others are the same but for the score */
    mg_input input;
    size_t n_scores;
    mg_scorer **scorer; /* owned, owned (n_scores) */
    int n_threads;
    mg_window *window;      /* owned (BLOCK) */
    mg_base *base;          /* owned (BLOCK, L) */
    mg_window_score *score; /* owned (BLOCK, n_scores) */
    mg_predictions out;
    char *columns, *head; /* owned: of the table's scores; what is told before it, a line a score */
} predictor;

static mg_status check_options(const predict_options *o, mg_predictions_kind kind, mg_error *err)
{
    if (mg_score_list_is(&o->words) && kind != MG_PREDICTIONS_TABLE)
        return mg_fail(err, MG_EUSAGE, "BED has room for one score; --output and --target as lists are for tables");
    if (o->score != NULL && strncmp(o->score, "probability", strlen("probability")) == 0)
        return mg_fail(err, MG_EUSAGE, "--score probability: probabilities have a column of their own; give log-odds");
    if (o->on_genome && kind != MG_PREDICTIONS_GENOME_BED)
        return mg_fail(err, MG_EUSAGE, "--on-genome is for BED: give a name that ends in .bed or .bed.gz with --out");
    if (o->on_genome && o->input.annotation == NULL && o->input.regions == NULL)
        return mg_fail(err, MG_EUSAGE,
                       "--on-genome needs the exons of the transcripts: give a GTF or GFF3 with "
                       "--annotation");
    return MG_OK;
}

/* Columns and head of one score more, by its own name where there are several. */
static mg_status tell_score(predictor *p, size_t k, const mg_score_spec *score, bool tells_probability, mg_error *err)
{
    const mg_score_words *words = &p->list.score[k];
    char name[MG_SCORE_LIST_NAME], told[MG_SCORE_LIST_TOLD];
    char *columns = NULL, *head = NULL;
    mg_score_list_name(&p->options->words, words, name);
    const char *dot = name[0] != '\0' ? "." : "";
    mg_score_list_tell(words->output, words->target, told);
    if (asprintf(&columns, "%s%sscore%s%s%s%s%s", k > 0 ? p->columns : "", k > 0 ? " " : "", dot, name,
                 tells_probability ? " probability" : "", tells_probability ? dot : "",
                 tells_probability ? name : "") < 0)
        return mg_fail(err, MG_EMEM, "out of memory");
    free(p->columns);
    p->columns = columns;
    if (asprintf(&head, "%s## score%s%s in %s%s%s\n", k > 0 ? p->head : "", dot, name, score->text,
                 name[0] != '\0' ? ", " : "", name[0] != '\0' ? told : "") < 0)
        return mg_fail(err, MG_EMEM, "out of memory");
    free(p->head);
    p->head = head;
    return MG_OK;
}

/* The network of score k, and its scorer. */
static mg_status open_score(predictor *p, size_t k, mg_error *err)
{
    const predict_options *o = p->options;
    mg_model_words words = o->words;
    mg_model model = {0};
    mg_score_spec score;
    size_t logits;
    words.output = p->list.score[k].output;
    words.target = p->list.score[k].target;
    mg_status status = mg_model_read(o->model, &words, &model, err);
    if (status != MG_OK) return status;
    mg_graph *network = model.network;
    network->anchor = mg_input_anchor(&o->input, o->words.anchor, network->anchor, network->length);
    if (o->called && mg_graph_head(network, &network->output[0], &logits) == MG_NO_HEAD)
        status = mg_fail(err, MG_EUSAGE, "--called: the head of %s is 'none', so it calls nothing", model.path);
    if (status == MG_OK) status = mg_score_parse(o->score, network, &score, err);
    if (status == MG_OK) status = tell_score(p, k, &score, mg_score_tells_probability(network, &score), err);
    if (status == MG_OK) status = mg_scorer_create(network, score.text, p->n_threads, &p->scorer[k], err);
    mg_model_drop_weights(&model);
    if (k == 0)
        p->model = model;
    else
        mg_model_destroy(&model);
    return status;
}

static mg_status open_scores(predictor *p, mg_error *err)
{
    const predict_options *o = p->options;
    mg_status status = mg_score_list_read(o->model, &o->words, &p->list, err);
    if (status == MG_OK) status = mg_score_list_check_names(&o->words, &p->list, err);
    if (status == MG_OK) status = mg_alloc(&p->scorer, p->list.n, sizeof(mg_scorer *), err);
    if (status == MG_OK) p->n_scores = p->out.n_scores = p->list.n;
    for (size_t k = 0; k < p->n_scores && status == MG_OK; k++)
        status = open_score(p, k, err);
    p->out.columns = p->columns;
    return status;
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
    if (status == MG_OK) status = open_scores(p, err);
    if (status != MG_OK) return status;
    const mg_graph *network = p->model.network;
    status = mg_input_read(&input, network->length, network->anchor, &p->input, err);
    if (status == MG_OK && o->on_genome && p->input.placements.n_exons == 0)
        status = mg_fail(err, MG_EINPUT, "%s holds no exons; --on-genome needs a GTF or GFF3", o->input.annotation);
    if (status == MG_OK) status = mg_alloc(&p->window, BLOCK, sizeof *p->window, err);
    if (status == MG_OK) status = mg_alloc(&p->base, BLOCK, (size_t)network->length * sizeof *p->base, err);
    if (status == MG_OK) status = mg_alloc(&p->score, BLOCK, p->n_scores * sizeof *p->score, err);
    return status;
}

static void close_predictor(predictor *p)
{
    for (size_t k = 0; k < p->n_scores; k++)
        mg_scorer_destroy(p->scorer[k]);
    free(p->scorer);
    free(p->window);
    free(p->base);
    free(p->score);
    free(p->columns);
    free(p->head);
    mg_score_list_destroy(&p->list);
    mg_input_destroy(&p->input);
    mg_model_destroy(&p->model);
}

static mg_status begin_output(predictor *p, mg_error *err)
{
    char *head = NULL;
    if (asprintf(&head, "## mutagree %s predict\n## model %s, sha256 %s\n%s", mg_version(), p->model.path,
                 p->model.sha256, p->head) < 0)
        return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = mg_predictions_begin(p->options->out, p->options->force, head, &p->out, err);
    free(head);
    return status;
}

/* The scores of one window: are they numbers, and does one of them call it, or is it told anyway? */
static mg_status look_at(const predictor *p, const mg_window_score *score, int64_t window, bool *ret_told,
                         mg_error *err)
{
    *ret_told = !p->options->called;
    for (size_t k = 0; k < p->n_scores; k++) {
        if (!isfinite(score[k].f))
            return mg_fail(err, MG_EINPUT,
                           "window %" PRId64 ": the score of %s is not finite; its weights are too large", window,
                           p->model.path);
        *ret_told = *ret_told || score[k].f > 0;
    }
    return MG_OK;
}

/* Score and write windows first .. first + n - 1. */
static mg_status predict_block(predictor *p, int64_t first, int64_t n, mg_error *err)
{
    int64_t length = p->input.how.length;
    mg_status status = mg_input_windows(&p->input, first, n, p->window, p->base, err);
    if (status != MG_OK) return status;
#pragma omp parallel for schedule(static) num_threads(p->n_threads)
    for (int64_t i = 0; i < n; i++)
        for (size_t k = 0; k < p->n_scores; k++)
            p->score[(size_t)i * p->n_scores + k] =
                mg_scorer_window(p->scorer[k], omp_get_thread_num(), p->base + i * length);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        const mg_window_score *score = p->score + (size_t)i * p->n_scores;
        bool told;
        status = look_at(p, score, first + i, &told, err);
        if (status == MG_OK && told) status = mg_predictions_add(&p->out, &p->window[i], score, err);
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
