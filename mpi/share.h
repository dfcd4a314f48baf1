/* share.h  give all ranks what rank 0 has read */
#ifndef MG_MPI_SHARE_H
#define MG_MPI_SHARE_H

#include <mpi.h>
#include <stddef.h>

#include "src/core/status.h"

/* mg_share_bytes()  a block of bytes of rank 0, of any size, for all ranks
 *
 * Purpose:  Collective over comm. On rank 0 *bytes and *n are given; on the others they are set, *bytes being for the
 *           caller to free().
 * Returns:  the agreed status (mg_agree); on failure *bytes of the other ranks is NULL.
 */
mg_status mg_share_bytes(MPI_Comm comm, unsigned char **bytes, size_t *n, mg_error *err);

#endif
