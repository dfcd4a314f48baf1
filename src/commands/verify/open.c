/* open.c  the run, the model it was made with, and the same study again */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/run/machine.h"
#include "src/core/memory.h"
#include "src/attribution/network.h"
#include "src/engine/family.h"
#include "src/commands/verify/verify.h"

/* --- model --- */

/* The name by which a model that comes with mutagree is asked for: ".../share/models/tis-human.h5" -> "tis-human". */
static mg_status name_of_model(const char *path, char **ret, mg_error *err)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    mg_status status = mg_copy_text(ret, name, err);
    if (status != MG_OK) return status;
    char *dot = strrchr(*ret, '.');
    if (dot != NULL) *dot = '\0';
    return MG_OK;
}

/* Where the model was; else one of that name that comes with mutagree. Its sum decides whether it is the one. */
static mg_status open_recorded(mg_verify *v, mg_error *err)
{
    const char *path = v->run.provenance.model;
    char *name = NULL;
    if (path == NULL || path[0] == '\0')
        return mg_fail(err, MG_EINPUT, "%s does not say which model it was made with; give --model FILE", v->run.path);
    if (access(path, F_OK) == 0) return mg_model_open(path, &v->model, err);
    mg_status status = name_of_model(path, &name, err);
    if (status == MG_OK && mg_model_open(name, &v->model, NULL) != MG_OK)
        status =
            mg_fail(err, MG_EINPUT, "%s was made with the model %s, which is not there any more; give --model FILE",
                    v->run.path, path);
    free(name);
    return status;
}

/* The layers are those that the run wrote down, wherever they came from then. */
static mg_status read_model(mg_verify *v, mg_error *err)
{
    const mg_provenance *p = &v->run.provenance;
    mg_status status =
        v->options->model != NULL ? mg_model_open(v->options->model, &v->model, err) : open_recorded(v, err);
    if (status != MG_OK) return status;
    if (p->model_sha256 == NULL || strcmp(p->model_sha256, v->model.sha256) != 0)
        return mg_fail(
            err, MG_EINPUT,
            "%s was made with the model %s (sha256 %s), but %s is another one (sha256 %s); give --model with "
            "the file of then",
            v->run.path, p->model != NULL ? p->model : "?", p->model_sha256 != NULL ? p->model_sha256 : "?",
            v->model.path, v->model.sha256);
    if (p->architecture != NULL) {
        free(v->model.architecture);
        v->model.architecture = NULL;
        status = mg_copy_text(&v->model.architecture, p->architecture, err);
    }
    return status == MG_OK ? mg_model_build(&v->model, NULL, err) : status;
}

static mg_status check_network(const mg_verify *v, mg_error *err)
{
    const mg_graph *network = v->model.network;
    bool same_anchor = network->anchor == 0 || network->anchor == v->run.anchor; /* 0: the network does not tell one */
    if (network->length == v->run.shape.length && same_anchor) return MG_OK;
    return mg_fail(err, MG_EINPUT,
                   "%s has windows of %lld nt counted from offset %lld, its model %lld nt counted from %lld; it is "
                   "damaged",
                   v->run.path, (long long)v->run.shape.length, (long long)v->run.anchor, (long long)network->length,
                   (long long)network->anchor);
}

/* --- study --- */

static mg_status check_methods(const mg_verify *v, mg_error *err)
{
    for (size_t m = 0; m < v->run.summary.n_methods; m++) {
        const mg_run_method *method = &v->run.summary.method[m];
        const char *name = mg_study_method(v->study, m)->name;
        if (strcmp(name, method->name) != 0)
            return mg_fail(err, MG_EINPUT, "%s: method '%s' is called %s, but should be %s; the file is damaged",
                           v->run.path, method->spec, method->name, name);
    }
    return MG_OK;
}

static mg_status create_study(mg_verify *v, mg_error *err)
{
    size_t n = 0;
    const char **spec = NULL;
    mg_error wrong = {0};
    mg_status status = mg_alloc(&spec, v->run.summary.n_methods, sizeof *spec, err);
    for (size_t m = 0; m < v->run.summary.n_methods && status == MG_OK; m++)
        if (!mg_foreign_is(v->run.summary.method[m].spec, NULL) && !mg_network_is(v->run.summary.method[m].spec))
            spec[n++] = v->run.summary.method[m].spec;
    if (status == MG_OK && n == 0)
        status = mg_fail(err, MG_EINPUT, "%s has no method of mutagree; the file is damaged", v->run.path);
    if (status == MG_OK) {
        status = mg_study_create(v->model.network, v->run.score, n, spec, (uint64_t)v->run.provenance.seed, &v->study,
                                 &wrong);
        /* What the file says is no mistake on the command line. */
        if (status != MG_OK)
            status = mg_fail(err, status == MG_EUSAGE ? MG_EINPUT : status, "%s: %s", v->run.path, wrong.text);
    }
    free(spec);
    if (status == MG_OK) mg_model_drop_weights(&v->model);
    if (status == MG_OK) status = mg_study_set_task(v->study, v->run.shape.task, v->run.anchor, err);
    if (status == MG_OK) status = mg_verify_add_measures(v, err);
    if (status == MG_OK) status = mg_verify_add_own(v, err);
    if (status == MG_OK) status = mg_verify_check_metrics(v, err);
    return status == MG_OK ? check_methods(v, err) : status;
}

/* Kernels of one family give the same bits; but on another kind of machine the compiler may fuse what it does not here. */
static mg_status expect_same_bits(mg_verify *v, mg_error *err)
{
    const mg_provenance *then = &v->run.provenance;
    mg_provenance now = {0};
    mg_status status = mg_machine_record(&now, err);
    if (status == MG_OK)
        v->same_bits = then->instruction_set != NULL &&
                       mg_family_same(then->instruction_set, mg_study_instruction_set()) &&
                       (then->machine == NULL || strcmp(then->machine, now.machine) == 0);
    mg_provenance_destroy(&now);
    return status;
}

/* --- the whole --- */

mg_status mg_verify_open(const char *path, mg_verify *v, mg_error *err)
{
    const mg_verify_options *options = v->options;
    mg_status status = mg_run_file_open(path, &v->run, err);
    if (status == MG_OK) status = read_model(v, err);
    if (status == MG_OK) status = check_network(v, err);
    int64_t n = v->run.shape.n_windows;
    v->n_drawn = options->all || options->windows > n ? n : options->windows;
    if (status == MG_OK) status = create_study(v, err);
    if (status == MG_OK) status = expect_same_bits(v, err);
    if (status != MG_OK) return status;
    if (options->threads > 0) omp_set_num_threads((int)options->threads);
    return mg_team_create(v->study, omp_get_max_threads(), &v->team, err);
}

void mg_verify_close(mg_verify *v)
{
    mg_team_destroy(v->team);
    mg_study_destroy(v->study);
    mg_model_destroy(&v->model);
    mg_run_file_close(&v->run);
    free(v->set);
    free(v->own);
    v->own = NULL;
    v->set = NULL;
}
