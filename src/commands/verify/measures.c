/* measures.c  the metrics and baselines of a run again: which, in which windows, and the sample behind the mean profile */
#include <stdlib.h>
#include <string.h>

#include "io/run/provenance.h"
#include "src/commands/verify/verify.h"
#include "src/core/memory.h"

/* The metrics as --metrics takes them. */
static mg_status list_words(const mg_run_file *run, char **ret, mg_error *err)
{
    const mg_metric_set *set = run->summary.metrics;
    mg_status status = mg_copy_text(ret, "single", err);
    for (size_t k = mg_metric_n_single(set); k < set->n && status == MG_OK; k++) {
        if (set->info[k].family == MG_FAMILY_MEASURED) continue; /* they come with what was measured */
        char *longer = NULL;
        status = mg_provenance_set(&longer, err, "%s %s", *ret, set->info[k].name);
        free(*ret);
        *ret = longer;
    }
    return status;
}

static bool same_metrics(const mg_metric_set *one, const mg_metric_set *other)
{
    if (one->n != other->n) return false;
    for (size_t k = 0; k < one->n; k++)
        if (strcmp(one->info[k].dataset, other->info[k].dataset) != 0) return false;
    return true;
}

static mg_status add_metrics(mg_verify *v, mg_error *err)
{
    char *words = NULL;
    mg_error wrong = {0};
    mg_status status = list_words(&v->run, &words, err);
    if (status == MG_OK && mg_study_set_metrics(v->study, words, &wrong) != MG_OK)
        status = mg_fail(err, MG_EINPUT, "%s: %s", v->run.path, wrong.text);
    free(words);
    mg_study_set_share(v->study, v->run.provenance.measured_share);
    return status;
}

mg_status mg_verify_check_metrics(const mg_verify *v, mg_error *err)
{
    if (same_metrics(mg_study_metrics(v->study), v->run.summary.metrics)) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s has metrics in another order than this version; the file is damaged",
                   v->run.path);
}

/* Window k of the sample, scanned again. */
static mg_status scan_one(const mg_verify *v, mg_worker *worker, int64_t k, char *letter, mg_base *base,
                          mg_average *average, mg_error *err)
{
    int64_t length = v->run.shape.length, w = mg_average_pick(k, average->n, v->run.shape.n_windows);
    mg_status status = mg_run_file_read(&v->run, MG_WINDOW_SEQUENCE, 0, &w, 1, letter, err);
    if (status == MG_OK) status = mg_run_file_read(&v->run, MG_WINDOW_CLUSTER, 0, &w, 1, &average->cluster[k], err);
    int8_t kind = 0;
    if (status == MG_OK && mg_field_is_kept(MG_WINDOW_KIND, &v->run.shape))
        status = mg_run_file_read(&v->run, MG_WINDOW_KIND, 0, &w, 1, &kind, err);
    average->kind[k] = kind;
    for (int64_t i = 0; i < length && status == MG_OK; i++) {
        base[i] = mg_base_from_letter(letter[i]);
        if (letter[i] == '\0' || strchr("ACGTN", letter[i]) == NULL)
            status = mg_fail(err, MG_EINPUT, "%s: window %lld: letter %lld of /windows/sequence is none of A C G T N",
                             v->run.path, (long long)w, (long long)i);
    }
    return status == MG_OK ? mg_worker_effects(worker, base, average->effect + k * length, err) : status;
}

static mg_status scan_sample(const mg_verify *v, mg_average *average, mg_error *err)
{
    int64_t length = v->run.shape.length, n = mg_average_size(v->run.shape.n_windows, length);
    mg_worker *worker = NULL;
    char *letter = NULL;
    mg_base *base = NULL;
    mg_status status = mg_average_create(n, length, average, err);
    if (status == MG_OK) status = mg_alloc(&letter, (size_t)length, sizeof *letter, err);
    if (status == MG_OK) status = mg_alloc(&base, (size_t)length, sizeof *base, err);
    if (status == MG_OK) status = mg_worker_create(v->study, &worker, err);
    for (int64_t k = 0; k < n && status == MG_OK; k++)
        status = scan_one(v, worker, k, letter, base, average, err);
    if (status == MG_OK) mg_average_finish(average);
    mg_worker_destroy(worker);
    free(letter);
    free(base);
    return status;
}

mg_status mg_verify_add_measures(mg_verify *v, mg_error *err)
{
    mg_average average = {0};
    mg_status status = add_metrics(v, err);
    if (status != MG_OK || v->run.summary.n_baselines == 0) return status;
    const mg_run_method *baseline = v->run.summary.method + v->run.summary.n_methods;
    bool known = v->run.summary.n_baselines == MG_N_BASELINES;
    for (size_t b = 0; b < MG_N_BASELINES && known; b++)
        known = strcmp(baseline[b].name, mg_baselines[b].name) == 0;
    if (!known) return mg_fail(err, MG_EINPUT, "%s has baselines that this version does not know", v->run.path);
    status = scan_sample(v, &average, err);
    if (status == MG_OK) mg_study_add_baselines(v->study, &average);
    mg_average_destroy(&average);
    return status;
}
