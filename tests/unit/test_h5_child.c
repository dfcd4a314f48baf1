/* test_h5_child.c  HDF5 files that are not ours, sound and hostile, through the child process */
#include "tests/support/files.h"

#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "io/base/h5_child.h"
#include "src/core/log.h"

/* --- a file as other programs write it --- */

static void put_attribute(hid_t object, const char *name, hid_t type, int n_dims, const hsize_t *dim,
                          const void *values)
{
    hid_t space = n_dims > 0 ? H5Screate_simple(n_dims, dim, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, values) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

static void put_texts(hid_t object)
{
    static const char fixed[3][6] = {"conv1d", "relu", ""};
    static const char *const variable[2] = {"kernel:0", "bias:0"};
    static const char *const one = "a text\nof two lines";
    const hsize_t three = 3, two = 2;
    hid_t type = H5Tcopy(H5T_C_S1), any = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 6);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_size(any, H5T_VARIABLE);
    put_attribute(object, "layer_names", type, 1, &three, fixed);
    put_attribute(object, "weight_names", any, 1, &two, variable);
    put_attribute(object, "model_config", any, 0, NULL, &one);
    H5Tset_strpad(type, H5T_STR_SPACEPAD);
    put_attribute(object, "padded", type, 0, NULL, "abc   ");
    H5Tclose(any);
    H5Tclose(type);
}

static void put_set(hid_t file, const char *path, hid_t in_file, hid_t in_memory, int n_dims, const hsize_t *dim,
                    const void *values)
{
    hid_t links = H5Pcreate(H5P_LINK_CREATE), space = H5Screate_simple(n_dims, dim, NULL);
    H5Pset_create_intermediate_group(links, 1);
    hid_t set = H5Dcreate2(file, path, in_file, space, links, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(links);
}

/* float16 as Keras writes it with mixed precision: 1 sign, 5 exponent and 10 mantissa bits. */
static hid_t half_type(void)
{
    hid_t type = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(type, 15, 10, 5, 0, 10);
    H5Tset_size(type, 2);
    H5Tset_ebias(type, 15);
    return type;
}

static const char *make_foreign(const char *name)
{
    const char *path = path_of(name);
    const hsize_t dim[2] = {2, 3};
    const float weights[6] = {0.5F, -1.25F, 3, 4, 5, 1e30F};
    const double doubles[6] = {0.1, 0.2, 0.3, 4, 5, 6};
    const int64_t integers[6] = {-1, 2, 3, 4, 5, INT64_C(1) << 40};
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), half = half_type();
    put_texts(file);
    put_set(file, "/model_weights/dense/kernel:0", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, 2, dim, weights);
    put_set(file, "/model_weights/dense/half", half, H5T_NATIVE_FLOAT, 1, &dim[0], weights);
    put_set(file, "/doubles", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 2, dim, doubles);
    put_set(file, "/integers", H5T_STD_I64BE, H5T_NATIVE_INT64, 2, dim, integers);
    H5Tclose(half);
    H5Fclose(file);
    return path;
}

static const mg_h5_value *dataset(const mg_h5_tree *tree, const char *path)
{
    const mg_h5_object *object = mg_h5_tree_find(tree, path);
    assert_non_null(object);
    assert_true(object->is_dataset);
    return &object->value;
}

static void check_foreign(const mg_h5_tree *tree)
{
    float f[6];
    double d[6];
    int64_t i[6];
    const mg_h5_object *root = mg_h5_tree_find(tree, "/"), *group = mg_h5_tree_find(tree, "/model_weights/dense");
    assert_non_null(root);
    assert_non_null(group);
    assert_false(group->is_dataset);
    assert_null(mg_h5_tree_find(tree, "/model_weights/conv"));

    const mg_h5_value *names = mg_h5_object_attribute(root, "layer_names");
    assert_int_equal(names->n, 3);
    assert_string_equal(mg_h5_value_text(names, 0), "conv1d");
    assert_string_equal(mg_h5_value_text(names, 1), "relu");
    assert_string_equal(mg_h5_value_text(names, 2), "");
    assert_null(mg_h5_value_text(names, 3));
    assert_string_equal(mg_h5_value_text(mg_h5_object_attribute(root, "weight_names"), 1), "bias:0");
    assert_string_equal(mg_h5_value_text(mg_h5_object_attribute(root, "model_config"), 0), "a text\nof two lines");
    assert_string_equal(mg_h5_value_text(mg_h5_object_attribute(root, "padded"), 0), "abc");
    assert_null(mg_h5_object_attribute(root, "nothing"));

    const mg_h5_value *kernel = dataset(tree, "/model_weights/dense/kernel:0");
    assert_int_equal(kernel->kind, MG_H5_REAL);
    assert_int_equal(kernel->item_bytes, 4);
    assert_int_equal(kernel->n_dims, 2);
    assert_int_equal(kernel->dim[1], 3);
    assert_int_equal(mg_h5_value_floats(kernel, f, NULL), MG_OK);
    assert_true(f[1] == -1.25F && f[5] == 1e30F);
    assert_int_equal(mg_h5_value_doubles(dataset(tree, "/model_weights/dense/half"), d, NULL), MG_OK);
    assert_true(d[0] == 0.5 && d[1] == -1.25);
    assert_int_equal(mg_h5_value_doubles(dataset(tree, "/doubles"), d, NULL), MG_OK);
    assert_true(d[2] == 0.3);
    assert_int_equal(mg_h5_value_integers(dataset(tree, "/integers"), i, NULL), MG_OK);
    assert_true(i[0] == -1 && i[5] == INT64_C(1) << 40);
    assert_int_equal(mg_h5_value_integers(dataset(tree, "/doubles"), i, NULL), MG_EINPUT);
}

