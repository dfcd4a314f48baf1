/* window.c  one window from bases to agreement: forward, mutation scan, each method, each metric */
#include <math.h>
#include <string.h>

#include "src/attribution/explain.h"
#include "src/attribution/network.h"
#include "src/core/log.h"
#include "src/core/random.h"
#include "src/shard/baseline.h"
#include "src/shard/study_inside.h"

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

/* What a method says of a window that the pass holds. */
static double ask(mg_worker *worker, const mg_method *method, const mg_view *view, double *a, double *c)
{
    mg_explanation e = {.contribution = a, .hypothetical = c, .claimed_sum = NAN};
    method->type->explain(method, worker->pass, view, worker->scratch, &e);
    return e.claimed_sum;
}

/* a (L) and c (L, 4; NULL: none) as float32, in worker->a and worker->c, and those again as double: c where metrics run passes,
 * as no others look at it. */
static void say(mg_worker *worker, const double *a, const double *c, bool chosen)
{
    int64_t length = worker->study->graph->length;
    for (int64_t i = 0; i < length; i++) {
        worker->a[i] = (float)a[i];
        worker->exact_a[i] = worker->a[i];
    }
    for (int64_t i = 0; i < length * 4; i++)
        worker->c[i] = c != NULL ? (float)c[i] : NAN;
    for (int64_t i = 0; i < length * 4 && chosen; i++)
        worker->exact_c[i] = worker->c[i];
}

/* --- what metrics ask (src/faithfulness/trial.h) --- */

static double probe_score(void *context, const double *x)
{
    mg_worker *worker = context;
    return mg_score_of(worker->view.probability, mg_pass_forward(worker->pass, x));
}

/* Rounded as what is compared is, so that asking again gives the same. */
static bool probe_attribute(void *context, size_t m, const mg_base *base, uint64_t draw, double *a)
{
    mg_worker *worker = context;
    const mg_study *study = worker->study;
    mg_view view = worker->view;
    if (m >= study->n_methods || mg_foreign_is(study->method[m].spec, NULL)) return false;
    one_hot(base, study->graph->length, worker->neighbour_x);
    view.base = base;
    view.x = worker->neighbour_x;
    view.f = mg_pass_forward(worker->pass, view.x);
    if (draw > 0) view.seed = mg_mix(view.seed, draw);
    ask(worker, &study->method[m], &view, a, worker->neighbour_c);
    for (int64_t i = 0; i < study->graph->length; i++)
        a[i] = (float)a[i];
    return true;
}

static void keep(const mg_worker *worker, size_t m, int64_t i, const float *metric, mg_result *result)
{
    size_t length = (size_t)result->length, slot = m * (size_t)result->n + (size_t)i;
    for (size_t k = 0; k < result->n_metrics; k++)
        result->agreement[(m * result->n_metrics + k) * (size_t)result->n + (size_t)i] = metric[k];
    if (m >= result->n_methods) return; /* of baselines no more is kept */
    if (result->contribution != NULL) memcpy(result->contribution + slot * length, worker->a, length * sizeof(float));
    if (result->hypothetical != NULL)
        memcpy(result->hypothetical + slot * length * 4, worker->c, length * 4 * sizeof(float));
}

/* What has just been said of the window, or the network, against what was measured. */
static void compare_measured(mg_worker *worker, size_t m, bool hypothetical, float *metric)
{
    const mg_study *study = worker->study;
    if (m < study->n_methods && mg_network_is(study->method[m].spec))
        mg_against_compare_network(worker->against, worker->effect, metric);
    else
        mg_against_compare(worker->against, worker->a, hypothetical ? worker->c : NULL, metric);
}

/* Hold the claim in worker->a and worker->c to everything. */
static void compare(mg_worker *worker, const double *a, bool hypothetical, double claimed, size_t m, float *metric)
{
    mg_claim claim = {
        .a = a, .c = hypothetical ? worker->exact_c : NULL, .method = m, .asks = m < worker->study->n_methods};
    mg_truth_compare(worker->truth, worker->a, hypothetical ? worker->c : NULL, claimed, metric);
    mg_measure_compare(worker->measure, &claim, metric);
    if (worker->against != NULL) compare_measured(worker, m, hypothetical, metric + worker->study->first_measured);
}

