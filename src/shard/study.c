/* study.c  one window from bases to agreement: forward, mutation scan, each method, each metric */
#include "src/shard/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/faithfulness/metric.h"
#include "src/faithfulness/single.h"
#include "src/attribution/explain.h"
#include "src/attribution/network.h"
#include "src/shard/against.h"
#include "src/core/memory.h"
#include "src/core/random.h"
#include "src/engine/reach.h"
#include "src/engine/scan.h"
#include "src/kernels/kernels.h"
#include "src/engine/pass.h"

struct mg_study {
    mg_score_spec score;
    uint64_t seed;
    mg_graph *graph; /* its last value is F */
    mg_plan *plan;
    mg_reach reach;
    unsigned without; /* rewrites of the scan that are left out (src/engine/scan.h) */
    mg_metric_set metrics;
    bool has_probability; /* F tells that of a class */
    mg_regions regions;   /* of the task */
    size_t n_methods, method_room;
    mg_method *method;
    mg_measured measured;  /* all 0: none */
    size_t first_measured; /* their first metric */
    char left_out[512];    /* sentences of default methods that have no rule for some node; "" when there is none */
};

struct mg_worker {
    const mg_study *study;
    mg_pass *pass;
    mg_scan *scan;
    mg_truth *truth;
    mg_against *against;       /* NULL: no effects were measured */
    void *scratch;             /* for methods */
    double *x;                 /* (L, 4) */
    double *contribution;      /* (L) */
    double *hypothetical;      /* (L, 4) */
    float *effect;             /* (L, 4) */
    float *probability_effect; /* (L, 4) effect on the probability */
    float *a, *c;              /* (L), (L, 4): what is stored and compared */
};

/* --- study --- */

static const char *const default_specs[] = {
    "saliency", "input_x_gradient", "guided_backpropagation", "deconvolution", "integrated_gradients", "deeplift",
    "lrp"};

/* A method given again gets a number, because its name names datasets. */
static void make_unique(mg_study *study, size_t m)
{
    int copies = 1;
    for (size_t k = 0; k < m; k++)
        copies += study->method[k].type == study->method[m].type;
    if (copies > 1)
        snprintf(study->method[m].name, sizeof study->method[m].name, "%.50s_%d", study->method[m].type->name, copies);
}

/* Nobody asked for a default method by name, so one that has no rule for some node is left out, and said. */
static mg_status leave_out(mg_study *study, mg_status status, const mg_error *err)
{
    size_t used = strlen(study->left_out);
    if (status != MG_EINPUT) return status;
    snprintf(study->left_out + used, sizeof study->left_out - used, "%s%s", used > 0 ? "; " : "", err->text);
    mg_method_release(&study->method[--study->n_methods]);
    return MG_OK;
}

static mg_status create_methods(mg_study *study, size_t n_specs, const char *const *spec, mg_error *err)
{
    bool by_default = n_specs == 0;
    if (n_specs == 0) {
        n_specs = sizeof default_specs / sizeof default_specs[0];
        spec = default_specs;
    }
    mg_status status = mg_grow(&study->method, &study->method_room, n_specs, sizeof *study->method, err);
    for (size_t k = 0; k < n_specs && status == MG_OK; k++) {
        size_t m = study->n_methods;
        status = mg_method_parse(spec[k], &study->method[m], err);
        if (status != MG_OK) break;
        study->n_methods++;
        make_unique(study, m);
        status = mg_method_prepare(&study->method[m], study->plan, err);
        if (by_default) status = leave_out(study, status, err);
    }
    if (status == MG_OK && study->n_methods == 0)
        return mg_fail(err, MG_EINPUT, "none of the default methods explains this network: %s", study->left_out);
    return status;
}

/* A number of an output without a head is none, nor what is summed up over positions. */
static bool tells_probability(const mg_graph *network, const mg_score_spec *score)
{
    size_t logits;
    bool summed = score->kind == MG_SCORE_MEAN || score->kind == MG_SCORE_SUM || score->kind == MG_SCORE_PROFILE;
    return !summed && mg_graph_head(network, &network->output[score->output], &logits) != MG_NO_HEAD;
}

