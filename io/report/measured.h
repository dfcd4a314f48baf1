/* measured.h  what the report says of measured effects beside their metrics: how many there are, and how sure */
#ifndef MG_IO_REPORT_MEASURED_H
#define MG_IO_REPORT_MEASURED_H

#include <stdint.h>

#include <jansson.h>

#include "src/core/status.h"

struct mg_report;

/* The means over windows of the noise ceiling (src/statistics/ceiling.h), of n windows with one. */
typedef struct {
    double mean; /* NaN: of no window */
    int64_t n;
} mg_report_ceiling;

typedef struct {
    int64_t n_windows, n_substitutions;         /* of the group, measured */
    mg_report_ceiling substitutions, positions; /* of single substitutions; of their means by position */
} mg_report_measured;

/* mg_report_read_measured()  when the group is chosen; nothing where the run keeps no measured effects
 * Returns: MG_OK, MG_EINPUT (the run cannot be read), MG_EMEM */
mg_status mg_report_read_measured(struct mg_report *report, mg_error *err);

/* mg_report_measured_object()  a new value; null where nothing was measured, NULL when memory is out */
json_t *mg_report_measured_object(const struct mg_report *report);

#endif
