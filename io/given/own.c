/* own.c  own attributions: which format, rows in the order of their bases, and which windows of the run they are of */
#include "io/given/own.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/held_file.h"
#include "io/given/own_table.h"
#include "src/core/memory.h"

enum { SIGNATURE = 8, BLOCK = 1024 };

void mg_own_destroy(mg_own *own)
{
    mg_foreign_rows_destroy(&own->rows);
    *own = (mg_own){0};
}

mg_status mg_own_shape(const char *path, int n_dims, const int64_t *dim, int64_t length, mg_own_table *table,
                       mg_error *err)
{
    bool positions = n_dims == 2 && dim[1] == length;
    bool bases_last = n_dims == 3 && dim[1] == length && dim[2] == MG_N_BASES;
    bool bases_first = n_dims == 3 && dim[1] == MG_N_BASES && dim[2] == length;
    char shape[160] = "(";
    for (int k = 0, at = 1; k < n_dims && at < 120; k++)
        at += snprintf(shape + at, sizeof shape - (size_t)at, k > 0 ? ", %lld" : "%lld", (long long)dim[k]);
    long long l = length;
    if (!(positions || bases_last || bases_first))
        return mg_fail(err, MG_EINPUT,
                       "%s: attribution has the shape %s); the network wants (N, %lld), (N, %lld, 4) or (N, 4, %lld)",
                       path, shape, l, l, l);
    if (dim[0] < 1) return mg_fail(err, MG_EINPUT, "%s: attribution has no rows", path);
    table->n = dim[0];
    table->hypothetical = !positions;
    table->bases_first = bases_first && !bases_last;
    return MG_OK;
}

/* --- rows --- */

static mg_status read_bases(const char *path, const mg_own_table *table, mg_base *base, mg_error *err)
{
    for (int64_t k = 0; k < table->n * table->length; k++) {
        base[k] = mg_base_from_letter(table->letter[k]);
        if (base[k] == MG_NOT_A_LETTER)
            return mg_fail(err, MG_EINPUT, "%s: windows, row %lld: letter %lld is no base", path,
                           (long long)(k / table->length), (long long)(k % table->length) + 1);
    }
    return MG_OK;
}

static mg_status check_finite(const char *path, const mg_own_table *table, int64_t width, mg_error *err)
{
    for (int64_t k = 0; k < table->n * width; k++)
        if (!isfinite(table->value[k]))
            return mg_fail(err, MG_EINPUT, "%s: attribution, row %lld: a number is not finite; leave such rows out",
                           path, (long long)(k / width));
    return MG_OK;
}

/* Row `from` of the table, bases last. */
static void copy_row(const mg_own_table *table, int64_t from, int64_t width, float *to)
{
    const float *value = table->value + from * width;
    if (!table->bases_first) {
        memcpy(to, value, (size_t)width * sizeof *to);
        return;
    }
    for (int64_t b = 0; b < MG_N_BASES; b++)
        for (int64_t p = 0; p < table->length; p++)
            to[p * MG_N_BASES + b] = value[b * table->length + p];
}

/* A row where it stands in the order of bases. */
typedef struct {
    const mg_base *base;
    size_t length;
    int64_t row;
} place;

static int compare_places(const void *a, const void *b)
{
    const place *one = a, *other = b;
    int order = memcmp(one->base, other->base, one->length);
    return order != 0 ? order : (one->row > other->row) - (one->row < other->row);
}

/* The same window twice: once is enough where the numbers are the same. */
static mg_status check_repeated(const char *path, const mg_own_table *table, int64_t width, const place *one,
                                const place *other, mg_error *err)
{
    const float *a = table->value + one->row * width, *b = table->value + other->row * width;
    if (memcmp(a, b, (size_t)width * sizeof *a) == 0) return MG_OK;
    return mg_fail(err, MG_EINPUT, "%s: rows %lld and %lld have the same window and different numbers", path,
                   (long long)one->row, (long long)other->row);
}

static mg_status fill_rows(const char *path, const mg_own_table *table, const place *sorted, int64_t width, mg_own *own,
                           mg_error *err)
{
    size_t length = (size_t)table->length;
    mg_foreign_rows *rows = &own->rows;
    mg_status status = MG_OK;
    for (int64_t k = 0, first = 0; k < table->n && status == MG_OK; k++) {
        bool again = k > 0 && memcmp(sorted[k].base, sorted[k - 1].base, length) == 0;
        first = again ? first : k;
        if (again) {
            own->n_repeated++;
            status = check_repeated(path, table, width, &sorted[first], &sorted[k], err);
            continue;
        }
        memcpy(rows->base + (size_t)rows->n * length, sorted[k].base, length);
        copy_row(table, sorted[k].row, width, rows->value + rows->n * width);
        rows->n++;
    }
    return status;
}