mg_status mg_study_create(const mg_graph *network, const char *score, size_t n_specs, const char *const *spec,
                          uint64_t seed, mg_study **ret, mg_error *err)
{
    mg_study *study = NULL;
    mg_status status = mg_alloc(&study, 1, sizeof *study, err);
    if (status != MG_OK) return status;
    study->seed = seed;
    status = mg_score_parse(score, network, &study->score, err);
    if (status == MG_OK) status = mg_graph_score_borrow(network, &study->score, &study->graph, err);
    if (status == MG_OK) study->has_probability = tells_probability(network, &study->score);
    if (status == MG_OK) status = mg_plan_create(study->graph, MG_SINGLE, &study->plan, err);
    if (study->graph != NULL) mg_graph_drop_maps(study->graph);
    if (status == MG_OK) status = mg_reach_create(study->plan, &study->reach, err);
    if (status == MG_OK) status = create_methods(study, n_specs, spec, err);
    if (status == MG_OK) status = mg_study_set_task(study, mg_task_at(MG_TASK_STARTS), network->anchor, err);
    if (status != MG_OK) {
        mg_study_destroy(study);
        return status;
    }
    *ret = study;
    return MG_OK;
}

void mg_study_destroy(mg_study *study)
{
    if (study == NULL) return;
    for (size_t m = 0; m < study->n_methods; m++)
        mg_method_release(&study->method[m]);
    free(study->method);
    mg_measured_destroy(&study->measured);
    mg_reach_destroy(&study->reach);
    mg_plan_destroy(study->plan);
    mg_graph_destroy(study->graph);
    mg_regions_destroy(&study->regions);
    free(study);
}

const char *mg_study_left_out(const mg_study *study)
{
    return study->left_out;
}

mg_status mg_study_add_foreign(mg_study *study, const char *name, const char *sha256, mg_foreign_rows *rows,
                               mg_error *err)
{
    for (size_t m = 0; m < study->n_methods; m++)
        if (strcmp(study->method[m].name, name) == 0)
            return mg_fail(err, MG_EUSAGE, "two methods of the run would be called %s; choose another name", name);
    if (rows->length != study->graph->length)
        return mg_fail(err, MG_EINPUT, "attributions of windows of %lld nt cannot be compared with those of %lld",
                       (long long)rows->length, (long long)study->graph->length);
    mg_status status = mg_grow(&study->method, &study->method_room, study->n_methods + 1, sizeof *study->method, err);
    if (status == MG_OK) status = mg_foreign_method(name, sha256, rows, &study->method[study->n_methods], err);
    if (status == MG_OK) study->n_methods++;
    return status;
}

mg_status mg_study_set_task(mg_study *study, const mg_task *task, int64_t anchor, mg_error *err)
{
    mg_regions_destroy(&study->regions);
    study->graph->anchor = anchor;
    mg_status status = task->regions(study->graph->length, anchor, &study->regions, err);
    if (status == MG_OK) mg_metric_set_single(&study->regions, &study->metrics);
    return status;
}

size_t mg_study_foreign_bytes(const mg_study *study)
{
    size_t bytes = mg_measured_bytes(&study->measured);
    for (size_t m = 0; m < study->n_methods; m++) {
        if (!mg_foreign_is(study->method[m].spec, NULL)) continue;
        const mg_foreign_rows *rows = study->method[m].state;
        bytes += (size_t)rows->n * ((size_t)rows->length + (size_t)mg_foreign_width(rows) * sizeof *rows->value);
    }
    return bytes;
}

mg_status mg_study_set_measured(mg_study *study, mg_measured *measured, mg_error *err)
{
    if (measured->effect.length != study->graph->length)
        return mg_fail(err, MG_EINPUT, "effects in windows of %lld nt cannot be compared with windows of %lld",
                       (long long)measured->effect.length, (long long)study->graph->length);
    for (size_t m = 0; m < study->n_methods; m++)
        if (mg_network_is(study->method[m].name))
            return mg_fail(err, MG_EUSAGE,
                           "with measured effects a row is called %s; choose another name for the method",
                           study->method[m].name);
    mg_status status = mg_grow(&study->method, &study->method_room, study->n_methods + 1, sizeof *study->method, err);
    if (status != MG_OK) return status;
    mg_network_method(&study->method[study->n_methods++]);
    study->first_measured = study->metrics.n;
    mg_metric_set_add_measured(&study->regions, &study->metrics);
    study->measured = *measured;
    *measured = (mg_measured){0};
    return MG_OK;
}

const mg_measured *mg_study_measured(const mg_study *study)
{
    return study->measured.effect.value != NULL ? &study->measured : NULL;
}

