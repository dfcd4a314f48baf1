/* shard_h5.c  write a shard through an HDF5 image in memory, read it back field by field */
#include "io/run/shard_h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/run/field_h5.h"
#include "io/base/h5.h"
#include "io/run/parts.h"
#include "src/core/memory.h"

enum { MAX_DIMS = MG_FIELD_MAX_DIMS + 2 };

/* (methods, metrics, n, ...) as far as the field has them */
static int shard_dims(mg_field_id id, const mg_run_shape *shape, int64_t n, int64_t dim[MAX_DIMS])
{
    int n_dims = 0;
    if (mg_field_has_methods(id))
        dim[n_dims++] = shape->n_methods + (mg_field_has_metrics(id) ? shape->n_baselines : 0);
    if (mg_field_has_metrics(id)) dim[n_dims++] = (int64_t)shape->metrics->n;
    return n_dims + mg_field_dims(id, shape, n, dim + n_dims);
}

/* --- write --- */

static void gather_letters(const mg_shard *shard, char *letter)
{
    for (int64_t i = 0; i < shard->n * shard->length; i++)
        letter[i] = mg_letter_from_base(shard->base[i]);
}

#define GATHER(type, member)                                                                                           \
    for (int64_t i = 0; i < shard->n; i++)                                                                             \
    ((type *)scratch)[i] = (type)shard->window[i].member

const void *mg_shard_values(mg_field_id id, const mg_shard *shard, const mg_result *result, void *scratch)
{
    switch (id) {
    case MG_WINDOW_SCORE:
        return result->score;
    case MG_WINDOW_PROBABILITY:
        return result->probability;
    case MG_MUTATION_EFFECT:
        return result->effect;
    case MG_TRUTH_EFFECT:
        return result->measured;
    case MG_TRUTH_SE:
        return result->measured_se;
    case MG_ATTRIBUTION_CONTRIBUTION:
        return result->contribution;
    case MG_ATTRIBUTION_HYPOTHETICAL:
        return result->hypothetical;
    case MG_AGREEMENT:
        return result->agreement;
    case MG_WINDOW_MEASURED:
        return result->chosen;
    case MG_WINDOW_PLACE:
        GATHER(int64_t, place);
        break;
    case MG_WINDOW_CLUSTER:
        GATHER(int64_t, cluster);
        break;
    case MG_WINDOW_LABEL:
        GATHER(int8_t, label);
        break;
    case MG_WINDOW_KIND:
        GATHER(int8_t, kind);
        break;
    case MG_WINDOW_UNKNOWN:
        GATHER(int32_t, n_unknown);
        break;
    case MG_WINDOW_SEQUENCE:
        gather_letters(shard, scratch);
        break;
    default:
        return NULL;
    }
    return scratch;
}
#undef GATHER