/* The baselines, behind the methods. */
static void compare_baselines(mg_worker *worker, const float *effect, const mg_shard_window *window, int64_t i,
                              mg_result *result)
{
    const mg_study *study = worker->study;
    const mg_base *base = worker->view.base;
    int64_t length = study->graph->length;
    double *a = worker->contribution, *c = worker->hypothetical;
    const size_t *position;
    const double *e;
    size_t n = mg_truth_items(worker->truth, &position, &e);
    for (size_t b = 0; b < MG_N_BASELINES; b++) {
        float metric[MG_MAX_METRICS];
        if (b == MG_BASELINE_RANDOM) mg_baseline_random(base, length, worker->view.seed, a, c);
        if (b == MG_BASELINE_CEILING) mg_baseline_ceiling(base, length, effect, n, position, e, a, c);
        if (b == MG_BASELINE_PROFILE) {
            mg_average_of(&study->average, window->kind, window->cluster, a);
            mg_baseline_profile(base, length, a, c);
        }
        say(worker, a, c, result->chosen[i]);
        const double *claimed = b == MG_BASELINE_RANDOM    ? worker->random
                                : b == MG_BASELINE_CEILING ? worker->ceiling
                                                           : worker->exact_a;
        compare(worker, claimed, true, NAN, study->n_methods + b, metric);
        keep(worker, study->n_methods + b, i, metric, result);
    }
}

/* Everything that metrics want to know of the window at hand, once. */
static void put_on_trial(mg_worker *worker, const mg_probe *probe, int8_t *ret_chosen)
{
    const mg_study *study = worker->study;
    const mg_view *view = &worker->view;
    int64_t length = study->graph->length;
    bool chosen = study->has_sampled && mg_measure_chooses(study->share, view->base, length);
    mg_trial trial = {.length = length,
                      .base = view->base,
                      .x = view->x,
                      .score = mg_score_of(view->probability, view->f),
                      .seed = view->seed,
                      .probe = probe};
    trial.n = mg_truth_items(worker->truth, &trial.position, &trial.effect);
    if (chosen || study->has_baselines)
        mg_baseline_random(view->base, length, view->seed, worker->random, worker->exact_c);
    memset(worker->ceiling, 0, (size_t)length * sizeof *worker->ceiling);
    for (size_t k = 0; k < trial.n; k++)
        worker->ceiling[trial.position[k]] = trial.effect[k];
    mg_measure_set(worker->measure, &trial, worker->random, worker->ceiling, chosen);
    *ret_chosen = chosen;
}

/* The forward pass of the window in worker->x, which a leader has done already. */
static double run_forward(mg_worker *worker)
{
    return worker->leader != NULL ? mg_pass_forward_after(worker->pass, worker->leader, worker->x)
                                  : mg_pass_forward(worker->pass, worker->x);
}

/* The forward pass, and what all that follows sees of the window. */
static mg_status begin_window(mg_worker *worker, const mg_shard *shard, int64_t i, mg_error *err)
{
    const mg_study *study = worker->study;
    int64_t length = study->graph->length;
    const mg_base *base = shard->base + i * length;
    one_hot(base, length, worker->x);
    double f = run_forward(worker);
    if (!isfinite(f))
        return mg_fail(err, MG_EINPUT,
                       "window %lld: the network's score is not finite; its weights are too large for "
                       "float32",
                       (long long)(shard->first + i));
    worker->view = (mg_view){.base = base,
                             .x = worker->x,
                             .f = f,
                             .probability = study->score.kind == MG_SCORE_PROBABILITY,
                             .seed = mg_mix(study->seed, mg_hash_bytes(0, base, (size_t)length))};
    return MG_OK;
}

/* What is known of the window before any method: score, effects, what was measured. */
static void keep_window(const mg_worker *worker, int64_t i, mg_result *result)
{
    const mg_study *study = worker->study;
    const mg_view *view = &worker->view;
    int64_t length = study->graph->length;
    result->score[i] = (float)view->f;
    result->probability[i] = study->has_probability ? (float)mg_score_probability(worker->pass, view->f) : NAN;
    if (result->effect != NULL)
        memcpy(result->effect + i * length * 4, worker->effect, (size_t)length * 4 * sizeof(float));
    if (result->measured != NULL)
        mg_measured_row(&study->measured, view->base, result->measured + i * length * 4,
                        result->measured_se != NULL ? result->measured_se + i * length * 4 : NULL);
}

