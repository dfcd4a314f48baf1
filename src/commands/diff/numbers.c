/* numbers.c  the windows and methods of two runs that go together, and how far their numbers are apart */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/run/columns.h"
#include "src/core/memory.h"
#include "src/commands/diff/diff.h"

enum { BLOCK = 512 }; /* windows at once, or fewer where they are large */

/* --- windows and methods --- */

/* Windows in both, and whether each has the same index in both. */
static mg_status count_windows(mg_diff *diff, mg_error *err)
{
    int64_t in_one[BLOCK], in_other[BLOCK], n = 0;
    mg_status status = MG_OK;
    diff->in_place = true;
    do {
        status = mg_run_match_next(diff->match, BLOCK, in_one, in_other, &n, err);
        for (int64_t i = 0; status == MG_OK && i < n; i++)
            diff->in_place = diff->in_place && in_one[i] == in_other[i];
        diff->n_both += n;
    } while (status == MG_OK && n > 0);
    mg_run_match_rewind(diff->match);
    diff->same_windows =
        diff->in_place && diff->n_both == diff->one.shape.n_windows && diff->n_both == diff->other.shape.n_windows &&
        diff->one.shape.n_places == diff->other.shape.n_places && mg_run_match_same_transcripts(diff->match);
    return status;
}

static bool same_method(const mg_run_method *one, const mg_run_method *other)
{
    return strcmp(one->name, other->name) == 0 && strcmp(one->label, other->label) == 0 &&
           strcmp(one->spec, other->spec) == 0 && strcmp(one->source, other->source) == 0;
}

/* The method of `other` with the same options; else the one of the same name; -1 for none. `taken` are gone. */
static int64_t find_method(const mg_diff *diff, const mg_run_method *wanted, const bool *taken, bool by_name)
{
    for (size_t m = 0; m < diff->other.summary.n_methods; m++) {
        const mg_run_method *method = &diff->other.summary.method[m];
        if (!taken[m] && strcmp(by_name ? method->name : method->spec, by_name ? wanted->name : wanted->spec) == 0)
            return (int64_t)m;
    }
    return -1;
}

static void take_methods(mg_diff *diff, int64_t *twin, bool *taken, bool by_name)
{
    for (size_t m = 0; m < diff->one.summary.n_methods; m++) {
        if (twin[m] < 0) twin[m] = find_method(diff, &diff->one.summary.method[m], taken, by_name);
        if (twin[m] >= 0) taken[twin[m]] = true;
    }
}

static mg_status match_methods(mg_diff *diff, mg_error *err)
{
    const mg_run_summary *one = &diff->one.summary, *other = &diff->other.summary;
    int64_t *twin = NULL;
    bool *taken = NULL;
    mg_status status = mg_alloc(&twin, one->n_methods, sizeof *twin, err);
    if (status == MG_OK) status = mg_alloc(&taken, other->n_methods, sizeof *taken, err);
    if (status == MG_OK) status = mg_alloc(&diff->method, one->n_methods, sizeof *diff->method, err);
    if (status == MG_OK) {
        diff->same_methods = one->n_methods == other->n_methods;
        for (size_t m = 0; m < one->n_methods; m++) {
            diff->same_methods = diff->same_methods && same_method(&one->method[m], &other->method[m]);
            twin[m] = -1;
        }
        take_methods(diff, twin, taken, false);
        take_methods(diff, twin, taken, true);
        for (size_t m = 0; m < one->n_methods; m++)
            if (twin[m] >= 0) diff->method[diff->n_methods++] = (mg_diff_method){(int64_t)m, twin[m], 0};
    }
    free(twin);
    free(taken);
    return status;
}

static void match_metrics(mg_diff *diff)
{
    const mg_metric_set *one = diff->one.summary.metrics, *other = diff->other.summary.metrics;
    diff->same_metrics = one->n == other->n;
    for (size_t k = 0; k < one->n; k++) {
        size_t there = mg_metric_set_find(other, one->info[k].name, one->info[k].region);
        diff->same_metrics = diff->same_metrics && there == k;
        if (there == other->n) continue;
        diff->metric[0][diff->n_metrics] = k;
        diff->metric[1][diff->n_metrics++] = there;
    }
}

