/* families.h  the rows of each family of metrics, for the catalogue (metric.c) */
#ifndef MG_FAITHFULNESS_FAMILIES_H
#define MG_FAITHFULNESS_FAMILIES_H

#include "src/faithfulness/metric.h"

typedef struct {
    const char *name, *unit;
    const char *description; /* one sentence */
    mg_better better;
    unsigned needs;
    bool later; /* only when it is asked for */
} mg_metric_row;

/* Curves: by replacement and extent, CURVE_METRICS each. */
enum { MG_N_CURVE_METRICS = 24, MG_N_SET_METRICS = 30, MG_N_ROBUSTNESS_METRICS = 2 };

extern const mg_metric_row mg_single_rows[MG_N_WHOLE]; /* single.c; by mg_metric */
extern const mg_metric_row mg_curve_rows[MG_N_CURVE_METRICS];
extern const mg_metric_row mg_set_rows[MG_N_SET_METRICS];
extern const mg_metric_row mg_robustness_rows[MG_N_ROBUSTNESS_METRICS];

#endif
