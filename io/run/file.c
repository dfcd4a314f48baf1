/* file.c  rows of datasets by hyperslabs, one for each stretch of neighbours */
#include "io/run/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "io/run/field_h5.h"
#include "io/run/rows.h"
#include "io/run/run_seal.h"
#include "src/core/memory.h"

enum { MAX_LENGTH = 1 << 20 }; /* bases of a window that are believed */

/* --- open and close --- */

/* Files of 0.2 before scores had options have the name alone. */
static mg_status read_score_words(mg_run_file *run, mg_error *err)
{
    if (H5Aexists(run->file, "score_words") > 0) return mg_h5_read_text(run->file, "score_words", &run->score, err);
    return mg_copy_text(&run->score, run->shape.score_name, err);
}

static mg_status check_length(const mg_run_file *run, mg_error *err)
{
    int64_t length = run->shape.length;
    if (length >= 1 && length <= MAX_LENGTH && run->anchor >= 0 && run->anchor < length) return MG_OK;
    return mg_fail(err, MG_EINPUT, "windows of %lld bases, counted from %lld, are not to be believed",
                   (long long)length, (long long)run->anchor);
}

mg_status mg_run_no_group(const mg_run_file *run, const char *name, mg_error *err)
{
    char known[200] = "";
    for (mg_group g = 0; g < MG_N_GROUPS; g++) {
        const mg_task_group *group = mg_shape_group(&run->shape, g);
        size_t n = strlen(known);
        if (group != NULL) snprintf(known + n, sizeof known - n, "%s%s", n > 0 ? ", " : "", group->name);
    }
    return mg_fail(err, MG_EUSAGE, "%s has no group '%.40s'; its groups are %s", run->path, name, known);
}

/* What is kept of each window shows in which datasets there are. */
static mg_store find_store(const mg_run_file *run)
{
    char path[MG_FIELD_PATH];
    if (H5Lexists(run->file, "/mutation", H5P_DEFAULT) <= 0) return MG_STORE_SUMMARY;
    mg_run_file_set_path(run, MG_ATTRIBUTION_HYPOTHETICAL, 0, path);
    return H5Lexists(run->file, path, H5P_DEFAULT) > 0 ? MG_STORE_HYPOTHETICAL : MG_STORE_CONTRIBUTION;
}

static mg_status read_shape(mg_run_file *run, mg_error *err)
{
    mg_run_shape *shape = &run->shape;
    mg_status status = mg_h5_read_integer(run->file, "window_length", &shape->length, err);
    if (status == MG_OK) status = mg_h5_read_integer(run->file, "anchor", &run->anchor, err);
    if (status == MG_OK) status = check_length(run, err);
    shape->score_name = run->summary.score_name;
    shape->task = run->summary.task;
    if (status == MG_OK) status = read_score_words(run, err);
    if (status != MG_OK) return status;
    shape->n_transcripts = run->summary.n_transcripts;
    shape->n_genes = run->summary.n_genes;
    shape->n_chromosomes = run->summary.n_chromosomes;
    shape->n_places = run->summary.n_places;
    shape->n_windows = run->summary.n_windows;
    shape->n_clusters = run->summary.n_clusters;
    shape->n_methods = (int64_t)run->summary.n_methods;
    shape->n_baselines = (int64_t)run->summary.n_baselines;
    shape->metrics = run->summary.metrics;
    shape->n_rows = (int64_t)run->summary.n_rows;
    shape->n_pairs = (int64_t)run->summary.n_pairs;
    shape->store = find_store(run);
    shape->has_truth = H5Lexists(run->file, "/truth", H5P_DEFAULT) > 0;
    shape->has_truth_se = shape->has_truth && H5Lexists(run->file, mg_fields[MG_TRUTH_SE].path, H5P_DEFAULT) > 0;
    return MG_OK;
}

static mg_status read_provenance(mg_run_file *run, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_open_group(run->file, "/provenance", &group, err);
    if (status == MG_OK) status = mg_provenance_read(group, &run->provenance, err);
    mg_h5_close_group(group);
    return status;
}

mg_status mg_run_file_open(const char *path, mg_run_file *ret, mg_error *err)
{
    mg_run_file run = {.file = -1};
    mg_status status = mg_run_open_sealed(path, &run.file, &run.seal, err);
    if (status != MG_OK) return status;
    status = mg_copy_text(&run.path, path, err);
    if (status == MG_OK) status = mg_run_read_summary_of(run.file, path, run.seal.id, &run.summary, err);
    if (status == MG_OK) status = read_shape(&run, err);
    if (status == MG_OK) status = read_provenance(&run, err);
    if (status == MG_OK) {
        *ret = run;
        return MG_OK;
    }
    mg_run_file_close(&run);
    return mg_fail_prefix(err, "%s: ", path);
}