size_t mg_study_n_methods(const mg_study *study)
{
    return study->n_methods;
}

const mg_method *mg_study_method(const mg_study *study, size_t m)
{
    return &study->method[m];
}

const mg_metric_set *mg_study_metrics(const mg_study *study)
{
    return &study->metrics;
}

const mg_regions *mg_study_regions(const mg_study *study)
{
    return &study->regions;
}

const char *mg_study_score_name(const mg_study *study)
{
    return mg_score_name(study->score.kind);
}

const mg_score_spec *mg_study_score(const mg_study *study)
{
    return &study->score;
}

int64_t mg_study_n_blind(const mg_study *study)
{
    return study->reach.n_blind;
}

const char *mg_study_instruction_set(void)
{
    const mg_kernels *kernels = mg_kernels_pick();
    return kernels != NULL ? kernels->name : "unknown";
}

/* --- worker --- */

static size_t scratch_bytes(const mg_study *study)
{
    size_t largest = 1;
    for (size_t m = 0; m < study->n_methods; m++) {
        const mg_method *method = &study->method[m];
        size_t bytes = method->type->scratch != NULL ? method->type->scratch(method, study->plan) : 0;
        if (bytes > largest) largest = bytes;
    }
    return largest;
}

void mg_study_doubt_certificates(mg_study *study)
{
    study->without |= 1U << MG_REWRITE_PROOFS;
}

mg_status mg_worker_create(const mg_study *study, mg_worker **ret, mg_error *err)
{
    mg_worker *worker = NULL;
    size_t length = (size_t)study->graph->length;
    mg_status status = mg_alloc(&worker, 1, sizeof *worker, err);
    if (status != MG_OK) return status;
    worker->study = study;
    status = mg_pass_create(study->plan, &worker->pass, err);
    if (status == MG_OK)
        status = mg_scan_create_without(study->plan, &study->reach, study->without, &worker->scan, err);
    if (status == MG_OK) status = mg_truth_create(&study->regions, &worker->truth, err);
    if (status == MG_OK && mg_study_measured(study) != NULL)
        status = mg_against_create(&study->measured, &study->regions, &worker->against, err);
    if (status == MG_OK) status = mg_alloc_aligned(&worker->scratch, scratch_bytes(study), 1, err);
    if (status == MG_OK) status = mg_alloc(&worker->x, length * 4, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->contribution, length, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->hypothetical, length * 4, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->effect, length * 4, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&worker->probability_effect, length * 4, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&worker->a, length, sizeof(float), err);
    if (status == MG_OK) status = mg_alloc(&worker->c, length * 4, sizeof(float), err);
    if (status != MG_OK) {
        mg_worker_destroy(worker);
        return status;
    }
    *ret = worker;
    return MG_OK;
}

void mg_worker_destroy(mg_worker *worker)
{
    if (worker == NULL) return;
    mg_pass_destroy(worker->pass);
    mg_scan_destroy(worker->scan);
    mg_truth_destroy(worker->truth);
    mg_against_destroy(worker->against);
    free(worker->scratch);
    free(worker->x);
    free(worker->contribution);
    free(worker->hypothetical);
    free(worker->effect);
    free(worker->probability_effect);
    free(worker->a);
    free(worker->c);
    free(worker);
}

size_t mg_worker_bytes(const mg_study *study)
{
    return sizeof(mg_worker) + mg_pass_bytes(study->plan) + mg_scan_bytes(study->plan, &study->reach) +
           (mg_study_measured(study) != NULL ? mg_against_bytes(&study->measured) : 0) + scratch_bytes(study) +
           (size_t)study->graph->length * (9 * sizeof(double) + 13 * sizeof(float));
}

void mg_worker_count(mg_worker *worker, uint64_t *n_macs)
{
    mg_pass_count(worker->pass, n_macs);
    mg_scan_count(worker->scan, n_macs);
}

/* --- one window --- */

static void one_hot(const mg_base *base, int64_t length, double *x)
{
    memset(x, 0, (size_t)length * 4 * sizeof *x);
    for (int64_t i = 0; i < length; i++)
        if (base[i] < MG_N_BASES) x[i * 4 + base[i]] = 1.0;
}

