/* model_h5.c  written to disk with checksums on all of HDF5's own structures, read from an image in memory
 *
 * The HDF5 library (1.10) trusts the structures of a file: a few changed bytes in an old-style file crash it once in a
 * hundred times. The newer style that is asked for here carries a checksum in each structure, so that damage is noticed
 * before it is believed (measured: no crash in 20,000 damaged copies). Texts have a fixed length for the same reason:
 * those of variable length live in a heap without checksum.
 */
#include "io/model/model_h5.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/h5.h"
#include "src/core/memory.h"

enum {
    VERSION = MG_MODEL_H5_VERSION,
    IMAGE_STEP = 1 << 20,
    MAX_TEXT = 1 << 16,
    SWELL = 64
}; /* SWELL: numbers a byte of the file may unpack to */

static const char format_name[] = "mutagree-model";

/* --- reading --- */

static mg_status open_image(const unsigned char *bytes, size_t n, hid_t *ret, mg_error *err)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t list = H5Pcreate(H5P_FILE_ACCESS), file = -1;
    /* HDF5 asks for a pointer it may write through, but copies the bytes; and for a name that no file on disk has. */
    void *image = NULL;
    memcpy(&image, &bytes, sizeof image);
    if (list >= 0 && H5Pset_fapl_core(list, IMAGE_STEP, 0) >= 0 && H5Pset_file_image(list, image, n) >= 0)
        file = H5Fopen("/dev/null/model.h5", H5F_ACC_RDONLY, list);
    mg_status status = MG_OK;
    if (file < 0) status = mg_h5_fail(err, MG_EINPUT, "its HDF5 structure cannot be read; is the file truncated?");
    mg_h5_close_list(list);
    if (status == MG_OK) *ret = file;
    return status;
}

/* The text of an attribute of fixed length, for the caller to free(). */
static mg_status read_text(hid_t object, const char *name, char **ret, mg_error *err)
{
    hid_t attribute = H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1;
    hid_t type = attribute >= 0 ? H5Aget_type(attribute) : -1, space = attribute >= 0 ? H5Aget_space(attribute) : -1;
    char *text = NULL;
    mg_status status = MG_OK;
    bool good = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
                H5Tget_size(type) <= MAX_TEXT && H5Sget_simple_extent_npoints(space) == 1;
    if (!good) {
        status = mg_fail(err, MG_EINPUT, "it has no attribute %s, one text of fixed length", name);
    } else {
        status = mg_alloc(&text, H5Tget_size(type) + 1, 1, err);
        if (status == MG_OK && H5Aread(attribute, type, text) < 0)
            status = mg_h5_fail(err, MG_EINPUT, "its attribute %s cannot be read", name);
    }
    mg_h5_close_space(space);
    mg_h5_close_type(type);
    if (attribute >= 0) H5Aclose(attribute);
    if (status != MG_OK) {
        free(text);
        return status;
    }
    *ret = text;
    return MG_OK;
}

/* Whether the object has an attribute `name` that is this text. */
static bool has_text(hid_t object, const char *name, const char *wanted)
{
    char *text = NULL;
    bool same = read_text(object, name, &text, NULL) == MG_OK && strcmp(text, wanted) == 0;
    free(text);
    return same;
}

/* One walk over the file's datasets. */
typedef struct {
    hid_t top;
    size_t n_file;    /* bytes */
    size_t n_numbers; /* so far */
    mg_tensors *tensors;
    mg_status status;
    mg_error *err;
} walk;

/* Its shape, when it is an array of floating-point numbers inside this file; *ret_skip when it is something else. */
static mg_status look_at(walk *in, const char *name, hid_t dataset, int *n_dims, int64_t dim[MG_MAX_DIMS],
                         bool *ret_skip)
{
    hsize_t size[H5S_MAX_RANK] = {0};
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), list = H5Dget_create_plist(dataset);
    bool is_float = type >= 0 && H5Tget_class(type) == H5T_FLOAT;
    int n = space >= 0 ? H5Sget_simple_extent_dims(space, size, NULL) : -1;
    bool inside = list >= 0 && H5Pget_layout(list) != H5D_VIRTUAL && H5Pget_external_count(list) == 0;
    mg_h5_close_list(list);
    mg_h5_close_space(space);
    mg_h5_close_type(type);
    *ret_skip = !is_float;
    if (!is_float) return MG_OK;
    if (n < 0 || n > MG_MAX_DIMS)
        return mg_fail(in->err, MG_EINPUT, "its dataset %s has no shape of at most %d dimensions", name, MG_MAX_DIMS);
    if (!inside)
        return mg_fail(in->err, MG_EINPUT, "its dataset %s keeps its numbers in another file, which is not read", name);
    size_t numbers = 1;
    for (int d = 0; d < n; d++) {
        dim[d] = (int64_t)size[d];
        if (size[d] > (hsize_t)MG_MAX_NUMBERS) numbers = SIZE_MAX;
        if (numbers != SIZE_MAX) numbers = size[d] > 0 && numbers > SIZE_MAX / size[d] ? SIZE_MAX : numbers * size[d];
    }
    *n_dims = n;
    /* A dataset may be packed, or claim numbers that were never written; weights do not pack well. */
    if (numbers > SWELL * in->n_file || in->n_numbers + numbers > SWELL * in->n_file)
        return mg_fail(in->err, MG_EINPUT, "its dataset %s claims far more numbers than the file of %zu bytes can hold",
                       name, in->n_file);
    in->n_numbers += numbers;
    return MG_OK;
}

