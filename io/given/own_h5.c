/* own_h5.c  own attributions in HDF5, read by a child process (io/base/h5_child.h) */
#include "io/given/own_table.h"

#include <stdlib.h>
#include <string.h>

#include "io/base/h5_child.h"
#include "src/core/memory.h"

enum { GIB_VALUE = 8, GIB_ALL = 16, SECONDS = 600 };

static mg_status find(const char *path, const mg_h5_tree *tree, const char *name, mg_h5_kind kind,
                      const mg_h5_value **ret, mg_error *err)
{
    const mg_h5_object *object = mg_h5_tree_find(tree, name);
    if (object == NULL || !object->is_dataset)
        return mg_fail(err, MG_EINPUT, "%s: there is no dataset %s in it", path, name + 1);
    const char *word = kind == MG_H5_TEXT ? "texts" : "reals";
    if (object->value.kind != kind)
        return mg_fail(err, MG_EINPUT, "%s: the dataset %s is of another type; %s are wanted", path, name + 1, word);
    if (!object->value.has_values)
        return mg_fail(err, MG_EINPUT, "%s: the dataset %s is empty, or larger than %d GiB", path, name + 1, GIB_VALUE);
    *ret = &object->value;
    return MG_OK;
}

static mg_status read_numbers(const char *path, const mg_h5_tree *tree, mg_own_table *ret, mg_error *err)
{
    const mg_h5_value *value = NULL;
    mg_status status = find(path, tree, "/attribution", MG_H5_REAL, &value, err);
    if (status == MG_OK) status = mg_own_shape(path, value->n_dims, value->dim, ret->length, ret, err);
    if (status == MG_OK) status = mg_alloc(&ret->value, (size_t)value->n, sizeof *ret->value, err);
    return status == MG_OK ? mg_h5_value_floats(value, ret->value, err) : status;
}

static mg_status read_windows(const char *path, const mg_h5_tree *tree, mg_own_table *ret, mg_error *err)
{
    const mg_h5_value *value = NULL;
    size_t length = (size_t)ret->length;
    mg_status status = find(path, tree, "/windows", MG_H5_TEXT, &value, err);
    if (status != MG_OK) return status;
    if (value->n_dims != 1 || value->n != ret->n)
        return mg_fail(err, MG_EINPUT, "%s: windows has %lld texts for the %lld rows of attribution", path,
                       (long long)value->n, (long long)ret->n);
    status = mg_alloc(&ret->letter, (size_t)ret->n, length, err);
    const char *text = mg_h5_value_text(value, 0);
    for (int64_t i = 0; i < ret->n && status == MG_OK; i++) {
        size_t n = text != NULL ? strlen(text) : 0;
        if (n != length)
            return mg_fail(err, MG_EINPUT, "%s: windows, row %lld: %zu letters, but the network's windows have %zu",
                           path, (long long)i, n, length);
        memcpy(ret->letter + (size_t)i * length, text, length);
        text += n + 1;
    }
    return status;
}

mg_status mg_own_read_h5(const char *path, mg_own_table *ret, mg_error *err)
{
    mg_h5_tree *tree = NULL;
    const mg_h5_limits limits = {.seconds = SECONDS,
                                 .memory_bytes = (size_t)2 * GIB_ALL << 30,
                                 .value_bytes = (size_t)GIB_VALUE << 30,
                                 .total_bytes = (size_t)GIB_ALL << 30};
    mg_status status = mg_h5_child_read_file(path, &limits, &tree, err);
    if (status == MG_OK) status = read_numbers(path, tree, ret, err);
    if (status == MG_OK) status = read_windows(path, tree, ret, err);
    mg_h5_tree_destroy(tree);
    return status;
}