/* Effects on the probability follow from those on the log-odds; what is stored stays log-odds. */
static const float *effect_on_score(mg_worker *worker, double f)
{
    if (worker->study->score.kind != MG_SCORE_PROBABILITY) return worker->effect;
    double p = mg_score_of(true, f);
    for (int64_t i = 0; i < worker->study->graph->length * 4; i++)
        worker->probability_effect[i] = (float)(mg_score_of(true, f + (double)worker->effect[i]) - p);
    return worker->probability_effect;
}

/* Run method m and leave what it says, as float32, in worker->a and worker->c. Returns the sum it claims. */
static double explain(mg_worker *worker, const mg_method *method, const mg_view *view)
{
    int64_t length = worker->study->graph->length;
    mg_explanation e = {.contribution = worker->contribution, .hypothetical = worker->hypothetical, .claimed_sum = NAN};
    method->type->explain(method, worker->pass, view, worker->scratch, &e);
    for (int64_t i = 0; i < length; i++)
        worker->a[i] = (float)e.contribution[i];
    for (int64_t i = 0; i < length * 4; i++)
        worker->c[i] = method->type->hypothetical ? (float)e.hypothetical[i] : NAN;
    return e.claimed_sum;
}

/* The method that has just explained the window, or the network, against what was measured. */
static void compare_measured(mg_worker *worker, const mg_method *method, float *metric)
{
    if (mg_network_is(method->spec))
        mg_against_compare_network(worker->against, worker->effect, metric);
    else
        mg_against_compare(worker->against, worker->a, method->type->hypothetical ? worker->c : NULL, metric);
}

static void keep(const mg_worker *worker, size_t m, int64_t i, const float *metric, mg_result *result)
{
    size_t length = (size_t)result->length, slot = m * (size_t)result->n + (size_t)i;
    for (size_t k = 0; k < result->n_metrics; k++)
        result->agreement[(m * result->n_metrics + k) * (size_t)result->n + (size_t)i] = metric[k];
    if (result->contribution != NULL) memcpy(result->contribution + slot * length, worker->a, length * sizeof(float));
    if (result->hypothetical != NULL)
        memcpy(result->hypothetical + slot * length * 4, worker->c, length * 4 * sizeof(float));
}

mg_status mg_worker_window(mg_worker *worker, const mg_shard *shard, int64_t i, mg_result *result, mg_error *err)
{
    const mg_study *study = worker->study;
    int64_t length = study->graph->length;
    const mg_base *base = shard->base + i * length;
    one_hot(base, length, worker->x);
    double f = mg_pass_forward(worker->pass, worker->x);
    if (!isfinite(f))
        return mg_fail(err, MG_EINPUT,
                       "window %lld: the network's score is not finite; its weights are too large for "
                       "float32",
                       (long long)(shard->first + i));
    mg_view view = {.base = base,
                    .x = worker->x,
                    .f = f,
                    .probability = study->score.kind == MG_SCORE_PROBABILITY,
                    .seed = mg_mix(study->seed, mg_hash_bytes(0, base, (size_t)length))};
    mg_scan_window(worker->scan, worker->pass, base, worker->effect);
    result->score[i] = (float)f;
    result->probability[i] = study->has_probability ? (float)mg_score_probability(worker->pass, f) : NAN;
    if (result->effect != NULL)
        memcpy(result->effect + i * length * 4, worker->effect, (size_t)length * 4 * sizeof(float));
    if (result->measured != NULL)
        mg_measured_row(&study->measured, base, result->measured + i * length * 4,
                        result->measured_se != NULL ? result->measured_se + i * length * 4 : NULL);
    /* A prediction flips where F changes sign; for a probability that is where it crosses one half. The sign of a score that is
     * a number like any other says nothing: nothing flips. */
    double called = view.probability ? mg_score_of(true, f) - 0.5 : f;
    if (!mg_score_has_odds(mg_study_score_name(study))) called = NAN;
    mg_truth_set(worker->truth, shard->window[i].kind, base, study->reach.blind, effect_on_score(worker, f), called);
    if (worker->against != NULL) mg_against_set(worker->against, shard->window[i].kind, base, study->reach.blind);
    for (size_t m = 0; m < study->n_methods; m++) {
        float metric[MG_MAX_METRICS];
        double claimed = explain(worker, &study->method[m], &view);
        mg_truth_compare(worker->truth, worker->a, study->method[m].type->hypothetical ? worker->c : NULL, claimed,
                         metric);
        if (worker->against != NULL) compare_measured(worker, &study->method[m], metric + study->first_measured);
        keep(worker, m, i, metric, result);
    }
    return MG_OK;
}
