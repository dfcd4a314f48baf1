/* gradients.h  the gradient of a batch from those of its chunks, added in one order whoever holds them */
#ifndef MG_MPI_GRADIENTS_H
#define MG_MPI_GRADIENTS_H

#include <mpi.h>
#include <stddef.h>

#include "src/core/status.h"

typedef struct mg_gradients mg_gradients;

/* mg_gradients_create()  room for the sums of batches of up to n_chunks chunks of n parameters. Not collective. */
mg_status mg_gradients_create(MPI_Comm comm, size_t n, size_t n_chunks, mg_gradients **ret, mg_error *err);
void mg_gradients_destroy(mg_gradients *gradients);

/* mg_gradients_share()  which chunks of n_chunks this rank works on: first .. end - 1. Not collective. */
void mg_gradients_share(const mg_gradients *gradients, size_t n_chunks, size_t *first, size_t *end);

/* mg_gradients_own()  where the gradients of those chunks belong, one behind the other: (end - first, n) */
float *mg_gradients_own(mg_gradients *gradients);

/* mg_gradients_slice()  which parameters this rank adds up, and is to step: first .. end - 1. Not collective. */
void mg_gradients_slice(const mg_gradients *gradients, size_t *first, size_t *end);

/* mg_gradients_sum()  the sum of all chunks' gradients, in the order of the chunks, of this rank's slice of the parameters
 *
 * Purpose:  What travels does not grow with the number of ranks, and each works on its slice alone. Collective over comm.
 * Returns:  (n) doubles, of which the slice is set; valid until the next call
 */
const double *mg_gradients_sum(mg_gradients *gradients, size_t n_chunks, int n_threads);

/* mg_gradients_gather()  every rank's slice of n numbers to all others. Collective over comm. value - INOUT (n) */
void mg_gradients_gather(const mg_gradients *gradients, double *value);

#endif
