/* test_run_status.c  the status file: what stands in it, how it is replaced, and what it does with odd texts */
#include <jansson.h>
#include <math.h>

#include "io/run/status.h"
#include "tests/support/files.h"

static json_t *written(const mg_run_status *status)
{
    const char *path = path_of("status.json");
    mg_error err = {0};
    json_error_t where;
    assert_int_equal(mg_run_status_write(path, status, &err), MG_OK);
    assert_int_not_equal(access(path_of("status.json.tmp"), F_OK), 0);
    json_t *object = json_load_file(path, 0, &where);
    assert_non_null(object);
    return object;
}

static void expect_text(const json_t *object, const char *key, const char *text)
{
    assert_string_equal(json_string_value(json_object_get(object, key)), text);
}

static void test_all_is_told(void **state)
{
    (void)state;
    mg_run_status status = {MG_RUN_WORKING, "run.h5", NULL, 128, 300, 2, 5, 12.5, 13.76, 4, 8, "2026-11-23T03:40:12Z"};
    json_t *object = written(&status);
    expect_text(object, "state", "working");
    expect_text(object, "out", "run.h5");
    expect_text(object, "started", "2026-11-23T03:40:12Z");
    assert_true(json_is_null(json_object_get(object, "message")));
    static const char *const keys[] = {"windows_done", "windows_total", "shards_done", "shards_total",
                                       "ranks",        "threads",       "pid"};
    const json_int_t values[] = {128, 300, 2, 5, 4, 8, getpid()};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(json_integer_value(json_object_get(object, keys[i])), values[i]);
    assert_true(json_real_value(json_object_get(object, "windows_per_second")) == 12.5);
    assert_true(json_real_value(json_object_get(object, "seconds_left")) == 13.76);
    assert_int_equal(json_string_length(json_object_get(object, "updated")), 20);
    assert_true(json_string_length(json_object_get(object, "host")) > 0);
    assert_true(json_string_length(json_object_get(object, "version")) > 0);
    json_decref(object);
}

static void test_states(void **state)
{
    (void)state;
    static const char *const words[] = {"reading", "working", "merging", "done", "interrupted", "failed"};
    for (int i = MG_RUN_READING; i <= MG_RUN_FAILED; i++) {
        mg_run_status status = {.state = (mg_run_state)i, .rate = -1, .seconds_left = INFINITY, .message = "so"};
        json_t *object = written(&status); /* replaces the one before */
        expect_text(object, "state", words[i]);
        expect_text(object, "message", "so");
        assert_true(json_is_null(json_object_get(object, "windows_per_second")));
        assert_true(json_is_null(json_object_get(object, "seconds_left")));
        assert_true(json_is_null(json_object_get(object, "out")));
        json_decref(object);
    }
}

static void test_odd_texts(void **state)
{
    (void)state;
    mg_run_status status = {.state = MG_RUN_FAILED, .out = "a\377b", .message = "quote \" and \n line \303\244"};
    json_t *object = written(&status);
    expect_text(object, "out", "a?b");
    expect_text(object, "message", status.message);
    json_decref(object);
}

static void test_no_place(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_run_status status = {.state = MG_RUN_DONE};
    assert_int_equal(mg_run_status_write(path_of("none/status.json"), &status, &err), MG_EIO);
    assert_non_null(strstr(err.text, "none/status.json"));
    assert_int_equal(mg_run_status_write(folder, &status, &err), MG_EINPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_is_told), cmocka_unit_test(test_states),
                                       cmocka_unit_test(test_odd_texts), cmocka_unit_test(test_no_place)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
