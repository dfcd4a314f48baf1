/* share.c  broadcast in pieces that MPI can count */
#include "mpi/share.h"

#include <stdint.h>
#include <stdlib.h>

#include "mpi/agree.h"
#include "src/core/memory.h"

enum { PIECE = 1 << 30 };

mg_status mg_share_bytes(MPI_Comm comm, unsigned char **bytes, size_t *n, mg_error *err)
{
    int rank;
    uint64_t n_all;
    mg_status status = MG_OK;
    MPI_Comm_rank(comm, &rank);
    n_all = rank == 0 ? *n : 0;
    MPI_Bcast(&n_all, 1, MPI_UINT64_T, 0, comm);
    if (rank != 0) {
        *bytes = NULL;
        *n = (size_t)n_all;
        status = mg_alloc(bytes, *n, 1, err);
    }
    status = mg_agree(comm, status, err);
    if (status != MG_OK) {
        if (rank != 0) {
            free(*bytes);
            *bytes = NULL;
        }
        return status;
    }
    for (size_t at = 0; at < *n; at += PIECE)
        MPI_Bcast(*bytes + at, (int)(*n - at < PIECE ? *n - at : PIECE), MPI_BYTE, 0, comm);
    return MG_OK;
}
