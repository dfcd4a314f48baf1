/* test_own.c  files of own attributions, sound and hostile, and the method that copies their rows */
#include "tests/support/files.h"

#include <hdf5.h>
#include <math.h>
#include <zip.h>

#include "io/base/h5_child.h"
#include "io/given/own.h"
#include "src/core/log.h"

enum { L = 5, N = 3 };
static const char windows[N * L + 1] = "GATTAACGTNaauCC"; /* the last as AATCC */

/* c of row i at position p and base b. */
static float told(int i, int p, int b)
{
    return (float)(100 * i + 10 * p + b) - 50.5F;
}

/* --- .npz --- */

typedef struct {
    const char *type, *order, *shape; /* of attribution */
    const char *text_type, *text_shape;
    const void *value, *text;
    size_t n_value, n_text;
    const char *value_name;
    zip_int32_t method;
} npz;

static void add(zip_t *zip, const npz *how, const char *name, const char *type, const char *order, const char *shape,
                const void *bytes, size_t n)
{
    enum { HEADER = 128 };
    char *npy = malloc(HEADER + n);
    assert_non_null(npy);
    memset(npy, ' ', HEADER);
    memcpy(npy, "\x93NUMPY\x01\x00\x76\x00", 10);
    int k = snprintf(npy + 10, HEADER - 10, "{'descr': %s, 'fortran_order': %s, 'shape': %s, }", type, order, shape);
    npy[10 + k] = ' ';
    npy[HEADER - 1] = '\n';
    memcpy(npy + HEADER, bytes, n);
    zip_int64_t index = zip_file_add(zip, name, zip_source_buffer(zip, npy, HEADER + n, 1), 0);
    assert_true(index >= 0);
    assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)index, how->method, 0), 0);
}

static const char *write_npz(const char *name, const npz *how)
{
    const char *path = path_of(name);
    int why = 0;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
    assert_non_null(zip);
    add(zip, how, how->value_name, how->type, how->order, how->shape, how->value, how->n_value);
    add(zip, how, "windows.npy", how->text_type, "False", how->text_shape, how->text, how->n_text);
    assert_int_equal(zip_close(zip), 0);
    return path;
}

static float bases_last[N * L * 4], bases_first[N * 4 * L], positions[N * L];
static double wide[N * L * 4];

static npz sound(void)
{
    for (int i = 0; i < N; i++)
        for (int p = 0; p < L; p++) {
            positions[i * L + p] = told(i, p, 0);
            for (int b = 0; b < 4; b++)
                bases_last[(i * L + p) * 4 + b] = bases_first[(i * 4 + b) * L + p] = told(i, p, b);
        }
    for (int k = 0; k < N * L * 4; k++)
        wide[k] = bases_last[k];
    return (npz){.type = "'<f4'",
                 .order = "False",
                 .shape = "(3, 5, 4)",
                 .text_type = "'|S5'",
                 .text_shape = "(3,)",
                 .value = bases_last,
                 .text = windows,
                 .n_value = sizeof bases_last,
                 .n_text = N * L,
                 .value_name = "attribution.npy",
                 .method = ZIP_CM_DEFLATE};
}

/* Rows in the order of their bases: AATCC (2), ACGTN (1), GATTA (0). */
static void check_rows(const char *path, bool hypothetical)
{
    static const int order[N] = {2, 1, 0};
    static const mg_base nowhere[L] = {3, 3, 3, 3, 3};
    mg_own own = {0};
    mg_error err = {0};
    mg_status status = mg_own_read(path, L, &own, &err);
    if (status != MG_OK) print_message("%s\n", err.text);
    assert_int_equal(status, MG_OK);
    assert_int_equal(own.rows.n, N);
    assert_int_equal(own.rows.hypothetical, hypothetical);
    assert_int_equal(strlen(own.sha256), 64);
    for (int k = 0; k < N; k++)
        for (int p = 0; p < L; p++)
            for (int b = 0; b < (hypothetical ? 4 : 1); b++)
                assert_true(own.rows.value[hypothetical ? (k * L + p) * 4 + b : k * L + p] == told(order[k], p, b));
    assert_int_equal(own.rows.base[L + 4], MG_UNKNOWN);
    for (int k = 0; k < N; k++)
        assert_int_equal(mg_foreign_find(&own.rows, own.rows.base + k * L), k);
    assert_int_equal(mg_foreign_find(&own.rows, nowhere), -1);
    mg_own_destroy(&own);
}

static void test_shapes(void **state)
{
    (void)state;
    npz how = sound();
    check_rows(write_npz("last.npz", &how), true);
    how.method = ZIP_CM_STORE;
    how.shape = "(3, 4, 5)";
    how.value = bases_first;
    check_rows(write_npz("first.npz", &how), true);
    how.shape = "(3,5,4)";
    how.type = "'<f8'";
    how.value = wide;
    how.n_value = sizeof wide;
    check_rows(write_npz("wide.npz", &how), true);
    how = sound();
    how.shape = "(3, 5)";
    how.value = positions;
    how.n_value = sizeof positions;
    check_rows(write_npz("positions.npz", &how), false);
}

