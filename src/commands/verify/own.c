/* own.c  what came from files: own attributions and measured effects
 *
 * Own attributions are read again from the file that the provenance names, or that the user gives, if it has the sum of
 * then; else from the run, where that holds all that was in the file. Measured effects are taken from the run: which of a
 * file's lines are of which window depends on the whole input, which verify does not need. Either way the metrics are
 * worked out again.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/given/own.h"
#include "src/core/memory.h"
#include "src/shard/sample.h"
#include "src/commands/verify/verify.h"

/* --- where the file is --- */

/* The file that the user gives for a method; NULL: he gives none. */
static const char *given_file(const mg_verify *v, const char *name)
{
    const mg_text_list *list = &v->options->attributions;
    for (size_t k = 0; k < list->n; k++) {
        size_t n = strlen(name);
        if (strncmp(list->text[k], name, n) == 0 && list->text[k][n] == '=') return list->text[k] + n + 1;
    }
    return NULL;
}

/* Where it was then: of a line "attribution PATH SHA256" of the provenance. *ret is for the caller to free(); NULL: it is not
 * told. */
static mg_status recorded_file(const mg_verify *v, const char *sha256, char **ret, mg_error *err)
{
    static const char role[] = "attribution ";
    const size_t n_role = sizeof role - 1, n_sum = strlen(sha256);
    *ret = NULL;
    for (const char *line = v->run.provenance.inputs; line != NULL && *line != '\0';) {
        size_t n = strcspn(line, "\n");
        bool found = n > n_role + n_sum + 1 && strncmp(line, role, n_role) == 0 &&
                     strncmp(line + n - n_sum, sha256, n_sum) == 0 && line[n - n_sum - 1] == ' ';
        if (found) {
            mg_status status = mg_copy_text(ret, line + n_role, err);
            if (status == MG_OK) (*ret)[n - n_role - n_sum - 1] = '\0';
            return status;
        }
        line += n + (line[n] == '\n');
    }
    return MG_OK;
}

static const char *sum_of(const char *spec)
{
    const char *at = strstr(spec, ",sha256=");
    return at != NULL ? at + strlen(",sha256=") : "";
}

/* --- from the run --- */

/* A window where it stands in the order of bases. */
typedef struct {
    const mg_base *base;
    size_t length;
    int64_t at;
} place;

static int compare_places(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return memcmp(x->base, y->base, x->length);
}

/* The windows that are looked at, in the order of their bases. */
typedef struct {
    int64_t n, *window;
    mg_base *base;
    place *sorted;
} drawn;

static void destroy_drawn(drawn *d)
{
    free(d->window);
    free(d->base);
    free(d->sorted);
}