static mg_status read_dataset(walk *in, const char *path, hid_t dataset)
{
    char name[MG_TENSOR_NAME];
    int n_dims = 0;
    int64_t dim[MG_MAX_DIMS];
    bool skip = false;
    mg_tensor *tensor = NULL;
    if ((size_t)snprintf(name, sizeof name, "%s", path) >= sizeof name)
        return mg_fail(in->err, MG_EINPUT, "the name of one of its datasets has more than %d bytes",
                       MG_TENSOR_NAME - 1);
    for (char *at = name; *at != '\0'; at++) {
        if (*at == '/') *at = '.';
    }
    mg_status status = look_at(in, name, dataset, &n_dims, dim, &skip);
    if (status != MG_OK || skip) return status;
    status = mg_tensors_add(in->tensors, name, n_dims, dim, &tensor, in->err);
    if (status != MG_OK || tensor->n == 0) return status;
    if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor->data) < 0)
        return mg_h5_fail(in->err, MG_EINPUT, "its dataset %s cannot be read", name);
    return MG_OK;
}

/* Called by H5Lvisit for every link; soft and external links are not followed. */
static herr_t visit(hid_t top, const char *path, const H5L_info_t *info, void *context)
{
    walk *in = context;
    if (info->type != H5L_TYPE_HARD) return 0;
    hid_t object = H5Oopen(top, path, H5P_DEFAULT);
    if (object < 0) {
        in->status = mg_h5_fail(in->err, MG_EINPUT, "one of its objects cannot be opened");
        return -1;
    }
    if (H5Iget_type(object) == H5I_DATASET) in->status = read_dataset(in, path, object);
    H5Oclose(object);
    return in->status == MG_OK ? 0 : -1;
}

static mg_status read_tensors(hid_t file, size_t n_file, mg_tensors *tensors, mg_error *err)
{
    walk in = {.top = -1, .n_file = n_file, .tensors = tensors, .status = MG_OK, .err = err};
    bool below = H5Lexists(file, "weights", H5P_DEFAULT) > 0;
    mg_status status = mg_h5_open_group(file, below ? "weights" : "/", &in.top, err);
    if (status != MG_OK) return status;
    herr_t visited = H5Lvisit(in.top, H5_INDEX_NAME, H5_ITER_INC, visit, &in);
    if (visited < 0 && in.status == MG_OK) in.status = mg_h5_fail(err, MG_EINPUT, "its HDF5 groups are damaged");
    mg_h5_close_group(in.top);
    return in.status;
}

/* An own file: check its version and take its architecture. */
static mg_status read_own_header(hid_t file, char **ret_architecture, mg_error *err)
{
    int64_t version = 0;
    mg_status status = mg_h5_read_integer(file, "version", &version, err);
    if (status != MG_OK) return status;
    if (version != VERSION)
        return mg_fail(err, MG_EINPUT, "it is a mutagree model of version %lld; this mutagree reads version %d",
                       (long long)version, VERSION);
    return read_text(file, "architecture", ret_architecture, err);
}

mg_status mg_model_h5_read(const unsigned char *bytes, size_t n, mg_tensors *tensors, char **ret_architecture,
                           mg_error *err)
{
    hid_t file = -1;
    *ret_architecture = NULL;
    mg_status status = open_image(bytes, n, &file, err);
    if (status != MG_OK) return status;
    if (H5Lexists(file, "provenance", H5P_DEFAULT) > 0) {
        status = mg_fail(err, MG_EINPUT, "it is the result of a run, not a model");
    } else if (has_text(file, "format", format_name)) {
        status = read_own_header(file, ret_architecture, err);
    }
    if (status == MG_OK) status = read_tensors(file, n, tensors, err);
    if (status == MG_OK && tensors->n == 0) status = mg_fail(err, MG_EINPUT, "it holds no tensors");
    mg_status closed = mg_h5_close_file(file, status == MG_OK ? err : NULL);
    return status == MG_OK ? closed : status;
}

