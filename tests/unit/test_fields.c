/* test_fields.c  the table of datasets, shard files, and the folder they live in */
#include <sys/stat.h>

#include "io/run/parts.h"
#include "io/base/held_file.h"
#include "src/faithfulness/metric.h"
#include "tests/support/fake_run.h"
#include "tests/support/files.h"
#include "tests/support/metrics.h"

/* --- the table --- */

static void test_every_field_is_described(void **state)
{
    (void)state;
    mg_run_shape shape = fake_shape(10, 7, MG_STORE_HYPOTHETICAL);
    for (mg_field_id id = 0; id < MG_N_FIELDS; id++) {
        assert_non_null(mg_fields[id].path);
        assert_true(mg_fields[id].path[0] == '/');
        assert_true(strlen(mg_field_unit(id, &shape, 0)) > 0);
        assert_true(strlen(mg_fields[id].description) > 10);
        assert_true(mg_fields[id].dim[0] != MG_DIM_NONE);
        assert_int_equal(id < MG_N_WINDOW_FIELDS, mg_fields[id].dim[0] == MG_DIM_WINDOWS);
        for (mg_field_id other = 0; other < id; other++)
            assert_string_not_equal(mg_fields[id].path, mg_fields[other].path);
    }
}

static void test_paths(void **state)
{
    (void)state;
    char path[MG_FIELD_PATH];
    mg_run_shape shape = fake_shape(10, 7, MG_STORE_SUMMARY);
    mg_field_path(MG_AGREEMENT, &shape, mg_field_set_of(MG_AGREEMENT, &shape, 1, SPEARMAN_REGIONS), "lrp_2", path);
    assert_string_equal(path, "/agreement/lrp_2/spearman_upstream");
    mg_field_path(MG_ATTRIBUTION_HYPOTHETICAL, &shape, 1, "lrp_2", path);
    assert_string_equal(path, "/attribution/lrp_2/hypothetical");
    mg_field_shard_path(MG_AGREEMENT, path);
    assert_string_equal(path, "/agreement");
    mg_field_shard_path(MG_ATTRIBUTION_CONTRIBUTION, path);
    assert_string_equal(path, "/attribution/contribution");
    mg_field_shard_path(MG_WINDOW_PLACE, path);
    assert_string_equal(path, "/windows/place");
}

static void test_sizes(void **state)
{
    (void)state;
    mg_run_shape shape = fake_shape(10, 7, MG_STORE_SUMMARY);
    int64_t dim[MG_FIELD_MAX_DIMS];
    assert_int_equal(mg_field_row_bytes(MG_MUTATION_EFFECT, &shape), 7 * 4 * 4);
    assert_int_equal(mg_field_row_bytes(MG_WINDOW_SEQUENCE, &shape), 7);
    assert_int_equal(mg_field_n_sets(MG_AGREEMENT, &shape), 2 * N_START_METRICS);
    assert_int_equal(mg_field_dims(MG_MUTATION_EFFECT, &shape, -1, dim), 3);
    assert_true(dim[0] == 10 && dim[1] == 7 && dim[2] == 4);
    int64_t summary = mg_run_window_bytes(&shape);
    assert_int_equal(summary, 8 + 8 + 1 + 7 + 4 + 4 + 4 + 1 + 2 * N_START_METRICS * 4);
    shape.store = MG_STORE_CONTRIBUTION;
    assert_int_equal(mg_run_window_bytes(&shape), summary + 7 * 16 + 2 * 7 * 4);
    shape.store = MG_STORE_HYPOTHETICAL;
    assert_int_equal(mg_run_window_bytes(&shape), summary + 7 * 16 + 2 * 7 * 4 + 2 * 7 * 16);
}

static void test_units_and_descriptions(void **state)
{
    (void)state;
    mg_run_shape shape = fake_shape(1, 7, MG_STORE_SUMMARY);
    char text[512];
    shape.score_name = "logit";
    assert_string_equal(mg_field_unit(MG_WINDOW_SCORE, &shape, 0), "logit");
    shape.score_name = "probability"; /* F stays what it is */
    assert_string_equal(mg_field_unit(MG_MUTATION_EFFECT, &shape, 0), "log-odds");
    assert_string_equal(mg_field_unit(MG_ATTRIBUTION_CONTRIBUTION, &shape, 0), "probability");
    assert_string_equal(mg_field_unit(MG_AGREEMENT, &shape, MG_PEAK_DISTANCE), "nt");
    mg_field_description(MG_AGREEMENT, &shape, MG_PEAK_DISTANCE, text, sizeof text);
    assert_non_null(strstr(text, start_metrics()->info[MG_PEAK_DISTANCE].description));
}

