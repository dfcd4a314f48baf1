/* h5_tree.c  what the child wrote, as objects: every length is held against what is there */
#include <stdlib.h>
#include <string.h>

#include "io/base/h5_child_stream.h"
#include "src/core/memory.h"

/* The tree as it is kept: the public part first. */
typedef struct {
    mg_h5_tree tree;
    unsigned char *words;
    mg_h5_object *object;
    mg_h5_attribute *attribute; /* of all objects */
    size_t room, n_attributes, attribute_room;
} forest;

typedef struct {
    const unsigned char *at;
    size_t left;
    bool bad; /* read beyond the end, or what cannot be */
} reader;

/* --- words --- */

static uint64_t get(reader *in)
{
    uint64_t word = 0;
    if (in->left < sizeof word) {
        in->bad = true;
        return 0;
    }
    memcpy(&word, in->at, sizeof word);
    in->at += sizeof word;
    in->left -= sizeof word;
    return word;
}

static const void *get_bytes(reader *in, size_t *ret_n)
{
    uint64_t n = get(in);
    size_t padding = (sizeof n - (size_t)(n % sizeof n)) % sizeof n;
    const void *bytes = in->at;
    *ret_n = 0;
    if (in->bad || n > in->left || padding > in->left - n) {
        in->bad = true;
        return NULL;
    }
    in->at += n + padding;
    in->left -= n + padding;
    *ret_n = n;
    return bytes;
}

/* A text with its ending zero, where it lies. */
static const char *get_text(reader *in)
{
    size_t n = 0;
    const char *text = get_bytes(in, &n);
    if (n > 0 && text[n - 1] == '\0') return text;
    in->bad = true;
    return "";
}

/* --- values --- */

static size_t item_in_stream(const mg_h5_value *value)
{
    if (value->kind == MG_H5_REAL && value->item_bytes <= sizeof(float)) return sizeof(float);
    return sizeof(int64_t);
}

/* Are there n texts, each with an ending zero? */
static bool holds_texts(const mg_h5_value *value)
{
    const char *at = value->bytes, *end = at + value->n_bytes;
    for (int64_t i = 0; i < value->n; i++) {
        const char *zero = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
        if (zero == NULL) return false;
        at = zero + 1;
    }
    return at == end;
}

static void get_value(reader *in, mg_h5_value *ret)
{
    mg_h5_value value = {.kind = (mg_h5_kind)get(in), .item_bytes = get(in)};
    uint64_t n_dims = get(in), n = 1;
    if (n_dims > MG_H5_MAX_DIMS || value.kind > MG_H5_OTHER) in->bad = true;
    for (uint64_t d = 0; d < n_dims && !in->bad; d++)
        value.dim[d] = (int64_t)get(in);
    value.n_dims = in->bad ? 0 : (int)n_dims;
    n = get(in);
    value.n = (int64_t)n;
    value.has_values = get(in) == 1;
    if (in->bad || n > INT64_MAX) return;
    if (value.has_values) value.bytes = get_bytes(in, &value.n_bytes);
    if (in->bad || !value.has_values) {
        *ret = value;
        return;
    }
    if (value.kind == MG_H5_TEXT)
        in->bad = !holds_texts(&value);
    else
        in->bad = value.n_bytes / item_in_stream(&value) != n || value.n_bytes % item_in_stream(&value) != 0;
    *ret = value;
}

/* --- objects --- */

static mg_status add_object(forest *f, reader *in, mg_error *err)
{
    mg_status status = mg_grow(&f->object, &f->room, f->tree.n_objects + 1, sizeof *f->object, err);
    if (status != MG_OK) return status;
    mg_h5_object *object = &f->object[f->tree.n_objects++];
    object->is_dataset = get(in) == 1;
    object->path = get_text(in);
    if (object->is_dataset) get_value(in, &object->value);
    return MG_OK;
}

static mg_status add_attribute(forest *f, reader *in, mg_error *err)
{
    mg_status status = mg_grow(&f->attribute, &f->attribute_room, f->n_attributes + 1, sizeof *f->attribute, err);
    if (status != MG_OK) return status;
    mg_h5_attribute *attribute = &f->attribute[f->n_attributes++];
    attribute->name = get_text(in);
    get_value(in, &attribute->value);
    if (f->tree.n_objects == 0)
        in->bad = true;
    else
        f->object[f->tree.n_objects - 1].n_attributes++;
    return MG_OK;
}