/* Groups on the way to the path are made as needed: "/mutation/effect". */
static mg_status write_set(hid_t file, const char *path, const mg_field_types *types, int n_dims, const int64_t *dim,
                           const void *values, mg_error *err)
{
    hsize_t size[MAX_DIMS];
    for (int d = 0; d < n_dims; d++)
        size[d] = (hsize_t)dim[d];
    mg_status status = MG_OK;
    hid_t set = -1, links = H5Pcreate(H5P_LINK_CREATE), space = H5Screate_simple(n_dims, size, NULL);
    if (links >= 0 && space >= 0 && H5Pset_create_intermediate_group(links, 1) >= 0)
        set = H5Dcreate2(file, path, types->in_file, space, links, H5P_DEFAULT, H5P_DEFAULT);
    if (set < 0 || H5Dwrite(set, types->in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = mg_h5_fail(err, MG_EIO, "cannot compose dataset %s of a shard", path);
    mg_h5_close_dataset(set);
    mg_h5_close_space(space);
    mg_h5_close_list(links);
    return status;
}

static mg_status write_field(hid_t file, mg_field_id id, const mg_shard_store *store, const mg_shard *shard,
                             const mg_result *result, void *scratch, mg_error *err)
{
    int64_t dim[MAX_DIMS];
    int n_dims = shard_dims(id, &store->shape, shard->n, dim);
    char path[MG_FIELD_PATH];
    mg_field_types types;
    mg_field_shard_path(id, path);
    mg_status status = mg_field_open_types(id, (size_t)shard->length, &types, err);
    if (status == MG_OK)
        status = write_set(file, path, &types, n_dims, dim, mg_shard_values(id, shard, result, scratch), err);
    mg_field_close_types(&types);
    return status;
}

static mg_status write_facts(hid_t file, const mg_shard_store *store, const mg_shard *shard, mg_error *err)
{
    mg_status status = mg_h5_write_text(file, "format", "mutagree-shard", err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "id", shard->id, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "first", shard->first, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "windows", shard->n, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "length", shard->length, err);
    if (status == MG_OK) status = mg_h5_write_integer(file, "store", store->shape.store, err);
    return status == MG_OK ? mg_h5_write_text(file, "methods", store->methods, err) : status;
}

static mg_status fill(hid_t file, const mg_shard_store *store, const mg_shard *shard, const mg_result *result,
                      mg_error *err)
{
    size_t n = (size_t)shard->n, row = (size_t)shard->length;
    char *scratch = NULL;
    mg_status status = mg_alloc(&scratch, n, row > sizeof(int64_t) ? row : sizeof(int64_t), err);
    if (status == MG_OK) status = write_facts(file, store, shard, err);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++)
        if (mg_field_is_kept(id, &store->shape)) status = write_field(file, id, store, shard, result, scratch, err);
    free(scratch);
    return status;
}

/* A file that lives in memory only. */
static mg_status create_image(const char *name, hid_t *ret, mg_error *err)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    mg_status status = MG_OK;
    if (list < 0 || H5Pset_fapl_core(list, 1 << 20, 0) < 0 ||
        (*ret = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, list)) < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot compose shard %s in memory", name);
    mg_h5_close_list(list);
    return status;
}

static mg_status take_image(hid_t file, unsigned char **ret, size_t *ret_n, mg_error *err)
{
    ssize_t n = -1;
    if (H5Fflush(file, H5F_SCOPE_LOCAL) >= 0) n = H5Fget_file_image(file, NULL, 0);
    if (n <= 0) return mg_h5_fail(err, MG_EBUG, "a shard in memory cannot be measured");
    mg_status status = mg_alloc(ret, (size_t)n, 1, err);
    if (status != MG_OK) return status;
    if (H5Fget_file_image(file, *ret, (size_t)n) != n)
        return mg_h5_fail(err, MG_EBUG, "a shard in memory cannot be read");
    *ret_n = (size_t)n;
    return MG_OK;
}

/* Which shard of which run, in one word. */
static void name_shard(const char *id, int64_t k, char name[MG_SEAL_ID])
{
    snprintf(name, MG_SEAL_ID, "%.40s shard %lld", id, (long long)k);
}

/* Each field is a part with one sum: it is read at once. */
static mg_status list_parts(hid_t file, const mg_shard_store *store, int64_t k, mg_seal *seal, mg_error *err)
{
    mg_status status = MG_OK;
    name_shard(store->id, k, seal->id);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS && status == MG_OK; id++) {
        if (!mg_field_is_kept(id, &store->shape)) continue;
        char path[MG_FIELD_PATH];
        mg_field_shard_path(id, path);
        hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
        haddr_t offset = set >= 0 ? H5Dget_offset(set) : HADDR_UNDEF;
        int64_t n = set >= 0 ? (int64_t)H5Dget_storage_size(set) : 0;
        mg_h5_close_dataset(set);
        status = offset != HADDR_UNDEF ? mg_seal_add(seal, path, (int64_t)offset, n, n, false, NULL, err)
                                       : mg_h5_fail(err, MG_EBUG, "a shard in memory has no %s", path);
    }
    return status;
}

mg_status mg_shard_file_write(const mg_shard_store *store, const mg_shard *shard, const mg_result *result,
                              mg_error *err)
{
    char name[MG_PARTS_NAME];
    unsigned char *image = NULL;
    size_t n = 0;
    hid_t file = -1;
    mg_seal seal = {0};
    mg_parts_shard_name(shard->id, name);
    mg_status status = create_image(name, &file, err);
    if (status == MG_OK) status = fill(file, store, shard, result, err);
    if (status == MG_OK) status = take_image(file, &image, &n, err);
    if (status == MG_OK) status = list_parts(file, store, shard->id, &seal, err);
    if (file >= 0) H5Fclose(file); /* nothing of it goes to a disk */
    if (status == MG_OK) status = mg_seal_image(&image, &n, &seal, err);
    if (status == MG_OK) status = mg_parts_write(store->folder, name, image, n, err);
    mg_seal_destroy(&seal);
    free(image);
    return status;
}

