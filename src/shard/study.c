/* study.c  what windows share, and the workspace of a thread; what is done with a window is window.c */
#include "src/shard/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/attribution/network.h"
#include "src/core/memory.h"
#include "src/kernels/kernels.h"
#include "src/shard/study_inside.h"

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

/* Nobody asked for one of the default methods, or of all, by name, so one that has no rule for some node is left out, and said. */
static mg_status leave_out(mg_study *study, mg_status status, const mg_error *err)
{
    size_t used = strlen(study->left_out);
    if (status != MG_EINPUT) return status;
    snprintf(study->left_out + used, sizeof study->left_out - used, "%s%s", used > 0 ? "; " : "", err->text);
    mg_method_release(&study->method[--study->n_methods]);
    return MG_OK;
}

/* One method more; an optional one that has no rule for some node is left out. */
static mg_status add_method(mg_study *study, const char *spec, bool optional, mg_error *err)
{
    size_t m = study->n_methods;
    mg_status status = mg_grow(&study->method, &study->method_room, m + 1, sizeof *study->method, err);
    if (status == MG_OK) status = mg_method_parse(spec, &study->method[m], err);
    if (status != MG_OK) return status;
    study->n_methods++;
    make_unique(study, m);
    status = mg_method_prepare(&study->method[m], study->plan, err);
    return optional ? leave_out(study, status, err) : status;
}

static mg_status create_methods(mg_study *study, size_t n_specs, const char *const *spec, mg_error *err)
{
    size_t n_default = sizeof default_specs / sizeof default_specs[0];
    const mg_method_type *const *types = mg_method_types();
    mg_status status = MG_OK;
    for (size_t k = 0; k < n_default && n_specs == 0 && status == MG_OK; k++)
        status = add_method(study, default_specs[k], true, err);
    for (size_t k = 0; k < n_specs && status == MG_OK; k++) {
        bool all = strcmp(spec[k], "all") == 0;
        for (size_t t = 0; all && types[t] != NULL && status == MG_OK; t++)
            status = add_method(study, types[t]->name, true, err);
        if (!all) status = add_method(study, spec[k], false, err);
    }
    if (status == MG_OK && study->n_methods == 0)
        return mg_fail(err, MG_EINPUT, "none of the methods explains this network: %s", study->left_out);
    return status;
}

mg_status mg_study_create(const mg_graph *network, const char *score, size_t n_specs, const char *const *spec,
                          uint64_t seed, mg_study **ret, mg_error *err)
{
    return mg_study_create_beside(NULL, network, score, n_specs, spec, seed, ret, err);
}

