/* transport.h  which ways between ranks Open MPI may use: none that listens on the network where none is needed
 *
 * Open MPI opens a port on all interfaces of the machine in every process, one without company included. A process by
 * itself needs no transport, and ranks of one node have shared memory.
 */
#ifndef MG_MPI_TRANSPORT_H
#define MG_MPI_TRANSPORT_H

/* mg_transport_choose()  before MPI_Init(): tell Open MPI by its environment variables, where the user has not
 *
 * Purpose:  A process that no launcher has started: transport to itself alone, and no daemon. Ranks that are all on one
 *           node: shared memory. Several nodes: whatever Open MPI chooses. Not collective. Other MPI libraries do not
 *           look at these variables.
 */
void mg_transport_choose(void);

#endif
