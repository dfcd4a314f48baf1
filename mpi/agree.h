/* agree.h  all ranks come to the same status and the same sentence, so that a failure ends a run once and everywhere */
#ifndef MG_MPI_AGREE_H
#define MG_MPI_AGREE_H

#include <mpi.h>

#include "src/core/status.h"

/* mg_agree()  agree on failure
 *
 * Purpose:  Each rank brings what happened to it. When any failed, the lowest failing rank's status and sentence become
 *           everybody's; a wish to stop (MG_ESTOP) does so when nothing worse has happened anywhere. Where the failure is
 *           about one machine (MG_EIO, MG_EMEM, MG_EBUG) and not all ranks met it alike, "rank 7 on node n03: " is put
 *           before the sentence.
 *           Collective over comm.
 * Args:     err - filled by mg_fail() when status is not MG_OK; never NULL
 * Returns:  the agreed status, the same on all ranks; err->text is the same on all ranks when it is not MG_OK.
 */
mg_status mg_agree(MPI_Comm comm, mg_status status, mg_error *err);

#endif
