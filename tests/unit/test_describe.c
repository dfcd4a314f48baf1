/* test_describe.c  mutagree info: what is told of results, models and texts, as JSON and for people */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/describe/describe.h"
#include "io/base/h5.h"
#include "io/base/h5_child.h"
#include "io/base/whole_file.h"

static char folder[512];

static int make_folder(void **state)
{
    (void)state;
    const char *above = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/describe.XXXXXX", above != NULL ? above : "/tmp");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[600];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static const char *in_folder(const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static json_t *describe(const char *path)
{
    json_t *about = NULL;
    mg_error err = {0};
    if (mg_describe(path, NULL, &about, &err) != MG_OK) fail_msg("%s", err.text);
    return about;
}

/* What people see, for the caller to free(). */
static char *printed(json_t *about)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    mg_describe_print(out, about);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_holds(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL) fail_msg("wanted '%s' in '%s'", wanted, text);
}

static void make_run(const char *path)
{
    hid_t file = -1, group = -1;
    const hsize_t size[] = {5, 203, 4};
    assert_int_equal(mg_h5_create_file(path, &file, NULL), MG_OK);
    assert_int_equal(mg_h5_write_text(file, "format", "mutagree-run", NULL), MG_OK);
    assert_int_equal(mg_h5_write_integer(file, "version", 1, NULL), MG_OK);
    assert_int_equal(mg_h5_create_group(file, "provenance", &group, NULL), MG_OK);
    assert_int_equal(mg_h5_write_text(group, "command", "mutagree scan\033[31m", NULL), MG_OK);
    assert_int_equal(mg_h5_write_integer(group, "ranks", 12345, NULL), MG_OK);
    assert_int_equal(mg_h5_write_real(group, "seconds", 0.5, NULL), MG_OK);
    mg_h5_close_group(group);
    assert_int_equal(mg_h5_create_group(file, "mutation", &group, NULL), MG_OK);
    hid_t space = H5Screate_simple(3, size, NULL);
    hid_t dataset = H5Dcreate2(group, "effect", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_int_equal(mg_h5_write_text(dataset, "units", "log-odds", NULL), MG_OK);
    mg_h5_close_dataset(dataset);
    mg_h5_close_space(space);
    mg_h5_close_group(group);
    assert_int_equal(mg_h5_close_file(file, NULL), MG_OK);
}

static void test_run(void **state)
{
    (void)state;
    make_run(in_folder("run.h5"));
    json_t *about = describe(in_folder("run.h5"));
    json_t *provenance = json_object_get(about, "provenance"), *dataset;
    assert_string_equal(json_string_value(json_object_get(about, "kind")), "result of a run");
    assert_int_equal(json_integer_value(json_object_get(provenance, "ranks")), 12345);
    assert_true(json_real_value(json_object_get(provenance, "seconds")) == 0.5);
    dataset = json_array_get(json_object_get(about, "datasets"), 0);
    assert_string_equal(json_string_value(json_object_get(dataset, "path")), "mutation/effect");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(dataset, "shape"), 1)), 203);
    char *text = printed(about);
    assert_holds(text, "  command      mutagree scan [31m\n"); /* nothing reaches the terminal that could steer it */
    assert_holds(text, "  ranks        12,345\n");
    assert_holds(text, "  mutation/effect  5 x 203 x 4  log-odds");
    free(text);
    json_decref(about);
}

