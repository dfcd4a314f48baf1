/* vega.h  the installed copy of Vega, as one text to be put into the report's page
 *
 * Vega (https://vega.github.io) draws the page's charts. Debian's libjs-vega has it as modules, one file each; npm and
 * conda as one file `vega.min.js`, with `vega-interpreter.min.js` in a package of its own. The interpreter is needed
 * because the page forbids text to be run as a program.
 */
#ifndef MG_IO_REPORT_VEGA_H
#define MG_IO_REPORT_VEGA_H

#include <stddef.h>

#include "src/core/status.h"

/* mg_report_vega_read()  every module wrapped in `mgModule("name", function (exports, module, require, define) {...});`
 *
 * Args:     place - a folder (of Debian's modules, of vega.min.js, or with npm's packages in it) or a file vega.min.js;
 *                   "none": do without; NULL: $MUTAGREE_VEGA, or the usual places, and a warning
 *                   that says what to install when they have none
 * Returns:  MG_OK and *ret, *ret_n for the caller to free(); *ret is NULL without Vega: so asked for, or no place was
 *           named and the usual ones have none. MG_EINPUT: it is not where it was said to be, or no JavaScript; MG_EIO, MG_EMEM.
 */
mg_status mg_report_vega_read(const char *place, char **ret, size_t *ret_n, mg_error *err);

#endif
