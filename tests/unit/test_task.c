/* test_task.c  the tasks: what each says about itself, regions of windows, groups under a score */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "src/task/splice/splice.h"
#include "src/task/task.h"

enum { LENGTH = 40, ANCHOR = 13 };

/* Words that belong to translation starts; "start" within others ("to start with") does not occur in a task. */
static const char *const words[] = {"start", "codon", "Kozak", "ATG", "call", "stop", "premature"};

static void check_words(const char *text)
{
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strstr(text, words[k]) != NULL) fail_msg("'%s' in '%s'", words[k], text);
}

static void test_each_says_all(void **state)
{
    (void)state;
    for (mg_task_id id = 0; id < MG_N_TASKS; id++) {
        const mg_task *task = mg_task_at(id), *found = NULL;
        mg_error err;
        assert_int_equal(task->id, id);
        assert_int_equal(mg_task_find(task->name, &found, &err), MG_OK);
        assert_ptr_equal(found, task);
        assert_non_null(strstr(mg_task_names(), task->name));
        assert_true(task->n_kinds >= 1 && task->n_kinds <= MG_MAX_KINDS);
        for (size_t k = 0; k < task->n_kinds; k++)
            assert_non_null(task->kind[k]);
        assert_string_equal(task->group[MG_GROUP_ALL].name, "all");
        assert_in_range(task->anchor(LENGTH), 0, LENGTH - 1);
    }
}

/* What must not meet words of starts: regions and ready windows, whatever is read of them. */
static void test_words(void **state)
{
    (void)state;
    const mg_task *const plain[] = {&mg_task_regions, &mg_task_windows};
    for (size_t k = 0; k < 2; k++) {
        const mg_task *task = plain[k];
        const char *const text[] = {task->name, task->about, task->site, task->origin, task->lost, task->gained};
        for (size_t i = 0; i < sizeof text / sizeof *text; i++)
            check_words(text[i]);
        for (int g = 0; g < MG_N_GROUPS; g++) {
            check_words(task->group[g].name);
            check_words(task->group[g].many);
            check_words(task->group[g].empty);
        }
        assert_false(task->has_codons);
    }
}

static void test_unknown_task(void **state)
{
    (void)state;
    const mg_task *task = NULL;
    mg_error err;
    assert_int_equal(mg_task_find("splise", &task, &err), MG_EUSAGE);
    assert_non_null(strstr(err.text, "did you mean splice?"));
    assert_int_equal(mg_task_find("", &task, &err), MG_EUSAGE);
}

static void test_told(void **state)
{
    (void)state;
    assert_int_equal(mg_task_tell(true, false), MG_TASK_STARTS);
    assert_int_equal(mg_task_tell(false, true), MG_TASK_STARTS);
    assert_int_equal(mg_task_tell(false, false), MG_TASK_WINDOWS);
}

/* A regression has no group of windows that the score calls, whatever the task. */
static void test_groups_by_score(void **state)
{
    (void)state;
    for (mg_task_id id = 0; id < MG_N_TASKS; id++) {
        const mg_task *task = mg_task_at(id);
        assert_non_null(mg_task_group_of(task, MG_GROUP_CALLED, "log-odds"));
        assert_null(mg_task_group_of(task, MG_GROUP_CALLED, "mean"));
        assert_non_null(mg_task_group_of(task, MG_GROUP_ALL, "mean"));
        const char *name = task->group[MG_GROUP_CALLED].name;
        assert_int_equal(mg_task_find_group(task, "probability", name), MG_GROUP_CALLED);
        assert_int_equal(mg_task_find_group(task, "sum", name), MG_N_GROUPS);
    }
}

static void test_regions_of_starts(void **state)
{
    (void)state;
    mg_regions regions;
    mg_error err;
    assert_int_equal(mg_task_starts.regions(LENGTH, ANCHOR, &regions, &err), MG_OK);
    const uint8_t *of = mg_regions_of(&regions, 0);
    for (int64_t p = 0; p < LENGTH; p++) {
        const char *want =
            p < ANCHOR ? "upstream" : (const char *[]){"codon_1", "codon_2", "codon_3"}[(p - ANCHOR) % 3];
        if (p >= ANCHOR && p < ANCHOR + 3)
            assert_int_equal(of[p], MG_REGION_LEFT_OUT);
        else
            assert_string_equal(regions.region[of[p]].name, want);
    }
    mg_regions_destroy(&regions);
}

/* The intron is behind a donor and before an acceptor. */
static void test_regions_of_splice_sites(void **state)
{
    (void)state;
    mg_regions regions, copy;
    mg_error err;
    assert_int_equal(mg_task_splice.regions(LENGTH, ANCHOR, &regions, &err), MG_OK);
    assert_int_equal(mg_regions_copy(&regions, &copy, &err), MG_OK);
    mg_regions_destroy(&regions);
    const uint8_t *donor = mg_regions_of(&copy, MG_SPLICE_DONOR), *acceptor = mg_regions_of(&copy, MG_SPLICE_ACCEPTOR);
    assert_string_equal(copy.region[donor[ANCHOR - 1]].name, "exon");
    assert_string_equal(copy.region[donor[ANCHOR]].name, "intron");
    assert_string_equal(copy.region[acceptor[ANCHOR - 1]].name, "intron");
    assert_string_equal(copy.region[acceptor[ANCHOR]].name, "exon");
    assert_ptr_equal(mg_regions_of(&copy, 7), donor);
    assert_ptr_equal(mg_regions_of(&copy, -1), donor);
    mg_regions_destroy(&copy);
}

static void test_no_regions(void **state)
{
    (void)state;
    mg_regions regions;
    mg_error err;
    assert_int_equal(mg_task_windows.regions(LENGTH, 0, &regions, &err), MG_OK);
    assert_int_equal(regions.n, 0);
    for (int64_t p = 0; p < LENGTH; p++)
        assert_int_equal(mg_regions_of(&regions, 0)[p], MG_REGION_OUTSIDE);
    mg_regions_fill(&regions, 0, -5, 2, 1); /* no further than the window */
    mg_regions_fill(&regions, 0, LENGTH - 1, LENGTH + 9, 2);
    assert_int_equal(regions.of[1], 1);
    assert_int_equal(regions.of[LENGTH - 1], 2);
    mg_regions_destroy(&regions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_says_all),
                                       cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_unknown_task),
                                       cmocka_unit_test(test_told),
                                       cmocka_unit_test(test_groups_by_score),
                                       cmocka_unit_test(test_regions_of_starts),
                                       cmocka_unit_test(test_regions_of_splice_sites),
                                       cmocka_unit_test(test_no_regions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