mg_status mg_diff_open(const char *one, const char *other, mg_diff *diff, mg_error *err)
{
    mg_status status = mg_run_file_open(one, &diff->one, err);
    if (status == MG_OK) status = mg_run_file_open(other, &diff->other, err);
    if (status == MG_OK) status = mg_run_match_create(&diff->one, &diff->other, &diff->match, err);
    if (status == MG_OK) status = count_windows(diff, err);
    if (status == MG_OK) match_metrics(diff);
    return status == MG_OK ? match_methods(diff, err) : status;
}

void mg_diff_close(mg_diff *diff)
{
    mg_run_match_destroy(diff->match);
    mg_run_file_close(&diff->one);
    mg_run_file_close(&diff->other);
    free(diff->method);
    free(diff->set);
}

/* --- datasets in both --- */

/* Where a window comes from was compared when the windows were matched; clusters are numbers of a run alone. */
static bool is_compared(const mg_diff *diff, mg_field_id id)
{
    const mg_run_shape *one = &diff->one.shape, *other = &diff->other.shape;
    if (id == MG_WINDOW_PLACE || id == MG_WINDOW_CLUSTER) return false;
    if (!mg_field_is_kept(id, one) || !mg_field_is_kept(id, other)) return false;
    return mg_field_row_bytes(id, one) == mg_field_row_bytes(id, other);
}

static mg_status list_sets(mg_diff *diff, mg_error *err)
{
    size_t n_room = MG_N_WINDOW_FIELDS + diff->n_methods * (2 + diff->n_metrics);
    mg_status status = mg_alloc(&diff->set, n_room, sizeof *diff->set, err);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        size_t n_metrics = mg_field_has_metrics(id) ? diff->n_metrics : 1;
        size_t n_methods = mg_field_has_methods(id) ? diff->n_methods : 1;
        if (!is_compared(diff, id)) continue;
        for (size_t m = 0; m < n_methods; m++) {
            mg_diff_method pair = mg_field_has_methods(id) ? diff->method[m] : (mg_diff_method){0, 0, 0};
            for (size_t k = 0; k < n_metrics; k++)
                diff->set[diff->n_sets++] = (mg_diff_set){
                    .id = id,
                    .s_one = mg_field_set_of(id, &diff->one.shape, (size_t)pair.one, diff->metric[0][k]),
                    .s_other = mg_field_set_of(id, &diff->other.shape, (size_t)pair.other, diff->metric[1][k])};
        }
    }
    return status;
}

/* --- blocks of windows --- */

typedef struct {
    int64_t n;
    int64_t *in_one, *in_other; /* (n) */
    char *one, *other;          /* room for any dataset's rows */
} block;

static void destroy_block(block *b)
{
    free(b->in_one);
    free(b->in_other);
    free(b->one);
    free(b->other);
}

static mg_status create_block(size_t n, size_t row, block *ret, mg_error *err)
{
    *ret = (block){0};
    mg_status status = mg_alloc(&ret->in_one, n, sizeof *ret->in_one, err);
    if (status == MG_OK) status = mg_alloc(&ret->in_other, n, sizeof *ret->in_other, err);
    if (status == MG_OK) status = mg_alloc(&ret->one, n, row, err);
    return status == MG_OK ? mg_alloc(&ret->other, n, row, err) : status;
}

/* A row of anything but float32: integers as the numbers they are, a text as the number of letters that differ. */
static void compare_row(mg_diff_set *set, const char *one, const char *other, size_t bytes, int64_t place)
{
    double a = 0, b = 0;
    int32_t wide[2] = {0};
    switch (mg_fields[set->id].type) {
    case MG_FIELD_INT8:
        a = *(const int8_t *)one;
        b = *(const int8_t *)other;
        break;
    case MG_FIELD_INT32:
        memcpy(&wide[0], one, sizeof wide[0]);
        memcpy(&wide[1], other, sizeof wide[1]);
        a = wide[0];
        b = wide[1];
        break;
    default:
        for (size_t i = 0; i < bytes; i++)
            b += one[i] != other[i];
    }
    mg_difference_add_double(&set->difference, &a, &b, 1, 0, place);
}

