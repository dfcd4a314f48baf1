/* check.h  a network against numbers that another program wrote
 *
 * A table: a line a window, its letters, then, between tabs, every number of the network's output after its last activation (for
 * outputs with positions: all channels of the first position, then of the second ...). '#' begins a comment line.
 */
#ifndef MG_COMMANDS_CONVERT_CHECK_H
#define MG_COMMANDS_CONVERT_CHECK_H

#include "src/core/status.h"
#include "src/graph/graph.h"

/* mg_convert_check()  work out every window of the table in double and compare
 *
 * Returns: MG_OK, and a line says how equal they are; MG_EINPUT: a line is not as above, or a number differs by more than 1e-4 of
 *          the range of all numbers in the table: the sentence says where first, how far, and how many do
 */
mg_status mg_convert_check(const char *path, const mg_graph *network, mg_error *err);

#endif
