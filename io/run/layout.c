/* layout.c  create run.h5 with all but what is known of single windows */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/run/field_h5.h"
#include "io/base/h5.h"
#include "io/run/columns.h"
#include "io/run/run_h5.h"
#include "io/run/shard_h5.h"
#include "src/core/memory.h"

enum {
    BLOCK_BYTES = 64 << 20,
    MIN_BLOCK_ROWS = 64,
    MAX_BLOCK_ROWS = 8192,
    CHUNK_BYTES = 256 << 10,
    BYTES_A_CHUNK = 256, /* what HDF5 notes about a chunk, and about a dataset: generous */
    BYTES_A_SET = 8192,
    DESCRIPTION = 512,
    PLACES = 16384 /* that are written at once */
};

const char *const mg_fact_keys[MG_N_FACTS] = {"program",     "model",   "network",  "score", "inputs", "choices",
                                              "transcripts", "windows", "clusters", "unit",  "seed",   "bootstrap"};

int64_t mg_run_n_rows(int64_t n_methods, int64_t n_baselines, size_t n_metrics)
{
    return (int64_t)n_metrics * MG_N_GROUPS * (n_methods + n_baselines);
}

int64_t mg_run_n_pairs(int64_t n_methods, int64_t n_baselines, size_t n_metrics)
{
    return (int64_t)n_metrics * MG_N_GROUPS * (int64_t)mg_summary_n_contests((size_t)n_methods, (size_t)n_baselines);
}

int64_t mg_run_block_rows(const mg_run_shape *shape)
{
    int64_t rows = MIN_BLOCK_ROWS, bytes = mg_run_window_bytes(shape);
    while (rows < MAX_BLOCK_ROWS && 2 * rows * bytes <= BLOCK_BYTES)
        rows *= 2;
    return rows;
}

/* Rows of a chunk: a power of two that divides the block, so that no two ranks ever write to one chunk; all rows when
 * there are fewer, because a chunk may not be larger than its dataset. */
int64_t mg_run_chunk_rows(mg_field_id id, const mg_run_shape *shape)
{
    int64_t rows = 1, most = mg_run_block_rows(shape), bytes = (int64_t)mg_field_row_bytes(id, shape);
    while (2 * rows <= most && 2 * rows * bytes <= CHUNK_BYTES)
        rows *= 2;
    int64_t n = shape->n_windows > 0 ? shape->n_windows : 1;
    return rows < n ? rows : n;
}

/* --- datasets --- */

static bool is_virtual(const mg_run *run, mg_field_id id)
{
    return run->shards != NULL && run->shape.n_windows > 0 && id < MG_N_WINDOW_FIELDS && mg_field_is_by_position(id);
}

/* Chunks for what is compressed. */
static bool set_filters(const mg_run *run, mg_field_id id, int n_dims, const hsize_t *dim, hid_t list)
{
    hsize_t chunk[MG_FIELD_MAX_DIMS];
    if (id >= MG_N_WINDOW_FIELDS || run->compress == 0 || dim[0] == 0) return true;
    memcpy(chunk, dim, (size_t)n_dims * sizeof *chunk);
    chunk[0] = (hsize_t)mg_run_chunk_rows(id, &run->shape);
    return H5Pset_chunk(list, n_dims, chunk) >= 0 && H5Pset_shuffle(list) >= 0 &&
           H5Pset_deflate(list, (unsigned)run->compress) >= 0;
}

/* What is missing later shows as NaN. */
static mg_status set_sources(const mg_run *run, mg_field_id id, int64_t s, hid_t space, hid_t list, mg_error *err)
{
    const float nan = NAN;
    if (mg_fields[id].type == MG_FIELD_FLOAT32 && H5Pset_fill_value(list, H5T_NATIVE_FLOAT, &nan) < 0)
        return mg_h5_fail(err, MG_EMEM, "cannot set a fill value");
    return mg_shard_file_map(list, space, run->shards, &run->shape, run->shard_size, id, s, err);
}

/* How set s of a field is stored. Fill values are never written: every item gets its own value. Windows that are not
 * compressed get their place in the file at once, so that it may be filled by plain writes (mpi/direct.h). */
