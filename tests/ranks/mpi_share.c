/* mpi_share.c  what rank 0 has, all get; and where the ranks sit is told alike everywhere */
#include <stdlib.h>
#include <string.h>

#include "mpi/layout.h"
#include "mpi/share.h"
#include "tests/support/mpi_harness.h"

static void test_bytes(mg_harness *h, size_t n_bytes, const char *name)
{
    mg_error err = {0};
    unsigned char *bytes = NULL;
    size_t n = 0, n_wrong = 0;
    if (h->rank == 0) {
        bytes = malloc(n_bytes + 1);
        for (size_t i = 0; i < n_bytes; i++)
            bytes[i] = (unsigned char)(i * 7 + i / 251);
        n = n_bytes;
    }
    CHECK(h, mg_share_bytes(MPI_COMM_WORLD, &bytes, &n, &err) == MG_OK);
    CHECK(h, n == n_bytes);
    for (size_t i = 0; i < n; i++)
        n_wrong += bytes[i] != (unsigned char)(i * 7 + i / 251);
    CHECK(h, n_wrong == 0);
    free(bytes);
    mg_harness_case(h, name);
}

static void check_same_everywhere(mg_harness *h, const char *text)
{
    char first[4096] = "";
    snprintf(first, sizeof first, "%s", text == NULL ? "" : text);
    MPI_Bcast(first, sizeof first, MPI_CHAR, 0, MPI_COMM_WORLD);
    CHECK(h, strcmp(first, text == NULL ? "" : text) == 0);
}

static void test_wanted_threads(mg_harness *h)
{
    mg_error err = {0};
    mg_layout layout;
    CHECK(h, mg_layout_find(MPI_COMM_WORLD, 3, &layout, &err) == MG_OK);
    CHECK(h, layout.n_ranks == h->size && layout.n_nodes >= 1 && layout.n_nodes <= h->size);
    CHECK(h, layout.n_threads == 3 && layout.n_threads_all == 3 * h->size && layout.n_cores >= 1);
    CHECK(h, layout.hosts != NULL && strlen(layout.hosts) > 0);
    check_same_everywhere(h, layout.hosts);
    check_same_everywhere(h, layout.warning);
    mg_layout_destroy(&layout);
    mg_harness_case(h, "as many threads as wanted");
}

static void test_environment(mg_harness *h)
{
    mg_error err = {0};
    mg_layout layout;
    setenv("OMP_NUM_THREADS", "2,4", 1);
    CHECK(h, mg_layout_find(MPI_COMM_WORLD, 0, &layout, &err) == MG_OK);
    CHECK(h, layout.n_threads == 2);
    mg_layout_destroy(&layout);
    unsetenv("OMP_NUM_THREADS");
    CHECK(h, mg_layout_find(MPI_COMM_WORLD, 0, &layout, &err) == MG_OK);
    CHECK(h, layout.n_threads >= 1 && layout.n_threads <= layout.n_cores);
    mg_layout_destroy(&layout);
    mg_harness_case(h, "OMP_NUM_THREADS, else a fair share of the cores");
}

/* Ten thousand threads are more than any node has. */
static void test_warning(mg_harness *h)
{
    mg_error err = {0};
    mg_layout layout;
    CHECK(h, mg_layout_find(MPI_COMM_WORLD, 10000, &layout, &err) == MG_OK);
    CHECK(h, layout.warning != NULL && strstr(layout.warning, "10000 threads") != NULL);
    CHECK(h, layout.warning != NULL && strstr(layout.warning, "--map-by slot:PE=") != NULL);
    mg_layout_destroy(&layout);
    mg_harness_case(h, "more threads than cores");
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    test_bytes(&h, 0, "nothing");
    test_bytes(&h, 1, "one byte");
    test_bytes(&h, 3000001, "three million bytes");
    test_wanted_threads(&h);
    test_environment(&h);
    test_warning(&h);
    return mg_harness_end(&h);
}
