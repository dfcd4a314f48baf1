/* runs.h  long lists of places in few characters
 *
 * Pieces between '|'. "START:NxSTEP:MxSTEP": N times M places, the last count running fastest; "-:N": N times -1 (zeros).
 * So "-:8|0:3x4:4x1" are 8 zeros and then places 0 to 11; "11:12x-1" are 11 down to 0.
 */
#ifndef MG_GRAPH_TEXT_RUNS_H
#define MG_GRAPH_TEXT_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "src/core/status.h"

/* mg_runs_write()  n places as such a text, for the caller to free() */
mg_status mg_runs_write(const int64_t *place, int64_t n, char **ret, mg_error *err);

/* mg_runs_read()  the other way round: exactly n places into `place`; MG_EINPUT when the text is none, or has another number */
mg_status mg_runs_read(const char *text, int64_t n, int64_t *place, mg_error *err);

#endif