static mg_status storage(const mg_run *run, mg_field_id id, int64_t s, hid_t space, hid_t *ret, mg_error *err)
{
    hsize_t dim[MG_FIELD_MAX_DIMS];
    int n_dims = H5Sget_simple_extent_dims(space, dim, NULL);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    mg_status status = MG_OK;
    if (n_dims < 0 || list < 0 || H5Pset_obj_track_times(list, 0) < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    else if (is_virtual(run, id))
        status = set_sources(run, id, s, space, list, err);
    else if (H5Pset_fill_time(list, H5D_FILL_TIME_NEVER) < 0 || !set_filters(run, id, n_dims, dim, list))
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    if (status == MG_OK && id < MG_N_WINDOW_FIELDS && run->compress == 0 && !is_virtual(run, id) &&
        H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY) < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    if (status == MG_OK)
        *ret = list;
    else
        mg_h5_close_list(list);
    return status;
}

static mg_status describe(hid_t set, const mg_run *run, mg_field_id id, int64_t s, mg_error *err)
{
    char description[DESCRIPTION];
    mg_field_description(id, &run->shape, s, description, sizeof description);
    mg_status status = mg_h5_write_text(set, "units", mg_field_unit(id, &run->shape, s), err);
    return status == MG_OK ? mg_h5_write_text(set, "description", description, err) : status;
}

/* Create set s of a field; `values` NULL leaves it to be filled. n_text: bytes of each text. */
static mg_status create_set(hid_t file, const mg_run *run, mg_field_id id, int64_t s, const char *path, size_t n_text,
                            const void *values, mg_error *err)
{
    int64_t size[MG_FIELD_MAX_DIMS];
    hsize_t dim[MG_FIELD_MAX_DIMS];
    int n_dims = mg_field_dims(id, &run->shape, -1, size);
    for (int d = 0; d < n_dims; d++)
        dim[d] = (hsize_t)size[d];
    mg_field_types types = {-1, -1};
    hid_t list = -1, space = H5Screate_simple(n_dims, dim, NULL), set = -1;
    mg_status status = storage(run, id, s, space, &list, err);
    if (status == MG_OK) status = mg_field_open_types(id, n_text, &types, err);
    if (status != MG_OK) goto cleanup;
    set = H5Dcreate2(file, path, types.in_file, space, H5P_DEFAULT, list, H5P_DEFAULT);
    if (set < 0) {
        status = mg_h5_fail(err, MG_EIO, "cannot create dataset %s", path);
        goto cleanup;
    }
    if (values != NULL && H5Dwrite(set, types.in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot write dataset %s", path);
    if (status == MG_OK) status = describe(set, run, id, s, err);
cleanup:
    mg_h5_close_dataset(set);
    mg_h5_close_space(space);
    mg_field_close_types(&types);
    mg_h5_close_list(list);
    return status;
}

static mg_status create_window_sets(hid_t file, const mg_run *run, mg_field_id id, mg_error *err)
{
    int64_t n = mg_field_n_sets(id, &run->shape);
    mg_status status = MG_OK;
    for (int64_t s = 0; s < n && status == MG_OK; s++) {
        char path[MG_FIELD_PATH];
        mg_field_path(id, &run->shape, s, run->method[mg_field_method(id, &run->shape, s)].name, path);
        status = create_set(file, run, id, s, path, (size_t)run->shape.length, NULL, err);
    }
    return status;
}

/* --- what is small is written at once --- */

/* The text of item i of a text field. */
typedef const char *text_of(const mg_run *run, const mg_column *column, int64_t i);

static const char *transcript_name(const mg_run *run, const mg_column *column, int64_t i)
{
    (void)column;
    return run->transcriptome->transcript[i].name;
}

static const char *gene_text(const mg_run *run, const mg_column *column, int64_t i)
{
    const mg_gene *gene = &run->transcriptome->genes.gene[i];
    return column->field == MG_GENE_ID ? gene->id : gene->name;
}

static const char *metric_text(const mg_run *run, const mg_column *column, int64_t i)
{
    const mg_metric_info *metric = &run->shape.metrics->info[i];
    switch (column->field) {
    case MG_METRIC_FIELD_DATASET:
        return metric->dataset;
    case MG_METRIC_FIELD_METRIC:
        return metric->name;
    case MG_METRIC_FIELD_REGION:
        return metric->region;
    case MG_METRIC_FIELD_FAMILY:
        return mg_family_names[metric->family];
    case MG_METRIC_FIELD_UNIT:
        return metric->unit;
    default:
        return metric->description;
    }
}

static const char *output_text(const mg_run *run, const mg_column *column, int64_t i)
{
    (void)i;
    return column->field == MG_OUTPUT_NAME ? "output" : run->shape.score_name;
}

/* The column's offset finds the text in the method. */
static const char *method_text(const mg_run *run, const mg_column *column, int64_t i)
{
    return (const char *)&run->method[i] + column->offset;
}

static const char *index_name(const mg_run *run, const mg_column *column, const char *row)
{
    int32_t index;
    memcpy(&index, row + column->offset, sizeof index);
    if (column->kind == MG_COLUMN_GROUP) {
        const mg_task_group *group = mg_shape_group(&run->shape, (mg_group)index);
        return group != NULL ? group->name : "";
    }
    const mg_run_names names = {(size_t)run->shape.n_methods, (size_t)run->shape.n_baselines, run->method,
                                run->shape.metrics};
    const char *name = mg_column_name(column->kind, index, &names);
    return name != NULL ? name : "";
}

static const char *row_name(const mg_run *run, const mg_column *column, int64_t i)
{
    return index_name(run, column, (const char *)&run->row[i]);
}

static const char *pair_name(const mg_run *run, const mg_column *column, int64_t i)
{
    return index_name(run, column, (const char *)&run->pair[i]);
}

/* Texts of one dataset all have the length of the longest. */
static mg_status write_texts(hid_t file, const mg_run *run, const mg_column *column, int64_t n, text_of *text,
                             mg_error *err)
{
    size_t longest = 1;
    for (int64_t i = 0; i < n; i++) {
        size_t length = strlen(text(run, column, i));
        if (length > longest) longest = length;
    }
    char *values = NULL;
    mg_status status = mg_alloc(&values, (size_t)n, longest, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++) /* the longest has no ending zero: that is what strncpy() is for */
        strncpy(values + (size_t)i * longest, text(run, column, i), longest);
    status = create_set(file, run, column->field, 0, mg_fields[column->field].path, longest, values, err);
    free(values);
    return status;
}

static mg_status write_transcripts(hid_t file, const mg_run *run, mg_error *err)
{
    int64_t n = run->shape.n_transcripts, *length = NULL;
    mg_column name = {MG_TRANSCRIPT_NAME, MG_COLUMN_NUMBER, 0};
    mg_status status = write_texts(file, run, &name, n, transcript_name, err);
    if (status == MG_OK) status = mg_alloc(&length, (size_t)n, sizeof *length, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        length[i] = run->transcriptome->transcript[i].length;
    status = create_set(file, run, MG_TRANSCRIPT_LENGTH, 0, mg_fields[MG_TRANSCRIPT_LENGTH].path, 0, length, err);
    free(length);
    return status;
}

static mg_status write_all_texts(hid_t file, const mg_run *run, const mg_field_id *field, size_t n_fields, int64_t n,
                                 text_of *text, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t k = 0; k < n_fields && status == MG_OK; k++) {
        mg_column column = {field[k], MG_COLUMN_NUMBER, 0};
        status = write_texts(file, run, &column, n, text, err);
    }
    return status;
}

static mg_status write_genes(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_field_id texts[] = {MG_GENE_ID, MG_GENE_NAME};
    const mg_transcriptome *transcriptome = run->transcriptome;
    int64_t n = run->shape.n_transcripts, *gene = NULL;
    mg_status status = mg_alloc(&gene, (size_t)n, sizeof *gene, err);
    for (int64_t i = 0; i < n && status == MG_OK; i++)
        gene[i] = transcriptome->gene_of != NULL ? transcriptome->gene_of[i] : -1;
    if (status == MG_OK)
        status = create_set(file, run, MG_TRANSCRIPT_GENE, 0, mg_fields[MG_TRANSCRIPT_GENE].path, 0, gene, err);
    free(gene);
    return status == MG_OK ? write_all_texts(file, run, texts, 2, run->shape.n_genes, gene_text, err) : status;
}

static const char *chromosome_text(const mg_run *run, const mg_column *column, int64_t i)
{
    (void)column;
    return run->placements->chromosome[i];
}

/* One number a transcript: of a site where it lies, else what stands for "not told". */
static int64_t place_number(const mg_run *run, mg_field_id field, int64_t i)
{
    const mg_placement *p = run->placements != NULL ? &run->placements->placement[i] : NULL;
    if (field == MG_TRANSCRIPT_STRAND) return p == NULL ? 0 : p->strand == '-' ? -1 : 1;
    if (p == NULL) return -1;
    return field == MG_TRANSCRIPT_BEGIN ? p->exon[0].begin : (int64_t)p->chromosome;
}

static mg_status write_sites(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_field_id name = MG_CHROMOSOME_NAME;
    int64_t n = run->shape.n_transcripts, none = 0, *value = NULL;
    const int64_t *length = run->placements != NULL ? run->chromosome_length : &none;
    mg_status status = mg_alloc(&value, (size_t)n, sizeof *value, err);
    for (mg_field_id f = MG_TRANSCRIPT_CHROMOSOME; f <= MG_TRANSCRIPT_STRAND && status == MG_OK; f++) {
        for (int64_t i = 0; i < n; i++)
            value[i] = place_number(run, f, i);
        status = create_set(file, run, f, 0, mg_fields[f].path, 0, value, err);
    }
    free(value);
    if (status == MG_OK) status = write_all_texts(file, run, &name, 1, run->shape.n_chromosomes, chromosome_text, err);
    if (status != MG_OK) return status;
    return create_set(file, run, MG_CHROMOSOME_LENGTH, 0, mg_fields[MG_CHROMOSOME_LENGTH].path, 0, length, err);
}

static mg_status write_metrics(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_field_id texts[] = {MG_METRIC_FIELD_DATASET, MG_METRIC_FIELD_METRIC, MG_METRIC_FIELD_REGION,
                                        MG_METRIC_FIELD_FAMILY,  MG_METRIC_FIELD_UNIT,   MG_METRIC_FIELD_DESCRIPTION};
    const mg_metric_set *set = run->shape.metrics;
    int8_t better[MG_MAX_METRICS], sampled[MG_MAX_METRICS];
    for (size_t k = 0; k < set->n; k++) {
        better[k] = (int8_t)set->info[k].better;
        sampled[k] = set->info[k].sampled;
    }
    mg_status status =
        write_all_texts(file, run, texts, sizeof texts / sizeof *texts, (int64_t)set->n, metric_text, err);
    if (status != MG_OK) return status;
    status = create_set(file, run, MG_METRIC_FIELD_BETTER, 0, mg_fields[MG_METRIC_FIELD_BETTER].path, 0, better, err);
    if (status != MG_OK) return status;
    return create_set(file, run, MG_METRIC_FIELD_SAMPLED, 0, mg_fields[MG_METRIC_FIELD_SAMPLED].path, 0, sampled, err);
}

static mg_status write_outputs(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_field_id texts[] = {MG_OUTPUT_NAME, MG_OUTPUT_SCORE};
    return write_all_texts(file, run, texts, 2, 1, output_text, err);
}

static mg_status write_methods(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_column column[] = {{MG_METHOD_FIELD_NAME, MG_COLUMN_METHOD, offsetof(mg_run_method, name)},
                                       {MG_METHOD_FIELD_LABEL, MG_COLUMN_METHOD, offsetof(mg_run_method, label)},
                                       {MG_METHOD_FIELD_SPEC, MG_COLUMN_METHOD, offsetof(mg_run_method, spec)},
                                       {MG_METHOD_FIELD_SOURCE, MG_COLUMN_METHOD, offsetof(mg_run_method, source)}};
    mg_status status = MG_OK;
    for (size_t c = 0; c < sizeof column / sizeof *column && status == MG_OK; c++)
        status = write_texts(file, run, &column[c], run->shape.n_methods, method_text, err);
    return status;
}

/* They stand behind the methods. */
static mg_status write_baselines(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_column column[] = {{MG_BASELINE_FIELD_NAME, MG_COLUMN_METHOD, offsetof(mg_run_method, name)},
                                       {MG_BASELINE_FIELD_LABEL, MG_COLUMN_METHOD, offsetof(mg_run_method, label)},
                                       {MG_BASELINE_FIELD_SOURCE, MG_COLUMN_METHOD, offsetof(mg_run_method, source)}};
    mg_run behind = *run;
    mg_status status = MG_OK;
    behind.method = run->method + run->shape.n_methods;
    for (size_t c = 0; c < sizeof column / sizeof *column && status == MG_OK; c++)
        status = write_texts(file, &behind, &column[c], run->shape.n_baselines, method_text, err);
    return status;
}

static mg_status write_numbers(hid_t file, const mg_run *run, const mg_column *column, int64_t n, size_t row_bytes,
                               const void *rows, mg_error *err)
{
    uint64_t *values = NULL;
    mg_status status = mg_alloc(&values, (size_t)n, sizeof *values, err);
    if (status != MG_OK) return status;
    for (int64_t i = 0; i < n; i++)
        memcpy(&values[i], (const char *)rows + (size_t)i * row_bytes + column->offset, sizeof *values);
    status = create_set(file, run, column->field, 0, mg_fields[column->field].path, 0, values, err);
    free(values);
    return status;
}

static mg_status write_table(hid_t file, const mg_run *run, const mg_column_table *table, int64_t n, const void *rows,
                             text_of *text, mg_error *err)
{
    mg_status status = MG_OK;
    for (size_t c = 0; c < table->n_columns && status == MG_OK; c++) {
        const mg_column *column = &table->column[c];
        if (column->kind == MG_COLUMN_NUMBER)
            status = write_numbers(file, run, column, n, table->row_bytes, rows, err);
        else
            status = write_texts(file, run, column, n, text, err);
    }
    return status;
}

/* Rows and pairs stand by metric and group: those of the groups that the run has, moved together. */
static mg_status write_aggregates(hid_t file, const mg_run *run, mg_error *err)
{
    mg_run kept = *run;
    mg_summary_row *row = NULL;
    mg_summary_pair *pair = NULL;
    int64_t n_rows = 0, n_pairs = 0;
    mg_status status = mg_alloc(&row, (size_t)run->shape.n_rows, sizeof *row, err);
    if (status == MG_OK) status = mg_alloc(&pair, (size_t)run->shape.n_pairs, sizeof *pair, err);
    for (int64_t i = 0; i < run->shape.n_rows && status == MG_OK; i++)
        if (mg_shape_group(&run->shape, (mg_group)run->row[i].group) != NULL) row[n_rows++] = run->row[i];
    for (int64_t i = 0; i < run->shape.n_pairs && status == MG_OK; i++)
        if (mg_shape_group(&run->shape, (mg_group)run->pair[i].group) != NULL) pair[n_pairs++] = run->pair[i];
    kept.row = row;
    kept.pair = pair;
    if (status == MG_OK) status = write_table(file, &kept, &mg_row_columns, n_rows, row, row_name, err);
    if (status == MG_OK) status = write_table(file, &kept, &mg_pair_columns, n_pairs, pair, pair_name, err);
    free(row);
    free(pair);
    return status;
}

/* --- places, some at a time --- */

/* One column of some places, as the field wants it. */
static const void *column_of_places(mg_field_id id, const mg_place *place, int64_t n, void *values)
{
    for (int64_t i = 0; i < n; i++)
        switch (id) {
        case MG_PLACE_WINDOW:
            ((int64_t *)values)[i] = place[i].window;
            break;
        case MG_PLACE_TRANSCRIPT:
            ((int64_t *)values)[i] = place[i].transcript;
            break;
        case MG_PLACE_START:
            ((int64_t *)values)[i] = place[i].start;
            break;
        case MG_PLACE_LABEL:
            ((int8_t *)values)[i] = (int8_t)place[i].label;
            break;
        default:
            ((int32_t *)values)[i] = place[i].n_padded;
        }
    return values;
}

static mg_status write_part(hid_t file, mg_field_id id, int64_t first, int64_t n, const void *values, mg_error *err)
{
    hsize_t start = (hsize_t)first, count = (hsize_t)n;
    mg_field_types types = {-1, -1};
    hid_t set = H5Dopen2(file, mg_fields[id].path, H5P_DEFAULT), in_memory = H5Screate_simple(1, &count, NULL);
    hid_t in_file = set >= 0 ? H5Dget_space(set) : -1;
    mg_status status = mg_field_open_types(id, 0, &types, err);
    if (status == MG_OK &&
        (in_file < 0 || in_memory < 0 || H5Sselect_hyperslab(in_file, H5S_SELECT_SET, &start, NULL, &count, NULL) < 0 ||
         H5Dwrite(set, types.in_memory, in_memory, in_file, H5P_DEFAULT, values) < 0))
        status = mg_h5_fail(err, MG_EIO, "cannot write dataset %s", mg_fields[id].path);
    mg_field_close_types(&types);
    mg_h5_close_space(in_memory);
    mg_h5_close_space(in_file);
    mg_h5_close_dataset(set);
    return status;
}

static mg_status fill_places(hid_t file, const mg_run *run, mg_place *place, void *values, mg_error *err)
{
    int64_t n_all = run->shape.n_places;
    mg_status status = MG_OK;
    for (int64_t first = 0; first < n_all && status == MG_OK; first += PLACES) {
        int64_t n = n_all - first < PLACES ? n_all - first : PLACES;
        status = run->places.read(run->places.context, first, n, place, err);
        for (mg_field_id id = MG_PLACE_WINDOW; id <= MG_PLACE_PADDED && status == MG_OK; id++)
            status = write_part(file, id, first, n, column_of_places(id, place, n, values), err);
    }
    return status;
}

static mg_status write_places(hid_t file, const mg_run *run, mg_error *err)
{
    mg_place *place = NULL;
    int64_t *values = NULL;
    mg_status status = mg_alloc(&place, PLACES, sizeof *place, err);
    if (status == MG_OK) status = mg_alloc(&values, PLACES, sizeof *values, err);
    for (mg_field_id id = MG_PLACE_WINDOW; id <= MG_PLACE_PADDED && status == MG_OK; id++)
        status = create_set(file, run, id, 0, mg_fields[id].path, 0, NULL, err);
    if (status == MG_OK) status = fill_places(file, run, place, values, err);
    free(place);
    free(values);
    return status;
}

/* --- groups and the whole --- */

/* Of the first n methods and baselines. */
static mg_status create_method_groups(hid_t file, const mg_run *run, int64_t n, const char *parent, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t m = 0; m < n && status == MG_OK; m++) {
        char path[MG_FIELD_PATH];
        hid_t group = -1;
        snprintf(path, sizeof path, "%s/%s", parent, run->method[m].name);
        status = mg_h5_create_group(file, path, &group, err);
        if (status == MG_OK) status = mg_h5_write_text(group, "label", run->method[m].label, err);
        if (status == MG_OK) status = mg_h5_write_text(group, "spec", run->method[m].spec, err);
        if (status == MG_OK) status = mg_h5_write_text(group, "source", run->method[m].source, err);
        mg_h5_close_group(group);
    }
    return status;
}

static mg_status create_group(hid_t file, const char *path, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_create_group(file, path, &group, err);
    mg_h5_close_group(group);
    return status;
}

static mg_status write_facts_of_summary(hid_t file, const mg_run *run, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_open_group(file, "/summary", &group, err);
    for (mg_fact f = 0; f < MG_N_FACTS && status == MG_OK; f++)
        status = mg_h5_write_text(group, mg_fact_keys[f], run->fact[f], err);
    mg_h5_close_group(group);
    return status;
}

static mg_status create_groups(hid_t file, const mg_run *run, mg_error *err)
{
    static const char *const always[] = {
        "/transcripts", "/genes",   "/chromosomes", "/places",  "/windows",           "/methods",      "/baselines",
        "/metrics",     "/outputs", "/agreement",   "/summary", "/summary/aggregate", "/summary/pairs"};
    mg_status status = MG_OK;
    for (size_t g = 0; g < sizeof always / sizeof *always && status == MG_OK; g++)
        status = create_group(file, always[g], err);
    if (status == MG_OK)
        status = create_method_groups(file, run, run->shape.n_methods + run->shape.n_baselines, "/agreement", err);
    if (status != MG_OK || run->shape.store < MG_STORE_CONTRIBUTION) return status;
    status = create_group(file, "/mutation", err);
    if (status == MG_OK) status = create_group(file, "/attribution", err);
    if (status == MG_OK && run->shape.has_truth) status = create_group(file, "/truth", err);
    return status == MG_OK ? create_method_groups(file, run, run->shape.n_methods, "/attribution", err) : status;
}

static mg_status write_facts(hid_t file, const mg_run *run, mg_error *err)
{
    hid_t group = -1;
    mg_status status = mg_h5_write_text(file, "format", "mutagree-run", err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "version", MG_RUN_VERSION, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "window_length", run->shape.length, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "anchor", run->anchor, err);
    if (status == MG_OK) status = mg_h5_write_text(file, "score", run->shape.score_name, err);
    const char *words = run->score != NULL ? run->score : run->shape.score_name;
    if (status == MG_OK) status = mg_h5_write_text(file, "score_words", words, err);
    if (status == MG_OK) status = mg_h5_write_text(file, "task", mg_shape_task(&run->shape)->name, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "clusters", run->shape.n_clusters, err);
    if (status == MG_OK) status = mg_h5_create_group(file, "/provenance", &group, err);
    if (status == MG_OK) status = mg_provenance_write(run->provenance, group, err);
    mg_h5_close_group(group);
    return status;
}

/* What is known before the first window is worked on: the groups, and the fields by position, which are nearly all. */
static mg_status write_rows(hid_t file, const mg_run *run, mg_error *err)
{
    mg_status status = create_groups(file, run, err);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++)
        if (mg_field_is_kept(id, &run->shape) && mg_field_is_by_position(id))
            status = create_window_sets(file, run, id, err);
    return status;
}

static mg_status write_rest(hid_t file, const mg_run *run, mg_error *err)
{
    mg_status status = write_facts(file, run, err);
    if (status == MG_OK) status = write_facts_of_summary(file, run, err);
    if (status == MG_OK) status = write_transcripts(file, run, err);
    if (status == MG_OK) status = write_genes(file, run, err);
    if (status == MG_OK) status = write_sites(file, run, err);
    if (status == MG_OK) status = write_methods(file, run, err);
    if (status == MG_OK) status = write_baselines(file, run, err);
    if (status == MG_OK) status = write_metrics(file, run, err);
    if (status == MG_OK) status = write_outputs(file, run, err);
    if (status == MG_OK) status = write_places(file, run, err);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++)
        if (mg_field_is_kept(id, &run->shape) && !mg_field_is_by_position(id))
            status = create_window_sets(file, run, id, err);
    return status == MG_OK ? write_aggregates(file, run, err) : status;
}

