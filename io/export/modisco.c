/* modisco.c  the input of TF-MoDISco: one-hot sequences and hypothetical contributions, bases before positions
 *
 * As NAME.ohe.npz and NAME.shap.npz, each an array arr_0 of shape (N, 4, L), or as one HDF5 file with /raw/seq and
 * /shap/seq of that shape. Of the mutations the hypothetical contribution is D(i,b) less its mean over the four bases,
 * where D of the base that is there is 0. Unknown positions are zero in both.
 * Source: tfmodisco-lite, modisco motifs -s, -a and -i.
 */
#include "io/export/export.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/base/h5.h"
#include "io/base/npz.h"
#include "io/base/whole_file.h"
#include "src/core/memory.h"

/* The two arrays. */
typedef enum { ONE_HOT, HYPOTHETICAL, N_ARRAYS } array;

static const struct {
    const char *file, *group; /* what NAME.npz becomes, and the group of the dataset `seq` in HDF5 */
    size_t bytes;             /* of a number */
    mg_npz_type type;
} arrays[N_ARRAYS] = {{"ohe.npz", "/raw", 1, MG_NPZ_INT8}, {"shap.npz", "/shap", 4, MG_NPZ_FLOAT32}};

/* A reading of the windows for one array. */
typedef struct {
    const mg_export *export;
    array what;
    mg_export_block *block;
    mg_base *base; /* (n_rows, L) */
    float *value;  /* (n_rows, L, 4) D or c; NULL for ONE_HOT */
    char *ready;   /* (n_rows, 4, L) of the array's type */
} reader;

static size_t window_bytes(const reader *r)
{
    return (size_t)r->export->run->shape.length * MG_N_BASES * arrays[r->what].bytes;
}

static void close_reader(reader *r)
{
    mg_export_end(r->block);
    free(r->base);
    free(r->value);
    free(r->ready);
    *r = (reader){.export = r->export, .what = r->what};
}

static mg_status open_reader(reader *r, mg_error *err)
{
    size_t length = (size_t)r->export->run->shape.length;
    close_reader(r);
    mg_status status = mg_export_begin(r->export, &r->block, err);
    if (status != MG_OK) return status;
    size_t rows = (size_t)r->block->n_rows;
    status = mg_alloc(&r->base, rows, length * sizeof *r->base, err);
    if (status == MG_OK) status = mg_alloc(&r->ready, rows, window_bytes(r), err);
    if (status == MG_OK && r->what == HYPOTHETICAL)
        status = mg_alloc(&r->value, rows, length * MG_N_BASES * sizeof *r->value, err);
    return status;
}

static void fill_one_hot(const mg_base *base, size_t length, char *to)
{
    memset(to, 0, length * MG_N_BASES);
    for (size_t p = 0; p < length; p++)
        if (base[p] < MG_N_BASES) to[base[p] * length + p] = 1;
}

/* value (L, 4) -> to (4, L), zero at unknown positions; false when a number is not finite */
static bool fill_hypothetical(const mg_base *base, const float *value, bool mutations, size_t length, float *to)
{
    for (size_t p = 0; p < length; p++) {
        const float *row = value + p * MG_N_BASES;
        bool known = base[p] < MG_N_BASES;
        double mean = mutations ? ((double)row[0] + row[1] + row[2] + row[3]) / MG_N_BASES : 0;
        for (size_t b = 0; b < MG_N_BASES; b++) {
            to[b * length + p] = known ? (float)(row[b] - mean) : 0;
            if (!isfinite(to[b * length + p])) return false;
        }
    }
    return true;
}

static mg_status not_finite(const reader *r, int64_t window, mg_error *err)
{
    const mg_run_file *run = r->export->run;
    int64_t m = r->export->method;
    return mg_fail(err, MG_EINPUT,
                   "%s: window %" PRId64 " has no finite hypothetical contributions of %s; not every method defines "
                   "them (mutagree methods), and own attributions may have no row for a window",
                   run->path, window, m < 0 ? "the mutations" : run->summary.method[m].name);
}

