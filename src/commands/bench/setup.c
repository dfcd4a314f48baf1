/* setup.c  what bench works on: the network, the windows, and a workspace for each part */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/run/machine.h"
#include "src/commands/bench/bench.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/core/spelling.h"
#include "src/shard/sample.h"

/* --- which parts --- */

static mg_status choose_parts(mg_bench *b, mg_error *err)
{
    static const char *const words[MG_BENCH_N_PARTS] = {"forward", "gradient", "scan",   "methods", "agreement",
                                                        "window",  "naive",    "layers", "output",  "threads"};
    const mg_text_list *list = &b->options->parts;
    for (int p = 0; p < MG_BENCH_N_PARTS; p++)
        b->wanted[p] = list->n == 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *nearest = NULL;
        int p = 0;
        for (; p < MG_BENCH_N_PARTS && strcmp(words[p], list->text[i]) != 0; p++)
            mg_spelling_nearest(list->text[i], words[p], &nearest);
        if (p == MG_BENCH_N_PARTS)
            return mg_fail(err, MG_EUSAGE, "--parts: there is no part '%s'%s%s%s", list->text[i],
                           nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                           nearest != NULL ? "'?" : "");
        b->wanted[p] = true;
    }
    return MG_OK;
}

/* --- windows --- */

/* Random bases with ATG at the anchor. */
static mg_status random_windows(mg_bench *b, mg_error *err)
{
    static const mg_base atg[] = {MG_A, MG_T, MG_G};
    const mg_graph *network = b->model.network;
    int64_t n = b->options->sample, length = network->length;
    uint64_t seed = (uint64_t)b->options->seed;
    mg_status status = mg_shard_create(n, length, &b->shard, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n * length; i++)
        b->shard.base[i] = (mg_base)(mg_mix(seed, (uint64_t)i) % MG_N_BASES);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < 3 && network->anchor + k < length; k++)
            b->shard.base[i * length + network->anchor + k] = atg[k];
    return mg_provenance_set(&b->source, err, "%" PRId64 " random windows, seed %" PRId64, n, b->options->seed);
}

static mg_status input_windows(mg_bench *b, mg_error *err)
{
    const mg_graph *network = b->model.network;
    const mg_input_options *options = &b->options->input;
    const char *path = options->transcripts != NULL ? options->transcripts
                       : options->genome != NULL    ? options->genome
                                                    : options->windows;
    mg_input input = {0};
    mg_status status = mg_input_read(
        options, network->length, mg_input_anchor(options, b->options->words.anchor, network->anchor, network->length),
        &input, err);
    int64_t n_all = input.candidates.n_windows, n = b->options->sample < n_all ? b->options->sample : n_all;
    if (status == MG_OK && n == 0) status = mg_fail(err, MG_EINPUT, "%s: there is no candidate window in it", path);
    if (status == MG_OK) status = mg_shard_create(n, network->length, &b->shard, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++) {
        mg_window from;
        int64_t place = mg_sample_window(n_all, n, (uint64_t)b->options->seed, i);
        status = mg_input_windows(&input, place, 1, &from, b->shard.base + i * network->length, err);
        b->shard.window[i] = (mg_shard_window){place, 0, from.label, from.n_padded + from.n_unknown, 0};
    }
    if (status == MG_OK)
        status = mg_provenance_set(&b->source, err, "%" PRId64 " of %" PRId64 " windows of %s", n, n_all, path);
    mg_input_destroy(&input);
    return status;
}

static mg_status make_windows(mg_bench *b, mg_error *err)
{
    const mg_input_options *in = &b->options->input;
    bool given = in->transcripts != NULL || in->genome != NULL || in->windows != NULL || in->annotation != NULL ||
                 in->regions != NULL || in->sites != NULL;
    mg_status status = given ? input_windows(b, err) : random_windows(b, err);
    int64_t n = b->shard.n * b->shard.length;
    if (status == MG_OK) status = mg_alloc(&b->x, (size_t)n * 4, sizeof *b->x, err);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        if (b->shard.base[i] < MG_N_BASES) b->x[i * 4 + b->shard.base[i]] = 1.0;
    return status;
}

/* --- workspaces --- */

static mg_status make_scratch(mg_bench *b, mg_error *err)
{
    size_t largest = 1;
    for (size_t m = 0; m < mg_study_n_methods(b->study); m++) {
        const mg_method *method = mg_study_method(b->study, m);
        size_t bytes = method->type->scratch != NULL ? method->type->scratch(method, b->plan) : 0;
        if (bytes > largest) largest = bytes;
    }
    return mg_alloc_aligned(&b->scratch, largest, 1, err);
}