static void test_model(void **state)
{
    (void)state;
    json_t *about = describe("tests/data/small.pth");
    assert_int_equal(json_integer_value(json_object_get(about, "weights")), 127);
    assert_string_equal(json_string_value(json_object_get(about, "bases")), "ACGT (assumed; --bases says otherwise)");
    assert_int_equal(json_array_size(json_object_get(about, "layers")), 4);
    char *text = printed(about);
    assert_holds(text, "  classes      no\n               yes\n");
    assert_holds(text, "\n  5     dense        6 x 5   1 x 2        6  ");
    free(text);
    json_decref(about);
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *kind;
    } row[] = {{">a\nACGT\n>b\nAC\n", "sequences (FASTA)"},
               {"#!genome\nchr1\tx\texon\t1\t2\t.\t+\t.\tid\n", "annotation (GTF or GFF3)"},
               {"t1\t5\t8\n", "positions (BED)"},
               {"##fileformat=VCFv4.3\nchr1\t5\t.\tA\tC\t.\t.\t.\n", "variants (VCF)"},
               {"ACGTN\nACGTA\n", "windows, one a line"},
               {"##gff-version 3\nchr1\tx\texon\t1\t2\t.\t+\t.\tid\n##FASTA\n>a\nACGT\n", "annotation (GTF or GFF3)"},
               {"@r\nACGT\n+\n>>>>\n", "reads (FASTQ)"},
               {"\xfd"
                "7zXZ",
                "of no kind that mutagree knows"},
               {"BZh91AY", "packed by bzip2, which is not read"},
               {"\x08\x07\x12\x07pytorch\x1a\x03"
                "1.9:\n>x\nACGT\n",
                "network"},
               {"\x08\x01\x12\x07\n>x\nACGT\n", "network (TensorFlow SavedModel)"},
               {">a\nAC\x01GT\n", "binary, of no kind that mutagree knows"},
               {"12 monkeys\n", "of no kind that mutagree knows"},
               {"", "of no kind that mutagree knows"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *path = in_folder("text");
        assert_int_equal(mg_whole_file_write(path, row[i].text, strlen(row[i].text), true, NULL), MG_OK);
        json_t *about = describe(path);
        assert_string_equal(json_string_value(json_object_get(about, "kind")), row[i].kind);
        if (i == 0) assert_int_equal(json_integer_value(json_object_get(about, "letters")), 6);
        json_decref(about);
    }
}

static void test_failures(void **state)
{
    (void)state;
    unsigned char *whole = NULL;
    size_t n = 0;
    json_t *about = NULL;
    mg_error err = {0};
    assert_int_equal(mg_describe(in_folder("none"), NULL, &about, &err), MG_EINPUT);
    assert_holds(err.text, "No such file");
    assert_int_equal(mg_describe(folder, NULL, &about, &err), MG_EINPUT);
    assert_int_equal(mg_whole_file_read("share/example/transcripts.fa.gz", 1 << 20, &whole, &n, NULL), MG_OK);
    assert_int_equal(mg_whole_file_write(in_folder("cut.gz"), whole, n / 2, true, NULL), MG_OK);
    free(whole);
    assert_int_equal(mg_describe(in_folder("cut.gz"), NULL, &about, &err), MG_EINPUT);
    assert_holds(err.text, "cannot be unpacked; is it truncated?");
    assert_int_equal(mg_describe("tests/data/small.pth", &(mg_model_words){.arch = "tisrover+"}, &about, &err),
                     MG_EINPUT);
    assert_holds(err.text, "needs a tensor features.0.weight");
    assert_null(about);
}

/* A name that is no UTF-8 is told, with '?' where it is none. */
static void test_a_name_in_latin_1(void **state)
{
    (void)state;
    const char *path = in_folder("caf\xe9.fa");
    mg_error err;
    if (mg_whole_file_write(path, ">t1\nACGT\n", 9, false, &err) != MG_OK) fail_msg("%s", err.text);
    json_t *about = describe(path);
    const char *file = json_string_value(json_object_get(about, "file"));
    assert_non_null(file);
    assert_string_equal(file + strlen(file) - 7, "caf?.fa");
    json_decref(about);
}

int main(int argc, char **argv)
{
    int served = mg_h5_child_serve(argc, argv);
    if (served >= 0) return served;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_run), cmocka_unit_test(test_model),
                                       cmocka_unit_test(test_a_name_in_latin_1), cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_failures)};
    return cmocka_run_group_tests_name("describe", tests, make_folder, remove_folder);
}