void mg_run_file_close(mg_run_file *run)
{
    if (run->path != NULL && run->file >= 0) H5Fclose(run->file);
    mg_seal_destroy(&run->seal);
    mg_run_summary_destroy(&run->summary);
    mg_provenance_destroy(&run->provenance);
    free(run->score);
    free(run->path);
    *run = (mg_run_file){.file = -1};
}

/* --- rows --- */

void mg_run_file_set_path(const mg_run_file *run, mg_field_id id, int64_t s, char path[MG_FIELD_PATH])
{
    mg_field_path(id, &run->shape, s, run->summary.method[mg_field_method(id, &run->shape, s)].name, path);
}

void mg_run_file_generalise(char path[MG_FIELD_PATH])
{
    char *slash = strrchr(path, '/');
    if (slash != NULL && slash + 2 < path + MG_FIELD_PATH) memcpy(slash + 1, "*", 2);
}

/* How many indices from `at` on follow each other. */
static int64_t stretch(const int64_t *window, int64_t n, int64_t at)
{
    int64_t end = at + 1;
    while (end < n && window[end] == window[end - 1] + 1)
        end++;
    return end - at;
}

static bool is_ascending(const int64_t *window, int64_t n)
{
    for (int64_t i = 1; i < n; i++)
        if (window[i] <= window[i - 1]) return false;
    return true;
}

/* A window that is wanted, and where it goes. */
typedef struct {
    int64_t window, to;
} wanted;

static int compare_wanted(const void *a, const void *b)
{
    const wanted *x = a, *y = b;
    if (x->window != y->window) return x->window < y->window ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/* Windows in any order, some of them again and again, as places have them: each is read once, in ascending order, so that
 * no chunk is taken in hand twice. */
static mg_status read_scattered(mg_rows *rows, const int64_t *window, int64_t n, size_t row, char *values,
                                mg_error *err)
{
    wanted *list = NULL;
    mg_status status = mg_alloc(&list, (size_t)n, sizeof *list, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++)
        list[i] = (wanted){window[i], i};
    if (status == MG_OK) qsort(list, (size_t)n, sizeof *list, compare_wanted);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        char *to = values + (size_t)list[i].to * row;
        if (i > 0 && list[i].window == list[i - 1].window)
            memcpy(to, values + (size_t)list[i - 1].to * row, row);
        else
            status = mg_rows_read(rows, list[i].window, 1, to, err);
    }
    free(list);
    return status;
}

static mg_status read_stretches(mg_rows *rows, const int64_t *window, int64_t n, size_t row, char *values,
                                mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t at = 0, count; status == MG_OK && at < n; at += count) {
        count = stretch(window, n, at);
        status = mg_rows_read(rows, window[at], count, values + (size_t)at * row, err);
    }
    return status;
}

mg_status mg_run_file_read(const mg_run_file *run, mg_field_id id, int64_t s, const int64_t *window, int64_t n,
                           void *values, mg_error *err)
{
    int64_t dim[MG_FIELD_MAX_DIMS];
    int n_dims = mg_field_dims(id, &run->shape, -1, dim);
    size_t n_text = (size_t)run->shape.length, row = mg_field_row_bytes(id, &run->shape);
    char path[MG_FIELD_PATH];
    hid_t set = -1;
    mg_field_types types = {-1, -1};
    mg_rows rows = {.set = -1};
    mg_run_file_set_path(run, id, s, path);
    mg_status status = mg_field_open_set(run->file, id, path, n_dims, dim, &set, &n_text, err);
    if (status == MG_OK && n_text != (size_t)run->shape.length)
        status = mg_fail(err, MG_EINPUT, "dataset %s has not the shape it should have", path);
    if (status == MG_OK) status = mg_field_open_types(id, n_text, &types, err);
    if (status == MG_OK)
        status = mg_rows_open(run->file, &run->seal, path, n_dims, dim, types.in_memory, row, &rows, err);
    if (status == MG_OK)
        status = is_ascending(window, n) ? read_stretches(&rows, window, n, row, values, err)
                                         : read_scattered(&rows, window, n, row, values, err);
    mg_rows_close(&rows);
    mg_field_close_types(&types);
    mg_h5_close_dataset(set);
    return status == MG_OK ? MG_OK : mg_fail_prefix(err, "%s: ", run->path);
}

mg_status mg_run_file_read_at_place(const mg_run_file *run, mg_field_id id, const int64_t *window, int64_t n,
                                    void *values, mg_error *err)
{
    int64_t *place = NULL;
    mg_status status = mg_alloc(&place, (size_t)n, sizeof *place, err);
    if (status == MG_OK) status = mg_run_file_read(run, MG_WINDOW_PLACE, 0, window, n, place, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++)
        if (place[i] < 0 || place[i] >= run->shape.n_places)
            status = mg_fail(err, MG_EINPUT, "%s: window %lld is found at no place; the file is damaged", run->path,
                             (long long)window[i]);
    if (status == MG_OK) status = mg_run_file_read(run, id, 0, place, n, values, err);
    free(place);
    return status;
}