static mg_status read_drawn(const mg_verify *v, drawn *d, mg_error *err)
{
    size_t n = (size_t)v->n_drawn, length = (size_t)v->run.shape.length;
    char *letter = NULL;
    *d = (drawn){.n = v->n_drawn};
    mg_status status = mg_alloc(&d->window, n, sizeof *d->window, err);
    if (status == MG_OK) status = mg_alloc(&d->base, n, length, err);
    if (status == MG_OK) status = mg_alloc(&d->sorted, n, sizeof *d->sorted, err);
    if (status == MG_OK) status = mg_alloc(&letter, n, length, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        d->window[i] = mg_sample_window(v->run.shape.n_windows, v->n_drawn, (uint64_t)v->options->seed, (int64_t)i);
    if (status == MG_OK) status = mg_run_file_read(&v->run, MG_WINDOW_SEQUENCE, 0, d->window, d->n, letter, err);
    for (size_t k = 0; k < n * length && status == MG_OK; k++) {
        mg_base base = mg_base_from_letter(letter[k]);
        d->base[k] = base < MG_N_BASES ? base : MG_UNKNOWN;
    }
    for (size_t i = 0; i < n && status == MG_OK; i++)
        d->sorted[i] = (place){d->base + i * length, length, (int64_t)i};
    if (status == MG_OK) qsort(d->sorted, n, sizeof *d->sorted, compare_places);
    free(letter);
    return status;
}

/* A dataset (N, width) of the windows, in the order of their bases. */
static mg_status read_sorted(const mg_verify *v, const drawn *d, mg_field_id id, int64_t s, float **ret, mg_error *err)
{
    size_t width = mg_field_row_bytes(id, &v->run.shape) / sizeof(float);
    float *value = NULL;
    mg_status status = mg_alloc(&value, (size_t)d->n, width * sizeof *value, err);
    if (status == MG_OK) status = mg_alloc(ret, (size_t)d->n, width * sizeof **ret, err);
    if (status == MG_OK) status = mg_run_file_read(&v->run, id, s, d->window, d->n, value, err);
    for (int64_t i = 0; i < d->n && status == MG_OK; i++)
        memcpy(*ret + (size_t)i * width, value + (size_t)d->sorted[i].at * width, width * sizeof *value);
    free(value);
    return status;
}

static mg_status copy_bases(const mg_verify *v, const drawn *d, mg_foreign_rows *rows, mg_error *err)
{
    size_t length = (size_t)v->run.shape.length;
    rows->n = d->n;
    rows->length = v->run.shape.length;
    mg_status status = mg_alloc(&rows->base, (size_t)d->n, length, err);
    for (int64_t i = 0; i < d->n && status == MG_OK; i++)
        memcpy(rows->base + (size_t)i * length, d->sorted[i].base, length);
    return status;
}

/* Windows without a row have NaN in the run; they have none here as well. */
static void drop_empty(mg_foreign_rows *rows)
{
    int64_t n = 0, width = mg_foreign_width(rows);
    for (int64_t i = 0; i < rows->n; i++) {
        if (isnan(rows->value[i * width])) continue;
        if (n < i) memcpy(rows->base + n * rows->length, rows->base + i * rows->length, (size_t)rows->length);
        if (n < i) memcpy(rows->value + n * width, rows->value + i * width, (size_t)width * sizeof *rows->value);
        n++;
    }
    rows->n = n;
}

/* Rows of hypothetical contributions where the method has them, else of contributions. */
static mg_status rows_of_run(const mg_verify *v, int64_t m, mg_foreign_rows *ret, mg_error *err)
{
    drawn d;
    mg_status status = read_drawn(v, &d, err);
    if (status == MG_OK) status = copy_bases(v, &d, ret, err);
    ret->hypothetical = true;
    if (status == MG_OK) status = read_sorted(v, &d, MG_ATTRIBUTION_HYPOTHETICAL, m, &ret->value, err);
    if (status == MG_OK) drop_empty(ret);
    if (status == MG_OK && ret->n == 0) {
        mg_foreign_rows_destroy(ret);
        status = copy_bases(v, &d, ret, err);
        if (status == MG_OK) status = read_sorted(v, &d, MG_ATTRIBUTION_CONTRIBUTION, m, &ret->value, err);
        if (status == MG_OK) drop_empty(ret);
    }
    destroy_drawn(&d);
    return status;
}

/* --- own attributions --- */

static mg_status tell(mg_verify *v, const char *name, const char *from, mg_error *err)
{
    size_t n = 0;
    char *before = v->own;
    v->own = NULL;
    FILE *out = open_memstream(&v->own, &n);
    if (out != NULL) fprintf(out, "%s  %-11s %s, %s\n", before != NULL ? before : "", "own", name, from);
    bool fine = out != NULL && fclose(out) == 0;
    free(before);
    return fine ? MG_OK : mg_fail(err, MG_EMEM, "out of memory");
}

/* The rows of the file, if it is that of then. *ret_found: it is. */
static mg_status rows_of_file(mg_verify *v, const char *path, const char *sha256, bool given, mg_foreign_rows *ret,
                              bool *ret_found, mg_error *err)
{
    mg_own own = {0};
    *ret_found = false;
    if (!given && (path == NULL || access(path, R_OK) != 0)) return MG_OK;
    mg_status status = mg_own_read(path, v->run.shape.length, &own, err);
    if (status == MG_OK && strcmp(own.sha256, sha256) != 0 && given)
        status = mg_fail(err, MG_EINPUT, "%s is not the file that %s was made with (sha256 %s, not %s)", path,
                         v->run.path, own.sha256, sha256);
    *ret_found = status == MG_OK && strcmp(own.sha256, sha256) == 0;
    if (*ret_found) {
        *ret = own.rows;
        own.rows = (mg_foreign_rows){0};
    }
    mg_own_destroy(&own);
    return given ? status : MG_OK; /* what lies there now may be anything */
}

static mg_status add_foreign(mg_verify *v, size_t m, mg_error *err)
{
    const char *spec = v->run.summary.method[m].spec, *sha256 = sum_of(spec);
    char name[MG_METHOD_NAME], *recorded = NULL;
    mg_foreign_rows rows = {0};
    bool found = false;
    mg_foreign_is(spec, name);
    mg_status status = recorded_file(v, sha256, &recorded, err);
    const char *given = given_file(v, name), *path = given != NULL ? given : recorded;
    if (status == MG_OK) status = rows_of_file(v, path, sha256, given != NULL, &rows, &found, err);
    bool in_run = v->run.shape.store == MG_STORE_HYPOTHETICAL;
    if (status == MG_OK && !found && !in_run)
        status = mg_fail(err, MG_EINPUT,
                         "%s has own attributions %s of %s, which is not there any more, or another file now; give "
                         "--attribution %s=FILE with the file of then",
                         v->run.path, name, path != NULL ? path : "a file", name);
    if (status == MG_OK && !found) status = rows_of_run(v, (int64_t)m, &rows, err);
    if (status == MG_OK)
        status = tell(v, name,
                      found ? "read again from its file, sha256 as recorded"
                            : "as the run has them: their file is not there",
                      err);
    if (status == MG_OK && mg_study_add_foreign(v->study, name, sha256, &rows, err) != MG_OK)
        status = mg_fail(err, MG_EINPUT, "%s: method %s cannot be taken in; the file is damaged", v->run.path, spec);
    mg_foreign_rows_destroy(&rows);
    free(recorded);
    return status;
}

/* --- measured effects --- */

static mg_status add_measured(mg_verify *v, mg_error *err)
{
    const mg_run_shape *shape = &v->run.shape;
    mg_measured measured = {.effect.hypothetical = true};
    drawn d;
    bool compared = mg_metric_set_find(v->run.summary.metrics, "measured_spearman", "all") < v->run.summary.metrics->n;
    if (compared && !shape->has_truth)
        return mg_fail(err, MG_EINPUT,
                       "%s was compared with measured effects, but keeps none of them (--store summary); its metrics "
                       "cannot be worked out again",
                       v->run.path);
    if (!shape->has_truth) return MG_OK;
    mg_status status = read_drawn(v, &d, err);
    if (status == MG_OK) status = copy_bases(v, &d, &measured.effect, err);
    if (status == MG_OK) status = read_sorted(v, &d, MG_TRUTH_EFFECT, 0, &measured.effect.value, err);
    if (status == MG_OK && shape->has_truth_se) status = read_sorted(v, &d, MG_TRUTH_SE, 0, &measured.se, err);
    if (status == MG_OK) status = tell(v, "truth", "as the run has it", err);
    if (status == MG_OK) status = mg_study_set_measured(v->study, &measured, err);
    mg_measured_destroy(&measured);
    destroy_drawn(&d);
    return status;
}

mg_status mg_verify_add_own(mg_verify *v, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t m = 0; m < v->run.summary.n_methods && status == MG_OK; m++)
        if (mg_foreign_is(v->run.summary.method[m].spec, NULL)) status = add_foreign(v, m, err);
    return status == MG_OK ? add_measured(v, err) : status;
}