/* --- shard files --- */

static mg_shard_store store_in(const char *parts, int64_t n_windows, mg_store kept)
{
    return (mg_shard_store){parts, fake_shape(n_windows, 9, kept), 4, "saliency\nlrp:gamma=0.25", "fake"};
}

static void write_shard(const mg_shard_store *store, int64_t k)
{
    mg_error err = {0};
    mg_shard shard = {0};
    mg_result result = {0};
    assert_int_equal(fake_shard(store, k, &shard, &result, &err), MG_OK);
    assert_int_equal(mg_shard_file_write(store, &shard, &result, &err), MG_OK);
    mg_shard_destroy(&shard);
    mg_result_destroy(&result);
}

static void check_shard(const mg_shard_store *store, int64_t k)
{
    mg_error err = {0};
    mg_shard_file file;
    assert_int_equal(mg_shard_file_open(store, k, &file, &err), MG_OK);
    for (mg_field_id id = 0; id < MG_N_WINDOW_FIELDS; id++) {
        if (!mg_field_is_kept(id, &store->shape)) continue;
        int64_t n_sets = mg_field_n_sets(id, &store->shape);
        size_t set = mg_field_row_bytes(id, &store->shape) * (size_t)file.n;
        char *values = calloc((size_t)n_sets, set);
        assert_non_null(values);
        assert_int_equal(mg_shard_file_read(&file, id, values, &err), MG_OK);
        for (int64_t s = 0; s < n_sets; s++)
            assert_int_equal(fake_n_wrong(id, &store->shape, s, file.first, file.n, values + (size_t)s * set), 0);
        free(values);
    }
    mg_shard_file_close(&file);
}

static void test_shard_there_and_back(void **state)
{
    (void)state;
    for (int kept = MG_STORE_SUMMARY; kept <= MG_STORE_HYPOTHETICAL; kept++) {
        mg_shard_store store = store_in(folder, 11, (mg_store)kept);
        for (int64_t k = 0; k < 3; k++) { /* 4, 4 and 3 windows */
            write_shard(&store, k);
            check_shard(&store, k);
        }
    }
}

static void expect_refusal(const mg_shard_store *store, int64_t k, const char *words)
{
    mg_error err = {0};
    mg_shard_file file;
    assert_int_equal(mg_shard_file_open(store, k, &file, &err), MG_EINPUT);
    if (strstr(err.text, words) == NULL) fail_msg("'%s' is not in '%s'", words, err.text);
}

static void test_shard_of_another_run(void **state)
{
    (void)state;
    mg_shard_store store = store_in(folder, 11, MG_STORE_SUMMARY);
    write_shard(&store, 1);
    expect_refusal(&store, 0, "No such file");
    mg_shard_store other = store;
    other.methods = "saliency\nlrp:gamma=0.05";
    expect_refusal(&other, 1, "methods");
    other = store;
    other.shard_size = 5;
    expect_refusal(&other, 1, "first");
    other = store;
    other.shape.n_windows = 6;
    expect_refusal(&other, 1, "windows");
    other = store;
    other.shape.length = 10;
    expect_refusal(&other, 1, "length");
}

/* A shard file cut short at any length is refused, or at least never believed. */
static void test_shard_cut_short(void **state)
{
    (void)state;
    mg_shard_store store = store_in(folder, 4, MG_STORE_SUMMARY);
    char path[4096], name[MG_PARTS_NAME];
    struct stat info;
    write_shard(&store, 0);
    mg_parts_shard_name(0, name);
    snprintf(path, sizeof path, "%s/%s", store.folder, name);
    assert_int_equal(stat(path, &info), 0);
    for (off_t n = info.st_size - 1; n > 0; n -= n > 997 ? 997 : n) {
        assert_int_equal(truncate(path, n), 0);
        mg_error err = {0};
        mg_shard_file file;
        assert_int_not_equal(mg_shard_file_open(&store, 0, &file, &err), MG_OK);
    }
}

/* --- the folder --- */