/* --- room on the disk --- */

/* What compressed windows may add to the file at most: their bytes, for each chunk and dataset what HDF5 notes about it, and
 * gaps where datasets are aligned. A chunk that deflate would make larger is stored as it is. */
static int64_t most_bytes_to_come(const mg_run *run)
{
    const mg_run_shape *shape = &run->shape;
    int64_t bytes = 0;
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        if (!mg_field_is_kept(id, shape) || shape->n_windows == 0 || is_virtual(run, id)) continue;
        int64_t n_chunks = shape->n_windows / mg_run_chunk_rows(id, shape) + 1;
        int64_t set = shape->n_windows * (int64_t)mg_field_row_bytes(id, shape);
        int64_t gap = run->align > 0 && set >= run->align ? run->align : 0;
        bytes += mg_field_n_sets(id, shape) * (set + gap + n_chunks * BYTES_A_CHUNK + BYTES_A_SET);
    }
    return bytes;
}

/* A file system that cannot reserve is asked whether it has the room now. */
static mg_status look_for_room(const char *path, int file, int64_t bytes, mg_error *err)
{
    struct statvfs info;
    if (fstatvfs(file, &info) != 0 || (double)info.f_bavail * (double)info.f_frsize >= (double)bytes) return MG_OK;
    return mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(ENOSPC));
}