static mg_status parse(forest *f, size_t n, bool *ret_cut, mg_error *err)
{
    reader in = {f->words, n, false};
    mg_status status = MG_OK;
    while (status == MG_OK && !in.bad) {
        uint64_t kind = get(&in);
        if (in.bad) break;
        if (kind == MG_H5_STREAM_END) return MG_OK;
        if (kind == MG_H5_STREAM_FAILURE) return mg_fail(err, MG_EINPUT, "%.1000s", get_text(&in));
        if (kind == MG_H5_STREAM_OBJECT)
            status = add_object(f, &in, err);
        else if (kind == MG_H5_STREAM_ATTRIBUTE)
            status = add_attribute(f, &in, err);
        else
            in.bad = true;
    }
    *ret_cut = status == MG_OK;
    return status == MG_OK ? mg_fail(err, MG_EINPUT, "reading it did not come to an end") : status;
}

/* Attributes follow each other in the order of their objects. */
static void hand_out_attributes(forest *f)
{
    size_t at = 0;
    for (size_t i = 0; i < f->tree.n_objects; i++) {
        f->object[i].attribute = f->attribute != NULL ? f->attribute + at : NULL;
        at += f->object[i].n_attributes;
    }
    f->tree.object = f->object;
}

mg_status mg_h5_tree_parse(unsigned char *words, size_t n, mg_h5_tree **ret, bool *ret_cut, mg_error *err)
{
    forest *f = NULL;
    *ret_cut = false;
    mg_status status = mg_alloc(&f, 1, sizeof *f, err);
    if (status != MG_OK) {
        free(words);
        return status;
    }
    f->words = words;
    status = parse(f, n, ret_cut, err);
    if (status == MG_OK) {
        hand_out_attributes(f);
        *ret = &f->tree;
    } else {
        mg_h5_tree_destroy(&f->tree);
    }
    return status;
}

void mg_h5_tree_destroy(mg_h5_tree *tree)
{
    if (tree == NULL) return;
    forest *f = (forest *)tree;
    free(f->object);
    free(f->attribute);
    free(f->words);
    free(f);
}

/* --- questions --- */

const mg_h5_object *mg_h5_tree_find(const mg_h5_tree *tree, const char *path)
{
    for (size_t i = 0; tree != NULL && i < tree->n_objects; i++)
        if (strcmp(tree->object[i].path, path) == 0) return &tree->object[i];
    return NULL;
}

const mg_h5_value *mg_h5_object_attribute(const mg_h5_object *object, const char *name)
{
    for (size_t i = 0; i < object->n_attributes; i++)
        if (strcmp(object->attribute[i].name, name) == 0) return &object->attribute[i].value;
    return NULL;
}

static mg_status check_numbers(const mg_h5_value *value, bool reals_too, mg_error *err)
{
    if (!value->has_values) return mg_fail(err, MG_EINPUT, "it has no values that could be read");
    if (value->kind == MG_H5_INTEGER || (reals_too && value->kind == MG_H5_REAL)) return MG_OK;
    return mg_fail(err, MG_EINPUT, "it holds no %s", reals_too ? "numbers" : "integers");
}

static double number_at(const mg_h5_value *value, int64_t i)
{
    if (value->kind == MG_H5_INTEGER) return (double)((const int64_t *)value->bytes)[i];
    if (item_in_stream(value) == sizeof(float)) return (double)((const float *)value->bytes)[i];
    return ((const double *)value->bytes)[i];
}

mg_status mg_h5_value_floats(const mg_h5_value *value, float *to, mg_error *err)
{
    mg_status status = check_numbers(value, true, err);
    for (int64_t i = 0; status == MG_OK && i < value->n; i++)
        to[i] = (float)number_at(value, i);
    return status;
}

mg_status mg_h5_value_doubles(const mg_h5_value *value, double *to, mg_error *err)
{
    mg_status status = check_numbers(value, true, err);
    for (int64_t i = 0; status == MG_OK && i < value->n; i++)
        to[i] = number_at(value, i);
    return status;
}

mg_status mg_h5_value_integers(const mg_h5_value *value, int64_t *to, mg_error *err)
{
    mg_status status = check_numbers(value, false, err);
    if (status == MG_OK && value->n > 0) memcpy(to, value->bytes, (size_t)value->n * sizeof *to);
    return status;
}

const char *mg_h5_value_text(const mg_h5_value *value, int64_t i)
{
    if (!value->has_values || value->kind != MG_H5_TEXT || i < 0 || i >= value->n) return NULL;
    const char *text = value->bytes;
    for (; i > 0; i--)
        text += strlen(text) + 1;
    return text;
}
