/* mpi_train.c  the gradient of a batch is the sum of its chunks' in one order, bit for bit, wherever they were found */
#include <stdlib.h>
#include <string.h>

#include "mpi/gradients.h"
#include "src/core/random.h"
#include "tests/support/mpi_harness.h"

/* Numbers of very different sizes, so that another order of adding would give other bits. */
static float value(size_t chunk, size_t i)
{
    uint64_t bits = mg_mix(chunk, i);
    float x = (float)(bits >> 40) * 0x1p-24f - 0.5f;
    return bits & 1 ? x * 1e6f : x;
}

static void test_sum(mg_harness *h, size_t n, size_t n_most, size_t n_chunks, const char *name)
{
    mg_error err = {0};
    mg_gradients *g = NULL;
    size_t first, end, n_wrong = 0;
    CHECK(h, mg_gradients_create(MPI_COMM_WORLD, n, n_most, &g, &err) == MG_OK);
    mg_gradients_share(g, n_chunks, &first, &end);
    CHECK(h, first <= end && end <= n_chunks);
    for (size_t c = first; c < end; c++)
        for (size_t i = 0; i < n; i++)
            mg_gradients_own(g)[(c - first) * n + i] = value(c, i);
    const double *sum = mg_gradients_sum(g, n_chunks, 1);
    double *all = calloc(n, sizeof *all);
    CHECK(h, all != NULL);
    mg_gradients_slice(g, &first, &end);
    CHECK(h, first <= end && end <= n);
    memcpy(all + first, sum + first, (end - first) * sizeof *all);
    mg_gradients_gather(g, all);
    for (size_t i = 0; i < n; i++) {
        double wanted = 0;
        for (size_t c = 0; c < n_chunks; c++)
            wanted += (double)value(c, i);
        n_wrong += memcmp(&wanted, &all[i], sizeof wanted) != 0;
    }
    CHECK(h, n_wrong == 0);
    free(all);
    mg_gradients_destroy(g);
    mg_harness_case(h, name);
}

/* Every chunk has one rank, in the order of the ranks. */
static void test_share(mg_harness *h)
{
    mg_error err = {0};
    mg_gradients *g = NULL;
    CHECK(h, mg_gradients_create(MPI_COMM_WORLD, 10, 40, &g, &err) == MG_OK);
    for (size_t n = 0; n <= 40; n++) {
        size_t first, end;
        unsigned long counted[40] = {0};
        mg_gradients_share(g, n, &first, &end);
        for (size_t c = first; c < end; c++)
            counted[c] = 1;
        MPI_Allreduce(MPI_IN_PLACE, counted, 40, MPI_UNSIGNED_LONG, MPI_SUM, MPI_COMM_WORLD);
        for (size_t c = 0; c < 40; c++)
            CHECK(h, counted[c] == (c < n));
    }
    mg_gradients_destroy(g);
    mg_harness_case(h, "every chunk has one rank");
}

int main(int argc, char **argv)
{
    mg_harness h = mg_harness_begin(&argc, &argv);
    test_share(&h);
    test_sum(&h, 1000, 8, 8, "a whole batch");
    test_sum(&h, 1000, 8, 3, "the last batch of an epoch");
    test_sum(&h, 3, 8, 1, "fewer parameters and chunks than ranks");
    test_sum(&h, 130530, 4, 4, "as many parameters as TISRover+");
    return mg_harness_end(&h);
}
