/* test_export.c  records sorted through a file, lines of text, arrays for numpy, names of substitutions in two steps */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "io/base/npz.h"
#include "io/base/record_sort.h"
#include "io/base/cell.h"
#include "io/base/writer.h"
#include "src/task/starts/hgvs.h"

typedef struct {
    int32_t key, number;
} record;

static int compare(const void *a, const void *b)
{
    const record *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* n records with few keys go in and come out as qsort() has them; twice, because a sort may be used again. */
static void sort_records(size_t n, size_t n_room)
{
    mg_record_sort *sort = NULL;
    mg_error err = {0};
    record *wanted = calloc(n + 1, sizeof *wanted);
    assert_non_null(wanted);
    assert_int_equal(mg_record_sort_create(sizeof(record), n_room, compare, NULL, &sort, &err), MG_OK);
    for (int round = 0; round < 2; round++) {
        const void *next = NULL;
        for (size_t i = 0; i < n; i++) {
            wanted[i] = (record){(int32_t)((i * 7919 + (size_t)round) % 31), (int32_t)i};
            assert_int_equal(mg_record_sort_add(sort, &wanted[i], &err), MG_OK);
        }
        qsort(wanted, n, sizeof *wanted, compare);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(mg_record_sort_next(sort, &next, &err), MG_OK);
            assert_non_null(next);
            assert_memory_equal(next, &wanted[i], sizeof(record));
        }
        assert_int_equal(mg_record_sort_next(sort, &next, &err), MG_OK);
        assert_null(next);
    }
    mg_record_sort_destroy(sort);
    free(wanted);
}

static void test_records_come_out_in_order(void **state)
{
    (void)state;
    static const size_t n[] = {0, 1, 2, 3, 7, 8, 9, 64, 65, 1000}, room[] = {1, 2, 3, 8, 64, 2000};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        for (size_t k = 0; k < sizeof room / sizeof *room; k++)
            sort_records(n[i], room[k]);
}

static void test_a_sort_needs_its_folder_only_when_it_is_full(void **state)
{
    (void)state;
    mg_record_sort *sort = NULL;
    mg_error err = {0};
    record r = {1, 1};
    assert_int_equal(mg_record_sort_create(sizeof r, 2, compare, "/no/such/folder", &sort, &err), MG_OK);
    assert_int_equal(mg_record_sort_add(sort, &r, &err), MG_OK);
    assert_int_equal(mg_record_sort_add(sort, &r, &err), MG_OK);
    assert_int_equal(mg_record_sort_add(sort, &r, &err), MG_EIO);
    assert_non_null(strstr(err.text, "/no/such/folder"));
    mg_record_sort_destroy(sort);
    mg_record_sort_destroy(NULL);
}

/* --- lines --- */

static char *read_all(const char *path)
{
    char *text = calloc(1, 4096);
    FILE *file = fopen(path, "r");
    assert_non_null(text);
    assert_non_null(file);
    assert_true(fread(text, 1, 4095, file) < 4095);
    fclose(file);
    return text;
}

static void test_a_writer_writes_cells(void **state)
{
    (void)state;
    char path[] = "/tmp/mg-writer-XXXXXX";
    mg_writer w;
    mg_error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(mg_writer_open(path, false, &w, &err), MG_EINPUT); /* it is there */
    assert_int_equal(mg_writer_close(&w, MG_EINPUT, &err), MG_EINPUT);
    assert_int_equal(mg_writer_open(path, true, &w, &err), MG_OK);
    mg_writer_columns(&w, "a b");
    assert_int_equal(mg_writer_end_line(&w, &err), MG_OK);
    mg_writer_text(&w, "tab\there");
    mg_writer_tab(&w);
    mg_writer_integer(&w, INT64_MIN);
    mg_writer_tab(&w);
    mg_writer_number(&w, 1.0 / 3);
    mg_writer_tab(&w);
    mg_writer_number(&w, 0.0 / 0.0);
    assert_int_equal(mg_writer_end_line(&w, &err), MG_OK);
    mg_writer_text(&w, "=1+1");
    mg_writer_tab(&w);
    mg_writer_text(&w, "-2.5");
    mg_writer_tab(&w);
    mg_writer_text(&w, "b\xe4r\xc3\xa4");
    mg_writer_text(&w, "=b\xc3\xa4r");
    assert_int_equal(mg_writer_end_line(&w, &err), MG_OK);
    assert_int_equal(mg_writer_close(&w, MG_OK, &err), MG_OK);
    char *text = read_all(path);
    assert_string_equal(text, "a\tb\ntab?here\t-9223372036854775808\t0.333333\tnan\n'=1+1\t-2.5\tb?r?"
                              "?=b\xc3\xa4r\n");
    free(text);
    unlink(path);
}