static mg_status fill_window(reader *r, int64_t i, mg_error *err)
{
    size_t length = (size_t)r->export->run->shape.length;
    const mg_base *base = r->base + (size_t)i * length;
    char *to = r->ready + (size_t)i * window_bytes(r);
    if (r->what == ONE_HOT) {
        fill_one_hot(base, length, to);
        return MG_OK;
    }
    bool mutations = r->export->method == MG_EXPORT_MUTATIONS;
    const float *value = r->value + (size_t)i * length * MG_N_BASES;
    if (fill_hypothetical(base, value, mutations, length, (float *)(void *)to)) return MG_OK;
    return not_finite(r, r->block->window[i], err);
}

/* The next block into r->ready; none when r->block->n is 0. */
static mg_status read_next(reader *r, mg_error *err)
{
    bool mutations = r->export->method == MG_EXPORT_MUTATIONS;
    mg_status status = mg_export_next(r->block, err);
    if (status == MG_OK && r->block->n > 0) status = mg_export_read_bases(r->block, r->base, err);
    if (status == MG_OK && r->block->n > 0 && r->what == HYPOTHETICAL)
        status = mg_export_read(r->block, mutations ? MG_MUTATION_EFFECT : MG_ATTRIBUTION_HYPOTHETICAL,
                                mutations ? 0 : r->export->method, r->value, err);
    for (int64_t i = 0; i < r->block->n && status == MG_OK; i++)
        status = fill_window(r, i, err);
    return status;
}

/* --- npz --- */

static mg_status begin(void *user, mg_error *err)
{
    return open_reader(user, err);
}

static mg_status next(void *user, const void **ret, size_t *ret_n, mg_error *err)
{
    reader *r = user;
    mg_status status = read_next(r, err);
    *ret = r->ready;
    *ret_n = status == MG_OK ? (size_t)r->block->n * window_bytes(r) : 0;
    return status;
}

static mg_status write_array(const mg_export *export, array what, const char *path, int64_t n, mg_error *err)
{
    reader r = {.export = export, .what = what};
    mg_npz_array npz = {arrays[what].type, {n, MG_N_BASES, export->run->shape.length}, &r, begin, next};
    mg_status status = mg_npz_write(path, &npz, export->options->force, err);
    close_reader(&r);
    return status;
}

static mg_status name_arrays(const mg_export *export, char *path[N_ARRAYS], mg_error *err)
{
    const char *out = export->options->out;
    int n_stem = (int)(strlen(out) - strlen("npz"));
    mg_status status = MG_OK;
    for (array a = 0; a < N_ARRAYS && status == MG_OK; a++)
        if (asprintf(&path[a], "%.*s%s", n_stem, out, arrays[a].file) < 0) {
            path[a] = NULL;
            status = mg_fail(err, MG_EMEM, "out of memory");
        }
    return status;
}

/* Both names are looked at before anything is written; and when the second array fails, the first goes. */
static mg_status write_npz(const mg_export *export, int64_t n, mg_error *err)
{
    char *path[N_ARRAYS] = {NULL};
    mg_status status = name_arrays(export, path, err);
    for (array a = 0; a < N_ARRAYS && status == MG_OK; a++) {
        status = mg_whole_file_check_name(path[a], export->options->force, err);
    }
    if (status == MG_OK) status = write_array(export, HYPOTHETICAL, path[HYPOTHETICAL], n, err);
    if (status == MG_OK) {
        status = write_array(export, ONE_HOT, path[ONE_HOT], n, err);
        if (status != MG_OK && path[HYPOTHETICAL] != NULL) unlink(path[HYPOTHETICAL]);
    }
    for (array a = 0; a < N_ARRAYS; a++)
        free(path[a]);
    return status;
}

/* --- HDF5 --- */