static mg_status make_rows(const char *path, const mg_own_table *table, mg_own *own, mg_error *err)
{
    mg_foreign_rows *rows = &own->rows;
    size_t n = (size_t)table->n, length = (size_t)table->length;
    mg_base *base = NULL;
    place *sorted = NULL;
    *rows = (mg_foreign_rows){.length = table->length, .hypothetical = table->hypothetical};
    int64_t width = mg_foreign_width(rows);
    mg_status status = check_finite(path, table, width, err);
    if (status == MG_OK) status = mg_alloc(&base, n, length, err);
    if (status == MG_OK) status = read_bases(path, table, base, err);
    if (status == MG_OK) status = mg_alloc(&sorted, n, sizeof *sorted, err);
    if (status == MG_OK) status = mg_alloc(&rows->base, n, length, err);
    if (status == MG_OK) status = mg_alloc(&rows->value, n, (size_t)width * sizeof *rows->value, err);
    for (size_t i = 0; i < n && status == MG_OK; i++)
        sorted[i] = (place){base + i * length, length, (int64_t)i};
    if (status == MG_OK) qsort(sorted, n, sizeof *sorted, compare_places);
    if (status == MG_OK) status = fill_rows(path, table, sorted, width, own, err);
    own->n_rows = table->n;
    free(sorted);
    free(base);
    return status;
}

/* --- file --- */

static mg_status read_table(const char *path, mg_own_table *table, mg_error *err)
{
    unsigned char begin[SIGNATURE] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) return mg_fail(err, MG_EINPUT, "cannot open %s", path);
    size_t n = fread(begin, 1, SIGNATURE, file);
    fclose(file);
    if (n == SIGNATURE && memcmp(begin, "\x89HDF\r\n\x1a\n", SIGNATURE) == 0) return mg_own_read_h5(path, table, err);
    if (n >= 4 && memcmp(begin, "PK\3\4", 4) == 0) return mg_own_read_npz(path, table, err);
    return mg_fail(err, MG_EINPUT, "%s is neither HDF5 nor a .npz of numpy, which own attributions are read from",
                   path);
}

mg_status mg_own_read(const char *path, int64_t length, mg_own *ret, mg_error *err)
{
    mg_own own = {0};
    mg_own_table table = {.length = length};
    mg_held_file held;
    mg_held_file_open(path, &held);
    mg_status status = MG_OK;
    if (held.file < 0) status = mg_fail(err, MG_EINPUT, "cannot open %s, or it is no regular file", path);
    if (status == MG_OK) status = read_table(path, &table, err);
    if (status == MG_OK) status = make_rows(path, &table, &own, err);
    if (status == MG_OK) status = mg_held_file_sum(&held, own.sha256, err);
    mg_held_file_close(&held);
    free(table.value);
    free(table.letter);
    if (status == MG_OK)
        *ret = own;
    else
        mg_own_destroy(&own);
    return status;
}

/* --- windows of the run --- */

/* Only the marked rows, in their order. */
static void keep_marked(const char *mark, mg_foreign_rows *rows)
{
    int64_t n = 0, width = mg_foreign_width(rows);
    size_t length = (size_t)rows->length;
    for (int64_t i = 0; i < rows->n; i++) {
        if (!mark[i]) continue;
        if (n < i) memcpy(rows->base + (size_t)n * length, rows->base + (size_t)i * length, length);
        if (n < i) memcpy(rows->value + n * width, rows->value + i * width, (size_t)width * sizeof *rows->value);
        n++;
    }
    rows->n = n;
}

static mg_status mark_windows(const mg_distinct *distinct, const mg_foreign_rows *rows, char *mark, mg_error *err)
{
    mg_base *base = NULL;
    mg_shard_window *window = NULL;
    mg_status status = mg_alloc(&base, BLOCK, (size_t)rows->length, err);
    if (status == MG_OK) status = mg_alloc(&window, BLOCK, sizeof *window, err);
    for (int64_t first = 0; first < distinct->n_windows && status == MG_OK; first += BLOCK) {
        int64_t left = distinct->n_windows - first, n = left < BLOCK ? left : BLOCK;
        status = mg_distinct_windows(distinct, first, n, window, base, err);
        for (int64_t i = 0; i < n && status == MG_OK; i++) {
            int64_t row = mg_foreign_find(rows, base + i * rows->length);
            if (row >= 0) mark[row] = 1;
        }
    }
    free(window);
    free(base);
    return status;
}

mg_status mg_own_match(const char *path, const mg_distinct *distinct, mg_own *own, mg_error *err)
{
    char *mark = NULL;
    int64_t n_before = own->rows.n;
    mg_status status = mg_alloc(&mark, (size_t)n_before, 1, err);
    if (status == MG_OK) status = mark_windows(distinct, &own->rows, mark, err);
    if (status == MG_OK) keep_marked(mark, &own->rows);
    free(mark);
    own->n_matched = own->rows.n;
    own->n_strange = n_before - own->rows.n;
    if (status == MG_OK && own->n_matched == 0 && distinct->n_windows > 0)
        return mg_fail(
            err, MG_EINPUT,
            "%s: none of its %lld windows is one of the run's; are they the bases of the whole window, in the "
            "direction of the transcript?",
            path, (long long)n_before);
    return status;
}
