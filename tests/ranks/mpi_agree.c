/* mpi_agree.c  one failure, one sentence, on all ranks */
#include <string.h>

#include "mpi/agree.h"
#include "tests/support/mpi_harness.h"

static void test_all_fine(mg_harness *h)
{
    mg_error err = {0};
    CHECK(h, mg_agree(MPI_COMM_WORLD, MG_OK, &err) == MG_OK);
    CHECK(h, err.text[0] == '\0');
    mg_harness_case(h, "nobody failed");
}

/* Ranks `first`, first + step, ... fail, each with its own words; the lowest one's are heard. */
static void fail_some(mg_harness *h, int first, int step, mg_status status, const char *expected_before)
{
    mg_error err = {0};
    mg_status mine = MG_OK;
    if (h->rank >= first && (h->rank - first) % step == 0) mine = mg_fail(&err, status, "trouble of rank %d", h->rank);
    CHECK(h, mg_agree(MPI_COMM_WORLD, mine, &err) == status);
    char trouble[64];
    snprintf(trouble, sizeof trouble, "trouble of rank %d", first);
    CHECK(h, strstr(err.text, trouble) != NULL);
    CHECK(h, strncmp(err.text, expected_before, strlen(expected_before)) == 0);
    CHECK(h, err.status == status);
}

static void test_lowest_rank_speaks(mg_harness *h)
{
    int last = h->size - 1;
    char before[64];
    snprintf(before, sizeof before, "rank %d on node ", last);
    fail_some(h, last, h->size, MG_EIO, h->size > 1 ? before : "trouble");
    mg_harness_case(h, "last rank fails");
    fail_some(h, 0, 2, MG_EMEM, h->size > 1 ? "rank 0 on node " : "trouble");
    mg_harness_case(h, "every second rank fails");
    fail_some(h, last, h->size, MG_EINPUT, "trouble of rank");
    mg_harness_case(h, "an error of the input needs no rank");
}

static void test_same_everywhere(mg_harness *h)
{
    mg_error err = {0};
    mg_status mine = mg_fail(&err, MG_EIO, "the same words");
    CHECK(h, mg_agree(MPI_COMM_WORLD, mine, &err) == MG_EIO);
    CHECK(h, strcmp(err.text, "the same words") == 0);
    mg_harness_case(h, "an error that all ranks share needs no rank");
}

static void test_broken_promise(mg_harness *h)
{
    mg_error err = {0};
    int last = h->size - 1;
    mg_status mine = h->rank == last ? mg_fail_at(&err, "src/some.c", 12, MG_EBUG, "a promise was broken") : MG_OK;
    CHECK(h, mg_agree(MPI_COMM_WORLD, mine, &err) == MG_EBUG);
    CHECK(h, err.file != NULL && err.line > 0);
    if (last > 0) CHECK(h, strstr(err.text, "a promise was broken (noticed at src/some.c:12)") != NULL);
    mg_harness_case(h, "a broken promise says where");
}

static void test_long_sentence(mg_harness *h)
{
    mg_error err = {0};
    char words[MG_ERROR_TEXT + 100];
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    mg_status mine = h->rank == h->size - 1 ? mg_fail(&err, MG_EIO, "%s", words) : MG_OK;
    CHECK(h, mg_agree(MPI_COMM_WORLD, mine, &err) == MG_EIO);
    CHECK(h, strlen(err.text) == MG_ERROR_TEXT - 1);
    mg_harness_case(h, "a sentence longer than there is room for");
}

/* Somebody wishes to stop, and on a later rank something failed: that is what has to be told. */
static void test_stop_is_no_failure(mg_harness *h)
{
    mg_error err = {0};
    fail_some(h, h->size - 1, h->size, MG_ESTOP, "trouble of rank");
    int last = h->size - 1;
    mg_status mine = h->rank == last ? mg_fail(&err, MG_EINPUT, "a fault") : mg_fail(&err, MG_ESTOP, "stopped");
    CHECK(h, mg_agree(MPI_COMM_WORLD, mine, &err) == MG_EINPUT);
    CHECK(h, strcmp(err.text, "a fault") == 0);
    mg_harness_case(h, "a failure is told before a wish to stop");
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    test_all_fine(&h);
    test_lowest_rank_speaks(&h);
    test_same_everywhere(&h);
    test_broken_promise(&h);
    test_long_sentence(&h);
    test_stop_is_no_failure(&h);
    return mg_harness_end(&h);
}
