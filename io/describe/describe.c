/* describe.c  which kind of file is it? */
#include "io/describe/describe.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/base/h5_child.h"
#include "io/base/json_text.h"
#include "io/model/model.h"

enum { FRONT = 16 };

json_t *mg_describe_shape(int n_dims, const int64_t *dim)
{
    json_t *list = json_array();
    for (int d = 0; d < n_dims; d++)
        json_array_append_new(list, json_integer(dim[d]));
    return list;
}

/* The first bytes of a file, fewer when it is short. */
static mg_status read_front(const char *path, unsigned char front[FRONT], size_t *n, mg_error *err)
{
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return mg_fail(err, MG_EINPUT, "%s is no regular file: it has to be read more than once to say what it is",
                       path);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return mg_fail(err, MG_EINPUT, "cannot open %s: %s", path, strerror(errno));
    *n = fread(front, 1, FRONT, file);
    mg_status status = ferror(file) ? mg_fail(err, MG_EINPUT, "cannot read %s: %s", path, strerror(errno)) : MG_OK;
    fclose(file);
    return status;
}

/* Among HDF5 files, only one that says so is a result. */
static bool is_run(const char *path)
{
    const mg_h5_limits limits = {.value_bytes = 1 << 16};
    mg_h5_tree *tree = NULL;
    if (mg_h5_child_read_file(path, &limits, &tree, NULL) != MG_OK) return false;
    const mg_h5_object *root = mg_h5_tree_find(tree, "/");
    const mg_h5_value *format = root != NULL ? mg_h5_object_attribute(root, "format") : NULL;
    const char *text = format != NULL ? mg_h5_value_text(format, 0) : NULL;
    bool run = text != NULL && strcmp(text, "mutagree-run") == 0;
    mg_h5_tree_destroy(tree);
    return run;
}

/* A folder with saved_model.pb in it. */
static bool is_saved_model(const char *path)
{
    char *file = NULL;
    if (asprintf(&file, "%s/saved_model.pb", path) < 0) return false;
    bool found = access(file, F_OK) == 0;
    free(file);
    return found;
}

static mg_status look_into(const char *path, const mg_model_words *words, json_t *about, mg_error *err)
{
    unsigned char front[FRONT];
    size_t n = 0;
    bool comes_with_us = access(path, F_OK) != 0 && strchr(path, '/') == NULL;
    if (comes_with_us) return mg_describe_model(path, words, about, err);
    if (is_saved_model(path)) {
        json_object_set_new(about, "file", mg_json_text(path));
        json_object_set_new(about, "kind", json_string("network (TensorFlow SavedModel)"));
        json_object_set_new(about, "remark", json_string("export the network as ONNX, or its weights as safetensors"));
        return MG_OK;
    }
    mg_status status = read_front(path, front, &n, err);
    if (status != MG_OK) return status;
    mg_model_format format = mg_model_format_of(front, n);
    if (format == MG_FORMAT_UNKNOWN) return mg_describe_text(path, about, err);
    if (format == MG_FORMAT_HDF5 && is_run(path)) return mg_describe_h5(path, about, err);
    return mg_describe_model(path, words, about, err);
}

mg_status mg_describe(const char *path, const mg_model_words *words, json_t **ret, mg_error *err)
{
    json_t *about = json_object();
    if (about == NULL) return mg_fail(err, MG_EMEM, "out of memory");
    mg_status status = look_into(path, words, about, err);
    if (status == MG_OK) {
        *ret = about;
    } else {
        json_decref(about);
    }
    return status;
}
