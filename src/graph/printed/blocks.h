/* blocks.h  what print(model) cannot say: is the network really the chain that its text looks like?
 *
 * print(model) shows which modules there are, not what forward() does with them. Two things can be seen from outside: the
 * names of blocks that are no chains (residual, dense, attention), and weighted layers without an activation between
 * them, as where forward() calls F.relu().
 */
#ifndef MG_GRAPH_PRINTED_BLOCKS_H
#define MG_GRAPH_PRINTED_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "src/core/status.h"
#include "src/graph/printed/module.h"

/* mg_blocks_check()  MG_EINPUT where the text names a block that a chain of layers cannot mean, with its line
 * Args: as mg_modules_parse() */
mg_status mg_blocks_check(const char *text, const char *origin, int first_line, mg_error *err);

/* mg_blocks_doubt()  the first two weighted layers without an activation between them
 * Args:    ret - OUT, a sentence about them (n bytes)
 * Returns: false when there are none. */
bool mg_blocks_doubt(const mg_modules *modules, const char *origin, char *ret, size_t n);

#endif