static void test_foreign(void **state)
{
    (void)state;
    const char *path = make_foreign("foreign.h5");
    content all = read_content(path);
    mg_h5_tree *tree = NULL;
    mg_error err = {0};
    if (mg_h5_child_read_file(path, NULL, &tree, &err) != MG_OK) fail_msg("%s", err.text);
    check_foreign(tree);
    mg_h5_tree_destroy(tree);
    if (mg_h5_child_read_bytes((const unsigned char *)all.byte, all.n, NULL, &tree, &err) != MG_OK)
        fail_msg("%s", err.text);
    check_foreign(tree);
    mg_h5_tree_destroy(tree);
    free(all.byte);
}

/* --- what is no such file --- */

static void test_no_file(void **state)
{
    (void)state;
    mg_h5_tree *tree = NULL;
    mg_error err = {0};
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    expect_words(mg_h5_child_read_file(path_of("none"), NULL, &tree, &err), MG_EINPUT, &err, "none", NULL);
    expect_words(mg_h5_child_read_file(path_of("pipe"), NULL, &tree, &err), MG_EINPUT, &err, "no regular file", NULL);
    expect_words(mg_h5_child_read_file("/dev/zero", NULL, &tree, &err), MG_EINPUT, &err, "no regular file", NULL);
    expect_words(mg_h5_child_read_file(write_text("text.h5", "no HDF5"), NULL, &tree, &err), MG_EINPUT, &err, "text.h5",
                 "not an HDF5 file", NULL);
    expect_words(mg_h5_child_read_bytes((const unsigned char *)"", 0, NULL, &tree, &err), MG_EINPUT, &err, "HDF5",
                 NULL);
    assert_null(tree);
}

/* --- claims and places that are not to be believed --- */

static void test_claims(void **state)
{
    (void)state;
    const char *path = path_of("claims.h5");
    const hsize_t size = (hsize_t)1 << 34, chunk = 1 << 16;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), list = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(1, &size, NULL);
    H5Pset_chunk(list, 1, &chunk);
    H5Dclose(H5Dcreate2(file, "large", H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT));
    H5Pclose(list);
    list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(list, "/etc/passwd", 0, 64);
    hsize_t few = 16;
    hid_t outside = H5Screate_simple(1, &few, NULL);
    H5Dclose(H5Dcreate2(file, "outside", H5T_STD_I32LE, outside, H5P_DEFAULT, list, H5P_DEFAULT));
    H5Sclose(outside);
    H5Pclose(list);
    H5Sclose(space);
    H5Fclose(file);

    mg_h5_tree *tree = NULL;
    mg_error err = {0};
    if (mg_h5_child_read_file(path, NULL, &tree, &err) != MG_OK) fail_msg("%s", err.text);
    assert_true(dataset(tree, "/large")->n == INT64_C(1) << 34);
    assert_false(dataset(tree, "/large")->has_values);
    assert_int_equal(dataset(tree, "/outside")->kind, MG_H5_OTHER);
    assert_false(dataset(tree, "/outside")->has_values);
    mg_h5_tree_destroy(tree);

    const mg_h5_limits greedy = {.value_bytes = (size_t)1 << 40, .memory_bytes = (size_t)1 << 28};
    tree = NULL;
    expect_words(mg_h5_child_read_file(path, &greedy, &tree, &err), MG_EINPUT, &err, "claims.h5", "memory", NULL);
    assert_null(tree);
}

/* A child that has no time is ended and waited for: none is left over. */
static void test_time(void **state)
{
    (void)state;
    const mg_h5_limits hurry = {.seconds = 1e-9};
    mg_h5_tree *tree = NULL;
    mg_error err = {0};
    const char *path = make_foreign("foreign.h5");
    expect_words(mg_h5_child_read_file(path, &hurry, &tree, &err), MG_EINPUT, &err, "foreign.h5", "takes more than",
                 NULL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Damage anywhere: an answer or a sentence, and never a crash or a hang of ours. */
static void test_damage(void **state)
{
    (void)state;
    content all = read_content(make_foreign("foreign.h5"));
    const mg_h5_limits limits = {.seconds = 20, .memory_bytes = (size_t)1 << 28};
    char *copy = calloc(all.n + 1, 1);
    assert_non_null(copy);
    for (uint64_t k = 0, tries = 0; tries < 25; tries++) {
        mg_h5_tree *tree = NULL;
        mg_error err = {0};
        size_t n = damage(all, copy, &k);
        mg_status status = mg_h5_child_read_bytes((const unsigned char *)copy, n, &limits, &tree, &err);
        if (status != MG_OK) assert_true(status == MG_EINPUT && err.text[0] != '\0');
        mg_h5_tree_destroy(tree);
    }
    free(copy);
    free(all.byte);
}

int main(int argc, char **argv)
{
    int served = mg_h5_child_serve(argc, argv);
    if (served >= 0) return served;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_foreign), cmocka_unit_test(test_no_file),
                                       cmocka_unit_test(test_claims), cmocka_unit_test(test_time),
                                       cmocka_unit_test(test_damage)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
