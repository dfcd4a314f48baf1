/* parts.c  the parts of a window's work, each alone */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/attribution/explain.h"
#include "src/commands/bench/bench.h"
#include "src/core/memory.h"

static const mg_base *bases(const mg_bench *b, int64_t i)
{
    return b->shard.base + i * b->shard.length;
}

static mg_status forward(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    (void)row;
    (void)err;
    mg_pass_forward(b->pass, b->x + i * b->shard.length * 4);
    return MG_OK;
}

static mg_status gradient(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    forward(b, row, i, err);
    mg_pass_backward(b->pass, &mg_rule_gradient, b->gradient);
    return MG_OK;
}

static mg_status scan(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    (void)row;
    (void)err;
    mg_scan_window(b->scan, b->pass, bases(b, i), b->effect);
    return MG_OK;
}

static mg_status method(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    (void)err;
    mg_explanation explanation = {.contribution = b->contribution, .hypothetical = b->hypothetical};
    mg_view view = {.base = bases(b, i),
                    .x = b->x + i * b->shard.length * 4,
                    .f = (double)b->result.score[i],
                    .probability = mg_study_score(b->study)->kind == MG_SCORE_PROBABILITY,
                    .seed = (uint64_t)i};
    row->method->type->explain(row->method, b->pass, &view, b->scratch, &explanation);
    return MG_OK;
}

/* All metrics of all methods. */
static mg_status agreement(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    (void)row;
    (void)err;
    const mg_result *r = &b->result;
    int64_t length = r->length;
    float metric[MG_MAX_METRICS];
    mg_truth_set(b->truth, 0, bases(b, i), b->reach.blind, r->effect + i * length * 4, (double)r->score[i]);
    for (size_t m = 0; m < r->n_methods; m++) {
        int64_t slot = (int64_t)m * r->n + i;
        bool hypothetical = mg_study_method(b->study, m)->type->hypothetical;
        mg_truth_compare(b->truth, r->contribution + slot * length,
                         hypothetical ? r->hypothetical + slot * length * 4 : NULL, 0.0, metric);
    }
    return MG_OK;
}

static mg_status window(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    (void)row;
    return mg_worker_window(b->worker, &b->shard, i, &b->result, err);
}

static mg_status naive(mg_bench *b, const mg_bench_row *row, int64_t i, mg_error *err)
{
    (void)row;
    (void)err;
    mg_naive_window(b->naive, bases(b, i), b->effect);
    return MG_OK;
}

/* --- the table --- */

static const mg_bench_row fixed[] = {
    {.part = MG_BENCH_FORWARD, .name = "forward", .run = forward, .step = 1},
    {.part = MG_BENCH_GRADIENT, .name = "forward + gradient", .run = gradient, .step = 1},
    {.part = MG_BENCH_SCAN, .name = "mutation scan", .prepare = forward, .run = scan, .step = 1, .after_forward = true},
    {.part = MG_BENCH_METHODS, .prepare = forward, .run = method, .step = 1, .after_forward = true},
    {.part = MG_BENCH_AGREEMENT, .name = "agreement", .run = agreement, .step = 1},
    {.part = MG_BENCH_WINDOW, .name = "whole window", .run = window, .step = 1},
    {.part = MG_BENCH_NAIVE, .name = "naive scan, dense products", .run = naive, .step = 8},
    {.part = MG_BENCH_OUTPUT, .name = "output: shard files", .run = mg_bench_write_shards, .step = INT64_MAX},
    {.part = MG_BENCH_OUTPUT,
     .name = "output: merge",
     .prepare = mg_bench_lay_out,
     .run = mg_bench_merge,
     .step = INT64_MAX},
};
enum { N_FIXED = sizeof fixed / sizeof *fixed };

static mg_status add_row(mg_bench *b, const mg_bench_row *like, const mg_method *of, mg_error *err)
{
    mg_bench_row *row = &b->row[b->n_rows++];
    *row = *like;
    row->macs = NAN;
    row->method = of;
    if (of != NULL) snprintf(row->name, sizeof row->name, "%s", of->label);
    return mg_alloc(&row->seconds, (size_t)b->options->rounds, sizeof *row->seconds, err);
}

mg_status mg_bench_list_rows(mg_bench *b, mg_error *err)
{
    size_t n_methods = mg_study_n_methods(b->study);
    mg_status status = mg_alloc(&b->row, N_FIXED + n_methods, sizeof *b->row, err);
    for (size_t i = 0; i < N_FIXED && status == MG_OK; i++) {
        if (!b->wanted[fixed[i].part]) continue;
        if (fixed[i].part != MG_BENCH_METHODS) status = add_row(b, &fixed[i], NULL, err);
        for (size_t m = 0; fixed[i].part == MG_BENCH_METHODS && m < n_methods && status == MG_OK; m++)
            status = add_row(b, &fixed[i], mg_study_method(b->study, m), err);
    }
    return status;
}

static void count_into(mg_bench *b, uint64_t *n_macs)
{
    mg_pass_count(b->pass, n_macs);
    mg_scan_count(b->scan, n_macs);
    if (b->naive != NULL) mg_naive_count(b->naive, n_macs);
    mg_worker_count(b->worker, n_macs);
}

mg_status mg_bench_count(mg_bench *b, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t r = 0; r < b->n_rows && status == MG_OK; r++) {
        mg_bench_row *row = &b->row[r];
        uint64_t n_macs = 0;
        int64_t n = 0;
        if (row->part == MG_BENCH_AGREEMENT || row->part == MG_BENCH_OUTPUT) continue;
        for (int64_t i = 0; i < b->shard.n && status == MG_OK; i += row->step, n++) {
            if (row->prepare != NULL) status = row->prepare(b, row, i, err);
            count_into(b, &n_macs);
            if (status == MG_OK) status = row->run(b, row, i, err);
            count_into(b, NULL);
        }
        row->macs = (double)n_macs / (double)n;
    }
    return status;
}
