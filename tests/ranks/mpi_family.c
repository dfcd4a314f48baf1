/* mpi_family.c  ranks whose kernels give other bits do not work together */
#include <stdlib.h>
#include <string.h>

#include "mpi/family.h"
#include "src/kernels/kernels.h"
#include "tests/support/mpi_harness.h"

static void test_alike(mg_harness *h, const char *wish, const char *name)
{
    mg_error err = {0};
    setenv("MUTAGREE_ISA", wish, 1);
    if (mg_kernels_pick() != NULL) CHECK(h, mg_family_check(MPI_COMM_WORLD, &err) == MG_OK);
    unsetenv("MUTAGREE_ISA");
    mg_harness_case(h, name);
}

/* Even ranks the one set, odd ranks the other; true when this machine has both. */
static bool take_turns(const mg_harness *h, const char *even, const char *odd)
{
    setenv("MUTAGREE_ISA", odd, 1);
    bool has_both = mg_kernels_pick() != NULL;
    setenv("MUTAGREE_ISA", even, 1);
    has_both = has_both && mg_kernels_pick() != NULL;
    if (h->rank % 2 == 1) setenv("MUTAGREE_ISA", odd, 1);
    return has_both;
}

static void test_one_family(mg_harness *h)
{
    mg_error err = {0};
    if (take_turns(h, "avx512", "avx2")) CHECK(h, mg_family_check(MPI_COMM_WORLD, &err) == MG_OK);
    unsetenv("MUTAGREE_ISA");
    mg_harness_case(h, "avx2 and avx512 work together");
}

static void test_two_families(mg_harness *h)
{
    mg_error err = {0};
    if (take_turns(h, "avx2", "portable")) {
        CHECK(h, mg_family_check(MPI_COMM_WORLD, &err) == (h->size > 1 ? MG_EINPUT : MG_OK));
        CHECK(h, h->size == 1 || strstr(err.text, "differ: rank 0 on ") != NULL);
        CHECK(h, h->size != 2 || strstr(err.text, " (avx2), but rank 1 on ") != NULL);
        CHECK(h, h->size == 1 || strstr(err.text, " (portable)") != NULL);
        CHECK(h, h->size == 1 || strstr(err.text, "set MUTAGREE_ISA=portable on all ranks") != NULL);
    }
    unsetenv("MUTAGREE_ISA");
    mg_harness_case(h, "kernels with and without fused multiply-add do not, and all ranks say so");
}

static void test_neighbours(mg_harness *h)
{
    mg_error err = {0};
    setenv("MUTAGREE_ISA", "avx2", 1);
    bool has_avx2 = mg_kernels_pick() != NULL;
    if (h->rank == h->size - 1) setenv("MUTAGREE_ISA", "portable", 1);
    if (has_avx2 && h->size > 2) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "differ: ranks 0-%d on ", h->size - 2);
        CHECK(h, mg_family_check(MPI_COMM_WORLD, &err) == MG_EINPUT);
        CHECK(h, strstr(err.text, wanted) != NULL);
    }
    unsetenv("MUTAGREE_ISA");
    mg_harness_case(h, "ranks of one node are named together");
}

static void test_unknown(mg_harness *h)
{
    mg_error err = {0};
    if (h->rank == h->size - 1) setenv("MUTAGREE_ISA", "mmx", 1);
    CHECK(h, mg_family_check(MPI_COMM_WORLD, &err) == MG_EUSAGE);
    CHECK(h, strstr(err.text, "MUTAGREE_ISA=mmx") != NULL);
    unsetenv("MUTAGREE_ISA");
    mg_harness_case(h, "a set that one rank does not know");
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    test_alike(&h, "portable", "portable kernels everywhere");
    test_alike(&h, "avx2", "avx2 everywhere");
    test_one_family(&h);
    test_two_families(&h);
    test_neighbours(&h);
    test_unknown(&h);
    return mg_harness_end(&h);
}