bool mg_model_h5_is_own(const unsigned char *bytes, size_t n)
{
    enum { SUPERBLOCK = 8, NEWER = 2, HEAD = 1 << 16 };
    return n > SUPERBLOCK && bytes[SUPERBLOCK] == NEWER &&
           memmem(bytes, n < HEAD ? n : HEAD, format_name, sizeof format_name - 1) != NULL;
}

/* --- writing --- */

static mg_status write_text(hid_t object, const char *name, const char *text, mg_error *err)
{
    hid_t type = -1, space = H5Screate(H5S_SCALAR), attribute = -1;
    mg_status status = mg_h5_text_type(strlen(text), &type, err);
    if (status == MG_OK) attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (status == MG_OK && (attribute < 0 || H5Awrite(attribute, type, text) < 0))
        status = mg_h5_fail(err, MG_EIO, "cannot write attribute %s", name);
    if (attribute >= 0) H5Aclose(attribute);
    mg_h5_close_type(type);
    mg_h5_close_space(space);
    return status;
}

static mg_status write_tensor(hid_t group, const mg_tensor *tensor, mg_error *err)
{
    hsize_t size[MG_MAX_DIMS];
    for (int d = 0; d < tensor->n_dims; d++)
        size[d] = (hsize_t)tensor->dim[d];
    hid_t space = H5Screate_simple(tensor->n_dims, size, NULL), list = H5Pcreate(H5P_DATASET_CREATE), dataset = -1;
    /* Without time stamps the same model is the same bytes. */
    if (space >= 0 && list >= 0 && H5Pset_obj_track_times(list, 0) >= 0)
        dataset = H5Dcreate2(group, tensor->name, H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    mg_status status = MG_OK;
    if (dataset < 0 || H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor->data) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot write tensor %s", tensor->name);
    if (status == MG_OK) status = write_text(dataset, "units", "1", err);
    if (status == MG_OK)
        status = write_text(dataset, "description", "trained weights, in PyTorch's name and shape", err);
    mg_h5_close_dataset(dataset);
    mg_h5_close_list(list);
    mg_h5_close_space(space);
    return status;
}

static int compare_names(const void *a, const void *b)
{
    const mg_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* In the order of their names, in which they are read too: so a file read and written again stays the same. */
static mg_status write_tensors(hid_t group, const mg_tensors *tensors, mg_error *err)
{
    const mg_tensor **sorted = NULL;
    mg_status status = mg_alloc(&sorted, tensors->n, sizeof *sorted, err);
    if (status != MG_OK) return status;
    for (size_t i = 0; i < tensors->n; i++)
        sorted[i] = &tensors->tensor[i];
    qsort(sorted, tensors->n, sizeof *sorted, compare_names);
    for (size_t i = 0; status == MG_OK && i < tensors->n; i++)
        status = write_tensor(group, sorted[i], err);
    free(sorted);
    return status;
}

static mg_status write_contents(hid_t file, const mg_tensors *tensors, const char *architecture, mg_error *err)
{
    hid_t group = -1;
    mg_status status = write_text(file, "format", format_name, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "version", VERSION, err);
    if (status == MG_OK) status = write_text(file, "architecture", architecture, err);
    if (status == MG_OK) status = mg_h5_create_group(file, "weights", &group, err);
    if (status == MG_OK) status = write_tensors(group, tensors, err);
    mg_h5_close_group(group);
    return status;
}

static mg_status create_file(const char *path, hid_t *ret, mg_error *err)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS), file = -1;
    if (creation >= 0 && access >= 0 && H5Pset_obj_track_times(creation, 0) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST) >= 0)
        file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    mg_status status = file >= 0 ? MG_OK : mg_h5_fail(err, MG_EIO, "cannot create %s", path);
    mg_h5_close_list(access);
    mg_h5_close_list(creation);
    if (status == MG_OK) *ret = file;
    return status;
}

mg_status mg_model_h5_write(const char *path, const mg_tensors *tensors, const char *architecture, mg_error *err)
{
    hid_t file = -1;
    mg_status status = create_file(path, &file, err);
    if (status != MG_OK) return status;
    status = write_contents(file, tensors, architecture, err);
    mg_status closed = mg_h5_close_file(file, status == MG_OK ? err : NULL);
    return status == MG_OK ? closed : status;
}
