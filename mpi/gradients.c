/* gradients.c  slices of parameters: their gradients go to their ranks and are added there; what comes of it goes to all */
#include "mpi/gradients.h"

#include <limits.h>
#include <stdlib.h>

#include "src/core/memory.h"

struct mg_gradients {
    MPI_Comm comm;
    size_t rank, size;
    size_t n;
    float *own;        /* gradients of this rank's chunks */
    float *slice;      /* (n_chunks, parameters of this rank); NULL when it is alone */
    double *sum;       /* (n) */
    int *count, *from; /* (size) of the slices */
};

/* Part i of n things among `size`: where it begins. */
static size_t part(size_t n, size_t i, size_t size)
{
    return n / size * i + n % size * i / size;
}

mg_status mg_gradients_create(MPI_Comm comm, size_t n, size_t n_chunks, mg_gradients **ret, mg_error *err)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    mg_gradients *g = NULL;
    if (n > INT_MAX) return mg_fail(err, MG_EINPUT, "a network of %zu weights is too large to be trained", n);
    mg_status status = mg_alloc(&g, 1, sizeof *g, err);
    if (status != MG_OK) return status;
    *g = (mg_gradients){.comm = comm, .rank = (size_t)rank, .size = (size_t)size, .n = n};
    size_t most = n_chunks / g->size + 1;
    status = mg_alloc_aligned(&g->own, most * n, sizeof *g->own, err);
    if (status == MG_OK) status = mg_alloc(&g->sum, n, sizeof *g->sum, err);
    if (status == MG_OK) status = mg_alloc(&g->count, g->size, sizeof *g->count, err);
    if (status == MG_OK) status = mg_alloc(&g->from, g->size, sizeof *g->from, err);
    if (status == MG_OK && size > 1)
        status = mg_alloc_aligned(&g->slice, n_chunks * (n / g->size + 1), sizeof *g->slice, err);
    if (status != MG_OK) {
        mg_gradients_destroy(g);
        return status;
    }
    for (size_t r = 0; r < g->size; r++) {
        g->from[r] = (int)part(n, r, g->size);
        g->count[r] = (int)(part(n, r + 1, g->size) - part(n, r, g->size));
    }
    *ret = g;
    return MG_OK;
}

void mg_gradients_destroy(mg_gradients *gradients)
{
    if (gradients == NULL) return;
    free(gradients->own);
    free(gradients->slice);
    free(gradients->sum);
    free(gradients->count);
    free(gradients->from);
    free(gradients);
}

void mg_gradients_share(const mg_gradients *gradients, size_t n_chunks, size_t *first, size_t *end)
{
    *first = part(n_chunks, gradients->rank, gradients->size);
    *end = part(n_chunks, gradients->rank + 1, gradients->size);
}

float *mg_gradients_own(mg_gradients *gradients)
{
    return gradients->own;
}

void mg_gradients_slice(const mg_gradients *gradients, size_t *first, size_t *end)
{
    *first = (size_t)gradients->from[gradients->rank];
    *end = *first + (size_t)gradients->count[gradients->rank];
}

/* sum[i] = chunk[0][i] + chunk[1][i] + ... */
static void add_chunks(const float *chunk, size_t n_chunks, size_t n, double *sum, int n_threads)
{
#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (size_t i = 0; i < n; i++) {
        double total = 0;
        for (size_t c = 0; c < n_chunks; c++)
            total += (double)chunk[c * n + i];
        sum[i] = total;
    }
}

const double *mg_gradients_sum(mg_gradients *gradients, size_t n_chunks, int n_threads)
{
    mg_gradients *g = gradients;
    if (g->size == 1) {
        add_chunks(g->own, n_chunks, g->n, g->sum, n_threads);
        return g->sum;
    }
    size_t n_slice = (size_t)g->count[g->rank];
    for (size_t r = 0; r < g->size; r++)
        for (size_t first = part(n_chunks, r, g->size), c = first; c < part(n_chunks, r + 1, g->size); c++)
            MPI_Scatterv(r == g->rank ? g->own + (c - first) * g->n : NULL, g->count, g->from, MPI_FLOAT,
                         g->slice + c * n_slice, g->count[g->rank], MPI_FLOAT, (int)r, g->comm);
    add_chunks(g->slice, n_chunks, n_slice, g->sum + g->from[g->rank], n_threads);
    return g->sum;
}

void mg_gradients_gather(const mg_gradients *gradients, double *value)
{
    if (gradients->size == 1) return;
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, value, gradients->count, gradients->from, MPI_DOUBLE,
                   gradients->comm);
}