static void test_cells(void **state)
{
    (void)state;
    static const char *const good[] = {
        "", "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\xe4", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\x80", "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(mg_cell_is_utf8(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(mg_cell_is_utf8(bad[i]));
    static const char *const formula[] = {"=1+1", "@SUM(A1)", "+cmd|x", "-2+3", "--1", "=A1"};
    static const char *const plain[] = {"", "-", "+", "-1.5", "+3e5", "a=b", "NM_1", "-inf"};
    for (size_t i = 0; i < sizeof formula / sizeof *formula; i++)
        assert_true(mg_cell_is_formula(formula[i]));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_false(mg_cell_is_formula(plain[i]));
}

static void test_a_writer_that_fails_leaves_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/mg-writer-XXXXXX", path[64];
    mg_writer w;
    mg_error err = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.bed.gz", folder);
    assert_int_equal(mg_writer_open(path, false, &w, &err), MG_OK);
    w.index = &tbx_conf_bed;
    mg_writer_text(&w, "chr1");
    assert_int_not_equal(rmdir(folder), 0); /* something is being written there */
    assert_int_equal(mg_writer_close(&w, MG_EINPUT, &err), MG_EINPUT);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* A position that no .tbi can hold. */
static void test_a_writer_indexes_far_places(void **state)
{
    (void)state;
    char folder[] = "/tmp/mg-writer-XXXXXX", path[64], index[80];
    mg_writer w;
    mg_error err = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.bed.gz", folder);
    snprintf(index, sizeof index, "%s.csi", path);
    assert_int_equal(mg_writer_open(path, false, &w, &err), MG_OK);
    w.index = &tbx_conf_bed;
    w.far = true;
    mg_writer_columns(&w, "chr1 600000000 600000001");
    assert_int_equal(mg_writer_end_line(&w, &err), MG_OK);
    assert_int_equal(mg_writer_close(&w, MG_OK, &err), MG_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(index), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* --- numpy --- */

typedef struct {
    int8_t number[24];
    size_t at, step, n;
    bool fails;
} source;

static mg_status begin_source(void *user, mg_error *err)
{
    source *s = user;
    (void)err;
    s->at = 0;
    return MG_OK;
}

static mg_status next_source(void *user, const void **ret, size_t *ret_n, mg_error *err)
{
    source *s = user;
    if (s->fails && s->at > 0) return mg_fail(err, MG_EINPUT, "no more to be had");
    *ret = s->number + s->at;
    *ret_n = s->n - s->at < s->step ? s->n - s->at : s->step;
    s->at += *ret_n;
    return MG_OK;
}

/* The numbers come whole, in any pieces; read back by libzip. */
static void test_an_array_becomes_npz(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 24; step += 23) {
        char folder[] = "/tmp/mg-npz-XXXXXX", path[64], bytes[256];
        mg_error err = {0};
        source s = {.step = step, .n = 24};
        for (int8_t i = 0; i < 24; i++)
            s.number[i] = (int8_t)(i - 9);
        mg_npz_array array = {MG_NPZ_INT8, {2, 4, 3}, &s, begin_source, next_source};
        assert_non_null(mkdtemp(folder));
        snprintf(path, sizeof path, "%s/x.npz", folder);
        assert_int_equal(mg_npz_write(path, &array, false, &err), MG_OK);
        zip_t *zip = zip_open(path, ZIP_RDONLY, NULL);
        assert_non_null(zip);
        zip_file_t *file = zip_fopen(zip, "arr_0.npy", 0);
        assert_non_null(file);
        assert_int_equal(zip_fread(file, bytes, sizeof bytes), 128 + 24);
        assert_memory_equal(bytes, "\x93NUMPY\1\0\x76\0{'descr': '|i1', 'fortran_order': False, 'shape': (2, 4, 3), }",
                            70);
        assert_int_equal(bytes[127], '\n');
        assert_memory_equal(bytes + 128, s.number, 24);
        zip_fclose(file);
        zip_discard(zip);
        assert_int_equal(mg_npz_write(path, &array, false, &err), MG_EINPUT); /* it is there */
        unlink(path);
        assert_int_equal(rmdir(folder), 0);
    }
}

static void test_an_array_that_fails_leaves_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/mg-npz-XXXXXX", path[64];
    mg_error err = {0};
    source s = {.step = 5, .n = 24, .fails = true};
    mg_npz_array array = {MG_NPZ_INT8, {2, 4, 3}, &s, begin_source, next_source};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.npz", folder);
    assert_int_equal(mg_npz_write(path, &array, false, &err), MG_EINPUT);
    assert_string_equal(err.text, "no more to be had");
    assert_int_equal(rmdir(folder), 0);
}

/* --- names --- */

static void test_names_in_two_steps_are_names(void **state)
{
    (void)state;
    /* 6 bases, ATG, AAA, TAA, 4 bases */
    static const char letters[] = "CCCCCCATGAAATAACCCC";
    mg_base base[sizeof letters - 1];
    mg_genetic_code code;
    char one[MG_HGVS_TEXT], two[MG_HGVS_TEXT];
    assert_int_equal(mg_genetic_code_find(1, &code, NULL), MG_OK);
    for (size_t p = 0; p < sizeof base; p++)
        base[p] = mg_base_from_letter(letters[p]);
    mg_reading reading = mg_reading_begin(&code, base, (int64_t)sizeof base, 6);
    for (int64_t p = 0; p < (int64_t)sizeof base; p++) {
        bool behind;
        int64_t number = mg_hgvs_number(&reading, p, &behind);
        assert_string_equal(mg_hgvs_coding(&reading, p, MG_G, one),
                            mg_hgvs_substitution(number, behind, base[p], MG_G, two));
    }
    assert_string_equal(mg_hgvs_coding(&reading, 5, MG_T, one), "c.-1C>T");
    assert_string_equal(mg_hgvs_coding(&reading, 6, MG_T, one), "c.1A>T");
    assert_string_equal(mg_hgvs_coding(&reading, 14, MG_T, one), "c.9A>T");
    assert_string_equal(mg_hgvs_coding(&reading, 15, MG_T, one), "c.*1C>T");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_come_out_in_order),
        cmocka_unit_test(test_a_sort_needs_its_folder_only_when_it_is_full),
        cmocka_unit_test(test_a_writer_writes_cells),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_a_writer_that_fails_leaves_nothing),
        cmocka_unit_test(test_a_writer_indexes_far_places),
        cmocka_unit_test(test_an_array_becomes_npz),
        cmocka_unit_test(test_an_array_that_fails_leaves_nothing),
        cmocka_unit_test(test_names_in_two_steps_are_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
