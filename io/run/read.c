/* read.c  methods and aggregates out of run.h5, with every dataset checked before it is believed */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/run/field_h5.h"
#include "io/base/h5.h"
#include "io/run/columns.h"
#include "io/run/run_h5.h"
#include "io/run/run_seal.h"
#include "src/core/memory.h"

enum { MAX_METHODS = 1000, MAX_TEXT = 4096, MOST_PACKED = 1100 /* bytes that deflate makes of one */ };

/* --- whole columns --- */

/* A dataset of n texts; *ret (n, *ret_width) with an ending zero each, for the caller to free(). */
static mg_status read_texts(hid_t file, mg_field_id id, int64_t n, char **ret, size_t *ret_width, mg_error *err)
{
    hid_t set = -1;
    size_t n_text = 0;
    mg_field_types types = {-1, -1};
    const char *path = mg_fields[id].path;
    char *texts = NULL;
    mg_status status = mg_field_open_set(file, id, path, 1, &n, &set, &n_text, err);
    if (status == MG_OK && n_text > MAX_TEXT)
        status = mg_fail(err, MG_EINPUT, "texts of dataset %s are too long", path);
    /* Reading into one byte more than the longest leaves an ending zero. */
    if (status == MG_OK) status = mg_field_open_types(id, n_text + 1, &types, err);
    if (status == MG_OK) status = mg_alloc(&texts, (size_t)n, n_text + 1, err);
    if (status == MG_OK && H5Dread(set, types.in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot read dataset %s", path);
    for (int64_t i = 0; status == MG_OK && i < n; i++)
        texts[(size_t)(i + 1) * (n_text + 1) - 1] = '\0';
    mg_field_close_types(&types);
    mg_h5_close_dataset(set);
    if (status != MG_OK) {
        free(texts);
        return status;
    }
    *ret = texts;
    *ret_width = n_text + 1;
    return MG_OK;
}

static mg_status read_numbers(hid_t file, mg_field_id id, int64_t n, void *values, mg_error *err)
{
    hid_t set = -1;
    mg_field_types types = {-1, -1};
    const char *path = mg_fields[id].path;
    mg_status status = mg_field_open_set(file, id, path, 1, &n, &set, NULL, err);
    if (status == MG_OK) status = mg_field_open_types(id, 0, &types, err);
    if (status == MG_OK && H5Dread(set, types.in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot read dataset %s", path);
    mg_field_close_types(&types);
    mg_h5_close_dataset(set);
    return status;
}

/* --- methods --- */

static mg_status read_extent(hid_t file, const char *path, int64_t *ret, mg_error *err)
{
    hsize_t dim[H5S_MAX_RANK] = {0};
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) return mg_fail(err, MG_EINPUT, "there is no dataset %s", path);
    hid_t space = H5Dget_space(set);
    int n_dims = space < 0 ? -1 : H5Sget_simple_extent_dims(space, dim, NULL);
    hsize_t stored = H5Dget_storage_size(set);
    mg_h5_close_space(space);
    mg_h5_close_dataset(set);
    if (n_dims != 1 || dim[0] > INT64_MAX)
        return mg_fail(err, MG_EINPUT, "dataset %s has not the shape it should have", path);
    if (dim[0] / MOST_PACKED > stored)
        return mg_fail(err, MG_EINPUT, "dataset %s claims %llu rows, which are not in the file", path,
                       (unsigned long long)dim[0]);
    *ret = (int64_t)dim[0];
    return MG_OK;
}

/* Texts of n methods from `first` on. */
static mg_status read_method_texts(hid_t file, mg_field_id id, size_t offset, size_t room, size_t first, size_t n,
                                   mg_run_summary *ret, mg_error *err)
{
    char *texts = NULL;
    size_t width = 0;
    mg_status status = read_texts(file, id, (int64_t)n, &texts, &width, err);
    for (size_t m = 0; status == MG_OK && m < n; m++)
        snprintf((char *)&ret->method[first + m] + offset, room, "%s", texts + m * width);
    free(texts);
    return status;
}

/* How many there are, of methods and of baselines, which stand behind them in memory. */
static mg_status count_methods(hid_t file, mg_run_summary *ret, mg_error *err)
{
    int64_t n = 0, n_baselines = 0;
    mg_status status = read_extent(file, mg_fields[MG_METHOD_FIELD_NAME].path, &n, err);
    if (status == MG_OK) status = read_extent(file, mg_fields[MG_BASELINE_FIELD_NAME].path, &n_baselines, err);
    if (status == MG_OK && (n < 1 || n > MAX_METHODS || n_baselines > MAX_METHODS))
        status = mg_fail(err, MG_EINPUT, "%lld methods and %lld baselines are not to be believed", (long long)n,
                         (long long)n_baselines);
    if (status == MG_OK) status = mg_alloc(&ret->method, (size_t)(n + n_baselines), sizeof *ret->method, err);
    if (status != MG_OK) return status;
    ret->n_methods = (size_t)n;
    ret->n_baselines = (size_t)n_baselines;
    return MG_OK;
}

static mg_status read_passes(hid_t file, mg_run_summary *ret, mg_error *err)
{
    int64_t *passes = NULL;
    mg_status status = mg_alloc(&passes, ret->n_methods, sizeof *passes, err);
    if (status == MG_OK) status = read_numbers(file, MG_METHOD_FIELD_PASSES, (int64_t)ret->n_methods, passes, err);
    for (size_t m = 0; m < ret->n_methods && status == MG_OK; m++)
        ret->method[m].passes = passes[m];
    free(passes);
    return status;
}

static mg_status read_methods(hid_t file, mg_run_summary *ret, mg_error *err)
{
    static const struct {
        mg_field_id id;
        size_t offset, room;
        bool baseline;
    } text[] = {{MG_METHOD_FIELD_NAME, offsetof(mg_run_method, name), MG_METHOD_NAME, false},
                {MG_METHOD_FIELD_LABEL, offsetof(mg_run_method, label), MG_METHOD_LABEL, false},
                {MG_METHOD_FIELD_SPEC, offsetof(mg_run_method, spec), MG_METHOD_SPEC, false},
                {MG_METHOD_FIELD_SOURCE, offsetof(mg_run_method, source), MG_METHOD_SOURCE, false},
                {MG_BASELINE_FIELD_NAME, offsetof(mg_run_method, name), MG_METHOD_NAME, true},
                {MG_BASELINE_FIELD_LABEL, offsetof(mg_run_method, label), MG_METHOD_LABEL, true},
                {MG_BASELINE_FIELD_SOURCE, offsetof(mg_run_method, source), MG_METHOD_SOURCE, true}};
    mg_status status = count_methods(file, ret, err);
    for (size_t k = 0; k < sizeof text / sizeof *text && status == MG_OK; k++)
        status =
            read_method_texts(file, text[k].id, text[k].offset, text[k].room, text[k].baseline ? ret->n_methods : 0,
                              text[k].baseline ? ret->n_baselines : ret->n_methods, ret, err);
    return status == MG_OK ? read_passes(file, ret, err) : status;
}

/* --- aggregates --- */

static mg_status read_number_column(hid_t file, const mg_column *column, size_t row_bytes, size_t n, void *rows,
                                    mg_error *err)
{
    uint64_t *values = NULL;
    mg_status status = mg_alloc(&values, n, sizeof *values, err);
    if (status == MG_OK) status = read_numbers(file, column->field, (int64_t)n, values, err);
    for (size_t i = 0; status == MG_OK && i < n; i++)
        memcpy((char *)rows + i * row_bytes + column->offset, &values[i], sizeof *values);
    free(values);
    return status;
}

static mg_status read_name_column(hid_t file, const mg_column *column, size_t row_bytes, size_t n,
                                  const mg_run_summary *run, void *rows, mg_error *err)
{
    const mg_run_names names_of = {run->n_methods, run->n_baselines, run->method, run->metrics};
    char *names = NULL;
    size_t width = 0;
    mg_status status = read_texts(file, column->field, (int64_t)n, &names, &width, err);
    for (size_t i = 0; status == MG_OK && i < n; i++) {
        const char *name = names + i * width;
        if (!mg_column_put_name(column, name, &names_of, (char *)rows + i * row_bytes))
            status = mg_fail(err, MG_EINPUT, "'%.64s' in dataset %s is not known to this version", name,
                             mg_fields[column->field].path);
    }
    free(names);
    return status;
}

static mg_status read_table(hid_t file, const mg_column_table *table, size_t n, const mg_run_summary *run, void *rows,
                            mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t c = 0; c < table->n_columns && status == MG_OK; c++) {
        const mg_column *column = &table->column[c];
        if (column->kind == MG_COLUMN_NUMBER)
            status = read_number_column(file, column, table->row_bytes, n, rows, err);
        else
            status = read_name_column(file, column, table->row_bytes, n, run, rows, err);
    }
    return status;
}

/* Groups of the file: those that its task has under its score, the first of all. */
static mg_status count_groups(hid_t file, int64_t n_each, size_t *ret, mg_error *err)
{
    int64_t n = 0;
    mg_status status = read_extent(file, mg_fields[MG_ROW_N].path, &n, err);
    if (status == MG_OK && (n % n_each != 0 || n / n_each < 1 || n / n_each > MG_N_GROUPS))
        status = mg_fail(err, MG_EINPUT, "dataset %s has not the shape it should have", mg_fields[MG_ROW_N].path);
    *ret = (size_t)(n / n_each);
    return status;
}

/* Each metric's rows and pairs to where those of MG_N_GROUPS groups stand, from the last on; what is not there is empty. */
static void spread_groups(mg_run_summary *run, size_t n_groups)
{
    size_t n_methods = run->n_methods + run->n_baselines,
           n_pairs = mg_summary_n_contests(run->n_methods, run->n_baselines);
    for (size_t metric = run->n_rows / n_methods / MG_N_GROUPS; metric-- > 0;)
        for (size_t g = MG_N_GROUPS; g-- > 0;) {
            mg_summary_row *row = run->row + (metric * MG_N_GROUPS + g) * n_methods;
            mg_summary_pair *pair = run->pair + (metric * MG_N_GROUPS + g) * n_pairs;
            bool there = g < n_groups;
            if (there) memmove(row, run->row + (metric * n_groups + g) * n_methods, n_methods * sizeof *row);
            if (there) memmove(pair, run->pair + (metric * n_groups + g) * n_pairs, n_pairs * sizeof *pair);
            for (size_t m = 0; m < n_methods && !there; m++)
                row[m] = mg_summary_no_row((int32_t)metric, (int32_t)g, (int32_t)m);
            for (size_t k = 0; k < n_pairs && !there; k++)
                pair[k] = mg_summary_no_pair(&run->pair[k], (int32_t)metric, (int32_t)g);
        }
}

static mg_status read_aggregates(hid_t file, mg_run_summary *ret, mg_error *err)
{
    size_t n_rows = (size_t)mg_run_n_rows((int64_t)ret->n_methods, (int64_t)ret->n_baselines, ret->metrics->n),
           n_groups = 0;
    size_t n_pairs = (size_t)mg_run_n_pairs((int64_t)ret->n_methods, (int64_t)ret->n_baselines, ret->metrics->n);
    mg_status status = mg_alloc(&ret->row, n_rows, sizeof *ret->row, err);
    if (status == MG_OK) status = mg_alloc(&ret->pair, n_pairs, sizeof *ret->pair, err);
    ret->n_rows = n_rows;
    ret->n_pairs = n_pairs;
    if (status == MG_OK) status = count_groups(file, (int64_t)(n_rows / MG_N_GROUPS), &n_groups, err);
    if (status == MG_OK)
        status = read_table(file, &mg_row_columns, n_rows / MG_N_GROUPS * n_groups, ret, ret->row, err);
    if (status == MG_OK)
        status = read_table(file, &mg_pair_columns, n_pairs / MG_N_GROUPS * n_groups, ret, ret->pair, err);
    if (status == MG_OK) spread_groups(ret, n_groups);
    for (size_t k = 0; k < ret->n_rows && status == MG_OK; k++)
        ret->row[k].better = ret->metrics->info[ret->row[k].metric].better;
    for (size_t k = 0; k < ret->n_pairs && status == MG_OK; k++)
        ret->pair[k].better = ret->metrics->info[ret->pair[k].metric].better;
    return status;
}

/* --- the shards of a virtual layout --- */

/* Are the rows that are looked for in a dataset there? */
static bool has_rows(hid_t set, hid_t wanted)
{
    hsize_t begin[H5S_MAX_RANK], end[H5S_MAX_RANK], size[H5S_MAX_RANK];
    hid_t found = H5Dget_space(set);
    int n = found >= 0 ? H5Sget_simple_extent_dims(found, size, NULL) : -1;
    bool fits = n > 0 && H5Sget_simple_extent_ndims(wanted) == n && H5Sget_select_bounds(wanted, begin, end) >= 0;
    for (int d = 0; fits && d < n; d++)
        fits = end[d] < size[d];
    mg_h5_close_space(found);
    return fits;
}

/* What HDF5 does not find in a shard it reads as zeros, without a word: so each shard is opened once. */
static mg_status check_source(hid_t list, size_t k, const char *whole, const char *id, mg_error *err)
{
    char name[MAX_TEXT] = "";
    hid_t file = -1, set = -1, wanted = H5Pget_virtual_srcspace(list, k);
    mg_status status = mg_shard_file_check(whole, id, (int64_t)k, false, err);
    if (status == MG_OK) status = mg_h5_open_file(whole, &file, err);
    if (status == MG_OK && H5Pget_virtual_dsetname(list, k, name, sizeof name) > 0)
        set = H5Dopen2(file, name, H5P_DEFAULT);
    if (status == MG_OK && (set < 0 || wanted < 0 || !has_rows(set, wanted)))
        status = mg_fail(err, MG_EINPUT, "%s is no shard of this run: it lacks rows of dataset %.64s", whole, name);
    mg_h5_close_space(wanted);
    mg_h5_close_dataset(set);
    if (file >= 0) H5Fclose(file);
    return status;
}

/* The files that a dataset refers to are beside `path`, in a folder. */
static mg_status look_for_source(const char *path, const char *source, const char *id, hid_t list, size_t k,
                                 mg_error *err)
{
    const char *slash = strrchr(path, '/');
    int n_folder = slash != NULL ? (int)(slash + 1 - path) : 0;
    char *whole = NULL;
    if (asprintf(&whole, "%.*s%s", n_folder, path, source) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status;
    if (access(whole, R_OK) == 0)
        status = check_source(list, k, whole, id, err);
    else
        status = mg_fail(err, MG_EINPUT,
                         "cannot read %s: %s; this run keeps its numbers by position in the folder %.*s, which has to "
                         "stay beside it",
                         source, strerror(errno), (int)strcspn(source, "/"), source);
    free(whole);
    return status;
}

bool mg_run_allow_files(int64_t n)
{
    enum { OTHER_FILES = 128 };
    struct rlimit limit;
    rlim_t wanted = (rlim_t)n + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return true;
    if (limit.rlim_max < wanted) return false;
    limit.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* All datasets by position refer to the same files: one is enough. */
static mg_status check_shards(hid_t file, const char *path, const char *id, mg_error *err)
{
    hid_t set = H5Dopen2(file, mg_fields[MG_WINDOW_SEQUENCE].path, H5P_DEFAULT);
    if (set < 0) return mg_fail(err, MG_EINPUT, "there is no dataset %s", mg_fields[MG_WINDOW_SEQUENCE].path);
    hid_t list = H5Dget_create_plist(set);
    size_t n = 0;
    mg_status status = MG_OK;
    if (list >= 0 && H5Pget_layout(list) == H5D_VIRTUAL && H5Pget_virtual_count(list, &n) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot tell where its shards are");
    for (size_t k = 0; k < n && status == MG_OK; k++) {
        char source[MAX_TEXT];
        ssize_t length = H5Pget_virtual_filename(list, k, source, sizeof source);
        if (length < 0 || length >= MAX_TEXT)
            status = mg_fail(err, MG_EINPUT, "cannot tell where shard %zu is", k);
        else
            status = look_for_source(path, source, id, list, k, err);
    }
    if (status == MG_OK && n > 0 && !mg_run_allow_files((int64_t)n))
        status = mg_fail(err, MG_EINPUT, "the system does not allow its %zu shards to be open at once (ulimit -n)", n);
    mg_h5_close_list(list);
    mg_h5_close_dataset(set);
    return status;
}

/* --- the whole --- */

static mg_status check_format(hid_t file, mg_error *err)
{
    char *format = NULL;
    int64_t version = 0;
    mg_error ignored;
    int ours = mg_h5_read_text(file, "format", &format, &ignored) == MG_OK && strcmp(format, "mutagree-run") == 0;
    free(format);
    if (!ours) return mg_fail(err, MG_EINPUT, "not a run of mutagree scan; a report is made of its --out file");
    mg_status status = mg_h5_read_integer(file, "version", &version, err);
    if (status == MG_OK && version != MG_RUN_VERSION)
        status = mg_fail(err, MG_EINPUT, "written in version %lld of the format; this program reads version %d%s",
                         (long long)version, MG_RUN_VERSION,
                         version < MG_RUN_VERSION ? ": make the run again with this program" : "");
    return status;
}

/* Files without the attribute are of starts. */
static mg_status read_task(hid_t file, mg_run_summary *ret, mg_error *err)
{
    char *name = NULL;
    ret->task = mg_task_at(MG_TASK_STARTS);
    if (H5Aexists(file, "task") <= 0) return MG_OK;
    mg_status status = mg_h5_read_text(file, "task", &name, err);
    if (status == MG_OK && mg_task_find(name, &ret->task, err) != MG_OK)
        status = mg_fail(err, MG_EINPUT, "task '%.64s' is not known to this version", name);
    free(name);
    return status;
}

static mg_status read_score(hid_t file, mg_run_summary *ret, mg_error *err)
{
    char *score = NULL;
    mg_status status = mg_h5_read_text(file, "score", &score, err);
    if (status != MG_OK) return status;
    ret->score_name = mg_score_known(score);
    if (ret->score_name == NULL) status = mg_fail(err, MG_EINPUT, "score '%.64s' is not known to this version", score);
    free(score);
    return status;
}

static mg_status read_facts(hid_t file, mg_run_summary *ret, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_open_group(file, "/summary", &group, err);
    for (mg_fact f = 0; f < MG_N_FACTS && status == MG_OK; f++)
        status = mg_h5_read_text(group, mg_fact_keys[f], &ret->fact[f], err);
    mg_h5_close_group(group);
    return status;
}

static mg_status read_sizes(hid_t file, mg_run_summary *ret, mg_error *err)
{
    mg_status status = read_extent(file, mg_fields[MG_WINDOW_PLACE].path, &ret->n_windows, err);
    if (status == MG_OK) status = read_extent(file, mg_fields[MG_PLACE_WINDOW].path, &ret->n_places, err);
    if (status == MG_OK) status = read_extent(file, mg_fields[MG_TRANSCRIPT_LENGTH].path, &ret->n_transcripts, err);
    if (status == MG_OK) status = read_extent(file, mg_fields[MG_GENE_ID].path, &ret->n_genes, err);
    if (status == MG_OK) status = read_extent(file, mg_fields[MG_CHROMOSOME_NAME].path, &ret->n_chromosomes, err);
    if (status == MG_OK) status = mg_h5_read_integer(file, "clusters", &ret->n_clusters, err);
    if (status == MG_OK && (ret->n_clusters < 0 || ret->n_clusters > ret->n_windows))
        status = mg_fail(err, MG_EINPUT, "%lld clusters of %lld windows are not to be believed",
                         (long long)ret->n_clusters, (long long)ret->n_windows);
    return status;
}

/* --- metrics --- */

/* One column of /metrics into a member of each row. */
static mg_status read_metric_texts(hid_t file, mg_field_id id, size_t offset, size_t room, mg_metric_set *set,
                                   mg_error *err)
{
    char *texts = NULL;
    size_t width = 0;
    mg_status status = read_texts(file, id, (int64_t)set->n, &texts, &width, err);
    for (size_t k = 0; k < set->n && status == MG_OK; k++) {
        const char *text = texts + k * width;
        if (strlen(text) >= room)
            status = mg_fail(err, MG_EINPUT, "'%.64s' in dataset %s is too long", text, mg_fields[id].path);
        else
            memcpy((char *)&set->info[k] + offset, text, strlen(text) + 1);
    }
    free(texts);
    return status;
}

static mg_status read_families(hid_t file, mg_metric_set *set, mg_error *err)
{
    char *texts = NULL;
    size_t width = 0;
    mg_status status = read_texts(file, MG_METRIC_FIELD_FAMILY, (int64_t)set->n, &texts, &width, err);
    for (size_t k = 0; k < set->n && status == MG_OK; k++) {
        int family = 0;
        while (family < MG_N_FAMILIES && strcmp(mg_family_names[family], texts + k * width) != 0)
            family++;
        if (family == MG_N_FAMILIES)
            status =
                mg_fail(err, MG_EINPUT, "family '%.64s' of metrics is not known to this version", texts + k * width);
        else
            set->info[k].family = (mg_family)family;
    }
    free(texts);
    return status;
}

static mg_status read_metric_numbers(hid_t file, mg_metric_set *set, mg_error *err)
{
    int8_t better[MG_MAX_METRICS], sampled[MG_MAX_METRICS], point[MG_MAX_METRICS];
    mg_status status = read_numbers(file, MG_METRIC_FIELD_BETTER, (int64_t)set->n, better, err);
    if (status == MG_OK) status = read_numbers(file, MG_METRIC_FIELD_SAMPLED, (int64_t)set->n, sampled, err);
    if (status == MG_OK) status = read_numbers(file, MG_METRIC_FIELD_POINT, (int64_t)set->n, point, err);
    for (size_t k = 0; k < set->n && status == MG_OK; k++) {
        set->info[k].better = (mg_better)better[k];
        set->info[k].sampled = sampled[k] != 0;
        set->info[k].point = point[k] > 0 ? (uint8_t)point[k] : 0;
        if (better[k] != MG_BETTER_LARGER && better[k] != MG_BETTER_SMALLER && better[k] != MG_BETTER_SMALLER_MAGNITUDE)
            status = mg_fail(err, MG_EINPUT, "metric '%s' is better in direction %d, which this version does not know",
                             set->info[k].dataset, better[k]);
    }
    return status;
}

/* Every set begins with the same metrics, by which the program speaks of them (mg_metric). */
static mg_status check_first_metrics(const mg_metric_set *set, mg_error *err)
{
    const mg_regions none = {0};
    mg_metric_set first;
    mg_metric_set_single(&none, &first);
    for (size_t k = 0; k < first.n; k++)
        if (k >= set->n || strcmp(set->info[k].dataset, first.info[k].dataset) != 0)
            return mg_fail(err, MG_EINPUT, "metric '%s' stands where this version has '%s'",
                           k < set->n ? set->info[k].dataset : "", first.info[k].dataset);
    for (size_t k = 0; k < set->n; k++)
        if (mg_metric_set_find(set, set->info[k].name, set->info[k].region) != k)
            return mg_fail(err, MG_EINPUT, "metric '%s' is listed twice", set->info[k].dataset);
    return MG_OK;
}

static mg_status read_metrics(hid_t file, mg_run_summary *ret, mg_error *err)
{
    static const struct {
        mg_field_id id;
        size_t offset, room;
    } text[] = {{MG_METRIC_FIELD_DATASET, offsetof(mg_metric_info, dataset), MG_METRIC_NAME},
                {MG_METRIC_FIELD_METRIC, offsetof(mg_metric_info, name), MG_METRIC_NAME},
                {MG_METRIC_FIELD_REGION, offsetof(mg_metric_info, region), MG_METRIC_NAME},
                {MG_METRIC_FIELD_UNIT, offsetof(mg_metric_info, unit), MG_METRIC_UNIT},
                {MG_METRIC_FIELD_DESCRIPTION, offsetof(mg_metric_info, description), MG_METRIC_DESCRIPTION}};
    int64_t n = 0;
    mg_status status = read_extent(file, mg_fields[MG_METRIC_FIELD_DATASET].path, &n, err);
    if (status == MG_OK && (n < 1 || n > MG_MAX_METRICS))
        status = mg_fail(err, MG_EINPUT, "%lld metrics are not to be believed", (long long)n);
    if (status == MG_OK) status = mg_alloc(&ret->metrics, 1, sizeof *ret->metrics, err);
    if (status != MG_OK) return status;
    ret->metrics->n = (size_t)n;
    for (size_t k = 0; k < sizeof text / sizeof *text && status == MG_OK; k++)
        status = read_metric_texts(file, text[k].id, text[k].offset, text[k].room, ret->metrics, err);
    if (status == MG_OK) status = read_families(file, ret->metrics, err);
    if (status == MG_OK) status = read_metric_numbers(file, ret->metrics, err);
    return status == MG_OK ? check_first_metrics(ret->metrics, err) : status;
}

static mg_status read_all(hid_t file, const char *path, const char *id, mg_run_summary *ret, mg_error *err)
{
    mg_status status = check_format(file, err);
    if (status == MG_OK) status = check_shards(file, path, id, err);
    if (status == MG_OK) status = read_task(file, ret, err);
    if (status == MG_OK) status = read_score(file, ret, err);
    if (status == MG_OK) status = read_facts(file, ret, err);
    if (status == MG_OK) status = read_sizes(file, ret, err);
    if (status == MG_OK) status = read_metrics(file, ret, err);
    if (status == MG_OK) status = read_methods(file, ret, err);
    return status == MG_OK ? read_aggregates(file, ret, err) : status;
}

mg_status mg_run_read_summary_of(hid_t file, const char *path, const char *id, mg_run_summary *ret, mg_error *err)
{
    *ret = (mg_run_summary){0};
    mg_status status = read_all(file, path, id, ret, err);
    if (status != MG_OK) mg_run_summary_destroy(ret);
    return status;
}

mg_status mg_run_read_summary(const char *path, mg_run_summary *ret, mg_error *err)
{
    hid_t file = -1;
    mg_seal seal = {0};
    mg_status status = mg_run_open_sealed(path, &file, &seal, err);
    if (status != MG_OK) return status;
    status = mg_run_read_summary_of(file, path, seal.id, ret, err);
    if (status != MG_OK) mg_fail_prefix(err, "%s: ", path);
    mg_seal_destroy(&seal);
    H5Fclose(file);
    return status;
}

void mg_run_summary_destroy(mg_run_summary *summary)
{
    if (summary == NULL) return;
    free(summary->method);
    free(summary->metrics);
    free(summary->row);
    free(summary->pair);
    for (mg_fact f = 0; f < MG_N_FACTS; f++)
        free(summary->fact[f]);
    *summary = (mg_run_summary){0};
}