mg_status mg_study_create_beside(const mg_study *first, const mg_graph *network, const char *score, size_t n_specs,
                                 const char *const *spec, uint64_t seed, mg_study **ret, mg_error *err)
{
    mg_study *study = NULL;
    mg_status status = mg_alloc(&study, 1, sizeof *study, err);
    if (status != MG_OK) return status;
    study->seed = seed;
    study->share = 1;
    status = mg_score_parse(score, network, &study->score, err);
    if (status == MG_OK) status = mg_graph_score_borrow(network, &study->score, &study->graph, err);
    if (status == MG_OK) study->has_probability = mg_score_tells_probability(network, &study->score);
    if (status == MG_OK)
        status = mg_plan_create_beside(study->graph, MG_SINGLE, first != NULL ? first->plan : NULL, &study->plan, err);
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
    mg_average_destroy(&study->average);
    free(study->metric_words);
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

static mg_status list_metrics(mg_study *study, mg_error *err)
{
    mg_metric_set *set = &study->metrics;
    mg_status status = MG_OK;
    mg_metric_set_single(&study->regions, set);
    if (study->metric_words != NULL) status = mg_metric_set_choose(study->metric_words, &study->regions, set, err);
    study->first_measured = set->n;
    if (mg_study_measured(study) != NULL) mg_metric_set_add_measured(&study->regions, set);
    study->has_sampled = false;
    for (size_t k = 0; k < set->n; k++)
        study->has_sampled = study->has_sampled || set->info[k].sampled;
    return status;
}

mg_status mg_study_set_task(mg_study *study, const mg_task *task, int64_t anchor, mg_error *err)
{
    mg_regions_destroy(&study->regions);
    study->graph->anchor = anchor;
    mg_status status = task->regions(study->graph->length, anchor, &study->regions, err);
    return status == MG_OK ? list_metrics(study, err) : status;
}

mg_status mg_study_set_metrics(mg_study *study, const char *words, mg_error *err)
{
    free(study->metric_words);
    study->metric_words = NULL;
    mg_status status = mg_copy_text(&study->metric_words, words != NULL ? words : "", err);
    return status == MG_OK ? list_metrics(study, err) : status;
}

void mg_study_set_share(mg_study *study, double share)
{
    study->share = share;
}

void mg_study_add_baselines(mg_study *study, mg_average *average)
{
    study->average = *average;
    study->has_baselines = true;
    *average = (mg_average){0};
}

size_t mg_study_n_baselines(const mg_study *study)
{
    return study->has_baselines ? MG_N_BASELINES : 0;
}

double mg_study_share(const mg_study *study)
{
    return study->share;
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
    study->measured = *measured;
    *measured = (mg_measured){0};
    return list_metrics(study, err);
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

uint64_t mg_study_digest(const mg_study *study)
{
    return study->plan->digest[study->plan->n_steps];
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

/* What metrics behind those of single mutations need. */
static mg_status create_trial(mg_worker *worker, mg_error *err)
{
    const mg_study *study = worker->study;
    size_t n = (size_t)study->graph->length;
    mg_status status = mg_measure_create(&study->metrics, study->graph->length, &worker->measure, err);
    if (status == MG_OK) status = mg_alloc(&worker->exact_a, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->exact_c, n * 4, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->random, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->ceiling, n, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->neighbour_x, n * 4, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->seconds, study->n_methods, sizeof(double), err);
    if (status == MG_OK) status = mg_alloc(&worker->neighbour_a, n, sizeof(double), err);
    return status == MG_OK ? mg_alloc(&worker->neighbour_c, n * 4, sizeof(double), err) : status;
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
    if (status == MG_OK) status = create_trial(worker, err);
    if (status != MG_OK) {
        mg_worker_destroy(worker);
        return status;
    }
    *ret = worker;
    return MG_OK;
}

mg_status mg_worker_follow(mg_worker *worker, mg_worker *leader, mg_error *err)
{
    worker->leader = leader->pass;
    return mg_scan_follow(worker->scan, leader->scan, &worker->follows, err);
}

mg_status mg_worker_create_of(const mg_study *const *study, size_t n, mg_worker **worker, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < n && status == MG_OK; k++) {
        status = mg_worker_create(study[k], &worker[k], err);
        if (status == MG_OK && k > 0) status = mg_worker_follow(worker[k], worker[0], err);
    }
    return status;
}

bool mg_worker_follows(const mg_worker *worker)
{
    return worker->follows;
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
    mg_measure_destroy(worker->measure);
    free(worker->exact_a);
    free(worker->exact_c);
    free(worker->random);
    free(worker->ceiling);
    free(worker->seconds);
    free(worker->neighbour_x);
    free(worker->neighbour_a);
    free(worker->neighbour_c);
    free(worker);
}

/* All but the scan. */
static size_t bytes_without_scan(const mg_study *study)
{
    return sizeof(mg_worker) + mg_pass_bytes(study->plan) +
           (mg_study_measured(study) != NULL ? mg_against_bytes(&study->measured) : 0) + scratch_bytes(study) +
           mg_measure_bytes(&study->metrics, study->graph->length) +
           (size_t)study->graph->length * (25 * sizeof(double) + 13 * sizeof(float));
}

size_t mg_worker_bytes(const mg_study *study)
{
    return bytes_without_scan(study) + mg_scan_bytes(study->plan, &study->reach);
}

size_t mg_worker_bytes_beside(const mg_study *study, const mg_study *first)
{
    return bytes_without_scan(study) + mg_scan_bytes_beside(study->plan, &study->reach, first->plan);
}

void mg_worker_costs(const mg_worker *worker, double *seconds, int64_t *n)
{
    for (size_t m = 0; m < worker->study->n_methods; m++)
        seconds[m] += worker->seconds[m];
    *n += worker->n_timed;
}

void mg_worker_count(mg_worker *worker, uint64_t *n_macs)
{
    mg_pass_count(worker->pass, n_macs);
    mg_scan_count(worker->scan, n_macs);
}