/* Reserve the room now: HDF5 and MPI-IO crash or wait for ever when a disk is found full in the middle of a collective
 * write (seen with HDF5 1.10.8 and Open MPI 4.1.4). more: bytes behind the end, which are given back when the file is
 * closed if they are not needed; 0: all has its place already, but not yet its room. */
static mg_status reserve(const char *path, int64_t more, mg_error *err)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return mg_fail(err, MG_EIO, "cannot open %s: %s", path, strerror(errno));
    mg_status status = MG_OK;
    off_t end = lseek(file, 0, SEEK_END);
    if (end < 0) status = mg_fail(err, MG_EIO, "cannot read %s: %s", path, strerror(errno));
    off_t from = more > 0 ? end : 0, n = more > 0 ? (off_t)more : end;
    if (status == MG_OK && fallocate(file, 0, from, n) != 0) {
        if (errno == EOPNOTSUPP || errno == ENOSYS)
            status = look_for_room(path, file, n, err);
        else
            status = mg_fail(err, MG_EIO, "cannot write %s: %s (%lld MB are needed)", path, strerror(errno),
                             (long long)((end + more) / 1000000 + 1));
    }
    if (close(file) != 0 && status == MG_OK)
        status = mg_fail(err, MG_EIO, "cannot write %s: %s", path, strerror(errno));
    return status;
}