static void ask_methods(mg_worker *worker, int64_t i, mg_result *result)
{
    const mg_study *study = worker->study;
    for (size_t m = 0; m < study->n_methods; m++) {
        const mg_method *method = &study->method[m];
        float metric[MG_MAX_METRICS];
        if (result->chosen[i]) mg_pass_forward(worker->pass, worker->x); /* where the metrics' passes were before */
        double begun = mg_clock(),
               claimed = ask(worker, method, &worker->view, worker->contribution, worker->hypothetical);
        worker->seconds[m] += mg_clock() - begun;
        say(worker, worker->contribution, method->type->hypothetical ? worker->hypothetical : NULL, result->chosen[i]);
        compare(worker, worker->exact_a, method->type->hypothetical, claimed, m, metric);
        keep(worker, m, i, metric, result);
    }
    worker->n_timed++;
}

/* When the effects are there: methods and metrics. */
static void finish_window(mg_worker *worker, const mg_shard *shard, int64_t i, mg_result *result)
{
    const mg_study *study = worker->study;
    const mg_view *view = &worker->view;
    int32_t kind = shard->window[i].kind;
    keep_window(worker, i, result);
    /* A prediction flips where F changes sign; for a probability that is where it crosses one half. The sign of a score that is
     * a number like any other says nothing: nothing flips. */
    double called = view->probability ? mg_score_of(true, view->f) - 0.5 : view->f;
    if (!mg_score_has_odds(mg_study_score_name(study))) called = NAN;
    const float *effect = effect_on_score(worker, view->f);
    mg_truth_set(worker->truth, kind, view->base, study->reach.blind, effect, called);
    if (worker->against != NULL) mg_against_set(worker->against, kind, view->base, study->reach.blind);
    const mg_probe probe = {worker, probe_score, probe_attribute};
    put_on_trial(worker, &probe, &result->chosen[i]);
    ask_methods(worker, i, result);
    if (study->has_baselines) compare_baselines(worker, effect, &shard->window[i], i, result);
}

/* The effects of the window that all passes hold: the leader's scan brings those of its followers. */
static void scan_all(mg_worker *const *worker, size_t n, const mg_base *base)
{
    for (size_t k = 0; k < n; k++)
        if (worker[k]->follows) mg_scan_bring(worker[k]->scan, worker[k]->pass, worker[k]->effect);
    for (size_t k = 0; k < n; k++)
        if (!worker[k]->follows) mg_scan_window(worker[k]->scan, worker[k]->pass, base, worker[k]->effect);
}

mg_status mg_worker_windows(mg_worker *const *worker, size_t n, const mg_shard *shard, int64_t i, mg_result *result,
                            mg_error *err)
{
    for (size_t k = 0; k < n; k++) {
        mg_status status = begin_window(worker[k], shard, i, err);
        if (status != MG_OK) return status;
    }
    scan_all(worker, n, shard->base + i * shard->length);
    for (size_t k = 0; k < n; k++)
        finish_window(worker[k], shard, i, &result[k]);
    return MG_OK;
}

mg_status mg_worker_window(mg_worker *worker, const mg_shard *shard, int64_t i, mg_result *result, mg_error *err)
{
    return mg_worker_windows(&worker, 1, shard, i, result, err);
}

/* e(i) of the window whose effects are there. */
static void mean_effects(mg_worker *worker, const mg_base *base, float *effect)
{
    worker->view.probability = worker->study->score.kind == MG_SCORE_PROBABILITY;
    const float *changed = effect_on_score(worker, worker->view.f);
    for (int64_t i = 0; i < worker->study->graph->length; i++) {
        double sum = 0;
        for (int64_t b = 0; b < 4; b++)
            sum -= changed[i * 4 + b];
        effect[i] = base[i] < MG_N_BASES ? (float)(sum / (MG_N_BASES - 1)) : 0;
    }
}

mg_status mg_worker_effects_of(mg_worker *const *worker, size_t n, const mg_base *base, float *const *effect,
                               mg_error *err)
{
    for (size_t k = 0; k < n; k++) {
        one_hot(base, worker[k]->study->graph->length, worker[k]->x);
        worker[k]->view.f = run_forward(worker[k]);
        if (!isfinite(worker[k]->view.f)) return mg_fail(err, MG_EINPUT, "the network's score is not finite");
    }
    scan_all(worker, n, base);
    for (size_t k = 0; k < n; k++)
        mean_effects(worker[k], base, effect[k]);
    return MG_OK;
}

mg_status mg_worker_effects(mg_worker *worker, const mg_base *base, float *effect, mg_error *err)
{
    return mg_worker_effects_of(&worker, 1, base, &effect, err);
}