static void test_unicode(void **state)
{
    (void)state;
    unsigned char text[N * 7 * 4] = {0}; /* of 7 letters each, with zeros behind 5 */
    npz how = sound();
    for (int i = 0; i < N; i++)
        for (int p = 0; p < L; p++)
            text[(i * 7 + p) * 4] = (unsigned char)windows[i * L + p];
    how.text_type = "'<U7'";
    how.text = text;
    how.n_text = sizeof text;
    check_rows(write_npz("unicode.npz", &how), true);
}

static void refused(const char *path, const char *why)
{
    mg_own own = {0};
    mg_error err = {0};
    mg_status status = mg_own_read(path, L, &own, &err);
    if (status != MG_EINPUT || strstr(err.text, why) == NULL) print_message("wanted '%s', got '%s'\n", why, err.text);
    assert_int_equal(status, MG_EINPUT);
    assert_non_null(strstr(err.text, why));
    assert_null(own.rows.base);
}

static void test_refused_npz(void **state)
{
    (void)state;
    npz how;
    float broken[N * L * 4];
#define CASE(why, ...)                                                                                                 \
    how = sound();                                                                                                     \
    __VA_ARGS__;                                                                                                       \
    refused(write_npz("bad.npz", &how), why)
    CASE("float32 or float64", how.type = "'>f4'");
    CASE("float32 or float64", how.type = "'<f2'");
    CASE("float32 or float64", how.type = "'<i4'");
    CASE("float32 or float64", how.type = "'|O'");
    CASE("structured", how.type = "[('a', '<f4')]");
    CASE("C order", how.order = "True");
    CASE("shape (3, 4, 4)", how.shape = "(3, 4, 4)"; how.n_value = 3 * 16 * 4);
    CASE("shape (60)", how.shape = "(60,)");
    CASE("another size", how.shape = "(4, 5, 4)");
    CASE("another size", how.shape = "(2, 5, 4)");
    CASE("cannot be read", how.shape = "(9999999999999, 99999999999, 4)");
    CASE("cannot be read", how.shape = "(-3, 5, 4)");
    CASE("cannot be read", how.shape = "(1, 1, 1, 1, 1, 1, 1, 1, 1)");
    CASE("no rows", how.shape = "(0, 5, 4)"; how.n_value = 0);
    CASE("attribution.npy is not in it", how.value_name = "arr_0.npy");
    CASE("numbers; texts are wanted", how.text_type = "'<f4'"; how.text_shape = "(3, 5)"; how.text = positions;
         how.n_text = sizeof positions);
    CASE("2 texts for the 3 rows", how.text_shape = "(2,)"; how.n_text = 2 * L);
    CASE("texts of 3 letters", how.text_type = "'|S3'"; how.n_text = 3 * N);
    CASE("row 2: letter 1 is no base", how.text = "GATTAACGTN.auCC");
    CASE("row 1: letter 5 is no base", how.text = "GATTAACGT\0aauCC");
    CASE("rows 0 and 1 have the same window", how.text = "GATTAgattaaauCC");
#undef CASE
    how = sound();
    memcpy(broken, bases_last, sizeof broken);
    broken[25] = NAN;
    how.value = broken;
    refused(write_npz("nan.npz", &how), "row 1: a number is not finite");
    how = sound();
    wide[59] = 1e300;
    how.type = "'<f8'";
    how.value = wide;
    how.n_value = sizeof wide;
    refused(write_npz("huge.npz", &how), "row 2: a number is not finite");
    refused(path_of("never.npz"), "cannot open");
    refused(folder, "cannot open");
    refused(write_file("text", "wu", "no numbers", 10), "neither HDF5 nor");
}

static void test_repeated(void **state)
{
    (void)state;
    npz how = sound();
    mg_own own = {0};
    mg_error err = {0};
    memcpy(bases_last + L * 4, bases_last, L * 4 * sizeof(float));
    how.text = "GATTAgattaaauCC";
    assert_int_equal(mg_own_read(write_npz("twice.npz", &how), L, &own, &err), MG_OK);
    assert_int_equal(own.rows.n, 2);
    assert_int_equal(own.n_repeated, 1);
    mg_own_destroy(&own);
}

/* Whatever byte is changed (every third), and wherever the file ends, a file is read or refused. */
static void test_damage(void **state)
{
    (void)state;
    npz how = sound();
    how.method = ZIP_CM_STORE;
    const char *path = write_npz("whole.npz", &how);
    char byte[4096], changed[4096];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(byte, 1, sizeof byte, file), n_refused = 0;
    fclose(file);
    assert_true(n > 500 && n < sizeof byte);
    for (size_t k = 0; k < 2 * n; k += 3) {
        mg_own own = {0};
        mg_error err = {0};
        memcpy(changed, byte, n);
        if (k < n) changed[k] = (char)(byte[k] ^ (1 << (k % 8)));
        mg_status status = mg_own_read(write_file("changed.npz", "wu", changed, k < n ? n : k - n), L, &own, &err);
        assert_true(status == MG_OK || (status == MG_EINPUT && err.text[0] != '\0'));
        assert_true(status == MG_OK || k < n || own.rows.base == NULL);
        n_refused += status != MG_OK;
        mg_own_destroy(&own);
    }
    assert_true(n_refused > n / 3);
}

