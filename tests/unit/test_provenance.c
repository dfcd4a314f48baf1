/* test_provenance.c  what is written down about a run, the machine among it, and read back */
#include "tests/support/files.h"

#include <hdf5.h>

#include "io/base/h5.h"
#include "io/run/machine.h"
#include "io/run/provenance.h"

static char scan[] = "scan", out[] = "--out", spaced[] = "my run.h5";

static void test_machine(void **state)
{
    (void)state;
    mg_provenance p = {0};
    setenv("OMP_PLACES", "cores", 1);
    setenv("OMPI_MCA_orte_hnp_uri", "tcp://secret", 1);
    setenv("MY_PASSWORD", "secret", 1);
    setenv("SLURM_JOB_ID", "4711", 1);
    setenv("SLURM_ARRAY_TASK_ID", "7", 1);
    assert_int_equal(mg_machine_record(&p, NULL), MG_OK);
    assert_non_null(strstr(p.environment, "OMP_PLACES=cores"));
    assert_null(strstr(p.environment, "secret"));
    assert_string_equal(p.job, "Slurm 4711, array task 7");
    assert_non_null(strstr(p.processor, "cores online"));
    assert_non_null(strstr(p.limits, "memory of the node"));
    assert_true(strlen(p.machine) > 0 && strlen(p.system) > 0);
    mg_provenance_destroy(&p);

    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_ARRAY_TASK_ID");
    unsetenv("OMP_PLACES");
    setenv("OMP_DYNAMIC", "false", 1);
    setenv("JOB_ID", "12", 1); /* without its sister this may be anybody's */
    assert_int_equal(mg_machine_record(&p, NULL), MG_OK);
    assert_null(p.job);
    assert_null(strstr(p.environment, "OMP_PLACES"));
    mg_provenance_destroy(&p);
    setenv("SGE_TASK_ID", "undefined", 1);
    assert_int_equal(mg_machine_record(&p, NULL), MG_OK);
    assert_string_equal(p.job, "Grid Engine 12");
    mg_provenance_destroy(&p);
}

static void test_read_back(void **state)
{
    (void)state;
    char *words[] = {scan, out, spaced};
    hid_t file = -1, group = -1;
    mg_provenance p, q;
    assert_int_equal(mg_provenance_begin(3, words, &p, NULL), MG_OK);
    p.seed = 42;
    assert_int_equal(mg_provenance_end(&p, 0, NULL), MG_OK);
    assert_int_equal(mg_h5_create_file(path_of("p.h5"), &file, NULL), MG_OK);
    assert_int_equal(mg_h5_create_group(file, "/provenance", &group, NULL), MG_OK);
    assert_int_equal(mg_provenance_write(&p, group, NULL), MG_OK);
    assert_int_equal(mg_provenance_read(group, &q, NULL), MG_OK);
    assert_string_equal(q.command_line, "mutagree scan --out 'my run.h5'");
    assert_non_null(strstr(q.libraries, "HDF5 "));
    assert_non_null(strstr(q.libraries, "libzip "));
    for (const mg_provenance_item *item = mg_provenance_items; item->name != NULL; item++) {
        const char *one = (const char *)&p + item->offset, *other = (const char *)&q + item->offset;
        if (item->type != MG_PROVENANCE_TEXT) {
            assert_memory_equal(one, other, 8);
            continue;
        }
        const char *text = *(char *const *)one, *again = *(char *const *)other;
        if (text == NULL)
            assert_null(again); /* what was not written is not there */
        else
            assert_string_equal(text, again);
    }
    mg_provenance_destroy(&p);
    mg_provenance_destroy(&q);
    mg_h5_close_group(group);
    assert_int_equal(mg_h5_close_file(file, NULL), MG_OK);
}

static void test_wrong_kind(void **state)
{
    (void)state;
    hid_t file = -1;
    mg_provenance p;
    mg_error err = {0};
    assert_int_equal(mg_h5_create_file(path_of("q.h5"), &file, NULL), MG_OK);
    assert_int_equal(mg_h5_write_integer(file, "model", 3, NULL), MG_OK);
    assert_int_equal(mg_provenance_read(file, &p, &err), MG_EINPUT);
    assert_non_null(strstr(err.text, "attribute model"));
    mg_provenance_destroy(&p);
    assert_int_equal(mg_h5_close_file(file, NULL), MG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine),
        cmocka_unit_test(test_read_back),
        cmocka_unit_test(test_wrong_kind),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
