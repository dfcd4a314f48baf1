/* own.c  --attribution NAME=FILE: rank 0 reads, keeps the rows of the run's windows, and all ranks get them
 *
 * Every rank holds all rows that it may need, because which windows it gets is not known before: L letters and L or 4 L
 * float32 a window, some 3.5 KB with 203 nt and hypothetical contributions. The plan counts them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/given/own.h"
#include "mpi/agree.h"
#include "mpi/share.h"
#include "src/core/log.h"
#include "src/core/memory.h"
#include "src/commands/scan/job.h"

/* "NAME=FILE" -> name, and where FILE begins */
static mg_status split(const char *text, char name[MG_METHOD_NAME], const char **ret_path, mg_error *err)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals[1] == '\0' || equals - text >= MG_METHOD_NAME)
        return mg_fail(err, MG_EUSAGE, "--attribution %s: NAME=FILE is wanted, the name of a method and its file",
                       text);
    snprintf(name, MG_METHOD_NAME, "%.*s", (int)(equals - text), text);
    *ret_path = equals + 1;
    mg_status status = mg_foreign_check_name(name, err);
    return status == MG_OK ? MG_OK : mg_fail_prefix(err, "--attribution: ");
}

/* What was found, for people and for the provenance; the file's sum among the inputs. */
static mg_status tell(mg_job_given *given, mg_provenance *provenance, const char *name, const char *path,
                      const mg_own *own, mg_error *err)
{
    const char *slash = strrchr(path, '/'), *file = slash != NULL ? slash + 1 : path;
    int64_t n_without = given->distinct.n_windows - own->n_matched;
    char rows[MG_COUNT_TEXT], matched[MG_COUNT_TEXT], without[MG_COUNT_TEXT], strange[MG_COUNT_TEXT],
        repeated[MG_COUNT_TEXT];
    mg_status status = mg_provenance_add_line(
        &given->own, err,
        "%s: %s rows of %s, %s; windows of the run with one: %s, without: %s; rows of no window of the run: %s, given "
        "again: %s",
        name, mg_format_count(rows, own->n_rows), file,
        own->rows.hypothetical ? "hypothetical contributions" : "contributions",
        mg_format_count(matched, own->n_matched), mg_format_count(without, n_without),
        mg_format_count(strange, own->n_strange), mg_format_count(repeated, own->n_repeated));
    if (status == MG_OK)
        status = mg_provenance_add_line(&provenance->inputs, err, "attribution %s %s", path, own->sha256);
    if (status == MG_OK)
        status = mg_provenance_add_line(&given->brief_inputs, err, "attribution %s %s", file, own->sha256);
    if (status == MG_OK && n_without > 0 && !given->is_shared)
        mg_warn("--attribution %s: %s of the run's %" PRId64 " windows have no row; their metrics of it are undefined",
                name, without, given->distinct.n_windows);
    return status;
}

static mg_status read_own(const mg_job_explainer *explainer, mg_job_given *given, mg_provenance *provenance,
                          const char *text, char name[MG_METHOD_NAME], mg_own *own, mg_error *err)
{
    const char *path = NULL;
    mg_status status = split(text, name, &path, err);
    if (status == MG_OK) status = mg_own_read(path, explainer->model.network->length, own, err);
    if (status == MG_OK) status = mg_own_match(path, &given->distinct, own, err);
    return status == MG_OK ? tell(given, provenance, name, path, own, err) : status;
}

/* --- to all ranks --- */

static mg_status share_rows(MPI_Comm comm, mg_foreign_rows *rows, mg_error *err)
{
    int64_t shape[3] = {rows->n, rows->length, rows->hypothetical};
    MPI_Bcast(shape, 3, MPI_INT64_T, 0, comm);
    rows->n = shape[0];
    rows->length = shape[1];
    rows->hypothetical = shape[2] != 0;
    size_t n_base = (size_t)(rows->n * rows->length),
           n_value = (size_t)(rows->n * mg_foreign_width(rows)) * sizeof(float);
    unsigned char *value = (unsigned char *)rows->value;
    mg_status status = mg_share_bytes(comm, &rows->base, &n_base, err);
    if (status == MG_OK) status = mg_share_bytes(comm, &value, &n_value, err);
    rows->value = (float *)(void *)value;
    return status;
}

static mg_status add_method(const mg_job_setting *setting, mg_job_explainer *explainer, mg_job_given *given,
                            mg_provenance *provenance, const char *text, mg_error *err)
{
    mg_own own = {0};
    char name[MG_METHOD_NAME] = "";
    mg_status status = setting->rank == 0 ? read_own(explainer, given, provenance, text, name, &own, err) : MG_OK;
    status = mg_agree(setting->comm, status, err);
    if (status == MG_OK) {
        MPI_Bcast(name, sizeof name, MPI_CHAR, 0, setting->comm);
        MPI_Bcast(own.sha256, sizeof own.sha256, MPI_CHAR, 0, setting->comm);
        status = share_rows(setting->comm, &own.rows, err);
    }
    if (status == MG_OK)
        status = mg_agree(setting->comm, mg_study_add_foreign(explainer->study, name, own.sha256, &own.rows, err), err);
    mg_own_destroy(&own);
    return status;
}

mg_status mg_job_read_attributions(const mg_job_setting *setting, mg_job_explainer *explainer, mg_job_given *given,
                                   mg_provenance *provenance, mg_error *err)
{
    const mg_text_list *list = &setting->options->attributions;
    mg_status status = MG_OK;
    for (size_t k = 0; k < list->n && status == MG_OK; k++)
        status = add_method(setting, explainer, given, provenance, list->text[k], err);
    return status == MG_OK ? mg_agree(setting->comm, mg_job_list_methods(explainer, err), err) : status;
}
