/* measure.h  all metrics behind those of single mutations, for one window and one attribution after the other
 *
 * What runs passes costs hundreds of them a window, so a run measures it in chosen windows: those whose bases hash below a
 * share of all numbers. The share depends on the input alone (mg_measure_share()), the choice on the bases, so neither rank
 * nor thread shows. In other windows such a metric is NaN, and the window counts as not measured, not as undefined.
 */
#ifndef MG_FAITHFULNESS_MEASURE_H
#define MG_FAITHFULNESS_MEASURE_H

#include "src/core/status.h"
#include "src/faithfulness/metric.h"
#include "src/faithfulness/trial.h"

/* mg_measure_share()  one window in 32, or 64 windows if that is more, of n distinct ones */
double mg_measure_share(int64_t n_windows);

/* mg_measure_chooses()  is a window of these bases chosen? share 1 and more: any is */
bool mg_measure_chooses(double share, const mg_base *base, int64_t length);

typedef struct mg_measure mg_measure;

/* mg_measure_create()  for the metrics of a set, which the caller keeps; one a thread */
mg_status mg_measure_create(const mg_metric_set *set, int64_t length, mg_measure **ret, mg_error *err);
void mg_measure_destroy(mg_measure *measure); /* NULL is fine */
size_t mg_measure_bytes(const mg_metric_set *set, int64_t length);

/* mg_measure_set()  take in a window: what all attributions share (drawn sets and their scores, two curves)
 *
 * Args:     trial   - copied; what it points to is kept by the caller. Its substitutes are drawn here.
 *           random  - (L) a random attribution;  ceiling - (L) the true effects e: what shares of curves are measured between
 *           chosen  - false: metrics that run passes are NaN
 */
void mg_measure_set(mg_measure *measure, const mg_trial *trial, const double *random, const double *ceiling,
                    bool chosen);

/* mg_measure_compare()  metric - OUT (set->n): those behind the family of single mutations, which is left as it is */
void mg_measure_compare(mg_measure *measure, const mg_claim *claim, float *metric);

#endif