static mg_status make_workspaces(mg_bench *b, mg_error *err)
{
    const mg_graph *network = b->model.network;
    size_t length = (size_t)network->length;
    mg_status status = mg_graph_score(network, mg_study_score(b->study), &b->graph, err);
    if (status == MG_OK) status = mg_plan_create(b->graph, MG_SINGLE, &b->plan, err);
    if (status == MG_OK) status = mg_pass_create(b->plan, &b->pass, err);
    if (status == MG_OK) status = mg_reach_create(b->plan, &b->reach, err);
    if (status == MG_OK) status = mg_scan_create(b->plan, &b->reach, &b->scan, err);
    if (status == MG_OK && b->plan->chain == NULL) b->wanted[MG_BENCH_NAIVE] = false; /* it takes chains only */
    if (status == MG_OK && b->plan->chain != NULL) status = mg_naive_create(b->plan, &b->naive, err);
    if (status == MG_OK) status = mg_truth_create(mg_study_regions(b->study), &b->truth, err);
    if (status == MG_OK) status = mg_alloc(&b->gradient, length * 4, sizeof *b->gradient, err);
    if (status == MG_OK) status = mg_alloc(&b->effect, length * 4, sizeof *b->effect, err);
    if (status == MG_OK) status = mg_alloc(&b->contribution, length, sizeof *b->contribution, err);
    if (status == MG_OK) status = mg_alloc(&b->hypothetical, length * 4, sizeof *b->hypothetical, err);
    return status == MG_OK ? make_scratch(b, err) : status;
}

/* What a scan would find out about the windows: methods, agreement and output need it, and nobody else waits for it. */
static mg_status make_result(mg_bench *b, mg_error *err)
{
    mg_status status = mg_result_create(b->shard.n, b->shard.length, mg_study_n_methods(b->study), 0,
                                        mg_study_metrics(b->study)->n, MG_STORE_HYPOTHETICAL, &b->result, err);
    if (!b->wanted[MG_BENCH_METHODS] && !b->wanted[MG_BENCH_AGREEMENT] && !b->wanted[MG_BENCH_OUTPUT]) return status;
    for (int64_t i = 0; status == MG_OK && i < b->shard.n; i++)
        status = mg_worker_window(b->worker, &b->shard, i, &b->result, err);
    return status;
}

mg_status mg_bench_set_up(mg_bench *b, mg_error *err)
{
    const mg_bench_options *o = b->options;
    mg_status status = choose_parts(b, err);
    if (status == MG_OK) status = mg_bench_list_teams(b, err);
    if (status == MG_OK) status = mg_machine_record(&b->machine, err);
    if (status == MG_OK) status = mg_model_read(o->model, &o->words, &b->model, err);
    if (status == MG_OK)
        status = mg_study_create(b->model.network, o->score, o->methods.n, (const char *const *)o->methods.text,
                                 (uint64_t)o->seed, &b->study, err);
    if (status == MG_OK && *mg_study_left_out(b->study) != '\0')
        mg_warn("methods left out: %s", mg_study_left_out(b->study));
    if (status == MG_OK) status = make_windows(b, err);
    if (status == MG_OK) status = mg_worker_create(b->study, &b->worker, err);
    if (status == MG_OK) status = make_workspaces(b, err);
    if (status == MG_OK) status = make_result(b, err);
    if (status == MG_OK && b->wanted[MG_BENCH_OUTPUT]) status = mg_bench_output_begin(b, err);
    if (status == MG_OK && b->wanted[MG_BENCH_LAYERS]) status = mg_bench_layers_begin(b, err);
    return status == MG_OK ? mg_bench_list_rows(b, err) : status;
}

void mg_bench_tear_down(mg_bench *b)
{
    mg_bench_output_end(b);
    mg_bench_layers_end(b);
    for (size_t r = 0; r < b->n_rows; r++)
        free(b->row[r].seconds);
    for (size_t t = 0; t < b->n_teams; t++)
        free(b->team[t].rate);
    free(b->row);
    free(b->team);
    free(b->peak);
    free(b->x);
    free(b->gradient);
    free(b->effect);
    free(b->contribution);
    free(b->hypothetical);
    free(b->scratch);
    mg_truth_destroy(b->truth);
    mg_naive_destroy(b->naive);
    mg_scan_destroy(b->scan);
    mg_reach_destroy(&b->reach);
    mg_pass_destroy(b->pass);
    mg_plan_destroy(b->plan);
    mg_graph_destroy(b->graph);
    mg_worker_destroy(b->worker);
    mg_study_destroy(b->study);
    mg_result_destroy(&b->result);
    mg_shard_destroy(&b->shard);
    mg_model_destroy(&b->model);
    mg_provenance_destroy(&b->machine);
    free(b->source);
}
