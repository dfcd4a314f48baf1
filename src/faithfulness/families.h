/* families.h  the rows of each family of metrics, for the catalogue (metric.c) */
#ifndef MG_FAITHFULNESS_FAMILIES_H
#define MG_FAITHFULNESS_FAMILIES_H

#include "src/faithfulness/metric.h"

typedef struct {
    const char *name, *unit;
    const char *description; /* one sentence */
    mg_better better;
    unsigned needs;
} mg_metric_row;

extern const mg_metric_row mg_single_rows[MG_N_WHOLE]; /* single.c; by mg_metric */

#endif
