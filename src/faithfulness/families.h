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

/* Curves: areas by replacement and extent, four each; behind them the points of MoRF, then those of LeRF. */
enum { MG_N_CURVE_AREAS = 24, MG_N_CURVE_POINTS = 5, MG_N_CURVE_METRICS = MG_N_CURVE_AREAS + 2 * MG_N_CURVE_POINTS };
enum { MG_N_SET_METRICS = 30, MG_N_ROBUSTNESS_METRICS = 2 };

extern const uint8_t mg_curve_points[MG_N_CURVE_POINTS]; /* positions taken out: 1, 2, 5, 10, 20 */

extern const mg_metric_row mg_single_rows[MG_N_WHOLE]; /* single.c; by mg_metric */
extern const mg_metric_row mg_curve_rows[MG_N_CURVE_METRICS];
extern const mg_metric_row mg_set_rows[MG_N_SET_METRICS];
extern const mg_metric_row mg_robustness_rows[MG_N_ROBUSTNESS_METRICS];

#endif