/* --- read --- */

static mg_status check_integer(hid_t file, const char *name, int64_t expected, mg_error *err)
{
    int64_t found = 0;
    mg_status status = mg_h5_read_integer(file, name, &found, err);
    if (status == MG_OK && found != expected)
        status = mg_fail(err, MG_EINPUT, "%s is %lld, not %lld; it belongs to another run", name, (long long)found,
                         (long long)expected);
    return status;
}

static mg_status check_text(hid_t file, const char *name, const char *expected, mg_error *err)
{
    char *found = NULL;
    mg_status status = mg_h5_read_text(file, name, &found, err);
    if (status == MG_OK && strcmp(found, expected) != 0)
        status =
            mg_fail(err, MG_EINPUT, "%s is '%.80s', not '%.80s'; it belongs to another run", name, found, expected);
    free(found);
    return status;
}

static mg_status check_facts(const mg_shard_file *shard, mg_error *err)
{
    const mg_shard_store *store = shard->store;
    mg_status status = check_text(shard->file, "format", "mutagree-shard", err);
    if (status == MG_OK) status = check_integer(shard->file, "id", shard->id, err);
    if (status == MG_OK) status = check_integer(shard->file, "first", shard->first, err);
    if (status == MG_OK) status = check_integer(shard->file, "windows", shard->n, err);
    if (status == MG_OK) status = check_integer(shard->file, "length", store->shape.length, err);
    if (status == MG_OK) status = check_integer(shard->file, "store", store->shape.store, err);
    return status == MG_OK ? check_text(shard->file, "methods", store->methods, err) : status;
}

static mg_status read_seal(const char *path, const char *id, int64_t k, mg_seal *ret, mg_error *err)
{
    char name[MG_SEAL_ID];
    bool there = false;
    name_shard(id, k, name);
    mg_status status = mg_seal_read(path, ret, &there, err);
    if (status != MG_OK) return status;
    if (!there)
        status = mg_fail(err, MG_EINPUT, "%s: the checksums at its end are missing: it is cut off, or no shard", path);
    else if (strcmp(ret->id, name) != 0)
        status = mg_fail(err, MG_EINPUT, "%s: it is not shard %lld of this run", path, (long long)k);
    if (status != MG_OK) mg_seal_destroy(ret);
    return status;
}

mg_status mg_shard_file_check(const char *path, const char *id, int64_t k, bool all, mg_error *err)
{
    mg_seal seal = {0};
    mg_status status = read_seal(path, id, k, &seal, err);
    if (status == MG_OK && all) status = mg_seal_check_file(path, &seal, err);
    mg_seal_destroy(&seal);
    return status;
}

