/* stop.h  the wish to stop: of a scheduler (SIGUSR1 before the limit, SIGTERM), of a person (SIGINT), or of the clock
 *
 * A signal is only noted; the program looks at the note where it can leave without losing work, and then ends with
 * MG_ESTOP. Signals are the one thing that belongs to the process and not to a caller, so the note is a static of
 * type volatile sig_atomic_t: the only state of its kind in mutagree.
 */
#ifndef MG_CORE_STOP_H
#define MG_CORE_STOP_H

#include "src/core/status.h"

/* mg_stop_catch()  from now on note SIGUSR1, SIGTERM, SIGINT and SIGALRM instead of dying of them
 *
 * A second SIGINT ends the process at once, as it would have without this; so does a second SIGTERM that comes more than
 * a second after the first (a scheduler and mpirun may send one each at the same moment). */
void mg_stop_catch(void);

/* mg_stop_after()  wish to stop when this many seconds are over, by SIGALRM; at once when they are none */
void mg_stop_after(double seconds);

/* mg_stop_check()  has anybody wished this process to stop? Cheap. Any thread.
 * Returns: MG_OK, or MG_ESTOP with a sentence that says who: "stopped by SIGUSR1". */
mg_status mg_stop_check(mg_error *err);

#endif
