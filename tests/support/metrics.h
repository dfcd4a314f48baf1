/* metrics.h  the metrics of windows around start codons, as most tests have them */
#ifndef MG_TESTS_SUPPORT_METRICS_H
#define MG_TESTS_SUPPORT_METRICS_H

#include "src/faithfulness/single.h"
#include "src/task/task.h"

/* Their regions, and where these stand in the set. */
enum {
    UPSTREAM,
    CODON_1,
    CODON_2,
    CODON_3,
    N_START_REGIONS,
    PEARSON_REGIONS = MG_N_WHOLE, /* + region */
    SPEARMAN_REGIONS = PEARSON_REGIONS + N_START_REGIONS,
    N_START_METRICS = SPEARMAN_REGIONS + N_START_REGIONS
};

/* The regions of windows of `length` bases; the caller destroys them. */
static inline mg_regions start_regions(int64_t length, int64_t anchor)
{
    mg_regions regions = {0};
    mg_task_starts.regions(length, anchor, &regions, NULL);
    return regions;
}

static inline mg_status start_truth(int64_t length, int64_t anchor, mg_truth **ret, mg_error *err)
{
    mg_regions regions = start_regions(length, anchor);
    mg_status status = mg_truth_create(&regions, ret, err);
    mg_regions_destroy(&regions);
    return status;
}

static inline const mg_metric_set *start_metrics(void)
{
    static mg_metric_set set;
    if (set.n == 0) {
        mg_regions regions = start_regions(9, 3);
        mg_metric_set_single(&regions, &set);
        mg_regions_destroy(&regions);
    }
    return &set;
}

#endif
