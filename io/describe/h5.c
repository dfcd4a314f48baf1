/* h5.c  a result: where it comes from, and which datasets there are; read by a child, as it may be damaged or somebody's */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/h5_child.h"
#include "io/base/json_text.h"
#include "io/base/seal.h"
#include "io/describe/describe.h"

enum { MAX_DATASETS = 100000 };

/* A text of more than an attribute holds goes on in NAME.2, NAME.3, ... */
static json_t *whole_text(const mg_h5_object *object, const char *name, const char *text)
{
    char *all = NULL, next[256];
    size_t n = 0;
    FILE *out = open_memstream(&all, &n);
    const mg_h5_value *more = NULL;
    if (out == NULL) return NULL;
    fputs(text, out);
    for (int k = 2; k < 1000; k++) {
        snprintf(next, sizeof next, "%s.%d", name, k);
        more = mg_h5_object_attribute(object, next);
        if (more == NULL || mg_h5_value_text(more, 0) == NULL) break;
        fputs(mg_h5_value_text(more, 0), out);
    }
    json_t *value = fclose(out) == 0 ? mg_json_text(all) : NULL;
    free(all);
    return value;
}

/* The attribute `name` of the object, whatever it is: a text, an integer, a real number; else null. */
static json_t *attribute_value(const mg_h5_object *object, const char *name)
{
    const mg_h5_value *found = mg_h5_object_attribute(object, name);
    int64_t integer = 0;
    double real = 0;
    json_t *value = NULL;
    if (found == NULL || found->n != 1) return json_null();
    const char *text = mg_h5_value_text(found, 0);
    if (text != NULL)
        value = whole_text(object, name, text);
    else if (mg_h5_value_integers(found, &integer, NULL) == MG_OK)
        value = json_integer(integer);
    else if (mg_h5_value_doubles(found, &real, NULL) == MG_OK)
        value = json_real(real);
    return value != NULL ? value : json_null();
}

static json_t *attributes_of(const mg_h5_object *object)
{
    json_t *all = json_object();
    for (size_t i = 0; i < object->n_attributes; i++) {
        const char *name = object->attribute[i].name, *dot = strrchr(name, '.');
        if (dot != NULL && dot[1] != '\0' && dot[1 + strspn(dot + 1, "0123456789")] == '\0') continue;
        json_object_set_new(all, name, attribute_value(object, name));
    }
    return all;
}

static json_t *list_datasets(const mg_h5_tree *tree)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tree->n_objects && json_array_size(list) < MAX_DATASETS; i++) {
        const mg_h5_object *object = &tree->object[i];
        if (!object->is_dataset) continue;
        json_t *shape = mg_describe_shape(object->value.n_dims, object->value.dim);
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "path", mg_json_text(object->path + 1), "shape",
                                              shape, "units", attribute_value(object, "units"), "description",
                                              attribute_value(object, "description")));
    }
    return list;
}

/* What its checksums say, as far as small parts go: `verify` looks at all. */
static const char *state_of(const char *path)
{
    mg_seal seal = {0};
    bool there = false;
    mg_error why;
    mg_status status = mg_seal_read(path, &seal, &there, &why);
    mg_seal_destroy(&seal);
    if (status != MG_OK) return "damaged";
    return there ? "what was written, as far as names, attributes and small datasets go"
                 : "missing: cut off, or changed by another program";
}

mg_status mg_describe_h5(const char *path, json_t *about, mg_error *err)
{
    const mg_h5_limits limits = {.value_bytes = 1 << 20};
    mg_h5_tree *tree = NULL;
    mg_status status = mg_h5_child_read_file(path, &limits, &tree, err);
    if (status != MG_OK) return status;
    const mg_h5_object *root = mg_h5_tree_find(tree, "/"), *provenance = mg_h5_tree_find(tree, "/provenance");
    json_object_set_new(about, "file", mg_json_text(path));
    json_object_set_new(about, "kind", json_string("result of a run"));
    json_object_set_new(about, "version", root != NULL ? attribute_value(root, "version") : json_null());
    json_object_set_new(about, "checksums", json_string(state_of(path)));
    if (provenance != NULL) json_object_set_new(about, "provenance", attributes_of(provenance));
    if (provenance == NULL) status = mg_fail(err, MG_EINPUT, "%s: there is no group provenance", path);
    json_object_set_new(about, "datasets", list_datasets(tree));
    mg_h5_tree_destroy(tree);
    return status;
}
