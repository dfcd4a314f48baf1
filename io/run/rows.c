/* rows.c  whole chunks, and parts of chunks out of whole ones */
#include "io/run/rows.h"

#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "src/core/memory.h"

static mg_status read_stretch(const mg_rows *r, int64_t first, int64_t n, void *values, mg_error *err)
{
    hsize_t start[H5S_MAX_RANK] = {(hsize_t)first}, count[H5S_MAX_RANK] = {(hsize_t)n};
    for (int d = 1; d < r->n_dims; d++)
        count[d] = (hsize_t)r->dim[d];
    hid_t in_file = H5Dget_space(r->set), in_memory = H5Screate_simple(r->n_dims, count, NULL);
    herr_t result = -1;
    if (in_file >= 0 && in_memory >= 0 && H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL) >= 0)
        result = H5Dread(r->set, r->in_memory, in_memory, in_file, H5P_DEFAULT, values);
    mg_status status = result >= 0 ? MG_OK : mg_h5_fail(err, MG_EINPUT, "cannot read dataset %s", r->path);
    mg_h5_close_space(in_file);
    mg_h5_close_space(in_memory);
    return status;
}

/* Whole chunks that begin with row `first`. */
static mg_status read_chunks(const mg_rows *r, int64_t first, int64_t n, char *values, mg_error *err)
{
    int64_t rows = r->part->piece / (int64_t)r->row;
    mg_status status = read_stretch(r, first, n, values, err);
    for (int64_t at = 0; at < n && status == MG_OK; at += rows)
        status = mg_seal_check(r->seal, r->part, (first + at) / rows, values + (size_t)at * r->row, err);
    return status;
}

/* Rows first .. first + n - 1 of one chunk, which is read whole when it is not the last one. */
static mg_status read_part_of_chunk(mg_rows *r, int64_t first, int64_t n, char *values, mg_error *err)
{
    int64_t rows = r->part->piece / (int64_t)r->row, k = first / rows, left = r->dim[0] - k * rows;
    mg_status status = MG_OK;
    if (r->chunk == NULL) status = mg_alloc(&r->chunk, (size_t)(rows < r->dim[0] ? rows : r->dim[0]), r->row, err);
    if (status == MG_OK && r->in_chunk != k) {
        r->in_chunk = -1;
        status = read_chunks(r, k * rows, left < rows ? left : rows, r->chunk, err);
        if (status == MG_OK) r->in_chunk = k;
    }
    if (status == MG_OK) memcpy(values, r->chunk + (size_t)(first - k * rows) * r->row, (size_t)n * r->row);
    return status;
}

/* The part of a chunk before the first whole one, whole ones, and the part of one after them. */
static mg_status read_rows(mg_rows *r, int64_t first, int64_t n, char *values, mg_error *err)
{
    int64_t rows = r->part->piece / (int64_t)r->row, end = first + n;
    mg_status status = MG_OK;
    for (int64_t at = first, next; at < end && status == MG_OK; at = next) {
        char *to = values + (size_t)(at - first) * r->row;
        int64_t whole = end == r->dim[0] ? end : end / rows * rows;
        if (at % rows == 0 && whole > at) {
            next = whole;
            status = read_chunks(r, at, next - at, to, err);
        } else {
            next = (at / rows + 1) * rows;
            if (next > end) next = end;
            status = read_part_of_chunk(r, at, next - at, to, err);
        }
    }
    return status;
}

/* Do the sums fit the dataset? Its shape was not changed by accident, but perhaps by malice. */
static bool fits(const mg_rows *r)
{
    return r->row > 0 && r->part->piece % (int64_t)r->row == 0 && r->part->n_bytes / (int64_t)r->row == r->dim[0] &&
           r->part->n_bytes % (int64_t)r->row == 0;
}

mg_status mg_rows_open(hid_t file, const mg_seal *seal, const char *path, int n_dims, const int64_t *dim,
                       hid_t in_memory, size_t row, mg_rows *ret, mg_error *err)
{
    *ret = (mg_rows){.in_memory = in_memory, .n_dims = n_dims, .row = row, .seal = seal, .path = path, .in_chunk = -1};
    memcpy(ret->dim, dim, (size_t)n_dims * sizeof *dim);
    ret->part = mg_seal_find(seal, path);
    if (ret->part != NULL && ret->part->at_once) ret->part = NULL;
    ret->set = H5Dopen2(file, path, H5P_DEFAULT);
    if (ret->set < 0) return mg_fail(err, MG_EINPUT, "there is no dataset %s", path);
    if (ret->part == NULL || fits(ret)) return MG_OK;
    return mg_fail(err, MG_EINPUT, "the checksums of dataset %s are not of its shape", path);
}

void mg_rows_close(mg_rows *rows)
{
    mg_h5_close_dataset(rows->set);
    free(rows->chunk);
    *rows = (mg_rows){.set = -1};
}

mg_status mg_rows_read(mg_rows *rows, int64_t first, int64_t n, void *values, mg_error *err)
{
    if (first < 0 || n < 0 || first > rows->dim[0] || n > rows->dim[0] - first)
        return mg_fail(err, MG_EINPUT, "dataset %s has no rows %lld to %lld", rows->path, (long long)first,
                       (long long)(first + n - 1));
    if (n == 0) return MG_OK;
    return rows->part == NULL ? read_stretch(rows, first, n, values, err) : read_rows(rows, first, n, values, err);
}