mg_status mg_shard_file_open(const mg_shard_store *store, int64_t id, mg_shard_file *ret, mg_error *err)
{
    char name[MG_PARTS_NAME];
    char *path = NULL;
    int64_t first = id * store->shard_size, left = store->shape.n_windows - first;
    *ret = (mg_shard_file){
        .store = store, .file = -1, .id = id, .first = first, .n = left < store->shard_size ? left : store->shard_size};
    mg_parts_shard_name(id, name);
    if (asprintf(&path, "%s/%s", store->folder, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = read_seal(path, store->id, id, &ret->seal, err);
    if (status == MG_OK) status = mg_h5_open_file(path, &ret->file, err);
    if (status == MG_OK && check_facts(ret, err) != MG_OK) status = mg_fail_prefix(err, "%s: ", path);
    if (status != MG_OK) mg_shard_file_close(ret);
    free(path);
    return status;
}

void mg_shard_file_close(mg_shard_file *file)
{
    if (file->file >= 0) H5Fclose(file->file);
    mg_seal_destroy(&file->seal);
    file->file = -1;
}

static mg_status check_sum(const mg_shard_file *file, mg_field_id id, const char *path, const void *values,
                           mg_error *err)
{
    const mg_run_shape *shape = &file->store->shape;
    const mg_seal_part *part = mg_seal_find(&file->seal, path);
    int64_t bytes = mg_field_n_sets(id, shape) * file->n * (int64_t)mg_field_row_bytes(id, shape);
    if (part != NULL && part->n_bytes == bytes && part->piece == bytes)
        return mg_seal_check(&file->seal, part, 0, values, err);
    return mg_fail(err, MG_EINPUT, "the checksum of dataset %s is not of its shape", path);
}

mg_status mg_shard_file_read(const mg_shard_file *file, mg_field_id id, void *out, mg_error *err)
{
    const mg_run_shape *shape = &file->store->shape;
    int64_t dim[MAX_DIMS];
    int n_dims = shard_dims(id, shape, file->n, dim);
    char path[MG_FIELD_PATH];
    size_t n_text = 0;
    hid_t set = -1;
    mg_field_types types = {-1, -1};
    mg_field_shard_path(id, path);
    mg_status status = mg_field_open_set(file->file, id, path, n_dims, dim, &set, &n_text, err);
    if (status == MG_OK && mg_fields[id].type == MG_FIELD_TEXT && n_text != (size_t)shape->length)
        status = mg_fail(err, MG_EINPUT, "dataset %s has not the shape it should have", path);
    if (status == MG_OK) status = mg_field_open_types(id, n_text, &types, err);
    if (status == MG_OK && H5Dread(set, types.in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
        status = mg_h5_fail(err, MG_EINPUT, "cannot read dataset %s", path);
    if (status == MG_OK) status = check_sum(file, id, path, out, err);
    if (status != MG_OK) mg_fail_prefix(err, "%s/shard %lld: ", file->store->folder, (long long)file->id);
    mg_field_close_types(&types);
    mg_h5_close_dataset(set);
    return status;
}

/* --- as parts of run.h5 --- */

/* Rows 0 .. n - 1 of set s, as they stand in a shard of n windows. */
static hid_t select_in_shard(mg_field_id id, const mg_run_shape *shape, int64_t s, int64_t n)
{
    int64_t dim[MAX_DIMS];
    hsize_t size[MAX_DIMS], start[MAX_DIMS] = {0}, count[MAX_DIMS];
    int n_dims = shard_dims(id, shape, n, dim);
    for (int d = 0; d < n_dims; d++)
        size[d] = count[d] = (hsize_t)dim[d];
    if (mg_field_has_methods(id)) {
        start[0] = (hsize_t)s;
        count[0] = 1;
    }
    hid_t space = H5Screate_simple(n_dims, size, NULL);
    if (space >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0) {
        mg_h5_close_space(space);
        return -1;
    }
    return space;
}

static mg_status map_shard(hid_t list, hid_t space, const char *path, const mg_run_shape *shape, int64_t first,
                           int64_t n, mg_field_id id, int64_t s, mg_error *err)
{
    int64_t dim[MG_FIELD_MAX_DIMS];
    hsize_t start[MG_FIELD_MAX_DIMS] = {(hsize_t)first}, count[MG_FIELD_MAX_DIMS];
    char set[MG_FIELD_PATH];
    int n_dims = mg_field_dims(id, shape, n, dim);
    for (int d = 0; d < n_dims; d++)
        count[d] = (hsize_t)dim[d];
    mg_field_shard_path(id, set);
    hid_t in_shard = select_in_shard(id, shape, s, n);
    mg_status status = MG_OK;
    if (in_shard < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Pset_virtual(list, space, path, set, in_shard) < 0)
        status = mg_h5_fail(err, MG_EMEM, "cannot refer to %s", path);
    mg_h5_close_space(in_shard);
    return status;
}

mg_status mg_shard_file_map(hid_t list, hid_t space, const char *folder, const mg_run_shape *shape, int64_t shard_size,
                            mg_field_id id, int64_t s, mg_error *err)
{
    mg_status status = MG_OK;
    for (int64_t k = 0, n_left = shape->n_windows; n_left > 0 && status == MG_OK; k++, n_left -= shard_size) {
        char name[MG_PARTS_NAME];
        char *path = NULL;
        mg_parts_shard_name(k, name);
        if (asprintf(&path, "%s/%s", folder, name) < 0) return mg_fail(err, MG_EMEM, "out of memory");
        int64_t n = n_left < shard_size ? n_left : shard_size;
        status = map_shard(list, space, path, shape, k * shard_size, n, id, s, err);
        free(path);
    }
    H5Sselect_all(space);
    return status;
}
