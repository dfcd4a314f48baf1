/* mpi_harness.h  tests for several ranks: each rank checks, rank 0 prints one TAP line a case for all of them */
#ifndef MG_TESTS_SUPPORT_MPI_HARNESS_H
#define MG_TESTS_SUPPORT_MPI_HARNESS_H

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct {
    int rank, size;
    int n_cases, n_failed_cases;
    int n_failed; /* checks of this case that failed on this rank */
} mg_harness;

static inline mg_harness mg_harness_begin(int *argc, char ***argv)
{
    mg_harness h = {0};
    int provided;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &h.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &h.size);
    return h;
}

static inline void mg_harness_check(mg_harness *h, bool fine, const char *what, const char *file, int line)
{
    if (fine) return;
    h->n_failed++;
    printf("# rank %d of %d, %s line %d: not so: %s\n", h->rank, h->size, file, line, what);
    fflush(stdout);
}
#define CHECK(h, condition) mg_harness_check((h), (condition), #condition, __FILE__, __LINE__)

/* End of a case: collective, so a rank that hangs is seen here, by the timeout around mpirun. */
static inline void mg_harness_case(mg_harness *h, const char *name)
{
    int n_failed = 0;
    MPI_Allreduce(&h->n_failed, &n_failed, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    h->n_cases++;
    h->n_failed_cases += n_failed > 0;
    h->n_failed = 0;
    if (h->rank == 0) printf("%s %d - %s, %d ranks\n", n_failed > 0 ? "not ok" : "ok", h->n_cases, name, h->size);
    fflush(stdout);
}

static inline int mg_harness_end(mg_harness *h)
{
    if (h->rank == 0) printf("1..%d\n", h->n_cases);
    fflush(stdout);
    MPI_Finalize();
    return h->n_failed_cases > 0;
}

#endif