static mg_status write_rows(reader *r, hid_t set, hid_t in_file, mg_error *err)
{
    hsize_t length = (hsize_t)r->export->run->shape.length, start[3] = {0}, count[3] = {0, MG_N_BASES, length};
    mg_status status = open_reader(r, err);
    if (status == MG_OK) status = read_next(r, err);
    while (status == MG_OK && r->block->n > 0) {
        count[0] = (hsize_t)r->block->n;
        hid_t in_memory = H5Screate_simple(3, count, NULL);
        hid_t type = r->what == ONE_HOT ? H5T_NATIVE_INT8 : H5T_NATIVE_FLOAT;
        if (in_memory < 0 || H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
            H5Dwrite(set, type, in_memory, in_file, H5P_DEFAULT, r->ready) < 0)
            status = mg_h5_fail(err, MG_EIO, "cannot write dataset %s/seq", arrays[r->what].group);
        mg_h5_close_space(in_memory);
        start[0] += count[0];
        if (status == MG_OK) status = read_next(r, err);
    }
    return status;
}

/* Groups and datasets without time stamps, which would make equal files differ. */
static mg_status create_set(hid_t file, array what, hid_t space, hid_t *ret, mg_error *err)
{
    hid_t type = what == ONE_HOT ? H5T_STD_I8LE : H5T_IEEE_F32LE, settings = H5Pcreate(H5P_DATASET_CREATE), group = -1;
    mg_status status = mg_h5_create_group(file, arrays[what].group, &group, err);
    if (status == MG_OK && settings >= 0 && H5Pset_obj_track_times(settings, 0) >= 0)
        *ret = H5Dcreate2(group, "seq", type, space, H5P_DEFAULT, settings, H5P_DEFAULT);
    if (status == MG_OK && *ret < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot create dataset %s/seq", arrays[what].group);
    mg_h5_close_list(settings);
    mg_h5_close_group(group);
    return status;
}

static mg_status write_set(const mg_export *export, hid_t file, array what, int64_t n, mg_error *err)
{
    reader r = {.export = export, .what = what};
    hsize_t dim[3] = {(hsize_t)n, MG_N_BASES, (hsize_t) export->run->shape.length};
    hid_t space = H5Screate_simple(3, dim, NULL), set = -1;
    mg_status status = space < 0 ? mg_h5_fail(err, MG_EMEM, "cannot make a data space") : MG_OK;
    if (status == MG_OK) status = create_set(file, what, space, &set, err);
    if (status == MG_OK) status = write_rows(&r, set, space, err);
    close_reader(&r);
    mg_h5_close_dataset(set);
    mg_h5_close_space(space);
    return status;
}

static mg_status write_h5(const mg_export *export, int64_t n, mg_error *err)
{
    const char *out = export->options->out;
    char *part = NULL;
    hid_t file = -1;
    mg_status status = mg_whole_file_begin(out, export->options->force, &part, err);
    if (status != MG_OK) return status;
    status = mg_h5_create_file(part, &file, err);
    for (array a = 0; a < N_ARRAYS && status == MG_OK; a++)
        status = write_set(export, file, a, n, err);
    if (file >= 0) {
        mg_status closed = mg_h5_close_file(file, status == MG_OK ? err : NULL);
        if (status == MG_OK) status = closed;
    }
    status = mg_whole_file_end(out, part, export->options->force, status, err);
    free(part);
    return status;
}

/* --- --- */

static mg_status write_modisco(const mg_export *export, mg_error *err)
{
    const char *out = export->options->out;
    int64_t n = 0;
    if (!export->one_method)
        return mg_fail(err, MG_EUSAGE, "--format modisco needs --method NAME, or --method mutations");
    if (export->method != MG_EXPORT_MUTATIONS && export->run->shape.store < MG_STORE_HYPOTHETICAL)
        return mg_fail(err, MG_EINPUT,
                       "%s keeps no hypothetical contributions; scan again with --store hypothetical, or take --method "
                       "mutations",
                       export->run->path);
    mg_status status = mg_export_count(export, &n, err);
    if (status != MG_OK) return status;
    return mg_export_has_ending(out, ".npz") ? write_npz(export, n, err) : write_h5(export, n, err);
}

const mg_export_format mg_export_modisco = {.name = "modisco",
                                            .distinct = true,
                                            .store = MG_STORE_CONTRIBUTION,
                                            .by_method = true,
                                            .ending = {".npz", ".h5"},
                                            .write = write_modisco};
