/* machine.h  the machine and the settings a run finds itself in, for the provenance
 *
 * What may change the last bits (processor, C library), what may change the speed (limits, threads), and what finds the
 * job again (the scheduler's numbers). Environment variables are taken from a list of known names only: others may hold
 * secrets.
 */
#ifndef MG_IO_RUN_MACHINE_H
#define MG_IO_RUN_MACHINE_H

#include "io/run/provenance.h"
#include "src/core/status.h"

/* mg_machine_record()  ask the system, and fill in machine, processor, system, limits, environment and job
 *
 * A file of the system that is not there or cannot be read leaves its part out. No known variable: environment stays
 * NULL; no scheduler: job does.
 * Returns: MG_OK or MG_EMEM. Not collective: it is about the calling process.
 */
mg_status mg_machine_record(mg_provenance *provenance, mg_error *err);

#endif
