/* layout_tables.c  what is known but by window: small, and written at once; places, some at a time (layout_parts.h) */
#include "io/run/layout_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "io/run/columns.h"
#include "io/run/field_h5.h"
#include "src/core/memory.h"

enum { PLACES = 16384 }; /* that are written at once */

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
    status = mg_layout_set(file, run, column->field, 0, mg_fields[column->field].path, longest, values, err);
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
    status = mg_layout_set(file, run, MG_TRANSCRIPT_LENGTH, 0, mg_fields[MG_TRANSCRIPT_LENGTH].path, 0, length, err);
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
        status = mg_layout_set(file, run, MG_TRANSCRIPT_GENE, 0, mg_fields[MG_TRANSCRIPT_GENE].path, 0, gene, err);
    free(gene);
    return status == MG_OK ? write_all_texts(file, run, texts, 2, run->shape.n_genes, gene_text, err) : status;
}

static const char *chromosome_text(const mg_run *run, const mg_column *column, int64_t i)
{
    (void)column;
    return run->placements->chromosome[i];
}

enum { VERTEBRATE_MITOCHONDRIA = 2 }; /* number of their genetic code */

/* One number a transcript: of a site where it lies, else what stands for "not told". */
static int64_t place_number(const mg_run *run, mg_field_id field, int64_t i)
{
    const mg_placement *p = run->placements != NULL ? &run->placements->placement[i] : NULL;
    const mg_coding *coding = &run->transcriptome->transcript[i].coding;
    if (field == MG_TRANSCRIPT_CODE && coding->genetic_code > 0) return coding->genetic_code;
    if (field == MG_TRANSCRIPT_CODE) return coding->mitochondrial ? VERTEBRATE_MITOCHONDRIA : 0;
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
    for (mg_field_id f = MG_TRANSCRIPT_CHROMOSOME; f <= MG_TRANSCRIPT_CODE && status == MG_OK; f++) {
        for (int64_t i = 0; i < n; i++)
            value[i] = place_number(run, f, i);
        status = mg_layout_set(file, run, f, 0, mg_fields[f].path, 0, value, err);
    }
    free(value);
    if (status == MG_OK) status = write_all_texts(file, run, &name, 1, run->shape.n_chromosomes, chromosome_text, err);
    if (status != MG_OK) return status;
    return mg_layout_set(file, run, MG_CHROMOSOME_LENGTH, 0, mg_fields[MG_CHROMOSOME_LENGTH].path, 0, length, err);
}

static mg_status write_metrics(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_field_id texts[] = {MG_METRIC_FIELD_DATASET, MG_METRIC_FIELD_METRIC, MG_METRIC_FIELD_REGION,
                                        MG_METRIC_FIELD_FAMILY,  MG_METRIC_FIELD_UNIT,   MG_METRIC_FIELD_DESCRIPTION};
    const mg_metric_set *set = run->shape.metrics;
    int8_t better[MG_MAX_METRICS], sampled[MG_MAX_METRICS], point[MG_MAX_METRICS];
    const struct {
        mg_field_id id;
        const int8_t *value;
    } number[] = {{MG_METRIC_FIELD_BETTER, better}, {MG_METRIC_FIELD_SAMPLED, sampled}, {MG_METRIC_FIELD_POINT, point}};
    for (size_t k = 0; k < set->n; k++) {
        better[k] = (int8_t)set->info[k].better;
        sampled[k] = set->info[k].sampled;
        point[k] = (int8_t)set->info[k].point;
    }
    mg_status status =
        write_all_texts(file, run, texts, sizeof texts / sizeof *texts, (int64_t)set->n, metric_text, err);
    for (size_t k = 0; k < sizeof number / sizeof *number && status == MG_OK; k++)
        status = mg_layout_set(file, run, number[k].id, 0, mg_fields[number[k].id].path, 0, number[k].value, err);
    return status;
}

static mg_status write_outputs(hid_t file, const mg_run *run, mg_error *err)
{
    static const mg_field_id texts[] = {MG_OUTPUT_NAME, MG_OUTPUT_SCORE};
    return write_all_texts(file, run, texts, 2, 1, output_text, err);
}

static mg_status write_passes(hid_t file, const mg_run *run, mg_error *err)
{
    int64_t n = run->shape.n_methods, *passes = NULL;
    mg_status status = mg_alloc(&passes, (size_t)n, sizeof *passes, err);
    for (int64_t m = 0; m < n && status == MG_OK; m++)
        passes[m] = run->method[m].passes;
    if (status == MG_OK)
        status =
            mg_layout_set(file, run, MG_METHOD_FIELD_PASSES, 0, mg_fields[MG_METHOD_FIELD_PASSES].path, 0, passes, err);
    free(passes);
    return status;
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
    return status == MG_OK ? write_passes(file, run, err) : status;
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
    status = mg_layout_set(file, run, column->field, 0, mg_fields[column->field].path, 0, values, err);
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
mg_status mg_layout_aggregates(hid_t file, const mg_run *run, mg_error *err)
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
        status = mg_layout_set(file, run, id, 0, mg_fields[id].path, 0, NULL, err);
    if (status == MG_OK) status = fill_places(file, run, place, values, err);
    free(place);
    free(values);
    return status;
}

mg_status mg_layout_tables(hid_t file, const mg_run *run, mg_error *err)
{
    mg_status status = write_transcripts(file, run, err);
    if (status == MG_OK) status = write_genes(file, run, err);
    if (status == MG_OK) status = write_sites(file, run, err);
    if (status == MG_OK) status = write_methods(file, run, err);
    if (status == MG_OK) status = write_baselines(file, run, err);
    if (status == MG_OK) status = write_metrics(file, run, err);
    if (status == MG_OK) status = write_outputs(file, run, err);
    if (status == MG_OK) status = write_places(file, run, err);
    return status;
}