/* --- HDF5 --- */

static const char *write_h5(const char *name, hid_t value_type, int n_dims, const hsize_t *dim, const void *value,
                            hsize_t n_texts, size_t letters)
{
    const char *path = path_of(name);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1);
    hid_t space = H5Screate_simple(n_dims, dim, NULL), rows = H5Screate_simple(1, &n_texts, NULL);
    H5Tset_size(type, letters);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    hid_t set = H5Dcreate2(file, "attribution", value_type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t texts = H5Dcreate2(file, "windows", type, rows, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    assert_true(H5Dwrite(texts, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, windows) >= 0);
    H5Dclose(set);
    H5Dclose(texts);
    H5Sclose(space);
    H5Sclose(rows);
    H5Tclose(type);
    H5Fclose(file);
    return path;
}

static void test_h5(void **state)
{
    (void)state;
    const hsize_t last[] = {N, L, 4}, first[] = {N, 4, L}, flat[] = {N, L}, wrong[] = {N, L - 1};
    sound();
    check_rows(write_h5("last.h5", H5T_IEEE_F64BE, 3, last, bases_last, N, L), true);
    check_rows(write_h5("first.h5", H5T_IEEE_F32LE, 3, first, bases_first, N, L), true);
    check_rows(write_h5("flat.h5", H5T_IEEE_F32LE, 2, flat, positions, N, L), false);
    refused(write_h5("bad.h5", H5T_STD_I32LE, 2, flat, positions, N, L), "attribution is of another type");
    refused(write_h5("bad.h5", H5T_IEEE_F32LE, 2, wrong, positions, N, L), "shape (3, 4)");
    refused(write_h5("bad.h5", H5T_IEEE_F32LE, 2, flat, positions, N - 1, L), "2 texts for the 3 rows");
    refused(write_h5("bad.h5", H5T_IEEE_F32LE, 2, flat, positions, N, L - 1), "row 0: 4 letters");
    positions[7] = INFINITY;
    refused(write_h5("bad.h5", H5T_IEEE_F32LE, 2, flat, positions, N, L), "row 1: a number is not finite");
    static const char broken[] = "\x89HDF\r\n\x1a\n with nothing of use behind it";
    refused(write_file("broken.h5", "wu", broken, sizeof broken - 1), "broken.h5");
}

/* --- the method --- */

static void test_method(void **state)
{
    (void)state;
    npz how = sound();
    mg_own own = {0};
    mg_error err = {0};
    mg_method method;
    char name[MG_METHOD_NAME];
    double a[L], c[L * 4];
    mg_explanation e = {a, c, 0};
    const mg_base known[L] = {0, 1, 2, 3, MG_UNKNOWN}, other[L] = {0, 1, 2, 3, 3};
    assert_int_equal(mg_own_read(write_npz("m.npz", &how), L, &own, &err), MG_OK);
    assert_int_equal(mg_foreign_method("mine", own.sha256, &own.rows, &method, &err), MG_OK);
    assert_null(own.rows.base);
    assert_true(mg_foreign_is(method.spec, name) && !mg_foreign_is("lrp", name));
    assert_string_equal(name, "mine");
    assert_non_null(strstr(method.spec, own.sha256));
    method.type->explain(&method, NULL, &(mg_view){.base = known}, NULL, &e);
    for (int p = 0; p < L; p++)
        assert_true(a[p] == (p < 4 ? (double)told(1, p, p) : 0) && c[4 * p + 3] == (double)told(1, p, 3));
    assert_true(isnan(e.claimed_sum));
    method.type->explain(&method, NULL, &(mg_view){.base = other}, NULL, &e);
    for (int k = 0; k < L * 4; k++)
        assert_true(isnan(c[k]) && isnan(a[k / 4]));
    mg_method_release(&method);
    static const char *const bad[] = {"",    "1a",  "a b",      "a/b",
                                      "a,b", "lrp", "\xc3\xa9", "a234567890123456789012345678901234567890123456789"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_int_equal(mg_foreign_check_name(bad[k], &err), MG_EUSAGE);
    assert_int_equal(mg_foreign_check_name("DeepSHAP-10_v2", &err), MG_OK);
}

int main(int argc, char **argv)
{
    int served = mg_h5_child_serve(argc, argv);
    if (served >= 0) return served;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shapes),      cmocka_unit_test(test_unicode),
                                       cmocka_unit_test(test_refused_npz), cmocka_unit_test(test_repeated),
                                       cmocka_unit_test(test_damage),      cmocka_unit_test(test_h5),
                                       cmocka_unit_test(test_method)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
