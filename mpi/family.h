/* family.h  whether all ranks work with kernels that give the same bits */
#ifndef MG_MPI_FAMILY_H
#define MG_MPI_FAMILY_H

#include <mpi.h>

#include "src/core/status.h"

/* mg_family_check()  refuse ranks whose results would depend on who worked on what
 *
 * Purpose:  Nodes of different age, or MUTAGREE_ISA on some ranks only, may give ranks kernels of different families
 *           (src/engine/family.h), whose last bits differ. Different sets of one family are fine. Collective over comm.
 * Returns:  the agreed status: MG_OK; MG_EINPUT naming ranks and nodes of both families, and the remedy; MG_EUSAGE when
 *           MUTAGREE_ISA asks some rank for a set that it lacks; MG_EMEM.
 */
mg_status mg_family_check(MPI_Comm comm, mg_error *err);

#endif