hid_t mg_run_open_settings(int64_t align)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list < 0 || align == 0 || H5Pset_alignment(list, (hsize_t)align, (hsize_t)align) >= 0) return list;
    mg_h5_close_list(list);
    return -1;
}

/* A new file, or one that is there, to be written into. */
static mg_status open_file(const char *path, bool is_new, int64_t align, hid_t *ret, mg_error *err)
{
    hid_t settings = mg_run_open_settings(align);
    mg_status status = MG_OK;
    if (settings < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot make a property list");
    else if (is_new)
        status = mg_h5_create_file_with(path, settings, ret, err);
    else if ((*ret = H5Fopen(path, H5F_ACC_RDWR, settings)) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot open %s to go on with it", path);
    mg_h5_close_list(settings);
    return status;
}

typedef mg_status part_writer(hid_t file, const mg_run *run, mg_error *err);

static mg_status lay_out(const char *path, bool is_new, const mg_run *run, part_writer *write, mg_error *err)
{
    hid_t file = -1;
    mg_status status = open_file(path, is_new, run->align, &file, err);
    if (status != MG_OK) return status;
    status = write(file, run, err);
    mg_error close_error = {0};
    mg_status closed = mg_h5_close_file(file, &close_error);
    if (status == MG_OK && closed != MG_OK) status = mg_fail(err, closed, "%s", close_error.text);
    if (status != MG_OK) return mg_fail_prefix(err, "%s: ", path);
    return run->shape.n_windows > 0 ? reserve(path, run->compress > 0 ? most_bytes_to_come(run) : 0, err) : MG_OK;
}

mg_status mg_run_lay_out_rows(const char *path, const mg_run *run, mg_error *err)
{
    return lay_out(path, true, run, write_rows, err);
}

mg_status mg_run_lay_out_rest(const char *path, const mg_run *run, mg_error *err)
{
    return lay_out(path, false, run, write_rest, err);
}

mg_status mg_run_lay_out(const char *path, const mg_run *run, mg_error *err)
{
    mg_status status = mg_run_lay_out_rows(path, run, err);
    return status == MG_OK ? mg_run_lay_out_rest(path, run, err) : status;
}
