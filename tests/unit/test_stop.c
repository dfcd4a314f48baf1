/* test_stop.c  signals that are noted, signals that end the process, and lengths of time */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/core/duration.h"
#include "src/core/stop.h"

/* What a process that catches and gets these signals says, or ends with: each case in a process of its own, because a
 * note cannot be taken back. 0: the first sentence holds `word`. */
static int outcome(const int *numbers, int pause, const char *word)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        mg_error err = {0};
        mg_stop_catch();
        if (mg_stop_check(&err) != MG_OK) _exit(2);
        for (; *numbers != 0; numbers++) {
            raise(*numbers);
            if (numbers[1] != 0) sleep((unsigned)pause);
        }
        _exit(mg_stop_check(&err) != MG_ESTOP || strstr(err.text, word) == NULL);
    }
    int status = 0;
    assert_true(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_noted(void **state)
{
    (void)state;
    assert_int_equal(outcome((int[]){SIGUSR1, 0}, 0, "SIGUSR1"), 0);
    assert_int_equal(outcome((int[]){SIGTERM, 0}, 0, "SIGTERM"), 0);
    assert_int_equal(outcome((int[]){SIGINT, 0}, 0, "SIGINT"), 0);
    assert_int_equal(outcome((int[]){SIGALRM, 0}, 0, "--max-time"), 0);
}

static void test_first_is_told(void **state)
{
    (void)state;
    assert_int_equal(outcome((int[]){SIGUSR1, SIGTERM, SIGALRM, SIGUSR1, 0}, 0, "SIGUSR1"), 0);
    assert_int_equal(outcome((int[]){SIGTERM, SIGTERM, 0}, 0, "SIGTERM"), 0);
}

static void test_second_ends(void **state)
{
    (void)state;
    assert_int_equal(outcome((int[]){SIGINT, SIGINT, 0}, 0, ""), SIGINT);
    assert_int_equal(outcome((int[]){SIGTERM, SIGINT, 0}, 0, ""), SIGINT);
    assert_int_equal(outcome((int[]){SIGTERM, SIGTERM, 0}, 3, ""), SIGTERM);
}

static void test_clock(void **state)
{
    (void)state;
    static const double seconds[] = {0, 1e-7, 0.02, 1.01};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            mg_stop_catch();
            mg_stop_after(seconds[i]);
            while (mg_stop_check(NULL) == MG_OK)
                usleep(1000);
            _exit(0);
        }
        int status = 0;
        assert_true(waitpid(child, &status, 0) == child && status == 0);
    }
}

static void test_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } known[] = {{"90", 90},      {"0.5", 0.5},        {"55m", 3300},          {"3h30m", 12600},
                 {"2d", 172800},  {"1d2h3m4s", 93784}, {"1.5h", 5400},         {"02:00:00", 7200},
                 {"90:00", 5400}, {"0:08", 8},         {"1-12:00:00", 129600}, {"100:00:00", 360000}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double seconds = -1;
        mg_error err = {0};
        assert_int_equal(mg_duration_parse(known[i].text, &seconds, &err), MG_OK);
        assert_true(seconds == known[i].seconds);
    }
}

static void test_no_durations(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",      "0",         "-5",    "5 m",   "m",          "5x",
        "30m3h", "3h3h",      "3h30",  "1e3",   "nan",        "inf",
        "0x10",  "1:",        ":1",    "1::2",  "1:2:3:4",    "1-2",
        "1-2:3", "1-2:3:4:5", "1.2.3", "00:00", "9999999999", "111111111111111111111111111111111111111111h"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double seconds;
        mg_error err = {0};
        assert_int_equal(mg_duration_parse(wrong[i], &seconds, &err), MG_EUSAGE);
        assert_non_null(strstr(err.text, "no length of time"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noted), cmocka_unit_test(test_first_is_told), cmocka_unit_test(test_second_ends),
        cmocka_unit_test(test_clock), cmocka_unit_test(test_durations),     cmocka_unit_test(test_no_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
