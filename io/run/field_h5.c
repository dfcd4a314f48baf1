/* field_h5.c  types and checked opening of datasets */
#include "io/run/field_h5.h"

#include "io/base/h5.h"

mg_status mg_field_open_types(mg_field_id id, size_t n_text, mg_field_types *ret, mg_error *err)
{
    const hid_t in_file[] = {[MG_FIELD_INT8] = H5T_STD_I8LE,
                             [MG_FIELD_INT32] = H5T_STD_I32LE,
                             [MG_FIELD_INT64] = H5T_STD_I64LE,
                             [MG_FIELD_FLOAT32] = H5T_IEEE_F32LE,
                             [MG_FIELD_FLOAT64] = H5T_IEEE_F64LE};
    const hid_t in_memory[] = {[MG_FIELD_INT8] = H5T_NATIVE_INT8,
                               [MG_FIELD_INT32] = H5T_NATIVE_INT32,
                               [MG_FIELD_INT64] = H5T_NATIVE_INT64,
                               [MG_FIELD_FLOAT32] = H5T_NATIVE_FLOAT,
                               [MG_FIELD_FLOAT64] = H5T_NATIVE_DOUBLE};
    mg_field_type type = mg_fields[id].type;
    *ret = (mg_field_types){-1, -1};
    if (type == MG_FIELD_TEXT) {
        mg_status status = mg_h5_text_type(n_text, &ret->in_file, err);
        return status == MG_OK ? mg_h5_text_type(n_text, &ret->in_memory, err) : status;
    }
    ret->in_file = H5Tcopy(in_file[type]);
    ret->in_memory = H5Tcopy(in_memory[type]);
    if (ret->in_file < 0 || ret->in_memory < 0) return mg_h5_fail(err, MG_EMEM, "cannot make a type");
    return MG_OK;
}

void mg_field_close_types(mg_field_types *types)
{
    mg_h5_close_type(types->in_file);
    mg_h5_close_type(types->in_memory);
    *types = (mg_field_types){-1, -1};
}

static mg_status check_dims(hid_t set, const char *path, int n_dims, const int64_t *dim, mg_error *err)
{
    hsize_t found[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(set);
    int n = space < 0 ? -1 : H5Sget_simple_extent_dims(space, found, NULL);
    mg_h5_close_space(space);
    int fits = n == n_dims;
    for (int d = 0; fits && d < n_dims; d++)
        fits = found[d] == (hsize_t)dim[d];
    if (!fits) return mg_fail(err, MG_EINPUT, "dataset %s has not the shape it should have", path);
    return MG_OK;
}

/* HDF5 converts numbers between widths, but a file of ours holds exactly what the table says. */
static mg_status check_type(hid_t set, mg_field_id id, const char *path, size_t *ret_n_text, mg_error *err)
{
    hid_t type = H5Dget_type(set);
    int fits = 0;
    if (type >= 0 && mg_fields[id].type == MG_FIELD_TEXT) {
        fits = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
        *ret_n_text = H5Tget_size(type);
    } else if (type >= 0) {
        mg_field_types types;
        mg_status status = mg_field_open_types(id, 0, &types, err);
        fits = status == MG_OK && H5Tequal(type, types.in_file) > 0;
        mg_field_close_types(&types);
    }
    mg_h5_close_type(type);
    if (!fits) return mg_fail(err, MG_EINPUT, "dataset %s is not of the type it should be", path);
    return MG_OK;
}

mg_status mg_field_open_set(hid_t file, mg_field_id id, const char *path, int n_dims, const int64_t *dim, hid_t *ret,
                            size_t *ret_n_text, mg_error *err)
{
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) return mg_fail(err, MG_EINPUT, "there is no dataset %s", path);
    mg_status status = check_dims(set, path, n_dims, dim, err);
    if (status == MG_OK) status = check_type(set, id, path, ret_n_text, err);
    if (status == MG_OK)
        *ret = set;
    else
        mg_h5_close_dataset(set);
    return status;
}