/* --- transcripts and genes --- */

static mg_status read_items(const mg_run_file *run, mg_field_id id, int64_t first, int64_t n, void *values,
                            mg_error *err)
{
    int64_t dim[MG_FIELD_MAX_DIMS];
    mg_field_dims(id, &run->shape, -1, dim);
    int64_t n_all = dim[0];
    size_t n_text = 0;
    hid_t set = -1;
    mg_field_types types = {-1, -1};
    mg_rows rows = {.set = -1};
    const char *path = mg_fields[id].path;
    size_t row = mg_fields[id].type == MG_FIELD_TEXT ? MG_NAME_LENGTH + 1 : sizeof(int64_t);
    mg_status status = mg_field_open_set(run->file, id, path, 1, &n_all, &set, &n_text, err);
    if (status == MG_OK && n_text > MG_NAME_LENGTH)
        status = mg_fail(err, MG_EINPUT, "texts of dataset %s are too long", path);
    /* Read into one byte more than the longest, which leaves an ending zero. */
    if (status == MG_OK) status = mg_field_open_types(id, MG_NAME_LENGTH + 1, &types, err);
    if (status == MG_OK)
        status = mg_rows_open(run->file, &run->seal, path, 1, &n_all, types.in_memory, row, &rows, err);
    if (status == MG_OK) status = mg_rows_read(&rows, first, n, values, err);
    mg_rows_close(&rows);
    mg_field_close_types(&types);
    mg_h5_close_dataset(set);
    return status == MG_OK ? MG_OK : mg_fail_prefix(err, "%s: ", run->path);
}

mg_status mg_run_file_names(const mg_run_file *run, int64_t first, int64_t n, char (*name)[MG_NAME_LENGTH + 1],
                            mg_error *err)
{
    return read_items(run, MG_TRANSCRIPT_NAME, first, n, name, err);
}

mg_status mg_run_file_genes(const mg_run_file *run, mg_field_id id, int64_t first, int64_t n,
                            char (*name)[MG_NAME_LENGTH + 1], mg_error *err)
{
    return read_items(run, id, first, n, name, err);
}

mg_status mg_run_file_gene_of(const mg_run_file *run, int64_t first, int64_t n, int64_t *gene, mg_error *err)
{
    mg_status status = read_items(run, MG_TRANSCRIPT_GENE, first, n, gene, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++)
        if (gene[i] < -1 || gene[i] >= run->shape.n_genes)
            status = mg_fail(err, MG_EINPUT, "%s: transcript %lld is of a gene that is not there; the file is damaged",
                             run->path, (long long)(first + i));
    return status;
}

mg_status mg_run_file_lengths(const mg_run_file *run, int64_t first, int64_t n, int64_t *length, mg_error *err)
{
    return read_items(run, MG_TRANSCRIPT_LENGTH, first, n, length, err);
}

mg_status mg_run_file_chromosomes(const mg_run_file *run, int64_t first, int64_t n, char (*name)[MG_NAME_LENGTH + 1],
                                  int64_t *length, mg_error *err)
{
    mg_status status = read_items(run, MG_CHROMOSOME_NAME, first, n, name, err);
    return status == MG_OK ? read_items(run, MG_CHROMOSOME_LENGTH, first, n, length, err) : status;
}

mg_status mg_run_file_sites(const mg_run_file *run, int64_t n, const int64_t *chromosome_length, const int64_t *length,
                            int64_t *chromosome, int64_t *begin, int64_t *strand, mg_error *err)
{
    mg_status status = read_items(run, MG_TRANSCRIPT_CHROMOSOME, 0, n, chromosome, err);
    if (status == MG_OK) status = read_items(run, MG_TRANSCRIPT_BEGIN, 0, n, begin, err);
    if (status == MG_OK) status = read_items(run, MG_TRANSCRIPT_STRAND, 0, n, strand, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++) {
        bool there = chromosome[i] >= 0 && chromosome[i] < run->shape.n_chromosomes;
        bool fits = there && begin[i] >= 0 && length[i] > 0 && length[i] <= chromosome_length[chromosome[i]] &&
                    begin[i] <= chromosome_length[chromosome[i]] - length[i];
        if (!fits || (strand[i] != 1 && strand[i] != -1))
            status = mg_fail(err, MG_EINPUT, "%s: record %lld lies at no place of a chromosome; the file is damaged",
                             run->path, (long long)i);
    }
    return status;
}

mg_status mg_run_file_codes(const mg_run_file *run, int64_t first, int64_t n, int64_t *number, mg_error *err)
{
    return read_items(run, MG_TRANSCRIPT_CODE, first, n, number, err);
}
