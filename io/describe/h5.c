/* h5.c  a result: where it comes from, and which datasets there are */
#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/describe/describe.h"
#include "io/base/h5.h"

enum { MAX_DATASETS = 100000 };

/* The attribute `name` of the object, whatever it is: a text, an integer, a real number; else null. */
static json_t *attribute_value(hid_t object, const char *name)
{
    char *text = NULL;
    int64_t integer = 0;
    double real = 0;
    json_t *value = NULL;
    if (mg_h5_read_text(object, name, &text, NULL) == MG_OK) {
        value = json_string(text);
    } else if (mg_h5_read_integer(object, name, &integer, NULL) == MG_OK) {
        value = json_integer(integer);
    } else {
        hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), space = attribute >= 0 ? H5Aget_space(attribute) : -1;
        if (space >= 0 && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, H5T_NATIVE_DOUBLE, &real) >= 0)
            value = json_real(real);
        mg_h5_close_space(space);
        if (attribute >= 0) H5Aclose(attribute);
    }
    free(text);
    return value != NULL ? value : json_null();
}

static herr_t add_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context)
{
    (void)info;
    return json_object_set_new(context, name, attribute_value(object, name));
}

static json_t *attributes_of(hid_t object)
{
    json_t *all = json_object();
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, add_attribute, all);
    return all;
}

static json_t *shape_of(hid_t dataset)
{
    hsize_t size[H5S_MAX_RANK] = {0};
    int64_t dim[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    int n = space >= 0 ? H5Sget_simple_extent_dims(space, size, NULL) : 0;
    mg_h5_close_space(space);
    for (int d = 0; d < n; d++)
        dim[d] = (int64_t)size[d];
    return mg_describe_shape(n, dim);
}

/* Called for every link of the file; datasets are added to the list. */
static herr_t add_dataset(hid_t top, const char *path, const H5L_info_t *info, void *context)
{
    json_t *list = context;
    if (info->type != H5L_TYPE_HARD || json_array_size(list) >= MAX_DATASETS) return 0;
    hid_t object = H5Oopen(top, path, H5P_DEFAULT);
    if (object < 0) return -1;
    if (H5Iget_type(object) == H5I_DATASET) {
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "path", path, "shape", shape_of(object), "units",
                                              attribute_value(object, "units"), "description",
                                              attribute_value(object, "description")));
    }
    H5Oclose(object);
    return 0;
}

mg_status mg_describe_h5(const char *path, json_t *about, mg_error *err)
{
    hid_t file = -1, group = -1;
    mg_status status = mg_h5_open_file(path, &file, err);
    if (status != MG_OK) return status;
    json_object_set_new(about, "file", json_string(path));
    json_object_set_new(about, "kind", json_string("result of a run"));
    json_object_set_new(about, "version", attribute_value(file, "version"));
    status = mg_h5_open_group(file, "provenance", &group, err);
    if (status == MG_OK) {
        json_t *datasets = json_array();
        json_object_set_new(about, "provenance", attributes_of(group));
        json_object_set_new(about, "datasets", datasets);
        mg_h5_close_group(group);
        if (H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, add_dataset, datasets) < 0)
            status = mg_h5_fail(err, MG_EINPUT, "cannot list the datasets");
    }
    if (status != MG_OK && err != NULL) mg_fail_prefix(err, "%s: ", path);
    mg_status closed = mg_h5_close_file(file, status == MG_OK ? err : NULL);
    return status == MG_OK ? closed : status;
}