static mg_status compare_set(const mg_diff *diff, mg_diff_set *set, const block *b, mg_error *err)
{
    size_t bytes = mg_field_row_bytes(set->id, &diff->one.shape);
    mg_status status = mg_run_file_read(&diff->one, set->id, set->s_one, b->in_one, b->n, b->one, err);
    if (status == MG_OK)
        status = mg_run_file_read(&diff->other, set->id, set->s_other, b->in_other, b->n, b->other, err);
    for (int64_t i = 0; i < b->n && status == MG_OK; i++) {
        const char *one = b->one + (size_t)i * bytes, *other = b->other + (size_t)i * bytes;
        if (mg_fields[set->id].type == MG_FIELD_FLOAT32)
            mg_difference_add(&set->difference, (const float *)(const void *)one, (const float *)(const void *)other,
                              bytes / sizeof(float), 0, b->in_one[i]);
        else
            compare_row(set, one, other, bytes, b->in_one[i]);
    }
    return status;
}

static mg_status compare_windows(mg_diff *diff, mg_error *err)
{
    int64_t rows[] = {mg_run_block_rows(&diff->one.shape), mg_run_block_rows(&diff->other.shape)};
    int64_t least = rows[0] < rows[1] ? rows[0] : rows[1], n = least < BLOCK ? least : BLOCK;
    size_t row = 8;
    block b;
    for (size_t k = 0; k < diff->n_sets; k++) {
        size_t bytes = mg_field_row_bytes(diff->set[k].id, &diff->one.shape);
        if (bytes > row) row = bytes;
    }
    mg_status status = create_block((size_t)n, row, &b, err);
    while (status == MG_OK) {
        status = mg_run_match_next(diff->match, n, b.in_one, b.in_other, &b.n, err);
        if (status != MG_OK || b.n == 0) break;
        for (size_t k = 0; k < diff->n_sets && status == MG_OK; k++)
            status = compare_set(diff, &diff->set[k], &b, err);
    }
    mg_run_match_rewind(diff->match);
    destroy_block(&b);
    return status;
}

/* --- the summary --- */

static void compare_numbers(const mg_column_table *table, const void *one, const void *other, int64_t place,
                            mg_difference *difference)
{
    double a[MG_N_FIELDS], b[MG_N_FIELDS];
    size_t n = mg_column_numbers(table, one, a);
    mg_column_numbers(table, other, b);
    mg_difference_add_double(difference, a, b, n, 0, place);
}

/* Rows stand by metric, group and method. Pairs of methods are compared only where all methods are the same. */
static void compare_summaries(mg_diff *diff)
{
    const mg_run_summary *one = &diff->one.summary, *other = &diff->other.summary;
    for (size_t k = 0; k < diff->n_metrics * MG_N_GROUPS; k++)
        for (size_t m = 0; m < diff->n_methods; m++) {
            size_t g = k % MG_N_GROUPS, in_one = diff->metric[0][k / MG_N_GROUPS],
                   in_other = diff->metric[1][k / MG_N_GROUPS];
            size_t at_one =
                (in_one * MG_N_GROUPS + g) * (one->n_methods + one->n_baselines) + (size_t)diff->method[m].one;
            size_t at_other =
                (in_other * MG_N_GROUPS + g) * (other->n_methods + other->n_baselines) + (size_t)diff->method[m].other;
            compare_numbers(&mg_row_columns, &one->row[at_one], &other->row[at_other], (int64_t)at_one, &diff->rows);
        }
    for (size_t k = 0; diff->same_methods && diff->same_metrics && k < one->n_pairs; k++)
        compare_numbers(&mg_pair_columns, &one->pair[k], &other->pair[k], (int64_t)k, &diff->pairs);
}

mg_status mg_diff_compare(mg_diff *diff, mg_error *err)
{
    mg_status status = list_sets(diff, err);
    if (status == MG_OK) status = compare_windows(diff, err);
    if (status == MG_OK) compare_summaries(diff);
    return status;
}
