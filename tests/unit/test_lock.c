/* test_lock.c  one process holds a lock; it goes with the process; a file without lock is judged by what stands in it */
#include <sys/wait.h>

#include "io/base/lock.c" /* its statics: file systems without locks are not at hand */
#include "tests/support/files.h"

static void test_taken_and_released(void **state)
{
    (void)state;
    const char *path = path_of("lock");
    mg_error err = {0};
    mg_lock *one = NULL, *other = NULL;
    assert_int_equal(mg_lock_look(path, "run.h5.parts", &err), MG_OK);
    assert_int_equal(mg_lock_take(path, "run.h5.parts", &one, &err), MG_OK);
    assert_int_equal(mg_lock_look(path, "run.h5.parts", &err), MG_EINPUT);
    assert_int_equal(mg_lock_take(path, "run.h5.parts", &other, &err), MG_EINPUT);
    assert_null(other);
    char process[32];
    snprintf(process, sizeof process, "(process %ld on node ", (long)getpid());
    assert_true(strncmp(err.text, "run.h5.parts belongs to", 23) == 0 && strstr(err.text, process) != NULL);
    mg_lock_release(one);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(mg_lock_take(path, "run.h5.parts", &other, &err), MG_OK);
    mg_lock_release(other);
    mg_lock_release(NULL);
}

/* A process that is killed leaves the file, and no lock. */
static void test_killed(void **state)
{
    (void)state;
    const char *path = path_of("lock");
    mg_error err = {0};
    mg_lock *lock = NULL;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool fine = mg_lock_take(path, "x", &lock, &err) == MG_OK && write(ready[1], "x", 1) == 1;
        for (; fine; pause())
            ;
        _exit(1);
    }
    char byte;
    assert_true(read(ready[0], &byte, 1) == 1);
    assert_int_equal(mg_lock_take(path, "x", &lock, &err), MG_EINPUT);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_true(waitpid(child, NULL, 0) == child);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(mg_lock_look(path, "x", &err), MG_OK);
    assert_int_equal(mg_lock_take(path, "x", &lock, &err), MG_OK);
    mg_lock_release(lock);
    close(ready[0]);
    close(ready[1]);
}

static void test_replaced(void **state)
{
    (void)state;
    const char *path = path_of("lock");
    mg_error err = {0};
    int file = -1;
    assert_int_equal(open_locked(path, "x", &file, &err), MG_OK);
    assert_true(has_its_name(file, path));
    assert_int_equal(unlink(path), 0);
    assert_false(has_its_name(file, path));
    close(file);
}

/* What a file system without locks leaves to the words in the file. */
static mg_status judge_words(const char *words, mg_error *err)
{
    const char *path = path_of("lock");
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
    assert_true(file >= 0 && write(file, words, strlen(words)) == (ssize_t)strlen(words));
    mg_status status = decide(NO_LOCKS, file, path, "x", false, err);
    close(file);
    return status;
}

static void test_without_locks(void **state)
{
    (void)state;
    mg_error err = {0};
    holder me = myself();
    char words[WORDS];
    assert_true(me.began > 0 && is_alive(&me) && beginning_of(getppid()) > 0);
    static const char format[] = "process %ld on node %s since 2026-11-23T03:40:12Z began %llu\n";
    snprintf(words, sizeof words, format, (long)me.process, me.node, (unsigned long long)me.began);
    assert_int_equal(judge_words(words, &err), MG_OK); /* our own */
    snprintf(words, sizeof words, format, (long)getppid(), me.node, (unsigned long long)beginning_of(getppid()));
    assert_int_equal(judge_words(words, &err), MG_EINPUT); /* alive */
    assert_non_null(strstr(err.text, "since 2026-11-23T03:40:12Z"));
    snprintf(words, sizeof words, format, (long)getppid(), me.node, 1ULL);
    assert_int_equal(judge_words(words, &err), MG_OK); /* another process of the same number */
    snprintf(words, sizeof words, format, (long)getppid(), "elsewhere", (unsigned long long)beginning_of(getppid()));
    assert_int_equal(judge_words(words, &err), MG_OK); /* cannot be asked */
    static const char *const damaged[] = {"", "process", "process x on node", "\377\377\377\377"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        assert_int_equal(judge_words(damaged[i], &err), MG_OK);
}

static void test_no_place(void **state)
{
    (void)state;
    mg_error err = {0};
    mg_lock *lock = NULL;
    assert_int_equal(mg_lock_take("/no/such/folder/lock", "x", &lock, &err), MG_EIO);
    assert_int_equal(mg_lock_take(folder, "x", &lock, &err), MG_EIO);
    assert_null(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_and_released), cmocka_unit_test(test_killed),   cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_without_locks),      cmocka_unit_test(test_no_place),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
