/* compare_runs.c ONE OTHER  are two runs the same, bit by bit? All datasets and all attributes but those of
 * /provenance, which tells where and when a run was made. Prints what differs; exit status 1 when anything does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

typedef struct {
    hid_t other;
    size_t n_objects, n_sets, n_attributes, n_different;
} comparison;

static void differ(comparison *c, const char *name, const char *what)
{
    printf("%s: %s\n", name, what);
    c->n_different++;
}

/* All bytes of a dataset or attribute as they are in memory of the file's own type; variable texts as one text. */
typedef struct {
    size_t n;
    char *byte;
} content;

static content read_set(hid_t set)
{
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    content c = {(size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type), NULL};
    c.byte = calloc(c.n + 1, 1);
    if (c.byte == NULL || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, c.byte) < 0) exit(2);
    H5Sclose(space);
    H5Tclose(type);
    return c;
}

static content read_attribute(hid_t object, const char *name)
{
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return (content){0, NULL};
    hid_t type = H5Aget_type(attribute);
    content c = {H5Tget_size(type), calloc(H5Tget_size(type) + 1, 1)};
    if (c.byte == NULL || H5Aread(attribute, type, c.byte) < 0) exit(2);
    if (H5Tis_variable_str(type) > 0) {
        char *text;
        memcpy(&text, c.byte, sizeof text);
        free(c.byte);
        c = text == NULL ? (content){0, strdup("")} : (content){strlen(text), strdup(text)};
        H5free_memory(text);
    }
    H5Tclose(type);
    H5Aclose(attribute);
    return c;
}

static void compare_content(comparison *c, const char *name, const char *part, content one, content other)
{
    char what[256];
    snprintf(what, sizeof what, "%s differs", part);
    if (other.byte == NULL || one.n != other.n || memcmp(one.byte, other.byte, one.n) != 0) differ(c, name, what);
    free(one.byte);
    free(other.byte);
}

typedef struct {
    comparison *c;
    hid_t other;
    const char *name;
} attribute_visit;

static herr_t compare_attribute(hid_t one, const char *attribute, const H5A_info_t *info, void *context)
{
    (void)info;
    attribute_visit *v = context;
    v->c->n_attributes++;
    compare_content(v->c, v->name, attribute, read_attribute(one, attribute), read_attribute(v->other, attribute));
    return 0;
}

static void compare_sets(comparison *c, const char *name, hid_t one, hid_t other)
{
    hid_t space_one = H5Dget_space(one), space_other = H5Dget_space(other);
    hid_t type_one = H5Dget_type(one), type_other = H5Dget_type(other);
    c->n_sets++;
    if (H5Sextent_equal(space_one, space_other) <= 0 || H5Tequal(type_one, type_other) <= 0)
        differ(c, name, "shape or type differs");
    else
        compare_content(c, name, "content", read_set(one), read_set(other));
    H5Sclose(space_one);
    H5Sclose(space_other);
    H5Tclose(type_one);
    H5Tclose(type_other);
}

static herr_t compare_object(hid_t file, const char *name, const H5O_info_t *info, void *context)
{
    comparison *c = context;
    c->n_objects++;
    if (strcmp(name, "provenance") == 0) return 0;
    hid_t one = H5Oopen(file, name, H5P_DEFAULT);
    hid_t other = H5Lexists(c->other, name, H5P_DEFAULT) > 0 || strcmp(name, ".") == 0
                      ? H5Oopen(c->other, name, H5P_DEFAULT)
                      : -1;
    if (other < 0 || H5Iget_type(one) != H5Iget_type(other)) {
        differ(c, name, "is not in the other");
    } else {
        attribute_visit v = {c, other, name};
        if (H5Aiterate2(one, H5_INDEX_NAME, H5_ITER_INC, NULL, compare_attribute, &v) < 0) exit(2);
        if (H5Aget_num_attrs(one) != H5Aget_num_attrs(other)) differ(c, name, "number of attributes differs");
        if (info->type == H5O_TYPE_DATASET) compare_sets(c, name, one, other);
    }
    H5Oclose(one);
    if (other >= 0) H5Oclose(other);
    return 0;
}

static herr_t count_object(hid_t file, const char *name, const H5O_info_t *info, void *n)
{
    (void)file;
    (void)name;
    (void)info;
    ++*(size_t *)n;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    size_t n_other = 0;
    hid_t one = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT);
    comparison c = {.other = H5Fopen(argv[2], H5F_ACC_RDONLY, H5P_DEFAULT)};
    if (one < 0 || c.other < 0) return 2;
    if (H5Ovisit(one, H5_INDEX_NAME, H5_ITER_INC, compare_object, &c) < 0) return 2;
    if (H5Ovisit(c.other, H5_INDEX_NAME, H5_ITER_INC, count_object, &n_other) < 0) return 2;
    if (n_other != c.n_objects) differ(&c, "/", "number of objects differs");
    H5Fclose(one);
    H5Fclose(c.other);
    printf("%zu datasets and %zu attributes compared, %zu differ\n", c.n_sets, c.n_attributes, c.n_different);
    return c.n_different > 0 || c.n_sets == 0;
}
