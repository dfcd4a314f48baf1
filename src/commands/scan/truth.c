/* truth.c  --truth FILE: rank 0 reads and finds the windows of the run, and all ranks get the effects in them
 *
 * As with own attributions every rank holds all rows, because which windows it gets is not known before: 17 bytes a position
 * of a window that was measured, and as much again with standard errors. The plan counts them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/base/held_file.h"
#include "io/given/truth.h"
#include "mpi/agree.h"
#include "mpi/share.h"
#include "src/core/log.h"
#include "src/commands/scan/job.h"

mg_status mg_job_read_truth(const mg_job_setting *setting, const mg_job_explainer *explainer, mg_job_given *given,
                            mg_provenance *provenance, bool *ret_places, mg_error *err)
{
    const char *path = setting->options->truth;
    mg_held_file held;
    if (path == NULL) return MG_OK;
    mg_held_file_open(path, &held);
    mg_status status = MG_OK;
    if (held.file < 0) status = mg_fail(err, MG_EINPUT, "--truth: cannot open %s, or it is no regular file", path);
    if (status == MG_OK) status = mg_truth_read(path, explainer->model.network->length, &given->truth, err);
    if (status == MG_OK) status = mg_held_file_sum(&held, given->truth_sha256, err);
    if (status == MG_OK)
        status = mg_provenance_add_file(&provenance->inputs, &given->brief_inputs, "truth", &held, err);
    mg_held_file_close(&held);
    if (status == MG_OK && given->truth.by_chromosome) *ret_places = true;
    return status;
}

/* What was found, for people and for the provenance. */
static mg_status tell(const mg_job_setting *setting, mg_job_given *given, mg_error *err)
{
    size_t n = 0;
    FILE *out = open_memstream(&given->truth_found, &n);
    if (out == NULL) return mg_fail(err, MG_EMEM, "out of memory");
    mg_truth_describe(out, &given->truth);
    if (fclose(out) != 0) return mg_fail(err, MG_EMEM, "out of memory");
    const mg_truth_count *wrong = &given->truth.count[MG_TRUTH_CONTRADICTS];
    if (wrong->n > 0 && !given->is_shared)
        mg_warn("--truth: %" PRId64 " lines of %s have another reference base than the run, or one where it has none; "
                "line %" PRId64 " is the first",
                wrong->n, setting->options->truth, wrong->line);
    return MG_OK;
}

/* Ranks but 0 begin with nothing. */
static mg_status share_measured(MPI_Comm comm, mg_measured *m, mg_error *err)
{
    mg_foreign_rows *rows = &m->effect;
    int64_t shape[3] = {rows->n, rows->length, m->se != NULL};
    MPI_Bcast(shape, 3, MPI_INT64_T, 0, comm);
    rows->n = shape[0];
    rows->length = shape[1];
    rows->hypothetical = true;
    size_t n_base = (size_t)(rows->n * rows->length), n_value = n_base * MG_N_BASES * sizeof(float);
    unsigned char *value = (unsigned char *)rows->value, *se = (unsigned char *)m->se;
    mg_status status = mg_share_bytes(comm, &rows->base, &n_base, err);
    if (status == MG_OK) status = mg_share_bytes(comm, &value, &n_value, err);
    rows->value = (float *)(void *)value;
    if (status == MG_OK && shape[2] != 0) status = mg_share_bytes(comm, &se, &n_value, err);
    m->se = (float *)(void *)se;
    return status;
}

mg_status mg_job_match_truth(const mg_job_setting *setting, mg_job_explainer *explainer, mg_job_given *given,
                             mg_error *err)
{
    mg_measured measured = {0};
    mg_status status = MG_OK;
    if (setting->options->truth == NULL) return MG_OK;
    if (setting->rank == 0) {
        status = mg_truth_match(setting->options->truth, &given->truth, &given->distinct, given->input.how.anchor,
                                &measured, err);
        if (status == MG_OK) status = tell(setting, given, err);
        mg_truth_table_destroy(&given->truth);
    }
    status = mg_agree(setting->comm, status, err);
    if (status == MG_OK) status = share_measured(setting->comm, &measured, err);
    if (status == MG_OK) status = mg_agree(setting->comm, mg_study_set_measured(explainer->study, &measured, err), err);
    mg_measured_destroy(&measured);
    return status == MG_OK ? mg_agree(setting->comm, mg_job_list_methods(explainer, err), err) : status;
}