static void test_parts(void **state)
{
    (void)state;
    mg_error err = {0};
    char parts[600], foreign[700];
    snprintf(parts, sizeof parts, "%s/run.h5.parts", folder);
    assert_int_equal(mg_parts_check(parts, &err), MG_OK);
    assert_int_equal(mg_parts_is_seen(parts, &err), MG_EIO);
    assert_int_equal(mg_parts_begin(parts, "{\"seed\": 1}", false, &err), MG_OK);
    assert_int_equal(mg_parts_is_seen(parts, &err), MG_OK);
    mg_shard_store store = store_in(parts, 11, MG_STORE_SUMMARY);
    write_shard(&store, 2);
    assert_int_equal(mg_parts_check(parts, &err), MG_OK);
    assert_true(mg_parts_has(parts, "shard-00000002.h5") && !mg_parts_has(parts, "shard-00000001.h5"));
    assert_int_equal(mg_parts_begin(parts, "{\"seed\": 1}", false, &err), MG_OK); /* the same plan: goes on */
    assert_true(mg_parts_has(parts, "shard-00000002.h5"));
    assert_int_equal(mg_parts_begin(parts, "{\"seed\": 2}", false, &err), MG_EINPUT); /* another: refused ... */
    assert_non_null(strstr(err.text, "another seed (1, now 2)"));
    assert_true(mg_parts_has(parts, "shard-00000002.h5"));
    assert_int_equal(mg_parts_begin(parts, "{\"seed\": 2}", true, &err),
                     MG_OK); /* ... or begun anew when that is asked for */
    expect_refusal(&store, 2, "No such file");

    /* What has the name of a shard is a plain file, before any work begins. */
    snprintf(foreign, sizeof foreign, "%s/shard-00000003.h5", parts);
    assert_int_equal(symlink("nowhere", foreign), 0);
    assert_int_equal(mg_parts_check(parts, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "shard-00000003.h5 is a symbolic link"));
    assert_int_equal(mg_parts_begin(parts, "{\"seed\": 2}", false, &err), MG_EINPUT);
    assert_int_equal(unlink(foreign), 0);
    assert_int_equal(symlink("plan.json", foreign), 0);
    assert_int_equal(mg_parts_check(parts, &err), MG_EINPUT);
    assert_int_equal(unlink(foreign), 0);
    assert_int_equal(mkdir(foreign, 0777), 0);
    assert_int_equal(mg_parts_check(parts, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "shard-00000003.h5 is a folder"));
    assert_int_equal(rmdir(foreign), 0);
    assert_int_equal(mg_parts_check(parts, &err), MG_OK);

    snprintf(foreign, sizeof foreign, "%s/shard-1.h5.bak", parts);
    FILE *file = fopen(foreign, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(mg_parts_check(parts, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "shard-1.h5.bak"));
    assert_int_equal(mg_parts_begin(parts, "{}", true, &err), MG_EINPUT);
    assert_int_equal(mg_parts_remove(parts, NULL, &err), MG_EINPUT);
    assert_int_equal(unlink(foreign), 0);
    assert_int_equal(mg_parts_remove(parts, NULL, &err), MG_OK);
    assert_int_not_equal(access(parts, F_OK), 0);
    assert_int_equal(mg_parts_remove(parts, NULL, &err), MG_OK); /* not there: nothing to do */
}

static void test_parts_in_the_way(void **state)
{
    (void)state;
    mg_error err = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/file", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(mg_parts_check(path, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "in the way"));
}

static void test_sha256(void **state)
{
    (void)state;
    mg_error err = {0};
    char path[4096], sum[MG_SHA256_TEXT];
    snprintf(path, sizeof path, "%s/abc", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("abc", file);
    fclose(file);
    mg_held_file held;
    mg_held_file_open(path, &held);
    assert_int_equal(mg_held_file_sum(&held, sum, &err), MG_OK); /* the first example of FIPS 180-2 */
    assert_string_equal(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

    /* Another file under its name, and other bytes in it, are noticed. */
    char other[4096];
    snprintf(other, sizeof other, "%s/other", folder);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(mg_held_file_sum(&held, sum, &err), MG_EINPUT);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("abd", file);
    fclose(file);
    assert_int_equal(mg_held_file_sum(&held, sum, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "was replaced or changed while it was read"));
    mg_held_file_close(&held);
    mg_held_file_open(path, &held);
    file = fopen(path, "a");
    assert_non_null(file);
    fputs("e", file);
    fclose(file);
    assert_int_equal(mg_held_file_sum(&held, sum, &err), MG_EINPUT);
    mg_held_file_close(&held);
    mg_held_file_open("/no/such/file", &held);
    assert_int_equal(mg_held_file_sum(&held, sum, &err), MG_OK);
    assert_string_equal(sum, "(a pipe)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_is_described),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_units_and_descriptions),
        cmocka_unit_test_setup_teardown(test_shard_there_and_back, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_shard_of_another_run, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_shard_cut_short, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_parts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_parts_in_the_way, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_sha256, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
