/* duration.h  lengths of time as people and schedulers write them */
#ifndef MG_CORE_DURATION_H
#define MG_CORE_DURATION_H

#include "src/core/status.h"

/* mg_duration_parse()  "5400", "90m", "3h30m", "2d12h", "45s" (d, h, m, s in this order), or as schedulers write it:
 * "MM:SS", "HH:MM:SS", "D-HH:MM:SS". Fractions are allowed with a unit or alone: "1.5h".
 * Returns: MG_OK and *ret in seconds, more than 0 and at most ten years; or MG_EUSAGE ("'5 parsecs' is no length of
 * time ..."; the caller puts the option's name before it). */
mg_status mg_duration_parse(const char *text, double *ret, mg_error *err);

#endif
